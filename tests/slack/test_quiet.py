"""Quiet hours, snoozes and own reminders, as people set them: by command, button, shortcut and form."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.clocks import sweep as clocks
from app.digests.service import DIGESTS
from app.kernel.clock import FixedClock, moment_words
from app.questions import sweep as people
from app.slack.manifest import manifest
from app.tasks import service
from tests.conftest import MONDAY
from tests.slack.office import Office, buttons
from tests.slack.test_home import home_of
from tests.slack.test_sla import deliver
from tests.slack.test_ways import labels, once_open

both = pytest.mark.parametrize("transport", ["http", "socket"])
# P1, the first task, is due on Wed 4 Nov at 17:00, and its checklist reminds on Tue 3 Nov at 17:00.


def november(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in New York."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


def tick(office: Office) -> None:
    """What the scheduler does."""
    for fire in (clocks.fire_due, people.fire_due):
        while True:
            with office.world.store.change() as uow:
                if fire(uow) is None:
                    break


def person(office: Office, who: str) -> Any:
    return office.row("SELECT * FROM staff WHERE id = :id", id=office.world.staff[who].id)


def hours(office: Office, who: str) -> tuple[time | None, time | None, str]:
    row = person(office, who)
    return row.quiet_from, row.quiet_until, row.zone


# Quiet hours


@both
def test_quiet_hours_and_zone_by_command(office: Office) -> None:
    said = office.say("ana", "/cb quiet 18:00 to 8:00").text
    assert said == (
        "Your quiet hours: 6:00 PM to 8:00 AM (America/New_York). Reminders wait for their end and come as one "
        "message; what is late does not wait. For none: /cb quiet off"
    )
    assert hours(office, "ana") == (time(18), time(8), "America/New_York")
    assert office.say("ana", "/cb quiet 6pm-8am").text.startswith("It is so already. Your quiet hours")
    assert "(Europe/Berlin)" in office.say("ana", "/cb quiet zone berlin").text
    assert hours(office, "ana") == (time(18), time(8), "Europe/Berlin")
    assert "7:00 PM to 7:00 AM (America/Chicago)" in office.say("ana", "/cb quiet 7pm to 7am zone Central time").text
    said = office.say("ana", "/cb quiet off").text
    assert said.endswith("To set them: /cb quiet 18:00 to 8:00")
    assert hours(office, "ana") == (None, None, "America/Chicago")
    noted = office.rows("SELECT fields FROM audit_entries WHERE action = 'staff.quiet' ORDER BY seq")
    assert [row.fields for row in noted] == [
        ["quiet_from", "quiet_until"], ["zone"], ["zone", "quiet_from", "quiet_until"], ["quiet_from", "quiet_until"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/cb quiet zone Belrin", "Did you mean Europe/Berlin?"),
        ("/cb quiet zone the moon", "I know no time zone of that name."),
        ("/cb quiet zone", "Which time zone?"),
        ("/cb quiet 18:00", "I need two times"),
        ("/cb quiet 18 to 8", "I need two times"),
        ("/cb quiet 25:00 to 8:00", "There is no time 25:00."),
        ("/cb quiet 8:00 to 8:00", "begin and end at different times"),
        ("/cb quiet 18:00 to 8:00 please", "I do not understand what follows"),
    ],
)
def test_what_is_no_time_or_zone_is_said_and_changes_nothing(office: Office, line: str, words: str) -> None:
    before = hours(office, "ana")
    answer = office.say("ana", line).text
    assert words in answer
    assert "Nothing changed." in answer
    assert hours(office, "ana") == before
    assert office.rows("SELECT 1 FROM audit_entries WHERE action = 'staff.quiet'") == []


def test_quiet_hours_by_the_form_of_the_home_tab(office: Office) -> None:
    bo = home_of(office, "bo")
    bo.click("Quiet hours …")
    form = once_open(office, "bo", "Your time zone")
    elements = [block["element"] for block in form["blocks"] if block["type"] == "input"]
    assert [one.get("initial_time") or one.get("initial_value") for one in elements] == [
        "18:00", "09:00", "America/New_York",
    ]  # fmt: skip
    assert "I know no time zone" in bo.submit({"Your time zone": "Atlantis"}).errors["zone"]
    assert bo.submit({"From": "19:30", "To": "07:00", "Your time zone": "Manila"}).ok
    bo.see("Your quiet hours: 7:30 PM to 7:00 AM (Asia/Manila)")
    assert hours(office, "bo") == (time(19, 30), time(7), "Asia/Manila")


def test_bare_and_by_the_shortcut_it_opens_its_form(office: Office) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    assert "From when to when?" in office.say("ana", "/cb quiet").text
    assert labels(once_open(office, "ana", "From")) == ["From", "To", "Your time zone"]
    ana = office.screen_of("ana")
    assert "need a beginning and an end" in ana.submit({"From": "18:00"}).errors["until"]
    assert ana.submit({"From": "18:00", "To": "08:00"}).ok
    ana.see("Your quiet hours: 6:00 PM to 8:00 AM")

    lea = office.sandbox.as_(office.people["lea"])
    lea.person.shortcut("my_tasks")
    lea.see("yours")
    lea.click("Quiet hours …")
    once_open(office, "lea", "From")
    assert lea.submit({}).ok
    lea.see("You have no quiet hours (America/New_York).")


def test_in_another_zone_the_digest_comes_at_the_same_hour_there(office: Office) -> None:
    before = person(office, "sam").digest_due_at
    assert before == november(3, 7)
    office.say("sam", "/cb quiet zone Los Angeles")
    with office.world.store.change() as uow:
        while DIGESTS.send_due(uow) is not None:
            pass
    assert person(office, "sam").digest_due_at == november(2, 10), "it is 6:00 there"


def test_what_quiet_hours_held_back_is_one_message_with_buttons(office: Office, clock: FixedClock) -> None:
    office.say("bo", "/claim 1")
    office.say("bo", "/cb remind 1 20 hours before")
    clock.move_to(november(3, 21))
    tick(office)
    clock.move_to(november(4, 9))
    tick(office)
    deliver(office, "held_back")
    bo = office.sandbox.as_(office.people["bo"], in_=office.people["bo"].dm())
    shown = bo.see("held back by your quiet hours")
    assert f"{office.case.code}-1" in shown
    bo.click("Done")
    assert bo.submit({"Agenda line": "AG-17"}).ok
    office.sandbox.wait(lambda: office.task(1).state == "done", message="it is not done")


# A snooze


@both
def test_a_task_is_snoozed_and_woken_by_command(office: Office) -> None:
    name = f"{office.case.code}-1"
    office.say("ana", "/claim 1")
    said = office.say("ana", "/cb snooze 1 until tomorrow 9:00 waiting for the fax").text
    assert said == (
        f"{name} is silent until Tue 3 Nov 2026 9:00 AM EST, and reminds then. "
        f"It stays due Wed 4 Nov 2026 5:00 PM EST. To end it: /cb snooze {name} off"
    )
    assert (office.task(1).snoozed_until, office.task(1).snoozed_why) == (november(3, 9), "waiting for the fax")
    shown = office.say("lea", "/cb 1").text
    assert "snoozed until" in shown
    assert "waiting for the fax" in shown
    home_of(office, "ana").see("waiting for the fax")
    assert office.say("ana", "/cb snooze 1 off").text.startswith(f"{name} is not snoozed any more.")
    assert office.say("ana", "/cb snooze 1 for 2 hours on hold").text.startswith(
        f"{name} is silent until Mon 2 Nov 2026 11"
    )
    assert office.task(1).snoozed_until == MONDAY + timedelta(hours=2)


def test_a_snooze_from_the_reminder_s_button(office: Office, clock: FixedClock) -> None:
    office.say("ana", "/claim 1")
    clock.move_to(november(3, 16, 55))
    tick(office)
    clock.move_to(november(3, 17))
    tick(office)
    deliver(office, "reminder")
    ana = office.screen_of("ana")
    ana.see("Due soon")
    ana.click("Snooze …")
    form = once_open(office, "ana", "Silent until")
    picked = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    assert (picked["day"]["initial_date"], picked["time"]["initial_time"]) == ("2026-11-04", "08:00")
    late = ana.submit({"Silent until": "2026-11-04", "At (the practice's time)": "17:00", "Why": "the fax"})
    assert "a snooze ends before the deadline" in late.errors["day"]
    assert ana.submit({"Silent until": "2026-11-04", "At (the practice's time)": "10:00", "Why": "the fax"}).ok
    ana.see("is silent until Wed 4 Nov 2026 10:00 AM EST")
    assert office.task(1).snoozed_until == november(4, 10)
    ana.click("End snooze")
    ana.see("is not snoozed any more")
    assert office.task(1).snoozed_until is None


def test_a_snooze_without_a_reason_opens_its_form_with_the_moment(office: Office) -> None:
    office.say("ana", "/claim 1")
    answer = office.say("ana", "/cb snooze 1 tomorrow 10:30")
    assert "The reason is missing." in answer.text
    form = once_open(office, "ana", "Silent until")
    due = moment_words(office.task(1).due_at, ZoneInfo("America/New_York"))
    assert f"Due {due}." in str(form), "in the zone of the time that is picked"
    ana = office.screen_of("ana")
    assert ana.submit({"Why": "waiting for the fax"}).ok
    ana.see("is silent until Tue 3 Nov 2026 10:30 AM EST")
    assert "Until when, and why?" in office.say("ana", "/cb snooze 1").text


def test_past_the_deadline_more_time_is_offered(office: Office) -> None:
    office.say("ana", "/claim 1")
    before = office.fingerprint()
    answer = office.say("ana", "/cb snooze 1 until friday the fax")
    assert answer.text.endswith(f"or get more time: /cb escalate {office.case.code}-1")
    assert [action for action, _ in buttons(answer)] == ["late_escalate"]
    lead = office.say("lea", "/cb snooze 1 until friday the fax")
    assert [action for action, _ in buttons(lead)] == ["form_late_extend"]
    assert office.fingerprint() == before
    lea = office.screen_of("lea")
    lea.click("More time …")
    once_open(office, "lea", "New deadline")


def test_more_about_a_task_snoozes_it_and_says_when_it_reminds(office: Office) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    office.say("ana", "/claim 1")
    with office.world.store.change() as uow:
        service.assign(uow, office.world.actor("lea"), office.task(1).id, office.world.staff["cy"].id)
    deliver(office, "assigned")
    (ts,) = [m["ts"] for m in office.sandbox.messages(office.channel) if "assigned to you" in str(m.get("text"))]
    cy = office.screen_of("cy")
    cy.person.message_shortcut(office.channel, str(ts), "more_task")
    cy.see("Reminds as its checklist has it.")
    cy.click("Snooze …")
    once_open(office, "cy", "Silent until")
    assert cy.submit({"Silent until": "2026-11-03", "At (the practice's time)": "10:00", "Why": "the fax"}).ok
    assert office.task(1).snoozed_why == "the fax"
    cy.person.message_shortcut(office.channel, str(ts), "more_task")
    cy.see("snoozed until")
    cy.click("Remind me …")
    once_open(office, "cy", "Remind me")
    assert cy.submit({"Remind me": "2 hours before"}).ok
    assert office.task(1).remind_lead == "2 hours"


# Own reminders


@both
def test_how_early_a_task_reminds_by_command(office: Office) -> None:
    name = f"{office.case.code}-1"
    office.say("ana", "/claim 1")
    said = office.say("ana", "/cb remind 1 2 hours before").text
    assert said == f"{name} reminds 2 hours before its deadline: Wed 4 Nov 2026 3:00 PM EST."
    assert "Reminds 2 hours before its deadline." in office.say("ana", "/cb 1").text
    assert "has no reminders" in office.say("ana", "/cb remind 1 off").text
    assert "as its checklist has it: Tue 3 Nov 2026 5:00 PM" in office.say("ana", "/cb remind 1 standard").text
    before = office.fingerprint()
    assert "with Ana" in office.say("bo", "/cb remind 1 1 hour").text
    assert "is over already" in office.say("ana", "/cb remind 1 3 weeks before").text
    assert "I need a time such as 2 hours" in office.say("ana", "/cb remind 1 when the fax comes").text
    assert office.fingerprint() == before


def test_how_early_a_task_reminds_by_its_button_and_form(office: Office) -> None:
    office.say("ana", "/claim 1")
    ana = office.screen_of("ana")
    ana.command("/cb 1")
    ana.click("Remind me …")
    form = once_open(office, "ana", "Remind me")
    assert labels(form) == ["Remind me", "Or in words"]
    assert "I need a time" in ana.submit({"Or in words": "soonish"}).errors["words"]
    assert ana.submit({"Or in words": "90 minutes"}).ok
    ana.see("reminds 90 minutes before its deadline: Wed 4 Nov 2026 3:30 PM EST.")
    assert office.task(1).remind_lead == "90 minutes"
    assert "How long before its deadline?" in office.say("ana", "/cb remind 1").text
    once_open(office, "ana", "Remind me")
    assert ana.submit({"Remind me": "Not at all"}).ok
    ana.see("has no reminders")
