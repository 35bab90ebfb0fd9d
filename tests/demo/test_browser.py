"""The page of the local Slack in a real browser, with the real app behind it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from app.demo.panel import panel_routes, panel_script
from app.demo.practice import ZONE, Practice, settle_in
from app.kernel.clock import SteeredClock
from app.sandbox import Sandbox, start
from app.settings import Settings
from app.slack.manifest import BOT_SCOPES
from app.web.serve import serving
from workers.run import ticking, working, works

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MONDAY = datetime(2026, 10, 5, 14, 0, tzinfo=UTC)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; CI installs Debian's")


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    SteeredClock.steer(tmp_path / "clock.json", sim=MONDAY, speed=0)
    return tmp_path / "clock.json"


@pytest.fixture
def sandbox(clock_file: Path) -> Iterator[Sandbox]:
    routes, head = panel_routes(clock_file, ZONE), panel_script()
    with start(
        clock=SteeredClock(clock_file), unlimited=True, settings={"scopes": BOT_SCOPES}, routes=routes, head_html=head
    ) as running:
        yield running


@pytest.fixture
def practice(
    sandbox: Sandbox, clock_file: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Practice]:
    """The practice with the whole app at work for it, in this process."""
    for name, value in sandbox.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CASEBOARD_CLOCK_FILE", str(clock_file))
    monkeypatch.setenv("CASEBOARD_POSTS_PER_SECOND", "1000")
    monkeypatch.setenv("CASEBOARD_TICK_SECONDS", "0.05")
    monkeypatch.setenv("PORT", "0")
    monkeypatch.delenv("REDIS_URL", raising=False)
    settings = Settings()
    with works(settings, database_url) as shared, working(shared), ticking(shared), serving(settings, shared.store):
        sandbox.wait(lambda: sandbox.connections() > 0, 15)
        yield settle_in(shared.store, sandbox)


@pytest.fixture
def page(practice: Practice, sandbox: Sandbox) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_page(viewport={"width": 1280, "height": 860})
        opened.set_default_timeout(15_000)
        opened.goto(f"{sandbox.base_url}/")
        yield opened
        browser.close()


def test_a_case_is_opened_claimed_and_finished_in_the_browser(page: Page) -> None:
    log = page.locator("#main")
    page.select_option("#as", label="Ana Diaz")
    page.locator("a", has_text="front-desk").click()
    page.fill("#composer input[name=text]", "/cb open")
    page.press("#composer input[name=text]", "Enter")
    expect(log).to_contain_text("Opened")

    page.locator("a", has_text="case-").first.click()
    expect(log).to_contain_text("is open")
    page.fill("#composer input[name=text]", "/cb date board 2026-10-20 07:30")
    page.press("#composer input[name=text]", "Enter")
    expect(log).to_contain_text("Re-planned")
    page.fill("#composer input[name=text]", "/tasks")
    page.press("#composer input[name=text]", "Enter")
    page.get_by_role("button", name="Claim", exact=False).first.click()
    expect(log).to_contain_text("Claimed")
    expect(log).to_contain_text("0 of 10 tasks done")

    page.fill("#composer input[name=text]", "/done 1 ref AG-17")
    page.press("#composer input[name=text]", "Enter")
    expect(log).to_contain_text("Done:")
    expect(log).to_contain_text("1 of 10 tasks done")


def test_the_clock_bar_pauses_and_moves_on(page: Page) -> None:
    bar = page.get_by_role("navigation", name="Simulated clock")
    expect(bar).to_contain_text("Mon 05 Oct 2026 10:00 (paused)")
    bar.get_by_role("button", name="+1 day").click()
    expect(bar).to_contain_text("Tue 06 Oct 2026 10:00 (paused)")
    bar.get_by_role("button", name="Play").click()
    expect(bar).to_contain_text("4 min a second")
    bar.get_by_role("button", name="Pause").click()
    expect(bar).to_contain_text("(paused)")


def test_the_clock_is_steered_by_the_page_alone(page: Page, sandbox: Sandbox) -> None:
    refused = page.request.post(f"{sandbox.base_url}/demo/clock/day")
    assert refused.status == 403
    expect(page.get_by_role("navigation", name="Simulated clock")).to_contain_text("05 Oct")
