"""Durations: how they are read, and where they lead; against the twin across clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.kernel.business import BusinessCalendar
from app.kernel.durations import UNITS, Duration, DurationError, Unit
from tests.kernel.windows import Scene, scenes

NEW_YORK = ZoneInfo("America/New_York")
WEEK = ("mon", "tue", "wed", "thu")
OFFICE = BusinessCalendar.from_config(
    {"hours": {**{day: ["08:00-17:00"] for day in WEEK}, "fri": ["08:00-12:00"]}}, "America/New_York"
)


def ny(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4 business hours", Duration(4, "business hours")),
        ("1 business day", Duration(1, "business days")),
        ("1 business days", Duration(1, "business days")),
        ("30 minutes", Duration(30, "minutes")),
        ("90 business minutes", Duration(90, "business minutes")),
        ("  2   Business  Days ", Duration(2, "business days")),
        ("1 week", Duration(1, "weeks")),
        ("10days", Duration(10, "days")),
        ("0 hours", Duration(0, "hours")),
    ],
)
def test_reading(text: str, expected: Duration) -> None:
    assert Duration.parse(text) == expected


@given(st.integers(0, 100), st.sampled_from(UNITS))
def test_what_is_written_is_read_again(amount: int, unit: Unit) -> None:
    assert Duration.parse(str(Duration(amount, unit))) == Duration(amount, unit)


@pytest.mark.parametrize(
    ("text", "column", "suggestion", "reason"),
    [
        ("", 1, "4 business hours", "nothing"),
        ("soon", 1, "4 business hours", "no number"),
        ("4", 2, "write one of", "no unit"),
        ("4 bh", 3, "write 4 business hours", "short for business hours"),
        ("2 buisness days", 3, "write 2 business days", "misspelt"),
        ("3 months", 3, "write 3 days", "months have no fixed length"),
        ("4 lightyears", 3, "write one of", "no unit of ours"),
        ("-4 hours", 1, "without minus", "backwards"),
        ("5000 days", 1, "1095 days at most", "longer than any window"),
        ("99999999999999 days", 1, "fewer digits", "a number that is a slip"),
        ("1.5 hours", 1, "90 minutes", "not whole"),
    ],
)
def test_what_is_refused(text: str, column: int, suggestion: str, reason: str) -> None:
    with pytest.raises(DurationError) as refused:
        Duration.parse(text)
    assert suggestion in refused.value.suggestion, reason
    assert refused.value.column == column, reason


@pytest.mark.parametrize(
    ("start", "text", "expected", "reason"),
    [
        ("2026-03-07T12:00", "1 day", "2026-03-08T12:00", "the wall time stays over a clock change"),
        ("2026-03-07T12:00", "24 hours", "2026-03-08T13:00", "hours are elapsed time"),
        ("2026-03-07T02:30", "1 day", "2026-03-08T03:30", "a skipped wall time moves on"),
        ("2026-10-31T01:30", "1 day", "2026-11-01T01:30", "of two, the first"),
        ("2026-06-01T10:15", "2 business days", "2026-06-03T10:15", "at the same time of day"),
        ("2026-06-06T11:00", "1 business day", "2026-06-09T08:00", "on a Saturday it counts from Monday's opening"),
        ("2026-06-01T20:00", "1 business day", "2026-06-03T08:00", "after hours from the next opening"),
        ("2026-06-01T17:00", "1 business day", "2026-06-02T17:00", "the closing itself is not after hours"),
        ("2026-06-04T16:00", "1 business day", "2026-06-05T12:00", "a short Friday ends it at its closing"),
        ("2026-06-01T16:00", "2 business hours", "2026-06-02T09:00", "over the night"),
        ("2026-06-01T10:00", "2 weeks", "2026-06-15T10:00", "weeks are seven days each"),
        ("2026-06-06T11:00", "0 business days", "2026-06-06T11:00", "nothing"),
    ],
)
def test_after(start: str, text: str, expected: str, reason: str) -> None:
    reached = Duration.parse(text).after(ny(start), OFFICE)
    assert reached == ny(expected), reason
    assert reached.tzinfo is UTC


@pytest.mark.parametrize(
    ("end", "text", "expected", "reason"),
    [
        ("2026-06-02T09:00", "2 business hours", "2026-06-01T16:00", "over the night"),
        ("2026-06-08T10:00", "1 business day", "2026-06-05T10:00", "over the weekend"),
        ("2026-06-07T10:00", "1 business day", "2026-06-04T12:00", "a Sunday counts from Friday's closing"),
        ("2026-06-08T08:00", "1 business day", "2026-06-05T08:00", "the opening itself is not before hours"),
        ("2026-06-08T16:00", "1 business day", "2026-06-05T12:00", "within Friday's hours"),
        ("2026-03-08T12:00", "1 day", "2026-03-07T12:00", "the wall time stays"),
    ],
)
def test_before(end: str, text: str, expected: str, reason: str) -> None:
    assert Duration.parse(text).before(ny(end), OFFICE) == ny(expected), reason


@settings(max_examples=100, deadline=None)
@given(scenes(), st.integers(6 * 1440, 18 * 1440), st.integers(0, 3), st.booleans())
def test_days_against_the_twin(seen: Scene, start: int, amount: int, forward: bool) -> None:
    _, twin, calendar = seen
    n = amount if forward else -amount
    day, minute = twin.local(start)
    plain = Duration(amount, "days")
    move = plain.after if forward else plain.before
    moved = twin.minute_of(day + timedelta(days=n), minute) if n else start
    assert move(twin.at(start), calendar) == twin.at(moved)


@settings(max_examples=100, deadline=None)
@given(scenes(), st.integers(11 * 1440, 14 * 1440), st.integers(1, 3), st.booleans())
def test_business_days_against_the_twin(seen: Scene, start: int, amount: int, forward: bool) -> None:
    _, twin, calendar = seen
    # Within the twin's window it can count this far only where most days are open.
    assume(all(twin.hours.get(day) for day in range(5)))
    duration = Duration(amount, "business days")
    move = duration.after if forward else duration.before
    reached = move(twin.at(start), calendar)
    assert reached == twin.at(twin.add_business_days_keeping_time(start, amount if forward else -amount))


@settings(max_examples=100, deadline=None)
@given(scenes(), st.integers(8 * 1440, 16 * 1440), st.integers(0, 600))
def test_hours_and_minutes_against_the_twin(seen: Scene, start: int, amount: int) -> None:
    _, twin, calendar = seen
    assert Duration(amount, "minutes").after(twin.at(start), calendar) == twin.at(start + amount)
    assert Duration(amount, "minutes").before(twin.at(start), calendar) == twin.at(start - amount)
    ahead = min(amount, twin.between(start, 23 * 1440))
    behind = min(amount, twin.between(2 * 1440, start))
    after = Duration(ahead, "business minutes").after(twin.at(start), calendar)
    before = Duration(behind, "business minutes").before(twin.at(start), calendar)
    assert after == twin.at(twin.add(start, ahead))
    assert before == twin.at(twin.add(start, -behind))
