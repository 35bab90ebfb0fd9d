# ruff: noqa: S608 - the statements are put together from constants alone
"""Changing clocks: setting and moving deadlines, pausing, resuming, stopping.

Callers hold the task's row (or the case's) locked; clocks, their events and timers follow it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, text
from sqlmodel import Session

from app.checklists.model import Item
from app.clocks.delays import delays_of
from app.clocks.history import AT, course_of
from app.clocks.models import ClockEventRow, TaskClock, Timer
from app.clocks.rules import SLA, PlannedTimer, reminder_at, timers_of
from app.kernel.business import BusinessCalendar
from app.store.types import table
from app.store.uow import UnitOfWork

_CLOCKS, _EVENTS, _TIMERS = table(TaskClock), table(ClockEventRow), table(Timer)
_STOP = text(
    "WITH stopped AS (UPDATE clocks SET state = 'stopped' WHERE task_id = ANY(:tasks) AND state <> 'stopped'"
    " RETURNING id, program_id, deadline_at),"
    " gone AS (UPDATE timers SET state = 'cancelled' WHERE task_id = ANY(:tasks) AND state = 'pending')"
    " INSERT INTO clock_events (program_id, clock_id, kind, at, deadline_at, why)"
    f" SELECT program_id, id, 'stop', {AT.format(clock='stopped.id')}, deadline_at, :why FROM stopped"
)
_PAUSE = text(
    "WITH paused AS (UPDATE clocks SET state = 'paused', deadline_at = NULL WHERE task_id = :task AND kind = 'sla'"
    " AND state = 'running' AND deadline_at > :now RETURNING id, program_id),"
    " gone AS (UPDATE timers SET state = 'cancelled' FROM paused"
    " WHERE clock_id = paused.id AND timers.state = 'pending')"
    " INSERT INTO clock_events (program_id, clock_id, kind, at, why)"
    f" SELECT program_id, id, 'pause', {AT.format(clock='paused.id')}, :why FROM paused"
)
_PAUSED = text("SELECT id, program_id, case_id FROM clocks WHERE task_id = :task AND state = 'paused'")
_EXTEND_PAUSED = text(
    "INSERT INTO clock_events (program_id, clock_id, kind, at, deadline_at, why)"
    f" SELECT program_id, id, 'extend', {AT.format(clock='clocks.id')}, :until, :why FROM clocks WHERE id = :clock"
)
_END_EXTENSION = text(
    "INSERT INTO clock_events (program_id, clock_id, kind, at, deadline_at)"
    f" SELECT program_id, id, 'move', {AT.format(clock='clocks.id')}, :until FROM clocks WHERE id = :clock"
)
# An extension stands in for the deadline that its rule gave; once the clock was given another one, it is over, unless
# that was undone.
_EXTENDED = text(
    "SELECT DISTINCT ON (e.clock_id) e.clock_id, e.deadline_at, (SELECT r.deadline_at FROM clock_events r"
    " WHERE r.clock_id = e.clock_id AND r.id < e.id AND r.kind IN ('start', 'move') ORDER BY r.id DESC LIMIT 1)"
    " AS instead_of FROM clock_events e WHERE e.kind = 'extend' AND e.clock_id = ANY(:clocks)"
    " AND NOT EXISTS (SELECT 1 FROM clock_events l WHERE l.clock_id = e.clock_id AND l.id > e.id"
    " AND l.kind IN ('start', 'move') AND l.deadline_at IS DISTINCT FROM e.deadline_at"
    " AND NOT EXISTS (SELECT 1 FROM clock_events u WHERE u.clock_id = e.clock_id AND u.id > l.id AND u.kind = 'undo'"
    " AND u.deadline_at = e.deadline_at))"
    " ORDER BY e.clock_id, e.id DESC"
)
_SET = text(
    "UPDATE clocks SET state = CASE WHEN wanted.deadline IS NULL THEN 'unset' ELSE 'running' END,"
    " deadline_at = wanted.deadline, generation = generation + 1,"
    " kept_for = CASE WHEN wanted.event = 'extend' OR wanted.deadline = clocks.deadline_at THEN clocks.kept_for END"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:deadlines AS timestamptz[]), CAST(:events AS text[]))"
    " AS wanted (id, deadline, event)"
    f" WHERE clocks.id = wanted.id RETURNING clocks.id, generation, {AT.format(clock='clocks.id')} AS at"
)
_CANCEL = text("UPDATE timers SET state = 'cancelled' WHERE clock_id = ANY(:clocks) AND state = 'pending'")
# A snooze is of one deadline: with another one it is over.
_DUE = text(
    "UPDATE tasks SET due_at = nearest.at,"
    " snoozed_until = CASE WHEN tasks.due_at = nearest.at THEN tasks.snoozed_until END,"
    " snoozed_why = CASE WHEN tasks.due_at = nearest.at THEN tasks.snoozed_why END,"
    " breached_at = CASE WHEN nearest.at IS NULL OR nearest.at > :now THEN NULL ELSE tasks.breached_at END"
    " FROM (SELECT t.id, min(c.deadline_at) AS at FROM unnest(CAST(:tasks AS bigint[])) AS t (id)"
    " LEFT JOIN clocks c ON c.task_id = t.id AND c.state = 'running' GROUP BY t.id) AS nearest"
    " WHERE tasks.id = nearest.id"
)
_UNHOLD = text(
    "UPDATE timers SET fire_at = at, held_until = NULL WHERE task_id = :task AND state = 'pending' AND kind = 'remind'"
    " AND fire_at > at"
)
# By its kind and not by its step, which counts what was planned before. The end of a snooze is no moment of the
# calendar, and a reminder that was due already and waits goes by its own time.
_RETIME = text(
    "UPDATE timers SET at = wanted.at, fire_at = wanted.at, held_until = NULL FROM unnest(CAST(:clocks AS bigint[]),"
    " CAST(:kinds AS text[]), CAST(:steps AS int[]), CAST(:ats AS timestamptz[])) AS wanted (clock_id, kind, step, at)"
    " WHERE timers.clock_id = wanted.clock_id AND timers.kind = wanted.kind AND timers.state = 'pending'"
    " AND timers.at <> wanted.at AND (timers.step = wanted.step OR timers.kind = 'remind') AND (timers.kind <> 'remind'"
    " OR timers.at > :now AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = timers.task_id"
    " AND t.snoozed_until = timers.at))"
)
_DROP = text(
    "UPDATE timers SET state = 'cancelled' WHERE task_id = :task AND state = 'pending' AND kind = 'remind' AND at > :at"
)
_REMINDING = text(
    "SELECT c.id, c.program_id, c.case_id, c.kind, c.deadline_at, c.generation, coalesce((SELECT max(step) FROM timers"
    " WHERE clock_id = c.id AND generation = c.generation AND kind = 'remind'), -1) AS last FROM clocks c"
    " WHERE c.task_id = :task AND c.state = 'running' AND c.deadline_at > :now ORDER BY c.id"
)
_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
_EVENT = insert(_EVENTS)
_TIMER = insert(_TIMERS)


@dataclass(frozen=True)
class Setting:
    """A deadline that a clock shall have: None takes it away. `clock_id` is None for a clock that is not there yet.

    `timers` None keeps those that are pending: the deadline was over, and is.
    """

    program_id: int
    case_id: int
    task_id: int
    clock_id: int | None
    kind: str
    event: str
    deadline: datetime | None
    timers: Sequence[PlannedTimer] | None
    why: str | None = None


def set_deadlines(uow: UnitOfWork, settings: Sequence[Setting]) -> None:
    """Give clocks their deadlines, in a handful of statements however many there are."""
    if not settings:
        return
    made = _make(uow, [setting for setting in settings if setting.clock_id is None])
    places: dict[tuple[int, str], tuple[int, int]] = dict(made)
    moments: dict[int, datetime] = {}
    moved = {setting.clock_id: setting for setting in settings if setting.clock_id is not None}
    if moved:
        uow.session.execute(_CANCEL, {"clocks": [id for id, setting in moved.items() if setting.timers is not None]})
        values = {
            "ids": list(moved),
            "deadlines": [setting.deadline for setting in moved.values()],
            "events": [setting.event for setting in moved.values()],
            "now": uow.now,
        }
        for row in uow.session.execute(_SET, values).all():
            setting = moved[row.id]
            places[setting.task_id, setting.kind] = (row.id, row.generation)
            moments[row.id] = row.at
    events, timers = [], []
    for setting in settings:
        clock_id, generation = places[setting.task_id, setting.kind]
        events.append(
            {
                "program_id": setting.program_id,
                "clock_id": clock_id,
                "kind": setting.event,
                "at": moments.get(clock_id, uow.now),
                "deadline_at": setting.deadline,
                "why": setting.why,
            }
        )
        timers += [_timer_row(setting, clock_id, generation, timer, uow.now) for timer in setting.timers or ()]
    uow.session.execute(_EVENT, events)
    if timers:
        uow.session.execute(_TIMER, timers)
    refresh_due(uow, sorted({setting.task_id for setting in settings}))


def _make(uow: UnitOfWork, settings: Sequence[Setting]) -> Mapping[tuple[int, str], tuple[int, int]]:
    if not settings:
        return {}
    rows = [
        {
            "program_id": setting.program_id,
            "case_id": setting.case_id,
            "task_id": setting.task_id,
            "kind": setting.kind,
            "state": "running",
            "deadline_at": setting.deadline,
            "generation": 1,
        }
        for setting in settings
    ]
    made = uow.session.execute(insert(_CLOCKS).returning(_CLOCKS.c.id, _CLOCKS.c.task_id, _CLOCKS.c.kind), rows).all()
    return {(row.task_id, row.kind): (row.id, 1) for row in made}


def _timer_row(
    setting: Setting, clock_id: int, generation: int, timer: PlannedTimer, now: datetime
) -> dict[str, object]:
    return {
        "program_id": setting.program_id,
        "case_id": setting.case_id,
        "task_id": setting.task_id,
        "clock_id": clock_id,
        "generation": generation,
        "kind": timer.kind,
        "step": timer.step,
        "tells": timer.tells,
        "at": timer.at,
        "fire_at": max(timer.at, now),
        "state": "pending",
    }


def stop(uow: UnitOfWork, task_ids: Iterable[int], why: str) -> None:
    """Stop every clock of tasks that are closed; what was pending is cancelled."""
    uow.session.execute(_STOP, {"tasks": list(task_ids), "now": uow.now, "why": why})


def pause(uow: UnitOfWork, task_id: int, why: str) -> bool:
    """Pause the task's own SLA clock, unless its deadline is over already. Returns whether it is paused now."""
    uow.session.execute(_PAUSE, {"task": task_id, "now": uow.now, "why": why})
    refresh_due(uow, [task_id])
    return bool(uow.session.execute(_PAUSED, {"task": task_id}).all())


def resume(uow: UnitOfWork, task_id: int, item: Item, calendar: BusinessCalendar, own: str | None, why: str) -> None:
    """Let paused clocks run on: the deadline moves by the time that the pause took. `own` is as in `timers_of`."""
    if item.sla is None:
        return
    for clock in uow.session.execute(_PAUSED, {"task": task_id}).all():
        until = course_of(uow.session, clock.id).resumed(item.sla.target, calendar, uow.now)
        delays = delays_of(uow.session, clock.program_id)
        timers = timers_of(item, SLA, until, uow.now, calendar, delays, own)
        setting = Setting(clock.program_id, clock.case_id, task_id, clock.id, SLA, "resume", until, timers, why)
        set_deadlines(uow, [setting])


@dataclass(frozen=True)
class Paused:
    """A paused clock, and the deadline (UTC) that it would have if it ran on now; `given` is what a lead gave it."""

    clock_id: int
    deadline: datetime
    given: datetime | None


def paused(uow: UnitOfWork, task_id: int, item: Item, calendar: BusinessCalendar) -> list[Paused]:
    """The paused clocks of a task."""
    if item.sla is None:
        return []
    found = []
    for clock in uow.session.execute(_PAUSED, {"task": task_id}).all():
        course = course_of(uow.session, clock.id)
        found.append(Paused(clock.id, course.resumed(item.sla.target, calendar, uow.now), course.given))
    return found


def extend_paused(uow: UnitOfWork, clock_id: int, until: datetime, why: str) -> None:
    """Let a paused clock have until then once it runs on, and besides what the pause takes from now on."""
    uow.session.execute(_EXTEND_PAUSED, {"clock": clock_id, "until": until, "now": uow.now, "why": why})


def retime(uow: UnitOfWork, plans: Mapping[int, Sequence[PlannedTimer]]) -> None:
    """Let pending timers of clocks whose deadline stays go by other moments, all of them to come."""
    rows = [(clock_id, timer) for clock_id, timers in plans.items() for timer in timers]
    values = {
        "clocks": [clock_id for clock_id, _ in rows],
        "kinds": [timer.kind for _, timer in rows],
        "steps": [timer.step for _, timer in rows],
        "ats": [timer.at for _, timer in rows],
        "now": uow.now,
    }
    if rows:
        uow.session.execute(_RETIME, values)


@dataclass(frozen=True)
class Extended:
    """A deadline that a lead gave, instead of the one that the rule gave then."""

    deadline: datetime
    instead_of: datetime | None


def extended(session: Session, clock_ids: Sequence[int]) -> dict[int, Extended]:
    """The extensions that stand, by clock."""
    rows = session.execute(_EXTENDED, {"clocks": list(clock_ids)}).all() if clock_ids else ()
    return {row.clock_id: Extended(row.deadline_at, row.instead_of) for row in rows}


def end_extension(uow: UnitOfWork, clock_id: int, until: datetime | None) -> None:
    """Append that the rule of a clock that is stopped gives another deadline, so that an extension is over."""
    uow.session.execute(_END_EXTENSION, {"clock": clock_id, "until": until, "now": uow.now})


def take_from_hold(uow: UnitOfWork, task_id: int) -> None:
    """Let reminders that quiet hours or a snooze held go by their own time: what held them is over."""
    uow.session.execute(_UNHOLD, {"task": task_id})


def drop_reminders(uow: UnitOfWork, task_id: int) -> None:
    """Let none of a task's reminders come, those that are held back included."""
    uow.session.execute(_DROP, {"task": task_id, "at": _ALWAYS})


def plan_reminders(
    uow: UnitOfWork,
    task_id: int,
    item: Item,
    calendar: BusinessCalendar,
    own: str | None,
    snoozed_until: datetime | None = None,
) -> list[datetime]:
    """Plan the reminders of a task's running deadlines anew; returns the moments before all of them that were planned.

    `own` is as in `timers_of`. At the end of a snooze, which is before the deadline, there is one in any case; it is
    not returned. What was due already and waits stays: it goes by its own time, and what holds it holds it again.
    """
    take_from_hold(uow, task_id)
    uow.session.execute(_DROP, {"task": task_id, "at": uow.now})
    planned, rows = [], []
    for clock in uow.session.execute(_REMINDING, {"task": task_id, "now": uow.now}).all():
        own_time = reminder_at(item, clock.kind, clock.deadline_at, uow.now, calendar, own)
        wanted = {at for at in (own_time, snoozed_until) if at is not None and at < clock.deadline_at}
        for step, at in enumerate(sorted(wanted), start=clock.last + 1):
            setting = Setting(clock.program_id, clock.case_id, task_id, clock.id, clock.kind, "", None, None)
            timer = PlannedTimer("remind", step, "assignee", at)
            rows.append(_timer_row(setting, clock.id, clock.generation, timer, uow.now))
        if own_time in wanted:
            planned.append(own_time)
    if rows:
        uow.session.execute(_TIMER, rows)
    return planned


def refresh_due(uow: UnitOfWork, task_ids: Sequence[int]) -> None:
    """Let `tasks.due_at` say the nearest running deadline."""
    uow.session.execute(_DUE, {"tasks": list(task_ids), "now": uow.now})
