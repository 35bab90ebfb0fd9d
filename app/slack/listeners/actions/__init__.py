"""Buttons. Their values are checked like any text from outside; what they do is what the verb of that name does."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from app.kernel.codes import BadCaseCode, CaseCode
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.actions import answers, deadlines, tasks
from app.slack.listeners.commands.tasks import show_tasks
from app.slack.listeners.delivery import Delivery, of_interaction, value_of
from app.slack.listeners.inbox import Inbox
from app.slack.views import blocks
from app.slack.views.modals import About

OLD = "That button is out of date. Nothing changed. See `/tasks` for how things stand."
Press = Callable[[Inbox, Delivery, int], None]


def register(app: App, inbox: Inbox) -> None:
    """A listener for each of our buttons, and one for those of former versions."""
    for action_id, kind, press in (
        (blocks.CLAIM, "t", tasks.claim),
        (blocks.DONE, "t", tasks.done),
        (blocks.HANDOFF, "t", tasks.handoff),
        (blocks.ACCEPT, "h", answers.accept),
        (blocks.DECLINE, "h", answers.decline),
    ):
        app.action(action_id)(_listener(inbox, kind, press))

    def list_tasks(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery = of_interaction(body)
        code = _code(value_of(body))
        if code is None:
            inbox.show(delivery, Answer(OLD, refused="OldButton"))
            return
        wanted = asked.ShowTasks(case=code)
        inbox.show(delivery, inbox.look(delivery, "tasks", lambda visit: show_tasks(visit, wanted)))

    def unknown(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        # A link's button is opened by Slack itself, and only reported.
        if not any(action.get("url") for action in body.get("actions", []) if isinstance(action, dict)):
            inbox.show(of_interaction(body), Answer(OLD, refused="OldButton"))

    app.action(blocks.TASKS)(list_tasks)
    deadlines.register(app, inbox)
    app.action(re.compile(""))(unknown)


def _listener(inbox: Inbox, kind: str, press: Press) -> Callable[[Ack, dict[str, Any]], None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery = of_interaction(body)
        about = About.read(value_of(body))
        if about is None or about.kind != kind:
            inbox.show(delivery, Answer(OLD, refused="OldButton"))
            return
        press(inbox, delivery, about.id)

    return listen


def _code(value: str) -> CaseCode | None:
    try:
        return CaseCode.parse(value.removeprefix("c:"))
    except BadCaseCode:
        return None
