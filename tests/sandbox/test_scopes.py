"""Scopes of the bot token: calls, events and commands without theirs."""

from collections.abc import Callable

import pytest
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import Person, RefusedError, Sandbox
from app.sandbox.scopes import ALL_SCOPES, EVENT_SCOPES
from app.sandbox.world import TOKEN_ERRORS
from tests.sandbox.apps import bolt, over_socket
from tests.sandbox.conftest import client_of
from tests.sandbox.test_channels import refused


def test_a_call_without_its_scope_says_what_is_needed_and_what_there_is(
    sandbox: Sandbox, web: WebClient, case: str
) -> None:
    sandbox.configure(scopes=["groups:write", "chat:write"])

    with pytest.raises(SlackApiError) as error:
        web.reactions_add(channel=case, timestamp="1.0", name="eyes")
    answer = error.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "reactions:write",
        "chat:write,groups:write",
    )
    assert web.chat_postMessage(channel=case, text="still good")["ok"]


def test_headers_name_what_is_granted_and_what_is_accepted(sandbox: Sandbox, web: WebClient, case: str) -> None:
    sandbox.configure(scopes=["pins:write", "chat:write"])

    posted = web.chat_postMessage(channel=case, text="x").headers
    assert (posted["x-oauth-scopes"], posted["x-accepted-oauth-scopes"]) == ("chat:write,pins:write", "chat:write")
    free = web.auth_test().headers
    assert free["x-oauth-scopes"] == "chat:write,pins:write"
    assert "x-accepted-oauth-scopes" not in free
    with pytest.raises(SlackApiError) as error:
        client_of(sandbox, "xoxb-other").auth_test()
    assert "x-oauth-scopes" not in error.value.response.headers
    assert client_of(sandbox, "xapp-sandbox").apps_connections_open(app_token="xapp-sandbox").headers[
        "x-oauth-scopes"
    ] == ("connections:write")


def test_conversations_ask_for_the_scope_of_their_kind(
    sandbox: Sandbox, web: WebClient, ana: Person, ben: Person, case: str
) -> None:
    hall = sandbox.channel("hall", creator="ana")
    sandbox.configure(scopes=["groups:write", "groups:read", "im:write"])

    assert web.conversations_info(channel=case)["ok"]
    assert web.conversations_create(name="hidden", is_private=True)["ok"]
    assert web.conversations_open(users=[ana.id])["ok"]
    attempts: list[tuple[Callable[[], object], str]] = [
        (lambda: web.conversations_info(channel=hall), "channels:read"),
        (web.conversations_list, "channels:read"),
        (lambda: web.users_conversations(types="private_channel,im"), "im:read"),
        (lambda: web.conversations_create(name="open"), "channels:manage,channels:write"),
        (lambda: web.conversations_open(users=[ana.id, ben.id]), "mpim:write"),
        (
            lambda: web.conversations_history(channel=hall),
            "channels:history,groups:history,im:history,mpim:history",
        ),
    ]
    for attempt, needed in attempts:
        with pytest.raises(SlackApiError) as error:
            attempt()
        assert (error.value.response["error"], error.value.response["needed"]) == ("missing_scope", needed)


def test_addresses_need_a_scope_of_their_own(sandbox: Sandbox, web: WebClient, ana: Person) -> None:
    assert web.users_info(user=ana.id)["user"]["profile"]["email"] == "ana@sandbox.example"
    sandbox.configure(scopes=["users:read"])
    assert "email" not in web.users_info(user=ana.id)["user"]["profile"]


def test_events_without_their_scope_are_not_sent(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    hall = sandbox.channel("hall", creator="ana")
    web.conversations_join(channel=hall)
    app, _ = bolt(sandbox)
    heard: list[str] = []
    for type_ in ("member_joined_channel", "user_change", "app_home_opened"):
        app.event(type_)(lambda event: heard.append(f"{event['type']} {event.get('channel')}"))
    with over_socket(sandbox, app):
        sandbox.configure(
            events=["member_joined_channel", "user_change", "app_home_opened"], scopes=["groups:read", "chat:write"]
        )
        cy = sandbox.person("cy")
        cy.join(hall)
        cy.join(case)
        cy.change(tz="Europe/London")
        ana.open_home()
        sandbox.wait(lambda: len(heard) == 2 and sandbox.status()["events_in_flight"] == 0)
    assert sorted(heard) == [f"app_home_opened {ana.dm()}", f"member_joined_channel {case}"]


def test_commands_and_shortcuts_need_a_scope(sandbox: Sandbox, ana: Person, case: str) -> None:
    app, _ = bolt(sandbox)

    @app.command("/cb")
    def cb(ack: Ack) -> None:
        ack("done")

    with over_socket(sandbox, app):
        assert ana.command("/cb x", case).ok
        sandbox.configure(scopes=["chat:write"])
        with pytest.raises(RefusedError, match="lacks the scope commands"):
            ana.command("/cb x", case)
        with pytest.raises(RefusedError, match="lacks the scope commands"):
            ana.shortcut("quick")


@pytest.mark.parametrize("code", TOKEN_ERRORS)
def test_a_token_that_is_good_no_more(sandbox: Sandbox, web: WebClient, code: str) -> None:
    sandbox.configure(token_error=code)
    assert refused(lambda: web.auth_test()) == code
    sandbox.configure(token_error="")
    assert web.auth_test()["ok"]


def test_settings_that_there_are_not(sandbox: Sandbox) -> None:
    with pytest.raises(RefusedError, match="names such as chat:write"):
        sandbox.configure(scopes="chat:write")
    with pytest.raises(RefusedError, match="names such as chat:write"):
        sandbox.configure(scopes=["Chat Write"])
    with pytest.raises(RefusedError, match="account_inactive, token_expired, token_revoked"):
        sandbox.configure(token_error="tired")


def test_all_scopes_are_granted_unless_said() -> None:
    assert {"commands", "chat:write", "groups:history", "users:read.email"} <= ALL_SCOPES
    assert all(scope in ALL_SCOPES for scopes in EVENT_SCOPES.values() for scope in scopes)
