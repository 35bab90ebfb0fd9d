"""Every method against Slack's contract: required arguments, tokens, answer shapes, codes it may answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import Person, Sandbox, contract
from app.sandbox.api import dispatch
from app.sandbox.api.registry import METHODS
from app.sandbox.jsontypes import JsonObject
from tests.sandbox.conftest import client_of

ANSWERS = cast(JsonObject, json.loads((Path(__file__).parent / "data" / "answers.json").read_text("utf-8")))
ENVELOPE = {"ok", "error", "warning", "needed", "provided", "response_metadata"}
NOT_RECORDED = {
    # Given by Slack, though the recordings lack it: pins.list shows message items.
    "pins.list": {"items.channel", "items.message"},
    "conversations.leave": {"not_in_channel"},
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


def test_answers_look_like_the_recorded_ones(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    ts = web.chat_postMessage(channel=case, text="root", metadata={"event_type": "x", "event_payload": {}})["ts"]
    web.chat_postMessage(channel=case, text="reply", thread_ts=ts)
    other = web.conversations_create(name="other")["channel"]["id"]
    bot = web.auth_test()["bot_id"]
    calls: list[tuple[str, JsonObject]] = [
        ("auth.test", {}),
        ("api.test", {}),
        ("team.info", {}),
        ("bots.info", {"bot": bot}),
        ("users.info", {"user": ana.id}),
        ("users.list", {}),
        ("users.lookupByEmail", {"email": "ana@sandbox.example"}),
        ("users.conversations", {"types": "public_channel,private_channel"}),
        ("conversations.create", {"name": "third"}),
        ("conversations.invite", {"channel": other, "users": ana.id}),
        ("conversations.kick", {"channel": other, "user": ana.id}),
        ("conversations.join", {"channel": other}),
        ("conversations.rename", {"channel": other, "name": "renamed"}),
        ("conversations.setTopic", {"channel": other, "topic": "t"}),
        ("conversations.setPurpose", {"channel": other, "purpose": "p"}),
        ("conversations.info", {"channel": case, "include_num_members": "1"}),
        ("conversations.open", {"users": ana.id, "return_im": "1"}),
        ("conversations.list", {"types": "public_channel,private_channel,im"}),
        ("conversations.members", {"channel": case}),
        ("conversations.history", {"channel": case, "include_all_metadata": "1"}),
        ("conversations.replies", {"channel": case, "ts": ts}),
        ("chat.postMessage", {"channel": case, "text": "x"}),
        ("chat.update", {"channel": case, "ts": ts, "text": "y"}),
        ("chat.postEphemeral", {"channel": case, "user": ana.id, "text": "x"}),
        ("chat.getPermalink", {"channel": case, "message_ts": ts}),
        ("pins.add", {"channel": case, "timestamp": ts}),
        ("pins.list", {"channel": case}),
        ("pins.remove", {"channel": case, "timestamp": ts}),
        ("reactions.add", {"channel": case, "timestamp": ts, "name": "eyes"}),
        ("bookmarks.add", {"channel_id": case, "title": "t", "type": "link", "link": "http://x.example"}),
        ("bookmarks.list", {"channel_id": case}),
        ("views.publish", {"user_id": ana.id, "view": json.dumps({"type": "home", "blocks": []})}),
        ("chat.delete", {"channel": case, "ts": ts}),
        ("conversations.archive", {"channel": other}),
        ("conversations.unarchive", {"channel": other}),
        ("conversations.leave", {"channel": other}),
    ]
    by_trigger = {"views.open", "views.push", "views.update", "apps.connections.open"}
    assert {method for method, _ in calls} | by_trigger == set(METHODS)
    for method, arguments in calls:
        answer = web.api_call(method, data=arguments).data
        assert isinstance(answer, dict)
        shape = cast(JsonObject, ANSWERS[method]) | dict.fromkeys(ENVELOPE, "null")
        body = {key: value for key, value in answer.items() if key not in ENVELOPE}
        allowed = NOT_RECORDED.get(method, set())
        wrong = [one for one in departures(shape, body) if one.split()[0] not in allowed]
        assert wrong == [], f"{method}: {wrong}"


@pytest.mark.parametrize("method", sorted(METHODS))
def test_required_arguments_are_required(sandbox: Sandbox, method: str) -> None:
    token = "xapp-sandbox" if method == "apps.connections.open" else "xoxb-sandbox"
    client = client_of(sandbox, token)
    required = contract.methods()[method].required
    if not required:
        return
    with pytest.raises(SlackApiError) as error:
        client.api_call(method, data={})
    code = error.value.response["error"]
    assert code in contract.methods()[method].errors | UNLISTED_CODES


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
