"""When a digest is due, as tables and against a twin that walks minutes; and how lines share the room."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.digests.rules import WEEKDAYS, Schedule, shares
from app.kernel.business import BusinessCalendar
from tests.digests.twin import MINUTE, Twin
from tests.kernel.windows import OFFICE, Change, all_changes, calendar

CALENDAR = BusinessCalendar.from_config(
    {"hours": {day: ["08:00-17:00"] for day in WEEKDAYS[:5]}, "country": "US"}, "America/New_York"
)
EVERY_DAY = frozenset(WEEKDAYS)


def at(hour: int, minute: int = 0, zone: str = "America/New_York", days: frozenset[str] | None = None) -> Schedule:
    return Schedule(time(hour, minute), ZoneInfo(zone), CALENDAR, days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DUE = [
    (at(7), "2026-11-02 11:59", None, "a minute before"),
    (at(7), "2026-11-02 12:00", "2026-11-02", "on the minute"),
    (at(7), "2026-11-03 04:59", "2026-11-02", "everything was down: late, on the same local day"),
    (at(7), "2026-11-03 05:00", None, "past midnight: that day is over"),
    (at(7), "2026-11-07 15:00", None, "a Saturday is no business day"),
    (at(7), "2026-11-26 15:00", None, "nor is Thanksgiving"),
    (at(7, days=frozenset({"sat"})), "2026-11-07 12:00", "2026-11-07", "but Saturday if it was chosen"),
    (at(7, days=frozenset({"thu"})), "2026-11-26 12:00", "2026-11-26", "and then holidays too"),
    (at(7, zone="America/Los_Angeles"), "2026-11-02 12:00", None, "the hour is the person's own"),
    (at(7, zone="America/Los_Angeles"), "2026-11-02 15:00", "2026-11-02", "three hours later it is"),
    (at(7, zone="Pacific/Auckland"), "2026-11-02 18:00", "2026-11-03", "and so is the day"),
]


@pytest.mark.parametrize(("schedule", "now", "day", "why"), DUE)
def test_which_day_is_due(schedule: Schedule, now: str, day: str | None, why: str) -> None:
    assert schedule.due(utc(now)) == (None if day is None else date.fromisoformat(day)), why


MOMENTS = [
    (at(2, 30), "2027-03-14", "2027-03-14 07:00", "02:30 is skipped: the next time that there is is 03:00"),
    (at(3, 0), "2027-03-14", "2027-03-14 07:00", "which is what it always was for 03:00"),
    (at(1, 30), "2026-11-01", "2026-11-01 05:30", "01:30 comes twice: the first"),
    (at(23, 30, zone="America/Nuuk"), "2027-03-27", "2027-03-28 01:00", "skipped at midnight: the next day's first"),
    (at(0, 0, zone="Africa/Cairo"), "2027-04-30", "2027-04-29 22:00", "a day that begins at 01:00"),
]


@pytest.mark.parametrize(("schedule", "day", "moment", "why"), MOMENTS)
def test_the_moment_of_a_day(schedule: Schedule, day: str, moment: str, why: str) -> None:
    assert schedule.moment(date.fromisoformat(day)) == utc(moment), why


NEXT = [
    (at(7), "2026-11-02 11:59", "2026-11-02 12:00", "today's is to come"),
    (at(7), "2026-11-02 12:00", "2026-11-03 12:00", "today's has been"),
    (at(7), "2026-11-06 12:00", "2026-11-09 12:00", "over the weekend"),
    (at(7), "2026-11-25 12:00", "2026-11-27 12:00", "over a holiday"),
    (at(7, days=frozenset({"sun"})), "2026-11-02 12:00", "2026-11-08 12:00", "chosen days"),
    (at(7), "2027-03-12 12:00", "2027-03-15 11:00", "the hour stays when the clock changes"),
    (at(1, 30, days=EVERY_DAY), "2026-11-01 05:30", "2026-11-02 06:30", "twice that hour, once the digest"),
]


@pytest.mark.parametrize(("schedule", "now", "moment", "why"), NEXT)
def test_the_next_moment(schedule: Schedule, now: str, moment: str, why: str) -> None:
    assert schedule.next(utc(now)) == utc(moment), why


@st.composite
def twins(draw: st.DrawFn) -> tuple[Change, Schedule, Twin]:
    """A schedule and its twin around a clock change, the hour often near the one that is skipped or comes twice."""
    change = draw(st.sampled_from(all_changes()))
    near = (change.at - MINUTE).astimezone(ZoneInfo(change.zone))
    minute = draw(st.one_of(st.integers(0, 1439), st.integers(-90, 90).map(lambda n: near.hour * 60 + near.minute + n)))
    days = draw(st.none() | st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(frozenset))
    closed = frozenset(change.first + timedelta(days=n) for n in draw(st.sets(st.integers(0, 25), max_size=3)))
    hour = time(minute % 1440 // 60, minute % 60)
    schedule = Schedule(hour, ZoneInfo(change.zone), calendar(change.zone, OFFICE, closed), days)
    return change, schedule, Twin(change.zone, hour, change.first, days, closed)


@settings(max_examples=300, deadline=None)
@given(twins(), st.integers(3 * 1440, 22 * 1440), st.integers(-2000, 2000), st.booleans())
@pytest.mark.long
def test_due_and_next_as_the_twin_that_walks_minutes(
    drawn: tuple[Change, Schedule, Twin], anywhere: int, offset: int, close: bool
) -> None:
    change, schedule, twin = drawn
    index = twin.index(change.at) + offset if close else anywhere
    assert schedule.due(twin.at(index)) == twin.due(index)
    expected = twin.next(index)
    assert expected is None or schedule.next(twin.at(index)) == twin.at(expected)


@settings(max_examples=60, deadline=None)
@given(twins(), st.integers(1, 3000))
def test_looking_at_every_moment_named_each_day_comes_once(
    drawn: tuple[Change, Schedule, Twin], standstill: int
) -> None:
    """As the scheduler does: look, note the day, go on to `next`; with a standstill somewhere on the way."""
    change, schedule, twin = drawn
    now, end = twin.at(4 * 1440), twin.at(20 * 1440)
    seen: list[date] = []
    while now < end:
        if now > change.at and standstill:
            now, standstill = now + standstill * MINUTE, 0
        day = schedule.due(now)
        if day is not None and day not in seen:
            seen.append(day)
        now = schedule.next(now)
    assert seen == sorted(set(seen))
    assert set(seen) <= {day for day in twin.local_days() if twin.falls_on(day)}


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4))
@example([0, 0, 0, 0])
@example([40, 40, 40, 40])
def test_lines_share_the_room(counts: list[int]) -> None:
    given_lines = shares(counts, 11)
    assert sum(given_lines) == min(sum(counts), 11)
    assert all(min(count, 2) <= lines <= count for count, lines in zip(counts, given_lines, strict=True))


SHARES = [
    ([3, 2, 1, 1], [3, 2, 1, 1], "everything fits"),
    ([9, 9, 9, 9], [5, 2, 2, 2], "decisions first, and something of each"),
    ([0, 30, 0, 4], [0, 9, 0, 2], "nothing to decide"),
    ([1, 1, 1, 40], [1, 1, 1, 8], "what is over goes to whoever needs it"),
]


@pytest.mark.parametrize(("counts", "expected", "why"), SHARES)
def test_how_they_share(counts: list[int], expected: list[int], why: str) -> None:
    assert shares(counts, 11) == expected, why
