"""Tables of tasks, handoffs and covers. What a task needs stands in the template that its track keeps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.cases.models import of_case
from app.checklists.vocabulary import Awaited, EvidenceKind
from app.store.types import identity, json, link, moment, one_of, text
from app.tasks.brief import Urgency

TASK_STATES = ("blocked", "ready", "claimed", "waiting", "done", "skipped")
AT_REST = "waiting_on = NULL, waiting_since = NULL, waiting_note = NULL, snoozed_until = NULL, snoozed_why = NULL"
"""What an UPDATE sets of a task that is closed, or that nobody holds any more."""
UNDOABLE = ("claim", "done", "skip", "handoff")
HANDOFF_STATES = ("offered", "accepted", "declined", "withdrawn")


class Task(SQLModel, table=True):
    """One item of a track, numbered within its case.

    The holder is one column, so that two holders cannot be; the checks keep state, holder, wait and evidence
    in step. `ready_at` is when it last became claimable, `due_at` its nearest running deadline. Until `snoozed_until`
    its reminders are silent, if that is to come. `remind_lead` is how long before a deadline its holder wants to be
    reminded, as `Duration` writes it, or `OFF` (`app.clocks.rules`); NULL is as its template has it.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        of_case(),
        ForeignKeyConstraint(["case_id", "track_id"], ["tracks.case_id", "tracks.id"]),
        *(
            ForeignKeyConstraint(["program_id", who], ["staff.program_id", "staff.id"])
            for who in ("holder_id", "attested_by", "waived_by", "closed_by")
        ),
        UniqueConstraint("case_id", "no", name="tasks_no"),
        UniqueConstraint("track_id", "item_id", name="tasks_item"),
        UniqueConstraint("program_id", "id", name="tasks_program_id_id"),
        UniqueConstraint("program_id", "case_id", "id", name="tasks_program_id_case_id_id"),
        CheckConstraint(one_of("state", TASK_STATES), name="tasks_state"),
        CheckConstraint("(holder_id IS NOT NULL) OR state NOT IN ('claimed', 'waiting')", name="tasks_held_by_one"),
        CheckConstraint("holder_id IS NULL OR state NOT IN ('blocked', 'ready')", name="tasks_not_held"),
        CheckConstraint("(waiting_on IS NOT NULL) = (state = 'waiting')", name="tasks_waiting"),
        CheckConstraint(one_of("waiting_on", tuple(who.value for who in Awaited)), name="tasks_waiting_on"),
        CheckConstraint(
            one_of("evidence_kind", tuple(kind.value for kind in EvidenceKind)), name="tasks_evidence_kind"
        ),
        CheckConstraint(
            "state <> 'done' OR evidence_kind = 'none' OR waived_by IS NOT NULL"
            " OR (coalesce(evidence ->> 'kind', '') = evidence_kind AND coalesce(evidence ->> 'value', '') <> '')",
            name="tasks_done_with_evidence",
        ),
        CheckConstraint(
            "state <> 'done' OR evidence_kind <> 'attestation' OR attested_by IS NOT NULL OR waived_by IS NOT NULL",
            name="tasks_done_attested",
        ),
        CheckConstraint("(state IN ('done', 'skipped')) = (closed_at IS NOT NULL)", name="tasks_closed_at"),
        CheckConstraint("state <> 'skipped' OR reason IS NOT NULL", name="tasks_skipped_with_reason"),
        CheckConstraint("waived_by IS NULL OR reason IS NOT NULL", name="tasks_waived_with_reason"),
        CheckConstraint("(snoozed_until IS NULL) = (snoozed_why IS NULL)", name="tasks_snoozed_with_reason"),
        CheckConstraint("snoozed_until IS NULL OR state IN ('claimed', 'waiting')", name="tasks_snoozed_by_holder"),
        CheckConstraint("remind_lead IS NULL OR holder_id IS NOT NULL", name="tasks_remind_of_holder"),
        Index(
            "tasks_open",
            "program_id",
            "due_at",
            postgresql_where=sql("state IN ('ready', 'claimed', 'waiting')"),
        ),
        Index("tasks_closed", "program_id", "closed_at", postgresql_where=sql("state IN ('done', 'skipped')")),
        Index("tasks_free", "program_id", "roles", sql("coalesce(skill, '')"), postgresql_where=sql("state = 'ready'")),
        Index("tasks_holder", "holder_id", postgresql_where=sql("state IN ('claimed', 'waiting')")),
        Index("tasks_closed_by", "closed_by", "closed_at", postgresql_where=sql("closed_by IS NOT NULL")),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    track_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    no: int
    item_id: str = Field(sa_column=text())
    title: str = Field(sa_column=text())
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    skill: str | None = Field(default=None, sa_column=text(nullable=True))
    state: str = Field(default="blocked", sa_column=text())
    holder_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    version: int = Field(default=1)
    ready_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    due_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    breached_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    waiting_on: str | None = Field(default=None, sa_column=text(nullable=True))
    waiting_note: str | None = Field(default=None, sa_column=text(nullable=True))
    waiting_since: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    evidence_kind: str = Field(default="none", sa_column=text())
    evidence: dict[str, Any] | None = Field(default=None, sa_column=json(nullable=True))
    attested_by: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    waived_by: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    reason: str | None = Field(default=None, sa_column=text(nullable=True))
    closed_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    closed_by: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    snoozed_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    snoozed_why: str | None = Field(default=None, sa_column=text(nullable=True))
    remind_lead: str | None = Field(default=None, sa_column=text(nullable=True))


class Handoff(SQLModel, table=True):
    """An offer to pass a task to a person. One open offer a task; the holder keeps it until it is accepted."""

    __tablename__ = "handoffs"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "task_id"], ["tasks.program_id", "tasks.id"]),
        ForeignKeyConstraint(["program_id", "from_id"], ["staff.program_id", "staff.id"]),
        ForeignKeyConstraint(["program_id", "to_id"], ["staff.program_id", "staff.id"]),
        CheckConstraint(one_of("state", HANDOFF_STATES), name="handoffs_state"),
        CheckConstraint("from_id <> to_id", name="handoffs_not_to_self"),
        CheckConstraint("(state = 'offered') = (answered_at IS NULL)", name="handoffs_answered_at"),
        CheckConstraint(one_of("urgency", tuple(one.value for one in Urgency)), name="handoffs_urgency"),
        CheckConstraint("said_back IS NULL OR state = 'accepted'", name="handoffs_said_back"),
        Index("handoffs_one_open", "task_id", unique=True, postgresql_where=sql("state = 'offered'")),
        Index("handoffs_offered_to", "to_id", postgresql_where=sql("state = 'offered'")),
        Index("handoffs_of_task", "task_id", "id"),
        Index("handoffs_of_notice", "notice_id"),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    task_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    from_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    to_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    note: str = Field(sa_column=text())
    urgency: str | None = Field(default=None, sa_column=text(nullable=True))
    to_do: str | None = Field(default=None, sa_column=text(nullable=True))
    watch: str | None = Field(default=None, sa_column=text(nullable=True))
    said_back: str | None = Field(default=None, sa_column=text(nullable=True))
    state: str = Field(default="offered", sa_column=text())
    notice_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    offered_at: datetime = Field(sa_column=moment())
    answered_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class AbsenceTask(SQLModel, table=True):
    """A task that was passed on because its holder is away: to `to_id`, or with None to the pool.

    `id` counts in the order in which tasks were passed on.
    """

    __tablename__ = "absence_tasks"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "absence_id"], ["absences.program_id", "absences.id"]),
        ForeignKeyConstraint(["program_id", "task_id"], ["tasks.program_id", "tasks.id"]),
        ForeignKeyConstraint(["program_id", "to_id"], ["staff.program_id", "staff.id"]),
        UniqueConstraint("absence_id", "task_id", name="absence_tasks_once"),
        Index("absence_tasks_task", "task_id", "id"),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    absence_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    task_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    to_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class Vacancy(SQLModel, table=True):
    """What nobody may take in a case, while that is so: `needs` says whom its tasks are for (`app.tasks.vacancies`).

    The lead was told at `told_at`; somebody can take it, or nothing of it is free any more, since `filled_at`.
    """

    __tablename__ = "vacancies"
    __table_args__ = (
        of_case(),
        Index("vacancies_one_standing", "case_id", "needs", unique=True, postgresql_where=sql("filled_at IS NULL")),
        Index("vacancies_standing", "program_id", postgresql_where=sql("filled_at IS NULL")),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    needs: str = Field(sa_column=text())
    told_at: datetime = Field(sa_column=moment())
    filled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class Act(SQLModel, table=True):
    """Something that a person has just done to a task, with what it takes to undo it (`app.tasks.acts`).

    `version` is the task's after it. Rows are deleted when nobody can undo them any more.
    """

    __tablename__ = "acts"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "task_id"], ["tasks.program_id", "tasks.id"]),
        ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        CheckConstraint(one_of("verb", UNDOABLE), name="acts_verb"),
        CheckConstraint("(kept IS NULL) = (verb = 'claim')", name="acts_kept"),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    staff_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    task_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    verb: str = Field(sa_column=text())
    at: datetime = Field(sa_column=moment())
    version: int
    kept: dict[str, Any] | None = Field(default=None, sa_column=json(nullable=True))
    undone_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
