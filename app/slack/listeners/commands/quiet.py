"""Commands about being left alone: quiet hours and zone, a snooze, and how early a task reminds."""

from datetime import datetime

from app.kernel.business import local_moment
from app.kernel.durations import Duration
from app.programs.models import Staff
from app.programs.queries import calendar_of
from app.programs.quiet import Hours, set_quiet
from app.slack import asked
from app.slack.answer import Answer
from app.slack.hints import copyable
from app.slack.listeners.inbox import Visit
from app.slack.views import reminding, replies
from app.slack.when import When
from app.tasks import reminding as service
from app.tasks.rows import Outcome, read


def snooze(visit: Visit, command: asked.Snooze) -> Answer:
    """Silence a task's reminders for a while."""
    task_id = visit.task(command.task)
    return snoozed(visit, service.snooze(visit.uow, visit.actor, task_id, moment(visit, command.until), command.reason))


def snoozed(visit: Visit, done: Outcome) -> Answer:
    """What came of it, with the button that ends it."""
    return replies.outcome(done, visit.actor, reminding.wake_button(done.task.id, done.task.name))


def wake(visit: Visit, command: asked.Wake) -> Answer:
    """End a snooze."""
    return replies.outcome(service.wake(visit.uow, visit.actor, visit.task(command.task)), visit.actor)


def remind(visit: Visit, command: asked.Remind) -> Answer:
    """Say how early a task reminds."""
    return tune(visit, visit.task(command.task), command.lead)


def tune(visit: Visit, task_id: int, lead: asked.Lead) -> Answer:
    """The same by id."""
    if lead == "standard":
        done = service.standard(visit.uow, visit.actor, task_id)
    else:
        done = service.remind(visit.uow, visit.actor, task_id, None if lead == "off" else lead)
    return replies.outcome(done, visit.actor)


def quiet(visit: Visit, command: asked.Quiet) -> Answer:
    """Set the person's own quiet hours, and their zone."""
    return settle(visit, command.hours, command.zone)


def settle(visit: Visit, hours: Hours, zone: str | None) -> Answer:
    """The same for what is known, and how it stands then."""
    me = visit.actor.staff_id
    assert me is not None, "whoever types a command is a person"
    news = set_quiet(visit.uow, visit.actor, me, hours=hours, zone=zone)
    person = visit.uow.session.get_one(Staff, me)
    words = reminding.quiet_words(person)
    return replies.said(copyable(words if news else f"It is so already. {words}"))


def moment(visit: Visit, until: When | Duration) -> datetime:
    """The end of a snooze (UTC): a day without a time is its opening."""
    calendar = calendar_of(visit.program)
    if isinstance(until, Duration):
        return until.after(visit.uow.now, calendar)
    day = until.resolve(visit.today)
    return calendar.opening(day) if until.at is None else local_moment(day, until.at, visit.zone)


def past_deadline(visit: Visit, command: asked.Snooze, text: str, refused: str) -> Answer:
    """The refusal of a snooze that is too long, with what gives more time."""
    task = read(visit.uow.session, visit.actor.program_id, visit.task(command.task))
    return replies.refusal_with(text, refused, *reminding.more_time_buttons(visit.actor, task))


def reason_missing(visit: Visit, command: asked.Snooze, about: list[int], chosen: dict[str, str]) -> Answer:
    """Note for the form which task it is, and the moment that was said."""
    about.append(visit.task(command.task))
    local = moment(visit, command.until).astimezone(visit.zone)
    chosen[reminding.DAY], chosen[reminding.TIME] = local.date().isoformat(), local.time().isoformat("minutes")
    return Answer("")
