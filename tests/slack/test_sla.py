"""The SLA report in Slack: asked for, sent with picture and rows, weekly; the same numbers as at the command line."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from app.clocks.sweep import fire_due
from app.kernel.clock import FixedClock
from app.notices.delivery import PostOffice
from app.reports.report import Report
from app.reports.words import headline
from app.slack.connections import Connections
from app.slack.port import SlackPort
from app.slack.views import sla
from app.tasks import service as tasks
from tests.cli.conftest import Run, alone, caseboard
from tests.notices.conftest import QUICK
from tests.slack.office import Office, buttons, until
from tests.slack.test_digest import tickers
from workers.scheduler import Ticker

__all__ = ["alone", "caseboard", "tickers"]
both = pytest.mark.parametrize("transport", ["http", "socket"])
LATE = datetime(2026, 11, 4, 15, 0, tzinfo=UTC)


@pytest.fixture
def week(office: Office, clock: FixedClock) -> Office:
    """Monday to Wednesday: Ana finished one task in time and one late, and Bo holds one."""
    world = office.world
    with world.store.change() as uow:
        for no in (1, 2):
            tasks.claim(uow, world.actor("ana"), office.task(no).id)
    clock.move_to(LATE)
    with world.store.change() as uow:
        while fire_due(uow) is not None:
            pass
    with world.store.change() as uow:
        tasks.done(uow, world.actor("ana"), office.task(1).id, "A-1")
        tasks.done(uow, world.actor("ana"), office.task(2).id)
    return office


def direct(office: Office, who: str) -> str:
    query = "SELECT slack_id FROM channels WHERE staff_id = :id"
    return str(office.row(query, id=office.world.staff[who].id).slack_id)


def deliver(office: Office, kind: str = "report") -> None:
    port = SlackPort(office.sandbox.bot_token, office.sandbox.api_url)
    post_office = PostOffice(
        office.world.store, Connections(office.world.store, port), QUICK, home="http://127.0.0.1:8000"
    )
    query = "SELECT DISTINCT channel_id AS id FROM notices WHERE kind = :kind AND state NOT IN ('delivered', 'dead')"

    def over() -> bool:
        waiting = office.rows(query, kind=kind)
        for row in waiting:
            post_office.deliver(row.id)
        return not waiting

    until(over, within=30)


def files_of(message: dict[str, Any]) -> list[tuple[str, str]]:
    return [(str(file["filetype"]), str(file.get("alt_txt", ""))) for file in message["files"]]


@both
def test_a_lead_sees_everybody_and_gets_picture_and_rows(week: Office) -> None:
    reply = week.say("lea", "/sla", week.desk)
    first, *rest = reply.text.split("\n")
    counted = "1 of 2 finished tasks in time (50 %), 1 late (due then or before)."
    assert first == f"SLA · Thu 29 Oct to Wed 4 Nov 2026: {counted}"
    assert "Late by 9 business hours (median), 90 % of them by 9 at most." in rest
    assert "Missed on these days: 1 deadline, of tasks finished since or not. Why: no reason given 1." in rest
    became = "our target: finished 9 business hours late, no reason given"
    assert f"• {week.case.code}-2 Load the images · Ana · {became}" in rest
    assert "Held by: Ana 0, Bo 0, Cy 0." in rest, "whoever has nothing could have more"
    assert week.sandbox.messages(week.desk) == [], "nobody else sees it"
    assert [action for action, _ in buttons(reply)] == [sla.SEND, sla.WHAT]

    person = week.screen_of("lea")
    person.command("/sla last 3 days")
    person.click("Send picture and rows")
    person.see("by direct message")
    deliver(week)
    (message,) = week.sandbox.messages(direct(week, "lea"))
    assert str(message["text"]).startswith(f"*SLA · Mon 2 Nov to Wed 4 Nov 2026: {counted}*")
    (picture, alt), (rows, _) = files_of(dict(message))
    assert (picture, rows) == ("png", "csv")
    assert alt.startswith("SLA · Mon 2 Nov to Wed 4 Nov 2026: 1 of 2 finished tasks in time")
    (table,) = [file for file in week.sandbox.files(direct(week, "lea")) if file["filetype"] == "csv"]
    assert table["size"] > 100  # type: ignore[operator]
    (notice,) = week.notices("report")
    assert (notice.state, len(notice.files), notice.ts) == ("delivered", 2, message["ts"])


def test_a_task_that_missed_two_deadlines_stands_once_with_both(office: Office, clock: FixedClock) -> None:
    clock.move_to(datetime(2026, 11, 10, 15, 0, tzinfo=UTC))
    with office.world.store.change() as uow:
        while fire_due(uow) is not None:
            pass
    lines = office.say("lea", "/sla this month").text.split("\n")
    (line,) = [line for line in lines if f"{office.case.code}-2 " in line and line.startswith("• ")]
    assert line.endswith(
        " · nobody · due date: open, 10 business hours late, no reason given;"
        " our target: open, 41 business hours late, no reason given"
    )
    told = sum(line.count("no reason given") for line in lines if line.startswith("• "))
    head = lines.index("Missed deadlines, the longest late first:")
    late = [max(map(float, re.findall(r"([\d.]+) business hours? late", line)))
            for line in lines[head + 1 :] if line.startswith("• ")]  # fmt: skip
    assert len(late) > 1
    assert late == sorted(late, reverse=True)
    total = office.row("SELECT count(*) AS n FROM clock_events WHERE kind = 'breach'").n
    assert total == told, "and each miss is counted"


def test_a_va_sees_their_own_and_nobody_else_s(week: Office) -> None:
    assert week.say("ana", "/sla").text.startswith("SLA · Ana · Thu 29 Oct to Wed 4 Nov 2026: 1 of 2 finished")
    assert week.say("bo", "/cb sla this week").text.startswith("SLA · Bo · Mon 2 Nov to Sun 8 Nov 2026: no task")
    before = week.fingerprint()
    refused = week.say("bo", f"/sla <@{week.people['ana'].id}>")
    assert refused.text.startswith("Only a lead, a manager or an admin sees the numbers of others.")
    assert week.say("bo", "/sla weekly").text.startswith("The weekly report is for leads")
    assert week.fingerprint() == before
    assert week.say("max", f"/sla <@{week.people['ana'].id}> last week").text.startswith("SLA · Ana · Mon 26 Oct")
    assert week.say("max", "/sla packet").text.startswith("SLA · Packet · Thu 29 Oct")
    assert week.say("max", "/sla the moon").text.startswith("No checklist goes by that name.")
    unknown = week.say("max", "/sla the moon").text
    assert "Did you mean" not in unknown
    assert "Packet" in unknown, "checklists by their titles"
    assert "packet" not in unknown
    assert "For some days: last week, this month, october, q3, 2025, last 30 days, since monday, or" in unknown
    assert week.say("max", "/sla next week").text.startswith("That range has not begun. Nothing changed.")
    for written, meant in (("yesterdya", "yesterday"), ("lst week", "last week"), ("pakcet", "packet")):
        assert f"Nothing changed. Did you mean “{meant}”?" in week.say("max", f"/sla {written}").text


def test_a_forged_button_shows_nobody_else_s_numbers(week: Office) -> None:
    lea = week.world.staff["lea"].id
    ts = week.post([{"type": "actions", "elements": [
        {"type": "button", "action_id": sla.SEND, "text": {"type": "plain_text", "text": "x"},
         "value": f"s:2026-11-02:2026-11-08::{lea}"}]}])  # fmt: skip
    week.people["ana"].click(week.channel, ts, sla.SEND)
    assert week.ephemeral("ana").startswith("Only a lead, a manager or an admin")
    assert week.notices("report") == []


def test_the_definitions_are_one_button_away(week: Office) -> None:
    said = week.say("ana", "/sla what")
    assert "business hours" in said.text
    assert "reopened counts once" in str(said.blocks)


def test_slack_and_the_command_line_say_the_same(
    week: Office, caseboard: Run, database_url: str, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("app.cli.opened.clock_of", lambda _: clock)
    shown = week.say("lea", "/sla 2026-11-02 to 2026-11-08").text
    answer = caseboard("report", "sla", "--range", "2026-11-02 to 2026-11-08", "--json").answer
    found = Report.model_validate(answer)
    assert shown.startswith(headline(found))
    person = week.screen_of("lea")
    person.command("/sla 2026-11-02 to 2026-11-08")
    person.click("Send picture and rows")
    until(lambda: week.notices("report"))
    assert week.notices("report")[0].payload["report"] == answer


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.completeUploadExternal", "reset_after"),
        ("files.completeUploadExternal", "reset"),
        ("upload_url", "reset"),
        ("upload_url", "http:404"),
        ("upload_url", "http:425"),
        ("files.getUploadURLExternal", "ratelimit:1"),
        ("files.getUploadURLExternal", "error:token_expired"),
        ("files.completeUploadExternal", "error:not_in_channel"),
    ],
)
def test_files_are_shown_once_whatever_slack_answers(
    week: Office, method: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sla, "png", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(64))  # drawing has its own tests
    week.sandbox.fault(method, fault, times=1)
    person = week.screen_of("lea")
    person.command("/sla")
    person.click("Send picture and rows")
    until(lambda: week.notices("report"))
    deliver(week)
    (message,) = week.sandbox.messages(direct(week, "lea"))
    assert len(files_of(dict(message))) == 2
    assert [notice.state for notice in week.notices("report")] == ["delivered"]


@pytest.mark.parametrize(
    ("method", "fault", "why"),
    [
        ("files.getUploadURLExternal", "error:missing_scope", "The app lacks the scope files:write"),
        ("files.completeUploadExternal", "error:missing_scope", "The app lacks the scope files:write"),
        ("files.getUploadURLExternal", "error:file_uploads_disabled", "The workspace takes no files"),
        ("files.completeUploadExternal", "error:no_permission", "The workspace does not let the app do this"),
        ("files.completeUploadExternal", "error:a_code_of_next_year", "Slack refused it (a_code_of_next_year)"),
        ("upload_url", "http_403", "The file was turned away with HTTP 403"),
        ("upload_url", "http:404", "The address for the file had expired, and a new one too"),
    ],
)
@pytest.mark.parametrize("broken", [None, "reset", "reset_after"])
def test_where_slack_takes_no_files_the_words_come_once_and_the_line_goes_on(
    week: Office, method: str, fault: str, why: str, broken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sla, "png", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(64))
    week.sandbox.fault(method, fault)
    if broken is not None:
        week.sandbox.fault("chat.postMessage", broken, times=1)
    person = week.screen_of("lea")
    person.command("/sla")
    person.click("Send picture and rows")
    until(lambda: week.notices("report"))
    deliver(week)
    (message,) = week.sandbox.messages(direct(week, "lea"))
    assert str(message["text"]).startswith("*SLA · ")
    assert str(message["text"]).endswith(f"_The picture and the rows could not be sent: {why}._")
    assert [notice.state for notice in week.notices("report")] == ["delivered"]


def test_it_comes_weekly_once_a_week_and_is_made_up_for(week: Office, tickers: list[Ticker], clock: FixedClock) -> None:
    before = week.fingerprint()
    change = "To change it: /cb sla weekly mon 8:00, or /cb sla weekly off"
    assert week.say("lea", "/cb sla weekly").text == f"You get no weekly report. {change}"
    assert week.fingerprint() == before
    said = week.say("lea", "/cb sla weekly mon 8:00").text
    assert week.say("lea", "/cb sla weekly").text == f"{said} {change}"
    assert said.startswith("The SLA report of the week before comes to you every Monday at 8:00 AM (America/New_York)")

    def at(moment: str) -> int:
        clock.move_to(datetime.fromisoformat(f"{moment}+00:00"))
        for ticker in tickers:
            ticker.reports()
        return len(week.notices("report"))

    assert at("2026-11-09 12:59") == 0
    assert at("2026-11-09 13:00") == 1, "Monday, eight in New York"
    assert at("2026-11-15 23:00") == 1
    assert at("2026-11-18 09:00") == 2, "Monday was missed: it comes on Wednesday"
    assert at("2026-11-09 13:00") == 2, "a clock that was set back sends nothing again"
    # Nine days of standstill: one report, and not one for each week.
    assert at("2026-12-02 15:00") == 3
    weeks = week.rows("SELECT day, notice_id FROM digests WHERE kind = 'weekly' ORDER BY day")
    assert [row.day.isoformat() for row in weeks] == ["2026-11-09", "2026-11-16", "2026-11-30"]
    assert week.notices("report")[0].payload["report"]["first"] == "2026-11-02"

    # Moved to Friday in a week that had its report: no second one.
    week.say("lea", "/cb sla weekly fri 7:00")
    assert at("2026-12-04 15:00") == 3
    assert at("2026-12-11 15:00") == 4
    assert week.say("lea", "/cb sla weekly off").text == "You get no weekly report any more."
    assert at("2026-12-18 15:00") == 4


def test_the_week_before_is_that_of_the_person_s_monday(week: Office, tickers: list[Ticker], clock: FixedClock) -> None:
    with week.world.store.change() as uow:
        uow.session.execute(text("UPDATE staff SET zone = 'Asia/Manila' WHERE name = 'Lea'"))
    week.say("lea", "/cb sla weekly mon 8:00")
    clock.move_to(datetime.fromisoformat("2026-11-09 00:00+00:00"))  # still Sunday evening in New York
    tickers[0].reports()
    [told] = week.notices("report")
    assert (told.payload["report"]["first"], told.payload["report"]["last"]) == ("2026-11-02", "2026-11-08")


@pytest.mark.parametrize(("shown", "why"), [(True, "after Slack showed them"), (False, "before they were shown")])
def test_a_worker_that_dies_over_a_post_with_files_leaves_one(
    week: Office, shown: bool, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sla, "png", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(64))
    person = week.screen_of("lea")
    person.command("/sla")
    person.click("Send picture and rows")
    until(lambda: week.notices("report"))
    if shown:
        deliver(week)
    else:
        files = "UPDATE notices SET files = '{F0NEVER}' WHERE kind = 'report'"
        with week.engine.begin() as connection:
            connection.exec_driver_sql(files)
    with week.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE notices SET state = 'sending', ts = NULL, delivered_at = NULL WHERE kind = 'report'"
        )
        connection.exec_driver_sql("UPDATE channels SET last_ts = NULL WHERE staff_id IS NOT NULL")
    deliver(week)
    assert len(week.sandbox.messages(direct(week, "lea"))) == 1, why
