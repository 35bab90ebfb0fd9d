"""Chromium before a furnished workspace, with a real Bolt app behind it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from slack_sdk import WebClient

from app.sandbox import Person, Sandbox
from tests.sandbox.apps import bolt, over_socket
from tests.sandbox.browser.scene import Scene, furnish, listen

Opened = Callable[..., Page]


@pytest.fixture
def scene(sandbox: Sandbox, web: WebClient) -> Iterator[Scene]:
    """The furnished workspace; its app is connected."""
    furnished = furnish(sandbox, web)
    app, _ = bolt(sandbox)
    listen(app, furnished)
    with over_socket(sandbox, app):
        yield furnished


@pytest.fixture
def opened(chromium: Browser, sandbox: Sandbox) -> Iterator[Opened]:
    """Opens the page as a person, in a browser profile of its own; what the page's script throws fails the test."""
    contexts: list[BrowserContext] = []
    thrown: list[str] = []

    def open_page(person: Person, channel: str = "", *, width: int = 1280, dark: bool = False, path: str = "/") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 860}, color_scheme="dark" if dark else "light", locale="en-US"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(f"{sandbox.base_url}{path}?as={person.id}&channel={channel}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not thrown
