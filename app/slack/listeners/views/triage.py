"""The forms of a late task: sorting it out, and more time for it. All of it in one change, or nothing."""

from datetime import timedelta
from typing import Final

from app.programs.absences import IsAway
from app.programs.actor import NotAllowed
from app.programs.queries import UnknownPerson, find_staff
from app.refusals import Refusal
from app.reports.given import reasons_of
from app.reports.reasons import Reason
from app.reports.triage import give_reason
from app.slack.answer import Answer
from app.slack.listeners.commands.triage import extend_to
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import Chosen, Form, State
from app.slack.views import modals, replies, triage
from app.slack.views.modals import About, View
from app.tasks import service
from app.tasks.extending import extend
from app.tasks.refusals import NotEligible, WrongState
from app.tasks.rows import Outcome, read
from app.tasks.team import suggested
from app.text import Missing, PatientData, TooLong

TRIED: Final = "tried"
"""Stands in for the reason when more time is tried."""
_DAY = timedelta(days=1)
_BESIDE: Final = {
    NotAllowed.__name__: modals.PERSON,
    UnknownPerson.__name__: modals.PERSON,
    NotEligible.__name__: modals.PERSON,
    IsAway.__name__: modals.PERSON,
    WrongState.__name__: triage.DAY,
    Missing.__name__: modals.REASON,
    PatientData.__name__: modals.REASON,
    TooLong.__name__: modals.REASON,
}


class NothingChosen(Refusal):
    """The form was sent as it came."""


def _sort_out_view(visit: Visit, about: About, _: Chosen) -> View:
    task = read(visit.uow.session, visit.actor.program_id, about.id)
    given, late = reasons_of(visit.uow.session, [task.id]).get(task.id), True
    try:
        give_reason(visit.uow, visit.actor, about.id, Reason.MISSED)
    except WrongState:
        if not visit.actor.leads:
            raise
        late = False
    people = suggested(visit.uow.session, task, visit.uow.now) if visit.actor.leads else None
    return triage.sort_out(task, people, about.channel, late=late, given=given, now=visit.uow.now)


def _sort_out(visit: Visit, about: About, state: State) -> Answer:
    reason = triage.read_reason(modals.entered(state, triage.WHY) or "")
    person = modals.entered(state, modals.PERSON)
    done = []
    if reason is not None:
        done.append(give_reason(visit.uow, visit.actor, about.id, reason))
    if person is not None:
        who = find_staff(visit.uow.session, visit.actor.program_id, person)
        done.append(service.assign(visit.uow, visit.actor, about.id, who.id))
    if modals.day_in(state, triage.DAY) is not None:
        done.append(_more_time(visit, about.id, state))
    if not done:
        raise NothingChosen("Nothing was chosen. Nothing changed. Pick something, or close this window.")
    return replies.outcomes([each for each in done if each.changed] or done)  # the reason may have stood before


def _extend_view(visit: Visit, about: About, chosen: Chosen) -> View:
    task = read(visit.uow.session, visit.actor.program_id, about.id)
    extend(visit.uow, visit.actor, about.id, max(task.due_at or visit.uow.now, visit.uow.now) + _DAY, TRIED)
    return triage.extend(task, about.channel, day=chosen.get(triage.DAY), at=chosen.get(triage.TIME), now=visit.uow.now)


def _extend(visit: Visit, about: About, state: State) -> Answer:
    return replies.outcome(_more_time(visit, about.id, state), visit.actor)


def _more_time(visit: Visit, task_id: int, state: State) -> Outcome:
    day = modals.day_in(state, triage.DAY)
    if day is None:
        raise WrongState("Until when? Nothing changed. Pick a day.")
    return extend_to(
        visit, task_id, day, modals.time_in(state, triage.TIME), modals.entered(state, modals.REASON) or ""
    )


SORT_OUT: Final = Form(triage.SORT_OUT, "t", triage.WHY, _sort_out_view, _sort_out, _BESIDE)
EXTEND: Final = Form(triage.EXTEND, "t", triage.DAY, _extend_view, _extend, _BESIDE)
FORMS: Final = (SORT_OUT, EXTEND)
