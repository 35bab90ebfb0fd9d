"""What fires when, whom it tells, and what it leaves out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.cases.service import open_case
from app.clocks.sweep import SweepFailed, fire_due, push_back
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
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


def test_quiet_hours_hold_a_reminder_until_they_end(desk: Desk) -> None:
    only(desk, "P1")
    desk.claim("bo", "P1")  # quiet from 18:00 to 09:00
    with desk.world.store.change() as uow:
        uow.session.execute(text("UPDATE timers SET fire_at = :at WHERE kind = 'remind'"), {"at": local(3, 20)})

    desk.until(local(3, 20))
    assert desk.told() == []
    desk.until(local(4, 9))

    assert desk.told() == [("reminder", ["P1"], ["bo"])]


def test_a_held_reminder_never_comes_after_its_breach(desk: Desk) -> None:
    only(desk, "P1")
    desk.claim("bo", "P1")
    with desk.world.store.change() as uow:  # the deadline lies within the quiet hours
        late, soon = {"at": local(3, 22)}, {"at": local(3, 20)}
        uow.session.execute(text("UPDATE clocks SET deadline_at = :at WHERE state = 'running'"), late)
        uow.session.execute(text("UPDATE timers SET at = :at, fire_at = :at WHERE kind = 'breach'"), late)
        uow.session.execute(text("UPDATE timers SET at = :at, fire_at = :at WHERE kind = 'remind'"), soon)

    desk.until(local(3, 20))
    desk.until(local(3, 22))
    desk.until(local(4, 9))

    assert [kind for kind, items, _ in desk.told() if "P1" in items] == ["breach"]
    over = f"AND fire_at < '{desk.clock.now().isoformat()}'"
    assert desk.rows(f"SELECT id FROM timers WHERE kind = 'remind' AND state = 'pending' {over}") == []


def test_quiet_hours_do_not_hold_a_breach(desk: Desk) -> None:
    only(desk, "P1")
    desk.claim("bo", "P1")
    with desk.world.store.change() as uow:
        uow.session.execute(
            text("UPDATE timers SET fire_at = :at WHERE kind = 'breach' AND task_id = 1"), {"at": local(3, 23)}
        )

    desk.until(local(3, 23))

    assert ("breach", ["P1"], ["bo"]) in desk.told()


def test_after_a_standstill_there_is_one_catch_up_that_tells_everybody_concerned(desk: Desk) -> None:
    only(desk, "P1")
    desk.claim("ana", "P1")

    desk.until(local(7, 12))

    assert desk.told() == [("catch_up", ["P1"], ["ana", "lea", "max"])]
    due = f"fire_at <= '{desk.clock.now().isoformat()}'"
    assert desk.rows(f"SELECT DISTINCT state FROM timers WHERE task_id = 1 AND {due}") == [("collapsed",)]
    unnamed = "SELECT id FROM timers WHERE state = 'collapsed' AND notice_id IS NULL AND task_id = 1"
    assert desk.rows(unnamed) == []
    assert desk.sweep() == 0


def test_a_reminder_of_a_blocked_task_is_dropped(desk: Desk) -> None:
    desk.until(local(6, 17))  # P4 would remind now; it waits for P1 to P3

    assert all("P4" not in items for kind, items, _ in desk.told() if kind == "reminder")


def test_a_failing_case_is_pushed_back_and_the_next_one_fires(desk: Desk, store: Store) -> None:
    only(desk, "P1")
    with desk.world.store.change() as uow:
        open_case(uow, desk.world.actor("ana"), key_dates={"board": BOARD})
        uow.session.execute(text("UPDATE timers SET tells = 'nobody' WHERE case_id = 1 AND kind = 'escalate'"))
    desk.clock.move_to(local(5, 12, 1))

    failed: list[int] = []
    while True:
        try:
            with store.change() as uow:
                if fire_due(uow) is None:
                    break
        except SweepFailed as error:
            failed.append(error.case_id)
            with store.change() as uow:
                push_back(uow, error.case_id, timedelta(minutes=1))

    assert failed == [desk.case_id]
    assert desk.rows("SELECT id FROM timers WHERE case_id = 2 AND state = 'pending' AND fire_at <= '2026-11-05'") == []
    due = "SELECT count(*) FROM timers WHERE case_id = 1 AND state = 'pending' AND at < fire_at"
    assert desk.rows(due)[0][0] > 0
