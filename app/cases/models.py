"""Tables of a case: its key dates, its components, and the sealed patient record."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlmodel import Field, SQLModel

from app.checklists.vocabulary import ComponentKind, ComponentPart, Supply
from app.kernel.keydates import KEY_DATES
from app.store.types import identity, link, moment, one_of, text

CASE_STATES = ("open", "closed")


def of_case() -> ForeignKeyConstraint:
    """The key that keeps a row in the same program as its case."""
    return ForeignKeyConstraint(["program_id", "case_id"], ["cases.program_id", "cases.id"])


class Case(SQLModel, table=True):
    """One patient's course, known by its random code only. `last_task_no` numbers its tasks.

    `replan_at` is set while its deadlines are still to be counted anew by a changed calendar, or its escalations by
    changed delays: when that was changed, or when to try again (`app.checklists.replanning`).
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("program_id", "id", name="cases_program_id_id"),
        UniqueConstraint("program_id", "code", name="cases_code"),
        ForeignKeyConstraint(["program_id", "lead_id"], ["staff.program_id", "staff.id"]),
        ForeignKeyConstraint(["program_id", "surgeon_id"], ["staff.program_id", "staff.id"]),
        CheckConstraint(one_of("state", CASE_STATES), name="cases_state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="cases_closed_at"),
        Index("cases_of_surgeon", "surgeon_id", postgresql_where=sql("state = 'open'")),
        Index("cases_to_replan", "replan_at", postgresql_where=sql("replan_at IS NOT NULL")),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    code: str = Field(sa_column=text())
    state: str = Field(default="open", sa_column=text())
    lead_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    surgeon_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    last_task_no: int = Field(default=0)
    last_component_no: int = Field(default=0)
    opened_at: datetime = Field(sa_column=moment())
    closed_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    replan_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class KeyDate(SQLModel, table=True):
    """A dated event of a case: a local `day`, and the moment `at` where the hour is known. Cleared is gone."""

    __tablename__ = "key_dates"
    __table_args__ = (of_case(), CheckConstraint(one_of("name", tuple(KEY_DATES)), name="key_dates_name"))

    case_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=Column(Text, primary_key=True))
    program_id: int = Field(sa_column=link("programs.id"))
    day: date = Field(sa_column=Column(Date, nullable=False))
    at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    set_at: datetime = Field(sa_column=moment())


class Component(SQLModel, table=True):
    """An implant, graft or other item of the planned reconstruction, numbered within its case (`C1`).

    `custom` and `supply` are NULL while unknown: unknown is not "no".
    """

    __tablename__ = "components"
    __table_args__ = (
        of_case(),
        UniqueConstraint("case_id", "no", name="components_no"),
        UniqueConstraint("case_id", "id", name="components_case_id_id"),
        CheckConstraint(one_of("kind", tuple(kind.value for kind in ComponentKind)), name="components_kind"),
        CheckConstraint(one_of("part", tuple(part.value for part in ComponentPart)), name="components_part"),
        CheckConstraint(one_of("supply", tuple(way.value for way in Supply)), name="components_supply"),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    no: int
    kind: str = Field(sa_column=text())
    part: str | None = Field(default=None, sa_column=text(nullable=True))
    custom: bool | None = Field(default=None)
    supply: str | None = Field(default=None, sa_column=text(nullable=True))
    added_at: datetime = Field(sa_column=moment())
    withdrawn_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class PatientRecord(SQLModel, table=True):
    """What is known of the patient, as one sealed blob (see `app.store.sealing`). Never leaves for Slack."""

    __tablename__ = "patient_records"
    __table_args__ = (of_case(),)

    case_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    program_id: int = Field(sa_column=link("programs.id"))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    updated_at: datetime = Field(sa_column=moment())


class CaseSource(SQLModel, table=True):
    """Where an imported case came from, so that a second import adds nothing.

    `key_digest` is a keyed digest of the other system's identifier, which itself stays in the sealed record.
    """

    __tablename__ = "case_sources"
    __table_args__ = (
        of_case(),
        UniqueConstraint("program_id", "source", "key_digest", name="case_sources_key"),
    )

    case_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    program_id: int = Field(sa_column=link("programs.id"))
    source: str = Field(sa_column=text())
    key_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
