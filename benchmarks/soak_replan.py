"""`./dev soak replan`: a surgery date moves in a case of 150 tasks and more: one transaction, one post.

Every deadline that hangs on the date is compared with what its due rule gives for the new date; the rows that changed
bear one transaction number; and the channel gets exactly one post.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from app.cases.components import add_component
from app.cases.dates import set_date
from app.cases.service import open_case
from app.checklists import library
from app.checklists.library import load_templates
from app.checklists.vocabulary import Role
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.migrate import migrate
from app.programs.actor import Origin
from app.programs.models import Program
from app.programs.queries import as_actor, calendar_of
from app.programs.service import add_staff, create_program, system
from app.settings import ROOT
from app.store.embedded import embedded
from app.store.engine import make_engine
from app.store.uow import Store

MONDAY = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
OFFICE = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
PARTS: tuple[dict[str, Any], ...] = (
    {"kind": "endoprosthesis", "part": "stem", "custom": True, "supply": "loaner"},
    {"kind": "allograft"},
    {"kind": "plate", "supply": "loaner"},
)
BEFORE, AFTER = Moment(date(2027, 2, 8)), Moment(date(2027, 3, 1))
HANGING = text(
    "SELECT t.id, t.item_id, k.id AS version, k.digest, c.deadline_at FROM tasks t JOIN tracks r ON r.id = t.track_id"
    " JOIN checklist_versions k ON k.id = r.checklist_version_id"
    " LEFT JOIN clocks c ON c.task_id = t.id AND c.kind = 'due'"
    " WHERE t.case_id = :case AND t.state NOT IN ('done', 'skipped')"
)
CHANGED = text(
    "SELECT DISTINCT xmin::text FROM (SELECT xmin FROM clocks WHERE case_id = :case AND generation > 1"
    " UNION ALL SELECT xmin FROM timers WHERE case_id = :case AND generation > 1"
    " UNION ALL SELECT xmin FROM key_dates WHERE case_id = :case AND name = 'surgery'"
    " UNION ALL SELECT xmin FROM notices WHERE kind = 'replan' AND seq > :seq) AS rows"
)
POSTS = text("SELECT kind, payload FROM notices WHERE seq > :seq AND kind <> 'card'")


def main(argv: Sequence[str]) -> int:
    """Run it; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="./dev soak replan", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tasks", type=int, default=150, help="the case has at least so many")
    parser.add_argument("--seed", type=int, default=1, help="taken for the sake of the others; nothing here is random")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="cb-replan-") as folder:
        Path(folder).chmod(0o755)
        with embedded(Path(folder), throwaway=True) as url:
            engine = make_engine(url)
            migrate(engine)
            report = replan(engine, given.tasks)
            engine.dispose()
    print(json.dumps(report))
    return 0 if not report["broken"] else 1


def replan(engine: Engine, tasks: int) -> dict[str, object]:
    """Set a case up, move its surgery date, and judge."""
    store = Store(engine, FixedClock(MONDAY))
    with store.change() as uow:
        program = create_program(
            uow, slug="replan", name="Replan", zone="America/New_York", calendar={"hours": OFFICE, "country": "US"}
        )
        load_templates(uow, system(program.id), program.id, ROOT / "checklists")
        lead = add_staff(uow, program.id, slack_user_id="U1", name="Lea", roles=[Role.LEAD], zone="America/New_York")
        actor = as_actor(lead, Origin.CLI)
        dates = {"board": Moment(date(2026, 11, 19)), "surgery_proposed": BEFORE}
        case = open_case(uow, actor, key_dates=dates)
    with store.change() as uow:
        set_date(uow, actor, case.id, "surgery", BEFORE, waiver="planned before every component is coded")
    added = 0
    while _count(engine, case.id) < tasks:
        with store.change() as uow:
            add_component(uow, actor, case.id, **PARTS[added % len(PARTS)])
        added += 1
    with engine.connect() as connection:
        seq = connection.execute(text("SELECT max(seq) FROM notices")).scalar_one()
    began = time.perf_counter()
    with store.change() as uow:
        told = set_date(uow, actor, case.id, "surgery", AFTER, waiver="the room is taken")
    seconds = time.perf_counter() - began
    return _judge(store, engine, case.id, seq, program, told.moved) | {
        "tasks": _count(engine, case.id),
        "components": added,
        "moved": told.moved,
        "milliseconds": round(seconds * 1000, 1),
    }


def _judge(store: Store, engine: Engine, case_id: int, seq: int, program: Program, moved: int) -> dict[str, object]:
    calendar = calendar_of(program)
    broken, hanging = [], 0
    with store.read() as uow:
        for row in uow.session.execute(HANGING, {"case": case_id}):
            item = library.template(uow.session, row.version, row.digest).item(row.item_id)
            if item.due is None or (item.due.anchor.kind, item.due.anchor.name) != ("key_date", "surgery"):
                continue
            hanging += 1
            if row.deadline_at != item.due.resolve(AFTER, calendar):
                broken.append(f"{row.item_id} of task {row.id} is due {row.deadline_at}, not by its rule")
    with engine.connect() as connection:
        transactions = connection.execute(CHANGED, {"case": case_id, "seq": seq}).scalars().all()
        posts = connection.execute(POSTS, {"seq": seq}).all()
    if hanging == 0 or moved != hanging:
        broken.append(f"{hanging} deadlines hang on the date, {moved} were moved")
    if len(transactions) != 1:
        broken.append(f"{len(transactions)} transactions")
    if [post.kind for post in posts] != ["replan"]:
        broken.append(f"posts: {[post.kind for post in posts]}")
    elif posts[0].payload["moved"] != moved:
        broken.append(f"the post says {posts[0].payload['moved']} deadlines moved")
    return {"hanging": hanging, "transactions": len(transactions), "posts": len(posts), "broken": broken}


def _count(engine: Engine, case_id: int) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(
            text("SELECT count(*) FROM tasks WHERE case_id = :case"), {"case": case_id}
        ).scalar_one()
        return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
