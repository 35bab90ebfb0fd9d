"""Every verb in its other ways: forms, menus and shortcuts, used by people in the sandbox over a real connection."""

import json
import re
from typing import Any

import pytest

from app.checklists.vocabulary import Role
from app.notices.port import Letter
from app.programs.actor import Actor
from app.sandbox import Acting, Reply
from app.slack import limits
from app.slack.listeners.commands import guide
from app.slack.manifest import manifest
from app.slack.verbs import USAGE, Verb
from app.slack.views import blocks, modals
from app.slack.views import help as help_view
from tests.slack.office import Office, buttons
from tests.slack.test_home import home_of

both = pytest.mark.parametrize("transport", ["http", "socket"])


def labels(view: dict[str, Any]) -> list[str]:
    """The labels of a form's inputs."""
    return [str(block["label"]["text"]) for block in view["blocks"] if block["type"] == "input"]


def texts(view: dict[str, Any]) -> str:
    """Everything that stands in a view."""
    return str(view["blocks"])


def menu(screen: Acting) -> list[str]:
    """What the newest menu before a person offers."""
    shown = [*screen.person.screen(screen._in), *screen.person.views()]
    found = [
        [str(option["text"]["text"]) for option in element["options"]]
        for one in shown
        for block in one.get("blocks", [])  # type: ignore[attr-defined]
        for element in block.get("elements", [])
        if element.get("type") == "overflow"
    ]
    return found[-1] if found else []


def say(office: Office, who: str, line: str) -> Acting:
    """Type a command in the case's channel, and stand before the answer."""
    office.say(who, line)
    return office.screen_of(who)


def once_open(office: Office, who: str, label: str) -> dict[str, Any]:
    """The form that a person has before them, once it has an input of this label."""
    person = office.people[who]
    office.sandbox.wait(lambda: any(label in labels(dict(view)) for view in person.views()), message=f"no {label!r}")
    return dict(person.views()[-1])


def deliver(office: Office) -> dict[str, str]:
    """Post what waits in the outbox for the case's channel, as a worker does; returns the ts of the last of a kind."""
    port = office.connections.of(office.world.program.id)
    names = {person.slack_user_id: person.name for person in office.world.staff.values()}
    found: dict[str, str] = {}
    waiting = office.rows(
        "SELECT n.id, n.kind, n.payload FROM notices n WHERE n.state = 'pending' AND n.kind NOT IN ('card', 'digest')"
        " ORDER BY n.seq"
    )
    for row in waiting:
        message, metadata = port.draw(Letter(id=row.id, kind=row.kind, payload=row.payload, names=names, card=None))
        found[row.kind] = port.post(office.channel, message, metadata)
        with office.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE notices SET state = 'delivered', ts = %s, delivered_at = now() WHERE id = %s",
                (found[row.kind], row.id),
            )
    return found


# Forms by menu


@both
def test_wait_and_resume_by_the_menu_of_a_task(office: Office) -> None:
    ana = say(office, "ana", "/claim 2")
    assert menu(ana) == ["It waits for somebody …", "Give it back"], "a gate stands on it: no skip"
    ana.choose("It waits for somebody …")
    form = office.modal("ana")
    assert labels(form) == ["Whom it waits for", "Note"]
    assert ana.submit({"Whom it waits for": "Tissue bank", "Note": "papers, ref 88"}).ok
    ana.see("now waits for the tissue bank")
    row = office.task(2)
    assert (row.state, row.waiting_on, row.waiting_note) == ("waiting", "tissue_bank", "papers, ref 88")
    ana.choose("Go on with it")
    ana.see("runs again")
    assert office.task(2).state == "claimed"


def test_release_by_the_menu(office: Office) -> None:
    ana = say(office, "ana", "/claim 2")
    ana.choose("Give it back")
    ana.see("Anybody who may can claim it")
    assert office.task(2).state == "ready"


def test_skip_and_reopen_by_the_menu(office: Office) -> None:
    lea = say(office, "lea", "/cb 1")
    lea.choose("Skip it …")
    office.modal("lea")
    assert lea.submit({"Why it is left out": "the board has it already"}).ok
    lea.see("Skipped")
    assert office.task(1).reason == "the board has it already"
    assert menu(lea) == ["Reopen it …"]
    lea.choose("Reopen it …")
    office.modal("lea")
    assert lea.submit({"Why it is taken back": "it has not"}).ok
    lea.see("Reopened")
    assert office.task(1).state == "ready"


def test_waive_by_the_menu(office: Office) -> None:
    lea = say(office, "lea", "/cb 4")
    assert menu(lea) == ["Waive it …", "Skip it …"]
    lea.choose("Waive it …")
    office.modal("lea")
    assert lea.submit({"Why it is passed": "surgeon agreed"}).ok
    lea.see("Waived")
    assert office.task(4).reason == "surgeon agreed"
    assert "waive" not in str(menu(say(office, "ana", "/cb 5")))


def test_assign_by_the_menu_names_only_people_who_may(office: Office) -> None:
    lea = say(office, "lea", "/cb 2")
    lea.choose("Assign it …")
    form = office.modal("lea")
    [whom] = [block["element"] for block in form["blocks"] if block["type"] == "input"]
    found = {option["text"]["text"]: option["description"]["text"] for option in whom["options"]}
    assert list(found) == ["Ana", "Cy", "Lea", "Bo"], "the best first; a lead assigns beyond skills, not beyond roles"
    assert found["Bo"] == "without the skill imaging, nothing open"
    assert found["Lea"] == "stands in, nothing open"
    assert whom["initial_option"]["text"]["text"] == "Ana"
    assert lea.submit({"To whom": "Bo"}).ok
    lea.see("to Bo")
    assert office.holder(2) == "bo"


def test_a_handoff_offers_only_others_who_may_have_the_task(office: Office) -> None:
    def offered() -> list[str]:
        form = once_open(office, "ana", "To whom")
        office.people["ana"].close_view(form["id"])
        [whom] = [block["element"] for block in form["blocks"] if block.get("block_id") == modals.PERSON]
        return [option["text"]["text"] for option in whom["options"]]

    office.say("ana", "/claim 2")
    office.say("ana", "/handoff 2")
    assert offered() == ["Cy", "Lea"], "not oneself, not a surgeon, and not without the skill"
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff")
    assert offered() == ["Bo", "Cy", "Lea"], "whoever may have one of them"


@pytest.mark.parametrize(
    ("line", "label", "picked"),
    [
        ("/cb handoff 1 @bo", "To whom", "Bo"),
        ("/cb handoff 1 @sam", "To whom", None),
        ("/cb shift @bo", "Everything goes to", "Bo"),
        ("/cb shift pool", "Everything goes to", "Back to the pool"),
        ("/cb shift @sam", "Everything goes to", None),
    ],
)
def test_a_form_has_the_person_who_was_typed_where_they_may_have_the_task(
    office: Office, line: str, label: str, picked: str | None
) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", line)
    form = once_open(office, "ana", label)
    menu = next(block["element"] for block in form["blocks"] if block.get("label", {}).get("text") == label)
    assert (menu["initial_option"]["text"]["text"] if "initial_option" in menu else None) == picked


def test_a_decline_by_command_opens_its_form(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @bo please")
    asked = office.say("bo", "/cb decline 1")
    assert "The reason is missing" in asked.text
    assert labels(office.modal("bo")) == ["Why not"]
    assert office.screen_of("bo").submit({"Why not": "my desk is full"}).ok
    assert office.notices("declined")[0].payload["reason"] == "my desk is full"


# A verb without its arguments


WITHOUT = [
    ("/cb wait", "Which task", "with its task picked in the form"),
    ("/cb wait 1", "Whom it waits for", "with what is missing alone"),
    ("/cb skip 1", "Why it is left out", "a reason"),
    ("/cb skip", "Which task", "a task and a reason"),
    ("/cb waive 4", "Why it is passed", "a reason"),
    ("/cb assign 1", "To whom", "a person"),
    ("/handoff", "Which task", "a task, a person and a note"),
    ("/handoff 1", "To whom", "a person and a note"),
    ("/handoff 1 @bo", "Where it stands", "a note"),
    ("/cb away", "First day", "the days, and who covers"),
    ("/cb shift", "Everything goes to", "to whom, and a word on each"),
    ("/done 1", "Agenda line", "its evidence"),
    ("/cb open", "Surgeon", "the people of a case"),
    ("/cb date", "Which date", "which, and the day"),
    ("/cb date surgery", "Day", "the day"),
    ("/cb component add", "Kind", "its kind"),
    ("/cb surgeon", "Surgeon", "the person"),
    ("/cb lead", "Lead", "the person"),
    ("/cb close", "Reason", "why, with tasks open"),
    ("/cb ask", "Whom to ask", "whom, and the question"),
    ("/cb ask @sam 2", "Question", "the question"),
]


@pytest.mark.parametrize(("line", "label", "why"), WITHOUT, ids=[row[0] for row in WITHOUT])
def test_a_command_that_stops_short_opens_its_form_and_changes_nothing(
    office: Office, line: str, label: str, why: str
) -> None:
    office.say("lea", "/cb assign 1 @lea")
    before = office.fingerprint()
    answer = office.say("lea", line)
    assert "Nothing changed." in answer.text, "how it is written stands there, too"
    assert label in labels(once_open(office, "lea", label)), why
    assert office.fingerprint() == before


def test_help_names_the_verbs_that_open_a_form(office: Office) -> None:
    office.say("lea", "/cb assign 1 @lea")
    office.say("lea", "/cb skip 2 not needed")

    def opens(line: str, who: str = "lea") -> bool:
        answer = office.say(who, line)
        last = buttons(answer)[-1:]
        return "Nothing changed." in answer.text and any(one.startswith((blocks.FORM, blocks.DONE)) for one, _ in last)

    # `close` alone closes the case, and asks why where tasks are open.
    alone = [verb for verb in Verb if verb is not Verb.CLOSE and opens(f"/cb {verb}")]
    tail = office.say("lea", "/cb help all").text.splitlines()[-1]
    said = tail.partition("Alone, ")[2].partition(" open a form")[0]
    assert sorted(re.findall(r"`(\w+)`", said)) == sorted(alone)

    of_a_task = re.findall(r"`(\w+) 1`", tail.partition("with a task, ")[2])
    office.say("lea", "/handoff 1 @bo please")
    assert of_a_task == ["done", "assign", "decline", "late", "extend", "snooze", "remind"]
    assert all(opens(f"/cb {verb} 1", "bo" if verb == "decline" else "lea") for verb in of_a_task)
    assert not any(opens(f"/cb {verb} 1") for verb in ("claim", "escalate"))


def test_a_task_is_picked_in_the_form(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/claim 2")
    ana = say(office, "ana", "/cb wait")
    form = once_open(office, "ana", "Which task")
    offered = [option["text"]["text"] for option in form["blocks"][0]["element"]["options"]]
    assert sorted(offered) == [f"{office.case.code}-1 List the case", f"{office.case.code}-2 Load the images"]
    assert ana.submit({"Which task": offered[0], "Whom it waits for": "Payer"}).ok
    assert sorted(row.state for row in (office.task(1), office.task(2))) == ["claimed", "waiting"]


def test_a_form_that_was_closed_is_opened_again_by_its_button(office: Office) -> None:
    lea = say(office, "lea", "/cb component add")
    once_open(office, "lea", "Kind")
    lea.person.close_view(office.modal("lea")["id"])
    lea.click("Open the form")
    once_open(office, "lea", "Kind")


REFUSED = [
    ("bo", "/cb wait 1", "is with Ana", "somebody else's"),
    ("bo", "/cb skip 1", "only a lead skips it", "a gate stands on it"),
    ("ana", "/cb waive 4", "Only a lead waives", "no waiver"),
    ("bo", "/cb assign 1", "Only a lead assigns", "no lead"),
    ("bo", "/cb reopen 1", "is open already", "nothing to take back"),
    ("bo", "/handoff 1", "Only whoever holds", "not the holder"),
    ("ana", "/cb shift @zed", "not on the staff list", "nobody of that name"),
    ("ana", "/cb close", "Only a lead or a manager", "no lead"),
    ("ana", "/cb wait 77", "no task 77", "no such task"),
    ("bo", "/cb decline 1", "is not offered to you", "no offer"),
    ("ana", "/cb component change 7", "no component C7", "no such component"),
]


@pytest.mark.parametrize(("who", "line", "says", "why"), REFUSED, ids=[row[3] for row in REFUSED])
def test_nobody_fills_in_a_form_for_what_they_cannot_do(
    office: Office, who: str, line: str, says: str, why: str
) -> None:
    office.say("ana", "/claim 1")
    before = office.fingerprint()
    answer = office.say(who, line)
    assert says in answer.text, why
    assert office.people[who].views() == []
    assert office.fingerprint() == before


def test_what_is_offered_is_not_free_to_hand_off(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/claim 2")
    office.say("ana", "/handoff 1 @bo please")
    offered, free = (f"t:{office.task(no).id}" for no in (1, 2))
    for line in ("/done", "/tasks", "/case", "/cb show 1"):
        listed = office.say("ana", line)
        assert "with Ana · offered to Bo, not accepted yet" in listed.text, line
        assert (blocks.DONE, offered) in buttons(listed), line
        assert (blocks.HANDOFF, offered) not in buttons(listed), line
        assert (blocks.HANDOFF, free) in buttons(listed) or line == "/cb show 1", line
    office.say("ana", "/handoff")
    form = once_open(office, "ana", "Which task")
    assert [option["value"] for option in form["blocks"][0]["element"]["options"]] == [free]


def test_whoever_has_offered_everything_is_told_so(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @bo please")
    assert "is offered already" in office.say("ana", "/handoff").text
    assert office.people["ana"].views() == []


@pytest.mark.parametrize("line", ["/cb handoff 1", "/cb handoff 1 @bo", "/cb handoff 1 @bo see the chart"])
def test_what_is_done_is_not_handed_off_and_that_is_said(office: Office, line: str) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/done 1 ref AG-17")
    answer = office.say("ana", line)
    assert f"{office.case.code}-1 is done already. Nothing changed." in answer.text
    assert office.people["ana"].views() == []


def test_what_a_form_cannot_mend_is_said_in_it_and_what_was_typed_stays(office: Office) -> None:
    office.say("ana", "/claim 2")
    ana = say(office, "ana", "/cb wait 2")
    form = once_open(office, "ana", "Whom it waits for")
    office.say("lea", "/cb assign 2 @cy")
    sent = ana.submit({"Whom it waits for": "Payer", "Note": "called"})
    assert list(sent.errors) == ["awaited"]
    assert "is with Cy" in sent.errors["awaited"]
    assert [view["id"] for view in ana.person.views()] == [form["id"]], "the form stays, with what was typed"
    ana.submit({"Whom it waits for": "Payer", "Note": "Mrs. Brown, born 3/4/1961"})
    assert office.task(2).state == "claimed"


def test_patient_data_in_a_form_stands_at_its_field(office: Office) -> None:
    office.say("ana", "/claim 2")
    ana = say(office, "ana", "/cb wait 2")
    once_open(office, "ana", "Note")
    before = office.fingerprint()
    sent = ana.submit({"Whom it waits for": "Payer", "Note": "Mrs. Brown, born 3/4/1961"})
    assert list(sent.errors) == ["note"]
    assert "Brown" not in sent.errors["note"]
    assert office.fingerprint() == before


# Forms of a case


def test_the_case_has_its_forms_by_what_the_person_may(office: Office) -> None:
    lea = say(office, "lea", "/case")
    assert "Close" in str(lea.person.ephemerals(office.channel)[-1]["blocks"])
    ana = say(office, "ana", "/case")
    shown = str(ana.person.ephemerals(office.channel)[-1]["blocks"])
    assert "Set a date" in shown
    assert "Components" in shown
    assert "'Close'" not in shown


def test_a_key_date_by_form_is_set_and_cleared(office: Office) -> None:
    ana = say(office, "ana", "/case")
    ana.click("Set a date")
    form = office.modal("ana")
    assert labels(form) == ["Which date", "Day", "Time, if it is known"]
    ana.choose("Board")
    once_open(office, "ana", "Or clear it")
    assert "Thu 12 Nov 2026" in texts(office.modal("ana")), "how it is set now"
    sent = ana.submit({"Which date": "Board", "Day": "2026-11-13", "Time, if it is known": "07:30"})
    assert sent.ok, sent.errors
    ana.see("Board date")
    row = office.row("SELECT day, at FROM key_dates WHERE name = 'board'")
    assert (row.day.isoformat(), row.at.isoformat()) == ("2026-11-13", "2026-11-13T12:30:00+00:00")

    office.say("ana", "/cb date board")
    form = once_open(office, "ana", "Or clear it")
    assert "It is set for Fri 13 Nov 2026 7:30 AM EST." in texts(form), "in the zone of the times that are picked"
    assert set(ana.submit({"Day": "2026-11-16", "Or clear it": ["Take this date away"]}).errors) == {"day"}
    assert ana.submit({"Or clear it": ["Take this date away"]}).ok
    assert office.row("SELECT 1 FROM key_dates WHERE name = 'board'") is None


def test_a_date_that_makes_tasks_late_at_once_is_asked_about_in_its_form(office: Office) -> None:
    ana = say(office, "ana", "/cb date board")
    once_open(office, "ana", "Or clear it")
    before = office.fingerprint()
    assert ana.submit({"Day": "2026-11-04", "Time, if it is known": "07:30"}).ok
    asks = f"*2 tasks of {office.case.code} would be late at once. Nothing changed. Set it all the same?* Then save."
    assert asks in texts(office.modal("ana"))
    assert office.fingerprint() == before
    assert ana.submit({"Day": "2026-11-03", "Time, if it is known": "07:30"}).ok
    assert asks.replace("2 tasks", "4 tasks") in texts(office.modal("ana")), "another day is asked about by itself"
    assert office.fingerprint() == before
    assert ana.submit({}).ok, "what was typed stands in it"
    ana.see("Board date")
    row = office.row("SELECT day, at FROM key_dates WHERE name = 'board'")
    assert (row.day.isoformat(), row.at.isoformat()) == ("2026-11-03", "2026-11-03T12:30:00+00:00")


def test_a_command_that_makes_tasks_late_at_once_opens_the_form_that_asks(office: Office) -> None:
    office.say("ana", "/cb component add endoprosthesis custom")
    lea = say(office, "lea", "/cb date surgery 2026-11-03 7:30 waive it grows")
    form = once_open(office, "lea", "Why it is set before that is done")
    assert "would be late at once" in texts(form)
    assert lea.submit({}).ok
    lea.see("Surgery date")
    row = office.row("SELECT at FROM key_dates WHERE name = 'surgery'")
    assert row.at.isoformat() == "2026-11-03T12:30:00+00:00"
    with_reason = office.row("SELECT reason FROM audit_entries WHERE action = 'date.set' ORDER BY seq DESC LIMIT 1")
    assert with_reason.reason == "it grows"


def test_a_waiver_that_is_not_asked_for_does_not_make_the_form_ask_twice(office: Office) -> None:
    lea = say(office, "lea", "/cb date board 2026-11-03 7:30 waive it grows")
    form = once_open(office, "lea", "Or clear it")
    assert "would be late at once" in texts(form)
    assert "Why it is set before that is done" not in labels(form)
    assert lea.submit({}).ok
    lea.see("Board date")


def test_a_gated_date_asks_for_the_waiver_of_whoever_may_give_it(office: Office) -> None:
    office.say("ana", "/cb component add plate")
    ana = say(office, "ana", "/cb date surgery")
    once_open(office, "ana", "Day")
    assert "Only a lead sets it before that" in texts(office.modal("ana"))
    before = office.fingerprint()
    sent = ana.submit({"Day": "2026-12-10"})
    assert list(sent.errors) == ["name"]
    assert "is not firm" in sent.errors["name"]
    assert office.fingerprint() == before

    lea = say(office, "lea", "/case")
    lea.click("Set a date")
    office.modal("lea")
    assert "Why it is set before that is done" not in labels(office.modal("lea"))
    lea.choose("Surgery")
    once_open(office, "lea", "Why it is set before that is done")
    sent = lea.submit({"Which date": "Surgery", "Day": "2026-12-10", "Why it is set before that is done": "it grows"})
    assert sent.ok, sent.errors
    assert office.row("SELECT day FROM key_dates WHERE name = 'surgery'").day.isoformat() == "2026-12-10"
    with_reason = office.row("SELECT reason FROM audit_entries WHERE action = 'date.set' ORDER BY seq DESC LIMIT 1")
    assert with_reason.reason == "it grows"


def test_a_component_is_added_changed_and_removed_by_form(office: Office) -> None:
    ana = say(office, "ana", "/case")
    ana.click("Components")
    form = office.modal("ana")
    assert labels(form) == ["What to do", "Kind", "Made for this patient", "Supply"]
    ana.choose("Endoprosthesis")
    once_open(office, "ana", "Part")
    sent = ana.submit({"Kind": "Endoprosthesis", "Part": "Stem", "Made for this patient": "Not custom"})
    assert sent.ok, sent.errors
    ana.see("Added C1 endoprosthesis stem")

    ana.click("Say more")
    form = once_open(office, "ana", "Part")
    assert labels(form) == ["What to do", "Which one", "Part", "Made for this patient", "Supply"]
    assert ana.submit({"Supply": "Loaner"}).ok
    row = office.row("SELECT * FROM components")
    assert (row.kind, row.part, row.custom, row.supply) == ("endoprosthesis", "stem", False, "loaner")

    lea = say(office, "lea", "/cb component remove 1")
    once_open(office, "lea", "Why it is not planned any more")
    sent = lea.submit({"Why it is not planned any more": "a plate instead"})
    assert sent.ok, sent.errors
    assert office.row("SELECT withdrawn_at FROM components").withdrawn_at is not None


def test_what_a_component_form_asks_for_follows_what_is_picked(office: Office) -> None:
    office.say("ana", "/cb component add plate")
    office.say("ana", "/cb component add endoprosthesis stem")
    ana = say(office, "ana", "/cb component list")
    ana.click("Change them")
    office.modal("ana")
    ana.choose("Remove one")
    once_open(office, "ana", "Why it is not planned any more")
    ana.choose("Change one")
    office.sandbox.wait(lambda: labels(office.modal("ana")) == ["What to do", "Which one"], message="not redrawn")
    ana.choose("C2 endoprosthesis stem")
    once_open(office, "ana", "Part")
    ana.choose("C1 plate")
    office.sandbox.wait(lambda: "Part" not in labels(office.modal("ana")), message="a plate has no part")


@both
def test_a_case_is_opened_and_closed_by_form(office: Office) -> None:
    lea = say(office, "lea", "/cb open")
    once_open(office, "lea", "Surgeon")
    assert lea.submit({"Surgeon": "Sam"}).ok
    opened = office.row("SELECT * FROM cases ORDER BY id DESC LIMIT 1")
    assert (opened.surgeon_id, opened.lead_id) == (office.world.staff["sam"].id, office.world.staff["lea"].id)
    lea.see("Opened case")

    office.say("lea", "/case")
    lea.click("Close")
    form = once_open(office, "lea", "Reason")
    assert "5 open tasks will be skipped" in texts(form)
    assert lea.submit({"Reason": "moved to another centre"}).ok
    assert office.row("SELECT state FROM cases WHERE id = :id", id=office.case.id).state == "closed"


def test_the_people_of_a_case_by_form(office: Office) -> None:
    ana = say(office, "ana", "/case")
    ana.click("People")
    office.modal("ana")
    assert ana.submit({"Surgeon": "Sam", "Lead": "Max"}).ok
    row = office.row("SELECT * FROM cases WHERE id = :id", id=office.case.id)
    assert (row.surgeon_id, row.lead_id) == (office.world.staff["sam"].id, office.world.staff["max"].id)
    ana.click("People")
    office.modal("ana")
    assert ana.submit({"Surgeon": "Nobody"}).ok
    row = office.row("SELECT * FROM cases WHERE id = :id", id=office.case.id)
    assert (row.surgeon_id, row.lead_id) == (None, office.world.staff["max"].id)


def test_a_form_from_a_channel_that_the_app_is_not_in_answers_in_its_own_place(office: Office) -> None:
    office.say("ana", f"/claim {office.case.code}-1")
    elsewhere = office.sandbox.channel("elsewhere", members=[office.people["ana"].id])
    office.say("ana", f"/cb wait {office.case.code}-1", elsewhere)
    once_open(office, "ana", "Whom it waits for")
    ana = office.sandbox.as_(office.people["ana"])
    assert ana.submit({"Whom it waits for": "Payer"}).ok
    ana.see("now waits for the payer")


# Shortcuts


@pytest.fixture
def shortcuts(office: Office) -> Office:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    return office


def test_global_shortcuts_list_claim_open_and_set(shortcuts: Office) -> None:
    office, ana = shortcuts, shortcuts.sandbox.as_(shortcuts.people["ana"])
    ana.person.shortcut("free_tasks")
    ana.see(f"{office.case.code}-1")
    ana.person.shortcut("claim_next")
    ana.see(f"Claimed {office.case.code}-2")
    ana.person.close_view(office.modal("ana")["id"], clear=True)
    ana.person.shortcut("my_tasks")
    ana.see(f"{office.case.code}-2")
    ana.click("My digest")
    ana.see("Digest for")
    ana.click("Help")
    assert "/cb remind" not in ana.see("write `/cb` and a verb")
    ana.click("All commands")
    ana.see("/cb remind")

    ana.person.close_view(office.modal("ana")["id"], clear=True)
    ana.person.shortcut("open_case")
    once_open(office, "ana", "Surgeon")
    assert ana.submit({"Surgeon": "Sam"}).ok
    ana.see("Opened case")
    assert len(office.rows("SELECT 1 FROM cases")) == 2

    ana.person.close_view(office.modal("ana")["id"], clear=True)
    ana.person.shortcut("set_date")
    once_open(office, "ana", "Case")
    ana.choose(office.case.code)
    ana.choose("Surgery")
    sent = ana.submit({"Case": office.case.code, "Which date": "Surgery", "Day": "2026-12-10"})
    assert sent.ok, sent.errors
    ana.see("Surgery date")
    assert office.row("SELECT case_id FROM key_dates WHERE name = 'surgery'").case_id == office.case.id


def test_shortcuts_on_a_message_of_ours_act_on_its_task(shortcuts: Office) -> None:
    office = shortcuts
    office.say("lea", "/cb assign 1 @ana")
    ts = deliver(office)["assigned"]
    ana, bo = office.screen_of("ana"), office.screen_of("bo")
    bo.person.message_shortcut(office.channel, ts, "claim_task")
    bo.see("Ana already has")
    ana.person.message_shortcut(office.channel, ts, "handoff_task")
    once_open(office, "ana", "To whom")
    assert ana.submit({"To whom": "Bo", "Where it stands": "watch for the fax"}).ok
    handoff = deliver(office)["handoff"]
    bo.person.message_shortcut(office.channel, handoff, "more_task")
    bo.see("Ana offers it to you: watch for the fax")
    bo.click("Accept")
    bo.see("is yours now")
    bo.person.message_shortcut(office.channel, ts, "done_task")
    once_open(office, "bo", "Agenda line")
    assert bo.submit({"Agenda line": "AG-17"}).ok
    assert office.task(1).state == "done"
    bo.person.message_shortcut(office.channel, ts, "more_task")
    bo.see("List the case: done")
    assert menu(bo) == ["Reopen it …"]


def test_shortcuts_on_the_card_and_on_a_post_of_several_tasks_show_them(shortcuts: Office) -> None:
    office, ana = shortcuts, shortcuts.screen_of("ana")
    card = office.post([blocks.section("the card")])
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE channels SET card_ts = %s WHERE slack_id = %s", (card, office.channel))
    ana.person.message_shortcut(office.channel, card, "done_task")
    ana.see(f"Case {office.case.code}")

    office.say("ana", "/claim 1")
    office.say("ana", "/claim 2")
    office.say("ana", "/handoff all @cy end of my shift")
    before = office.fingerprint()
    ts = deliver(office)["handoff"]
    ana.person.message_shortcut(office.channel, ts, "claim_task")
    ana.see("Tasks of that message")
    assert office.fingerprint()["tasks"] == before["tasks"]


def test_a_shortcut_on_any_other_message_says_so_and_changes_nothing(shortcuts: Office) -> None:
    office, ana = shortcuts, shortcuts.screen_of("ana")
    theirs = office.people["bo"].post(office.channel, f"claim {office.case.code}-1 please")
    before = office.fingerprint()
    for number, callback in enumerate(("claim_task", "done_task", "handoff_task", "more_task")):
        ana.person.message_shortcut(office.channel, theirs, callback)
        assert "none of mine" in office.ephemeral("ana", after=number), callback
    replan = deliver(office)["replan"]
    ana.person.message_shortcut(office.channel, replan, "claim_task")
    ana.see("about no task of its own")
    assert office.fingerprint() == before


def post_about(office: Office, no: int) -> str:
    """A post about one task, as the outbox leaves it; returns its ts."""
    ts = office.post([blocks.section("about a task, whose number is not said")])
    payload = json.dumps({"tasks": [{"id": office.task(no).id}]})
    with office.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO notices (id, program_id, channel_id, kind, dedupe_key, payload, state, attempts, created_at,"
            " ts, delivered_at) SELECT gen_random_uuid(), program_id, id, 'reminder', %s, %s, 'delivered', 1, now(),"
            " %s, now() FROM channels WHERE slack_id = %s",
            (f"test:{ts}", payload, ts, office.channel),
        )
    return ts


def test_more_about_a_task_has_its_menu_and_its_case(shortcuts: Office) -> None:
    office, ana = shortcuts, shortcuts.screen_of("ana")
    office.say("ana", "/claim 2")
    ts = post_about(office, 2)

    def more() -> None:
        ana.person.message_shortcut(office.channel, ts, "more_task")
        ana.see("Show case")

    more()
    ana.choose("It waits for somebody …")
    once_open(office, "ana", "Whom it waits for")
    assert ana.submit({"Whom it waits for": "Clinic"}).ok
    ana.see("now waits for the clinic")
    more()
    ana.choose("Go on with it")
    ana.see("runs again")
    more()
    ana.choose("Give it back")
    ana.see("Anybody who may can claim it")
    more()
    ana.click("Show case")
    ana.see(f"Case {office.case.code}")
    ana.click("People")
    once_open(office, "ana", "Surgeon")
    assert ana.submit({"Surgeon": "Sam", "Lead": "Lea"}).ok
    ana.click("Components")
    once_open(office, "ana", "Kind")
    assert ana.submit({"Kind": "Plate"}).ok
    ana.see("Added C1 plate")


def test_more_for_a_lead_skips_reopens_and_assigns(shortcuts: Office) -> None:
    office, lea = shortcuts, shortcuts.screen_of("lea")
    ts = post_about(office, 1)
    lea.person.message_shortcut(office.channel, ts, "more_task")
    lea.choose("Skip it …")
    once_open(office, "lea", "Why it is left out")
    assert lea.submit({"Why it is left out": "the board has it already"}).ok
    lea.see("Skipped")
    lea.person.message_shortcut(office.channel, ts, "more_task")
    lea.choose("Reopen it …")
    once_open(office, "lea", "Why it is taken back")
    assert lea.submit({"Why it is taken back": "it has not"}).ok
    lea.see("Reopened")
    lea.person.message_shortcut(office.channel, ts, "more_task")
    lea.choose("Assign it …")
    once_open(office, "lea", "To whom")
    assert lea.submit({"To whom": "Bo"}).ok
    assert office.holder(1) == "bo"
    lea.person.message_shortcut(office.channel, ts, "more_task")
    lea.click("Show case")
    lea.see(f"Case {office.case.code}")
    lea.click("Close")
    once_open(office, "lea", "Reason")
    assert lea.submit({"Reason": "moved to another centre"}).ok
    assert office.row("SELECT state FROM cases WHERE id = :id", id=office.case.id).state == "closed"


def test_more_of_a_shut_gate_waives_it(shortcuts: Office) -> None:
    office, lea = shortcuts, shortcuts.screen_of("lea")
    lea.person.message_shortcut(office.channel, post_about(office, 4), "more_task")
    lea.choose("Waive it …")
    once_open(office, "lea", "Why it is passed")
    assert lea.submit({"Why it is passed": "surgeon agreed"}).ok
    assert office.task(4).state == "done"


def test_more_of_an_offer_declines_it(shortcuts: Office) -> None:
    office, bo = shortcuts, shortcuts.screen_of("bo")
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @bo please")
    bo.person.message_shortcut(office.channel, post_about(office, 1), "more_task")
    bo.see("Ana offers it to you")
    bo.click("Decline")
    once_open(office, "bo", "Why not")
    assert bo.submit({"Why not": "my desk is full"}).ok
    assert office.notices("declined")[0].payload["reason"] == "my desk is full"


def test_buttons_in_a_shortcuts_window_never_pile_up_more_than_slack_lets(shortcuts: Office) -> None:
    office, ana = shortcuts, shortcuts.sandbox.as_(shortcuts.people["ana"])
    ana.person.shortcut("free_tasks")
    ana.see(f"{office.case.code}-1")
    ana.click("Claim")
    ana.see("Claimed")
    ana.choose("It waits for somebody …")
    once_open(office, "ana", "Whom it waits for")
    assert ana.submit({"Whom it waits for": "Payer"}).ok
    ana.see("now waits for the payer")
    ana.choose("Go on with it")
    ana.see("runs again")
    ana.choose("It waits for somebody …")
    once_open(office, "ana", "Whom it waits for")
    assert all(
        call["applied"] for call in office.sandbox.ledger(kind="call") if str(call["method"]).startswith("views")
    )


# Two interactions


def test_a_claim_takes_one_interaction_and_a_done_with_evidence_two(office: Office) -> None:
    ana = say(office, "ana", "/tasks")
    ana.click("Claim", in_=office.channel)  # one
    ana.see("Claimed")
    assert office.holder(2) == "ana"
    office.say("ana", "/claim 1")
    office.say("ana", "/done 1")  # one: the form is open at once
    once_open(office, "ana", "Agenda line")
    assert ana.submit({"Agenda line": "AG-17"}).ok  # two
    assert office.task(1).state == "done"


# Questions and help


def test_questions_in_peoples_own_words(office: Office) -> None:
    office.say("ana", "/claim 2")
    assert "with Ana" in office.say("bo", "/cb who has 2").text
    assert "late now: none" in office.say("bo", "/cb what's late").text
    assert "due today" in office.say("bo", "/cb what is due today").text
    assert "free for you" in office.say("bo", "/cb what is free?").text


def test_help_shows_examples_of_the_place_where_it_is_asked(office: Office) -> None:
    office.say("ana", "/claim 2")
    here = office.say("ana", "/cb help").text
    assert "`/cb claim 1`" in here
    assert "`/cb done 2 ref ABC-1`" in here
    elsewhere = office.say("ana", "/cb help", office.desk).text
    assert f"`/cb done {office.case.code}-2 ref ABC-1`" in elsewhere
    assert f"`/cb claim {office.case.code}-1`" in office.say("ana", "/claim help").text


def verbs_of(reply: Reply) -> list[str]:
    """The verbs that help lists, in its order."""
    return re.findall(r"^`/cb (\w+)[^`]*`", reply.text, re.MULTILINE)


def test_help_is_short_and_of_the_role_and_all_is_without_what_the_role_cannot_do(office: Office) -> None:
    first = {who: verbs_of(office.say(who, "/cb help")) for who in ("ana", "cy", "lea", "max", "sam")}
    assert all(6 <= len(verbs) <= 8 for verbs in first.values())
    assert first["ana"] == first["cy"] == ["tasks", "claim", "done", "wait", "handoff", "accept", "ask", "shift"]
    assert {"spread", "assign", "extend", "late"} <= set(first["lea"])
    assert {"settings", "sla", "spread"} <= set(first["max"])
    assert {"digest", "done", "ask"} <= set(first["sam"])
    short = office.say("ana", "/cb help")
    assert "`/cb help all`" in short.text
    assert ("help", "all") in buttons(short)

    everything = {who: set(verbs_of(office.say(who, "/cb help all"))) for who in first}
    for who in ("lea", "max", "sam"):
        assert set(first[who]) <= everything[who]
    assert set(Verb) - everything["max"] == {Verb.WAIVE}, "the gate that is shut names other roles"
    assert set(Verb) - everything["lea"] == {Verb.SETTINGS}
    of_leads = {Verb.ASSIGN, Verb.SPREAD, Verb.EXTEND, Verb.CLOSE, Verb.SETTINGS}
    assert set(Verb) - everything["ana"] == {*of_leads, Verb.WAIVE}
    assert "`assign" not in office.say("ana", "/cb help all").text, "nor among those that open a form"
    assert set(Verb) - everything["ana"] == set(Verb) - set(verbs_of(office.say("ana", "/cb help all", office.desk)))
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET roles = '{coder}' WHERE name = 'Cy'")
    cannot = {Verb.OPEN, Verb.COMPONENT, Verb.SURGEON, Verb.LEAD}
    assert set(Verb) - set(verbs_of(office.say("cy", "/cb help all"))) == {*of_leads, Verb.WAIVE, *cannot}
    for verb in cannot:
        told = office.say("cy", f"/cb help {verb}").text
        assert told.endswith("Your role does not do that. `/cb help all` lists what you may do.")
        assert f"`/cb {verb}" not in told, "no example of what is refused"
    assert "`/cb date claim filed today`" in office.say("cy", "/cb help all").text, "nor a date of others"
    assert not re.search("board|surgery", office.say("cy", "/cb help date").text)
    assert office.say("cy", "/cb date claim filed today").text.startswith("Claim filed date of")


@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_needs_most_is_there_as_an_example_and_is_its_own(role: Role) -> None:
    actor, shown = Actor(1, 1, "Pat", "U1", frozenset({role})), help_view.most_used(role)
    assert limits.problems(shown.text, shown.blocks) == []
    assert 6 <= len(help_view.MOST_USED[role]) <= 8
    for written in help_view.MOST_USED[role]:
        verb = Verb(written.partition(" ")[0])
        assert written in USAGE[verb].examples
        assert verb not in guide.not_for(actor)


def test_who_is_not_on_the_staff_list_is_told_so_by_help(office: Office) -> None:
    stranger = office.sandbox.person("stranger")
    for line in ("/cb help", "/cb help all", "/cb", "/cb help handoff"):
        told = stranger.command(line, office.desk).text
        assert told.startswith("You are not on the staff list of this practice.")
        assert "From then on `/cb help` shows what you can write." in told
        assert not re.search("assign|spread|claim", told)


def test_a_mistyped_person_is_asked_about(office: Office) -> None:
    office.say("ana", "/claim 1")
    assert "Did you mean Bo" in office.say("lea", "/cb assign 1 @boo").text
    assert "Did you mean" not in office.say("lea", "/cb assign 1 @zzzz").text


def message(office: Office, ts: str) -> Any:
    """A message of the case's channel."""
    return next(one for one in office.sandbox.messages(office.channel) if one["ts"] == ts)


@pytest.mark.parametrize("typed", [False, True])
def test_what_is_urgent_is_taken_over_in_the_receiver_s_own_words(office: Office, typed: bool) -> None:
    ana, bo = office.screen_of("ana"), office.screen_of("bo")
    office.say("ana", "/claim 1")
    ana.person.command("/handoff 1", office.channel)
    sent = ana.submit({
        "To whom": "Bo", "How urgent": "It cannot wait", "Where it stands": "the payer asked for the scans",
        "What to do": "send them", "What to watch for": "their fax is closed after four",
    })  # fmt: skip
    assert sent.ok, sent.errors
    handoff = deliver(office)["handoff"]
    post = message(office, handoff)
    told = "*Urgent: it cannot wait.*\nWhere it stands: the payer asked for the scans\nWhat to do: send them\n"
    assert f"{told}What to watch for: their fax is closed after four" in str(post["blocks"]).replace("\\n", "\n")
    home_of(office, "bo").see("urgent")

    if typed:
        refused = office.say("bo", "/cb accept 1")
        assert "say in your own words what you will do. Nothing changed." in refused.text
        assert buttons(refused) == [
            ("form_handoff_accept", f"handoff_accept h:{office.row('SELECT id FROM handoffs').id}")
        ]
        assert "their fax is closed after four" in texts(
            once_open(office, "bo", "In your own words: what will you do?")
        )
        office.people["bo"].close_view(office.modal("bo")["id"])
        assert "is yours now, from Ana" in office.say("bo", "/cb accept 1 I send the scans before four").text
    else:
        bo.click("Accept")
        bo.see("their fax is closed after four")
        refused = bo.submit({"In your own words: what will you do?": "I call her at 555-867-5309"})
        assert "patient data" in refused.errors["reason"]
        assert office.holder(1) == "ana"
        assert bo.submit({"In your own words: what will you do?": "I send the scans before four"}).ok
    assert office.holder(1) == "bo"
    answered = message(office, deliver(office)["answer"])
    assert "Bo: “I send the scans before four”" in str(answered["blocks"])
