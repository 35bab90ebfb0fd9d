"""The card: one message, always showing the last state, however many changes there were."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.cases.dates import set_date
from app.kernel.due import Moment
from app.notices.service import touch_card
from tests.notices.conftest import Practice, until


def touch(practice: Practice, case_id: int) -> None:
    with practice.world.store.change() as uow:
        touch_card(uow, case_id)


def test_many_changes_make_one_edit(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    before = len(practice.calls("chat.update"))
    for _ in range(25):
        touch(practice, case.id)
    practice.deliver_all(case)
    assert len(practice.calls("chat.update")) == before + 1


def test_edits_keep_their_distance_and_the_last_state_is_shown_in_the_end(practice: Practice) -> None:
    case = practice.open()
    office = practice.rested(card_gap=0.8)
    practice.deliver_all(case, office=office)
    before = len(practice.calls("chat.update"))
    touch(practice, case.id)
    round_ = practice.deliver(case, office=office)
    assert round_.again is not None
    assert 0 < round_.again <= 0.8
    assert len(practice.calls("chat.update")) == before
    practice.deliver_all(case, office=office)
    assert len(practice.calls("chat.update")) == before + 1


def test_posts_do_not_wait_for_a_card_that_keeps_its_distance(practice: Practice) -> None:
    case = practice.open()
    office = practice.rested(card_gap=60.0)
    practice.deliver(case, office=office)
    touch(practice, case.id)
    id_ = practice.tell(case, "hello")
    practice.deliver(case, office=office)
    assert practice.state(id_) == "delivered"


def test_a_change_that_commits_while_the_card_is_drawn_asks_for_another(practice: Practice) -> None:
    """The edit is slow; what changed meanwhile is on the card after the next one."""
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.update", "slow:0.25", times=1)
    touch(practice, case.id)
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(practice.deliver, case)
        until(lambda: practice.rows("SELECT 1 FROM notices WHERE kind = 'card' AND state = 'sending'"))
        with practice.world.store.change() as uow:
            day = practice.world.store.clock.now().date().replace(year=2027)
            set_date(uow, practice.world.actor("lea"), case.id, "board", Moment.of_day(day))
        busy.result()
    practice.deliver_all(case)
    channel = practice.channel(case)
    card = next(m for m in practice.sandbox.messages(channel.slack_id) if m["ts"] == channel.card_ts)
    assert "2027" in str(card["text"])


def test_a_card_that_somebody_deleted_is_posted_and_pinned_anew(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    old = practice.channel(case).card_ts
    practice.port.call("chat.delete", channel=practice.channel(case).slack_id, ts=old)
    touch(practice, case.id)
    practice.deliver_all(case)
    channel = practice.channel(case)
    assert channel.card_ts != old
    assert practice.said(case).count("card") == 1
    assert [message["ts"] for message in practice.sandbox.pins(channel.slack_id)] == [channel.card_ts]


def test_a_card_that_cannot_be_pinned_is_shown_all_the_same(practice: Practice) -> None:
    case = practice.open()
    practice.sandbox.fault("pins.add", "error:too_many_pins")
    practice.deliver_all(case)
    assert practice.said(case) == ["card", "opened"]
    card = practice.row("SELECT * FROM notices WHERE kind = 'card' ORDER BY seq LIMIT 1")
    assert "too_many_pins" in card.error
    assert card.state == "delivered"


def test_a_worker_that_died_between_posting_and_pinning_leaves_a_pin_for_the_next(practice: Practice) -> None:
    case = practice.open()
    practice.sandbox.fault("pins.add", "reset", times=1)
    practice.deliver(case)
    practice.deliver_all(case)
    channel = practice.channel(case)
    assert [message["ts"] for message in practice.sandbox.pins(channel.slack_id)] == [channel.card_ts]
    assert practice.said(case).count("card") == 1


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_an_edit_left_by_a_dead_worker_is_done_again_without_looking(practice: Practice, state: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    looks = len(practice.calls("conversations.history"))
    touch(practice, case.id)
    practice.do(f"UPDATE notices SET state = '{state}' WHERE kind = 'card' AND state = 'pending'")
    practice.deliver_all(case)
    assert len(practice.calls("conversations.history")) == looks
    assert practice.said(case).count("card") == 1


def test_older_edits_are_settled_by_the_newest(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    touch(practice, case.id)
    practice.do("UPDATE notices SET state = 'held', error = 'x' WHERE kind = 'card' AND state = 'pending'")
    touch(practice, case.id)
    before = len(practice.calls("chat.update"))
    practice.deliver_all(case)
    assert len(practice.calls("chat.update")) == before + 1
    assert practice.rows("SELECT 1 FROM notices WHERE kind = 'card' AND state <> 'delivered'") == []


def test_while_a_post_may_or_may_not_be_there_no_card_is_posted_in_front_of_the_search(practice: Practice) -> None:
    """What is looked for is newer than our last post, so nothing new is posted until it is found or not."""
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "slow:0.6", times=1)
    first = practice.tell(case, "first")
    practice.deliver(case, office=practice.impatient())
    assert practice.state(first) == "unknown"
    practice.do("UPDATE channels SET card_ts = NULL WHERE case_id = :id", id=case.id)
    touch(practice, case.id)
    practice.deliver_all(case)
    assert practice.times_posted(first) == 1
