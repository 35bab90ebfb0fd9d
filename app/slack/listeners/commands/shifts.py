"""Commands about who is at work: the end of a shift, time off, and coming back."""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from app.programs import absences
from app.programs.absences import Absence
from app.programs.actor import Origin
from app.programs.models import Staff
from app.programs.queries import as_actor, find_staff
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.views import replies, shift_forms
from app.slack.when import When
from app.tasks.covering import come_back
from app.tasks.queries import tasks_of
from app.tasks.rows import may_do
from app.tasks.shifts import hand_over

SHOWN: Final = 5
"""Planned absences that an answer shows with their buttons."""


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
    button = shift_forms.back_button(planned, visit.uow.now, who(visit, None).id)
    return replies.said(_planned(visit, planned), button)


def back(visit: Visit, command: asked.ComeBack) -> Answer:
    """End time off, or call it off; what is planned besides is shown with its buttons."""
    person = who(visit, command.person)
    said = come_back(visit.uow, visit.actor, person.id)
    planned = absences.absences_of(visit.uow.session, visit.actor.program_id, person.id)[:SHOWN]
    if not planned:
        return replies.said(said)
    spans = "; ".join(absences.span(one.first, one.last) for one in planned)
    return replies.said(f"{said} Still planned: {spans}.", *map(shift_forms.cancel_button, planned))


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
        f"{goes} {now}, and comes back at the end.{_not_covered(visit, planned)}"
    )


def _not_covered(visit: Visit, planned: Absence) -> str:
    """Which of what the person holds now the cover may not have, in words; nothing where that is none."""
    if planned.cover_id is None:
        return ""
    session, program = visit.uow.session, visit.actor.program_id
    cover = as_actor(session.get_one(Staff, planned.cover_id), Origin.SLACK)
    held = tasks_of(session, program, holder_id=planned.staff_id)
    unfit = [line.name for line in held if not may_do(cover, line.roles, line.item.skill)]
    return f" {planned.cover} may not have {', '.join(unfit)}: back to the pool with that." if unfit else ""
