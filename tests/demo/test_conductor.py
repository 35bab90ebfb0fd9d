"""Moving the clock: everything that is due fires on the way, one moment after the other."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.demo.conductor import CannotMove, Conductor
from app.demo.counts import compare, of_ledger
from app.demo.faults import Faults
from app.demo.practice import ZONE
from app.demo.stage import Stage
from app.sandbox import Sandbox
from tests.demo.conftest import MONDAY


def arrive(conductor: Conductor, sandbox: Sandbox) -> None:
    sandbox.wait(lambda: not conductor.state().moving, 60, message="the clock is still on its way")


def open_a_case(sandbox: Sandbox, board: str = "2026-10-20") -> None:
    ana = sandbox.person("ana")
    assert ana.command("/cb open now", "front-desk").ok
    sandbox.wait(lambda: cases(sandbox), 15, message="no channel was made")
    assert ana.command(f"/cb date board {board} 07:30 anyway", cases(sandbox)[0]).ok


def cases(sandbox: Sandbox) -> list[str]:
    """Channels of cases with Ana in them."""
    ana = sandbox.person("ana").id
    return [
        str(one["id"])
        for one in sandbox.channels()
        if str(one["name"]).startswith("case-") and ana in str(one["members"])
    ]


def kinds(stage: Stage) -> dict[str, int]:
    with stage.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text("SELECT kind, count(*) FROM notices GROUP BY kind"))}


def test_a_working_day_on_lands_at_the_opening_of_the_practices_next_day(
    conductor: Conductor, sandbox: Sandbox
) -> None:
    for there in ("2026-10-06 12:00", "2026-10-07 12:00", "2026-10-08 12:00", "2026-10-09 12:00", "2026-10-13 12:00"):
        conductor.day_on()  # Columbus Day is the 12th
        arrive(conductor, sandbox)
        assert conductor.state().now == datetime.fromisoformat(there).replace(tzinfo=UTC)
        assert conductor.state().speed == 0


def test_what_is_due_on_the_way_is_told_one_after_the_other(
    conductor: Conductor, stage: Stage, sandbox: Sandbox
) -> None:
    open_a_case(sandbox, board="2026-10-08")
    digests = 0
    for _ in range(3):
        conductor.day_on()
        arrive(conductor, sandbox)
        said = conductor.state().said
        assert said.startswith("Arrived. ")
        digests += sum(map(int, re.findall(r"(\d+) digest", said)))
        assert stage.due() == 0
    told = kinds(stage)
    assert {"reminder", "breach", "escalation", "digest"} <= told.keys()
    assert "catch_up" not in told  # the app never thought that it had stood still
    assert digests == told["digest"] > 0
    stage.wait_for(stage.unsent, "notices unsent")
    truth = compare(stage.engine, of_ledger(sandbox.ledger(), ZONE))
    assert (truth.lost, truth.doubled, truth.invented, truth.misplaced) == (0, 0, 0, 0)


def test_one_way_at_a_time_and_a_pause_ends_it(conductor: Conductor, sandbox: Sandbox) -> None:
    far = MONDAY + timedelta(days=400)
    conductor.to(far)
    with pytest.raises(CannotMove, match="on its way already"):
        conductor.hour_on()
    conductor.pause()
    state = conductor.state()
    assert (state.moving, state.speed) == (False, 0)
    assert state.now < far
    conductor.hour_on()
    arrive(conductor, sandbox)


def test_a_clock_that_ran_goes_on_running_where_it_arrives(conductor: Conductor, sandbox: Sandbox) -> None:
    conductor.go_on("minute")
    conductor.day_on()
    arrive(conductor, sandbox)
    state = conductor.state()
    assert (state.speed, state.pace) == (60, "minute")
    assert state.now >= datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
    conductor.pause()


def test_a_night_passes_at_once_when_the_clock_is_fast(conductor: Conductor, sandbox: Sandbox) -> None:
    conductor.to(datetime(2026, 10, 9, 21, 30, tzinfo=UTC))  # Friday, half an hour after closing
    arrive(conductor, sandbox)
    conductor.go_on("four")
    sandbox.wait(lambda: conductor.state().now >= datetime(2026, 10, 13, 12, 0, tzinfo=UTC), 30)
    conductor.pause()
    assert conductor.state().now.astimezone(UTC).date().isoformat() == "2026-10-13"


@pytest.mark.long
def test_posts_come_once_through_a_failing_slack(conductor: Conductor, stage: Stage, sandbox: Sandbox) -> None:
    faults = Faults(sandbox, stage.redis)
    open_a_case(sandbox)
    for name in ("failing", "limited"):
        faults.switch(name, on=True)
    assert [switch.name for switch, on in faults.listing() if on] == ["limited", "failing"]

    def enough() -> bool:
        return sum(int(str(rule["fired"])) for rule in sandbox.faults()) > 5

    for line in ("/cb date board 2026-10-21 07:30", "/claim 1", "/cb release 1", "/claim 2"):
        assert sandbox.person("ana").command(line, cases(sandbox)[0]).ok
    # What is sent with luck meets few faults: then there is more to send, until six were met.
    for line in ("/cb release 2", "/claim 2") * 20:
        sandbox.wait(lambda: enough() or not stage.unsent(), 60)
        if enough():
            break
        assert sandbox.person("ana").command(line, cases(sandbox)[0]).ok
    assert enough()
    for name in ("failing", "limited"):
        faults.switch(name, on=False)
    assert sandbox.faults() == []
    stage.wait_for(stage.unsent, "notices unsent", 30)
    truth = compare(stage.engine, of_ledger(sandbox.ledger(), ZONE))
    assert (truth.lost, truth.doubled, truth.invented, truth.misplaced) == (0, 0, 0, 0)


def test_without_redis_posts_still_come(conductor: Conductor, stage: Stage, sandbox: Sandbox) -> None:
    faults = Faults(sandbox, stage.redis)
    if stage.redis is None:
        assert "redis" not in [switch.name for switch, _ in faults.listing()]
        pytest.skip("no redis-server here, so there is no such switch")
    redis = stage.redis
    faults.switch("redis", on=True)
    assert not redis.running
    stage.processes.check()  # a Redis that was stopped is no accident
    open_a_case(sandbox)
    stage.wait_for(stage.unsent, "notices unsent", 30)
    faults.switch("redis", on=False)
    stage.processes.check()
    assert dict(stage.processes.running).keys() == {"redis"}
    assert sandbox.person("ana").command("/claim 1", cases(sandbox)[0]).ok
    stage.wait_for(stage.unsent, "notices unsent", 30)
