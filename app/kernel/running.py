"""Clock arithmetic: what an appended history of starts and pauses adds up to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Literal

from app.kernel.business import BusinessCalendar
from app.kernel.clock import to_utc
from app.kernel.durations import Duration

EventKind = Literal["start", "pause", "resume", "stop"]
State = Literal["running", "paused"]
Measure = Callable[[datetime, datetime], timedelta]

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


@dataclass(frozen=True)
class Segment:
    """A stretch of a clock's life, from `began` up to `ended` (UTC), which is None while it lasts."""

    state: State
    began: datetime
    ended: datetime | None


def elapsed_time(a: datetime, b: datetime) -> timedelta:
    """Real time between two instants; the measure of clocks that run day and night."""
    return to_utc(b) - to_utc(a)


def segments(events: Iterable[ClockEvent], now: datetime) -> list[Segment]:
    """The clock's stretches as known at `now`; what happened later is left out, empty stretches too.

    Raises ClockHistoryError when events are out of order or one cannot follow the other.
    """
    now = to_utc(now)
    return _segments([event for event in _checked(events) if to_utc(event.at) <= now])


def elapsed(events: Iterable[ClockEvent], now: datetime, measure: Measure) -> timedelta:
    """Running time up to `now` by `measure`, such as elapsed_time or a calendar's business_time_between."""
    now = to_utc(now)
    return sum(
        (measure(part.began, part.ended or now) for part in segments(events, now) if part.state == "running"),
        timedelta(),
    )


def deadline(events: Iterable[ClockEvent], target: Duration, calendar: BusinessCalendar) -> datetime | None:
    """The instant (UTC) at which `target` of running time is used up, as far as the history tells.

    A pause moves the deadline on by the time it took: open time for business units, elapsed time for the
    others. None while a pause that began before the deadline lasts (or was ended by a stop), and before the
    start. A deadline that had passed when the pause began stays what it was.
    """
    history = _checked(events)
    if not history:
        return None
    due = target.after(history[0].at, calendar)
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


def _segments(history: Sequence[ClockEvent]) -> list[Segment]:
    found: list[Segment] = []
    for event, following in zip_longest(history, history[1:]):
        if event.kind == "stop":
            break
        began = to_utc(event.at)
        ended = to_utc(following.at) if following else None
        if ended is None or began < ended:
            found.append(Segment("paused" if event.kind == "pause" else "running", began, ended))
    return found
