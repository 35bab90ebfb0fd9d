"""Taking what Slack sends: over Socket Mode when there is an app token."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from slack_bolt.adapter.socket_mode import SocketModeHandler

from app.settings import Settings
from app.slack.app import build_app
from app.store.uow import Store

log = logging.getLogger("caseboard.web")


@contextmanager
def serving(settings: Settings, store: Store) -> Iterator[None]:
    """Serve until the block ends."""
    if settings.slack_app_token is None:
        raise RuntimeError("SLACK_APP_TOKEN is not set: set it to take commands over Socket Mode.")
    inbound = build_app(settings, store)
    handler = SocketModeHandler(inbound.app, settings.slack_app_token.get_secret_value(), ping_interval=10)
    handler.connect()  # type: ignore[no-untyped-call]
    log.info("connected to Slack over Socket Mode")
    try:
        yield
    finally:
        handler.close()  # type: ignore[no-untyped-call]
        inbound.close()
