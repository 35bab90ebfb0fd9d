"""`./dev bench home`: how soon after a claim the claimer's home tab and the case's card are right, under load.

Web, worker and scheduler are processes of their own, on the product's own tick, with a Redis between them and the local
Slack, without its rate limits, as the other side. Everybody has their home tab open, and tasks are claimed at a steady
pace, each claim a transaction with its audit entry, its card and its hint to the worker. A home tab is right with the
first published view that counts at least as many tasks as its person had claimed; a card with the delivery of the
notice that the claim wrote or found waiting.

Two floors of the same run: the same drawing and publishing done by hand while nothing else happens, and how soon single
claims show while nothing else happens.
"""

import re
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text

from app.cases.components import add_component
from app.cases.service import open_case
from app.checklists.vocabulary import Role
from app.demo.stage import Stage, staged
from app.homes import rows
from app.kernel.due import Moment
from app.programs.actor import Actor, Origin
from app.programs.queries import as_actor
from app.sandbox.jsontypes import as_object, as_objects, as_text
from app.settings import Settings
from app.slack.connections import Connections
from app.slack.homes import Homes
from app.store.uow import Store
from app.tasks.service import claim
from workers.run import works

TICK = 0.25
PER_SECOND = 50
SECONDS = 8
QUIET = 10
CASES = 40
PARTS = ("endoprosthesis", "allograft", "plate", "cement") * 3
TARGET_SECONDS = 2.0
BEGIN = datetime.fromisoformat("2026-11-02T09:00:00-05:00")
"""A Monday morning; nothing is due while this runs."""
_COUNTED = re.compile(r"^(?:Needs you now|Waiting on others|Due later): (\d+)")
_READY = text("SELECT id FROM tasks WHERE state = 'ready' AND (roles = '{}' OR 'va' = ANY(roles)) ORDER BY id")
_COVERED = text(
    "SELECT n.delivered_at FROM notices n JOIN channels h ON h.id = n.channel_id JOIN tasks t ON t.case_id = h.case_id"
    " WHERE t.id = :task AND n.kind = 'card' AND n.created_at <= :at ORDER BY n.created_at DESC, n.seq DESC LIMIT 1"
)


@dataclass(frozen=True)
class Claim:
    """A claim that was committed: by whom, as their how many-th, when by the wall and by the program's clock."""

    task: int
    user: str
    held: int
    at: datetime
    said_at: datetime


def bench_home() -> dict[str, object]:
    """Percentiles in milliseconds, beside the floors."""
    with tempfile.TemporaryDirectory(prefix="cb-bench-") as folder:
        place = Path(folder) / "stage"
        with staged(place, begin=BEGIN, workers=1, schedulers=1, tick=TICK) as stage:
            settings = Settings.model_validate(stage.env)
            stage.steer(speed=1.0)
            with works(settings, stage.env["DATABASE_URL"], alone=True) as shared:
                return _measured(stage, shared.store, Connections.make(settings, shared.store))


def _measured(stage: Stage, store: Store, connections: Connections) -> dict[str, object]:
    everybody = [as_actor(person, Origin.SLACK) for person in stage.practice.staff.values()]
    vas = [actor for actor in everybody if actor.has(Role.VA)]
    people = [actor for actor in vas if actor.skills == max((each.skills for each in vas), key=len)]
    open_cases(store, next(actor for actor in everybody if actor.leads))
    with store.read() as uow:
        ready = list(uow.session.execute(_READY).scalars())
    if len(ready) < PER_SECOND * SECONDS + QUIET:
        raise RuntimeError(f"only {len(ready)} tasks can be claimed")
    stage.wait_for(stage.unsent, "notices", 300)
    for person in stage.practice.people.values():
        person.open_home()
    by_hand = _by_hand(store, connections, people)
    counts: dict[int, int] = {}
    quiet = []
    for number in range(QUIET):
        quiet.append(_claim(store, people[number % len(people)], ready.pop(), counts))
        time.sleep(1.5)
    load = _under_load(store, people, ready, counts)
    stage.wait_for(stage.unsent, "notices", 60)
    time.sleep(3)
    alone, under = _homes(stage, quiet), _homes(stage, load)
    cards = _cards(store, load)
    floor = by_hand + (rows.GAP + TICK) * 1000
    return {
        "claims": len(load),
        "claims_a_second": PER_SECOND,
        "home_tabs_open": len(stage.practice.people),
        "home": _quantiles(under),
        "card": _quantiles(cards),
        "home_while_quiet": _quantiles(alone),
        "drawn_and_published_by_hand_ms": round(by_hand, 1),
        "gap_tick_and_hand_ms": round(floor, 1),
        "home_p99_to_that": round(_quantiles(under)["p99_ms"] / floor, 2),
        "published": sum(line.get("method") == "views.publish" for line in stage.sandbox.ledger(kind="call")),
        "target_p99_ms": TARGET_SECONDS * 1000,
    }


def open_cases(store: Store, lead: Actor) -> None:
    """Forty cases of twelve components each: some 5,000 tasks."""
    for _ in range(CASES):
        with store.change() as uow:
            case = open_case(uow, lead, key_dates={"board": Moment(date(2026, 12, 3))})
            for kind in PARTS:
                add_component(uow, lead, case.id, kind)


def _by_hand(store: Store, connections: Connections, people: Sequence[Actor]) -> float:
    """Milliseconds in which a tab is drawn and published when nobody else wants anything: the median."""
    homes, times = Homes(store, connections), []
    time.sleep(3)
    for number in range(30):
        actor = people[number % len(people)]
        assert actor.staff_id is not None
        with store.change() as uow:
            rows.ask(uow, actor)
        began = time.perf_counter()
        if homes.publish(actor.staff_id):
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def _claim(store: Store, actor: Actor, task: int, counts: dict[int, int]) -> Claim:
    with store.change() as uow:
        claim(uow, actor, task)
        said_at = uow.now
    assert actor.staff_id is not None
    assert actor.slack_user_id is not None
    counts[actor.staff_id] = counts.get(actor.staff_id, 0) + 1
    return Claim(task, actor.slack_user_id, counts[actor.staff_id], datetime.now(UTC), said_at)


def _under_load(store: Store, people: Sequence[Actor], ready: list[int], counts: dict[int, int]) -> list[Claim]:
    """A claim every fiftieth of a second, each person's one after the other."""
    locks = [threading.Lock() for _ in people]
    made: list[Claim] = []

    def one(number: int, task: int) -> None:
        which = number % len(people)
        with locks[which]:
            made.append(_claim(store, people[which], task, counts))

    began = time.monotonic()
    with ThreadPoolExecutor(8) as hands:
        for number in range(PER_SECOND * SECONDS):
            time.sleep(max(began + number / PER_SECOND - time.monotonic(), 0))
            hands.submit(one, number, ready.pop()).add_done_callback(lambda done: done.result())
    return made


def _homes(stage: Stage, claims: Sequence[Claim]) -> list[float]:
    """Seconds after each claim until the claimer's tab showed as many."""
    shown: dict[str, list[tuple[datetime, int]]] = {}
    for line in stage.sandbox.ledger(kind="change"):
        data = as_object(line.get("data"))
        if line.get("type") in ("view.shown", "view.changed"):
            blocks = as_objects(as_object(data.get("view")).get("blocks"))  # nobody has a modal open here
            headings = (
                as_text(as_object(block.get("text")).get("text")) for block in blocks if block["type"] == "header"
            )
            held = sum(int(found[1]) for heading in headings if (found := _COUNTED.match(heading)))
            shown.setdefault(as_text(data.get("user")), []).append((datetime.fromisoformat(as_text(line["at"])), held))
    return [
        min(((at - one.at).total_seconds() for at, held in shown[one.user] if held >= one.held), default=float("inf"))
        for one in claims
    ]


def _cards(store: Store, claims: Sequence[Claim]) -> list[float]:
    with store.engine.connect() as connection:
        return [
            (connection.execute(_COVERED, {"task": one.task, "at": one.said_at}).scalar_one() - one.said_at)
            .total_seconds() for one in claims
        ]  # fmt: skip


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50_ms": round(cuts[49] * 1000), "p99_ms": round(cuts[98] * 1000), "most_ms": round(max(seconds) * 1000)}
