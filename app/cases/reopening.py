"""Opening a closed case again: what its closing left out is as it was, and its channel comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import bindparam, select, text

from app.audit import service as audit
from app.cases.locked import case_of
from app.cases.models import Case
from app.cases.service import may_close, why_closed
from app.checklists.replanning import take_up
from app.checklists.service import lock_case
from app.notices.places import outside
from app.notices.service import tell_case, touch_card
from app.programs.absences import away_now
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program, Staff
from app.programs.queries import as_actor
from app.store.types import table
from app.store.uow import UnitOfWork
from app.tasks.models import Task
from app.tasks.rows import may_be_assigned, read

_BACK = text(
    "UPDATE tasks t SET state = 'ready', holder_id = NULL, ready_at = coalesce(t.ready_at, :now), reason = NULL,"
    " closed_at = NULL, closed_by = NULL, due_at = NULL, breached_at = NULL, remind_lead = NULL,"
    " version = t.version + 1 FROM tasks o JOIN tracks r ON r.id = o.track_id"
    " WHERE o.id = t.id AND t.case_id = :case AND t.state = 'skipped' AND t.closed_at = :closed AND t.reason = :reason"
    " AND t.waived_by IS NULL AND r.state <> 'withdrawn' RETURNING t.id, o.holder_id"
)
_LATE = text("SELECT count(*) FROM tasks WHERE case_id = :case AND state NOT IN ('done', 'skipped') AND due_at <= :now")
_TASKS, _STAFF = table(Task), table(Staff)
_HOLDERS = (
    select(Staff)
    .where(
        _STAFF.c.id.in_(select(_TASKS.c.holder_id).where(_TASKS.c.case_id == bindparam("case"))),
        _STAFF.c.program_id == bindparam("program"),
        _STAFF.c.active,
    )
    .order_by(_STAFF.c.id)
    .with_for_update(read=True)
    .execution_options(populate_existing=True)
)
_HOLD = text(
    "UPDATE tasks t SET state = 'claimed', holder_id = h.holder, version = t.version + 1"
    " FROM unnest(CAST(:tasks AS bigint[]), CAST(:holders AS bigint[])) AS h (task, holder)"
    " WHERE t.id = h.task AND t.state = 'ready'"
)


@dataclass(frozen=True)
class Reopened:
    """A case that is open.

    `tasks` are those that came back, `late` how many of the case are late now; `changed` is False where it was open
    already.
    """

    case: Case
    tasks: int
    late: int
    changed: bool


def reopen_case(uow: UnitOfWork, actor: Actor, case_id: int) -> Reopened:
    """Open a closed case again, with the tasks that its closing skipped, with their holders where these may have them.

    What waited is claimed; snoozes and own times of reminders are over, and so are offers. Deadlines are planned anew;
    of our own targets nothing was used up while it was closed. What else was skipped, and questions, stay as they are.
    Twice is once. Raises `NotAllowed` and `UnknownCase`.
    """
    if not may_close(actor):
        raise NotAllowed("Only a lead or a manager opens a closed case again. Nothing changed. Ask your lead.")
    there = _there(uow, actor, case_id)  # before the case: whoever changes their roles takes them first as well
    lock_case(uow, case_id)
    case = case_of(uow, actor, case_id)
    if case.state == "open":
        return Reopened(case, 0, 0, False)
    values = {
        "case": case_id,
        "closed": case.closed_at,
        "now": uow.now,
        "reason": why_closed(uow.session, case_id),
    }
    back = uow.session.execute(_BACK, values).all()
    case.state, case.closed_at = "open", None
    uow.session.flush()
    audit.record(uow, actor, "case.reopen", "case", case_id, case_id=case_id, fields=("state",))
    take_up(uow, actor, case_id)  # before they are held: then their own clocks begin as they did
    _hold(uow, actor, {row.id: row.holder_id for row in back if row.holder_id is not None}, there)
    touch_card(uow, case_id)
    zone = uow.session.get_one(Program, case.program_id).zone
    payload = {"code": case.code, "zone": zone, "by": actor.slack_user_id, "again": True}
    tell_case(uow, case_id, "opened", f"opened:{case_id}:{uuid4()}", payload)
    late = uow.session.execute(_LATE, {"case": case_id, "now": uow.now}).scalar_one()
    return Reopened(case, len(back), late, True)


def _there(uow: UnitOfWork, actor: Actor, case_id: int) -> Mapping[int, Actor]:
    """Who has held tasks of the case and is there, by id; they stay as they are until the transaction ends.

    Whoever has left, is away now or is not in the Slack workspace would be told of nothing.
    """
    people = uow.session.execute(_HOLDERS, {"case": case_id, "program": actor.program_id}).scalars().all()
    gone = {*away_now(uow.session, actor.program_id, uow.now), *outside(uow.session, actor.program_id)}
    return {person.id: as_actor(person, actor.origin) for person in people if person.id not in gone}


def _hold(uow: UnitOfWork, actor: Actor, held: Mapping[int, int], there: Mapping[int, Actor]) -> None:
    """Give tasks, by id, back to whoever held them, if they may have them still; the others stay free."""
    back = {
        task: holder
        for task, holder in held.items()
        if holder in there and may_be_assigned(there[holder], read(uow.session, actor.program_id, task))
    }
    uow.session.execute(_HOLD, {"tasks": list(back), "holders": list(back.values())})
