"""Two changes at the same moment, the second waiting for the first one's lock."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app.checklists.service import lock_case
from app.checklists.vocabulary import Awaited
from app.kernel.clock import FixedClock
from app.programs.calendars import hours_of, set_hours
from app.programs.models import Program
from app.programs.persons import ROLES, SKILLS, set_person
from app.programs.queries import staff_by_id
from app.programs.service import system
from app.refusals import Refusal
from app.store.uow import Store, UnitOfWork
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.departures import leave
from app.tasks.refusals import NotEligible, NotHolder
from tests.tasks.desk import Desk, make_desk

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
Change = Callable[[UnitOfWork], object]


@pytest.fixture
def own(store: Store, clock: FixedClock) -> Desk:
    """A practice of this test's own, whose people change."""
    return make_desk(store, clock)


def nothing_more(uow: UnitOfWork) -> None:
    """What most changes do once another one waits for them."""


def one_after_the_other(desk: Desk, first: Change, second: Change, then: Change = nothing_more) -> Future[None]:
    """Run `second` while `first` is not committed yet; it has to wait, and goes on after the commit.

    `then` is done by the first change while the second one waits.
    """

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
            then(uow)
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


Given = dict[str, str]
LOSSES: list[tuple[str, str, Given, type[Refusal] | None, str]] = [
    ("cy", "P1", {ROLES: "coder"}, NotEligible, "the role that the task is for"),
    ("cy", "P2", {SKILLS: ""}, NotEligible, "the skill that the task is for"),
    ("cy", "P2", {ROLES: "va"}, None, "a role that it is not for"),
    ("lea", "P2", {ROLES: "va"}, NotEligible, "what stood in for the skill"),
    ("bo", "P1", {SKILLS: "imaging"}, None, "nothing: it is gained"),
]


def changes(desk: Desk, who: str, given: Given) -> Change:
    return lambda uow: set_person(uow, desk.world.actor("max"), desk.world.staff[who].id, given)


@pytest.mark.parametrize(("who", "item", "given", "error", "loses"), LOSSES, ids=[row[-1] for row in LOSSES])
def test_who_loses_something_while_they_claim_is_judged_by_what_they_have_then(
    own: Desk, who: str, item: str, given: Given, error: type[Refusal] | None, loses: str
) -> None:
    task, claimant = own.task(own.open(), item), own.world.actor(who)

    claimed = one_after_the_other(own, changes(own, who, given), lambda uow: tasks.claim(uow, claimant, task))

    assert (type(claimed.exception()) if claimed.exception() else None) == error, loses
    assert own.row(task)["holder_id"] == (None if error else claimant.staff_id)


def test_who_claims_while_their_role_is_being_taken_gives_it_back(own: Desk) -> None:
    task, cy = own.task(own.open(), "P1"), own.world.actor("cy")

    one_after_the_other(own, lambda uow: tasks.claim(uow, cy, task), changes(own, "cy", {ROLES: "coder"})).result()

    assert own.state(task) == "ready"


def test_who_loses_their_role_while_they_accept_does_not_get_it(own: Desk) -> None:
    task, cy = own.task(own.open(), "P1"), own.world.actor("cy")
    own.do(tasks.claim, "ana", task)
    own.do(handoffs.offer, "ana", task, own.world.staff["cy"].id, Brief("end of my shift"))

    accepted = one_after_the_other(
        own, changes(own, "cy", {ROLES: "coder"}), lambda uow: handoffs.accept(uow, cy, task)
    )

    with pytest.raises(Refusal):
        accepted.result()
    assert own.row(task)["holder_id"] == own.world.staff["ana"].id


def test_a_person_claims_from_two_places_at_once_without_waiting(own: Desk) -> None:
    case, ana = own.open(), own.world.actor("ana")
    first, second = own.task(case, "P1"), own.task(case, "P2")
    with own.change() as uow:
        tasks.claim(uow, ana, first)
        with own.change() as other:
            other.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            tasks.claim(other, ana, second)
    assert (own.state(first), own.state(second)) == ("claimed", "claimed")


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


def test_hours_that_change_while_an_absence_begins_wait_for_it_without_holding_it_up(desk: Desk) -> None:
    """The absence has its person already, whose digest hangs on the hours, and comes to the cases."""
    case, sam = desk.open(), desk.world.staff["sam"]
    person = text("SELECT 1 FROM staff WHERE id = :id AND digest_at IS NOT NULL FOR NO KEY UPDATE")

    def changes(uow: UnitOfWork) -> None:
        program = uow.session.get_one(Program, desk.program_id)
        given = {**hours_of(program.calendar, program.zone), "sat": "9:00-12:00"}
        assert set_hours(uow, desk.world.actor("max"), given).said.startswith("Saved")

    one_after_the_other(
        desk,
        lambda uow: uow.session.execute(person, {"id": sam.id}).one(),
        changes,
        lambda uow: lock_case(uow, case.id),
    ).result()
