"""Whatever is in a file or a mapping: it is read, or refused with words; nothing else comes out of the readers."""

import io
import zipfile
from collections.abc import Iterator
from datetime import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from ruamel.yaml import YAML

from app.cases.intake.dates import BadPattern, DatePattern, NotADate
from app.cases.intake.mapping import Kind, Layout
from app.cases.intake.mapping_reader import MappingErrors, read_mapping
from app.cases.intake.reading import open_table
from app.cases.intake.table import BadRow, FileBroken, Row
from app.checklists.problems import Problem
from app.settings import ROOT

NAMES = ("MRN", "Name")
GOOD = 'MRN,Name\r\n1,"Ann, B"\r\n2,Zo\u00eb\r\n'
MAPPING = (ROOT / "docs" / "mappings" / "tcga_sarc.yaml").read_text(encoding="utf-8")
Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

LAYOUTS = st.builds(
    Layout,
    kind=st.sampled_from([None, *Kind]),
    encoding=st.sampled_from([None, "utf-8-sig", "cp1252", "utf-16", "utf-7", "iso2022_jp", "idna", "punycode"]),
    delimiter=st.sampled_from([None, ",", "\t", "|", "\n", '"', " "]),
    quote=st.booleans(),
    header_row=st.integers(1, 3),
    first_row=st.integers(2, 5),
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One folder for all examples of a test, since Hypothesis runs the same test many times."""
    with TemporaryDirectory() as name:
        yield Path(name)


@st.composite
def changed(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes that were right once, with pieces cut out, put in and written over."""
    found = bytearray(whole)
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(found)))
        end = min(len(found), begin + draw(st.integers(0, 12)))
        found[begin:end] = draw(st.binary(max_size=6) | st.sampled_from([b'"', b"\0", b"\r", b"\n", b",", b"\xff"]))
    return bytes(found)


TEXTS = st.one_of(st.binary(max_size=300), changed(GOOD.encode()), changed(GOOD.encode("utf-16")))


def read_or_refused(path: Path, layout: Layout) -> list[Row | BadRow]:
    """The rows of a file, or none when it was refused."""
    try:
        found = open_table(path, layout, NAMES)
        rows = list(found.rows())
    except FileBroken:
        return []
    width = len(found.header)
    assert all(isinstance(row, BadRow) or len(row.cells) == width for row in rows)
    assert [row.line for row in rows] == sorted({row.line for row in rows})
    return rows


@settings(max_examples=300, deadline=None)
@given(content=TEXTS, layout=st.just(Layout()) | LAYOUTS)
def test_any_bytes_are_read_or_refused(folder: Path, content: bytes, layout: Layout) -> None:
    path = folder / "export.csv"
    path.write_bytes(content)
    assert read_or_refused(path, layout) == read_or_refused(path, layout)  # it reads the file twice, and alike


@cache
def workbook() -> bytes:
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for line in (NAMES, (1, "Ann"), (2.5, "Bo")):
        sheet.append(line)
    book.save(file)
    return file.getvalue()


@settings(max_examples=60, deadline=None)
@given(content=changed(workbook()), layout=st.just(Layout()) | LAYOUTS)
def test_any_bytes_of_a_workbook_are_read_or_refused(folder: Path, content: bytes, layout: Layout) -> None:
    path = folder / "export.xlsx"
    path.write_bytes(content)
    read_or_refused(path, layout)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_part_of_a_workbook_is_read_or_refused(folder: Path, data: st.DataObject) -> None:
    """The archive is whole, but one of its parts is not."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    parts[name] = data.draw(changed(parts[name]))
    path = folder / "export.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    read_or_refused(path, Layout())


def mapped_or_refused(path: Path) -> None:
    """A mapping is read, or every problem has a place, a message and a fix."""
    problems: list[Problem] = []
    try:
        found = read_mapping(path)
    except MappingErrors as refused:
        problems = refused.problems
    else:
        assert found.source
        assert found.key
    assert all(one.file == str(path) and one.line >= 0 and one.message and one.fix for one in problems)


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=120) | changed(MAPPING.encode()))
def test_any_bytes_are_a_mapping_or_refused(folder: Path, content: bytes) -> None:
    path = folder / "map.yaml"
    path.write_bytes(content)
    mapped_or_refused(path)


WORDS = st.sampled_from(
    [
        "version", "source", "file", "missing", "key", "patient", "key_dates", "components", "required", "ignore",
        "column", "values", "others", "split", "format", "days_from", "kind", "part", "custom", "supply", "encoding",
        "delimiter", "quote", "sheet", "header_row", "first_row", "MRN", "board", "keep", "YYYY-MM-DD", "csv", "plate",
        "", " ", "N/A", "{", "é\u0308", "x" * 70,
    ]
)  # fmt: skip
VALUES: st.SearchStrategy[Json] = st.recursive(
    WORDS | st.integers(-3, 10**9) | st.floats() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(content=st.dictionaries(WORDS, VALUES, max_size=6) | VALUES)
def test_any_yaml_is_a_mapping_or_refused(folder: Path, content: Json) -> None:
    path = folder / "map.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(content, file)
    mapped_or_refused(path)


PARTS = st.sampled_from(["YYYY", "MM", "MMM", "DD", "D", "HH", "hh", "mm", "ss", "AM", "T", "/", "-", ".", ":", " "])


@settings(deadline=None)
@given(
    pattern=st.lists(PARTS).map("".join) | st.permutations(["YYYY", "MM", "DD"]).map("-".join) | st.text(max_size=12),
    cell=st.text(max_size=20) | st.datetimes().map(str),
)
def test_any_pattern_and_any_cell_are_a_date_or_refused(pattern: str, cell: str) -> None:
    try:
        read = DatePattern.parse(pattern)
    except BadPattern:
        return
    try:
        _, at = read.read(cell)
    except NotADate:
        return
    assert at != time(), "midnight stands for an hour that is not known"
