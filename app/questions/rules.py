"""When a question is due and when it reminds, and which answers can be chosen. Pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from app.kernel.business import BusinessCalendar, local_moment
from app.questions.refusals import BadChoices, BadDue

FARTHEST: Final = timedelta(days=90)
"""Who needs an answer later than that can ask later."""
REMIND_BEFORE: Final = timedelta(hours=2)
"""Open hours of the practice before the due time at which a question reminds."""
NO_REMINDER: Final = timedelta(minutes=30)
"""A question that is due sooner is not reminded of before."""
MOST_CHOICES: Final = 5
CHOICE_LENGTH: Final = 40
_OVER = "That moment is over. Nothing changed. Give a day or a time that is to come."
_BETWEEN = re.compile(r"[/;\n]")


def due_moment(calendar: BusinessCalendar, now: datetime, day: date | None, at: time | None) -> datetime:
    """When an answer is due (UTC): at a local time of a day, without one at the day's closing.

    Without a day it is the next business day. Raises `BadDue` for a moment that is over or too far away.
    """
    today = calendar.local_day(now)
    day = calendar.add_business_days(today, 1) if day is None else day
    if day < today:
        raise BadDue(_OVER)
    if day > today + FARTHEST:
        raise BadDue(f"That is more than {FARTHEST.days} days away. Nothing changed. Give a day that is nearer.")
    due = calendar.closing(day) if at is None else local_moment(day, at, calendar.zone)
    if due <= now:
        raise BadDue(_OVER)
    return due


def first_look(calendar: BusinessCalendar, now: datetime, due: datetime) -> datetime:
    """When a question that is asked `now` reminds: some open hours before it is due, half way where that is over.

    The due time itself where it is too near for a reminder.
    """
    if due - now < NO_REMINDER:
        return due
    early = calendar.add_business_time(due, -REMIND_BEFORE)
    return early if early > now else now + (due - now) / 2


def choices_of(words: str | None) -> tuple[str, ...]:
    """The answers of which one can be chosen, written with a slash between: `yes / no`. None for nothing written.

    Raises `BadChoices`.
    """
    return checked_choices([part.strip() for part in _BETWEEN.split(words or "")])


def checked_choices(given: Sequence[str]) -> tuple[str, ...]:
    """The same, each once. Raises `BadChoices`."""
    found = tuple({choice.casefold(): choice for choice in reversed(given) if choice}.values())[::-1]
    if len(found) == 1 or len(found) > MOST_CHOICES:
        raise BadChoices(f"Give 2 to {MOST_CHOICES} choices, such as: yes / no. Nothing changed.")
    if any(len(choice) > CHOICE_LENGTH for choice in found):
        raise BadChoices(f"A choice has {CHOICE_LENGTH} characters at most. Nothing changed. Write them shorter.")
    return found
