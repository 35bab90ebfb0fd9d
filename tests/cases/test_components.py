"""Components: their tracks start with them, items come and go with what is known, a withdrawn one rests."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.cases.components import add_component, change_component, withdraw_component
from app.cases.queries import components_of
from app.cases.refusals import BadComponent, UnknownCase, UnknownComponent
from app.refusals import Refusal
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.refusals import WrongState
from app.text import Missing
from tests.tasks.desk import Desk, OpenCase


def items(desk: Desk, case: OpenCase, number: int = 1) -> dict[str, str]:
    """State of each of a component's tasks, by item."""
    rows = desk.rows(
        "SELECT t.item_id, t.state FROM tasks t JOIN tracks r ON r.id = t.track_id JOIN components o"
        " ON o.id = r.component_id WHERE t.case_id = :case AND o.no = :number",
        case=case.id,
        number=number,
    )
    return {row["item_id"]: row["state"] for row in rows}


def change(desk: Desk, case: OpenCase, number: int = 1, **known: Any) -> None:
    with desk.change() as uow:
        change_component(uow, desk.world.actor("ana"), case.id, number, **known)


def withdraw(desk: Desk, case: OpenCase, number: int = 1) -> None:
    with desk.change() as uow:
        found = withdraw_component(uow, desk.world.actor("lea"), case.id, number, "another plan")
        assert found.withdrawn_at == desk.clock.now()


@pytest.mark.parametrize(
    ("known", "expected", "why"),
    [
        ({}, {"C1"}, "unknown is not no, and not yes"),
        ({"custom": True}, {"C1", "C2"}, "a custom part has to be ordered"),
        ({"custom": False}, {"C1"}, "certainly not custom"),
        ({"supply": "loaner"}, {"C1", "C3"}, "a loaner goes back"),
        ({"supply": "stock"}, {"C1"}, "from the shelf"),
        ({"custom": True, "supply": "loaner"}, {"C1", "C2", "C3"}, "both"),
    ],
)
def test_what_is_known_decides_which_items_there_are(
    desk: Desk, known: dict[str, Any], expected: set[str], why: str
) -> None:
    case = desk.open()
    desk.component(case, **known)

    assert set(items(desk, case)) == expected, why


def test_two_components_have_tracks_of_their_own(desk: Desk) -> None:
    case = desk.open()
    assert [desk.component(case, custom=True), desk.component(case, "plate")] == [1, 2]

    assert set(items(desk, case, 1)) == {"C1", "C2"}
    assert set(items(desk, case, 2)) == {"C1"}
    tracks = desk.rows("SELECT id FROM tracks WHERE case_id = :case AND template_id = 'parts'", case=case.id)
    assert len(tracks) == 2


def test_items_come_and_go_as_the_component_becomes_known(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)

    change(desk, case, supply="loaner")
    number = desk.row(desk.task(case, "C3"))["no"]
    assert items(desk, case)["C3"] == "ready"

    change(desk, case, supply="stock")
    assert items(desk, case)["C3"] == "skipped"
    assert desk.row(desk.task(case, "C3"))["closed_by"] is None

    change(desk, case, supply="loaner")
    assert items(desk, case)["C3"] == "ready"
    assert desk.row(desk.task(case, "C3"))["no"] == number, "the same task, not another one"


def test_what_somebody_holds_stays_until_it_is_let_go(desk: Desk) -> None:
    case = desk.open()
    desk.component(case, supply="loaner")
    task = desk.task(case, "C3")
    desk.do(tasks.claim, "ana", task)
    change(desk, case, supply="stock")
    assert desk.state(task) == "claimed"

    outcome = desk.do(tasks.release, "ana", task)

    assert desk.state(task) == "skipped"
    assert outcome.said.endswith("It does not apply to the case any more.")


def test_what_was_done_stays_done(desk: Desk) -> None:
    case = desk.open(surgery=date(2026, 11, 2))  # C3 comes after the operation
    desk.component(case, supply="loaner")
    task = desk.task(case, "C3")
    desk.do(tasks.done, "ana", task)

    change(desk, case, supply="stock")

    assert desk.state(task) == "done"


def test_a_change_that_changes_nothing_leaves_no_trace(desk: Desk) -> None:
    case = desk.open()
    desk.component(case, supply="loaner")
    before = desk.snapshot()

    change(desk, case, supply="loaner")
    change(desk, case)

    assert desk.snapshot() == before


def test_a_session_that_saw_a_component_changes_it_as_it_is_now(desk: Desk) -> None:
    case = desk.open()
    desk.component(case, supply="loaner")
    ana = desk.world.actor("ana")
    with desk.change() as uow:
        assert components_of(uow.session, case.id)[0].supply == "loaner"
        change(desk, case, supply="stock")
        change_component(uow, ana, case.id, 1, supply="loaner")

    (row,) = desk.rows("SELECT supply FROM components WHERE case_id = :case", case=case.id)
    assert row["supply"] == "loaner"
    assert items(desk, case)["C3"] == "ready"


def test_a_withdrawn_component_s_tasks_are_skipped_with_the_reason(desk: Desk) -> None:
    case = desk.open(surgery=date(2026, 11, 2))  # C3 comes after the operation
    desk.component(case, supply="loaner")
    held, done = desk.task(case, "C1"), desk.task(case, "C3")
    desk.do(tasks.done, "ana", done)
    desk.do(tasks.claim, "cy", held)
    lead = desk.world.staff["lea"].id
    with desk.change() as uow:
        uow.session.connection().exec_driver_sql(f"UPDATE staff SET roles = '{{lead,coder}}' WHERE id = {lead}")
    desk.do(handoffs.offer, "cy", held, lead, Brief("please code it"))

    withdraw(desk, case)

    assert items(desk, case) == {"C1": "skipped", "C3": "done"}
    assert desk.row(held)["reason"] == "another plan"
    (offer,) = desk.rows("SELECT state FROM handoffs WHERE task_id = :task", task=held)
    assert offer["state"] == "withdrawn"
    assert desk.rows("SELECT 1 FROM timers WHERE task_id = :task AND state = 'pending'", task=held) == []
    (track,) = desk.rows("SELECT state FROM tracks WHERE case_id = :case AND template_id = 'parts'", case=case.id)
    assert track["state"] == "withdrawn"
    with desk.store.read() as uow:
        assert components_of(uow.session, case.id) == []


def test_tasks_of_a_withdrawn_component_cannot_be_reopened(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)
    task = desk.task(case, "C1")
    withdraw(desk, case)

    assert "was withdrawn" in str(desk.refuses(WrongState, tasks.reopen, "lea", task, "after all"))


def test_a_component_added_anew_has_a_number_and_a_track_of_its_own(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)
    withdraw(desk, case)

    assert desk.component(case) == 2
    assert items(desk, case, 2) == {"C1": "ready"}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kind": "prosthesis"}, "no such kind"),
        ({"kind": "plate", "part": "screw"}, "no such part"),
        ({"kind": "plate", "supply": "rented"}, "no such supply"),
    ],
)
def test_components_are_described_in_known_words(desk: Desk, given: dict[str, Any], why: str) -> None:
    case = desk.open()

    said = str(desk.refused(BadComponent, lambda uow: add_component(uow, desk.world.actor("ana"), case.id, **given)))

    assert "Use one of" in said, why


@pytest.mark.parametrize(("number", "reason", "error"), [(7, "a reason", UnknownComponent), (1, "", Missing)])
def test_withdrawals_that_are_refused(desk: Desk, number: int, reason: str, error: type[Refusal]) -> None:
    case = desk.open()
    desk.component(case)

    desk.refused(error, lambda uow: withdraw_component(uow, desk.world.actor("lea"), case.id, number, reason))


def test_a_case_that_is_not_there_has_no_components(desk: Desk) -> None:
    ana = desk.world.actor("ana")
    desk.refused(UnknownCase, lambda uow: add_component(uow, ana, 10**9, "plate"))
    desk.refused(UnknownCase, lambda uow: change_component(uow, ana, 10**9, 1, custom=True))
    desk.refused(UnknownCase, lambda uow: withdraw_component(uow, ana, 10**9, 1, "a reason"))


def test_a_deadline_follows_what_becomes_known_of_the_component(desk: Desk) -> None:
    case = desk.open(auth_submitted=date(2026, 11, 2), surgery_proposed=date(2026, 12, 18))
    desk.component(case)
    task = desk.task(case, "D1")
    assert desk.row(task)["due_at"] == datetime(2026, 12, 16, 22, tzinfo=UTC)

    change(desk, case, custom=True)

    assert desk.row(task)["due_at"] == datetime(2026, 12, 11, 22, tzinfo=UTC), "a custom part has five days"
    change(desk, case, custom=False)
    assert desk.row(task)["due_at"] == datetime(2026, 12, 16, 22, tzinfo=UTC)
