"""Clock arithmetic: what pauses do to deadlines, against a walk minute by minute."""

from datetime import UTC, datetime
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.business import BusinessCalendar
from app.kernel.durations import Duration
from app.kernel.running import FOLLOWS, ClockEvent, ClockHistoryError, EventKind, deadline
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
        (["start 1 09:00", "stop 1 10:00", "pause 1 11:00"], "cannot pause after its stop", "it is over"),
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
        (["start 1 09:00", "stop 1 10:00", "resume 1 12:00"], "4 business hours", "1 13:00", "no more time by a stop"),
        (
            ["start 1 09:00", "pause 1 10:00", "stop 1 11:00", "resume 1 16:00"],
            "4 business hours",
            "1 14:00",
            "a stop ends a pause",
        ),
        (
            ["start 1 09:00", "stop 1 10:00", "resume 1 11:00", "pause 1 11:30", "resume 1 12:00"],
            "4 business hours",
            "1 13:30",
            "paused after it went on",
        ),
        (["start 1 09:00", "stop 1 10:00", "resume 1 11:00", "stop 1 12:00"], "1 hours", "1 10:00", "stopped again"),
        (["start 1 09:00", "pause 1 08:00"], "4 business hours", None, "paused before the start: at the start"),
        (
            ["start 1 09:00", "pause 1 08:00", "resume 1 10:00"],
            "4 business hours",
            "1 14:00",
            "the pause took the time from the start",
        ),
        (
            ["start 1 09:00", "pause 1 10:00", "resume 1 09:59"],
            "4 business hours",
            "1 13:00",
            "resumed before it was paused: at once",
        ),
    ],
)
def test_deadlines(said: list[str], target: str, due: str | None, reason: str) -> None:
    found = deadline(history(*said), Duration.parse(target), OFFICE)
    assert found == (ny(due) if due else None), reason


@st.composite
def courses(draw: st.DrawFn) -> tuple[Scene, list[tuple[EventKind, int]]]:
    """A scene, and what happened to a clock in it, with the minutes as they were noted: not always in order."""
    seen = draw(scenes())
    moments = draw(st.lists(st.integers(3 * 1440, 21 * 1440), min_size=1, max_size=9))
    if draw(st.booleans()):
        moments.sort()
    kinds: list[EventKind] = ["start"]
    while len(kinds) < len(moments):
        kinds.append(draw(st.sampled_from(FOLLOWS[kinds[-1]])))
    return seen, list(zip(kinds, moments, strict=True))


def events_at(twin: Twin, course: list[tuple[EventKind, int]]) -> list[ClockEvent]:
    return [ClockEvent(kind, twin.at(moment)) for kind, moment in course]


def running_minutes(course: list[tuple[EventKind, int]], end: int) -> bytearray:
    """For each minute of the window whether the clock ran; nothing happened before what was noted before it."""
    ran = bytearray(end)
    kinds: list[str] = [kind for kind, _ in course]
    moments = [*accumulate((moment for _, moment in course), max), end]
    for kind, (began, ended) in zip(kinds, pairwise(moments), strict=True):
        if kind != "pause":
            ran[began:ended] = bytes([1]) * (ended - began)
    if kinds[-2:] == ["pause", "stop"]:
        ran[moments[-2] :] = bytes(end - moments[-2])
    return ran


@settings(max_examples=250, deadline=None)
@given(courses(), st.booleans(), st.floats(0, 1))
def test_deadlines_against_the_walk(
    course: tuple[Scene, list[tuple[EventKind, int]]], business: bool, share: float
) -> None:
    (_, twin, calendar), happened = course
    end = 22 * 1440
    counts = running_minutes(happened, end)
    if business:
        counts = bytearray(a & b for a, b in zip(counts, twin.open, strict=False))
    stands = happened[-1][0] == "pause" or [kind for kind, _ in happened[-2:]] == ["pause", "stop"]
    # Up to a little more than there is, so that a last pause is met both before and after the deadline.
    target = round(sum(counts) * share) + (5 if stands and share > 0.9 else 0)
    left, at = target, happened[0][1]
    while left and at < end:
        left -= counts[at]
        at += 1
    expected = None if left else twin.at(at)
    unit = Duration(target, "business minutes" if business else "minutes")
    events = events_at(twin, happened)
    assert deadline(events, unit, calendar) == expected
    first = deadline(events[:1], unit, calendar)
    assert deadline(events, Duration(1, unit.unit), calendar, given=first) == expected, "given instead of the target"


@settings(max_examples=60, deadline=None)
@given(courses(), st.integers(1, 3), st.sampled_from(("business days", "days")))
def test_nothing_that_happens_brings_a_deadline_nearer(
    course: tuple[Scene, list[tuple[EventKind, int]]], n: int, unit: str
) -> None:
    (_, twin, calendar), happened = course
    events = events_at(twin, happened)
    target = Duration.parse(f"{n} {unit}")
    free = deadline(events[:1], target, calendar)
    assert free is not None
    for length in range(2, len(events) + 1):
        longer = deadline(events[:length], target, calendar)
        if longer is not None:
            assert longer >= free
            free = longer
