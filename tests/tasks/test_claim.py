"""Claiming: who may, from which state, and what is said."""

import pytest

from app.refusals import Refusal
from app.tasks import service as tasks
from app.tasks.refusals import NotEligible, TaskTaken, WrongState
from tests.tasks.desk import BOARD, VISIT, Desk, bring_to


def test_claiming_gives_the_task_to_one_person(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P2")

    outcome = desk.do(tasks.claim, "ana", task)

    row = desk.row(task)
    assert (row["state"], row["holder_id"]) == ("claimed", desk.world.staff["ana"].id)
    assert outcome.changed
    assert (
        outcome.said
        == f"Claimed {case.code}-{row['no']}: Load the images. Due Tue 3 Nov 2026 9:00 AM EST by our own target."
    )


def test_claiming_twice_is_no_error_and_no_change(desk: Desk) -> None:
    task = bring_to(desk, "claimed", desk.open())
    before = desk.snapshot()

    outcome = desk.do(tasks.claim, "ana", task)

    assert not outcome.changed
    assert "is yours already" in outcome.said
    assert desk.snapshot() == before


def test_the_loser_is_told_who_won(desk: Desk) -> None:
    case = desk.open()
    task = bring_to(desk, "claimed", case)

    refusal = desk.refuses(TaskTaken, tasks.claim, "cy", task)

    assert refusal.winner == "Ana"
    assert str(refusal).startswith(f"Ana already has {case.code}-")
    assert "Nothing changed" in str(refusal)


@pytest.mark.parametrize(
    ("state", "error", "says"),
    [
        ("waiting", TaskTaken, "Ana already has"),
        ("done", WrongState, "done already"),
        ("skipped", WrongState, "skipped already"),
    ],
)
def test_only_a_free_task_can_be_claimed(desk: Desk, state: str, error: type[Refusal], says: str) -> None:
    task = bring_to(desk, state, desk.open())

    assert says in str(desk.refuses(error, tasks.claim, "cy", task))


def test_a_blocked_task_says_what_it_waits_for(desk: Desk) -> None:
    case = desk.open()

    refusal = desk.refuses(WrongState, tasks.claim, "ana", desk.task(case, "P5"))

    gate = desk.row(desk.task(case, "P4"))["no"]
    assert f"has to wait for {case.code}-{gate}" in str(refusal)


@pytest.mark.parametrize(
    ("item", "who", "may", "why"),
    [
        ("P1", "ana", True, "a VA's task"),
        ("P1", "lea", True, "a lead may do what a VA may"),
        ("P1", "max", False, "a manager works no tasks"),
        ("P1", "sam", False, "nor does a surgeon"),
        ("P2", "ana", True, "with the skill"),
        ("P2", "bo", False, "without the skill"),
        ("P2", "lea", True, "a lead needs no skill"),
        ("P3", "sam", True, "the surgeon's own task"),
        ("P3", "ana", False, "a VA does not ask the surgeon's question"),
        ("E4", "max", True, "no roles named: anyone on the staff"),
        ("E4", "sam", True, "no roles named: anyone on the staff"),
    ],
)
def test_roles_and_skills_decide(desk: Desk, item: str, who: str, may: bool, why: str) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    if item == "E4":
        desk.do(tasks.done, "ana", desk.task(case, "E1"), "bundled")
    task = desk.task(case, item)

    if may:
        assert desk.do(tasks.claim, who, task).changed, why
    else:
        assert "is for" in str(desk.refuses(NotEligible, tasks.claim, who, task)), why


def test_a_released_task_can_be_claimed_again(desk: Desk) -> None:
    task = bring_to(desk, "claimed", desk.open())
    desk.do(tasks.release, "ana", task)

    assert desk.do(tasks.claim, "cy", task).changed
    assert desk.row(task)["holder_id"] == desk.world.staff["cy"].id
