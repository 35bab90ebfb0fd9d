"""The HTTP side of Slack: requests are checked, then handled in threads, never on the event loop."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from slack_bolt import BoltRequest, BoltResponse
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.log import log_failure
from app.slack.app import Inbound
from app.slack.guard import LARGEST, Guard, TurnedAway

log = logging.getLogger("caseboard.web")
THREADS: Final = 16
"""Deliveries handled at a time in a process: each holds a database connection for some milliseconds."""
READ_SECONDS: Final = 10.0
"""How long a request may take to arrive; Slack gives up after 3."""
PATHS: Final = ("/slack/events", "/slack/commands", "/slack/interactivity")


class SlackRequests:
    """Takes what Slack posts. All paths take everything, so that a manifest may name one or three."""

    def __init__(self, inbound: Inbound, guard: Guard) -> None:
        self._inbound = inbound
        self._guard = guard
        self._threads = CapacityLimiter(THREADS)

    def routes(self) -> list[Route]:
        """Its routes."""
        return [Route(path, self.take, methods=["POST"]) for path in PATHS]

    async def take(self, request: Request) -> Response:
        """Check a request and handle it. What is turned away is told why in a word, and nothing of it is logged."""
        headers = dict(request.headers.items())
        try:
            self._guard.before_body(headers)
            body = await _read(request)
            text = self._guard.check(headers, body)
        except TurnedAway as error:
            log.info("a request was turned away: %s", error)
            return PlainTextResponse(f"{error}\n", status_code=error.status)
        except ClientDisconnect:
            return PlainTextResponse("", status_code=400)
        answer = await to_thread.run_sync(self._dispatch, text, headers, limiter=self._threads)
        if answer.status >= 500:
            self._guard.release(headers)
        return _response(answer)

    def _dispatch(self, text: str, headers: dict[str, str]) -> BoltResponse:
        try:
            wanted = BoltRequest(body=text, headers={name: [value] for name, value in headers.items()})
        except (ValueError, TypeError, AttributeError):  # a signed body that is neither a form nor JSON
            return BoltResponse(status=400, body="the body cannot be read\n")
        if not _has_shape(wanted.body):
            return BoltResponse(status=400, body="the body is not one of Slack's\n")
        try:
            return self._inbound.app.dispatch(wanted)
        except Exception as error:  # noqa: BLE001 - the edge of a request
            log_failure("a request", error)
            return BoltResponse(status=500)


def _has_shape(body: Mapping[str, Any]) -> bool:
    """Whether the parts that Bolt looks at without checking are what it takes them for."""
    event = body.get("event", {"type": ""})
    return isinstance(event, Mapping) and isinstance(event.get("type"), str) and isinstance(body.get("type", ""), str)


async def _read(request: Request) -> bytes:
    """The body, given up as soon as it is too large or too slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > LARGEST:
                    raise TurnedAway(413, "the body is too large")
    except TimeoutError:
        raise TurnedAway(408, "the body did not arrive in time") from None
    return bytes(body)


def _response(answer: BoltResponse) -> Response:
    response = Response(answer.body, status_code=answer.status)
    for name, values in answer.headers.items():
        for value in values:
            response.headers.append(name, value)
    return response
