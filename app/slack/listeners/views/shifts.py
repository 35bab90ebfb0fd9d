"""The form that ends a shift: what opens it, and what it does when it is sent."""

from typing import Final

from app.programs.queries import find_staff
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import Chosen, Form, State
from app.slack.views import modals, replies, shift_forms
from app.slack.views.modals import About, View
from app.tasks.allowed import fits, workers
from app.tasks.refusals import WrongState
from app.tasks.shifts import Given, end_shift, held, is_pressing


def _shift_view(visit: Visit, about: About, _: Chosen) -> View:
    session, program, now = visit.uow.session, visit.program, visit.uow.now
    lines = held(visit.uow, visit.actor)
    free = [line for line in lines if line.offered_to is None]
    pressing = [line for line in free if is_pressing(line, now)]
    people = [person for person in workers(session, program.id, free) if person.id != visit.actor.staff_id]
    return shift_forms.shift(
        pressing,
        [line for line in free if line not in pressing],
        [line for line in lines if line.offered_to is not None],
        people,
        {line.id: [person for person in people if fits(person, line)] for line in pressing[: shift_forms.SHOWN]},
        zone=program.zone,
        now=now,
        channel=about.channel,
    )


def _shift(visit: Visit, _: About, state: State) -> Answer:
    to_all = modals.entered(state, modals.PERSON)
    if to_all is None:
        raise WrongState("To whom does everything go? Nothing changed. Pick somebody, or the pool.")
    note = modals.entered(state, modals.NOTE) or ""
    given = []
    for line in held(visit.uow, visit.actor):
        if line.offered_to is None:
            to = modals.entered(state, shift_forms.to_block(line.id)) or to_all
            word = modals.entered(state, shift_forms.word_block(line.id)) or note
            given.append(Given(line.id, _receiver(visit, to), word))
    return replies.sentences(end_shift(visit.uow, visit.actor, given))


def _receiver(visit: Visit, chosen: str) -> int | None:
    return None if chosen == shift_forms.POOL else find_staff(visit.uow.session, visit.actor.program_id, chosen).id


SHIFT: Final = Form(shift_forms.SHIFT, "c", modals.PERSON, _shift_view, _shift)
FORMS: Final = (SHIFT,)
