"""The report as files: rows as CSV, and a workbook."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.reports import words
from app.reports.measures import OPEN, definitions
from app.reports.report import Breach, Line, Report, Row

Cell = str | float | None


def csv_of(rows: Sequence[Row], missed: Sequence[Breach], at: datetime, zone: str) -> bytes:
    """The tasks behind the numbers and the missed deadlines as of `at`, one a line.

    UTF-8 with a mark by which spreadsheets know it.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(words.CSV_HEADER)
    writer.writerows([[_tame(cell) for cell in row] for row in words.csv_rows(rows, missed, at, ZoneInfo(zone))])
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(report: Report, rows: Sequence[Row], missed: Sequence[Breach]) -> bytes:
    """The whole report as a workbook: numbers, tasks, missed deadlines, what is open, and the definitions."""
    from openpyxl import Workbook  # half a second, and only this needs it

    zone = ZoneInfo(report.zone)
    book = Workbook(write_only=True)
    numbers = book.create_sheet("Numbers")
    numbers.append([words.headline(report)])
    numbers.append([f"As of {words.moment(report.at, zone)} {report.zone}"])
    for title, lines in (("all", [report.total]), ("checklist", report.tracks), ("role", report.roles),
                         ("person", report.people), ("week of", report.weeks)):  # fmt: skip
        numbers.append([])
        _put(numbers, words.group_header(title), words.group_rows(lines))
    _put(book.create_sheet("Tasks"), words.ROW_HEADER, words.task_rows(rows, zone))
    _put(book.create_sheet("Missed deadlines"), words.MISSED_HEADER, words.missed_rows(missed, report.at, zone))
    standing = book.create_sheet("Open now")
    counts = [each for each in OPEN if each.unit != "moment"]
    for title, lines in (("waits for", report.waits), ("held by", report.load)):
        head = (title, *(each.title for each in counts), "oldest since")
        _put(standing, head, [_open(line, [each.name for each in counts], zone) for line in lines])
        standing.append([])
    _put(book.create_sheet("How it is counted"), ("what", "unit", "definition"), definitions())
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _open(line: Line, names: Sequence[str], zone: ZoneInfo) -> tuple[Cell, ...]:
    return (line.label, *(line.figures[name] for name in names), words.moment(line.since, zone))


def _put(sheet: object, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    for row in (header, *rows):
        sheet.append([_tame(cell) for cell in row])  # type: ignore[attr-defined]


def _tame(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula, as a text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
