"""Tasks that come after an event: they cannot be done before its day."""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from app.checklists.model import Item
from app.kernel.clock import day_words
from app.kernel.keydates import KEY_DATES
from app.store.uow import UnitOfWork
from app.tasks.refusals import TooEarly
from app.tasks.rows import TaskRow

EVENTS: Final = frozenset({"first_visit", "imaging", "biopsy", "board", "surgery"})
"""Key dates that are planned and then happen. The others are entered afterwards, so that an unset one says nothing."""
_DAY = text("SELECT day FROM key_dates WHERE case_id = :case AND name = :name")


def follows(item: Item) -> str | None:
    """The event that an item comes after, by its due rule (`1 business day after surgery`); None where there is none.

    The rule of `due` alone: those of `due_when` say when it is due in a special case, and not what it comes after.
    """
    rule = item.due
    if rule is None or rule.direction != "after" or rule.anchor.kind != "key_date" or rule.anchor.name not in EVENTS:
        return None
    return rule.anchor.name


def day_of(session: Session, case_id: int, name: str) -> date | None:
    """The local day of a key date, or None while it is not set."""
    found: date | None = session.execute(_DAY, {"case": case_id, "name": name}).scalar_one_or_none()
    return found


def is_early(day: date | None, today: date) -> bool:
    """Whether an event has not happened by `today`, both local days of the practice; an unset day is to come."""
    return day is None or day > today


def event_words(name: str, day: date | None) -> str:
    """An event to come: `the board (Thu 3 Dec 2026)`, or that its day is not known yet."""
    return f"the {KEY_DATES[name]} ({'no date yet' if day is None else day_words(day)})"


def refuse_early(uow: UnitOfWork, task: TaskRow) -> None:
    """Raise `TooEarly` before the day of the event that the task comes after. Leaving it out stays possible."""
    name = follows(task.item)
    if name is None:
        return
    day = day_of(uow.session, task.case_id, name)
    if not is_early(day, uow.now.astimezone(ZoneInfo(task.zone)).date()):
        return
    event = KEY_DATES[name]
    stands = f"is on {day_words(day)}" if day is not None else "has no date yet"
    raise TooEarly(
        f"{task.name} comes after the {event}, which {stands}. Nothing changed. Finish it on that day or later; if "
        f"the {event} was on another day, set that first: date {event} <date>"
    )
