"""Events: which the app gets, when, and that they look like the recorded ones."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from slack_sdk import WebClient

from app.sandbox import Person, RefusedError, Sandbox
from app.sandbox.jsontypes import JsonObject
from app.sandbox.world import ALL_EVENTS
from tests.sandbox.apps import bolt, over_socket
from tests.sandbox.test_contract import departures

PAYLOADS = cast(JsonObject, json.loads((Path(__file__).parent / "data" / "payloads.json").read_text("utf-8")))


RECORDED = {
    "app_home_opened": "AppHomeOpened",
    "app_mention": "AppMention",
    "channel_archive": "ChannelArchive",
    "channel_deleted": "ChannelDeleted",
    "channel_rename": "ChannelRename",
    "channel_unarchive": "ChannelUnarchive",
    "group_archive": "GroupArchive",
    "group_deleted": "GroupDeleted",
    "group_rename": "GroupRename",
    "group_unarchive": "GroupUnarchive",
    "member_joined_channel": "MemberJoinedChannel",
    "member_left_channel": "MemberLeftChannel",
    "message": "Message",
    "message/message_changed": "MessageChanged",
    "team_join": "TeamJoin",
    "user_change": "UserChange",
}


class Heard(list[JsonObject]):
    """The events that the app got, as whole payloads."""

    def types(self) -> list[str]:
        """Their types, with their subtypes."""
        return [name(self.event(index)) for index in range(len(self))]

    def event(self, index: int) -> JsonObject:
        """The inner event."""
        return cast(JsonObject, self[index]["event"])

    def named(self, wanted: str) -> JsonObject:
        """The first event of a type."""
        return next(cast(JsonObject, one["event"]) for one in self if name(cast(JsonObject, one["event"])) == wanted)


def name(event: JsonObject) -> str:
    subtype = event.get("subtype")
    return f"{event['type']}/{subtype}" if subtype else str(event["type"])


@pytest.fixture
def heard(sandbox: Sandbox) -> Iterator[Heard]:
    """An app that listens to everything."""
    app, _ = bolt(sandbox, ignore_own=False)
    kept = Heard()

    @app.middleware
    def keep(body: JsonObject, next: object) -> None:
        kept.append(body)
        cast("type[object]", next)()

    for type_ in {one.partition(".")[0] for one in ALL_EVENTS}:
        app.event(type_)(lambda: None)
    with over_socket(sandbox, app):
        sandbox.configure(events=sorted(ALL_EVENTS))
        yield kept


def settle(sandbox: Sandbox) -> None:
    """Wait until every event was acknowledged."""
    sandbox.wait(lambda: sandbox.status()["events_in_flight"] == 0)


def test_a_private_channel_s_events_are_group_events(
    sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person, ben: Person, case: str
) -> None:
    ben.join(case, inviter="ana")
    ben.leave(case, by="ana")
    ana.rename(case, "case-renamed")
    ana.archive(case)
    ana.unarchive(case)
    ana.delete(case)
    settle(sandbox)

    types = [one for one in heard.types() if not one.startswith(("message", "team_join"))]
    assert sorted(types) == sorted(
        [
            "member_joined_channel",  # ana, invited by the app
            "member_joined_channel",
            "member_left_channel",
            "group_rename",
            "group_archive",
            "group_unarchive",
            "group_deleted",
        ]
    )
    assert heard.named("group_archive")["user"] == ana.id
    assert heard.named("group_deleted")["channel"] == case
    assert cast(JsonObject, heard.named("group_rename")["channel"])["name"] == "case-renamed"
    joined = [one for one in heard if cast(JsonObject, one["event"])["type"] == "member_joined_channel"]
    assert {cast(JsonObject, one["event"])["channel_type"] for one in joined} == {"G"}
    assert {cast(JsonObject, one["event"]).get("inviter") for one in joined} >= {ana.id}


def test_a_public_channel_s_events_are_channel_events(
    sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person
) -> None:
    hall = sandbox.channel("hall", creator="ana")
    ana.rename(hall, "lobby")
    ana.archive(hall)
    ana.unarchive(hall)
    ana.delete(hall)
    settle(sandbox)

    types = {one for one in heard.types() if one.startswith("channel")}
    assert types == {"channel_created", "channel_rename", "channel_archive", "channel_unarchive", "channel_deleted"}


def test_private_channels_without_the_app_tell_it_nothing(sandbox: Sandbox, heard: Heard, ana: Person) -> None:
    secret = sandbox.channel("secret", private=True, creator="ana")
    settle(sandbox)
    before = len(heard)

    ana.post(secret, "hello <@U0SANDBOT01>")
    ana.rename(secret, "more-secret")
    ana.archive(secret)
    ana.delete(secret)
    settle(sandbox)
    assert heard.types()[before:] == []


def test_the_app_hears_that_it_was_removed(
    sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person, case: str
) -> None:
    bot = str(sandbox.status()["bot_user"])
    sandbox.ask("channel.leave", user=bot, channel=case, by="ana")
    settle(sandbox)

    assert heard.named("group_left")["channel"] == case


def test_messages_mentions_and_edits(sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person, case: str) -> None:
    ts = web.chat_postMessage(channel=case, text="mine")["ts"]
    web.chat_update(channel=case, ts=ts, text="changed")
    web.chat_delete(channel=case, ts=ts)
    ana.post(case, "hello <@U0SANDBOT01>")
    ana.post(ana.dm(), "in private")
    settle(sandbox)

    assert {"message/message_changed", "message/message_deleted", "app_mention"} <= set(heard.types())
    mention = heard.named("app_mention")
    assert (mention["user"], mention["channel"]) == (ana.id, case)
    changed = heard.named("message/message_changed")
    assert cast(JsonObject, changed["message"])["text"] == "changed"
    assert cast(JsonObject, changed["previous_message"])["text"] == "mine"
    kinds = {cast(JsonObject, one["event"]).get("channel_type") for one in heard}
    assert {"group", "im"} <= kinds


def test_people_who_come_change_and_go(sandbox: Sandbox, heard: Heard, ana: Person) -> None:
    cy = sandbox.person("cy", real_name="Cy Young")
    cy.change(tz="Europe/London")
    cy.deactivate()
    settle(sandbox)

    changes = [cast(JsonObject, one["event"]) for one in heard if name(cast(JsonObject, one["event"])) == "user_change"]
    users = [cast(JsonObject, one["user"]) for one in changes]
    assert sorted((one["tz"], one["deleted"]) for one in users) == [
        ("Europe/London", False),
        ("Europe/London", True),
    ]
    assert cast(JsonObject, heard.named("team_join")["user"])["name"] in {"ana", "cy"}


def test_files_are_told_of_to_an_app_with_their_scope(
    sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person, case: str
) -> None:
    file = web.files_upload_v2(channel=case, filename="a.txt", content="hello", initial_comment="Look")["file"]["id"]
    settle(sandbox)

    message = heard.named("message/file_share")
    [shown] = cast("list[JsonObject]", message["files"])
    assert (message["text"], message["upload"], shown["id"], shown["name"]) == ("Look", True, file, "a.txt")
    told = heard.named("file_shared")
    assert {key: told[key] for key in ("channel_id", "file_id", "user_id", "file")} == {
        "channel_id": case,
        "file_id": file,
        "user_id": "U0SANDBOT01",
        "file": {"id": file},
    }
    assert told["event_ts"] == message["ts"]
    assert "subtype" not in sandbox.messages(case)[-1]

    before = len(heard)
    sandbox.configure(scopes=["files:write", "groups:history"])
    web.files_upload_v2(channel=case, filename="b.txt", content="hello")
    settle(sandbox)
    assert heard.types()[before:] == ["message/file_share"]


def test_only_what_is_subscribed_is_sent(sandbox: Sandbox, heard: Heard, ana: Person, case: str) -> None:
    settle(sandbox)
    sandbox.configure(events=["group_archive"])
    before = len(heard)

    ana.rename(case, "other")
    ana.archive(case)
    settle(sandbox)
    assert heard.types()[before:] == ["group_archive"]
    with pytest.raises(RefusedError, match="sends no event file_created"):
        sandbox.configure(events=["file_created"])


def test_events_look_like_the_recorded_ones(
    sandbox: Sandbox, heard: Heard, web: WebClient, ana: Person, case: str
) -> None:
    hall = sandbox.channel("hall", creator="ana")
    for channel in (hall, case):
        ana.rename(channel, f"{channel.lower()}-x")
        ana.archive(channel)
        ana.unarchive(channel)
    ana.post(case, "hello <@U0SANDBOT01>")
    ts = web.chat_postMessage(channel=case, text="x")["ts"]
    web.chat_update(channel=case, ts=ts, text="y")
    cy = sandbox.person("cy")
    cy.join(case)
    cy.leave(case)
    cy.deactivate()
    ana.open_home()
    for channel in (hall, case):
        ana.delete(channel)
    settle(sandbox)

    assert set(RECORDED) <= set(heard.types())
    for payload in heard:
        inner = cast(JsonObject, payload["event"])
        recorded = RECORDED.get(name(inner))
        if recorded is None:
            continue
        shape = cast(JsonObject, PAYLOADS[recorded])
        # Newer envelopes have these; some recordings are older. A mention's channel_type is not recorded.
        shape |= {"context_team_id": "str", "context_enterprise_id": "null", "authorizations": [{}]}
        event = cast(JsonObject, shape["event"]) | {"channel_type": "str", "app_id": "str", "event_ts": "str"}
        found = departures(shape | {"event": event}, payload)
        # The recorded edit is of a person's message, which has no app.
        assert [one for one in found if "message.app_id" not in one] == [], name(inner)
