"""The business calendar: when a program is open, and counting in open days and open minutes.

Opening hours are local wall time; what is counted is real elapsed time between the instants that they
stand for. A wall time that a clock change skips moves forward by the gap, one that occurs twice is the first.
"""

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.kernel.clock import to_utc

DAY_START = time(8)
"""Opening of a day on which the program is closed, for rules that need one all the same."""
DAY_END = time(17)
"""Closing of a day on which the program is closed, for rules that need one all the same."""
HORIZON_DAYS = 3660
"""How far a search for open time goes: ten years. More is a mistake in a rule or a calendar."""
OWN_HOLIDAY = "holiday of the program"
"""The name of an own day off that was given none."""
FIRST_YEAR, LAST_YEAR = 1950, 2199
"""The years that a calendar answers for; a date outside is a slip of the keyboard."""

Interval = tuple[time, time]
"""Local opening and closing time of one stretch of a day; a closing time of 00:00 is the day's end."""
Span = tuple[datetime, datetime]
"""One open stretch as UTC instants, the second excluded."""


class CalendarError(ValueError):
    """A business calendar that cannot be used, and what to write instead."""


class BeyondHorizon(CalendarError):
    """A count in business time that does not end within the horizon."""


def local_moment(day: date, at: time, zone: tzinfo) -> datetime:
    """The UTC instant of a local wall time.

    A time that a clock change skips moves forward by the gap (02:30 becomes 03:30), one that occurs twice
    is the first. Both are what `fold=0` means in PEP 495.
    """
    return datetime.combine(day, at.replace(tzinfo=None, fold=0), zone).astimezone(UTC)


def closed_words(calendar: "BusinessCalendar", day: date) -> str:
    """A sentence to append on a day that may be a slip, since the program is closed then; empty for any other."""
    if calendar.is_business_day(day):
        return ""
    name = calendar.holiday_name(day)
    return f" That is a {day:%A}, no working day{f' ({name})' if name else ''}."


@dataclass(frozen=True)
class BusinessCalendar:
    """When a program is open. Build it with `from_config`, which checks what it is given.

    `hours` maps a weekday (0 is Monday) to its intervals, in order. `country` and `subdivision` name the
    public holidays (ISO 3166, as the `holidays` library knows them); with `closed_names` only those of that
    name close the program, and those of `worked_names` do not. `own_holidays`, each with its name, close it
    besides, `extra_days` open it with the intervals given, whatever else the day is.
    """

    zone: ZoneInfo
    hours: Mapping[int, tuple[Interval, ...]]
    country: str | None = None
    subdivision: str | None = None
    closed_names: frozenset[str] = frozenset()
    worked_names: frozenset[str] = frozenset()
    own_holidays: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    extra_days: Mapping[date, tuple[Interval, ...]] = field(default_factory=lambda: MappingProxyType({}))
    _spans_of: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not any(self.hours.values()):
            raise CalendarError('the calendar is never open; write for example {"hours": {"mon": ["08:00-17:00"]}}')

    @classmethod
    def from_config(cls, cfg: Mapping[str, object], zone: str) -> "BusinessCalendar":
        """A calendar from a program's settings; see app.kernel.calendar_config.read_calendar.

        Raises CalendarError with what to write instead.
        """
        # Imported here because reading settings needs this class.
        from app.kernel.calendar_config import read_calendar

        return read_calendar(cfg, zone)

    def holiday_name(self, day: date) -> str | None:
        """Why `day` is a holiday, or None. Weekends are not holidays; an extra day is never one."""
        if day in self.extra_days:
            return None
        if day in self.own_holidays:
            return self.own_holidays[day]
        name = self._public_holidays(day.year).get(day)
        if name is None or not (self.closed_names or self.worked_names):
            return name
        return name if any(self._closes(holiday_names(one)) for one in name.split("; ")) else None

    def _closes(self, names: Collection[str]) -> bool:
        """Whether a public holiday that answers to these names closes the program."""
        kept = not self.closed_names or not self.closed_names.isdisjoint(names)
        return kept and self.worked_names.isdisjoint(names)

    def is_business_day(self, day: date) -> bool:
        """Whether the program opens on this local day."""
        return bool(self._intervals(day))

    def add_business_days(self, day: date, n: int) -> date:
        """The n-th business day after `day`, or before it when n is negative; `day` itself is not counted.

        With n = 0, `day` or the next business day. Raises BeyondHorizon past HORIZON_DAYS.
        """
        step = timedelta(days=-1 if n < 0 else 1)
        left, at, limit = abs(n), day, HORIZON_DAYS
        if n == 0:
            left, at = 1, day - step
            limit += 1
        for _ in range(limit):
            at = shift_day(at, step)
            if self.is_business_day(at):
                left -= 1
                if left == 0:
                    return at
        raise BeyondHorizon(
            f"{n} business days from {day} are not reached within ten years; "
            "check the number, and the calendar's hours and holidays"
        )

    def opening(self, day: date) -> datetime:
        """The UTC instant at which `day` opens; on a closed day its DAY_START."""
        spans = self._instants(day)
        return min(spans)[0] if spans else local_moment(day, DAY_START, self.zone)

    def closing(self, day: date) -> datetime:
        """The UTC instant at which `day` closes; on a closed day its DAY_END."""
        spans = self._instants(day)
        return max(ended for _, ended in spans) if spans else local_moment(day, DAY_END, self.zone)

    def local_day(self, at: datetime) -> date:
        """The program's local date at an instant."""
        return to_utc(at).astimezone(self.zone).date()

    def is_open(self, at: datetime) -> bool:
        """Whether the program is open then; the opening instant counts, the closing one does not."""
        at = to_utc(at)
        return any(began <= at < ended for began, ended in self._spans_about(at))

    def next_open(self, at: datetime) -> datetime:
        """`at` when the program is open then or just closing, else the next opening. UTC."""
        at = to_utc(at)
        for began, ended in self._forward(at):
            if at <= ended:
                return max(at, began)
        raise self._beyond(at)

    def previous_open(self, at: datetime) -> datetime:
        """`at` when the program is open then or just closing, else the last closing before it. UTC."""
        at = to_utc(at)
        for began, ended in self._backward(at):
            if began <= at:
                return min(at, ended)
        raise self._beyond(at)

    def add_business_time(self, start: datetime, amount: timedelta) -> datetime:
        """The instant (UTC) at which `amount` of open time has passed since `start`.

        It is the earliest such instant, so that eight hours from an opening end at the closing, not at the
        next opening; for a negative amount, counted back, the latest one. Zero is `start`. Outside hours
        the count begins at the next opening. Raises BeyondHorizon past HORIZON_DAYS.
        """
        start = to_utc(start)
        if not amount:
            return start
        left = abs(amount)
        if amount > timedelta():
            for began, ended in self._forward(start):
                began = max(began, start)
                if ended - began >= left:
                    return began + left
                left -= max(ended - began, timedelta())
        else:
            for began, ended in self._backward(start):
                ended = min(ended, start)
                if ended - began >= left:
                    return ended - left
                left -= max(ended - began, timedelta())
        raise self._beyond(start)

    def business_time_between(self, a: datetime, b: datetime) -> timedelta:
        """Open time from `a` to `b`, negative when `b` is earlier. Raises CalendarError over 100 years."""
        a, b = to_utc(a), to_utc(b)
        if b < a:
            return -self.business_time_between(b, a)
        if b - a > timedelta(days=36525):
            raise BeyondHorizon(f"from {a:%Y-%m-%d} to {b:%Y-%m-%d} is more than a hundred years; check both dates")
        total = timedelta()
        day, last = self.local_day(a) - _DAY, self.local_day(b) + _DAY
        while day <= last:
            for began, ended in self._spans(day):
                total += max(min(ended, b) - max(began, a), timedelta())
            day = shift_day(day, _DAY)
        return total

    def open_spans(self, first: date, last: date) -> list[Span]:
        """What is open on the local days `first` to `last`, both included: UTC instants in order, each minute once."""
        return [
            span for offset in range((last - first).days + 1) for span in self._spans(shift_day(first, offset * _DAY))
        ]

    def _forward(self, start: datetime) -> Iterator[Span]:
        """Open stretches in order, from the day before on: a clock change can carry one past midnight."""
        day = self.local_day(start) - _DAY
        for _ in range(HORIZON_DAYS):
            yield from self._spans(day)
            day = shift_day(day, _DAY)

    def _backward(self, start: datetime) -> Iterator[Span]:
        day = self.local_day(start) + _DAY
        for _ in range(HORIZON_DAYS):
            yield from reversed(self._spans(day))
            day = shift_day(day, -_DAY)

    def _spans_about(self, at: datetime) -> Iterator[Span]:
        day = self.local_day(at)
        for near in (day - _DAY, day, day + _DAY):
            yield from self._spans(near)

    def _beyond(self, start: datetime) -> BeyondHorizon:
        return BeyondHorizon(
            f"the count of business time from {start:%Y-%m-%d %H:%M} UTC does not end within ten years; "
            "check the amount, and the calendar's hours and holidays"
        )

    def _spans(self, day: date) -> tuple[Span, ...]:
        """What is open between this local midnight and the next: in order, each minute once.

        Around a clock change the days' own intervals may not be that: 23:30-24:00 can move past midnight, and
        01:30-02:30 can end after an opening at 03:00.
        """
        spans = self._spans_of.get(day)
        if spans is None:
            if len(self._spans_of) > 4000:
                self._spans_of.clear()
            near = (shift_day(day, -_DAY), day, shift_day(day, _DAY))
            midnight, next_midnight = (local_moment(each, time(0), self.zone) for each in near[1:])
            spans = _union(
                (max(began, midnight), min(ended, next_midnight))
                for each in near
                for began, ended in self._instants(each)
            )
            self._spans_of[day] = spans
        return spans

    def _instants(self, day: date) -> tuple[Span, ...]:
        """The day's intervals as instants, as its hours list them."""
        return tuple(
            (local_moment(day, began, self.zone), _ending(day, ended, self.zone))
            for began, ended in self._intervals(day)
        )

    def _intervals(self, day: date) -> tuple[Interval, ...]:
        if _known(day) in self.extra_days:
            return self.extra_days[day]
        hours = self.hours.get(day.weekday(), ())
        if not hours or self.holiday_name(day) is not None:
            return ()
        return hours

    def _public_holidays(self, year: int) -> Mapping[date, str]:
        if self.country is None:
            return _NO_HOLIDAYS
        return public_holidays(self.country, self.subdivision, year)


_DAY = timedelta(days=1)
_NO_HOLIDAYS: Mapping[date, str] = MappingProxyType({})


@functools.lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    """Public holidays of a year and their names, days off in lieu included, by the `holidays` library."""
    # Imported here: the library costs more start-up time than the rest of the kernel together.
    import holidays

    return MappingProxyType(dict(holidays.country_holidays(country, subdiv=subdivision, years=year).items()))


def holiday_names(entry: str) -> list[str]:
    """The names that an entry of `public_holidays` answers to.

    Two holidays on one day come as "A; B"; the day off in lieu of A comes as "A (observed)" and is A too.
    """
    names = entry.split("; ")
    return names + [name.partition(" (")[0] for name in names if " (" in name]


def shift_day(day: date, step: timedelta) -> date:
    """The day `step` away. Raises BeyondHorizon outside the years that the calendar knows."""
    try:
        return _known(day + step)
    except OverflowError as error:
        raise BeyondHorizon(f"{abs(step.days)} days from {day} is no date; check the year") from error


def _known(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BeyondHorizon(f"the calendar knows the years {FIRST_YEAR} to {LAST_YEAR}; {day} is outside")
    return day


def _ending(day: date, at: time, zone: tzinfo) -> datetime:
    return local_moment(day + _DAY, at, zone) if at == time(0) else local_moment(day, at, zone)


def _union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same open time in order and without overlap; empty and inverted spans are dropped."""
    kept: list[Span] = []
    for began, ended in sorted(spans):
        if began >= ended:
            continue
        if kept and began <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], ended))
        else:
            kept.append((began, ended))
    return tuple(kept)
