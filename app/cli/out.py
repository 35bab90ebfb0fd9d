"""What commands print: lines for people, or one JSON document for programs."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
ProgramSlug = Annotated[str | None, typer.Option("--program", metavar="SLUG", help="Which program, if several.")]


class CannotDo(Exception):
    """A command cannot do what was asked. The message says what happened and what to do."""

    code = 1


class WrongUsage(CannotDo):
    """The command was called in a way that cannot work."""

    code = 2


def say(text: str = "") -> None:
    """A line of the answer."""
    typer.echo(text)


def remark(text: str) -> None:
    """A line for the person that is no part of the answer (standard error)."""
    typer.echo(text, err=True)


def say_json(document: Mapping[str, object] | Sequence[object]) -> None:
    """The answer as JSON, two spaces deep. Moments in ISO 8601."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False, default=_plain))


def say_table(rows: Sequence[Sequence[object]], header: Sequence[str]) -> None:
    """Columns as wide as what they hold."""
    cells = [list(header), *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[place]) for line in cells) for place in range(len(header))]
    for line in cells:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def counted(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
