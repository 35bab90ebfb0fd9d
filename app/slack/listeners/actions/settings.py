"""Choosing a person in the settings."""

from typing import Any

from slack_bolt import Ack, App

from app.slack.answer import Answer
from app.slack.listeners.delivery import of_interaction, value_of
from app.slack.listeners.inbox import Inbox
from app.slack.listeners.views import settings as forms
from app.slack.listeners.views.form import offer_form
from app.slack.views import settings as view
from app.slack.views.modals import About

OLD = "That menu is out of date. Nothing changed. Open the settings anew."


def register(app: App, inbox: Inbox) -> None:
    """A listener for the menu of people."""

    def pick(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, about = of_interaction(body), About.read(value_of(body))
        if about is None or about.kind != "s":
            inbox.show(delivery, Answer(OLD, refused="OldButton"))
            return
        offer_form(inbox, delivery, forms.PERSON, about.id)

    app.action(view.PICK)(pick)
