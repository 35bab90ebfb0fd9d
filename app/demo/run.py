"""`caseboard demo`: the practice at work in the browser, until Ctrl-C."""

import shutil
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from app.demo.course import courses
from app.demo.panel import panel_routes, panel_script
from app.demo.practice import EMPLOYEES, OFFICE, ZONE
from app.demo.staff import Team
from app.demo.stage import Stage, staged
from app.kernel.business import BusinessCalendar
from app.kernel.clock import SteeredClock
from app.sandbox import start
from app.slack.manifest import BOT_SCOPES

BEGIN = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
SPEED = 240.0  # four simulated minutes a second
BEAT = 1.5  # seconds between two looks of the simulated staff
DAYS = 30
CASES = 12


def demonstrate(folder: Path, *, port: int, anew: bool, seed: int, say: Callable[[str], None]) -> None:
    """Serve the sandbox at `port` and let the practice work; returns after Ctrl-C or SIGTERM, nothing left running."""
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    folder.mkdir(parents=True, exist_ok=True)
    if anew:
        _forget(folder)
    clock_file = folder / "clock.json"
    if not clock_file.exists():
        SteeredClock.steer(clock_file, sim=BEGIN, speed=0)
    sandbox = start(
        port,
        folder / "ledger.jsonl",
        SteeredClock(clock_file),
        rate={"speed": SPEED},
        settings={"scopes": BOT_SCOPES},
        routes=panel_routes(clock_file, ZONE),
        head_html=panel_script(),
    )
    try:
        with staged(folder, begin=BEGIN, sandbox=sandbox, tick=0.25, anew=False) as stage:
            stage.steer(speed=SPEED)
            say(f"Caseboard is running: {sandbox.base_url}/   (Ctrl-C ends it; the practice is kept for next time)")
            _work(stage, seed, over)
            stage.steer(speed=0)
    finally:
        sandbox.stop()


def _work(stage: Stage, seed: int, over: threading.Event) -> None:
    """Let everybody look at their desk every few seconds, in working hours of the simulated clock."""
    calendar = BusinessCalendar.from_config({"hours": OFFICE, "country": "US"}, ZONE)
    team = Team(stage.practice, calendar, courses(seed, CASES, DAYS), BEGIN, seed)
    team.find_cases()
    with ThreadPoolExecutor(4) as pool:
        while not over.wait(BEAT):
            stage.processes.check()
            now = stage.now()
            if calendar.is_open(now):
                list(pool.map(lambda who: team.act(who, now), EMPLOYEES))  # noqa: B023 - consumed at once


def _forget(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
