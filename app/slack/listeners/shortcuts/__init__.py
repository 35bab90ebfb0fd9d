"""The shortcut that shows a person's own tasks from anywhere in Slack."""

import re
from typing import Any, Final

from slack_bolt import Ack, App

from app.slack import asked
from app.slack.listeners.commands.tasks import show_tasks
from app.slack.listeners.delivery import of_interaction
from app.slack.listeners.inbox import Inbox
from app.slack.views import modals

MY_TASKS: Final = "my_tasks"


def register(app: App, inbox: Inbox) -> None:
    """The shortcut, and one listener for shortcuts of former versions."""

    def my_tasks(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, wanted = of_interaction(body), asked.ShowTasks("mine")
        inbox.open(delivery, modals.shown(inbox.look(delivery, "tasks", lambda visit: show_tasks(visit, wanted))))

    def unknown(ack: Ack) -> None:
        ack()

    app.shortcut(MY_TASKS)(my_tasks)
    app.shortcut(re.compile(""))(unknown)
