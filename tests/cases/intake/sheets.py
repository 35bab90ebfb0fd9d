"""Small files for these tests, and their rows."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from app.cases.intake.mapping import Layout
from app.cases.intake.reading import open_table
from app.cases.intake.table import BadRow, Row, Table

NAMES = ("MRN", "Name")


def table(path: Path, layout: Layout | None = None, expected: Sequence[str] = NAMES) -> Table:
    return open_table(path, layout or Layout(), expected)


def rows(path: Path, layout: Layout | None = None, expected: Sequence[str] = NAMES) -> list[Row | BadRow]:
    return list(table(path, layout, expected).rows())


def cells(path: Path, layout: Layout | None = None, expected: Sequence[str] = NAMES) -> list[tuple[str, ...]]:
    """The cells of the rows, all of which are good."""
    found = rows(path, layout, expected)
    assert not [row for row in found if isinstance(row, BadRow)], found
    return [row.cells for row in found if isinstance(row, Row)]


def text_file(folder: Path, content: str | bytes, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(folder: Path, lines: Sequence[Sequence[object]], name: str = "export.xlsx") -> Path:
    """A workbook with one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(list(line))
    path = folder / name
    book.save(path)
    return path


def rewritten(path: Path, member: str, content: bytes | None) -> Path:
    """The same archive with one member replaced, or left out."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name != member}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
        if content is not None:
            archive.writestr(member, content)
    return path
