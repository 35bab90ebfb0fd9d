"""Working hours and closed days as people type them."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.business import BusinessCalendar
from app.programs.typed import BadDays, BadHours, parse_days, parse_hours, parse_time, written_days, written_hours

TODAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("typed", "hours", "why"),
    [
        ("8:00-12:00, 13:00-17:00", ["08:00-12:00", "13:00-17:00"], "as the hint shows it"),
        ("13-17; 8-12", ["08:00-12:00", "13:00-17:00"], "whole hours, in any order"),
        ("08.00–12.00 and 1pm to 5pm", ["08:00-12:00", "13:00-17:00"], "as phones and people write them"),
        ("8:00\N{NON-BREAKING HYPHEN}12:00", ["08:00-12:00"], "as it is shown"),
        ("8am-5", ["08:00-17:00"], "the end is in the afternoon"),
        ("1-5pm", ["13:00-17:00"], "and so is the beginning"),
        ("8-12pm", ["08:00-12:00"], "noon"),
        ("7-7pm", ["07:00-19:00"], "a long day, not none"),
        ("10pm-12am", ["22:00-24:00"], "midnight ends the day"),
        ("0:00-24:00", ["00:00-24:00"], "a whole day"),
        ("8-12\n12-16", ["08:00-12:00", "12:00-16:00"], "two that meet"),
        ("", [], "nothing is closed"),
        (" Closed. ", [], "and so is the word"),
        ("—", [], "or a dash"),
    ],
)
def test_hours_are_read_as_they_are_meant(typed: str, hours: list[str], why: str) -> None:
    assert parse_hours(typed) == hours, why


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("8-5", "8:00-5:00 ends before it begins. Write for example 8:00-17:00."),
        ("17-8", "17:00-8:00 ends before it begins. Write for example 8:00-12:00, 13:00-17:00."),
        ("8-8", "8:00-8:00 ends before it begins. Write for example 8:00-20:00."),
        ("8-12, 11-13", "8:00-12:00 and 11:00-13:00 overlap. Write them as one, or apart."),
        ("8:61-9", "There is no such time of day. Write hours such as 8:00-12:00, 13:00-17:00."),
        ("13pm-14pm", "There is no such time of day. Write hours such as 8:00-12:00, 13:00-17:00."),
        ("25-26", "There is no such time of day. Write hours such as 8:00-12:00, 13:00-17:00."),
        ("mornings", "Write hours such as 8:00-12:00, 13:00-17:00, or nothing for closed."),
        (",", "Write hours such as 8:00-12:00, 13:00-17:00, or nothing for closed."),
    ],
)
def test_hours_that_cannot_be_are_refused_with_what_to_write(typed: str, says: str) -> None:
    with pytest.raises(BadHours) as caught:
        parse_hours(typed)
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("typed", "at"),
    [("18:00", time(18)), ("7", time(7)), (" 7:30AM ", time(7, 30)), ("12am", time()), ("24:00", time()), ("", None)],
)
def test_a_time_of_day_is_read_as_people_write_it(typed: str, at: time | None) -> None:
    assert parse_time(typed) == at


@given(st.text(alphabet="0123456789:.amp h", max_size=9) | st.text(max_size=9))
def test_whatever_is_typed_is_a_time_or_is_refused(typed: str) -> None:
    try:
        at = parse_time(typed)
    except BadHours:
        return
    assert at is None or parse_time(f"{at:%H:%M}") == at


@given(st.text(alphabet="0123456789:.,;-– apmclosedt\n", max_size=40) | st.text(max_size=40))
def test_whatever_is_typed_is_hours_that_a_calendar_takes_or_is_refused(typed: str) -> None:
    try:
        hours = parse_hours(typed)
    except BadHours:
        return
    if hours:
        BusinessCalendar.from_config({"hours": {"mon": hours}}, "UTC")
    assert parse_hours(written_hours(hours)) == hours


@given(st.lists(st.integers(0, 24 * 60), min_size=2, max_size=8, unique=True))
def test_hours_are_read_back_as_they_are_written(minutes: list[int]) -> None:
    ordered = sorted(minutes)[: len(minutes) // 2 * 2]
    spans = [
        f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
        for begin, end in zip(ordered[::2], ordered[1::2], strict=True)
    ]
    assert parse_hours(written_hours(spans)) == spans


def test_closed_days_are_read_with_their_names_in_their_order() -> None:
    days = parse_days("2026-12-31: New Year's Eve\n\n 2026-12-24  Christmas   Eve \n2027-01-02", TODAY)
    assert days == {"2026-12-24": "Christmas Eve", "2026-12-31": "New Year's Eve", "2027-01-02": ""}
    assert written_days(days) == "2026-12-24 Christmas Eve\n2026-12-31 New Year's Eve\n2027-01-02"
    assert written_days(["2027-01-02", "2026-12-24"]) == "2026-12-24\n2027-01-02", "as the command line made them"
    assert parse_days(written_days(days), TODAY) == days


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("24 Dec Christmas Eve", "Line 1 begins with no day. Write it as 2026-12-24 Christmas Eve."),
        ("2026-12-24\n2026-02-30 a slip", "Line 2 begins with no day. Write it as 2026-12-24 Christmas Eve."),
        ("2062-12-24 Christmas Eve", "The day of line 1 is years away. Check its year."),
        ("2026-12-24 a\n2026-12-24 b", "The day of line 2 stands twice. Take one out."),
        ("\n".join(str(TODAY + timedelta(days=n)) for n in range(101)), "101 days were given, 100 fit."),
        ("\n".join(f"{TODAY + timedelta(days=n)} {'x' * 60}" for n in range(50)), "All together may have 3000"),
    ],
)
def test_closed_days_that_cannot_be_are_refused_by_their_line(typed: str, says: str) -> None:
    with pytest.raises(BadDays) as caught:
        parse_days(typed, TODAY)
    assert str(caught.value).startswith(says)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_days_or_is_refused(typed: str) -> None:
    try:
        days = parse_days(typed, TODAY)
    except BadDays:
        return
    assert parse_days(written_days(days), TODAY) == days
