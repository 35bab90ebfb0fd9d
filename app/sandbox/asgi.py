"""The sandbox as an ASGI application: Web API, response URLs, upload URLs, Socket Mode; the rest goes to Starlette.

The Web API is answered before any routing, as it carries nearly all of the load.
"""

import asyncio
import contextlib
import logging
import socket
import struct
import time

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from app.sandbox import uploads
from app.sandbox.api import dispatch
from app.sandbox.api.dispatch import Answer, Request
from app.sandbox.errors import SlackError
from app.sandbox.faults import Fault
from app.sandbox.inbound import responses
from app.sandbox.inbound.deliverer import Deliverer
from app.sandbox.inbound.http_out import LOOPBACK
from app.sandbox.jsontypes import JsonObject, as_object, dumps, loads
from app.sandbox.world import World

log = logging.getLogger("sandbox")

MOST_BODY = 4_000_000
"""Longer request bodies are refused; Slack's own bound is lower for everything that the sandbox takes."""


class SandboxApp:
    """Routes by the first part of the path, and refuses requests that name another host."""

    def __init__(self, world: World, deliverer: Deliverer, rest: Starlette) -> None:
        self._world = world
        self._deliverer = deliverer
        self._rest: ASGIApp = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or hold one connection."""
        path: str = scope.get("path", "")
        if scope["type"] == "websocket":
            await self._websocket(path, scope, receive, send)
        elif scope["type"] != "http":
            await self._rest(scope, receive, send)
        elif not _is_local(scope):
            # A page of another site that resolves its own name to this machine names itself here.
            await _send(
                send,
                Answer(status=403, body=b"The sandbox answers to 127.0.0.1 only.", content_type="text/plain"),
            )
        elif path.startswith("/api/"):
            await self._api(path[5:], scope, receive, send)
        elif path.startswith("/hooks/"):
            await self._hook(path[7:], scope, receive, send)
        elif path.startswith("/upload/v1/") and scope["method"] == "POST":
            await self._upload(path[11:], scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    async def _websocket(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        connection = WebSocket(scope, receive, send)
        ticket = connection.query_params.get("ticket", "")
        if path.rstrip("/") != "/link" or not _is_local(scope) or ticket not in self._world.tickets:
            await connection.close(1008)
            return
        self._world.tickets.remove(ticket)
        await self._deliverer.sockets.serve(connection, self._world.workspace.team.app_id)

    async def _api(self, method: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        headers = _headers(scope)
        request = Request(
            method=method,
            content_type=headers.get("content-type", ""),
            authorization=headers.get("authorization", ""),
            query=scope["query_string"].decode("latin-1"),
            body=body,
        )
        began = time.perf_counter()
        fault = await self._fault(method)
        await _finish(dispatch.answer(self._world, request, fault, began), scope, receive, send)

    async def _hook(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        fault = await self._fault("response_url")
        await _finish(self._hook_answer(token, body, fault), scope, receive, send)

    async def _upload(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive, uploads.MOST_BODY)
        fault = await self._fault(uploads.METHOD)
        given = await uploads.content(_headers(scope).get("content-type", ""), body)
        await _finish(uploads.answer(self._world, token, given, fault), scope, receive, send)

    async def _fault(self, method: str) -> Fault | None:
        """The fault that a request meets; a slow one has taken its time already."""
        fault = self._world.faults.draw(method)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(float(fault.detail))
        return fault

    def _hook_answer(self, token: str, body: bytes, fault: Fault | None) -> Answer:
        before = fault is not None and fault.is_before
        status, answer = 200, JsonObject(ok=True)
        if not before:
            status, answer = self._use_hook(token, body)
        entry: JsonObject = {
            "method": "response_url",
            "actor": self._world.workspace.team.bot_user,
            "request": {"url": f"/hooks/{token}", "body": body.decode("utf-8", "backslashreplace")},
            "applied": not before and status == 200,
            "fault": fault.name if fault is not None else None,
            "status": status,
            "answer": answer,
        }
        self._world.ledger.write("call", entry)
        self._world.ledger.flush()
        if fault is not None and fault.kind != "slow":
            return dispatch.faulty(fault)
        words = b"ok" if status == 200 else dumps(answer).encode()
        return Answer(status=status, body=words, content_type="text/html" if status == 200 else "application/json")

    def _use_hook(self, token: str, body: bytes) -> tuple[int, JsonObject]:
        try:
            given = as_object(loads(body))
        except ValueError:
            return 400, {"ok": False, "error": "invalid_payload"}
        try:
            hook = self._world.response_urls.use(token)
            hook.posts.append(responses.post(self._world, hook, given))
        except SlackError as error:
            gone = error.code in ("expired_url", "used_url", "channel_not_found")
            return 404 if gone else 400, {"ok": False, "error": error.code}
        hook.first.set()
        return 200, {"ok": True}


def _is_local(scope: Scope) -> bool:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name.strip("[]") in LOOPBACK


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(receive: Receive, most: int = MOST_BODY) -> bytes:
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(parts)
        parts += message.get("body", b"")
        if len(parts) > most or not message.get("more_body"):
            return bytes(parts[:most])


async def _finish(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    if answer.ending == "answer":
        await _send(send, answer)
        return
    if answer.ending == "reset":
        _reset(scope)
    # A hanging call ends when the app, or the sandbox, gives the connection up.
    while (await receive())["type"] != "http.disconnect":
        pass


def _reset(scope: Scope) -> None:
    """Break the connection so that the app's side reads "connection reset by peer"."""
    transport = scope["state"]["transport"]
    with contextlib.suppress(OSError):
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _send(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in answer.headers),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
