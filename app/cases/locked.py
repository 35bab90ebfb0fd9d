"""What changes of a case share: the case under its lock, and ending tasks that are not needed any more."""

from collections.abc import Mapping

from sqlalchemy import text

from app.cases.models import Case
from app.cases.refusals import CaseClosed, UnknownCase
from app.checklists.service import lock_case
from app.clocks import service as clocks
from app.programs.actor import Actor
from app.programs.models import Program
from app.store.uow import UnitOfWork
from app.tasks import handoff_rows
from app.tasks.models import AT_REST

_NO_CASE = "There is no such case here. Nothing changed. Look at the name of the case's channel."
_CLOSE_TASKS = text(
    f"UPDATE tasks SET state = 'skipped', reason = :reason, {AT_REST}, closed_at = :now, closed_by = :by,"  # noqa: S608
    " version = version + 1"
    " WHERE case_id = :case AND state NOT IN ('done', 'skipped')"
    " AND (CAST(:component AS bigint) IS NULL OR track_id IN"
    " (SELECT id FROM tracks WHERE component_id = :component)) RETURNING id"
)
OPEN_TASKS = text(
    "SELECT t.no, t.item_id, r.component_id, r.checklist_version_id, k.digest FROM tasks t"
    " JOIN tracks r ON r.id = t.track_id"
    " JOIN checklist_versions k ON k.id = r.checklist_version_id"
    " WHERE t.case_id = :case AND t.state NOT IN ('done', 'skipped') AND r.state <> 'withdrawn' ORDER BY t.no"
)


def open_case_of(uow: UnitOfWork, actor: Actor, case_id: int) -> tuple[Case, Program]:
    """The open case, locked, and its program. Raises `UnknownCase` or `CaseClosed`."""
    lock_case(uow, case_id)
    case = case_of(uow, actor, case_id)
    if case.state != "open":
        raise CaseClosed(f"Case {case.code} is closed. Nothing changed. A lead opens it again: reopen {case.code}")
    return case, uow.session.get_one(Program, case.program_id)


def case_of(uow: UnitOfWork, actor: Actor, case_id: int) -> Case:
    """The case as it is now, whatever the session has read before. Raises `UnknownCase`, also for another program's."""
    case = uow.session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise UnknownCase(_NO_CASE)
    of_program(actor, case)
    return case


def of_program(actor: Actor, case: Case) -> None:
    """Raise `UnknownCase` for a case of another program."""
    if case.program_id != actor.program_id:
        raise UnknownCase(_NO_CASE)


def skip_open(uow: UnitOfWork, values: Mapping[str, object], why: str) -> None:
    """Skip the open tasks of a case (`case`), or of one `component` of it; their clocks and offers end."""
    skipped = uow.session.execute(_CLOSE_TASKS, values).scalars().all()
    clocks.stop(uow, skipped, why)
    handoff_rows.withdraw(uow, skipped)
