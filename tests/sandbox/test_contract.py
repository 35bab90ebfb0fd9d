"""Every method against Slack's contract: required arguments, tokens, answer shapes, codes it may answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import Sandbox, contract
from app.sandbox.api import dispatch
from app.sandbox.api.registry import METHODS
from app.sandbox.jsontypes import JsonObject
from tests.sandbox.conftest import client_of
from tests.sandbox.scene import CALLS, set_scene

ANSWERS = cast(JsonObject, json.loads((Path(__file__).parent / "data" / "answers.json").read_text("utf-8")))
ENVELOPE = {"ok", "error", "warning", "needed", "provided", "response_metadata"}
NOT_RECORDED = {
    # Given by Slack, though the recordings lack it: pins.list shows message items.
    "pins.list": {"items.channel", "items.message"},
    "conversations.leave": {"not_in_channel"},
    "files.info": {"file"},
}
UNLISTED_CODES = {
    # Codes that Slack answers and that its method pages do not list.
    "invalid_arguments",
    "invalid_auth",
    "invalid_json",
    "json_not_object",
}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "A"}, "blocks": [{"type": "divider"}]}


def departures(shape: object, answer: object, at: str = "") -> list[str]:
    """Where an answer has a key, or a type, that the recorded one has not."""
    if isinstance(shape, dict) and isinstance(answer, dict):
        found = []
        for key, value in answer.items():
            here = f"{at}.{key}".lstrip(".")
            if key in shape:
                found += departures(shape[key], value, here)
            elif key not in ("blocks", "attachments", "files") and shape:
                found.append(f"{here} is not in the recording")
        return found
    if isinstance(shape, list) and isinstance(answer, list):
        return [one for item in answer for one in (departures(shape[0], item, at) if shape else [])]
    kinds = {"str": str, "int": int, "bool": bool, "null": object}
    if isinstance(shape, str) and answer is not None:
        # Recorded null says nothing of the type, and Slack writes null for what is not there.
        right = isinstance(answer, kinds[shape]) and (shape != "int" or not isinstance(answer, bool))
        return [] if right else [f"{at} should be {shape}, is {answer!r}"]
    return [] if answer is None else [f"{at} has another shape: {answer!r}"] if type(shape) is not type(answer) else []


def code_of(web: WebClient, method: str, arguments: JsonObject) -> str:
    """The error code of a call; empty when it is answered."""
    try:
        web.api_call(method, data=arguments)
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


def test_all_methods_of_the_contract_are_there() -> None:
    assert set(METHODS) == set(contract.methods())


def test_a_good_call_of_every_method_is_known() -> None:
    assert set(CALLS) == set(METHODS)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_answers_look_like_the_recorded_ones(sandbox: Sandbox, method: str) -> None:
    scene = set_scene(sandbox)
    answer = scene.call(method, CALLS[method](scene)).data
    assert isinstance(answer, dict)
    assert answer["ok"] is True
    shape = cast(JsonObject, ANSWERS[method]) | dict.fromkeys(ENVELOPE, "null")
    body = {key: value for key, value in answer.items() if key not in ENVELOPE}
    allowed = NOT_RECORDED.get(method, set())
    assert [one for one in departures(shape, body) if one.split()[0] not in allowed] == []


def test_a_file_looks_like_the_recorded_one(sandbox: Sandbox) -> None:
    scene = set_scene(sandbox)
    recorded = cast("list[JsonObject]", cast(JsonObject, ANSWERS["files.completeUploadExternal"])["files"])[0]
    answer = scene.call("files.info", CALLS["files.info"](scene)).data
    assert isinstance(answer, dict)
    # The recording names channels, others than these.
    assert departures(recorded | {"shares": {}}, answer["file"]) == []
    [of, *_] = cast("dict[str, dict[str, list[JsonObject]]]", recorded["shares"])["public"].values()
    assert departures(of, answer["file"]["shares"]["private"][scene.case]) == []


@pytest.mark.parametrize(
    ("method", "name"), [(method, name) for method in sorted(METHODS) for name in contract.methods()[method].required]
)
def test_required_arguments_are_required(sandbox: Sandbox, method: str, name: str) -> None:
    scene = set_scene(sandbox)
    good = CALLS[method](scene)
    before = len(sandbox.ledger(kind="change"))

    code = scene.code(method, {key: value for key, value in good.items() if key != name})
    assert code in contract.methods()[method].errors | UNLISTED_CODES
    assert len(sandbox.ledger(kind="change")) == before


def test_tokens_are_checked(sandbox: Sandbox) -> None:
    attempts: list[tuple[str, str, str]] = [
        ("", "auth.test", "not_authed"),
        ("xoxb-other", "auth.test", "invalid_auth"),
        ("xapp-sandbox", "auth.test", "not_allowed_token_type"),
        ("xoxb-sandbox", "apps.connections.open", "not_allowed_token_type"),
        ("xapp-other", "apps.connections.open", "invalid_auth"),
        ("xoxb-sandbox", "chat.sendMessage", "unknown_method"),
    ]
    for token, method, code in attempts:
        with pytest.raises(SlackApiError) as error:
            client_of(sandbox, token).api_call(method)
        assert error.value.response["error"] == code, (token, method)


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[]", "json_not_object"),
        ("text/xml", b"<x/>", "invalid_post_type"),
        ("application/x-www-form-urlencoded", b"\xff=1", "invalid_charset"),
    ],
)
def test_bodies_that_are_not_what_they_say(sandbox: Sandbox, content_type: str, body: bytes, code: str) -> None:
    request = dispatch.Request("api.test", content_type, "", "", body)

    assert json.loads(dispatch.answer(sandbox.world, request).body) == {"ok": False, "error": code}


def test_every_code_that_a_method_raises_is_one_of_its_own(sandbox: Sandbox, web: WebClient, case: str) -> None:
    """A sweep of wrong arguments: whatever is answered must be a code that Slack's reference has."""
    wrong: list[JsonObject] = [
        {"channel": "C0NOWHERE"},
        {"channel": case, "ts": "1.0", "timestamp": "1.0", "message_ts": "1.0", "user": "U0NOBODY", "text": "x"},
        {"channel": case, "name": "Bad Name", "users": "U0NOBODY", "topic": "x" * 300, "purpose": "x" * 300},
        {"channel": case, "cursor": "?", "limit": "x", "oldest": "x", "latest": "x", "ts": "x", "types": "x"},
        {"view": json.dumps(MODAL), "trigger_id": "no", "view_id": "no", "user_id": "no"},
        {"channel_id": case, "title": "t", "type": "x", "link": "x", "email": "x", "bot": "x", "team": "x"},
    ]
    for method in sorted(set(METHODS) - {"apps.connections.open"}):
        known = contract.methods()[method].errors | UNLISTED_CODES
        for arguments in wrong:
            code = code_of(web, method, arguments)
            assert code == "" or code in known, (method, arguments)


def test_each_kind_of_argument_is_taken_from_query_form_and_json(web: WebClient, case: str) -> None:
    ways: list[Callable[[], object]] = [
        lambda: web.api_call("chat.postMessage", params={"channel": case, "text": "query"}),
        lambda: web.api_call("chat.postMessage", data={"channel": case, "text": "form"}),
        lambda: web.api_call("chat.postMessage", json={"channel": case, "text": "json"}),
    ]
    for way in ways:
        way()
    shown = [message["text"] for message in web.conversations_history(channel=case, limit=3)["messages"]]
    assert shown == ["json", "form", "query"]
