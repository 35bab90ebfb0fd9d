"""What people said and did of a task goes on after the practice's working hours or holidays were changed."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from app.cases.reopening import reopen_case
from app.cases.service import close_case
from app.checklists.replanning import mark, replan_due
from app.kernel.durations import Duration
from app.programs.calendars import holidays_of, hours_of, set_holidays, set_hours
from app.programs.escalations import set_escalation
from app.programs.models import Program
from app.programs.quiet import set_quiet
from app.store.uow import UnitOfWork
from app.tasks import reminding, undo
from app.tasks import service as tasks
from app.tasks.extending import extend
from tests.tasks.desk import BOARD, VISIT, Desk, OpenCase

YORK = ZoneInfo("America/New_York")
LONG = {"thu": "6:00-22:00", "fri": "6:00-22:00"}


def york(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in New York."""
    return datetime(2026, 11, day, hour, minute, tzinfo=YORK).astimezone(UTC)


@pytest.fixture(autouse=True)
def _as_open_as_before(desk: Desk) -> Iterator[None]:
    with desk.change() as uow:
        before = program_of(uow, desk).calendar
    yield
    with desk.change() as uow:
        program_of(uow, desk).calendar = before
        set_quiet(uow, desk.world.actor("ana"), desk.world.staff["ana"].id, hours="off")


def program_of(uow: UnitOfWork, desk: Desk) -> Program:
    return uow.session.get_one(Program, desk.program_id, populate_existing=True)


def set_week(uow: UnitOfWork, desk: Desk, **hours: str) -> None:
    program = program_of(uow, desk)
    set_hours(uow, desk.world.actor("max"), {**hours_of(program.calendar, program.zone), **hours})


def change_week(desk: Desk, **hours: str) -> None:
    """Other working hours, and every case counted anew."""
    with desk.change() as uow:
        set_week(uow, desk, **hours)
    replan(desk)


def close_on(desk: Desk, *days: str) -> None:
    """Own closed days, and every case counted anew."""
    with desk.change() as uow:
        program = program_of(uow, desk)
        now = holidays_of(program.calendar, program.zone)
        set_holidays(uow, desk.world.actor("max"), {**now, "own_days": "\n".join(days)})
    replan(desk)


def replan(desk: Desk) -> None:
    while True:
        with desk.change() as uow:
            if replan_due(uow) is None:
                return


def reminders(desk: Desk, task: int, clock: str = "sla") -> list[datetime]:
    """When the pending reminders of a task's clock come."""
    rows = desk.rows(
        "SELECT m.at FROM timers m JOIN clocks k ON k.id = m.clock_id WHERE m.task_id = :t AND m.kind = 'remind'"
        " AND m.state = 'pending' AND k.kind = :clock ORDER BY m.at",
        t=task,
        clock=clock,
    )
    return [row["at"] for row in rows]


def given_until(desk: Desk, until: datetime, item: str = "E3") -> int:
    """Ana's task, with a target of its own that a lead has given more time."""
    case = desk.open(first_visit=VISIT)
    before = desk.task(case, "E1")
    desk.do(tasks.claim, "ana", before)
    desk.do(tasks.done, "ana", before, "bundled")
    task = desk.task(case, item)
    desk.do(tasks.claim, "ana", task)
    desk.do(extend, "lea", task, until, "the payer asked")
    return task


def test_a_reminder_that_is_held_back_locks_neither_its_case_nor_the_settings(desk: Desk) -> None:
    with desk.change() as uow:
        set_quiet(uow, desk.world.actor("ana"), desk.world.staff["ana"].id, hours=(time(15), time(23)))
    task = given_until(desk, york(6, 9))
    desk.move_to(york(5, 16, 5))
    desk.sweep()
    held = "SELECT held_until FROM timers WHERE task_id = :t AND kind = 'remind' AND state = 'pending'"
    assert [row["held_until"] for row in desk.rows(held, t=task)] == [york(5, 23)]
    change_week(desk, thu="9:00-19:00")
    assert [row["held_until"] for row in desk.rows(held, t=task)] == [york(5, 23)], "it was due, and waits"
    assert desk.do(tasks.release, "ana", task).changed


def test_a_reminder_held_back_by_a_clock_that_was_put_back_is_counted_anew(desk: Desk) -> None:
    with desk.change() as uow:
        set_quiet(uow, desk.world.actor("ana"), desk.world.staff["ana"].id, hours=(time(15), time(23)))
    task = given_until(desk, york(6, 9))
    desk.move_to(york(5, 16, 5))
    desk.sweep()
    desk.move_to(york(5, 15, 55))
    change_week(desk, thu="9:00-19:00")
    assert reminders(desk, task) == [york(5, 18)]
    assert desk.do(tasks.release, "ana", task).changed


def snoozed_and_woken(desk: Desk, task: int) -> None:
    desk.do(reminding.snooze, "ana", task, york(3, 9), "no answer")
    desk.do(reminding.wake, "ana", task)


def tuned_and_untuned(desk: Desk, task: int) -> None:
    desk.do(reminding.remind, "ana", task, Duration.parse("6 business hours"))
    desk.do(reminding.standard, "ana", task)


def given_back(desk: Desk, task: int) -> None:
    desk.do(reminding.remind, "ana", task, Duration.parse("6 business hours"))
    desk.do(tasks.release, "ana", task)


def untouched(desk: Desk, task: int) -> None:
    pass


@pytest.mark.parametrize("first", [untouched, snoozed_and_woken, tuned_and_untuned, given_back])
def test_a_reminder_follows_the_calendar_however_often_it_was_planned(desk: Desk, first: Any) -> None:
    task = given_until(desk, york(6, 9))
    first(desk, task)
    (before,) = reminders(desk, task)
    change_week(desk, **LONG)
    (after,) = reminders(desk, task)
    assert (before, after) == (york(5, 16), york(6, 7))


def test_an_own_reminder_follows_the_calendar(desk: Desk) -> None:
    task = given_until(desk, york(6, 9))
    desk.do(reminding.remind, "ana", task, Duration.parse("6 business hours"))
    assert reminders(desk, task) == [york(5, 11)]
    change_week(desk, **LONG)
    assert reminders(desk, task) == [york(5, 19)]


def test_the_end_of_a_snooze_stays_where_it_was_put(desk: Desk) -> None:
    task = given_until(desk, york(6, 9))
    desk.do(reminding.snooze, "ana", task, york(4, 9), "no answer")
    change_week(desk, **LONG)
    assert reminders(desk, task) == [york(4, 9), york(6, 7)]


def test_so_does_that_of_a_deadline_that_had_no_reminder_yet(desk: Desk) -> None:
    task = given_until(desk, york(6, 8))
    desk.move_to(york(5, 16))
    desk.do(extend, "lea", task, york(6, 8, 30), "the payer asked")
    desk.do(reminding.snooze, "ana", task, york(6, 8), "no answer")
    change_week(desk, **LONG)
    assert reminders(desk, task) == [york(6, 8)]


def closed_and_reopened(desk: Desk, case: OpenCase, task: int) -> None:
    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "went elsewhere")
    with desk.change() as uow:
        reopen_case(uow, desk.world.actor("lea"), case.id)


def done_and_reopened(desk: Desk, case: OpenCase, task: int) -> None:
    desk.do(tasks.done, "ana", task, "line 4")
    desk.do(tasks.reopen, "ana", task, "one page was missing")


def nothing(desk: Desk, case: OpenCase, task: int) -> None:
    pass


@pytest.mark.parametrize("then", [nothing, closed_and_reopened, done_and_reopened])
def test_more_time_stands_after_a_changed_calendar_and_being_opened_again(desk: Desk, then: Any) -> None:
    case, until = desk.open(), york(13, 12)
    task = desk.task(case, "P1")
    desk.do(tasks.claim, "ana", task)
    desk.do(extend, "lea", task, until, "the payer asked")
    close_on(desk, "2026-11-10 Move")
    then(desk, case, task)
    assert desk.row(task)["due_at"] == until
    desk.component(case)
    assert desk.row(task)["due_at"] == until, "nor does the next change of the case end it"
    close_on(desk, "2026-11-10 Move", "2026-11-09 Move")
    then(desk, case, task)
    assert desk.row(task)["due_at"] == until, "nor a second change of the calendar"
    desk.date(case, "board", BOARD + timedelta(days=7))
    assert desk.row(task)["due_at"] > until, "another key date does"


def extended_until(desk: Desk, case: OpenCase, until: datetime) -> int:
    task = desk.task(case, "P1")
    desk.do(tasks.claim, "ana", task)
    desk.do(extend, "lea", task, until, "the payer asked")
    return task


def done_meanwhile(desk: Desk, case: OpenCase, task: int) -> None:
    desk.do(tasks.done, "ana", task, "line 4")
    close_on(desk, "2026-11-10 Move")
    desk.do(tasks.reopen, "ana", task, "one page was missing")


def undone_after(desk: Desk, case: OpenCase, task: int) -> None:
    act = desk.do(tasks.done, "ana", task, "line 4").act
    assert act is not None
    close_on(desk, "2026-11-10 Move")
    with desk.change() as uow:
        undo.undo(uow, desk.world.actor("ana"), act)


def closed_meanwhile(desk: Desk, case: OpenCase, task: int) -> None:
    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "went elsewhere")
    close_on(desk, "2026-11-10 Move")
    with desk.change() as uow:
        reopen_case(uow, desk.world.actor("lea"), case.id)


def done_and_closed_meanwhile(desk: Desk, case: OpenCase, task: int) -> None:
    desk.do(tasks.done, "ana", task, "line 4")
    closed_meanwhile(desk, case, task)
    desk.do(tasks.reopen, "ana", task, "one page was missing")


@pytest.mark.parametrize("meanwhile", [done_meanwhile, undone_after, closed_meanwhile, done_and_closed_meanwhile])
def test_more_time_stands_where_the_calendar_changed_while_nothing_ran(desk: Desk, meanwhile: Any) -> None:
    case, until = desk.open(), york(13, 12)
    task = extended_until(desk, case, until)
    meanwhile(desk, case, task)
    assert desk.row(task)["due_at"] == until
    close_on(desk, "2026-11-10 Move", "2026-11-09 Move")
    assert desk.row(task)["due_at"] == until, "nor does a second change end it"
    desk.date(case, "board", BOARD + timedelta(days=7))
    assert desk.row(task)["due_at"] > until, "another key date does"


def test_a_key_date_that_moved_while_the_task_was_done_ends_it_whatever_the_calendar(desk: Desk) -> None:
    case, until = desk.open(), york(13, 12)
    task = extended_until(desk, case, until)
    desk.do(tasks.done, "ana", task, "line 4")
    desk.date(case, "board", BOARD + timedelta(days=14))
    close_on(desk, "2026-11-10 Move")
    desk.do(tasks.reopen, "ana", task, "one page was missing")
    assert desk.row(task)["due_at"] > until


def clocks_of(desk: Desk, task: int) -> list[tuple[str, str, datetime | None]]:
    rows = desk.rows("SELECT kind, state, deadline_at FROM clocks WHERE task_id = :t ORDER BY kind", t=task)
    return [(row["kind"], row["state"], row["deadline_at"]) for row in rows]


def test_undoing_brings_a_deadline_back_as_the_calendar_counts_now(desk: Desk) -> None:
    case = desk.open()
    acted, left = desk.task(case, "P2"), desk.task(case, "P1")
    desk.do(tasks.claim, "ana", acted)
    before = clocks_of(desk, acted)
    act = desk.do(tasks.done, "ana", acted).act
    assert act is not None
    change_week(desk, mon="9:00-19:00", tue="6:00-19:00")
    with desk.change() as uow:
        undo.undo(uow, desk.world.actor("ana"), act)
    as_now = clocks_of(desk, acted)
    assert ("sla", "running", york(2, 17)) in as_now
    assert as_now != before
    posts = len(desk.notices(case, "replan"))
    with desk.change() as uow:
        mark(uow, desk.program_id)
    replan(desk)
    assert clocks_of(desk, acted) == as_now, "there is nothing left to count anew"
    assert len(desk.notices(case, "replan")) == posts
    assert desk.row(acted)["due_at"] == york(2, 17)
    assert desk.state(left) == "ready"


def test_undoing_brings_escalations_back_by_the_delays_of_now(desk: Desk) -> None:
    case = desk.open()
    acted, left = desk.task(case, "P2"), desk.task(case, "P1")
    act = desk.do(tasks.skip, "lea", acted, "not needed").act
    assert act is not None
    with desk.change() as uow:
        set_escalation(uow, desk.world.actor("max"), {"lead": "7 hours"})
    try:
        replan(desk)
        desk.do(undo.undo, "lea", act)
        for task in (acted, left):
            due = desk.row(task)["due_at"]
            assert due + timedelta(hours=7) in escalations_of(desk, task), "as of what was open all the time"
    finally:
        with desk.change() as uow:
            set_escalation(uow, desk.world.actor("max"), {"lead": ""})


def escalations_of(desk: Desk, task: int) -> list[datetime]:
    query = "SELECT at FROM timers WHERE task_id = :t AND state = 'pending' AND kind = 'escalate' AND tells = 'lead'"
    return [row["at"] for row in desk.rows(query, t=task)]


def test_undoing_counts_nothing_anew_where_neither_calendar_nor_delays_were_changed(desk: Desk) -> None:
    act = desk.do(tasks.skip, "lea", desk.task(desk.open(), "P2"), "not needed").act
    assert act is not None
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(desk.store.engine, "before_cursor_execute", note)
    try:
        desk.do(undo.undo, "lea", act)
    finally:
        event.remove(desk.store.engine, "before_cursor_execute", note)
    assert any("UPDATE clocks" in one for one in asked)
    assert not any("replan_at = NULL" in one for one in asked)
