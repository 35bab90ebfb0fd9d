"""Trigger ids and response URLs: the short-lived permissions that an interaction hands to the app."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.sandbox import ids
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject

RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60
"""A response_url serves 5 times in 30 minutes (Slack's reference)."""


@dataclass(slots=True)
class Trigger:
    """A person's interaction that may open or push one modal."""

    id: str
    user: str
    issued: float
    from_modal: bool = False
    used: bool = False
    opened: list[str] = field(default_factory=list)


class Triggers:
    """Issues trigger ids and takes each back once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, *, from_modal: bool = False) -> Trigger:
        """A new trigger for a person's interaction."""
        now = self._monotonic()
        # Expired ones are remembered for ten minutes, to tell "expired" from "invalid".
        while self._issued:
            oldest = next(iter(self._issued.values()))
            if now - oldest.issued < 600:
                break
            del self._issued[oldest.id]
        trigger = Trigger(ids.random_id("", 12) + ".1." + ids.random_id("", 24).lower(), user, now, from_modal)
        self._issued[trigger.id] = trigger
        return trigger

    def redeem(self, id_: str, seconds: float) -> Trigger:
        """Take a trigger, which must be younger than `seconds`.

        Raises:
            SlackError: invalid_trigger_id, expired_trigger_id or exchanged_trigger_id.
        """
        trigger = self._issued.get(id_)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._monotonic() - trigger.issued > seconds:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger


@dataclass(slots=True)
class ResponseUrl:
    """Where the app may answer an interaction; `ts` is the message that a button was on, if any."""

    token: str
    user: str
    channel: str
    issued: float
    ts: str = ""
    ephemeral: bool = False
    thread_ts: str = ""
    uses: int = 0
    posts: list[JsonObject] = field(default_factory=list)
    first: asyncio.Event = field(default_factory=asyncio.Event)


class ResponseUrls:
    """Issues response URLs and counts their uses."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._issued: dict[str, ResponseUrl] = {}

    def issue(
        self, user: str, channel: str, *, ts: str = "", ephemeral: bool = False, thread_ts: str = ""
    ) -> ResponseUrl:
        """A new URL's record; its path is `/hooks/TOKEN`."""
        now = self._monotonic()
        while self._issued:
            oldest = next(iter(self._issued.values()))
            if now - oldest.issued < RESPONSE_URL_SECONDS:
                break
            del self._issued[oldest.token]
        hook = ResponseUrl(ids.random_id("", 32), user, channel, now, ts, ephemeral, thread_ts)
        self._issued[hook.token] = hook
        return hook

    def use(self, token: str) -> ResponseUrl:
        """Count one use.

        Raises:
            SlackError: expired_url or used_url.
        """
        hook = self._issued.get(token)
        if hook is None or self._monotonic() - hook.issued > RESPONSE_URL_SECONDS:
            raise SlackError("expired_url")
        if hook.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        hook.uses += 1
        return hook
