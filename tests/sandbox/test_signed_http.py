"""Signed HTTP delivery to a real Bolt app: signatures, forms, retries of what was not acknowledged."""

import socket

import pytest
from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from app.sandbox import Person, RefusedError, Sandbox
from app.sandbox.inbound.http_out import signed
from tests.sandbox.apps import bolt, over_http


def test_commands_buttons_and_modals_over_http(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    app, _ = bolt(sandbox)

    @app.command("/cb")
    def cb(ack: Ack, command: dict[str, str]) -> None:
        ack(f"said {command['text']}")

    @app.action("go")
    def go(ack: Ack, respond: Respond) -> None:
        respond("gone")
        ack()

    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    ts = web.chat_postMessage(channel=case, text="x", blocks=[{"type": "actions", "elements": [button]}])["ts"]
    with over_http(sandbox, app) as seen:
        # An umlaut, a plus and an ampersand show that the form is encoded as forms are.
        assert ana.command("/cb Müller + 1 & more", case).text == "said Müller + 1 & more"
        assert ana.click(case, ts, "go").text == "gone"
    assert all(headers["x-slack-signature"].startswith("v0=") for headers in seen)
    assert [headers["content-type"] for headers in seen] == ["application/x-www-form-urlencoded"] * 2
    assert "x-slack-retry-num" not in seen[0]


def test_a_wrong_secret_is_noticed_by_the_app(sandbox: Sandbox, ana: Person, case: str) -> None:
    app, _ = bolt(sandbox)
    sandbox.world.secrets = type(sandbox.world.secrets)(signing_secret="another")

    with over_http(sandbox, app):
        assert ana.command("/cb x", case).error == "dispatch_failed"
    assert sandbox.ledger(kind="delivery")[-1]["answer"] == {
        "status": 401,
        "body": '{"error": "invalid request"}',
    }


def test_signatures_are_what_slack_sdk_checks() -> None:
    body = b"command=%2Fcb&text=x"
    headers = dict(signed("secret", body))

    verifier = SignatureVerifier("secret")
    assert verifier.is_valid(body, headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"])
    assert not verifier.is_valid(b"other", headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"])


def test_an_event_that_is_not_acknowledged_is_sent_three_times_more(
    sandbox: Sandbox, web: WebClient, ana: Person, ben: Person, case: str
) -> None:
    sandbox.configure(events=["member_joined_channel"])
    app, _ = bolt(sandbox)  # no listener, so Bolt answers 404

    with over_http(sandbox, app) as seen:
        ben.join(case)
        sandbox.wait(lambda: len(seen) == 4 and sandbox.status()["events_in_flight"] == 0)
    assert [headers.get("x-slack-retry-num") for headers in seen] == [None, "1", "2", "3"]
    assert [headers.get("x-slack-retry-reason") for headers in seen] == [None, *["http_error"] * 3]
    deliveries = sandbox.ledger(kind="delivery")
    assert [line["attempt"] for line in deliveries] == [0, 1, 2, 3]
    assert len({line["id"] for line in deliveries}) == 1


def test_an_event_is_sent_again_until_it_is_acknowledged(
    sandbox: Sandbox, web: WebClient, ben: Person, case: str
) -> None:
    sandbox.configure(events=["member_joined_channel"])
    app, _ = bolt(sandbox)
    heard: list[str] = []

    @app.event("member_joined_channel")
    def joined(event: dict[str, str]) -> None:
        heard.append(event["user"])
        if len(heard) < 3:
            raise RuntimeError("not yet")

    with over_http(sandbox, app) as seen:
        ben.join(case)
        sandbox.wait(lambda: len(heard) == 3 and sandbox.status()["events_in_flight"] == 0)
    assert len(seen) == 3


def test_an_app_that_is_not_there(sandbox: Sandbox, ana: Person, case: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        sandbox.configure(request_url=f"http://127.0.0.1:{taken.getsockname()[1]}/slack")
        assert ana.command("/cb x", case).error == "dispatch_failed"


def test_an_app_that_never_answers(sandbox: Sandbox, ana: Person, case: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sandbox.configure(ack_timeout=0.1, request_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert ana.command("/cb x", case).error == "operation_timeout"


@pytest.mark.parametrize("url", ["https://example.com/slack", "http://10.0.0.1:80/slack", "http://127.0.0.1/slack"])
def test_nothing_is_delivered_to_other_machines(sandbox: Sandbox, url: str) -> None:
    with pytest.raises(RefusedError, match="this machine only"):
        sandbox.configure(request_url=url)
