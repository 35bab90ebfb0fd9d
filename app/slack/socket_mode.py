"""Socket Mode: deliveries over a connection that we open, for installations that Slack cannot reach."""

import logging
import socket
import threading
from typing import Any, Final

from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from app.log import log_failure
from app.slack.app import Inbound

log = logging.getLogger("caseboard.slack")
PING: Final = 5
"""Seconds between pings; a server that is silent for four of them is given up, and connected to anew."""
THREADS: Final = 16
GRACE: Final = 5
"""Seconds that deliveries under way have to be acknowledged, when we stop."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
_QUIET: Final = logging.getLogger("caseboard.slack.bolt")


class SocketMode:
    """Holds the connection, however often it breaks; at the start too, so that no network is needed to begin.

    `close` waits for listeners that are at work.
    """

    def __init__(self, inbound: Inbound, app_token: str, api_url: str) -> None:
        client = WebClient(base_url=api_url, timeout=10, retry_handlers=[], logger=_QUIET)
        self._handler = _Counting(
            inbound.app, app_token, logger=_QUIET, web_client=client, ping_interval=PING, concurrency=THREADS
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._connect, name="caseboard-socket-mode", daemon=True)

    def start(self) -> None:
        """Connect, in a thread of its own."""
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return bool(self._handler.client.is_connected())

    def close(self) -> None:
        """Acknowledge what was taken, and disconnect."""
        self._stop.set()
        self._thread.join(LONGEST_PAUSE)
        self._handler.rest(GRACE)
        client = self._handler.client
        client.auto_reconnect_enabled = False
        session = client.current_session
        if session is not None and session.sock is not None:
            try:
                # Wakes the thread that reads, which would else wait out its three seconds.
                session.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("the connection was gone already")
        # And the one that waits a second for each message to deal with; an empty one is none.
        client.closed = True
        client.message_queue.put("")
        self._handler.close()  # type: ignore[no-untyped-call]

    def _connect(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                self._handler.connect()  # type: ignore[no-untyped-call]
            except SlackApiError as error:
                log.error("Slack refuses Socket Mode: %s. Check SLACK_APP_TOKEN.", error.response.get("error"))
            except (OSError, SlackClientError) as error:
                log.warning("no connection to Slack yet (%s)", type(error).__name__)
            else:
                # From here on the client itself looks after the connection.
                log.info("Socket Mode has begun")
                return
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


class _Counting(SocketModeHandler):
    """Knows how many deliveries are under way."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self._under_way = 0
        self._changed = threading.Condition()
        super().__init__(*given, **named)

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        with self._changed:
            self._under_way += 1
        try:
            super().handle(client, req)
        except Exception as error:  # noqa: BLE001 - the edge of a delivery that Bolt cannot read; the next one comes
            log_failure("a delivery", error)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def rest(self, seconds: float) -> None:
        """Wait until nothing is under way, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, seconds)
