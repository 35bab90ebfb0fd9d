"""The forms about being left alone: a snooze, how early a task reminds, quiet hours."""

from datetime import datetime, timedelta
from typing import Final

from app.kernel.business import local_moment
from app.programs.models import Staff
from app.programs.queries import calendar_of
from app.programs.quiet import Hours
from app.programs.service import BadSetting
from app.refusals import Refusal
from app.slack.answer import Answer
from app.slack.listeners.commands.quiet import settle, snoozed, tune
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import OF_WORDS, Chosen, Form, State
from app.slack.quiet_grammar import read_lead
from app.slack.views import modals, reminding
from app.slack.views.modals import About, View
from app.slack.words import NotUnderstood, Words, normal
from app.tasks import reminding as service
from app.tasks.refusals import WrongState
from app.tasks.rows import TaskRow, read

TRIED: Final = "tried"
"""Stands in for the reason when a snooze is tried."""
_STEP: Final = timedelta(minutes=5)
_REASON: Final = dict.fromkeys(OF_WORDS, modals.REASON)


class NothingChosen(Refusal):
    """The form was sent as it came."""


def _snooze_view(visit: Visit, about: About, chosen: Chosen) -> View:
    task = read(visit.uow.session, visit.actor.program_id, about.id)
    service.snooze(visit.uow, visit.actor, about.id, _half_way(visit, task), TRIED)
    first = _first(visit, task).astimezone(visit.zone)
    return reminding.snooze(
        task,
        about.channel,
        day=chosen.get(reminding.DAY, first.date().isoformat()),
        at=chosen.get(reminding.TIME, first.time().isoformat("minutes")),
    )


def _half_way(visit: Visit, task: TaskRow) -> datetime:
    """A moment at which a snooze could end, if any could."""
    left = timedelta(hours=1) if task.due_at is None else task.due_at - visit.uow.now
    return visit.uow.now + max(left / 2, timedelta(microseconds=1))


def _first(visit: Visit, task: TaskRow) -> datetime:
    """What is picked at first: when the practice opens on its next day, or where that is too late, half way."""
    calendar = calendar_of(visit.program)
    opens = calendar.opening(calendar.add_business_days(visit.today, 1))
    if task.due_at is None or opens < task.due_at:
        return opens
    half = _half_way(visit, task)
    return half - timedelta(seconds=half.timestamp() % _STEP.total_seconds())


def _snooze(visit: Visit, about: About, state: State) -> Answer:
    day, at = modals.day_in(state, reminding.DAY), modals.time_in(state, reminding.TIME)
    if day is None or at is None:
        raise WrongState("Until when? Nothing changed. Pick a day and a time.")
    until = local_moment(day, at, visit.zone)
    words = modals.entered(state, modals.REASON) or ""
    return snoozed(visit, service.snooze(visit.uow, visit.actor, about.id, until, words))


def _remind_view(visit: Visit, about: About, _: Chosen) -> View:
    task = read(visit.uow.session, visit.actor.program_id, about.id)
    service.remind(visit.uow, visit.actor, about.id, None)
    return reminding.remind(task, about.channel)


def _remind(visit: Visit, about: About, state: State) -> Answer:
    said = modals.entered(state, reminding.WORDS) or modals.entered(state, reminding.LEAD)
    if said is None:
        raise NothingChosen("Nothing was chosen. Nothing changed. Pick a time, or write one.")
    try:
        return tune(visit, about.id, read_lead(Words(normal(said))))
    except NotUnderstood as error:
        raise NotUnderstood(f"{error} Nothing changed.") from None


def _quiet_view(visit: Visit, about: About, _: Chosen) -> View:
    return reminding.quiet(visit.uow.session.get_one(Staff, visit.actor.staff_id), about.channel)


def _quiet(visit: Visit, _: About, state: State) -> Answer:
    begins, ends = (modals.time_in(state, name) for name in (reminding.FROM, reminding.UNTIL))
    if (begins is None) != (ends is None):
        raise BadSetting("Quiet hours need a beginning and an end. Nothing changed. Pick both, or empty both.")
    hours: Hours = "off" if begins is None or ends is None else (begins, ends)
    return settle(visit, hours, modals.entered(state, reminding.ZONE))


SNOOZE: Final = Form(reminding.SNOOZE, "t", reminding.DAY, _snooze_view, _snooze, _REASON)
REMIND: Final = Form(reminding.REMIND, "t", reminding.WORDS, _remind_view, _remind)
QUIET: Final = Form(reminding.QUIET, "c", reminding.UNTIL, _quiet_view, _quiet, {"BadZone": reminding.ZONE})
FORMS: Final = (SNOOZE, REMIND, QUIET)
