"""Buttons of the SLA report, and of late tasks."""

from typing import Any

from slack_bolt import Ack, App

from app.reports.triage import give_reason
from app.slack.answer import Answer
from app.slack.listeners.commands.sla import send_sla
from app.slack.listeners.delivery import of_interaction, value_of
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import triage as forms
from app.slack.listeners.views.form import offer_form
from app.slack.views import replies, sla, triage
from app.slack.views.modals import About
from app.tasks.escalating import escalate

OLD = "That button is out of date. Nothing changed. Ask for the report anew with `/sla`."


def register(app: App, inbox: Inbox) -> None:
    """A listener for each of them."""

    def what(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        inbox.show(of_interaction(body), sla.what())

    def send(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, wanted = of_interaction(body), sla.read_spec(value_of(body))
        if wanted is None:
            inbox.show(delivery, Answer(OLD, refused="OldButton"))
            return
        inbox.show(delivery, inbox.change(delivery, "sla", lambda visit: send_sla(visit, wanted)))

    def why(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        about, _, word = value_of(body).partition(" ")
        found, reason = About.read(about), triage.read_reason(word)
        delivery = of_interaction(body)
        if found is None or found.kind != "t" or reason is None:
            inbox.show(delivery, _old())
            return

        def work(visit: Visit) -> Answer:
            return replies.outcome(give_reason(visit.uow, visit.actor, found.id, reason), visit.actor)

        inbox.show(delivery, inbox.change(delivery, "late", work))

    def call(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, about = of_interaction(body), About.read(value_of(body))
        if about is None or about.kind != "t":
            inbox.show(delivery, _old())
            return
        task_id = about.id

        def work(visit: Visit) -> Answer:
            return replies.outcome(escalate(visit.uow, visit.actor, task_id), visit.actor)

        inbox.show(delivery, inbox.change(delivery, "escalate", work))

    def sort_out(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, about = of_interaction(body), About.read(value_of(body))
        if about is None or about.kind != "t":
            inbox.show(delivery, _old())
            return
        offer_form(inbox, delivery, forms.SORT_OUT, about.id)

    app.action(sla.WHAT)(what)
    app.action(sla.SEND)(send)
    app.action(triage.WHY)(why)
    app.action(triage.ESCALATE)(call)
    app.action(triage.SORT_OUT)(sort_out)


def _old() -> Answer:
    return Answer(
        "That button is out of date. Nothing changed. See `/tasks` for how things stand.", refused="OldButton"
    )
