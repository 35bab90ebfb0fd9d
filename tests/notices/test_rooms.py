"""The channel of a case: made once, mended when somebody broke it, archived at the end."""

import pytest

from app.cases.reopening import reopen_case
from app.cases.service import close_case
from app.notices.rooms import MOST_NAMES, names
from tests.notices.conftest import Practice


def texts(practice: Practice, channel: str) -> str:
    return "\n".join(str(message["text"]) for message in practice.sandbox.messages(channel))


def case_channels(practice: Practice) -> list[str]:
    return [str(found["name"]) for found in practice.sandbox.channels() if str(found["name"]).startswith("case-")]


def test_a_name_that_somebody_else_took_gets_a_number(practice: Practice) -> None:
    case = practice.open()
    practice.sandbox.channel(f"case-{case.code.lower()}", private=True, creator=practice.sandbox.person("zoe").id)
    practice.deliver_all(case)
    assert practice.channel(case).name == f"case-{case.code.lower()}-2"


def test_when_every_name_is_taken_the_case_waits_and_says_why(practice: Practice) -> None:
    case = practice.open()
    zoe = practice.sandbox.person("zoe").id
    for name in names(case.code):
        practice.sandbox.channel(name, private=True, creator=zoe)
    assert practice.deliver(case).again is not None
    held = practice.rows("SELECT error FROM notices WHERE state = 'held'")
    assert any(f"All {MOST_NAMES} channel names" in row.error for row in held)


def test_a_channel_whose_making_got_no_answer_is_found_and_used(practice: Practice) -> None:
    case = practice.open()
    practice.sandbox.fault("conversations.create", "reset_after", times=1)
    practice.deliver_all(case)
    assert case_channels(practice) == [f"case-{case.code.lower()}"]


def test_a_channel_of_another_case_is_never_taken_for_ours(practice: Practice) -> None:
    """The app made it, it is open and has our name, but another case lives there."""
    first = practice.open()
    practice.deliver_all(first)
    second = practice.open()
    practice.sandbox.person("ana").rename(practice.channel(first).slack_id, f"case-{second.code.lower()}")
    practice.deliver_all(second)
    assert practice.channel(second).slack_id != practice.channel(first).slack_id
    assert practice.channel(second).name == f"case-{second.code.lower()}-2"


def test_a_renamed_channel_keeps_its_name_and_its_posts(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    address = practice.channel(case).slack_id
    practice.sandbox.person("ana").rename(address, "our-favourite")
    practice.tell(case, "hello")
    practice.deliver_all(case)
    assert practice.channel(case).slack_id == address
    assert practice.sandbox.channel_info(address)["name"] == "our-favourite"
    assert "hello" in texts(practice, address)


def test_an_archived_channel_is_brought_back_where_slack_lets_us(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    address = practice.channel(case).slack_id
    practice.sandbox.person("ana").archive(address)
    id_ = practice.tell(case, "hello")
    practice.deliver_all(case)
    assert practice.channel(case).slack_id == address
    assert practice.sandbox.channel_info(address)["is_archived"] is False
    assert practice.times_posted(id_) == 1


def test_an_archived_channel_that_cannot_be_brought_back_is_replaced_and_says_so(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    old = practice.channel(case).slack_id
    practice.sandbox.person("ana").archive(old)
    practice.sandbox.fault("conversations.unarchive", "error:channel_not_found")
    id_ = practice.tell(case, "hello")
    practice.deliver_all(case)
    new = practice.channel(case)
    assert new.slack_id != old
    assert new.name == f"case-{case.code.lower()}-2"
    assert "was archived and could not be brought back" in texts(practice, new.slack_id)
    assert practice.times_posted(id_) == 1
    assert [message["ts"] for message in practice.sandbox.pins(new.slack_id)] == [new.card_ts]


@pytest.mark.parametrize("how", ["deleted", "removed"])
def test_a_channel_that_is_gone_is_replaced_with_its_card_and_nothing_is_lost(practice: Practice, how: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    old = practice.channel(case).slack_id
    if how == "deleted":
        practice.sandbox.person("ana").delete(old)
    else:
        bot = str(practice.sandbox.status()["bot_user"])
        practice.sandbox.ask("channel.leave", channel=old, user=bot, by=practice.sandbox.person("ana").id)
    ids = [practice.tell(case, "first"), practice.tell(case, "second")]
    practice.deliver_all(case)
    new = practice.channel(case)
    assert new.slack_id != old
    assert [practice.times_posted(id_) for id_ in ids] == [1, 1]
    assert practice.said(case)[0] == "card"
    assert "so the case goes on in this one" in texts(practice, new.slack_id)


def test_a_channel_that_an_event_marked_as_lost_is_mended_before_anything_is_posted(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.person("ana").delete(practice.channel(case).slack_id)
    practice.do("UPDATE channels SET state = 'lost' WHERE case_id = :id", id=case.id)
    before = len(practice.calls("chat.postMessage"))
    id_ = practice.tell(case, "hello")
    practice.deliver_all(case)
    assert practice.times_posted(id_) == 1
    assert all(call["answer"]["ok"] for call in practice.calls("chat.postMessage")[before:])


def test_who_cannot_be_invited_is_named_on_the_card_and_the_others_come(practice: Practice) -> None:
    practice.sandbox.person("bo").deactivate()
    practice.do("UPDATE staff SET slack_user_id = 'U0NOBODY01' WHERE name = 'Cy'")
    case = practice.open()
    practice.deliver_all(case)
    channel = practice.channel(case)
    assert sorted(each["name"] for each in channel.absent) == ["Bo", "Cy"]
    members = practice.sandbox.channel_info(channel.slack_id)["members"]
    assert practice.world.staff["ana"].slack_user_id in members  # type: ignore[operator]
    assert practice.world.staff["bo"].slack_user_id not in members  # type: ignore[operator]
    card = next(m for m in practice.sandbox.messages(channel.slack_id) if m["ts"] == channel.card_ts)
    assert "Not in this channel" in str(card["text"])
    assert "Bo (cannot be invited)" in str(card["text"])
    assert "Cy (not in the workspace)" in str(card["text"])


def test_staff_who_left_are_not_invited_at_all(practice: Practice) -> None:
    practice.do("UPDATE staff SET active = false WHERE name = 'Bo'")
    case = practice.open()
    practice.deliver_all(case)
    assert practice.channel(case).absent == []
    assert practice.world.staff["bo"].slack_user_id not in str(practice.calls("conversations.invite"))


def test_a_closed_case_gets_its_last_card_its_last_post_and_its_channel_archived(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    office = practice.rested(card_gap=60.0)
    with practice.world.store.change() as uow:
        close_case(uow, practice.world.actor("lea"), case.id, "moved to another centre")
    practice.deliver_all(case, office=office)
    channel = practice.channel(case)
    assert channel.state == "archived"
    assert practice.sandbox.channel_info(channel.slack_id)["is_archived"] is True
    assert practice.said(case) == ["card", "opened", "closed"]
    card = next(m for m in practice.sandbox.messages(channel.slack_id) if m["ts"] == channel.card_ts)
    assert "closed" in str(card["text"])


@pytest.mark.parametrize("fault", ["reset", "reset_after", "http_503", "ratelimit:1"])
def test_archiving_that_meets_a_fault_is_done_again_and_the_last_post_is_not(practice: Practice, fault: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("conversations.archive", fault, times=1)
    with practice.world.store.change() as uow:
        close_case(uow, practice.world.actor("lea"), case.id, "moved to another centre")
    practice.deliver_all(case)
    assert practice.said(case).count("closed") == 1
    assert practice.channel(case).state == "archived"


def test_what_comes_after_the_close_stays_out_of_slack_and_says_why(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    with practice.world.store.change() as uow:
        close_case(uow, practice.world.actor("lea"), case.id, "moved to another centre")
    practice.deliver_all(case)
    late = practice.tell(case, "late")
    calls = len(practice.sandbox.ledger(kind="call"))
    practice.deliver_all(case)
    assert practice.state(late) == "dead"
    assert "closed" in practice.notice(late).error
    assert len(practice.sandbox.ledger(kind="call")) == calls


def test_a_channel_that_is_lost_again_and_again_is_left_alone_for_a_while(practice: Practice) -> None:
    case = practice.open()
    practice.sandbox.fault("conversations.setTopic", "error:channel_not_found")
    round_ = practice.deliver(case)
    assert round_.again is not None
    assert len(case_channels(practice)) <= 5
    practice.sandbox.clear_faults()
    practice.deliver_all(case)
    assert "opened" in practice.said(case)


@pytest.mark.parametrize("told", [True, False], ids=["after it was archived", "before anybody heard of it"])
@pytest.mark.parametrize("fault", [None, "error:not_in_channel"], ids=["brought back", "replaced"])
def test_a_case_that_is_opened_again_goes_on_in_its_channel_or_in_a_new_one(
    practice: Practice, told: bool, fault: str | None
) -> None:
    case = practice.open()
    practice.deliver_all(case)
    before = practice.channel(case).slack_id
    with practice.world.store.change() as uow:
        close_case(uow, practice.world.actor("lea"), case.id, "moved to another centre")
    if told:
        practice.deliver_all(case)
    if fault is not None:
        practice.sandbox.fault("conversations.unarchive", fault)
    with practice.world.store.change() as uow:
        reopen_case(uow, practice.world.actor("lea"), case.id)
    practice.deliver_all(case)
    channel = practice.channel(case)
    assert (channel.state, channel.slack_id == before) == ("open", fault is None)
    assert practice.sandbox.channel_info(channel.slack_id)["is_archived"] is False
    assert f"Case {case.code} is open again" in texts(practice, channel.slack_id)
    card = next(m for m in practice.sandbox.messages(channel.slack_id) if m["ts"] == channel.card_ts)
    assert "closed" not in str(card["text"])
