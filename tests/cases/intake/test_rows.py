"""What a row says about a case. Unknown stays unknown, and no reason ever holds a cell."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.intake.mapping import CaseMapping
from app.cases.intake.mapping_reader import read_mapping
from app.cases.intake.rows import Intake, PlannedComponent, RowReader, RowRefused
from app.cases.intake.table import Row
from app.kernel.due import Moment

NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)  # 2 November, 21:00, in New York
HEADER = ("MRN", "Sex", "Margin", "Sizes", "DOB", "Ref", "Days", "Implant", "Part", "Custom", "OR")
MAPPING = """\
version: 1
source: clinic
missing: ["[Not Available]", "[Unknown]", "n/a"]
key: MRN
patient:
  mrn: MRN
  sex: {column: Sex, values: {M: male, F: female, X: null}}
  margin: Margin
  sizes: {column: Sizes, split: "|"}
  birth_date: {column: DOB, format: MM/DD/YYYY}
key_dates:
  referral: {column: Ref, format: MM/DD/YYYY}
  last_contact: {column: Days, days_from: Ref, format: MM/DD/YYYY}
  surgery: {column: OR, format: "MM/DD/YYYY HH:mm"}
components:
  - kind: {column: Implant, values: {stem: endoprosthesis, plate: plate}}
    part: {column: Part, values: {stem: stem, none: null}}
    custom: {column: Custom, values: {Y: true, N: false}}
"""
TO_COME = "a date that is to come, and the {} date is entered once it has happened"
GOOD = {"MRN": "A-17", "Ref": "10/05/2026"}


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> CaseMapping:
    path = tmp_path_factory.mktemp("mapping") / "map.yaml"
    path.write_text(MAPPING)
    return read_mapping(path)


def reader(mapping: CaseMapping) -> RowReader:
    return RowReader(mapping, HEADER, ZoneInfo("America/New_York"), NOW)


def read(mapping: CaseMapping, **cells: str) -> Intake:
    return reader(mapping).read(row(**cells))


def row(**given_cells: str) -> Row:
    cells = GOOD | given_cells
    return Row(2, tuple(cells.get(name, "") for name in HEADER))


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "empty"),
        ("   ", "spaces"),
        ("[Not Available]", "a token of the mapping"),
        ("[not  available]", "its case and spaces do not count"),
        ("N/A", "a token without brackets"),
        ("[Completely Else]", "whatever stands in brackets alone"),
    ],
)
def test_a_margin_that_is_not_known_is_absent_and_not_clear(mapping: CaseMapping, cell: str, why: str) -> None:
    assert read(mapping, Margin=cell).patient == {"mrn": "A-17"}, why


def test_a_margin_that_is_known_is_there(mapping: CaseMapping) -> None:
    assert read(mapping, Margin=" Negative ").patient["margin"] == "Negative"


@pytest.mark.parametrize(
    ("cell", "kept", "why"),
    [
        ("5|7.5", "5|7.5", "all are known"),
        ("[Not Available]|0.6", "|0.6", "the second lesion stays the second"),
        ("3|[Unknown]|n/a|2", "3|||2", "several holes"),
        ("[Not Available]|[Not Available]", None, "nothing is known"),
        ("|", None, "nothing is there"),
    ],
)
def test_several_values_in_one_cell(mapping: CaseMapping, cell: str, kept: str | None, why: str) -> None:
    assert read(mapping, Sizes=cell).patient.get("sizes") == kept, why


@pytest.mark.parametrize(
    ("cells", "patient", "why"),
    [
        ({"Sex": "M"}, {"sex": "male"}, "translated"),
        ({"Sex": "f"}, {"sex": "female"}, "case does not count"),
        ({"Sex": "X"}, {}, "translated into “not known”"),
        ({"DOB": "7/4/1961"}, {"birth_date": "1961-07-04"}, "a date, however long ago"),
    ],
)
def test_what_is_sealed(mapping: CaseMapping, cells: dict[str, str], patient: dict[str, str], why: str) -> None:
    assert read(mapping, **cells).patient == {"mrn": "A-17"} | patient, why


@pytest.mark.parametrize(
    ("cells", "key_dates", "why"),
    [
        ({}, {"referral": Moment(date(2026, 10, 5))}, "a day"),
        ({"Ref": "[Unknown]"}, {}, "not known"),
        (
            {"OR": "12/03/2026 07:30"},
            {
                "referral": Moment(date(2026, 10, 5)),
                "surgery": Moment(date(2026, 12, 3), datetime(2026, 12, 3, 12, 30, tzinfo=UTC)),
            },
            "an hour is local to the program",
        ),
        (
            {"Days": "10"},
            {"referral": Moment(date(2026, 10, 5)), "last_contact": Moment(date(2026, 10, 15))},
            "days from a date that is known",
        ),
        ({"Days": "10", "Ref": "[Not Available]"}, {}, "days from a date that is not known say nothing"),
    ],
)
def test_key_dates(mapping: CaseMapping, cells: dict[str, str], key_dates: dict[str, Moment], why: str) -> None:
    assert read(mapping, **cells).key_dates == key_dates, why


@pytest.mark.parametrize(
    ("cells", "component", "why"),
    [
        ({"Implant": "stem"}, PlannedComponent("endoprosthesis", None, None, None), "only its kind is known"),
        ({"Implant": "stem", "Custom": "N"}, PlannedComponent("endoprosthesis", None, False, None), "a no is a no"),
        ({"Implant": "stem", "Custom": "n/a"}, PlannedComponent("endoprosthesis", None, None, None), "no answer"),
        ({"Implant": "stem", "Part": "none"}, PlannedComponent("endoprosthesis", None, None, None), "translated away"),
    ],
)
def test_components(mapping: CaseMapping, cells: dict[str, str], component: PlannedComponent, why: str) -> None:
    assert read(mapping, **cells).components == (component,), why


@pytest.mark.parametrize(
    ("cells", "reason", "why"),
    [
        ({"MRN": ""}, "column MRN: not known, and the mapping requires it", "no key"),
        ({"Sex": "Quennedey"}, "column Sex: a value that the mapping does not translate", "an unknown word"),
        ({"DOB": "1961-31-07"}, "column DOB: not a date as MM/DD/YYYY", "no date"),
        ({"Ref": "10/05/1826"}, "column Ref: a date more than 5 years away", "a slip of the year"),
        ({"Days": "ten"}, "column Days: not a whole number of days", "no number"),
        ({"Days": "9999999"}, "column Days: not a whole number of days", "no offset has seven digits"),
        ({"Days": "999999"}, "column Days: a date more than 5 years away", "days beyond belief"),
        ({"Ref": "11/03/2026"}, f"column Ref: {TO_COME.format('referral')}", "not yet that day at the practice"),
        ({"Days": "29"}, f"column Days: {TO_COME.format('last two-way contact')}", "computed into the future"),
        ({"DOB": "11/03/2026"}, "column DOB: a birth date that is to come", "nobody is born tomorrow"),
        ({"DOB": "07/04/2060"}, "column DOB: a birth date that is to come", "a slip of the century"),
        ({"Margin": "a\0b"}, "column Margin: a NUL byte or another control character", "NUL"),
        ({"Margin": "x" * 10_001}, "column Margin: 10,001 characters, 10,000 fit", "a cell that is a file"),
        (
            {"Margin": "[Not Available]|1"},
            "column Margin: “not known” among other words; say `split` in the mapping",
            "a token within a value would become a value",
        ),
        (
            {"Sizes": "1|see [Unknown]"},
            "column Sizes: “not known” among the words of one part",
            "nor within a part of one",
        ),
        (
            {"Custom": "Y"},
            "column Implant: not known, though other columns say more of the component",
            "a component of no kind",
        ),
    ],
)
def test_a_row_that_cannot_come_in(mapping: CaseMapping, cells: dict[str, str], reason: str, why: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read(mapping, **cells)
    assert refused.value.reasons == (reason,), why


def test_all_reasons_of_a_row_come_at_once(mapping: CaseMapping) -> None:
    with pytest.raises(RowRefused) as refused:
        read(mapping, Sex="?", DOB="?", Days="?")
    assert [reason.split(":")[0] for reason in refused.value.reasons] == ["column Sex", "column DOB", "column Days"]


def test_dates_to_come_are_reasons_beside_others(mapping: CaseMapping) -> None:
    with pytest.raises(RowRefused) as refused:
        read(mapping, Sex="?", DOB="07/04/2060", Ref="11/05/2026", Days="0")
    columns = [reason.split(":")[0] for reason in refused.value.reasons]
    assert columns == ["column Sex", "column DOB", "column Ref", "column Days"]


def test_a_day_that_has_come_and_a_plan_are_taken(mapping: CaseMapping) -> None:
    found = read(mapping, DOB="11/02/2026", Ref="11/02/2026", Days="0", OR="12/03/2026 07:30")
    assert found.patient["birth_date"] == "2026-11-02"
    assert set(found.key_dates) == {"referral", "last_contact", "surgery"}


def test_a_spreadsheet_error_is_no_value(mapping: CaseMapping) -> None:
    bad = Row(2, row(Margin="#REF!").cells, frozenset({HEADER.index("Margin")}))
    with pytest.raises(RowRefused, match="column Margin: an error of the spreadsheet"):
        reader(mapping).read(bad)


def test_words_that_look_like_not_known_are_counted(mapping: CaseMapping) -> None:
    found = reader(mapping)
    found.read(row(Margin="unknown"))
    found.read(row(Margin="Not available"))
    assert found.unsure == {"Margin": 2}


def test_keys_are_equal_however_their_letters_are_composed(mapping: CaseMapping) -> None:
    found = reader(mapping)
    assert found.key(row(MRN="Zoe\u0308")) == found.key(row(MRN=" Zo\u00eb "))
    assert found.key(row(MRN="[Unknown]")) is None


CELL = st.one_of(
    st.sampled_from(["", "[Unknown]", "n/a", "M", "stem", "Y", "10/05/2026", "12/03/2026 07:30", "10", "1|[Unknown]"]),
    st.text(max_size=40),
)


@given(st.lists(CELL, min_size=len(HEADER), max_size=len(HEADER)))
def test_any_row_is_read_or_refused_and_refusals_do_not_quote_it(mapping: CaseMapping, given_cells: list[str]) -> None:
    reasons: tuple[str, ...] = ()
    try:
        found = reader(mapping).read(Row(2, tuple(given_cells)))
    except RowRefused as refused:
        reasons = refused.reasons
    plain = [cell.strip() for cell in given_cells if len(cell.strip()) > 4 and cell.strip() not in MAPPING]
    assert not [cell for cell in plain if any(cell in reason for reason in reasons)]
    if reasons:
        return
    assert not [value for value in found.patient.values() if "[Unknown]" in value or not value.strip()]
    assert found.patient["mrn"]


def test_the_shipped_mapping_keeps_every_hole(tmp_path: Path) -> None:
    from app.settings import ROOT
    from tests.cases.intake.sheets import table

    shipped = read_mapping(ROOT / "docs" / "mappings" / "tcga_sarc.yaml")
    found = table(ROOT / "tests" / "data" / "intake" / "sarcoma_shape.txt", shipped.layout, shipped.columns())
    reading = RowReader(shipped, found.header, ZoneInfo("America/New_York"), NOW)
    margins = []
    for each in found.rows():
        assert isinstance(each, Row)
        patient = reading.read(each).patient
        margins.append(patient.get("margin_status"))
        for field in shipped.patient:
            cell = each.cells[found.header.index(field.words.column)]
            if cell.startswith("[") and "|" not in cell:
                assert field.name not in patient, f"line {each.line}: {field.name}"
        assert not [value for value in patient.values() if "[" in value]
    assert margins == [None, None, "Positive", "Negative", "Positive", "Positive"]
