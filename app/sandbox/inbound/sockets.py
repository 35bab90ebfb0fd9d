"""Socket Mode: the app's WebSocket connections, and the envelopes that wait for their acknowledgement."""

import asyncio
import logging
from dataclasses import dataclass, field
from uuid import uuid4

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.sandbox.jsontypes import JsonObject, as_object, as_text, dumps, loads

log = logging.getLogger("sandbox")

MOST_CONNECTIONS = 10
"""An app has at most this many at a time (Slack's page on Socket Mode)."""

DISCONNECT_REASONS = ("warning", "refresh_requested")
"""Why Slack asks an app to connect anew: the connection ends in some ten seconds, or at once."""

CONNECTION_SECONDS = 3600
"""How long Slack's hello says that a connection will live, roughly; the sandbox closes none by itself."""


class SocketLostError(ConnectionError):
    """The connection went away before the envelope was acknowledged."""


@dataclass(slots=True, eq=False)
class Connection:
    """One connection of the app. `draining` ones get no new envelopes."""

    id: str
    socket: WebSocket
    draining: bool = False
    waiting: dict[str, asyncio.Future[JsonObject]] = field(default_factory=dict)


class Sockets:
    """All connections; envelopes go to them in turn."""

    def __init__(self) -> None:
        self._connections: list[Connection] = []
        self._turn = 0

    def open(self) -> list[Connection]:
        """The connections that take envelopes."""
        return [connection for connection in self._connections if not connection.draining]

    async def serve(self, socket: WebSocket, app_id: str) -> None:
        """Hold one connection, from its hello until it goes."""
        await socket.accept()
        connection = Connection(str(uuid4()), socket)
        if len(self.open()) >= MOST_CONNECTIONS:
            await socket.send_text(dumps(_disconnect("too_many_websockets")))
            await socket.close(1000)
            return
        self._connections.append(connection)
        hello: JsonObject = {
            "type": "hello",
            "num_connections": len(self.open()),
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": CONNECTION_SECONDS,
            },
            "connection_info": {"app_id": app_id},
        }
        try:
            await socket.send_text(dumps(hello))
            while True:
                self._received(connection, await socket.receive_text())
        except WebSocketDisconnect:
            log.debug("socket %s closed by the app", connection.id)
        finally:
            self._connections.remove(connection)
            for future in connection.waiting.values():
                if not future.done():
                    future.set_exception(SocketLostError("the app's connection was lost"))

    @staticmethod
    def _received(connection: Connection, text: str) -> None:
        try:
            frame = as_object(loads(text))
        except ValueError:
            log.warning("the app sent a frame that is no JSON: %.80r", text)
            return
        future = connection.waiting.pop(as_text(frame.get("envelope_id")), None)
        if future is not None and not future.done():
            future.set_result(as_object(frame.get("payload")))

    async def deliver(self, envelope: JsonObject, timeout: float) -> JsonObject:
        """Send an envelope over the next connection and wait for its acknowledgement's payload.

        Raises:
            TimeoutError: not acknowledged in `timeout` seconds.
            SocketLostError: the connection went away first, or there is none.
        """
        ready = self.open()
        if not ready:
            raise SocketLostError("no connection")
        self._turn += 1
        connection = ready[self._turn % len(ready)]
        id_ = as_text(envelope["envelope_id"])
        future: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        connection.waiting[id_] = future
        try:
            async with asyncio.timeout(timeout):
                try:
                    await connection.socket.send_text(dumps(envelope))
                except (RuntimeError, WebSocketDisconnect) as error:
                    raise SocketLostError("the app's connection was lost") from error
                return await future
        finally:
            connection.waiting.pop(id_, None)

    async def disconnect(self, reason: str, *, close_after: float | None) -> int:
        """Send every connection a disconnect frame (none for reason "") and close it; how many there were.

        `close_after` seconds lie between frame and close, as Slack leaves time to reconnect; None closes
        only when the app does.
        """
        going = self.open()
        for connection in going:
            # One that was only warned goes on serving until it ends.
            connection.draining = reason != "warning"
            if reason:
                await connection.socket.send_text(dumps(_disconnect(reason)))
        if close_after is not None:
            if close_after:
                await asyncio.sleep(close_after)
            for connection in going:
                if connection in self._connections:
                    await connection.socket.close(1000)
        return len(going)


def _disconnect(reason: str) -> JsonObject:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
