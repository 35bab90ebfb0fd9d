"""What fires when, whom it tells, and what it leaves out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.cases.service import open_case
from app.checklists.library import load_templates
from app.clocks import sweep
from app.clocks.sweep import SweepFailed, fire_due, push_back
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.programs.models import Staff
from app.programs.service import system
from app.store.uow import Store
from app.tasks import service as tasks
from app.tasks.queries import find_task
from tests.world import World

BOARD = Moment(date(2026, 11, 12))  # P1 is due Wed 4 Nov 17:00 in New York, and reminds a business day before


@dataclass
class Desk:
    """A case with the packet, and what its sweeps wrote."""

    world: World
    clock: FixedClock
    case_id: int

    def until(self, at: datetime) -> None:
        """Move the clock on without a sweep before, then sweep."""
        self.clock.move_to(at)
        self.sweep()

    def sweep(self) -> int:
        fired = 0
        while True:
            with self.world.store.change() as uow:
                count = fire_due(uow)
            if count is None:
                return fired
            fired += count

    def task(self, item: str) -> int:
        with self.world.store.read() as uow:
            return find_task(uow.session, self.world.program.id, item, self.case_id)

    def claim(self, who: str, item: str) -> None:
        with self.world.store.change() as uow:
            tasks.claim(uow, self.world.actor(who), self.task(item))

    def rows(self, query: str) -> Sequence[Any]:
        with self.world.store.read() as uow:
            return uow.session.execute(text(query)).all()

    def told(self) -> list[tuple[str, list[str], list[str]]]:
        """Each clock post: its kind, the items, and whom it mentions by first name."""
        names = {person.slack_user_id: name for name, person in self.world.staff.items()}
        query = (
            "SELECT kind, payload FROM notices WHERE kind IN ('reminder', 'breach', 'escalation', 'catch_up')"
            " ORDER BY seq"
        )
        return [
            (
                row.kind,
                sorted(task["item"] for task in row.payload["tasks"]),
                sorted(names[user] for user in row.payload["to"]),
            )
            for row in self.rows(query)
        ]


@pytest.fixture
def desk(world: World, clock: FixedClock) -> Desk:
    with world.store.change() as uow:
        case = open_case(uow, world.actor("ana"), lead_id=world.staff["lea"].id, key_dates={"board": BOARD})
    return Desk(world, clock, case.id)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in New York, which is five hours behind UTC then."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


def only(desk: Desk, item: str) -> None:
    """Leave one task of the packet: the others are skipped, so that they are silent."""
    for other in ("P1", "P2", "P3"):
        if other != item:
            with desk.world.store.change() as uow:
                tasks.skip(uow, desk.world.actor("lea"), desk.task(other), "not needed here")


def test_a_deadline_reminds_breaches_and_escalates_each_once(desk: Desk) -> None:
    only(desk, "P1")
    desk.claim("ana", "P1")

    for moment in (local(3, 17), local(4, 17), local(5, 12), local(5, 17)):
        desk.until(moment)
        assert desk.sweep() == 0

    assert desk.told() == [
        ("reminder", ["P1"], ["ana"]),
        ("breach", ["P1"], ["ana"]),
        ("escalation", ["P1"], ["ana", "lea"]),
        ("escalation", ["P1"], ["ana", "max"]),
    ]


def test_what_falls_due_together_is_one_post(desk: Desk) -> None:
    with desk.world.store.change() as uow:
        tasks.skip(uow, desk.world.actor("lea"), desk.task("P1"), "not needed here")
        tasks.skip(uow, desk.world.actor("lea"), desk.task("P2"), "not needed here")
    desk.until(local(9, 17))

    assert desk.told() == [("breach", ["P3", "P4"], [])]
    (payload,) = desk.rows("SELECT payload FROM notices WHERE kind = 'breach'")[0]
    waits = {task["item"]: len(task["waits_for"]) for task in payload["tasks"]}
    assert waits == {"P3": 0, "P4": 1}, "what is blocked says what it waits for"


def rests(desk: Desk, who: str, since: int, until: int) -> None:
    """Give somebody quiet hours, whole hours of New York."""
    with desk.world.store.change() as uow:
        person = uow.session.get_one(Staff, desk.world.staff[who].id)
        person.quiet_from, person.quiet_until = time(since), time(until)


def test_quiet_hours_hold_a_reminder_back_and_it_is_told_to_the_person_alone(desk: Desk) -> None:
    only(desk, "P1")
    rests(desk, "bo", 16, 9)  # the reminder comes on Tuesday at 17:00
    desk.claim("bo", "P1")

    desk.until(local(3, 17))
    assert desk.told() == []
    desk.until(local(4, 9))

    assert desk.told() == []  # how it is told: test_held
    assert desk.rows("SELECT held_until FROM timers WHERE held_until IS NOT NULL") == [(local(4, 9),)]


def test_a_held_reminder_never_comes_after_its_breach(desk: Desk) -> None:
    only(desk, "P1")
    rests(desk, "bo", 16, 15)
    desk.claim("bo", "P1")
    for due in (local(3, 17), local(4, 14)):
        desk.until(due)
    rests(desk, "bo", 14, 9)  # before they end, longer ones begin: they reach beyond the deadline on Wednesday at 17:00
    desk.until(local(4, 15))
    assert desk.told() == []
    desk.until(local(4, 17))
    desk.until(local(5, 9))

    assert [kind for kind, items, _ in desk.told() if "P1" in items] == ["breach"]
    over = f"AND fire_at < '{desk.clock.now().isoformat()}'"
    assert desk.rows(f"SELECT id FROM timers WHERE kind = 'remind' AND state = 'pending' {over}") == []


def test_quiet_hours_do_not_hold_a_breach(desk: Desk) -> None:
    only(desk, "P1")
    rests(desk, "bo", 16, 9)
    desk.claim("bo", "P1")
    desk.until(local(4, 9))

    desk.until(local(4, 17))

    assert desk.told()[-1] == ("breach", ["P1"], ["bo"])


def test_an_escalation_may_tell_the_holder_once_more_before_the_lead(world: World, clock: FixedClock) -> None:
    with world.store.change() as uow:
        load_templates(uow, system(world.program.id), world.program.id, Path(__file__).parent / "templates")
        case = open_case(uow, world.actor("ana"), lead_id=world.staff["lea"].id, key_dates={"board": BOARD})
    desk = Desk(world, clock, case.id)
    with world.store.read() as uow:
        others = (
            uow.session.execute(text("SELECT id FROM tasks WHERE item_id NOT IN ('N1', 'P4', 'P5')")).scalars().all()
        )
    for other in others:
        with world.store.change() as uow:
            tasks.skip(uow, world.actor("lea"), other, "not needed here")
    desk.claim("ana", "N1")

    for moment in (local(4, 17), local(4, 18), local(5, 10)):
        desk.until(moment)

    assert [told for told in desk.told() if told[1] == ["N1"]] == [
        ("breach", ["N1"], ["ana"]),
        ("escalation", ["N1"], ["ana"]),
        ("escalation", ["N1"], ["ana", "lea"]),
    ]


def test_a_sweep_reads_only_what_is_due(desk: Desk) -> None:
    """Among 20,000 settled timers, every query of the sweep goes by the partial index of the pending ones."""
    only(desk, "P1")
    with desk.world.store.change() as uow:
        uow.session.execute(
            text(
                "INSERT INTO timers (program_id, case_id, task_id, clock_id, generation, kind, step, tells, at,"
                " fire_at, state, settled_at) SELECT program_id, case_id, task_id, clock_id, 1000 + n,"
                " kind, step, tells, at, fire_at, 'fired', fire_at FROM timers CROSS JOIN generate_series(1, 3000) n"
            )
        )
        uow.session.execute(text("ANALYZE timers"))
        values = {"now": local(2, 10), "case": desk.case_id, "tasks": [desk.task("P1")], "until": local(2, 11)}
        for query in (sweep._NEXT_CASE, sweep._LOCK_TASKS, sweep._DUE, sweep._PUSH_BACK):
            plan = "\n".join(uow.session.execute(text(f"EXPLAIN {query.text}"), values).scalars())
            assert "timers_due" in plan, plan
            assert "Seq Scan on timers" not in plan, plan


def test_after_a_standstill_there_is_one_catch_up_that_tells_everybody_concerned(desk: Desk) -> None:
    only(desk, "P1")
    desk.claim("ana", "P1")

    desk.until(local(7, 12))

    assert desk.told() == [("catch_up", ["P1"], ["ana", "lea", "max"])]
    task, due = desk.task("P1"), f"fire_at <= '{desk.clock.now().isoformat()}'"
    assert desk.rows(f"SELECT DISTINCT state FROM timers WHERE task_id = {task} AND {due}") == [("collapsed",)]
    unnamed = f"SELECT id FROM timers WHERE state = 'collapsed' AND notice_id IS NULL AND task_id = {task}"
    assert desk.rows(unnamed) == []
    assert desk.sweep() == 0


def test_a_reminder_of_a_blocked_task_is_dropped(desk: Desk) -> None:
    desk.until(local(6, 17))  # P4 would remind now; it waits for P1 to P3

    assert all("P4" not in items for kind, items, _ in desk.told() if kind == "reminder")


def test_a_failing_case_is_pushed_back_and_the_next_one_fires(desk: Desk, store: Store) -> None:
    only(desk, "P1")
    with desk.world.store.change() as uow:
        other = open_case(uow, desk.world.actor("ana"), key_dates={"board": BOARD}).id
        uow.session.execute(
            text("UPDATE timers SET tells = 'nobody' WHERE case_id = :case AND kind = 'escalate'"),
            {"case": desk.case_id},
        )
    desk.clock.move_to(local(5, 12, 1))

    failed: list[int] = []
    while True:
        try:
            with store.change() as uow:
                if fire_due(uow) is None:
                    break
        except SweepFailed as error:
            failed.append(error.row_id)
            with store.change() as uow:
                push_back(uow, error.row_id, timedelta(minutes=1))

    assert failed == [desk.case_id]
    pending = f"SELECT id FROM timers WHERE case_id = {other} AND state = 'pending' AND fire_at <= '2026-11-05'"
    assert desk.rows(pending) == []
    due = f"SELECT count(*) FROM timers WHERE case_id = {desk.case_id} AND state = 'pending' AND at < fire_at"
    assert desk.rows(due)[0][0] > 0
