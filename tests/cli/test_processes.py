"""The process types as a supervisor runs them: started, at work, ended by SIGTERM, nothing left."""

import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.cli.main import main
from app.sandbox import Sandbox, start
from app.store.sealing import Keyring
from tests.cli.conftest import OFFICE
from tests.cli.processes import DEADLINE, Caseboard, Process, done, eventually, starting
from tests.workers.conftest import RedisServer


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    with start() as sandbox:
        yield sandbox


@pytest.fixture
def environment(database_url: str, slack: Sandbox) -> dict[str, str]:
    """The test's database and sandbox, and a key."""
    of_ours = {"DATABASE_URL": database_url, "PORT": "0", "CASEBOARD_POSTS_PER_SECOND": "1000"}
    return {**slack.env(), **of_ours, "CASEBOARD_KEYS": Keyring.new_key("t1")}


@pytest.fixture
def caseboard(environment: dict[str, str], tmp_path: Path) -> Iterator[Caseboard]:
    """Starts `caseboard ARGUMENTS` as a process; none is left running."""
    with starting(environment, tmp_path) as begin:
        yield begin


@pytest.fixture
def at_hand(
    environment: dict[str, str], alone: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Does `caseboard ARGUMENTS` in this process, which takes a tenth of the time; returns what it prints."""

    def did(*arguments: str) -> str:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert main(arguments) == 0
        return capsys.readouterr().out

    return did


def posts(slack: Sandbox) -> list[str]:
    """The texts in all case channels."""
    cases = [channel for channel in slack.channels() if str(channel["name"]).startswith("case-")]
    return [str(message["text"]) for channel in cases for message in slack.messages(str(channel["id"]))]


@pytest.mark.long
def test_up_takes_a_case_to_slack_and_ends_in_order(
    caseboard: Caseboard, at_hand: Callable[..., str], slack: Sandbox
) -> None:
    at_hand("program", "create", "north", "--name", "North", *OFFICE)
    process = caseboard("up")
    eventually(slack.connections, process, "it connects to Slack")
    eventually(lambda: "listening at http://127.0.0.1:" in process.words(), process, "it listens")
    address = process.words().partition("listening at ")[2].split()[0]
    with urllib.request.urlopen(f"{address}healthz", timeout=5) as answer:
        assert answer.status == 200
    at_hand("case", "open")
    eventually(lambda: len(posts(slack)) == 2, process, "card and opening are posted")
    assert process.end() == 0
    assert slack.connections() == 0
    assert "Traceback" not in process.words()


@pytest.mark.parametrize("what", ["up", "web"])
@pytest.mark.long
def test_what_people_type_is_held_against_the_patient_record(
    caseboard: Caseboard, at_hand: Callable[..., str], slack: Sandbox, tmp_path: Path, what: str
) -> None:
    lea = slack.person("lea")
    desk = slack.channel("front-desk", members=[lea.id])
    at_hand("program", "create", "north", "--name", "North", *OFFICE)
    at_hand("staff", "add", "Lea", "--slack", lea.id, "--role", "lead")
    export, mapping = tmp_path / "export.csv", tmp_path / "map.yaml"
    export.write_text("MRN,Name\n77412,Zbigniew Quist\n")
    mapping.write_text("version: 1\nsource: clinic\nkey: MRN\npatient: {mrn: MRN, name: Name}\n")
    at_hand("import", "cases", str(export), "--map", str(mapping))
    code = json.loads(at_hand("case", "list", "--json"))["cases"][0]["code"]
    process = caseboard(what)
    eventually(slack.connections, process, "it connects to Slack")
    refused = lea.command(f"/cb close {code} asked Zbigniew at the desk", desk)
    assert "a word from this patient's record" in refused.text
    assert lea.command(f"/cb close {code} asked at the desk", desk).text.startswith(f"Closed case {code}")
    assert process.end() == 0
    assert "Zbigniew" not in process.words()


@pytest.mark.parametrize("what", ["web", "worker", "scheduler"])
def test_each_type_alone_ends_when_told(
    caseboard: Caseboard, slack: Sandbox, redis_server: RedisServer, what: str
) -> None:
    process = caseboard(what, REDIS_URL=redis_server.url)
    ready = {
        "web": lambda: slack.connections() == 1,
        "worker": lambda: threads(process) > 2,
        "scheduler": lambda: threads(process) > 2,
    }
    eventually(ready[what], process, "it is at work")
    assert process.end() == 0
    assert "Traceback" not in process.words()


def test_a_worker_without_a_queue_says_so(caseboard: Caseboard) -> None:
    process = caseboard("worker")
    assert process.child.wait(DEADLINE) == 1
    assert "REDIS_URL is not set" in process.words()


def threads(process: Process) -> int:
    found = Path(f"/proc/{process.child.pid}/task")
    return len(list(found.iterdir())) if found.exists() else 3


@pytest.mark.parametrize("what", ["web", "worker", "scheduler"])
def test_a_database_that_was_not_released_is_said(caseboard: Caseboard, postgres: str, what: str) -> None:
    """A database without tables, as it is before the first release."""
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    name = f"bare_{os.getpid()}_{what}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        bare = postgres.replace("/postgres?", f"/{name}?")
        process = caseboard(what, DATABASE_URL=bare)
        assert process.child.wait(DEADLINE) == 1
        assert process.words().strip().endswith("Run: caseboard release")
        if what == "web":
            assert "revision" in done(caseboard("release", DATABASE_URL=bare))
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def test_without_a_way_in_web_says_what_to_set(caseboard: Caseboard) -> None:
    process = caseboard("web", without=("SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"))
    assert process.child.wait(DEADLINE) == 1
    assert process.words().startswith("Set SLACK_APP_TOKEN to work over Socket Mode")
