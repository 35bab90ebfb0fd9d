"""Clock arithmetic: what a history of running and paused segments does to a deadline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Final, Literal

from app.kernel.business import BusinessCalendar
from app.kernel.clock import to_utc
from app.kernel.durations import Duration

EventKind = Literal["start", "pause", "resume", "stop"]

FOLLOWS: Final[Mapping[str, tuple[EventKind, ...]]] = {
    "": ("start",),
    "start": ("pause", "stop"),
    "pause": ("resume", "stop"),
    "resume": ("pause", "stop"),
    "stop": ("resume",),
}
"""What may follow what; the empty text stands for a clock that has not begun."""


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

    A clock that is resumed after its stop ran on meanwhile, and a pause that the stop ended was over with it. An event
    whose moment comes before that of the one before it (clocks are put back, and changes overtake each other) happened
    right after that one. Raises `ClockHistoryError` for an event of a kind that cannot follow.
    """
    history = _checked(events)
    if not history:
        return None
    due = target.after(history[0].at, calendar) if given is None else to_utc(given)
    for event, following in zip_longest(history, history[1:]):
        if event.kind != "pause" or event.at >= due:
            continue
        if following is None or (following.kind == "stop" and following is history[-1]):
            return None
        if target.is_business:
            due = calendar.add_business_time(due, calendar.business_time_between(event.at, following.at))
        else:
            due += following.at - event.at
    return due


def _checked(events: Iterable[ClockEvent]) -> list[ClockEvent]:
    """The events in UTC, none before the one before it."""
    history: list[ClockEvent] = []
    for event in events:
        before = history[-1] if history else None
        if event.kind not in FOLLOWS[before.kind if before else ""]:
            raise ClockHistoryError(
                f"a clock cannot {event.kind} after its {before.kind}"
                if before
                else f"a clock begins with a start, not with a {event.kind}"
            )
        at = to_utc(event.at)
        history.append(ClockEvent(event.kind, max(at, before.at) if before else at))
    return history
