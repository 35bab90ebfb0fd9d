"""The Bolt app: the same listeners for Socket Mode and for signed HTTP."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from slack_bolt import App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from app.log import log_failure
from app.settings import Settings
from app.slack import listeners
from app.slack.connections import Connections
from app.slack.homes import Homes
from app.slack.listeners.afterwards import TIMEOUT, Afterwards
from app.slack.listeners.inbox import Inbox
from app.slack.pacing import timing
from app.slack.verbs import COMMANDS, Verb
from app.store.uow import Store

_QUIET: Final = logging.getLogger("caseboard.slack.bolt")
_QUIET.setLevel(logging.ERROR)  # Bolt's warnings and debug lines hold parts of requests


@dataclass(frozen=True)
class Inbound:
    """Slack's inbound side: the Bolt app, and what answers after an acknowledgement. `close` it at the end."""

    app: App
    afterwards: Afterwards

    def close(self) -> None:
        """Wait for answers that are under way; call it after the last delivery was taken."""
        self.afterwards.close()


def build_app(
    settings: Settings,
    store: Store,
    *,
    commands: Mapping[str, Verb | None] = COMMANDS,
    afterwards: Afterwards | None = None,
) -> Inbound:
    """The app, ready to be given deliveries. Nothing is asked of Slack here, so it starts without a network.

    Requests are not verified by Bolt: Socket Mode needs none, and HTTP goes through `app.slack.guard` first.
    `commands` names the slash commands (`app.slack.verbs.COMMANDS`). `afterwards` says what is said after an
    acknowledgement; by default to Slack.
    """

    def authorize(**of: Any) -> AuthorizeResult:
        # Without a token: listeners have the one of the program that they act for, and a command must not wait for it.
        return AuthorizeResult(enterprise_id=of.get("enterprise_id"), team_id=of.get("team_id"), bot_token="")

    app = App(
        name="bolt-app",  # Bolt gives a logger of this name its own level, so it must be none of ours
        logger=_QUIET,
        # Listeners answer within one transaction; without this, Bolt polls for the acknowledgement.
        process_before_response=True,
        client=WebClient(base_url=settings.slack_api_url, timeout=TIMEOUT, retry_handlers=[], logger=_QUIET),
        authorize=authorize,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,  # it needs our user id; what we do ourselves changes nothing twice
        attaching_function_token_enabled=False,
    )
    connections = Connections.make(settings, store, timeout=TIMEOUT)
    afterwards = afterwards or Afterwards(connections)
    homes = Homes(store, connections, timing(settings.posts_per_second))
    inbox = Inbox(store, afterwards, homes, commands=commands)
    listeners.register(app, inbox)

    @app.error
    def failed(error: Exception) -> BoltResponse:
        """The edge of all requests; what reaches it was not foreseen."""
        log_failure("a request", error)
        return BoltResponse(status=500)

    return Inbound(app, afterwards)
