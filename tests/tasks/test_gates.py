"""Gates: shut while what they need is open, passed by a waiver of the named roles with a reason."""

from datetime import timedelta

import pytest

from app.programs.actor import NotAllowed
from app.tasks import service as tasks
from app.tasks.refusals import GateShut, NeedsEvidence, NotAttested, WrongState
from tests.tasks.desk import BOARD, VISIT, Desk, OpenCase, bring_to


def finish(desk: Desk, case: OpenCase, *items: str) -> None:
    who = {"P3": "sam", "P4": "lea"}
    evidence = {"P1": "line 4", "P3": "yes"}
    for item in items:
        desk.do(tasks.done, who.get(item, "ana"), desk.task(case, item), evidence.get(item))


def names(desk: Desk, case: OpenCase, *items: str) -> tuple[str, ...]:
    return tuple(f"{case.code}-{desk.row(desk.task(case, item))['no']}" for item in items)


def test_a_shut_gate_names_what_is_open_and_who_may_waive(desk: Desk) -> None:
    case = desk.open()
    finish(desk, case, "P2")

    refusal = desk.refuses(GateShut, tasks.done, "lea", desk.task(case, "P4"))

    assert refusal.open_tasks == names(desk, case, "P1", "P3")
    assert "or a lead waives it: waive" in str(refusal)


def test_a_gate_opens_when_everything_it_needs_is_done_or_skipped(desk: Desk) -> None:
    case = desk.open()
    finish(desk, case, "P1", "P3")
    gate = desk.task(case, "P4")
    assert desk.state(gate) == "blocked"

    outcome = desk.do(tasks.skip, "lea", desk.task(case, "P2"), "images came with the referral")

    assert outcome.said.endswith("It opened 1 more.")
    assert desk.state(gate) == "ready"
    desk.do(tasks.done, "lea", gate)
    assert desk.state(desk.task(case, "P5")) == "ready"


def test_a_waiver_passes_the_gate_with_its_reason_and_opens_what_is_behind(desk: Desk) -> None:
    case = desk.open()
    gate = desk.task(case, "P4")

    desk.do(tasks.waive, "lea", gate, "chair asked to hear the case tomorrow")

    row = desk.row(gate)
    assert (row["state"], row["waived_by"]) == ("done", desk.world.staff["lea"].id)
    assert row["reason"] == "chair asked to hear the case tomorrow"
    assert desk.state(desk.task(case, "P5")) == "ready"
    assert desk.state(desk.task(case, "P1")) == "ready", "what was open stays to be done"
    (entry,) = desk.rows(
        "SELECT * FROM audit_entries WHERE action = 'task.waive' AND object_id = :task", task=str(gate)
    )
    assert entry["reason"] == row["reason"]


@pytest.mark.parametrize("who", ["ana", "max", "sam"])
def test_only_the_named_roles_waive(desk: Desk, who: str) -> None:
    case = desk.open()

    assert "Only a lead waives" in str(desk.refuses(NotAllowed, tasks.waive, who, desk.task(case, "P4"), "a reason"))


def test_waiving_twice_is_no_error(desk: Desk) -> None:
    gate = desk.task(desk.open(), "P4")
    desk.do(tasks.waive, "lea", gate, "chair asked")
    before = desk.snapshot()

    assert not desk.do(tasks.waive, "lea", gate, "chair asked").changed
    assert desk.snapshot() == before


def test_what_is_no_gate_cannot_be_waived(desk: Desk) -> None:
    assert "is no gate" in str(desk.refuses(WrongState, tasks.waive, "lea", desk.task(desk.open(), "P1"), "a reason"))


def test_an_open_gate_is_finished_and_not_waived(desk: Desk) -> None:
    """A waiver would go around the gate's own evidence where nothing stands in its way."""
    case = desk.open()
    finish(desk, case, "P1", "P2", "P3")

    said = str(desk.refuses(WrongState, tasks.waive, "lea", desk.task(case, "P4"), "a reason"))

    assert "nothing to waive" in said


def test_a_gate_that_somebody_holds_shuts_again_when_a_need_is_reopened(desk: Desk) -> None:
    case = desk.open()
    finish(desk, case, "P1", "P2", "P3")
    gate = desk.task(case, "P4")
    desk.do(tasks.claim, "lea", gate)
    desk.do(tasks.reopen, "ana", desk.task(case, "P2"), "wrong study")

    refusal = desk.refuses(GateShut, tasks.done, "lea", gate)

    assert refusal.open_tasks == names(desk, case, "P2")
    assert desk.state(gate) == "claimed", "its holder keeps it"
    finish(desk, case, "P2")
    desk.do(tasks.done, "lea", gate)


def test_a_held_task_whose_need_was_reopened_waits_for_it(desk: Desk) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    desk.do(tasks.done, "ana", desk.task(case, "E1"), "bundled")
    held = desk.task(case, "E3")
    desk.do(tasks.claim, "ana", held)
    desk.do(tasks.reopen, "ana", desk.task(case, "E1"), "wrong way")

    assert "has to wait for" in str(desk.refuses(WrongState, tasks.done, "ana", held, "12"))


def test_a_released_task_whose_need_was_reopened_is_blocked(desk: Desk) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    desk.do(tasks.done, "ana", desk.task(case, "E1"), "bundled")
    held = desk.task(case, "E3")
    desk.do(tasks.claim, "ana", held)
    desk.do(tasks.reopen, "ana", desk.task(case, "E1"), "wrong way")

    outcome = desk.do(tasks.release, "ana", held)

    assert outcome.task.state == desk.state(held) == "blocked"
    assert outcome.said.endswith(f"It waits for {names(desk, case, 'E1')[0]} now.")


@pytest.mark.parametrize(
    ("who", "may", "why"),
    [("ana", False, "since the gate was passed on its word"), ("lea", True, "a lead may, with a reason")],
)
def test_behind_a_passed_gate_only_a_lead_reopens(desk: Desk, who: str, may: bool, why: str) -> None:
    case = desk.open()
    finish(desk, case, "P1", "P2", "P3", "P4")
    task = desk.task(case, "P2")

    if may:
        desk.do(tasks.reopen, who, task, "wrong study")
        assert desk.state(desk.task(case, "P4")) == "done", "the gate itself is not undone by it"
    else:
        said = str(desk.refuses(NotAllowed, tasks.reopen, who, task, "wrong study"))
        assert f"since {names(desk, case, 'P4')[0]} was let through by it" in said, why


def test_a_waived_gate_can_be_reopened_and_then_needs_what_it_needed(desk: Desk) -> None:
    case = desk.open()
    gate = desk.task(case, "P4")
    desk.do(tasks.waive, "lea", gate, "chair asked")

    outcome = desk.do(tasks.reopen, "lea", gate, "the case was put off")

    row = desk.row(gate)
    assert (row["state"], row["waived_by"], row["reason"]) == ("blocked", None, None)
    assert "It waits for" in outcome.said
    assert desk.state(desk.task(case, "P5")) == "blocked"


def test_what_gates_or_is_attested_is_skipped_by_leads_only(desk: Desk) -> None:
    case = desk.open()
    question = desk.task(case, "P3")
    desk.do(tasks.claim, "sam", question)

    desk.refuses(NotAllowed, tasks.skip, "sam", question, "no question")
    desk.refuses(NotAttested, tasks.done, "lea", question, "yes")
    desk.do(tasks.skip, "lea", question, "no question this time")


def test_reopening_takes_evidence_and_signature_back(desk: Desk) -> None:
    case = desk.open()
    finish(desk, case, "P3")
    task = desk.task(case, "P3")

    desk.do(tasks.reopen, "sam", task, "another question")

    row = desk.row(task)
    assert [row[name] for name in ("evidence", "attested_by", "closed_at", "closed_by", "holder_id")] == [None] * 5
    desk.refuses(NeedsEvidence, tasks.done, "sam", task, None)


def test_reopening_what_does_not_apply_any_more_says_so(desk: Desk) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    choice, code = desk.task(case, "E1"), None
    desk.do(tasks.done, "ana", choice, "separate")
    code = desk.task(case, "E2")
    desk.do(tasks.done, "ana", code)
    desk.do(tasks.reopen, "ana", choice, "wrong way")
    desk.do(tasks.done, "ana", choice, "bundled")
    assert desk.state(code) == "done", "what was done stays done"

    outcome = desk.do(tasks.reopen, "ana", code, "not needed")

    assert outcome.task.state == "skipped"
    assert "does not apply to the case any more" in outcome.said


def test_what_does_not_apply_cannot_be_reopened(desk: Desk) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    choice = desk.task(case, "E1")
    desk.do(tasks.done, "ana", choice, "separate")
    desk.do(tasks.reopen, "ana", choice, "wrong way")
    code = desk.task(case, "E2")
    assert desk.state(code) == "skipped"

    assert "comes back by itself" in str(desk.refuses(WrongState, tasks.reopen, "lea", code, "a reason"))


def test_a_person_s_skip_is_not_undone_by_the_rules(desk: Desk) -> None:
    """Whatever words somebody uses, what they skipped does not come back by itself."""
    case = desk.open()
    task = bring_to(desk, "ready", case)
    desk.do(tasks.skip, "lea", task, "does not apply to this case as it stands")

    desk.date(case, "board", BOARD.replace(day=25))

    assert desk.state(task) == "skipped"
    desk.do(tasks.reopen, "lea", task, "it does after all")
    assert desk.state(task) == "ready"


@pytest.mark.parametrize("word", ["no", "not ready yet", "yes, but", "ref A-1"])
def test_only_a_word_that_signs_is_an_attestation(desk: Desk, word: str) -> None:
    task = desk.task(desk.open(), "P3")

    assert "signed word" in str(desk.refuses(NeedsEvidence, tasks.done, "sam", task, word))
    desk.do(tasks.done, "sam", task, "Yes.")
    assert desk.row(task)["evidence"] == {"kind": "attestation", "value": "yes"}


def test_reopening_does_not_put_a_deadline_off(desk: Desk) -> None:
    case = desk.open(first_visit=VISIT)
    desk.do(tasks.done, "ana", desk.task(case, "E1"), "bundled")
    task = desk.task(case, "E3")
    due = desk.row(task)["due_at"]
    desk.do(tasks.done, "ana", task, "12")
    desk.move_to(desk.clock.now() + timedelta(hours=20))

    desk.do(tasks.reopen, "ana", task, "counted wrong")

    assert desk.row(task)["due_at"] <= due
