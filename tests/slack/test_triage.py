"""A missed deadline asks why, and offers what can be done: by button, form and command."""

import re
from datetime import UTC, datetime

import pytest

from app.clocks.sweep import fire_due
from app.kernel.clock import FixedClock
from app.reports.queries import Asked
from app.reports.service import sla
from app.slack.port import SlackPort
from app.slack.views import triage
from app.tasks import service as tasks
from tests.slack.office import Office
from tests.slack.test_home import home_of
from tests.slack.test_sla import deliver
from tests.slack.test_ways import once_open

both = pytest.mark.parametrize("transport", ["http", "socket"])
LATE = datetime(2026, 11, 4, 15, 0, tzinfo=UTC)


def breach(office: Office, clock: FixedClock) -> str:
    """Ana's images are late by our own target; returns the breach's post."""
    with office.world.store.change() as uow:
        tasks.claim(uow, office.world.actor("ana"), office.task(2).id)
    clock.move_to(LATE)
    with office.world.store.change() as uow:
        while fire_due(uow) is not None:
            pass
    for kind in ("breach", "catch_up"):
        deliver(office, kind)
    found = [m for m in office.sandbox.messages(office.channel) if triage.SORT_OUT in str(m.get("blocks"))]
    return str(found[-1]["ts"])


def reasons(office: Office) -> list[tuple[str, str | None]]:
    with office.world.store.read() as uow:
        found = sla(uow, office.world.actor("lea"), Asked(LATE.date().replace(day=1), LATE.date()))
    return [(f"{each.code}-{each.no}", each.reason) for each in found.breaches]


@both
def test_a_reason_is_picked_beside_the_breach_and_stands_in_the_report(office: Office, clock: FixedClock) -> None:
    ts = breach(office, clock)
    name = f"{office.case.code}-2"
    assert reasons(office) == [(name, None)]
    person = office.screen_of("ana")
    person.choose("Payer slow")
    assert office.ephemeral("ana") == f"Noted why {name} is late: payer slow."
    assert reasons(office) == [(name, "payer")]
    said = office.say("ana", "/cb late 2 our load").text
    assert said == f"Noted why {name} is late: our load."
    assert office.say("ana", "/cb late 2 our load").text == f"{name}: our load is noted already."
    assert reasons(office) == [(name, "load")]
    kept = office.rows("SELECT reason FROM audit_entries WHERE action = 'breach.reason' ORDER BY seq")
    assert [row.reason for row in kept] == ["payer", "load"], "what was said before stays on record"
    assert ts


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_no_picker_gives_is_asked_for_again(office: Office, clock: FixedClock, day: str) -> None:
    breach(office, clock)
    before = office.task(2).due_at
    office.say("lea", "/cb extend 2")
    modal = once_open(office, "lea", "Why more time")
    answer = office.people["lea"].submit(modal["id"], {triage.DAY: day, "reason": "disc comes on Thursday"})
    assert "Until when?" in str(answer)
    assert office.task(2).due_at == before


def test_who_has_nothing_to_do_with_it_gives_no_reason(office: Office, clock: FixedClock) -> None:
    breach(office, clock)
    before = office.fingerprint()
    assert office.say("bo", "/cb late 2 payer").text.startswith(f"Ana has {office.case.code}-2; they or a lead")
    assert office.say("ana", "/cb late 2 the moon").text.startswith("Say why with one of: payer slow, vendor slow")
    assert office.say("lea", "/cb late 1 payer").text.startswith(f"No deadline of {office.case.code}-1 was missed.")
    assert office.fingerprint() == before


@both
def test_a_lead_gives_more_time_by_the_form_and_timers_are_planned_anew(office: Office, clock: FixedClock) -> None:
    ts = breach(office, clock)
    events = "SELECT e.* FROM clock_events e JOIN clocks k ON k.id = e.clock_id WHERE k.task_id = :t ORDER BY e.id"
    old = office.rows(events, t=office.task(2).id)
    office.people["lea"].click(office.channel, ts, triage.SORT_OUT)
    modal = office.modal("lea")
    reason = next(block for block in modal["blocks"] if block["block_id"] == "reason")
    assert (reason["label"]["text"], reason["hint"]["text"]) == ("Why more time", "Needed if there is a new deadline.")
    head = modal["blocks"][0]["text"]["text"]
    assert "\nLate, was due Tue 3 Nov 2026 9:00 AM EST" in head, "in the zone of what is picked"
    lacking = office.people["lea"].submit(modal["id"], {triage.DAY: "2026-11-05", triage.TIME: "12:00"})
    assert "reason is missing" in str(lacking)
    given = {
        triage.WHY: "vendor", triage.DAY: "2026-11-05", triage.TIME: "12:00", "reason": "disc comes on Thursday",
    }  # fmt: skip
    assert office.people["lea"].submit(modal["id"], given).ok
    said = office.ephemeral("lea")
    assert f"{office.case.code}-2 has a new deadline. Due Thu 5 Nov 2026 12:00 PM EST by our own target." in said
    assert office.task(2).due_at == datetime(2026, 11, 5, 17, 0, tzinfo=UTC)
    assert office.task(2).breached_at is None
    now = office.rows(events, t=office.task(2).id)
    assert now[: len(old)] == old, "history is appended to"
    assert [(row.kind, row.why) for row in now[len(old) :]] == [("extend", "disc comes on Thursday")]
    pending = office.rows("SELECT kind, at FROM timers WHERE task_id = :t AND state = 'pending'", t=office.task(2).id)
    assert ("breach", datetime(2026, 11, 5, 17, 0, tzinfo=UTC)) in [(row.kind, row.at) for row in pending]
    deliver(office, "extended")
    told = str(office.sandbox.messages(office.channel)[-1]["text"])
    assert told.startswith(f"New deadline · <@{office.people['ana'].id}>: more time for {office.case.code}-2")
    assert "Reason: disc comes on Thursday" in told
    assert reasons(office) == [(f"{office.case.code}-2", "vendor")], "the miss stays a miss"


def test_the_form_gives_the_task_to_somebody_and_does_all_or_nothing(office: Office, clock: FixedClock) -> None:
    ts = breach(office, clock)
    lea, cy = office.people["lea"], office.people["cy"]
    lea.click(office.channel, ts, triage.SORT_OUT)
    modal = office.modal("lea")
    assert "Nothing was chosen" in str(lea.submit(modal["id"], {}))
    before = office.fingerprint()
    past = {"person": cy.id, triage.DAY: "2026-11-03", triage.TIME: "12:00", "reason": "a reason"}
    assert "That moment is over" in str(lea.submit(modal["id"], past))
    assert office.fingerprint() == before, "not half of it"
    assert lea.submit(modal["id"], {"person": cy.id}).ok
    assert office.holder(2) == "cy"


def test_whoever_is_away_is_not_offered_and_who_went_meanwhile_is_refused_beside_their_name(
    office: Office, clock: FixedClock
) -> None:
    breach(office, clock)
    lea = office.screen_of("lea")
    office.say("cy", "/cb away today")
    lea.click("Sort out")
    form = once_open(office, "lea", "Give it to")
    assert "Ana" in str(form["blocks"])
    assert "Cy" not in str(form["blocks"])
    office.say("bo", "/cb away today")
    refused = lea.submit({"Give it to": "Bo"})
    assert list(refused.errors) == ["person"]
    assert refused.errors["person"].startswith("Bo is away today. ")


def test_every_post_and_form_of_a_late_task_says_that_it_is_late(office: Office, clock: FixedClock) -> None:
    ts, said = breach(office, clock), re.compile(rf"{office.case.code}-2\*? Load the images.*[Ll]ate, was due ", re.S)
    assert said.search(str(office.sandbox.messages(office.channel)[-1]["text"]))
    office.people["lea"].click(office.channel, ts, triage.SORT_OUT)
    assert said.search(str(office.modal("lea")["blocks"]))
    office.say("lea", "/cb extend 2")
    assert said.search(str(once_open(office, "lea", "At (the practice's time)")["blocks"]))
    for kind, who, line in (
        ("called", "ana", "/cb escalate 2"),
        ("handoff", "ana", "/cb handoff 2 @cy the disc came"),
        ("answer", "cy", "/cb accept 2 I load them now"),
        ("assigned", "lea", "/cb assign 2 @ana"),
    ):
        office.say(who, line)
        deliver(office, kind)
        assert any(said.search(str(m["text"])) for m in office.sandbox.messages(office.channel)[-2:]), kind


def test_a_va_s_form_asks_only_why(office: Office, clock: FixedClock) -> None:
    ts = breach(office, clock)
    office.people["ana"].click(office.channel, ts, triage.SORT_OUT)
    modal = office.modal("ana")
    assert [block["block_id"] for block in modal["blocks"] if block["type"] == "input"] == [triage.WHY]
    before = office.fingerprint()
    said = office.say("ana", "/cb extend 2 fri 12:00 please")
    assert said.text.startswith("Only a lead gives a task a new deadline. Nothing changed.")
    assert said.text.endswith(f"/cb escalate {office.case.code}-2")
    assert office.fingerprint() == before


def test_what_is_wrong_with_an_extension_is_said_before_what_it_lacks(office: Office, clock: FixedClock) -> None:
    clock.move_to(datetime(2026, 11, 4, 15, 0, tzinfo=UTC))
    before = office.fingerprint()
    assert office.say("lea", "/cb extend 1 yesterday").text.startswith("That moment is over. Nothing changed.")
    assert office.say("lea", "/cb extend 1 yesterday 17:00").text.startswith("That moment is over. Nothing changed.")
    assert office.say("lea", "/cb extend 1 2026-11-09").text.startswith("The reason is missing. Nothing changed.")
    assert office.fingerprint() == before


@both
def test_what_an_extension_lacks_is_asked_for_in_a_form_that_has_the_rest(office: Office) -> None:
    office.say("lea", "/cb extend 1 2026-11-09 16:30")
    modal = office.modal("lea")
    pickers = {block["block_id"]: block["element"] for block in modal["blocks"] if block["type"] == "input"}
    assert pickers[triage.DAY]["initial_date"] == "2026-11-09"
    assert pickers[triage.TIME]["initial_time"] == "16:30"
    given = {triage.DAY: "2026-11-09", triage.TIME: "16:30", "reason": "the payer asked for records"}
    before = office.fingerprint()
    over = office.people["lea"].submit(modal["id"], given | {triage.DAY: "2026-11-01"})
    assert list(over.errors) == [triage.DAY]
    assert office.fingerprint() == before
    assert office.people["lea"].submit(modal["id"], given).ok
    assert office.task(1).due_at == datetime(2026, 11, 9, 21, 30, tzinfo=UTC)


def test_who_may_give_no_more_time_gets_no_form_for_it(office: Office) -> None:
    said = office.say("ana", "/cb extend 1").text
    assert said.startswith("Only a lead gives a task a new deadline. Nothing changed.")
    assert office.people["ana"].views() == []


@pytest.mark.parametrize("typed", ["/cb late 2", "/cb late 2 the moon"])
def test_a_reason_that_is_missing_or_unknown_is_picked_in_a_form(office: Office, clock: FixedClock, typed: str) -> None:
    breach(office, clock)
    assert office.say("ana", typed).text.startswith("Say why with one of: payer slow")
    ana = office.screen_of("ana")
    assert ana.submit({"Why it is late": "Payer slow"}).ok
    assert reasons(office) == [(f"{office.case.code}-2", "payer")]
    assert office.say("bo", "/cb late 1").text.startswith(f"No deadline of {office.case.code}-1 was missed.")


@both
def test_escalating_calls_the_lead_once_and_the_lead_the_manager(office: Office, clock: FixedClock) -> None:
    ts = breach(office, clock)
    office.people["ana"].click(office.channel, ts, triage.ESCALATE)
    assert office.ephemeral("ana") == f"Told Lea of {office.case.code}-2, in the case's channel."
    assert office.say("ana", "/cb escalate 2").text == f"Lea was told of {office.case.code}-2 already."
    assert office.say("lea", "/cb escalate 2").text == f"Told Max of {office.case.code}-2, in the case's channel."
    assert office.say("bo", "/cb escalate 2").text.startswith(f"{office.case.code}-2: Ana has it.")
    deliver(office, "called")
    said = [str(message["text"]) for message in office.sandbox.messages(office.channel)]
    calls = [text for text in said if "asks you to step in" in text]
    assert [f"<@{office.people[who].id}>" in text for who, text in zip(("lea", "max"), calls, strict=True)] == [
        True
    ] * 2


def test_an_extension_by_command_holds_against_a_re_plan_and_falls_with_a_new_date(
    office: Office, clock: FixedClock
) -> None:
    clock.move_to(datetime(2026, 11, 4, 15, 0, tzinfo=UTC))
    code = office.case.code
    assert office.say("lea", "/cb extend 1 2026-11-09 12:00 clinic is moving").text.startswith(f"{code}-1 has a new")
    given = datetime(2026, 11, 9, 17, 0, tzinfo=UTC)
    assert office.task(1).due_at == given
    office.say("lea", "/cb done 3 yes")  # whatever it answers, something settles the case
    office.say("ana", "/cb claim 1")
    office.say("ana", "/cb release 1")
    assert office.task(1).due_at == given, "settling the case leaves it"
    assert office.say("lea", "/cb extend 1 2026-11-06 too early").text.startswith(f"{code}-1 has more time already.")
    office.say("lea", "/cb date board 2026-12-03")
    assert office.task(1).due_at == datetime(2026, 11, 25, 22, 0, tzinfo=UTC), "the rule gives another one: it holds"
    office.say("lea", "/cb date board 2026-11-12")
    assert office.task(1).due_at == datetime(2026, 11, 4, 22, 0, tzinfo=UTC), "and the extension does not come back"


def test_a_pause_moves_a_deadline_that_was_given(office: Office, clock: FixedClock) -> None:
    with office.world.store.change() as uow:
        tasks.claim(uow, office.world.actor("ana"), office.task(2).id)
    assert "has a new deadline" in office.say("lea", "/cb extend 2 2026-11-05 12:00 images are on the way").text
    office.say("ana", "/cb wait 2 clinic")
    clock.move_to(datetime(2026, 11, 3, 14, 0, tzinfo=UTC))  # eight business hours later
    office.say("ana", "/cb resume 2")
    sla = office.row("SELECT deadline_at FROM clocks WHERE task_id = :t AND kind = 'sla'", t=office.task(2).id)
    assert sla.deadline_at == datetime(2026, 11, 6, 17, 0, tzinfo=UTC)


def test_the_post_of_many_late_tasks_stays_within_slack_s_limits() -> None:
    from uuid import uuid4

    from app.notices.port import Letter
    from app.slack import limits

    task = {
        "no": 1,
        "title": "T" * 80,
        "deadline": "2026-12-03T22:00:00+00:00",
        "state": "claimed",
        "holder": "U0ANA",
        "late": True,
    }
    for count in (1, triage.FEW, triage.FEW + 1, 10, 40):
        lines = [task | {"id": number, "no": number} for number in range(1, count + 1)]
        payload = {"code": "K7Q4", "zone": "America/New_York", "tasks": lines, "to": ["U0ANA"]}
        drawn, _ = SlackPort("", "https://slack.invalid/api/").draw(Letter(uuid4(), "breach", payload, {}))
        assert limits.problems(drawn.text, drawn.blocks) == []
        assert str(drawn.blocks).count("'static_select'") == (count if count <= triage.FEW else 0)


def test_a_reason_that_was_given_is_seen_by_whoever_sorts_it_out(office: Office, clock: FixedClock) -> None:
    breach(office, clock)
    name = f"{office.case.code}-2"
    office.screen_of("ana").choose("Our load")
    office.ephemeral("ana")
    for line in (f"/cb show {name}", "/cb what's late", "/case"):
        assert " · reason: our load · with Ana" in office.say("ana", line).text, line
    assert " · reason: our load" in home_of(office, "ana").see("Needs you now")

    office.say("ana", "/cb escalate 2")
    deliver(office, "called")
    told = office.sandbox.messages(office.channel)[-1]
    assert " · reason: our load · with Ana" in str(told["text"])
    lea = office.screen_of("lea")
    lea.click("Sort out")
    picked = next(block for block in once_open(office, "lea", "Why it is late")["blocks"] if "late_why" in str(block))
    assert picked["element"]["initial_option"]["text"]["text"] == "Our load"
    assert lea.submit({"Give it to": "Cy"}).ok
    assert "noted already" not in lea.see("Assigned"), "the reason stands, and was not given anew"
    assert reasons(office) == [(name, "load")]

    clock.move_to(LATE.replace(day=6))
    with office.world.store.change() as uow:
        while fire_due(uow) is not None:
            pass
    deliver(office, "catch_up")
    saying = [m for m in office.sandbox.messages(office.channel) if "reason: our load" in str(m["text"])]
    assert len(saying) == 2, "what is escalated by itself says it, too"
