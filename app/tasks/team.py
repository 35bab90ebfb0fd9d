"""Reading what a suggestion rests on: who is there, when they work, what they hold and which cases are theirs."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from app.checklists.vocabulary import Role
from app.kernel.business import BusinessCalendar
from app.notices.places import outside
from app.programs.actor import Origin
from app.programs.models import Program, Staff
from app.programs.queries import as_actor, calendar_of, people_with_role, quiet_until
from app.tasks.queries import TaskLine
from app.tasks.rows import TaskRow
from app.tasks.suggesting import Suggestion, Team, Work, Worker, suggest

LOOKS: Final = 40
"""Openings and ends of quiet hours that are looked at for when somebody is at work; they are some two weeks."""
_MOMENT = timedelta(seconds=1)
_HELD = text(
    "SELECT holder_id, count(*) AS open, count(*) FILTER (WHERE due_at <= :now) AS late,"
    " count(*) FILTER (WHERE due_at > :now AND due_at <= :soon) AS soon FROM tasks"
    " WHERE program_id = :program AND state IN ('claimed', 'waiting') GROUP BY holder_id"
)
_KNOWN = text(
    "SELECT DISTINCT c.code, CASE t.state WHEN 'done' THEN t.closed_by ELSE t.holder_id END AS who"
    " FROM cases c JOIN tasks t ON t.case_id = c.id WHERE c.program_id = :program"
    " AND c.code = ANY(CAST(:codes AS text[])) AND t.state IN ('claimed', 'waiting', 'done')"
)
_SURGEONS = text(
    "SELECT code, surgeon_id FROM cases WHERE program_id = :program AND code = ANY(CAST(:codes AS text[]))"
    " AND surgeon_id = ANY(:there)"
)
_TIME_OFF = text(
    "SELECT staff_id, starts_at, ends_at FROM absences WHERE program_id = :program AND ended_at IS NULL"
    " AND ends_at > :now ORDER BY starts_at"
)


def team_of(session: Session, program_id: int, codes: Collection[str], now: datetime) -> Team:
    """Everybody of the program who is active and not away now, and who of them knows which of the cases of these codes.

    A case's surgeon knows it. Who is known not to be in the Slack workspace is not there, either.
    Due soon is what is due by the end of the program's next business day.
    """
    program = session.get_one(Program, program_id)
    calendar = calendar_of(program)
    soon = calendar.closing(calendar.add_business_days(calendar.local_day(now), 1))
    values = {"program": program_id, "now": now, "soon": soon}
    held = {row.holder_id: row for row in session.execute(_HELD, values)}
    off: dict[int, list[tuple[datetime, datetime]]] = {}
    for row in session.execute(_TIME_OFF, values):
        off.setdefault(row.staff_id, []).append((row.starts_at, row.ends_at))
    elsewhere = outside(session, program_id)
    workers = []
    for person in people_with_role(session, program_id, *Role):
        away = tuple(off.get(person.id, ()))
        if person.id in elsewhere or any(since <= now for since, _ in away):
            continue
        load = held.get(person.id)
        open_, late, due = (load.open, load.late, load.soon) if load else (0, 0, 0)
        begins_at = at_work_from(person, calendar, now)
        workers.append(Worker(as_actor(person, Origin.SLACK), begins_at, away, open_, late, due))
    of = {"program": program_id, "codes": sorted(codes)}
    knows = frozenset((row.code, row.who) for row in session.execute(_KNOWN, of) if row.who is not None)
    there = [worker.actor.staff_id for worker in workers if worker.actor.has(Role.SURGEON)]
    surgeons = {row.code: row.surgeon_id for row in session.execute(_SURGEONS, of | {"there": there})}
    return Team(tuple(workers), knows | set(surgeons.items()), now, soon, ZoneInfo(program.zone), surgeons)


def at_work_from(person: Staff, calendar: BusinessCalendar, now: datetime) -> datetime:
    """When the person is at work next, `now` if they are: the practice is open, and it is not their quiet hours.

    Somebody whose quiet hours leave nothing of the practice's is at work after all that was looked at.
    """
    at = now
    for _ in range(LOOKS):
        opens = calendar.next_open(at)
        if not calendar.is_open(opens):  # just closing
            at = opens + _MOMENT
            continue
        quiet = quiet_until(person, opens)
        if quiet is None:
            return opens
        at = quiet
    return at


def work_of(task: TaskRow | TaskLine) -> Work:
    """What a task asks for."""
    code = task.code if isinstance(task, TaskRow) else task.case_code
    return Work(task.id, code, task.roles, task.item.skill, task.due_at, frozenset(task.item.evidence.by))


def suggested(session: Session, task: TaskRow, now: datetime) -> list[Suggestion]:
    """Everybody to whom a lead may give the task, the best first; whoever holds it is not among them."""
    team = team_of(session, task.program_id, [task.code], now)
    return [one for one in suggest(work_of(task), team) if one.staff_id != task.holder_id]
