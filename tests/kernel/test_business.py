"""The business calendar in single cases, each with its reason."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.kernel.business import BeyondHorizon, BusinessCalendar, CalendarError, local_moment
from app.kernel.clock import NaiveTimeError

WEEK = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {day: ["08:00-12:00", "13:00-17:00"] for day in WEEK}
NEW_YORK = ZoneInfo("America/New_York")


def office(**more: object) -> BusinessCalendar:
    return BusinessCalendar.from_config({"hours": OFFICE, **more}, "America/New_York")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ny(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected", "reason"),
    [
        ("2026-06-01", "09:00", "America/New_York", "2026-06-01T13:00", "an ordinary summer morning"),
        ("2026-03-08", "02:30", "America/New_York", "2026-03-08T07:30", "skipped: 02:30 becomes 03:30 EDT"),
        ("2026-03-08", "02:00", "America/New_York", "2026-03-08T07:00", "the first skipped minute is the change"),
        ("2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30", "twice: the first, still in EDT"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:45", "a gap of half an hour"),
        ("2026-04-05", "01:45", "Australia/Lord_Howe", "2026-04-04T14:45", "a fold of half an hour"),
        ("2026-03-28", "23:30", "America/Nuuk", "2026-03-29T01:30", "moves past midnight"),
    ],
)
def test_local_moment(day: str, at: str, zone: str, expected: str, reason: str) -> None:
    moment = local_moment(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))
    assert moment == utc(expected), reason
    assert moment.tzinfo is UTC


def test_local_moment_takes_the_wall_time_alone() -> None:
    day = date(2026, 11, 1)
    later_fold = time(1, 30, fold=1, tzinfo=UTC)
    assert local_moment(day, later_fold, NEW_YORK) == local_moment(day, time(1, 30), NEW_YORK)


@pytest.mark.parametrize(
    ("start", "hours", "expected", "reason"),
    [
        ("2026-06-01T09:00", 2, "2026-06-01T11:00", "inside one interval"),
        ("2026-06-01T11:00", 2, "2026-06-01T14:00", "lunch does not count"),
        ("2026-06-01T16:00", 2, "2026-06-02T09:00", "the night does not count"),
        ("2026-06-05T16:00", 2, "2026-06-08T09:00", "the weekend does not count"),
        ("2026-06-05T20:00", 1, "2026-06-08T09:00", "outside hours it counts from the next opening"),
        ("2026-06-06T11:00", 1, "2026-06-08T09:00", "and on a Saturday too"),
        ("2026-06-01T08:00", 8, "2026-06-01T17:00", "a full day ends at its closing, not at the next opening"),
        ("2026-06-01T12:30", 0, "2026-06-01T12:30", "nothing added, nothing moved"),
        ("2026-06-02T09:00", -2, "2026-06-01T16:00", "back over the night"),
        ("2026-06-01T17:00", -8, "2026-06-01T08:00", "back to the opening, not to the closing before it"),
        ("2026-05-22T16:00", 2, "2026-05-26T09:00", "Memorial Day does not count"),
    ],
)
def test_adding_business_hours(start: str, hours: int, expected: str, reason: str) -> None:
    reached = office(country="US").add_business_time(ny(start), timedelta(hours=hours))
    assert reached == ny(expected), reason
    assert reached.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "n", "expected", "reason"),
    [
        ("2026-06-01", 1, "2026-06-02", "the next day"),
        ("2026-06-05", 1, "2026-06-08", "over the weekend"),
        ("2026-06-06", 1, "2026-06-08", "the first one after a Saturday is Monday"),
        ("2026-06-06", 0, "2026-06-08", "zero from a closed day is the next open one"),
        ("2026-06-05", 0, "2026-06-05", "zero from an open day is that day"),
        ("2026-06-06", -1, "2026-06-05", "the one before a Saturday is Friday"),
        ("2026-06-08", -1, "2026-06-05", "back over the weekend"),
        ("2026-07-02", 1, "2026-07-06", "Independence Day 2026 is a Saturday, and taken on Friday"),
        ("2027-12-30", 1, "2028-01-03", "New Year's Day 2028 is a Saturday, and taken in the old year"),
        ("2026-06-01", 250, "2027-06-01", "a year of business days: 261 weekdays, 11 holidays"),
    ],
)
def test_adding_business_days(day: str, n: int, expected: str, reason: str) -> None:
    found = office(country="US").add_business_days(date.fromisoformat(day), n)
    assert found == date.fromisoformat(expected), reason


@pytest.mark.parametrize(
    ("config", "day", "is_open", "reason"),
    [
        ({"country": "US"}, "2026-11-26", False, "Thanksgiving"),
        ({"country": "US"}, "2026-11-27", True, "the day after is a matter of the program"),
        ({"country": "US", "holidays": ["2026-11-27"]}, "2026-11-27", False, "and this one closes"),
        ({"country": "US", "holidays": [date(2026, 11, 27)]}, "2026-11-27", False, "a date as YAML reads it"),
        ({"country": "US", "closed_names": ["Thanksgiving Day"]}, "2026-10-12", True, "works on Columbus Day"),
        ({"country": "US", "closed_names": ["Thanksgiving Day"]}, "2026-11-26", False, "closes by its name"),
        ({"country": "US", "closed_names": ["Independence Day"]}, "2026-07-03", False, "and on the day in lieu"),
        ({"country": "US", "worked_names": ["Columbus Day"]}, "2026-10-12", True, "open on this one"),
        ({"country": "US", "worked_names": ["Columbus Day"]}, "2026-11-26", False, "and on no other"),
        ({"country": "US", "worked_names": ["Independence Day"]}, "2026-07-03", True, "nor closed in lieu"),
        ({"holidays": {"2026-12-24": "Christmas Eve"}}, "2026-12-24", False, "an own day off with its name"),
        ({"country": "US", "subdivision": "TX"}, "2026-03-02", False, "Texas Independence Day"),
        ({"country": "US", "subdivision": "NY"}, "2026-03-02", True, "which New York does not keep"),
        ({"country": "DE", "subdivision": "BY"}, "2026-08-15", False, "a Saturday, and Assumption in Bavaria"),
        ({}, "2026-12-25", True, "without a country there are no public holidays"),
        ({"extra_days": ["2026-12-19"]}, "2026-12-19", True, "a Saturday worked"),
        ({"country": "US", "extra_days": ["2026-11-26"]}, "2026-11-26", True, "a holiday worked"),
        ({"holidays": ["2026-12-19"], "extra_days": ["2026-12-19"]}, "2026-12-19", True, "the extra day wins"),
    ],
)
def test_business_days(config: Mapping[str, object], day: str, is_open: bool, reason: str) -> None:
    assert office(**config).is_business_day(date.fromisoformat(day)) is is_open, reason


def test_why_a_day_is_a_holiday() -> None:
    calendar = office(country="US", holidays=["2026-11-27"])
    assert calendar.holiday_name(date(2026, 11, 26)) == "Thanksgiving Day"
    assert calendar.holiday_name(date(2026, 11, 27)) == "holiday of the program"
    assert calendar.holiday_name(date(2026, 11, 28)) is None
    assert office(country="US", extra_days=["2026-11-26"]).holiday_name(date(2026, 11, 26)) is None


@pytest.mark.parametrize(
    ("extra_days", "opening", "closing", "reason"),
    [
        (["2026-12-19"], "08:00", "17:00", "a Saturday has the hours of the first open weekday"),
        ({"2026-12-19": ["09:00-11:30"]}, "09:00", "11:30", "or those that are written for it"),
    ],
)
def test_hours_of_an_extra_day(extra_days: object, opening: str, closing: str, reason: str) -> None:
    calendar, day = office(extra_days=extra_days), date(2026, 12, 19)
    assert calendar.opening(day) == ny(f"2026-12-19T{opening}"), reason
    assert calendar.closing(day) == ny(f"2026-12-19T{closing}"), reason


def test_opening_and_closing() -> None:
    calendar = office()
    assert calendar.opening(date(2026, 6, 1)) == ny("2026-06-01T08:00")
    assert calendar.closing(date(2026, 6, 1)) == ny("2026-06-01T17:00")
    assert calendar.opening(date(2026, 6, 6)) == ny("2026-06-06T08:00"), "a closed day has usual hours"
    assert calendar.closing(date(2026, 6, 6)) == ny("2026-06-06T17:00")


@pytest.mark.parametrize(
    ("at", "is_open", "following", "previous", "reason"),
    [
        ("2026-06-01T08:00", True, "2026-06-01T08:00", "2026-06-01T08:00", "the opening instant is open"),
        ("2026-06-01T12:00", False, "2026-06-01T12:00", "2026-06-01T12:00", "the closing one is not, yet touches"),
        ("2026-06-01T12:30", False, "2026-06-01T13:00", "2026-06-01T12:00", "lunch"),
        ("2026-06-06T12:00", False, "2026-06-08T08:00", "2026-06-05T17:00", "Saturday"),
    ],
)
def test_the_nearest_open_time(at: str, is_open: bool, following: str, previous: str, reason: str) -> None:
    calendar = office()
    assert calendar.is_open(ny(at)) is is_open, reason
    assert calendar.next_open(ny(at)) == ny(following), reason
    assert calendar.previous_open(ny(at)) == ny(previous), reason


@pytest.mark.parametrize(
    ("day", "hours", "reason"),
    [
        ("2026-03-08", 23, "spring: the day has 23 hours"),
        ("2026-11-01", 25, "autumn: it has 25"),
        ("2026-06-01", 24, "an ordinary day"),
    ],
)
def test_a_day_that_is_open_round_the_clock(day: str, hours: int, reason: str) -> None:
    hours_of_week = {name: ["00:00-24:00"] for name in (*WEEK, "sat", "sun")}
    calendar = BusinessCalendar.from_config({"hours": hours_of_week}, "America/New_York")
    first = date.fromisoformat(day)
    opened, closed = calendar.opening(first), calendar.closing(first)
    assert calendar.business_time_between(opened, closed) == timedelta(hours=hours), reason
    assert calendar.opening(first + timedelta(days=1)) == closed


def test_an_interval_inside_the_skipped_hour_is_not_counted_twice() -> None:
    # On 8 March 2026, 02:05-02:10 is 03:05-03:10, and lies between the other two.
    hours = {"sun": ["02:05-02:10", "03:00-03:07", "03:20-03:30"]}
    calendar = BusinessCalendar.from_config({"hours": hours}, "America/New_York")
    midnight, noon = ny("2026-03-08T00:00"), ny("2026-03-08T12:00")
    assert calendar.business_time_between(midnight, noon) == timedelta(minutes=20)
    assert calendar.add_business_time(midnight, timedelta(minutes=20)) == ny("2026-03-08T03:30")


def test_hours_without_a_zone_are_refused() -> None:
    with pytest.raises(NaiveTimeError, match="no time zone"):
        office().is_open(datetime(2026, 6, 1, 9))  # noqa: DTZ001 - a naive moment is what is refused


@pytest.mark.parametrize(
    ("config", "zone", "message", "reason"),
    [
        ({}, "UTC", "needs its opening hours", "no hours"),
        ({"hours": {}}, "UTC", "never open", "no day"),
        ({"hours": {"mon": []}}, "UTC", "never open", "days, yet no interval"),
        ({"hours": {"mon": ["08:00-12:00", "11:00-17:00"]}}, "UTC", "overlap; write 08:00-17:00", "overlapping"),
        ({"hours": {"mon": ["08:00-17:00", "09:00-10:00"]}}, "UTC", "overlap; write 08:00-17:00", "contained"),
        ({"hours": {"mon": ["17:00-08:00"]}}, "UTC", "write 08:00-17:00, or for a night 17:00-24:00", "inverted"),
        ({"hours": {"mon": ["08:00-08:00"]}}, "UTC", "is empty", "empty interval"),
        ({"hours": {"mon": ["8-17"]}}, "UTC", "write for example 08:00-12:00", "no minutes"),
        ({"hours": {"mon": ["08:00-25:00"]}}, "UTC", "no time of day", "hour 25"),
        ({"hours": {"mon": ["08:60-09:00"]}}, "UTC", "no time of day", "minute 60"),
        ({"hours": {"mon": "08:00-17:00"}}, "UTC", "write a list", "a text in place of a list"),
        ({"hours": {"mon": [800]}}, "UTC", "put it in quotes", "a number in place of a text"),
        ({"hours": {"mo": ["08:00-17:00"]}}, "UTC", "did you mean “mon”", "misspelt weekday"),
        ({"hours": {"mon": ["08:00-09:00"], "Monday": []}}, "UTC", "given twice", "one day, two names"),
        ({"hours": OFFICE, "holiday": []}, "UTC", "did you mean “holidays”", "misspelt key"),
        ({"hours": OFFICE, "holidays": ["27.11.2026"]}, "UTC", "write for example 2026-11-27", "not ISO"),
        ({"hours": OFFICE, "country": "USSA"}, "UTC", "did you mean “USA”", "no such country"),
        ({"hours": OFFICE, "country": 1}, "UTC", "two-letter ISO code", "not a code at all"),
        ({"hours": OFFICE, "country": "US", "subdivision": "ZZ"}, "UTC", "no subdivision “ZZ”", "no such state"),
        ({"hours": OFFICE, "subdivision": "NY"}, "UTC", "needs its country", "a state of nowhere"),
        (
            {"hours": OFFICE, "country": "US", "closed_names": ["Thanksgiving"]},
            "UTC",
            "did you mean “Thanksgiving Day”",
            "a name that the library does not know",
        ),
        ({"hours": OFFICE, "closed_names": ["Labor Day"]}, "UTC", "so needs a country", "names without a place"),
        ({"hours": OFFICE, "extra_days": {"2026-12-19": []}}, "UTC", "has no intervals", "an extra day never open"),
        ({"hours": OFFICE}, "America/NewYork", "did you mean “America/New_York”", "misspelt zone"),
        ({"hours": OFFICE}, "../etc/passwd", "not a time zone", "not a zone at all"),
    ],
)
def test_settings_that_make_no_calendar(config: Mapping[str, object], zone: str, message: str, reason: str) -> None:
    with pytest.raises(CalendarError) as refused:
        BusinessCalendar.from_config(config, zone)
    assert message in str(refused.value), reason


def test_a_calendar_that_is_never_open_cannot_be_made_at_all() -> None:
    with pytest.raises(CalendarError, match="never open"):
        BusinessCalendar(ZoneInfo("UTC"), hours={0: ()})


def test_endless_searches_end() -> None:
    sundays = BusinessCalendar.from_config({"hours": {"sun": ["09:00-09:01"]}}, "UTC")
    start = utc("2026-06-01T00:00")
    for search in (
        lambda: sundays.add_business_time(start, timedelta(hours=40)),
        lambda: sundays.add_business_time(start, timedelta(hours=-40)),
        lambda: sundays.add_business_days(start.date(), 600),
        lambda: sundays.add_business_days(date(2199, 12, 31), 1),
        lambda: sundays.add_business_days(date.max, 1),
        lambda: sundays.is_business_day(date.min),
        lambda: sundays.business_time_between(utc("1951-01-01T00:00"), utc("2100-01-01T00:00")),
    ):
        with pytest.raises(BeyondHorizon):
            search()
    closed_for_good = [date(2026, 6, 1) + timedelta(days=n) for n in range(4000)]
    with pytest.raises(BeyondHorizon, match="ten years"):
        office(holidays=closed_for_good).next_open(start)
    long_closed = [date(2026, 6, 1) - timedelta(days=n) for n in range(4000)]
    with pytest.raises(BeyondHorizon, match="ten years"):
        office(holidays=long_closed).previous_open(start)


def test_many_years_are_answered_from_a_bounded_cache() -> None:
    calendar = office()
    total = calendar.business_time_between(utc("2000-01-01T00:00"), utc("2028-01-01T00:00"))
    weekdays = sum((date(2000, 1, 1) + timedelta(days=n)).weekday() < 5 for n in range(10227))
    assert total == weekdays * timedelta(hours=8)
