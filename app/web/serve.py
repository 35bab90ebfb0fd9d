"""The web process: Socket Mode where there is an app token, signed HTTP where there is a signing secret."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app.settings import Settings
from app.slack.app import build_app
from app.slack.socket_mode import SocketMode
from app.store.uow import Store
from app.web.app import build_web
from app.web.server import LOOPBACK, CannotListen, Server

log = logging.getLogger("caseboard.web")


class NoWayIn(RuntimeError):
    """Neither Socket Mode nor signed HTTP is set up, so nothing from Slack could arrive."""


@contextmanager
def serving(settings: Settings, store: Store, *, host: str = LOOPBACK) -> Iterator[int | None]:
    """Serve until the block ends; yields the HTTP port. Ends in order: take nothing more, finish, answer.

    With Socket Mode the HTTP server is for the health check, and a port that is taken is no reason not to work:
    the port is then None. Raises `NoWayIn`, and without Socket Mode `CannotListen`.
    """
    token, secret = settings.slack_app_token, settings.slack_signing_secret
    if token is None and secret is None:
        raise NoWayIn(
            "Set SLACK_APP_TOKEN to work over Socket Mode, or SLACK_SIGNING_SECRET to be reached over HTTP at PORT."
        )
    with ExitStack() as stack:
        inbound = build_app(settings, store)
        stack.callback(inbound.close)
        port: int | None = None
        try:
            server = stack.enter_context(Server(build_web(settings, store, inbound), host=host, port=settings.port))
            port = server.port
            log.info("listening at http://%s:%s/", host, port)
        except CannotListen as error:
            if token is None:
                raise
            log.warning("no health check over HTTP: %s", error)
        if token is not None:
            connection = SocketMode(inbound, token.get_secret_value(), settings.slack_api_url)
            stack.callback(connection.close)
            connection.start()
        yield port
