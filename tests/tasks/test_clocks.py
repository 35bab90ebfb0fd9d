"""What a task's own clock goes by: moments that come in the wrong order, extensions, pauses, and being reopened."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from app.cases.reopening import Reopened, reopen_case
from app.cases.service import close_case
from app.checklists.replanning import mark, replan_due
from app.checklists.vocabulary import Awaited
from app.programs import absences
from app.programs.calendars import holidays_of, set_holidays
from app.programs.models import Program
from app.tasks import service as tasks
from app.tasks import shifts
from app.tasks.covering import come_back, turn_due
from app.tasks.extending import extend
from app.tasks.refusals import WrongState
from app.tasks.rows import Outcome
from app.tasks.undo import undo
from tests.conftest import MONDAY
from tests.tasks.desk import VISIT, Desk, OpenCase

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
"""The clock stands at a Monday, 9:00; the office is open from 8 to 12 and from 1 to 5, eight hours a day."""
TARGET = MONDAY + DAY
"""When the target of eight business hours is used up that began then."""
GIVEN = MONDAY + 20 * DAY
EVENTS = "SELECT e.* FROM clock_events e JOIN clocks c ON c.id = e.clock_id WHERE c.task_id = :t AND c.kind = 'sla'"


def held(desk: Desk, item: str = "P2", who: str = "cy") -> int:
    """A task with a target of its own, just claimed."""
    task = desk.task(desk.open(), item)
    desk.do(tasks.claim, who, task)
    return task


def own(desk: Desk, task: int) -> tuple[str, datetime | None]:
    (row,) = desk.rows("SELECT state, deadline_at FROM clocks WHERE task_id = :t AND kind = 'sla'", t=task)
    return row["state"], row["deadline_at"]


def events(desk: Desk, task: int) -> list[tuple[str, datetime]]:
    return [(row["kind"], row["at"]) for row in desk.rows(f"{EVENTS} ORDER BY e.id", t=task)]


def fires(desk: Desk, task: int) -> list[datetime]:
    """When the breach of a task's own clock is due, of all that are to come."""
    query = (
        "SELECT m.at FROM timers m JOIN clocks c ON c.id = m.clock_id WHERE c.task_id = :t AND c.kind = 'sla'"
        " AND m.state = 'pending' AND m.kind = 'breach'"
    )
    return [row["at"] for row in desk.rows(query, t=task)]


def waits(desk: Desk, task: int, awaited: Awaited = Awaited.CLINIC) -> None:
    desk.do(tasks.wait, "cy", task, awaited)


def stored_in_disorder(desk: Desk) -> int:
    """A waiting task whose pause was written as earlier than the beginning, as it could be once."""
    task = held(desk)
    with desk.change() as uow:
        for statement in (
            "INSERT INTO clock_events (program_id, clock_id, kind, at, why) SELECT program_id, id, 'pause', :at,"
            " 'waits for clinic' FROM clocks WHERE task_id = :t AND kind = 'sla'",
            "UPDATE clocks SET state = 'paused', deadline_at = NULL WHERE task_id = :t AND kind = 'sla'",
            "UPDATE tasks SET state = 'waiting', waiting_on = 'clinic', waiting_since = :at WHERE id = :t",
        ):
            uow.session.execute(text(statement), {"t": task, "at": MONDAY - 2 * SECOND})
    return task


def set_back(desk: Desk) -> int:
    """A waiting task whose pause began after the clock was put back."""
    task = held(desk)
    desk.move_to(MONDAY - 2 * SECOND)
    waits(desk, task)
    return task


def outrun(desk: Desk) -> int:
    """A waiting task whose holder pressed Wait before a lead gave it more time, and came second."""
    task = held(desk)
    with desk.change() as waiting:
        desk.clock.advance(timedelta(milliseconds=5))
        desk.do(extend, "lea", task, GIVEN, "payer asked")
        tasks.wait(waiting, desk.world.actor("cy"), task, Awaited.CLINIC)
    return task


@pytest.mark.parametrize("come_by", [stored_in_disorder, set_back, outrun])
@pytest.mark.parametrize(
    ("verb", "who", "given", "left"),
    [
        (tasks.resume, "cy", (), "running"),
        (tasks.release, "cy", (), "running"),
        (tasks.release, "lea", (), "running"),
        (tasks.wait, "cy", (Awaited.PAYER,), "running"),
        (tasks.done, "cy", (), "stopped"),
    ],
)
def test_a_pause_before_its_beginning_took_its_own_time_and_nothing_more(
    desk: Desk, come_by: Callable[[Desk], int], verb: Callable[..., Outcome], who: str, given: tuple[object, ...],
    left: str,
) -> None:  # fmt: skip
    task = come_by(desk)
    desk.move_to(MONDAY + 2 * HOUR)

    desk.do(verb, who, task, *given)

    state, until = own(desk, task)
    assert state == left
    if left == "running":
        begun = GIVEN + 2 * HOUR if come_by is outrun else TARGET + 2 * HOUR
        # Weekends and lunch are no open time: what was given on a Sunday goes on from Monday, 8:00.
        expected = datetime(2026, 11, 23, 15, 0, tzinfo=UTC) if come_by is outrun else begun
        assert until is not None
        assert abs(until - expected) < SECOND
        assert fires(desk, task) == [until]


def test_a_shift_ends_whatever_the_clock_did(desk: Desk) -> None:
    task = set_back(desk)
    with desk.change() as uow:
        (said,) = shifts.hand_over(uow, desk.world.actor("cy"), None, "all is in the chart")
    assert said.startswith("Back in the pool")
    assert desk.state(task) == "ready"


def test_an_absence_begins_whatever_the_clock_did(desk: Desk) -> None:
    task = set_back(desk)
    other = held(desk)
    desk.move_to(MONDAY)
    with desk.change() as uow:
        cy = desk.world.staff["cy"].id
        absences.plan(uow, desk.world.actor("cy"), cy, date(2026, 11, 3), date(2026, 11, 4))
    desk.move_to(MONDAY + DAY)
    with desk.change() as uow:
        assert turn_due(uow) is not None
    assert [desk.state(each) for each in (task, other)] == ["ready", "ready"]
    with desk.change() as uow:
        come_back(uow, desk.world.actor("cy"), cy)


def test_events_of_a_clock_are_written_in_order(desk: Desk) -> None:
    task = held(desk)
    desk.move_to(MONDAY + HOUR)
    waits(desk, task)
    desk.move_to(MONDAY + HOUR - SECOND)
    desk.do(tasks.resume, "cy", task)
    assert own(desk, task) == ("running", TARGET), "the pause took no time"
    closed = desk.do(tasks.done, "cy", task)
    with desk.change() as uow:
        assert closed.act is not None
        undo(uow, desk.world.actor("cy"), closed.act)
    desk.do(extend, "lea", task, GIVEN, "payer asked")
    waits(desk, task)
    desk.do(extend, "lea", task, GIVEN + DAY, "payer asked again")
    at = MONDAY + HOUR
    assert events(desk, task) == [
        ("start", MONDAY), ("pause", at), ("resume", at), ("stop", at), ("undo", at), ("extend", at), ("pause", at),
        ("extend", at),
    ]  # fmt: skip


def test_more_time_reaches_a_paused_clock_and_is_moved_on_by_the_rest_of_the_pause(desk: Desk) -> None:
    task = held(desk)
    waits(desk, task)
    desk.move_to(MONDAY + DAY)
    until = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday, noon
    said = desk.do(extend, "lea", task, until, "payer asked").said
    assert "has a new deadline. Due Fri 20 Nov 2026 12:00 PM EST. Its own clock is paused" in said
    assert "until Fri 20 Nov 2026 12:00 PM EST" in said
    assert own(desk, task) == ("paused", None)
    assert "already" in desk.do(extend, "lea", task, until, "payer asked").said

    desk.move_to(MONDAY + DAY + HOUR)
    desk.do(tasks.resume, "cy", task)

    later = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)  # 14:00, after lunch
    assert own(desk, task) == ("running", later)
    assert fires(desk, task) == [later]
    assert desk.row(task)["due_at"] == until, "the due date never pauses"


def test_more_time_is_never_less_for_a_paused_clock(desk: Desk) -> None:
    task = held(desk)
    waits(desk, task)
    desk.move_to(datetime(2026, 11, 13, 21, 0, tzinfo=UTC))  # a Friday, 16:00, an hour before the due date
    desk.do(extend, "lea", task, datetime(2026, 11, 14, 17, 0, tzinfo=UTC), "payer asked")
    desk.do(tasks.resume, "cy", task)
    assert own(desk, task) == ("running", datetime(2026, 11, 16, 21, 0, tzinfo=UTC)), "eight hours from then, not one"


def test_a_paused_clock_is_given_more_time_where_it_is_all_that_a_task_has(desk: Desk) -> None:
    case = desk.open(first_visit=VISIT)
    desk.do(tasks.done, "cy", desk.task(case, "E1"), "separate")
    task = desk.task(case, "E2")  # a target, and no due rule
    desk.do(tasks.claim, "cy", task)
    waits(desk, task, Awaited.PAYER)
    nearer = TARGET - HOUR
    refused = str(desk.refuses(WrongState, extend, "lea", task, nearer, "payer asked"))
    assert "more time already. Its own clock is paused: once it runs again, it has until Tue 3 Nov 2026 9:00" in refused

    outcome = desk.do(extend, "lea", task, GIVEN, "payer asked")

    assert outcome.changed
    assert f"{outcome.task.name} has more time. Its own clock is paused" in outcome.said
    (told,) = desk.notices(case, "extended")
    assert told["payload"]["once_running"] == GIVEN.isoformat(), "it has no other deadline to tell its holder of"
    desk.move_to(MONDAY + HOUR)
    again = desk.do(extend, "lea", task, GIVEN, "payer asked")
    assert not again.changed, "what it has has grown by the pause since, and the same said again is no error"
    assert (
        "has that deadline already. Its own clock is paused: once it runs again, it has until Mon 23 Nov" in again.said
    )
    desk.move_to(MONDAY)
    desk.do(tasks.resume, "cy", task)
    assert own(desk, task) == ("running", GIVEN)


def closed(desk: Desk, task: int) -> None:
    desk.do(tasks.done, "cy", task)
    desk.move_to(desk.clock.now() + timedelta(minutes=5))


def test_a_reopened_task_keeps_the_time_that_a_lead_gave(desk: Desk) -> None:
    task = held(desk)
    desk.do(extend, "lea", task, GIVEN, "payer asked")
    desk.move_to(MONDAY + 3 * DAY)
    closed(desk, task)
    desk.do(tasks.reopen, "cy", task, "one study was missing")
    assert own(desk, task) == ("running", GIVEN)
    assert fires(desk, task) == [GIVEN]
    assert desk.row(task)["due_at"] == GIVEN
    desk.do(tasks.claim, "cy", task)
    waits(desk, task)
    desk.move_to(MONDAY + 3 * DAY + HOUR)
    desk.do(tasks.resume, "cy", task)
    state, until = own(desk, task)
    assert state == "running"
    assert until is not None
    assert until > GIVEN, "and a pause moves it on as before"


def test_a_reopened_task_keeps_the_time_that_it_waited(desk: Desk) -> None:
    task = held(desk)
    waits(desk, task)
    desk.move_to(MONDAY + 3 * DAY)
    desk.do(tasks.resume, "cy", task)
    assert own(desk, task) == ("running", TARGET + 3 * DAY)
    closed(desk, task)
    desk.do(tasks.reopen, "cy", task, "one study was missing")
    assert own(desk, task) == ("running", TARGET + 3 * DAY), "and the time while it was done is not added"
    desk.sweep()
    assert desk.row(task)["breached_at"] is None
    closed_again = desk.clock.now()
    desk.do(tasks.skip, "lea", task, "not needed")
    desk.move_to(closed_again + HOUR)
    desk.do(tasks.reopen, "lea", task, "needed")
    assert own(desk, task) == ("running", TARGET + 3 * DAY), "however often"


def test_what_was_closed_while_it_waited_had_waited_until_then(desk: Desk) -> None:
    task = held(desk)
    desk.move_to(MONDAY + 2 * HOUR)
    waits(desk, task)
    desk.move_to(MONDAY + DAY)
    desk.do(tasks.done, "cy", task)
    desk.move_to(MONDAY + DAY + 2 * HOUR)
    desk.do(tasks.reopen, "cy", task, "one study was missing")
    assert own(desk, task) == ("running", TARGET + 7 * HOUR), "from 11:00 to 9:00, of which six hours were open"


def close_the_case(desk: Desk, task: int) -> int:
    case_id: int = desk.row(task)["case_id"]
    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case_id, "went elsewhere")
    return case_id


def open_it_again(desk: Desk, case_id: int) -> Reopened:
    with desk.change() as uow:
        return reopen_case(uow, desk.world.actor("lea"), case_id)


@pytest.mark.parametrize("waiting", [False, True])
def test_the_time_in_which_a_case_was_closed_counts_against_nobody(desk: Desk, waiting: bool) -> None:
    task = held(desk)
    desk.move_to(MONDAY + 2 * HOUR)
    if waiting:
        waits(desk, task)
        desk.move_to(MONDAY + 3 * HOUR)
    case_id = close_the_case(desk, task)
    desk.move_to(MONDAY + 3 * DAY)
    again = open_it_again(desk, case_id)
    assert own(desk, task) == ("running", MONDAY + 3 * DAY + 7 * HOUR), "six hours are left, and an hour of lunch"
    assert (again.tasks, again.late) == (5, 0)
    desk.move_to(MONDAY + 3 * DAY + HOUR)
    open_it_again(desk, close_the_case(desk, task))
    assert own(desk, task) == ("running", MONDAY + 3 * DAY + 7 * HOUR), "however often"
    desk.sweep()
    assert desk.row(task)["breached_at"] is None


@pytest.mark.parametrize("verb", [tasks.done, tasks.skip])
def test_the_time_in_which_a_case_was_closed_counts_against_no_task_that_was_closed_before(
    desk: Desk, verb: Callable[..., Outcome]
) -> None:
    task = held(desk)
    desk.move_to(MONDAY + HOUR)
    desk.do(verb, "lea" if verb is tasks.skip else "cy", task, *(["not needed"] if verb is tasks.skip else []))
    desk.move_to(MONDAY + 2 * HOUR)
    case_id = close_the_case(desk, task)
    desk.move_to(MONDAY + DAY)
    open_it_again(desk, case_id)
    desk.move_to(MONDAY + DAY + HOUR)
    close_the_case(desk, task)
    desk.move_to(MONDAY + 3 * DAY)
    open_it_again(desk, case_id)
    desk.move_to(MONDAY + 3 * DAY + HOUR)

    desk.do(tasks.reopen, "lea", task, "one study was missing")

    until = MONDAY + 3 * DAY + 6 * HOUR  # four hours are used up, four are left, and there is one of lunch
    assert own(desk, task) == ("running", until)
    assert fires(desk, task) == [until]
    desk.sweep()
    assert desk.row(task)["breached_at"] is None
    closed(desk, task)
    desk.do(tasks.reopen, "cy", task, "and another one")
    assert own(desk, task) == ("running", until), "however often"


def test_what_was_late_as_its_case_was_closed_is_late_as_it_is_opened_again(desk: Desk) -> None:
    task = held(desk)
    desk.move_to(TARGET + HOUR)
    desk.sweep()
    case_id = close_the_case(desk, task)
    desk.move_to(MONDAY + 3 * DAY)
    again = open_it_again(desk, case_id)
    assert own(desk, task) == ("running", TARGET)
    assert (again.tasks, again.late) == (5, 1)


def test_a_reopened_task_whose_need_is_open_begins_anew_once_that_is_met(desk: Desk) -> None:
    case = desk.open(first_visit=VISIT)
    way, pages = desk.task(case, "E1"), desk.task(case, "E3")
    desk.do(tasks.done, "cy", way, "bundled")
    desk.do(tasks.done, "cy", pages, "12")
    desk.move_to(MONDAY + DAY)
    desk.do(tasks.reopen, "cy", way, "wrong way")
    desk.do(tasks.reopen, "cy", pages, "counted wrong")
    assert desk.state(pages) == "blocked"
    desk.move_to(MONDAY + 2 * DAY)
    desk.do(tasks.done, "cy", way, "bundled")
    assert own(desk, pages) == ("running", TARGET + 2 * DAY)


def test_what_was_left_out_while_it_had_to_wait_begins_anew_as_it_is_reopened(desk: Desk) -> None:
    case = desk.open(first_visit=VISIT)
    way, pages = desk.task(case, "E1"), desk.task(case, "E3")
    desk.do(tasks.done, "cy", way, "bundled")
    desk.do(tasks.reopen, "cy", way, "wrong way")
    desk.do(tasks.skip, "lea", pages, "not needed")
    desk.do(tasks.done, "cy", way, "bundled")
    desk.move_to(MONDAY + DAY)
    desk.do(tasks.reopen, "lea", pages, "needed")
    assert own(desk, pages) == ("running", TARGET + DAY)


def test_what_a_lead_gave_outlives_that_the_task_had_to_wait_for_others(desk: Desk) -> None:
    case = desk.open(first_visit=VISIT)
    way, pages = desk.task(case, "E1"), desk.task(case, "E3")
    desk.do(tasks.done, "cy", way, "bundled")
    desk.do(extend, "lea", pages, GIVEN, "payer asked")
    desk.do(tasks.reopen, "cy", way, "wrong way")
    assert own(desk, pages) == ("unset", None)
    desk.move_to(MONDAY + 2 * DAY)
    desk.do(tasks.done, "cy", way, "bundled")
    assert own(desk, pages) == ("running", GIVEN)
    desk.do(tasks.claim, "cy", pages)
    waits(desk, pages)
    desk.do(tasks.resume, "cy", pages)
    assert own(desk, pages) == ("running", GIVEN)


def test_an_undone_closing_is_no_part_of_the_history(desk: Desk) -> None:
    task = held(desk)
    waits(desk, task)
    desk.move_to(MONDAY + HOUR)
    act = desk.do(tasks.done, "cy", task).act
    assert act is not None
    with desk.change() as uow:
        undo(uow, desk.world.actor("cy"), act)
    assert own(desk, task) == ("paused", None)
    desk.move_to(MONDAY + DAY)
    desk.do(tasks.resume, "cy", task)
    assert own(desk, task) == ("running", TARGET + DAY), "it has waited all the time"


def a_day_off(desk: Desk, day: str) -> None:
    with desk.change() as uow:
        program = uow.session.get_one(Program, desk.program_id, populate_existing=True)
        now = holidays_of(program.calendar, program.zone)
        set_holidays(uow, desk.world.actor("max"), {**now, "own_days": day})
        mark(uow, desk.program_id)
    while True:
        with desk.change() as uow:
            if replan_due(uow) is None:
                return


def test_a_changed_calendar_knows_of_pauses_of_what_was_given_and_of_what_was_reopened(desk: Desk) -> None:
    given, reopened = held(desk), held(desk)
    until = datetime(2026, 11, 5, 15, 0, tzinfo=UTC)  # a Thursday, 10:00
    desk.do(extend, "lea", given, until, "payer asked")
    for task in (given, reopened):
        waits(desk, task)
    desk.move_to(MONDAY + HOUR)
    for task in (given, reopened):
        desk.do(tasks.resume, "cy", task)
    desk.do(tasks.done, "cy", reopened)
    desk.do(tasks.reopen, "cy", reopened, "one study was missing")
    assert (own(desk, given), own(desk, reopened)) == (("running", until + HOUR), ("running", TARGET + HOUR))

    a_day_off(desk, "2026-11-03 Election day")

    try:
        assert own(desk, given) == ("running", until + HOUR), "given as a day, and moved by a pause before"
        assert own(desk, reopened) == ("running", TARGET + DAY + HOUR)
    finally:
        a_day_off(desk, "")


def test_a_deadline_that_was_given_falls_with_a_new_date_after_a_pause_too(desk: Desk) -> None:
    case: OpenCase = desk.open()
    task = desk.task(case, "P2")
    desk.do(tasks.claim, "cy", task)
    waits(desk, task)
    desk.do(extend, "lea", task, GIVEN, "payer asked")
    desk.date(case, "board", date(2026, 12, 3))
    assert desk.row(task)["due_at"] == datetime(2026, 11, 30, 22, 0, tzinfo=UTC), "the rule gives another one"
