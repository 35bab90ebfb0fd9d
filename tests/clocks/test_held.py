"""What quiet hours hold back comes as one message: of all cases, whatever the clocks do, however many schedulers there
are, and after a standstill."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app.cases.service import open_case
from app.clocks import sweep as clocks
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.kernel.durations import Duration
from app.programs import persons
from app.programs.queries import quiet_until
from app.programs.quiet import set_quiet
from app.programs.service import set_active, system
from app.questions import service as questions
from app.questions import sweep as people
from app.questions.sweep import push_back
from app.tasks import reminding
from app.tasks import service as tasks
from app.tasks.queries import find_task
from tests.world import World

YORK = ZoneInfo("America/New_York")
BOARD = date(2026, 11, 12)
"""P1 is due on Wed 4 Nov at 17:00 then; two days before is Mon 2 Nov at 17:00, 20 hours before Tue 3 Nov at 21:00."""


def york(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in New York."""
    return datetime(2026, 11, day, hour, minute, tzinfo=YORK).astimezone(UTC)


@dataclass
class Night:
    """Cases of the practice, in each of which Bo, who is quiet from 18:00 to 9:00, holds the first task."""

    world: World
    clock: FixedClock

    def case(self, board: date = BOARD, *, lead: str = "20 hours") -> int:
        """A case whose first task is Bo's and reminds that long before; returns the task."""
        with self.world.store.change() as uow:
            case = open_case(uow, self.world.actor("ana"), key_dates={"board": Moment(board)})
            task = find_task(uow.session, self.world.program.id, "P1", case.id)
            tasks.claim(uow, self.world.actor("bo"), task)
            reminding.remind(uow, self.world.actor("bo"), task, Duration.parse(lead))
        return task

    def sweep(self) -> None:
        """What a scheduler does at a tick."""
        for fire in (clocks.fire_due, people.fire_due):
            while True:
                with self.world.store.change() as uow:
                    if fire(uow) is None:
                        break

    def until(self, *moments: datetime) -> None:
        for moment in moments:
            self.clock.move_to(moment)
            self.sweep()

    def rows(self, query: str, **values: object) -> Sequence[Any]:
        with self.world.store.read() as uow:
            return uow.session.execute(text(query), values).all()

    def told(self) -> list[tuple[str, int]]:
        """Kind and number of tasks of each post about first tasks and questions, those about handoffs apart."""
        found = self.rows(
            "SELECT kind, payload FROM notices WHERE kind IN ('reminder', 'breach', 'escalation', 'catch_up',"
            " 'held_back', 'question') ORDER BY seq"
        )
        counts = [(row.kind, len([one for one in row.payload["tasks"] if one.get("item") == "P1"])) for row in found]
        return [(kind, count) for kind, count in counts if count or kind == "question"]


@pytest.fixture
def night(world: World, clock: FixedClock) -> Night:
    return Night(world, clock)


def test_several_tasks_of_several_cases_are_one_message_at_the_end(night: Night) -> None:
    for lead in ("20 hours", "19 hours", "10 hours"):
        night.case(lead=lead)
    night.until(york(3, 21), york(3, 22), york(4, 7), york(4, 8, 59))
    assert night.told() == []
    night.until(york(4, 9))
    assert night.told() == [("held_back", 3)]
    (notice,) = night.rows("SELECT n.*, h.staff_id FROM notices n JOIN channels h ON h.id = n.channel_id"
                           " WHERE kind = 'held_back'")  # fmt: skip
    assert notice.staff_id == night.world.staff["bo"].id
    assert len({task["code"] for task in notice.payload["tasks"]}) == 3
    assert notice.payload["since"] == york(3, 21).isoformat()
    settled = night.rows("SELECT state FROM timers WHERE notice_id = :id", id=notice.id)
    assert [row.state for row in settled] == ["collapsed"] * 3
    night.until(york(4, 9, 1), york(4, 12))
    assert night.told() == [("held_back", 3)]
    night.until(york(4, 17))
    assert night.told()[1:] == [("breach", 1)] * 3, "what is late comes in the channel of each case"


@pytest.mark.parametrize(
    ("board", "due", "change", "ends"),
    [
        (date(2027, 3, 24), date(2027, 3, 17), date(2027, 3, 14), datetime(2027, 3, 14, 13, tzinfo=UTC)),
        (date(2026, 11, 10), date(2026, 11, 3), date(2026, 11, 1), datetime(2026, 11, 1, 14, tzinfo=UTC)),
    ],
    ids=["an hour less", "an hour more"],
)
def test_across_a_change_of_the_clocks_it_comes_at_the_local_end(
    night: Night, board: date, due: date, change: date, ends: datetime
) -> None:
    """Reminders at midnight before the change and in the hour after it wait for 9:00 of the new time."""
    night.clock.move_to(datetime.combine(change - timedelta(days=12), time(10), YORK))
    deadline = datetime.combine(due, time(17), YORK).astimezone(UTC)
    for at in (time(0, 30), time(4, 30)):
        before = deadline - datetime.combine(change, at, YORK).astimezone(UTC)
        night.case(board, lead=f"{before // timedelta(minutes=1)} minutes")
    night.until(datetime.combine(change, time(0, 30), YORK), datetime.combine(change, time(4, 30), YORK))
    held = {row.held_until for row in night.rows("SELECT held_until FROM timers WHERE held_until IS NOT NULL")}
    assert held == {ends}
    night.until(ends - timedelta(seconds=1))
    assert night.told() == []
    night.until(ends)
    assert night.told() == [("held_back", 2)]


def test_two_schedulers_tell_it_once(night: Night) -> None:
    for _ in range(6):
        night.case()
    night.clock.move_to(york(3, 21))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: night.sweep(), range(4)))
    night.clock.move_to(york(4, 9))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: night.sweep(), range(4)))
    night.sweep()
    assert night.told() == [("held_back", 6)]


def test_after_a_standstill_of_the_night_it_is_still_one_message(night: Night) -> None:
    for lead in ("20 hours", "19 hours"):
        night.case(lead=lead)
    night.until(york(3, 17))
    night.until(york(4, 11))  # nobody swept since: not when they were due, not when quiet hours ended
    assert night.told() == [("held_back", 2)]


def test_nobody_is_told_while_cases_still_have_reminders_of_theirs_to_look_at(night: Night) -> None:
    """A case at a time is swept, and people are told meanwhile: it would be a message for each case."""
    for _ in range(3):
        night.case()
    night.until(york(3, 17))
    night.clock.move_to(york(4, 11))
    for _ in range(3):
        assert night.told() == []
        with night.world.store.change() as uow:
            assert clocks.fire_due(uow) is not None
        with night.world.store.change() as uow:
            people.fire_due(uow)
    night.sweep()
    assert night.told() == [("held_back", 3)]


def test_a_standstill_beyond_the_deadline_is_told_where_what_is_late_is_told(night: Night) -> None:
    night.case()
    night.until(york(3, 17), york(4, 18))
    assert night.told() == [("catch_up", 1)]
    left = night.rows(
        "SELECT m.id FROM timers m JOIN tasks t ON t.id = m.task_id WHERE t.item_id = 'P1' AND m.kind = 'remind'"
        " AND m.state = 'pending'"
    )
    assert left == []


def test_who_takes_it_over_at_night_is_reminded_and_nobody_else(night: Night) -> None:
    task, kept = night.case(), night.case()
    night.until(york(3, 21))
    with night.world.store.change() as uow:
        tasks.assign(uow, night.world.actor("lea"), task, night.world.staff["ana"].id)
    night.until(york(3, 21, 1))
    assert night.told() == [("reminder", 1)], "Ana has no quiet hours"
    night.until(york(4, 9))
    (payload,) = night.rows("SELECT payload FROM notices WHERE kind = 'held_back'")[0]
    assert [line["id"] for line in payload["tasks"]] == [kept]


def quiet(night: Night, hours: Any) -> bool:
    with night.world.store.change() as uow:
        return set_quiet(uow, night.world.actor("bo"), night.world.staff["bo"].id, hours=hours)


@pytest.mark.parametrize("by", ["themself", "a manager, in the settings"])
def test_without_quiet_hours_any_more_it_comes_at_once_together(night: Night, by: str) -> None:
    for _ in range(3):
        night.case()
    night.until(york(3, 21))
    if by == "themself":
        assert quiet(night, "off")
    else:
        with night.world.store.change() as uow:
            none = {persons.QUIET_FROM: "", persons.QUIET_UNTIL: ""}
            persons.set_person(uow, night.world.actor("max"), night.world.staff["bo"].id, none)
    night.until(york(3, 21, 1))
    assert night.told() == [("held_back", 3)]


def test_with_longer_quiet_hours_it_waits_for_their_end(night: Night) -> None:
    night.case()
    night.until(york(3, 21))
    quiet(night, (time(18), time(11)))
    night.until(york(4, 9), york(4, 10, 59))
    assert night.told() == []
    night.until(york(4, 11))
    assert night.told() == [("held_back", 1)]


def test_quiet_hours_that_reach_beyond_the_deadline_leave_it_to_the_breach(night: Night) -> None:
    night.case()
    night.until(york(3, 21))
    quiet(night, (time(18), time(17, 30)))
    night.until(york(4, 9), york(4, 17), york(4, 17, 30))
    assert night.told() == [("breach", 1)]


def test_questions_that_waited_for_the_same_hour_are_in_the_same_message(night: Night) -> None:
    task = night.case()
    with night.world.store.change() as uow:
        case = uow.session.execute(text("SELECT case_id FROM tasks WHERE id = :task"), {"task": task}).scalar_one()
        asked = questions.ask(uow, night.world.actor("ana"), case, night.world.staff["bo"].id, "Is the fax there?",
                              day=date(2026, 11, 4), at=time(9, 30))  # fmt: skip
        uow.session.execute(text("UPDATE questions SET next_at = :at"), {"at": york(3, 20)})
    assert night.told() == [("question", 0)]
    night.until(york(3, 20), york(3, 21), york(4, 9))
    assert night.told()[1:] == [("held_back", 1)]
    (payload,) = night.rows("SELECT payload FROM notices WHERE kind = 'held_back'")[0]
    assert [line["id"] for line in payload["questions"]] == [asked.question.id]
    night.until(york(4, 9, 30))
    assert night.told()[2:] == [("question", 0)], "that it is due is told on its own"


def test_without_quiet_hours_any_more_questions_come_at_once_too(night: Night) -> None:
    task = night.case()
    with night.world.store.change() as uow:
        case = uow.session.execute(text("SELECT case_id FROM tasks WHERE id = :task"), {"task": task}).scalar_one()
        questions.ask(uow, night.world.actor("ana"), case, night.world.staff["bo"].id, "Is the fax there?",
                      day=date(2026, 11, 4), at=time(9, 30))  # fmt: skip
        uow.session.execute(text("UPDATE questions SET next_at = :at"), {"at": york(3, 20)})
    night.until(york(3, 20))
    quiet(night, "off")
    night.until(york(3, 20, 1))
    assert night.told() == [("question", 0), ("question", 0)], "asked, and reminded of"


def test_of_somebody_who_was_switched_off_it_is_told_in_the_channel(night: Night) -> None:
    night.case()
    night.until(york(3, 21))
    with night.world.store.change() as uow:
        set_active(uow, system(night.world.program.id), night.world.staff["bo"].id, active=False)
    night.until(york(4, 9), york(4, 9, 1))
    assert [kind for kind, _ in night.told()] in (["reminder"], ["catch_up"])


def test_a_snooze_that_ends_in_quiet_hours_is_in_the_message(night: Night) -> None:
    task = night.case(lead="30 minutes")
    with night.world.store.change() as uow:
        reminding.snooze(uow, night.world.actor("bo"), task, york(3, 22), "waits for the fax")
    night.until(york(3, 22), york(4, 9))
    assert night.told() == [("held_back", 1)]


def test_whoever_it_fails_for_is_looked_at_later(night: Night) -> None:
    night.case()
    night.until(york(3, 21))
    night.clock.move_to(york(4, 9))
    with night.world.store.change() as uow:
        push_back(uow, night.world.staff["bo"].id, timedelta(minutes=1))
    night.sweep()
    assert night.told() == []
    night.until(york(4, 9, 1))
    assert night.told() == [("held_back", 1)]


def test_the_sweep_of_people_reads_only_what_is_held(night: Night) -> None:
    night.case()
    with night.world.store.change() as uow:
        uow.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(uow.session.execute(text(f"EXPLAIN {people._NEXT_PERSON.text}"), {"now": uow.now}).scalars())
    assert "timers_held_back" in plan, plan
    assert "questions_next" in plan, plan


@pytest.mark.parametrize(("since", "until", "at", "ends"), [
    (time(18), time(9), york(3, 18), york(4, 9)),
    (time(18), time(9), york(3, 17, 59), None),
    (time(18), time(9), york(4, 9), None),
    (time(12), time(13), york(3, 12, 30), york(3, 13)),
    (time(0), time(0), york(3, 12), None),
])  # fmt: skip
def test_when_quiet_hours_end(night: Night, since: time, until: time, at: datetime, ends: datetime | None) -> None:
    bo = night.world.staff["bo"]
    bo.quiet_from, bo.quiet_until = since, until
    assert quiet_until(bo, at) == ends
