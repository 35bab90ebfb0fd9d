"""Two changes at the same moment, the second waiting for the first one's lock."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from app.checklists.vocabulary import Awaited
from app.programs.queries import staff_by_id
from app.programs.service import system
from app.store.uow import UnitOfWork
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.departures import leave
from app.tasks.refusals import NotHolder
from tests.tasks.desk import Desk

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
Change = Callable[[UnitOfWork], object]


def one_after_the_other(desk: Desk, first: Change, second: Change) -> Future[None]:
    """Run `second` while `first` is not committed yet; it has to wait, and goes on after the commit."""

    def run() -> None:
        with desk.change() as uow:
            second(uow)

    with ThreadPoolExecutor(1) as pool:
        with desk.change() as uow:
            first(uow)
            uow.session.flush()
            running = pool.submit(run)
            until = time.monotonic() + 10
            while desk.scalar(_WAITING) == 0:
                assert time.monotonic() < until, "the second change did not wait"
        running.exception(10)
    return running


def test_who_leaves_while_they_are_given_a_task_is_told_of_as_its_holder(desk: Desk) -> None:
    case = desk.open()
    task, bo = desk.task(case, "P1"), desk.world.staff["bo"]

    def leaves(uow: UnitOfWork) -> None:
        leave(uow, system(desk.program_id), staff_by_id(uow.session, desk.program_id, [bo.id])[bo.id])

    one_after_the_other(desk, lambda uow: tasks.assign(uow, desk.world.actor("lea"), task, bo.id), leaves).result()

    (told,) = desk.rows("SELECT payload FROM notices WHERE kind = 'trouble'")
    assert f"still holds {case.code}-1" in told["payload"]["problems"][0]


def test_who_loses_a_race_for_the_lock_reads_the_new_holder_s_name(desk: Desk) -> None:
    task = desk.task(desk.open(), "P1")
    desk.do(tasks.claim, "ana", task)

    lost = one_after_the_other(
        desk,
        lambda uow: tasks.assign(uow, desk.world.actor("lea"), task, desk.world.staff["bo"].id),
        lambda uow: tasks.wait(uow, desk.world.actor("ana"), task, Awaited.CLINIC),
    )

    with pytest.raises(NotHolder, match="is with Bo"):
        lost.result()


def test_two_answers_to_one_offer_leave_its_post_true(desk: Desk) -> None:
    case = desk.open()
    one, two = desk.task(case, "P1"), desk.task(case, "P2")
    for task in (one, two):
        desk.do(tasks.claim, "ana", task)
    cy = desk.world.actor("cy")
    with desk.change() as uow:
        handoffs.offer_all(uow, desk.world.actor("ana"), desk.world.staff["cy"].id, Brief("end of my shift"))

    with desk.change() as uow:
        handoffs.accept(uow, cy, one)
        with desk.change() as other:
            handoffs.decline(other, cy, two, "off from noon")

    last = desk.notices(case, "answer")[-1]["payload"]
    assert [line["state"] for line in last["tasks"]] == ["accepted", "declined"]
