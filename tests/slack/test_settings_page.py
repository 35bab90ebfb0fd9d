"""The settings as a manager sees them in a browser, on a desk and on a phone.

New pictures, to be looked at: `CASEBOARD_PICTURES=FOLDER ./dev test tests/slack/test_settings_page.py`
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.slack.views.settings import NO_BREAK
from tests.slack.office import Office
from tests.slack.test_home_page import axe

HEIGHTS = {1280: 1000, 390: 1500}


@pytest.mark.parametrize("width", HEIGHTS)
def test_the_settings_in_a_browser(office: Office, chromium: Browser, width: int) -> None:
    folder = os.environ.get("CASEBOARD_PICTURES")
    context = chromium.new_context(viewport={"width": width, "height": HEIGHTS[width]}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(15_000)

    def picture(step: str) -> None:
        axe(page)
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.mouse.move(0, 0)
            page.screenshot(path=Path(folder) / f"{step}-{width}.png", animations="disabled")

    page.goto(f"{office.sandbox.base_url}/?as={office.people['max'].id}&channel={office.channel}")
    office.say("max", "/cb settings")
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("Mon to Fri 8:00-12:00, 13:00-17:00; Sat to Sun closed".replace("-", NO_BREAK))
    picture("1-overview")
    for number, (label, step) in enumerate(
        (("Change: Hours", "hours"), ("Change: Holidays", "holidays"), ("Change: Escalation", "escalation")), start=2
    ):
        window.get_by_label(label).click()
        expect(window.last.get_by_role("button", name="Save")).to_be_visible()
        picture(f"{number}-{step}")
        window.last.get_by_role("button", name="Cancel").click()
    office.screen_of("max").choose("Ana")
    expect(window.last).to_contain_text("holds no task")
    picture("5-person")
    context.close()
