"""Time off and coming back: by command, from the home tab, by the shortcut, and what it does to assigning."""

from datetime import date, datetime, timedelta

import pytest

from app.kernel.clock import FixedClock
from app.slack.manifest import manifest
from app.tasks.covering import turn_due
from tests.conftest import MONDAY
from tests.slack.office import Office
from tests.slack.test_home import home_of
from tests.slack.test_ways import labels, once_open

both = pytest.mark.parametrize("transport", ["http", "socket"])


def turn(office: Office) -> None:
    """What the scheduler does at a tick."""
    while True:
        with office.world.store.change() as uow:
            if turn_due(uow) is None:
                return


def day(days: int) -> date:
    """So many days from the clock's Monday."""
    return (MONDAY + timedelta(days=days)).date()


@both
def test_time_off_by_command_passes_tasks_on_and_back_brings_them_back(office: Office, clock: FixedClock) -> None:
    code = office.case.code
    office.say("ana", "/claim 1")
    said = office.say("ana", f"/cb away friday to {day(9)} cover @bo").text
    assert said == (
        "You are away from Fri 6 Nov to Wed 11 Nov 2026. What you hold goes to Bo then, and comes back at the end."
    )
    turn(office)
    assert office.holder(1) == "ana"
    clock.move_to(datetime.combine(day(4), MONDAY.time(), MONDAY.tzinfo))
    turn(office)
    assert office.holder(1) == "bo"

    refused = office.say("lea", "/cb assign 2 @ana").text
    assert refused == "Ana is away until Wed 11 Nov 2026. Nothing changed. Bo covers: name them, or somebody else."
    office.say("bo", "/cb accept 1")
    assert "Bo covers" in office.say("bo", "/handoff 1 @ana please").text

    assert office.say("ana", "/cb back").text == f"You are back. Back with you: {code}-1."
    assert office.holder(1) == "ana"
    assert office.say("ana", "/cb back").text == "You are back already."


def test_what_is_still_planned_is_shown_with_what_calls_it_off(office: Office) -> None:
    office.say("ana", "/cb away today")
    office.say("ana", "/cb away friday")
    turn(office)
    said = office.say("ana", "/cb back").text
    assert said == "You are back. Still planned: on Fri 6 Nov 2026."
    ana = office.screen_of("ana")
    again = ana.person.command("/cb back", office.channel)
    assert again.text == "You are back already. Still planned: on Fri 6 Nov 2026."
    ana.click("Cancel on Fri 6 Nov 2026")
    assert office.ephemeral("ana") == "Called off: the time off on Fri 6 Nov 2026."
    assert office.rows("SELECT 1 FROM absences WHERE ended_at IS NULL") == []


def test_what_a_cover_may_not_have_is_said_when_it_is_planned(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/claim 2")
    said = office.say("ana", "/cb away friday cover @bo").text
    assert said.endswith(f"Bo may not have {office.case.code}-2: back to the pool with that.")


def test_time_off_from_the_home_tab_and_back_again(office: Office) -> None:
    office.say("ana", "/claim 1")
    ana = home_of(office, "ana")
    ana.click("Time off …")
    form = once_open(office, "ana", "First day")
    assert labels(form) == ["First day", "Last day", "Who covers"], "for whom only a lead is asked"
    wrong = ana.submit({"First day": str(day(3)), "Last day": str(day(2))})
    assert "comes before the first" in wrong.errors["last"]
    assert ana.submit({"First day": str(day(0)), "Last day": str(day(2)), "Who covers": "Bo"}).ok
    ana.see("You are away from Mon 2 Nov to Wed 4 Nov 2026; Bo covers.")
    turn(office)
    assert office.holder(1) == "bo"
    home_of(office, "bo").see("You cover for Ana until Wed 4 Nov 2026.")

    ana.click("I am back")
    ana.see("You are back. Back with you")
    assert office.holder(1) == "ana"

    office.say("ana", "/cb away friday")
    ana = home_of(office, "ana")
    ana.see("You are away on Fri 6 Nov 2026.")
    ana.click("Cancel time off")
    ana.see("Called off: the time off on Fri 6 Nov 2026.")


def test_time_off_by_the_shortcut_and_a_lead_for_somebody_else(office: Office) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    office.say("ana", "/claim 1")
    lea = office.sandbox.as_(office.people["lea"])
    lea.person.shortcut("my_tasks")
    lea.see("yours")
    lea.click("Time off …")
    form = once_open(office, "lea", "For whom")
    assert labels(form)[-1] == "For whom"
    sent = lea.submit({
        "First day": str(day(0)), "Last day": str(day(0)), "Who covers": "Cy", "For whom": "Ana",
    })  # fmt: skip
    assert sent.ok, sent.errors
    lea.see("Ana is away on Mon 2 Nov 2026. What they hold goes to Cy now")
    turn(office)
    assert office.holder(1) == "cy"

    assert "Only a lead" in office.say("bo", "/cb back @ana").text
    ana = office.sandbox.as_(office.people["ana"])
    ana.person.shortcut("my_tasks")
    ana.see("yours")
    ana.click("I am back")
    ana.see("You are back")
    assert office.holder(1) == "ana"


def test_the_button_of_somebody_else_s_time_off_names_them(office: Office) -> None:
    lea = office.screen_of("lea")
    lea.person.command("/cb away @cy today cover @bo", office.channel)
    turn(office)
    lea.click("Cy is back")
    assert office.ephemeral("lea") == "Cy is back."
    assert office.rows("SELECT 1 FROM absences WHERE ended_at IS NULL") == []


def test_days_are_read_where_the_person_lives(office: Office, clock: FixedClock) -> None:
    clock.move_to(datetime.combine(day(1), MONDAY.time(), MONDAY.tzinfo).replace(hour=3))  # still Monday in New York
    said = office.say("lea", "/cb away @cy today").text
    assert said.startswith("Cy is away on Mon 2 Nov 2026. What they hold goes back to the pool now")
    refused = office.say("cy", "/cb away tomorrow cover @lea").text
    assert refused.startswith("You are away on Tue 3 Nov 2026.")
    assert "already. Nothing changed. End that first: /cb back" in office.say("cy", "/cb away today").text
