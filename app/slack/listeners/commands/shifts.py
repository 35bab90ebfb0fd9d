"""Commands about who is at work: the end of a shift, time off, and coming back."""

from datetime import date
from zoneinfo import ZoneInfo

from app.programs import absences
from app.programs.absences import Absence
from app.programs.models import Staff
from app.programs.queries import find_staff
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.views import replies, shift_forms
from app.slack.when import When
from app.tasks.covering import come_back
from app.tasks.shifts import hand_over


def end_shift(visit: Visit, command: asked.EndShift) -> Answer:
    """Offer everything to a person, or give it all back."""
    person = command.person and find_staff(visit.uow.session, visit.actor.program_id, command.person)
    return replies.sentences(hand_over(visit.uow, visit.actor, person.id if person else None, command.note))


def take_off(visit: Visit, command: asked.TakeOff) -> Answer:
    """Note time off; its days are those of the person's own zone."""
    person = who(visit, command.person)
    today = visit.uow.now.astimezone(ZoneInfo(person.zone)).date()
    first = today if command.first is None else command.first.resolve(today)
    last = first if command.last is None else _last(command.last, first, today)
    cover = command.cover and find_staff(visit.uow.session, visit.actor.program_id, command.cover)
    return taken_off(visit, person, first, last, cover.id if cover else None)


def taken_off(visit: Visit, person: Staff, first: date, last: date, cover_id: int | None) -> Answer:
    """The same for people and days that are known."""
    planned = absences.plan(visit.uow, visit.actor, person.id, first, last, cover_id)
    return replies.said(_planned(visit, planned), shift_forms.back_button(planned, visit.uow.now))


def back(visit: Visit, command: asked.ComeBack) -> Answer:
    """End time off, or call it off."""
    return replies.said(come_back(visit.uow, visit.actor, who(visit, command.person).id))


def who(visit: Visit, named: str | None) -> Staff:
    """The person that a command is about: oneself, unless another is named."""
    if named is not None:
        return find_staff(visit.uow.session, visit.actor.program_id, named)
    return visit.uow.session.get_one(Staff, visit.actor.staff_id)


def _last(when: When, first: date, today: date) -> date:
    """A weekday is the one after the first day; what is counted from today is counted from today."""
    return when.resolve(first if when.weekday is not None else today)


def _planned(visit: Visit, planned: Absence) -> str:
    mine = planned.staff_id == visit.actor.staff_id
    when = absences.span(planned.first, planned.last)
    now = "now" if planned.runs(visit.uow.now) else "then"
    goes = f"to {planned.cover}" if planned.cover else "back to the pool"
    return (
        f"{'You are' if mine else f'{planned.name} is'} away {when}. What {'you hold' if mine else 'they hold'} goes "
        f"{goes} {now}, and comes back at the end."
    )
