"""The audit table: one chain of rows a program."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.types import identity, json, link, moment, text


class AuditEntry(SQLModel, table=True):
    """Who did what to which object, and whether it was allowed. Values never appear here, only field names;
    of a setting, which is about no case, `reason` says what was and what is.

    `hash` covers the row and `prev_hash`, the hash of the row with the sequence number before; a trigger refuses
    changes and deletions.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "actor_id"], ["staff.program_id", "staff.id"]),
        UniqueConstraint("program_id", "seq", name="audit_entries_seq"),
        Index("audit_entries_case", "case_id", "seq"),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    at: datetime = Field(sa_column=moment())
    actor_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    origin: str = Field(sa_column=text())
    action: str = Field(sa_column=text())
    object_type: str = Field(sa_column=text())
    object_id: str = Field(sa_column=text())
    case_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    fields: list[Any] = Field(sa_column=json())
    result: str = Field(sa_column=text())
    reason: str | None = Field(default=None, sa_column=text(nullable=True))
    prev_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
