"""Turns are taken so that Slack never has to say 429, and the whole pace is used."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from app.notices import pace
from app.notices.lease import LeaseLost
from app.notices.timing import Rate
from tests.notices.conftest import Practice


def turns(practice: Practice, rate: Rate | None, number: int, lane: str = "post") -> list[float]:
    waits = []
    for _ in range(number):
        with practice.engine.begin() as connection:
            waits.append(pace.turn_in_workspace(connection, practice.world.program.id, lane, rate))
    return waits


def test_a_burst_goes_at_once_and_the_rest_one_after_the_other(practice: Practice) -> None:
    waits = turns(practice, Rate(1, 5), 10)
    assert waits[:5] == [0.0] * 5
    assert waits[5:] == pytest.approx([1, 2, 3, 4, 5], abs=0.8)  # less by the time that the turns themselves took


def test_lanes_do_not_get_in_each_other_s_way(practice: Practice) -> None:
    turns(practice, Rate(1, 2), 4)
    assert turns(practice, Rate(1, 2), 2, "edit") == [0.0, 0.0]


def test_without_a_rate_nobody_waits_and_nothing_is_written(practice: Practice) -> None:
    assert turns(practice, None, 100) == [0.0] * 100
    assert practice.rows("SELECT 1 FROM paces") == []


def test_after_a_429_the_burst_is_gone_and_the_pace_goes_on(practice: Practice) -> None:
    rate = Rate(10, 5)
    with practice.engine.begin() as connection:
        turns(practice, rate, 1)
        pace.no_more_bursts(connection, practice.world.program.id, "post", rate)
    assert turns(practice, rate, 2) == pytest.approx([0.1, 0.2], abs=0.08)


def test_many_processes_share_one_pace(practice: Practice) -> None:
    def five_turns(_: int) -> list[float]:
        return [time.monotonic() + wait for _ in range(5) for wait in turns(practice, Rate(1, 1), 1)]

    with ThreadPoolExecutor(8) as pool:
        moments = sorted(moment for got in pool.map(five_turns, range(8)) for moment in got)
    # A second apart each; when a turn was asked for is known here but roughly.
    assert moments == pytest.approx([moments[0] + number for number in range(40)], abs=0.9)


def test_a_turn_in_a_channel_is_only_for_the_one_who_has_it(practice: Practice) -> None:
    case = practice.open()
    with practice.engine.begin() as connection, pytest.raises(LeaseLost):
        pace.turn_in_channel(connection, practice.channel(case).id, uuid4(), Rate(1, 1))


def test_a_storm_in_one_channel_meets_no_429_and_uses_the_pace(practice: Practice) -> None:
    """Slack lets 20 a second through after 5; we go at exactly that, and it never has to refuse."""
    practice.sandbox.configure(rate={"channel_per_second": 20, "burst": 5, "workspace_per_minute": 0})
    case = practice.open()
    office = practice.rested(channel=Rate(20, 3))
    practice.deliver_all(case, office=office)
    for number in range(30):
        practice.tell(case, f"post {number}")
    began = time.monotonic()
    practice.deliver_all(case, office=office)
    took = time.monotonic() - began
    assert {call["status"] for call in practice.calls("chat.postMessage")} == {200}
    assert took >= (30 - 3) / 20 - 0.2


def test_a_channel_that_waits_for_its_turn_says_when_to_come_again(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    office = practice.rested(channel=Rate(2, 1))
    practice.tell(case, "first")
    practice.tell(case, "second")
    round_ = practice.deliver(case, office=office)
    assert round_.delivered == 1
    assert round_.again is not None
    assert 0 < round_.again <= 0.5


def test_channels_are_made_at_the_pace_of_the_workspace(practice: Practice) -> None:
    office = practice.rested(lanes={"create": Rate(0.5, 1)})
    first, second = practice.open(), practice.open()
    practice.deliver(first, office=office)
    round_ = practice.deliver(second, office=office)
    assert practice.channel(first).state == "open"
    assert practice.channel(second).slack_id is None
    assert round_.again is not None
    practice.deliver_all(second, office=office)
    assert practice.channel(second).state == "open"
