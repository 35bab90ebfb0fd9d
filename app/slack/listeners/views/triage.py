"""The form of a late task, sent: why it is late, whom it goes to, until when. All of it in one change, or nothing."""

from datetime import date, time
from typing import Any

from slack_bolt import Ack, App

from app.programs.queries import UnknownPerson, find_staff
from app.refusals import Refusal
from app.reports.triage import give_reason
from app.slack.answer import Answer
from app.slack.listeners.commands.triage import extend_to
from app.slack.listeners.delivery import of_interaction
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.views import modals, replies, triage
from app.slack.views.modals import About
from app.tasks import service
from app.tasks.refusals import NotEligible
from app.text import Missing, PatientData, TooLong

OLD = "This window is out of date. Nothing changed. Close it, and use the button again."
_BLOCKS = {
    UnknownPerson.__name__: modals.PERSON,
    NotEligible.__name__: triage.WHY,
    Missing.__name__: modals.REASON,
    PatientData.__name__: modals.REASON,
    TooLong.__name__: modals.REASON,
}
"""The input under which a refusal is shown; others stand under the first one."""


class NothingChosen(Refusal):
    """The form was sent as it came."""


def register(app: App, inbox: Inbox) -> None:
    """The one listener."""

    def listen(ack: Ack, body: dict[str, Any]) -> None:
        view = body.get("view")
        held: dict[str, Any] = view if isinstance(view, dict) else {}
        about = About.read(str(held.get("private_metadata", "")))
        if about is None or about.kind != "t":
            ack(response_action="errors", errors={triage.WHY: OLD})
            return
        delivery, number = of_interaction(body), about.id
        answer = inbox.change(delivery, "late", lambda visit: _work(visit, number, held.get("state")))
        if answer.refused:
            ack(response_action="errors", errors={_block(answer.refused, held): modals.plain(answer.text)})
            return
        ack()
        if about.channel is not None:
            inbox.afterwards.whisper(about.channel, delivery.user_id, answer)
        else:
            inbox.publish_home(delivery, answer)

    app.view(triage.SORT_OUT)(listen)


def _block(refused: str, view: dict[str, Any]) -> str:
    """Only an input that the form has can bear an error: a VA's has one."""
    wanted = _BLOCKS.get(refused, triage.WHY)
    blocks = view.get("blocks")
    there = (
        {block.get("block_id") for block in blocks if isinstance(block, dict)} if isinstance(blocks, list) else set()
    )
    return wanted if wanted in there else triage.WHY


def _work(visit: Visit, task_id: int, state: object) -> Answer:
    reason = triage.read_reason(modals.entered(state, triage.WHY) or "")
    person, day = modals.entered(state, modals.PERSON), modals.entered(state, triage.DAY)
    done = []
    if reason is not None:
        done.append(give_reason(visit.uow, visit.actor, task_id, reason))
    if person is not None:
        who = find_staff(visit.uow.session, visit.actor.program_id, person)
        done.append(service.assign(visit.uow, visit.actor, task_id, who.id))
    if day is not None:
        at = modals.entered(state, triage.TIME)
        why = modals.entered(state, modals.REASON) or ""
        until = time.fromisoformat(at) if at else None
        done.append(extend_to(visit, task_id, date.fromisoformat(day), until, why))
    if not done:
        raise NothingChosen("Nothing was chosen. Nothing changed. Pick a reason, or close this window.")
    return replies.outcomes(done)
