"""XLSX workbooks: cells of every kind, several sheets, and files that are broken."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from app.cases.intake.mapping import Kind, Layout
from app.cases.intake.table import BadRow, FileBroken, Row
from tests.cases.intake.sheets import cells, rewritten, rows, table, text_file, workbook


@pytest.mark.parametrize(
    ("value", "text", "why"),
    [
        ("Ann", "Ann", "text"),
        (None, "", "empty"),
        (42, "42", "a whole number"),
        (42.0, "42", "a whole number that a spreadsheet keeps as a fraction"),
        (1234567890123.0, "1234567890123", "a long record number, without an exponent"),
        (7.25, "7.25", "a fraction"),
        (True, "True", "a truth"),
        (date(2026, 12, 3), "2026-12-03", "a day"),
        (datetime(2026, 12, 3), "2026-12-03", "a day with midnight, which is how days are kept"),  # noqa: DTZ001
        (datetime(2026, 12, 3, 7, 30), "2026-12-03 07:30:00", "a day and an hour"),  # noqa: DTZ001
        (time(7, 30), "07:30:00", "an hour"),
    ],
)
def test_cells_as_text(tmp_path: Path, value: object, text: str, why: str) -> None:
    path = workbook(tmp_path, [("MRN", "Name"), ("1", value)])
    assert cells(path) == [("1", text)], why


def test_an_error_of_the_spreadsheet_is_marked(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("MRN", "Name"), ("1", "Ann"), ("2", "Bo")])
    book = load_workbook(path)
    cell = book["Sheet"]["B2"]
    cell.value, cell.data_type = "#REF!", "e"
    book.save(path)
    assert rows(path) == [Row(2, ("1", "#REF!"), frozenset({1})), Row(3, ("2", "Bo"))]


def test_a_formula_that_nobody_calculated_is_an_error_and_not_empty(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("MRN", "Name"), ("1", "=DATE(2026,1,2)"), ("2", "Bo"), ("3", None)])
    assert rows(path) == [Row(2, ("1", ""), frozenset({1})), Row(3, ("2", "Bo")), Row(4, ("3", ""))]


def test_a_number_shown_with_leading_zeros_keeps_them(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("MRN", "Name"), (123, 7), (4567890, 0)])
    book = load_workbook(path)
    for line in (2, 3):
        book["Sheet"][f"A{line}"].number_format = "00000000"
    book.save(path)
    assert cells(path) == [("00000123", "7"), ("04567890", "0")]


def test_short_rows_are_filled_and_long_ones_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("MRN", "Name"), ("1",), ("2", "Bo", None), ("3", "Cy", "more")])
    assert rows(path) == [
        Row(2, ("1", "")),
        Row(3, ("2", "Bo")),
        BadRow(4, "it has 3 columns, the header has 2"),
    ]


def test_the_first_sheet_that_can_be_seen_is_read_and_said(tmp_path: Path) -> None:
    book = Workbook()
    hidden, shown = book.active, book.create_sheet("Patients")
    assert hidden is not None
    hidden.sheet_state = "hidden"
    shown.append(["MRN", "Name"])
    shown.append(["1", "Ann"])
    path = tmp_path / "export.xlsx"
    book.save(path)
    assert cells(path) == [("1", "Ann")]
    assert table(path).notes == ("read sheet “Patients” of 2",)
    assert cells(path, Layout(sheet="Patients")) == [("1", "Ann")]
    with pytest.raises(FileBroken, match=r"no sheet “Cases”\. Its sheets: Sheet, Patients"):
        rows(path, Layout(sheet="Cases"))


def test_a_size_that_is_written_too_small_loses_no_row(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("MRN", "Name"), ("1", "Ann"), ("2", "Bo")])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b'ref="A1:B3"' in sheet
    rewritten(path, "xl/worksheets/sheet1.xml", sheet.replace(b'ref="A1:B3"', b'ref="A1"'))
    assert cells(path) == [("1", "Ann"), ("2", "Bo")]


def test_the_header_is_further_down(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("Report of 2026",), (), ("MRN", "Name"), ("1", "Ann")])
    with pytest.raises(FileBroken, match="write `header_row: 3`"):
        rows(path)
    assert cells(path, Layout(header_row=3, first_row=4)) == [("1", "Ann")]


def test_broken_workbooks_say_so(tmp_path: Path) -> None:
    whole = workbook(tmp_path, [("MRN", "Name"), *((str(n), "x" * 50) for n in range(500))]).read_bytes()
    for cut in (10, 100, len(whole) // 2, len(whole) - 30):
        with pytest.raises(FileBroken, match="broken, or cut off"):
            rows(text_file(tmp_path, whole[:cut], "cut.xlsx"))


@pytest.mark.parametrize(
    ("member", "content", "why"),
    [
        ("[Content_Types].xml", None, "another kind of zip"),
        ("xl/workbook.xml", b"<workbook", "XML that breaks off"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c", "a sheet that breaks off"),
        ("xl/worksheets/sheet1.xml", None, "no sheet"),
    ],
)
def test_what_is_in_the_archive_is_broken(tmp_path: Path, member: str, content: bytes | None, why: str) -> None:
    path = rewritten(workbook(tmp_path, [("MRN", "Name"), ("1", "Ann")]), member, content)
    with pytest.raises(FileBroken):
        rows(path)
    assert why


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [(6, b"\x40", "made by a newer version of zip"), (8, b"\x01", "encrypted"), (10, b"\x63", "packed in another way")],
)
def test_an_archive_that_cannot_be_unpacked(tmp_path: Path, at: int, value: bytes, why: str) -> None:
    """The place is that of a field in the archive's own list of its parts."""
    whole = workbook(tmp_path, [("MRN", "Name"), ("1", "Ann")]).read_bytes()
    changed = bytearray(whole)
    found = whole.find(b"PK\x01\x02")
    while found >= 0:
        changed[found + at : found + at + 1] = value
        found = whole.find(b"PK\x01\x02", found + 4)
    with pytest.raises(FileBroken, match="broken, or cut off"):
        rows(text_file(tmp_path, bytes(changed), "export.xlsx"))
    assert why


def test_a_mapping_for_text_meets_a_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("MRN", "Name"), ("1", "Ann")], "export.csv")
    assert cells(path) == [("1", "Ann")]  # the content decides, not the name
    with pytest.raises(FileBroken, match="format: csv"):
        rows(path, Layout(kind=Kind.CSV))
