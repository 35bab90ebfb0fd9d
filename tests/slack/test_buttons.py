"""Buttons and modals, pressed and filled in by people in the sandbox; values that are not ours change nothing."""

from typing import Any

import pytest

from app.cases.dates import set_date
from app.cases.service import open_case
from app.kernel.due import Moment
from app.slack.views import blocks
from tests.slack.office import Office, buttons
from tests.world import BOARD, make_world

both = pytest.mark.parametrize("transport", ["http", "socket"])


def post_with(office: Office, *elements: blocks.Block) -> str:
    return office.post([blocks.section("Something to do"), blocks.actions(*elements)])


@both
def test_claim_and_done_by_button(office: Office) -> None:
    task, ana, bo = office.task(1), office.screen_of("ana"), office.screen_of("bo")
    post_with(office, blocks.claim_button(task.id, "1"), blocks.done_button(task.id, "1"))
    ana.click("Claim")
    assert ana.see("Claimed").startswith(f"Claimed {office.case.code}-1")
    assert office.holder(1) == "ana"
    bo.click("Claim")
    bo.see("Ana already has")  # the loser is told who won

    ana.click("Done")
    assert office.modal("ana")["private_metadata"] == f"t:{task.id} {office.channel}"
    sent = ana.submit({"evidence": "AG-17"})
    assert sent.ok, sent.errors
    assert office.task(1).evidence == {"kind": "reference", "value": "AG-17"}
    assert ana.person.views() == []
    assert ana.see("Done:").startswith(f"Done: {office.case.code}-1")


def test_a_task_that_asks_for_nothing_is_done_at_once(office: Office) -> None:
    office.say("ana", "/claim 2")
    post_with(office, blocks.done_button(office.task(2).id, "2"))
    ana = office.screen_of("ana")
    ana.click("Done", in_=office.channel)
    assert ana.see("Done:").startswith(f"Done: {office.case.code}-2")
    assert ana.person.views() == []


def test_no_modal_for_who_cannot_finish_the_task(office: Office) -> None:
    office.say("ana", "/claim 1")
    first = post_with(office, blocks.done_button(office.task(1).id, "1"), blocks.handoff_button(office.task(1).id, "1"))
    bo = office.people["bo"]
    bo.click(office.channel, first, blocks.DONE)
    assert "is with Ana" in office.ephemeral("bo")
    bo.click(office.channel, first, blocks.HANDOFF)
    assert "is with Ana" in office.ephemeral("bo", after=1)
    third = post_with(office, blocks.done_button(office.task(3).id, "3"))
    bo.click(office.channel, third, blocks.DONE)
    assert "needs the signed word of a surgeon" in office.ephemeral("bo", after=2)
    assert bo.views() == []


def test_the_word_of_a_surgeon_is_ticked(office: Office) -> None:
    sam = office.screen_of("sam")
    post_with(office, blocks.done_button(office.task(3).id, "3"))
    sam.click("Done")
    assert sam.submit({"evidence": ["yes"]}).ok
    row = office.task(3)
    assert (row.state, row.attested_by) == ("done", office.world.staff["sam"].id)


def test_a_choice_is_picked_and_a_date_is_picked(office: Office) -> None:
    for no, who in ((1, "ana"), (2, "ana"), (3, "sam"), (4, "lea")):
        office.say(who, f"/done {no} {'ref A-1' if no == 1 else 'yes'}")
    office.say("ana", "/claim 5")
    ts = post_with(office, blocks.done_button(office.task(5).id, "5"))
    office.people["ana"].click(office.channel, ts, blocks.DONE)
    assert office.people["ana"].submit(office.modal("ana")["id"], {"evidence": "1"}).ok
    assert office.task(5).evidence == {"kind": "choice", "value": "fax"}

    office.say("ana", "/cb component add plate custom")
    no = office.row("SELECT no FROM tasks WHERE title = 'Order the custom part'").no
    office.say("ana", f"/claim {no}")
    ts = post_with(office, blocks.done_button(office.task(no).id, str(no)))
    office.people["ana"].click(office.channel, ts, blocks.DONE)
    office.people["ana"].submit(office.modal("ana")["id"], {"evidence": "2026-12-03"})
    assert office.task(no).evidence == {"kind": "date", "value": "2026-12-03"}


def test_a_choice_asks_for_its_reference_in_the_same_modal(office: Office) -> None:
    ana = office.people["ana"]
    office.say("ana", "/cb date denial received today")
    no = office.row("SELECT no FROM tasks WHERE title = 'Ask the payer'").no
    ts = post_with(office, blocks.done_button(office.task(no).id, str(no)))
    ana.click(office.channel, ts, blocks.DONE)
    modal = office.modal("ana")
    assert [block["label"]["text"] for block in modal["blocks"] if block["type"] == "input"] == [
        "Answer",
        "Call reference",
    ]

    refused = ana.submit(modal["id"], {"evidence": "1", "reference": "Pat Doe, MRN 1234567"})
    assert set(refused.errors) == {"reference"}
    assert "into the field for it" not in refused.errors["reference"], "this is the field for it"
    assert ana.submit(modal["id"], {"evidence": "1", "reference": "C-77"}).ok

    assert office.task(no).evidence == {"kind": "choice", "value": "not required", "reference": "C-77"}


def test_a_handoff_by_modal_is_accepted_and_declined_by_button(office: Office) -> None:
    ana, bo, cy = (office.screen_of(name) for name in ("ana", "bo", "cy"))
    office.say("ana", "/claim 1")
    post_with(office, blocks.handoff_button(office.task(1).id, "1"))
    ana.click("Hand off")
    ana.submit({"To whom": "Bo", "Where it stands": "watch for the fax"})
    offer = office.row("SELECT * FROM handoffs")
    assert (offer.note, offer.urgency, offer.to_do, offer.watch) == ("watch for the fax", None, None, None)

    post_with(
        office,
        blocks.button("Accept", blocks.ACCEPT, f"h:{offer.id}", label="Accept"),
        blocks.button("Decline", blocks.DECLINE, f"h:{offer.id}", label="Decline"),
    )
    cy.click("Decline")
    cy.see("not offered to you")
    bo.click("Decline")
    sent = bo.submit({"Why not": "my desk is full"})
    assert sent.ok, sent.errors
    assert office.notices("declined")[0].payload["reason"] == "my desk is full"
    bo.click("Accept")
    bo.see("You declined")

    office.say("ana", "/handoff 1 @cy please")
    second = office.row("SELECT * FROM handoffs ORDER BY id DESC LIMIT 1")
    post_with(office, blocks.button("Accept", blocks.ACCEPT, f"h:{second.id}", label="Accept"))
    cy.click("Accept")
    cy.see("is yours now, from Ana")
    assert office.holder(1) == "cy"


def test_errors_of_a_modal_stand_beside_the_input_and_nothing_changed(office: Office) -> None:
    ana = office.people["ana"]
    office.say("ana", "/claim 1")
    ts = post_with(office, blocks.done_button(office.task(1).id, "1"), blocks.handoff_button(office.task(1).id, "1"))
    before = office.fingerprint()

    ana.click(office.channel, ts, blocks.DONE)
    sent = ana.submit(office.modal("ana")["id"], {"evidence": "Mrs. Brown, born 3/4/1961"})
    assert set(sent.errors) == {"evidence"}
    assert "patient data" in sent.errors["evidence"]
    assert "Brown" not in sent.errors["evidence"]
    assert "&" not in sent.errors["evidence"], "an input's error is plain text"
    ana.close_view(office.modal("ana")["id"])

    ana.click(office.channel, ts, blocks.HANDOFF)
    modal = office.modal("ana")["id"]
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false WHERE name = 'Cy'")
        connection.exec_driver_sql("UPDATE staff SET roles = '{biller}' WHERE name = 'Lea'")
    for name, why in (("cy", "left while the form was open"), ("lea", "may have it no more")):
        assert set(ana.submit(modal, {"person": office.people[name].id, "note": "x"}).errors) == {"person"}, why
    fine = {"person": office.people["bo"].id, "note": "x", "to_do": "x", "watch": "x"}
    for field in ("note", "to_do", "watch"):
        assert set(ana.submit(modal, fine | {field: "DOB 3/4/1961"}).errors) == {field}
    assert office.fingerprint() == before


def test_a_modal_says_what_it_asks_for_and_no_command(office: Office) -> None:
    ana = office.people["ana"]
    office.say("ana", "/cb date denial received today")
    no = office.row("SELECT no FROM tasks WHERE title = 'Count who was there'").no
    ts = post_with(office, blocks.done_button(office.task(no).id, str(no)))
    ana.click(office.channel, ts, blocks.DONE)

    sent = ana.submit(office.modal("ana")["id"], {"evidence": "all of them"})

    name = f"{office.case.code}-{no}"
    asked = f"That does not fit: {name} needs a number from 0 to 5: Present. Nothing changed."
    assert sent.errors == {"evidence": asked}
    assert office.say("ana", f"/done {no} all of them").text == f"{asked} Write: /cb done {name} 0"


def test_a_refusal_about_the_person_is_shown_where_the_modal_has_an_input(office: Office) -> None:
    ana = office.people["ana"]
    ts = post_with(office, blocks.done_button(office.task(1).id, "1"))
    ana.click(office.channel, ts, blocks.DONE)
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false WHERE name = 'Ana'")

    sent = ana.submit(office.modal("ana")["id"], {"evidence": "A-1"})

    assert set(sent.errors) == {"evidence"}
    assert "switched off" in sent.errors["evidence"]


def test_the_tasks_of_a_case_by_button(office: Office) -> None:
    ts = post_with(office, blocks.tasks_button(office.case.code))
    office.people["cy"].click(office.channel, ts, blocks.TASKS)
    assert f"{office.case.code}-1" in office.ephemeral("cy")


NOT_OURS = [
    (blocks.CLAIM, "", "none"),
    (blocks.CLAIM, "t:", "no number"),
    (blocks.CLAIM, "t:999999999999999999", "no such task"),
    (blocks.CLAIM, "t:1 OR 1=1", "more than a number"),
    (blocks.CLAIM, "h:1", "a handoff's"),
    (blocks.CLAIM, "t:99999999999999999999999", "no number of the database"),
    (blocks.DONE, "x", "nonsense"),
    (blocks.DONE, "t:0", "no such task"),
    (blocks.HANDOFF, "t:-1", "a sign"),
    (blocks.ACCEPT, "t:1", "a task's"),
    (blocks.ACCEPT, "h:12345678", "no such handoff"),
    (blocks.DECLINE, "h:12345678", "no such handoff"),
    (blocks.TASKS, "c:", "no code"),
    (blocks.TASKS, "c:ZZZZ", "not a code"),
    ("task_explode", "t:1", "no action of ours"),
]


def test_a_value_that_is_not_ours_changes_nothing(office: Office) -> None:
    before = office.fingerprint()
    for number, (action, value, why) in enumerate(NOT_OURS):
        element: blocks.Block = {"type": "button", "text": blocks.plain("Go", 75), "action_id": action}
        ts = office.post([blocks.actions(element | ({"value": value} if value else {}))])
        office.people["ana"].click(office.channel, ts, action)
        assert "Nothing changed" in office.ephemeral("ana", after=number), why
    assert office.fingerprint() == before


def test_a_task_of_another_practice_is_unknown(office: Office) -> None:
    other = make_world(office.world.store, team="T0OTHER", slug="other")
    with other.store.change() as uow:
        theirs = open_case(uow, other.actor("lea"))
        set_date(uow, other.actor("lea"), theirs.id, "board", Moment.of_day(BOARD))
    task = office.row("SELECT id FROM tasks WHERE case_id = :case AND no = 1", case=theirs.id)
    before = office.fingerprint()
    ts = post_with(office, blocks.claim_button(task.id, "1"), blocks.tasks_button(theirs.code))
    office.people["ana"].click(office.channel, ts, blocks.CLAIM)
    assert "no such task here" in office.ephemeral("ana")
    office.people["ana"].click(office.channel, ts, blocks.TASKS)
    assert "no case" in office.ephemeral("ana", after=1)
    assert "no case" in office.say("ana", f"/case {theirs.code}").text
    assert office.fingerprint() == before


def test_buttons_of_an_answer_work_as_those_of_a_post(office: Office) -> None:
    listed = office.say("ana", "/tasks")
    claim = next(value for action, value in buttons(listed) if action == blocks.CLAIM)
    shown: dict[str, Any] = office.people["ana"].ephemerals(office.channel)[-1]
    office.people["ana"].click(office.channel, str(shown["ts"]), blocks.CLAIM, claim)
    assert office.ephemeral("ana", after=1).startswith("Claimed")


def test_the_shortcut_shows_ones_tasks_and_its_buttons_answer_in_a_modal(office: Office) -> None:
    ana = office.people["ana"]
    office.say("ana", "/claim 2")
    ana.shortcut("my_tasks")
    modal = office.modal("ana")
    assert f"{office.case.code}-2" in str(modal["blocks"])
    ana.click_view(modal["id"], blocks.DONE)
    office.sandbox.wait(lambda: len(ana.views()) == 2)
    assert f"Done: {office.case.code}-2" in str(ana.views()[-1]["blocks"])


def test_the_home_tab_shows_ones_tasks(office: Office) -> None:
    ana = office.people["ana"]
    office.say("ana", "/claim 1")
    ana.open_home()
    office.sandbox.wait(lambda: ana.home() is not None, message="nothing was published")
    assert f"{office.case.code}-1" in str(ana.home())


def test_a_mention_is_told_where_commands_are(office: Office) -> None:
    bot = str(office.sandbox.status()["bot_user"])
    office.people["ana"].post(office.channel, f"<@{bot}> claim 1")
    assert "/cb help" in office.ephemeral("ana")
    assert office.holder(1) is None
