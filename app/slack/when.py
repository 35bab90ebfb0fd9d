"""Days and times as people type them: `2026-12-03`, `tomorrow`, `fri`, `3 dec`, `in 2 weeks`, `7:30am`. Pure.

What can be meant in two ways is refused with both, never guessed. Texts that were typed are not repeated in
messages: only the days that they name.
"""

import calendar
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from app.refusals import Refusal

WAY: Final = "Write it as 2026-12-03, with a time if you know it: 2026-12-03 07:30."
NEAR: Final = timedelta(days=120)
"""A day without its year is read as the nearest one, up to this far from today; beyond, the year is asked for."""

MONTHS: Final = {
    name: number
    for number in range(1, 13)
    for name in (calendar.month_name[number].lower(), calendar.month_abbr[number].lower())
} | {"sept": 9}
WEEKDAYS: Final = {
    name: number
    for number in range(7)
    for name in (calendar.day_name[number].lower(), calendar.day_abbr[number].lower())
} | {"tues": 1, "thur": 3, "thurs": 3}

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?\Z")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?\Z")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?\Z")
_YEAR = re.compile(r"(?:19|20|21)\d{2}\Z")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(am|pm)?\Z")
_HOUR = re.compile(r"(\d{1,2})(am|pm)\Z")
_COUNT = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4}


class BadWhen(Refusal):
    """A day or a time that cannot be, or that can be meant in two ways."""


@dataclass(frozen=True)
class When:
    """A day as it was typed, resolved against the day on which it was typed.

    One of: a whole date (`year`, `month`, `day`), a day of a month without its year, a `weekday` (0 is Monday; `turn`
    is `this`, `next`, `last` or nothing), or an `offset` in days. `at` is a local time of day.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    turn: str = ""
    offset: int | None = None
    at: time | None = None

    def resolve(self, today: date) -> date:
        """The day that is meant, if today is `today`. Raises `BadWhen`."""
        if self.offset is not None:
            try:
                return today + timedelta(days=self.offset)
            except OverflowError:
                raise BadWhen(f"That is too far away. Nothing changed. {WAY}") from None
        if self.weekday is not None:
            return _weekday(self.weekday, self.turn, today)
        month, day = self.month or 1, self.day or 1
        if self.year is not None:
            return _real(self.year, month, day)
        return _nearest(month, day, today)


def read_when(words: Sequence[str]) -> tuple[When, int]:
    """The day, and its time if there is one, at the beginning of `words`; and how many words it took.

    Raises `BadWhen` when the words do not begin with a day.
    """
    lowered = [word.casefold().strip(",;") for word in words]
    when, used = _day(lowered)
    rest = lowered[used:]
    skip = 1 if rest[:1] == ["at"] else 0
    at, more = read_time(rest[skip:])
    if at is None:
        if skip:
            raise BadWhen("I do not understand that time. Nothing changed. Write it as 07:30 or 7:30am.")
        return when, used
    return _with_time(when, at), used + skip + more


def read_moment(words: Sequence[str]) -> tuple[When, int]:
    """As `read_when`; a time alone is of today."""
    try:
        return read_when(words)
    except NoDay:
        at, used = read_time([word.casefold().strip(",;") for word in words])
        if at is None:
            raise
        return When(offset=0, at=at), used


def is_nearly_day(words: Sequence[str]) -> bool:
    """Whether the words seem to begin with a mistyped day: `friady`, `next tuesdy`."""
    first = words[1:2] if words[:1] and words[0].casefold() in ("this", "next", "on") else words[:1]
    names = ["today", "tomorrow", *(name.lower() for name in calendar.day_name)]
    return any(difflib.get_close_matches(word.casefold()[:20].strip(",;:"), names, n=1, cutoff=0.8) for word in first)


def read_day(text: str, today: date) -> date | None:
    """The day that the whole text says, or None when it says none. Raises `BadWhen` for one that cannot be."""
    words = text.split()
    try:
        when, used = _day([word.casefold().strip(",;") for word in words])
    except NoDay:
        return None
    return when.resolve(today) if used == len(words) else None


class NoDay(BadWhen):
    """The words do not begin with a day at all."""

    def __init__(self, meant: str = "") -> None:
        super().__init__(f"I do not understand that day.{meant} Nothing changed. {WAY}")


def _day(words: Sequence[str]) -> tuple[When, int]:
    if not words:
        raise BadWhen(f"The day is missing. Nothing changed. {WAY}")
    found = _relative(words) or _numbers(words[0]) or _named(words)
    if found is None:
        raise NoDay
    return found


def _relative(words: Sequence[str]) -> tuple[When, int] | None:
    simple = {"today": 0, "tomorrow": 1, "tmrw": 1, "yesterday": -1}
    first = words[0]
    if first in simple:
        return When(offset=simple[first]), 1
    if first in WEEKDAYS:
        return When(weekday=WEEKDAYS[first]), 1
    if first in ("this", "next", "last", "on") and len(words) > 1:
        if words[1] in WEEKDAYS:
            return When(weekday=WEEKDAYS[words[1]], turn="" if first == "on" else first), 2
        if first == "on":
            when, used = _day(words[1:])
            return when, used + 1
    if first == "in" and len(words) > 2:
        count = _COUNT.get(words[1]) or (int(words[1]) if words[1].isdecimal() and len(words[1]) <= 4 else None)
        unit = {"day": 1, "week": 7}.get(words[2].removesuffix("s"))
        if count and unit:
            return When(offset=count * unit), 3
        raise BadWhen(f"I count only days and weeks: in 3 days, in 2 weeks. Nothing changed. {WAY}")
    return None


def _numbers(word: str) -> tuple[When, int] | None:
    iso = _ISO.match(word)
    if iso:
        real = _real(int(iso[1]), int(iso[2]), int(iso[3]))
        return When(real.year, real.month, real.day), 1
    dotted = _DOTTED.match(word)
    if dotted:
        return _day_and_month(int(dotted[1]), int(dotted[2]), int(dotted[3]) if dotted[3] else None), 1
    slashed = _SLASHED.match(word)
    if slashed is None:
        return None
    first, second = int(slashed[1]), int(slashed[2])
    year = int(slashed[3]) if slashed[3] else None
    if year is not None and year < 100:
        year += 2000
    if first <= 12 and second <= 12 and first != second:
        shown = [f"{year}-{m:02}-{d:02}" if year else f"{d} {calendar.month_abbr[m]}" for m, d in
                 ((first, second), (second, first))]  # fmt: skip
        raise BadWhen(f"That can be read as {shown[0]} or as {shown[1]}. Nothing changed. Write the one that you mean.")
    month, day = (first, second) if first <= 12 else (second, first)
    return _day_and_month(day, month, year), 1


def _named(words: Sequence[str]) -> tuple[When, int] | None:
    """`3 dec`, `dec 3`, `3rd of december 2026`."""
    first, second = words[0], words[1] if len(words) > 1 else ""
    name = first.rstrip(".")
    if name in MONTHS:
        day = _DAY.match(second)
        if day is None:
            return None
        used, found = 2, (int(day[1]), MONTHS[name])
    else:
        day = _DAY.match(first)
        of = 1 if second == "of" else 0
        month = (words[1 + of] if len(words) > 1 + of else "").rstrip(".")
        if day is None or month not in MONTHS:
            return None
        used, found = 2 + of, (int(day[1]), MONTHS[month])
    year = int(words[used]) if len(words) > used and _YEAR.match(words[used]) else None
    return _day_and_month(*found, year), used + (year is not None)


def _day_and_month(day: int, month: int, year: int | None) -> When:
    if year is not None:
        _real(year, month, day)
    else:
        # Against a leap year, so that 30 Feb is refused before anybody asks which year.
        _month(month)
        longest = calendar.monthrange(2028, month)[1]
        if not 1 <= day <= longest:
            raise BadWhen(f"{calendar.month_name[month]} has {longest} days at most. Nothing changed. Check the day.")
    return When(year, month, day)


def _real(year: int, month: int, day: int) -> date:
    _month(month)
    if not 1900 <= year <= 2199:
        raise BadWhen(f"The year {year} cannot be right. Nothing changed. {WAY}")
    longest = calendar.monthrange(year, month)[1]
    if not 1 <= day <= longest:
        raise BadWhen(
            f"{calendar.month_name[month]} {year} has {longest} days. Nothing changed. "
            f"Check the day; the last one is {year}-{month:02}-{longest}."
        )
    return date(year, month, day)


def _month(month: int) -> None:
    if not 1 <= month <= 12:
        raise BadWhen(f"There is no month {month}. Nothing changed. {WAY}")


def _nearest(month: int, day: int, today: date) -> date:
    name = f"{day} {calendar.month_abbr[month]}"
    possible = []
    for year in (today.year - 1, today.year, today.year + 1):
        if 1 <= year <= 9999 and day <= calendar.monthrange(year, month)[1]:
            possible.append(date(year, month, day))
    near = min(possible, key=lambda each: abs(each - today), default=None)
    if near is None or abs(near - today) > NEAR:
        raise BadWhen(f"Which year is {name} in? Nothing changed. Write it whole, such as 2026-12-03.")
    return near


def _weekday(weekday: int, turn: str, today: date) -> date:
    ahead = (weekday - today.weekday()) % 7
    name = calendar.day_name[weekday]
    if turn == "last":
        return today - timedelta(days=(today.weekday() - weekday) % 7 or 7)
    coming = today + timedelta(days=ahead)
    after = coming + timedelta(days=7)
    if ahead == 0 and turn != "next":
        raise BadWhen(f"Today is {name}. Nothing changed. Write today, or {after.isoformat()} for the one in a week.")
    if turn == "next":
        if ahead == 0:
            return after
        raise BadWhen(
            f"“Next {name}” can be {coming.isoformat()} or {after.isoformat()}. Nothing changed. "
            "Write the one that you mean."
        )
    return coming


def read_time(words: Sequence[str]) -> tuple[time | None, int]:
    """A local time of day at the beginning of `words`, and how many words it took; None when there is none."""
    if not words:
        return None, 0
    half = words[1] if len(words) > 1 and words[1] in ("am", "pm") else ""
    found = _CLOCK.match(words[0])
    if found:
        half = found[3] or half
        return _clock(int(found[1]), int(found[2]), half), 1 if found[3] or not half else 2
    found = _HOUR.match(words[0])
    if found:
        return _clock(int(found[1]), 0, found[2]), 1
    if words[0] == "noon":
        return time(12), 1
    if half and words[0].isdecimal() and len(words[0]) <= 2:
        return _clock(int(words[0]), 0, half), 2
    return None, 0


def _clock(hour: int, minute: int, half: str) -> time:
    if half:
        if not 1 <= hour <= 12:
            raise BadWhen(f"There is no {hour} o'clock {half}. Nothing changed. Write it as 07:30 or 7:30am.")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise BadWhen(f"There is no time {hour}:{minute:02}. Nothing changed. Write it as 07:30 or 7:30am.")
    return time(hour, minute)


def _with_time(when: When, at: time) -> When:
    return When(when.year, when.month, when.day, when.weekday, when.turn, when.offset, at)
