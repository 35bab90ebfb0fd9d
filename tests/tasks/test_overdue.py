"""What is overdue when it is set, moved while it is overdue, or held for somebody who does not have it any more."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from app.tasks import service as tasks
from tests.conftest import MONDAY
from tests.tasks.desk import Desk

PAST_BOARD = date(2026, 11, 4)
"""A Wednesday two days after the clock's Monday: what is due five business days before it is overdue."""


def timers(desk: Desk, task: int, kind: str) -> list[tuple[str, datetime]]:
    rows = desk.rows(
        "SELECT state, at FROM timers WHERE task_id = :task AND kind = :kind ORDER BY at, id", task=task, kind=kind
    )
    return [(row["state"], row["at"]) for row in rows]


def test_a_deadline_that_is_over_when_it_is_set_leaves_time_before_it_is_escalated(desk: Desk) -> None:
    case = desk.open(board=PAST_BOARD)

    desk.sweep()

    (breach,) = desk.notices(case, "breach", "escalation", "catch_up")
    assert breach["kind"] == "breach"
    steps = timers(desk, desk.task(case, "P1"), "escalate")
    assert [state for state, _ in steps] == ["pending", "pending"]
    assert steps[0][1] > MONDAY, "the lead is told some hours from now, and not from a deadline nobody could meet"


@pytest.mark.parametrize("to", [PAST_BOARD - timedelta(days=1), PAST_BOARD + timedelta(days=1)])
def test_what_is_overdue_before_and_after_a_move_is_told_once(desk: Desk, to: date) -> None:
    case = desk.open(board=PAST_BOARD)
    task = desk.task(case, "P1")
    desk.sweep()
    steps = timers(desk, task, "escalate")

    desk.date(case, "board", to)
    desk.sweep()

    told = desk.notices(case, "breach", "escalation", "catch_up")
    assert sum(task in [line["id"] for line in post["payload"]["tasks"]] for post in told) == 1
    events = "SELECT count(*) FROM clock_events e JOIN clocks c ON c.id = e.clock_id"
    assert desk.scalar(f"{events} WHERE c.task_id = :task AND e.kind = 'breach'", task=task) == 1
    assert timers(desk, task, "escalate") == steps, "who is told next is told at the same time as before"
    assert desk.row(task)["breached_at"] is not None


def test_a_move_out_of_the_past_warns_anew(desk: Desk) -> None:
    case = desk.open(board=PAST_BOARD)
    task = desk.task(case, "P1")
    desk.sweep()

    desk.date(case, "board", date(2026, 12, 2))

    assert desk.row(task)["breached_at"] is None
    assert [state for state, _ in timers(desk, task, "breach")] == ["fired", "pending"]
    assert [state for state, _ in timers(desk, task, "escalate")][-2:] == ["pending", "pending"]


@pytest.mark.parametrize("how", ["assign", "release"])
def test_a_reminder_held_for_one_person_s_night_is_not_held_for_the_next(desk: Desk, how: str) -> None:
    case = desk.open(board=date(2026, 11, 12))
    task = desk.task(case, "P1")
    desk.do(tasks.claim, "bo", task)  # his quiet hours are from 18:00 to 09:00
    night = datetime(2026, 11, 4, 1, 0, tzinfo=UTC)  # 20:00 in New York
    with desk.change() as uow:
        uow.session.execute(
            text("UPDATE timers SET fire_at = :at, at = :at WHERE task_id = :task AND kind = 'remind'"),
            {"at": night, "task": task},
        )
    desk.move_to(night + timedelta(seconds=1))
    desk.sweep()
    assert desk.notices(case, "reminder") == []

    if how == "assign":
        desk.do(tasks.assign, "lea", task, desk.world.staff["ana"].id)
    else:
        desk.do(tasks.release, "bo", task)
    desk.sweep()

    assert len(desk.notices(case, "reminder")) == 1
