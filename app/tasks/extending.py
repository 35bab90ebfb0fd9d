"""Giving a late task a new deadline. The clock's history is appended to, never rewritten."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.audit import service as audit
from app.cases.identity import case_text
from app.clocks import service as clocks
from app.clocks.delays import delays_of
from app.clocks.rules import timers_of
from app.kernel.business import closed_words
from app.kernel.clock import moment_words
from app.notices.service import tell_case, touch_card
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.programs.queries import calendar_of
from app.store.uow import UnitOfWork
from app.tasks.payload import line_of
from app.tasks.refusals import WrongState
from app.tasks.rows import Outcome, TaskRow, due_words, lock, read

_RUNNING = text(
    "SELECT id, program_id, case_id, kind, deadline_at FROM clocks WHERE task_id = :task AND state = 'running'"
    " ORDER BY deadline_at, id"
)


def extend(uow: UnitOfWork, actor: Actor, task_id: int, until: datetime, reason: str) -> Outcome:
    """Let every deadline of a task that would come before `until` (UTC) be then. Leads and managers, with a reason.

    An extension stands in for the deadline that its rule gave: when a key date moves and the rule gives another one,
    that one holds. Its timers are planned anew. A paused clock has until then, too, once it runs on, and what the pause
    takes from now on. Raises `NotAllowed` and `WrongState`.
    """
    task = lock(uow, actor.program_id, task_id)
    if not actor.leads:
        raise NotAllowed(
            f"Only a lead gives a task a new deadline. Nothing changed. To tell yours: escalate {task.name}"
        )
    if not task.case_open or task.state in ("done", "skipped"):
        what = f"is {task.state} already" if task.case_open else "is of a closed case"
        raise WrongState(f"{task.name} {what}, so it has no deadline to move. Nothing changed.")
    if until <= uow.now:
        raise WrongState(f"That moment is over. Nothing changed. Give {task.name} a day that is to come.")
    calendar = calendar_of(uow.session.get_one(Program, task.program_id))
    running = uow.session.execute(_RUNNING, {"task": task.id}).all()
    paused = clocks.paused(uow, task.id, task.item, calendar)
    stand = [clock.deadline_at for clock in running] + [clock.deadline for clock in paused]
    if not stand:
        raise WrongState(f"No deadline of {task.name} is running. Nothing changed. Nothing needs to be done.")
    known = due_words(task, uow.now) + "".join(_once_running(task, clock.deadline) for clock in paused)
    # What was given to a paused clock has grown by the pause since.
    if min(stand) == until or (min(stand) > until and until in [clock.given for clock in paused]):
        return Outcome(task, False, f"{task.name} has that deadline already.{known}")
    if min(stand) > until:
        raise WrongState(f"{task.name} has more time already.{known} Nothing changed. An extension gives a later day.")
    words = case_text(uow, task.case_id, reason, "reason")
    delays = delays_of(uow.session, task.program_id)
    moved = [clock for clock in running if clock.deadline_at < until]
    clocks.set_deadlines(
        uow,
        [
            clocks.Setting(
                clock.program_id, clock.case_id, task.id, clock.id, clock.kind, "extend", until,
                timers_of(task.item, clock.kind, until, uow.now, calendar, delays, task.remind_lead), words,
            )
            for clock in moved
        ],
    )  # fmt: skip
    held_up = [clock for clock in paused if clock.deadline < until]
    for clock in held_up:
        clocks.extend_paused(uow, clock.clock_id, until, words)
    audit.record(
        uow, actor, "task.extend", "task", task.id, case_id=task.case_id, fields=("deadline_at",), reason=words
    )
    touch_card(uow, task.case_id)
    was, task = task.due_at, read(uow.session, actor.program_id, task.id)
    if task.holder_id is not None and task.holder_id != actor.staff_id:
        payload = {
            "code": task.code,
            "zone": task.zone,
            "tasks": [line_of(task, task.holder_slack)],
            "to": task.holder_slack,
            "was": None if was in (None, task.due_at) else was.isoformat(),
            "once_running": until.isoformat() if held_up else None,
            "reason": words,
            "by": actor.slack_user_id,
        }
        key = f"extended:{task.id}:{until.timestamp():.0f}:{uow.now.timestamp():.0f}"
        tell_case(uow, task.case_id, "extended", key, payload)
    said = f"{task.name} has {'a new deadline' if moved else 'more time'}.{due_words(task, uow.now)}"
    if held_up:
        said += _once_running(task, until)
    return Outcome(task, True, said + closed_words(calendar, calendar.local_day(until)))


def _once_running(task: TaskRow, until: datetime) -> str:
    return (
        f" Its own clock is paused: once it runs again, it has until {moment_words(until, ZoneInfo(task.zone))} "
        "and besides what is left of the pause."
    )
