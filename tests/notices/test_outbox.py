"""What is not in Slack yet is listed, explained in words, and can be sent again."""

import pytest

from app.audit.service import verify
from app.notices import outbox
from app.notices.service import touch_card
from app.programs.actor import NotAllowed
from tests.notices.conftest import Practice
from tests.world import make_world


def explained(practice: Practice, id_: str) -> str:
    with practice.world.store.read() as uow:
        return outbox.explain(outbox.entry(uow.session, id_))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("state = 'pending'", "no worker and no scheduler is running"),
        ("state = 'pending', not_before = clock_timestamp() + interval '40 s'", "waits for its turn"),
        ("state = 'held', error = 'Slack asks to wait 40 s'", "Slack asks to wait 40 s"),
        ("state = 'held', error = 'x', not_before = clock_timestamp() + interval '40 s'", "Tried again in 40 s"),
        ("state = 'unknown', error = 'the connection broke'", "sent again only if it is not there"),
        ("state = 'sending'", "its worker died while sending it"),
        ("state = 'dead', error = 'Slack refused it (no_permission)'", "given up: Slack refused it (no_permission)"),
        ("state = 'delivered', delivered_at = '2026-11-02 15:30Z'", "it is in Slack since Mon 2 Nov 2026 3:30 PM UTC"),
    ],
)
def test_each_state_is_explained_with_what_happens_next(practice: Practice, change: str, words: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    id_ = practice.tell(case, "hello")
    practice.do(f"UPDATE notices SET {change} WHERE id = CAST(:id AS uuid)", id=id_)
    said = explained(practice, id_)
    assert said.startswith(f"trouble for {case.code}: ")
    assert words in said


def test_what_waits_behind_others_says_behind_how_many(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.tell(case, "first")
    practice.tell(case, "second")
    assert "behind 2 posts" in explained(practice, practice.tell(case, "third"))


def test_a_channel_that_is_not_there_yet_is_named_as_the_reason(practice: Practice) -> None:
    case = practice.open()
    opened = str(practice.row("SELECT id FROM notices WHERE kind = 'opened'").id)
    assert "its channel is made or mended first" in explained(practice, opened)
    assert case.code in explained(practice, opened)


def test_the_list_shows_what_is_open_and_dead_or_one_state(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    waits, died = practice.tell(case, "waits"), practice.tell(case, "died")
    practice.do("UPDATE notices SET state = 'dead', error = 'no' WHERE id = CAST(:id AS uuid)", id=died)
    with practice.world.store.read() as uow:
        program = practice.world.program.id
        assert [str(found.id) for found in outbox.listing(uow.session, program_id=program)] == [waits, died]
        assert [str(found.id) for found in outbox.listing(uow.session, state="dead")] == [died]
        assert len(outbox.listing(uow.session, state="delivered")) == 2
        assert outbox.listing(uow.session, program_id=program + 1) == []
        with pytest.raises(outbox.UnknownState, match="pending, sending"):
            outbox.listing(uow.session, state="lost")


def test_a_dead_notice_is_sent_again_in_its_place_and_the_record_says_who_asked(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("chat.postMessage", "error:restricted_action", times=1)
    id_ = practice.tell(case, "hello")
    practice.deliver_all(case)
    with practice.world.store.change() as uow:
        assert outbox.replay(uow, practice.world.actor("max"), id_).state == "pending"
    practice.deliver_all(case)
    assert practice.state(id_) == "delivered"
    assert practice.times_posted(id_) == 1
    entry = practice.row("SELECT * FROM audit_entries WHERE action = 'notice.replay'")
    assert (entry.object_id, entry.actor_id) == (id_, practice.world.staff["max"].id)
    with practice.world.store.read() as uow:
        assert verify(uow.session, practice.world.program.id).breaks == []


def test_only_what_is_dead_is_sent_again(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    id_ = practice.tell(case, "hello")
    with practice.world.store.change() as uow, pytest.raises(outbox.NotDead, match="is pending, not dead"):
        outbox.replay(uow, practice.world.actor("max"), id_)


def test_a_va_does_not_send_notices_again(practice: Practice) -> None:
    case = practice.open()
    id_ = practice.tell(case, "hello")
    with practice.world.store.change() as uow, pytest.raises(NotAllowed):
        outbox.replay(uow, practice.world.actor("ana"), id_)


@pytest.mark.parametrize("id_", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_notice_that_is_not_there_is_refused_with_where_to_look(practice: Practice, id_: str) -> None:
    with practice.world.store.read() as uow, pytest.raises(outbox.UnknownNotice, match="outbox list"):
        outbox.entry(uow.session, id_)


def test_notices_of_another_program_are_out_of_reach(practice: Practice) -> None:
    case = practice.open()
    id_ = practice.tell(case, "hello")
    practice.do("UPDATE notices SET state = 'dead', error = 'no' WHERE id = CAST(:id AS uuid)", id=id_)
    other = make_world(practice.world.store, team="T0ELSEWHERE", slug="elsewhere")
    with practice.world.store.change() as uow, pytest.raises(outbox.UnknownNotice):
        outbox.replay(uow, other.actor("max"), id_)
    assert practice.state(id_) == "dead"


def test_of_a_channel_s_dead_cards_the_newest_is_shown_again_unless_one_waits(practice: Practice) -> None:
    cases = [practice.open(), practice.open()]
    for case in cases:
        practice.deliver_all(case)
        practice.do("UPDATE notices SET state = 'dead', delivered_at = NULL, error = 'x' WHERE kind = 'card'")
        for _ in range(2):
            with practice.world.store.change() as uow:
                touch_card(uow, case.id)
            practice.do("UPDATE notices SET state = 'dead', error = 'x' WHERE kind = 'card'")
    with practice.world.store.change() as uow:
        touch_card(uow, cases[0].id)
    dead = practice.row("SELECT count(*) FROM notices WHERE state = 'dead'")[0]
    assert dead >= 6
    with practice.world.store.change() as uow:
        done = outbox.replay_all(uow, practice.world.actor("max"))
    assert (done.again, done.passed_over) == (1, dead - 1)
    newest = "SELECT state FROM notices WHERE kind = 'card' AND channel_id = :id ORDER BY seq DESC LIMIT 1"
    assert practice.row(newest, id=practice.channel(cases[1]).id).state == "pending"
    for case in cases:
        practice.deliver_all(case)


def test_only_those_who_may_replay_one_replay_all_and_only_their_own_practice_s(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    id_ = practice.tell(case, "hello")
    practice.do("UPDATE notices SET state = 'dead', error = 'x' WHERE id = CAST(:id AS uuid)", id=id_)
    other = make_world(practice.world.store, team="T0OTHER", slug="other")
    with practice.world.store.change() as uow, pytest.raises(NotAllowed):
        outbox.replay_all(uow, practice.world.actor("ana"))
    with practice.world.store.change() as uow:
        assert outbox.replay_all(uow, other.actor("max")) == outbox.Replayed(0, 0)
    assert practice.state(id_) == "dead"
