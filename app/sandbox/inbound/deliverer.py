"""Delivers to the app and waits for its acknowledgement; sends events again that were not acknowledged."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode
from uuid import uuid4

import h11

from app.sandbox.api.dispatch import ANSWER_KEPT, short
from app.sandbox.inbound import http_out, payloads
from app.sandbox.inbound.sockets import SocketLostError, Sockets
from app.sandbox.jsontypes import JsonObject, as_object, as_text, dumps, loads
from app.sandbox.world import World

log = logging.getLogger("sandbox")

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True)
class Ack:
    """How a delivery went.

    `error` is empty when it was acknowledged, else Slack's words for it: `operation_timeout` or
    `dispatch_failed`. `retry_reason` is how a second attempt of an event names it.
    """

    body: JsonObject = field(default_factory=dict)
    error: str = ""
    retry_reason: str = ""
    ms: float = 0.0
    no_retry: bool = False


class Deliverer:
    """A connected socket wins; otherwise HTTP, when there is a request URL."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sockets = Sockets()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def in_flight(self) -> int:
        """Events that are under way, or wait for their next attempt."""
        return len(self._tasks)

    def event(self, inner: JsonObject) -> None:
        """Send an event, without waiting for it."""
        task = asyncio.get_running_loop().create_task(self._event(payloads.event(self._world, inner)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()

    async def _event(self, payload: JsonObject) -> None:
        ack = await self.send("events_api", payload)
        for attempt, delay in enumerate(self._world.settings.retry_delays, start=1):
            if not ack.error or ack.no_retry:
                return
            await asyncio.sleep(delay)
            ack = await self.send("events_api", payload, attempt=attempt, reason=ack.retry_reason)

    async def send(self, kind: Kind, payload: JsonObject, *, attempt: int = 0, reason: str = "") -> Ack:
        """Deliver once, and write it into the ledger."""
        started = time.perf_counter()
        id_ = str(uuid4())
        via = "none"
        if self.sockets.open():
            via = "socket"
            ack = await self._over_socket(id_, kind, payload, attempt, reason)
        elif self._world.settings.request_url:
            via = "http"
            ack = await self._over_http(kind, payload, attempt, reason)
        else:
            ack = Ack(error="dispatch_failed", retry_reason="connection_failed")
        ms = round((time.perf_counter() - started) * 1000, 3)
        entry: JsonObject = {
            "type": kind,
            "id": as_text(payload.get("event_id"), id_),
            "via": via,
            "attempt": attempt,
            "request": _kept(payload),
            "applied": not ack.error,
            "fault": ack.error or None,
            "answer": ack.body,
            "ms": ms,
        }
        self._world.ledger.write("delivery", entry)
        self._world.ledger.flush()
        return Ack(ack.body, ack.error, ack.retry_reason, ms, ack.no_retry)

    async def _over_socket(self, id_: str, kind: Kind, payload: JsonObject, attempt: int, reason: str) -> Ack:
        envelope: JsonObject = {
            "envelope_id": id_,
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        try:
            body = await self.sockets.deliver(envelope, self._world.settings.ack_timeout)
        except TimeoutError:
            return Ack(error="operation_timeout", retry_reason="timeout")
        except SocketLostError:
            return Ack(error="dispatch_failed", retry_reason="connection_failed")
        return Ack(body)

    async def _over_http(self, kind: Kind, payload: JsonObject, attempt: int, reason: str) -> Ack:
        settings = self._world.settings
        content_type, body = _encoded(kind, payload)
        headers = http_out.signed(self._world.secrets.signing_secret, body)
        if attempt:
            headers += [("X-Slack-Retry-Num", str(attempt)), ("X-Slack-Retry-Reason", reason)]
        try:
            async with asyncio.timeout(settings.ack_timeout):
                answer = await http_out.post(settings.request_url, content_type, body, headers)
        except TimeoutError:
            return Ack(error="operation_timeout", retry_reason="http_timeout")
        except (OSError, h11.RemoteProtocolError) as error:
            log.info("delivery to %s failed: %s", settings.request_url, error)
            return Ack(error="dispatch_failed", retry_reason="connection_failed")
        if not 200 <= answer.status < 300:
            no_retry = answer.headers.get("x-slack-no-retry") == "1"
            body_kept: JsonObject = {
                "status": answer.status,
                "body": answer.body[:500].decode("utf-8", "replace"),
            }
            return Ack(body_kept, "dispatch_failed", "http_error", no_retry=no_retry)
        return Ack(_decoded(answer))


def _kept(payload: JsonObject) -> JsonObject:
    """A payload as the ledger keeps it; of a long one, still what event it was, and where."""
    found = short(payload)
    if found is payload:
        return found
    inner = {key: as_object(payload.get(key)) for key in ("event", "channel")}
    return found | {key: short(given, ANSWER_KEPT + 1) for key, given in inner.items() if given}


def _encoded(kind: Kind, payload: JsonObject) -> tuple[str, bytes]:
    form = "application/x-www-form-urlencoded"
    if kind == "slash_commands":
        return form, urlencode({key: str(value) for key, value in payload.items()}).encode()
    if kind == "interactive":
        return form, urlencode({"payload": dumps(payload)}).encode()
    return "application/json", dumps(payload).encode()


def _decoded(answer: http_out.HttpAnswer) -> JsonObject:
    """The body of an acknowledgement: JSON, or plain text that is shown as it is."""
    text = answer.body.decode("utf-8", "replace")
    if answer.headers.get("content-type", "").startswith("application/json") and text.strip():
        try:
            return as_object(loads(text))
        except ValueError:
            return {"text": text}
    return {"text": text} if text.strip() else {}
