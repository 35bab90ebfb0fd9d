"""Clocks: the fixed one of tests, and the steered one that processes share."""

import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.kernel.clock import (
    ClockFileError,
    FixedClock,
    NaiveTimeError,
    SteeredClock,
    SystemClock,
    day_words,
    hour_words,
    moment_words,
    span_words,
    to_utc,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_the_system_clock_tells_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now.timestamp() - time.time()) < 5


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (time_of_day(0, 5), "12:05 AM"),
        (time_of_day(9), "9:00 AM"),
        (time_of_day(12), "12:00 PM"),
        (datetime(2026, 6, 1, 17, 30, tzinfo=UTC), "5:30 PM"),
    ],
)
def test_a_time_of_day_is_said_as_slack_says_it(at: time_of_day | datetime, said: str) -> None:
    assert hour_words(at) == said


def test_a_day_a_span_and_a_moment_are_written_in_one_way() -> None:
    new_year = date(2026, 12, 31)
    assert day_words(new_year) == "Thu 31 Dec 2026"
    assert span_words(new_year, new_year) == "Thu 31 Dec 2026"
    assert span_words(date(2026, 12, 3), new_year) == "Thu 3 Dec to Thu 31 Dec 2026", "the year once"
    assert span_words(new_year, date(2027, 1, 4)) == "Thu 31 Dec 2026 to Mon 4 Jan 2027", "unless it changes"
    late = datetime(2026, 12, 4, 3, 0, tzinfo=UTC)
    assert moment_words(late, ZoneInfo("America/New_York")) == "Thu 3 Dec 2026 10:00 PM EST", "the local day"
    assert moment_words(late, UTC) == "Fri 4 Dec 2026 3:00 AM UTC"
    with pytest.raises(NaiveTimeError):
        moment_words(datetime(2026, 12, 4), UTC)  # noqa: DTZ001 - that is what is refused


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=2))
    assert clock.now() == NOON + timedelta(hours=2)
    clock.move_to(NOON - timedelta(days=1))
    assert clock.now() == NOON - timedelta(days=1)


def test_other_zones_become_utc_and_naive_times_are_refused() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert to_utc(NOON.astimezone(east)).tzinfo is UTC
    assert FixedClock(NOON.astimezone(east)).now() == NOON
    with pytest.raises(NaiveTimeError, match="no time zone"):
        FixedClock(NOON.replace(tzinfo=None))


def test_a_paused_clock_stands_still(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    SteeredClock.steer(path, sim=NOON, speed=0)
    clock = SteeredClock(path)
    assert clock.now() == NOON
    assert clock.now() == NOON
    assert clock.speed == 0


def test_a_fast_clock_runs_at_its_speed(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_text(json.dumps({"sim": NOON.isoformat(), "real": time.time() - 10, "speed": 60}))
    passed = SteeredClock(path).now() - NOON
    assert timedelta(minutes=10) <= passed < timedelta(minutes=15)


def test_steering_is_seen_at_once_and_keeps_what_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    SteeredClock.steer(path, sim=NOON, speed=0)
    clock = SteeredClock(path)
    assert clock.now() == NOON
    SteeredClock.steer(path, sim=NOON + timedelta(days=30))
    assert clock.now() == NOON + timedelta(days=30), "moved, still paused"
    SteeredClock.steer(path, speed=100_000)
    assert clock.now() >= NOON + timedelta(days=30), "goes on from where it was"
    assert clock.speed == 100_000
    SteeredClock.steer(path, speed=0)
    assert clock.now() == clock.now(), "paused again"
    assert clock.now() < NOON + timedelta(days=60)
    SteeredClock.steer(path, sim=NOON - timedelta(days=1))
    assert clock.now() == NOON - timedelta(days=1), "backwards too"
    assert [found.name for found in tmp_path.iterdir()] == ["clock.json"], "nothing left lying about"


def test_a_steering_that_fails_leaves_the_clock_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clock.json"
    SteeredClock.steer(path, sim=NOON, speed=0)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.kernel.clock.os.replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        SteeredClock.steer(path, sim=NOON + timedelta(days=1))
    assert SteeredClock(path).now() == NOON
    assert [found.name for found in tmp_path.iterdir()] == ["clock.json"]


def test_a_new_clock_runs_at_the_speed_of_the_world(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    SteeredClock.steer(path, sim=NOON)
    assert SteeredClock(path).speed == 1
    with pytest.raises(ClockFileError, match="say where it starts"):
        SteeredClock.steer(tmp_path / "other.json", speed=2)


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf")])
def test_speeds_that_are_none(tmp_path: Path, speed: float) -> None:
    with pytest.raises(ValueError, match="speed is 0"):
        SteeredClock.steer(tmp_path / "clock.json", sim=NOON, speed=speed)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("{}", "nothing in it"),
        ("[1]", "not an object"),
        ('{"sim": "2026-06-01T12:00:00", "real": 0, "speed": 1}', "a time without a zone"),
        ('{"sim": "noon", "real": 0, "speed": 1}', "not a time"),
        ('{"sim": "2026-06-01T12:00:00+00:00", "real": null, "speed": 1}', "not a number"),
    ],
)
def test_a_broken_file_is_said(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "clock.json"
    path.write_text(content)
    with pytest.raises(ClockFileError, match="does not hold a clock"):
        SteeredClock(path).now()


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClockFileError, match="cannot be read"):
        SteeredClock(tmp_path / "none.json").now()


def test_other_processes_see_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    SteeredClock.steer(path, sim=NOON, speed=0)
    program = "import sys; from pathlib import Path; from app.kernel.clock import SteeredClock; "
    program += "print(SteeredClock(Path(sys.argv[1])).now().isoformat())"
    told = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert told.stdout.strip() == NOON.isoformat()
