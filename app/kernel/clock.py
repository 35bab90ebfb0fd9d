"""Clocks: whoever needs the time is given one of these and asks it."""

import json
import os
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from pathlib import Path
from typing import Final, Protocol

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class ClockFileError(Exception):
    """The file that steers a clock is missing or does not hold a clock."""


class NaiveTimeError(ValueError):
    """A time without a zone was given where only an instant makes sense."""


def to_utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises NaiveTimeError when `at` carries no zone."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise NaiveTimeError(f"{at.isoformat()} has no time zone, so it names no instant; give it one")
    return at.astimezone(UTC)


def reached(deadline: datetime | None, now: datetime) -> bool:
    """Whether a deadline makes late what is not done: from its very moment on, as it is told; none never does."""
    return deadline is not None and deadline <= now


def hour_words(at: datetime | time_of_day) -> str:
    """A time of day as Slack shows it where nobody chose otherwise: `5:00 PM`."""
    return f"{at.hour % 12 or 12}:{at.minute:02} {'AM' if at.hour < 12 else 'PM'}"


def day_words(day: date) -> str:
    """A local day as people read it, the same in every locale: `Thu 3 Dec 2026`."""
    return f"{_short(day)} {day.year}"


def span_words(first: date, last: date) -> str:
    """A range of local days, with the year once: `Thu 3 Dec to Mon 7 Dec 2026`."""
    if first == last:
        return day_words(first)
    return f"{_short(first) if first.year == last.year else day_words(first)} to {day_words(last)}"


def moment_words(at: datetime, zone: tzinfo) -> str:
    """A moment in that zone as people read it: `Thu 3 Dec 2026 5:00 PM EST`."""
    local = to_utc(at).astimezone(zone)
    return f"{day_words(local)} {hour_words(local)} {local.tzname()}"


def _short(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def seconds_awake_or_asleep() -> float:
    """Seconds since some moment in the past, those that the machine was suspended included.

    For deadlines that others measure meanwhile. `time.monotonic` stands still in a suspended Linux (clock_gettime(2));
    where the machine has no CLOCK_BOOTTIME, it is all there is.
    """
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class Clock(Protocol):
    """Anything that tells the time as an aware datetime in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        return datetime.now(UTC)


class FixedClock:
    """Stands still until it is moved; for tests and for questions of the kind "what if it were"."""

    def __init__(self, now: datetime) -> None:
        self._now = to_utc(now)

    def now(self) -> datetime:
        """The instant that the clock stands at, UTC."""
        return self._now

    def move_to(self, at: datetime) -> None:
        """Stand at `at` from now on, forwards or backwards."""
        self._now = to_utc(at)

    def advance(self, delta: timedelta) -> None:
        """Go on by `delta` of real elapsed time."""
        self._now += delta


@dataclass(frozen=True)
class _Course:
    """Simulated time `sim` at the epoch second `real`, running at `speed` simulated seconds a second."""

    sim: datetime
    real: float
    speed: float

    def at(self, real: float) -> datetime:
        return self.sim + timedelta(seconds=(real - self.real) * self.speed)


class SteeredClock:
    """A clock that several processes share through one small JSON file.

    The file holds `sim` (ISO 8601 with an offset), `real` (epoch seconds) and `speed` (simulated seconds a
    second, 0 while paused). Every `now()` looks at the file's stamp and reads it again only when it changed.
    Its weakness: it trusts the machine's wall clock between two steerings, so a stepped system clock
    steps the simulated one too.
    """

    def __init__(self, path: Path) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._course: _Course | None = None

    def now(self) -> datetime:
        """The simulated instant, UTC. Raises ClockFileError when the file is missing or broken."""
        return self._read().at(time.time())

    @property
    def speed(self) -> float:
        """Simulated seconds a second; 0 while paused."""
        return self._read().speed

    def _read(self) -> _Course:
        with self._lock:
            try:
                found = os.stat(self._path)
                stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
                if self._course is None or stamp != self._stamp:
                    self._course = _parse_course(self._path.read_text(encoding="utf-8"), self._path)
                    self._stamp = stamp
            except OSError as error:
                raise ClockFileError(
                    f"the clock file {self._path} cannot be read ({error.strerror}); "
                    "write it with SteeredClock.steer(path, sim=..., speed=...)"
                ) from error
            return self._course

    @staticmethod
    def steer(path: Path, *, sim: datetime | None = None, speed: float | None = None) -> None:
        """Move the clock and/or change its speed, for every process at once, by an atomic rename.

        What is left out stays: without `sim` the clock goes on from where it is now, without `speed` at
        the speed it has. A new file needs `sim`; its speed is 1 unless given. Raises ClockFileError
        when there is nothing to go on from, ValueError for a negative or endless speed.
        """
        path = Path(path)
        real = time.time()
        if speed is not None and not 0 <= speed < 1e9:
            raise ValueError(f"a clock's speed is 0 (paused) or more, below a thousand million; not {speed}")
        if path.exists() and (sim is None or speed is None):
            course = _parse_course(path.read_text(encoding="utf-8"), path)
            sim = course.at(real) if sim is None else sim
            speed = course.speed if speed is None else speed
        if sim is None:
            raise ClockFileError(f"there is no clock at {path} yet; say where it starts: sim=...")
        content = {
            "sim": to_utc(sim).isoformat(),
            "real": real,
            "speed": 1.0 if speed is None else float(speed),
        }
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(content, out)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise


def _parse_course(text: str, path: Path) -> _Course:
    try:
        raw = json.loads(text)
        return _Course(to_utc(datetime.fromisoformat(raw["sim"])), float(raw["real"]), float(raw["speed"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ClockFileError(
            f"the clock file {path} does not hold a clock ({error}); "
            "write it anew with SteeredClock.steer(path, sim=..., speed=...)"
        ) from error
