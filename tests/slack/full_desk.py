"""A home tab with as much on it as there can be."""

from datetime import timedelta
from pathlib import Path

from app.checklists.loader import load_text
from app.homes.desk import READ, Choices, Desk, DoneLine, Late
from app.programs.absences import Absence
from app.slack.answer import Answer
from app.slack.views import blocks, home
from app.tasks.queries import OfferLine, Only, TaskLine
from tests.conftest import MONDAY

ROOT = Path(__file__).parents[2]
BILLING = load_text((ROOT / "checklists" / "post_op_billing.yaml").read_text(encoding="utf-8"), "post_op_billing.yaml")


def task(no: int, state: str = "claimed", **more: object) -> TaskLine:
    """A task with the longest words that one can have."""
    known = {
        "id": no, "case_code": "K7Q4", "no": no, "item_id": f"P{no}", "title": "&" * 80, "state": state,
        "holder_id": 1, "holder_name": "A" * 60, "holder_slack": "U1", "due_at": MONDAY, "waiting_on": None,
        "track_title": "T", "component": "C1 " + "c" * 60, "template": BILLING, "item": BILLING.items[0],
        "roles": frozenset(), "snoozed_until": MONDAY + timedelta(days=3), "snoozed_why": "<&>" * 100,
    }  # fmt: skip
    return TaskLine(**known | more)  # type: ignore[arg-type]


def full_desk() -> Answer:
    """Every part at its most, every filter with more than Slack takes, and an answer that can be undone on top."""
    offers = [OfferLine(no, no, "K7Q4", no, "&" * 80, MONDAY, "B" * 60, "<&>" * 100) for no in range(1, 11)]
    waiting = [
        task(no, "waiting", waiting_on="tissue_bank", waiting_since=MONDAY, offered_to="C" * 60, offered_at=MONDAY)
        for no in range(300, 300 + READ)
    ]
    many = {f"{number:04}": "words " * 30 for number in range(150)}
    away = Absence(1, 1, 1, 2, MONDAY, MONDAY + timedelta(days=9), True, "A" * 60, "B" * 60, "America/New_York")
    desk = Desk(
        [*offers, *(task(no) for no in range(100, 190))],
        [task(no, "ready") for no in range(200, 200 + READ)],
        waiting,
        [task(no) for no in range(400, 400 + READ)],
        [DoneLine("K7Q4", no, "&" * 80, "skipped", MONDAY) for no in range(READ)],
        Choices(many, many, many),
        MONDAY + timedelta(days=1),
        Late(READ, READ),
        [away],
        [away] * 9,
    )
    said = Answer("Claimed " * 200, (blocks.actions(blocks.done_button(1, "x"), blocks.undo_button(1, "x")),))
    return home.desk(desk, Only(code="0149"), zone="America/New_York", now=MONDAY, said=said)
