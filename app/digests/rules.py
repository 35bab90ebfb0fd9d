"""When a digest is due, and how its lines share the room there is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.kernel.business import HORIZON_DAYS, BeyondHorizon, BusinessCalendar

DEFAULT_HOUR: Final = time(7)
LINES: Final = 12
"""The most lines that a digest has, the first of which sums it up."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Schedule:
    """When a person's digests are due: local time `at` in the person's `zone`.

    `days` are weekdays as in `WEEKDAYS`, holidays or not; None means the program's business days.
    """

    at: time
    zone: ZoneInfo
    calendar: BusinessCalendar
    days: frozenset[str] | None = None

    def falls_on(self, day: date) -> bool:
        """Whether a digest belongs to this local day."""
        return self.calendar.is_business_day(day) if self.days is None else WEEKDAYS[day.weekday()] in self.days

    def moment(self, day: date) -> datetime:
        """The UTC instant at which the digest of a day is due.

        A local time that a clock change skips is the next one that there is, which may be the next day's first; of one
        that comes twice it is the first.
        """
        wall = datetime.combine(day, self.at)
        while True:
            instant = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
            if self._local(instant) == wall:
                return instant
            wall += _MINUTE

    def due(self, now: datetime) -> date | None:
        """The day whose digest is due at `now`, None when none is. A day that is over is never due any more."""
        today = self._local(now).date()
        for day in (today, today - _DAY):
            if self.falls_on(day):
                moment = self.moment(day)
                if moment <= now and self._local(moment).date() == today:
                    return day
        return None

    def next(self, now: datetime) -> datetime:
        """The first moment after `now` at which a digest is due (UTC). Raises `BeyondHorizon` when there is none."""
        first = self._local(now).date() - _DAY
        for offset in range(HORIZON_DAYS):
            day = first + offset * _DAY
            if self.falls_on(day) and (moment := self.moment(day)) > now:
                return moment
        raise BeyondHorizon("no digest is due within ten years; check the calendar's hours and holidays")

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None, fold=0)


def shares(counts: Sequence[int], room: int) -> list[int]:
    """How many lines each group gets of `room`, the earlier groups first; at least two each, or one that is alone.

    A group with fewer lines than it has things to say spends its last line on how many more there are, so with two it
    still says one. `room` is at least twice the number of groups.
    """
    given = [min(count, 2) for count in counts]
    left = room - sum(given)
    for place, count in enumerate(counts):
        more = min(count - given[place], left)
        given[place] += more
        left -= more
    return given
