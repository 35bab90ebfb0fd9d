"""Table of the reasons for missed deadlines. Who gets the report weekly stands with the person."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from app.reports.reasons import Reason
from app.store.types import link, moment, one_of, text


class BreachReason(SQLModel, table=True):
    """Why one deadline was missed, as it is known now; what was said before stands in the audit chain.

    `breach_id` is the clock's event of the breach; `by_id` who said it, None for the command line.
    """

    __tablename__ = "breach_reasons"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "breach_id"], ["clock_events.program_id", "clock_events.id"]),
        ForeignKeyConstraint(["program_id", "by_id"], ["staff.program_id", "staff.id"]),
        CheckConstraint(one_of("reason", tuple(reason.value for reason in Reason)), name="breach_reasons_reason"),
    )

    breach_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    program_id: int = Field(sa_column=link("programs.id"))
    reason: str = Field(sa_column=text())
    by_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    at: datetime = Field(sa_column=moment())
