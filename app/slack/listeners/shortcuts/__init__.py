"""Shortcuts: five from anywhere in Slack, five on a message of ours, whose tasks are found by its name alone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from slack_bolt import Ack, App

from app.cases.models import Case
from app.refusals import Refusal
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.actions import questions
from app.slack.listeners.actions import tasks as press
from app.slack.listeners.commands.cases import case_answer
from app.slack.listeners.commands.tasks import claim_next, desk_tasks, task_answer, these_tasks
from app.slack.listeners.delivery import Body, Delivery, of_interaction
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import cases as forms
from app.slack.listeners.views.form import offer_form
from app.tasks.queries import tasks_of_post


@dataclass(frozen=True)
class Shortcut:
    """A shortcut as the manifest lists it; `on_message` where it is used on a message."""

    name: str
    does: str
    on_message: bool = False


MY_TASKS: Final = "my_tasks"
CLAIM_NEXT: Final = "claim_next"
FREE_TASKS: Final = "free_tasks"
OPEN_CASE: Final = "open_case"
SET_DATE: Final = "set_date"
CLAIM: Final = "claim_task"
DONE: Final = "done_task"
HANDOFF: Final = "handoff_task"
MORE: Final = "more_task"
ASK: Final = "ask_about_task"
SHORTCUTS: Final[Mapping[str, Shortcut]] = {
    MY_TASKS: Shortcut("My tasks", "Your open tasks, the most urgent first"),
    CLAIM_NEXT: Shortcut("Claim the next task", "Take the most urgent task that is free for you"),
    FREE_TASKS: Shortcut("Tasks free for me", "What you could claim, the most urgent first"),
    OPEN_CASE: Shortcut("Open a case", "It gets a code and a channel of its own"),
    SET_DATE: Shortcut("Set a key date", "Every deadline that hangs on it moves at once"),
    CLAIM: Shortcut("Claim this task", "Take the task that this message is about", on_message=True),
    DONE: Shortcut("Done with this task", "Finish the task that this message is about", on_message=True),
    HANDOFF: Shortcut("Hand off this task", "Offer the task that this message is about", on_message=True),
    ASK: Shortcut("Ask about this task", "Put a question to a person, with a time to answer", on_message=True),
    MORE: Shortcut("More about this task", "Everything that you can do with it", on_message=True),
}
"""By callback id, in the order of the manifest. Slack allows ten, five of them on messages (its manifest reference)."""


_TS: Final = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}", re.ASCII)


class NoTaskHere(Refusal):
    """A message that is about no task."""


_ON_MESSAGE: Final[Mapping[str, Callable[[Inbox, Delivery, int], None] | None]] = {
    CLAIM: press.claim, DONE: press.done, HANDOFF: press.handoff, ASK: questions.ask_about, MORE: None,
}  # fmt: skip


def register(app: App, inbox: Inbox) -> None:
    """The shortcuts, and one listener for those of former versions."""

    def listed(wanted: asked.ShowTasks) -> Callable[[Inbox, Delivery], None]:
        def show(inbox: Inbox, delivery: Delivery) -> None:
            inbox.show(delivery, inbox.look(delivery, "tasks", lambda visit: desk_tasks(visit, wanted)))

        return show

    for callback, do in {
        MY_TASKS: listed(asked.ShowTasks("mine")),
        FREE_TASKS: listed(asked.ShowTasks("free")),
        CLAIM_NEXT: _claim_next,
        OPEN_CASE: lambda inbox, delivery: offer_form(inbox, delivery, forms.OPEN, 0),
        SET_DATE: lambda inbox, delivery: offer_form(inbox, delivery, forms.DATE, 0),
    }.items():
        app.shortcut({"type": "shortcut", "callback_id": callback})(_anywhere(inbox, do))
    for callback, act in _ON_MESSAGE.items():
        app.shortcut({"type": "message_action", "callback_id": callback})(_on_message(inbox, act))

    def unknown(ack: Ack) -> None:
        ack()

    app.shortcut(re.compile(""))(unknown)


def _claim_next(inbox: Inbox, delivery: Delivery) -> None:
    inbox.show(delivery, inbox.change(delivery, "claimnext", lambda visit: claim_next(visit, asked.ClaimNext())))


def _anywhere(inbox: Inbox, do: Callable[[Inbox, Delivery], None]) -> Callable[[Ack, dict[str, Any]], None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        do(inbox, of_interaction(body))

    return listen


def _on_message(
    inbox: Inbox, act: Callable[[Inbox, Delivery, int], None] | None
) -> Callable[[Ack, dict[str, Any]], None]:
    """Act on the one task of the message; where it has several, or for `More`, show them with their buttons."""

    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, ts = of_interaction(body), _ts(body)
        found: list[int] = []

        def look(visit: Visit) -> Answer:
            posted = tasks_of_post(visit.uow.session, visit.actor.program_id, delivery.channel_id or "", ts)
            if posted is None:
                raise NoTaskHere(
                    "That message is none of mine. Nothing changed. Use this on a message of mine about a task."
                )
            if posted.card_of is not None:
                return case_answer(visit, visit.uow.session.get_one(Case, posted.card_of))
            if not posted.tasks:
                raise NoTaskHere(
                    "That message is about no task of its own. Nothing changed. See `/tasks` for how things stand."
                )
            found.extend(posted.tasks)
            if len(posted.tasks) == 1:
                return task_answer(visit, posted.tasks[0])
            return these_tasks(visit, posted.tasks)

        answer = inbox.look(delivery, "message", look)
        if act is not None and len(found) == 1 and not answer.refused:
            act(inbox, delivery, found[0])
        else:
            inbox.show(delivery, answer)

    return listen


def _ts(body: Body) -> str:
    """The message's name: as it is said of the shortcut, or else as the message itself bears it."""
    message = body.get("message")
    found = body.get("message_ts") or (message.get("ts") if isinstance(message, Mapping) else "")
    return found if isinstance(found, str) and _TS.fullmatch(found) else ""
