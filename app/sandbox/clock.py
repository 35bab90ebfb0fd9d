"""The time that message timestamps show: the machine's, a given clock's, or a steered file's."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class HasNow(Protocol):
    """Anything that tells the time as an aware datetime."""

    def now(self) -> datetime: ...


ClockLike = HasNow | Callable[[], datetime]


def wall_now() -> datetime:
    """The machine's time, aware, UTC."""
    return datetime.now(UTC)


def reader(clock: ClockLike | None) -> Callable[[], datetime]:
    """A function that reads `clock`; the machine's time when there is none."""
    if clock is None:
        return wall_now
    if callable(clock):
        return clock
    return clock.now


class ClockFile:
    """Reads a moving clock from a small JSON file that another process steers.

    The file holds `{"sim": ISO instant, "real": epoch seconds, "speed": number}`; the time is
    `sim + (now - real) * speed`. It is read again when it changed, looked at no more than 20 times a second.
    """

    LOOK_EVERY = 0.05

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked = 0.0
        self._stamp: tuple[int, int] | None = None
        self._sim = wall_now().timestamp()
        self._real = time.time()
        self._speed = 1.0

    def now(self) -> datetime:
        """The steered time, aware, UTC; the machine's time as long as there is no file."""
        if time.monotonic() - self._looked > self.LOOK_EVERY:
            self._look()
        return datetime.fromtimestamp(self._sim + (time.time() - self._real) * self._speed, UTC)

    def _look(self) -> None:
        self._looked = time.monotonic()
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if stamp == self._stamp:
                return
            steered = json.loads(self._path.read_text(encoding="utf-8"))
            self._sim = datetime.fromisoformat(steered["sim"]).timestamp()
            self._real, self._speed = float(steered["real"]), float(steered["speed"])
            self._stamp = stamp
        except (OSError, ValueError, KeyError):
            # A steering process replaces the file as a whole; until the next look the last reading holds.
            return
