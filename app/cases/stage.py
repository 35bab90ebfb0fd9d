"""The stage of a case: which key date it has passed, and which one it is on its way to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.kernel.keydates import KEY_DATES

ASIDE: Final = frozenset({"last_contact"})
"""Key dates that say nothing of how far a case has come."""
_ORDER: Final = {name: place for place, name in enumerate(KEY_DATES)}


@dataclass(frozen=True)
class Stage:
    """Names of key dates: the last one that is over, and the next one to come; None where there is none."""

    after: str | None
    before: str | None


def stage_of(dates: Iterable[tuple[str, date, datetime | None]], today: date, now: datetime) -> Stage:
    """The stage by the days that are set; `today` is the program's local one.

    A date without its hour is over when its day is, one with an hour at that moment. Dates of one day are taken in the
    order of a case's course.
    """
    over: list[tuple[date, int, str]] = []
    to_come: list[tuple[date, int, str]] = []
    for name, day, at in dates:
        if name not in ASIDE:
            passed = day < today if at is None else at <= now
            (over if passed else to_come).append((day, _ORDER[name], name))
    return Stage(max(over)[2] if over else None, min(to_come)[2] if to_come else None)
