"""Undoing: for two minutes everything is as it was before the act, or a refusal says what stands on it."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.cases.service import close_case
from app.checklists.vocabulary import Awaited
from app.programs.actor import NotAllowed
from app.refusals import Refusal
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.extending import extend
from app.tasks.refusals import CannotUndo
from app.tasks.rows import Outcome
from app.tasks.undo import undo
from tests.conftest import MONDAY
from tests.tasks.desk import VISIT, Desk, OpenCase, bring_to

TASKS = (
    "SELECT id, state, holder_id, ready_at, due_at, breached_at, waiting_on, waiting_note, waiting_since, evidence,"
    " attested_by, waived_by, reason, closed_at, closed_by FROM tasks WHERE case_id = :case"
)
CLOCKS = (
    "SELECT task_id, kind, state, deadline_at FROM clocks WHERE case_id = :case AND state IN ('running', 'paused')"
    " ORDER BY task_id, kind"
)
TIMERS = (
    "SELECT m.task_id, c.kind AS clock, m.kind, m.step, m.tells, m.at, m.fire_at FROM timers m"
    " JOIN clocks c ON c.id = m.clock_id WHERE m.case_id = :case AND m.state = 'pending' ORDER BY 1, 2, 3, 4"
)


def standing(desk: Desk, case: OpenCase) -> dict[str, Any]:
    """How a case stands: its open tasks, their running deadlines, what they will set off."""
    rows = {row["id"]: dict(row) for row in desk.rows(TASKS, case=case.id)}
    return {
        "tasks": rows,
        "clocks": [dict(row) for row in desk.rows(CLOCKS, case=case.id)],
        "timers": [dict(row) for row in desk.rows(TIMERS, case=case.id)],
    }


def assert_as_before(desk: Desk, case: OpenCase, before: dict[str, Any], what: str = "") -> None:
    """Tasks that the act brought into being are left out again; everything else is the same."""
    after = standing(desk, case)
    fresh = {id: row for id, row in after["tasks"].items() if id not in before["tasks"]}
    assert {row["state"] for row in fresh.values()} <= {"skipped"}, what
    after["tasks"] = {id: row for id, row in after["tasks"].items() if id in before["tasks"]}
    assert after == before, what


def act_of(outcome: Outcome) -> int:
    assert outcome.act is not None
    return outcome.act


def undone(desk: Desk, who: str, outcome: Outcome) -> Outcome:
    return desk.do(undo, who, act_of(outcome))


def refusal(desk: Desk, who: str, outcome: Outcome) -> str:
    return str(desk.refuses(CannotUndo, undo, who, act_of(outcome)))


def test_a_claim_is_given_back(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P2")
    before = standing(desk, case)

    claimed = desk.do(tasks.claim, "ana", task)
    outcome = undone(desk, "ana", claimed)

    assert_as_before(desk, case, before)
    assert outcome.changed
    assert "is not yours any more. It is free again." in outcome.said
    again = undone(desk, "ana", claimed)
    assert (again.changed, "undone already" in again.said) == (False, True)
    row = desk.rows("SELECT reason FROM audit_entries WHERE action = 'task.undo' AND object_id = :id", id=str(task))
    assert [entry["reason"] for entry in row] == ["claim"]


GIVEN = {
    "P1": ("AG-17",), "P2": (), "P3": (), "P4": ("yes",), "E1": ("separate",), "E3": ("4",), "E5": ("2026-11-02",),
}  # fmt: skip


def worked_on(desk: Desk, late: bool) -> OpenCase:
    """A case with two checklists, a component, something held, something waiting, and perhaps something late."""
    case = desk.open(board=date(2026, 11, 18), first_visit=VISIT)
    desk.component(case)
    desk.do(tasks.claim, "ana", desk.task(case, "P2"))
    desk.do(tasks.claim, "ana", desk.task(case, "E1"))
    if late:
        desk.move_to(MONDAY + timedelta(days=20))
        desk.sweep()
    return case


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("verb", ["done", "skip"])
def test_a_closing_is_taken_back_with_all_that_came_of_it(desk: Desk, verb: str, late: bool) -> None:
    """Whatever can be closed in a case is closed, undone, and looked at: nothing is otherwise than before."""
    case = worked_on(desk, late)
    tried = 0
    for row in desk.rows("SELECT id, item_id, title FROM tasks WHERE case_id = :case ORDER BY no", case=case.id):
        before = standing(desk, case)
        who = "ana" if desk.row(row["id"])["holder_id"] == desk.world.staff["ana"].id else "lea"
        given = ("not needed",) if verb == "skip" else GIVEN.get(row["item_id"], ())
        try:
            closed = desk.do(tasks.skip if verb == "skip" else tasks.done, who, row["id"], *given)
        except Refusal:  # what cannot be closed here is not what this is about
            continue
        assert standing(desk, case) != before
        undone(desk, who, closed)
        assert_as_before(desk, case, before, row["title"])
        tried += 1
    assert tried >= 3


@pytest.mark.parametrize("state", ["claimed", "waiting"])
def test_a_done_task_is_with_its_holder_again_and_its_clock_as_paused_as_it_was(desk: Desk, state: str) -> None:
    case = desk.open(first_visit=VISIT)
    first = desk.task(case, "E1")
    desk.do(tasks.claim, "ana", first)
    desk.do(tasks.done, "ana", first, "bundled")
    task = bring_to(desk, "claimed", case, "E3")
    if state == "waiting":
        desk.move_to(MONDAY + timedelta(hours=1))
        desk.do(tasks.wait, "ana", task, Awaited.PAYER, "fax is out")
    before = standing(desk, case)
    closed = desk.do(tasks.done, "ana", task, "12")
    desk.move_to(desk.clock.now() + timedelta(minutes=2))

    outcome = undone(desk, "ana", closed)

    assert_as_before(desk, case, before)
    assert desk.row(task)["holder_id"] == desk.world.staff["ana"].id
    assert "again, as it was before" in outcome.said


NEAREST = (
    "SELECT t.due_at, min(c.deadline_at) AS nearest FROM tasks t JOIN clocks c ON c.task_id = t.id"
    " AND c.state = 'running' WHERE t.id = :task GROUP BY t.id"
)


def freed_by_done(desk: Desk) -> tuple[OpenCase, Outcome, int]:
    """A case, the closing of a task, and the task that it freed, which hangs on the board's date."""
    case = desk.open(first_visit=VISIT, board=date(2026, 11, 18))
    desk.do(tasks.claim, "ana", desk.task(case, "E1"))
    desk.do(tasks.done, "ana", desk.task(case, "E1"), "bundled")
    desk.do(tasks.claim, "ana", desk.task(case, "E3"))
    closed = desk.do(tasks.done, "ana", desk.task(case, "E3"), "12")
    return case, closed, desk.task(case, "E5")


def test_after_a_closing_was_undone_the_claim_before_it_can_be_undone_too(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P2")
    claim = desk.do(tasks.claim, "ana", task)
    done = desk.do(tasks.done, "ana", task)
    undone(desk, "ana", done)
    again = desk.do(tasks.wait, "ana", task, Awaited.CLINIC)
    assert again.changed
    desk.refused(CannotUndo, lambda uow: undo(uow, desk.world.actor("ana"), act_of(claim)))
    desk.do(tasks.resume, "ana", task)
    done = desk.do(tasks.done, "ana", task)
    undone(desk, "ana", done)
    desk.refused(CannotUndo, lambda uow: undo(uow, desk.world.actor("ana"), act_of(claim)))

    other = desk.open()
    task = desk.task(other, "P2")
    before = standing(desk, other)
    claim = desk.do(tasks.claim, "ana", task)
    undone(desk, "ana", desk.do(tasks.done, "ana", task))
    undone(desk, "ana", claim)
    assert_as_before(desk, other, before)


def test_a_date_that_was_moved_since_stays_the_deadline_of_what_the_closing_freed(desk: Desk) -> None:
    case, closed, freed = freed_by_done(desk)
    desk.date(case, "board", date(2026, 11, 25))
    moved = desk.row(freed)["due_at"]

    undone(desk, "ana", closed)

    row = desk.rows(NEAREST, task=freed)[0]
    assert (desk.state(freed), row["due_at"]) == ("blocked", moved)
    assert row["nearest"] == moved


def test_an_extension_that_a_lead_gave_since_stays(desk: Desk) -> None:
    _, closed, freed = freed_by_done(desk)
    until = MONDAY + timedelta(days=30)
    desk.do(extend, "lea", freed, until, "the pages come by post")

    undone(desk, "ana", closed)

    row = desk.rows(NEAREST, task=freed)[0]
    assert (row["due_at"], row["nearest"]) == (until, until)


def test_an_extension_outlives_a_closing_that_was_undone(desk: Desk) -> None:
    """What the closing did to a deadline is taken back with it, and the lead's word stands as before."""
    case = desk.open(first_visit=VISIT, board=date(2026, 11, 18))
    desk.do(tasks.claim, "ana", desk.task(case, "E1"))
    printed = desk.task(case, "E6")
    desk.do(extend, "lea", printed, MONDAY + timedelta(days=30), "the printer is away")
    before = standing(desk, case)
    closed = desk.do(tasks.done, "ana", desk.task(case, "E1"), "separate")
    assert desk.row(printed)["due_at"] < MONDAY + timedelta(days=30)

    undone(desk, "ana", closed)

    assert_as_before(desk, case, before)


def test_a_deadline_is_back_where_its_task_was_taken_and_given_back_meanwhile(desk: Desk) -> None:
    case = desk.open(first_visit=VISIT, board=date(2026, 11, 18))
    desk.do(tasks.claim, "ana", desk.task(case, "E1"))
    printed = desk.task(case, "E6")
    due = desk.row(printed)["due_at"]
    closed = desk.do(tasks.done, "ana", desk.task(case, "E1"), "separate")
    assert desk.row(printed)["due_at"] < due
    desk.do(tasks.claim, "bo", printed)
    desk.do(tasks.release, "bo", printed)

    undone(desk, "ana", closed)

    row = desk.rows(NEAREST, task=printed)[0]
    assert (row["due_at"], row["nearest"]) == (due, due)


def test_a_breach_that_was_told_is_not_told_again_after_undoing(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P2")
    desk.do(tasks.claim, "ana", task)
    desk.move_to(MONDAY + timedelta(days=20))
    desk.sweep()
    told = len(desk.notices(case))
    undone(desk, "ana", desk.do(tasks.done, "ana", task))
    desk.sweep()
    assert len(desk.notices(case)) == told


def test_what_stands_on_it_keeps_it_and_is_named(desk: Desk) -> None:
    case = desk.open(first_visit=VISIT)
    first = desk.task(case, "E1")
    desk.do(tasks.claim, "ana", first)
    closed = desk.do(tasks.done, "ana", first, "bundled")
    freed = desk.task(case, "E3")
    desk.do(tasks.claim, "bo", freed)

    said = refusal(desk, "ana", closed)

    assert f"{case.code}-" in said
    assert "which came after it, is with Bo" in said
    assert f"reopen {case.code}-" in said
    desk.do(tasks.release, "bo", freed)
    assert undone(desk, "ana", closed).changed, "given back, it stands on nothing"


def test_only_who_did_it_and_only_for_two_minutes(desk: Desk) -> None:
    case = desk.open()
    claimed = desk.do(tasks.claim, "ana", desk.task(case, "P2"))
    assert "Only whoever did that" in str(desk.refuses(NotAllowed, undo, "lea", act_of(claimed)))
    desk.move_to(MONDAY + timedelta(minutes=2, seconds=1))
    said = refusal(desk, "ana", claimed)
    assert "more than 2 minutes have passed. Nothing changed. To give it back: release" in said


def test_a_task_that_went_on_is_not_undone(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P2")
    claimed = desk.do(tasks.claim, "ana", task)
    desk.do(tasks.wait, "ana", task, Awaited.CLINIC)
    assert "has changed since" in refusal(desk, "ana", claimed)

    closed = desk.do(tasks.done, "ana", task)
    desk.do(tasks.reopen, "lea", task, "too early")
    assert "has changed since" in refusal(desk, "ana", closed)


def test_a_closed_case_and_another_practice_s_act_are_refused(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P2")
    desk.do(tasks.claim, "ana", task)
    closed = desk.do(tasks.done, "ana", task)
    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "moved away")
    assert "the case is closed" in refusal(desk, "ana", closed)
    assert "cannot be undone any more" in str(desk.refuses(CannotUndo, undo, "ana", 10**15))


def test_an_offer_is_withdrawn_and_its_post_says_so(desk: Desk) -> None:
    case = desk.open()
    task = bring_to(desk, "claimed", case)
    before = standing(desk, case)
    offered = desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("fax is on its way"))

    outcome = undone(desk, "ana", offered)

    assert_as_before(desk, case, before)
    assert f"{case.code}-" in outcome.said
    assert "not offered to Cy any more" in outcome.said
    (answer,) = desk.notices(case, "answer")
    assert [line["state"] for line in answer["payload"]["tasks"]] == ["withdrawn"]
    assert not undone(desk, "ana", offered).changed


def test_an_offer_that_another_one_replaced_cannot_be_undone(desk: Desk) -> None:
    task = bring_to(desk, "claimed", desk.open())
    first = desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("fax is out"))
    second = desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("fax is in"))
    assert "it was offered to Cy anew since" in refusal(desk, "ana", first)
    assert undone(desk, "ana", second).changed


def test_an_offer_that_was_accepted_stays(desk: Desk) -> None:
    case = desk.open()
    task = bring_to(desk, "claimed", case)
    offered = desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("please"))
    desk.do(handoffs.accept, "cy", task)
    assert "Cy has accepted it. Nothing changed. Ask them to hand it back" in refusal(desk, "ana", offered)


def test_a_claim_says_that_the_task_is_late(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P2")
    due = desk.row(task)["due_at"]
    desk.move_to(due - timedelta(seconds=1))
    claimed = desk.do(tasks.claim, "ana", task)
    assert " Due " in claimed.said
    undone(desk, "ana", claimed)
    desk.move_to(due)
    assert "It is late already: it was due" in desk.do(tasks.claim, "ana", task).said
