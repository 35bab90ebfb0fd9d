"""What comes after an event is not done before its day, and can be left out all the same."""

from datetime import UTC, date, datetime

import pytest

from app.checklists.loader import load_set, load_text
from app.settings import ROOT
from app.tasks import service as tasks
from app.tasks.refusals import TooEarly
from app.tasks.timing import follows
from tests.tasks.desk import Desk, OpenCase

SURGERY = date(2026, 12, 10)
SHIPPED = {
    "implant_authorization": {"AL5": "surgery", "IV1": "surgery", "IV2": "surgery"},
    "post_op_billing": {"BI1": "surgery", "BI6L": "surgery"},
    "tumor_board_packet": {"TB8": "board", "TB9": "board", "TB10": "board"},
}


def test_the_shipped_items_that_come_after_an_event() -> None:
    found = {
        template.id: {item.id: follows(item) for item in template.items if follows(item)}
        for template in load_set(ROOT / "checklists").values()
    }
    assert found == SHIPPED


@pytest.mark.parametrize(
    ("due", "event"),
    [
        ("due: 2 days after surgery", "surgery"),
        ("due: 4 business hours after first visit", "first_visit"),
        ("due: 3 business days before surgery", None),
        ("due: on surgery", None),
        ("due: 2 days after operative note signed", None),
        ("due: 2 days after surgery proposed", None),
        ("due: 2 days after ready", None),
        ("roles: [va]", None),
    ],
)
def test_a_due_rule_says_what_an_item_comes_after(due: str, event: str | None) -> None:
    text = (
        f"id: one\nversion: 1\ntitle: One\nstarts:\n  - case_opened: true\nitems:\n  - id: A\n    title: A\n    {due}\n"
    )
    assert follows(load_text(text, "one.yaml").items[0]) == event


@pytest.fixture
def case(desk: Desk) -> OpenCase:
    """A case with a loaner, which is returned after the operation, and nothing that gates its date."""
    opened = desk.open()
    desk.component(opened, "plate", supply="loaner")
    desk.do(tasks.done, "cy", desk.task(opened, "C1"), "L8699")
    return opened


def test_before_its_day_it_is_refused(desk: Desk, case: OpenCase) -> None:
    task = desk.task(case, "C3")
    unset = desk.refuses(TooEarly, tasks.done, "ana", task)
    assert "after the surgery, which has no date yet" in str(unset)

    desk.date(case, "surgery", SURGERY)
    # The day is the practice's own: in New York it is still the 9th.
    desk.move_to(datetime(2026, 12, 10, 4, 30, tzinfo=UTC))
    early = desk.refuses(TooEarly, tasks.done, "ana", task)
    assert "which is on Thu 10 Dec 2026" in str(early)
    assert str(early).endswith("set that first: date surgery <date>")

    desk.move_to(datetime(2026, 12, 10, 5, 30, tzinfo=UTC))
    assert desk.do(tasks.done, "ana", task).changed


@pytest.mark.parametrize("day", [None, SURGERY], ids=["no date", "a date to come"])
def test_leaving_it_out_and_working_on_it_stay_possible(desk: Desk, case: OpenCase, day: date | None) -> None:
    task = desk.task(case, "C3")
    if day is not None:
        desk.date(case, "surgery", day)
    assert desk.do(tasks.claim, "ana", task).changed
    assert desk.do(tasks.skip, "ana", task, "bought instead").changed


def test_what_is_done_already_stays_so_when_the_date_moves(desk: Desk, case: OpenCase) -> None:
    task = desk.task(case, "C3")
    desk.date(case, "surgery", SURGERY)
    desk.move_to(datetime(2026, 12, 11, 15, tzinfo=UTC))
    desk.do(tasks.done, "ana", task)
    desk.date(case, "surgery", date(2026, 12, 20))
    assert desk.state(task) == "done"
    assert not desk.do(tasks.done, "ana", task).changed, "saying it again is no error"
