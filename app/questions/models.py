"""The table of questions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.cases.models import of_case
from app.store.types import identity, link, moment, one_of, text

QUESTION_STATES = ("open", "answered", "passed", "taken_back", "ended")


class Question(SQLModel, table=True):
    """A question about a case, or a task of it, put to a person.

    States: `open`; `answered`; `passed`, which is "not for me", with whom to ask instead as the `answer`; `taken_back`
    by whoever asked or a lead; `ended` with its case, or when the person was switched off. It never opens again.

    `next_at` is when to look at it next (`app.questions.sweep`): the reminder, then the due time; `overdue_at` when it
    was told that it is due and unanswered. `notice_id` is its post in the case's channel, `direct_id`
    its direct message.
    """

    __tablename__ = "questions"
    __table_args__ = (
        of_case(),
        ForeignKeyConstraint(["program_id", "case_id", "task_id"], ["tasks.program_id", "tasks.case_id", "tasks.id"]),
        *(
            ForeignKeyConstraint(["program_id", who], ["staff.program_id", "staff.id"])
            for who in ("asker_id", "to_id", "settled_by")
        ),
        CheckConstraint(one_of("state", QUESTION_STATES), name="questions_state"),
        CheckConstraint("asker_id <> to_id", name="questions_not_to_self"),
        CheckConstraint("due_at > asked_at", name="questions_due_at"),
        CheckConstraint("cardinality(choices) <> 1 AND cardinality(choices) <= 5", name="questions_choices"),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="questions_settled_at"),
        CheckConstraint("(answer IS NOT NULL) = (state IN ('answered', 'passed'))", name="questions_answer"),
        CheckConstraint(
            "state NOT IN ('answered', 'passed') OR coalesce(settled_by = to_id, false)", name="questions_own_word"
        ),
        CheckConstraint("state <> 'open' OR settled_by IS NULL", name="questions_settled_by"),
        CheckConstraint(
            "(next_at IS NOT NULL) = (state = 'open' AND overdue_at IS NULL)", name="questions_looked_at_until_due"
        ),
        Index("questions_next", "next_at", postgresql_where=sql("next_at IS NOT NULL")),
        Index("questions_open_to", "to_id", postgresql_where=sql("state = 'open'")),
        Index("questions_open_by", "asker_id", postgresql_where=sql("state = 'open'")),
        Index("questions_open_of_case", "case_id", postgresql_where=sql("state = 'open'")),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    task_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    asker_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    to_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    words: str = Field(sa_column=text())
    choices: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    asked_at: datetime = Field(sa_column=moment())
    due_at: datetime = Field(sa_column=moment())
    next_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    overdue_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    state: str = Field(default="open", sa_column=text())
    answer: str | None = Field(default=None, sa_column=text(nullable=True))
    settled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    settled_by: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    notice_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    direct_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
