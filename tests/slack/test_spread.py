"""Spreading free tasks: the plan in its form, by command, from the home tab and by the shortcut, and what is given."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.checklists.vocabulary import Role
from app.kernel.clock import FixedClock
from app.programs.actor import Actor
from app.slack import limits
from app.slack.manifest import manifest
from app.slack.views import modals, spread
from app.tasks.suggesting import Suggestion
from tests.conftest import MONDAY
from tests.slack.full_desk import task
from tests.slack.office import Office
from tests.slack.test_home import home_of
from tests.slack.test_ways import deliver, labels, say, texts

both = pytest.mark.parametrize("transport", ["http", "socket"])


def line_of(form: dict[str, Any], no: int) -> dict[str, Any]:
    """The input of a task in the form."""
    return next(block for block in form["blocks"] if f"-{no} " in str(block.get("label", "")))


def picked(form: dict[str, Any], no: int) -> str:
    return str(line_of(form, no)["element"]["initial_option"]["text"]["text"])


def opened(office: Office, who: str, no: int = 1) -> dict[str, Any]:
    """The form that a person has before them, once it has a line for the task."""
    person = office.people[who]
    office.sandbox.wait(
        lambda: any(f"-{no} " in label for view in person.views() for label in labels(dict(view))),
        message="no plan is open",
    )
    return dict(person.views()[-1])


@both
def test_a_lead_spreads_what_is_free_after_a_look_at_the_plan(office: Office) -> None:
    code = office.case.code
    before = office.fingerprint()
    lea = say(office, "lea", "/cb spread")
    form = opened(office, "lea")
    assert office.fingerprint() == before, "a plan changes nothing"
    assert "This is a preview: nobody gets anything before you press Give out." in texts(form)
    assert "Proposed: Ana 2, Sam 1." in texts(form)
    assert [picked(form, no) for no in (1, 2, 3)] == ["Ana", "Ana", "Sam"]
    assert line_of(form, 2)["hint"]["text"] == "Ana: nothing open", "what is due first"
    assert line_of(form, 1)["hint"]["text"] == "Ana: gets more of this case, nothing open, 1 from this list"
    first, second, third = (line_of(form, no)["label"]["text"] for no in (1, 2, 3))

    assert lea.submit({first: "Bo", second: "Ana", third: "Leave it free"}).ok
    said = lea.see("Given to ")
    assert f"Given to Bo: {code}-1." in said
    assert f"Given to Ana: {code}-2." in said
    assert "1 task is still free. To spread what is left: /cb spread" in said
    assert (office.holder(1), office.holder(2), office.holder(3)) == ("bo", "ana", None)
    given = office.notices("given")
    assert len(given) == 2, "one message for each person, and none in the case's channel"
    deliver(office)
    office.screen_of("bo").see("Lea gave you 1 task.")


def test_what_was_taken_meanwhile_stays_with_whoever_has_it_and_is_said(office: Office) -> None:
    code = office.case.code
    lea = say(office, "lea", "/cb spread")
    form = opened(office, "lea")
    office.say("cy", "/claim 1")
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = false WHERE id = :id"), {"id": office.world.staff["ana"].id})
    third = line_of(form, 3)["label"]["text"]
    assert lea.submit({third: "Sam"}).ok
    said = lea.see("was left")
    assert f"{code}-1 was left: " in said
    assert f"{code}-2 was left: Ana is switched off." in said
    assert f"Given to Sam: {code}-3." in said
    assert (office.holder(1), office.holder(2), office.holder(3)) == ("cy", None, "sam")


def test_who_leads_nothing_is_refused_and_no_form_opens(office: Office) -> None:
    said = office.say("ana", "/cb spread").text
    assert "Only a lead spreads tasks. Nothing changed." in said
    assert office.people["ana"].views() == []


def test_a_form_of_somebody_who_leads_no_more_gives_nothing(office: Office) -> None:
    lea = say(office, "lea", "/cb spread")
    opened(office, "lea")
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET roles = '{va}' WHERE id = :id"), {"id": office.world.staff["lea"].id})
    refused = lea.submit({})
    assert "Only a lead spreads tasks. Nothing changed." in str(refused.errors)
    assert office.holder(1) is None


def test_a_plan_with_every_line_left_free_stays_open_and_says_so(office: Office) -> None:
    lea = say(office, "lea", "/cb spread")
    form = opened(office, "lea")
    refused = lea.submit(dict.fromkeys(labels(form), "Leave it free"))
    assert "Every task was left free. Nothing changed." in str(refused.errors)


def test_late_is_what_is_late_and_a_case_s_channel_is_of_its_case(office: Office, clock: FixedClock) -> None:
    assert "Nothing that is late is free" in office.say("lea", "/cb spread late").text
    clock.move_to(office.task(1).due_at + timedelta(hours=1))
    say(office, "lea", "/cb spread late")
    form = opened(office, "lea")
    assert all("late, was due" in label for label in labels(form))
    assert "There is no case" in office.say("lea", "/cb spread K7Q4").text


def test_a_plan_is_opened_from_the_home_tab_and_by_the_shortcut(office: Office) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    lea = home_of(office, "lea")
    lea.click("Spread free tasks …")
    form = opened(office, "lea")
    free = dict.fromkeys(labels(form), "Leave it free")
    first = line_of(form, 1)["label"]["text"]
    assert lea.submit(free | {first: "Bo"}).ok
    lea.see(f"Given to Bo: {office.case.code}-1.")
    assert office.holder(1) == "bo"

    lea = office.sandbox.as_(office.people["lea"])
    lea.person.shortcut("my_tasks")
    lea.see("My digest")
    lea.click("Spread free tasks …")
    form = opened(office, "lea", 2)
    free = dict.fromkeys(labels(form), "Leave it free")
    assert lea.submit(free | {line_of(form, 2)["label"]["text"]: "Cy"}).ok
    lea.see("Given to Cy")
    assert office.holder(2) == "cy"


def test_a_plan_that_was_closed_is_opened_again_by_its_button(office: Office) -> None:
    lea = say(office, "lea", "/cb spread")
    form = opened(office, "lea")
    office.people["lea"].close_view(form["id"])
    lea.click("Open the form")
    opened(office, "lea")


def many(count: int, people: int) -> dict[str, Any]:
    """The form of the most that it shows, with names and reasons as long as they get."""
    staff = [
        Suggestion(person(no), True, "without the skill imaging, away when it is due, off until Mon 8:00 AM, 9 open")
        for no in range(people)
    ]
    lines = [task(no, "ready", title="W" * 80, holder_name=None) for no in range(count)]
    proposals = [spread.Proposal(line, staff[-1], staff) for line in lines]
    about = modals.About("c", 0, "C0123456789")
    return spread.plan(proposals, lines, 14, zone="America/New_York", now=MONDAY, about=about)


def person(no: int) -> Actor:
    return Actor(1, no, f"{'N' * 60} {no}", f"U{no:010}", frozenset({Role.VA}))


def test_the_fullest_form_is_one_that_slack_takes_and_says_what_it_leaves_out() -> None:
    form = many(spread.SHOWN, 300)
    assert limits.problems("", form["blocks"], view=True) == []
    assert limits.size(form["blocks"]) < 250_000
    assert "And 14 more: say it again for the next ones, once these are given out." in texts(form)
    assert "… and 15 more" in texts(form)
    about = modals.About.read(form["private_metadata"])
    assert about is not None
    assert len(about.tasks) == spread.SHOWN
    lines = [block for block in form["blocks"] if block["type"] == "input"]
    assert all(block["element"]["initial_option"] in block["element"]["options"] for block in lines)


def test_a_plan_says_whom_nobody_is_there_for(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = false WHERE id = :id"), {"id": office.world.staff["sam"].id})
    lea = say(office, "lea", "/cb spread")
    form = opened(office, "lea")
    assert f"Nobody who is there may have these*\\n*{office.case.code}-3* Ask one question: needs a surgeon" in texts(
        form
    )
    assert lea.submit(dict.fromkeys(labels(form), "Bo")).ok, "beyond skills, as a lead may"
    assert (office.holder(1), office.holder(2), office.holder(3)) == ("bo", "bo", None)


def test_what_nobody_may_have_is_no_reason_to_spread_again_and_opens_no_form(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = false WHERE name = 'Sam'"))
    lea = say(office, "lea", "/cb spread")
    assert lea.submit(dict.fromkeys(labels(opened(office, "lea")), "Bo")).ok
    said = lea.see("Given to Bo")
    needs = "1 task needs a surgeon, and no active person is a surgeon."
    assert f"{needs} Ask Max to give somebody the role: /cb settings @person" in said
    assert "still free" not in said
    assert "/cb spread" not in said

    windows = len(office.people["lea"].views())
    again = office.say("lea", "/cb spread").text
    assert again == (
        f"Nothing to give out. Nothing changed. {needs} Ask Max to give somebody the role: /cb settings @person"
    )
    mine = office.say("max", "/cb spread").text
    assert mine.endswith(f"{needs} Give somebody the role: /cb settings @person")
    assert len(office.people["lea"].views()) == windows
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = true WHERE name = 'Sam'"))
    office.say("sam", "/cb away today")
    assert office.say("lea", "/cb spread").text == (
        "Nothing to give out. Nothing changed. 1 task needs a surgeon, and whoever may take it is away "
        f"(Sam until Mon 2 Nov 2026). Ask one of them back, or give it more time: /cb extend {office.case.code}-3 "
        "&lt;day&gt; &lt;reason&gt;"
    )


def test_what_can_be_spread_and_what_nobody_may_have_are_counted_apart(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = false WHERE name = 'Sam'"))
    lea = say(office, "lea", "/cb spread")
    form = opened(office, "lea")
    free = dict.fromkeys(labels(form), "Leave it free")
    assert lea.submit(free | {line_of(form, 1)["label"]["text"]: "Bo"}).ok
    said = lea.see("Given to Bo")
    assert "1 task is still free. To spread what is left: /cb spread" in said
    assert "1 task needs a surgeon, and no active person is a surgeon." in said


def test_a_message_of_many_tasks_counts_those_that_it_does_not_show() -> None:
    one = {"id": 1, "no": 12, "title": "T" * 80, "code": "K7Q4", "deadline": "2026-12-03T22:00:00Z", "state": "claimed"}
    payload = {"zone": "America/New_York", "by": "U0LEA", "tasks": [one | {"id": no} for no in range(40)]}
    message = spread.given(payload, {"U0LEA": "Lea"})
    assert limits.problems(message.text, message.blocks) == []
    assert message.text.startswith("Assigned: Lea gave you 40 tasks.")
    assert "and 30 more tasks: `/tasks mine` shows them" in str(message.blocks)
