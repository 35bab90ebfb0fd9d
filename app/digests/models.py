"""Table of digests. When a person gets them stands with the person (`app.programs.models.Staff`)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKeyConstraint, Text, Uuid
from sqlmodel import Field, SQLModel

from app.store.types import json, link, moment, one_of

DAILY = "daily"
WEEKLY = "weekly"
DIGEST_KINDS = (DAILY, WEEKLY)


class Digest(SQLModel, table=True):
    """The digest of a person's local day. The key is the promise: one of a kind a day, whatever the clock does.

    A weekly report stands with the Monday of its local week, so that there is one a week.

    `notice_id` is the post, None where nothing waited and the person chose silence. `told` are the key dates as they
    were then, `{case id: {name: [day, instant]}}`, so that a later digest can say what changed; it is kept for the
    newest two.
    """

    __tablename__ = "digests"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        CheckConstraint(one_of("kind", DIGEST_KINDS), name="digests_kind"),
    )

    staff_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(sa_column=Column(Date, primary_key=True))
    kind: str = Field(default=DAILY, sa_column=Column(Text, primary_key=True))
    program_id: int = Field(sa_column=link("programs.id"))
    made_at: datetime = Field(sa_column=moment())
    notice_id: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    told: dict[str, Any] | None = Field(default=None, sa_column=json(nullable=True))
