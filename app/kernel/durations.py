"""Lengths of time as people say them: `4 business hours`, `2 business days`, `10 days`."""

import difflib
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal, get_args

from app.kernel.business import BusinessCalendar, local_moment
from app.kernel.clock import to_utc

Unit = Literal["minutes", "hours", "days", "weeks", "business hours", "business days", "business minutes"]

UNITS: Final[tuple[Unit, ...]] = get_args(Unit)
_BY_WORD: Final[dict[str, Unit]] = {unit: unit for unit in UNITS} | {unit[:-1]: unit for unit in UNITS}
# Three years of each: longer than any window of a payer's rule, and well inside the calendar's horizon.
_MOST: Final[dict[Unit, int]] = {
    "minutes": 1_576_800,
    "hours": 26_280,
    "days": 1_095,
    "weeks": 156,
    "business minutes": 360_000,
    "business hours": 6_000,
    "business days": 750,
}
_SHORT: Final[dict[str, str]] = {
    "min": "minutes", "mins": "minutes", "m": "minutes", "h": "hours", "hr": "hours", "hrs": "hours",
    "d": "days", "w": "weeks", "wk": "weeks", "wks": "weeks", "month": "days", "months": "days",
    "bh": "business hours", "bd": "business days", "bm": "business minutes",
    "bhrs": "business hours", "bds": "business days", "workday": "business days", "workdays": "business days",
    "business weeks": "business days", "business week": "business days",
}  # fmt: skip


class DurationError(ValueError):
    """A text is no duration; `suggestion` says what would be one, `column` (from 1) where it goes wrong."""

    def __init__(self, message: str, *, column: int, suggestion: str) -> None:
        self.message = message
        self.column = column
        self.suggestion = suggestion
        super().__init__(f"{message}; {suggestion}")


@dataclass(frozen=True)
class Duration:
    """A whole number of one unit: elapsed time, calendar days, or open time and open days."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise DurationError(
                f"a duration of {self.amount} {self.unit} goes backwards",
                column=1,
                suggestion="write it without minus",
            )
        if self.amount > _MOST[self.unit]:
            raise DurationError(
                f"{self.amount} {self.unit} is longer than anything a case waits for",
                column=1,
                suggestion=f"write {_MOST[self.unit]} {self.unit} at most",
            )

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read `4 business hours`; plural, case and spaces do not matter. Raises DurationError."""
        found = re.match(r"\s*([+-]?\d+)?(\s*)(.*?)\s*\Z", text, re.DOTALL)
        digits, words = (found[1], found[3]) if found else (None, text)
        if digits is None:
            raise DurationError(
                f"“{text.strip()}” does not begin with a number",
                column=1,
                suggestion="write for example 4 business hours",
            )
        if words[:1] in (".", ",", "/"):
            raise DurationError(
                f"“{text.strip()}” is not a whole number",
                column=1,
                suggestion="write a whole number of a smaller unit, such as 90 minutes",
            )
        if len(digits) > 9:
            raise DurationError(f"{digits[:9]}… is too large a number", column=1, suggestion="write fewer digits")
        column = found.start(3) + 1 if found else 1
        return cls(int(digits), parse_unit(words, amount=digits, column=column))

    @property
    def counts_days(self) -> bool:
        """Whether it counts whole days or weeks, and so works on local dates, not on instants."""
        return self.unit in ("days", "weeks", "business days")

    @property
    def is_business(self) -> bool:
        """Whether only open time or open days count."""
        return self.unit.startswith("business")

    def __str__(self) -> str:
        return f"{self.amount} {self.unit[:-1] if self.amount == 1 else self.unit}"

    def after(self, start: datetime, cal: BusinessCalendar) -> datetime:
        """The instant (UTC) this long after `start`.

        Minutes and hours are elapsed time, open time when they are business ones. Days and weeks keep the
        local wall time in the calendar's zone. Business days count from `start`, or from the next opening
        when that is closed, keep the wall time, and end within the hours of the day they reach.
        """
        return self._moved(start, cal, 1)

    def before(self, end: datetime, cal: BusinessCalendar) -> datetime:
        """The instant (UTC) this long before `end`: the mirror of `after`.

        Business days count from the last closing when `end` is closed.
        """
        return self._moved(end, cal, -1)

    def _moved(self, origin: datetime, cal: BusinessCalendar, sign: int) -> datetime:
        origin = to_utc(origin)
        if self.amount == 0:
            return origin
        amount = sign * self.amount
        match self.unit:
            case "minutes":
                return origin + timedelta(minutes=amount)
            case "hours":
                return origin + timedelta(hours=amount)
            case "business minutes":
                return cal.add_business_time(origin, timedelta(minutes=amount))
            case "business hours":
                return cal.add_business_time(origin, timedelta(hours=amount))
            case "business days":
                return _business_days(origin, amount, cal)
            case "days" | "weeks":
                local = origin.astimezone(cal.zone)
                days = timedelta(days=amount * (7 if self.unit == "weeks" else 1))
                return local_moment(local.date() + days, _wall_time(local), cal.zone)


def parse_unit(words: str, *, amount: str = "4", column: int = 1) -> Unit:
    """The unit that `words` name. Raises DurationError with `column` and the likeliest unit."""
    plain = " ".join(words.casefold().split())
    if plain in _BY_WORD:
        return _BY_WORD[plain]
    near = _SHORT.get(plain) or next(iter(difflib.get_close_matches(plain, _BY_WORD, n=1)), None)
    unit = _BY_WORD.get(near or "", "business hours")
    what = f"“{words.strip()}” is not a unit" if plain else "the unit is missing"
    hint = f"write {amount} {unit}" if near else f"write one of: {', '.join(UNITS)}"
    raise DurationError(what, column=column, suggestion=hint)


def _business_days(origin: datetime, amount: int, cal: BusinessCalendar) -> datetime:
    begin = cal.next_open(origin) if amount > 0 else cal.previous_open(origin)
    local = begin.astimezone(cal.zone)
    day = cal.add_business_days(local.date(), amount)
    reached = local_moment(day, _wall_time(local), cal.zone)
    return min(max(reached, cal.opening(day)), cal.closing(day))


def _wall_time(local: datetime) -> time:
    return local.time().replace(fold=0)
