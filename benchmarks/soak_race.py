"""`./dev soak race`: 50 VAs race for 200 tasks from several processes, 10,000 claims in all.

Every VA tries every task, in an order of their own. Afterwards each task has exactly one winner, that winner is its
holder in the database, every loser was told the winner's name, and the audit chain is whole.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import repeat
from pathlib import Path

from sqlalchemy import Engine, text

from app.audit.service import verify
from app.cases.service import open_case
from app.checklists.library import load_templates
from app.checklists.vocabulary import Role
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.migrate import migrate
from app.programs.actor import Actor, Origin
from app.programs.queries import as_actor
from app.programs.service import add_staff, create_program, system
from app.settings import ROOT
from app.store.embedded import embedded
from app.store.engine import make_engine
from app.store.uow import Store
from app.tasks.refusals import TaskTaken
from app.tasks.service import claim

MONDAY = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
OFFICE = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CLAIMABLE = text("SELECT id FROM tasks WHERE state = 'ready' AND roles && ARRAY['va'] ORDER BY id LIMIT :tasks")
HOLDERS = text("SELECT t.id, s.name FROM tasks t JOIN staff s ON s.id = t.holder_id WHERE t.id = ANY(:tasks)")


@dataclass(frozen=True)
class Try:
    """One claim: who tried which task, whether they got it, and else who was said to have it."""

    task: int
    who: str
    won: bool
    told: str | None
    seconds: float


def main(argv: Sequence[str]) -> int:
    """Run it; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="./dev soak race", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vas", type=int, default=50)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--processes", type=int, default=5)
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="cb-race-") as folder:
        Path(folder).chmod(0o755)
        with embedded(Path(folder), throwaway=True) as url:
            report = race(url, given.seed, given.vas, given.tasks, given.processes)
    print(json.dumps(report))
    return 0 if not report["broken"] else 1


def race(url: str, seed: int, vas: int, tasks: int, processes: int) -> dict[str, object]:
    """Set up, race, and judge."""
    engine = make_engine(url)
    migrate(engine)
    actors, wanted = _practice(Store(engine, FixedClock(MONDAY)), engine, vas, tasks)
    engine.dispose()
    teams = [actors[number::processes] for number in range(processes)]
    began = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        tries = [
            one
            for team in pool.starmap(run_team, zip(repeat(url), teams, repeat(wanted), repeat(seed)))
            for one in team
        ]
    seconds = time.perf_counter() - began
    engine = make_engine(url)
    with engine.connect() as connection:
        holders = {row.id: row.name for row in connection.execute(HOLDERS, {"tasks": wanted})}
    with Store(engine, FixedClock(MONDAY)).read() as uow:
        record = verify(uow.session, actors[0].program_id)
    engine.dispose()
    broken = judge(tries, wanted, holders) + [
        f"the audit chain breaks at {one.seq}: {one.what}" for one in record.breaks
    ]
    cuts = statistics.quantiles([one.seconds for one in tries], n=100)
    return {
        "vas": vas,
        "tasks": tasks,
        "processes": processes,
        "claims": len(tries),
        "won": sum(one.won for one in tries),
        "lost": sum(one.told is not None for one in tries),
        "audit_entries": record.entries,
        "claims_per_second": round(len(tries) / seconds),
        "p50_ms": round(cuts[49] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
        "broken": broken,
    }


def judge(tries: Sequence[Try], wanted: Sequence[int], holders: dict[int, str]) -> list[str]:
    """Every promise that did not hold."""
    winners: dict[int, list[str]] = {task: [] for task in wanted}
    for one in tries:
        if one.won:
            winners[one.task].append(one.who)
    broken = [f"task {task}: won by {len(winners[task])}" for task in wanted if len(winners[task]) != 1]
    broken += [
        f"task {task}: won by {names[0]}, held by {holders.get(task)}"
        for task, names in winners.items()
        if names and holders.get(task) != names[0]
    ]
    wrong = Counter(one.task for one in tries if not one.won and [one.told] != winners[one.task][:1])
    return broken + [f"task {task}: {count} losers were not told who won" for task, count in wrong.items()]


def run_team(url: str, team: Sequence[Actor], wanted: Sequence[int], seed: int) -> list[Try]:
    """One process: a thread for each of its VAs."""
    engine = make_engine(url, pool_size=len(team))
    store = Store(engine, FixedClock(MONDAY))
    with ThreadPoolExecutor(len(team)) as pool:
        tries = [one for each in pool.map(lambda actor: _run_va(store, actor, wanted, seed), team) for one in each]
    engine.dispose()
    return tries


def _run_va(store: Store, actor: Actor, wanted: Sequence[int], seed: int) -> list[Try]:
    order = list(wanted)
    # All begin with the same tasks, a little shuffled, so that they really meet.
    noise = random.Random(f"{seed}:{actor.name}")
    order.sort(key=lambda task: wanted.index(task) + noise.uniform(-10, 10))
    return [_try(store, actor, task) for task in order]


def _try(store: Store, actor: Actor, task: int) -> Try:
    began = time.perf_counter()
    won, told = False, None
    try:
        with store.change() as uow:
            won = claim(uow, actor, task).changed
    except TaskTaken as taken:
        told = taken.winner
    return Try(task, actor.name, won, told, time.perf_counter() - began)


def _practice(store: Store, engine: Engine, vas: int, tasks: int) -> tuple[list[Actor], list[int]]:
    with store.change() as uow:
        program = create_program(uow, slug="race", name="Race", zone="America/New_York", calendar={"hours": OFFICE})
        load_templates(uow, system(program.id), program.id, ROOT / "checklists")
        people = [
            add_staff(
                uow, program.id, slack_user_id=f"U{number:04}", name=f"VA {number:02}", roles=[Role.VA],
                skills=["imaging", "boards", "pathology", "billing"], zone="America/New_York",
            )
            for number in range(vas)
        ]  # fmt: skip
    actors = [as_actor(person, Origin.CLI) for person in people]
    while True:
        with engine.connect() as connection:
            found = list(connection.execute(CLAIMABLE, {"tasks": tasks}).scalars())
        if len(found) == tasks:
            return actors, found
        with store.change() as uow:
            open_case(uow, system(program.id), key_dates={"board": Moment(date(2026, 12, 3))})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
