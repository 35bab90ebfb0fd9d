"""Running commands as a person would, against the test's own database."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app.cli.main import main
from app.store.sealing import Keyring
from tests.workers.conftest import redis_server

__all__ = ["Ran", "Run", "redis_server"]

OFFICE = ["--zone", "America/New_York", "--country", "US"]
NAMES = (
    "DATABASE_URL", "REDIS_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL",
    "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET",
    "CASEBOARD_KEYS", "CASEBOARD_DATA", "CASEBOARD_CLOCK_FILE", "CASEBOARD_BASE_URL", "PORT",
)  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> object:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's reaches the test."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def caseboard(alone: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `caseboard ARGUMENTS` in this process, with the settings that the test makes."""

    def ran(*arguments: str) -> Ran:
        code = main(arguments)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return ran


@pytest.fixture
def run(caseboard: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same, against the test's own database and with a key."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CASEBOARD_KEYS", Keyring.new_key("t1"))
    return caseboard


@pytest.fixture
def practice(run: Run) -> Run:
    """The same, with a program, a VA and a lead."""
    assert run("program", "create", "north", "--name", "North", *OFFICE).code == 0
    assert run("staff", "add", "Ana Diaz", "--slack", "U0ANA", "--role", "va").code == 0
    assert run("staff", "add", "Lea Brandt", "--slack", "U0LEA", "--role", "lead", "--quiet", "18:00-08:00").code == 0
    return run
