"""The Bolt app: the same listeners for Socket Mode and for signed HTTP."""

import logging

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from app.settings import Settings
from app.slack.gateway import Gateway
from app.slack.listeners import commands
from app.slack.listeners.afterwards import Afterwards
from app.slack.listeners.inbox import Inbox
from app.slack.verbs import COMMANDS
from app.store.uow import Store

_SILENT = logging.getLogger("caseboard.slack.bolt")
_SILENT.setLevel(logging.CRITICAL + 1)  # Bolt logs payloads; what people type must not be kept


def build_app(settings: Settings, store: Store) -> App:
    """The app with every listener. Listeners acknowledge when their one transaction is done.

    Signatures are checked before Bolt (`app.slack.guard`), so Bolt does not check them again.
    """
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    client = WebClient(token=token, base_url=settings.slack_api_url, retry_handlers=[], logger=_SILENT)
    app = App(
        client=client,
        logger=_SILENT,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=True,
        ignoring_self_events_enabled=True,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token),
    )
    inbox = Inbox(
        store,
        Afterwards(Gateway(token, settings.slack_api_url)),
        base_url=settings.base_url,
        commands=COMMANDS,
    )
    commands.register(app, inbox)
    return app
