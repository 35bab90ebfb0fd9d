"""The program's settings: by command, from My tasks, and in their forms; who may, what is refused, what is kept."""

import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app.checklists.replanning import replan_due
from app.checklists.vocabulary import Role
from app.kernel.clock import FixedClock
from app.programs.quiet import set_quiet
from app.slack import limits
from app.slack.manifest import manifest
from app.slack.views import settings as view
from app.tasks import service as tasks
from app.tasks.extending import extend
from tests.slack.office import Office, buttons
from tests.slack.test_quiet import tick
from tests.slack.test_ways import labels, once_open, texts
from tests.world import make_world

both = pytest.mark.parametrize("transport", ["http", "socket"])
NEW_YORK = ZoneInfo("America/New_York")
SETTINGS = "SELECT p.slug, p.zone, p.calendar, p.id FROM programs p ORDER BY id"
PEOPLE = (
    "SELECT name, roles, skills, zone, quiet_from, quiet_until, digest_at, digest_days, digest_silent, digest_due_at,"
    " report_day, report_at, report_due_at FROM staff ORDER BY id"
)


def replan(office: Office) -> int:
    """What the scheduler does at a tick; returns how many cases it was."""
    count = 0
    while True:
        with office.world.store.change() as uow:
            if replan_due(uow) is None:
                return count
        count += 1


def opened(office: Office, who: str, line: str, label: str) -> Any:
    """Type a command that opens a form, and stand before it, and before no other."""
    person = office.people[who]
    for former in reversed(person.views()):
        person.close_view(str(former["id"]))
    office.say(who, line)
    once_open(office, who, label)
    return office.screen_of(who)


def make(office: Office, who: str, *roles: str) -> None:
    """Give somebody other roles, past the settings."""
    with office.engine.begin() as connection:
        values = {"roles": list(roles), "id": office.world.staff[who].id}
        connection.execute(text("UPDATE staff SET roles = :roles WHERE id = :id"), values)


def record(office: Office, action: str) -> list[tuple[str | None, list[str], str]]:
    """Who did it, to which fields, and what was and is."""
    rows = office.rows(
        "SELECT s.name, a.fields, a.reason FROM audit_entries a LEFT JOIN staff s ON s.id = a.actor_id"
        " WHERE a.action = :action AND a.result = 'done' ORDER BY a.seq",
        action=action,
    )
    return [(row.name, row.fields, row.reason) for row in rows]


def due(office: Office, no: int) -> str:
    """When a task of the case is due, in the practice's time."""
    at: datetime = office.task(no).due_at
    return f"{at.astimezone(NEW_YORK):%a %d %b %H:%M}"


def everything(office: Office) -> object:
    return (office.fingerprint(), office.rows(SETTINGS), office.rows(PEOPLE), office.rows("SELECT * FROM escalations"))


@both
def test_working_hours_are_changed_by_command_and_form(office: Office) -> None:
    said = office.say("max", "/cb settings").text
    assert "Mon to Fri 8:00-12:00, 13:00-17:00; Sat to Sun closed".replace("-", view.NO_BREAK) in said
    assert "Public holidays of US" in said
    assert "As the checklist says" in said
    max_ = office.screen_of("max")
    max_.see("Mon to Fri 8:00-12:00, 13:00-17:00".replace("-", view.NO_BREAK))
    assert limits.problems("", office.modal("max")["blocks"], view=True) == []
    max_.click("form_set_hours")
    form = once_open(office, "max", "Monday")
    assert labels(form)[:2] == ["Monday", "Tuesday"]
    assert labels(form)[-1] == "Time zone"
    assert "5 open deadlines of 1 case would be worked out again" in texts(form)
    assert limits.problems("", form["blocks"], view=True) == []
    before = everything(office)
    assert max_.submit({"Friday": "8-12", "Saturday": "9am-1pm"}).ok
    said = max_.see("Nothing is saved yet: save again to go ahead, or change what you typed.")
    assert re.search(
        rf"2 deadlines of 1 case move: ({office.case.code}-\d from .* EST to .* EST[;.] ){{2}}Nothing", said
    )
    assert "Saving counts" not in texts(office.modal("max")), "it is counted by now"
    assert everything(office) == before
    assert limits.problems("", office.modal("max")["blocks"], view=True) == []
    assert max_.submit().ok
    max_.see("Saved. Friday: 8:00-12:00, 13:00-17:00 → 8:00-12:00; Saturday: nothing → 9:00-13:00.")
    max_.see(
        "Mon to Thu 8:00-12:00, 13:00-17:00; Fri 8:00-12:00; Sat 9:00-13:00; Sun closed".replace("-", view.NO_BREAK)
    )
    assert len(office.people["max"].views()) == 1, "the first screen is there again, as things stand now"
    hours = office.row(SETTINGS).calendar["hours"]
    assert (hours["fri"], hours["sat"], "sun" in hours) == (["08:00-12:00"], ["09:00-13:00"], False)
    change = "Friday: 8:00-12:00, 13:00-17:00 → 8:00-12:00; Saturday: nothing → 9:00-13:00"
    assert record(office, "program.hours") == [("Max", ["fri", "sat"], change)]


def test_the_settings_are_opened_by_the_shortcut_and_by_the_buttons_of_the_answer(office: Office) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    reply = office.say("max", "/cb settings escalation")
    assert [action for action, _ in buttons(reply)] == [
        "form_set_hours", "form_set_holidays", "form_set_escalation", "form_settings",
    ]  # fmt: skip
    once_open(office, "max", "Lead, after")
    office.people["max"].close_view(str(office.modal("max")["id"]), clear=True)
    max_ = office.sandbox.as_(office.people["max"])
    max_.person.shortcut("my_tasks")
    max_.click("Settings")
    max_.see("Working hours")
    ana = office.sandbox.as_(office.people["ana"])
    ana.person.shortcut("my_tasks")
    ana.see("Time off")
    assert "Settings" not in str(ana.person.views()[-1]), "nobody is offered what they may not do"


def test_the_buttons_of_the_settings_open_their_forms(office: Office) -> None:
    ts = office.post(list(view.answer(["The settings"]).blocks))
    office.people["max"].click(office.channel, ts, "form_set_holidays")
    once_open(office, "max", "Own closed days")
    before = everything(office)
    office.people["ana"].click(office.channel, ts, "form_set_hours")
    assert office.ephemeral("ana").startswith("Only a manager or an admin keeps the settings. Nothing changed.")
    assert everything(office) == before


@pytest.mark.parametrize("who", ["ana", "lea", "sam"])
def test_only_managers_and_admins_keep_the_settings(office: Office, who: str) -> None:
    before = everything(office)
    for line in ("/cb settings", "/cb settings hours", "/cb settings @bo"):
        assert office.say(who, line).text.startswith("Only a manager or an admin keeps the settings.")
    assert everything(office) == before
    max_ = opened(office, "max", "/cb settings hours", "Monday")
    make(office, "max", "va")
    sent = max_.submit({"Monday": ""})
    assert sent.errors == {}, "it is no fault of Monday's"
    max_.see("Only a manager or an admin keeps the settings. Nothing changed.")
    assert office.row(SETTINGS).calendar["hours"]["mon"], "nor by a form that was opened before"


def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(office: Office) -> None:
    before = everything(office)
    max_ = opened(office, "max", "/cb settings hours", "Monday")
    sent = max_.submit({"Monday": "8-12", "Tuesday": "8-5"})
    assert sent.errors == {"tue": "8:00-5:00 ends before it begins. Write for example 8:00-17:00. Nothing changed."}
    assert "Did you mean America/New_York?" in max_.submit({"Time zone": "New Yrok"}).errors["zone"]
    closed = dict.fromkeys(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"], "closed")
    assert "never open" in max_.submit(closed).errors["mon"]
    assert len(max_.person.views()) == 1, "the form stays, with what was typed"

    max_ = opened(office, "max", "/cb settings holidays", "Country")
    assert "has no known holidays" in max_.submit({"Country": "UX"}).errors["country"]
    assert "no subdivision" in max_.submit({"Country": "US", "State or province": "ZZ"}).errors["subdivision"]
    assert "Line 2" in max_.submit({"Own closed days": "2026-12-24 Eve\nxmas"}).errors["own_days"]
    assert "patient data" in max_.submit({"Own closed days": "2026-12-24 MRN 12345678"}).errors["own_days"]

    max_ = opened(office, "max", "/cb settings escalation", "Lead, after")
    assert "That is no delay" in max_.submit({"Lead, after": "soon"}).errors["lead"]
    assert everything(office) == before


def test_a_form_that_others_overtook_says_what_changed_and_keeps_what_was_typed(office: Office) -> None:
    make(office, "lea", "lead", "manager")
    max_ = opened(office, "max", "/cb settings hours", "Monday")
    lea = opened(office, "lea", "/cb settings hours", "Monday")
    assert lea.submit({"Monday": "9-17"}).ok
    lea.see("1 deadline of 1 case moves: ")
    assert lea.submit().ok
    sent = max_.submit({"Tuesday": "7-15"})
    assert sent.errors == {}
    max_.see("Lea changed this while you had it open: Monday is now 9:00-17:00. Nothing of yours is saved")
    assert "Tuesday" not in str(record(office, "program.hours"))
    kept = {block["block_id"]: block["element"].get("initial_value") for block in _inputs(office, "max")}
    assert (kept["mon"], kept["tue"]) == ("8:00-12:00, 13:00-17:00", "7-15"), "all that was typed is still there"
    assert max_.submit({"Monday": "9-17"}).ok
    max_.see("1 deadline of 1 case moves: ")
    assert max_.submit({"Tuesday": "7-16"}).ok
    assert len(record(office, "program.hours")) == 1, "what is typed anew is said anew what would come of it"
    assert max_.submit({"Tuesday": "7-15"}).ok
    assert max_.submit().ok
    assert [fields for _, fields, _ in record(office, "program.hours")] == [["mon"], ["tue"]]


def _inputs(office: Office, who: str) -> list[dict[str, Any]]:
    return [block for block in office.modal(who)["blocks"] if block["type"] == "input"]


@both
def test_a_holiday_on_which_they_work_moves_deadlines_with_one_post_a_case(office: Office) -> None:
    assert (due(office, 1), due(office, 3)) == ("Wed 04 Nov 17:00", "Mon 09 Nov 17:00")
    posts = len(office.notices("replan"))
    max_ = opened(office, "max", "/cb settings holidays", "Country")
    max_.see("Closed next: Wed 11 Nov 2026 Veterans Day")
    assert max_.submit({"Public holidays on which you are open": ["Veterans Day"]}).ok
    max_.see("4 deadlines of 1 case move: ")
    sent = max_.submit()
    assert sent.ok, sent.errors
    assert due(office, 1) == "Wed 04 Nov 17:00", "each case is re-planned in a transaction of its own"
    assert replan(office) == 1
    assert (due(office, 1), due(office, 3)) == ("Thu 05 Nov 17:00", "Tue 10 Nov 17:00")
    told = office.notices("replan")[posts:]
    assert [(notice.payload["moved"], len(notice.payload["lines"])) for notice in told] == [(4, 4)]
    assert record(office, "program.holidays") == [("Max", ["worked"], "Open on: nothing → Veterans Day")]
    assert replan(office) == 0

    max_ = opened(office, "max", "/cb settings holidays", "Country")
    sent = max_.submit({"Own closed days": "2026-12-24 Christmas Eve"})
    assert sent.ok, sent.errors
    max_.see("Saved. Own closed days: nothing → 2026-12-24 Christmas Eve. No deadline moves.")
    assert replan(office) == 0, "what was looked at, and moves nothing, is done"
    assert len(office.notices("replan")) == posts + 1, "no post where nothing moved"
    assert office.row(SETTINGS).calendar["holidays"] == {"2026-12-24": "Christmas Eve"}
    assert "2026-12-24 Christmas Eve" in office.say("max", "/cb settings").text


def test_a_closed_day_that_is_over_is_said_to_be_once(office: Office) -> None:
    max_ = opened(office, "max", "/cb settings holidays", "Country")
    assert max_.submit({"Own closed days": "2025-12-24 Christmas Eve\n2026-12-24 Christmas Eve"}).ok
    max_.see("Wed 24 Dec 2025 is over: if the year is a slip, mend it there. No deadline moves.")
    max_ = opened(office, "max", "/cb settings holidays", "Country")
    assert max_.submit({"Own closed days": "2025-12-24 Christmas Eve\n2026-12-23 The day before"}).ok
    assert "is over" not in max_.see("2026-12-23 The day before. No deadline moves."), "it stands there already"


def test_each_role_in_the_form_says_what_it_is_for(office: Office) -> None:
    form = opened(office, "max", "/cb settings @cy", "Roles").person.views()[-1]
    (roles,) = [block["element"] for block in form["blocks"] if block.get("block_id") == "roles"]
    assert [one["value"] for one in roles["options"]] == list(Role)
    assert all(one["text"]["text"][0].isupper() and one["description"]["text"] for one in roles["options"])


def test_hours_are_saved_while_a_reminder_is_held_back(office: Office, clock: FixedClock) -> None:
    friday = datetime(2026, 11, 6, 9, 0, tzinfo=NEW_YORK)
    with office.world.store.change() as uow:
        set_quiet(uow, office.world.actor("ana"), office.world.staff["ana"].id, hours=(time(12), time(23)))
        tasks.claim(uow, office.world.actor("ana"), office.task(2).id)
        extend(uow, office.world.actor("lea"), office.task(2).id, friday, "the payer asked")
    clock.move_to(friday - timedelta(hours=16, minutes=55))
    tick(office)
    held = "SELECT held_until FROM timers WHERE task_id = :task AND held_until IS NOT NULL AND state = 'pending'"
    assert len(office.rows(held, task=office.task(2).id)) == 1
    max_ = opened(office, "max", "/cb settings hours", "Monday")
    sent = max_.submit({"Thursday": "9-19"})
    assert sent.ok, sent.errors
    assert len(record(office, "program.hours")) == 1


def test_another_practice_is_left_alone(office: Office) -> None:
    other = make_world(office.world.store, team="T0OTHER", slug="other")
    before = office.rows(f"SELECT * FROM ({SETTINGS}) AS s WHERE slug = 'other'")
    max_ = opened(office, "max", "/cb settings hours", "Monday")
    assert max_.submit({"Monday": "", "Time zone": "America/Chicago"}).ok
    assert max_.submit().ok
    assert office.rows(f"SELECT * FROM ({SETTINGS}) AS s WHERE slug = 'other'") == before
    ts = office.post([{"type": "actions", "elements": [
        {"type": "static_select", "action_id": view.PICK, "placeholder": {"type": "plain_text", "text": "x"},
         "options": [{"text": {"type": "plain_text", "text": "Their Ana"},
                      "value": f"s:{other.staff['ana'].id}"}]}]}])  # fmt: skip
    office.people["max"].click(office.channel, ts, view.PICK, f"s:{other.staff['ana'].id}")
    max_.see("That person is not on the staff list. Nothing changed.")


def test_escalation_is_approved_and_holds_for_deadlines_to_come(office: Office, clock: FixedClock) -> None:
    def pending(no: int) -> list[tuple[str, timedelta]]:
        rows = office.rows(
            "SELECT tells, at FROM timers WHERE task_id = :task AND kind = 'escalate' AND state = 'pending'"
            " ORDER BY at, id",
            task=office.task(no).id,
        )
        return [(row.tells, row.at - office.task(no).due_at) for row in rows]

    assert pending(1) == [("lead", timedelta(hours=19)), ("manager", timedelta(days=1))]
    max_ = opened(office, "max", "/cb settings escalation", "Lead, after")
    assert max_.submit({"Lead, after": "90 minutes"}).ok
    replan(office)
    assert pending(1) == [("lead", timedelta(minutes=90)), ("manager", timedelta(days=1))]
    assert record(office, "program.escalation") == [("Max", ["lead"], "Lead: as the checklist says → 90 minutes")]
    form = opened(office, "max", "/cb settings escalation", "Lead, after").person.views()[-1]
    assert "Approved by Max, Mon 2 Nov 2026." in str(form)
    assert "Lead after 90 minutes; else as the checklist says" in office.say("max", "/cb settings").text

    office.say("lea", "/cb date board 2026-11-13")
    assert pending(1)[0] == ("lead", timedelta(minutes=90)), "and for deadlines that are set from now on"

    clock.move_to(office.task(1).due_at + timedelta(minutes=1))
    late = pending(1)
    max_ = opened(office, "max", "/cb settings escalation", "Lead, after")
    assert max_.submit({"Lead, after": ""}).ok
    replan(office)
    assert pending(1) == late, "what is late by now goes on as it was planned"
    assert pending(3)[0] == ("lead", timedelta(days=1, hours=19)), "as the checklist says, after Veterans Day"


def test_roles_that_are_taken_send_tasks_back_to_the_pool(office: Office) -> None:
    for no in (1, 2):
        with office.world.store.change() as uow:
            tasks.claim(uow, office.world.actor("cy"), office.task(no).id)
    code = office.case.code
    office.say("max", "/cb settings")
    max_ = office.screen_of("max")
    max_.choose("Cy")
    form = once_open(office, "max", "Roles")
    assert limits.problems("", form["blocks"], view=True) == []
    assert (
        "holds 2 tasks. Taking a role away gives back to the pool: without VA, 2 tasks. The leads are told."
        in texts(form)
    )
    sent = max_.submit({"Roles": ["coder"], "Skills": "imaging, appeals"})
    assert sent.ok, sent.errors
    max_.see(f"Saved for Cy. Roles: coder, va → coder; Skills: imaging → appeals, imaging. Back in the pool: {code}-1, "
             f"{code}-2. Told Lea of what is back in the pool: {code}-1, {code}-2.")  # fmt: skip
    assert [(office.holder(no), office.task(no).state) for no in (1, 2)] == [(None, "ready"), (None, "ready")]
    assert [len(notice.payload["tasks"]) for notice in office.notices("released")] == [2], "one post a case"
    [told] = office.notices("trouble")
    assert told.payload["problems"][0].startswith("Cy may not have these any more: their roles were changed.")
    assert record(office, "staff.change") == [
        ("Max", ["roles", "skills"], "Roles: coder, va → coder; Skills: imaging → appeals, imaging")
    ]


def test_neither_the_last_manager_nor_the_last_admin_goes(office: Office) -> None:
    max_ = opened(office, "max", "/cb settings @max", "Roles")
    sent = max_.submit({"Roles": ["lead"]})
    assert sent.errors == {"roles": "You are the last manager. Nothing changed. Make somebody else a manager first."}
    assert "Only an admin makes somebody an admin" in max_.submit({"Roles": ["manager", "admin"]}).errors["roles"]
    make(office, "max", "manager", "admin")
    sent = max_.submit({"Roles": ["manager"]})
    max_.see("changed this while you had it open: Roles is now admin, manager.")
    assert "You are the last admin" in max_.submit({"Roles": ["manager"]}).errors["roles"]
    lea = opened(office, "max", "/cb settings @lea", "Roles")
    assert lea.submit({"Roles": ["lead", "manager", "admin"]}).ok
    max_ = opened(office, "max", "/cb settings @max", "Roles")
    assert max_.submit({"Roles": ["lead"]}).ok, "once somebody else is both"
    assert office.say("max", "/cb settings").text.startswith("Only a manager or an admin")


def test_times_of_a_person_are_set_together_or_not_at_all(office: Office) -> None:
    before = everything(office)
    max_ = opened(office, "max", "/cb settings @lea", "Roles")
    given = {
        "Digest at": "06:30", "Digest days": ["Monday", "Thursday"], "When nothing waits": ["yes"],
        "Weekly report on": "Tuesday", "Weekly report at": "09:00", "Time zone": "America/Chicago",
    }  # fmt: skip
    assert "time of day such as 18:00" in max_.submit({**given, "Digest at": "dawn"}).errors["digest_at"]
    wrong = max_.submit({**given, "Quiet from (no reminders)": "18:00"})
    assert "another end" in wrong.errors["quiet_until"]
    assert everything(office) == before
    sent = max_.submit({**given, "Quiet from (no reminders)": "6pm", "Quiet until": "7:30"})
    assert sent.ok, sent.errors
    lea = office.row(f"SELECT * FROM ({PEOPLE}) AS s WHERE name = 'Lea'")
    assert (f"{lea.quiet_from:%H:%M}", f"{lea.quiet_until:%H:%M}", lea.zone) == ("18:00", "07:30", "America/Chicago")
    assert (f"{lea.digest_at:%H:%M}", lea.digest_days, lea.digest_silent) == ("06:30", ["mon", "thu"], True)
    assert (lea.report_day, f"{lea.report_at:%H:%M}") == ("tue", "09:00")
    chicago = ZoneInfo("America/Chicago")
    assert f"{lea.digest_due_at.astimezone(chicago):%a %H:%M}" == "Thu 06:30"
    assert f"{lea.report_due_at.astimezone(chicago):%a %H:%M}" == "Tue 09:00"
    assert record(office, "staff.change") == [], "each change is on record once, by what changes it elsewhere, too"
    assert {action: record(office, action) for action in ("staff.quiet", "staff.digest", "staff.report")} == {
        "staff.quiet": [("Max", ["zone", "quiet_from", "quiet_until"], (
            "Time zone: America/New_York → America/Chicago; Quiet from: nothing → 18:00; Quiet until: nothing → 07:30"
        ))],
        "staff.digest": [("Max", ["digest_at", "digest_days", "digest_silent"], (
            "Digest at: nothing → 06:30; Digest days: nothing → mon, thu; No digest when nothing waits: nothing → yes"
        ))],
        "staff.report": [("Max", ["report_day", "report_at"], (
            "Weekly report on: nothing → tue; Weekly report at: nothing → 09:00"
        ))],
    }  # fmt: skip

    ana = opened(office, "max", "/cb settings @ana", "Roles")
    sent = ana.submit({"Weekly report on": "Monday"})
    assert "The weekly report is for leads" in sent.errors["report_day"]
    office.people["max"].close_view(str(office.modal("max")["id"]), clear=True)
    lea_ = opened(office, "max", "/cb settings @lea", "Roles")
    assert lea_.submit({"Roles": ["va"]}).ok
    row = office.row(f"SELECT * FROM ({PEOPLE}) AS s WHERE name = 'Lea'")
    assert (row.report_day, row.report_due_at) == (None, None), "the report goes with the role that it is for"


def test_no_form_is_opened_on_more_than_it_can_hold(office: Office) -> None:
    """It would be cut, and saving it would lose the rest."""
    with office.engine.begin() as connection:
        many = text(
            "UPDATE programs SET calendar = calendar || jsonb_build_object('holidays', (SELECT jsonb_agg(day::date)"
            " FROM generate_series(timestamp '2027-01-01', timestamp '2027-12-31', interval '1 day') AS day))"
        )
        connection.execute(many)
    said = office.say("max", "/cb settings holidays").text
    assert said.startswith("There are more closed days than a form can hold. Nothing changed.")


def test_digests_of_business_days_follow_a_changed_calendar(office: Office) -> None:
    sooner = office.row(f"SELECT * FROM ({PEOPLE}) AS s WHERE name = 'Sam'").digest_due_at
    with office.engine.begin() as connection:
        late = sooner + timedelta(days=3)
        connection.execute(text("UPDATE staff SET digest_due_at = :at WHERE digest_at IS NOT NULL"), {"at": late})
    max_ = opened(office, "max", "/cb settings hours", "Monday")
    assert max_.submit({"Sunday": "8-12"}).ok
    assert max_.submit().ok
    sam = office.row(f"SELECT * FROM ({PEOPLE}) AS s WHERE name = 'Sam'")
    assert sam.digest_due_at == sooner, "looked for no later than it may be due"


def test_hours_by_which_nothing_would_end_are_refused_and_block_no_verb(office: Office) -> None:
    max_ = opened(office, "max", "/cb settings escalation", "Lead, after")
    assert max_.submit({"Lead, after": "20 business hours"}).ok
    replan(office)
    before = everything(office)
    form = opened(office, "max", "/cb settings hours", "Monday")
    sent = form.submit({"Monday": "8:00-8:01", "Tuesday": "", "Wednesday": "", "Thursday": "", "Friday": ""})
    (said,) = sent.errors.values()
    assert said.startswith("20 business hours, which a checklist or an escalation asks for, would not end")
    assert everything(office) == before
    office.say("ana", "/claim 1")
    office.say("ana", "/done 1 ref AG-1")
    assert office.task(1).state == "done"


def test_what_cannot_be_counted_is_said_by_the_verb_that_needs_it(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE programs SET calendar = jsonb_set(calendar, '{hours}', '{\"mon\": [\"08:00-08:01\"]}')"
        )
        connection.exec_driver_sql(
            "INSERT INTO escalations (program_id, tells, after, approved_at)"
            " SELECT id, 'lead', '20 business hours', now() FROM programs"
        )
        connection.exec_driver_sql("UPDATE cases SET replan_at = '2026-11-01'")
    before = office.fingerprint()
    refused = office.say("ana", "/cb date surgery 2026-12-10").text
    assert "does not end within ten years" in refused
    assert refused.endswith("A manager or an admin corrects the hours: /cb settings hours")
    assert office.fingerprint() == before
    office.say("ana", "/claim 1")
    assert office.holder(1) == "ana", "what counts nothing goes on"
