"""The manifest: Slack takes it, everything that is used is asked for, and nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

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
    answered = {"app_home_opened", "app_mention", "tokens_revoked", "app_uninstalled"}
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


def test_for_several_workspaces_it_names_where_slack_goes_back_to_and_tokens_rotate() -> None:
    made = manifest(base_url="https://caseboard.example/", oauth=True)
    assert made["oauth_config"]["redirect_urls"] == ["https://caseboard.example/slack/oauth_redirect"]
    assert made["settings"]["token_rotation_enabled"] is True
    for one in (manifest(), manifest(base_url="https://caseboard.example")):
        assert "redirect_urls" not in one["oauth_config"]
        assert one["settings"]["token_rotation_enabled"] is False


def text_of(most: int, pattern: str = "", least: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most} | ({"pattern": pattern} if pattern else {})


def closed(*needed: str, **fields: Any) -> dict[str, Any]:
    """An object of these fields and no others."""
    return {"type": "object", "additionalProperties": False, "properties": fields, "required": list(needed)}


def list_of(item: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1, "maxItems": most, "uniqueItems": True}


YES_OR_NO = {"type": "boolean"}
ADDRESS = text_of(3000, "^https://")
SCHEMA = closed(
    "display_information", "features", "oauth_config", "settings",
    display_information=closed(
        "name", name=text_of(35), description=text_of(140), background_color=text_of(7, "^#[0-9a-f]{6}$")
    ),
    features=closed(
        app_home=closed(
            home_tab_enabled=YES_OR_NO, messages_tab_enabled=YES_OR_NO, messages_tab_read_only_enabled=YES_OR_NO
        ),
        bot_user=closed("display_name", display_name=text_of(80, "^[a-z0-9._ -]+$"), always_online=YES_OR_NO),
        shortcuts=list_of(
            closed(
                "name", "type", "callback_id", "description",
                name=text_of(24), type={"enum": ["message", "global"]}, callback_id=text_of(255),
                description=text_of(150),
            ), 10,
        ),
        slash_commands=list_of(
            closed(
                "command", "description",
                command=text_of(32, "^/[a-z]", 2), url=ADDRESS, description=text_of(2000), usage_hint=text_of(1000),
                should_escape=YES_OR_NO,
            ), 50,
        ),
    ),
    oauth_config=closed(
        "scopes", scopes=closed("bot", bot=list_of(text_of(50), 255)), redirect_urls=list_of(ADDRESS, 1000)
    ),
    settings=closed(
        event_subscriptions=closed("bot_events", request_url=ADDRESS, bot_events=list_of(text_of(50), 100)),
        interactivity=closed("is_enabled", is_enabled=YES_OR_NO, request_url=ADDRESS),
        org_deploy_enabled=YES_OR_NO, socket_mode_enabled=YES_OR_NO, token_rotation_enabled=YES_OR_NO,
    ),
)  # fmt: skip
"""What Slack's "App manifest reference" says of the fields that we use."""
WAYS: dict[str, dict[str, Any]] = {
    "Socket Mode": {},
    "HTTP": {"base_url": "https://board.example.org"},
    "several workspaces": {"base_url": "https://board.example.org", "oauth": True},
    "the longest name": {"name": "C" * 35},
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_what_slacks_reference_lets_it_be(way: str) -> None:
    made = json.loads(as_json(manifest(**WAYS[way])))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(made)] == []
    assert all(command["usage_hint"] for command in made["features"]["slash_commands"])
    kinds = [shortcut["type"] for shortcut in made["features"]["shortcuts"]]
    assert kinds.count("global") <= 5
    assert kinds.count("message") <= 5


def test_a_manifest_that_is_not_is_found() -> None:
    made = manifest() | {"more": 1}
    made["display_information"]["name"] = "C" * 36
    assert len(list(Draft202012Validator(SCHEMA).iter_errors(made))) == 2


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"name": "C" * 36}, {"base_url": "http://caseboard.example"}, {"oauth": True}]
)
def test_what_slack_would_refuse_is_refused_here(given: dict[str, object]) -> None:
    with pytest.raises(BadManifest):
        manifest(**given)  # type: ignore[arg-type]
