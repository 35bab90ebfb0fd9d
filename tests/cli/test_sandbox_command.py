"""`caseboard sandbox`: the local Slack alone, as docs/sandbox.md has it."""

import json
import re
import shlex
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.sandbox import RefusedError, SandboxClient
from app.settings import ROOT
from app.slack.verbs import COMMANDS
from tests.cli.processes import DEADLINE, Caseboard, Process, done, eventually, starting

BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture
def caseboard(database_url: str, tmp_path: Path) -> Iterator[Caseboard]:
    """Starts `caseboard ARGUMENTS` against the test's database and no Slack; none is left running."""
    settings = {"DATABASE_URL": database_url, "PORT": "0", "CASEBOARD_POSTS_PER_SECOND": "1000"}
    with starting(settings, tmp_path) as begin:
        yield begin


def said(slack: Process) -> dict[str, Any]:
    """What `caseboard sandbox --json` printed, once it serves."""
    eventually(lambda: slack.words().rstrip().endswith("}"), slack, "it serves")
    answer: dict[str, Any] = json.loads(slack.words())
    return answer


def lines(block: str, word: str) -> list[list[str]]:
    """The words of the block's lines that begin with `word`, that one left out."""
    split = [shlex.split(line) for line in block.splitlines() if line.startswith(f"{word} ")]
    return [words[1:] for words in split]


@pytest.mark.long
def test_the_two_terminals_of_the_document(caseboard: Caseboard, tmp_path: Path) -> None:
    first, second = BLOCKS
    (command,) = lines(first, "caseboard")
    slack = caseboard(*[str(tmp_path / word) if word.endswith(".jsonl") else word for word in command], "--port", "0")
    eventually(lambda: "SLACK_SIGNING_SECRET" in slack.words(), slack, "it serves")
    printed = dict(words[0].split("=", 1) for words in lines(slack.words(), "export"))
    documented = dict(words[0].split("=", 1) for words in lines(second, "export"))
    port = printed["SLACK_API_URL"].split(":")[2].partition("/")[0]
    assert {name: value.replace(port, "8601") for name, value in printed.items()} == documented

    *setting_up, up = lines(second, "caseboard")
    for words in setting_up:
        done(caseboard(*words, **printed))
    sandbox = SandboxClient(f"http://127.0.0.1:{port}")
    app = caseboard(*up, **printed)
    eventually(sandbox.connections, app, "it connects to the local Slack")
    ana = next(person for person in sandbox.people() if person.name == "ana")
    reply = ana.command("/cb open now", "general")
    assert reply.ok
    assert "Opened" in reply.text
    assert app.end() == 0
    assert slack.end() == 0


def test_signed_http_when_a_request_url_is_given(caseboard: Caseboard) -> None:
    slack = caseboard("sandbox", "--port", "0", "--request-url", "http://127.0.0.1:1/slack/events", "--json")
    printed = said(slack)
    assert set(printed["environment"]) == {"SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"}
    with urllib.request.urlopen(f"{printed['environment']['SLACK_API_URL']}api.test", timeout=5) as answer:
        assert answer.status == 200
    assert set(printed["people"]) == {"ana", "lea"}
    assert slack.end() == 0


def test_people_who_are_named_are_added_to_those_of_the_ledger(caseboard: Caseboard, tmp_path: Path) -> None:
    command = ("sandbox", "--port", "0", "--ledger", str(tmp_path / "slack.jsonl"), "--json")
    for person, everybody in (("mia", ["mia"]), ("zoe", ["mia", "zoe"])):
        slack = caseboard(*command, "--person", person)
        printed = said(slack)
        assert list(printed["people"]) == everybody
        members = SandboxClient(printed["url"]).channel_info("general")["members"]
        assert isinstance(members, list)
        assert set(printed["people"].values()) <= set(members)
        assert slack.end() == 0


def test_only_the_commands_of_the_manifest_are_known_there(caseboard: Caseboard) -> None:
    slack = caseboard("sandbox", "--port", "0", "--json")
    client = SandboxClient(said(slack)["url"])
    ana = next(person for person in client.people() if person.name == "ana")
    answers = {}
    for command in ("/weather", *COMMANDS):
        try:
            answers[command] = ana.command(command, "general").error
        except RefusedError as refused:
            answers[command] = str(refused)
    unknown = answers.pop("/weather")
    assert unknown not in answers.values()
    assert slack.end() == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--person", "An a"), "one word in small letters"),
        (("--request-url", "https://board.example.org"), "delivers to this machine only"),
    ],
)
def test_what_cannot_be_served_is_refused(caseboard: Caseboard, arguments: tuple[str, ...], words: str) -> None:
    slack = caseboard("sandbox", "--port", "0", *arguments)
    assert slack.child.wait(DEADLINE) == 1
    assert slack.words().startswith("The local Slack did not start: ")
    assert words in slack.words()


def test_a_port_that_is_taken_is_said(caseboard: Caseboard) -> None:
    port = said(caseboard("sandbox", "--port", "0", "--json"))["url"].rpartition(":")[2]
    second = caseboard("sandbox", "--port", port)
    assert second.child.wait(DEADLINE) == 1
    assert "name another --port" in second.words()
