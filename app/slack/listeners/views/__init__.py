"""Modals that were sent. Errors stand beside the input; a success closes the modal and is said where it was opened."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from slack_bolt import Ack, App

from app.checklists.vocabulary import EvidenceKind
from app.programs.queries import UnknownPerson, find_staff
from app.slack.answer import Answer
from app.slack.grammar import evidence_of
from app.slack.listeners.commands.tasks import evidence_spec
from app.slack.listeners.delivery import of_interaction
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import triage
from app.slack.views import modals, replies
from app.slack.views.modals import About
from app.tasks import handoffs, service
from app.tasks.refusals import NeedsEvidence, NotEligible

OLD: Final = "This window is out of date. Nothing changed. Close it, and use the button again."
State = Mapping[str, Any]
Work = Callable[[Visit, int, State], Answer]


def register(app: App, inbox: Inbox) -> None:
    """A listener for each modal, one for those of former versions, and one for modals that were closed."""
    for callback, kind, block, work in (
        (modals.DONE, "t", modals.EVIDENCE, _done),
        (modals.HANDOFF, "t", modals.NOTE, _handoff),
        (modals.DECLINE, "h", modals.REASON, _decline),
    ):
        app.view(callback)(_listener(inbox, callback, kind, block, work))
    triage.register(app, inbox)

    def unknown(ack: Ack) -> None:
        ack()

    app.view(re.compile(""))(unknown)
    app.view_closed(re.compile(""))(unknown)


def _listener(inbox: Inbox, what: str, kind: str, block: str, work: Work) -> Callable[[Ack, dict[str, Any]], None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        view = body.get("view")
        held: State = view if isinstance(view, dict) else {}
        about = About.read(str(held.get("private_metadata", "")))
        if about is None or about.kind != kind:
            ack(response_action="errors", errors={block: OLD})
            return
        delivery, number = of_interaction(body), about.id
        state = held.get("state")
        given: State = state if isinstance(state, dict) else {}
        answer = inbox.change(delivery, what, lambda visit: work(visit, number, given))
        if answer.refused:
            ack(response_action="errors", errors={_block(answer.refused, block): modals.plain(answer.text)})
            return
        ack()
        if about.channel is not None:
            inbox.afterwards.whisper(about.channel, delivery.user_id, answer)
        else:  # from the home tab, or from the list of a shortcut, which is in no channel
            inbox.publish_home(delivery, answer.text)

    return listen


_ABOUT_THE_PERSON: Final = (UnknownPerson.__name__, NotEligible.__name__)


def _block(refused: str, main: str) -> str:
    """The input under which a refusal is shown: of a modal that asks for a person, what is about them stands there."""
    return modals.PERSON if main == modals.NOTE and refused in _ABOUT_THE_PERSON else main


def _done(visit: Visit, task_id: int, state: State) -> Answer:
    spec = evidence_spec(visit, task_id)
    written = modals.entered(state, modals.EVIDENCE, spec.choices)
    # What stands in the field is the answer itself; only a day may be written in words there too.
    value = evidence_of(spec.kind, written, visit.today) if spec.kind is EvidenceKind.DATE else written
    reference = modals.entered(state, modals.REFERENCE)
    try:
        return replies.outcome(service.done(visit.uow, visit.actor, task_id, value, reference), visit.actor.staff_id)
    except NeedsEvidence as error:
        raise NeedsEvidence(error.asked) from None


def _handoff(visit: Visit, task_id: int, state: State) -> Answer:
    person = find_staff(visit.uow.session, visit.actor.program_id, modals.entered(state, modals.PERSON) or "")
    note = modals.entered(state, modals.NOTE) or ""
    return replies.outcomes([handoffs.offer(visit.uow, visit.actor, task_id, person.id, note)])


def _decline(visit: Visit, handoff_id: int, state: State) -> Answer:
    task_id = handoffs.task_of(visit.uow, visit.actor, handoff_id)
    reason = modals.entered(state, modals.REASON) or ""
    return replies.outcome(handoffs.decline(visit.uow, visit.actor, task_id, reason), None)
