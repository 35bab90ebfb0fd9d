"""Tables of clocks, their appended events, and the timers they set."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import (
    text as sql,
)
from sqlmodel import Field, SQLModel

from app.store.types import identity, link, moment, one_of, text

CLOCK_KINDS = ("due", "sla")
CLOCK_STATES = ("unset", "running", "paused", "stopped")
EVENT_KINDS = ("start", "pause", "resume", "move", "extend", "breach", "stop", "undo")
TIMER_KINDS = ("remind", "breach", "escalate")
TIMER_STATES = ("pending", "fired", "collapsed", "cancelled")


class TaskClock(SQLModel, table=True):
    """A deadline that runs on a task: `due` by its due rule, `sla` by our own target from when it was ready.

    `deadline_at` is NULL while unset (its key date is not known) or paused. `generation` counts deadlines, so
    that a moved one may warn anew and none warns twice. `kept_for` is the deadline that the rule gives by a calendar
    that was changed later, and that this one does not follow: it was missed by then, or given by a lead.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "case_id", "task_id"], ["tasks.program_id", "tasks.case_id", "tasks.id"]),
        CheckConstraint(one_of("kind", CLOCK_KINDS), name="clocks_kind"),
        CheckConstraint(one_of("state", CLOCK_STATES), name="clocks_state"),
        CheckConstraint("(state = 'running') <= (deadline_at IS NOT NULL)", name="clocks_running_deadline"),
        UniqueConstraint("task_id", "kind", name="clocks_one_of_a_kind"),
        UniqueConstraint("program_id", "id", name="clocks_program_id_id"),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    task_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str = Field(sa_column=text())
    state: str = Field(default="unset", sa_column=text())
    deadline_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    generation: int = Field(default=0)
    kept_for: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class ClockEventRow(SQLModel, table=True):
    """What happened to a clock, appended and never rewritten (a trigger refuses). `deadline_at` is the new one.

    `at` is never before the last one's, but for a breach. A `resume` ends a pause, or a stop as its task or case is
    reopened; an `undo` takes the event before it back. An `extend` of a paused clock says what it has once it runs on.

    Of a breach it is the one that was missed, and `at` the moment at which it was: the deadline itself, or when it was
    set, where it was over by then.
    """

    __tablename__ = "clock_events"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "clock_id"], ["clocks.program_id", "clocks.id"]),
        CheckConstraint(one_of("kind", EVENT_KINDS), name="clock_events_kind"),
        UniqueConstraint("program_id", "id", name="clock_events_program_id_id"),
        Index("clock_events_breaches", "program_id", "at", postgresql_where=sql("kind = 'breach'")),
        Index("clock_events_extensions", "clock_id", postgresql_where=sql("kind = 'extend'")),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    clock_id: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    kind: str = Field(sa_column=text())
    at: datetime = Field(sa_column=moment())
    deadline_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    why: str | None = Field(default=None, sa_column=text(nullable=True))


class Timer(SQLModel, table=True):
    """A due moment. The row is the job: whoever turns it from pending to fired or collapsed does it.

    `at` is when it was due, `fire_at` when it may fire (later than `at` while something holds it). `notice_id`
    says which post told it; a collapsed timer was told by a more urgent one, by a catch-up, or with others that were
    held back. Quiet hours hold a reminder until `held_until`: then it is told to the holder (`app.clocks.held`), or
    at `fire_at`, the deadline, by the breach.
    """

    __tablename__ = "timers"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "case_id", "task_id"], ["tasks.program_id", "tasks.case_id", "tasks.id"]),
        ForeignKeyConstraint(["program_id", "clock_id"], ["clocks.program_id", "clocks.id"]),
        CheckConstraint(one_of("kind", TIMER_KINDS), name="timers_kind"),
        CheckConstraint(one_of("state", TIMER_STATES), name="timers_state"),
        CheckConstraint("(state IN ('fired', 'collapsed')) = (settled_at IS NOT NULL)", name="timers_settled_at"),
        CheckConstraint("held_until IS NULL OR held_until <= fire_at", name="timers_held"),
        UniqueConstraint("clock_id", "generation", "kind", "step", name="timers_once"),
        Index("timers_held_back", "held_until", postgresql_where=sql("state = 'pending' AND held_until IS NOT NULL")),
        Index("timers_due", "fire_at", postgresql_where=sql("state = 'pending'")),
        Index("timers_due_of_case", "case_id", "fire_at", postgresql_where=sql("state = 'pending'")),
        Index("timers_pending_of_task", "task_id", postgresql_where=sql("state = 'pending'")),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    task_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    clock_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    generation: int
    kind: str = Field(sa_column=text())
    step: int = Field(default=0)
    tells: str = Field(default="assignee", sa_column=text())
    at: datetime = Field(sa_column=moment())
    fire_at: datetime = Field(sa_column=moment())
    held_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    state: str = Field(default="pending", sa_column=text())
    settled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    notice_id: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
