"""The end of a shift: everything goes somewhere with a word on it, and the lead knows what is late and nobody's."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.checklists.vocabulary import Awaited
from app.kernel.clock import FixedClock
from app.programs.queries import UnknownPerson
from app.store.uow import Store
from app.tasks import handoffs, shifts
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.refusals import NoHandoff, NotEligible
from app.tasks.shifts import Given
from app.text import Missing, PatientData
from tests.tasks.desk import BOARD, Desk, OpenCase, make_desk


@pytest.fixture
def desk(store: Store, clock: FixedClock) -> Desk:
    """A practice of this test's own: what a person holds is all that they hold."""
    return make_desk(store, clock)


def claimed(desk: Desk, case: OpenCase, *items: str, who: str = "ana") -> list[int]:
    found = [desk.task(case, item) for item in items]
    for task in found:
        desk.do(tasks.claim, who, task)
    return found


def staff(desk: Desk, name: str) -> int:
    return desk.world.staff[name].id


def end(desk: Desk, *given: Given, who: str = "ana") -> list[str]:
    with desk.change() as uow:
        return shifts.end_shift(uow, desk.world.actor(who), given)


def past(desk: Desk, task: int) -> datetime:
    """An hour after the task's deadline."""
    due: datetime = desk.row(task)["due_at"]
    return due + timedelta(hours=1)


def told(desk: Desk) -> list[tuple[str, list[str]]]:
    """What was said to leads: to whom, and what."""
    rows = desk.rows(
        "SELECT s.name, n.payload FROM notices n JOIN channels h ON h.id = n.channel_id"
        " JOIN staff s ON s.id = h.staff_id WHERE n.kind = 'trouble' ORDER BY n.seq"
    )
    return [(row["name"].lower(), row["payload"]["problems"]) for row in rows]


def holder(desk: Desk, task: int) -> Any:
    held = desk.row(task)["holder_id"]
    return next((name for name, person in desk.world.staff.items() if person.id == held), None)


def test_each_task_goes_its_way_with_its_own_word_in_one_post_for_each_receiver(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2")
    other = desk.open(first_visit=desk.world.store.clock.now().date())
    (third,) = claimed(desk, other, "E1")
    desk.do(tasks.wait, "ana", second, Awaited.CLINIC)
    desk.move_to(past(desk, first))

    said = end(
        desk,
        Given(first, staff(desk, "cy"), "the agenda closes at noon"),
        Given(second, staff(desk, "cy"), "asked twice"),
        Given(third, None, "nothing done yet"),
    )

    assert said == [
        f"Offered to Cy: {case.code}-1, {case.code}-2. Yours until they accept.",
        f"Back in the pool: {other.code}-1.",
        f"Told Lea of what is late: {case.code}-1.",
    ]
    (post,) = desk.notices(case, "handoff")
    assert "note" not in post["payload"]
    assert [(task["no"], task["brief"]["note"], task["brief"]["urgency"]) for task in post["payload"]["tasks"]] == [
        (1, "the agenda closes at noon", "now"), (2, "asked twice", None),
    ]  # fmt: skip
    assert [holder(desk, task) for task in (first, second, third)] == ["ana", "ana", None]
    (pooled,) = desk.notices(other, "released")
    assert [(task["no"], task["word"], task["late"]) for task in pooled["payload"]["tasks"]] == [
        (1, "nothing done yet", False)
    ]
    assert pooled["payload"]["by"] == desk.world.staff["ana"].slack_user_id

    desk.do(handoffs.accept, "cy", first, "I call them now")
    answered = desk.notices(case, "answer")[-1]["payload"]
    assert [(task["state"], task["brief"]["note"]) for task in answered["tasks"]] == [
        ("accepted", "the agenda closes at noon"), ("offered", "asked twice"),
    ]  # fmt: skip


def test_the_same_word_on_all_is_said_once(desk: Desk) -> None:
    case = desk.open()
    claimed(desk, case, "P1", "P2")
    with desk.change() as uow:
        shifts.hand_over(uow, desk.world.actor("ana"), staff(desk, "cy"), "all is in the chart")
    (post,) = desk.notices(case, "handoff")
    assert post["payload"]["note"] == "all is in the chart"
    assert not any("brief" in task for task in post["payload"]["tasks"])
    assert told(desk) == [], "nothing is late"


def test_what_is_due_today_is_for_today_and_what_comes_later_says_nothing(desk: Desk) -> None:
    (first,), (second,) = (claimed(desk, desk.open(board=day), "P1") for day in (BOARD, BOARD + timedelta(days=7)))
    desk.move_to(desk.row(first)["due_at"] - timedelta(hours=2))
    end(desk, Given(first, staff(desk, "cy"), "a"), Given(second, staff(desk, "cy"), "b"))
    rows = desk.rows("SELECT task_id, urgency FROM handoffs ORDER BY task_id")
    assert [(row["task_id"], row["urgency"]) for row in rows] == [(first, "today"), (second, None)]


def test_the_lead_hears_in_one_message_of_late_work_of_several_cases(desk: Desk) -> None:
    cases = [desk.open() for _ in range(3)]
    held = [task for case in cases for task in claimed(desk, case, "P1")]
    desk.move_to(past(desk, held[0]))
    end(
        desk,
        Given(held[0], None, "no answer yet"),
        Given(held[1], staff(desk, "bo"), "take it"),
        Given(held[2], staff(desk, "bo"), "take it too"),
    )
    ((lead, lines),) = told(desk)
    assert lead == "lea"
    text = "\n".join(lines)
    assert f"{cases[0].code}-1 List the case: nobody has it; no answer yet. It is late already" in text
    assert text.count("offered to Bo, not accepted yet") == 2
    assert lines[0].startswith("Ana ends the shift, with work that is late. To give it to somebody: assign ")


def test_of_very_much_late_work_the_lead_gets_what_one_reads_and_a_count(desk: Desk) -> None:
    held = [task for _ in range(23) for task in claimed(desk, desk.open(), "P1")]
    desk.move_to(past(desk, held[0]))
    end(desk, *(Given(task, None, "no answer yet") for task in held))
    ((_, lines),) = told(desk)
    assert len(lines) == 22
    assert lines[-1] == "… and 3 more"
    assert desk.rows("SELECT payload ->> 'code' AS of FROM notices WHERE kind = 'trouble'")[0]["of"] == "23 cases"


def test_what_a_person_may_not_have_stays_and_the_lead_knows(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P2")
    desk.move_to(past(desk, task))
    said = end(desk, Given(task, staff(desk, "bo"), "images are there"))
    assert said[0] == f"Still yours: {case.code}-2 is for a VA with the skill imaging; Bo is not."
    assert holder(desk, task) == "ana"
    ((_, lines),) = told(desk)
    assert "still with Ana" in lines[1]


def test_what_is_offered_already_stays_so_and_the_lead_knows(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2")
    desk.do(handoffs.offer, "ana", first, staff(desk, "bo"), Brief("since noon"))
    desk.move_to(past(desk, first))
    with desk.change() as uow:
        said = shifts.hand_over(uow, desk.world.actor("ana"), None, "back to you all")
    assert said[0] == f"Back in the pool: {case.code}-2."
    assert [row["state"] for row in desk.rows("SELECT state FROM handoffs")] == ["offered"]
    assert (holder(desk, first), holder(desk, second)) == ("ana", None)
    ((_, lines),) = told(desk)
    assert f"{case.code}-1 List the case: offered to Bo, not accepted yet." in lines[1]


def test_a_lead_who_goes_tells_another(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1", who="lea")
    desk.move_to(past(desk, task))
    said = end(desk, Given(task, None, "sorry"), who="lea")
    assert said[-1].startswith("Told Max of what is late")
    assert [name for name, _ in told(desk)] == ["max"]


def test_a_task_that_was_taken_away_meanwhile_is_left_out(desk: Desk) -> None:
    first, second = claimed(desk, desk.open(), "P1", "P2")
    desk.do(tasks.assign, "lea", first, staff(desk, "cy"))
    said = end(desk, Given(first, None, "mine no more"), Given(second, None, "mine"))
    assert len(said) == 1
    assert (holder(desk, first), holder(desk, second)) == ("cy", None)


def test_what_is_refused_changes_nothing_and_names_the_task(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2")
    ana, bo = desk.world.actor("ana"), staff(desk, "bo")

    def ending(*given: Given) -> Any:
        return lambda uow: shifts.end_shift(uow, ana, given)

    bad = desk.refused(PatientData, ending(Given(first, bo, "fine"), Given(second, None, "DOB 3/4/1961")))
    assert f"The word on {case.code}-2 may hold patient data" in str(bad)
    desk.refused(Missing, ending(Given(first, bo, " ")))
    desk.refused(NotEligible, ending(Given(first, staff(desk, "ana"), "me")))
    desk.refused(UnknownPerson, ending(Given(first, 999_999, "who?")))
    desk.refused(NoHandoff, lambda uow: shifts.hand_over(uow, desk.world.actor("cy"), bo, "nothing"))


def test_the_end_of_a_shift_is_on_record(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    end(desk, Given(task, None, "tomorrow"))
    acts = desk.rows("SELECT action FROM audit_entries WHERE actor_id = :ana ORDER BY seq", ana=staff(desk, "ana"))
    assert [row["action"] for row in acts][-2:] == ["task.release", "shift.end"]
