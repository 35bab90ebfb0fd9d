"""An installation of its own: the embedded PostgreSQL, its key file, and what the doctor says of it."""

import logging
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, text

from app.audit import service as audit
from app.cli.health.slack import _clock
from app.cli.keyring import make_key_file
from app.kernel.clock import SystemClock
from app.programs.actor import Actor, Origin
from app.store.sealing import Keyring, Place
from app.store.uow import Store
from tests.cli.conftest import OFFICE, Run


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, caseboard: Run) -> Iterator[Path]:
    """A data folder; the embedded server may run as a user of its own, who has to get there."""
    with TemporaryDirectory(prefix="cb-") as name:
        path = Path(name)
        path.chmod(0o755)
        monkeypatch.setenv("CASEBOARD_DATA", name)
        yield path


def test_from_nothing_to_a_patient_record_and_a_lost_key(
    folder: Path, caseboard: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    first = caseboard("doctor")
    assert "none yet: `caseboard up` makes one of its own" in first.out
    assert not (folder / "postgres").exists()  # looking changes nothing

    assert caseboard("program", "create", "north", "--name", "North", *OFFICE).code == 0
    assert not [told for told in caplog.records if told.name.startswith("pixeltable")], "the server's steps are no news"
    export, mapping = folder / "export.csv", folder / "map.yaml"
    export.write_text("MRN\n1\n")
    mapping.write_text("version: 1\nsource: clinic\nkey: MRN\npatient: {mrn: MRN}\n")
    command = ("import", "cases", str(export), "--map", str(mapping))

    assert caseboard(*command, "--dry-run").code == 0
    keys = folder / "keys"
    assert not keys.exists()

    ran = caseboard(*command)
    assert ran.code == 0
    assert f"Made a key for patient records: {keys}" in ran.err
    assert "Keep a copy" in ran.err
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert keys.read_text().strip() not in ran.out + ran.err
    assert "1 already there" in caseboard(*command).out
    assert "keys: open the newest and the oldest patient record" in caseboard("doctor").out

    keys.chmod(0o640)
    assert f"Run: chmod 600 {keys}" in caseboard("doctor").out
    kept = keys.read_text()
    keys.write_text(Keyring.new_key("other"))
    assert "needs key 'k1'" in caseboard("doctor").out
    keys.unlink()
    lost = caseboard(*command)
    assert (lost.code, "Put its copy back" in lost.err) == (1, True)
    assert not keys.exists()
    keys.write_text(kept)
    assert "1 already there" in caseboard(*command).out


def test_of_two_who_make_the_key_file_one_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "data" / "keys"
    make_key_file(path)
    first = path.read_text()
    make_key_file(path)
    assert path.read_text() == first
    assert os.listdir(path.parent) == ["keys"]
    assert capsys.readouterr().err.count("Made a key") == 1


def test_a_key_in_front_of_the_old_one_opens_both(
    practice: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export, mapping = tmp_path / "export.csv", tmp_path / "map.yaml"
    export.write_text("MRN\n1\n")
    mapping.write_text("version: 1\nsource: clinic\nkey: MRN\npatient: {mrn: MRN}\n")
    command = ("import", "cases", str(export), "--map", str(mapping))
    practice(*command)
    made = practice("keys", "new", "--id", "k2")
    monkeypatch.setenv("CASEBOARD_KEYS", f"{made.out.strip()},{os.environ['CASEBOARD_KEYS']}")
    export.write_text("MRN\n1\n2\n")
    ran = practice(*command)
    assert "1 imported" in ran.out
    assert "1 already there" in ran.out  # recognised by the last key
    assert "keys: open the newest and the oldest patient record" in practice("doctor").out


def test_the_doctor_knows_whether_an_import_would_add_rows_twice(
    practice: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: Engine
) -> None:
    export, mapping = tmp_path / "export.csv", tmp_path / "map.yaml"
    export.write_text("MRN,Site\n1,north\n")
    mapping.write_text("version: 1\nsource: clinic\nkey: [MRN, Site]\npatient: {mrn: MRN, where: Site}\n")
    practice("import", "cases", str(export), "--map", str(mapping))
    old, new = os.environ["CASEBOARD_KEYS"], practice("keys", "new", "--id", "k2").out.strip()
    monkeypatch.setenv("CASEBOARD_KEYS", f"{new},{old}")
    assert "imports: rows are known again by key t1" in practice("doctor").out

    monkeypatch.setenv("CASEBOARD_KEYS", f"{old},{new}")
    turned = practice("doctor").out
    assert "FIX   imports: rows were recognised by key t1, and k2 stands last" in turned
    assert "Put t1 last in CASEBOARD_KEYS" in turned

    # As if the record had been sealed anew since, so that nothing but the digest needs the oldest key.
    with engine.begin() as connection:
        case_id, sealed = connection.execute(text("SELECT case_id, sealed FROM patient_records")).one()
        place = Place("patient_records", "sealed", case_id)
        anew = Keyring.parse(new).seal(Keyring.parse(old).open(bytes(sealed), place), place)
        connection.execute(text("UPDATE patient_records SET sealed = :anew"), {"anew": anew})
    monkeypatch.setenv("CASEBOARD_KEYS", new)
    dropped = practice("doctor").out
    assert "note  imports: no key tells the rows of an earlier import" in dropped
    assert "Put it back, last" in dropped


@pytest.mark.parametrize("keys", ["banana", "k1:banana!", "k1:YmFuYW5h"], ids=["no colon", "no base64", "too short"])
def test_the_doctor_reads_the_keys_before_there_is_a_database(
    folder: Path, caseboard: Run, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setenv("CASEBOARD_KEYS", keys)
    found = caseboard("doctor")
    assert (found.code, "FIX   keys: cannot be used" in found.out) == (1, True)
    assert "banana" not in found.out


@pytest.mark.parametrize("place", ["/proc/x", "/etc/passwd/x"], ids=["no folder can be made", "under a file"])
def test_the_doctor_says_that_the_data_folder_cannot_be_written(
    caseboard: Run, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("CASEBOARD_DATA", place)
    found = caseboard("doctor")
    assert f"FIX   data folder: {place} cannot be written" in found.out
    assert "none yet" not in found.out, "it could not be made there"
    begun = caseboard("demo")
    assert begun.code == 1
    assert "Set CASEBOARD_DATA to another folder" in begun.err


def test_the_doctor_says_what_is_no_token(practice: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "banana")
    found = practice("doctor")
    assert "FIX   Slack: SLACK_BOT_TOKEN is no bot token" in found.out
    assert "begins with xoxb-" in found.out
    assert "banana" not in found.out + found.err


def test_the_doctor_names_staff_whom_slack_does_not_reach(
    run: Run, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    from app.sandbox import start

    with start() as sandbox:
        for name, value in sandbox.env().items():
            monkeypatch.setenv(name, value)
        assert run("program", "create", "north", "--name", "North", *OFFICE).code == 0
        ana, bo = sandbox.person("ana"), sandbox.person("bo")
        for name, user, role in (("Ana", ana.id, "va"), ("Bo", bo.id, "lead"), ("Cy", "U0NOBODY1", "va")):
            with monkeypatch.context() as unasked:
                unasked.delenv("SLACK_BOT_TOKEN")
                assert run("staff", "add", name, "--slack", user, "--role", role).code == 0
        bo.deactivate()
        found = run("doctor").out
        assert "FIX   staff of north: Bo: deactivated in Slack" in found
        assert 'caseboard staff deactivate "Bo" --program north' in found
        assert "FIX   staff of north: Cy: not in the workspace" in found
        assert "Ana:" not in found
        for name in ("Bo", "Cy"):
            assert run("staff", "deactivate", name).code == 0
        assert "Slack staff: 1 account active" in run("doctor").out


def test_the_doctor_sees_what_stands_still(practice: Run, engine: Engine) -> None:
    practice("case", "open", "--date", "board=2026-12-03")
    with engine.begin() as connection:
        connection.execute(text("UPDATE notices SET created_at = created_at - interval '1 hour'"))
        connection.execute(text("UPDATE timers SET fire_at = now() - interval '1 hour'"))
        changed = "digest = 'other', body = jsonb_set(body, '{title}', '\"Other\"')"
        connection.execute(text(f"UPDATE checklist_versions SET {changed} WHERE template_id = 'post_op_billing'"))
    found = practice("doctor").out
    assert "due for more than 15 minutes" in found
    assert "Start the scheduler" in found
    assert "4 waiting for more than 15 minutes" in found
    assert "post_op_billing not loaded as shipped" in found


def test_the_doctor_misses_people(run: Run) -> None:
    assert run("program", "create", "north", "--name", "North", *OFFICE).code == 0
    found = run("doctor").out
    assert "note  staff of north: nobody is lead or va" in found


def test_the_doctor_looks_at_slack_itself(practice: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.sandbox import start

    with start() as sandbox:
        for name, value in sandbox.env().items():
            monkeypatch.setenv(name, value)
        team = str(sandbox.status()["team"])
        found = practice("doctor")
        assert (found.code, f"no program belongs to {team}" in found.out) == (1, True)
        assert practice("program", "create", "bound", "--name", "Bound", *OFFICE).code == 0
        assert "no program belongs" not in practice("doctor").out
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
        refused = practice("doctor")
        assert "Install the app again" in refused.out
        assert "xoxb-wrong" not in refused.out + refused.err
    assert "cannot be reached at" in practice("doctor").out


def test_the_doctor_compares_scopes_with_the_manifest(practice: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.sandbox import start
    from app.slack.manifest import BOT_SCOPES

    with start() as sandbox:
        for name, value in sandbox.env().items():
            monkeypatch.setenv(name, value)
        beyond = practice("doctor").out
        assert "ok    Slack scopes: what the manifest asks for" in beyond
        assert "note  Slack scopes: more than is needed: " in beyond
        assert "reactions:write" in beyond
        sandbox.configure(scopes=BOT_SCOPES)
        assert "more than is needed" not in practice("doctor").out
        sandbox.configure(scopes=[name for name in BOT_SCOPES if name != "pins:write"])
        assert "FIX   Slack scopes: missing: pins:write" in practice("doctor").out


def test_the_doctor_tries_the_app_level_token(practice: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.sandbox import start

    with start() as sandbox:
        for name, value in sandbox.env().items():
            monkeypatch.setenv(name, value)
        assert "ok    Slack inbound: Socket Mode" in practice("doctor").out
        for token, found in (
            ("xoxb-banana", "is no app-level token"),
            ("xapp-banana", "Slack does not take SLACK_APP_TOKEN (invalid_auth)"),
        ):
            monkeypatch.setenv("SLACK_APP_TOKEN", token)
            said = practice("doctor").out
            assert f"FIX   Slack inbound: {'Socket Mode: ' if 'xapp' in token else 'SLACK_APP_TOKEN '}{found}" in said
            assert "banana" not in said


def test_the_doctor_knows_whether_commands_have_come(
    practice: Run, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    from app.sandbox import start

    with start() as sandbox:
        for name, value in sandbox.env().items():
            monkeypatch.setenv(name, value)
        assert "note  Slack commands: nobody has done anything there yet" in practice("doctor").out
        with Store(engine, SystemClock()).change() as uow:
            person = uow.session.execute(text("SELECT id, program_id FROM staff LIMIT 1")).one()
            actor = Actor(person.program_id, person.id, "Ana", "U0ANA", frozenset(), origin=Origin.SLACK)
            audit.record(uow, actor, "slack.claim", "delivery", "1", result="refused")
        assert "ok    Slack commands: somebody last did something there" in practice("doctor").out


@pytest.mark.parametrize(
    ("ahead", "mark", "found"),
    [(2, "ok  ", "within"), (120, "FIX ", "this machine is 1"), (-120, "FIX ", "ahead")],
)
def test_the_doctor_compares_clocks_with_slack(ahead: int, mark: str, found: str) -> None:
    [told] = _clock(format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True))
    assert (told.mark, found in told.found) == (mark, True)
    assert list(_clock("")) == []


def test_a_database_that_is_not_there(caseboard: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:s3cret@127.0.0.1:1/none")
    for command in (("case", "list"), ("doctor",), ("release",)):
        ran = caseboard(*command)
        assert ran.code == 1
        assert "Check DATABASE_URL" in ran.out + ran.err
        assert "s3cret" not in ran.out + ran.err


def test_a_database_of_another_kind(caseboard: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://nobody:s3cret@127.0.0.1/none")
    ran = caseboard("case", "list")
    assert (ran.code, "postgresql://" in ran.err, "s3cret" in ran.err) == (2, True, False)
