"""The practice's first two weeks as its simulated staff works them, for the pictures of README.md and docs/reports.md.

Taken when they are asked for: `CASEBOARD_PICTURES=docs/pictures pytest tests/demo/test_first_weeks.py`
"""

import os
import re
from collections.abc import Iterator
from itertools import cycle
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from app.demo.conductor import Conductor
from app.demo.panel import Panel
from app.demo.run import BEGIN, conducted
from app.demo.stage import Stage
from app.sandbox import Sandbox
from tests.demo.conftest import conducting
from tests.demo.screen import ANA, HEIGHTS, MAX, Screen

SEED = 7
MINUTES = 20
LATE = text(
    "SELECT c.code FROM tasks t JOIN cases c ON c.id = t.case_id"
    " WHERE t.state IN ('ready', 'claimed', 'waiting') AND t.due_at <= :now GROUP BY c.code ORDER BY count(*), c.code"
)

MISSED = text(
    "SELECT DISTINCT c.code || '-' || t.no FROM clock_events e JOIN clocks k ON k.id = e.clock_id"
    " JOIN tasks t ON t.id = k.task_id JOIN cases c ON c.id = t.case_id WHERE e.kind = 'breach' ORDER BY 1"
)
WHY = ("payer", "vendor", "payer", "clinic", "", "our load", "documents")


@pytest.fixture(autouse=True)
def no_pacing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBOARD_POSTS_PER_SECOND", "1000")


@pytest.fixture
def conductor(stage: Stage, panel: Panel) -> Iterator[Conductor]:
    """With everybody at work on the cases of the demonstration, while the clock moves on."""
    stage.steer(to=BEGIN)
    made = conducted(stage, SEED)
    made.pause()
    with conducting(made, stage, panel):
        yield made


def days_on(conductor: Conductor, sandbox: Sandbox, days: int) -> None:
    for _ in range(days):
        conductor.day_on()
        sandbox.wait(lambda: not conductor.state().moving, MINUTES * 60, message="the clock is still on its way")


@pytest.mark.long
@pytest.mark.skipif("CASEBOARD_PICTURES" not in os.environ, reason="it takes minutes, and is for its pictures alone")
@pytest.mark.parametrize("screen", [1280], indirect=True, ids=["1280px"])
def test_the_first_weeks(screen: Screen, conductor: Conductor, stage: Stage, sandbox: Sandbox) -> None:
    folder = screen.folder
    assert folder is not None
    bar = screen.page.get_by_role("region", name="Simulated clock and faults")

    # On Wednesday, in a case with something late: what its channel shows.
    days_on(conductor, sandbox, 2)
    expect(bar).to_contain_text("Wed 7 Oct 2026, 08:00 EDT paused")
    with stage.engine.connect() as connection:
        code = str(connection.execute(LATE, {"now": stage.now()}).scalars().first())
    screen.act_as(ANA)
    screen.go_to(f"case-{code.lower()}")
    card = screen.message("tasks done")
    expect(card).to_contain_text("Late now")
    screen.take(folder / "case-channel.png", card)

    # Two weeks later the lead says why deadlines were missed, of most, and the manager reads how the last week went.
    days_on(conductor, sandbox, 7)
    expect(bar).to_contain_text("Mon 19 Oct 2026, 08:00 EDT paused")
    with stage.engine.connect() as connection:
        missed = connection.execute(MISSED).scalars().all()
    for task, why in zip(missed, cycle(WHY)):
        if why:
            assert sandbox.person("lea").command(f"/cb late {task} {why}", "front-desk").ok
    screen.act_as(MAX)
    screen.go_to("front-desk")
    screen.write("/sla last week")
    report = screen.message("SLA · ")
    expect(report).to_contain_text(re.compile(r"[1-9]\d* of \d+ finished tasks in time"))
    screen.take(folder / "sla-report.png", report)
    report.get_by_role("button", name="Send picture and rows of the report to me").click()
    expect(screen.places.get_by_role("link", name="Caseboard")).to_have_count(2)
    screen.go_to_direct()
    drawn = screen.main.get_by_role("img").last
    drawn.wait_for(timeout=60_000)
    address = drawn.get_attribute("src")
    assert address is not None
    (folder / "sla-chart.png").write_bytes(screen.page.request.get(urljoin(screen.page.url, address)).body())

    screen.page.set_viewport_size({"width": 390, "height": HEIGHTS[390]})
    screen.page.locator("#demo-bar summary").click()
    screen.go_to("front-desk")
    screen.take(folder / "sla-report-390.png", report)
