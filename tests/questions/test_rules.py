"""When a question is due, when it reminds, and what its choices may be."""

from datetime import date, datetime, time

import pytest

from app.kernel.business import BusinessCalendar
from app.questions.refusals import BadChoices, BadDue
from app.questions.rules import choices_of, due_moment, first_look
from tests.questions.conftest import local
from tests.world import OFFICE

CALENDAR = BusinessCalendar.from_config({"hours": OFFICE, "country": "US"}, "America/New_York")

DUE = [
    (local(2, 9), None, None, local(3, 17), "the end of the next business day"),
    (local(6, 9), None, None, local(9, 17), "a weekend is between"),
    (local(10, 18), None, None, local(12, 17), "the day between is a holiday"),
    (local(2, 9), date(2026, 11, 2), None, local(2, 17), "today, until it closes"),
    (local(2, 9), date(2026, 11, 5), time(14), local(5, 14), "a time of a day"),
    (local(2, 9), date(2026, 11, 7), None, local(7, 17), "a day that is closed has an end all the same"),
]


@pytest.mark.parametrize(("now", "day", "at", "due", "why"), DUE, ids=[row[4] for row in DUE])
def test_due(now: datetime, day: date | None, at: time | None, due: datetime, why: str) -> None:
    assert due_moment(CALENDAR, now, day, at) == due, why


NOT_DUE = [
    (date(2026, 11, 1), None, "yesterday"),
    (date(1, 1, 1), time(9), "long ago"),
    (date(2026, 11, 2), time(9), "this very moment"),
    (date(2027, 11, 2), None, "in a year"),
    (date(9999, 12, 31), time(23, 59), "never"),
]


@pytest.mark.parametrize(("day", "at", "why"), NOT_DUE, ids=[row[2] for row in NOT_DUE])
def test_no_due_time(day: date, at: time | None, why: str) -> None:
    with pytest.raises(BadDue, match=r"Nothing changed\."):
        due_moment(CALENDAR, local(2, 9), day, at)


LOOKS = [
    (local(2, 9), local(3, 17), local(3, 15), "two open hours before"),
    (local(2, 9), local(3, 9), local(2, 16), "open hours, so on the evening before"),
    (local(2, 9), local(7, 11), local(6, 15), "due on a Saturday"),
    (local(2, 9), local(2, 10), local(2, 9, 30), "half way, where two hours before is over"),
    (local(2, 9), local(2, 9, 29), local(2, 9, 29), "too near for a reminder"),
]


@pytest.mark.parametrize(("now", "due", "look", "why"), LOOKS, ids=[row[3] for row in LOOKS])
def test_first_look(now: datetime, due: datetime, look: datetime, why: str) -> None:
    assert first_look(CALENDAR, now, due) == look, why


CHOICES = [
    (None, (), "nothing written"),
    (" ", (), "nothing but space"),
    ("yes / no", ("yes", "no"), "with a slash"),
    ("yes;no; later", ("yes", "no", "later"), "with semicolons"),
    ("Yes / yes / no", ("Yes", "no"), "each once"),
]


@pytest.mark.parametrize(("words", "choices", "why"), CHOICES, ids=[row[2] for row in CHOICES])
def test_choices(words: str | None, choices: tuple[str, ...], why: str) -> None:
    assert choices_of(words) == choices, why


@pytest.mark.parametrize("words", ["yes", "a/b/c/d/e/f", f"yes / {'x' * 41}"])
def test_no_choices(words: str) -> None:
    with pytest.raises(BadChoices, match=r"Nothing changed\."):
        choices_of(words)
