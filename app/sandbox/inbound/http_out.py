"""One HTTP POST to the app, from the event loop. Loopback only."""

import asyncio
import contextlib
import hashlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from app.sandbox.errors import RefusedError

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the app answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def check_url(url: str) -> None:
    """Check that a request URL is of this machine.

    Raises:
        RefusedError: it is not, or not http.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or parts.port is None:
        raise RefusedError(f"The sandbox delivers to this machine only: http://127.0.0.1:PORT/..., not {url!r}.")


def signed(secret: str, body: bytes, at: float | None = None) -> list[tuple[str, str]]:
    """Slack's v0 signature headers for a body; `at` is in epoch seconds of real time."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return [("X-Slack-Request-Timestamp", stamp), ("X-Slack-Signature", f"v0={digest}")]


async def post(url: str, content_type: str, body: bytes, headers: list[tuple[str, str]]) -> HttpAnswer:
    """Post a body and wait for the whole answer, without an end of its own: the caller sets the time.

    Raises:
        OSError: no connection, or a broken one.
        h11.RemoteProtocolError: what came back is no HTTP.
    """
    parts = urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        connection = h11.Connection(h11.CLIENT)
        fields = [
            ("Host", parts.netloc),
            ("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)"),
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Accept", "*/*"),
            ("Connection", "close"),
            *headers,
        ]
        parcel = connection.send(h11.Request(method="POST", target=target, headers=fields))
        parcel = (parcel or b"") + (connection.send(h11.Data(data=body)) or b"")
        writer.write(parcel + (connection.send(h11.EndOfMessage()) or b""))
        await writer.drain()
        return await _answer(connection, reader)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _answer(connection: h11.Connection, reader: asyncio.StreamReader) -> HttpAnswer:
    status, headers, body = 0, dict[str, str](), bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return HttpAnswer(status, headers, bytes(body))
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionError("the app closed the connection before it answered")
