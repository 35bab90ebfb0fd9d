"""What reminds when: once before, once at the due time, one message a person, and nothing twice or never."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from sqlalchemy import text

from app.programs.models import Staff
from app.questions import service, sweep
from app.questions.sweep import NotTold, fire_due, push_back
from tests.questions.conftest import Desk, local


def test_a_question_reminds_once_before_and_once_when_it_is_due(desk: Desk) -> None:
    asked = desk.ask().question
    assert desk.until(local(3, 14, 59)) == 0
    assert desk.until(local(3, 15)) == 1
    assert desk.stages() == ["asked", "reminder"]
    assert desk.until(local(3, 16, 59)) == 0
    assert desk.until(local(3, 17)) == 1
    assert desk.until(local(30, 9)) == 0
    assert desk.stages() == ["asked", "reminder", "due"]
    assert desk.outcomes() == ["unanswered"], "whoever asked hears it at the due time, and not before"
    assert desk.question(asked.id).overdue_at == local(3, 17)
    assert desk.do(service.answer, "sam", asked.id, "yes").changed, "it can be answered late"
    assert desk.outcomes() == ["unanswered", "answered"]


def rests(desk: Desk, since: int, until: int) -> None:
    """Give Sam quiet hours, whole hours of New York."""
    with desk.world.store.change() as uow:
        person = uow.session.get_one(Staff, desk.world.staff["sam"].id)
        person.quiet_from, person.quiet_until = time(since), time(until)


def test_quiet_hours_hold_a_reminder_to_their_end(desk: Desk) -> None:
    rests(desk, 14, 16)
    desk.ask()
    assert desk.until(local(3, 15)) == 1
    assert desk.stages() == ["asked"]
    assert desk.until(local(3, 16)) == 1
    assert desk.stages() == ["asked", "reminder"]


def test_quiet_hours_do_not_hold_what_is_due_and_the_reminder_goes_into_that(desk: Desk) -> None:
    rests(desk, 14, 20)
    asked = desk.ask().question
    desk.until(local(3, 15))
    assert desk.question(asked.id).next_at == local(3, 17)
    desk.until(local(3, 17))
    assert desk.stages() == ["asked", "due"]


def test_after_a_standstill_there_is_one_message_for_everything(desk: Desk) -> None:
    for number in range(3):
        desk.ask(words=f"Is it part {number}?")
    late = desk.ask(words="Who assists?", day=date(2026, 11, 20)).question
    desk.until(local(20, 16))
    assert desk.stages()[4:] == ["due"], "one message, in which one is only reminded of"
    assert [line["words"][:6] for line in desk.notices("question")[-1].payload["questions"]] == ["Is it "] * 3 + [
        "Who as"
    ]
    assert desk.outcomes() == ["unanswered"] * 3
    assert desk.question(late.id).next_at == local(20, 17)


def test_each_person_gets_their_own(desk: Desk) -> None:
    desk.ask()
    desk.ask("lea", "bo", "Is the fax there?")
    desk.until(local(3, 17))
    told = {notice.staff_id for notice in desk.notices("question")[2:]}
    assert told == {desk.world.staff["sam"].id, desk.world.staff["bo"].id}


def test_what_is_settled_does_not_remind(desk: Desk) -> None:
    first, second = desk.ask().question, desk.ask(words="Who?").question
    desk.do(service.answer, "sam", first.id, "yes")
    desk.do(service.take_back, "ana", second.id)
    assert desk.until(local(30, 9)) == 0


def test_many_sweeps_at_once_tell_once(desk: Desk) -> None:
    for number in range(4):
        desk.ask(words=f"Is it part {number}?")
    desk.clock.move_to(local(3, 17))

    def sweep_all(_: int) -> int:
        told = 0
        while True:
            with desk.world.store.change() as uow:
                if fire_due(uow) is None:
                    return told
            told += 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep_all, range(4))) == 1
    assert desk.stages()[4:] == ["due"]
    assert desk.outcomes() == ["unanswered"] * 4


def test_a_person_for_whom_it_fails_does_not_stop_the_others(desk: Desk) -> None:
    """A zone that this machine does not know, as one that another machine wrote."""
    rests(desk, 14, 16)
    desk.ask()
    desk.ask("lea", "bo", "Is the fax there?")
    rename = text("UPDATE staff SET zone = :zone WHERE name = 'Sam'")
    with desk.world.store.change() as uow:
        uow.session.execute(rename, {"zone": "Mars/North"})
    desk.clock.move_to(local(3, 17))
    with pytest.raises(NotTold) as failed, desk.world.store.change() as uow:
        fire_due(uow)
    with desk.world.store.change() as uow:
        push_back(uow, failed.value.row_id, timedelta(minutes=1))
    desk.until(local(3, 17))
    assert desk.stages() == ["asked", "asked", "due"]
    with desk.world.store.change() as uow:
        uow.session.execute(rename, {"zone": "America/New_York"})
    desk.until(local(3, 17, 1))
    assert desk.stages() == ["asked", "asked", "due", "due"]


def test_the_sweep_reads_only_what_is_due(desk: Desk) -> None:
    """The plan with a generic statement: no scan of settled questions, however many there are."""
    desk.ask()
    with desk.world.store.change() as uow:
        uow.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            uow.session.execute(text(f"EXPLAIN {sweep._NEXT_PERSON.text}"), {"now": uow.now}).scalars().all()
        )
    assert "questions_next" in plan
