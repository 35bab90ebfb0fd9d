"""When a weekly report is due: once a local week, at its moment or later in the week, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.digests.rules import WEEKDAYS, Schedule
from app.kernel.business import BusinessCalendar
from app.reports.weekly import week_due
from tests.cli.conftest import Run, alone, caseboard, practice, run

__all__ = ["alone", "caseboard", "practice", "run"]
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC")
START = datetime(2026, 1, 1, tzinfo=UTC)


def schedule(zone: str, day: str, at: time) -> Schedule:
    calendar = BusinessCalendar.from_config({"hours": {"mon": ["08:00-17:00"]}}, zone)
    return Schedule(at, ZoneInfo(zone), calendar, frozenset({day}))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(WEEKDAYS),
    st.times(max_value=time(23, 0)).map(lambda at: at.replace(second=0, microsecond=0)),
    st.lists(st.integers(1, 300), min_size=1, max_size=60),
)
def test_looking_now_and_then_finds_each_week_at_most_once_and_none_early(
    zone: str, day: str, at: time, steps: list[int]
) -> None:
    """Looked at every few hours or days: a week is due exactly while its moment is over and the week is not."""
    planned = schedule(zone, day, at)
    now = START
    for hours in steps:
        now += timedelta(hours=hours)
        local = now.astimezone(planned.zone)
        monday = local.date() - timedelta(days=local.weekday())
        moment = planned.moment(monday + timedelta(days=WEEKDAYS.index(day)))
        assert week_due(planned, now) == (monday if moment <= now else None)


def test_a_day_on_which_the_clocks_go_forward_has_its_report() -> None:
    planned = schedule("America/New_York", "sun", time(2, 30))
    assert week_due(planned, datetime(2026, 3, 8, 6, 59, tzinfo=UTC)) is None
    assert week_due(planned, datetime(2026, 3, 8, 7, 0, tzinfo=UTC)) == date(2026, 3, 2), "03:00 is the next there is"


def test_it_is_set_at_the_command_line(practice: Run) -> None:
    said = practice("staff", "report", "Lea Brandt", "--weekly", "mon 08:00")
    assert said.out == "Lea Brandt gets the report of the week before every mon at 08:00 (America/New_York).\n"
    assert practice("staff", "report", "Lea Brandt", "--json").answer == {
        "name": "Lea Brandt", "report": {"day": "mon", "at": "08:00", "zone": "America/New_York"},
    }  # fmt: skip
    assert practice("staff", "report", "Ana Diaz", "--weekly", "mon").err.startswith("The weekly report is for leads")
    assert practice("staff", "report", "Lea Brandt", "--weekly", "someday 8:00").code == 2
    assert practice("staff", "report", "Lea Brandt", "--off").out.startswith("Lea Brandt gets no weekly report.")
