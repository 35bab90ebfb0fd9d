"""Clock arithmetic: what pauses do to deadlines, against a walk minute by minute."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.business import BusinessCalendar
from app.kernel.durations import Duration
from app.kernel.running import ClockEvent, ClockHistoryError, EventKind, deadline
from tests.kernel.twin import Twin
from tests.kernel.windows import Scene, scenes

NEW_YORK = ZoneInfo("America/New_York")
HOURS = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = BusinessCalendar.from_config({"hours": HOURS}, "America/New_York")


def ny(text: str) -> datetime:
    """A wall time of June 2026, such as "1 09:00": 1 June is a Monday."""
    day, at = text.split()
    return datetime.fromisoformat(f"2026-06-{int(day):02}T{at}").replace(tzinfo=NEW_YORK).astimezone(UTC)


def history(*said: str) -> list[ClockEvent]:
    """Events from texts such as "start 1 09:00"."""
    kinds: dict[str, EventKind] = {"start": "start", "pause": "pause", "resume": "resume", "stop": "stop"}
    return [ClockEvent(kinds[text.partition(" ")[0]], ny(text.partition(" ")[2])) for text in said]


@pytest.mark.parametrize(
    ("said", "message", "reason"),
    [
        (["pause 1 09:00"], "begins with a start", "no start"),
        (["start 1 09:00", "start 1 10:00"], "cannot start after its start", "two starts"),
        (["start 1 09:00", "resume 1 10:00"], "cannot resume after its start", "nothing to resume"),
        (["start 1 09:00", "pause 1 10:00", "pause 1 11:00"], "cannot pause after its pause", "two pauses"),
        (["start 1 09:00", "stop 1 10:00", "resume 1 11:00"], "cannot resume after its stop", "it is over"),
        (["start 1 09:00", "pause 1 08:00"], "comes before", "out of order"),
    ],
)
def test_contradictions_are_refused(said: list[str], message: str, reason: str) -> None:
    with pytest.raises(ClockHistoryError) as refused:
        deadline(history(*said), Duration(1, "hours"), OFFICE)
    assert message in str(refused.value), reason


@pytest.mark.parametrize(
    ("said", "target", "due", "reason"),
    [
        ([], "4 business hours", None, "not begun"),
        (["start 1 09:00"], "4 business hours", "1 13:00", "running"),
        (["start 1 09:00", "pause 1 10:00"], "4 business hours", None, "paused: nobody knows"),
        (["start 1 09:00", "pause 1 10:00", "resume 1 12:00"], "4 business hours", "1 15:00", "moved by two hours"),
        (
            ["start 1 09:00", "pause 1 16:00", "resume 2 09:00"],
            "9 business hours",
            "2 11:00",
            "of a night only its open time",
        ),
        (
            ["start 1 09:00", "pause 1 16:00", "resume 2 09:00"],
            "9 hours",
            "2 11:00",
            "elapsed time: seven hours, then two",
        ),
        (
            ["start 1 09:00", "pause 1 14:00", "resume 1 15:00"],
            "4 business hours",
            "1 13:00",
            "breached before the pause",
        ),
        (["start 1 09:00", "pause 1 14:00"], "4 business hours", "1 13:00", "and stays so while paused"),
        (["start 1 09:00", "pause 1 13:00"], "4 business hours", "1 13:00", "a pause at the deadline comes too late"),
        (["start 1 09:00", "stop 1 10:00"], "4 business hours", "1 13:00", "stopped in time: what it would have been"),
        (["start 1 09:00", "pause 1 10:00", "stop 1 11:00"], "4 business hours", None, "stopped while paused"),
        (
            ["start 1 09:00", "pause 1 10:00", "resume 1 11:00", "stop 1 11:00"],
            "4 business hours",
            "1 14:00",
            "resumed, then stopped at once",
        ),
        (
            ["start 1 09:00", "pause 1 10:00", "resume 1 11:00", "pause 1 12:00", "resume 1 14:00"],
            "4 business hours",
            "1 16:00",
            "two pauses",
        ),
        (
            ["start 1 09:00", "pause 1 12:00", "resume 2 12:00"],
            "2 business days",
            "4 09:00",
            "business days move by the open time",
        ),
        (
            ["start 1 09:00", "pause 5 18:00", "resume 7 12:00"],
            "10 business days",
            "15 09:00",
            "a weekend costs nothing",
        ),
        (["start 1 09:00", "pause 1 12:00", "resume 2 12:00"], "3 days", "5 09:00", "days move by the elapsed time"),
    ],
)
def test_deadlines(said: list[str], target: str, due: str | None, reason: str) -> None:
    found = deadline(history(*said), Duration.parse(target), OFFICE)
    assert found == (ny(due) if due else None), reason


@st.composite
def courses(draw: st.DrawFn) -> tuple[Scene, list[int]]:
    """A scene, and the minutes at which a clock in it started, paused, resumed, paused and so on."""
    seen = draw(scenes())
    moments = draw(st.lists(st.integers(3 * 1440, 21 * 1440), min_size=1, max_size=7, unique=True))
    return seen, sorted(moments)


def events_at(twin: Twin, moments: list[int]) -> list[ClockEvent]:
    kinds: list[EventKind] = ["start", "pause", "resume", "pause", "resume", "pause", "resume"]
    return [ClockEvent(kind, twin.at(moment)) for kind, moment in zip(kinds, moments, strict=False)]


def running_minutes(moments: list[int], end: int) -> bytearray:
    """For each minute of the window whether the clock ran."""
    ran = bytearray(end)
    for index, (began, ended) in enumerate(pairwise([*moments, end])):
        if index % 2 == 0:
            ran[began:ended] = bytes([1]) * max(ended - began, 0)
    return ran


@settings(max_examples=150, deadline=None)
@given(courses(), st.booleans(), st.floats(0, 1))
def test_deadlines_against_the_walk(course: tuple[Scene, list[int]], business: bool, share: float) -> None:
    (_, twin, calendar), moments = course
    end = 22 * 1440
    counts = running_minutes(moments, end)
    if business:
        counts = bytearray(a & b for a, b in zip(counts, twin.open, strict=False))
    paused = len(moments) % 2 == 0
    # Up to a little more than there is, so that a last pause is met both before and after the deadline.
    target = round(sum(counts) * share) + (5 if paused and share > 0.9 else 0)
    left, at = target, moments[0]
    while left and at < end:
        left -= counts[at]
        at += 1
    expected = None if left else twin.at(at)
    unit = Duration(target, "business minutes" if business else "minutes")
    assert deadline(events_at(twin, moments), unit, calendar) == expected


@settings(max_examples=60, deadline=None)
@given(courses(), st.integers(1, 3), st.sampled_from(("business days", "days")))
def test_a_pause_never_brings_a_deadline_nearer(course: tuple[Scene, list[int]], n: int, unit: str) -> None:
    (_, twin, calendar), moments = course
    events = events_at(twin, moments)
    target = Duration.parse(f"{n} {unit}")
    free = deadline(events[:1], target, calendar)
    assert free is not None
    for length in range(3, len(events) + 1, 2):
        longer = deadline(events[:length], target, calendar)
        assert longer is not None
        assert longer >= free
        free = longer
