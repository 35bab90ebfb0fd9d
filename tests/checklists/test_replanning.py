"""What a changed calendar does to the deadlines of a case, and what it leaves as it was."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from app.cases.dates import set_date
from app.cases.models import Case
from app.checklists.replanning import Moves, NotReplanned, put_off, replan_due, replan_few
from app.clocks.sweep import fire_due
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.programs.calendars import holidays_of, hours_of, set_holidays, set_hours
from app.programs.models import Program
from app.programs.settings import BadField
from app.tasks import service as tasks
from app.tasks.extending import extend
from tests.world import World, open_the_case

NEW_YORK = ZoneInfo("America/New_York")
LATE = datetime(2026, 11, 5, 12, 0, tzinfo=NEW_YORK)
"""The first task of the packet was due on the day before."""


@pytest.fixture
def case(world: World) -> Case:
    return open_the_case(world)


def rows(engine: Engine, query: str, **values: object) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(query), values).all())


def task(engine: Engine, no: int) -> Any:
    return rows(engine, "SELECT * FROM tasks WHERE no = :no", no=no)[0]


def clock_of(engine: Engine, no: int, kind: str = "due") -> Any:
    query = "SELECT k.* FROM clocks k JOIN tasks t ON t.id = k.task_id WHERE t.no = :no AND k.kind = :kind"
    return rows(engine, query, no=no, kind=kind)[0]


def there(at: datetime) -> str:
    return f"{at.astimezone(NEW_YORK):%a %d %H:%M}"


def close_days(world: World, **days: str) -> None:
    """Own closed days, by ISO date with underscores, and nothing else changed."""
    own = "\n".join(f"{day[1:].replace('_', '-')} {name}" for day, name in days.items())
    with world.store.change() as uow:
        program = uow.session.get_one(Program, world.program.id)
        now = holidays_of(program.calendar, program.zone)
        set_holidays(uow, world.actor("max"), {**now, "own_days": own})


def set_week(world: World, **hours: str) -> None:
    with world.store.change() as uow:
        program = uow.session.get_one(Program, world.program.id)
        now: Mapping[str, str] = hours_of(program.calendar, program.zone)
        set_hours(uow, world.actor("max"), {**now, **hours})


def replan(world: World) -> None:
    while True:
        with world.store.change() as uow:
            if replan_due(uow) is None:
                return


def fire(world: World) -> None:
    while True:
        with world.store.change() as uow:
            if fire_due(uow) is None:
                return


def move_board(world: World, case: Case, day: date) -> None:
    with world.store.change() as uow:
        set_date(uow, world.actor("lea"), case.id, "board", Moment.of_day(day))


def test_our_own_targets_and_reminders_are_counted_anew_too(world: World, case: Case, engine: Engine) -> None:
    assert there(clock_of(engine, 2, "sla").deadline_at) == "Tue 03 09:00"
    reminder = (
        "SELECT m.at FROM timers m JOIN tasks t ON t.id = m.task_id JOIN clocks k ON k.id = m.clock_id"
        " WHERE t.no = :no AND k.kind = 'due' AND m.kind = 'remind' AND m.state = 'pending'"
    )
    assert there(rows(engine, reminder, no=1)[0].at) == "Tue 03 17:00"
    close_days(world, d2026_11_03="Election day")
    replan(world)
    assert there(clock_of(engine, 2, "sla").deadline_at) == "Wed 04 09:00"
    assert there(clock_of(engine, 1).deadline_at) == "Wed 04 17:00"
    assert there(rows(engine, reminder, no=1)[0].at) == "Mon 02 17:00", "a business day before a deadline that stays"
    events = "SELECT e.kind FROM clock_events e WHERE e.clock_id = :id ORDER BY e.id"
    assert [row.kind for row in rows(engine, events, id=clock_of(engine, 2, "sla").id)] == ["start", "move"]


def test_what_was_missed_stays_missed_at_its_moment(
    world: World, case: Case, engine: Engine, clock: FixedClock
) -> None:
    clock.move_to(LATE)
    fire(world)
    missed = "SELECT * FROM clock_events WHERE kind = 'breach' ORDER BY id"
    before, breaches, task_before = clock_of(engine, 1), rows(engine, missed), task(engine, 1)
    assert len(breaches) == 2, "the first task's deadline, and the target of the second"
    target = clock_of(engine, 2, "sla")

    close_days(world, d2026_11_09="Inventory")
    replan(world)
    after = clock_of(engine, 1)
    assert (after.deadline_at, after.state, after.generation) == (before.deadline_at, "running", before.generation)
    assert there(after.kept_for) == "Tue 03 17:00"
    assert clock_of(engine, 2, "sla").deadline_at == target.deadline_at
    assert rows(engine, missed) == breaches
    assert (task(engine, 1).due_at, task(engine, 1).breached_at) == (task_before.due_at, task_before.breached_at)
    assert there(clock_of(engine, 3).deadline_at) == "Fri 06 17:00", "what is to come moves"

    with world.store.change() as uow:
        tasks.claim(uow, world.actor("ana"), task(engine, 2).id)
        tasks.done(uow, world.actor("ana"), task(engine, 2).id)
    assert clock_of(engine, 1).deadline_at == before.deadline_at, "and no later change of the case moves it"
    close_days(world)
    replan(world)
    assert clock_of(engine, 1).deadline_at == before.deadline_at, "nor a second change of the calendar"
    move_board(world, case, date(2026, 11, 19))
    assert there(clock_of(engine, 1).deadline_at) == "Thu 12 17:00", "but its key date does"


def test_a_deadline_that_a_lead_gave_stays(world: World, case: Case, engine: Engine) -> None:
    until = datetime(2026, 11, 6, 12, 0, tzinfo=NEW_YORK)
    with world.store.change() as uow:
        extend(uow, world.actor("lea"), task(engine, 1).id, until, "payer asked for records")
    close_days(world, d2026_11_09="Inventory")
    replan(world)
    assert clock_of(engine, 1).deadline_at == until
    with world.store.change() as uow:
        tasks.claim(uow, world.actor("ana"), task(engine, 2).id)
        tasks.done(uow, world.actor("ana"), task(engine, 2).id)
    assert clock_of(engine, 1).deadline_at == until
    move_board(world, case, date(2026, 11, 19))
    assert clock_of(engine, 1).deadline_at != until


def test_more_time_for_what_was_missed_before_the_calendar_changed_stays(
    world: World, case: Case, engine: Engine, clock: FixedClock
) -> None:
    clock.move_to(LATE)
    fire(world)
    close_days(world, d2026_11_09="Inventory")
    replan(world)
    until = datetime(2026, 11, 6, 12, 0, tzinfo=NEW_YORK)
    with world.store.change() as uow:
        extend(uow, world.actor("lea"), task(engine, 1).id, until, "payer asked for records")
    with world.store.change() as uow:
        tasks.claim(uow, world.actor("ana"), task(engine, 2).id)
        tasks.done(uow, world.actor("ana"), task(engine, 2).id)
    assert clock_of(engine, 1).deadline_at == until
    move_board(world, case, date(2026, 11, 19))
    assert there(clock_of(engine, 1).deadline_at) == "Thu 12 17:00"


def test_who_changes_the_case_first_finds_it_re_planned(
    world: World, case: Case, engine: Engine, clock: FixedClock
) -> None:
    """Else what a key date moves, and what the calendar moves, could not be told apart: a missed one would move."""
    clock.move_to(LATE)
    fire(world)
    missed = clock_of(engine, 1).deadline_at
    close_days(world, d2026_11_09="Inventory")
    with world.store.change() as uow:
        tasks.claim(uow, world.actor("ana"), task(engine, 2).id)
        tasks.done(uow, world.actor("ana"), task(engine, 2).id)
    assert clock_of(engine, 1).deadline_at == missed
    assert rows(engine, "SELECT 1 FROM cases WHERE replan_at IS NOT NULL") == []
    assert len(rows(engine, "SELECT 1 FROM notices WHERE kind = 'replan' AND payload ->> 'name' IS NULL")) == 1


def test_what_a_change_would_move_is_known_before_it_is_saved(world: World, case: Case, engine: Engine) -> None:
    def would(most: int) -> Moves | None:
        with world.store.read() as uow:  # which is rolled back
            program = uow.session.get_one(Program, world.program.id)
            own = "2026-11-09 Inventory\n2026-11-10 Inventory\n2026-11-06 Inventory"
            now = holidays_of(program.calendar, program.zone)
            set_holidays(uow, world.actor("max"), {**now, "own_days": own})
            return replan_few(uow, program.id, most)

    before = clock_of(engine, 1)
    moves = would(1)
    assert moves is not None
    assert (moves.deadlines, moves.cases, moves.late) == (4, 1, 1), "the first task would have been due on Friday"
    name, first = moves.first[0]
    assert (name, first.new is not None and there(first.new)) == (f"{case.code}-1", "Fri 30 17:00"), "the nearest first"
    assert len(moves.first) == 3
    assert would(0) is None, "there are more cases than can be looked at at once"
    assert clock_of(engine, 1) == before


def test_no_deadline_fires_by_a_calendar_that_holds_no_more(
    world: World, case: Case, engine: Engine, clock: FixedClock
) -> None:
    """The scheduler stood still between the change and the deadline, and looks at what is due first."""
    with world.store.change() as uow:
        program = uow.session.get_one(Program, world.program.id)
        set_holidays(uow, world.actor("max"), {**holidays_of(program.calendar, program.zone), "country": ""})
    clock.move_to(datetime(2026, 11, 4, 18, 0, tzinfo=NEW_YORK))
    fire(world)
    assert there(clock_of(engine, 1).deadline_at) == "Thu 05 17:00", "the eleventh is a working day now"
    assert task(engine, 1).breached_at is None


def test_a_case_that_fails_is_put_off_and_the_mark_stays(
    world: World, case: Case, engine: Engine, clock: FixedClock
) -> None:
    close_days(world, d2026_11_09="Inventory")
    with engine.begin() as connection:
        broken = text("UPDATE programs SET calendar = jsonb_set(calendar, '{hours}', '{}')")
        connection.execute(broken)
    with pytest.raises(NotReplanned) as failed, world.store.change() as uow:
        replan_due(uow)
    assert failed.value.row_id == case.id
    with world.store.change() as uow:
        put_off(uow, case.id, timedelta(minutes=1))
    with world.store.change() as uow:
        assert replan_due(uow) is None
    assert rows(engine, "SELECT replan_at FROM cases")[0].replan_at == clock.now() + timedelta(minutes=1)


def test_opening_hours_shorten_and_lengthen_what_is_counted_in_them(world: World, case: Case, engine: Engine) -> None:
    set_week(world, mon="8-20", tue="8-20")
    replan(world)
    assert there(clock_of(engine, 2, "sla").deadline_at) == "Mon 02 17:00"
    with pytest.raises(BadField, match="never open"):
        set_week(world, mon="", tue="", wed="", thu="", fri="")
    set_week(world, mon="9-10", tue="9-10")
    replan(world)
    assert there(clock_of(engine, 2, "sla").deadline_at) == "Wed 04 15:00"
