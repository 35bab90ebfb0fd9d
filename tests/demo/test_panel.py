"""The bar above the page: clock and faults, in a real browser with the real app behind it."""

import json
import urllib.request
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.demo.conductor import Conductor
from app.demo.panel import HEADER, Panel
from app.demo.practice import ZONE
from app.sandbox import Sandbox, start
from app.settings import ROOT

expect.set_options(timeout=20_000)

BOARD = "/cb date board 2026-10-08 07:30 anyway"


@pytest.fixture
def bar(page: Page) -> Locator:
    found = page.get_by_role("region", name="Simulated clock and faults")
    expect(found).to_contain_text("Mon 5 Oct 2026, 10:00 EDT")
    return found


def type_line(page: Page, line: str) -> None:
    page.fill("#composer input[name=text]", line)
    page.press("#composer input[name=text]", "Enter")


def open_a_case(page: Page) -> None:
    """As Ana, with a board date, so that there are deadlines."""
    page.select_option("#as", label="Ana Diaz")
    page.locator("a", has_text="front-desk").click()
    type_line(page, "/cb open now")
    expect(page.locator("#main")).to_contain_text("Opened")
    page.locator("a", has_text="case-").first.click()
    expect(page.locator("#main")).to_contain_text("is open")
    type_line(page, BOARD)
    expect(page.locator("#main")).to_contain_text("Re-planned")


def test_the_clock_pauses_runs_and_moves_on(bar: Locator) -> None:
    expect(bar).to_contain_text("paused")
    bar.get_by_role("button", name="+1 hour").click()
    expect(bar).to_contain_text("Mon 5 Oct 2026, 11:00 EDT paused")
    expect(bar.get_by_role("status")).to_have_text("Arrived. Nothing fell due on the way.")
    bar.get_by_role("button", name="+1 working day").click()
    expect(bar).to_contain_text("Tue 6 Oct 2026, 08:00 EDT paused")
    expect(bar.get_by_role("status")).to_have_text("Arrived. Posted on the way: 2 digests.")  # the surgeons'
    bar.get_by_role("combobox").select_option(label="20 minutes a second")
    expect(bar).to_contain_text("running")
    expect(bar).not_to_contain_text("08:00 EDT")
    bar.get_by_role("button", name="Pause").click()
    expect(bar).to_contain_text("paused")
    expect(bar.get_by_role("status")).to_have_text("Paused.")
    expect(bar.get_by_role("button", name="Go on")).to_be_visible()


def test_the_next_due_moment_is_told_in_the_channel(page: Page, bar: Locator) -> None:
    bar.get_by_role("button", name="To the next due moment").click()
    expect(bar.get_by_role("status")).to_contain_text("Nothing will fall due: no deadline is running.")
    expect(bar).to_contain_text("Mon 5 Oct 2026, 10:00 EDT")
    open_a_case(page)
    bar.get_by_role("button", name="To the next due moment").click()
    expect(bar).to_contain_text("Mon 5 Oct 2026, 13:00 EDT paused")
    expect(bar.get_by_role("status")).to_have_text("Arrived. Posted on the way: 1 reminder.")
    expect(page.locator("#main")).to_contain_text("Due soon")
    told = ""
    for _ in range(10):  # escalations of what is late already come before the first breach
        stood = bar.locator(".time").inner_text()
        bar.get_by_role("button", name="To the next due moment").click()
        expect(bar.locator(".time")).not_to_have_text(stood)
        expect(bar.get_by_role("status")).to_contain_text("Arrived. Posted on the way: 1 ")
        told = bar.get_by_role("status").inner_text()
        if "breach" in told:
            break
    assert told == "Arrived. Posted on the way: 1 breach."
    expect(bar).to_contain_text("Mon 5 Oct 2026, 17:00 EDT paused")
    expect(page.locator("#main")).to_contain_text("Overdue")


def test_the_status_is_silent_while_time_passes(page: Page, bar: Locator) -> None:
    bar.get_by_role("combobox").select_option(label="1 minute a second")
    expect(bar.get_by_role("status")).to_have_text("The clock runs: 1 minute a second.")
    page.evaluate(
        "() => { window.spoken = 0; new MutationObserver(() => window.spoken++).observe("
        "document.querySelector('#demo-bar [role=status]'), { childList: true, characterData: true, subtree: true }) }"
    )
    expect(bar).to_contain_text("10:04")
    assert page.evaluate("window.spoken") == 0


def test_every_control_is_reached_and_worked_by_keyboard(page: Page, bar: Locator) -> None:
    page.locator("body").focus()
    seen = []
    for _ in range(10):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => document.activeElement.closest('#demo-bar') && (document.activeElement.getAttribute('aria-label')"
            " || document.activeElement.textContent)"
        )
        if focused is None:
            break
        seen.append(focused)
    assert seen[:5] == ["Go on", "Speed of the clock", "+1 hour", "+1 working day", "To the next due moment"]
    assert [one for one in seen if one.startswith("Slack")] == ["Slack rate-limiting", "Slack failing", "Slack slow"]
    bar.get_by_role("button", name="+1 hour").focus()
    page.keyboard.press("Enter")
    expect(bar).to_contain_text("11:00 EDT")


def test_a_slow_slack_is_seen_in_what_waits(page: Page, bar: Locator, sandbox: Sandbox) -> None:
    expect(bar).to_contain_text("Slack has every notice.")
    slow, failing = (bar.get_by_role("button", name=name) for name in ("Slack slow", "Slack failing"))
    expect(slow).to_have_attribute("aria-pressed", "false")
    slow.click()
    expect(slow).to_have_attribute("aria-pressed", "true")
    expect(bar).to_contain_text("Slack answers two seconds late")
    sandbox.person("ana").command("/cb open now", "front-desk", gather=0.0)
    expect(bar).to_contain_text("for Slack.")
    failing.click()
    expect(bar.get_by_role("list")).to_contain_text("Slack answers with errors")
    expect(bar.get_by_role("list")).to_contain_text("Slack answers two seconds late")
    for button in (slow, failing):
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
    expect(bar).to_contain_text("Slack has every notice.")
    assert sandbox.faults() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_bar_covers_nothing(browser: Browser, page: Page, sandbox: Sandbox, scheme: str) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    phone.goto(f"{sandbox.base_url}/")
    bar = phone.get_by_role("region", name="Simulated clock and faults")
    expect(bar).to_contain_text("EDT")
    expect(phone.locator("#main")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.locator("#demo-bar summary").click()
    above, below = bar.bounding_box(), phone.locator("#composer").bounding_box()
    top = phone.locator("#top").bounding_box()
    assert above is not None
    assert below is not None
    assert top is not None
    assert above["y"] + above["height"] <= top["y"] + 0.5
    assert below["y"] + below["height"] <= 844.5


def post(sandbox: Sandbox, path: str, **headers: str) -> tuple[int, str]:
    return ask(urllib.request.Request(f"{sandbox.base_url}/demo/{path}", b"", headers))


def ask(request: urllib.request.Request) -> tuple[int, str]:
    """The status, and why it was refused."""
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, str(json.load(answer).get("refused"))
    except HTTPError as error:
        with error:
            return error.code, str(json.load(error).get("refused"))


def test_only_the_pages_own_script_steers(sandbox: Sandbox, conductor: Conductor) -> None:
    before = conductor.state()
    for path in ("clock/day", "clock/twenty", "fault/slow/on"):
        assert post(sandbox, path) == (403, "Only the page's own buttons steer the demonstration.")
    assert conductor.state() == before
    assert sandbox.faults() == []


def test_what_is_refused_says_why(sandbox: Sandbox, conductor: Conductor) -> None:
    ours = {HEADER: "1"}
    assert post(sandbox, "clock/warp", **ours) == (
        409,
        "There is no speed 'warp'. There are: life, minute, four, twenty.",
    )
    assert post(sandbox, "fault/slow/maybe", **ours) == (404, "A fault is switched on or off.")
    status, words = post(sandbox, "fault/moon/on", **ours)
    assert (status, words.startswith("There is no fault 'moon'. There are: limited, failing, slow")) == (404, True)
    assert conductor.state().speed == 0


def test_until_the_practice_is_there_the_bar_says_so() -> None:
    with start(routes=Panel(ZONE).routes()) as sandbox:
        state = urllib.request.Request(f"{sandbox.base_url}/demo/state")
        assert ask(state) == (503, "The practice is being set up.")
        assert post(sandbox, "clock/day", **{HEADER: "1"}) == (503, "The practice is being set up.")


def test_the_bar_has_no_style_of_its_own_in_the_script() -> None:
    script = (ROOT / "app" / "demo" / "panel.js").read_text(encoding="utf-8")
    assert "style" not in script
