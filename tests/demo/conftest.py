"""The practice at work in this process: sandbox with the bar, app, conductor; and a browser to look at it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.demo.conductor import Conductor
from app.demo.faults import Faults
from app.demo.panel import HEAD, Panel
from app.demo.practice import OFFICE, ZONE, Practice, settle_in
from app.demo.processes import PrivateRedis, Processes, private_redis, redis_server
from app.demo.staff import Team
from app.demo.stage import Stage
from app.kernel.business import BusinessCalendar
from app.kernel.clock import SteeredClock
from app.notices.timing import Timing
from app.sandbox import Sandbox, start
from app.settings import Settings
from app.slack.manifest import BOT_SCOPES
from app.web.serve import serving
from tests.demo.screen import HEIGHTS, Screen
from workers.run import Works, ticking, working, works

MONDAY = datetime(2026, 10, 5, 14, 0, tzinfo=UTC)
QUICK = Timing(settle=1.0, retry_first=0.1, retry_most=0.5, card_gap=0.0)


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    SteeredClock.steer(tmp_path / "clock.json", sim=MONDAY, speed=0)
    return tmp_path / "clock.json"


@pytest.fixture
def panel() -> Panel:
    return Panel(ZONE)


@pytest.fixture
def sandbox(clock_file: Path, panel: Panel) -> Iterator[Sandbox]:
    with start(
        clock=SteeredClock(clock_file),
        unlimited=True,
        settings={"scopes": BOT_SCOPES},
        routes=panel.routes(),
        head_html=HEAD,
    ) as running:
        yield running


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path / "logs") as running:
        yield running


@pytest.fixture
def redis(processes: Processes) -> Iterator[PrivateRedis | None]:
    """A Redis, where there is one to start."""
    server = redis_server()
    if server is None:
        yield None
    else:
        with private_redis(processes, server) as running:
            yield running


@pytest.fixture
def app(
    sandbox: Sandbox, clock_file: Path, database_url: str, redis: PrivateRedis | None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Works]:
    """The whole app at work against the sandbox, in this process."""
    for name, value in sandbox.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CASEBOARD_CLOCK_FILE", str(clock_file))
    monkeypatch.setenv("CASEBOARD_TICK_SECONDS", "0.05")
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("CASEBOARD_BASE_URL", "https://caseboard.example.org")  # which topics link to
    monkeypatch.delenv("REDIS_URL", raising=False)
    if redis is not None:
        monkeypatch.setenv("REDIS_URL", redis.url)
    settings = Settings()
    with (
        works(settings, database_url, QUICK) as shared,
        working(shared),
        ticking(shared),
        serving(settings, shared.store),
    ):
        sandbox.wait(lambda: sandbox.connections() > 0, 15)
        yield shared


@pytest.fixture
def practice(app: Works, sandbox: Sandbox) -> Practice:
    return settle_in(app.store, sandbox)


@pytest.fixture
def stage(
    app: Works, sandbox: Sandbox, practice: Practice, clock_file: Path, processes: Processes, redis: PrivateRedis | None
) -> Stage:
    engine = app.store.engine
    return Stage(clock_file.parent, clock_file, engine, app.store, sandbox, practice, processes, {}, redis)


@contextmanager
def conducting(made: Conductor, stage: Stage, panel: Panel) -> Iterator[Conductor]:
    """Have it conduct, and the bar steer it, until the block ends."""
    panel.show(made, Faults(stage.sandbox, stage.redis))
    thread = threading.Thread(target=made.run, name="conductor")
    thread.start()
    yield made
    made.stop()
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture
def conductor(stage: Stage, panel: Panel) -> Iterator[Conductor]:
    """Conducting, paused at first, with nobody at work but whom the test lets act."""
    calendar = BusinessCalendar.from_config({"hours": OFFICE, "country": "US"}, ZONE)
    made = Conductor(stage, Team(stage.practice, calendar, (), MONDAY, 1, stage.folder), staff=(), paused=True)
    with conducting(made, stage, panel):
        yield made


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """Nothing that a test opened is there for the next one."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def page(browser: Browser, conductor: Conductor, sandbox: Sandbox) -> Page:
    opened = browser.new_page(viewport={"width": 1280, "height": 860})
    opened.set_default_timeout(15_000)
    opened.goto(f"{sandbox.base_url}/")
    return opened


@pytest.fixture(params=HEIGHTS, ids=lambda width: f"{width}px")
def screen(request: pytest.FixtureRequest, browser: Browser, conductor: Conductor, sandbox: Sandbox) -> Screen:
    """The practice in a browser as wide as a desk's or a phone's."""
    width = int(request.param)
    asked = os.environ.get("CASEBOARD_PICTURES")
    folder = Path(asked) if asked else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": width, "height": HEIGHTS[width]}, locale="en-US")
    page.set_default_timeout(20_000)
    page.goto(f"{sandbox.base_url}/")
    return Screen(page, width, folder)
