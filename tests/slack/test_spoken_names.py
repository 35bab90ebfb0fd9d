"""The spoken name of a button has the words that are written on it, and these come first (WCAG 2.5.3)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.clock import FixedClock
from app.programs.absences import Absence
from app.slack.manifest import manifest
from app.slack.views import blocks, questions, reminding, shift_forms
from tests.conftest import MONDAY
from tests.slack.full_desk import full_desk
from tests.slack.office import Office
from tests.slack.test_views_notices import EXAMPLES, draw


def buttons(given: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The visible words and the spoken name of every button."""
    for block in given:
        for element in [*block.get("elements", []), block.get("accessory", {}), block.get("element", {})]:
            if element.get("type") == "button":
                yield str(element["text"]["text"]), str(element.get("accessibility_label", ""))


def check(given: Iterable[Mapping[str, Any]]) -> int:
    """Hold every button to it; returns how many there were."""
    found = list(buttons(given))
    for text, spoken in found:
        assert spoken.startswith(text.removesuffix("…").rstrip()), (text, spoken)
    return len(found)


@pytest.mark.parametrize("kind", list(EXAMPLES))
def test_of_every_notice(kind: str) -> None:
    check(draw(kind).blocks)


def test_of_the_fullest_home_tab() -> None:
    assert check(full_desk().blocks) > 10


def test_of_buttons_that_stand_in_many_places() -> None:
    name, code = "K7Q4-12", "K7Q4"
    away = Absence(1, 1, 1, 2, MONDAY, MONDAY + timedelta(days=9), True, "Ana Diaz", None, "America/New_York")
    row = [
        *(make(1, name) for make in (blocks.claim_button, blocks.done_button, blocks.handoff_button)),
        blocks.claim_button(1, name, "Claim 12"),
        blocks.done_button(1, name, "Done 12"),
        blocks.handoff_button(1, name, "Hand off 12"),
        *blocks.answer_buttons(1, name),
        *blocks.answer_buttons(1, name, 12),
        blocks.undo_button(1, name),
        blocks.tasks_button(code),
        blocks.case_button(code),
        *questions.answer_buttons(1, ["yes", "x" * 40], name),
        *questions.answer_buttons(1, [], name),
        questions.back_button(1, name),
        questions.ask_button("Ask somebody else …", name, task_id=1),
        reminding.snooze_button(1, name),
        reminding.wake_button(1, name),
        reminding.quiet_button(),
        shift_forms.button(),
        shift_forms.away_button(),
        shift_forms.back_button(away, MONDAY + timedelta(days=1), away.staff_id),
        shift_forms.back_button(away, MONDAY - timedelta(days=1), away.staff_id),
        shift_forms.back_button(away, MONDAY + timedelta(days=1), away.staff_id + 1),
    ]
    assert check([blocks.actions(*row)]) == len(row)


def test_of_every_answer_to_a_command(office: Office, clock: FixedClock) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    office.say("lea", "/cb assign 1 @lea")
    lea = office.people["lea"]

    def say(line: str, *, form: bool = False) -> int:
        """What an answer has of buttons; the form that comes with it is closed before the next line."""
        said = office.say("lea", line)
        if form:
            lea.close_view(str(office.modal("lea")["id"]))
        return check(said.blocks)

    pressed = sum(
        say(line)
        for line in (
            "/tasks", "/case", "/cb show 1", "/cb component list", "/cb component add plate", "/cb component list",
            "/sla", "/cb ask @bo 2: did they call? (yes / no)", "/cb away tomorrow", "/cb claim 2",
        )
    )  # fmt: skip
    with_a_form = (
        "/cb date board tomorrow", "/done 1", "/cb wait 1", "/cb shift @bo", "/cb ask @sam 2", "/cb close",
        "/cb extend 1 fri", "/cb spread",
    )  # fmt: skip
    pressed += sum(say(line, form=True) for line in with_a_form)
    assert pressed > 25
    clock.move_to(office.task(1).due_at + timedelta(hours=1))
    say("/cb late 1", form=True)
    office.sandbox.as_(lea).person.shortcut("my_tasks")
    assert check(office.modal("lea")["blocks"]) > 5
