"""Firing what is due: the timers of one case in one transaction, and at most one post of each kind.

How one call works:

1. a case with due timers is locked, skipping cases that another sweep is at; what a changed calendar has left to do
   in it is done first, so that nothing fires by the calendar before;
2. its tasks and then its due timers are taken, in the order in which everything else locks them;
3. reminders of a task that is snoozed wait for the end of that, and those that fall into the holder's quiet hours are
   left to `app.clocks.held`, which tells them together; breaches and escalations are not held;
4. what a more urgent timer of the same clock already says is collapsed into it, and whoever it would have told
   is told there; a reminder of a task that nobody can do yet is dropped;
5. the rest is told: reminders, breaches and escalations in one post each, or, when the clock has stood still, all
   in one catch-up.

Each timer leaves `pending` exactly once, in the transaction that writes its post.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, text

from app.audit import service as audit
from app.checklists.service import lock_case
from app.checklists.vocabulary import Role, Told
from app.clocks.models import ClockEventRow
from app.clocks.rules import which
from app.notices.service import tell_case, touch_card
from app.programs.absences import away_now
from app.programs.models import Staff
from app.programs.queries import people_with_role, quiet_until, staff_by_id
from app.programs.service import system
from app.reports.given import reasons_of
from app.store.types import table
from app.store.uow import OneFailed, UnitOfWork
from app.tasks.payload import line_of
from app.tasks.rows import TaskRow, open_needs, read

CATCH_UP_AFTER = timedelta(minutes=30)
"""A timer that could have fired this long ago means that the clock stood still: one summary instead of a storm."""

_NEXT_CASE = text(
    "SELECT c.id, c.program_id, c.code, c.lead_id, c.replan_at, p.zone FROM cases c"
    " JOIN programs p ON p.id = c.program_id"
    " WHERE c.id IN (SELECT case_id FROM timers WHERE state = 'pending' AND fire_at <= :now"
    " ORDER BY fire_at LIMIT 1000) LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED"
)
_LOCK_TASKS = text(
    "SELECT id FROM tasks WHERE id IN (SELECT task_id FROM timers"
    " WHERE state = 'pending' AND case_id = :case AND fire_at <= :now) ORDER BY id FOR NO KEY UPDATE"
)
# Only timers of tasks that were locked first: one that was set meanwhile is the next call's.
_DUE = text(
    "SELECT timers.id, timers.task_id, timers.clock_id, timers.kind, timers.step, timers.tells, timers.at,"
    " timers.fire_at, clocks.kind AS clock, clocks.deadline_at FROM timers"
    " JOIN clocks ON clocks.id = timers.clock_id WHERE timers.state = 'pending' AND timers.case_id = :case"
    " AND timers.fire_at <= :now AND timers.task_id = ANY(:tasks) ORDER BY timers.id FOR NO KEY UPDATE OF timers"
)
_SETTLE = text("UPDATE timers SET state = :state, settled_at = :now, notice_id = :notice WHERE id = ANY(:timers)")
_HOLD = text("UPDATE timers SET fire_at = :until, held_until = :told WHERE id = :timer")
_BREACHED = text("UPDATE tasks SET breached_at = :now WHERE id = ANY(:tasks) AND breached_at IS NULL")
# What a timer was set by: the last event that gave its clock the deadline. An undoing gives back what was set before.
_SET = text(
    "SELECT e.clock_id, max(e.at) AS at FROM clock_events e"
    " JOIN unnest(CAST(:clocks AS bigint[]), CAST(:deadlines AS timestamptz[])) AS w (clock_id, deadline_at)"
    " ON w.clock_id = e.clock_id AND w.deadline_at = e.deadline_at"
    " WHERE e.kind IN ('start', 'move', 'extend', 'resume') GROUP BY e.clock_id"
)
_PUSH_BACK = text("UPDATE timers SET fire_at = :until WHERE case_id = :case AND state = 'pending' AND fire_at <= :now")
_EVENTS = table(ClockEventRow)
URGENCY = {"remind": 0, "breach": 1, "escalate": 2}


class SweepFailed(OneFailed):
    """Firing one case's timers failed."""


@dataclass(frozen=True)
class Due:
    """A due timer with its task."""

    id: int
    clock_id: int
    kind: str
    step: int
    tells: str
    at: datetime
    fire_at: datetime
    clock: str
    deadline: datetime | None
    task: TaskRow


def fire_due(uow: UnitOfWork) -> int | None:
    """Fire what is due in one case; returns how many timers were settled or put off, None when nothing is due.

    Raises `SweepFailed`; the transaction then has changed nothing.
    """
    case = uow.session.execute(_NEXT_CASE, {"now": uow.now}).one_or_none()
    if case is None:
        return None
    try:
        settled = _fire(uow, case)
        uow.finish()  # what was left for last is the case's too, and may fail as well
    except Exception as error:  # whatever it is, it must not stop the other cases
        raise SweepFailed(case.id, f"firing the timers of case row {case.id} failed") from error
    return settled


def push_back(uow: UnitOfWork, case_id: int, by: timedelta) -> None:
    """Put a failing case's due timers off, so that other cases come first; they keep the moment they were due."""
    uow.session.execute(_PUSH_BACK, {"case": case_id, "now": uow.now, "until": uow.now + by})


def _fire(uow: UnitOfWork, case: Row[Any]) -> int:
    if case.replan_at is not None and case.replan_at <= uow.now:
        lock_case(uow, case.id)
    values = {"case": case.id, "now": uow.now}
    locked = uow.session.execute(_LOCK_TASKS, values).scalars().all()
    rows = uow.session.execute(_DUE, values | {"tasks": list(locked)}).all()
    due = due_of(uow, case.program_id, rows)
    people = staff_by_id(uow.session, case.program_id, [timer.task.holder_id for timer in due if timer.task.holder_id])
    held = _hold(uow, due, people)
    due = [timer for timer in due if timer.id not in held]
    _breach(uow, case, [timer for timer in due if timer.kind == "breach"])
    telling, silent = worth_telling(due)
    late = any(uow.now - timer.fire_at > CATCH_UP_AFTER for timer in telling)
    groups = {"catch_up": telling} if late and telling else _by_kind(telling)
    for kind, timers in groups.items():
        clocks = {timer.clock_id for timer in timers}
        included = [timer for timer in silent if timer.clock_id in clocks]
        notice = _tell(uow, case, kind, timers, included, people)
        settle(uow, timers, "collapsed" if late else "fired", notice)
        settle(uow, included, "collapsed", notice)
        silent = [timer for timer in silent if timer.clock_id not in clocks]
    settle(uow, silent, "collapsed", None)
    if due:
        touch_card(uow, case.id)
        audit.record(uow, system(case.program_id), "timers.fire", "case", case.id, case_id=case.id, fields=("timers",))
    return len(rows)


def due_of(uow: UnitOfWork, program_id: int, rows: Sequence[Row[Any]]) -> list[Due]:
    """Rows of due timers, each with its task, which is read once."""
    tasks = {task_id: read(uow.session, program_id, task_id) for task_id in {row.task_id for row in rows}}
    return [
        Due(
            row.id, row.clock_id, row.kind, row.step, row.tells, row.at, row.fire_at, row.clock,
            row.deadline_at, tasks[row.task_id],
        )
        for row in rows
    ]  # fmt: skip


def worth_telling(due: Sequence[Due]) -> tuple[list[Due], list[Due]]:
    """What is news and what is not: of one clock only its most urgent timer, and no reminder of a blocked task."""
    most: dict[int, tuple[int, int]] = {}
    for timer in due:
        rank = (URGENCY[timer.kind], timer.step)
        most[timer.clock_id] = max(most.get(timer.clock_id, rank), rank)
    telling: list[Due] = []
    pointless: list[Due] = []
    for timer in due:
        urgent = most[timer.clock_id] == (URGENCY[timer.kind], timer.step)
        idle = timer.kind == "remind" and timer.task.state == "blocked"
        (telling if urgent and not idle else pointless).append(timer)
    return telling, pointless


def _hold(uow: UnitOfWork, due: Sequence[Due], people: Mapping[int, Staff]) -> set[int]:
    """Hold reminders back, never beyond the deadline: there the breach says it, and the reminder goes into that."""
    held = set()
    for timer in due:
        holder, deadline = people.get(timer.task.holder_id or 0), timer.deadline
        if timer.kind != "remind" or holder is None or deadline is None or deadline <= uow.now:
            continue
        snoozed = timer.task.snoozed_until
        if snoozed is not None and snoozed > uow.now:
            uow.session.execute(_HOLD, {"timer": timer.id, "until": min(snoozed, deadline), "told": None})
            held.add(timer.id)
        elif (ends := _quiet_end(holder, timer, uow.now)) is not None:
            uow.session.execute(_HOLD, {"timer": timer.id, "until": deadline, "told": min(ends, deadline)})
            held.add(timer.id)
    return held


def _quiet_end(holder: Staff, timer: Due, now: datetime) -> datetime | None:
    """The end of the holder's quiet hours that run now, or in which the reminder fell while nobody swept."""
    if not holder.active:
        return None
    return quiet_until(holder, now) or quiet_until(holder, timer.fire_at)


def _breach(uow: UnitOfWork, case: Row[Any], timers: Sequence[Due]) -> None:
    if not timers:
        return
    uow.session.execute(_BREACHED, {"tasks": [timer.task.id for timer in timers], "now": uow.now})
    behind = _set_behind(uow, timers)
    events = [
        {
            "program_id": case.program_id,
            "clock_id": timer.clock_id,
            "kind": "breach",
            "at": max(timer.at, behind.get(timer.clock_id, timer.at)),
            "deadline_at": timer.at,
        }
        for timer in timers
    ]
    uow.session.execute(insert(_EVENTS), events)


def _set_behind(uow: UnitOfWork, timers: Sequence[Due]) -> Mapping[int, datetime]:
    """When the deadlines that were over already as they were set were set, by clock; others may be among them."""
    late = [timer for timer in timers if timer.fire_at > timer.at]
    if not late:
        return {}
    values = {"clocks": [timer.clock_id for timer in late], "deadlines": [timer.at for timer in late]}
    return {row.clock_id: row.at for row in uow.session.execute(_SET, values)}


def _by_kind(timers: Sequence[Due]) -> dict[str, list[Due]]:
    words = {"remind": "reminder", "breach": "breach", "escalate": "escalation"}
    groups: dict[str, list[Due]] = {}
    for timer in sorted(timers, key=lambda timer: URGENCY[timer.kind]):
        groups.setdefault(words[timer.kind], []).append(timer)
    return groups


def _tell(
    uow: UnitOfWork,
    case: Row[Any],
    kind: str,
    timers: Sequence[Due],
    included: Sequence[Due],
    people: Mapping[int, Staff],
) -> UUID:
    """One post about `timers`; it speaks for the `included` less urgent ones of the same clocks too."""
    slack_ids = {person_id: person.slack_user_id for person_id, person in people.items()}
    lines = lines_of(uow, timers, slack_ids)
    payload: dict[str, Any] = {
        "code": case.code,
        "zone": case.zone,
        "tasks": lines,
        "to": _told(uow, case, [*timers, *included], slack_ids),
        "timers": len(timers),
    }
    if kind in ("escalation", "catch_up"):
        why = reasons_of(uow.session, [line["id"] for line in lines])
        payload["tasks"] = [line | {"why_late": why.get(line["id"])} for line in lines]
    if kind == "escalation":
        payload["step"] = max(timer.step for timer in timers)
        payload["role"] = max(timers, key=lambda timer: timer.step).tells
    if kind == "catch_up":
        payload["since"] = min(timer.at for timer in [*timers, *included]).isoformat()
        payload["timers"] = len(timers) + len(included)
    key = hashlib.sha256(repr(sorted(timer.id for timer in timers)).encode()).hexdigest()[:32]
    return tell_case(uow, case.id, kind, f"timers:{key}", payload)


def lines_of(uow: UnitOfWork, timers: Sequence[Due], slack_ids: Mapping[int, str]) -> list[dict[str, Any]]:
    """A line for each task of these timers, by its nearest deadline, which orders them."""
    nearest: dict[int, Due] = {}
    for timer in timers:
        standing = nearest.get(timer.task.id)
        if standing is None or (timer.deadline or timer.at) < (standing.deadline or standing.at):
            nearest[timer.task.id] = timer
    lines = []
    for timer in sorted(nearest.values(), key=lambda one: (one.deadline or one.at, one.task.code, one.task.no)):
        needs = open_needs(uow.session, timer.task) if timer.task.state == "blocked" else ()
        line = line_of(timer.task, slack_ids.get(timer.task.holder_id or 0), timer.clock, waits_for=needs)
        line["which"] = which(timer.task.item, timer.clock)
        line["deadline"] = (timer.deadline or timer.at).isoformat()
        line["late"] = (timer.deadline or timer.at) <= uow.now
        lines.append(line)
    return lines


def _told(uow: UnitOfWork, case: Row[Any], timers: Sequence[Due], slack_ids: Mapping[int, str]) -> list[str]:
    """Whom to mention, each once: holders, and for escalations the case's lead or everybody of the role."""
    told: dict[str, None] = {}
    for timer in timers:
        if timer.task.holder_id in slack_ids:
            told[slack_ids[timer.task.holder_id]] = None  # type: ignore[index]
    for role in sorted({timer.tells for timer in timers if timer.kind == "escalate"} - {Told.ASSIGNEE}):
        people = people_with_role(uow.session, case.program_id, Role(role))
        named = [person for person in people if role == Role.LEAD and person.id == case.lead_id]
        for person in _there(uow, case, named or people, people):
            told[person.slack_user_id] = None
    return list(told)


def _there(uow: UnitOfWork, case: Row[Any], wanted: Sequence[Staff], of_role: Sequence[Staff]) -> Sequence[Staff]:
    """Who of the wanted is there, or covers for them; else who of the role is there; else the wanted all the same."""
    away = away_now(uow.session, case.program_id, uow.now)
    covers = staff_by_id(uow.session, case.program_id, [one.cover_id for one in away.values() if one.cover_id])
    found = [covers.get(away[person.id].cover_id or 0) if person.id in away else person for person in wanted]
    there = [person for person in found if person is not None and person.active and person.id not in away]
    return there or [person for person in of_role if person.id not in away] or wanted


def settle(uow: UnitOfWork, timers: Sequence[Due], state: str, notice: UUID | None) -> None:
    """Note by which post timers were told, if any told them."""
    if timers:
        values = {"timers": [timer.id for timer in timers], "state": state, "now": uow.now, "notice": notice}
        uow.session.execute(_SETTLE, values)
