"""Every verb from every state by everybody: what changes, what is no news, and what is refused and how."""

from typing import NamedTuple

import pytest

from app.checklists.vocabulary import Awaited
from app.programs.actor import NotAllowed
from app.programs.queries import UnknownPerson
from app.refusals import Refusal
from app.tasks import service as tasks
from app.tasks.refusals import NotEligible, NotHolder, UnknownTask, WrongState
from app.text import Missing, PatientData, TooLong
from tests.tasks.desk import Desk, Verb, bring_to


class Row(NamedTuple):
    """Somebody does something to a task; where it is held, Ana holds it.

    `result` is True for a change, False for no news, or the refusal; `ends` the state afterwards.
    """

    state: str
    who: str
    result: bool | type[Refusal]
    ends: str
    why: str


RELEASE = [
    Row("claimed", "ana", True, "ready", "the holder gives it back"),
    Row("waiting", "ana", True, "ready", "a waiting one too"),
    Row("claimed", "lea", True, "ready", "a lead may take it from its holder"),
    Row("waiting", "max", True, "ready", "so may a manager"),
    Row("claimed", "cy", NotHolder, "claimed", "nobody takes a colleague's task away"),
    Row("claimed", "sam", NotHolder, "claimed", "not even a surgeon"),
    Row("ready", "ana", False, "ready", "repeating it is no error"),
    Row("blocked", "ana", WrongState, "blocked", "nobody has it"),
    Row("done", "ana", WrongState, "done", "done is done; reopen says so"),
    Row("skipped", "lea", WrongState, "skipped", "skipped is closed as well"),
]
WAIT = [
    Row("claimed", "ana", True, "waiting", "the holder says who is awaited"),
    Row("waiting", "ana", False, "waiting", "repeating it is no error"),
    Row("claimed", "lea", True, "waiting", "a lead may on the holder's behalf"),
    Row("claimed", "cy", NotHolder, "claimed", "a colleague may not"),
    Row("ready", "ana", WrongState, "ready", "it has to be claimed first"),
    Row("blocked", "ana", WrongState, "blocked", "it cannot even be claimed"),
    Row("done", "ana", WrongState, "done", "nothing is awaited any more"),
    Row("skipped", "ana", WrongState, "skipped", "nothing is awaited any more"),
]
RESUME = [
    Row("waiting", "ana", True, "claimed", "the answer came"),
    Row("waiting", "lea", True, "claimed", "a lead may"),
    Row("claimed", "ana", False, "claimed", "repeating it is no error"),
    Row("waiting", "cy", NotHolder, "waiting", "a colleague may not"),
    Row("ready", "ana", WrongState, "ready", "nobody has it"),
    Row("blocked", "ana", WrongState, "blocked", "nobody has it"),
    Row("done", "ana", WrongState, "done", "closed"),
    Row("skipped", "ana", WrongState, "skipped", "closed"),
]
DONE = [
    Row("claimed", "ana", True, "done", "the holder finishes it"),
    Row("waiting", "ana", True, "done", "also while it waits: the answer and the end came together"),
    Row("ready", "ana", True, "done", "who could claim it may finish it at once"),
    Row("ready", "bo", NotEligible, "ready", "who could not claim it may not"),
    Row("ready", "sam", NotEligible, "ready", "nor may a surgeon"),
    Row("claimed", "cy", NotHolder, "claimed", "a colleague's task is theirs"),
    Row("claimed", "lea", NotHolder, "claimed", "a lead has to assign it first"),
    Row("waiting", "cy", NotHolder, "waiting", "also while it waits"),
    Row("done", "ana", False, "done", "repeating one's own command is no error"),
    Row("done", "cy", WrongState, "done", "somebody else's is"),
    Row("blocked", "ana", WrongState, "blocked", "what it needs is open"),
    Row("skipped", "ana", WrongState, "skipped", "it was left out"),
]
SKIP = [
    Row("claimed", "lea", True, "skipped", "a lead, with a reason"),
    Row("waiting", "lea", True, "skipped", "also while it waits"),
    Row("claimed", "ana", NotAllowed, "claimed", "a gate stands on it: its holder does not empty the gate"),
    Row("ready", "lea", True, "skipped", "a lead may skip what nobody holds"),
    Row("blocked", "lea", True, "skipped", "and what is blocked"),
    Row("claimed", "max", NotAllowed, "claimed", "a manager may not waive the gate, and so not empty it"),
    Row("ready", "ana", NotAllowed, "ready", "a VA does not skip what they do not hold"),
    Row("claimed", "cy", NotAllowed, "claimed", "nor a colleague's"),
    Row("skipped", "cy", False, "skipped", "it is skipped: no news"),
    Row("done", "lea", WrongState, "done", "done is not skipped"),
]
REOPEN = [
    Row("done", "ana", True, "ready", "who closed it takes it back"),
    Row("done", "lea", True, "ready", "a lead may"),
    Row("done", "cy", NotAllowed, "done", "a colleague may not"),
    Row("skipped", "lea", True, "ready", "the lead skipped it"),
    Row("skipped", "ana", NotAllowed, "skipped", "a lead's skip is not a VA's to take back"),
    Row("ready", "ana", False, "ready", "it is open: no news"),
    Row("claimed", "cy", False, "claimed", "it is open: no news"),
    Row("waiting", "lea", False, "waiting", "it is open: no news"),
    Row("blocked", "ana", False, "blocked", "it is open: no news"),
]
ASSIGN = [
    Row("ready", "lea", True, "claimed", "a lead hands out work"),
    Row("claimed", "lea", True, "claimed", "also what somebody holds"),
    Row("waiting", "max", True, "waiting", "it goes on waiting, with somebody else"),
    Row("ready", "ana", NotAllowed, "ready", "a VA assigns nothing"),
    Row("blocked", "lea", WrongState, "blocked", "what is blocked cannot be held"),
    Row("done", "lea", WrongState, "done", "closed"),
    Row("skipped", "lea", WrongState, "skipped", "closed"),
]
TABLE: list[tuple[Verb, tuple[object, ...], Row]] = [
    *((tasks.release, (), row) for row in RELEASE),
    *((tasks.wait, (Awaited.CLINIC,), row) for row in WAIT),
    *((tasks.resume, (), row) for row in RESUME),
    *((tasks.done, (), row) for row in DONE),
    *((tasks.skip, ("not needed here",), row) for row in SKIP),
    *((tasks.reopen, ("done too early",), row) for row in REOPEN),
    *((tasks.assign, ("cy",), row) for row in ASSIGN),
]


@pytest.mark.parametrize(
    ("verb", "given", "row"),
    [pytest.param(*case, id=f"{case[0].__name__}-{case[2].state}-{case[2].who}") for case in TABLE],
)
def test_a_verb_by_somebody_on_a_task_of_a_state(desk: Desk, verb: Verb, given: tuple[object, ...], row: Row) -> None:
    case = desk.open()
    task = desk.task(case, "P5") if row.state == "blocked" else bring_to(desk, row.state, case)
    given = (desk.world.staff["cy"].id,) if verb is tasks.assign else given

    if isinstance(row.result, bool):
        before = desk.snapshot()
        outcome = desk.do(verb, row.who, task, *given)
        assert outcome.changed is row.result, row.why
        assert outcome.task.state == row.ends
        assert (desk.snapshot() == before) is not row.result
    else:
        said = str(desk.refuses(row.result, verb, row.who, task, *given))
        assert "Nothing changed" in said
    assert desk.state(task) == row.ends, row.why


def test_every_state_is_in_the_table_of_every_verb() -> None:
    states = {"blocked", "ready", "claimed", "waiting", "done", "skipped"}
    for verb in {verb.__name__ for verb, _, _ in TABLE}:
        assert {row.state for each, _, row in TABLE if each.__name__ == verb} == states, verb


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        (tasks.claim, ()),
        (tasks.release, ()),
        (tasks.wait, (Awaited.PAYER,)),
        (tasks.resume, ()),
        (tasks.done, ()),
        (tasks.skip, ("a reason",)),
        (tasks.reopen, ("a reason",)),
        (tasks.waive, ("a reason",)),
        (tasks.assign, (1,)),
    ],
)
def test_a_task_that_is_not_there_is_refused_by_every_verb(desk: Desk, verb: Verb, given: tuple[object, ...]) -> None:
    assert "no such task" in str(desk.refuses(UnknownTask, verb, "lea", 10**9, *given))


@pytest.mark.parametrize(
    ("reason", "error", "why"),
    [
        ("", Missing, "a reason is asked for"),
        ("   ", Missing, "blanks are no reason"),
        ("called 555-867-5309", PatientData, "a phone number"),
        ("born 03/04/1961", PatientData, "a birth date"),
        ("x" * 301, TooLong, "nobody reads that"),
    ],
)
def test_reasons_are_asked_for_and_kept_free_of_patient_data(
    desk: Desk, reason: str, error: type[Refusal], why: str
) -> None:
    case = desk.open()
    done, ready = bring_to(desk, "done", case), desk.task(case, "P1")

    desk.refuses(error, tasks.skip, "lea", ready, reason)
    desk.refuses(error, tasks.reopen, "lea", done, reason)
    desk.refuses(error, tasks.waive, "lea", desk.task(case, "P4"), reason)


def test_release_takes_the_wait_with_it(desk: Desk) -> None:
    task = bring_to(desk, "waiting", desk.open())

    desk.do(tasks.release, "ana", task)

    row = desk.row(task)
    assert [row[name] for name in ("holder_id", "waiting_on", "waiting_since", "waiting_note")] == [None] * 4


def test_waiting_for_somebody_else_begins_a_new_wait(desk: Desk) -> None:
    task = bring_to(desk, "waiting", desk.open())

    outcome = desk.do(tasks.wait, "ana", task, Awaited.TISSUE_BANK, "asked twice, REF 88123")

    assert "now waits for the tissue bank" in outcome.said
    row = desk.row(task)
    assert (row["waiting_on"], row["waiting_note"]) == ("tissue_bank", "asked twice, REF 88123")


def test_a_new_note_on_the_same_wait_keeps_its_beginning(desk: Desk) -> None:
    task = bring_to(desk, "waiting", desk.open())
    since = desk.row(task)["waiting_since"]

    assert desk.do(tasks.wait, "ana", task, Awaited.CLINIC, "called again").changed

    row = desk.row(task)
    assert (row["waiting_since"], row["waiting_note"]) == (since, "called again")


def test_a_note_with_patient_data_is_refused(desk: Desk) -> None:
    task = bring_to(desk, "claimed", desk.open())

    desk.refuses(PatientData, tasks.wait, "ana", task, Awaited.CLINIC, "Mrs Miller will call back")


@pytest.mark.parametrize(
    ("to", "error", "why"),
    [
        ("bo", None, "a lead may assign beyond skills"),
        ("lea", None, "a lead may do what a VA may"),
        ("sam", NotAllowed, "but not beyond roles"),
        ("max", NotAllowed, "a manager works no tasks"),
    ],
)
def test_assigning_goes_beyond_skills_but_not_beyond_roles(
    desk: Desk, to: str, error: type[Refusal] | None, why: str
) -> None:
    task = bring_to(desk, "ready", desk.open())
    person = desk.world.staff[to].id

    if error is None:
        desk.do(tasks.assign, "lea", task, person)
        assert desk.row(task)["holder_id"] == person, why
    else:
        desk.refuses(error, tasks.assign, "lea", task, person)


def test_assigning_tells_the_person_once(desk: Desk) -> None:
    case = desk.open()
    task = bring_to(desk, "ready", case)
    cy = desk.world.staff["cy"]

    desk.do(tasks.assign, "lea", task, cy.id)
    again = desk.do(tasks.assign, "lea", task, cy.id)

    assert not again.changed
    (notice,) = desk.notices(case, "assigned")
    assert notice["payload"]["to"] == cy.slack_user_id
    assert notice["payload"]["by"] == desk.world.staff["lea"].slack_user_id
    assert [line["holder"] for line in notice["payload"]["tasks"]] == [cy.slack_user_id]


def test_a_lead_who_assigns_to_themselves_is_not_told_by_a_post(desk: Desk) -> None:
    case = desk.open()
    task = bring_to(desk, "ready", case)

    desk.do(tasks.assign, "lea", task, desk.world.staff["lea"].id)

    assert desk.notices(case, "assigned") == []


def test_assigning_to_nobody_of_the_practice_is_refused(desk: Desk) -> None:
    task = bring_to(desk, "ready", desk.open())

    desk.refuses(UnknownPerson, tasks.assign, "lea", task, 10**9)


def test_every_change_is_on_record_and_draws_the_card(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P2")

    desk.do(tasks.claim, "ana", task)
    desk.do(tasks.wait, "ana", task, Awaited.CLINIC)
    desk.do(tasks.resume, "ana", task)
    desk.do(tasks.done, "ana", task)
    desk.do(tasks.reopen, "ana", task, "too early")
    desk.do(tasks.skip, "lea", task, "not needed")

    actions = desk.rows(
        "SELECT action, actor_id FROM audit_entries WHERE object_type = 'task' AND object_id = :task ORDER BY seq",
        task=str(task),
    )
    assert [row["action"] for row in actions] == [
        "task.claim", "task.wait", "task.resume", "task.done", "task.reopen", "task.skip",
    ]  # fmt: skip
    assert {row["actor_id"] for row in actions} == {desk.world.staff["ana"].id, desk.world.staff["lea"].id}
    cards = desk.rows(
        "SELECT n.state FROM notices n JOIN channels h ON h.id = n.channel_id WHERE h.case_id = :case"
        " AND n.kind = 'card'",
        case=case.id,
    )
    assert [row["state"] for row in cards] == ["pending"], "any number of changes make one edit of the card"
