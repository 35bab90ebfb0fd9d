"""When a task reminds its holder: snoozed until a moment, with a reason, or as long before the deadline as they say.

Both are the holder's: they end when the task changes hands. Neither touches what comes at the deadline and after it.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.audit import service as audit
from app.cases.identity import case_text
from app.clocks import service as clocks
from app.clocks.rules import OFF
from app.kernel.business import BusinessCalendar, closed_words
from app.kernel.clock import moment_words
from app.kernel.durations import Duration
from app.notices.service import touch_card
from app.programs.actor import Actor
from app.programs.models import Program
from app.programs.queries import calendar_of
from app.store.uow import UnitOfWork
from app.tasks.refusals import NotHolder, PastDeadline, WrongState
from app.tasks.rows import Outcome, TaskRow, lock, read

_SNOOZE = text(
    "UPDATE tasks SET snoozed_until = :until, snoozed_why = :why, version = version + 1"
    " WHERE id = :task AND state IN ('claimed', 'waiting')"
)
_LEAD = text(
    "UPDATE tasks SET remind_lead = :lead, version = version + 1 WHERE id = :task AND state IN ('claimed', 'waiting')"
)
_RUNNING = text("SELECT deadline_at FROM clocks WHERE task_id = :task AND state = 'running'")
_NOBODY_S = text("UPDATE tasks SET snoozed_until = NULL, snoozed_why = NULL, remind_lead = NULL WHERE id = :task")


def snooze(uow: UnitOfWork, actor: Actor, task_id: int, until: datetime, reason: str) -> Outcome:
    """Let the task's reminders be silent until `until` (UTC), when it reminds in any case. The holder, or a lead.

    A snooze that stands is replaced. It ends by itself when the task is closed or changes hands, and when its deadline
    moves. Raises `PastDeadline`, `NotHolder`, `WrongState`, and what `case_text` raises.
    """
    task = _held(uow, actor, task_id, "snooze")
    due = _due(uow, task)
    if until <= uow.now:
        raise WrongState(f"That moment is over. Nothing changed. Snooze {task.name} until one that is to come.")
    if until >= due:
        raise PastDeadline(
            f"{task.name} is due {_when(due, task)}, and a snooze ends before the deadline. Nothing changed. Take an "
            f"earlier moment, or get more time: {_more_time(actor, task)}"
        )
    words = case_text(uow, task.case_id, reason, "reason", reference=True)
    if (task.snoozed_until, task.snoozed_why) == (until, words):
        return Outcome(task, False, f"{task.name} is snoozed until {_when(until, task)} already.")
    uow.session.execute(_SNOOZE, {"task": task.id, "until": until, "why": words})
    calendar = _calendar(uow, task)
    clocks.plan_reminders(uow, task.id, task.item, calendar, task.remind_lead, until)
    _note(uow, actor, "task.snooze", task, "snoozed_until", words)
    closed = closed_words(calendar, calendar.local_day(until))
    said = (
        f"{task.name} is silent until {_when(until, task)}, and reminds then.{closed} It stays due {_when(due, task)}."
    )
    return Outcome(read(uow.session, task.program_id, task.id), True, f"{said} To end it: snooze {task.name} off")


def wake(uow: UnitOfWork, actor: Actor, task_id: int) -> Outcome:
    """End a snooze before its time: what it held back comes now. Raises `NotHolder` and `WrongState`."""
    task = _held(uow, actor, task_id, "snooze")
    if task.snoozed_until is None or task.snoozed_until <= uow.now:
        return Outcome(task, False, f"{task.name} is not snoozed.")
    uow.session.execute(_SNOOZE, {"task": task.id, "until": None, "why": None})
    clocks.plan_reminders(uow, task.id, task.item, _calendar(uow, task), task.remind_lead)
    _note(uow, actor, "task.wake", task, "snoozed_until")
    said = f"{task.name} is not snoozed any more. It {lead_words(task.remind_lead)}."
    return Outcome(read(uow.session, task.program_id, task.id), True, said)


def remind(uow: UnitOfWork, actor: Actor, task_id: int, lead: Duration | None) -> Outcome:
    """Let the task remind `lead` before each of its deadlines, wherever these move; None is not at all.

    It stands in for the checklist's lead time, for as long as the holder has the task. The holder, or a lead. Raises
    `NotHolder`, and `WrongState` where that would be over already for all of them.
    """
    task = _held(uow, actor, task_id, "tune")
    due = _due(uow, task)
    own = OFF if lead is None else str(lead)
    if task.remind_lead == own:
        return Outcome(task, False, f"{task.name} {lead_words(task.remind_lead)} already.")
    calendar = _calendar(uow, task)
    running = uow.session.execute(_RUNNING, {"task": task.id}).scalars().all()
    if lead is not None and all(lead.before(deadline, calendar) <= uow.now for deadline in running):
        raise WrongState(
            f"{task.name} is due {_when(due, task)}: {lead} before is over already. Nothing changed. Take a shorter "
            "time, such as 30 minutes."
        )
    if lead is not None and lead.amount == 0:
        raise WrongState(
            f"At its deadline {task.name} is called late in any case. Nothing changed. Say how long before."
        )
    return _tuned(uow, actor, task, own)


def standard(uow: UnitOfWork, actor: Actor, task_id: int) -> Outcome:
    """Let the task remind as its checklist has it again. The holder, or a lead. Raises `NotHolder`, `WrongState`."""
    task = _held(uow, actor, task_id, "tune")
    if task.remind_lead is None:
        return Outcome(task, False, f"{task.name} {lead_words(task.remind_lead)} already.")
    return _tuned(uow, actor, task, None)


def changes_hands(uow: UnitOfWork, task: TaskRow) -> None:
    """The task, as it was read before, is with somebody else now: what its holder said of its reminders is over."""
    clocks.take_from_hold(uow, task.id)
    if task.snoozed_until is None and task.remind_lead is None:
        return
    uow.session.execute(_NOBODY_S, {"task": task.id})
    clocks.plan_reminders(uow, task.id, task.item, _calendar(uow, task), None)


def lead_words(own: str | None) -> str:
    """When a task reminds whose holder has said so, in words: `reminds 2 hours before its deadline`."""
    if own is None:
        return "reminds as its checklist has it"
    return "has no reminders" if own == OFF else f"reminds {own} before its deadline"


def _tuned(uow: UnitOfWork, actor: Actor, task: TaskRow, own: str | None) -> Outcome:
    uow.session.execute(_LEAD, {"task": task.id, "lead": own})
    clocks.drop_reminders(uow, task.id)
    snoozed = task.snoozed_until if task.snoozed_until is not None and task.snoozed_until > uow.now else None
    planned = clocks.plan_reminders(uow, task.id, task.item, _calendar(uow, task), own, snoozed)
    _note(uow, actor, "task.remind", task, "remind_lead")
    task = read(uow.session, task.program_id, task.id)
    said = f"{task.name} {lead_words(task.remind_lead)}"
    if planned:
        moments = " and ".join(_when(at, task) for at in sorted(set(planned)))
        too = f" It is snoozed until {_when(snoozed, task)}, and reminds then, too." if snoozed else ""
        return Outcome(task, True, f"{said}: {moments}.{too}")
    none = "" if own == OFF else ". That moment is over, so no reminder comes before the deadline"
    but = f" but at the end of its snooze: {_when(snoozed, task)}" if snoozed else ""
    return Outcome(task, True, f"{said}{none}{but}. What is late is told all the same.")


def _held(uow: UnitOfWork, actor: Actor, task_id: int, verb: str) -> TaskRow:
    """The task, locked, if somebody holds it and the actor may say when it reminds."""
    task = lock(uow, actor.program_id, task_id)
    if not task.case_open or task.state not in ("claimed", "waiting"):
        what = "is of a closed case" if not task.case_open else f"is {task.state} already"
        if task.case_open and task.state in ("ready", "blocked"):
            raise WrongState(f"Nobody has {task.name}, so it reminds nobody. Nothing changed. Claim it first.")
        raise WrongState(f"{task.name} {what}, so it reminds nobody. Nothing changed.")
    if task.holder_id != actor.staff_id and not actor.leads:
        raise NotHolder(f"{task.name} is with {task.holder_name}; only they or a lead can {verb} it. Nothing changed.")
    return task


def _due(uow: UnitOfWork, task: TaskRow) -> datetime:
    """The nearest deadline, which is to come."""
    if task.due_at is None:
        raise WrongState(f"No deadline of {task.name} is running, so it reminds nobody. Nothing changed.")
    if task.due_at <= uow.now:
        raise WrongState(
            f"{task.name} is late already, and what is late is not held back. Nothing changed. "
            f"Say why it is late: late {task.name} <why>"
        )
    return task.due_at


def _more_time(actor: Actor, task: TaskRow) -> str:
    return f"extend {task.name} <day> <reason>" if actor.leads else f"escalate {task.name}"


def _when(at: datetime, task: TaskRow) -> str:
    return moment_words(at, ZoneInfo(task.zone))


def _calendar(uow: UnitOfWork, task: TaskRow) -> BusinessCalendar:
    return calendar_of(uow.session.get_one(Program, task.program_id))


def _note(uow: UnitOfWork, actor: Actor, action: str, task: TaskRow, field: str, reason: str | None = None) -> None:
    audit.record(uow, actor, action, "task", task.id, case_id=task.case_id, fields=(field,), reason=reason)
    touch_card(uow, task.case_id)
