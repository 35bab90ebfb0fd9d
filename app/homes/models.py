"""The table of home tabs that somebody has opened."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Uuid
from sqlmodel import Field, SQLModel

from app.store.types import json, link, moment, text


class Home(SQLModel, table=True):
    """A home tab, and what was shown on it last.

    `asked` counts openings, presses and choices, `drawn` is the count that the last drawing answered; `drawn_seq` is
    the program's audit number that it was drawn at, `next_at` when the clock alone changes it. `shown` is a hash of
    what it showed, `view_hash` Slack's own, which a later publishing names, so that an older one cannot come after it.
    `said` is the answer to the last press. `next_at` and `said_until` are in the program's time, all else in real time.
    """

    __tablename__ = "homes"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name="homes_lease_until"),
        CheckConstraint("(said IS NULL) = (said_until IS NULL)", name="homes_said_until"),
        CheckConstraint("drawn <= asked", name="homes_drawn"),
    )

    staff_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    program_id: int = Field(sa_column=link("programs.id"))
    opened_at: datetime = Field(sa_column=moment())
    asked: int = Field(default=1, sa_column=Column(BigInteger, nullable=False))
    drawn: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    drawn_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    drawn_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    next_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    shown: str | None = Field(default=None, sa_column=text(nullable=True))
    view_hash: str | None = Field(default=None, sa_column=text(nullable=True))
    only_case: str | None = Field(default=None, sa_column=text(nullable=True))
    only_track: str | None = Field(default=None, sa_column=text(nullable=True))
    only_skill: str | None = Field(default=None, sa_column=text(nullable=True))
    said: dict[str, Any] | None = Field(default=None, sa_column=json(nullable=True))
    said_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    lease: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    lease_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    not_before: datetime | None = Field(default=None, sa_column=moment(nullable=True))
