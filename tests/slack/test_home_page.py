"""The home tab as a person sees it in a browser, on a desk and on a phone.

New pictures, to be looked at before they are committed:
`CASEBOARD_PICTURES=docs/pictures/home ./dev test tests/slack/test_home_page.py`
"""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app.cases.service import open_case
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from tests.sandbox.browser.test_accessible import SCHEMES
from tests.slack.office import Office
from tests.world import BOARD

READY = (
    "SELECT no FROM tasks WHERE state = 'ready' AND (roles = '{}' OR 'va' = ANY(roles)) AND case_id = :case"
    " ORDER BY due_at NULLS LAST, no"
)
WIDTHS = (1280, 390)
HIDDEN = "document.getElementById('main').scrollHeight - document.getElementById('main').clientHeight"


def at_work(office: Office, clock: FixedClock) -> None:
    """Ana's afternoon: something late, something offered to her, something that waits, something done."""
    for line in ("endoprosthesis", "plate"):
        office.say("cy", f"/cb component add {line}")
    office.say("lea", "/cb date denial received today")
    with office.world.store.change() as uow:
        for _ in range(2):
            open_case(uow, office.world.actor("lea"), key_dates={"board": Moment.of_day(BOARD)})
    ready = [row.no for row in office.rows(READY, case=office.case.id)]
    late, offered, waits, mine, done, *_ = ready
    clock.move_to(office.task(late).due_at + timedelta(hours=1))
    for number in (late, waits, mine):
        office.say("ana", f"/claim {number}")
    office.say("cy", f"/claim {offered}")
    office.say("cy", f"/handoff {offered} @ana watch for the fax")
    office.say("ana", f"/cb wait {waits} payer called, ref 88")
    office.say("ana", f"/handoff {mine} @cy my shift is over")
    office.say("ana", f"/claim {done}")
    office.say("ana", f"/cb skip {done} not needed")


def axe(page: Page) -> None:
    for scheme, rules in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_desk_in_a_browser(office: Office, clock: FixedClock, chromium: Browser, width: int) -> None:
    at_work(office, clock)
    folder = os.environ.get("CASEBOARD_PICTURES")
    context = chromium.new_context(viewport={"width": width, "height": 860}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(10_000)

    def picture(step: str) -> None:
        """The whole tab, however long; what comes of a press on a phone alone."""
        if folder is not None and (width == 390 or step == "1-desk"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.mouse.move(0, 0)
            page.set_viewport_size({"width": width, "height": 860})
            page.set_viewport_size({"width": width, "height": 860 + int(page.evaluate(HIDDEN))})
            page.screenshot(path=Path(folder) / f"{step}-{width}.png", animations="disabled")

    page.goto(f"{office.sandbox.base_url}/?as={office.people['ana'].id}&channel=home")
    main = page.locator(".home")
    expect(main.get_by_role("heading", name=re.compile("^Needs you now: 2"))).to_be_visible()
    expect(main).to_contain_text(re.compile("late, was due"))
    expect(main).to_contain_text("offered by Cy")
    expect(main.get_by_role("heading", name="Waiting on others: 2")).to_be_visible()
    expect(main).to_contain_text(re.compile("waits for the payer since .*"))
    expect(main).to_contain_text(re.compile("offered to Cy since .*, not accepted yet"))
    expect(main.get_by_role("heading", name="Done today: 1")).to_be_visible()
    axe(page)
    picture("1-desk")

    claim = main.get_by_role("button", name=re.compile("^Claim ")).first
    name = str(claim.get_attribute("aria-label")).removeprefix("Claim ")
    claim.click()
    expect(main).to_contain_text(f"Claimed {name}")
    undo = main.get_by_role("button", name=f"Undo what you did to {name}")
    expect(undo).to_be_visible()
    axe(page)
    picture("2-claimed")
    undo.click()
    expect(main).to_contain_text(f"Undone: {name} is not yours any more.")
    picture("3-undone")

    case = main.get_by_role("combobox").first
    before = main.get_by_role("button", name=re.compile("^Claim ")).count()
    case.select_option(label=f"Case {office.case.code}")
    expect(main.get_by_role("button", name=re.compile("^Claim "))).not_to_have_count(before)
    axe(page)
    picture("4-filtered")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
