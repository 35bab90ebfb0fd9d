"""Every verb, typed by people in the sandbox: what it does, what it answers, and that a refusal changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.cases.card import card_of
from app.checklists.vocabulary import Role
from app.clocks.sweep import fire_due
from app.kernel.clock import FixedClock
from app.programs import absences
from app.programs.service import add_staff
from app.slack import limits
from app.slack.answer import Answer
from app.slack.views import replies
from app.slack.views.card import card
from app.tasks.queries import tasks_of
from tests.conftest import MONDAY
from tests.slack.office import Office, buttons
from tests.slack.test_home import home_of
from tests.slack.test_spread import opened

both = pytest.mark.parametrize("transport", ["http", "socket"])


@both
def test_the_course_of_a_task(office: Office) -> None:
    code = office.case.code
    listed = office.say("ana", "/tasks")
    assert f"{code}-1" in listed.text
    task = office.task(1)
    assert ("task_claim", f"t:{task.id}") in buttons(listed)

    claimed = office.say("ana", "/claim 1")
    assert claimed.text.startswith(f"Claimed {code}-1")
    act = office.row("SELECT id FROM acts").id
    offered = [("task_done", f"t:{task.id}"), ("task_handoff", f"t:{task.id}"), ("act_undo", f"u:{act}")]
    assert buttons(claimed) == offered
    assert office.holder(1) == "ana"

    assert "yours already" in office.say("ana", "/claim 1").text
    assert "Ana already has" in office.say("bo", "/cb claim #1").text

    done = office.say("ana", "/done 1 ref AG-17")
    assert done.text.startswith(f"Done: {code}-1")
    assert office.task(1).evidence == {"kind": "reference", "value": "AG-17"}
    assert "done already, by you" in office.say("ana", f"/done {code}-1 ref AG-17").text
    shown = office.say("lea", f"/cb show {code}-1").text
    assert "done by Ana, Mon 2 Nov 2026 9:00 AM EST. What was given as evidence is kept" in shown
    assert "AG-17" not in shown


def test_every_line_of_what_is_free_has_its_claim(office: Office) -> None:
    with office.world.store.read() as uow:
        (one, *_) = tasks_of(uow.session, office.world.program.id, claimable_by=office.world.actor("ana"), limit=1)
        mine = replace(one, state="claimed", holder_id=office.world.staff["ana"].id)
        lines = [replace(one, id=1000 + number, no=number, title="T" * 80) for number in range(1, 31)]
        ana = office.world.actor("ana")
        facts: dict[str, Any] = {
            "heading": "All cases",
            "empty": "",
            "zone": "America/New_York",
            "now": uow.now,
            "actor": ana,
        }
        free, mixed = (replies.tasks(each, **facts) for each in (lines, [*lines, mine]))
    assert limits.problems(free.text, free.blocks) == []
    assert [value for action, value in _pressed(free) if action == "task_claim"] == [
        f"t:{1000 + n}" for n in range(1, 26)
    ]
    assert "… and 5 more lines" in str(free.blocks)
    assert len([action for action, _ in _pressed(mixed)]) == 10, "of other lists the first lines alone have buttons"


def _pressed(shown: Answer) -> list[tuple[str, str]]:
    elements = [one for block in shown.blocks for one in [*block.get("elements", []), block.get("accessory", {})]]
    return [(one["action_id"], one["value"]) for one in elements if one.get("type") == "button"]


def test_a_task_is_named_in_any_way_that_means_one(office: Office) -> None:
    code = office.case.code
    for way in ("1", "#1", f"{code}-1", f"{code.lower()} #1", "list case", '"list the case"', "P1"):
        assert office.say("ana", f"/claim {way}").text.startswith("Claimed"), way
        assert office.say("ana", "/cb release 1").text.startswith("Released"), way
    assert f"{code}-1" in office.say("ana", "/claim the").text, "several fit, and all are named"
    assert office.holder(1) is None
    elsewhere = office.say("ana", "/claim 1", office.desk)
    assert "Which case" in elsewhere.text
    assert office.say("ana", f"/claim {code}-1", office.desk).text.startswith("Claimed")


def test_tasks_of_one_title_are_told_apart_by_their_component(office: Office) -> None:
    office.say("ana", "/cb component add plate")
    office.say("ana", "/cb component add endoprosthesis stem")
    numbers = [row.no for row in office.rows("SELECT no FROM tasks WHERE title = 'Code the part' ORDER BY no")]
    several = office.say("ana", "/cb show code").text
    for no, part in zip(numbers, ("C1 plate", "C2 endoprosthesis stem"), strict=True):
        assert f"{office.case.code}-{no} Code the part ({part})" in several
        office.say("lea", "/cb spread")
        assert f"{office.case.code}-{no} Code the part ({part}) · due" in str(opened(office, "lea", no))
        office.say("ana", "/cb ask")
        office.sandbox.wait(lambda: "Whom to ask" in str(office.people["ana"].views()), message="no form is open")
        assert f"{office.case.code}-{no} Code the part ({part})" in str(office.modal("ana"))


def test_claim_next_takes_the_most_urgent_and_skips_what_is_taken(office: Office) -> None:
    assert office.say("ana", "/claim next").text.startswith(f"Claimed {office.case.code}-2"), "its target is nearest"
    assert office.say("cy", "/claim next").text.startswith(f"Claimed {office.case.code}-1")
    assert "Nothing is free for you in this case" in office.say("bo", "/claim next").text


def test_wait_resume_release(office: Office) -> None:
    office.say("ana", "/claim 2")
    said = office.say("ana", "/cb wait 2 payer called, ref 88").text
    assert "2 now waits for the payer: called, ref 88. " in said
    row = office.task(2)
    assert (row.state, row.waiting_on, row.waiting_note) == ("waiting", "payer", "called, ref 88")
    for line in ("/tasks mine", "/cb show 2"):
        assert "waits for the payer: called, ref 88 · with Ana" in office.say("ana", line).text, line
    office.say("lea", "/cb skip 1 not needed here")
    assert " since <!date^" in (shown := home_of(office, "ana").see("Waiting on others: 1"))
    assert shown.count(": called, ref 88") == 1
    assert ": not needed here" in home_of(office, "lea").see("Done today: 1")
    assert "runs again" in office.say("ana", "/cb resume 2").text
    assert "with Ana" in office.say("bo", "/cb release 2").text
    assert office.holder(2) == "ana"
    assert "Anybody who may can claim it" in office.say("ana", "/cb release 2").text


def test_skip_reopen_waive_assign(office: Office) -> None:
    assert "Only a lead" in office.say("bo", "/cb assign 1 @cy").text
    assert office.say("lea", "/cb assign 1 @bo").text.startswith(f"Assigned {office.case.code}-1 to Bo")
    assert office.holder(1) == "bo"
    assert "only a lead skips it" in office.say("bo", "/cb skip 1 the board has it already").text
    assert office.say("lea", "/cb skip 1 the board has it already").text.startswith("Skipped")
    assert office.say("lea", "/cb reopen 1: it has not").text.startswith("Reopened")
    assert "Only a lead waives" in office.say("bo", "/cb waive 4 no time").text
    assert office.say("lea", "/cb waive 4 surgeon agreed").text.startswith("Waived")
    assert office.task(4).reason == "surgeon agreed"


def test_assigning_what_nobody_may_have_says_what_is_missing_and_blames_nobody(office: Office) -> None:
    name, ask = f"{office.case.code}-3", "Ask Max to give somebody the role: /cb settings @person"
    office.say("sam", "/cb claim 3")
    assert office.say("lea", "/cb assign 3").text == (
        f"Nobody else may take {name}: no other active person is a surgeon. Nothing changed. {ask}"
    )
    office.say("sam", "/cb release 3")
    office.say("sam", "/cb away today")
    assert office.say("lea", "/cb assign 3").text == (
        f"Nobody may take {name}: whoever may take it is away (Sam until Mon 2 Nov 2026). Nothing changed. "
        f"Ask one of them back, or give it more time: /cb extend {name} &lt;day&gt; &lt;reason&gt;"
    )
    office.say("sam", "/cb back")
    absent = "UPDATE channels SET invited = :users, absent = '[\"Sam (not in the workspace)\"]' WHERE case_id = :case"
    with office.engine.begin() as connection:
        users = [office.world.staff["sam"].slack_user_id]
        connection.execute(text(absent), {"users": users, "case": office.case.id})
    assert office.say("lea", "/cb assign 3").text == (
        f"Nobody may take {name}: whoever may take it is not in the Slack workspace (Sam). Nothing changed. {ask}"
    )
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = false WHERE name = 'Sam'"))
    missing = f"Nobody may take {name}: no active person is a surgeon. Nothing changed."
    assert office.say("lea", "/cb assign 3").text == f"{missing} {ask}"
    assert office.say("max", "/cb assign 3").text == f"{missing} Give somebody the role: /cb settings @person"
    assert "Only a lead" in office.say("ana", "/cb assign 3").text
    assert office.people["lea"].views() == []


def test_while_everybody_else_who_may_have_it_is_away_it_says_until_when(office: Office) -> None:
    nia = office.sandbox.person("nia", real_name="Nia")
    with office.world.store.change() as uow:
        added = add_staff(
            uow, office.world.program.id, slack_user_id=nia.id, name="Nia", roles=[Role.SURGEON], skills=[],
            zone="America/New_York",
        )  # fmt: skip
        absences.plan(uow, office.world.actor("lea"), added.id, MONDAY.date(), MONDAY.date())
    office.say("sam", "/cb claim 3")
    name = f"{office.case.code}-3"
    why = f"Nobody else may take {name}: whoever else may take it is away (Nia until Mon 2 Nov 2026). Nothing changed. "
    assert office.say("lea", "/cb assign 3").text == (
        f"{why}Ask one of them back, or give it more time: /cb extend {name} &lt;day&gt; &lt;reason&gt;"
    )
    by_surgeon = f"{why}Ask one of them back, or have a lead give it more time: /cb escalate {name}"
    assert office.say("sam", "/cb handoff 3").text == by_surgeon
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET roles = '{surgeon,coder}' WHERE name = 'Sam'"))
        connection.execute(text("UPDATE staff SET active = false WHERE name = 'Cy'"))
    office.say("lea", "/cb component add plate")
    code = office.row("SELECT no FROM tasks WHERE 'coder' = ANY(roles) ORDER BY no LIMIT 1").no
    assert office.say("sam", f"/cb claim {code}").text.startswith("Claimed")
    assert office.say("sam", "/cb handoff").text == by_surgeon.replace(name, f"{name} nor your other tasks", 1)


@pytest.mark.parametrize("line", ["/cb assign 3", "/cb assign 3 @sam"])
def test_assigning_what_is_done_says_so_although_nobody_may_have_it(office: Office, line: str) -> None:
    office.say("sam", "/cb claim 3")
    office.say("sam", "/cb done 3 yes")
    office.say("sam", "/cb away today")
    before, name = office.fingerprint(), f"{office.case.code}-3"
    assert office.say("lea", line).text == (
        f"{name} is done already. Nothing changed. To take that back: /cb reopen {name} &lt;reason&gt;"
    )
    assert office.fingerprint() == before


def test_a_handoff_is_offered_declined_accepted(office: Office) -> None:
    bo = office.people["bo"]
    office.say("ana", "/claim 1")
    offered = office.say("ana", f"/handoff 1 <@{bo.id}|bo> watch for the fax")
    assert "stays yours until they accept" in offered.text
    assert office.notices("handoff")[0].payload["note"] == "watch for the fax"
    assert office.holder(1) == "ana"
    assert "not offered to you" in office.say("cy", "/cb accept 1").text
    assert "It stays with Ana" in office.say("bo", "/cb decline 1 my desk is full").text
    office.say("ana", "/handoff 1 @bo please")
    assert "is yours now, from Ana" in office.say("bo", "/cb accept 1").text
    assert office.holder(1) == "bo"
    assert "yours already" in office.say("bo", "/cb accept 1").text


def test_an_offer_to_the_wrong_person_is_ended_as_the_refusal_says(office: Office) -> None:
    code = office.case.code
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @bo please")
    refused = office.say("ana", "/handoff 1 @cy please").text
    assert refused == (
        f"{code}-1 is offered to Bo already. Nothing changed. Wait for the answer; or give the task back, which ends "
        f"the offer: /cb release {code}-1"
    )
    said = office.say("ana", refused.partition("offer: ")[2]).text
    assert said == f"Released {code}-1. Anybody who may can claim it. The offer to Bo is withdrawn."
    office.say("ana", "/claim 1")
    assert "withdrawn" not in office.say("ana", "/cb release 1").text


def test_what_is_offered_already_is_not_to_be_handed_off_once_more(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @bo back on Monday")
    waits = office.say("ana", "/cb wait 1 payer")
    assert "task_done" in [action for action, _ in buttons(waits)]
    assert "task_handoff" not in [action for action, _ in buttons(waits)]
    office.say("bo", "/cb decline 1 no time")
    assert "task_handoff" in [action for action, _ in buttons(office.say("ana", "/cb resume 1"))]


def test_whom_a_handoff_is_for_comes_before_its_note(office: Office) -> None:
    office.say("ana", "/claim 1")
    before = office.fingerprint()
    assert "not on the staff list" in office.say("ana", "/cb handoff 1 @zed").text
    assert "not on the staff list" in office.say("ana", "/handoff all @zed").text
    missing = office.say("ana", "/cb handoff 1 @bo")
    assert "The note is missing" in missing.text
    assert "`/cb handoff 1 @bo watch for the fax`" in missing.text
    assert office.fingerprint() == before


def test_everything_is_handed_off_and_accepted_at_once(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/claim 2")
    said = office.say("ana", "/handoff all @cy end of my shift")
    assert f"Offered {office.case.code}-1 to Cy" in said.text
    assert f"Offered {office.case.code}-2 to Cy" in said.text
    assert len(office.notices("handoff")) == 1, "one post for both"
    office.say("cy", "/cb accept all @ana")
    assert (office.holder(1), office.holder(2)) == ("cy", "cy")
    assert "Nothing is offered to you" in office.say("cy", "/cb accept all").text


def test_key_dates_in_words(office: Office) -> None:
    set_ = office.say("ana", "/cb date surgery 3 dec 7:30am")
    assert "Surgery date" in set_.text
    row = office.row("SELECT day, at FROM key_dates WHERE name = 'surgery'")
    assert (row.day.isoformat(), row.at.isoformat()) == ("2026-12-03", "2026-12-03T12:30:00+00:00")
    moved = office.say("ana", f"/cb date {office.case.code} board fri 07:30 anyway", office.desk)
    assert "moved" in moved.text
    assert len(office.notices("replan")) == 3, "one summary for each date that was set or moved, the first included"
    assert "that already" in office.say("ana", "/cb date surgery 2026-12-03 07:30").text
    assert "cleared" in office.say("ana", "/cb date surgery clear").text
    before = office.fingerprint()
    for line, says in (
        ("mon", "Today is Monday"),
        ("30 feb", "29 days at most"),
        ("2027-03-14 02:30", "does not exist"),
        ("2046-01-01", "years away"),
        ("03/04/2026", "can be read as"),
    ):
        assert says in office.say("ana", f"/cb date surgery {line}").text, line
    assert office.fingerprint() == before


def finish_everything(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE tasks SET state = 'skipped', reason = 'not needed', closed_at = opened_at FROM cases c"
            " WHERE c.id = case_id"
        )


def test_a_case_with_nothing_open_is_closed_only_when_that_is_confirmed(office: Office) -> None:
    finish_everything(office)
    before = office.fingerprint()
    assert "Only a lead" in office.say("ana", "/cb close").text
    asked = office.say("lea", "/cb close")
    assert f"Nothing of {office.case.code} is open, and closing archives its channel." in asked.text
    assert office.fingerprint() == before
    office.modal("lea")
    assert office.screen_of("lea").submit({}).ok
    office.screen_of("lea").see(f"Closed case {office.case.code}. Its channel")
    assert "Closed case" not in office.say("lea", f"/cb case {office.case.code}", office.desk).text
    assert "already" not in office.say("lea", f"/cb close {office.case.code} twice", office.desk).text


def test_a_closed_case_is_opened_again_with_its_tasks_and_their_holders(office: Office) -> None:
    code = office.case.code
    office.say("ana", "/claim 1")
    office.say("lea", "/cb skip 2 by the board's own wish")
    before = office.rows("SELECT no, state, holder_id, due_at FROM tasks ORDER BY no")
    closed = office.say("lea", "/cb close moved to another centre")
    assert f"/cb reopen {code}" in closed.text
    assert "* · closed, 5 skipped\nReason: moved to another centre" in office.say("bo", "/case").text
    assert office.notices("closed")[-1].payload["reason"] == "moved to another centre"
    assert "Only a lead or a manager opens" in office.say("ana", f"/cb reopen {code}", office.desk).text
    again = office.say("lea", f"/cb reopen {code}", office.desk)
    assert f"Case {code} is open again. 4 tasks came back." in again.text
    assert office.rows("SELECT no, state, holder_id, due_at FROM tasks ORDER BY no") == before
    assert "is open already" in office.say("lea", f"/cb reopen {code}", office.desk).text
    assert "another centre" not in office.say("bo", "/case").text
    assert [row.payload.get("again", False) for row in office.notices("opened")] == [False, True]

    shown = office.screen_of("lea")
    office.say("lea", "/cb close moved after all")
    shown.click("Open it again")
    shown.see("is open again")
    assert len(office.notices("closed")) == 2


def test_a_case_that_is_opened_again_says_what_is_late_by_now(office: Office, clock: FixedClock) -> None:
    code = office.case.code
    office.say("lea", "/cb close moved to another centre")
    clock.advance(timedelta(days=20))
    again = office.say("lea", f"/cb reopen {code}", office.desk)
    late = len(office.rows("SELECT no FROM tasks WHERE due_at < :now", now=clock.now()))
    assert late
    assert f"Case {code} is open again. 5 tasks came back, {late} of them late." in again.text


def test_a_date_in_the_past_is_set_with_a_warning_and_the_words_that_take_it_back(office: Office) -> None:
    moved = office.say("ana", "/cb date board 2026-10-01 anyway").text
    assert "It is set for Thu 1 Oct 2026, which is over." in moved
    assert moved.endswith("take it back: /cb date board 2026-11-12")
    assert "which is over" not in office.say("ana", moved.rpartition(": ")[2]).text
    set_ = office.say("ana", "/cb date biopsy 2026-10-01").text
    assert set_.endswith("take it back: /cb date biopsy clear")
    assert "cleared" in office.say("ana", set_.rpartition(": ")[2]).text
    assert "which is over" not in office.say("ana", "/cb date referral 2026-10-01").text, "a referral has happened"


def test_a_date_that_makes_tasks_late_at_once_is_set_only_when_that_is_said_twice(office: Office) -> None:
    code, before = office.case.code, office.fingerprint()
    asked = office.say("ana", "/cb date board 2026-11-04 7:30")
    assert asked.text == (
        f"2 tasks of {code} would be late at once. Nothing changed. Set it all the same? Then write: "
        f"/cb date {code} board 2026-11-04 07:30 anyway"
    )
    assert office.fingerprint() == before
    assert "Board date" in office.say("ana", asked.text.rpartition(": ")[2], office.desk).text
    late = "SELECT no FROM tasks WHERE due_at <= :now"
    assert len(office.rows(late, now=office.world.store.clock.now())) == 2
    assert "Set it all" not in office.say("ana", "/cb date board 2026-11-04 8:00").text, "they are late already"
    assert "Board date" in office.say("ana", "/cb date board 2026-11-12 anyway").text, "and where none is late"


def test_a_waiver_is_no_yes_to_late_tasks(office: Office) -> None:
    office.say("ana", "/cb component add endoprosthesis custom")
    before = office.fingerprint()
    asked = office.say("lea", "/cb date surgery 2026-11-03 waive it grows").text
    assert asked.endswith("surgery 2026-11-03 anyway waive &lt;reason&gt;")
    assert office.fingerprint() == before
    office.say("lea", "/cb date surgery 2026-11-03 anyway waive it grows")
    assert office.row("SELECT day FROM key_dates WHERE name = 'surgery'").day.isoformat() == "2026-11-03"


def test_a_gated_date_is_refused_and_waived_by_the_lead(office: Office) -> None:
    assert "Added C1 plate" in office.say("ana", "/cb component add plate").text
    before = office.fingerprint()
    refused = office.say("ana", "/cb date surgery 2026-12-10")
    assert "is not firm" in refused.text
    assert "waive" in refused.text
    assert "cannot waive" in office.say("ana", "/cb date surgery 2026-12-10 waive in a hurry").text
    assert office.fingerprint() == before
    assert "set" in office.say("lea", "/cb date surgery 2026-12-10 waive the surgeon agreed").text


def test_of_two_deadlines_our_own_target_is_named(office: Office, clock: FixedClock) -> None:
    def on_the_card(no: int) -> str:
        with office.world.store.read() as uow:
            shown = card(card_of(uow.session, office.case.id, uow.now), {}).text
        return next(line for line in shown.split("\n") if f"{office.task(no).title} — due" in line)

    def listed(no: int) -> str:
        tasks = office.say("ana", "/case").text.split("\n")
        return next(line for line in tasks if line.startswith(f"*{office.case.code}-{no}* "))

    target = " by our own target"
    assert target in on_the_card(2)
    assert target in listed(2)
    assert target not in listed(1), "it has but a due date"
    assert f"EST{target}." in office.say("ana", "/claim 2").text
    office.say("ana", "/cb shift")
    assert f"EST{target}" in str(office.modal("ana")["blocks"])
    office.say("ana", "/cb wait 2 clinic")
    assert target not in listed(2), "its own target does not run"
    office.say("ana", "/cb resume 2")
    due = datetime(2026, 11, 6, 22, 0, tzinfo=UTC)
    while clock.now() < due:
        clock.move_to(min(clock.now() + timedelta(minutes=29), due))
        with office.world.store.change() as uow:
            while fire_due(uow) is not None:
                pass
    payloads = [notice.payload for notice in office.notices("breach")]
    which = [task["which"] for told in payloads for task in told["tasks"] if task["no"] == 2]
    assert which == [target.strip(), ""]


def test_components(office: Office) -> None:
    assert "has no components" in office.say("ana", "/cb component list").text
    added = office.say("ana", "/cb component add endoprosthesis stem custom loaner")
    assert "C1 endoprosthesis stem · custom · loaner" in added.text
    assert "not custom" in office.say("ana", "/cb component change C1 not custom").text
    assert "C1 endoprosthesis stem · not custom · loaner" in office.say("ana", "/cb component").text
    assert "no component C7" in office.say("ana", "/cb component change 7 custom").text
    assert "must not be left out" in office.say("cy", "/cb component remove 1 not planned any more").text
    assert "Removed C1" in office.say("lea", "/cb component remove 1 not planned any more").text
    assert office.row("SELECT count(*) FROM components WHERE withdrawn_at IS NULL").count == 0


def test_what_was_added_by_mistake_is_taken_back_while_nothing_of_it_is_begun(
    office: Office, clock: FixedClock
) -> None:
    def added() -> int:
        office.say("ana", "/cb component add endoprosthesis stem custom loaner")
        return int(office.row("SELECT max(no) AS no FROM components").no)

    def removed(no: int) -> str:
        return office.say("ana", f"/cb component remove {no} by mistake").text

    slip = added()
    assert removed(slip) == f"Removed C{slip} from {office.case.code}. Its open tasks are skipped."

    begun = added()
    task = office.row(
        "SELECT t.no FROM tasks t JOIN tracks r ON r.id = t.track_id JOIN components o ON o.id = r.component_id"
        " WHERE o.no = :no AND t.state = 'ready' LIMIT 1", no=begun
    ).no  # fmt: skip
    office.say("cy", f"/claim {task}")
    assert office.holder(task) == "cy"
    assert "must not be left out" in removed(begun)
    office.say("cy", f"/cb release {task}")
    assert "must not be left out" in removed(begun), "somebody has begun"

    late = added()
    clock.advance(timedelta(minutes=16))
    assert "must not be left out" in removed(late)


def test_open_show_and_close_a_case(office: Office) -> None:
    opened = office.say("ana", f"/cb open <@{office.people['sam'].id}|sam>", office.desk)
    row = office.row("SELECT * FROM cases ORDER BY id DESC LIMIT 1")
    assert f"Opened case {row.code}" in opened.text
    assert row.surgeon_id == office.world.staff["sam"].id
    assert (row.lead_id, opened.text.count(row.code)) == (None, 1)
    shown = office.say("ana", f"/case {row.code}", office.desk)
    assert f"Case {row.code}" in shown.text
    assert "Only a lead" in office.say("ana", f"/cb close {row.code}", office.desk).text
    assert "open tasks" in office.say("lea", "/cb close").text
    closed = office.say("lea", "/cb close moved to another centre").text
    skipped = office.row("SELECT count(*) AS n FROM tasks WHERE state = 'skipped'").n
    assert closed.startswith(f"Closed case {office.case.code}; {skipped} open tasks were skipped. Its channel")
    again = f"is closed. Nothing changed. A lead opens it again: /cb reopen {office.case.code}"
    assert again in office.say("ana", "/cb date board 2026-12-03").text
    assert again in office.say("ana", "/claim 1").text


def test_a_case_gets_its_surgeon_and_its_lead_by_command(office: Office) -> None:
    code, staff = office.case.code, office.world.staff
    said = office.say("ana", f"/cb surgeon <@{office.people['sam'].id}|sam>").text
    assert f"Sam is the surgeon of {code} now" in said
    assert f"Max is the lead of {code} now" in office.say("ana", f"/cb lead {code} max", office.desk).text
    row = office.row("SELECT surgeon_id, lead_id FROM cases WHERE id = :id", id=office.case.id)
    assert (row.surgeon_id, row.lead_id) == (staff["sam"].id, staff["max"].id)
    before = office.fingerprint()
    assert "has Sam as its surgeon already" in office.say("lea", "/cb surgeon @sam").text
    assert "Ana is no surgeon" in office.say("lea", "/cb surgeon @ana").text
    assert "not on the staff list" in office.say("lea", "/cb surgeon @nobody").text
    assert office.fingerprint() == before
    assert f"{code} has no surgeon now" in office.say("lea", "/cb surgeon clear").text


def test_the_case_shows_what_is_next_for_the_person(office: Office, clock: FixedClock) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/cb component add plate")
    clock.advance(timedelta(days=20))
    shown = office.say("ana", "/case")
    lines = shown.text.splitlines()
    assert "late" in lines[0]
    assert f"{office.case.code}-1" in lines[1]
    assert "late, was due" in lines[1], "one's own tasks stand first"
    assert "board Thu 12 Nov 2026" in shown.text
    assert "The surgery date is not firm" in shown.text
    assert "Components: C1 plate" in shown.text
    assert ("task_done", f"t:{office.task(1).id}") in buttons(shown)
    assert ("case_tasks", f"c:{office.case.code}") in buttons(shown)


def test_lists_of_tasks(office: Office) -> None:
    office.say("ana", "/claim 1")
    assert f"{office.case.code}-1" in office.say("bo", "/tasks @ana", office.desk).text
    assert f"{office.case.code}-1" in office.say("ana", "/tasks", office.desk).text, "outside a case: one's own"
    assert "none" in office.say("bo", "/tasks mine").text
    free = office.say("cy", f"/tasks free {office.case.code}", office.desk)
    assert f"{office.case.code}-2" in free.text
    assert f"{office.case.code}-1" not in free.text
    assert office.say("cy", "/claim").text == office.say("cy", "/tasks free").text
    assert f"{office.case.code}-1" in office.say("ana", "/done").text
    one = office.say("ana", "/cb 1")
    assert buttons(one)[0] == ("task_done", f"t:{office.task(1).id}")
    assert "With Bo".casefold() not in one.text.casefold()


def test_a_list_says_what_it_leaves_out_because_it_waits(office: Office) -> None:
    code = office.case.code
    said = "And 2 that wait for other tasks: `/cb tasks all{}`"
    listed = office.say("ana", "/tasks")
    assert f"{code}-4" not in listed.text
    assert listed.text.endswith(said.format(""))
    assert said.format("") in str(listed.blocks[-1])
    assert office.say("ana", f"/tasks {code}", office.desk).text.endswith(said.format(f" {code}"))
    assert "wait for other tasks" not in office.say("ana", "/tasks free").text

    for place, line in ((office.channel, "/tasks all"), (office.desk, f"/tasks all {code}")):
        everything = office.say("ana", line, place).text
        waiting = everything.splitlines()[-2:]
        assert [line.partition(" ")[0] for line in waiting] == [f"*{code}-4*", f"*{code}-5*"], "what waits stands last"
        assert waiting[0].endswith(f"waits for {code}-1, {code}-2 and {code}-3")
        assert f"*{code}-1*" in everything
    assert f"waits for {code}-1" in office.say("ana", "/cb 4").text

    office.say("lea", "/cb waive 4 no time")
    assert "/cb tasks all" not in office.say("ana", "/tasks").text, "nothing waits any more"


def test_a_list_of_what_is_late_says_how_much_more_of_it_waits(office: Office, clock: FixedClock) -> None:
    """So that it comes to the same number as the case itself."""
    code = office.case.code
    assert "wait" not in office.say("ana", "/tasks late").text, "nothing is late"
    due = office.task(4).due_at
    clock.move_to(due - timedelta(minutes=1))
    assert "that is late" not in office.say("ana", "/tasks late").text, "it is late only from its deadline on"
    clock.move_to(due)

    said = "And 1{} that is late waits for other tasks: `/cb tasks all{}`"
    assert "4 late" in office.say("ana", "/case").text
    for line, place, where in (
        ("/tasks late", office.channel, ""), ("/cb late", office.channel, ""), ("/tasks late", office.desk, ""),
    ):  # fmt: skip
        listed = office.say("ana", line, place).text
        assert listed.count("late, was due") == 3, line
        assert listed.endswith(said.format(" more", where)), line
    assert "that is late" not in office.say("ana", "/tasks today").text

    for no in (2, 3):
        office.say("lea", f"/cb skip {no} not needed")
    office.say("lea", "/cb extend 1 2026-11-30 vendor slow")
    none = office.say("ana", "/tasks late").text
    assert none == f"Case {code}: late now: none. {said.format('', '')}"
    office.say("lea", "/cb skip 4 not needed")
    assert office.say("ana", "/tasks late").text == f"Case {code}: late now: none."


def test_what_a_refusal_says_to_write_can_be_copied(office: Office) -> None:
    """From anywhere: the hint carries Slack's command and the whole name of its task."""
    task = f"{office.case.code}-1"

    def hint(line: str, who: str = "ana") -> str:
        return office.say(who, line).text.partition(": /cb ")[2]

    assert hint("/cb wait 1 clinic") == f"claim {task}"
    assert office.say("ana", f"/cb {hint('/cb wait 1 clinic')}", office.desk).text.startswith("Claimed")
    assert office.say("ana", f"/cb {hint('/cb wait 1 clinic')}", office.desk).text.startswith(f"{task} runs again")
    assert office.say("ana", f"/cb {hint('/done 1')}", office.desk).text.startswith("Done")
    assert hint("/cb release 1") == f"reopen {task} &lt;reason&gt;"
    assert hint("/done 4", "lea") == f"waive {office.case.code}-4 &lt;reason&gt;"
    assert hint("/cb component list") == "component add endoprosthesis stem custom loaner"
    assert "has no component C7" in office.say("ana", "/cb component change 7 custom").text
    assert hint("/cb component change 7 custom") == "component list"
    office.say("ana", "/cb component add plate")
    assert hint("/cb date surgery 2026-12-10") == "date surgery &lt;date&gt; waive &lt;reason&gt;"


def test_help_and_verbs_that_are_not_there(office: Office) -> None:
    everything = office.say("lea", "/cb help all")
    for verb in ("claim", "handoff", "component", "waive"):
        assert f"/cb {verb}" in everything.text
    assert "Also as `/handoff`" in office.say("ana", "/handoff help").text
    assert "Did you mean `/cb claim`" in office.say("ana", "/cb clam 12").text
    assert "/cb help" in office.say("ana", "/cb frobnicate").text
    assert "is not set up" in office.say("ana", "/other 12").text
    assert office.say("ana", "/cb hlep claim").text == office.say("ana", "/cb help claim").text


@pytest.mark.parametrize(
    ("who", "written", "instead"),
    [
        ("max", "settings hourz", "Did you mean `/cb settings hours`?"),
        ("max", "settings nonsense", "What `/cb settings` takes: nothing, hours, holidays, escalation, or @person."),
        ("ana", "tasks latee", "Did you mean `/cb tasks late`?"),
        ("ana", "tasks ZZZZ", "What `/cb tasks` takes: nothing, mine, free, late, today, all, @person, or a case."),
        ("ana", "shift poll all is in the chart", "Did you mean `/cb shift pool`?"),
        ("lea", "open nw", "Did you mean `/cb open now`?"),
        ("lea", "surgeon cleer", "Did you mean `/cb surgeon clear`?"),
        ("lea", "surgeon @cleer", "ask your lead."),
    ],
)
def test_a_word_that_names_nobody_is_answered_with_what_stands_there_else(
    office: Office, who: str, written: str, instead: str
) -> None:
    said = office.say(who, f"/cb {written}")
    assert said.text.startswith("That person is not on the staff list"), "whatever it is, nothing was done"
    assert said.text.endswith(instead)


def test_who_is_switched_off_is_told_that_alone(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = false WHERE name = 'Bo'"))
    for line in ("/cb tasks latee", "/cb shift poll"):
        assert office.say("bo", line).text.endswith("Ask your lead to switch it on again.")


@pytest.mark.parametrize(("who", "offered"), [("lea", True), ("ana", False)])
def test_a_mistyped_verb_is_offered_to_whom_it_is_open(office: Office, who: str, offered: bool) -> None:
    said = office.say(who, "/cb assing 1 @bo").text
    assert said.startswith("That is no command of mine. Nothing changed.")
    assert ("assign" in said) is offered
    assert "Did you mean `/cb claim`?" in office.say(who, "/cb cliam 1").text


def test_done_without_its_evidence_says_what_and_gives_the_button(office: Office) -> None:
    office.say("ana", "/claim 1")
    refused = office.say("ana", "/done 1")
    assert "needs a reference: Agenda line" in refused.text
    assert buttons(refused) == [("task_done", f"t:{office.task(1).id}")]
    assert office.task(1).state == "claimed"


def test_a_choice_takes_its_reference_behind_it(office: Office) -> None:
    office.say("ana", "/cb date denial received today")
    no = office.row("SELECT no FROM tasks WHERE title = 'Ask the payer'").no
    refused = office.say("ana", f"/done {no} bundled")
    assert "needs a reference besides: Call reference" in refused.text
    assert buttons(refused) == [("task_done", f"t:{office.task(no).id}")]
    assert office.say("ana", f"/done {no} bundled ref C-77").text.startswith("Done")
    assert office.task(no).evidence == {"kind": "choice", "value": "bundled", "reference": "C-77"}


def test_what_was_typed_stands_in_the_form_as_far_as_it_fits(office: Office) -> None:
    office.say("ana", "/cb date denial received today")
    no = office.row("SELECT no FROM tasks WHERE title = 'Ask the payer'").no

    def opened(said: str) -> tuple[str | None, str | None]:
        office.say("ana", f"/done {no} {said}")
        modal = office.modal("ana")
        found = {block["block_id"]: block["element"] for block in modal["blocks"] if block["type"] == "input"}
        office.people["ana"].close_view(modal["id"])
        picked = found["evidence"].get("initial_option")
        return picked and picked["text"]["text"], found["reference"].get("initial_value")

    assert opened("Bundled") == ("bundled", None)
    assert opened("banana ref C-77") == (None, "C-77")
    assert opened("banana ref Pat Doe, MRN 1234567") == (None, None), "what may not be kept is not shown either"
    assert opened("") == (None, None)
    office.say("ana", f"/done {no} bundled")
    office.modal("ana")
    ana = office.screen_of("ana")
    assert ana.submit({"Call reference": "C-77"}).ok
    assert office.task(no).evidence == {"kind": "choice", "value": "bundled", "reference": "C-77"}


def test_a_lock_shows_whether_its_seal_holds(office: Office) -> None:
    office.say("ana", "/cb date denial received today")
    no = {name: office.row("SELECT no FROM tasks WHERE item_id = :name", name=name).no for name in ("L1", "L4", "L5")}
    for who, item, evidence in (("ana", "L1", "bundled ref C-77"), ("ana", "L4", "5"), ("lea", "L5", "LOCK-1")):
        assert office.say(who, f"/done {no[item]} {evidence}").text.startswith("Done")
    assert "nothing has changed since" in office.say("lea", f"/cb {no['L5']}").text
    office.say("lea", f"/cb reopen {no['L4']} one came late")
    assert "what it sealed has changed since" in office.say("lea", f"/cb {no['L5']}").text


def test_a_day_in_words_is_evidence_of_a_date(office: Office) -> None:
    office.say("ana", "/cb component add plate custom")
    no = office.row("SELECT no FROM tasks WHERE title = 'Order the custom part'").no
    office.say("ana", f"/claim {no}")
    assert office.say("ana", f"/done {no} on 3 dec").text.startswith("Done")
    assert office.task(no).evidence == {"kind": "date", "value": "2026-12-03"}


def test_a_component_whose_tasks_are_late_at_once_says_so(office: Office) -> None:
    office.say("lea", "/cb date surgery 2026-11-03 anyway")
    added = office.say("ana", "/cb component add endoprosthesis custom").text
    late = office.rows(
        "SELECT no FROM tasks WHERE due_at <= :now AND case_id = :case",
        now=office.world.store.clock.now(),
        case=office.case.id,
    )
    assert len(late) == 1
    assert "1 task of it is late already." in added


def test_a_day_on_which_the_practice_is_closed_is_taken_and_said(office: Office) -> None:
    closed = "That is a Saturday, no working day."
    office.say("ana", "/claim 1")
    office.say("lea", "/cb date board 2026-11-27")
    assert closed in office.say("ana", "/cb snooze 1 2026-11-07 for the fax").text
    assert closed in office.say("ana", "/cb ask @bo 1 by 2026-11-07: when does it ship?").text
    assert closed in office.say("lea", "/cb extend 1 2026-11-28 vendor").text
    assert (
        "That is a Thursday, no working day (Thanksgiving Day)." in office.say("lea", "/cb date board 2026-11-26").text
    )
    assert "no working day" not in office.say("lea", "/cb extend 1 2026-11-30 vendor").text
