"""axe-core finds nothing, nothing scrolls sideways, and the keyboard reaches everything."""

from collections.abc import Callable, Sequence
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.sandbox.browser.conftest import Opened
from tests.sandbox.browser.scene import Scene


def channel(page: Page) -> None:
    page.locator("#main article").first.wait_for()
    for summary in page.locator("#head summary").all():
        summary.click()


def thread(page: Page) -> None:
    page.get_by_role("button", name="2 replies").click()
    page.locator("#replies article").first.wait_for()


def modal(page: Page) -> None:
    page.fill("#composer input", "/form")
    page.press("#composer input", "Enter")
    page.locator("#dialog").get_by_role("button", name="Send").click()
    page.locator("#dialog .error").first.wait_for()


def asked(page: Page) -> None:
    page.get_by_role("button", name="Delete").click()
    page.locator("#confirm[open]").wait_for()


def menu(page: Page) -> None:
    page.locator("#main [data-menu]").click()
    page.get_by_role("menu").wait_for()


def suggestions(page: Page) -> None:
    page.locator("#composer").wait_for()
    page.type("#composer input", "/")
    page.get_by_role("listbox").wait_for()


def sidebar(page: Page) -> None:
    page.locator("#main article").first.wait_for()
    if page.locator("#menu").is_visible():
        page.click("#menu")


def home(page: Page) -> None:
    page.goto(page.url.partition("?")[0] + "?channel=home")
    page.locator(".home").wait_for()


def inspector(page: Page) -> None:
    page.goto(page.url.partition("?")[0] + "inspector")
    page.locator("#lines summary").first.click()
    page.locator("#lines pre").first.wait_for()


ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What else could be wrong does not change with the colours."""
SCHEMES: Sequence[tuple[Literal["light", "dark"], object]] = (("light", ALL), ("dark", OF_COLOUR))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("place", [channel, thread, modal, asked, menu, suggestions, sidebar, home, inspector])
def test_axe_finds_nothing(scene: Scene, opened: Opened, place: Callable[[Page], None], width: int) -> None:
    page = opened(scene.ana, scene.case, width=width)
    place(page)

    for scheme, rules in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(
        "[...document.querySelectorAll('#main, #replies')].every((one) => one.scrollWidth <= one.clientWidth)"
    )


def test_a_message_is_said_by_its_text_and_not_by_its_blocks(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    expect(page.locator(f"#main [data-ts='{scene.card}']")).to_have_attribute(
        "aria-label", page.locator(f"#main [data-ts='{scene.card}'] time").first.inner_text().join(
            ("Caseboard, ", ": Card of K7Q4: 2 tasks late")
        )
    )  # fmt: skip


def test_the_keyboard_alone(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.locator("#main article").first.wait_for()
    page.wait_for_function("document.hasFocus()")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to messages")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#main article").last).to_be_focused()
    page.keyboard.press("ArrowUp")
    message = page.locator("#main article").nth(-2)
    expect(message).to_be_focused()
    outline = message.evaluate("one => getComputedStyle(one).outlineStyle")
    assert outline == "solid"
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-more]')"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#reply input")).to_be_focused()
