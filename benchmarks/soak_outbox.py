"""`./dev soak outbox`: workers are killed while notices go out to a Slack that fails one call in five.

Real processes: a sandbox, a Redis, workers and a scheduler. Workers are killed with SIGKILL at random moments, the
scheduler too now and then, and started again. The sandbox answers one call in five with 429, with 503 after it applied
the call, or with a reset after it applied it. Afterwards its ledger is held against the database: every notice is there
once, in its own channel, in the order in which it was committed, and nothing else is. A run in which less went wrong
than was planned proves nothing, and fails too.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, text

from app.cases.models import Case
from app.cases.service import open_case
from app.demo.counts import compare, of_ledger
from app.demo.practice import ZONE, Practice, settle_in
from app.demo.processes import DidNotStart, Processes, own_sandbox, private_redis, redis_server
from app.kernel.clock import SystemClock
from app.migrate import migrate
from app.notices.service import tell_case, touch_card
from app.notices.timing import Timing
from app.programs.actor import Origin
from app.programs.queries import as_actor
from app.sandbox import SandboxClient
from app.sandbox.jsontypes import JsonObject
from app.settings import Settings
from app.slack.pacing import timing
from app.store.embedded import embedded
from app.store.engine import make_engine
from app.store.uow import Store
from workers.run import ticking, told_to_stop, until, working, works

FAULTS = (("ratelimit:1", 1 / 15), ("http_503_after", 1 / 14), ("reset_after", 1 / 13))
"""Rules are tried in turn, so these shares are each a fifteenth of all calls: one in five together."""
LEAST_FAILING = 0.1
"""The share of all calls that must have failed: half of what is asked for, so that no seed misses it by chance."""
FAILING = "[cpu]*"  # chat, conversations, pins, users: all that delivery calls
WORKERS = 2
OPEN = text("SELECT count(*) FROM notices WHERE state IN ('pending', 'sending', 'unknown', 'held')")
ORDER = text("SELECT id::text, channel_id FROM notices WHERE kind NOT IN ('card', 'answer') ORDER BY seq")
POSTS = text("SELECT count(*) FROM notices WHERE kind <> 'card'")
STATES = text("SELECT state, count(*) FROM notices GROUP BY state")


@dataclass(frozen=True)
class Plan:
    """What to do: `notices` over `cases` channels, `kills` of workers, all decided by `seed`."""

    seed: int
    notices: int
    kills: int
    cases: int
    quick: bool


@dataclass(frozen=True)
class Site:
    """Where it happens."""

    store: Store
    sandbox: SandboxClient
    practice: Practice
    processes: Processes
    env: Mapping[str, str]


def main(argv: Sequence[str]) -> int:
    """Run it; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="./dev soak outbox", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--notices", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--cases", type=int, default=40, help="channels that the notices are spread over")
    parser.add_argument("--quick", action="store_true", help="short leases and pauses, for the suite")
    parser.add_argument("--serve", choices=("worker", "scheduler"), help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    if given.serve:
        serve(given.serve, quick=given.quick)
        return 0
    report = soak(Plan(given.seed, given.notices, given.kills, given.cases, given.quick))
    print(json.dumps(report, indent=2))
    return 0 if report["ok"] else 1


def serve(what: str, *, quick: bool) -> None:
    """One worker or scheduler, as the product runs it, but with the waits of this check."""
    over = told_to_stop()
    settings = Settings()
    assert settings.database_url is not None
    serving = working if what == "worker" else ticking
    with works(settings, settings.database_url, waits(settings, quick)) as shared, serving(shared):
        until(over)


def waits(settings: Settings, quick: bool) -> Timing:
    """The product's waits; `quick` shortens those that a test would wait for."""
    found = timing(settings.posts_per_second)
    return replace(found, lease=4.0, act_within=1.5, settle=2.0) if quick else found


def soak(plan: Plan) -> dict[str, object]:
    """Play it and hold the ledger against the database."""
    began = time.monotonic()
    dice = random.Random(plan.seed)
    with site() as at:
        cases = opened(at, plan.cases)
        start(at, plan)
        for number, (kind, share) in enumerate(FAULTS):
            at.sandbox.fault(FAILING, kind, probability=share, seed=plan.seed * 10 + number)
        with ThreadPoolExecutor(1) as writer:
            writing = writer.submit(write, at, plan, cases, random.Random(plan.seed + 1))
            killed = kill(at, plan, dice, lambda: not writing.done())
            writing.result()
        wait_until_sent(at, 240.0)
        at.processes.check()
        faults = {str(rule["kind"]): int(str(rule["fired"])) for rule in at.sandbox.faults()}
        return verdict(at, plan, killed, faults, time.monotonic() - began)


def opened(at: Site, number: int) -> list[Case]:
    """Cases with nothing in them yet."""
    actor = as_actor(at.practice.staff["lea"], Origin.CLI)
    cases = []
    for _ in range(number):
        with at.store.change() as uow:
            cases.append(open_case(uow, actor, lead_id=at.practice.staff["lea"].id))
    return cases


def write(at: Site, plan: Plan, cases: Sequence[Case], dice: random.Random) -> None:
    """Notices of every kind of call: posts, threads, edits in place, edits of the card; a transaction each."""
    people = [person.slack_user_id for person in at.practice.staff.values()]
    deadline = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    due = _seconds(plan) / plan.notices
    began, written, handoffs = time.monotonic(), len(cases), 0
    while written < plan.notices:
        case = dice.choice(cases)
        task = {"id": 1, "no": 1, "title": "Read the chart", "deadline": deadline, "state": "claimed"}
        base = {"code": case.code, "zone": ZONE}
        giver, taker = dice.sample(people, 2)
        with at.store.change() as uow:
            if dice.random() < 0.3:
                touch_card(uow, case.id)
            if written + 3 <= plan.notices and dice.random() < 0.1:
                offer, handoffs = uuid4(), handoffs + 1
                parties = {"from": giver, "to": taker}
                offered = base | parties | {"tasks": [task], "note": "watch the fax", "handoffs": [handoffs]}
                tell_case(uow, case.id, "handoff", f"soak:{offer}", offered, notice_id=offer)
                answered = {"no": 1, "title": "Read the chart", "handoff": handoffs, "state": "declined"}
                said = base | parties | {"of": str(offer), "reason": "no time"}
                tell_case(uow, case.id, "answer", f"soak:a:{offer}", said | {"tasks": [answered], "accepted": False})
                tell_case(uow, case.id, "declined", f"soak:d:{offer}", said | {"tasks": [task]})
                written += 3
            else:
                payload = base | {"tasks": [task], "to": [giver]}
                tell_case(uow, case.id, "reminder", f"soak:{written}", payload)
                written += 1
        ahead = due * (written - len(cases)) - (time.monotonic() - began)
        if ahead > 0:
            time.sleep(ahead)


def kill(at: Site, plan: Plan, dice: random.Random, busy: Callable[[], bool]) -> Counter[str]:
    """Kill a worker at random moments, and now and then the scheduler; each is started again at once."""
    killed: Counter[str] = Counter()
    while killed["worker"] < plan.kills:
        time.sleep(dice.uniform(0.2, 1.8) * _seconds(plan) / max(plan.kills, 1))
        if not busy() and not unsent(at.store.engine):
            touch_something(at)
        name = f"worker-{dice.randint(1, WORKERS)}" if dice.random() < 0.85 else "scheduler-1"
        _kill(at.processes, name)
        killed[name.split("-")[0]] += 1
        _serve(at, name, plan)
    return killed


def touch_something(at: Site) -> None:
    """Give a worker something to be killed at."""
    with at.store.change() as uow:
        for row in uow.session.execute(text("SELECT id FROM cases ORDER BY random() LIMIT 5")).all():
            touch_card(uow, row.id)


def wait_until_sent(at: Site, seconds: float) -> None:
    """Until nothing waits; gives up after `seconds`, and the count tells."""
    deadline = time.monotonic() + seconds
    while unsent(at.store.engine) and time.monotonic() < deadline:
        at.processes.check()
        time.sleep(0.1)


def unsent(engine: Engine) -> int:
    """How many notices Slack does not have."""
    with engine.connect() as connection:
        found: int = connection.execute(OPEN).scalar_one()
        return found


def verdict(at: Site, plan: Plan, killed: Counter[str], faults: Mapping[str, int], seconds: float) -> dict[str, object]:
    """The ledger against the database."""
    lines = at.sandbox.ledger()
    ledger = of_ledger(lines, ZONE)
    truth = compare(at.store.engine, ledger)
    channels = [found for found in at.sandbox.channels() if str(found["name"]).startswith("case-")]
    wrong = {
        **asdict(truth),
        "disordered": disordered(at.store.engine, lines),
        "twin_cards": twin_cards(lines),
        "orphan_channels": len(channels) - plan.cases,
        "unsent": unsent(at.store.engine),
    }
    with at.store.engine.connect() as connection:
        states = {row[0]: row[1] for row in connection.execute(STATES)}
        written: int = connection.execute(POSTS).scalar_one()
    wrong["dead"] = states.get("dead", 0)
    calls = sum(line["kind"] == "call" for line in lines)
    short = shortfalls(plan, written, killed["worker"], faults, calls)
    return {
        "seed": plan.seed,
        "channels": plan.cases,
        "notices": states,
        "posts": sum(ledger.posted.values()),
        **wrong,
        "kills": killed["worker"],
        "scheduler_kills": killed["scheduler"],
        "calls": calls,
        "faults": dict(faults),
        "failing": round(sum(faults.values()) / max(calls, 1), 3),
        "short_of_the_plan": short,
        "seconds": round(seconds, 1),
        "ok": not any(wrong.values()) and not short,
    }


def shortfalls(plan: Plan, written: int, kills: int, faults: Mapping[str, int], calls: int) -> list[str]:
    """What was planned to happen and did not, in words: then that nothing went wrong says little."""
    short = [f"{kind}: never fired" for kind, _ in FAULTS if not faults.get(kind)]
    if sum(faults.values()) < LEAST_FAILING * calls:
        short.append(f"calls that failed: {sum(faults.values())} of {calls}, at least {LEAST_FAILING:.0%} wanted")
    if kills < plan.kills:
        short.append(f"kills: {kills} of {plan.kills}")
    if written < plan.notices:
        short.append(f"notices: {written} of {plan.notices}")
    return short


def disordered(engine: Engine, lines: Sequence[JsonObject]) -> int:
    """How many posts of a channel came after one that was committed later."""
    with engine.connect() as connection:
        rows = connection.execute(ORDER).all()
    place = {row[0]: (row[1], number) for number, row in enumerate(rows)}
    last: dict[int, int] = defaultdict(lambda: -1)
    wrong = 0
    for id_ in _posted(lines):
        if id_ in place:
            channel, number = place[id_]
            wrong += number < last[channel]
            last[channel] = max(last[channel], number)
    return wrong


def twin_cards(lines: Sequence[JsonObject]) -> int:
    """Cards beyond the first in a channel."""
    cards: Counter[str] = Counter()
    for line in lines:
        if line["kind"] == "change" and line["type"] == "message.posted":
            data = line["data"]
            assert isinstance(data, dict)
            if _payload(data).get("kind") == "card":
                cards[str(data["channel"])] += 1
    return sum(number - 1 for number in cards.values())


def _posted(lines: Sequence[JsonObject]) -> Iterator[str]:
    for line in lines:
        if line["kind"] == "change" and line["type"] == "message.posted":
            data = line["data"]
            assert isinstance(data, dict)
            yield str(_payload(data).get("id"))


def _payload(data: JsonObject) -> JsonObject:
    metadata = data.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    return payload if isinstance(payload, dict) else {}


@contextmanager
def site() -> Iterator[Site]:
    """Database, sandbox and Redis, each a process of its own; nothing is left running."""
    server = redis_server()
    if server is None:
        raise DidNotStart("This check needs Redis: install redis-server.")
    with tempfile.TemporaryDirectory(prefix="cb-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded(folder / "database", throwaway=True) as url, Processes(folder / "logs") as processes:
            engine = make_engine(url)
            migrate(engine)
            store = Store(engine, SystemClock())
            sandbox = own_sandbox(processes, folder)
            with private_redis(processes, server) as redis:
                env = sandbox.env() | {
                    "DATABASE_URL": url,
                    "REDIS_URL": redis.url,
                    "CASEBOARD_POSTS_PER_SECOND": "1000",
                }
                yield Site(store, sandbox, settle_in(store, sandbox), processes, env)
            processes.stop()
            engine.dispose()


def start(at: Site, plan: Plan) -> None:
    """Workers and a scheduler."""
    for name in [f"worker-{number}" for number in range(1, WORKERS + 1)] + ["scheduler-1"]:
        _serve(at, name, plan)


def _serve(at: Site, name: str, plan: Plan) -> None:
    command = [sys.executable, "-m", "benchmarks.soak", "outbox", "--serve", name.split("-")[0]]
    at.processes.start(name, command + (["--quick"] if plan.quick else []), at.env)


def _kill(processes: Processes, name: str) -> None:
    child = processes.running.pop(name)
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)


def _seconds(plan: Plan) -> float:
    """How long to write and to kill: each killed process needs time to come back and to be in the middle of work."""
    return max(plan.kills * 2.0, plan.notices / 100)
