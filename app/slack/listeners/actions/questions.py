"""The buttons of questions: answer with a choice or in words, not for me, take back; and the shortcut to ask."""

import re
from typing import Any

from slack_bolt import Ack, App

from app.questions import service
from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery, of_interaction, value_of
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import questions as forms
from app.slack.listeners.views.form import offer_form
from app.slack.views import questions, replies

OLD = "That button is out of date. Nothing changed. See `/cb digest` for the questions that wait for you."
_CHOICE = re.compile(r"q:(\d{1,18}) (\d)\Z", re.ASCII)


def register(app: App, inbox: Inbox) -> None:
    """The listener of the choices; those of the other buttons are registered with their like."""

    def choose(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, found = of_interaction(body), _CHOICE.match(value_of(body))
        if found is None:
            inbox.show(delivery, Answer(OLD, refused="OldButton"))
            return
        question_id, number = int(found[1]), int(found[2])

        def work(visit: Visit) -> Answer:
            return replies.said(service.choose(visit.uow, visit.actor, question_id, number).said)

        inbox.show(delivery, inbox.change(delivery, "answer", work))

    app.action(re.compile(f"^{questions.CHOOSE}"))(choose)


def answer(inbox: Inbox, delivery: Delivery, question_id: int) -> None:
    """Ask for the answer in words."""
    offer_form(inbox, delivery, forms.ANSWER, question_id)


def pass_on(inbox: Inbox, delivery: Delivery, question_id: int) -> None:
    """Ask whom to ask instead."""
    offer_form(inbox, delivery, forms.NOT_MINE, question_id)


def take_back(inbox: Inbox, delivery: Delivery, question_id: int) -> None:
    """Take the question back."""

    def work(visit: Visit) -> Answer:
        return replies.said(service.take_back(visit.uow, visit.actor, question_id).said)

    inbox.show(delivery, inbox.change(delivery, "take_back", work))


def ask_about(inbox: Inbox, delivery: Delivery, task_id: int) -> None:
    """Ask for a question about a task."""
    offer_form(inbox, delivery, forms.ASK_TASK, task_id)
