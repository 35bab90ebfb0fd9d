"""Tokens that were granted over OAuth: codes to exchange, tokens that may expire, refresh tokens to renew them.

In memory only: a sandbox that goes on from a ledger has granted nothing yet. The bot token that it is started with is
good beside them, and does not expire.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from app.sandbox import ids
from app.sandbox.errors import SlackError

CODE_LIVES: Final = 600.0
"""Seconds: Slack's guide "Installing with OAuth"."""


@dataclass(frozen=True, slots=True)
class Code:
    """What somebody allowed: which scopes, and where the code goes."""

    redirect_uri: str
    scopes: tuple[str, ...]
    user: str
    until: float


@dataclass(frozen=True, slots=True)
class Grant:
    """A token, the refresh token that goes with it where tokens rotate, and for whom."""

    token: str
    refresh: str
    code: Code


@dataclass(slots=True)
class Grants:
    """What was granted. Ends are by `time.monotonic`, as Slack counts real time."""

    codes: dict[str, Code] = field(default_factory=dict)
    _ends: dict[str, float | None] = field(default_factory=dict)
    _refresh: dict[str, Code] = field(default_factory=dict)

    def allow(self, redirect_uri: str, scopes: Iterable[str], user: str) -> str:
        """A code for what somebody allowed."""
        code = ids.random_id("", 20).lower()
        self.codes[code] = Code(redirect_uri, tuple(scopes), user, time.monotonic() + CODE_LIVES)
        return code

    def exchange(self, code: str, redirect_uri: str, lives: float) -> Grant:
        """A token for a code, which is good once; it lives `lives` seconds, or for ever with 0.

        Raises:
            SlackError: invalid_code, bad_redirect_uri.
        """
        allowed = self.codes.get(code)
        if allowed is None or allowed.until <= time.monotonic():
            raise SlackError("invalid_code")
        if redirect_uri != allowed.redirect_uri:
            raise SlackError("bad_redirect_uri")
        del self.codes[code]
        return self._grant(allowed, lives)

    def renew(self, refresh: str, lives: float) -> Grant:
        """Another token for a refresh token, which is good once. The token before it is good to its own end.

        Raises:
            SlackError: invalid_refresh_token.
        """
        allowed = self._refresh.pop(refresh, None)
        if allowed is None:
            raise SlackError("invalid_refresh_token")
        return self._grant(allowed, lives)

    def __contains__(self, token: str) -> bool:
        return token in self._ends

    def expired(self, token: str) -> bool:
        """Whether a token that was granted is past its end."""
        end = self._ends.get(token)
        return end is not None and end <= time.monotonic()

    def end(self) -> None:
        """All tokens are at their end, as after twelve hours."""
        self._ends = {token: 0.0 if end is not None else None for token, end in self._ends.items()}

    def clear_refresh(self) -> None:
        """No refresh token is good any more."""
        self._refresh.clear()

    def _grant(self, allowed: Code, lives: float) -> Grant:
        token = f"{'xoxe.' if lives else ''}xoxb-{ids.random_id('', 24).lower()}"
        refresh = f"xoxe-1-{ids.random_id('', 24).lower()}" if lives else ""
        self._ends[token] = time.monotonic() + lives if lives else None
        if refresh:
            self._refresh[refresh] = allowed
        return Grant(token, refresh, allowed)
