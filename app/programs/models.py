"""Tables of a program and its people."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    Time,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlmodel import Field, SQLModel

from app.checklists.vocabulary import Role, Told
from app.digests.rules import WEEKDAYS
from app.store.types import identity, json, link, moment, one_of, text

ROLES_SQL = "ARRAY[" + ", ".join(repr(role.value) for role in Role) + "]"
DAYS_SQL = "ARRAY[" + ", ".join(repr(day) for day in WEEKDAYS) + "]"


class Program(SQLModel, table=True):
    """A practice or centre. Everything else belongs to one.

    `calendar` is what `BusinessCalendar.from_config` reads; `zone` an IANA name.
    """

    __tablename__ = "programs"
    __table_args__ = (
        UniqueConstraint("slug", name="programs_slug"),
        UniqueConstraint("slack_team_id", name="programs_slack_team"),
        UniqueConstraint("id", "slack_team_id", name="programs_id_slack_team"),
    )

    id: int = Field(default=None, sa_column=identity())
    slug: str = Field(sa_column=text())
    name: str = Field(sa_column=text())
    zone: str = Field(sa_column=text())
    calendar: dict[str, Any] = Field(sa_column=json())
    slack_team_id: str | None = Field(default=None, sa_column=text(nullable=True))
    created_at: datetime = Field(sa_column=moment())


class Escalation(SQLModel, table=True):
    """How long after a missed deadline somebody is told in this program, whatever a checklist says.

    `tells` is the holder of the task (`assignee`) or a role, as in a checklist's steps; `after` a duration such as
    `4 business hours`. Without a row it is as the checklist says. `approved_by` is None where it came from the command
    line.
    """

    __tablename__ = "escalations"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "approved_by"], ["staff.program_id", "staff.id"]),
        CheckConstraint(one_of("tells", tuple(told.value for told in Told)), name="escalations_tells"),
    )

    program_id: int = Field(sa_column=Column(BigInteger, ForeignKey("programs.id"), primary_key=True))
    tells: str = Field(sa_column=Column(Text, primary_key=True))
    after: str = Field(sa_column=text())
    approved_by: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    approved_at: datetime = Field(sa_column=moment())


class Staff(SQLModel, table=True):
    """A person of a program. Quiet hours are local times in the person's own zone; both or neither are set.

    `digest_at` is the local time of the daily digest, None for none; `digest_days` its weekdays, None for the
    program's business days; with `digest_silent` there is none when nothing waits. `digest_due_at` is when to look
    next whether one is due: not later than it is. `report_day` and `report_at` are the same for the weekly SLA report.
    `guest` is whether Slack says that the account is a guest's, who cannot work here.
    """

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("program_id", "id", name="staff_program_id_id"),
        UniqueConstraint("program_id", "slack_user_id", name="staff_slack_user"),
        CheckConstraint(f"roles <@ {ROLES_SQL}::text[] AND cardinality(roles) > 0", name="staff_roles"),
        CheckConstraint("NOT (guest AND active)", name="staff_guests_inactive"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="staff_quiet_both"),
        CheckConstraint("(digest_at IS NULL) = (digest_due_at IS NULL)", name="staff_digest_both"),
        CheckConstraint(
            f"digest_days <@ {DAYS_SQL}::text[] AND cardinality(digest_days) > 0", name="staff_digest_days"
        ),
        CheckConstraint("(report_at IS NULL) = (report_due_at IS NULL)", name="staff_report_both"),
        CheckConstraint("(report_at IS NULL) = (report_day IS NULL)", name="staff_report_day_both"),
        CheckConstraint(one_of("report_day", WEEKDAYS), name="staff_report_day"),
        Index("staff_report_due", "report_due_at", postgresql_where=sql("active AND report_due_at IS NOT NULL")),
        Index("staff_digest_due", "digest_due_at", postgresql_where=sql("active AND digest_due_at IS NOT NULL")),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    slack_user_id: str = Field(sa_column=text())
    name: str = Field(sa_column=text())
    zone: str = Field(sa_column=text())
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    skills: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    quiet_from: time | None = Field(default=None, sa_column=Column(Time, nullable=True))
    quiet_until: time | None = Field(default=None, sa_column=Column(Time, nullable=True))
    active: bool = Field(default=True)
    guest: bool = Field(default=False)
    digest_at: time | None = Field(default=None, sa_column=Column(Time, nullable=True))
    digest_days: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text), nullable=True))
    digest_silent: bool = Field(default=False)
    digest_due_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    report_day: str | None = Field(default=None, sa_column=text(nullable=True))
    report_at: time | None = Field(default=None, sa_column=Column(Time, nullable=True))
    report_due_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class Absence(SQLModel, table=True):
    """Time off of a person: from `starts_at` until before `ends_at`, beginnings of days in the person's own zone.

    `begun_at` is when their tasks were passed on, to the cover or the pool; `ended_at` when the absence was over, or
    was called off. `look_at` is when something is due next: its beginning, then its end, then nothing. No two of a
    person that have not ended overlap.
    """

    __tablename__ = "absences"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        ForeignKeyConstraint(["program_id", "cover_id"], ["staff.program_id", "staff.id"]),
        UniqueConstraint("program_id", "id", name="absences_program_id_id"),
        CheckConstraint("cover_id <> staff_id", name="absences_cover_is_another"),
        CheckConstraint("starts_at < ends_at", name="absences_in_order"),
        CheckConstraint("(look_at IS NULL) = (ended_at IS NOT NULL)", name="absences_look_at"),
        # A range of one id, since equality of numbers in such an index would need an extension.
        ExcludeConstraint(
            (sql("int8range(staff_id, staff_id, '[]')"), "&&"),
            (sql("tstzrange(starts_at, ends_at)"), "&&"),
            where=sql("ended_at IS NULL"),
            name="absences_one_at_a_time",
            using="gist",
        ),
        Index("absences_look", "look_at", postgresql_where=sql("look_at IS NOT NULL")),
        Index("absences_open", "program_id", "staff_id", postgresql_where=sql("ended_at IS NULL")),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    staff_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    cover_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    starts_at: datetime = Field(sa_column=moment())
    ends_at: datetime = Field(sa_column=moment())
    begun_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    look_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
