"""Installing in a real browser at a phone's width: the policies of the pages let it through to Slack and back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from app.sandbox import Sandbox, start
from app.sandbox.model import Team
from tests.web.site import Site, site_of
from tests.world import TEAM, World


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with start(unlimited=True, team=Team(id=TEAM, name="North"), settings={"retry_delays": []}) as running:
        running.person("ada")
        yield running


@pytest.fixture
def site(sandbox: Sandbox, world: World, engine: Engine) -> Iterator[Site]:
    with site_of(sandbox, world.store, engine) as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_somebody_connects_their_workspace_on_a_phone(chromium: Browser, site: Site, world: World, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    try:
        page.goto(site.invitation(world.program))
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert page.evaluate(wide) is False
        page.get_by_role("button", name="Go to Slack").click()
        page.get_by_role("button", name="Allow").click()
        page.get_by_role("heading", name="Connected").wait_for()
        assert page.evaluate(wide) is False
        assert "now works in the Slack workspace" in page.locator("body").inner_text()
        assert [cookie["name"] for cookie in context.cookies()] == []
    finally:
        context.close()
