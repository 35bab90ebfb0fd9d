"""Due rules: sentences such as `2 business days before board at 17:00`, parsed and never evaluated.

    <duration> (before|after) <anchor> [at HH:MM]
    on <anchor> [at HH:MM]
    at <anchor>

An anchor is a key date of the case, `ready` (the task became claimable), `start` (its track started), or
`done of AU1` (another item of the same template was done).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from app.kernel.business import BusinessCalendar, local_moment, shift_day
from app.kernel.clock import to_utc
from app.kernel.due_reader import Anchor, AnchorKind, Direction, DueRuleError, read_rule
from app.kernel.durations import Duration

__all__ = ["Anchor", "AnchorKind", "Direction", "DueRule", "DueRuleError", "Moment"]


@dataclass(frozen=True)
class Moment:
    """When an anchor is: a local day of the program, and the instant (UTC) where it is known."""

    day: date
    at: datetime | None = None

    @classmethod
    def of_instant(cls, at: datetime, zone: tzinfo) -> "Moment":
        """The moment of an instant, on its day in `zone`. Raises NaiveTimeError for a naive one."""
        instant = to_utc(at)
        return cls(instant.astimezone(zone).date(), instant)

    @classmethod
    def of_day(cls, day: date) -> "Moment":
        """A day of which the hour is not known."""
        return cls(day)


@dataclass(frozen=True)
class DueRule:
    """A parsed due rule. Two rules that say the same are equal, however they were written."""

    text: str = field(compare=False)
    anchor: Anchor
    duration: Duration | None
    direction: Direction
    at_time: time | None

    @classmethod
    def parse(cls, text: str, *, key_dates: Collection[str], items: Collection[str] | None = None) -> "DueRule":
        """Read a rule.

        `key_dates` are the known names, which the rule may write with spaces or underscores. With `items`,
        `done of X` must name one of them.

        Raises DueRuleError for what is not understood, names something unknown, or cannot be met.
        """
        said = read_rule(text, key_dates, items)
        return cls(
            text=" ".join(text.split()),
            anchor=said.anchor,
            duration=said.duration,
            direction=said.direction,
            at_time=said.at_time,
        )

    def __str__(self) -> str:
        parts = [] if self.duration is None else [str(self.duration)]
        parts += [self.direction, str(self.anchor)]
        if self.at_time is not None:
            parts.append(f"at {self.at_time:%H:%M}")
        return " ".join(parts)

    def resolve(self, anchor: Moment, calendar: BusinessCalendar) -> datetime:
        """The due instant (UTC) for an anchor that is set.

        Rules in days and weeks count local dates in the calendar's zone, and fall due at their time of day,
        else at the closing of the day they reach (17:00 where that is closed). Rules in hours and minutes
        count from the anchor's instant, or from the opening of its day when only the day is known. Raises
        BeyondHorizon.
        """
        if self.direction == "at":
            return _instant(anchor, calendar)
        if self.duration is None:
            return self._on(anchor.day, calendar)
        if not self.duration.counts_days:
            move = self.duration.before if self.direction == "before" else self.duration.after
            return move(_instant(anchor, calendar), calendar)
        count = -self.duration.amount if self.direction == "before" else self.duration.amount
        if self.duration.unit == "business days":
            return self._on(calendar.add_business_days(anchor.day, count), calendar)
        step = 7 if self.duration.unit == "weeks" else 1
        return self._on(shift_day(anchor.day, timedelta(days=count * step)), calendar)

    def _on(self, day: date, calendar: BusinessCalendar) -> datetime:
        if self.at_time is None:
            return calendar.closing(day)
        return local_moment(day, self.at_time, calendar.zone)


def _instant(anchor: Moment, calendar: BusinessCalendar) -> datetime:
    return calendar.opening(anchor.day) if anchor.at is None else to_utc(anchor.at)
