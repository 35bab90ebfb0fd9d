"""Commands about a late task: why it is late, a new deadline, calling the lead."""

from datetime import date, time

from app.kernel.business import local_moment
from app.programs.queries import calendar_of
from app.reports.triage import give_reason
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.verbs import Verb
from app.slack.views import replies
from app.slack.words import usage
from app.tasks.escalating import escalate
from app.tasks.extending import extend
from app.tasks.rows import Outcome
from app.text import Missing


def late(visit: Visit, command: asked.Late) -> Answer:
    """Say why a task is late."""
    done = give_reason(visit.uow, visit.actor, visit.task(command.task), command.reason)
    return replies.outcome(done, visit.actor)


def extend_task(visit: Visit, command: asked.Extend) -> Answer:
    """Give a task a new deadline."""
    day = command.when.resolve(visit.today)
    try:
        done = extend_to(visit, visit.task(command.task), day, command.when.at, command.reason)
    except Missing:
        raise usage(Verb.EXTEND, "The reason is missing.") from None
    return replies.outcome(done, visit.actor)


def extend_to(visit: Visit, task_id: int, day: date, at: time | None, reason: str) -> Outcome:
    """The same by id; without a time, at the closing of that day."""
    until = calendar_of(visit.program).closing(day) if at is None else local_moment(day, at, visit.zone)
    return extend(visit.uow, visit.actor, task_id, until, reason)


def call(visit: Visit, command: asked.Escalate) -> Answer:
    """Tell the lead, or the managers, now."""
    return replies.outcome(escalate(visit.uow, visit.actor, visit.task(command.task)), visit.actor)
