"""The clock changes that the kernel's tests walk through, and calendars to walk them with."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from app.kernel.business import BusinessCalendar
from tests.kernel.twin import Hours, Twin

FIRST_YEAR, LAST_YEAR = 2026, 2030
US = ("America/New_York", "America/Los_Angeles")
EU = ("Europe/Berlin", "Europe/London")
# Zones whose clocks change at or before midnight.
MIDNIGHT = ("America/Nuuk", "Africa/Cairo", "America/Santiago")
ZONES = (*US, *EU, "Asia/Kolkata", "Australia/Lord_Howe", *MIDNIGHT)
WINDOW_DAYS = 25
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Change(NamedTuple):
    """A clock change: the first instant of the new offset."""

    zone: str
    at: datetime
    gap: timedelta

    @property
    def first(self) -> date:
        """The first day of the window around it."""
        return self.at.date() - timedelta(days=WINDOW_DAYS // 2)

    def __str__(self) -> str:
        return f"{self.zone} {self.at:%Y-%m-%d}"


@lru_cache
def changes_of(zone: str) -> tuple[Change, ...]:
    """Every clock change of a zone in the years tested: days whose ends differ, and there the half hour."""
    place = ZoneInfo(zone)

    def offset(at: datetime) -> timedelta:
        found = at.astimezone(place).utcoffset()
        assert found is not None
        return found

    found: list[Change] = []
    day = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    while day.year <= LAST_YEAR:
        following = day + timedelta(days=1)
        if offset(day) != offset(following):
            halves = [day + timedelta(minutes=30 * number) for number in range(1, 49)]
            first = next(at for at in halves if offset(at) != offset(day))
            found.append(Change(zone, first, offset(first) - offset(day)))
        day = following
    return tuple(found)


def all_changes() -> list[Change]:
    """Every change of every zone; a zone without any is tried where New York has its own."""
    found: list[Change] = []
    for zone in ZONES:
        own = changes_of(zone)
        found += own or [Change(zone, change.at, timedelta()) for change in changes_of("America/New_York")]
    return found


OFFICE: Hours = dict.fromkeys(range(5), ((480, 720), (780, 1020)))
ROUND_THE_CLOCK: Hours = dict.fromkeys(range(7), ((0, 1440),))
# Opens and closes inside the hours that clock changes skip or repeat.
NIGHT: Hours = dict.fromkeys(range(7), ((30, 90), (110, 150), (150, 175), (180, 240), (1380, 1440)))


def calendar(zone: str, hours: Hours, closed: frozenset[date] = frozenset()) -> BusinessCalendar:
    """The kernel's calendar for the same hours, built the way a program's settings are."""
    config = {
        "hours": {
            WEEKDAYS[day]: [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans]
            for day, spans in hours.items()
        },
        "holidays": sorted(day.isoformat() for day in closed),
    }
    return BusinessCalendar.from_config(config, zone)


class Scene(NamedTuple):
    """A window around a clock change, seen by both."""

    change: Change
    twin: Twin
    calendar: BusinessCalendar


@lru_cache(maxsize=16)
def _scene(
    change: Change, spans: tuple[tuple[int, tuple[tuple[int, int], ...]], ...], closed: frozenset[date]
) -> Scene:
    hours = dict(spans)
    twin = Twin(change.zone, hours, change.first, WINDOW_DAYS, closed)
    return Scene(change, twin, calendar(change.zone, hours, closed))


def scene(change: Change, hours: Hours, closed: frozenset[date] = frozenset()) -> Scene:
    return _scene(change, tuple(sorted(hours.items())), closed)


@st.composite
def day_spans(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """No, one or several intervals of a day, on any five minutes, often around the hours of clock changes."""
    marks = st.one_of(st.integers(0, 288), st.integers(0, 60)).map(lambda n: n * 5)
    chosen = sorted(draw(st.sets(marks, max_size=6)))
    return tuple(zip(chosen[0::2], chosen[1::2], strict=False))


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """A clock change, opening hours that are open on some day of every week, and a day off or two."""
    change = draw(st.sampled_from(all_changes()))
    if draw(st.booleans()):
        hours = draw(st.sampled_from((OFFICE, ROUND_THE_CLOCK, NIGHT)))
    else:
        drawn = {day: draw(day_spans()) for day in range(7)}
        hours = {day: spans for day, spans in drawn.items() if spans} or OFFICE
    offsets = draw(st.sets(st.integers(0, WINDOW_DAYS), max_size=2))
    closed = frozenset(change.first + timedelta(days=offset) for offset in offsets)
    return scene(change, hours, closed)
