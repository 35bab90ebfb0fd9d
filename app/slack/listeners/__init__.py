"""What Slack sends, one folder for each kind."""

from slack_bolt import App

from app.slack.listeners import actions, events, shortcuts, views
from app.slack.listeners.commands import slash
from app.slack.listeners.inbox import Inbox


def register(app: App, inbox: Inbox) -> None:
    """All listeners; the same over Socket Mode and HTTP."""
    for kind in (slash, actions, views, events, shortcuts):
        kind.register(app, inbox)
