"""The rows that are sent with a report: the tasks behind the numbers, and the missed deadlines with their reasons."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from app.notices.port import Message
from app.reports import measures, sending, triage
from app.reports.chart import ChartFailed
from app.reports.queries import Asked
from app.reports.reasons import Reason
from app.reports.report import Report
from app.slack.views import sla
from app.tasks import service as tasks
from tests.tasks.desk import Desk

WEEK = Asked(date(2026, 11, 2), date(2026, 11, 8))
NEAR = date(2026, 11, 4)
"""A board date so near that P1 was due before its case was there."""
_PAYLOAD = text("SELECT payload FROM notices WHERE id = :id")


def payload_of(desk: Desk, key: str) -> dict[str, Any]:
    """What is kept of a report of the week that a lead is sent."""
    with desk.change() as uow:
        notice = sending.tell_report(uow, desk.world.actor("lea"), WEEK, key)
    with desk.store.read() as uow:
        found: dict[str, Any] = uow.session.execute(_PAYLOAD, {"id": notice}).scalar_one()
    return found


def lines_of(message: Message) -> list[dict[str, str]]:
    (table,) = message.files
    return list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))


@pytest.fixture(autouse=True)
def no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: Report) -> bytes:
        raise ChartFailed("not here")

    monkeypatch.setattr(sla, "png", none)


def test_the_file_has_every_missed_deadline_with_its_reason(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    case = desk.open(board=NEAR)
    first, images = desk.task(case, "P1"), desk.task(case, "P2")
    desk.do(tasks.claim, "ana", images)
    desk.move_to(datetime(2026, 11, 4, 15, 0, tzinfo=UTC))  # P2's own target is over on Tuesday at nine
    desk.sweep()
    desk.do(tasks.done, "ana", images)
    with desk.change() as uow:
        triage.give_reason(uow, desk.world.actor("lea"), images, Reason.CLINIC)
    monkeypatch.setattr(measures, "MOST_BREACHES", 1)

    kept = payload_of(desk, "all")
    report = Report.model_validate(kept["report"])
    lines = lines_of(sla.message(kept, {}))
    kinds = Counter(line["row"] for line in lines)
    assert kinds["missed deadline"] == report.breaches_total > len(report.breaches)
    assert kinds.keys() == {"task", "missed deadline"}
    missed = {(line["task"], line["which deadline"]): line for line in lines if line["row"] == "missed deadline"}
    target = missed[f"{case.code}-2", "our target"]
    assert (target["verdict"], target["reason"]) == ("missed", "clinic slow")
    assert (target["missed"], target["deadline"]) == ("2026-11-03 09:00", "2026-11-03 09:00")
    assert target["late by (business hours)"] == "9.0"
    assert target["what became of it"] == "finished 9 business hours late"
    due = missed[f"{case.code}-1", "due date"]
    assert due["missed"] == "2026-11-02 09:00"
    assert due["deadline"] < "2026-11-01"
    assert (due["finished"], due["reason"]) == ("", "no reason given")
    assert due["title"] == desk.row(first)["title"]


def test_a_file_that_is_full_says_what_is_not_in_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open(board=NEAR)
    desk.sweep()
    monkeypatch.setattr(sending, "MOST_ROWS", 1)
    kept = payload_of(desk, "full")
    message = sla.message(kept, {})
    assert [line["row"] for line in lines_of(message)] == ["task", "missed deadline"]
    assert f"The file has 1 of {kept['missed_total']} missed deadlines; all of them:" in message.text


def test_a_report_from_before_the_file_had_them_is_sent_with_those_of_its_text(desk: Desk) -> None:
    desk.open(board=NEAR)
    desk.sweep()
    kept = payload_of(desk, "old")
    old = {name: value for name, value in kept.items() if not name.startswith("missed")}
    for breach in old["report"]["breaches"]:
        del breach["deadline"], breach["role"]
    lines = [line for line in lines_of(sla.message(old, {})) if line["row"] == "missed deadline"]
    assert len(lines) == len(old["report"]["breaches"]) > 0
