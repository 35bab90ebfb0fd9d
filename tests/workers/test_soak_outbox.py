"""The soak in short: workers killed for real, a Slack that fails one call in five, nothing lost or doubled."""

import json

import pytest
from sqlalchemy import Engine

from app.demo.counts import compare, of_ledger
from app.sandbox.jsontypes import JsonObject
from benchmarks import soak
from benchmarks.soak_outbox import FAULTS, Plan, disordered, main, shortfalls, twin_cards
from tests.notices.conftest import Practice


@pytest.mark.long
def test_killed_workers_and_a_failing_slack_lose_and_double_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "11", "--notices", "120", "--kills", "4", "--cases", "6", "--quick"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["kills"] == 4
    assert report["posts"] > 100
    assert all(fired > 0 for fired in report["faults"].values())
    assert (report["misplaced"], report["short_of_the_plan"]) == (0, [])


def post(id_: str, kind: str = "trouble", channel: str = "C1") -> JsonObject:
    payload = {"id": id_, "kind": kind, "n": 1, "components": 0, "tracks": 0, "tasks": 0}
    data = {"channel": channel, "ts": "1.0", "metadata": {"event_type": "caseboard_notice", "event_payload": payload}}
    return {"kind": "change", "type": "message.posted", "at": "2026-11-02T14:00:00+00:00", "data": data}


def test_the_check_sees_what_it_is_there_to_see(practice: Practice, engine: Engine) -> None:
    """A lost, a doubled, an invented, an overtaken post and a second card, each put there on purpose."""
    case = practice.open()
    practice.do("DELETE FROM notices")
    practice.do("UPDATE channels SET slack_id = 'C1'")
    first, second, third = (practice.tell(case, key) for key in ("first", "second", "third"))
    whole = [post(first), post(second), post(third)]
    found = compare(engine, of_ledger(whole, "America/New_York"))
    assert (found.lost, found.doubled, found.invented, found.misplaced) == (0, 0, 0, 0)
    assert disordered(engine, whole) == 0
    assert compare(engine, of_ledger([post(first)], "America/New_York")).lost == 2
    assert compare(engine, of_ledger([*whole, post(first)], "America/New_York")).doubled == 1
    assert compare(engine, of_ledger([*whole, post("never told")], "America/New_York")).invented == 1
    elsewhere = [post(first), post(second, channel="C2"), post(third)]
    assert compare(engine, of_ledger(elsewhere, "America/New_York")).misplaced == 1
    assert disordered(engine, [post(second), post(first), post(third)]) == 1
    assert twin_cards([post("a", "card"), post("b", "card"), post("c", "card", "C2")]) == 1


ALL = {kind: 40 for kind, _ in FAULTS}
PLAN = Plan(seed=1, notices=100, kills=5, cases=4, quick=True)


@pytest.mark.parametrize(
    ("written", "kills", "faults", "calls", "says"),
    [
        (100, 5, ALL, 600, ""),
        (99, 5, ALL, 600, "notices: 99 of 100"),
        (100, 4, ALL, 600, "kills: 4 of 5"),
        (100, 5, ALL | {FAULTS[1][0]: 0}, 600, f"{FAULTS[1][0]}: never fired"),
        (100, 5, {}, 600, f"{FAULTS[0][0]}: never fired"),
        (100, 5, ALL, 1300, "calls that failed: 120 of 1300"),
    ],
)
def test_a_run_in_which_less_went_wrong_than_planned_proves_nothing(
    written: int, kills: int, faults: dict[str, int], calls: int, says: str
) -> None:
    short = shortfalls(PLAN, written, kills, faults, calls)
    assert any(says in line for line in short) if says else short == []


def test_a_soak_that_does_not_exist_is_named_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["nothing"]) == 2
    assert "outbox" in capsys.readouterr().err
