"""Text files of every make: read as meant, or refused with words that help and hold no cell."""

import codecs
from pathlib import Path

import pytest

from app.cases.intake.delimited import LINE_LIMIT
from app.cases.intake.mapping import Kind, Layout
from app.cases.intake.table import BadRow, FileBroken, Row
from tests.cases.intake.sheets import cells, rows, table, text_file

SECRET = "Quennedey"  # a name that no message may hold


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("MRN,Name\n1,Ann\n", "commas"),
        ("MRN;Name\n1;Ann\n", "semicolons"),
        ("MRN\tName\n1\tAnn\n", "tabs"),
        ("MRN|Name\n1|Ann\n", "pipes"),
        ("MRN,Name\r\n1,Ann\r\n", "line ends of Windows"),
        ("MRN,Name\r1,Ann\r", "line ends of old Macs"),
        ("MRN,Name\n1,Ann", "no line end at the end"),
        (codecs.BOM_UTF8 + b"MRN,Name\n1,Ann\n", "a byte order mark"),
        ("MRN,Name\n1,Ann\n".encode("utf-16"), "UTF-16, as Excel's “Unicode text”"),
        ('"MRN","Name"\n"1","Ann"\n', "everything quoted"),
        (" MRN , Name \n1,Ann\n", "spaces around names"),
        ("MRN,Name,,\n1,Ann,,\n", "empty columns at the end"),
        ("MRN,Name\n1,Ann,,\n", "empty cells beyond the header"),
    ],
)
def test_what_a_table_may_look_like(tmp_path: Path, content: str | bytes, why: str) -> None:
    assert cells(text_file(tmp_path, content)) == [("1", "Ann")], why


def test_the_delimiter_is_the_one_that_finds_the_columns(tmp_path: Path) -> None:
    path = text_file(tmp_path, "MRN;Name, first and last; a, b, c, d\n1;Ann, B;x, y\n")
    found = table(path, expected=["MRN", "Name, first and last"])
    assert found.header == ("MRN", "Name, first and last", "a, b, c, d")


def test_windows_text_is_read_and_said(tmp_path: Path) -> None:
    path = text_file(tmp_path, "MRN,Name\n1,Zoë\n".encode("cp1252"))
    assert cells(path) == [("1", "Zoë")]
    assert table(path).notes == ("read as Windows-1252 (cp1252), because line 2 is not UTF-8",)


def test_an_encoding_that_the_mapping_names_is_taken(tmp_path: Path) -> None:
    path = text_file(tmp_path, "MRN,Name\n1,Ωmega\n".encode("iso8859-7"))
    assert cells(path, Layout(encoding="iso8859-7")) == [("1", "Ωmega")]
    assert table(path, Layout(encoding="iso8859-7")).notes == ()


def test_header_in_the_second_of_three_rows(tmp_path: Path) -> None:
    path = text_file(tmp_path, "short,names\nMRN,Name\nID:1,ID:2\n1,Ann\n")
    assert cells(path, Layout(header_row=2, first_row=4)) == [("1", "Ann")]


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    path = text_file(tmp_path, 'MRN,Name\n1,"Ann, ""B""\nC"\n2,Bo\n')
    assert rows(path) == [Row(2, ("1", 'Ann, "B"\nC')), Row(4, ("2", "Bo"))]


def test_quotes_can_be_plain_characters(tmp_path: Path) -> None:
    path = text_file(tmp_path, 'MRN\tName\n1\t5" mass\n2\t"half\n')
    assert cells(path, Layout(kind=Kind.TSV, quote=False)) == [("1", '5" mass'), ("2", '"half')]


@pytest.mark.parametrize(
    ("content", "line", "said", "why"),
    [
        (f"MRN,Name\n1,{SECRET},x\n2,Bo\n", 2, "it has 3 columns, the header has 2", "one column too many"),
        (f"MRN,Name\n{SECRET}\n2,Bo\n", 2, "it has 1 columns, the header has 2", "one too few"),
        (f'MRN,Name\n1,"{SECRET}"x\n2,Bo\n', 2, "quotes do not match", "text behind a closing quote"),
        (f"MRN,Name\n1,{SECRET * LINE_LIMIT}\n2,Bo\n", 2, "more than 131,072 characters", "a cell of a megabyte"),
        (f'MRN,Name\n1,"{SECRET}\nx",y\n2,Bo\n', 2, "lines 2 to 3", "a quote that joins two rows"),
    ],
)
def test_a_bad_row_does_not_keep_the_others_out(tmp_path: Path, content: str, line: int, said: str, why: str) -> None:
    bad, good = rows(text_file(tmp_path, content))
    assert isinstance(bad, BadRow), why
    assert bad.line == line
    assert said in bad.reason
    assert SECRET not in bad.reason
    assert isinstance(good, Row)
    assert good.cells == ("2", "Bo")


def test_ten_megabytes_in_one_cell(tmp_path: Path) -> None:
    path = text_file(tmp_path, "MRN,Name\n1," + "x" * 10_000_000 + "\n2,Bo\n")
    assert [row.line for row in rows(path)] == [2, 3]


@pytest.mark.parametrize(
    ("content", "said", "why"),
    [
        (b"", "is empty", "nothing in it"),
        (b"\x00\x01\x02" * 100, "NUL bytes", "binary"),
        (b"%PDF-1.7 ...", "a PDF", "a PDF"),
        (b"\x1f\x8b\x08...", "compressed", "gzip"),
        (b"\xd0\xcf\x11\xe0...", "old Excel", "an old workbook, or one with a password"),
        (b"<html><table>", "a web page", "HTML that calls itself CSV"),
        (f'[\n  {{"MRN": "{SECRET}"}}]'.encode(), "is JSON, not a table. Export it as CSV, TSV or", "JSON, a list"),
        (codecs.BOM_UTF8 + f'{{"{SECRET}": []}}'.encode(), "is JSON", "JSON, an object behind a byte order mark"),
        (b'<?xml version="1.0"?><cases/>', "is XML", "XML"),
        (b"MRN,Name\n1,\x81\xff\x8d\n", "neither UTF-8 (line 2) nor cp1252", "no known encoding"),
        ("MRN,Name\n1,Zoë\n".encode("utf-16")[:-1], "not utf-16 text", "UTF-16 that is cut off"),
        (f'MRN,Name\n1,"{SECRET}\n2,Bo\n'.encode(), "a quote that opens on line 2 does not end", "an open quote"),
        (
            f'MRN,Name\n1,"{SECRET}\n'.encode() + b"2,Bo\n" * 50_000,
            "a quote that opens on line 2 does not end",
            "an open quote at the top of a long file",
        ),
        (f'MRN,Name\n1,"{SECRET}\nx,"y\n'.encode(), "a quote that opens on line 2", "it ends in the wrong place"),
        (f"{SECRET},Bo\n1,2\n".encode(), "row 1 has none of the columns", "another file's header"),
        (f"{SECRET} had a call\n".encode(), "CSV, TSV and XLSX are read", "a text that is no table"),
        (f"{SECRET}\nMRN,Name\n1,Ann\n".encode(), "write `header_row: 2`", "the header is further down"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: bytes, said: str, why: str) -> None:
    with pytest.raises(FileBroken) as broken:
        rows(text_file(tmp_path, content))
    assert said in str(broken.value), why
    assert SECRET not in str(broken.value)


def test_an_encoding_that_the_mapping_names_wrongly(tmp_path: Path) -> None:
    path = text_file(tmp_path, f"MRN,Name\n1,{SECRET}\n")
    with pytest.raises(FileBroken, match=r"not utf-16 text \(line 1\)"):
        rows(path, Layout(encoding="utf-16"))


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileBroken, match="no file"):
        rows(tmp_path / "none.csv")
    with pytest.raises(FileBroken, match="is a folder"):
        rows(tmp_path)


def test_a_mapping_for_workbooks_meets_text(tmp_path: Path) -> None:
    with pytest.raises(FileBroken, match="no XLSX workbook"):
        rows(text_file(tmp_path, "MRN,Name\n1,Ann\n"), Layout(kind=Kind.XLSX))
    with pytest.raises(FileBroken, match="no XLSX workbook"):
        rows(text_file(tmp_path, "MRN,Name\n1,Ann\n", "export.xlsx"))
