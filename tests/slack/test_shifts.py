"""Ending a shift by form, from a command, the home tab and a shortcut, and by command alone."""

from datetime import timedelta

import pytest

from app.kernel.clock import FixedClock
from app.slack import limits
from app.slack.manifest import manifest
from app.slack.views import modals, shift_forms
from app.tasks.shifts import MOST
from tests.conftest import MONDAY
from tests.slack.full_desk import task
from tests.slack.office import Office
from tests.slack.test_home import home_of
from tests.slack.test_ways import deliver, labels, once_open, say, texts

both = pytest.mark.parametrize("transport", ["http", "socket"])


def late_and_waiting(office: Office, clock: FixedClock) -> None:
    """Ana holds two tasks: one is late, the other waits."""
    office.say("ana", "/claim 1")
    office.say("ana", "/claim 2")
    office.say("ana", "/cb wait 2 clinic")
    clock.move_to(office.task(1).due_at + timedelta(hours=1))


@both
def test_a_shift_is_ended_by_form_with_a_word_on_each_task(office: Office, clock: FixedClock) -> None:
    late_and_waiting(office, clock)
    code = office.case.code
    ana = say(office, "ana", "/cb shift")
    form = once_open(office, "ana", "Everything goes to")
    assert "2 of them late or waiting" in texts(form)
    first, second = (label for label in labels(form) if label.startswith(f"{code}-") and " · " in label)
    assert first.startswith(f"{code}-1 List the case · late, was due")
    assert second.startswith(f"{code}-2 Load the images · late") or "waits for the clinic" in second

    wrong = {"Everything goes to": "Cy", first: "Mrs. Brown, DOB 3/4/1961", second: "they call back"}
    refused = ana.submit(wrong)
    assert f"The word on {code}-1 may hold patient data" in refused.errors[f"word-{office.task(1).id}"]
    sent = ana.submit(wrong | {first: "agenda closes at noon", f"{code}-2 goes to": "Back to the pool"})
    assert sent.ok, sent.errors
    said = ana.see(f"Offered to Cy: {code}-1.")
    assert f"Back in the pool: {code}-2." in said
    assert "Told Lea of what is late" in said
    assert (office.holder(1), office.holder(2)) == ("ana", None)

    deliver(office)
    bo = office.screen_of("bo")
    bo.see("nobody has this task now: claim what you can take on")
    bo.see("they call back")
    cy = office.screen_of("cy")
    cy.see("Urgent: it cannot wait.")
    cy.see("agenda closes at noon")


def test_a_shift_with_nothing_late_says_only_how_much_it_is(office: Office) -> None:
    office.say("ana", "/claim 1")
    say(office, "ana", "/cb shift")
    assert "*You hold 1 task*. What is offered" in texts(once_open(office, "ana", "Everything goes to"))


def test_a_shift_is_ended_from_the_home_tab_and_by_the_shortcut(office: Office) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    office.say("ana", "/claim 1")
    ana = home_of(office, "ana")
    ana.click("End my shift …")
    form = once_open(office, "ana", "A note for the rest")
    rest, note = form["blocks"][-2:]
    assert rest["text"]["text"].startswith(f"*The rest*\n{office.case.code}-1 List the case · due "), "above its note"
    assert note["block_id"] == "note"
    assert "with Ana" not in rest["text"]["text"], "whose form it is"
    refused = ana.submit({"Everything goes to": "Back to the pool", "A note for the rest": "call 555-867-5309"})
    assert list(refused.errors) == ["note"]
    assert ana.submit({"Everything goes to": "Back to the pool", "A note for the rest": "not begun"}).ok
    ana.see(f"Back in the pool: {office.case.code}-1.")
    assert office.holder(1) is None

    office.say("cy", "/claim 1")
    cy = office.sandbox.as_(office.people["cy"])
    cy.person.shortcut("my_tasks")
    cy.see(f"{office.case.code}-1")
    cy.click("End my shift …")
    once_open(office, "cy", "A note for the rest")
    assert cy.submit({"Everything goes to": "Bo", "A note for the rest": "not begun"}).ok
    cy.see("Offered to Bo")
    assert office.row("SELECT state FROM handoffs").state == "offered"


def test_what_came_while_the_form_was_open_is_not_given_away(office: Office) -> None:
    office.say("ana", "/claim 1")
    ana = say(office, "ana", "/cb shift")
    once_open(office, "ana", "A note for the rest")
    office.say("lea", "/cb assign 2 @ana")
    assert ana.submit({"Everything goes to": "Back to the pool", "A note for the rest": "not begun"}).ok
    said = ana.see(f"Back in the pool: {office.case.code}-1.")
    assert f"Still yours, since it was not free when the window was opened: {office.case.code}-2." in said
    assert (office.holder(1), office.holder(2)) == (None, "ana")


def test_a_form_that_shows_nothing_of_what_one_holds_by_now_stays_open(office: Office) -> None:
    office.say("ana", "/claim 1")
    ana = say(office, "ana", "/cb shift")
    once_open(office, "ana", "A note for the rest")
    office.say("lea", "/cb assign 1 @bo")
    office.say("lea", "/cb assign 2 @ana")
    refused = ana.submit({"Everything goes to": "Back to the pool", "A note for the rest": "not begun"})
    assert "does not stand in this window. Nothing changed. Open it anew." in str(refused.errors)
    assert office.holder(2) == "ana"


def test_a_shift_is_ended_by_command(office: Office, clock: FixedClock) -> None:
    late_and_waiting(office, clock)
    said = office.say("ana", "/cb shift @bo it is all in the chart").text
    assert f"Offered to Bo: {office.case.code}-1." in said
    assert f"Still yours: {office.case.code}-2 is for a VA with the skill imaging" in said
    assert "Told Lea of what is late" in said
    said = office.say("ana", "/cb shift pool it is all in the chart").text
    assert f"Back in the pool: {office.case.code}-2." in said
    assert office.holder(1) == "ana", "what is offered already stays so"


def test_whoever_holds_nothing_is_told_so(office: Office) -> None:
    assert "You hold no open tasks" in office.say("ana", "/cb shift").text
    assert office.people["ana"].views() == []


def test_the_fullest_form_is_one_that_slack_takes_and_says_what_it_leaves_out() -> None:
    pressing = [task(no, "waiting", waiting_on="tissue_bank", case_code=f"K7Q{no}") for no in range(29)]
    others = [task(no) for no in range(100, 300)]
    offered = [task(no, offered_to="B" * 60) for no in range(300, 400)]
    form = shift_forms.shift(
        pressing, others, offered, [], {line.id: [] for line in pressing}, zone="America/New_York", now=MONDAY,
        channel=None,
    )  # fmt: skip
    assert limits.problems("", form["blocks"], view=True) == []
    about = modals.About.read(form["private_metadata"])
    assert about is not None
    assert about.tasks == tuple(line.id for line in (*pressing, *others))
    assert "And 14 more that are late or wait: the note for the rest goes with them." in str(form["blocks"])
    assert len([block for block in form["blocks"] if str(block.get("block_id", "")).startswith("word-")]) == 15


def test_a_form_of_as_many_tasks_as_a_person_can_hold_says_which_within_slack_s_limit() -> None:
    ids = tuple(range(10**9, 10**9 + 10**6 * MOST, 10**6))
    written = modals.About("c", 0, "C0123456789", ids).written()
    assert len(written) <= 3000
    assert modals.About.read(written) == modals.About("c", 0, "C0123456789", ids)
