"""Requests as Slack signs them, sent with the standard library."""

import hashlib
import hmac
import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Slack's v0 signature."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()


def signed(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers of a request that Slack sends at this moment, or at another."""
    stamp = str(int(time.time() if at is None else at))
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(secret, stamp, body)}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str


def send(
    port: int,
    body: bytes,
    headers: Mapping[str, str],
    *,
    path: str = "/slack/events",
    content_type: str = FORM,
    method: str = "POST",
) -> Answer:
    """One request to this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {"Content-Type": content_type} | dict(headers))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read().decode("utf-8", "replace"))
    finally:
        connection.close()


def command_body(*, user: str, team: str, channel: str, text: str, trigger: str, command: str = "/cb") -> bytes:
    """A slash command as Slack posts it."""
    return urlencode(
        {
            "team_id": team,
            "user_id": user,
            "channel_id": channel,
            "command": command,
            "text": text,
            "trigger_id": trigger,
            "response_url": "http://127.0.0.1:9/hooks/none",
        }
    ).encode()
