"""Handoffs: offered with a note, accepted or declined; until then the holder stays responsible."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from app.checklists.vocabulary import Awaited
from app.programs.queries import UnknownPerson
from app.refusals import Refusal
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief, Urgency
from app.tasks.refusals import NoHandoff, NotEligible, NotHolder, SayItBack, WrongState
from app.text import Missing, PatientData
from tests.tasks.desk import BOARD, VISIT, Desk, OpenCase, bring_to


def offered(desk: Desk, *, state: str = "claimed", case: OpenCase | None = None) -> int:
    """A task that Ana holds and offers to Cy."""
    task = bring_to(desk, state, case or desk.open())
    desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("fax is on its way"))
    return task


def states(desk: Desk, task: int) -> list[str]:
    return [
        row["state"] for row in desk.rows("SELECT state FROM handoffs WHERE task_id = :task ORDER BY id", task=task)
    ]


def holder(desk: Desk, task: int) -> str:
    held = desk.row(task)["holder_id"]
    return next(name for name, person in desk.world.staff.items() if person.id == held)


def test_an_offer_changes_no_holder_and_is_posted_with_its_note(desk: Desk) -> None:
    case = desk.open()
    task = offered(desk, case=case)

    assert holder(desk, task) == "ana"
    (post,) = desk.notices(case, "handoff")
    assert post["payload"]["note"] == "fax is on its way"
    assert post["payload"]["from"] == desk.world.staff["ana"].slack_user_id
    assert post["payload"]["to"] == desk.world.staff["cy"].slack_user_id
    assert [line["id"] for line in post["payload"]["tasks"]] == [task]
    (row,) = desk.rows("SELECT * FROM handoffs WHERE task_id = :task", task=task)
    assert post["payload"]["handoffs"] == [row["id"]]
    assert row["notice_id"] == post["id"], "the answer edits this very post"


def test_accepting_makes_the_person_the_holder_and_edits_the_post(desk: Desk) -> None:
    case = desk.open()
    task = offered(desk, case=case)

    outcome = desk.do(handoffs.accept, "cy", task)

    assert holder(desk, task) == "cy"
    assert outcome.changed
    assert "is yours now, from Ana." in outcome.said
    post, answer = desk.notices(case, "handoff", "answer")
    assert answer["payload"]["of"] == str(post["id"])
    assert [line["state"] for line in answer["payload"]["tasks"]] == ["accepted"]


def test_a_waiting_task_is_handed_over_as_it_waits(desk: Desk) -> None:
    task = offered(desk, state="waiting")

    desk.do(handoffs.accept, "cy", task)

    assert (holder(desk, task), desk.state(task)) == ("cy", "waiting")


def test_declining_leaves_the_task_and_tells_its_holder(desk: Desk) -> None:
    case = desk.open()
    task = offered(desk, case=case)

    desk.do(handoffs.decline, "cy", task, "off from noon")

    assert (holder(desk, task), desk.state(task), states(desk, task)) == ("ana", "claimed", ["declined"])
    post, answer, declined = desk.notices(case, "handoff", "answer", "declined")
    assert [line["state"] for line in answer["payload"]["tasks"]] == ["declined"]
    assert declined["payload"]["of"] == str(post["id"])
    assert declined["payload"]["from"] == desk.world.staff["ana"].slack_user_id
    assert declined["payload"]["reason"] == "off from noon"


class Row(NamedTuple):
    """An answer to an offer, or to none. `result` is False for no news, or the refusal."""

    before: str
    verb: str
    who: str
    result: bool | type[Refusal]
    says: str
    why: str


@pytest.mark.parametrize(
    "row",
    [
        Row("accepted", "accept", "cy", False, "yours already", "repeating it is no error"),
        Row("declined", "decline", "cy", False, "declined", "repeating it is no error"),
        Row("accepted", "decline", "cy", NoHandoff, "took", "too late to decline"),
        Row("declined", "accept", "cy", NoHandoff, "Ask Ana to offer it again", "it has to be offered again"),
        Row("offered", "accept", "lea", NoHandoff, "is not offered to you", "not even a lead answers for another"),
        Row("offered", "decline", "bo", NoHandoff, "is not offered to you", "nor declines"),
        Row("offered", "accept", "ana", NoHandoff, "is not offered to you", "nor the holder"),
        Row("released", "accept", "cy", NoHandoff, "is not offered to you", "a release took the offer with it"),
        Row("done", "accept", "cy", NoHandoff, "is not offered to you", "a finished task is nobody's to take"),
        Row("assigned", "accept", "cy", NoHandoff, "is not offered to you", "a lead gave it to somebody else"),
        Row("none", "accept", "cy", NoHandoff, "is not offered to you", "nothing was ever offered"),
    ],
    ids=lambda row: f"{row.before}-{row.verb}-{row.who}",
)
def test_answers_that_change_nothing(desk: Desk, row: Row) -> None:
    task = bring_to(desk, "claimed", desk.open()) if row.before == "none" else offered(desk)
    match row.before:
        case "accepted":
            desk.do(handoffs.accept, "cy", task)
        case "declined":
            desk.do(handoffs.decline, "cy", task, "no time")
        case "released":
            desk.do(tasks.release, "ana", task)
        case "done":
            desk.do(tasks.done, "ana", task)
        case "assigned":
            desk.do(tasks.assign, "lea", task, desk.world.staff["lea"].id)
    verb = handoffs.accept if row.verb == "accept" else handoffs.decline
    given = () if row.verb == "accept" else ("no time",)

    if isinstance(row.result, bool):
        before = desk.snapshot()
        outcome = desk.do(verb, row.who, task, *given)
        assert not outcome.changed
        assert row.says in outcome.said
        assert desk.snapshot() == before, row.why
    else:
        said = str(desk.refuses(row.result, verb, row.who, task, *given))
        assert row.says in said, row.why
        assert "Nothing changed" in said


URGENT = Brief("the payer asked", Urgency.NOW, "send the scans", "their fax is closed after four")


PHONE = "call her at 555-867-5309"


@pytest.mark.parametrize(
    "told", [replace(URGENT, note=PHONE), replace(URGENT, to_do=PHONE), replace(URGENT, watch=PHONE)]
)
def test_no_part_of_a_brief_takes_patient_data(desk: Desk, told: Brief) -> None:
    task = bring_to(desk, "claimed", desk.open())
    desk.refuses(PatientData, handoffs.offer, "ana", task, desk.world.staff["cy"].id, told)


def test_what_is_urgent_is_accepted_only_in_the_receiver_s_own_words(desk: Desk) -> None:
    case = desk.open()
    task, other = bring_to(desk, "claimed", case), bring_to(desk, "claimed", case, "P1")
    desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, URGENT)
    desk.do(handoffs.offer, "ana", other, desk.world.staff["cy"].id, Brief("no hurry", Urgency.LATER))
    desk.refuses(SayItBack, handoffs.accept, "cy", task)
    desk.refuses(PatientData, handoffs.accept, "cy", task, "I call her at 555-867-5309")

    with desk.change() as uow:
        answers = {one.task.id: one for one in handoffs.accept_all(uow, desk.world.actor("cy"))}
    assert (answers[task].changed, answers[other].changed) == (False, True)
    assert "in your own words" in answers[task].said
    assert holder(desk, task) == "ana"

    assert desk.do(handoffs.accept, "cy", task, "I send the scans now").changed
    assert holder(desk, task) == "cy"
    rows = desk.rows("SELECT note, urgency, to_do, watch, said_back FROM handoffs WHERE task_id = :task", task=task)
    assert dict(rows[0]) == URGENT.columns() | {"said_back": "I send the scans now"}
    accepted = "SELECT fields FROM audit_entries WHERE action = 'handoff.accept' AND object_id = :id"
    (entry,) = desk.rows(accepted, id=str(task))
    assert entry["fields"] == ["holder_id", "said_back"]
    assert not desk.do(handoffs.accept, "cy", task).changed, "one's own repeat is no error"


@pytest.mark.parametrize(
    ("state", "who", "to", "note", "error", "why"),
    [
        ("claimed", "cy", "lea", "note", NotHolder, "only the holder hands it off"),
        ("claimed", "lea", "cy", "note", NotHolder, "a lead assigns instead"),
        ("claimed", "ana", "bo", "note", NotEligible, "without the skill"),
        ("claimed", "ana", "sam", "note", NotEligible, "without the role"),
        ("claimed", "ana", "ana", "note", NotEligible, "to oneself"),
        ("ready", "ana", "cy", "note", WrongState, "nobody has it"),
        ("done", "ana", "cy", "note", WrongState, "it is done"),
        ("claimed", "ana", "cy", "", Missing, "a note is asked for"),
        ("claimed", "ana", "cy", "call her at 555-867-5309", PatientData, "a phone number"),
    ],
)
def test_offers_that_are_refused(
    desk: Desk, state: str, who: str, to: str, note: str, error: type[Refusal], why: str
) -> None:
    task = bring_to(desk, state, desk.open())

    desk.refuses(error, handoffs.offer, who, task, desk.world.staff[to].id, Brief(note))


def test_an_offer_to_nobody_of_the_practice_is_refused(desk: Desk) -> None:
    task = bring_to(desk, "claimed", desk.open())

    desk.refuses(UnknownPerson, handoffs.offer, "ana", task, 10**9, Brief("note"))


def test_a_second_offer_to_the_same_person_is_no_error(desk: Desk) -> None:
    task = offered(desk)
    before = desk.snapshot()

    outcome = desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("fax is on its way"))

    assert not outcome.changed
    assert desk.snapshot() == before


def test_an_offer_with_another_brief_takes_the_place_of_the_one_before(desk: Desk) -> None:
    case = desk.open()
    task = offered(desk, case=case)

    outcome = desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, URGENT)

    assert outcome.changed
    assert states(desk, task) == ["withdrawn", "offered"]
    first, ended, second = desk.notices(case, "handoff", "answer")
    assert ended["payload"]["of"] == str(first["id"])
    assert [line["state"] for line in ended["payload"]["tasks"]] == ["withdrawn"]
    assert second["payload"]["watch"] == URGENT.watch
    old, new = first["payload"]["handoffs"][0], second["payload"]["handoffs"][0]
    with desk.change() as uow:
        assert handoffs.task_of(uow, desk.world.actor("cy"), new) == task
        with pytest.raises(NoHandoff, match="offered anew since"):
            handoffs.task_of(uow, desk.world.actor("cy"), old)
    desk.do(handoffs.accept, "cy", task, "I send the scans now")
    assert states(desk, task) == ["withdrawn", "accepted"]


def test_the_end_of_a_shift_leaves_the_briefs_of_what_is_offered_already(desk: Desk) -> None:
    task = offered(desk)

    with desk.change() as uow:
        to = desk.world.staff["cy"].id
        outcomes = handoffs.offer_all(uow, desk.world.actor("ana"), to, Brief("end of my shift"))

    assert [one.changed for one in outcomes if one.task.id == task] == [False]
    assert states(desk, task) == ["offered"]


def test_one_task_is_offered_to_one_person_at_a_time(desk: Desk) -> None:
    task = offered(desk)

    said = str(desk.refuses(WrongState, handoffs.offer, "ana", task, desk.world.staff["lea"].id, Brief("or you")))

    assert "is offered to Cy already" in said


def test_a_declined_task_can_be_offered_again(desk: Desk) -> None:
    task = offered(desk)
    desk.do(handoffs.decline, "cy", task, "no time")

    desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("only the fax is left"))
    desk.do(handoffs.accept, "cy", task)

    assert holder(desk, task) == "cy"
    assert states(desk, task) == ["declined", "accepted"]


@pytest.mark.parametrize("verb", ["release", "done", "skip", "assign"])
def test_what_ends_the_holding_ends_the_offer_and_its_post_says_so(desk: Desk, verb: str) -> None:
    case = desk.open()
    task = offered(desk, case=case)
    match verb:
        case "release":
            desk.do(tasks.release, "ana", task)
        case "done":
            desk.do(tasks.done, "ana", task)
        case "skip":
            desk.do(tasks.skip, "lea", task, "not needed")
        case "assign":
            desk.do(tasks.assign, "lea", task, desk.world.staff["lea"].id)

    assert states(desk, task) == ["withdrawn"]
    post, answer = desk.notices(case, "handoff", "answer")
    assert answer["payload"]["of"] == str(post["id"])
    assert [line["state"] for line in answer["payload"]["tasks"]] == ["withdrawn"]


@pytest.mark.parametrize("verb", ["wait", "resume"])
def test_a_wait_keeps_the_offer(desk: Desk, verb: str) -> None:
    task = offered(desk, state="waiting" if verb == "resume" else "claimed")
    if verb == "wait":
        desk.do(tasks.wait, "ana", task, Awaited.CLINIC)
    else:
        desk.do(tasks.resume, "ana", task)

    assert states(desk, task) == ["offered"]
    desk.do(handoffs.accept, "cy", task)


def clear_hands(desk: Desk, *names: str) -> None:
    """Let nobody of these hold anything, whatever the tests before left."""
    for name in names:
        held = desk.rows("SELECT id FROM tasks WHERE holder_id = :who AND state IN ('claimed', 'waiting')",
                         who=desk.world.staff[name].id)  # fmt: skip
        for row in held:
            desk.do(tasks.release, name, row["id"])


def test_a_shift_is_handed_over_at_once_with_one_post_a_case(desk: Desk) -> None:
    clear_hands(desk, "ana", "cy")
    first, second = desk.open(), desk.open()
    mine = [bring_to(desk, "claimed", first), bring_to(desk, "waiting", second)]
    desk.do(tasks.claim, "ana", desk.task(first, "P1"))
    mine.append(desk.task(first, "P1"))

    with desk.change() as uow:
        outcomes = handoffs.offer_all(uow, desk.world.actor("ana"), desk.world.staff["cy"].id, Brief("the day's rest"))
    assert [outcome.changed for outcome in outcomes] == [True, True, True]
    assert [len(post["payload"]["tasks"]) for post in desk.notices(first, "handoff")] == [2]
    assert [len(post["payload"]["tasks"]) for post in desk.notices(second, "handoff")] == [1]
    assert {holder(desk, task) for task in mine} == {"ana"}

    with desk.change() as uow:
        handoffs.accept_all(uow, desk.world.actor("cy"))
    assert {holder(desk, task) for task in mine} == {"cy"}


def test_of_a_shift_what_does_not_fit_stays_and_is_said(desk: Desk) -> None:
    clear_hands(desk, "ana", "bo")
    case = desk.open()
    images, listing = bring_to(desk, "claimed", case), desk.task(case, "P1")
    desk.do(tasks.claim, "ana", listing)

    with desk.change() as uow:
        outcomes = handoffs.offer_all(uow, desk.world.actor("ana"), desk.world.staff["bo"].id, Brief("the day's rest"))

    said = {outcome.task.id: outcome for outcome in outcomes}
    assert said[listing].changed
    assert not said[images].changed
    assert "with the skill imaging; Bo is not" in said[images].said
    assert states(desk, images) == []


def test_accepting_all_from_one_person_leaves_the_others(desk: Desk) -> None:
    clear_hands(desk, "ana", "cy", "lea")
    case = desk.open()
    from_ana = offered(desk, case=case)
    from_lea = desk.task(case, "P1")
    desk.do(tasks.claim, "lea", from_lea)
    desk.do(handoffs.offer, "lea", from_lea, desk.world.staff["cy"].id, Brief("please"))

    with desk.change() as uow:
        outcomes = handoffs.accept_all(uow, desk.world.actor("cy"), desk.world.staff["ana"].id)

    assert [outcome.task.id for outcome in outcomes] == [from_ana]
    assert holder(desk, from_lea) == "lea"


def test_with_nothing_held_or_offered_there_is_nothing_to_hand_over(desk: Desk) -> None:
    clear_hands(desk, "lea")

    desk.refused(
        NoHandoff, lambda uow: handoffs.offer_all(uow, desk.world.actor("lea"), desk.world.staff["cy"].id, Brief("x"))
    )
    desk.refused(NoHandoff, lambda uow: handoffs.accept_all(uow, desk.world.actor("max")))


def test_a_button_finds_its_task(desk: Desk) -> None:
    task = offered(desk)
    (row,) = desk.rows("SELECT id FROM handoffs WHERE task_id = :task", task=task)

    with desk.store.read() as uow:
        assert handoffs.task_of(uow, desk.world.actor("cy"), row["id"]) == task
        with pytest.raises(NoHandoff):
            handoffs.task_of(uow, desk.world.actor("cy"), 10**9)


def test_an_attested_task_is_handed_over_only_to_who_may_work_it(desk: Desk) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    question = desk.task(case, "P3")
    desk.do(tasks.claim, "sam", question)

    assert "is for a surgeon;" in str(
        desk.refuses(NotEligible, handoffs.offer, "sam", question, desk.world.staff["cy"].id, Brief("please ask"))
    )
