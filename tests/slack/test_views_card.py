"""The card: what is next first, everything counted honestly, nobody called."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from app.cases.card import AtWork, CardData, NextTask, OpenOffer, OpenQuestion, ShutGate, TrackLine
from app.cases.stage import Stage
from app.slack import limits
from app.slack.views.card import (
    MOST_ABSENT,
    MOST_AT_WORK,
    MOST_LATE,
    MOST_OFFERS,
    MOST_QUESTIONS,
    MOST_TRACKS,
    MOST_WAITING,
    card,
    metadata,
)

NOW = datetime(2026, 12, 3, 22, 0, tzinfo=UTC)
NAMES = {"U0ANA": "Ana Diaz", "U0LEA": "Lea Roth", "U0SAM": "Sam Ode"}
TASK = NextTask(5, 12, "Read the chart", "claimed", NOW, "U0ANA", None, None)
OFFER = OpenOffer(9, 12, "Read the chart", "U0ANA", "U0LEA")
QUESTION = OpenQuestion(12, "Is the stem custom?", NOW, "U0ANA", "U0SAM")
EMPTY = CardData(
    code="K7Q4", state="open", zone="America/New_York", opened_at=NOW, lead="U0LEA", surgeon="U0SAM",
    stage=Stage(None, None), key_dates=(), tracks=(), next_tasks=(), late_tasks=(), waiting=(), offers=(),
    questions=(), at_work=(), gates=(), absent=(), components=0,
    tasks=0, total=0, done=0, skipped=0, late=0,
)  # fmt: skip


def shown(**changed: Any) -> str:
    message = card(replace(EMPTY, **changed), NAMES)
    assert limits.problems(message.text, message.blocks) == []
    return message.text


def test_a_card_without_anything_stands_all_the_same() -> None:
    text = shown()
    assert text.startswith("Case K7Q4")
    assert "0 of 0 tasks done" in text
    assert "Lead: Lea Roth · Surgeon: Sam Ode" in text


def test_the_parts_come_in_the_order_of_their_urgency() -> None:
    text = shown(
        late_tasks=(TASK,),
        next_tasks=(TASK,),
        waiting=(replace(TASK, state="waiting", waiting_on="payer", waiting_since=NOW),),
        offers=(OFFER,),
        questions=(QUESTION,),
        at_work=(AtWork("U0ANA", 2),),
        gates=(ShutGate("surgery", (3, 4)),),
        key_dates=(("board", date(2026, 12, 9), None),),
        tracks=(TrackLine(8, "Board packet", "C1 endoprosthesis stem", 3, 0, 10, 1),),
        absent=("Bo (not in the workspace)",),
        tasks=12,
        total=10,
        done=3,
        late=1,
    )
    parts = [
        "Stage",
        "3 of 10 tasks done, 1 late",
        "Handoffs to answer",
        "Late now",
        "Next",
        "Questions to answer",
        "Waiting",
        "Gates",
        "Key dates",
        "Checklists",
        "Lead",
        "At work",
        "Not in",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_nobody_is_called_by_a_card() -> None:
    text = shown(late_tasks=(TASK,), next_tasks=(TASK,))
    assert "<@" not in text
    assert "Ana Diaz" in text


STAGES = [
    (Stage(None, None), (), "Stage opened, no key date yet"),
    (Stage(None, "board"), (("board", date(2026, 12, 9), None),), "Stage before board (Wed 9 Dec 2026)"),
    (Stage("board", None), (("board", date(2026, 12, 1), None),), "Stage after board"),
    (
        Stage("board", "surgery"),
        (("board", date(2026, 12, 1), None), ("surgery", date(2026, 12, 9), None)),
        "Stage after board, before surgery (Wed 9 Dec 2026)",
    ),
]


@pytest.mark.parametrize(("stage", "dates", "words"), STAGES, ids=[row[2] for row in STAGES])
def test_the_stage_stands_first(stage: Stage, dates: Any, words: str) -> None:
    assert shown(stage=stage, key_dates=dates).splitlines()[1] == words


def test_a_question_says_who_asks_whom_and_until_when() -> None:
    assert "12 Ana Diaz asks Sam Ode: Is the stem custom? — due <!date^" in shown(questions=(QUESTION,))
    assert "• Ana Diaz asks Sam Ode" in shown(questions=(replace(QUESTION, no=None),))


def test_who_is_at_work_is_said_with_how_much_they_hold() -> None:
    people = (AtWork("U0ANA", 3), AtWork("U0LEA", 1))
    assert "At work: Ana Diaz (3 tasks) and Lea Roth (1 task)" in shown(at_work=people)
    assert "and 12 more" in shown(at_work=(AtWork("U0ANA", 1),) * (MOST_AT_WORK + 12))


def test_a_task_that_nobody_has_says_so() -> None:
    assert "nobody has it" in shown(next_tasks=(replace(TASK, state="ready", holder=None),))


@pytest.mark.parametrize(
    ("needs", "words"),
    [((3,), "waits for 3"), ((3, 4, 5, 6, 7), "waits for 3, 4, 5 and 2 more"), ((), "waits for other tasks")],
)
def test_a_task_that_waits_for_others_says_for_which(needs: tuple[int, ...], words: str) -> None:
    blocked = replace(TASK, state="blocked", holder=None, waits_for=needs)
    assert any(line.endswith(f" — {words}") for line in shown(next_tasks=(blocked,)).splitlines())


def test_whom_a_task_waits_for_is_said_as_everywhere() -> None:
    waits = replace(TASK, state="waiting", waiting_on="tissue_bank", waiting_since=NOW)
    assert " — waits for the tissue bank since " in shown(waiting=(waits,))


def test_a_gate_says_which_tasks_keep_a_date_from_being_firm() -> None:
    assert "The surgery date is not firm until tasks 3 and 4 are done" in shown(gates=(ShutGate("surgery", (3, 4)),))
    assert "The surgery date is not firm until task 3 is done" in shown(gates=(ShutGate("surgery", (3,)),))
    many = shown(gates=(ShutGate("surgery", tuple(range(1, 31))),))
    assert "and 22 more" in many


def test_a_date_without_its_hour_has_none_and_one_with_its_hour_is_in_the_reader_s_zone() -> None:
    text = shown(key_dates=(("board", date(2026, 12, 9), None), ("surgery", date(2026, 12, 3), NOW)))
    assert "Board: Wed 9 Dec 2026" in text
    assert "Surgery: <!date^" in text
    assert "|Thu 3 Dec 2026 5:00 PM EST>" in text


MANY = [
    ("late_tasks", (TASK,) * 20, MOST_LATE),
    ("offers", (OFFER,) * 20, MOST_OFFERS),
    ("questions", (QUESTION,) * 20, MOST_QUESTIONS),
    ("waiting", (replace(TASK, waiting_on="payer"),) * 20, MOST_WAITING),
    ("tracks", (TrackLine(8, "Board packet", None, 1, 0, 2, 0),) * 20, MOST_TRACKS),
    ("absent", ("Bo (not in the workspace)",) * 20, MOST_ABSENT),
]


@pytest.mark.parametrize(("what", "lines", "most"), MANY, ids=[row[0] for row in MANY])
def test_long_lists_are_cut_and_say_by_how_much(what: str, lines: tuple[object, ...], most: int) -> None:
    assert f"… and {20 - most} more" in shown(**{what: lines})


def test_a_case_as_large_as_can_be_still_fits() -> None:
    long = replace(TASK, title="W" * 80)
    message = card(
        replace(
            EMPTY,
            late_tasks=(long,) * 200,
            next_tasks=(long,) * 3,
            waiting=(replace(long, waiting_on="tissue_bank", waiting_since=NOW),) * 200,
            offers=(replace(OFFER, title="W" * 80),) * 50,
            questions=(replace(QUESTION, words="W" * 300),) * 50,
            at_work=(AtWork("U0ANA", 9),) * 50,
            gates=tuple(ShutGate(name, tuple(range(100))) for name in ("surgery", "board", "biopsy")),
            key_dates=tuple((name, date(2026, 12, 9), NOW) for name in ("board", "surgery", "biopsy")) * 5,
            tracks=(TrackLine(8, "W" * 80, "W" * 80, 1, 3, 200, 50),) * 100,
            absent=("W" * 200,) * 50,
        ),
        NAMES,
    )
    assert limits.problems(message.text, message.blocks) == []


def rows_of(**changed: Any) -> list[list[tuple[str, str]]]:
    """Text and value of the buttons, row by row; of a menu its first option."""
    return [
        [
            (element["text"]["text"], element["value"])
            for each in block["elements"]  # type: ignore[attr-defined]
            for element in each.get("options", [each])[:1]
        ]
        for block in card(replace(EMPTY, **changed), NAMES).blocks
        if block["type"] == "actions"
    ]


def test_what_can_be_done_next_has_its_buttons() -> None:
    free = replace(TASK, id=6, no=13, state="ready", holder=None)
    blocked = replace(TASK, id=7, no=14, state="blocked", holder=None)
    found = rows_of(offers=(OFFER,), late_tasks=(TASK,), next_tasks=(blocked, free))
    assert found == [
        [("Accept 12", "h:9"), ("Decline 12", "h:9")],
        [("Done 12", "t:5"), ("Hand off 12", "t:5"), ("It waits for somebody …", "wait t:5")],
        [("Claim 13", "t:6"), ("Assign it …", "assign t:6")],
        [("Show tasks", "c:K7Q4")],
    ]


def test_the_details_of_each_checklist_can_be_chosen() -> None:
    tracks = (TrackLine(8, "Board packet", None, 1, 0, 2, 0), TrackLine(9, "Packet", "C1 plate", 1, 0, 2, 0))
    (block,) = [block for block in card(replace(EMPTY, tracks=tracks), NAMES).blocks if block["type"] == "actions"]
    menu = block["elements"][1]  # type: ignore[index]
    assert [(option["text"]["text"], option["value"]) for option in menu["options"]] == [
        ("Board packet", "r:8"), ("Packet · C1 plate", "r:9"),
    ]  # fmt: skip


def test_only_the_most_urgent_tasks_have_buttons() -> None:
    tasks = tuple(replace(TASK, id=no, no=no, state="ready", holder=None) for no in range(1, 6))
    assert [row[0][0] for row in rows_of(late_tasks=tasks, next_tasks=tasks[:3])] == [
        "Claim 1", "Claim 2", "Claim 1", "Claim 2", "Show tasks",
    ]  # fmt: skip


def test_an_offer_names_who_gives_and_who_is_asked_and_calls_nobody() -> None:
    text = shown(offers=(OFFER,))
    assert "12 Read the chart — Ana Diaz to Lea Roth" in text


def test_a_closed_case_offers_nothing_to_do() -> None:
    message = card(
        replace(EMPTY, state="closed", late_tasks=(TASK,), offers=(OFFER,), gates=(ShutGate("surgery", (3,)),)), NAMES
    )
    assert "closed" in message.text
    assert "Gates" not in message.text
    assert not any(block["type"] == "actions" for block in message.blocks)


def test_what_a_card_says_to_machines_is_what_it_counts() -> None:
    found = metadata(replace(EMPTY, tasks=10, done=3, late=1, components=2), UUID(int=7))
    assert found == {
        "id": str(UUID(int=7)), "kind": "card", "case": "K7Q4", "tracks": 0, "tasks": 10, "components": 2, "done": 3,
        "late": 1,
    }  # fmt: skip


def test_a_case_without_any_checklist_says_what_comes_first() -> None:
    message = card(EMPTY, {})
    assert "Nothing to do yet: set its dates and components" in str(message.blocks)
    rows: list[Any] = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    assert [[element["text"]["text"] for element in row] for row in rows] == [["Show case"]]
