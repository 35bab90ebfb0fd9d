"""A second opinion on business time: it walks minute by minute, and shares no code with the kernel.

The only thing it asks of the zone is what a UTC minute is called locally, which is never ambiguous.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
Hours = Mapping[int, tuple[tuple[int, int], ...]]
"""Weekday (0 is Monday) to intervals in minutes of the day; 1440 is its end."""


@lru_cache(maxsize=128)
def wall_times(zone: str, first: date, days: int) -> "array[int]":
    """What each UTC minute of a window is called locally, as minutes since midnight of `first`."""
    begin = datetime.combine(first, time(), UTC)
    place = ZoneInfo(zone)
    called = array("l")
    # Clocks change on full quarters of an hour.
    for quarter in range(0, days * 1440, 15):
        local = (begin + quarter * MINUTE).astimezone(place).replace(tzinfo=None, fold=0)
        minute = (local - begin.replace(tzinfo=None)) // MINUTE
        called.extend(range(minute, minute + 15))
    return called


@dataclass
class Twin:
    """Business time of `days` UTC days from `first` on, with `hours` and without the days in `closed`."""

    zone: str
    hours: Hours
    first: date
    days: int
    closed: frozenset[date] = frozenset()
    called: "array[int]" = field(init=False, repr=False)
    open: bytearray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.called = wall_times(self.zone, self.first, self.days)
        self.open = bytearray(len(self.called))
        # The first and the last local day are cut by the window; nobody may ask about their minutes.
        for offset in range(1, self.days - 1):
            day = self.first + offset * DAY
            for began, ended in self.intervals(day):
                opens, closes = self.minute_of(day, began), self.minute_of(day, ended)
                self.open[opens:closes] = bytes([1]) * (closes - opens)

    def intervals(self, day: date) -> tuple[tuple[int, int], ...]:
        return () if day in self.closed else self.hours.get(day.weekday(), ())

    def minute_of(self, day: date, minute: int) -> int:
        """Where a local wall time stands: its first occurrence, or moved on by what a clock change skipped."""
        wanted = (day - self.first).days * 1440 + minute
        near = range(max(wanted - 1440, 1), min(wanted + 1440, len(self.called)))
        try:
            return self.called.index(wanted, near.start, near.stop)
        except ValueError:
            pass
        for index in near:
            before, after = self.called[index - 1], self.called[index]
            if before < wanted < after:
                return self.called.index(wanted + (after - before - 1))
        raise AssertionError(f"{day} {minute} is outside the window")

    def at(self, index: int) -> datetime:
        return datetime.combine(self.first, time(), UTC) + index * MINUTE

    def index(self, at: datetime) -> int:
        index, rest = divmod(at - self.at(0), MINUTE)
        assert not rest
        return index

    def local(self, index: int) -> tuple[date, int]:
        """The local day of a minute, and its minute of that day."""
        days, minute = divmod(self.called[index], 1440)
        return self.first + days * DAY, minute

    def between(self, a: int, b: int) -> int:
        return sum(self.open[a:b])

    def add(self, start: int, minutes: int) -> int:
        """The first minute at which so many open ones have passed; counted back, the last."""
        at, left = start, abs(minutes)
        step = 1 if minutes > 0 else -1
        while left:
            left -= self.open[at] if step > 0 else self.open[at - 1]
            at += step
        return at

    def is_business_day(self, day: date) -> bool:
        return any(self.intervals(day))

    def add_days(self, day: date, n: int) -> date:
        step = DAY if n >= 0 else -DAY
        left = abs(n)
        while left or not self.is_business_day(day):
            day += step
            left -= left > 0 and self.is_business_day(day)
        return day

    def add_business_days_keeping_time(self, start: int, n: int) -> int:
        """So many business days on (or back), from the next (or last) open minute, at the same time of day."""
        step = 1 if n > 0 else -1
        while not (self.open[start] or self.open[start - 1]):
            start += step
        day, minute = self.local(start)
        day = self.add_days(day, n)
        spans = self.intervals(day)
        reached = self.minute_of(day, minute)
        opening, closing = self.minute_of(day, spans[0][0]), self.minute_of(day, spans[-1][1])
        return min(max(reached, opening), closing)
