"""The forms about tasks: what opens them, and what they do when they are sent."""

from collections.abc import Callable, Sequence
from typing import Final

from app.checklists.vocabulary import Awaited, EvidenceKind
from app.programs.absences import IsAway
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Staff
from app.programs.queries import UnknownPerson, find_staff
from app.refusals import at_field
from app.slack.answer import Answer
from app.slack.grammar import evidence_of
from app.slack.listeners.commands.tasks import evidence_spec, finish_task
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import Chosen, Form, NothingToAsk, State
from app.slack.verbs import Verb
from app.slack.views import modals, replies, task_forms
from app.slack.views.modals import About, View
from app.store.uow import UnitOfWork
from app.tasks import allowed, handoffs, service
from app.tasks.brief import Brief, Urgency
from app.tasks.closing import fitting
from app.tasks.queries import TaskLine, blocked_tasks_of, closed_tasks_of, tasks_of
from app.tasks.refusals import NeedsEvidence, NotEligible, UnknownTask, WrongState
from app.tasks.rows import Outcome, TaskRow, read
from app.tasks.team import suggested
from app.tasks.vacancies import Kind, missing_now

TRIED: Final = "tried"
"""Stands in for the reason when a verb is tried."""
MOST: Final = 500
"""Tasks of which one is picked in a form."""
_WITH_REASON: Final[dict[Verb, Callable[[UnitOfWork, Actor, int, str], Outcome]]] = {
    Verb.SKIP: service.skip,
    Verb.REOPEN: service.reopen,
    Verb.WAIVE: service.waive,
}
_PERSON: Final = dict.fromkeys((each.__name__ for each in (UnknownPerson, NotEligible, IsAway)), modals.PERSON)


def _row(visit: Visit, task_id: int) -> TaskRow:
    return read(visit.uow.session, visit.actor.program_id, task_id)


def _changes(outcome: Outcome) -> None:
    if not outcome.changed:
        raise NothingToAsk(outcome.said)


def _picked(about: About, state: State) -> int:
    """The task that the form is about, or that was picked in it. Raises `UnknownTask`."""
    found = about.id or modals.picked_task(state)
    if not found:
        raise UnknownTask("Which task? Nothing changed. Pick one.")
    return found


def _candidates(visit: Visit, deed: str) -> Sequence[TaskLine]:
    """The tasks of which one is picked: in a case's channel, of that case. Raises `UnknownTask` where there is none."""
    session, actor = visit.uow.session, visit.actor
    case_id = visit.here.id if visit.here else None
    if deed == "reopen":
        by = None if actor.leads else actor.staff_id
        if case_id is None:
            raise UnknownTask(
                "Which task? Nothing changed. Write its name, such as K7Q4-12, or use the case's channel."
            )
        return _some(visit, closed_tasks_of(session, actor.program_id, case_id=case_id, closed_by=by, limit=MOST))
    lines = tasks_of(session, actor.program_id, case_id=case_id, limit=MOST)
    if deed in ("skip", "waive"):
        lines += blocked_tasks_of(session, actor.program_id, case_id=case_id, limit=MOST)
    if deed == "handoff":
        mine = [one for one in lines if one.holder_id == actor.staff_id and one.state in ("claimed", "waiting")]
        found = [one for one in mine if one.offered_to is None]
        if mine and not found:
            raise UnknownTask("All that you hold here is offered already. Nothing changed. Wait for the answer.")
    else:
        found = [one for one in lines if deed in allowed.deeds(actor, one.state, one.holder_id, one.template, one.item)]
    return _some(visit, found)


def _some(visit: Visit, found: Sequence[TaskLine]) -> Sequence[TaskLine]:
    if not found:
        where = f" in {visit.here.code}" if visit.here else ""
        raise UnknownTask(f"There is no task{where} on which you can do that. Nothing changed. See /tasks.")
    return found


def _done_view(visit: Visit, about: About, chosen: Chosen) -> View:
    task = _row(visit, about.id)
    try:
        finish_task(visit, about.id, None)
    except NeedsEvidence:
        typed = fitting(visit.uow, task, chosen.get(modals.EVIDENCE), chosen.get(modals.REFERENCE))
        return modals.done(task, about.channel, *typed)
    raise NothingToAsk(f"{task.name} asks for nothing: press Done.")


def _done(visit: Visit, about: About, state: State) -> Answer:
    spec = evidence_spec(visit, about.id)
    written = modals.entered(state, modals.EVIDENCE, spec.choices)
    # What stands in the field is the answer itself; only a day may be written in words there too.
    value = evidence_of(spec.kind, written, visit.today) if spec.kind is EvidenceKind.DATE else written
    reference = modals.entered(state, modals.REFERENCE)
    try:
        return replies.outcome(service.done(visit.uow, visit.actor, about.id, value, reference), visit.actor)
    except NeedsEvidence as error:
        with at_field(error.field):
            raise NeedsEvidence(error.asked) from None


def _handoff_view(visit: Visit, about: About, chosen: Chosen) -> View:
    named = chosen.get(modals.PERSON)
    to = find_staff(visit.uow.session, visit.actor.program_id, named).id if named else None
    if not about.id:
        mine = _candidates(visit, "handoff")
        return modals.handoff(mine, _receivers(visit, mine), about.channel, to)
    task = _row(visit, about.id)
    not_held = handoffs.why_not_held(visit.uow, visit.actor, task)
    if not_held is not None:
        raise not_held
    return modals.handoff(task, _receivers(visit, [task]), about.channel, to)


def _receivers(visit: Visit, tasks: Sequence[TaskRow | TaskLine]) -> Sequence[Staff]:
    people = allowed.receivers(visit.uow.session, visit.actor, tasks, visit.uow.now)
    if not people:
        raise _nobody(visit, tasks, [Kind(task.roles, task.item.skill) for task in tasks], visit.actor.staff_id)
    return people


def _nobody(visit: Visit, tasks: Sequence[TaskRow | TaskLine], kinds: Sequence[Kind], holder: int | None) -> NotAllowed:
    """Says why nobody may take any of the tasks, whose kinds are given, but whoever holds them.

    Of several tasks it is one that somebody may take who is away, if there is one.
    """
    now = visit.uow.now
    lacking = missing_now(visit.uow.session, visit.actor.program_id, kinds, now, holder)
    lacks = min(lacking, key=lambda one: one.back is None, default=None)
    if lacks is None:
        return NotAllowed("Somebody who may take it is back at this very moment. Nothing changed. Try again.")
    name = tasks[kinds.index(lacks.kind)].name
    else_, others = " else" if holder else "", " nor your other tasks" if len(tasks) > 1 else ""
    way = lacks.way(visit.uow.session, visit.actor, name, now)
    return NotAllowed(f"Nobody{else_} may take {name}{others}: {lacks.why}. Nothing changed. {way}")


def _handoff(visit: Visit, about: About, state: State) -> Answer:
    task_id = _picked(about, state)
    person = find_staff(visit.uow.session, visit.actor.program_id, modals.entered(state, modals.PERSON) or "")
    urgency = modals.entered(state, modals.URGENCY)
    brief = Brief(
        modals.entered(state, modals.NOTE) or "",
        Urgency(urgency) if urgency in list(Urgency) else None,
        modals.entered(state, modals.TO_DO),
        modals.entered(state, modals.WATCH),
    )
    return replies.outcomes([handoffs.offer(visit.uow, visit.actor, task_id, person.id, brief)])


def _accept_view(visit: Visit, about: About, _: Chosen) -> View:
    task_id = handoffs.task_of(visit.uow, visit.actor, about.id)
    task = _row(visit, task_id)
    _changes(handoffs.accept(visit.uow, visit.actor, task_id, TRIED))
    return modals.accept(about.id, task, handoffs.brief_of(visit.uow, visit.actor, about.id), about.channel)


def _accept(visit: Visit, about: About, state: State) -> Answer:
    task_id = handoffs.task_of(visit.uow, visit.actor, about.id)
    words = modals.entered(state, modals.REASON) or ""
    return replies.outcome(handoffs.accept(visit.uow, visit.actor, task_id, words), visit.actor)


def _decline_view(visit: Visit, about: About, _: Chosen) -> View:
    task_id = handoffs.task_of(visit.uow, visit.actor, about.id)
    task = _row(visit, task_id)
    _changes(handoffs.decline(visit.uow, visit.actor, task_id, TRIED))
    return modals.decline(about.id, task, about.channel)


def _decline(visit: Visit, about: About, state: State) -> Answer:
    task_id = handoffs.task_of(visit.uow, visit.actor, about.id)
    reason = modals.entered(state, modals.REASON) or ""
    return replies.outcome(handoffs.decline(visit.uow, visit.actor, task_id, reason), None)


def _wait_view(visit: Visit, about: About, _: Chosen) -> View:
    if not about.id:
        return task_forms.wait(_candidates(visit, "wait"), about.channel)
    task = _row(visit, about.id)
    service.wait(visit.uow, visit.actor, about.id, Awaited.PAYER)
    return task_forms.wait(task, about.channel)


def _wait(visit: Visit, about: About, state: State) -> Answer:
    awaited = modals.entered(state, task_forms.AWAITED)
    if awaited not in list(Awaited):
        raise WrongState("Whom does it wait for? Nothing changed. Pick one.")
    note = modals.entered(state, modals.NOTE)
    done = service.wait(visit.uow, visit.actor, _picked(about, state), Awaited(awaited), note)
    return replies.outcome(done, visit.actor)


def _assign_view(visit: Visit, about: About, _: Chosen) -> View:
    task = _row(visit, about.id)
    assert visit.actor.staff_id is not None, "whoever opens a form is a person"
    people = suggested(visit.uow.session, task, visit.uow.now)
    if not people and "assign" in allowed.deeds_of(visit.actor, task):
        raise _nobody(visit, [task], [Kind(task.roles, None)], task.holder_id)
    # Who leads nothing is refused whoever it is for, and so is everybody as long as the task cannot be given.
    service.assign(visit.uow, visit.actor, about.id, people[0].staff_id if people else visit.actor.staff_id)
    return task_forms.assign(task, people, about.channel)


def _assign(visit: Visit, about: About, state: State) -> Answer:
    person = find_staff(visit.uow.session, visit.actor.program_id, modals.entered(state, modals.PERSON) or "")
    return replies.outcome(service.assign(visit.uow, visit.actor, about.id, person.id), visit.actor)


def _with_reason(verb: Verb) -> Form:
    """The form of a verb that asks for a reason alone."""
    do = _WITH_REASON[verb]

    def view(visit: Visit, about: About, _: Chosen) -> View:
        if not about.id:
            return task_forms.reason(verb, _candidates(visit, verb.value), about.channel)
        task = _row(visit, about.id)
        _changes(do(visit.uow, visit.actor, about.id, TRIED))
        return task_forms.reason(verb, task, about.channel)

    def work(visit: Visit, about: About, state: State) -> Answer:
        reason = modals.entered(state, modals.REASON) or ""
        return replies.outcome(do(visit.uow, visit.actor, _picked(about, state), reason), visit.actor)

    return Form(task_forms.callback(verb), "t", modals.REASON, view, work)


DONE: Final = Form(modals.DONE, "t", modals.EVIDENCE, _done_view, _done)
HANDOFF: Final = Form(modals.HANDOFF, "t", modals.NOTE, _handoff_view, _handoff, _PERSON)
ACCEPT: Final = Form(modals.ACCEPT, "h", modals.REASON, _accept_view, _accept)
DECLINE: Final = Form(modals.DECLINE, "h", modals.REASON, _decline_view, _decline)
WAIT: Final = Form(task_forms.callback(Verb.WAIT), "t", task_forms.AWAITED, _wait_view, _wait, {
    "PatientData": modals.NOTE, "TooLong": modals.NOTE,
})  # fmt: skip
ASSIGN: Final = Form(task_forms.callback(Verb.ASSIGN), "t", modals.PERSON, _assign_view, _assign)
SKIP, REOPEN, WAIVE = (_with_reason(verb) for verb in (Verb.SKIP, Verb.REOPEN, Verb.WAIVE))
FORMS: Final = (DONE, HANDOFF, ACCEPT, DECLINE, WAIT, ASSIGN, SKIP, REOPEN, WAIVE)
