"""Business time against a minute-by-minute twin, across every US and EU clock change of 2026 to 2030."""

from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.business import local_moment
from tests.kernel.windows import (
    EU,
    NIGHT,
    OFFICE,
    ROUND_THE_CLOCK,
    US,
    WINDOW_DAYS,
    Change,
    Scene,
    all_changes,
    changes_of,
    scene,
    scenes,
)

CHANGES = all_changes()
# Minutes of the window that both can answer for: two days at each end are the twin's blind spot.
FIRST_MINUTE, LAST_MINUTE = 2 * 1440, (WINDOW_DAYS - 2) * 1440
minutes = st.integers(FIRST_MINUTE, LAST_MINUTE)


@pytest.mark.parametrize("zone", [*US, *EU, "Australia/Lord_Howe"])
def test_every_clock_change_of_the_years_is_walked(zone: str) -> None:
    sizes = [abs(change.gap) for change in changes_of(zone)]
    expected = timedelta(minutes=30) if zone == "Australia/Lord_Howe" else timedelta(hours=1)
    assert sizes == [expected] * 10
    assert [change for change in CHANGES if change.zone == zone] == list(changes_of(zone))


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_open_minutes_around_a_clock_change(change: Change) -> None:
    for hours in (OFFICE, ROUND_THE_CLOCK, NIGHT):
        _, twin, calendar = scene(change, hours)
        middle = twin.index(change.at)
        for index in [*range(middle - 200, middle + 200, 5), *range(FIRST_MINUTE, LAST_MINUTE, 53)]:
            assert calendar.is_open(twin.at(index)) == bool(twin.open[index]), twin.at(index)
        begin, end = middle - 1500, middle + 1500
        passed = timedelta(minutes=twin.between(begin, end))
        assert calendar.business_time_between(twin.at(begin), twin.at(end)) == passed


@settings(max_examples=150, deadline=None)
@given(scenes(), minutes, minutes)
def test_time_between_two_instants(seen: Scene, a: int, b: int) -> None:
    _, twin, calendar = seen
    expected = twin.between(a, b) if a <= b else -twin.between(b, a)
    assert calendar.business_time_between(twin.at(a), twin.at(b)) == timedelta(minutes=expected)


@settings(max_examples=150, deadline=None)
@given(scenes(), minutes, st.floats(0, 1))
def test_adding_and_taking_away_open_time(seen: Scene, start: int, share: float) -> None:
    _, twin, calendar = seen
    ahead = round(twin.between(start, LAST_MINUTE) * share)
    behind = round(twin.between(FIRST_MINUTE, start) * share)
    for amount in (ahead, -behind):
        reached = calendar.add_business_time(twin.at(start), timedelta(minutes=amount))
        assert reached == twin.at(twin.add(start, amount))


@settings(max_examples=150, deadline=None)
@given(scenes(), minutes, st.timedeltas(timedelta(hours=-30), timedelta(hours=30)), st.integers(0, 59_999_999))
def test_what_was_added_is_what_lies_between(seen: Scene, start: int, amount: timedelta, microseconds: int) -> None:
    _, twin, calendar = seen
    began = twin.at(start) + timedelta(microseconds=microseconds)
    reached = calendar.add_business_time(began, amount)
    assert calendar.business_time_between(began, reached) == amount


@settings(max_examples=150, deadline=None)
@given(scenes(), minutes, st.integers(-20, 20))
def test_adding_business_days(seen: Scene, start: int, n: int) -> None:
    _, twin, calendar = seen
    day, _ = twin.local(start)
    assert calendar.add_business_days(day, n) == twin.add_days(day, n)
    assert calendar.is_business_day(day) == twin.is_business_day(day)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CHANGES), st.integers(-40, 40))
def test_wall_times_near_a_clock_change(change: Change, steps: int) -> None:
    _, twin, calendar = scene(change, OFFICE)
    # From the wall time that the clock showed last before the change, in both directions.
    days, minute = divmod(twin.called[twin.index(change.at) - 1] + 1 + 5 * steps, 1440)
    day = twin.first + timedelta(days=days)
    moment = local_moment(day, time(minute // 60, minute % 60), calendar.zone)
    assert moment == twin.at(twin.minute_of(day, minute))
