"""Sorting a desk: every task once, against a twin that looks at each task alone; and where a local day begins."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.homes.desk import day_around, sort
from app.tasks.queries import OfferLine, TaskLine
from tests.conftest import MONDAY
from tests.slack.full_desk import task

TOMORROW = MONDAY + timedelta(hours=15)
moments = st.none() | st.integers(-72, 72).map(lambda hours: MONDAY + timedelta(hours=hours))


def held(no: int, due: datetime | None, waits: datetime | None, offered: datetime | None) -> TaskLine:
    if waits is not None:
        return task(no, "waiting", due_at=due, waiting_on="payer", waiting_since=waits, offered_at=offered)
    return task(no, due_at=due, offered_to=offered and "Bo", offered_at=offered)


def part_of(line: TaskLine | OfferLine) -> str:
    """Where a task belongs, by itself: what is to be answered or due before tomorrow comes before what waits."""
    if isinstance(line, OfferLine) or (line.due_at is not None and line.due_at < TOMORROW):
        return "needs"
    return "waiting" if line.state == "waiting" or line.offered_at is not None else "later"


@given(st.lists(st.tuples(moments, moments, moments), max_size=12), st.lists(moments, max_size=6))
def test_every_task_stands_once_where_it_belongs_and_the_most_urgent_first(
    mine: list[tuple[datetime | None, datetime | None, datetime | None]], theirs: list[datetime | None]
) -> None:
    lines = [held(number, *each) for number, each in enumerate(mine)]
    offers = [OfferLine(no, no, "K7Q4", no, "t", due, "Bo", "n") for no, due in enumerate(theirs, start=100)]

    needs, waiting, later = sort(offers, lines, TOMORROW)

    parts: dict[str, Sequence[TaskLine | OfferLine]] = {"needs": needs, "waiting": waiting, "later": later}
    everything: list[TaskLine | OfferLine] = [*offers, *lines]
    for name, part in parts.items():
        assert sorted(line.no for line in part) == sorted(line.no for line in everything if part_of(line) == name)
    dues = [line.due_at for line in needs]
    assert dues == sorted(dues, key=lambda due: (due is None, due or MONDAY))
    since = [line.waiting_since if line.state == "waiting" else line.offered_at for line in waiting]
    assert since == sorted(moment for moment in since if moment is not None)


def test_a_local_day_is_as_long_as_its_clock_changes_make_it() -> None:
    zone = ZoneInfo("America/New_York")
    cases = [
        (datetime(2026, 3, 8, 12, tzinfo=UTC), 23, "an hour is skipped"),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), 25, "an hour comes twice"),
        (datetime(2026, 11, 3, 3, tzinfo=UTC), 24, "it is still the evening before there"),
    ]
    for now, hours, why in cases:
        begins, ends = day_around(now, zone)
        assert (ends - begins) == timedelta(hours=hours), why
        assert begins <= now < ends
        assert begins.astimezone(zone).hour == 0
