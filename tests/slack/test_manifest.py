"""The manifest: everything that is used is asked for, and nothing else."""

import json
import re
from pathlib import Path

import pytest

from app.settings import ROOT
from app.slack.listeners.events import CHANGES
from app.slack.manifest import EVENTS, SCOPES, BadManifest, as_json, manifest
from app.slack.verbs import COMMANDS, Verb

FACTS = ROOT / "app" / "sandbox" / "data" / "methods.json"
USERS = ("app/slack/gateway.py", "app/slack/port.py", "app/slack/listeners/**/*.py")
# Of events, as Slack's reference of each says; a private channel's need the groups scopes.
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "user_change": "users:read",
    "team_join": "users:read",
    **dict.fromkeys((name for name in EVENTS if name.startswith(("group_", "member_", "channel_"))), "groups:read"),
}
FREE = {"app_home_opened", "app_uninstalled", "tokens_revoked"}


def methods_called() -> set[str]:
    """Methods of the Web API that stand in the code as texts."""
    known = json.loads(FACTS.read_text())["methods"]
    files = [file for pattern in USERS for file in Path(ROOT).glob(pattern)]
    texts = {found for file in files for found in re.findall(r'"([a-z]+\.[A-Za-z.]+)"', file.read_text())}
    assert len(files) > 10
    return texts & set(known)


def test_every_method_that_is_called_has_a_scope_that_lets_it() -> None:
    known = json.loads(FACTS.read_text())["methods"]
    asked_for = {scope.name for scope in SCOPES}
    called = methods_called()
    assert {"chat.postMessage", "views.open", "conversations.create"} <= called
    for method in called:
        enough = set(known[method]["scopes"])
        assert not enough or enough & asked_for, f"{method} needs one of {enough}"


def test_no_scope_is_asked_for_that_nothing_uses() -> None:
    known = json.loads(FACTS.read_text())["methods"]
    used = {scope for method in methods_called() for scope in known[method]["scopes"]}
    used |= set(EVENT_SCOPES.values()) | {"commands"}
    assert {scope.name for scope in SCOPES} <= used
    assert [scope.name for scope in SCOPES] == sorted({scope.name for scope in SCOPES})
    assert all(scope.reason for scope in SCOPES)


def test_every_event_has_a_scope_and_a_listener() -> None:
    assert set(EVENTS) == set(EVENT_SCOPES) | FREE
    assert set(EVENT_SCOPES.values()) <= {scope.name for scope in SCOPES}
    answered = {"app_home_opened", "app_mention", "team_join", "tokens_revoked", "app_uninstalled"}
    assert set(EVENTS) <= set(CHANGES) | answered


def test_for_socket_mode_nothing_names_an_address() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "http" not in as_json(made)
    assert [each["command"] for each in made["features"]["slash_commands"]] == list(COMMANDS)
    assert all(each["should_escape"] for each in made["features"]["slash_commands"])


def test_for_http_everything_names_the_address() -> None:
    made = manifest(base_url="https://caseboard.example/", commands={"/board": None, "/take": Verb.CLAIM})
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == "https://caseboard.example/slack/events"
    assert made["settings"]["interactivity"]["request_url"] == "https://caseboard.example/slack/events"
    assert [each["command"] for each in made["features"]["slash_commands"]] == ["/board", "/take"]
    assert {each["url"] for each in made["features"]["slash_commands"]} == {"https://caseboard.example/slack/events"}


def test_it_is_within_the_limits_of_slacks_reference() -> None:
    made = manifest(name="C" * 35)
    assert len(made["display_information"]["description"]) <= 140
    shortcuts = made["features"]["shortcuts"]
    kinds = [shortcut["type"] for shortcut in shortcuts]
    assert kinds.count("global") <= 5
    assert kinds.count("message") <= 5
    assert {len(shortcut["name"]) <= 24 and len(shortcut["description"]) <= 150 for shortcut in shortcuts} == {True}
    for command in made["features"]["slash_commands"]:
        assert command["usage_hint"]
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
        assert len(command["command"]) <= 32
    assert json.loads(as_json(made)) == made


@pytest.mark.parametrize("given", [{"name": ""}, {"name": "C" * 36}, {"base_url": "http://caseboard.example"}])
def test_what_slack_would_refuse_is_refused_here(given: dict[str, str]) -> None:
    with pytest.raises(BadManifest):
        manifest(**given)  # type: ignore[arg-type]
