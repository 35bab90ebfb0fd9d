"""Mapping files: what they say, and everything that is wrong with them at once, each with its line."""

from pathlib import Path

import pytest

from app.cases.intake.mapping import Kind, Others
from app.cases.intake.mapping_reader import MappingErrors, read_mapping
from app.settings import ROOT

GOOD = """\
version: 1
source: old_tracker
file: {format: csv, encoding: cp1252, delimiter: semicolon, header_row: 2}
missing: ["n/a", "Not  Known"]
key: [Clinic, MRN]
patient:
  clinic: Clinic
  mrn: MRN
  sex: {column: Sex, values: {M: male, F: female, U: null}, others: keep}
  sizes: {column: Sizes, split: "|"}
  birth_date: {column: DOB, format: MM/DD/YYYY}
key_dates:
  referral: {column: Ref, format: MM/DD/YYYY}
  last_contact: {column: Days, days_from: Ref, format: MM/DD/YYYY}
components:
  - kind: {column: Implant, values: {stem: endoprosthesis, plate: plate}}
    custom: {column: Custom, values: {Y: true, N: false}}
required: [DOB]
ignore: [Comment]
surgeon: {column: Doc, values: {SAT: Dr. Sato}}
lead: {always: Lea Brandt}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mapping_that_says_everything(tmp_path: Path) -> None:
    found = read_mapping(written(tmp_path, GOOD))
    assert (found.source, found.key, found.required) == ("old_tracker", ("Clinic", "MRN"), ("DOB",))
    assert (found.layout.kind, found.layout.encoding, found.layout.delimiter) == (Kind.CSV, "cp1252", ";")
    assert (found.layout.header_row, found.layout.first_row) == (2, 3)
    assert found.missing == {"n/a", "not known"}
    sex = found.patient[2].words.translation
    assert sex is not None
    assert (dict(sex.words), sex.others) == ({"m": "male", "f": "female", "u": None}, Others.KEEP)
    assert found.components[0].custom is not None
    assert [(field.part, field.place) for field in found.people] == [
        ("surgeon", "column Doc"),
        ("lead", "`lead` of the mapping"),
    ]
    assert found.columns() == [
        "Clinic", "MRN", "Sex", "Sizes", "DOB", "Ref", "Days", "Implant", "Custom", "Doc",
    ]  # fmt: skip
    assert found.ignored == {"Comment"}


def test_the_shipped_mapping_is_right() -> None:
    found = read_mapping(ROOT / "docs" / "mappings" / "tcga_sarc.yaml")
    assert found.layout.header_row == 2
    assert "margin_status" in {field.words.column for field in found.patient}
    assert found.key_dates == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "said", "fix"),
    [
        ("version: 1", "version: 7", 1, "version", "version: 1"),
        ("source: old_tracker", "source: Old Tracker!", 2, "no name", "old_tracker"),
        ("source: old_tracker\n", "", 1, "`source` is missing", "old_tracker"),
        ("delimiter: semicolon", "delimiter: '::'", 3, "one character", "semicolon"),
        ("encoding: cp1252", "encoding: klingon", 3, "klingon", "utf-8"),
        ("encoding: cp1252", "encoding: base64", 3, "base64", "utf-8"),
        ("header_row: 2", "header_row: 0", 3, "no number of a row", "from 1"),
        ("header_row: 2", "header_row: 2, first_row: 2", 3, "before their header ends", "3 or more"),
        ("format: csv", "format: xls", 3, "`xls` is no format", "xlsx"),
        ('missing: ["n/a", "Not  Known"]', "missing: n/a", 4, "is a list", "- "),
        ("key: [Clinic, MRN]\n", "", 1, "which row is which", "key:"),
        ("  mrn: MRN\n", "", 5, "`MRN` is kept nowhere", "patient"),
        ("  mrn: MRN", "  mrn: ", 8, "missing or no text", "name of a column"),
        ("  mrn: MRN", "  Full Name: MRN", 8, "no name of a field", "birth_date"),
        ("others: keep", "others: guess", 9, "`guess` is no choice", "refuse"),
        ("{column: Sex,", "{colunm: Sex,", 9, "unknown key `colunm`", "did you mean `column`"),
        ("U: null", "N/A: null", 9, "listed under `missing` too", "delete one"),
        ("U: null", "m: other", 9, "translated twice", "case and spaces"),
        ("M: male", "M: true", 9, "cannot become that", "quotes"),
        ("M: male", "M: ''", 9, "cannot become that", "null"),
        ("DOB, format: MM/DD/YYYY", "DOB, format: MM/DD/YY", 11, "no format of a date", "YYYY-MM-DD"),
        ("DOB, format: MM/DD/YYYY", "DOB, split: '|', format: MM/DD/YYYY", 11, "neither split", "keep one"),
        ("  referral:", "  referal:", 13, "unknown key date `referal`", "did you mean `referral`"),
        ("{column: Ref, format: MM/DD/YYYY}", "Ref", 13, "needs its column and its format", "format"),
        ("stem: endoprosthesis", "stem: endoprothesis", 16, "cannot become that", "did you mean `endoprosthesis`"),
        ("Y: true", "Y: maybe", 17, "cannot become that", "true, false"),
        (", values: {stem: endoprosthesis, plate: plate}", "", 16, "has to be translated", "endoprosthesis"),
        ("kind: {column: Implant", "part: {column: Implant", 16, "without its `kind`", "kind"),
        ("SAT: Dr. Sato", "SAT: 7", 20, "cannot become that", "a name of the staff list"),
        ("always: Lea Brandt", "always: ''", 21, "missing or no text", "a name of the staff list"),
        ("always: Lea Brandt", "always: Lea, column: Doc", 21, "unknown key `column`", "always"),
        ("ignore: [Comment]", "ignore: [DOB]", 19, "used, and ignored too", "delete one"),
        ("ignore: [Comment]", "ignroe: [Comment]", 19, "unknown key `ignroe`", "did you mean `ignore`"),
        ("key: [Clinic, MRN]", "key: [Clinic, MRN", 5, "not YAML", "bracket"),
        ("  clinic: Clinic", "\tclinic: Clinic", 7, "a tab", "spaces"),
    ],
)  # fmt: skip
def test_each_problem_has_its_line_and_its_fix(
    tmp_path: Path, old: str, new: str, line: int, said: str, fix: str
) -> None:
    assert old in GOOD
    with pytest.raises(MappingErrors) as refused:
        read_mapping(written(tmp_path, GOOD.replace(old, new, 1)))
    fitting = [one for one in refused.value.problems if said in one.message and fix in one.fix]
    assert [one.line for one in fitting] == [line], str(refused.value)


def test_all_problems_come_at_once_and_in_order(tmp_path: Path) -> None:
    bad = GOOD.replace("version: 1", "version: 2").replace("referral:", "referal:").replace("U: null", "m: x")
    with pytest.raises(MappingErrors) as refused:
        read_mapping(written(tmp_path, bad))
    assert [one.line for one in refused.value.problems] == [1, 9, 13]
    assert str(refused.value).splitlines()[0].startswith(f"{tmp_path / 'map.yaml'}:1: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"\xff\xfe\x00", "not UTF-8"), (b"just words", "key: value"), (b"- a\n- b\n", "key: value")],
)
def test_a_file_that_is_no_mapping(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_bytes(content)
    with pytest.raises(MappingErrors, match=said):
        read_mapping(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MappingErrors, match="no such file"):
        read_mapping(tmp_path / "none.yaml")
