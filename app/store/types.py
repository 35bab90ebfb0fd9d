"""Column types: UTC time, and small helpers that keep table definitions short."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, stored as `timestamptz` and always read back in UTC. A naive datetime raises `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


def identity() -> Column[int]:
    """A bigint primary key that PostgreSQL counts."""
    return Column(BigInteger, Identity(), primary_key=True)


def link(target: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    """A bigint foreign key to `table.column`."""
    return Column(BigInteger, ForeignKey(target), nullable=nullable, index=index)


def moment(*, nullable: bool = False) -> Column[datetime]:
    """A UTC moment."""
    return Column(UTCDateTime(), nullable=nullable)


def text(*, nullable: bool = False) -> Column[str]:
    return Column(Text, nullable=nullable)


def json(*, nullable: bool = False) -> Column[Any]:
    """A JSON document; absent is SQL NULL, never JSON null."""
    return Column(JSONB(none_as_null=True), nullable=nullable)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The CHECK that keeps a text column to its words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for statements that are built once."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
