"""Days in words: what each means on a given day, and what is refused since it can mean two."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.slack.when import BadWhen, read_day, read_when

MONDAY = date(2026, 11, 2)

DAYS: list[tuple[str, str, str]] = [
    ("2026-12-03", "2026-12-03", "as it should be written"),
    ("2026-1-3", "2026-01-03", "without zeros"),
    ("today", "2026-11-02", ""),
    ("tomorrow", "2026-11-03", ""),
    ("yesterday", "2026-11-01", "events are often noted a day late"),
    ("fri", "2026-11-06", "the coming one"),
    ("Friday", "2026-11-06", "in full"),
    ("on fri", "2026-11-06", "with on"),
    ("this fri", "2026-11-06", "the coming one"),
    ("last fri", "2026-10-30", "the one before"),
    ("next mon", "2026-11-09", "today is Monday, so only one can be next"),
    ("in 3 days", "2026-11-05", ""),
    ("in two weeks", "2026-11-16", ""),
    ("in a week", "2026-11-09", ""),
    ("3 dec", "2026-12-03", "the nearest"),
    ("dec 3", "2026-12-03", "American order"),
    ("3rd of december", "2026-12-03", ""),
    ("3. dec.", "2026-12-03", ""),
    ("3 dec 2027", "2027-12-03", "a year that is given counts"),
    ("20 oct", "2026-10-20", "lately"),
    ("5 jan", "2027-01-05", "over the turn of the year"),
    ("12/25", "2026-12-25", "can only be December"),
    ("25/12/2026", "2026-12-25", "can only be December"),
    ("12/12/26", "2026-12-12", "both readings are the same day"),
    ("3.12.2026", "2026-12-03", "dots: the day comes first"),
    ("29 feb 2028", "2028-02-29", "a leap year"),
]

REFUSED: list[tuple[str, str, str]] = [
    ("2026-02-29", "28 days", "no leap year"),
    ("2026-13-01", "no month 13", "no such month"),
    ("31 april", "30 days at most", "no such day"),
    ("0 dec", "31 days at most", "no such day"),
    ("3/4", "4 Mar or as 3 Apr", "two readings"),
    ("03/04/26", "2026-03-04 or as 2026-04-03", "two readings"),
    ("mon", "Today is Monday", "today, or in a week"),
    ("next fri", "2026-11-06 or 2026-11-13", "people differ"),
    ("1 may", "Which year", "half a year away either way"),
    ("29 feb", "Which year", "not in a year near by"),
    ("in 3 months", "days and weeks", "months differ in length"),
    ("0001-01-01", "cannot be right", "a slip"),
    ("9999-12-31", "cannot be right", "a slip"),
    ("someday", "do not understand", "no day"),
]


@pytest.mark.parametrize(("text", "day", "why"), DAYS, ids=[row[0] for row in DAYS])
def test_days(text: str, day: str, why: str) -> None:
    when, used = read_when(text.split())
    assert (when.resolve(MONDAY).isoformat(), used) == (day, len(text.split())), why


@pytest.mark.parametrize(("text", "says", "why"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(text: str, says: str, why: str) -> None:
    with pytest.raises(BadWhen) as refusal:
        read_when(text.split())[0].resolve(MONDAY)
    assert says in str(refusal.value), why
    assert "Nothing changed." in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "at", "used"),
    [
        ("fri 07:30", time(7, 30), 2),
        ("fri at 7:30", time(7, 30), 3),
        ("fri 7:30pm", time(19, 30), 2),
        ("fri 7:30 pm", time(19, 30), 3),
        ("fri 7am", time(7), 2),
        ("fri 12 am", time(0), 3),
        ("fri noon", time(12), 2),
        ("fri waive", None, 1),
        ("fri 7", None, 1),
    ],
)
def test_times(text: str, at: time | None, used: int) -> None:
    when, taken = read_when(text.split())
    assert (when.at, taken) == (at, used)


@pytest.mark.parametrize("text", ["fri 24:00", "fri 7:60", "fri 13pm", "fri 0am", "fri at dawn"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(BadWhen, match="7:30"):
        read_when(text.split())


def test_a_text_that_is_no_day_is_none_and_an_impossible_one_is_refused() -> None:
    assert read_day("ABC-1", MONDAY) is None
    assert read_day("3 dec and more", MONDAY) is None
    with pytest.raises(BadWhen):
        read_day("30 feb", MONDAY)


days = st.dates(date(1950, 1, 1), date(2190, 12, 31))


@settings(max_examples=300, deadline=None)
@given(today=days, offset=st.integers(-110, 110))
def test_a_day_without_its_year_is_the_nearest_or_refused(today: date, offset: int) -> None:
    meant = today + timedelta(days=offset)
    when, _ = read_when([str(meant.day), meant.strftime("%b")])
    if (meant.month, meant.day) == (2, 29):
        return
    assert when.resolve(today) == meant


@settings(max_examples=300, deadline=None)
@given(today=days, weekday=st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
def test_a_weekday_is_within_the_next_six_days(today: date, weekday: str) -> None:
    when, _ = read_when([weekday])
    if today.strftime("%a").casefold() == weekday:
        with pytest.raises(BadWhen):
            when.resolve(today)
    else:
        assert timedelta(0) < when.resolve(today) - today < timedelta(days=7)


odd = st.text(max_size=10) | st.sampled_from(["in", "next", "3", "dec", "at", "am", "²", "1e9", "99/99", "2026-12-03"])


@settings(max_examples=500, deadline=None)
@given(words=st.lists(odd, max_size=6), today=days)
def test_any_words_are_a_day_or_refused(words: list[str], today: date) -> None:
    refused, used = "", 0
    try:
        when, used = read_when(words)
        when.resolve(today)
    except BadWhen as refusal:
        refused = str(refusal)
    assert 1 <= used <= len(words) or "Nothing changed." in refused
