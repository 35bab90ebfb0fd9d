"""Ranges of local days as people write them: `last week`, `october`, `since monday`, `1 oct to 15 oct`."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, Self

from app.refusals import Refusal

LONGEST: Final = 731
"""Days that a range may have: two years."""
EXAMPLES: Final = "last week, this month, october, q3, 2025, last 30 days, since monday, or 1 oct to 15 oct"
WAY: Final = f"Write {EXAMPLES}."
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CALLED = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS).replace("sep(?:tember)?", "sep(?:t(?:ember)?)?")
_ON = "|".join(_WEEKDAYS) + "|mon|tues?|wed|thu|thurs?|fri|sat|sun"
_BACK: Final = {"today": 0, "yesterday": 1, "tomorrow": -1, "this": 0, "last": 1, "next": -1}
_ONE = (
    r"(?:(?P<iso>\d{4}-\d{1,2}-\d{1,2})(?!\w)|(?:(?P<a>\d{1,2})/(?P<b>\d{1,2})(?:/(?P<c>\d{4}|\d\d))?"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<month_of>{_CALLED})\.?(?:,?\s+(?P<day_year>\d{{4}}))?"
    rf"|(?P<of_month>{_CALLED})\.?\s+(?P<then>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<then_year>\d{{4}}))?"
    r"|(?P<month>\d{4}-\d{1,2})|(?P<turn>this|last|next)\s+(?P<unit>week|month|quarter|year)"
    r"|^(?P<bare>week|month|quarter|year)$"
    r"|(?:the\s+)?last\s+(?P<n>\d{1,4})\s+(?P<many>day|week|month)s?|(?P<named>today|yesterday|tomorrow)"
    rf"|(?:(?P<again>last)\s+)?(?P<weekday>{_ON})|q(?P<quarter>[1-4])(?:\s+(?P<quarter_year>\d{{4}}))?"
    rf"|(?P<called>{_CALLED})\.?(?:\s+(?P<of>\d{{4}}))?|(?P<year>(?:19|20|21)\d\d))(?![\w-]))"
)
_RANGE = re.compile(rf"(?<![\w-])(?:(?P<lead>since|from)\s+)?{_ONE}", re.IGNORECASE)
_TO = re.compile(rf"\s*(?:\bto\b|until|till|through|-|–|\.\.)\s*{_ONE}", re.IGNORECASE)
NAMED: Final = (
    "today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last quarter",
    "this year", "last year", *_MONTHS, *_WEEKDAYS,
)  # fmt: skip
"""Ranges that are words alone: what a word that is none of ours may have been meant as."""
_NEW_YEAR: Final = timedelta(days=183)
"""Up to this long a range without years may go over the turn of one; beyond, it was written the wrong way round."""
Kind = Literal["days", "last", "months", "week", "month", "quarter", "year", "weekday", "called", "span"]
_UNITS: Final[Mapping[str, Kind]] = {"week": "week", "month": "month", "quarter": "quarter", "year": "year"}


class BadRange(Refusal):
    """A range of days that cannot be."""


@dataclass(frozen=True)
class Days:
    """A range as it was written. `days`: from `first` to `last`; `last`: `n` days up to today less `back`; `months`:
    `n` of them up to today; `week`, `month`, `quarter`, `year`: the whole one, `back` before that of today;
    `weekday`: the day of number `n` (0 is Monday) that began last, `back` days before today; `called`: what has no
    year of its own, `n` months from `month` on or one `day` of it, as it began last; `span`: from the first day of
    `begin` to the last of `end`."""

    kind: Kind
    first: date | None = None
    last: date | None = None
    n: int = 0
    back: int = 0
    month: int = 0
    day: int = 0
    begin: Self | None = None
    end: Self | None = None

    def resolve(self, today: date) -> tuple[date, date]:
        """First and last day, both included, if today is `today`. Raises `BadRange`."""
        first, last = self._resolve(today)
        if first > today:
            raise BadRange(f"That range has not begun. Nothing changed. {WAY}")
        if last < first:
            raise BadRange(f"That range ends before it begins. Nothing changed. {WAY}")
        if (last - first).days >= LONGEST:
            raise BadRange(f"That is more than two years. Nothing changed. {WAY}")
        return first, last

    def _resolve(self, today: date) -> tuple[date, date]:
        if self.kind == "days":
            assert self.first is not None
            assert self.last is not None
            return self.first, self.last
        if self.kind == "span":
            return self._span(today)
        if self.kind == "last":
            last = today - timedelta(days=self.back)
            return last - timedelta(days=max(self.n, 1) - 1), last
        if self.kind == "months":
            year, month = divmod(today.year * 12 + today.month - 1 - self.n, 12)
            day = min(today.day, calendar.monthrange(year, month + 1)[1])
            return date(year, month + 1, day) + timedelta(days=1), today
        if self.kind == "weekday":
            day_ = today - timedelta(days=self.back + (today.weekday() - self.back - self.n) % 7)
            return day_, day_
        if self.kind == "week":
            monday = today - timedelta(days=today.weekday() + 7 * self.back)
            return monday, monday + timedelta(days=6)
        if self.kind == "year":
            return _months(today.year - self.back, 1, 12)
        if self.kind == "quarter":
            year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 - self.back, 4)
            return _months(year, quarter * 3 + 1, 3)
        if self.kind == "called":
            return next(found for found in self._in(*range(today.year, today.year - 9, -1)) if found[0] <= today)
        year, month = divmod(today.year * 12 + today.month - 1 - self.back, 12)
        return _months(year, month + 1, 1)

    def _in(self, *years: int) -> list[tuple[date, date]]:
        """What is `called` so in each of these years that has it: there is not always a 29 February."""
        if not self.day:
            return [_months(year, self.month, self.n) for year in years]
        there = [year for year in years if self.day <= calendar.monthrange(year, self.month)[1]]
        return [(date(year, self.month, self.day),) * 2 for year in there]

    def _span(self, today: date) -> tuple[date, date]:
        """What has no year is of the year of the other end, or of the one next to it."""
        assert self.begin is not None
        assert self.end is not None
        known = self.begin.kind == "called" and self.end.kind == "days"
        first = self.begin._resolve(self.end._resolve(today)[1] if known else today)[0]
        if self.end.kind == "weekday" and not self.end.back:
            return first, first + timedelta(days=(self.end.n - first.weekday()) % 7)
        if self.end.kind == "called":
            ends = [last for _, last in self.end._in(first.year, first.year + 1)]
            near = [last for last in ends if last >= first and (last.year == first.year or last - first <= _NEW_YEAR)]
            return first, next(iter(near), first - timedelta(days=1))
        return first, self.end._resolve(today)[1]


_TODAY: Final = Days("last", n=1)
DEFAULT: Final = Days("last", n=7)
LAST_WEEK: Final = Days("week", back=1)


def take_range(text: str) -> tuple[Days | None, str]:
    """The range that stands in the text, None without one, and what is left of the text. Raises `BadRange`."""
    found = _RANGE.search(text)
    if found is None:
        return None, text.strip()
    days, stop = _read(found), found.end()
    to = _TO.match(text, stop)
    if to is not None:
        days, stop = _to(days, _read(to)), to.end()
    elif found["lead"]:
        days = Days("span", begin=days, end=_TODAY)
    left = f"{text[: found.start()].strip()} {text[stop:].strip()}".strip()
    if _RANGE.search(left):
        raise BadRange(f"Those are two ranges. Nothing changed. {WAY}")
    return days, left


def _to(begin: Days, end: Days) -> Days:
    if begin.kind == end.kind == "days":
        return Days("days", begin.first, end.last)
    return Days("span", begin=begin, end=end)


def _read(found: re.Match[str]) -> Days:
    if found["iso"]:
        year, month, day = map(int, found["iso"].split("-"))
        return _day(year, month, day)
    if found["a"]:
        return _slashed(int(found["a"]), int(found["b"]), found["c"])
    if found["day"]:
        return _day(found["day_year"], _number(found["month_of"]), int(found["day"]))
    if found["then"]:
        return _day(found["then_year"], _number(found["of_month"]), int(found["then"]))
    if found["month"]:
        year, month = map(int, found["month"].split("-"))
        return _of(year, month, 1)
    if found["year"]:
        return _of(found["year"], 1, 12)
    if found["called"]:
        return _of(found["of"], _number(found["called"]), 1)
    if found["quarter"]:
        return _of(found["quarter_year"], int(found["quarter"]) * 3 - 2, 3)
    if found["weekday"]:
        number = next(n for n, name in enumerate(_WEEKDAYS) if name.startswith(found["weekday"][:3].lower()))
        return Days("weekday", n=number, back=1 if found["again"] else 0)
    if found["named"]:
        return Days("last", n=1, back=_BACK[found["named"].lower()])
    if found["n"]:
        return _lately(int(found["n"]), found["many"].lower())
    if found["bare"]:
        return Days(_UNITS[found["bare"].lower()])
    return Days(_UNITS[found["unit"].lower()], back=_BACK[found["turn"].lower()])


def _number(month: str) -> int:
    return 1 + next(n for n, name in enumerate(_MONTHS) if name.startswith(month[:3].lower()))


def _lately(n: int, unit: str) -> Days:
    if n < 1:
        raise BadRange(f"No days are no range. Nothing changed. {WAY}")
    if unit != "month":
        return Days("last", n=n * (7 if unit == "week" else 1))
    if n > 24:
        raise BadRange(f"That is more than two years. Nothing changed. {WAY}")
    return Days("months", n=n)


def _slashed(a: int, b: int, year: str | None) -> Days:
    """`10/25/2026`; what can be two days is refused with both, as everywhere."""
    whole = year if year is None or len(year) == 4 else f"20{year}"
    if a <= 12 and b <= 12 and a != b:
        shown = [
            f"{whole}-{month:02}-{day:02}" if whole else f"{day} {calendar.month_abbr[month].lower()}"
            for month, day in ((a, b), (b, a))
        ]
        raise BadRange(
            f"That can be read as {shown[0]} or as {shown[1]}. Nothing changed. Write the one that you mean."
        )
    return _day(whole, *((a, b) if a <= 12 else (b, a)))


def _of(year: str | int | None, month: int, n: int) -> Days:
    """`n` months from one on, of a year or of that in which they began last."""
    if year is None:
        return Days("called", month=month, n=n)
    if not (1900 <= int(year) <= 2199 and 1 <= month <= 12):
        raise BadRange(f"There is no such month. Nothing changed. {WAY}")
    return Days("days", *_months(int(year), month, n))


def _day(year: str | int | None, month: int, day: int) -> Days:
    try:
        if year is not None and not 1950 <= int(year) <= 2199:
            raise ValueError
        there = date(2028 if year is None else int(year), month, day)  # a leap year, so that 29 Feb passes
    except ValueError:
        raise BadRange(f"There is no such day. Nothing changed. {WAY}") from None
    return Days("called", month=month, day=day) if year is None else Days("days", there, there)


def _months(year: int, month: int, n: int) -> tuple[date, date]:
    """First and last day of `n` months of a year, from `month` on."""
    last = month + n - 1
    return date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1])
