"""Opening and closing cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import text
from sqlmodel import Session

from app.audit import service as audit
from app.cases.dates import known_date, may_plan, plausible, put_date
from app.cases.identity import case_text
from app.cases.locked import OPEN_TASKS, open_case_of, skip_open
from app.cases.models import Case
from app.cases.patients import seal_patient
from app.cases.people import serving
from app.cases.refusals import NoKeyring, NotConfirmed, TasksOpen
from app.checklists.service import lock_case, settle
from app.checklists.vocabulary import Role
from app.clocks.history import CASE_CLOSED
from app.kernel.codes import length_for, new_code
from app.kernel.due import Moment
from app.notices.models import Channel
from app.notices.service import tell_case, touch_card
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.questions import rows as questions
from app.store.sealing import Keyring
from app.store.uow import UnitOfWork

_TAKE_CODE = text(
    "INSERT INTO cases (program_id, code, state, lead_id, surgeon_id, last_task_no, last_component_no, opened_at)"
    " VALUES (:program, :code, 'open', :lead, :surgeon, 0, 0, :now)"
    " ON CONFLICT (program_id, code) DO NOTHING RETURNING id"
)
_END_TRACKS = text("UPDATE tracks SET state = 'done' WHERE case_id = :case AND state = 'active'")
_WHY_CLOSED = text(
    "SELECT reason FROM audit_entries WHERE case_id = :case AND action = 'case.close' ORDER BY seq DESC LIMIT 1"
)
_COUNT = text("SELECT count(*) FROM cases WHERE program_id = :program")


def open_case(
    uow: UnitOfWork,
    actor: Actor,
    *,
    lead_id: int | None = None,
    surgeon_id: int | None = None,
    patient: Mapping[str, str] | None = None,
    keyring: Keyring | None = None,
    key_dates: Mapping[str, Moment] | None = None,
) -> Case:
    """Open a case under a fresh random code; its channel and first tracks follow.

    `patient` goes into the sealed record (a `keyring` is then needed, else `NoKeyring`) and nowhere else. Raises
    `BadDate` and `UnknownPerson` besides.
    """
    if not may_plan(actor):
        raise NotAllowed("Your role does not open cases. Nothing changed. Ask a VA or your lead.")
    if patient and keyring is None:
        raise NoKeyring("No key is set, so a patient record cannot be sealed. Nothing changed. Set CASEBOARD_KEYS.")
    program = uow.session.get_one(Program, actor.program_id)
    for name, moment in (key_dates or {}).items():
        known_date(name)
        plausible(uow, program, name, moment)
    serving(uow, actor, lead_id, "lead")
    serving(uow, actor, surgeon_id, "surgeon")
    case = _take_code(uow, program, lead_id, surgeon_id)
    uow.session.add(Channel(program_id=program.id, case_id=case.id))
    for name, moment in (key_dates or {}).items():
        put_date(uow, case, name, moment)
    if patient and keyring is not None:
        seal_patient(uow, actor, case, patient, keyring)
    uow.session.flush()
    audit.record(uow, actor, "case.open", "case", case.id, case_id=case.id)
    tell_case(
        uow,
        case.id,
        "opened",
        f"opened:{case.id}",
        {"code": case.code, "zone": program.zone, "by": actor.slack_user_id},
    )
    lock_case(uow, case.id)
    settle(uow, actor, case.id)
    return case


def _take_code(uow: UnitOfWork, program: Program, lead_id: int | None, surgeon_id: int | None) -> Case:
    taken: int = uow.session.execute(_COUNT, {"program": program.id}).scalar_one()
    length = length_for(taken)
    while True:
        values = {
            "program": program.id,
            "code": str(new_code(length)),
            "lead": lead_id,
            "surgeon": surgeon_id,
            "now": uow.now,
        }
        found = uow.session.execute(_TAKE_CODE, values).scalar_one_or_none()
        if found is not None:
            return uow.session.get_one(Case, found)


def may_close(actor: Actor) -> bool:
    """Whether the actor closes cases; the system does."""
    return actor.staff_id is None or actor.has(Role.LEAD, Role.MANAGER, Role.ADMIN)


def refuse_unconfirmed(uow: UnitOfWork, actor: Actor, case: Case) -> None:
    """Raise `NotConfirmed` where nothing of an open case is open, so that one short word would archive its channel."""
    if may_close(actor) and case.state == "open" and not uow.session.execute(OPEN_TASKS, {"case": case.id}).all():
        raise NotConfirmed(
            f"Nothing of {case.code} is open, and closing archives its channel. Nothing changed. Confirm it in the "
            "form, or write: close <reason>"
        )


def why_closed(session: Session, case_id: int) -> str | None:
    """The reason with which a case was closed the last time; it was looked at for patient data then."""
    reason: str | None = session.execute(_WHY_CLOSED, {"case": case_id}).scalar_one_or_none()
    return reason


@dataclass(frozen=True)
class Closed:
    """A case that is closed, and how many open tasks were skipped with it; none where it was closed already."""

    case: Case
    tasks: int


def close_case(uow: UnitOfWork, actor: Actor, case_id: int, reason: str | None = None) -> Closed:
    """Close a case: its channel is archived. Open tasks are skipped, for which a reason is needed.

    Open questions end without an answer. Closing twice is closing once.
    """
    if not may_close(actor):
        raise NotAllowed("Only a lead or a manager closes a case. Nothing changed. Ask your lead.")
    lock_case(uow, case_id)
    standing = uow.session.get(Case, case_id, populate_existing=True)
    if standing is not None and standing.program_id == actor.program_id and standing.state == "closed":
        return Closed(standing, 0)
    case, program = open_case_of(uow, actor, case_id)
    open_tasks = uow.session.execute(OPEN_TASKS, {"case": case_id}).all()
    if open_tasks and not reason:
        raise TasksOpen(
            f"{case.code} has {len(open_tasks)} open tasks. Nothing changed. Finish them, or close with a reason: "
            "close <reason>"
        )
    words = case_text(uow, case_id, reason, "reason") if reason else None
    if open_tasks:
        values = {"case": case_id, "component": None, "by": actor.staff_id, "now": uow.now, "reason": words}
        skip_open(uow, values, CASE_CLOSED)
    uow.session.execute(_END_TRACKS, {"case": case_id})
    questions.end_of_case(uow, case_id)
    case.state, case.closed_at = "closed", uow.now
    uow.session.flush()
    audit.record(uow, actor, "case.close", "case", case_id, case_id=case_id, reason=words)
    touch_card(uow, case_id)
    payload = {"code": case.code, "zone": program.zone, "by": actor.slack_user_id, "reason": words}
    tell_case(uow, case_id, "closed", f"closed:{case_id}:{uuid4()}", payload)  # it may be opened and closed again
    return Closed(case, len(open_tasks))
