"""What waits is posted once, in order, and nothing is left behind."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.cases.models import Case
from app.notices.delivery import MOST, PostOffice
from app.notices.lease import Lease, LeaseLost
from app.notices.service import touch_card
from app.notices.timing import Rate
from tests.notices.conftest import QUICK, Practice, until


def topic_of(practice: Practice, case: Case) -> object:
    topic = practice.sandbox.channel_info(practice.channel(case).slack_id)["topic"]
    assert isinstance(topic, dict)
    return topic["value"]


def test_a_new_case_gets_its_channel_its_card_and_its_first_post(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    channel = practice.channel(case)
    facts = practice.sandbox.channel_info(channel.slack_id)
    assert channel.state == "open"
    assert facts["name"] == f"case-{case.code.lower()}"
    assert facts["is_private"] is True
    assert topic_of(practice, case) == f"Case {case.code} · no patient data here · http://127.0.0.1:8000"
    assert practice.said(case) == ["card", "opened"]
    pinned = practice.sandbox.pins(channel.slack_id)
    assert [message["ts"] for message in pinned] == [channel.card_ts]
    assert channel.absent == []
    team = {practice.world.staff[name].slack_user_id for name in ("ana", "bo", "cy", "lea", "max", "sam")}
    assert team <= set(facts["members"])  # type: ignore[call-overload]


def test_without_an_address_a_channel_s_topic_has_no_link(practice: Practice) -> None:
    case = practice.open()
    office = PostOffice(practice.world.store, practice.office.ports, QUICK)
    practice.deliver_all(case, office=office)
    assert topic_of(practice, case) == f"Case {case.code} · no patient data here"


def test_posts_keep_the_order_in_which_they_were_committed(practice: Practice) -> None:
    case = practice.open()
    ids = [practice.tell(case, f"post {number}") for number in range(20)]
    practice.deliver_all(case)
    assert [id_ for kind, id_ in practice.posts(case) if kind == "trouble"] == ids
    assert all(practice.state(id_) == "delivered" for id_ in ids)


def test_what_is_delivered_is_noted_with_its_place_and_the_program_s_own_time(practice: Practice) -> None:
    case = practice.open()
    id_ = practice.tell(case, "hello")
    practice.deliver_all(case)
    notice = practice.notice(id_)
    assert notice.delivered_at == practice.world.store.clock.now()
    assert notice.ts == practice.channel(case).last_ts
    assert (notice.attempts, notice.error, notice.not_before) == (1, None, None)


def test_a_second_call_finds_nothing_to_do_and_calls_nobody(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    before = len(practice.sandbox.ledger(kind="call"))
    round_ = practice.deliver(case)
    assert (round_.delivered, round_.again) == (0, None)
    assert len(practice.sandbox.ledger(kind="call")) == before


def test_a_long_line_gives_the_others_a_turn(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    for number in range(MOST + 1):
        practice.tell(case, f"post {number}")
    round_ = practice.deliver(case)
    assert (round_.delivered, round_.again) == (MOST, 0.0)
    practice.deliver_all(case)


def test_many_workers_at_one_channel_post_each_notice_once_and_in_order(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    ids = [practice.tell(case, f"post {number}") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda _: practice.deliver(case), range(32)))
    practice.deliver_all(case)
    assert sum(round_.delivered for round_ in rounds) == 40
    assert [id_ for kind, id_ in practice.posts(case) if kind == "trouble"] == ids


def test_a_hint_that_comes_while_a_worker_is_busy_is_not_lost(practice: Practice) -> None:
    """The worker looks once more after it gave the channel back, so the newcomer needs no sweep."""
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "slow:0.15", times=1)
    first = practice.tell(case, "first")
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(practice.deliver, case)
        until(lambda: practice.state(first) == "sending")
        second = practice.tell(case, "second")
        assert practice.deliver(case).delivered == 0
        assert busy.result().delivered == 2
    assert practice.state(second) == "delivered"


def test_a_message_that_slack_refuses_is_dead_with_its_reason_and_the_line_goes_on(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "error:restricted_action", times=1)
    bad, good = practice.tell(case, "bad"), practice.tell(case, "good")
    practice.deliver_all(case)
    assert practice.state(bad) == "dead"
    assert "restricted_action" in practice.notice(bad).error
    assert practice.state(good) == "delivered"


def test_the_lead_is_told_once_of_what_could_not_be_posted(practice: Practice) -> None:
    case = practice.open(lead_id=practice.world.staff["lea"].id)
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "error:restricted_action", times=1)
    practice.tell_task(case, "bad")
    practice.deliver_all(case)
    lead = practice.row("SELECT * FROM channels WHERE staff_id = :id", id=practice.world.staff["lea"].id)
    assert practice.office.deliver(lead.id).delivered == 1
    direct = practice.row("SELECT slack_id FROM channels WHERE id = :id", id=lead.id).slack_id
    messages = practice.sandbox.messages(direct)
    assert len(messages) == 1
    assert case.code in str(messages[0]["text"])
    assert "restricted_action" in str(messages[0]["text"])


def test_a_notice_that_cannot_be_drawn_is_dead_and_never_sent(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    before = len(practice.calls("chat.postMessage"))
    bad = practice.tell(case, "bad")
    practice.do("UPDATE notices SET payload = '{}' WHERE id = CAST(:id AS uuid)", id=bad)
    practice.deliver_all(case)
    assert practice.state(bad) == "dead"
    assert "cannot be drawn" in practice.notice(bad).error
    assert len(practice.calls("chat.postMessage")) == before


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive", "missing_scope"])
def test_a_broken_installation_holds_notices_instead_of_giving_them_up(practice: Practice, code: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", f"error:{code}", times=2)
    id_ = practice.tell(case, "hello")
    round_ = practice.deliver(case)
    assert round_.again is not None
    notice = practice.notice(id_)
    assert notice.state == "held"
    assert code in notice.error
    practice.deliver_all(case)
    assert practice.times_posted(id_) == 1


def test_a_person_s_direct_messages_are_opened_on_first_use(practice: Practice) -> None:
    from app.notices.service import tell_person

    with practice.world.store.change() as uow:
        payload = {"code": "K7Q4", "zone": "America/New_York", "problems": ["look at this"]}
        tell_person(uow, practice.world.staff["ana"].id, "trouble", "direct", payload)
    channel = practice.row("SELECT * FROM channels WHERE staff_id = :id", id=practice.world.staff["ana"].id)
    assert practice.office.deliver(channel.id).delivered == 1
    assert practice.row("SELECT state FROM channels WHERE id = :id", id=channel.id).state == "open"


def test_somebody_who_left_slack_gets_no_direct_messages_and_the_notice_says_so(practice: Practice) -> None:
    from app.notices.service import tell_person

    person = practice.world.staff["ana"]
    practice.sandbox.person("ana").deactivate()
    with practice.world.store.change() as uow:
        payload = {"code": "K7Q4", "zone": "America/New_York", "problems": ["look at this"]}
        id_ = tell_person(uow, person.id, "trouble", "direct", payload)
    channel = practice.row("SELECT * FROM channels WHERE staff_id = :id", id=person.id)
    assert practice.office.deliver(channel.id).delivered == 0
    assert practice.state(str(id_)) == "dead"
    assert "user_disabled" in practice.notice(str(id_)).error


@pytest.mark.parametrize(("team", "says"), [(None, "bound to no Slack workspace"), ("T0THEIRS", "T0THEIRS")])
def test_a_practice_s_posts_wait_rather_than_reach_another_workspace(
    practice: Practice, team: str | None, says: str
) -> None:
    case = practice.open()
    with practice.engine.begin() as connection:
        connection.execute(text("UPDATE programs SET slack_team_id = :team"), {"team": team})

    assert practice.deliver(case).delivered == 0

    (held,) = practice.rows("SELECT state, error FROM notices WHERE kind = 'opened' OR state = 'held' LIMIT 1")
    assert practice.channel(case).slack_id is None, "not even its channel is made there"
    assert practice.rows("SELECT 1 FROM notices WHERE error LIKE :says", says=f"%{says}%"), held


def test_a_letter_that_breaks_the_drawing_is_given_up_and_the_line_goes_on(
    practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    case = practice.open()
    practice.deliver_all(case)
    bad = practice.tell_task(case, "bad")
    with practice.engine.begin() as connection:
        connection.execute(
            text("UPDATE notices SET payload = jsonb_set(payload, '{tasks,0,deadline}', :at) WHERE id = :id"),
            {"at": '"0001-01-01T00:00:00+00:00"', "id": bad},
        )
    good = practice.tell(case, "good")

    practice.deliver_all(case)

    assert practice.state(bad) == "dead"
    assert "cannot be drawn" in practice.notice(bad).error
    assert practice.state(good) == "delivered"


def test_what_could_not_be_posted_is_told_to_a_lead_who_is_there(practice: Practice) -> None:
    gone, lead = practice.world.staff["lea"].id, practice.world.staff["max"].id
    case = practice.open(lead_id=gone)
    practice.deliver_all(case)
    with practice.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = false WHERE id = :id"), {"id": gone})
    practice.sandbox.fault("chat.postMessage", "error:invalid_blocks", times=1)
    practice.tell_task(case, "bad")

    practice.deliver_all(case)

    told = practice.row("SELECT h.staff_id FROM notices n JOIN channels h ON h.id = n.channel_id WHERE h.staff_id > 0")
    assert told.staff_id == lead


def test_a_429_empties_the_lane_that_it_was_about(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    paced = PostOffice(
        practice.world.store, practice.office.ports, replace(QUICK, lanes={"edit": Rate(1, 5), "post": Rate(1, 5)})
    )
    practice.sandbox.fault("chat.update", "ratelimit:1", times=1)
    with practice.world.store.change() as uow:
        touch_card(uow, case.id)

    practice.deliver(case, office=paced)

    used = {
        row.lane: row.ahead
        for row in practice.rows("SELECT lane, extract(epoch FROM used_to - clock_timestamp()) AS ahead FROM paces")
    }
    assert used["edit"] > 3
    assert used.get("post", 0) < 3


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="the machine has no clock that counts its sleep")
def test_a_worker_whose_machine_was_asleep_sends_nothing_more(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease ran out by the database's clock meanwhile, and another worker may have the channel."""
    case = practice.open()
    read, asleep = time.clock_gettime, 0.0
    monkeypatch.setattr(time, "clock_gettime", lambda clock: read(clock) + asleep * (clock == time.CLOCK_BOOTTIME))
    lease = Lease.take(practice.engine, practice.channel(case).id, QUICK)
    assert lease is not None
    lease.check()
    asleep = QUICK.act_within + 1
    with pytest.raises(LeaseLost):
        lease.check()
    with practice.engine.begin() as connection:
        lease.renew(connection)
    lease.check()
