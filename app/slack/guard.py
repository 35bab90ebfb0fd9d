"""What every HTTP request has to pass before Bolt sees it: size, shape, signature, and that it is not a replay.

slack_sdk's own verifier raises on malformed headers and takes a replayed request for five minutes, so the shape is
checked first and what was taken is remembered. Source of the scheme: Slack's "Verifying requests from Slack".
"""

import hashlib
import hmac
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

LARGEST: Final = 1024 * 1024
"""Bytes of a body; Slack's largest payloads (a modal's state) are a few hundred thousand."""
WINDOW: Final = 300
"""Seconds that a timestamp may be away from now, as Slack recommends."""
REMEMBERED: Final = 100_000
"""Signatures kept: more than five minutes of 300 requests a second. Past that the oldest are forgotten; what they
did is not repeated all the same, since each effect is kept by its delivery's own id."""

_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


class TurnedAway(Exception):
    """A request that is not Slack's, or not in order; `status` is what it is answered."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(why)


class Guard:
    """Checks requests for one signing secret. Safe for any number of threads; one per process."""

    def __init__(self, secret: str, *, now: Callable[[], float] = time.time, remembered: int = REMEMBERED) -> None:
        self._secret = secret.encode()
        self._now = now
        self._most = remembered
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, headers: Mapping[str, str], body: bytes) -> str:
        """The body as text, of a request that Slack signed and that was not taken before. Raises `TurnedAway`.

        Names of headers are in small letters.
        """
        stamp, signature = self._shape(headers)
        if len(body) > LARGEST:
            raise TurnedAway(413, "the body is too large")
        if abs(self._now() - stamp) > WINDOW:
            raise TurnedAway(401, "the timestamp is too old, or ahead")
        signed = hmac.new(self._secret, b"v0:%d:" % stamp + body, hashlib.sha256).hexdigest()
        if not self._secret or not hmac.compare_digest(f"v0={signed}", signature):
            raise TurnedAway(401, "the signature is wrong")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise TurnedAway(400, "the body is not UTF-8") from None
        if not self._first_time(signature, stamp):
            raise TurnedAway(401, "the request was taken already")
        return text

    def release(self, headers: Mapping[str, str]) -> None:
        """Forget a request that we failed to handle, so that the same one may come again."""
        with self._lock:
            self._seen.pop(headers.get("x-slack-signature", ""), None)

    def before_body(self, headers: Mapping[str, str]) -> None:
        """What can be refused before a byte of the body is read. Raises `TurnedAway`."""
        self._shape(headers)
        length = headers.get("content-length", "")
        if length and (not _STAMP.fullmatch(length) or int(length) > LARGEST):
            raise TurnedAway(413, "the body is too large")

    @staticmethod
    def _shape(headers: Mapping[str, str]) -> tuple[int, str]:
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        # A stamp with leading zeros would be signed as another text than the one that is checked.
        if not _STAMP.fullmatch(stamp) or str(int(stamp)) != stamp:
            raise TurnedAway(401, "the timestamp is not a number")
        if not _SIGNATURE.fullmatch(signature):
            raise TurnedAway(401, "the signature has no such shape")
        return int(stamp), signature

    def _first_time(self, signature: str, stamp: int) -> bool:
        with self._lock:
            if signature in self._seen:
                return False
            self._seen[signature] = stamp
            # A timestamp is at most a window ahead when it is taken, and no good a window after its own time.
            while len(self._seen) > self._most or next(iter(self._seen.values())) < self._now() - 2 * WINDOW:
                self._seen.popitem(last=False)
            return True
