"""Working hours and closed days as people type them, and how they are written back. Pure.

What is wrong is said without repeating what was typed: it may hold what must not be kept.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Final

from app.kernel.calendar_config import hhmm

MOST_DAYS: Final = 100
"""Closed days of a program; more is a calendar of its own."""
MOST_TYPED: Final = 3000
"""Characters of all of them together, which is what a field of Slack's takes."""
PLAUSIBLE: Final = timedelta(days=5 * 366)
EXAMPLE: Final = "8:00-12:00, 13:00-17:00"
_EARLY, _NOON, _MIDNIGHT = 7 * 60, 12 * 60, 24 * 60
_CLOSED: Final = ("", "-", "closed", "none", "off", "no")
_BETWEEN = re.compile(r"[,;&+\n]|\band\b")
_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?"
_INTERVAL = re.compile(rf"{_TIME}\s*(?:-|to|until|till)\s*{_TIME}\Z")
_ONE_TIME = re.compile(rf"{_TIME}\Z")
_DASHES = str.maketrans({"–": "-", "—": "-", "−": "-", "\N{NON-BREAKING HYPHEN}": "-"})
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})[\s:,;–—-]*(.*)\Z", re.DOTALL)


class BadHours(ValueError):
    """A text gives no working hours; the message says what would."""


class BadDays(ValueError):
    """A text gives no closed days; the message says what would."""


def parse_hours(text: str) -> list[str]:
    """`8:00-12:00, 13:00-17:00`, `8-12 and 1pm-5pm`, `closed` as a calendar's intervals, such as `08:00-12:00`.

    They come in order and do not overlap; nothing is closed. Raises `BadHours`.
    """
    plain = text.casefold().translate(_DASHES).strip().strip(".")
    if plain in _CLOSED:
        return []
    spans = sorted(_span(piece.strip()) for piece in _BETWEEN.split(plain) if piece.strip())
    for (began, ended), (next_began, next_ended) in pairwise(spans):
        if next_began < ended:
            raise BadHours(
                f"{_shown(began, ended)} and {_shown(next_began, next_ended)} overlap. Write them as one, or apart."
            )
    if not spans:
        raise BadHours(f"Write hours such as {EXAMPLE}, or nothing for closed.")
    return [f"{hhmm(began)}-{hhmm(ended)}" for began, ended in spans]


def typed_time(at: time | None) -> str:
    """`18:00`, as `parse_time` reads it; nothing for none."""
    return "" if at is None else f"{at:%H:%M}"


def parse_time(text: str) -> time | None:
    """`18:00`, `7`, `7:30am` as a local time; nothing is none. Raises `BadHours`."""
    plain = text.casefold().strip()
    if plain in _CLOSED:
        return None
    found = _ONE_TIME.match(plain)
    try:
        minute = _minute(found[1], found[2], _mark(found[3])) if found else None
    except BadHours:
        minute = None
    if minute is None:
        raise BadHours("Write a time of day such as 18:00, or nothing.")
    return time(minute // 60 % 24, minute % 60)


def written_hours(intervals: Sequence[str]) -> str:
    """A calendar's intervals as they are typed: `8:00-12:00, 13:00-17:00`; nothing for closed."""
    return ", ".join(re.sub(r"\b0(\d:)", r"\1", interval.replace(" ", "")) for interval in intervals)


def parse_days(text: str, today: date) -> dict[str, str]:
    """`2026-12-24 Christmas Eve`, a line each, as closed days by ISO date, with their names. Raises `BadDays`."""
    days: dict[str, str] = {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_DAYS:
        raise BadDays(f"{len(lines)} days were given, {MOST_DAYS} fit. Take out those that are over.")
    for number, line in enumerate(lines, start=1):
        found = _DAY.match(line)
        day = None if found is None else _date(found[1])
        if found is None or day is None:
            raise BadDays(f"Line {number} begins with no day. Write it as 2026-12-24 Christmas Eve.")
        if abs(day - today) > PLAUSIBLE:
            raise BadDays(f"The day of line {number} is years away. Check its year.")
        if day.isoformat() in days:
            raise BadDays(f"The day of line {number} stands twice. Take one out.")
        days[day.isoformat()] = " ".join(found[2].split())
    if len(written_days(days)) > MOST_TYPED:
        raise BadDays(f"All together may have {MOST_TYPED} characters. Take out those that are over, or shorten names.")
    return dict(sorted(days.items()))


def written_days(days: Mapping[str, str] | Iterable[str]) -> str:
    """Closed days as they are typed, the first first."""
    named = days if isinstance(days, Mapping) else dict.fromkeys(map(str, days), "")
    return "\n".join(f"{day} {name}".rstrip() for day, name in sorted(named.items()))


def _span(text: str) -> tuple[int, int]:
    """The minutes of the day at which an interval begins and ends."""
    found = _INTERVAL.match(text)
    if found is None:
        raise BadHours(f"Write hours such as {EXAMPLE}, or nothing for closed.")
    begin_mark, end_mark = _mark(found[3]), _mark(found[6])
    began, ended = _minute(found[1], found[2], begin_mark), _minute(found[4], found[5], end_mark)
    if end_mark == "p" and not begin_mark and began < _EARLY and began + _NOON < ended:
        began += _NOON  # 1-5pm, but not 9-11pm or 7-7pm
    if begin_mark and not end_mark and ended <= began and ended <= _NOON:
        ended += _NOON
    ended = ended or _MIDNIGHT
    if ended <= began:
        meant = ended + _NOON
        right = _shown(began, meant) if began < min(_NOON, meant) else EXAMPLE
        raise BadHours(f"{_shown(began, ended)} ends before it begins. Write for example {right}.")
    return began, ended


def _mark(text: str | None) -> str:
    return (text or "")[:1]


def _minute(hours: str, minutes: str | None, mark: str) -> int:
    hour, minute = int(hours), int(minutes or 0)
    total = hour * 60 + minute
    if minute > 59 or total > _MIDNIGHT or (mark and not 1 <= hour <= 12):
        raise BadHours(f"There is no such time of day. Write hours such as {EXAMPLE}.")
    if not mark:
        return total
    return total % _NOON + (_NOON if mark == "p" else 0)


def _shown(began: int, ended: int) -> str:
    return written_hours([f"{hhmm(began)}-{hhmm(ended)}"])


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
