"""Events. Each has a listener, since Slack repeats what is not acknowledged; each says why if it has no effect."""

import re
from collections.abc import Callable
from typing import Any, Final

from slack_bolt import App, BoltResponse

from app.slack.listeners.delivery import of_event
from app.slack.listeners.events import channels, home, people
from app.slack.listeners.inbox import Inbox, News

Listener = Callable[[dict[str, Any]], BoltResponse | None]

CHANGES: Final[dict[str, Callable[[News], None]]] = {
    "channel_archive": channels.archived,
    "group_archive": channels.archived,
    "channel_unarchive": channels.unarchived,
    "group_unarchive": channels.unarchived,
    "channel_deleted": channels.gone,
    "group_deleted": channels.gone,
    "channel_left": channels.gone,
    "group_left": channels.gone,
    "channel_rename": channels.renamed,
    "group_rename": channels.renamed,
    "channel_id_changed": channels.moved,
    "member_left_channel": channels.member_left,
    "member_joined_channel": channels.member_joined,
    "user_change": people.changed,
    "team_join": people.joined,
}
"""Events that change something here, each once."""


def register(app: App, inbox: Inbox) -> None:
    """A listener for each event that changes something, and for those that are only seen."""
    for name, handler in CHANGES.items():
        app.event(name)(_listener(inbox, name, handler))
    home.register(app, inbox)

    def nothing() -> None:
        """Acknowledged so that it is not repeated: not an event that we ask for (a former manifest may)."""

    app.event(re.compile(""))(nothing)


def _listener(inbox: Inbox, name: str, handler: Callable[[News], None]) -> Listener:
    def listen(body: dict[str, Any]) -> BoltResponse | None:
        # Not acknowledged when it failed: Slack sends it again.
        return None if inbox.hear(of_event(body), name, body, handler) else BoltResponse(status=500)

    return listen
