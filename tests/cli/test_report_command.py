"""`caseboard report sla`: numbers, definitions, and files that can be opened."""

import csv
import io
import subprocess
import sys
from pathlib import Path

from openpyxl import load_workbook

from app.reports.measures import definitions
from tests.cli.conftest import Run


def test_an_empty_practice_has_a_report(practice: Run) -> None:
    ran = practice("report", "sla", "--range", "2026-10")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("SLA · Thu 1 Oct to Sat 31 Oct 2026: no task with a deadline was finished.\n")
    answer = practice("report", "sla", "--json").answer
    assert isinstance(answer, dict)
    assert answer["total"]["figures"]["met"] == 0
    assert [each["label"] for each in answer["load"]] == ["Ana Diaz"]


def test_files_are_written_and_hold_what_they_say(practice: Run, tmp_path: Path) -> None:
    rows, book, picture = tmp_path / "rows.csv", tmp_path / "book.xlsx", tmp_path / "picture.png"
    ran = practice("report", "sla", "--csv", str(rows), "--xlsx", str(book), "--png", str(picture), "--json")
    assert ran.code == 0, ran.err
    header = next(csv.reader(io.StringIO(rows.read_bytes().decode("utf-8-sig"))))
    assert header[:4] == ["row", "task", "title", "checklist"]
    sheets = load_workbook(book).sheetnames
    assert sheets == ["Numbers", "Tasks", "Missed deadlines", "Open now", "How it is counted"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_definitions_are_shown_as_they_are_kept(practice: Run) -> None:
    ran = practice("report", "sla", "--define")
    for title, _, means in definitions():
        assert title in ran.out
        assert means in ran.out


def test_what_cannot_be_is_refused(practice: Run, tmp_path: Path) -> None:
    for arguments, code, said in (
        (("--by", "moon"), 2, "no way to group"),
        (("--range", "soon"), 2, "no range of days"),
        (("--role", "pilot"), 2, "is no role"),
        (("--track", "moon"), 1, "No checklist goes by that name"),
        (("--person", "Nobody"), 1, "not on the staff list"),
        (("--csv", str(tmp_path / "no" / "file.csv")), 1, "cannot be written"),
    ):
        ran = practice("report", "sla", *arguments)
        assert (ran.code, said in ran.err) == (code, True), ran


def test_only_drawing_loads_the_plotting_library() -> None:
    asked = "import app.reports.chart, app.slack.port, app.cli.reports, sys; print('matplotlib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
