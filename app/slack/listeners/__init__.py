"""What Slack sends, one folder for each kind."""

from slack_bolt import App

from app.slack.listeners import actions, commands, events, shortcuts, views
from app.slack.listeners.inbox import Inbox


def register(app: App, inbox: Inbox) -> None:
    """All listeners; the same over Socket Mode and HTTP."""
    for kind in (commands, actions, views, events, shortcuts):
        kind.register(app, inbox)
