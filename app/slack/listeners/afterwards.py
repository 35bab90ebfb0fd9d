"""What is said to Slack after a delivery was acknowledged: answers to buttons, modals to open."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, Final

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from app.notices.outcomes import NotSent
from app.slack.answer import Answer
from app.slack.connections import Connections

log = logging.getLogger("caseboard.slack")
TIMEOUT: Final = 3
"""Seconds: a trigger lives no longer, and nobody waits longer for an answer."""
MOST_WAITING: Final = 500
_SILENT = logging.getLogger("caseboard.slack.sdk")


class Afterwards:
    """A few threads that answer at response URLs and open modals, so that no acknowledgement waits for Slack.

    What fails is logged and dropped: these answers are for the moment, and the change itself is committed and on
    the card. `close` waits for what is under way.
    """

    def __init__(self, connections: Connections, *, threads: int = 4) -> None:
        self._connections = connections
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="caseboard-answer")
        self._room = BoundedSemaphore(MOST_WAITING)

    def respond(self, url: str, answer: Answer, *, replace: bool = False) -> None:
        """Show an answer to the person alone, where they pressed the button, or in place of what they pressed on."""
        message: dict[str, Any] = {
            "text": answer.text,
            "response_type": "ephemeral",
            "replace_original": replace,
        }
        if answer.blocks:
            message["blocks"] = list(answer.blocks)
        self.soon("an answer", lambda: _post(url, message))

    def whisper(self, team: str, channel: str, user: str, answer: Answer) -> None:
        """Show an answer to one person in a channel, where there is no response URL."""
        self.call(
            team,
            "chat.postEphemeral",
            channel=channel,
            user=user,
            text=answer.text,
            blocks=list(answer.blocks) or None,
        )

    def call(self, team: str, method: str, **arguments: object) -> None:
        """Any call of the Web API in a workspace, later."""
        self.soon(method, lambda: self._connections.of_team(team).call(method, **arguments))

    def soon(self, what: str, work: Callable[[], object]) -> None:
        """Do something later, in one of the threads; dropped when too much waits."""
        if not self._room.acquire(blocking=False):
            log.warning("%s was dropped: too much waits for Slack", what)
            return
        try:
            self._pool.submit(self._run, what, work)
        except RuntimeError:  # closed already
            self._room.release()

    def close(self) -> None:
        """Take nothing more, and wait for what is under way."""
        self._pool.shutdown(wait=True)

    def _run(self, what: str, work: Callable[[], object]) -> None:
        try:
            work()
        except NotSent as error:
            log.warning("%s was not shown: %s", what, error)
        except Exception as error:  # noqa: BLE001 - the edge of a thread; nobody else would see it
            log.error("%s failed: %s", what, type(error).__name__)
        finally:
            self._room.release()


def _post(url: str, message: dict[str, Any]) -> None:
    try:
        sent = WebhookClient(url, timeout=TIMEOUT, logger=_SILENT, retry_handlers=[]).send_dict(message)
    except (OSError, SlackClientError) as error:
        log.warning("an answer was not shown: %s", type(error).__name__)
        return
    if sent.status_code != 200:
        log.warning("an answer was not shown: HTTP %s", sent.status_code)
