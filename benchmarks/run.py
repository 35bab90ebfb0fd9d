"""`./dev bench NAME`: claim, spawn, sweep or report beside the same statements raw; sandbox beside an empty endpoint;
demo, home, ack or digests.

Prints one JSON object. Figures are ratios to a floor of the same run, to mean something on any machine; those of demo
are absolute.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert, text

from app.cases.components import add_component
from app.cases.service import open_case
from app.checklists.library import load_templates
from app.checklists.vocabulary import Role
from app.clocks.sweep import fire_due
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.migrate import migrate
from app.programs.actor import Actor, Origin
from app.programs.queries import as_actor
from app.programs.service import add_staff, create_program, system
from app.settings import ROOT
from app.store.embedded import embedded
from app.store.engine import make_engine
from app.store.types import table
from app.store.uow import Store
from app.tasks.models import Task
from app.tasks.service import claim
from benchmarks import demo
from benchmarks.ack import bench_ack
from benchmarks.digests import bench_digests
from benchmarks.home import bench_home
from benchmarks.report import bench_report
from benchmarks.sandbox import bench_sandbox

MONDAY = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
OFFICE = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
PARTS = ("endoprosthesis", "allograft", "plate", "cement")


def practice(store: Store) -> Actor:
    """A program with one VA who may claim everything a VA may, and the shipped templates."""
    with store.change() as uow:
        program = create_program(uow, slug="bench", name="Bench", zone="America/New_York", calendar={"hours": OFFICE})
        load_templates(uow, system(program.id), program.id, ROOT / "checklists")
        staff = add_staff(uow, program.id, slack_user_id="U1", name="Ana", roles=list(Role), zone="America/New_York")
    return as_actor(staff, Origin.CLI)


def a_case(store: Store, actor: Actor) -> int:
    """A case with its packet and four components: some 60 tasks."""
    dates = {"board": Moment(date(2026, 12, 3)), "surgery_proposed": Moment(date(2027, 2, 1))}
    with store.change() as uow:
        case = open_case(uow, actor, key_dates=dates)
        for kind in PARTS:
            add_component(uow, actor, case.id, kind)
    return case.id


def quantiles(times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": round(cuts[49] * 1000, 3), "p99_ms": round(cuts[98] * 1000, 3)}


def timed(work: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return taken


def bench_claim(engine: Engine, store: Store) -> dict[str, object]:
    """A claim with its audit entry and its card, beside its own statements sent raw."""
    actor = practice(store)
    for _ in range(40):
        a_case(store, actor)
    with engine.connect() as connection:
        ready = connection.execute(text("SELECT id FROM tasks WHERE state = 'ready' ORDER BY id")).scalars().all()
    half = len(ready) // 2
    raw = iter(ready[:half])

    def floor() -> None:
        with engine.begin() as connection:
            task = next(raw)
            connection.execute(text("SELECT * FROM tasks WHERE id = :task"), {"task": task})
            connection.execute(
                text("UPDATE tasks SET state = 'claimed', holder_id = :me, version = version + 1 WHERE id = :task"
                     " AND state = 'ready'"), {"me": actor.staff_id, "task": task},
            )  # fmt: skip
            connection.execute(text("SELECT id FROM channels WHERE case_id = 1"))
            connection.execute(text("UPDATE notices SET created_at = created_at WHERE seq = 1"))
            connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
            connection.execute(text("SELECT seq, hash FROM audit_entries ORDER BY seq DESC LIMIT 1"))
            connection.execute(
                text("INSERT INTO audit_entries (program_id, seq, at, origin, action, object_type, object_id, fields,"
                     " result, prev_hash, hash) SELECT program_id, max(seq) + 1, now(), 'cli', 'raw', 'task', '1',"
                     " '[]', 'done', 'x', 'y' FROM audit_entries GROUP BY program_id")
            )  # fmt: skip

    ours = iter(ready[half:])

    def claimed() -> None:
        with store.change() as uow:
            claim(uow, actor, next(ours))

    floors, claims = timed(floor, half), timed(claimed, len(ready) - half)
    ratio = statistics.median(claims) / statistics.median(floors)
    return {"claim": quantiles(claims), "floor": quantiles(floors), "ratio": round(ratio, 2), "target": 3}


def bench_spawn(engine: Engine, store: Store) -> dict[str, object]:
    """Opening a case of some 60 tasks with clocks, timers and audit, beside a bulk insert of as many task rows."""
    actor = practice(store)
    case_id = a_case(store, actor)
    with engine.connect() as connection:
        rows = [
            dict(row) for row in connection.execute(
                text("SELECT program_id, case_id, track_id, no, item_id, title, roles, skill, state, version,"
                     " ready_at, due_at, evidence_kind FROM tasks WHERE case_id = :case"), {"case": case_id},
            ).mappings()
        ]  # fmt: skip
    tasks = table(Task)
    number = 0

    def floor() -> None:
        nonlocal number
        number += 1000
        with engine.connect() as connection:
            fresh = [row | {"no": row["no"] + number, "item_id": f"{row['item_id']}-{number}"} for row in rows]
            connection.execute(insert(tasks), fresh)
            connection.commit()

    floors, spawns = timed(floor, 100), timed(lambda: a_case(store, actor), 60)
    ratio = statistics.median(spawns) / statistics.median(floors)
    return {
        "tasks": len(rows), "spawn": quantiles(spawns), "floor": quantiles(floors), "ratio": round(ratio, 2),
        "note": "five transactions (one case, four components) against one bulk insert of the task rows alone",
    }  # fmt: skip


def bench_sweep(engine: Engine, store: Store) -> dict[str, object]:
    """The query that finds due timers, among many that are not due, beside a bare index scan of as many rows."""
    actor = practice(store)
    for _ in range(30):
        a_case(store, actor)
    clock = store.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=3))
    count = text("SELECT count(*) FROM timers WHERE state = 'pending' AND fire_at <= :now")
    with engine.connect() as connection:
        due = connection.execute(count, {"now": clock.now()}).scalar_one()
    began, settled = time.perf_counter(), 0
    while True:
        with store.change() as uow:
            fired = fire_due(uow)
        if fired is None:
            break
        settled += fired
    return {"due": due, "settled": settled, "ms_per_timer": round((time.perf_counter() - began) * 1000 / settled, 3)}


def bench_sla(engine: Engine, store: Store) -> dict[str, object]:
    """The SLA report over many tasks, beside the same numbers from SQL written by hand."""
    return bench_report(engine, store, practice(store))


BENCHES = {"claim": bench_claim, "spawn": bench_spawn, "sweep": bench_sweep, "report": bench_sla}
WHOLE: dict[str, Callable[[], object]] = {
    "sandbox": bench_sandbox, "demo": demo.measure, "home": bench_home, "ack": bench_ack,
    "digests": bench_digests,
}  # fmt: skip


def main(argv: Sequence[str]) -> int:
    if len(argv) != 1 or argv[0] not in (*BENCHES, *WHOLE):
        print(f"usage: ./dev bench {'|'.join((*BENCHES, *WHOLE))}", file=sys.stderr)
        return 2
    if argv[0] in WHOLE:
        print(json.dumps({argv[0]: WHOLE[argv[0]]()}))
        return 0
    with tempfile.TemporaryDirectory(prefix="cb-bench-") as folder:
        Path(folder).chmod(0o755)
        with embedded(Path(folder), throwaway=True) as url:
            engine = make_engine(url)
            migrate(engine)
            print(json.dumps({argv[0]: BENCHES[argv[0]](engine, Store(engine, FixedClock(MONDAY)))}))
            engine.dispose()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
