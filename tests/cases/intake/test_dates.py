"""Patterns of dates: which are understood, and what a cell has to hold then."""

from datetime import date, time

import pytest

from app.cases.intake.dates import BadPattern, DatePattern, NotADate

DAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    ("pattern", "cell", "day", "at", "why"),
    [
        ("YYYY-MM-DD", "2026-12-03", DAY, None, "ISO"),
        ("MM/DD/YYYY", "12/03/2026", DAY, None, "American"),
        ("M/D/YYYY", "12/3/2026", DAY, None, "American without noughts"),
        ("MM/DD/YYYY", "12/3/2026", DAY, None, "a nought left out"),
        ("DD.MM.YYYY", "03.12.2026", DAY, None, "German"),
        ("D MMM YYYY", "3 Dec 2026", DAY, None, "month in letters"),
        ("DD-MMM-YYYY", "03-DEC-2026", DAY, None, "in capitals"),
        ("YYYYMMDD", "20261203", DAY, None, "without signs between"),
        ("MM/DD/YYYY HH:mm", "12/03/2026 07:30", DAY, time(7, 30), "with the hour"),
        ("MM/DD/YYYY hh:mm AM", "12/03/2026 07:30 PM", DAY, time(19, 30), "afternoon"),
        ("YYYY-MM-DDTHH:mm:ss", "2026-12-03T07:30:15", DAY, time(7, 30, 15), "seconds, after a T"),
        ("MM/DD/YYYY HH:mm", "12/03/2026 00:00", DAY, None, "midnight stands for an hour that is not known"),
        ("MM/DD/YYYY", "2026-12-03", DAY, None, "a spreadsheet's own date arrives as ISO"),
        ("MM/DD/YYYY", "2026-12-03 07:30:00", DAY, time(7, 30), "and with its hour"),
    ],
)
def test_a_cell_of_the_pattern(pattern: str, cell: str, day: date, at: time | None, why: str) -> None:
    assert DatePattern.parse(pattern).read(cell) == (day, at), why


@pytest.mark.parametrize(
    ("pattern", "cell", "why"),
    [
        ("MM/DD/YYYY", "31/12/2026", "day and month the other way round"),
        ("MM/DD/YYYY", "02/30/2026", "no such day"),
        ("MM/DD/YYYY", "12/03/26", "two digits of a year"),
        ("MM/DD/YYYY", "12/03/2026 07:30", "an hour that the pattern does not have"),
        ("MM/DD/YYYY HH:mm", "12/03/2026", "no hour, though the pattern has one"),
        ("YYYY-MM-DD", "soon", "a word"),
        ("YYYYMMDD", "46359", "a day number of a spreadsheet"),
    ],
)
def test_a_cell_of_another_pattern(pattern: str, cell: str, why: str) -> None:
    with pytest.raises(NotADate) as refused:
        DatePattern.parse(pattern).read(cell)
    assert cell not in str(refused.value), why


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("MM/DD/YY", "two digits of a year have six readings"),
        ("DD.MM", "no year"),
        ("YYYY-MM", "no day"),
        ("YYYY-MM-MMM-DD", "the month twice"),
        ("YYYY-MM-DD HH", "an hour without minutes"),
        ("YYYY-MM-DD mm", "minutes without an hour"),
        ("YYYY-MM-DD hh:mm", "twelve hours without AM"),
        ("YYYY-MM-DD HH:mm AM", "twenty-four hours with AM"),
        ("date", "a word"),
        ("%Y-%m-%d", "the signs of a programming language"),
        ("", "nothing"),
    ],
)
def test_a_pattern_that_is_none(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern):
        DatePattern.parse(pattern)
    assert why
