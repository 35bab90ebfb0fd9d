"""Ranges as they are written, one row for each way."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.reports.ranges import BadRange, take_range

TODAY = date(2026, 11, 26)  # a Thursday
READS = [
    ("last week", (date(2026, 11, 16), date(2026, 11, 22)), "", "Monday to Sunday"),
    ("this week", (date(2026, 11, 23), date(2026, 11, 29)), "", "the one that is running"),
    ("this month", (date(2026, 11, 1), date(2026, 11, 30)), "", "a month"),
    ("last month", (date(2026, 10, 1), date(2026, 10, 31)), "", "the one before"),
    ("last 30 days", (date(2026, 10, 28), date(2026, 11, 26)), "", "today counts"),
    ("the last 2 weeks", (date(2026, 11, 13), date(2026, 11, 26)), "", "weeks of days"),
    ("today", (TODAY, TODAY), "", "one day"),
    ("Yesterday", (date(2026, 11, 25), date(2026, 11, 25)), "", "one day before"),
    ("2026-11-01 to 2026-11-15", (date(2026, 11, 1), date(2026, 11, 15)), "", "two days"),
    ("2026-11-01 - 2026-11-15", (date(2026, 11, 1), date(2026, 11, 15)), "", "with a dash"),
    ("2026-11-01", (date(2026, 11, 1), date(2026, 11, 1)), "", "a day alone"),
    ("2026-02", (date(2026, 2, 1), date(2026, 2, 28)), "", "a month by its number"),
    ("october", (date(2026, 10, 1), date(2026, 10, 31)), "", "a month by its name"),
    ("Oct 2025", (date(2025, 10, 1), date(2025, 10, 31)), "", "of a year"),
    ("Sept. 2025", (date(2025, 9, 1), date(2025, 9, 30)), "", "four letters and a point"),
    ("may", (date(2026, 5, 1), date(2026, 5, 31)), "", "three letters are all"),
    ("nov", (date(2026, 11, 1), date(2026, 11, 30)), "", "the one that is running"),
    ("dec", (date(2025, 12, 1), date(2025, 12, 31)), "", "one that has not begun is that of last year"),
    ("last quarter", (date(2026, 7, 1), date(2026, 9, 30)), "", "July to September"),
    ("this quarter", (date(2026, 10, 1), date(2026, 12, 31)), "", "the one that is running"),
    ("2025", (date(2025, 1, 1), date(2025, 12, 31)), "", "a year"),
    ("last year", (date(2025, 1, 1), date(2025, 12, 31)), "", "a year in words"),
    ("authorization oct", (date(2026, 10, 1), date(2026, 10, 31)), "authorization", "words before a month"),
    ("authorization last week", (date(2026, 11, 16), date(2026, 11, 22)), "authorization", "words before"),
    ("5 oct", (date(2026, 10, 5), date(2026, 10, 5)), "", "a day without its year"),
    ("oct 5th", (date(2026, 10, 5), date(2026, 10, 5)), "", "the month first"),
    ("5 dec", (date(2025, 12, 5), date(2025, 12, 5)), "", "the one that began last, as with months"),
    ("29 feb", (date(2024, 2, 29), date(2024, 2, 29)), "", "a day that not every year has"),
    ("Oct 5, 2025", (date(2025, 10, 5), date(2025, 10, 5)), "", "with its year"),
    ("10/25/2026", (date(2026, 10, 25), date(2026, 10, 25)), "", "with slashes, where it can be one day alone"),
    ("25/10", (date(2026, 10, 25), date(2026, 10, 25)), "", "either way round"),
    ("1 oct to 5 oct", (date(2026, 10, 1), date(2026, 10, 5)), "", "two days without their years"),
    ("oct 1 to oct 5", (date(2026, 10, 1), date(2026, 10, 5)), "", "the months first"),
    ("from 1st of october until 5 oct.", (date(2026, 10, 1), date(2026, 10, 5)), "", "in more words"),
    ("10/13/2026 to 10/25/26", (date(2026, 10, 13), date(2026, 10, 25)), "", "two days with slashes"),
    ("1 oct to 30 nov", (date(2026, 10, 1), date(2026, 11, 30)), "", "one that runs still"),
    ("20 dec to 5 jan", (date(2025, 12, 20), date(2026, 1, 5)), "", "over the turn of the year"),
    ("20 dec to 5 jan 2025", (date(2024, 12, 20), date(2025, 1, 5)), "", "the year before that of its end"),
    ("1 oct 2025 to 5 oct", (date(2025, 10, 1), date(2025, 10, 5)), "", "the year of its beginning"),
    ("oct to nov", (date(2026, 10, 1), date(2026, 11, 30)), "", "months"),
    ("2026-10-01 to yesterday", (date(2026, 10, 1), date(2026, 11, 25)), "", "up to a day by its name"),
    ("since 5 oct", (date(2026, 10, 5), TODAY), "", "up to today"),
    ("authorization since last month", (date(2026, 10, 1), TODAY), "authorization", "since a range begins"),
    ("since monday", (date(2026, 11, 23), TODAY), "", "since a weekday"),
    ("monday", (date(2026, 11, 23), date(2026, 11, 23)), "", "the one that began last"),
    ("Thu", (TODAY, TODAY), "", "today is one"),
    ("last thursday", (date(2026, 11, 19), date(2026, 11, 19)), "", "which is not today"),
    ("fri", (date(2026, 11, 20), date(2026, 11, 20)), "", "never one to come"),
    ("mon to wed", (date(2026, 11, 23), date(2026, 11, 25)), "", "two weekdays"),
    ("fri to mon", (date(2026, 11, 20), date(2026, 11, 23)), "", "over a weekend"),
    ("week", (date(2026, 11, 23), date(2026, 11, 29)), "", "bare, the one that runs"),
    ("Month", (date(2026, 11, 1), date(2026, 11, 30)), "", "bare"),
    ("quarter", (date(2026, 10, 1), date(2026, 12, 31)), "", "bare"),
    ("year", (date(2026, 1, 1), date(2026, 12, 31)), "", "bare"),
    ("last 3 months", (date(2026, 8, 27), TODAY), "", "months of days, today counts"),
    ("q3", (date(2026, 7, 1), date(2026, 9, 30)), "", "a quarter by its number"),
    ("Q4", (date(2026, 10, 1), date(2026, 12, 31)), "", "the one that runs"),
    ("q4 2025", (date(2025, 10, 1), date(2025, 12, 31)), "", "of a year"),
    ("last week <@U0BO|bo>", (date(2026, 11, 16), date(2026, 11, 22)), "<@U0BO|bo>", "a person behind"),
]
REFUSED = [
    ("2026-11-15 to 2026-11-01", "ends before it begins"),
    ("2026-02-30", "no such day"),
    ("2026-13", "no such month"),
    ("2027-01-01 to 2027-01-31", "has not begun"),
    ("next week", "has not begun"),
    ("next quarter", "has not begun"),
    ("tomorrow", "has not begun"),
    ("2027", "has not begun"),
    ("march 2027", "has not begun"),
    ("march 0000", "no such month"),
    ("2020-01-01 to 2026-01-01", "more than two years"),
    ("last 0 days", "No days are no range"),
    ("last week this month", "two ranges"),
    ("5 oct 7 oct", "two ranges"),
    ("5 oct to 1 oct", "ends before it begins"),
    ("5 nov to 1 oct", "ends before it begins"),
    ("today to yesterday", "ends before it begins"),
    ("q3 to q1", "ends before it begins"),
    ("10/25/2026 to 10/13/2026", "ends before it begins"),
    ("31 nov", "no such day"),
    ("13/13/2026", "no such day"),
    ("since tomorrow", "has not begun"),
    ("last 25 months", "more than two years"),
    ("last 0 months", "No days are no range"),
]


@pytest.mark.parametrize(("written", "days", "left", "why"), READS, ids=[row[0] for row in READS])
def test_a_range_is_read(written: str, days: tuple[date, date], left: str, why: str) -> None:
    found, rest = take_range(written)
    assert found is not None
    assert (found.resolve(TODAY), rest) == (days, left), why


@pytest.mark.parametrize(("written", "said"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_is_refused_with_what_can(written: str, said: str) -> None:
    with pytest.raises(BadRange, match=said) as refused:
        resolved(written)
    assert "last 30 days" in str(refused.value)


@pytest.mark.parametrize(("written", "both"), [
    ("10/1/2026 to 10/5/2026", "2026-10-01 or as 2026-01-10"),
    ("10/5", "5 oct or as 10 may"),
])  # fmt: skip
def test_a_day_that_can_be_two_is_refused_with_both(written: str, both: str) -> None:
    with pytest.raises(BadRange, match=both):
        take_range(written)


WRITTEN: tuple[Callable[[date], str], ...] = (
    lambda day: day.isoformat(),
    lambda day: f"{day.day} {day:%b} {day.year}",
    lambda day: f"{day:%B} {day.day}, {day.year}",
    lambda day: f"{day.month}/{day.day}/{day.year}" if day.day > 12 else f"{day:%Y-%m-%d}",
)
NO_YEAR: tuple[Callable[[date], str], ...] = (lambda day: f"{day.day} {day:%b}", lambda day: f"{day:%B} {day.day}")
todays = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(
    today=todays, back=st.integers(0, 800), long=st.integers(0, 730), forms=st.tuples(*[st.sampled_from(WRITTEN)] * 2)
)
def test_two_whole_days_are_those_days(
    today: date, back: int, long: int, forms: tuple[Callable[[date], str], Callable[[date], str]]
) -> None:
    first = today - timedelta(days=back)
    last = first + timedelta(days=long)
    found, left = take_range(f"authorization {forms[0](first)} to {forms[1](last)}")
    assert found is not None
    assert (found.resolve(today), left) == ((first, last), "authorization")


@given(
    today=todays, back=st.integers(0, 364), long=st.integers(0, 183), forms=st.tuples(*[st.sampled_from(NO_YEAR)] * 2)
)
def test_two_days_of_the_last_year_need_no_year(
    today: date, back: int, long: int, forms: tuple[Callable[[date], str], Callable[[date], str]]
) -> None:
    first = today - timedelta(days=back)
    last = first + timedelta(days=long)
    assume((2, 29) not in {(day.month, day.day) for day in (first, last)})
    found, _ = take_range(f"{forms[0](first)} to {forms[1](last)}")
    assert found is not None
    assert found.resolve(today) == (first, last)


@given(today=todays, name=st.sampled_from(list(calendar.day_name)))
def test_a_weekday_is_of_the_seven_days_up_to_today(today: date, name: str) -> None:
    found, _ = take_range(name)
    assert found is not None
    first, last = found.resolve(today)
    assert first == last
    assert f"{first:%A}" == name
    assert timedelta() <= today - first < timedelta(days=7)


@given(
    today=todays,
    words=st.lists(
        st.sampled_from(
            [
                "since",
                "from",
                "to",
                "-",
                "last",
                "this",
                "next",
                "week",
                "month",
                "quarter",
                "year",
                "q1",
                "q4",
                "2025",
                "1999",
                "9999",
                "0000",
                "oct",
                "feb",
                "29",
                "31",
                "5",
                "0",
                "1st",
                "10/25",
                "30/30",
                "2026-02-29",
                "2026-13",
                "monday",
                "today",
                "tomorrow",
                "days",
                "months",
                "authorization",
            ]
        ),
        max_size=7,
    ),
)
def test_whatever_is_written_is_a_range_of_days_or_refused(today: date, words: list[str]) -> None:  # fmt: skip
    try:
        found, _ = take_range(" ".join(words))
        if found is None:
            return
        first, last = found.resolve(today)
    except BadRange:
        return
    assert first <= min(last, today)


def resolved(written: str) -> tuple[date, date]:
    found, _ = take_range(written)
    assert found is not None
    return found.resolve(TODAY)


def test_january_s_last_month_is_december() -> None:
    found, _ = take_range("last month")
    assert found is not None
    assert found.resolve(date(2026, 1, 31)) == (date(2025, 12, 1), date(2025, 12, 31))


def test_january_s_last_quarter_is_that_of_last_year() -> None:
    found, _ = take_range("last quarter")
    assert found is not None
    assert found.resolve(date(2026, 1, 31)) == (date(2025, 10, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    "words",
    ["authorization", "marching orders", "K7Q4-2025", "banana", "lst week", "the first month", "q5", "sunday-list"],
)
def test_words_without_a_range_are_left(words: str) -> None:
    assert take_range(words) == (None, words)
