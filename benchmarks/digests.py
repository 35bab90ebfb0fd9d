"""`./dev bench digests`: a thousand people's digests, built and sent.

Building: each person's digest beside the statements of the same reading sent raw, without putting anything together.

Sending: two schedulers and a worker, each a process of its own, over four local days of which one is that on which the
clocks change; on that day all three are killed in the midst of it and started again. The last day goes at Slack's pace,
beside the time that this pace allows at best. The local Slack's ledger says who got how many on which day.
"""

import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path
from time import monotonic, perf_counter, sleep
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.cases.components import add_component
from app.cases.service import open_case
from app.checklists.vocabulary import Role
from app.demo.counts import compare, of_ledger
from app.demo.stage import Stage, staged
from app.digests.service import content_now, set_digest
from app.kernel.due import Moment
from app.programs.actor import Origin
from app.programs.models import Staff
from app.programs.queries import as_actor
from app.programs.service import add_staff
from app.slack.pacing import timing

PEOPLE = 1_000
CASES = 100
TICK = 0.25
ZONE = "America/New_York"
BEGIN = datetime.fromisoformat("2026-10-29T12:00:00-04:00")
DAYS = (date(2026, 10, 30), date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2))
"""Friday to Monday; the clocks of New York go back on Sunday."""
AT = time(7)
EVERY_DAY = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
PARTS = ("endoprosthesis", "allograft", "plate", "cement")
BUILD_TARGET = 2.0
SEND_TARGET = 1.10
# What a digest is made from, as one person reads it.
_RAW = tuple(
    text(words)
    for words in (
        "SELECT id, code FROM cases WHERE surgeon_id = :me AND state = 'open'",
        "SELECT t.id, t.case_id, c.code, t.no, t.title, t.state, t.due_at, t.item_id, t.holder_id, s.id, k.id, k.digest"
        " FROM tasks t JOIN cases c ON c.id = t.case_id JOIN tracks r ON r.id = t.track_id"
        " JOIN checklist_versions k ON k.id = r.checklist_version_id"
        " LEFT JOIN staff s ON s.id = c.surgeon_id AND s.active"
        " WHERE t.id IN (SELECT id FROM tasks WHERE case_id IN (SELECT id FROM cases WHERE surgeon_id = :me)"
        " AND state NOT IN ('done', 'skipped') UNION"
        " SELECT id FROM tasks WHERE holder_id = :me AND state IN ('claimed', 'waiting') UNION"
        " SELECT id FROM tasks WHERE program_id = :program AND state = 'ready' AND evidence_kind = 'attestation')"
        " AND c.state = 'open' AND r.state <> 'withdrawn'",
        "SELECT case_id, name, day, at FROM key_dates WHERE case_id IN (SELECT id FROM cases WHERE surgeon_id = :me)",
        "SELECT h.id, t.id, c.code, t.no, t.title, t.due_at, g.name FROM handoffs h JOIN tasks t ON t.id = h.task_id"
        " JOIN cases c ON c.id = t.case_id JOIN staff g ON g.id = h.from_id WHERE h.to_id = :me"
        " AND h.state = 'offered'",
        "SELECT told FROM digests WHERE staff_id = :me AND kind = 'daily' ORDER BY day DESC LIMIT 1",
    )
)
_MADE = text("SELECT staff_id, day, count(*) AS n FROM digests WHERE kind = 'daily' GROUP BY staff_id, day")
_WAITING = text("SELECT count(*) FROM staff WHERE digest_due_at <= :now")


def bench_digests(people: int = PEOPLE, cases: int = CASES) -> dict[str, object]:
    """Milliseconds and ratios; `missing` and `made_twice` are digests of a person and local day below or beyond one."""
    with (
        tempfile.TemporaryDirectory(prefix="cb-bench-") as folder,
        staged(Path(folder) / "stage", begin=BEGIN, workers=1, schedulers=2, tick=TICK) as stage,
    ):
        surgeons = _practice(stage, people, cases)
        stage.wait_for(stage.unsent, "notices", 600)
        built = _built(stage, surgeons, cases)
        for day in DAYS[:-1]:
            _morning(stage, day)
            if day == DAYS[2]:
                sleep(1)
                _restart(stage, stage.env)
            stage.wait_for(lambda: _left(stage), "digests", 600)
        _restart(stage, stage.env | {"CASEBOARD_POSTS_PER_SECOND": "1"})
        began = monotonic()
        _morning(stage, DAYS[-1])
        stage.wait_for(lambda: _left(stage), "digests", 1200)
        return built | _sent(people, monotonic() - began) | _counted(stage, surgeons)


def _practice(stage: Stage, number: int, cases: int) -> list[Staff]:
    """Surgeons who want a digest every day, some of whom have a case of some 60 tasks each."""
    store, lead = stage.store, as_actor(stage.practice.staff["lea"], Origin.CLI)
    users = [stage.sandbox.person(f"s{each}", tz=ZONE).id for each in range(number)]
    with store.change() as uow:
        people = [
            add_staff(uow, lead.program_id, slack_user_id=user, name=f"S {each}", roles=[Role.SURGEON], zone=ZONE)
            for each, user in enumerate(users)
        ]
        admin = as_actor(stage.practice.staff["max"], Origin.CLI)
        for person in (*people, *(stage.practice.staff[name] for name in ("sam", "nia"))):
            set_digest(uow, admin, person.id, at=AT, days=EVERY_DAY, silent=False)
    for person in people[:cases]:
        with store.change() as uow:
            dates = {"board": Moment(date(2026, 12, 3)), "surgery_proposed": Moment(date(2027, 2, 1))}
            case = open_case(uow, lead, surgeon_id=person.id, key_dates=dates)
            for kind in PARTS:
                add_component(uow, lead, case.id, kind)
    return people


def _built(stage: Stage, people: Sequence[Staff], cases: int) -> dict[str, object]:
    """Medians over those who have a case and over those who have none, each beside its own raw reading."""
    found: dict[str, object] = {}
    for name, some in (("with_a_case", people[:cases]), ("without", people[cases : 2 * cases])):
        raw, ours = [], []
        for person in some:
            with stage.store.read() as uow:
                values = {"me": person.id, "program": person.program_id}
                began = perf_counter()
                for statement in _RAW:
                    uow.session.execute(statement, values).all()
                raw.append(perf_counter() - began)
                began = perf_counter()
                content_now(uow.session, person, stage.now())
                ours.append(perf_counter() - began)
        floor, build = statistics.median(raw) * 1000, statistics.median(ours) * 1000
        found[name] = {
            "build_ms": round(build, 2), "raw_ms": round(floor, 2),
            "to_target": round(build / (BUILD_TARGET * floor + 1), 2),
        }  # fmt: skip
    return {"built": found, "build_target": "2 x raw + 1 ms: to_target at most 1"}


def _morning(stage: Stage, day: date) -> None:
    """Let it be the hour of that day on which the digests come."""
    stage.steer(to=datetime.combine(day, AT, tzinfo=ZoneInfo(ZONE)), speed=1.0)


def _restart(stage: Stage, env: dict[str, str]) -> None:
    """Kill what makes and sends digests, and start it again."""
    for name, kind in (("worker-1", "worker"), ("scheduler-1", "scheduler"), ("scheduler-2", "scheduler")):
        child = stage.processes.running.pop(name)
        child.kill()
        child.wait()
        stage.processes.caseboard(name, [kind], env)


def _left(stage: Stage) -> int:
    with stage.engine.connect() as connection:
        waiting: int = connection.execute(_WAITING, {"now": stage.now()}).scalar_one()
    return waiting + stage.unsent()


def _sent(people: int, took: float) -> dict[str, object]:
    lane = timing(1.0).lanes["post"]
    best = max(people - lane.burst, 0) / lane.per_second
    return {
        "sent_s": round(took, 1),
        "pace_allows_s": best,
        "to_that": round(took / max(best, 1), 3),
        "send_target": SEND_TARGET,
    }


def _counted(stage: Stage, people: Sequence[Staff]) -> dict[str, object]:
    """One digest for each person and local day by the database, and each of them posted once by the ledger."""
    with stage.engine.connect() as connection:
        made = {(row.staff_id, row.day): row.n for row in connection.execute(_MADE)}
    truth = compare(stage.engine, of_ledger(stage.sandbox.ledger(), ZONE))
    return {
        "people": len(people),
        "days": len(DAYS),
        "missing": sum((person.id, day) not in made for person in people for day in DAYS),
        "made_twice": sum(number > 1 for number in made.values()),
        **asdict(truth),
    }
