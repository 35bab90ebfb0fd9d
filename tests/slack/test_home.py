"""The home tab: a person's own desk, worked from its buttons."""

import pytest

from app.cases.service import open_case
from app.kernel.due import Moment
from app.sandbox import Acting
from app.sandbox.jsontypes import as_object, as_objects
from app.slack.views import blocks
from app.slack.views.home import AT_WORK, FILTERS, SHOWN
from tests.slack.office import Office
from tests.world import BOARD

both = pytest.mark.parametrize("transport", ["http", "socket"])


def home_of(office: Office, who: str) -> Acting:
    """A person who has just opened the home tab."""
    before = office.people[who].home()
    office.people[who].open_home()
    office.sandbox.wait(lambda: office.people[who].home() != before, message="nothing was published")
    return office.sandbox.as_(office.people[who]).at_home()


@both
def test_a_task_is_claimed_and_finished_there(office: Office) -> None:
    code = office.case.code
    ana = home_of(office, "ana")
    ana.see("Nothing needs you now.")
    ana.see("You could take: 2")
    assert office.people["bo"].home() is None, "it is the home tab of whoever opened it"

    office.people["ana"].click_view(str(ana.person.home()["id"]), blocks.CLAIM, f"t:{office.task(1).id}")  # type: ignore[index]
    shown = ana.see(f"Claimed {code}-1")
    assert "Due later: 1" in shown
    assert "You could take: 1" in shown
    assert office.holder(1) == "ana"

    ana.click("Done")
    assert "patient data" in ana.submit({"Agenda line": "DOB 3/4/1961"}).errors["evidence"]
    assert ana.submit({"Agenda line": "AG-17"}).ok
    shown = ana.see(f"Done: {code}-1")
    assert "Nothing needs you now." in shown
    assert "Done today: 1" in shown
    assert office.task(1).state == "done"


def test_tasks_come_first_and_filters_and_the_buttons_of_the_day_last(office: Office) -> None:
    with office.world.store.change() as uow:
        open_case(uow, office.world.actor("lea"), key_dates={"board": Moment.of_day(BOARD)})
    office.say("ana", "/cb away 2026-12-21 to 2026-12-23 cover @bo")
    ana = home_of(office, "ana")
    ana.click("Claim")
    ana.see("Claimed")
    shown = as_objects(as_object(ana.person.home())["blocks"])
    said, _undo, _divider, away, needs, free, *_ = [str(block) for block in shown]
    assert "Claimed" in said
    assert "You are away" in away
    assert "needs you now" in needs
    assert "You could take" in free
    assert [block.get("block_id") for block in shown[-3:-1]] == [FILTERS, AT_WORK]
    assert "As of" in str(shown[-1])


def test_a_narrowed_tab_says_so_on_top(office: Office) -> None:
    with office.world.store.change() as uow:
        open_case(uow, office.world.actor("lea"), key_dates={"board": Moment.of_day(BOARD)})
    ana = home_of(office, "ana")
    ana.choose(f"Case {office.case.code}")
    ana.see("Narrowed to")
    top = as_objects(as_object(ana.person.home())["blocks"])[0]
    assert f"Narrowed to: Case {office.case.code}. The filters stand at the end." in str(top)
    ana.choose("All cases")
    office.sandbox.wait(lambda: "Narrowed to" not in str(ana.person.home()), message="it is narrowed still")


def test_who_is_late_is_told_who_was_first_and_sees_it_gone(office: Office) -> None:
    bo = home_of(office, "bo")
    bo.see("You could take: 1")
    office.say("ana", "/claim 1")
    bo.click("Claim")
    assert "Nothing is free for you." in bo.see("Ana already has")
    assert office.holder(1) == "ana"


def test_what_is_offered_is_answered_there(office: Office) -> None:
    code = office.case.code
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @bo the agenda closes at noon <!channel>")
    bo = home_of(office, "bo")
    shown = bo.see("Needs you now: 1")
    assert "offered by Ana" in shown
    assert "the agenda closes at noon" in shown
    assert "<!channel>" not in str(bo.person.home()), "a note calls nobody"
    bo.click("Accept")
    assert "Due later: 1" in bo.see(f"{code}-1 is yours now, from Ana.")
    assert office.holder(1) == "bo"

    office.say("bo", "/handoff 1 @cy please")
    cy = home_of(office, "cy")
    cy.click("Decline")
    assert cy.submit({"Why not": "my desk is full"}).ok
    cy.see(f"Declined {code}-1")
    assert office.holder(1) == "bo"
    assert not [text for text in cy.sees() if "offered by" in text]


def test_what_waits_for_somebody_s_word_needs_them_as_their_digest_says(office: Office) -> None:
    code = office.case.code
    sam = home_of(office, "sam")
    shown = sam.see("Needs you now: 1")
    assert f"{code}-3" in shown
    assert "waits for your word" in shown
    assert "You could take" not in shown
    assert "1 to decide" in office.say("sam", "/cb digest").text
    with office.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE cases SET surgeon_id = {office.world.staff['lea'].id}")
    assert "You could take: 1" in home_of(office, "sam").see("Nothing needs you now."), "another surgeon's to sign"


def test_what_somebody_else_holds_of_a_surgeon_s_case_needs_their_word_as_their_digest_says(office: Office) -> None:
    code = office.case.code
    office.say("lea", "/cb surgeon @sam")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET roles = '{va,surgeon}' WHERE name = 'Cy'")
    assert "Assigned" in office.say("lea", "/cb assign 3 @cy").text
    assert f"{code}-3" in office.say("sam", "/cb digest").text
    sam = home_of(office, "sam")
    assert "with Cy · waits for your word" in sam.see("Needs you now: 1")
    sam.click("Attest")
    modal = office.modal("sam")
    assert sam.person.submit(modal["id"], {"evidence": ["yes"]}).ok
    assert "Nothing needs you now." in sam.see(f"Done: {code}-3")
    assert office.task(3).attested_by == office.world.staff["sam"].id


def test_what_comes_after_an_event_is_offered_last_and_not_claimed_as_the_next(office: Office) -> None:
    code = office.case.code
    office.say("cy", "/cb component add plate loaner")
    loaner = office.row("SELECT no FROM tasks WHERE title = 'Return the loaner'").no
    shown = home_of(office, "ana").see("You could take: 3")
    assert shown.index(f"{code}-{loaner}") > shown.index(f"{code}-2")
    assert "after the surgery (no date yet)" in shown
    listed = {words: office.say("ana", words).text for words in ("/tasks free", "/tasks", f"/case {code}")}
    assert all("free · after the surgery (no date yet)" in text for text in listed.values())
    del listed["/tasks"]  # of all that is open, by its deadline
    assert all(text.index(f"{code}-{loaner}") > text.index(f"{code}-2") for text in listed.values())
    assert "after the surgery (no date yet)" in office.say("ana", f"/cb show {loaner}").text
    claimed = [office.say("ana", "/claim next").text for _ in range(3)]
    assert [text.split(":")[0] for text in claimed[:2]] == [f"Claimed {code}-2", f"Claimed {code}-1"]
    assert claimed[2] == (
        f"{code}-{loaner} is free, but comes after the surgery (no date yet). Nothing changed. To take it "
        f"all the same: `/claim {code}-{loaner}`"
    )
    office.say("lea", "/cb date surgery 2026-12-10 waive the surgeon agreed")
    assert "comes after the surgery (Thu 10 Dec 2026)" in office.say("ana", "/claim next").text
    assert office.say("ana", f"/claim {loaner}").text.startswith(f"Claimed {code}-{loaner}"), "who wants it has it"
    assert "after the surgery (Thu 10 Dec 2026) · C1 plate" in office.say("ana", "/tasks mine").text


def test_more_than_a_screenful_is_counted(office: Office) -> None:
    for number in range(SHOWN["free"] + 3):
        office.say("cy", f"/cb component add {'plate' if number % 2 else 'endoprosthesis'}")
    free = office.row("SELECT count(*) AS n FROM tasks WHERE state = 'ready' AND NOT 'surgeon' = ANY(roles)").n
    cy = home_of(office, "cy")
    assert f"… and {free - SHOWN['free']} more: /tasks free shows more." in cy.see(f"You could take: {free}").replace(
        "`", ""
    )


def test_who_is_not_on_the_staff_list_is_told_so(office: Office) -> None:
    stranger = office.sandbox.person("stranger")
    stranger.open_home()
    office.sandbox.as_(stranger).at_home().see("staff list")
