"""Clock arithmetic: what a history of running and paused segments does to a deadline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Literal

from app.kernel.business import BusinessCalendar
from app.kernel.clock import to_utc
from app.kernel.durations import Duration

EventKind = Literal["start", "pause", "resume", "stop"]

# What may follow what; the empty text stands for a clock that has not begun.
_FOLLOWS: dict[str, tuple[EventKind, ...]] = {
    "": ("start",),
    "start": ("pause", "stop"),
    "pause": ("resume", "stop"),
    "resume": ("pause", "stop"),
    "stop": (),
}


class ClockHistoryError(ValueError):
    """A clock's events contradict each other; the history has to be looked at by a person."""


@dataclass(frozen=True)
class ClockEvent:
    """Something that happened to a clock, at an aware instant."""

    kind: EventKind
    at: datetime


def deadline(
    events: Iterable[ClockEvent], target: Duration, calendar: BusinessCalendar, *, given: datetime | None = None
) -> datetime | None:
    """The instant (UTC) at which `target` of running time is used up, as far as the history tells.

    `given` is a deadline that somebody gave at the start instead of the target's; pauses move it in the same way.

    A pause moves the deadline on by the time it took: open time for business units, elapsed time for the
    others. None while a pause that began before the deadline lasts (or was ended by a stop), and before the
    start. A deadline that had passed when the pause began stays what it was.
    """
    history = _checked(events)
    if not history:
        return None
    due = target.after(history[0].at, calendar) if given is None else to_utc(given)
    for event, following in zip_longest(history, history[1:]):
        if event.kind != "pause" or to_utc(event.at) >= due:
            continue
        if following is None or following.kind == "stop":
            return None
        began, ended = to_utc(event.at), to_utc(following.at)
        if target.is_business:
            due = calendar.add_business_time(due, calendar.business_time_between(began, ended))
        else:
            due += ended - began
    return due


def _checked(events: Iterable[ClockEvent]) -> list[ClockEvent]:
    history = list(events)
    before: ClockEvent | None = None
    for event in history:
        if event.kind not in _FOLLOWS[before.kind if before else ""]:
            raise ClockHistoryError(
                f"a clock cannot {event.kind} after its {before.kind}"
                if before
                else f"a clock begins with a start, not with a {event.kind}"
            )
        if before and to_utc(event.at) < to_utc(before.at):
            raise ClockHistoryError(
                f"the {event.kind} at {event.at.isoformat()} comes before the {before.kind} "
                f"at {before.at.isoformat()} that it follows"
            )
        before = event
    return history
