"""Ranges of local days as people write them: `last week`, `october`, `last 30 days`, `2026-11-01 to 2026-11-15`."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from app.refusals import Refusal

LONGEST: Final = 731
"""Days that a range may have: two years."""
EXAMPLES: Final = "last week, this month, october, last quarter, 2025, last 30 days, or 2026-11-01 to 2026-11-15"
WAY: Final = f"Write {EXAMPLES}."
_ISO = r"\d{4}-\d{1,2}-\d{1,2}"
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_CALLED = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS).replace("sep(?:tember)?", "sep(?:t(?:ember)?)?")
_BACK: Final = {"today": 0, "yesterday": 1, "tomorrow": -1, "this": 0, "last": 1, "next": -1}
_RANGE = re.compile(
    rf"(?<![\w-])(?:(?P<first>{_ISO})(?:\s*(?:to|until|till|through|-|–|\.\.)\s*(?P<last>{_ISO}))?"
    r"|(?P<month>\d{4}-\d{1,2})|(?P<turn>this|last|next)\s+(?P<unit>week|month|quarter|year)"
    r"|(?:the\s+)?last\s+(?P<n>\d{1,4})\s+(?P<many>day|week)s?|(?P<named>today|yesterday|tomorrow)"
    rf"|(?P<called>{_CALLED})\.?(?:\s+(?P<of>\d{{4}}))?|(?P<year>(?:19|20|21)\d\d))(?![\w-])",
    re.IGNORECASE,
)
NAMED: Final = (
    "today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last quarter",
    "this year", "last year", *_MONTHS,
)  # fmt: skip
"""Ranges that are words alone: what a word that is none of ours may have been meant as."""
Kind = Literal["days", "last", "week", "month", "quarter", "year", "called"]
_UNITS: Final[Mapping[str, Kind]] = {"week": "week", "month": "month", "quarter": "quarter", "year": "year"}


class BadRange(Refusal):
    """A range of days that cannot be."""


@dataclass(frozen=True)
class Days:
    """A range as it was written. `days`: from `first` to `last`; `last`: `n` days up to today less `back`;
    `week`, `month`, `quarter`, `year`: the whole one, `back` before that of today; `called`: the month of number `n`
    that began last."""

    kind: Kind
    first: date | None = None
    last: date | None = None
    n: int = 0
    back: int = 0

    def resolve(self, today: date) -> tuple[date, date]:
        """First and last day, both included, if today is `today`. Raises `BadRange`."""
        first, last = self._resolve(today)
        if last < first:
            raise BadRange(f"That range ends before it begins. Nothing changed. {WAY}")
        if (last - first).days >= LONGEST:
            raise BadRange(f"That is more than two years. Nothing changed. {WAY}")
        if first > today:
            raise BadRange(f"That range has not begun. Nothing changed. {WAY}")
        return first, last

    def _resolve(self, today: date) -> tuple[date, date]:
        if self.kind == "days":
            assert self.first is not None
            assert self.last is not None
            return self.first, self.last
        if self.kind == "last":
            last = today - timedelta(days=self.back)
            return last - timedelta(days=max(self.n, 1) - 1), last
        if self.kind == "week":
            monday = today - timedelta(days=today.weekday() + 7 * self.back)
            return monday, monday + timedelta(days=6)
        if self.kind == "year":
            return _months(today.year - self.back, 1, 12)
        if self.kind == "quarter":
            year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 - self.back, 4)
            return _months(year, quarter * 3 + 1, 3)
        if self.kind == "called":
            return _months(today.year - (self.n > today.month), self.n, 1)
        year, month = divmod(today.year * 12 + today.month - 1 - self.back, 12)
        return _months(year, month + 1, 1)


DEFAULT: Final = Days("last", n=7)
LAST_WEEK: Final = Days("week", back=1)


def take_range(text: str) -> tuple[Days | None, str]:
    """The range that stands in the text, None without one, and what is left of the text. Raises `BadRange`."""
    found = _RANGE.search(text)
    if found is None:
        return None, text.strip()
    left = f"{text[: found.start()].strip()} {text[found.end() :].strip()}".strip()
    if _RANGE.search(left):
        raise BadRange(f"Those are two ranges. Nothing changed. {WAY}")
    return _read(found), left


def _read(found: re.Match[str]) -> Days:
    if found["first"]:
        first = _day(found["first"])
        return Days("days", first, _day(found["last"]) if found["last"] else first)
    if found["month"]:
        year, month = map(int, found["month"].split("-"))
        return _month(year, month)
    if found["year"]:
        return Days("days", *_months(int(found["year"]), 1, 12))
    if found["called"]:
        number = 1 + next(n for n, name in enumerate(_MONTHS) if name.startswith(found["called"][:3].lower()))
        return _month(int(found["of"]), number) if found["of"] else Days("called", n=number)
    if found["named"]:
        return Days("last", n=1, back=_BACK[found["named"].lower()])
    if found["n"]:
        n = int(found["n"]) * (7 if found["many"].lower() == "week" else 1)
        if n < 1:
            raise BadRange(f"No days are no range. Nothing changed. {WAY}")
        return Days("last", n=n)
    return Days(_UNITS[found["unit"].lower()], back=_BACK[found["turn"].lower()])


def _month(year: int, month: int) -> Days:
    if not (1900 <= year <= 2199 and 1 <= month <= 12):
        raise BadRange(f"There is no such month. Nothing changed. {WAY}")
    return Days("days", *_months(year, month, 1))


def _day(text: str) -> date:
    year, month, day = map(int, text.split("-"))
    try:
        if not 1950 <= year <= 2199:
            raise ValueError
        return date(year, month, day)
    except ValueError:
        raise BadRange(f"There is no such day. Nothing changed. {WAY}") from None


def _months(year: int, month: int, n: int) -> tuple[date, date]:
    """First and last day of `n` months of a year, from `month` on."""
    last = month + n - 1
    return date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1])
