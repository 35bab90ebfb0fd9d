"""The soak of the import in short: real processes, and nothing of a patient in what they say."""

import json
from pathlib import Path

import pytest

from app.cases.intake.mapping_reader import read_mapping
from benchmarks.invented_export import invented, write
from benchmarks.overheard import Found, search
from benchmarks.soak_import import MAPPING, expected, main, plant, tellings


@pytest.mark.long
def test_an_export_comes_in_and_no_patient_comes_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASEBOARD_EXPORT", raising=False)
    assert main(["--rows", "5", "--seed", "3"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["imported"], report["refused"], report["second_run_imported"]) == (5, 0, 0)
    assert report["fields"]["unknown"] > 50
    assert report["leaks"] == []
    assert all(report["promises"].values())


def test_the_check_sees_what_it_is_there_to_see(tmp_path: Path) -> None:
    """A value that got out, whatever its case, and a "not known" that became one."""
    places = {"logs": b"... patient invt-aa-bbbbbb failed", "slack": b"K7Q4"}
    assert search(places, {"INVT-AA-BBBBBB": "barcode", "other": "x"}) == [Found("logs", "barcode")]
    mapping = read_mapping(MAPPING)
    margin = next(field for field in mapping.patient if field.name == "margin_status")
    assert (expected(margin, "[Not Available]"), expected(margin, "Negative")) == (None, "Negative")
    lengths = next(field for field in mapping.patient if field.name == "radiologic_length_cm")
    assert expected(lengths, "[Not Available]|0.6") == "|0.6"


def test_what_is_searched_for_is_what_tells_a_patient(tmp_path: Path) -> None:
    file = tmp_path / "export.txt"
    rows = invented(5, 3)
    write(file, rows)
    identifiers, values = tellings(read_mapping(MAPPING), file)
    assert set(identifiers) == {row[name] for row in rows for name in ("bcr_patient_uuid", "bcr_patient_barcode")}
    assert not [value for value in values if value.startswith("[") or len(value) < 8]
    canaries, bad = plant(tmp_path / "canaries.txt", 3)
    assert len(canaries) > 300
    assert bad == 5
