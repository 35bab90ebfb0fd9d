"""A table as it comes out of a file, whatever its format: a header, and rows with their places."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

MOST_IN_A_CELL: Final = 10_000
"""Characters of one cell. A patient's field is far shorter; more than this is another file's content."""


class FileBroken(Exception):
    """A file that cannot be read as a table at all. The message says what to do, and holds no cell."""


@dataclass(frozen=True)
class Row:
    """A row at a line (text files) or row (workbooks) of the file, counted from 1. Cells as text, "" for none.

    `errors` are the places of cells that hold a spreadsheet's error, such as #REF!.
    """

    line: int
    cells: tuple[str, ...]
    errors: frozenset[int] = field(default=frozenset())


@dataclass(frozen=True)
class BadRow:
    """A row that could not be taken apart, and why; the reason holds no cell."""

    line: int
    reason: str


class Table(Protocol):
    """A header and rows. `rows` starts from the first row each time; it raises FileBroken."""

    @property
    def header(self) -> tuple[str, ...]: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def rows(self) -> Iterator[Row | BadRow]: ...


def header_of(top: Sequence[tuple[str, ...]], row: int) -> tuple[str, ...]:
    """The names of the columns in a row (from 1) of a file's top, without empty ones at its end."""
    cells = list(top[row - 1]) if row <= len(top) else []
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cell or f"column {place}" for place, cell in enumerate(cells, start=1))


def no_header(name: str, tops: Sequence[Sequence[tuple[str, ...]]], row: int, expected: Collection[str]) -> FileBroken:
    """What to say when the header row holds none of the expected columns.

    The cells of that row are not shown: if it is no header, they are somebody's data.
    """
    wanted = set(expected)
    held = {
        place: len(set(cells) & wanted)
        for top in tops
        for place, cells in enumerate(top, start=1)
        if set(cells) & wanted
    }
    if held:
        best = max(held, key=lambda place: held[place])
        fix = f"Row {best} has {held[best]} of them: write `header_row: {best}` under `file` of the mapping."
    else:
        fix = (
            "CSV, TSV and XLSX are read. Check that it is one of them, that the mapping was written for this file, and "
            "its delimiter and encoding."
        )
    return FileBroken(f"{name}: row {row} has none of the columns that the mapping names. {fix}")
