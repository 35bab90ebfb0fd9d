"""Tables of checklist templates as loaded, and of tracks: templates at work."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlmodel import Field, SQLModel

from app.cases.models import of_case
from app.store.types import identity, json, link, moment, one_of, text

TRACK_STATES = ("active", "done", "withdrawn")


class ChecklistVersion(SQLModel, table=True):
    """One version of a template as a program loaded it. Running tracks keep theirs; a change is a new version."""

    __tablename__ = "checklist_versions"
    __table_args__ = (
        UniqueConstraint("program_id", "template_id", "version", name="checklist_versions_version"),
        UniqueConstraint("program_id", "id", name="checklist_versions_program_id_id"),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    template_id: str = Field(sa_column=text())
    version: int
    body: dict[str, Any] = Field(sa_column=json())
    digest: str = Field(sa_column=text())
    loaded_at: datetime = Field(sa_column=moment())


class Track(SQLModel, table=True):
    """A template at work on a case, or on one component of it."""

    __tablename__ = "tracks"
    __table_args__ = (
        of_case(),
        ForeignKeyConstraint(["case_id", "component_id"], ["components.case_id", "components.id"]),
        ForeignKeyConstraint(
            ["program_id", "checklist_version_id"],
            ["checklist_versions.program_id", "checklist_versions.id"],
        ),
        CheckConstraint(one_of("state", TRACK_STATES), name="tracks_state"),
        UniqueConstraint("case_id", "id", name="tracks_case_id_id"),
        Index(
            "tracks_one_per_component",
            "component_id",
            "template_id",
            unique=True,
            postgresql_where=sql("component_id IS NOT NULL"),
        ),
        Index(
            "tracks_one_per_case",
            "case_id",
            "template_id",
            unique=True,
            postgresql_where=sql("component_id IS NULL"),
        ),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    component_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    checklist_version_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    template_id: str = Field(sa_column=text())
    state: str = Field(default="active", sa_column=text())
    started_at: datetime = Field(sa_column=moment())
