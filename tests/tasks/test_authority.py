"""Who may change the plan of a case, and that no way leads around a gate."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.cases.components import add_component, change_component, withdraw_component
from app.cases.dates import clear_date, set_date
from app.cases.refusals import BadDate, DateNotFirm
from app.cases.service import open_case
from app.checklists.vocabulary import Role
from app.kernel.due import Moment
from app.programs.actor import Actor, NotAllowed
from app.programs.queries import UnknownPerson
from app.store.uow import UnitOfWork
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.refusals import NotEligible, TaskTaken
from tests.conftest import MONDAY
from tests.tasks.desk import BOARD, VISIT, Desk, bring_to

SURGERY = date(2026, 12, 15)


def biller(desk: Desk) -> Actor:
    return replace(desk.world.actor("ana"), roles=frozenset({Role.BILLER}))


PLAN: list[tuple[str, Callable[[UnitOfWork, Actor, int], object]]] = [
    ("set a date", lambda uow, actor, case: set_date(uow, actor, case, "board", Moment(SURGERY))),
    ("clear a date", lambda uow, actor, case: clear_date(uow, actor, case, "board")),
    ("add a component", lambda uow, actor, case: add_component(uow, actor, case, "plate")),
    ("change a component", lambda uow, actor, case: change_component(uow, actor, case, 1, custom=True)),
    ("withdraw a component", lambda uow, actor, case: withdraw_component(uow, actor, case, 1, "a reason")),
]


@pytest.mark.parametrize("change", [change for _, change in PLAN], ids=[what for what, _ in PLAN])
def test_a_biller_does_not_change_the_plan(desk: Desk, change: Callable[[UnitOfWork, Actor, int], object]) -> None:
    case = desk.open()
    desk.component(case)

    assert "Nothing changed" in str(desk.refused(NotAllowed, lambda uow: change(uow, biller(desk), case.id)))


def test_a_biller_says_when_the_claim_was_filed(desk: Desk) -> None:
    case = desk.open()
    with desk.change() as uow:
        set_date(uow, biller(desk), case.id, "claim_filed", Moment(MONDAY.date()))


@pytest.mark.parametrize("name", ["referral", "denial_received", "last_contact", "claim_filed"])
def test_what_only_happens_is_not_set_for_a_day_to_come(desk: Desk, name: str) -> None:
    case = desk.open()
    tomorrow = Moment(MONDAY.date() + timedelta(days=1))

    said = str(desk.refused(BadDate, lambda uow: set_date(uow, desk.world.actor("lea"), case.id, name, tomorrow)))

    assert "once it has happened" in said


def test_withdrawing_a_component_is_no_way_around_the_gate(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)

    refusal = desk.refused(
        NotAllowed, lambda uow: withdraw_component(uow, desk.world.actor("bo"), case.id, 1, "not planned")
    )

    assert f"{case.code}-{desk.row(desk.task(case, 'C1'))['no']}" in str(refusal)
    with desk.change() as uow:
        withdraw_component(uow, desk.world.actor("sam"), case.id, 1, "the surgeon's plan changed")


def test_a_component_without_anything_weighty_open_is_a_va_s_to_withdraw(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)
    desk.do(tasks.done, "cy", desk.task(case, "C1"), "L8699")
    with desk.change() as uow:
        withdraw_component(uow, desk.world.actor("ana"), case.id, 1, "entered twice")


@pytest.mark.parametrize("item", ["P1", "P2"])
def test_what_a_gate_needs_is_not_skipped_by_its_holder_and_a_lead_s_skip_is_a_waiver(desk: Desk, item: str) -> None:
    case = desk.open()
    task = desk.task(case, item)
    desk.do(tasks.claim, "ana", task)

    assert "A gate stands on" in str(desk.refuses(NotAllowed, tasks.skip, "ana", task, "no time"))
    desk.do(tasks.skip, "lea", task, "came with the referral")

    assert desk.row(task)["waived_by"] == desk.world.staff["lea"].id


@pytest.mark.parametrize("item", ["P4", "C1"])
def test_a_manager_who_may_not_waive_does_not_skip_the_gate_either(desk: Desk, item: str) -> None:
    case = desk.open()
    desk.component(case)

    desk.refuses(NotAllowed, tasks.skip, "max", desk.task(case, item), "no time")


def test_what_no_gate_stands_on_is_its_holder_s_to_skip(desk: Desk) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    task = desk.task(case, "E1")
    desk.do(tasks.claim, "ana", task)

    desk.do(tasks.skip, "ana", task, "not for this payer")

    assert (desk.state(task), desk.row(task)["waived_by"]) == ("skipped", None)


def test_a_component_added_after_the_date_was_set_is_said_once_a_day(desk: Desk) -> None:
    case = desk.open()
    desk.date(case, "surgery", SURGERY)
    desk.component(case)
    desk.component(case, "plate")

    (told,) = desk.notices(case, "trouble")

    assert "surgery date is not firm any more" in told["payload"]["problems"][0]


def test_a_date_in_the_past_is_not_called_unfirm(desk: Desk) -> None:
    case = desk.open(board=BOARD, surgery=MONDAY.date() - timedelta(days=3))
    desk.component(case)

    assert desk.notices(case, "trouble") == []


def test_the_same_date_is_confirmed_by_a_waiver_which_is_kept(desk: Desk) -> None:
    case = desk.open()
    desk.date(case, "surgery", SURGERY)
    desk.component(case)
    lea, ana = desk.world.actor("lea"), desk.world.actor("ana")

    desk.refused(NotAllowed, lambda uow: set_date(uow, ana, case.id, "surgery", Moment(SURGERY), waiver="I say so"))
    with desk.change() as uow:
        said = set_date(uow, lea, case.id, "surgery", Moment(SURGERY), waiver="payer answers on Friday").said

    assert "stands by your word" in said
    (kept,) = desk.rows("SELECT reason FROM audit_entries WHERE action = 'date.confirm'")
    assert kept["reason"] == "payer answers on Friday"


def test_what_let_a_date_through_is_reopened_by_a_lead_only_and_said(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)
    code = desk.task(case, "C1")
    desk.refused(DateNotFirm, lambda uow: set_date(uow, desk.world.actor("lea"), case.id, "surgery", Moment(SURGERY)))
    desk.do(tasks.done, "cy", code, "L8699")
    desk.date(case, "surgery", SURGERY, who="ana")

    assert "the surgery date was let through" in str(desk.refuses(NotAllowed, tasks.reopen, "cy", code, "wrong code"))
    desk.do(tasks.reopen, "lea", code, "wrong code")

    assert len(desk.notices(case, "trouble")) == 1


@pytest.mark.parametrize(("place", "who"), [("surgeon", "bo"), ("lead", "bo"), ("surgeon", "lea")])
def test_a_case_s_surgeon_and_lead_are_such(desk: Desk, place: str, who: str) -> None:
    given = {f"{place}_id": desk.world.staff[who].id}

    said = str(desk.refused(NotAllowed, lambda uow: open_case(uow, desk.world.actor("ana"), **given)))  # type: ignore[arg-type]

    assert f"is no {place}" in said


def test_whoever_is_switched_off_gets_nothing(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P1")
    cy = desk.world.staff["cy"]
    desk.do(tasks.claim, "ana", task)
    desk.do(handoffs.offer, "ana", task, cy.id, Brief("please"))
    with desk.change() as uow:
        uow.session.connection().exec_driver_sql(f"UPDATE staff SET active = false WHERE id = {cy.id}")

    desk.refuses(UnknownPerson, tasks.claim, "cy", desk.task(case, "P2"))
    desk.refuses(UnknownPerson, tasks.assign, "lea", desk.task(case, "P2"), cy.id)
    desk.refuses(UnknownPerson, handoffs.accept, "cy", task)
    desk.refuses(UnknownPerson, handoffs.offer, "ana", bring_to(desk, "claimed", desk.open()), cy.id, Brief("please"))
    desk.refuses(TaskTaken, tasks.claim, "bo", task)


def test_an_offer_to_somebody_whose_roles_changed_meanwhile_is_not_accepted(desk: Desk) -> None:
    task = desk.task(desk.open(), "P1")
    desk.do(tasks.claim, "ana", task)
    desk.do(handoffs.offer, "ana", task, desk.world.staff["bo"].id, Brief("please"))
    billing = replace(desk.world.actor("bo"), roles=frozenset({Role.BILLER}))

    desk.refused(NotEligible, lambda uow: handoffs.accept(uow, billing, task))


def test_whoever_loses_a_task_to_an_assignment_is_named(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P1")
    desk.do(tasks.claim, "ana", task)
    desk.do(tasks.assign, "lea", task, desk.world.staff["bo"].id)

    (told,) = desk.notices(case, "assigned")

    assert told["payload"]["from"] == desk.world.staff["ana"].slack_user_id
