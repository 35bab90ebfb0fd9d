"""A second opinion on when digests are due: it walks UTC minutes, and asks a zone only what each is called."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache

from app.digests.rules import WEEKDAYS
from tests.kernel.twin import wall_times
from tests.kernel.windows import OFFICE, WINDOW_DAYS

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@lru_cache
def reached(zone: str, first: date) -> dict[int, int]:
    """The first minute of the window that is called each wall time, or anything later, by wall time."""
    found: dict[int, int] = {}
    called_before = wall_times(zone, first, WINDOW_DAYS)[0]
    for index, called in enumerate(wall_times(zone, first, WINDOW_DAYS)):
        for wall in range(called_before + 1, called + 1):  # more than one where the clock skips
            found[wall] = index
        called_before = max(called_before, called)
    return found


class Twin:
    """The window of `WINDOW_DAYS` UTC days from `first` on."""

    def __init__(
        self, zone: str, hour: time, first: date, days: frozenset[str] | None, closed: frozenset[date]
    ) -> None:
        self.first, self.days, self.closed = first, days, closed
        self.minute = hour.hour * 60 + hour.minute
        self.called = wall_times(zone, first, WINDOW_DAYS)
        self.reached = reached(zone, first)

    def at(self, index: int) -> datetime:
        return datetime.combine(self.first, time(), UTC) + index * MINUTE

    def index(self, at: datetime) -> int:
        return (at - self.at(0)) // MINUTE

    def falls_on(self, day: date) -> bool:
        if self.days is not None:
            return WEEKDAYS[day.weekday()] in self.days
        return day.weekday() in OFFICE and day not in self.closed

    def local_days(self) -> list[date]:
        return sorted({self._day(index) for index in range(0, len(self.called), 30)})

    def due(self, index: int) -> date | None:
        """The newest day whose digest fell due on the local day of this minute."""
        today = self._day(index)
        found = [self.moments[at] for at in self.moments if at <= index and self._day(at) == today]
        return found[-1] if found else None

    def next(self, index: int) -> int | None:
        return next((at for at in self.moments if at > index), None)

    @cached_property
    def moments(self) -> dict[int, date]:
        """The first minute that is called the day's hour or anything later, for each day that has a digest."""
        found: dict[int, date] = {}
        for wall, index in self.reached.items():
            if wall % 1440 == self.minute:
                day = self.first + (wall // 1440) * DAY
                if self.falls_on(day):
                    found[index] = day
        return found

    def _day(self, index: int) -> date:
        return self.first + (self.called[index] // 1440) * DAY
