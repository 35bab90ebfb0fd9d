"""Undo by button: in the channel, where it takes the answer's place, on the home tab, and after a modal."""

from datetime import timedelta

import pytest

from app.kernel.clock import FixedClock
from app.slack.views import blocks
from tests.slack.office import Office
from tests.slack.test_home import home_of

both = pytest.mark.parametrize("transport", ["http", "socket"])


@both
def test_a_claim_by_command_is_undone_and_the_answer_offers_nothing_old(office: Office) -> None:
    ana = office.screen_of("ana")
    ana.command("/claim 2")
    assert office.holder(2) == "ana"
    ana.click("Undo")
    shown = ana.see("Undone:")
    assert "It is free again." in shown
    assert office.holder(2) is None
    assert not [text for text in ana.sees() if text.startswith("Claimed")], "the answer took the claim's place"
    ana.click("Claim")
    ana.see("Claimed")
    assert not [text for text in ana.sees() if text.startswith("Undone")]


def test_done_in_the_answer_to_a_claim_takes_its_place_and_is_undone_with_its_holder(office: Office) -> None:
    ana = office.screen_of("ana")
    ana.command("/claim 2")
    ana.click("Done")
    ana.see("Done:")
    assert not [text for text in ana.sees() if text.startswith("Claimed")]
    ana.click("Undo")
    ana.see("is yours again, as it was before")
    assert office.holder(2) == "ana"
    assert office.task(2).state == "claimed"


def test_undo_is_typed_as_well(office: Office, clock: FixedClock) -> None:
    code = office.case.code
    office.say("ana", "/claim 1")
    office.say("ana", "/claim 2")
    assert f"Undone: {code}-1 is not yours" in office.say("ana", "/cb undo 1").text
    assert (office.holder(1), office.holder(2)) == (None, "ana")
    assert office.say("ana", "/cb undo handoff").text.startswith("You did nothing"), "and the claim stands"
    office.say("ana", "/claim 1")
    office.say("ana", "/cb handoff 1 @bo look at it")
    assert "Undone" in office.say("ana", "/cb undo handoff").text
    assert office.task(1).state == "claimed"
    assert f"Undone: {code}-1 is not yours" in office.say("ana", "/cb undo").text
    assert f"Undone: {code}-2 is not yours" in office.say("ana", "/cb undo").text
    before = office.fingerprint()
    nothing = office.say("ana", "/cb undo").text
    assert nothing.startswith("You did nothing within 2 minutes that can be undone. Nothing changed.")
    assert "did nothing to" in office.say("bo", f"/cb undo {code}-2").text, "it was Ana's"
    assert office.fingerprint() == before
    office.say("ana", "/claim 2")
    clock.advance(timedelta(minutes=3))
    assert f"release {code}-2" in office.say("ana", f"/cb undo {code}-2").text
    assert office.holder(2) == "ana"
    office.say("ana", "/done 1 ref A-1")
    office.say("ana", "/cb undo 1 the fax did not arrive")
    assert office.row("SELECT action FROM audit_entries ORDER BY seq DESC LIMIT 1").action == "task.reopen"


def test_a_refusal_leaves_the_answer_where_it_is(office: Office, clock: FixedClock) -> None:
    ana = office.screen_of("ana")
    ana.command("/claim 2")
    clock.advance(timedelta(minutes=3))
    ana.click("Undo")
    ana.see("more than 2 minutes have passed")
    ana.see("Claimed")
    assert office.holder(2) == "ana"


def test_on_the_home_tab_the_answer_has_its_undo(office: Office) -> None:
    ana = home_of(office, "ana")
    ana.click("Claim")
    ana.see("Claimed")
    ana.click("Hand off")
    assert ana.submit({"To whom": "Cy", "Where it stands": "the agenda closes"}).ok
    ana.see("not accepted yet")
    ana.click("Undo")
    ana.see("not offered to Cy any more")
    assert [row.state for row in office.rows("SELECT state FROM handoffs")] == ["withdrawn"]
    assert not [text for text in ana.sees() if "not accepted yet" in text]


def test_all_that_was_offered_at_once_is_undone_at_once(office: Office) -> None:
    ana = office.screen_of("ana")
    ana.command("/claim 1")
    ana.command("/claim 2")
    ana.command("/handoff all @cy my shift is over")
    ana.click("Undo")
    ana.see("2 tasks are not offered to Cy any more")
    assert {row.state for row in office.rows("SELECT state FROM handoffs")} == {"withdrawn"}


def test_somebody_else_s_undo_does_nothing(office: Office) -> None:
    office.say("ana", "/claim 2")
    act = office.row("SELECT id FROM acts").id
    office.post([blocks.section("Look"), blocks.actions(blocks.undo_button(act, "2"))])
    bo = office.screen_of("bo")
    bo.click("Undo")
    bo.see("Only whoever did that")
    assert office.holder(2) == "ana"
