"""The import on a real database: good rows in, bad rows named, nothing twice, nothing half."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, text

from app.cases.intake.mapping import CaseMapping
from app.cases.intake.mapping_reader import read_mapping
from app.cases.intake.service import Report, import_cases
from app.cases.intake.table import FileBroken
from app.kernel.clock import FixedClock
from app.programs.actor import Origin
from app.programs.service import system
from app.settings import ROOT
from app.store.sealing import Keyring, Place
from app.store.uow import Store
from tests.cases.intake.sheets import text_file
from tests.world import World, make_world

MAPPING = """\
version: 1
source: clinic
missing: ["[Unknown]"]
key: MRN
patient: {mrn: MRN, name: Name, sex: {column: Sex, values: {M: male, F: female}}}
key_dates: {board: {column: Board, format: "MM/DD/YYYY HH:mm"}}
components: [{kind: {column: Implant, values: {stem: endoprosthesis}}}]
"""
HEADER = "MRN,Name,Sex,Board,Implant\n"
GOOD = HEADER + "1,Ann Quennedey,F,12/03/2026 07:30,stem\n2,[Unknown],[Unknown],,\n"
TABLES = (
    "cases", "key_dates", "components", "patient_records", "case_sources", "tracks", "tasks", "clocks", "clock_events",
    "timers", "channels", "notices", "audit_entries",
)  # fmt: skip


@dataclass
class Intake:
    """A practice with a mapping and keys, into which files are imported."""

    store: Store
    world: World
    mapping: CaseMapping
    keyring: Keyring
    folder: Path

    def take(self, content: str | bytes, *, dry_run: bool = False, ignore_rest: bool = False) -> Report:
        return import_cases(
            self.store,
            system(self.world.program.id, Origin.CLI),
            text_file(self.folder, content),
            self.mapping,
            self.keyring,
            dry_run=dry_run,
            ignore_rest=ignore_rest,
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.store.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def counts(self) -> dict[str, object]:
        return {name: self.rows(f"SELECT count(*) FROM {name}")[0][0] for name in TABLES}

    def sealed(self) -> list[dict[str, str]]:
        """Every patient record, opened."""
        found = self.rows("SELECT case_id, sealed FROM patient_records ORDER BY case_id")
        opened = []
        for case_id, blob in found:
            assert isinstance(case_id, int)
            assert isinstance(blob, bytes)
            opened.append(json.loads(self.keyring.open(blob, Place("patient_records", "sealed", case_id))))
        return opened


def mapping_of(folder: Path, words: str) -> CaseMapping:
    path = folder / "map.yaml"
    path.write_text(words)
    return read_mapping(path)


@pytest.fixture
def intake(store: Store, world: World, tmp_path: Path) -> Intake:
    keyring = Keyring.parse(Keyring.new_key("t1"))
    return Intake(store, world, mapping_of(tmp_path, MAPPING), keyring, tmp_path)


def test_good_rows_become_cases(intake: Intake) -> None:
    report = intake.take(GOOD)
    assert (report.rows, report.imported, report.already_there, report.refused) == (2, 2, 0, [])
    assert [line for line, _ in report.cases] == [2, 3]
    assert intake.sealed() == [{"mrn": "1", "name": "Ann Quennedey", "sex": "female"}, {"mrn": "2"}]
    assert intake.rows("SELECT name, day::text, at FROM key_dates") == [
        ("board", "2026-12-03", datetime(2026, 12, 3, 12, 30, tzinfo=UTC))
    ]
    assert intake.rows("SELECT kind, part, custom, supply FROM components") == [("endoprosthesis", None, None, None)]
    assert intake.rows("SELECT template_id FROM tracks ORDER BY template_id") == [("packet",), ("parts",)]
    assert intake.rows("SELECT count(*) FROM notices WHERE kind = 'opened'") == [(2,)]
    codes = {row[0] for row in intake.rows("SELECT code FROM cases")}
    assert codes == {code for _, code in report.cases}


WITH_PEOPLE = (
    MAPPING
    + """\
surgeon: {column: Doc, values: {SAT: Sam, OLD: Gone Away, VA: Ana, "?": null}, others: keep}
lead: {always: Lea}
"""
)


def test_rows_bring_their_surgeon_and_the_mapping_its_lead(intake: Intake, tmp_path: Path) -> None:
    intake.mapping = mapping_of(tmp_path, WITH_PEOPLE)
    rows = ["1,,,,,SAT", "2,,,,,?", "3,,,,,", "4,,,,,OLD", "5,,,,,VA", "6,,,,,sam"]
    content = HEADER.replace("\n", ",Doc\n") + "".join(f"{row}\n" for row in rows)
    for dry_run in (True, False):
        report = intake.take(content, dry_run=dry_run)
        assert report.imported == 4
        assert [(row.line, row.reasons) for row in report.refused] == [
            (5, ("column Doc: not the name of one active person of the staff list",)),
            (6, ("column Doc: who goes by that name is no surgeon",)),
        ]
    sam, lea = intake.world.staff["sam"].id, intake.world.staff["lea"].id
    assert intake.rows("SELECT surgeon_id, lead_id FROM cases ORDER BY id") == [
        (sam, lea), (None, lea), (None, lea), (sam, lea),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "why"), [("Gone Away", "not the name of one"), ("Ana", "is no lead")])
def test_a_mapping_that_names_somebody_who_cannot_be_that_imports_nothing(
    intake: Intake, tmp_path: Path, name: str, why: str
) -> None:
    intake.mapping = mapping_of(tmp_path, f"{MAPPING}lead: {{always: {name}}}\n")
    with pytest.raises(FileBroken, match=f"`lead` of the mapping: .*{why}.*Nothing was imported.*staff list"):
        intake.take(GOOD)
    assert intake.counts()["cases"] == 0


def test_a_second_run_adds_nothing_also_when_rows_changed(intake: Intake) -> None:
    intake.take(GOOD)
    before = intake.counts()
    again = intake.take(GOOD.replace("Ann Quennedey", "Ann Other").replace(",F,", ",nonsense,"))
    assert (again.imported, again.already_there, again.refused) == (0, 2, [])
    assert intake.counts() == before
    assert intake.sealed()[0]["name"] == "Ann Quennedey"


def test_new_rows_of_a_longer_file_come_in(intake: Intake) -> None:
    intake.take(GOOD)
    more = intake.take(GOOD + "3,Cy,M,,\n")
    assert (more.imported, more.already_there) == (1, 2)


def test_a_key_of_another_source_or_program_is_another_case(intake: Intake) -> None:
    intake.take(GOOD)
    intake.mapping = mapping_of(intake.folder, MAPPING.replace("source: clinic", "source: other"))
    assert intake.take(GOOD).imported == 2
    intake.world = make_world(intake.store, team="T0SECOND", slug="second")
    assert intake.take(GOOD).imported == 2


def test_bad_rows_are_named_and_the_others_come_in(intake: Intake) -> None:
    report = intake.take(
        HEADER
        + "1,Ann,F,,\n"
        + "2,Bo,Quennedey,12/40/2026 07:30,\n"
        + "\n"
        + "3,Cy\n"
        + ",Dee,M,,\n"
        + "5,Eli,M,,\n"
    )  # fmt: skip
    assert (report.rows, report.imported, report.blank) == (5, 2, 1)
    assert [(row.line, row.reasons) for row in report.refused] == [
        (
            3,
            (
                "column Sex: a value that the mapping does not translate",
                "column Board: not a date as MM/DD/YYYY HH:mm",
            ),
        ),
        (5, ("it has 2 columns, the header has 5",)),
        (6, ("column MRN: not known, and the mapping requires it",)),
    ]
    assert not report.complete
    assert [record["mrn"] for record in intake.sealed()] == ["1", "5"]


def test_rows_of_one_key_are_all_refused_with_their_lines(intake: Intake) -> None:
    report = intake.take(HEADER + "1,Ann,F,,\n2,Bo,M,,\n1,Ann Other,F,,\n 1 ,Ann Third,bad,,\n")
    assert report.imported == 1
    reason = "column MRN: the same key stands on line {}; only one of them can be right"
    assert [(row.line, row.reasons) for row in report.refused] == [
        (2, (reason.format("4, 5"),)),
        (4, (reason.format("2, 5"),)),
        (5, (reason.format("2, 4"),)),
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(intake: Intake) -> None:
    content = GOOD + "3,Cy,bad,,\n2,again,F,,\n4,Dee,M,,\n"
    intake.take(HEADER + "4,Dee,M,,\n")
    before = intake.counts()
    dry = intake.take(content, dry_run=True)
    assert intake.counts() == before
    real = intake.take(content)
    told = [(r.rows, r.imported, r.already_there, r.refused, r.blank) for r in (dry, real)]
    assert told[0] == told[1]
    assert (real.imported, real.already_there, len(real.refused)) == (1, 1, 3)
    assert dry.cases == []


def test_a_row_that_fails_in_the_database_leaves_nothing_half(intake: Intake) -> None:
    """The component is refused after case, record and source were written in the same transaction."""
    with intake.store.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER refuse BEFORE INSERT ON components FOR EACH ROW EXECUTE FUNCTION refuse()")
        )
    before = intake.counts()
    report = intake.take(GOOD)
    assert report.stopped is not None
    assert "DeadlockDetected" in report.stopped
    assert intake.counts() == before


@pytest.mark.parametrize(
    ("content", "said", "why"),
    [
        (GOOD.replace("MRN", "Number"), "has no column “MRN”", "a column of the mapping is missing"),
        (GOOD.replace("Implant", "Sex"), "no column “Implant” and has more than one column “Sex”", "a name twice"),
        (
            "MRN,Name,Sex,Board,Implant,Fax,Shoe\n1,Ann,F,,,3,4\n",
            "the mapping does not speak of: “Fax”, “Shoe”",
            "columns that nobody spoke of",
        ),
        (GOOD + '3,"Quennedey\n', "a quote that opens on line 4 does not end", "the file breaks off"),
    ],
)
def test_a_file_that_does_not_fit_brings_nothing_in(intake: Intake, content: str, said: str, why: str) -> None:
    before = intake.counts()
    with pytest.raises(FileBroken) as broken:
        intake.take(content)
    assert said in str(broken.value), why
    assert "Quennedey" not in str(broken.value)
    assert intake.counts() == before


def test_columns_that_nobody_spoke_of_can_be_passed_over(intake: Intake) -> None:
    content = "MRN,Name,Sex,Board,Implant,Fax\n1,Ann,F,,,3\n"
    assert intake.take(content, ignore_rest=True).imported == 1
    assert "3" not in intake.sealed()[0].values()


def test_two_imports_at_once_bring_each_row_in_once(intake: Intake) -> None:
    content = HEADER + "".join(f"{number},Ann,F,,\n" for number in range(12))
    path = text_file(intake.folder, content)
    start = Barrier(3)

    def one() -> Report:
        start.wait(10)
        return import_cases(intake.store, system(intake.world.program.id), path, intake.mapping, intake.keyring)

    with ThreadPoolExecutor(3) as pool:
        reports = [future.result() for future in [pool.submit(one) for _ in range(3)]]
    assert sum(report.imported for report in reports) == 12
    assert sum(report.already_there for report in reports) == 24
    assert intake.counts()["cases"] == 12


def test_nothing_of_the_patient_stands_outside_the_sealed_record(intake: Intake, engine: Engine) -> None:
    intake.take(GOOD)
    with engine.connect() as connection:
        for name in TABLES:
            rows = connection.execute(text(f"SELECT t::text FROM {name} t")).scalars()
            assert not [row for row in rows if "Quennedey" in row], name


def test_what_looks_like_not_known_is_noted(intake: Intake) -> None:
    report = intake.take(HEADER + "1,unknown,F,,\n2,n/a,F,,\n")
    assert report.notes == [
        "column Name: 2 cells look like “not known” but stayed a value; list the word under `missing`"
    ]


def test_the_shipped_mapping_brings_in_a_file_of_its_shape(intake: Intake) -> None:
    intake.mapping = read_mapping(ROOT / "docs" / "mappings" / "tcga_sarc.yaml")
    content = (ROOT / "tests" / "data" / "intake" / "sarcoma_shape.txt").read_bytes()
    report = intake.take(content)
    assert (report.imported, report.refused, report.notes) == (6, [], [])
    assert [record.get("margin_status") for record in intake.sealed()] == [
        None, None, "Positive", "Negative", "Positive", "Positive",
    ]  # fmt: skip
    assert intake.rows("SELECT count(*) FROM key_dates") == [(0,)]  # days without a date are no dates


def test_dates_are_judged_by_the_installations_clock(intake: Intake, clock: FixedClock) -> None:
    clock.move_to(datetime(2034, 1, 1, tzinfo=UTC))
    report = intake.take(GOOD)
    assert [row.reasons for row in report.refused] == [("column Board: a date more than 5 years away",)]
