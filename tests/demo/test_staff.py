"""The simulated staff works, and leaves alone what whoever looks on has done by hand."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.demo.course import Course
from app.demo.practice import EMPLOYEES, OFFICE, ZONE
from app.demo.staff import Team
from app.demo.stage import Stage
from app.kernel.business import BusinessCalendar
from app.sandbox import Sandbox
from tests.demo.conftest import MONDAY
from tests.demo.test_conductor import cases, open_a_case

HOURS = 8


@pytest.fixture
def calendar() -> BusinessCalendar:
    return BusinessCalendar.from_config({"hours": OFFICE, "country": "US"}, ZONE)


def work(stage: Stage, team: Team, hours: int = HOURS) -> None:
    """Let everybody look at their desk once an hour."""
    for _ in range(hours):
        now = stage.now() + timedelta(hours=1)
        stage.steer(to=now)
        for who in EMPLOYEES:
            team.act(who, now)


def tasks(stage: Stage) -> dict[int, Any]:
    """The tasks of all cases by number."""
    query = (
        "SELECT t.no, t.state, s.slack_user_id AS holder, t.version FROM tasks t LEFT JOIN staff s ON s.id = holder_id"
    )
    with stage.engine.connect() as connection:
        return {row.no: row for row in connection.execute(text(query))}


def by_hand(sandbox: Sandbox, who: str, line: str) -> str:
    reply = sandbox.person(who).command(line, cases(sandbox)[0])
    assert reply.ok
    return reply.text


def test_what_somebody_has_by_hand_stays_as_they_left_it(
    stage: Stage, sandbox: Sandbox, calendar: BusinessCalendar
) -> None:
    team = Team(stage.practice, calendar, (), MONDAY, 1, stage.folder)
    open_a_case(sandbox)
    free = [no for no, task in tasks(stage).items() if task.state == "ready"]
    for no in free[:3]:
        assert by_hand(sandbox, "ana", f"/claim {no}").startswith("Claimed")
    assert "stays yours" in by_hand(sandbox, "ana", f"/handoff {free[0]} @bo please")
    assert "Released" in by_hand(sandbox, "ana", f"/cb release {free[2]}")
    touched, before = free[:3], tasks(stage)

    work(stage, team)

    after = tasks(stage)
    assert [after[no] for no in touched] == [before[no] for no in touched]
    assert any(after[no].state != before[no].state for no in free[3:]), "the others are worked on"
    team = Team(stage.practice, calendar, (), MONDAY, 1, stage.folder)  # the demonstration was ended, and goes on
    work(stage, team, 4)
    assert [tasks(stage)[no] for no in touched] == [before[no] for no in touched]


def test_key_dates_that_somebody_set_by_hand_stay(stage: Stage, sandbox: Sandbox, calendar: BusinessCalendar) -> None:
    course = Course(0, "ana", "sam", 0, 4, 8, 9, 3, ("cement",))
    team = Team(stage.practice, calendar, (course,), MONDAY, 1, stage.folder)
    work(stage, team, 1)
    sandbox.wait(lambda: cases(sandbox), 15, message="no channel was made")
    by_hand(sandbox, "lea", "/cb date board 2026-10-15 07:30")
    by_hand(sandbox, "lea", "/cb date surgery proposed 2026-11-02")
    by_hand(sandbox, "lea", "/cb date surgery 2026-10-19 07:30 waive agreed")
    before = dates(stage)
    assert len(before) == 3

    stage.steer(to=MONDAY + timedelta(days=11))  # the day to move it has come
    work(stage, team)

    assert {"parts", "moved"} <= course.done
    assert {name: day for name, day in dates(stage).items() if name in before} == before


def dates(stage: Stage) -> dict[str, str]:
    with stage.engine.connect() as connection:
        return {row.name: str(row.day) for row in connection.execute(text("SELECT name, day FROM key_dates"))}


def test_who_was_sent_on_time_off_rests(stage: Stage, sandbox: Sandbox, calendar: BusinessCalendar) -> None:
    team = Team(stage.practice, calendar, (), MONDAY, 1, stage.folder)
    open_a_case(sandbox)
    assert "away" in by_hand(sandbox, "lea", "/cb away @ana today").lower()
    work(stage, team)
    query = "SELECT count(*) FROM audit_entries WHERE actor_id = :ana AND action LIKE 'task.%'"
    with stage.engine.connect() as connection:
        assert connection.execute(text(query), {"ana": stage.practice.staff["ana"].id}).scalar_one() == 0
