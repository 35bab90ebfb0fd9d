"""The forms of who goes: the end of a shift, and time off. What opens them, and what they do when they are sent."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from app.checklists.vocabulary import Role
from app.programs.absences import BadAbsence
from app.programs.models import Staff
from app.programs.queries import find_staff, people_with_role
from app.slack.answer import Answer
from app.slack.listeners.commands.shifts import taken_off, who
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import OF_WORDS, Chosen, Form, State
from app.slack.views import modals, replies, shift_forms
from app.slack.views.modals import About, View
from app.tasks.allowed import receivers
from app.tasks.queries import TaskLine
from app.tasks.refusals import WrongState
from app.tasks.shifts import Given, end_shift, held, is_pressing, word_field


def _shift_view(visit: Visit, about: About, chosen: Chosen) -> View:
    program, now = visit.program, visit.uow.now
    lines = held(visit.uow, visit.actor)
    free = [line for line in lines if line.offered_to is None]
    pressing = [line for line in free if is_pressing(line, now)]

    def people(lines: Sequence[TaskLine]) -> list[Staff]:
        return receivers(visit.uow.session, visit.actor, lines, now)

    to = chosen.get(modals.PERSON)
    if to is not None and to != shift_forms.POOL:
        to = find_staff(visit.uow.session, visit.actor.program_id, to).slack_user_id
    return shift_forms.shift(
        pressing,
        [line for line in free if line not in pressing],
        [line for line in lines if line.offered_to is not None],
        people(free),
        {line.id: people([line]) for line in pressing[: shift_forms.SHOWN]},
        zone=program.zone,
        now=now,
        channel=about.channel,
        to=to,
    )


def _shift(visit: Visit, about: About, state: State) -> Answer:
    to_all = modals.entered(state, modals.PERSON)
    if to_all is None:
        raise WrongState("To whom does everything go? Nothing changed. Pick somebody, or the pool.")
    note = modals.entered(state, modals.NOTE) or ""
    given, since = [], []
    for line in held(visit.uow, visit.actor):
        if line.offered_to is None and line.id not in about.tasks:
            since.append(line.name)
        elif line.offered_to is None:
            to = modals.entered(state, shift_forms.to_block(line.id)) or to_all
            word = modals.entered(state, word_field(line.id)) or note
            given.append(Given(line.id, _receiver(visit, to), word))
    if since and not given:
        raise WrongState("What you hold now does not stand in this window. Nothing changed. Open it anew.")
    said = end_shift(visit.uow, visit.actor, given)
    if since:
        said.append(f"Still yours, since it was not free when the window was opened: {', '.join(since)}.")
    return replies.sentences(said)


def _receiver(visit: Visit, chosen: str) -> int | None:
    return None if chosen == shift_forms.POOL else find_staff(visit.uow.session, visit.actor.program_id, chosen).id


def _away_view(visit: Visit, about: About, _: Chosen) -> View:
    # Whoever is away today may be there on the days that are asked for.
    everybody = people_with_role(visit.uow.session, visit.program.id, *Role)
    others = [person for person in everybody if person.id != visit.actor.staff_id]
    me = who(visit, None)
    today = visit.uow.now.astimezone(ZoneInfo(me.zone)).date()
    leads = visit.actor.leads
    return shift_forms.away(everybody if leads else others, others if leads else [], today, about.channel)


def _away(visit: Visit, _: About, state: State) -> Answer:
    person = who(visit, modals.entered(state, modals.PERSON))
    cover = modals.entered(state, shift_forms.COVER)
    covers = cover and find_staff(visit.uow.session, visit.actor.program_id, cover)
    first, last = (_day(modals.entered(state, name)) for name in (shift_forms.FIRST, shift_forms.LAST))
    return taken_off(visit, person, first, last, covers.id if covers else None)


def _day(given: str | None) -> date:
    """What a picker holds. Raises `BadAbsence` for what none gives."""
    try:
        return date.fromisoformat(given or "")
    except ValueError:
        raise BadAbsence("Which days? Nothing changed. Pick the first and the last one.") from None


AWAY: Final = Form(shift_forms.AWAY, "c", shift_forms.LAST, _away_view, _away, {
    "UnknownPerson": shift_forms.COVER, "NotAllowed": modals.PERSON,
})  # fmt: skip
SHIFT: Final = Form(
    shift_forms.SHIFT, "c", modals.PERSON, _shift_view, _shift, dict.fromkeys(OF_WORDS, modals.NOTE)
)  # fmt: skip
FORMS: Final = (SHIFT, AWAY)
