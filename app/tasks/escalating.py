"""Telling the lead or the managers now that a task needs them."""

from sqlalchemy import text

from app.audit import service as audit
from app.checklists.vocabulary import Role
from app.notices.service import is_told, tell_case
from app.programs.absences import away_now
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Staff
from app.programs.queries import people_with_role
from app.reports.given import reasons_of
from app.store.uow import UnitOfWork
from app.tasks.payload import line_of
from app.tasks.refusals import NotEligible, WrongState
from app.tasks.rows import Outcome, TaskRow, may_work, open_needs, read
from app.tasks.unowned import is_late

_LEAD = text("SELECT lead_id FROM cases WHERE id = :case")


def escalate(uow: UnitOfWork, actor: Actor, task_id: int) -> Outcome:
    """Call the case's lead to a task, or all leads where it has none; a lead calls the managers. One post a deadline.

    Whoever holds the task may, whoever is eligible while nobody holds it, blocked or not, and leads. Raises
    `NotEligible`, `NotAllowed` where there is nobody to call, and `WrongState`.
    """
    task = read(uow.session, actor.program_id, task_id)
    if not task.case_open or task.state in ("done", "skipped"):
        what = f"is {task.state} already" if task.case_open else "is of a closed case"
        raise WrongState(f"{task.name} {what}. Nothing changed. Nobody was told.")
    mine = task.holder_id == actor.staff_id
    if not (actor.leads or mine or (task.holder_id is None and may_work(actor, task))):
        who = f"{task.holder_name} has it" if task.holder_name else "it is not for your role"
        raise NotEligible(f"{task.name}: {who}. Nobody was told. Ask them, or your lead.")
    called = _whom(uow, actor, task)
    if not called:
        raise NotAllowed(f"There is nobody above you to tell of {task.name}. Nobody was told.")
    names = ", ".join(person.name for person in called)
    deadline = "none" if task.due_at is None else task.due_at.isoformat()
    key = f"called:{task.id}:{deadline}:{','.join(str(person.id) for person in called)}"
    if is_told(uow, task.program_id, key):
        return Outcome(task, False, f"{names} was told of {task.name} already.")
    needs = open_needs(uow.session, task) if task.state == "blocked" else ()
    why = reasons_of(uow.session, [task.id]).get(task.id)
    payload = {
        "code": task.code,
        "zone": task.zone,
        "tasks": [line_of(task, task.holder_slack, waits_for=needs) | {"late": is_late(task, uow), "why_late": why}],
        "to": [person.slack_user_id for person in called],
        "by": actor.slack_user_id,
    }
    tell_case(uow, task.case_id, "called", key, payload)
    audit.record(uow, actor, "task.escalate", "task", task.id, case_id=task.case_id)
    return Outcome(task, True, f"Told {names} of {task.name}, in the case's channel.")


def _whom(uow: UnitOfWork, actor: Actor, task: TaskRow) -> list[Staff]:
    """The case's lead, else all leads; where the actor leads, or nobody does, the managers. Never the actor.

    Whoever is away is called only where everybody of the role is.
    """
    away = away_now(uow.session, task.program_id, uow.now)

    def there(role: Role) -> list[Staff]:
        people = people_with_role(uow.session, task.program_id, role)
        return [person for person in people if person.id not in away] or list(people)

    managers, leads = there(Role.MANAGER), there(Role.LEAD)
    lead_id = uow.session.execute(_LEAD, {"case": task.case_id}).scalar_one()
    own = [person for person in (*leads, *managers) if person.id == lead_id]
    nearer = [] if actor.leads else (own[:1] or list(leads))
    return [person for person in nearer or managers if person.id != actor.staff_id]
