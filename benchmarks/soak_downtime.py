"""`./dev soak downtime`: everything stands still for three days across a clock change, and starts again.

For each change of the clocks (United States and Europe, spring and autumn) a practice in that zone has cases whose
deadlines lie around it. The clock jumps three days, and two schedulers sweep at once. Afterwards every due moment is
accounted for once: settled, with the post that told it, or put off to the end of somebody's quiet hours; no reminder
comes behind its breach; each case gets at most one post about all that was missed, each person one message of what
their quiet hours held back; a second sweep finds nothing.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

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
from app.questions import sweep as people
from app.settings import ROOT
from app.store.embedded import embedded
from app.store.engine import make_engine
from app.store.uow import Store, UnitOfWork
from app.tasks.queries import tasks_of
from app.tasks.service import claim

OFFICE = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
STANDSTILL = timedelta(days=3)
CHANGES = (
    ("America/New_York", date(2026, 11, 1)),
    ("America/New_York", date(2027, 3, 14)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Europe/Berlin", date(2027, 3, 28)),
)
QUERIES = {
    "left pending although due": "SELECT count(*) FROM timers WHERE state = 'pending' AND fire_at <= :now",
    "settled without their moment having come": "SELECT count(*) FROM timers WHERE state IN ('fired', 'collapsed')"
    " AND at > :now",
    "put off without quiet hours": "SELECT count(*) FROM timers WHERE state = 'pending' AND at <= :now"
    " AND kind <> 'remind'",
    "told by a post that is not there": "SELECT count(*) FROM timers t WHERE notice_id IS NOT NULL AND NOT EXISTS"
    " (SELECT FROM notices n WHERE n.id = t.notice_id)",
    "breaches without a post": "SELECT count(*) FROM timers WHERE kind IN ('breach', 'escalate')"
    " AND state IN ('fired', 'collapsed') AND notice_id IS NULL",
    "breaches without their event, or with two": "SELECT count(*) FROM timers t WHERE kind = 'breach'"
    " AND state IN ('fired', 'collapsed') AND (SELECT count(*) FROM clock_events e WHERE e.clock_id = t.clock_id"
    " AND e.kind = 'breach') <> 1",
    "reminders told behind their breach": "SELECT count(*) FROM timers r JOIN timers b ON b.clock_id = r.clock_id"
    " AND b.generation = r.generation AND b.kind = 'breach' AND b.state IN ('fired', 'collapsed')"
    " JOIN notices nr ON nr.id = r.notice_id JOIN notices nb ON nb.id = b.notice_id"
    " WHERE r.kind = 'remind' AND nr.seq > nb.seq",
    "held back and not told at the end of quiet hours": "SELECT count(*) FROM timers WHERE state = 'pending'"
    " AND held_until <= :now AND fire_at > :now",
    "people with several messages of what was held back": "SELECT count(*) FROM (SELECT channel_id FROM notices"
    " WHERE seq > :seq AND kind = 'held_back' GROUP BY channel_id HAVING count(*) > 1) AS many",
    "cases with several posts about the standstill": "SELECT count(*) FROM (SELECT channel_id FROM notices"
    " WHERE seq > :seq AND kind IN ('reminder', 'breach', 'escalation', 'catch_up') GROUP BY channel_id"
    " HAVING count(*) > 1) AS many",
}


def main(argv: Sequence[str]) -> int:
    """Run it for every change of the clocks; 0 when every promise held."""
    parser = argparse.ArgumentParser(
        prog="./dev soak downtime", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=20)
    given = parser.parse_args(argv)
    reports = []
    with tempfile.TemporaryDirectory(prefix="cb-down-") as folder:
        Path(folder).chmod(0o755)
        for number, (zone, day) in enumerate(CHANGES):
            place = Path(folder) / str(number)
            with embedded(place, throwaway=True) as url:
                engine = make_engine(url)
                migrate(engine)
                reports.append(stand_still(engine, zone, day, given.cases, given.seed))
                engine.dispose()
    print(json.dumps(reports))
    return 0 if not any(report["broken"] for report in reports) else 1


def stand_still(engine: Engine, zone: str, day: date, cases: int, seed: int) -> dict[str, object]:
    """A practice at work until the day before the change, three days of nothing, and the start again."""
    noise = random.Random(f"{seed}:{zone}:{day}")
    clock = FixedClock(datetime.combine(day - timedelta(days=6), time(13, 0), tzinfo=UTC))
    store = Store(engine, clock)
    actor = _practice(store, zone, day, cases, noise)
    stop = datetime.combine(day - timedelta(days=1), time(15, 30), tzinfo=UTC)
    while clock.now() < stop:
        clock.advance(timedelta(minutes=20))
        _sweep(store)
    with engine.connect() as connection:
        seq = connection.execute(text("SELECT coalesce(max(seq), 0) FROM notices")).scalar_one()
        missed = text("SELECT count(*) FROM timers WHERE state = 'pending' AND fire_at <= :now")
        clock.advance(STANDSTILL)
        due = connection.execute(missed, {"now": clock.now()}).scalar_one()
    with ThreadPoolExecutor(2) as schedulers:
        settled = sum(schedulers.map(lambda _: _sweep(store), range(2)))
    broken = [] if due else ["nothing fell due in the standstill"]
    if settled != due:
        broken.append(f"{due} were due, {settled} were settled")
    again = _sweep(store)
    if again:
        broken.append(f"a second sweep settled {again} more")
    with engine.connect() as connection:
        for what, query in QUERIES.items():
            found = connection.execute(text(query), {"now": clock.now(), "seq": seq}).scalar_one()
            if found:
                broken.append(f"{found} {what}")
        posts = connection.execute(
            text("SELECT count(*) FROM notices WHERE seq > :seq AND kind = 'catch_up'"), {"seq": seq}
        ).scalar_one()
    return {
        "zone": zone,
        "clocks_change": day.isoformat(),
        "cases": cases,
        "program": actor.program_id,
        "due": due,
        "settled": settled,
        "posts": posts,
        "broken": broken,
    }


def _practice(store: Store, zone: str, day: date, cases: int, noise: random.Random) -> Actor:
    """Cases whose boards lie around the change, some of their tasks held by somebody with quiet hours."""
    with store.change() as uow:
        program = create_program(uow, slug="down", name="Down", zone=zone, calendar={"hours": OFFICE})
        load_templates(uow, system(program.id), program.id, ROOT / "checklists")
        person = add_staff(
            uow, program.id, slack_user_id="U1", name="Ana", roles=[Role.VA, Role.LEAD, Role.MANAGER], zone=zone,
            quiet=(time(1, 30), time(8, 30)),
        )  # fmt: skip
    actor = as_actor(person, Origin.CLI)
    for _ in range(cases):
        board = Moment(day + timedelta(days=noise.randrange(0, 9)))
        with store.change() as uow:
            case = open_case(uow, actor, key_dates={"board": board, "surgery_proposed": Moment(board.day)})
            add_component(uow, actor, case.id, noise.choice(("plate", "allograft", "cement")))
            for task in tasks_of(uow.session, program.id, case_id=case.id, claimable_by=actor):
                if noise.random() < 0.4:
                    claim(uow, actor, task.id)
    return actor


def _sweep(store: Store) -> int:
    """What a scheduler does; returns how many timers of cases were settled or put off."""
    settled = _each(store, fire_due)
    _each(store, people.fire_due)
    return settled


def _each(store: Store, fire: Callable[[UnitOfWork], int | None]) -> int:
    settled = 0
    while True:
        with store.change() as uow:
            count = fire(uow)
        if count is None:
            return settled
        settled += count


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
