# ruff: noqa: S608 - the statements are put together from constants alone
"""Saying why a deadline was missed."""

from sqlalchemy import text

from app.audit import service as audit
from app.clocks.history import MISSED
from app.programs.actor import Actor
from app.reports.reasons import WORDS, Reason
from app.store.uow import UnitOfWork
from app.tasks.refusals import NotEligible, WrongState
from app.tasks.rows import Outcome, lock, may_work

_BREACHES = text(
    "SELECT e.id, b.reason FROM clocks k JOIN clock_events e ON e.clock_id = k.id"
    " LEFT JOIN breach_reasons b ON b.breach_id = e.id WHERE k.task_id = :task AND e.kind = 'breach'"
    f" AND {MISSED} ORDER BY e.id"
)
_GIVE = text(
    "INSERT INTO breach_reasons (breach_id, program_id, reason, by_id, at)"
    " SELECT breach, :program, :reason, :by, :now FROM unnest(CAST(:breaches AS bigint[])) AS breach"
    " ON CONFLICT (breach_id) DO UPDATE SET reason = excluded.reason, by_id = excluded.by_id, at = excluded.at"
)


def give_reason(uow: UnitOfWork, actor: Actor, task_id: int, reason: Reason) -> Outcome:
    """Say why a task's deadline was missed: its last missed deadline, and earlier ones that have no reason yet.

    Whoever holds it, or closed it, may; whoever is eligible, while it is open and nobody holds it; and leads. The last
    word counts, and the one before stands in the audit chain. Raises `WrongState` where no deadline was missed, and
    `NotEligible`.
    """
    task = lock(uow, actor.program_id, task_id)
    mine = actor.staff_id is not None and actor.staff_id in (task.holder_id, task.closed_by)
    closed = task.state in ("done", "skipped")
    if not (actor.leads or mine or (task.holder_id is None and not closed and may_work(actor, task))):
        what = f"is {task.state}; whoever closed it" if closed else "is not for your role; whoever takes it"
        who = f"{task.holder_name} has {task.name}; they" if task.holder_name else f"{task.name} {what}"
        raise NotEligible(f"{who} or a lead may say why it is late. Nothing changed.")
    found = uow.session.execute(_BREACHES, {"task": task.id}).all()
    if not found:
        raise WrongState(f"No deadline of {task.name} was missed. Nothing changed. Nothing needs to be done.")
    meant = [row.id for row in found if row.reason is None or row.id == found[-1].id]
    if all(row.reason == reason for row in found if row.id in meant):
        return Outcome(task, False, f"{task.name}: {WORDS[reason]} is noted already.")
    values = {"program": task.program_id, "reason": reason.value, "by": actor.staff_id, "now": uow.now}
    uow.session.execute(_GIVE, values | {"breaches": meant})
    audit.record(
        uow, actor, "breach.reason", "task", task.id, case_id=task.case_id, fields=("reason",), reason=reason.value
    )
    return Outcome(task, True, f"Noted why {task.name} is late: {WORDS[reason]}.")
