"""Channels as the app makes, fills, renames and archives them, with every refusal that can be provoked."""

from collections.abc import Callable

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import Person, Sandbox

Attempt = Callable[[WebClient], object]


def refused(attempt: Callable[[], object]) -> str:
    """The error code that a call is refused with."""
    with pytest.raises(SlackApiError) as error:
        attempt()
    code: str = error.value.response["error"]
    return code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name_required"),
        ("a" * 81, "invalid_name_maxlength"),
        ("Case-1", "invalid_name_specials"),  # capitals
        ("case 1", "invalid_name_specials"),  # a blank
        ("case#1", "invalid_name_specials"),
        ("--__", "invalid_name_punctuation"),  # nothing but punctuation
    ],
)
def test_names_that_slack_does_not_take(web: WebClient, name: str, code: str) -> None:
    assert refused(lambda: web.conversations_create(name=name)) == code


def test_a_name_is_taken_even_by_a_channel_that_is_archived_or_hidden(
    sandbox: Sandbox, web: WebClient, ana: Person
) -> None:
    gone = web.conversations_create(name="old-case")["channel"]["id"]
    web.conversations_archive(channel=gone)
    sandbox.channel("their-secret", private=True, creator="ana")

    assert refused(lambda: web.conversations_create(name="old-case")) == "name_taken"
    assert refused(lambda: web.conversations_create(name="their-secret")) == "name_taken"
    web.conversations_create(name="free")
    assert refused(lambda: web.conversations_rename(channel="free", name="x")) == "channel_not_found"


def test_a_deleted_channel_gives_its_name_back(web: WebClient, ana: Person, case: str) -> None:
    ana.delete(case)

    assert refused(lambda: web.conversations_info(channel=case)) == "channel_not_found"
    assert web.conversations_create(name="case-k7q4")["ok"]


def test_private_channels_are_hidden_from_those_outside(sandbox: Sandbox, web: WebClient, ana: Person) -> None:
    secret = sandbox.channel("their-secret", private=True, creator="ana")

    for call in (
        lambda: web.conversations_info(channel=secret),
        lambda: web.conversations_history(channel=secret),
        lambda: web.chat_postMessage(channel=secret, text="hello"),
        lambda: web.conversations_invite(channel=secret, users=[ana.id]),
        lambda: web.conversations_unarchive(channel=secret),
    ):
        assert refused(call) == "channel_not_found"
    listed = web.conversations_list(types="public_channel,private_channel")["channels"]
    assert secret not in [channel["id"] for channel in listed]


def test_a_public_channel_must_be_joined_before_it_is_used(sandbox: Sandbox, web: WebClient, ana: Person) -> None:
    hall = sandbox.channel("hall", creator="ana")

    assert refused(lambda: web.chat_postMessage(channel=hall, text="hello")) == "not_in_channel"
    assert refused(lambda: web.conversations_history(channel=hall)) == "not_in_channel"
    assert refused(lambda: web.conversations_archive(channel=hall)) == "not_in_channel"
    assert refused(lambda: web.conversations_rename(channel=hall, name="lobby")) == "not_in_channel"
    web.conversations_join(channel=hall)
    assert web.chat_postMessage(channel=hall, text="hello")["ok"]
    assert web.conversations_join(channel=hall)["warning"] == "already_in_channel"


def test_invitations_that_cannot_be_followed(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    left = sandbox.person("left", deactivated=True)
    visitor = sandbox.person("visitor", guest="single")
    sandbox.channel("visitors", creator="visitor")
    bot = web.auth_test()["user_id"]

    for user, code in [
        ("U0NOBODY00", "user_not_found"),
        (left.id, "cant_invite"),
        (ana.id, "already_in_channel"),
        (bot, "cant_invite_self"),
        (visitor.id, "ura_max_channels"),
        ("", "no_user"),
    ]:
        assert refused(lambda user=user: web.conversations_invite(channel=case, users=user)) == code  # type: ignore[misc]


def test_one_bad_invitation_stops_all_unless_forced(
    sandbox: Sandbox, web: WebClient, ana: Person, ben: Person, case: str
) -> None:
    gone = sandbox.person("gone", deactivated=True)

    with pytest.raises(SlackApiError) as error:
        web.conversations_invite(channel=case, users=[ben.id, gone.id])
    assert error.value.response["errors"] == [{"ok": False, "error": "cant_invite", "user": gone.id}]
    assert ben.id not in web.conversations_members(channel=case)["members"]

    forced = web.conversations_invite(channel=case, users=[ben.id, gone.id], force=True)
    assert [one["user"] for one in forced["errors"]] == [gone.id]
    assert ben.id in web.conversations_members(channel=case)["members"]


def test_removing_people(web: WebClient, ana: Person, ben: Person, case: str) -> None:
    bot = web.auth_test()["user_id"]

    assert refused(lambda: web.conversations_kick(channel=case, user=bot)) == "cant_kick_self"
    assert refused(lambda: web.conversations_kick(channel=case, user=ben.id)) == "not_in_channel"
    assert refused(lambda: web.conversations_kick(channel=case, user="U0NOBODY00")) == "user_not_found"
    web.conversations_kick(channel=case, user=ana.id)
    assert web.conversations_members(channel=case)["members"] == [bot]
    assert refused(lambda: web.conversations_leave(channel=case)) == "last_member"


def test_an_archived_channel_is_frozen(web: WebClient, ana: Person, ben: Person, case: str) -> None:
    ts = web.chat_postMessage(channel=case, text="hello")["ts"]
    web.conversations_archive(channel=case)

    assert refused(lambda: web.conversations_archive(channel=case)) == "already_archived"
    assert refused(lambda: web.chat_postMessage(channel=case, text="more")) == "is_archived"
    assert refused(lambda: web.chat_postEphemeral(channel=case, user=ana.id, text="more")) == "is_archived"
    assert refused(lambda: web.chat_update(channel=case, ts=ts, text="more")) == "cant_update_message"
    assert refused(lambda: web.conversations_invite(channel=case, users=[ben.id])) == "is_archived"
    assert refused(lambda: web.conversations_rename(channel=case, name="other")) == "is_archived"
    assert refused(lambda: web.conversations_setTopic(channel=case, topic="other")) == "is_archived"
    assert refused(lambda: web.conversations_leave(channel=case)) == "is_archived"
    assert web.conversations_history(channel=case)["messages"][-1]["text"]
    web.conversations_unarchive(channel=case)
    assert refused(lambda: web.conversations_unarchive(channel=case)) == "not_archived"


def test_a_bot_cannot_unarchive_a_channel_that_it_is_not_in(sandbox: Sandbox, web: WebClient, ana: Person) -> None:
    hall = sandbox.channel("hall", creator="ana")
    ana.archive(hall)

    assert refused(lambda: web.conversations_unarchive(channel=hall)) == "channel_not_found"
    assert refused(lambda: web.conversations_join(channel=hall)) == "is_archived"


def test_general_stays(sandbox: Sandbox, web: WebClient, ana: Person) -> None:
    general = sandbox.channel("general", creator="ana", general=True)
    web.conversations_join(channel=general)

    assert refused(lambda: web.conversations_archive(channel=general)) == "cant_archive_general"
    assert refused(lambda: web.conversations_leave(channel=general)) == "cant_leave_general"
    assert refused(lambda: web.conversations_kick(channel=general, user=ana.id)) == "cant_kick_from_general"


def test_topic_purpose_and_name_show_everywhere(web: WebClient, case: str) -> None:
    web.conversations_setTopic(channel=case, topic="Board on Tuesday")
    web.conversations_setPurpose(channel=case, purpose="One case")
    web.conversations_rename(channel=case, name="case-k7q4-closed")

    shown = web.conversations_info(channel=case, include_num_members=True)["channel"]
    assert (shown["topic"]["value"], shown["purpose"]["value"]) == ("Board on Tuesday", "One case")
    assert (shown["name"], shown["previous_names"]) == ("case-k7q4-closed", ["case-k7q4"])
    assert shown["num_members"] == 2
    assert (shown["is_private"], shown["is_group"], shown["is_member"]) == (True, False, True)
    assert refused(lambda: web.conversations_setTopic(channel=case, topic="x" * 251)) == "too_long"
    written = [message.get("subtype") for message in web.conversations_history(channel=case)["messages"]]
    assert written[:3] == ["channel_name", "channel_purpose", "channel_topic"]


def test_channels_are_listed_by_kind_and_by_pages(web: WebClient, case: str) -> None:
    for number in range(5):
        web.conversations_create(name=f"open-{number}")
    web.conversations_archive(channel=web.conversations_create(name="shut")["channel"]["id"])

    pages = web.conversations_list(limit=2, exclude_archived=True)
    assert [[one["name"] for one in page["channels"]] for page in pages] == [
        ["open-0", "open-1"],
        ["open-2", "open-3"],
        ["open-4"],
    ]
    mine = web.users_conversations(types="private_channel")["channels"]
    assert [one["id"] for one in mine] == [case]
    assert refused(lambda: web.conversations_list(types="secret")) == "invalid_types"
    assert refused(lambda: web.conversations_list(cursor="nonsense")) == "invalid_cursor"
    assert refused(lambda: web.conversations_list(limit=5000)) == "invalid_limit"


def test_direct_messages(sandbox: Sandbox, web: WebClient, ana: Person, ben: Person) -> None:
    gone = sandbox.person("gone", deactivated=True)

    dm = web.conversations_open(users=[ana.id])["channel"]["id"]
    assert web.conversations_open(users=[ana.id])["already_open"]
    assert web.chat_postMessage(channel=ana.id, text="by id")["channel"] == dm
    assert web.conversations_info(channel=dm)["channel"]["user"] == ana.id
    both = web.conversations_open(users=[ana.id, ben.id], return_im=True)["channel"]
    assert both["is_mpim"]
    assert refused(lambda: web.conversations_open(users=[gone.id])) == "user_disabled"
    assert refused(lambda: web.conversations_open(users=["U0NOBODY00"])) == "user_not_found"
    assert refused(lambda: web.conversations_open(users=[])) == "users_list_not_supplied"
    assert refused(lambda: web.conversations_archive(channel=dm)) == "method_not_supported_for_channel_type"


def test_a_person_who_is_deactivated_leaves_every_channel(web: WebClient, ana: Person, case: str) -> None:
    ana.deactivate()

    assert ana.id not in web.conversations_members(channel=case)["members"]
    assert web.users_info(user=ana.id)["user"]["deleted"] is True
    assert refused(lambda: web.users_lookupByEmail(email="ana@sandbox.example")) == "users_not_found"
    ana.reactivate()
    assert web.users_lookupByEmail(email="ANA@sandbox.example")["user"]["id"] == ana.id
