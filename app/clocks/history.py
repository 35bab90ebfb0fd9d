"""What a clock has gone through since it began to run, read from its events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from app.kernel.business import BusinessCalendar
from app.kernel.durations import Duration
from app.kernel.running import FOLLOWS, ClockEvent, deadline

AT: Final = "greatest(:now, (SELECT max(e.at) FROM clock_events e WHERE e.clock_id = {clock}))"
"""When an event happens that is written now: not before the last one of its clock.

`now` was read before the lock was waited for, and clocks are put back.
"""
CASE_CLOSED: Final = "case closed"
"""Why clocks stop as their case is closed. Until it is opened again their time does not count."""
NEAREST: Final = (
    "(SELECT k.kind FROM clocks k WHERE k.task_id = t.id AND k.state = 'running' ORDER BY k.deadline_at, k.id LIMIT 1)"
)
"""SQL of which clock of a task `t` it is whose deadline `tasks.due_at` is; NULL where none is running."""
MISSED: Final = (
    "NOT (e.at > e.deadline_at AND b.reason IS NULL AND EXISTS (SELECT 1 FROM clock_events s JOIN clock_events c"
    " ON c.clock_id = s.clock_id AND c.id > e.id AND c.kind = 'move' AND c.why = s.why"
    " AND (c.deadline_at IS NULL OR c.deadline_at > c.at) WHERE s.id = (SELECT max(l.id) FROM clock_events l"
    " WHERE l.clock_id = e.clock_id AND l.id < e.id AND l.kind <> 'breach') AND s.kind IN ('start', 'move')"
    " AND NOT EXISTS (SELECT 1 FROM clock_events x WHERE x.clock_id = e.clock_id AND x.id > e.id AND x.id < c.id"
    " AND (x.kind <> 'move' OR x.why IS DISTINCT FROM s.why))))"
)
"""SQL of whether a breach `e` with its reason `b`, if it has one, counts as a miss.

One does not whose deadline was over as a key date set it, and was not any more once that key date was corrected; unless
something else became of it before: the task was finished, a lead gave more time, or its reason was said.
"""
# A target counts from when the task was ready, which it still was when it was reopened.
_EVENTS = text(
    "SELECT e.kind, CASE WHEN e.kind = 'start' THEN coalesce(t.ready_at, e.at) ELSE e.at END AS at,"
    " e.deadline_at, e.why"
    " FROM clock_events e JOIN clocks c ON c.id = e.clock_id JOIN tasks t ON t.id = c.task_id"
    " WHERE e.clock_id = :clock AND e.kind <> 'breach' ORDER BY e.id"
)


# A clock whose task was closed before its case has no event of that: it is not running.
_CLOSED = text(
    "SELECT at, again FROM (SELECT a.action, a.at, lead(a.at) OVER (ORDER BY a.seq) AS again FROM audit_entries a"
    " JOIN clocks c ON c.case_id = a.case_id WHERE c.id = :clock AND a.action IN ('case.close', 'case.reopen')"
    " AND a.result = 'done') AS turns WHERE action = 'case.close' AND again > :since ORDER BY at"
)


@dataclass(frozen=True)
class Course:
    """The segments of a clock since it began; none where it has not, or has to begin anew.

    `given` is the deadline that a lead gave, in force or before it had to begin anew. The segments go from there, then.
    `closed` are the times in which its case was closed since the clock was stopped, each from when to when.
    """

    events: tuple[ClockEvent, ...]
    given: datetime | None
    closed: Sequence[tuple[datetime, datetime]] = ()

    def deadline(self, target: Duration, calendar: BusinessCalendar) -> datetime | None:
        """When the target is used up (UTC), or what was given; None while the clock is paused, or its case closed."""
        return deadline(self.events, target, calendar, given=self.given)

    def resumed(self, target: Duration, calendar: BusinessCalendar, now: datetime) -> datetime:
        """The same if a clock that is paused, or was stopped, ran on from now."""
        pauses = _pauses(self.closed, max(now, self.events[-1].at))
        until = deadline((*self.events, *pauses, ClockEvent("resume", now)), target, calendar, given=self.given)
        assert until is not None
        return until


def course_of(session: Session, clock_id: int) -> Course:
    """The course of a clock that counts a target. Whatever order its events were stored in, it can be read."""
    rows = []
    for row in session.execute(_EVENTS, {"clock": clock_id}):
        if row.kind != "undo":
            rows.append(row)
        elif rows:
            rows.pop()  # what was undone did not happen
    events: list[ClockEvent] = []
    given: datetime | None = None
    for row in rows:
        last = events[-1].kind if events else ""
        if row.kind == "start":
            given = given if row.deadline_at == given else None
            events = [ClockEvent("start", row.at)]
        elif row.kind == "extend":
            given = row.deadline_at
            events = [ClockEvent("start", row.at)]
            if last == "pause":
                events.append(ClockEvent("pause", row.at))
        elif row.kind == "stop" and row.why == CASE_CLOSED:
            if last in ("start", "resume"):
                events.append(ClockEvent("pause", row.at))
        elif row.kind == "stop" and row.deadline_at is None and last != "pause":
            events = []  # its task had to wait for others again
        elif row.kind in FOLLOWS[last]:
            if last == "stop":
                events += _pauses(_closed(session, clock_id, events[-1].at), row.at)
            events.append(ClockEvent(row.kind, row.at))
    stopped = bool(events) and events[-1].kind == "stop"
    return Course(tuple(events), given, _closed(session, clock_id, events[-1].at) if stopped else ())


def _closed(session: Session, clock_id: int, since: datetime) -> Sequence[tuple[datetime, datetime]]:
    """From when to when the clock's case was closed, of the times that ended after `since`."""
    return [(row.at, row.again) for row in session.execute(_CLOSED, {"clock": clock_id, "since": since})]


def _pauses(closed: Sequence[tuple[datetime, datetime]], resumed: datetime) -> Iterator[ClockEvent]:
    """What goes between a clock's stop and its resumption: a pause for each time in which its case was closed."""
    for at, again in closed:
        if at < resumed:
            yield from (ClockEvent("resume", at), ClockEvent("pause", at), ClockEvent("stop", again))
