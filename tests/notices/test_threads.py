"""The details of a track: one message in the card's thread, from when somebody asks for it, edited with the card."""

from datetime import date
from typing import Any

import pytest

from app.cases.components import add_component, withdraw_component
from app.cases.models import Case
from app.cases.refusals import CaseClosed, NoCard, UnknownChecklist
from app.cases.service import close_case
from app.cases.threads import show_details
from app.checklists.vocabulary import ComponentKind
from app.demo.counts import compare, of_database, of_ledger
from app.kernel.due import Moment
from app.tasks import service as tasks
from tests.notices.conftest import Practice

BOARD = {"board": Moment.of_day(date(2026, 11, 12))}


def track_of(practice: Practice, case: Case) -> int:
    return int(practice.row("SELECT id FROM tracks WHERE case_id = :id ORDER BY id LIMIT 1", id=case.id)[0])


def ask(practice: Practice, case: Case, track: int | None = None) -> str:
    with practice.world.store.change() as uow:
        return show_details(uow, practice.world.actor("ana"), track or track_of(practice, case))


def claim(practice: Practice, case: Case, no: int) -> None:
    found = practice.row("SELECT id FROM tasks WHERE case_id = :id AND no = :no", id=case.id, no=no)
    with practice.world.store.change() as uow:
        tasks.claim(uow, practice.world.actor("ana"), found.id)


def thread(practice: Practice, case: Case) -> list[Any]:
    """What the app says below the card."""
    channel = practice.channel(case)
    replies = practice.port.call("conversations.replies", channel=channel.slack_id, ts=channel.card_ts)
    messages: list[Any] = replies["messages"]  # type: ignore[assignment]
    return messages[1:]


@pytest.fixture
def case(practice: Practice) -> Case:
    opened = practice.open(key_dates=BOARD)
    practice.deliver_all(opened)
    return opened


def test_a_thread_is_empty_until_somebody_asks(practice: Practice, case: Case) -> None:
    claim(practice, case, 1)
    practice.deliver_all(case)
    assert thread(practice, case) == []
    assert "come into the thread" in ask(practice, case)
    practice.deliver_all(case)
    [message] = thread(practice, case)
    assert "Packet — 0 of 5 done" in message["text"]
    assert "1 List the case" in message["text"]


def test_asking_twice_is_asking_once(practice: Practice, case: Case) -> None:
    ask(practice, case)
    practice.deliver_all(case)
    assert "already" in ask(practice, case)
    practice.deliver_all(case)
    assert len(thread(practice, case)) == 1


def test_it_is_edited_with_the_card_and_only_where_it_would_look_otherwise(practice: Practice, case: Case) -> None:
    ask(practice, case)
    practice.deliver_all(case)
    claim(practice, case, 1)
    practice.deliver_all(case)
    [message] = thread(practice, case)
    assert "— with Ana" in message["text"]
    before = len(practice.calls("chat.update"))
    with practice.world.store.change() as uow:  # changes the card alone
        add_component(uow, practice.world.actor("lea"), case.id, ComponentKind.PLATE)
    practice.deliver_all(case)
    assert len(practice.calls("chat.update")) == before + 1


def test_it_costs_no_row_of_the_outbox_and_no_post(practice: Practice, case: Case) -> None:
    ask(practice, case)
    practice.deliver_all(case)
    before = practice.row("SELECT count(*) FROM notices WHERE kind <> 'card'")[0]
    claim(practice, case, 1)
    practice.deliver_all(case)
    assert practice.row("SELECT count(*) FROM notices WHERE kind <> 'card'")[0] == before
    ledger = of_ledger(practice.sandbox.ledger(), "America/New_York")
    assert ledger.counts.posts == of_database(practice.engine).posts == 1  # that the case is open
    truth = compare(practice.engine, ledger)
    assert (truth.lost, truth.doubled, truth.invented, truth.misplaced) == (0, 0, 0, 0)


def test_a_message_that_somebody_deleted_comes_again_when_it_is_asked_for(practice: Practice, case: Case) -> None:
    ask(practice, case)
    practice.deliver_all(case)
    [message] = thread(practice, case)
    practice.port.call("chat.delete", channel=practice.channel(case).slack_id, ts=message["ts"])
    claim(practice, case, 1)
    practice.deliver_all(case)
    assert "come into the thread" in ask(practice, case)
    practice.deliver_all(case)
    assert "— with Ana" in thread(practice, case)[-1]["text"]


def test_below_a_card_that_was_posted_anew_it_can_be_asked_for_anew(practice: Practice, case: Case) -> None:
    ask(practice, case)
    practice.deliver_all(case)
    channel = practice.channel(case)
    practice.port.call("chat.delete", channel=channel.slack_id, ts=channel.card_ts)
    claim(practice, case, 1)
    practice.deliver_all(case)
    assert practice.channel(case).card_ts != channel.card_ts
    ask(practice, case)
    practice.deliver_all(case)
    assert len(thread(practice, case)) == 1


@pytest.mark.parametrize("fault", ["ratelimit", "reset", "reset_after"])
def test_an_edit_that_fails_is_made_with_the_card_once_more(practice: Practice, case: Case, fault: str) -> None:
    ask(practice, case)
    practice.deliver_all(case)
    claim(practice, case, 1)
    practice.sandbox.fault("chat.update", fault, probability=0.5, seed=10, times=1)  # not the card's, the next
    practice.deliver_all(case)
    assert practice.sandbox.faults()[0]["fired"] == 1
    assert len(practice.calls("chat.update")) == 4, "card and details, and both once more"
    assert "— with Ana" in thread(practice, case)[0]["text"]


def test_a_message_that_was_lost_sight_of_is_found_and_shows_what_is_so_by_now(practice: Practice, case: Case) -> None:
    ask(practice, case)
    practice.sandbox.fault("chat.postMessage", "reset_after", times=1)
    practice.sandbox.fault("conversations.replies", "reset", times=1)
    practice.deliver(case)
    claim(practice, case, 1)
    practice.deliver_all(case)
    [message] = thread(practice, case)
    assert "— with Ana" in message["text"]


def test_a_component_that_was_taken_out_says_so_in_its_thread(practice: Practice, case: Case) -> None:
    with practice.world.store.change() as uow:
        number = add_component(uow, practice.world.actor("lea"), case.id, ComponentKind.PLATE).no
    practice.deliver_all(case)
    track = practice.row("SELECT id FROM tracks WHERE component_id IS NOT NULL ORDER BY id LIMIT 1")[0]
    ask(practice, case, track)
    practice.deliver_all(case)
    with practice.world.store.change() as uow:
        withdraw_component(uow, practice.world.actor("lea"), case.id, number, "another plan")
    practice.deliver_all(case)
    assert "taken out of the plan" in thread(practice, case)[0]["text"]
    with pytest.raises(UnknownChecklist):
        ask(practice, case, track)


def test_what_cannot_be_shown_is_refused(practice: Practice, case: Case) -> None:
    with pytest.raises(UnknownChecklist):
        ask(practice, case, 999_999)
    fresh = practice.open(key_dates=BOARD)
    with pytest.raises(NoCard):
        ask(practice, fresh)
    with practice.world.store.change() as uow:
        close_case(uow, practice.world.actor("lea"), case.id, "went elsewhere")
    with pytest.raises(CaseClosed):
        ask(practice, case)
