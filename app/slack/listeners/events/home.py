"""Events that are answered or only seen: the app's home tab, mentions, the app's own end."""

import logging
from typing import Any

from slack_bolt import App

from app.slack.answer import Answer
from app.slack.listeners.delivery import of_event
from app.slack.listeners.inbox import Inbox
from app.slack.verbs import main_command

log = logging.getLogger("caseboard.slack")


def register(app: App, inbox: Inbox) -> None:
    """Their listeners."""

    def home_opened(body: dict[str, Any]) -> None:
        """The home tab shows the person's desk as of now."""
        delivery = of_event(body)
        if body.get("event", {}).get("tab", "home") == "home":
            inbox.publish_home(delivery)

    def mentioned(body: dict[str, Any]) -> None:
        """Commands change things, mentions do not: the person is told the difference, or why they cannot work here."""
        delivery = of_event(body)
        if delivery.channel_id is not None:
            words = f"I listen to commands. Start with `{main_command(inbox.commands)} help`."
            answer = inbox.look(delivery, "mention", lambda _: Answer(words))
            inbox.afterwards.whisper(delivery.team_id, delivery.channel_id, delivery.user_id, answer)

    def ended(body: dict[str, Any]) -> None:
        """Slack is asked whether the token is still good, which notes its end where it is not.

        The event by itself proves nothing: it may be about another token, or come after the app was installed anew.
        """
        log.error("%s: posts wait until the app is installed again", body.get("event", {}).get("type"))
        inbox.afterwards.call(of_event(body).team_id, "auth.test")

    app.event("app_home_opened")(home_opened)
    app.event("app_mention")(mentioned)
    app.event("tokens_revoked")(ended)
    app.event("app_uninstalled")(ended)
