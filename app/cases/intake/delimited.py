"""CSV and TSV files, read row by row."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from app.cases.intake.encoding import find_encoding
from app.cases.intake.mapping import Layout
from app.cases.intake.table import BadRow, FileBroken, Row, header_of, no_header
from app.cases.intake.yaml_walk import one_line

LINE_LIMIT: Final = 131_072
"""Characters of a line. It is the csv module's limit of one cell too, so a cell within a line never meets that."""
_DELIMITERS: Final = ("\t", ",", ";", "|")
_LOOK_AT: Final = 20
_STRAY_QUOTE: Final = (
    "Close the quote, or write `quote: none` under `file` of the mapping if quotes are plain characters here."
)


@dataclass(frozen=True)
class _Record:
    """What the csv module made of the lines from `first` to `last`."""

    first: int
    last: int
    cells: list[str]


class DelimitedTable:
    """A text file with a delimiter.

    Weakness: a quote that is opened and never closed takes the following rows into its cell, until another quote
    ends it. The row that comes of it has the wrong number of columns; it is refused with the lines it runs over.
    """

    def __init__(self, path: Path, layout: Layout, expected: Collection[str]) -> None:
        """Find out encoding, delimiter and header. `expected` are names of columns that should be there."""
        self._path = path
        self._layout = layout
        encoding = find_encoding(path, layout.encoding)
        self._codec = encoding.codec
        self.notes = (encoding.note,) if encoding.note else ()
        signs = (layout.delimiter,) if layout.delimiter else _DELIMITERS
        tops = {sign: self._top(sign) for sign in signs}
        headers = {sign: header_of(top, layout.header_row) for sign, top in tops.items()}
        self._delimiter = max(signs, key=lambda sign: (len(set(headers[sign]) & set(expected)), len(headers[sign])))
        self.header = headers[self._delimiter]
        if not set(self.header) & set(expected):
            raise no_header(path.name, list(tops.values()), layout.header_row, expected)

    def rows(self) -> Iterator[Row | BadRow]:
        """The rows after the header; raises FileBroken where the file stops making sense."""
        width = len(self.header)
        for found in islice(self._records(self._delimiter), self._layout.first_row - 1, None):
            if isinstance(found, BadRow):
                yield found
                continue
            cells = found.cells
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if len(cells) == width or not any(cell.strip() for cell in cells):
                yield Row(found.first, tuple(cells) + ("",) * (width - len(cells)))
                continue
            several = f" (a quote joins lines {found.first} to {found.last} into one row)"
            where = several if found.last != found.first else ""
            yield BadRow(found.first, f"it has {len(cells)} columns, the header has {width}{where}")

    def _top(self, delimiter: str) -> list[tuple[str, ...]]:
        """The first rows, as a delimiter would part them; what cannot be parted is left empty."""
        found: list[tuple[str, ...]] = []
        try:
            for record in islice(self._records(delimiter), max(_LOOK_AT, self._layout.header_row)):
                found.append(() if isinstance(record, BadRow) else tuple(one_line(cell) for cell in record.cells))
        except FileBroken:
            return found
        return found

    def _records(self, delimiter: str) -> Iterator[_Record | BadRow]:
        with self._path.open(encoding=self._codec, newline="") as file:
            lines = _Lines(file)
            quoted = csv.reader(lines, delimiter=delimiter, strict=True)
            reader = quoted if self._layout.quote else csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
            while True:
                first = lines.number + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except _LineTooLong:
                    if lines.number != first:
                        raise self._never_ends(first) from None
                    yield BadRow(first, f"the line has more than {LINE_LIMIT:,} characters")
                except csv.Error as error:
                    if lines.number != first or "end of data" in str(error):
                        raise self._never_ends(first) from None
                    yield BadRow(first, f"its quotes do not match. {_STRAY_QUOTE}")
                else:
                    yield _Record(first, lines.number, cells)

    def _never_ends(self, line: int) -> FileBroken:
        return FileBroken(f"{self._path.name}: a quote that opens on line {line} does not end. {_STRAY_QUOTE}")


class _LineTooLong(Exception):
    """A line is longer than LINE_LIMIT; it was passed over."""


class _Lines:
    """The lines of a file for the csv module, counted, and none of them longer than LINE_LIMIT."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(LINE_LIMIT)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) < LINE_LIMIT or line[-1] in "\r\n":
            return line
        while line and line[-1] not in "\r\n":
            line = self._file.readline(LINE_LIMIT)
        raise _LineTooLong
