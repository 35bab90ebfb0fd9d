# ruff: noqa: S608 - the statements are put together from constants alone
"""Reading and locking a task with what its verbs ask about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlmodel import Session

from app.checklists import library
from app.checklists.model import Item, Template
from app.checklists.vocabulary import NOT_APPLICABLE, Role, whoever
from app.clocks.history import NEAREST
from app.clocks.rules import which
from app.kernel.clock import moment_words, reached
from app.programs.actor import Actor
from app.store.uow import UnitOfWork
from app.tasks.refusals import NotEligible, UnknownTask

_COLUMNS = (
    "t.*, c.code, c.state AS case_state, r.state AS track_state, k.id AS version_row, k.digest, p.zone,"
    " h.name AS holder_name, h.slack_user_id AS holder_slack,"
    " EXISTS (SELECT 1 FROM handoffs f WHERE f.task_id = t.id AND f.state = 'offered') AS offered,"
    f" {NEAREST} AS nearest"
)
_JOINS = (
    " FROM tasks t JOIN cases c ON c.id = t.case_id JOIN programs p ON p.id = t.program_id"
    " JOIN tracks r ON r.id = t.track_id JOIN checklist_versions k ON k.id = r.checklist_version_id"
    " LEFT JOIN staff h ON h.id = t.holder_id WHERE t.id = :task AND t.program_id = :program"
)
_READ = text(f"SELECT {_COLUMNS}{_JOINS}")
_OPEN_NEEDS = text(
    "SELECT no FROM tasks WHERE track_id = :track AND item_id = ANY(:items) AND state NOT IN ('done', 'skipped')"
    " ORDER BY no"
)
_LOCK = text("SELECT id FROM tasks WHERE id = :task AND program_id = :program FOR NO KEY UPDATE")


@dataclass(frozen=True)
class TaskRow:
    """A task as it stood when it was read, with its case's code and its item of the template.

    `offered` tells that its holder has offered it to somebody who has not answered, `which` of its two deadlines
    `due_at` is, in words (`app.clocks.rules.which`).
    """

    id: int
    program_id: int
    case_id: int
    track_id: int
    no: int
    code: str
    title: str
    state: str
    holder_id: int | None
    holder_name: str | None
    holder_slack: str | None
    roles: frozenset[Role]
    skill: str | None
    due_at: datetime | None
    waiting_on: str | None
    reason: str | None
    closed_by: int | None
    zone: str
    case_open: bool
    withdrawn: bool
    waived: bool
    offered: bool
    template: Template
    item: Item
    snoozed_until: datetime | None = None
    snoozed_why: str | None = None
    remind_lead: str | None = None
    which: str = ""

    @property
    def name(self) -> str:
        """How the task is called in Slack: `K7Q4-12`."""
        return f"{self.code}-{self.no}"

    @property
    def left_out(self) -> bool:
        """Whether the checklist leaves it out by its rules, as the case stands; nobody skipped it."""
        return self.state == "skipped" and self.reason == NOT_APPLICABLE and self.closed_by is None


@dataclass(frozen=True)
class Outcome:
    """What a verb did: the task afterwards, whether anything changed, and a sentence for the person.

    `act` is what undoes it (`app.tasks.undo`), where it can be undone.
    """

    task: TaskRow
    changed: bool
    said: str
    act: int | None = None

    @property
    def code(self) -> str:
        return self.task.code


def read(session: Session, program_id: int, task_id: int) -> TaskRow:
    """A task of the program; raises `UnknownTask`."""
    row = session.execute(_READ, {"task": task_id, "program": program_id}).one_or_none()
    if row is None:
        raise UnknownTask("There is no such task here. Nothing changed. See /tasks for the list.")
    return _row(session, row)


def lock(uow: UnitOfWork, program_id: int, task_id: int) -> TaskRow:
    """The same, locked until the change ends.

    Locked first and read afterwards: what a locking read joins is as old as its beginning, and the wait may be long.
    """
    uow.session.execute(_LOCK, {"task": task_id, "program": program_id})
    return read(uow.session, program_id, task_id)


def _row(session: Session, row: Row[Any]) -> TaskRow:
    template = library.template(session, row.version_row, row.digest)
    return TaskRow(
        id=row.id,
        program_id=row.program_id,
        case_id=row.case_id,
        track_id=row.track_id,
        no=row.no,
        code=row.code,
        title=row.title,
        state=row.state,
        holder_id=row.holder_id,
        holder_name=row.holder_name,
        holder_slack=row.holder_slack,
        roles=frozenset(Role(role) for role in row.roles),
        skill=row.skill,
        due_at=row.due_at,
        waiting_on=row.waiting_on,
        reason=row.reason,
        closed_by=row.closed_by,
        zone=row.zone,
        case_open=row.case_state == "open",
        withdrawn=row.track_state == "withdrawn",
        waived=row.waived_by is not None,
        offered=row.offered,
        template=template,
        item=template.item(row.item_id),
        snoozed_until=row.snoozed_until,
        snoozed_why=row.snoozed_why,
        remind_lead=row.remind_lead,
        which=which(template.item(row.item_id), row.nearest),
    )


def open_needs(session: Session, task: TaskRow) -> list[str]:
    """The names of the open tasks that this one needs."""
    if not task.item.needs:
        return []
    values = {"track": task.track_id, "items": list(task.item.needs)}
    return [f"{task.code}-{no}" for no in session.execute(_OPEN_NEEDS, values).scalars()]


def may_work(actor: Actor, task: TaskRow) -> bool:
    """Whether roles and skills let the actor claim and finish the task. A lead may do what a VA may.

    A task that names no role is for anyone on the staff.
    """
    return may_do(actor, task.roles, task.skill)


def may_do(actor: Actor, asked: frozenset[Role], skill: str | None) -> bool:
    """The same of what a task asks for: any of its roles, where it names some, and its skill."""
    roles = actor.roles | ({Role.VA} if Role.LEAD in actor.roles else frozenset())
    skilled = skill is None or skill in actor.skills or Role.LEAD in actor.roles
    return (not asked or bool(roles & asked)) and skilled


def may_be_assigned(actor: Actor, task: TaskRow) -> bool:
    """Whether a lead may give the task to the actor: beyond skills, not beyond roles."""
    return may_be_given(actor, task.roles)


def may_be_given(actor: Actor, asked: frozenset[Role]) -> bool:
    """The same of the roles that a task asks for."""
    return may_do(actor, asked, None)


def asked_for(task: TaskRow, *, skill: bool = True) -> str:
    """Whom a task is for, in words: `a coder or a VA with the skill imaging`."""
    roles = whoever(sorted(task.roles)) if task.roles else "anyone"
    return f"{roles} with the skill {task.skill}" if skill and task.skill else roles


def refuse_ineligible(actor: Actor, task: TaskRow) -> None:
    """Raise `NotEligible`, saying what the task asks for."""
    if may_work(actor, task):
        return
    raise NotEligible(
        f"{task.name} is for {asked_for(task)}. Nothing changed. Take another with /tasks, or ask your lead to assign "
        "it."
    )


def due_words(task: TaskRow, now: datetime) -> str:
    """` Due Thu 3 Dec 2026 5:00 PM EST.` in the program's zone, that it is late when it is, or nothing."""
    if task.due_at is None:
        return ""
    due = "It is late already: it was due" if reached(task.due_at, now) else "Due"
    by = f" {task.which}" if task.which else ""
    return f" {due} {moment_words(task.due_at, ZoneInfo(task.zone))}{by}."
