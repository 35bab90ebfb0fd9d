"""Slack's own Socket Mode client and Bolt against the sandbox: commands, buttons, acknowledgements, reconnects."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.sandbox import Person, RefusedError, Sandbox
from tests.sandbox.apps import bolt, over_socket
from tests.sandbox.conftest import client_of


def button(value: str) -> dict[str, object]:
    text = {"type": "plain_text", "text": value}
    return {"type": "actions", "elements": [{"type": "button", "action_id": "claim", "value": value, "text": text}]}


BUTTONS = [button("12"), button("13")]


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[App]:
    """A Bolt app that answers in each of the ways there are."""
    made, _ = bolt(sandbox)

    @made.command("/cb")
    def cb(ack: Ack, command: dict[str, str], respond: Respond) -> None:
        match command["text"]:
            case "late":
                ack()
                respond("came later")
            case "aloud":
                ack("said aloud", response_type="in_channel")
            case "blocks":
                ack(text="with blocks", blocks=BUTTONS)
            case "wrong":
                ack(text="x", blocks=[{"type": "nonsense"}])
            case "silent":
                ack()
            case "never":
                return
            case words:
                ack(f"{command['user_name']} said {words}")

    @made.action("claim")
    def claim(ack: Ack, action: dict[str, str], respond: Respond) -> None:
        ack()
        respond(f"claimed {action['value']}", replace_original=action["value"] == "13")

    with over_socket(sandbox, made):
        yield made


def test_a_command_is_answered_to_the_person_alone(
    sandbox: Sandbox, app: App, ana: Person, ben: Person, case: str
) -> None:
    reply = ana.command("/cb claim 12", case)

    assert (reply.ok, reply.text, reply.error) == (True, "ana said claim 12", "")
    assert reply.ms > 0
    assert [shown["text"] for shown in ana.ephemerals(case)] == ["ana said claim 12"]
    assert ben.ephemerals(case) == []
    assert sandbox.messages(case) == []


def test_a_command_carries_what_slack_sends(sandbox: Sandbox, app: App, ana: Person, case: str) -> None:
    ana.command("/cb  claim 12 ", case)

    [delivery] = sandbox.ledger(kind="delivery")
    request = delivery["request"]
    assert isinstance(request, dict)
    assert (request["command"], request["text"]) == ("/cb", "claim 12")
    assert (request["user_id"], request["channel_id"], request["channel_name"]) == (ana.id, case, "privategroup")
    assert str(request["response_url"]).startswith(sandbox.base_url)
    assert (delivery["via"], delivery["applied"], delivery["answer"]) == ("socket", True, {"text": "ana said claim 12"})


def test_answers_at_the_response_url_in_the_channel_and_with_blocks(
    sandbox: Sandbox, app: App, ana: Person, case: str
) -> None:
    assert ana.command("/cb late", case).text == "came later"
    assert ana.command("/cb blocks", case).blocks[0]["type"] == "actions"
    assert ana.command("/cb silent", case, gather=0).responses == []
    aloud = ana.command("/cb aloud", case)
    assert aloud.responses[0]["response_type"] == "in_channel"
    assert [message["text"] for message in sandbox.messages(case)] == ["said aloud"]


def test_an_answer_that_slack_refuses_is_not_ok(app: App, ana: Person, case: str) -> None:
    reply = ana.command("/cb wrong", case)

    assert (reply.ok, reply.error, ana.ephemerals(case)) == (False, "invalid_blocks", [])


def test_a_command_that_nobody_acknowledges_fails_before_the_person(
    sandbox: Sandbox, app: App, ana: Person, case: str
) -> None:
    sandbox.configure(ack_timeout=0.1)

    reply = ana.command("/cb never", case)
    assert (reply.ok, reply.error) == (False, "operation_timeout")
    assert ana.ephemerals(case)[-1]["text"] == '/cb failed with the error "operation_timeout"'


def test_without_an_app_a_command_fails_at_once(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    assert ana.command("/cb claim 12", case).error == "dispatch_failed"


def test_buttons_are_pressed_by_value_and_answers_replace_the_message(
    sandbox: Sandbox, app: App, web: WebClient, ana: Person, case: str
) -> None:
    ts = web.chat_postMessage(channel=case, text="tasks", blocks=BUTTONS)["ts"]

    assert ana.click(case, ts, "claim", "12").text == "claimed 12"
    assert sandbox.messages(case)[0]["text"] == "tasks"
    ana.click(case, ts, "claim", "13")
    assert sandbox.messages(case)[0]["text"] == "claimed 13"
    with pytest.raises(RefusedError, match="There is no 'claim'"):
        ana.click(case, ts, "claim", "12")


def test_buttons_of_ephemeral_messages_work_for_who_sees_them(
    sandbox: Sandbox, app: App, ana: Person, ben: Person, case: str
) -> None:
    ana.command("/cb blocks", case)
    ts = str(ana.ephemerals(case)[0]["ts"])

    ana.click(case, ts, "claim", "13")
    assert ana.ephemerals(case)[0]["text"] == "claimed 13"
    ben.join(case)
    with pytest.raises(RefusedError, match="ben sees no message"):
        ben.click(case, ts, "claim", "13")


def test_people_can_only_act_where_they_are(sandbox: Sandbox, app: App, ana: Person, ben: Person, case: str) -> None:
    with pytest.raises(RefusedError, match="ben is not in the private channel case-k7q4"):
        ben.command("/cb claim 12", case)
    with pytest.raises(RefusedError, match="begins with a slash"):
        ana.command("claim 12", case)
    sandbox.configure(commands=["/cb"])
    with pytest.raises(RefusedError, match="/other is not a valid command"):
        ana.command("/other", case)
    ana.archive(case)
    with pytest.raises(RefusedError, match="is archived"):
        ana.command("/cb claim 12", case)
    ben.deactivate()
    with pytest.raises(RefusedError, match="ben is deactivated"):
        ben.post("case-k7q4", "hello")


def answering(took: list[int], number: int) -> Callable[[Ack], None]:
    def listener(ack: Ack) -> None:
        took.append(number)
        ack("done")

    return listener


def test_several_connections_share_the_load(sandbox: Sandbox, ana: Person, case: str) -> None:
    took: list[int] = []
    with ExitStack() as stack:
        for number in range(3):
            app, _ = bolt(sandbox)

            app.command("/cb")(answering(took, number))
            stack.enter_context(over_socket(sandbox, app, expect=number + 1))
        for _ in range(9):
            assert ana.command("/cb x", case).ok
    assert sorted(took) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_the_client_reconnects_when_asked_and_when_cut(sandbox: Sandbox, ana: Person, case: str) -> None:
    app, _ = bolt(sandbox)

    @app.command("/cb")
    def cb(ack: Ack) -> None:
        ack("done")

    def opened() -> int:
        calls = sandbox.ledger(kind="call")
        return sum(call["method"] == "apps.connections.open" for call in calls)

    with over_socket(sandbox, app):
        before = opened()
        assert sandbox.disconnect("refresh_requested", close_after=None) == 1
        sandbox.wait(lambda: opened() == before + 1 and sandbox.connections() == 1)
        sandbox.wait(lambda: ana.command("/cb x", case).ok, message="not connected again")
        assert sandbox.disconnect() == 1
        sandbox.wait(lambda: sandbox.connections() == 1, timeout=10, message="not connected again after a cut")
        sandbox.wait(lambda: ana.command("/cb x", case).ok, message="no answer after a cut")


def test_a_connection_that_was_only_warned_goes_on_serving(sandbox: Sandbox, ana: Person, case: str) -> None:
    sandbox.configure(ack_timeout=0.2)
    with raw_connection(sandbox) as socket:
        socket.recv()
        sandbox.disconnect("warning", close_after=None)
        assert json.loads(socket.recv())["reason"] == "warning"
        assert (ana.command("/cb x", case).error, sandbox.connections()) == ("operation_timeout", 1)
        sandbox.disconnect("refresh_requested", close_after=None)
        assert (ana.command("/cb x", case).error, sandbox.connections()) == ("dispatch_failed", 0)


def test_the_eleventh_connection_is_sent_away(sandbox: Sandbox) -> None:
    with ExitStack() as stack:
        hellos = [json.loads(stack.enter_context(raw_connection(sandbox)).recv()) for _ in range(10)]
        assert [hello["num_connections"] for hello in hellos] == list(range(1, 11))
        frame = json.loads(stack.enter_context(raw_connection(sandbox)).recv())
        assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")
        assert sandbox.connections() == 10


def test_a_url_is_good_for_one_connection(sandbox: Sandbox) -> None:
    url = link(sandbox)
    with connect(url) as first:
        first.recv()
        for wrong in (url, url.replace("ticket=", "ticket=x")):
            with pytest.raises(InvalidStatus):
                connect(wrong)


def test_reasons_that_slack_does_not_give(sandbox: Sandbox) -> None:
    with pytest.raises(RefusedError, match="one of warning, refresh_requested, or none"):
        sandbox.disconnect("bored")


def link(sandbox: Sandbox) -> str:
    """A Socket Mode URL."""
    url: str = client_of(sandbox).apps_connections_open(app_token="xapp-sandbox")["url"]
    return url


def raw_connection(sandbox: Sandbox) -> ClientConnection:
    """A connection that acknowledges nothing."""
    return connect(link(sandbox), close_timeout=1)


def test_a_connection_lost_before_the_acknowledgement_fails_the_command(
    sandbox: Sandbox, ana: Person, case: str
) -> None:
    app, _ = bolt(sandbox)
    arrived, go_on = threading.Event(), threading.Event()

    @app.command("/cb")
    def cb(ack: Ack) -> None:
        arrived.set()
        go_on.wait(5)

    with over_socket(sandbox, app):
        replies = []
        typing = threading.Thread(target=lambda: replies.append(ana.command("/cb x", case)))
        typing.start()
        assert arrived.wait(5)
        sandbox.disconnect()
        typing.join(5)
        go_on.set()
    assert [reply.error for reply in replies] == ["dispatch_failed"]
