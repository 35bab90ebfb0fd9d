"""What a template would make of a case: dates by hand, on calendars that were looked up."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.checklists.loader import load_text
from app.checklists.model import Template
from app.checklists.preview import PreviewRow, State, preview
from app.kernel.business import BusinessCalendar
from app.kernel.due import Moment

NEW_YORK = ZoneInfo("America/New_York")
HOURS = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = BusinessCalendar.from_config({"hours": HOURS, "country": "US"}, "America/New_York")
BOARD = Moment.of_day(date(2026, 3, 12))  # A Thursday, four days after the clocks went forward.
STARTED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # Monday 10:00 in New York.

TEXT = """\
id: board_packet
version: 1
title: Board packet
scope: component
starts:
  - key_date: board
items:
  - {id: TB1, title: Listed, due: 5 business days before board at 17:00}
  - {id: TB2, title: Called, due: 1 business day after done of TB1 at 12:00, needs: [TB1]}
  - {id: TB3, title: Loaded, due: 4 business hours after ready, needs: [TB2, TB5]}
  - {id: TB4, title: Acknowledged, due: 4 business hours after start}
  - {id: TB5, title: Drawn, due: on board, when: component.custom, evidence: {kind: date}}
  - {id: TB6, title: Wound seen, due: 10 days after surgery}
  - {id: TB7, title: Asked, sla: {target: 2 business days}}
  - {id: TB8, title: Asked again, sla: {target: 2 business days}, needs: [TB6]}
  - {id: TB9, title: Thought over}
  - {id: TB10, title: Shipped, due: 1 day after done of TB5}
  - {id: TB11, title: Dressed, due: 1 day after done of TB6}
"""


@pytest.fixture(scope="module")
def template() -> Template:
    return load_text(TEXT, "board_packet.yaml")


def rows(
    template: Template, *, custom: bool | None = False, started: datetime | None = STARTED, **key_dates: Moment
) -> dict[str, PreviewRow]:
    found = preview(template, key_dates, CALENDAR, {"component.custom": custom}, zone=NEW_YORK, started=started)
    assert [row.item for row in found] == list(template.items)
    return {row.item.id: row for row in found}


def utc(day: int, hour: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


DATED = [
    ("TB1", utc(5, 22), "dated", "winter time still: 17:00 in New York is 22:00"),
    ("TB2", utc(6, 17), "estimated", "the next day at noon, as if TB1 took until its due moment"),
    ("TB3", utc(6, 21), "estimated", "four open hours on; TB5 is left out and holds nobody up"),
    ("TB4", utc(2, 19), "estimated", "from 10:00 to 14:00 of the day of the start"),
    ("TB5", None, "left out", "not custom"),
    ("TB6", None, "undated", "surgery is not set"),
    ("TB7", utc(4, 15), "estimated", "two open days from the start, at the same time of day"),
    ("TB8", None, "undated", "its need has no moment yet"),
    ("TB9", None, "undated", "no deadline at all"),
    ("TB10", None, "undated", "the item that it counts from is left out"),
    ("TB11", None, "undated", "the item that it counts from has no moment yet"),
]


@pytest.mark.parametrize(("item", "due_at", "state", "why"), DATED, ids=[f"{row[0]}: {row[3]}" for row in DATED])
def test_due_moments(template: Template, item: str, due_at: datetime | None, state: State, why: str) -> None:
    row = rows(template, board=BOARD)[item]

    assert (row.due_at, row.state) == (due_at, state)


WHY = [
    ("TB1", "5 business days before board at 17:00; board is Thu 12 Mar 2026"),
    ("TB2", "1 business day after done of TB1 at 12:00; as if TB1 were done when it is due"),
    ("TB3", "4 business hours after ready; as if TB2 were done when it is due"),
    ("TB4", "4 business hours after start; the track starts Mon 2 Mar 2026 10:00 AM EST"),
    ("TB5", "left out, because it exists only if component.custom"),
    ("TB6", "10 days after surgery; surgery is not set"),
    ("TB7", "2 business days once it can be claimed; the track starts Mon 2 Mar 2026 10:00 AM EST"),
    ("TB8", "2 business days once it can be claimed; needs TB6, without a due moment yet"),
    ("TB9", "no deadline"),
    ("TB10", "1 day after done of TB5; TB5 is left out"),
    ("TB11", "1 day after done of TB6; TB6 has no due moment yet"),
]


@pytest.mark.parametrize(("item", "why"), WHY)
def test_every_row_says_why(template: Template, item: str, why: str) -> None:
    assert rows(template, board=BOARD)[item].why == why


def test_a_custom_component_gets_its_item(template: Template) -> None:
    found = rows(template, custom=True, board=BOARD)

    assert (found["TB5"].due_at, found["TB5"].state) == (utc(12, 21), "dated")
    assert found["TB3"].why == "4 business hours after ready; as if TB5 were done when it is due"
    assert (found["TB10"].due_at, found["TB10"].state) == (utc(13, 21), "estimated")


def test_what_nobody_has_said_is_not_decided(template: Template) -> None:
    row = rows(template, custom=None, board=BOARD)["TB5"]

    assert (row.due_at, row.state) == (utc(12, 21), "undecided")
    assert row.why == "only if component.custom, which is not known yet; on board; board is Thu 12 Mar 2026"


def test_without_a_start_nothing_that_counts_from_it_has_a_moment(template: Template) -> None:
    found = rows(template, started=None, board=BOARD)

    assert [found[name].due_at for name in ("TB4", "TB7")] == [None, None]
    assert found["TB4"].why == "4 business hours after start; the track has not started"


def test_a_key_date_with_an_hour_is_said_in_the_readers_zone(template: Template) -> None:
    surgery = Moment.of_instant(utc(20, 11), NEW_YORK)

    row = rows(template, surgery=surgery)["TB6"]

    assert row.due_at == utc(30, 21)
    assert row.why.endswith("surgery is Fri 20 Mar 2026 7:00 AM EDT")


def test_an_earlier_board_moves_everything_that_hangs_on_it(template: Template) -> None:
    moved = rows(template, board=Moment.of_day(date(2026, 3, 11)))

    assert [moved[name].due_at for name in ("TB1", "TB2", "TB3")] == [utc(4, 22), utc(5, 17), utc(5, 21)]


BY_KIND = """\
id: parts
version: 1
title: Parts
scope: component
starts:
  - component_added: true
items:
  - id: P1
    title: Listed
    due: 2 business days before board
    due_when:
      - {when: component.custom, due: 4 business days before board}
      - {when: component.supply = loaner, due: 3 business days before board}
"""


@pytest.mark.parametrize(
    ("custom", "supply", "day", "rest"),
    [
        (False, "stock", 10, ""),
        (True, "stock", 6, ""),
        (True, "loaner", 6, ""),
        (False, "loaner", 9, ""),
        (None, "stock", 10, "; but 4 business days before board if component.custom, which is not known yet"),
    ],
    ids=["the plain rule", "another", "the first that holds", "the second", "not known, so not yet"],
)
def test_the_first_rule_whose_condition_holds_counts(custom: bool | None, supply: str, day: int, rest: str) -> None:
    facts = {"component.custom": custom, "component.supply": supply}

    (row,) = preview(load_text(BY_KIND, "parts.yaml"), {"board": BOARD}, CALENDAR, facts, zone=NEW_YORK)

    assert row.due_at is not None
    assert row.due_at.day == day
    assert row.why.endswith(f"before board; board is Thu 12 Mar 2026{rest}")
