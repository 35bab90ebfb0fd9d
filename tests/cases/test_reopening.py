"""A closed case that is opened again."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from app.cases.refusals import UnknownCase
from app.cases.reopening import reopen_case
from app.cases.service import close_case
from app.checklists.vocabulary import Awaited
from app.kernel.durations import Duration
from app.programs.absences import plan
from app.programs.actor import NotAllowed
from app.programs.persons import set_person
from app.programs.service import set_active, system
from app.tasks import handoffs, reminding
from app.tasks import service as tasks
from app.tasks.brief import Brief
from tests.conftest import MONDAY
from tests.tasks.desk import Desk, OpenCase


@pytest.fixture(autouse=True)
def on_monday(desk: Desk) -> Iterator[None]:
    yield
    desk.move_to(MONDAY)


def close(desk: Desk, case: OpenCase) -> None:
    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "went elsewhere")


def reopen(desk: Desk, case: OpenCase, who: str = "lea") -> tuple[int, bool]:
    with desk.change() as uow:
        done = reopen_case(uow, desk.world.actor(who), case.id)
        return done.tasks, done.changed


def standing(desk: Desk, case: OpenCase) -> list[tuple[object, ...]]:
    query = "SELECT no, state, holder_id, due_at FROM tasks WHERE case_id = :case ORDER BY no"
    return [tuple(row.values()) for row in desk.rows(query, case=case.id)]


def test_everything_is_as_it_was_and_twice_is_once(desk: Desk) -> None:
    case = desk.open()
    desk.do(tasks.claim, "ana", desk.task(case, "P2"))
    desk.do(tasks.done, "cy", desk.task(case, "P1"), "line 4")
    before = standing(desk, case)
    close(desk, case)
    assert reopen(desk, case) == (4, True)
    assert standing(desk, case) == before
    assert reopen(desk, case) == (0, False)
    running = "SELECT count(*) AS n FROM clocks WHERE case_id = :case AND state = 'running'"
    assert desk.rows(running, case=case.id)[0]["n"] > 0
    timers = "SELECT count(*) AS n FROM timers WHERE case_id = :case AND state = 'pending'"
    assert desk.rows(timers, case=case.id)[0]["n"] > 0


def _nothing(_desk: Desk, _task: int) -> None:
    """Nobody has touched it."""


def _claimed(desk: Desk, task: int) -> None:
    desk.do(tasks.claim, "ana", task)


def _waiting(desk: Desk, task: int) -> None:
    desk.do(tasks.claim, "ana", task)
    desk.do(tasks.wait, "ana", task, Awaited.CLINIC, "the disc")


def _snoozed(desk: Desk, task: int) -> None:
    desk.do(tasks.claim, "ana", task)
    desk.do(reminding.snooze, "ana", task, MONDAY + timedelta(hours=5), "busy")


def _tuned(desk: Desk, task: int) -> None:
    desk.do(tasks.claim, "ana", task)
    desk.do(reminding.remind, "ana", task, Duration.parse("3 hours"))


def _silent(desk: Desk, task: int) -> None:
    _waiting(desk, task)
    desk.do(reminding.remind, "ana", task, None)


def _offered(desk: Desk, task: int) -> None:
    desk.do(tasks.claim, "ana", task)
    desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("so far"))


def _late(desk: Desk, task: int) -> None:
    desk.do(tasks.claim, "ana", task)
    desk.move_to(MONDAY + timedelta(days=3))
    desk.sweep()
    assert desk.row(task)["breached_at"] is not None


def _done(desk: Desk, task: int) -> None:
    _tuned(desk, task)
    desk.do(tasks.done, "ana", task)


def _skipped(desk: Desk, task: int) -> None:
    _tuned(desk, task)
    desk.do(tasks.skip, "lea", task, "not needed")


def _reopened(desk: Desk, task: int) -> None:
    _done(desk, task)
    desk.do(tasks.reopen, "ana", task, "one was missing")


@pytest.mark.parametrize(
    ("bring", "item", "state", "held"),
    [
        (_nothing, "P4", "blocked", False),
        (_nothing, "P2", "ready", False),
        (_claimed, "P2", "claimed", True),
        (_waiting, "P2", "claimed", True),
        (_snoozed, "P2", "claimed", True),
        (_tuned, "P2", "claimed", True),
        (_silent, "P2", "claimed", True),
        (_offered, "P2", "claimed", True),
        (_late, "P2", "claimed", True),
        (_done, "P2", "done", True),
        (_skipped, "P2", "skipped", True),
        (_reopened, "P2", "ready", False),
    ],
)  # fmt: skip
def test_whatever_a_task_was_it_comes_back_and_what_its_holder_had_said_of_it_is_over(
    desk: Desk, bring: Callable[[Desk, int], None], item: str, state: str, held: bool
) -> None:
    case = desk.open()
    task = desk.task(case, item)
    bring(desk, task)
    for _ in range(2):
        close(desk, case)
        assert reopen(desk, case) == (4 if state in ("done", "skipped") else 5, True)
        row = desk.row(task)
        assert (row["state"], row["holder_id"] is not None) == (state, held)
        if state not in ("done", "skipped"):
            assert [row[name] for name in ("waiting_on", "waiting_note", "snoozed_until", "remind_lead")] == [None] * 4
            assert not desk.rows("SELECT id FROM handoffs WHERE task_id = :t AND state = 'offered'", t=task)
    if held and state == "claimed":
        desk.do(tasks.release, "ana", task)
        assert desk.state(task) == "ready", "and goes on like any other"


def test_what_was_skipped_before_stays_skipped_even_in_the_same_moment(desk: Desk) -> None:
    case = desk.open()
    desk.do(tasks.skip, "lea", desk.task(case, "P2"), "the board's own wish")
    close(desk, case)
    assert reopen(desk, case) == (4, True)
    assert desk.rows("SELECT state FROM tasks WHERE id = :id", id=desk.task(case, "P2"))[0]["state"] == "skipped"


def test_who_has_left_or_is_away_gets_nothing_back(desk: Desk) -> None:
    case = desk.open()
    desk.do(tasks.claim, "ana", desk.task(case, "P2"))
    desk.do(tasks.claim, "bo", desk.task(case, "P1"))
    close(desk, case)
    with desk.change() as uow:
        set_active(uow, system(desk.world.program.id), desk.world.staff["bo"].id, active=False)
        plan(uow, desk.world.actor("ana"), desk.world.staff["ana"].id, date(2026, 11, 2), date(2026, 11, 3))
    desk.clock.move_to(desk.clock.now() + timedelta(hours=1))
    assert reopen(desk, case) == (5, True)
    assert {row[1] for row in standing(desk, case)} == {"ready", "blocked"}


def test_whom_slack_does_not_know_gets_nothing_back(desk: Desk) -> None:
    case = desk.open()
    desk.do(tasks.claim, "ana", desk.task(case, "P2"))
    close(desk, case)
    desk.open()
    desk.outside("ana")
    reopen(desk, case)
    assert {row[1] for row in standing(desk, case)} == {"ready", "blocked"}


def gives(desk: Desk, who: str, *roles: str) -> None:
    with desk.change() as uow:
        set_person(uow, desk.world.actor("max"), desk.world.staff[who].id, {"roles": "\n".join(roles)})


def test_who_may_not_have_it_any_more_gets_nothing_back(desk: Desk) -> None:
    case = desk.open()
    images, listed = desk.task(case, "P2"), desk.task(case, "P1")
    desk.do(tasks.claim, "ana", images)
    desk.do(tasks.claim, "cy", listed)
    close(desk, case)
    gives(desk, "ana", "biller")
    gives(desk, "cy", "va")
    assert reopen(desk, case) == (5, True)
    gives(desk, "ana", "va")
    gives(desk, "cy", "va", "coder")
    assert (desk.state(images), desk.row(images)["holder_id"]) == ("ready", None)
    assert (desk.state(listed), desk.row(listed)["holder_id"]) == ("claimed", desk.world.staff["cy"].id)


def test_a_case_can_be_closed_and_opened_as_often_as_one_likes(desk: Desk) -> None:
    case = desk.open()
    for _ in range(2):
        close(desk, case)
        assert reopen(desk, case) == (5, True)
    query = "SELECT kind FROM notices WHERE kind IN ('opened', 'closed') AND payload->>'code' = :code ORDER BY seq"
    kinds = [row["kind"] for row in desk.rows(query, code=case.code)]
    assert kinds == ["opened", "closed", "opened", "closed", "opened"]


def test_only_a_lead_and_only_of_the_own_practice(desk: Desk) -> None:
    case = desk.open()
    close(desk, case)
    with pytest.raises(NotAllowed):
        reopen(desk, case, "ana")
    with pytest.raises(UnknownCase), desk.change() as uow:
        reopen_case(uow, system(desk.world.program.id + 1), case.id)
