"""XLSX workbooks, read row by row."""

import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import ParseError

from app.cases.intake.mapping import Layout
from app.cases.intake.table import BadRow, FileBroken, Row, header_of, no_header
from app.cases.intake.yaml_walk import one_line

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_LOOK_AT: Final = 20
_MOST_UNPACKED: Final = 2 << 30
_MOST_SHARED_TEXT: Final = 256 << 20  # openpyxl holds the shared texts of a workbook in memory
# Whatever openpyxl meets in a file that is cut off or was never a workbook.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,  # a part that is encrypted, or packed in a way that zipfile does not know
)


class WorkbookTable:
    """One sheet of an XLSX workbook.

    A cell whose formula was never calculated by a spreadsheet program is marked as an error: it is not empty, and
    what it holds is not known.
    """

    def __init__(self, path: Path, layout: Layout, expected: Collection[str]) -> None:
        """Find the sheet and its header. `expected` are names of columns that should be there."""
        self._path = path
        self._layout = layout
        _check_size(path)
        self._has_formulas = _has_formulas(path)
        with self._opened() as book:
            names = list(book.sheetnames)
            self._sheet = self._choose(book, names)
            top = [tuple(one_line(cell) for cell in row.cells) for row in self._read(book, _LOOK_AT)]
        self.notes = (f"read sheet “{self._sheet}” of {len(names)}",) if len(names) > 1 else ()
        self.header = header_of(top, layout.header_row)
        if not set(self.header) & set(expected):
            raise no_header(path.name, [top], layout.header_row, expected)

    def rows(self) -> Iterator[Row | BadRow]:
        """The rows after the header; raises FileBroken where the workbook cannot be read further."""
        width = len(self.header)
        with self._opened() as book:
            for row in islice(self._marked(book), self._layout.first_row - 1, None):
                if any(cell.strip() for cell in row.cells[width:]):
                    yield BadRow(row.line, f"it has {len(row.cells)} columns, the header has {width}")
                else:
                    cells = row.cells[:width] + ("",) * (width - len(row.cells))
                    yield Row(row.line, cells, row.errors)

    def _marked(self, book: "Workbook") -> Iterator[Row]:
        """The rows, with formulas that nobody calculated among their errors."""
        if not self._has_formulas:
            yield from self._read(book)
            return
        with self._opened(values=False) as formulas:
            sheet: Any = formulas[self._sheet]
            sheet.reset_dimensions()
            for row, cells in zip(self._read(book), sheet.iter_rows(), strict=True):
                uncalculated = {
                    place
                    for place, cell in enumerate(cells)
                    if cell.data_type == "f" and place < len(row.cells) and not row.cells[place]
                }
                yield Row(row.line, row.cells, row.errors | uncalculated)

    def _choose(self, book: "Workbook", names: list[str]) -> str:
        wanted = self._layout.sheet
        if wanted is None:
            return next((name for name in names if book[name].sheet_state == "visible"), names[0])
        if wanted not in names:
            raise FileBroken(f"{self._path.name} has no sheet “{wanted}”. Its sheets: {', '.join(names)}.")
        return wanted

    def _read(self, book: "Workbook", most: int | None = None) -> Iterator[Row]:
        sheet: Any = book[self._sheet]
        # Some programs write a size that is too small, and rows beyond it would be lost.
        sheet.reset_dimensions()
        for line, cells in enumerate(islice(sheet.iter_rows(), most), start=1):
            errors = frozenset(place for place, cell in enumerate(cells) if cell.data_type == "e")
            yield Row(line, tuple(_text(cell.value, cell) for cell in cells), errors)

    @contextmanager
    def _opened(self, *, values: bool = True) -> Iterator["Workbook"]:
        """The workbook, with what formulas came to (`values`) or with the formulas themselves."""
        from openpyxl import load_workbook

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # on styles and extensions, which are of no use here
                # As an open file: by a name it would refuse what is not called .xlsx.
                with (
                    self._path.open("rb") as file,
                    closing(load_workbook(file, read_only=True, data_only=values)) as book,
                ):
                    yield book
        except FileBroken:
            raise
        except _BROKEN as error:
            raise FileBroken(
                f"{self._path.name} is broken, or cut off ({type(error).__name__}). Export it again, or save it as CSV."
            ) from None


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as file:
            sizes = {info.filename: info.file_size for info in file.infolist()}
    except _BROKEN:
        raise FileBroken(f"{path.name} is broken, or cut off. Export it again, or save it as CSV.") from None
    if sum(sizes.values()) > _MOST_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > _MOST_SHARED_TEXT:
        raise FileBroken(f"{path.name} unpacks to more than can be read safely. Save it as CSV.")


def _has_formulas(path: Path) -> bool:
    """Whether any sheet holds a formula, told from its text without reading the cells."""
    try:
        with zipfile.ZipFile(path) as file:
            return any(_holds_formula(file, name) for name in file.namelist() if name.startswith("xl/worksheets/"))
    except _BROKEN:
        raise FileBroken(f"{path.name} is broken, or cut off. Export it again, or save it as CSV.") from None


def _holds_formula(file: zipfile.ZipFile, name: str) -> bool:
    before = b""
    with file.open(name) as part:
        while chunk := part.read(1 << 20):
            if any(tag in before + chunk for tag in (b"<f>", b"<f ", b"<f/")):
                return True
            before = chunk[-4:]
    return False


def _text(value: object, cell: Any) -> str:
    """A cell as text: whole numbers without a point, dates as ISO, the hour only where it is not midnight.

    A number that is shown with leading zeros, as record numbers are, keeps them.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        shown = cell.number_format or ""
        return f"{value:0{len(shown)}d}" if shown and not shown.strip("0") and value >= 0 else str(value)
    return str(value)
