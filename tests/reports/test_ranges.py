"""Ranges as they are written, one row for each way."""

from datetime import date

import pytest

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


@pytest.mark.parametrize("words", ["authorization", "marching orders", "K7Q4-2025", "banana"])
def test_words_without_a_range_are_left(words: str) -> None:
    assert take_range(words) == (None, words)
