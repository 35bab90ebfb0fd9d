"""Opens a file as a table, whatever it is."""

from collections.abc import Collection
from pathlib import Path

from app.cases.intake.delimited import DelimitedTable
from app.cases.intake.encoding import OLE, ZIP, first_bytes
from app.cases.intake.mapping import Kind, Layout
from app.cases.intake.table import FileBroken, Table
from app.cases.intake.workbook import WorkbookTable


def open_table(path: Path, layout: Layout, expected: Collection[str]) -> Table:
    """The table in a file; its content decides what it is, not its name. Raises FileBroken."""
    head = first_bytes(path)
    if head.startswith(OLE):
        raise FileBroken(
            f"{path.name} is an old Excel file (.xls), or one with a password. Save it as XLSX without a password."
        )
    if head.startswith(ZIP):
        if layout.kind not in (None, Kind.XLSX):
            raise FileBroken(f"{path.name} is a workbook, but the mapping says `format: {layout.kind}`. Change one.")
        return WorkbookTable(path, layout, expected)
    if layout.kind is Kind.XLSX or path.suffix.casefold() in (".xlsx", ".xlsm"):
        raise FileBroken(f"{path.name} is no XLSX workbook, or is broken. Export it again, or save it as CSV.")
    return DelimitedTable(path, layout, expected)
