"""Every way in which Slack can fail: nothing lost, nothing doubled, nothing invented, the order kept."""

import pytest

from app.cases.models import Case
from app.notices.delivery import PostOffice
from app.notices.port import Message
from app.notices.service import touch_card
from app.slack.connections import Connections
from app.slack.gateway import Gateway
from app.slack.port import SlackPort
from tests.notices.conftest import CALL_TIMEOUT, QUICK, Practice, pause, until

FAULTS = [
    ("ratelimit:1", "Slack says when to come again; nothing was applied"),
    ("reset", "the connection breaks before it is applied"),
    ("reset_after", "applied, and the connection breaks before the answer"),
    ("http_503", "an unavailable server before it is applied"),
    ("http_503_after", "applied, and an unavailable server for an answer"),
    ("hang", "no answer in time, not applied"),
    ("hang_after", "applied, and no answer in time"),
    ("slow:0.8", "applied and answered after the client has gone"),
    ("error:internal_error", "an error that does not say whether it was applied; it was not"),
    ("error_after:internal_error", "an error that does not say whether it was applied; it was"),
]


def office_for(practice: Practice, fault: str) -> PostOffice:
    """The usual office, or one that does not wait long for an answer that will not come."""
    return practice.impatient() if fault.startswith(("hang", "slow")) else practice.office


def settled(practice: Practice, case: Case, ids: list[str], office: PostOffice | None = None) -> None:
    """Everything was posted once and in order, and nothing else was."""
    practice.deliver_all(case, office=office)
    assert [id_ for kind, id_ in practice.posts(case) if kind == "trouble"] == ids
    assert [practice.times_posted(id_) for id_ in ids] == [1] * len(ids)
    assert [practice.state(id_) for id_ in ids] == ["delivered"] * len(ids)
    known = {str(row.id) for row in practice.rows("SELECT id FROM notices")}
    assert {id_ for _, id_ in practice.posts(case)} <= known


@pytest.mark.parametrize(("fault", "why"), FAULTS, ids=[fault for fault, _ in FAULTS])
def test_a_post_that_meets_a_fault_is_there_once_and_in_its_place(practice: Practice, fault: str, why: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    ids = [practice.tell(case, "first")]
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", fault, times=1)
    ids += [practice.tell(case, "second"), practice.tell(case, "third")]
    settled(practice, case, ids, office_for(practice, fault))


@pytest.mark.parametrize(("fault", "why"), FAULTS, ids=[fault for fault, _ in FAULTS])
def test_the_first_card_that_meets_a_fault_is_there_once_and_pinned(practice: Practice, fault: str, why: str) -> None:
    case = practice.open()
    practice.sandbox.fault("chat.postMessage", fault, times=1)
    practice.deliver_all(case, office=office_for(practice, fault))
    channel = practice.channel(case)
    assert practice.said(case).count("card") == 1
    assert practice.said(case)[0] == "card"
    assert [message["ts"] for message in practice.sandbox.pins(channel.slack_id)] == [channel.card_ts]


@pytest.mark.parametrize(
    "method", ["conversations.create", "conversations.setTopic", "conversations.invite", "pins.add"]
)
@pytest.mark.parametrize("fault", ["ratelimit:1", "reset", "reset_after"])
def test_making_a_channel_that_meets_a_fault_makes_one_channel(practice: Practice, method: str, fault: str) -> None:
    case = practice.open()
    practice.sandbox.fault(method, fault, times=1)
    practice.deliver_all(case)
    named = [channel for channel in practice.sandbox.channels() if str(channel["name"]).startswith("case-")]
    assert len(named) == 1
    assert practice.channel(case).slack_id == named[0]["id"]
    assert practice.said(case) == ["card", "opened"]
    assert len(practice.sandbox.pins(str(named[0]["id"]))) == 1


@pytest.mark.parametrize("fault", ["reset", "reset_after", "hang", "ratelimit:1"])
def test_an_edit_of_the_card_that_meets_a_fault_is_simply_done_again(practice: Practice, fault: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    edits = len(practice.calls("chat.update"))
    practice.sandbox.fault("chat.update", fault, times=1)
    with practice.world.store.change() as uow:
        touch_card(uow, case.id)
    practice.deliver_all(case, office=office_for(practice, fault))
    assert len(practice.calls("chat.update")) == edits + 2
    assert practice.calls("chat.update")[-1]["applied"] is True
    assert practice.said(case) == ["card", "opened"]


def test_a_look_that_fails_teaches_nothing_and_is_repeated(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "reset_after", times=1)
    practice.sandbox.fault("conversations.history", "http_503", times=2)
    ids = [practice.tell(case, "first"), practice.tell(case, "second")]
    practice.deliver(case)
    assert practice.state(ids[0]) == "unknown"
    settled(practice, case, ids)


@pytest.mark.parametrize("fault", ["reset_after", "http_503_after", "error_after:internal_error"])
def test_a_history_that_lags_behind_makes_no_second_post(practice: Practice, fault: str) -> None:
    """The post was applied, and the first look does not see it yet."""
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.configure(history_lag=QUICK.settle / 2)
    practice.sandbox.fault("chat.postMessage", fault, times=1)
    ids = [practice.tell(case, "first"), practice.tell(case, "second")]
    practice.deliver(case)
    assert practice.state(ids[0]) == "unknown"
    settled(practice, case, ids)


def test_what_was_not_found_is_not_sent_again_before_the_pause_is_over(practice: Practice) -> None:
    """A call that Slack applies late, after the first look found nothing, would otherwise make a second post."""
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "reset", times=1)
    id_ = practice.tell(case, "hello")
    round_ = practice.deliver(case)
    assert practice.state(id_) == "unknown"
    assert round_.again is not None
    assert round_.again > CALL_TIMEOUT
    posts = len(practice.calls("chat.postMessage"))
    for _ in range(3):
        practice.deliver(case)
    assert len(practice.calls("chat.postMessage")) == posts
    pause(round_.again)
    settled(practice, case, [id_])


def test_nothing_overtakes_a_post_of_which_nobody_knows(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "reset", times=1)
    ids = [practice.tell(case, "first"), practice.tell(case, "second")]
    practice.deliver(case)
    practice.deliver(case)
    assert [practice.state(id_) for id_ in ids] == ["unknown", "pending"]
    settled(practice, case, ids)


def test_a_429_holds_the_whole_channel_for_as_long_as_slack_says(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "ratelimit:2", times=1)
    id_ = practice.tell(case, "hello")
    round_ = practice.deliver(case)
    assert round_.again is not None
    assert 2.0 <= round_.again <= 2.5
    assert practice.state(id_) == "held"
    calls = len(practice.sandbox.ledger(kind="call"))
    waiting = practice.deliver(case)
    assert waiting.again is not None
    assert waiting.again > 1.0
    assert len(practice.sandbox.ledger(kind="call")) == calls
    settled(practice, case, [id_])


def test_slack_that_cannot_be_reached_is_tried_again_ever_more_slowly(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    dead = SlackPort("xoxb-sandbox", "http://127.0.0.1:9/api/", timeout=CALL_TIMEOUT)
    nowhere = PostOffice(practice.world.store, Connections(practice.world.store, dead), QUICK)
    id_ = practice.tell(case, "hello")
    waits = []
    for _ in range(4):
        again = practice.deliver(case, office=nowhere).again
        assert again is not None
        waits.append(again)
        pause(again)
    assert practice.state(id_) == "held"
    assert "no connection" in practice.notice(id_).error
    assert waits[-1] > waits[0]
    assert max(waits) <= QUICK.retry_most
    settled(practice, case, [id_])


def test_a_worker_that_died_after_sending_left_a_post_that_is_found(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    id_ = practice.tell(case, "hello")
    died(practice, case, id_, sent=True)
    assert practice.deliver(case).delivered == 1
    settled(practice, case, [id_])


def test_a_worker_that_died_before_sending_left_a_post_that_is_sent_after_the_pause(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    id_ = practice.tell(case, "hello")
    died(practice, case, id_, sent=False)
    assert practice.deliver(case).delivered == 0
    assert practice.state(id_) == "unknown"
    settled(practice, case, [id_])


def test_a_channel_of_a_worker_that_died_is_free_when_its_lease_is_over(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    id_ = practice.tell(case, "hello")
    practice.do(
        "UPDATE channels SET lease = gen_random_uuid(), lease_until = clock_timestamp() + interval '0.5 s'"
        " WHERE case_id = :id",
        id=case.id,
    )
    assert practice.deliver(case).delivered == 0
    until(lambda: practice.deliver(case).delivered == 1)
    assert practice.times_posted(id_) == 1


def test_a_worker_that_lost_its_lease_stops_and_notes_only_facts(practice: Practice) -> None:
    """It was stopped while it posted; another took the channel over. What it posted stays its fact."""
    case = practice.open()
    practice.deliver_all(case)
    first, second = practice.tell(case, "first"), practice.tell(case, "second")
    port = _Stolen(practice)
    office = PostOffice(practice.world.store, Connections(practice.world.store, port), QUICK)
    assert practice.deliver(case, office=office).again is None
    assert practice.state(first) == "delivered"
    assert practice.state(second) == "pending"
    practice.do("UPDATE channels SET lease = NULL, lease_until = NULL")
    settled(practice, case, [first, second])


class _Stolen(SlackPort):
    """Slack as it is, but somebody takes the lease while a post is under way."""

    def __init__(self, practice: Practice) -> None:
        super().__init__(practice.sandbox.bot_token, practice.sandbox.api_url, timeout=CALL_TIMEOUT)
        self._practice = practice

    def post(self, *given: object, **named: object) -> str:
        ts = Gateway.post(self, *given, **named)  # type: ignore[arg-type]
        self._practice.do(
            "UPDATE channels SET lease = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute'"
            " WHERE lease IS NOT NULL"
        )
        return ts


def died(practice: Practice, case: Case, id_: str, *, sent: bool) -> None:
    """Leave a notice as a worker leaves it that is killed in the middle of sending it."""
    practice.do(
        "UPDATE notices SET state = 'sending', sent_at = clock_timestamp() WHERE id = CAST(:id AS uuid)", id=id_
    )
    practice.do(
        "UPDATE channels SET lease = gen_random_uuid(), lease_until = clock_timestamp() - interval '1 s'"
        " WHERE case_id = :id",
        id=case.id,
    )
    if sent:
        practice.port.post(practice.channel(case).slack_id, Message("hello"), {"id": id_, "kind": "trouble", "n": 0})
