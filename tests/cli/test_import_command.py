"""`caseboard import cases`: its answers, its exit codes, and that it never shows a cell."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.cli.conftest import Run

MAPPING = """\
version: 1
source: clinic
missing: ["[Unknown]"]
key: MRN
patient: {mrn: MRN, name: Name, sex: {column: Sex, values: {M: male, F: female}}}
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A mapping, and an export with two good rows and a bad one."""
    mapping, export = tmp_path / "map.yaml", tmp_path / "export.csv"
    mapping.write_text(MAPPING)
    export.write_text("MRN,Name,Sex\n1,Ann Quennedey,F\n2,Bo Quennedey,Quennedey\n\n3,[Unknown],M\n")
    return str(export), str(mapping)


def test_what_came_in_and_what_did_not(practice: Run, files: tuple[str, str]) -> None:
    export, mapping = files
    ran = practice("import", "cases", export, "--map", mapping)
    assert ran.code == 1
    assert ran.out == (
        "3 rows: 2 imported\n"
        "  1 blank line passed over\n"
        "  1 refused:\n"
        "    line 3: column Sex: a value that the mapping does not translate\n"
    )
    again = practice("import", "cases", export, "--map", mapping, "--json")
    assert again.code == 1
    assert again.answer == {
        "dry_run": False,
        "source": "clinic",
        "rows": 3,
        "imported": 0,
        "already_there": 2,
        "refused": 1,
        "blank": 1,
        "refusals": [{"line": 3, "reasons": ["column Sex: a value that the mapping does not translate"]}],
        "cases": [],
        "notes": [],
        "stopped": None,
    }


def test_a_dry_run_writes_nothing_and_says_so(practice: Run, engine: Engine, files: tuple[str, str]) -> None:
    export, mapping = files
    ran = practice("import", "cases", export, "--map", mapping, "--dry-run")
    assert "2 would be imported (dry run: nothing was written)" in ran.out
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM cases")).scalar_one() == 0


def test_a_whole_file_is_exit_code_0(practice: Run, files: tuple[str, str], tmp_path: Path) -> None:
    export = tmp_path / "good.csv"
    export.write_text("MRN,Name,Sex\n1,Ann,F\n")
    assert practice("import", "cases", str(export), "--map", files[1]).code == 0


@pytest.mark.parametrize(
    ("content", "said", "why"),
    [
        ("MRN,Name,Sex,Fax\n1,Quennedey,F,3\n", "does not speak of: “Fax”", "a column that nobody spoke of"),
        ("Quennedey,Bo\n1,2\n", "row 1 has none of the columns", "no header"),
        ('[{"MRN": "Quennedey"}]', "Export it as CSV, TSV or XLSX", "JSON"),
        (None, "There is no file", "no file"),
    ],
)
def test_a_file_that_cannot_be_used(
    practice: Run, files: tuple[str, str], tmp_path: Path, content: str | None, said: str, why: str
) -> None:
    export = tmp_path / "other.csv"
    if content is not None:
        export.write_text(content)
    ran = practice("import", "cases", str(export), "--map", files[1])
    assert (ran.code, said in ran.err) == (1, True), why
    assert "Quennedey" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("content", "wrong", "why"),
    [
        ("MRN,Name,Sex\n1,Ann,F\n", "map.yaml", "a mapping with a problem"),
        ("MRN,Name\n1,Ann\n", "has no column “Sex”", "a column that is absent"),
        ("MRN,Name,Sex,Fax\n1,Ann,F,3\n", "“Fax”", "a column that nobody spoke of"),
        ('[{"MRN": 1}]', "is JSON", "no table"),
    ],
)
def test_the_file_is_looked_at_before_any_database(
    caseboard: Run, files: tuple[str, str], monkeypatch: pytest.MonkeyPatch, content: str, wrong: str, why: str
) -> None:
    export, mapping = map(Path, files)
    export.write_text(content)
    if wrong == mapping.name:
        mapping.write_text(MAPPING.replace("version: 1", "version: 9"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    ran = caseboard("import", "cases", str(export), "--map", str(mapping))
    assert (ran.code, wrong in ran.err) == (1, True), why
    assert "database" not in ran.err


def test_columns_can_be_passed_over(practice: Run, files: tuple[str, str], tmp_path: Path) -> None:
    export = tmp_path / "wide.csv"
    export.write_text("MRN,Name,Sex,Fax\n1,Ann,F,3\n")
    assert practice("import", "cases", str(export), "--map", files[1], "--ignore-rest").code == 0


def test_a_mapping_with_problems_says_all_of_them(practice: Run, files: tuple[str, str]) -> None:
    export, mapping = files
    Path(mapping).write_text(MAPPING.replace("version: 1", "version: 9").replace("source: clinic", "sorce: clinic"))
    ran = practice("import", "cases", export, "--map", mapping)
    assert ran.code == 1
    assert [line.partition("map.yaml:")[2][:2] for line in ran.err.splitlines()] == ["1:", "1:", "2:"]


def test_without_keys_nothing_comes_in(practice: Run, files: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASEBOARD_KEYS")
    ran = practice("import", "cases", files[0], "--map", files[1])
    assert (ran.code, "caseboard keys new" in ran.err) == (1, True)
