"""Answers that come when a person has gone elsewhere: what belongs to one place is never drawn, or sent, in another."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from app.sandbox.jsontypes import as_object
from tests.sandbox.browser.conftest import Opened
from tests.sandbox.browser.scene import Scene

DRAWN = "#main:not([aria-busy])"


def next_picture(page: Page) -> None:
    """Wait until the page is painted; what a script makes of an answer that is there has happened then."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")


def hold(page: Page, path: str, ask: Callable[[], object]) -> Callable[[], None]:
    """Hold back the answer to the next request of a path, which `ask` causes; returns what lets it come."""
    held: list[Route] = []
    page.route(f"**{path}?*", lambda route: held.append(route), times=1)
    ask()
    until = time.monotonic() + 10
    while not held:
        assert time.monotonic() < until, f"{path} was not asked for"
        next_picture(page)

    def let_come() -> None:
        [late] = held
        with page.expect_response(f"**{path}?*") as answer:
            late.continue_()
        answer.value.finished()
        next_picture(page)

    return let_come


def go_to(page: Page, channel: str) -> None:
    page.locator(f"[data-entry={channel}] a").click()


def test_changes_are_not_taken_for_the_whole_of_the_same_place(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ben, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    let_come = hold(page, "/page/changes", lambda: scene.ana.post(scene.case, "news"))

    go_to(page, scene.case)
    expect(page.locator("#main")).to_have_attribute("aria-busy", "true")
    let_come()
    expect(page.locator(f"{DRAWN} article", has_text="news")).to_be_visible()
    expect(page.locator("#as")).to_have_value(scene.ben.id)


def test_a_thread_does_not_open_in_another_channel(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    let_come = hold(page, "/page/thread", page.get_by_role("button", name="2 replies").click)

    go_to(page, scene.hall)
    expect(page.locator(DRAWN)).to_contain_text("Coffee is ready")
    let_come()
    expect(page.locator("#thread")).to_be_hidden()
    expect(page.locator("#replies article")).to_have_count(0)


def test_older_messages_do_not_come_into_another_channel(scene: Scene, opened: Opened) -> None:
    for number in range(70):
        scene.ben.post(scene.hall, f"number {number}.")
    page = opened(scene.ana, scene.hall)
    older = page.get_by_role("button", name="Older messages")
    let_come = hold(page, "/page/older", older.click)

    go_to(page, scene.case)
    expect(page.locator(DRAWN)).to_contain_text("Calling now.")
    let_come()
    expect(page.locator("#main")).not_to_contain_text("number 9.")
    expect(older).to_have_count(0)
    go_to(page, scene.hall)
    older.click()
    expect(page.locator("#main")).to_contain_text("number 9.")


def test_older_messages_that_did_not_come_can_be_asked_for_again(scene: Scene, opened: Opened) -> None:
    for number in range(70):
        scene.ben.post(scene.hall, f"number {number}.")
    page = opened(scene.ana, scene.hall)
    page.route("**/page/older?*", lambda route: route.abort(), times=1)
    older = page.get_by_role("button", name="Older messages")
    older.click()
    expect(page.locator("#trouble")).to_have_text("The sandbox does not answer.")
    older.click()
    expect(page.locator("#main")).to_contain_text("number 9.")


def test_nothing_is_pressed_on_what_was_drawn_for_somebody_else(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    claim = page.locator(f"{DRAWN} [data-action=claim]")
    claim.scroll_into_view_if_needed()
    box = claim.bounding_box()
    assert box is not None
    let_come = hold(page, "/page/parts", lambda: page.select_option("#as", label="Ben Okafor"))

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    let_come()
    expect(page.locator(DRAWN)).not_to_contain_text("Only you see")
    expect(page.locator("#trouble")).to_be_hidden()
    page.locator(f"{DRAWN} [data-action=claim]").click()
    scene.sandbox.wait(scene.actions)
    assert [as_object(body["user"])["id"] for body in scene.heard] == [scene.ben.id]


def test_a_thread_closes_when_one_goes_elsewhere_and_no_reply_goes_there(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.get_by_role("button", name="2 replies").click()
    expect(page.locator("#reply input")).to_be_focused()
    let_come = hold(page, "/page/parts", lambda: go_to(page, scene.hall))
    expect(page.locator("#thread")).to_be_hidden()
    let_come()
    expect(page.locator(DRAWN)).to_contain_text("Coffee is ready")


def test_what_was_typed_goes_where_it_was_typed(scene: Scene, opened: Opened) -> None:
    """The names that a message may mention are asked for first, the first time."""
    page = opened(scene.ana, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    let_come = hold(page, "/page/words", lambda: page.fill("#composer input[name=text]", "for the case alone"))
    page.keyboard.press("Enter")
    expect(page.locator("#composer input[name=text]")).to_have_value("")
    go_to(page, scene.hall)
    expect(page.locator(DRAWN)).to_contain_text("Coffee is ready")
    let_come()
    scene.sandbox.wait(lambda: scene.sandbox.messages(scene.case)[-1]["text"] == "for the case alone")
    assert scene.sandbox.messages(scene.hall)[-1]["text"] != "for the case alone"


def test_what_was_typed_stays_when_nobody_answers(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    page.route("**/page/words?*", lambda route: route.abort(), times=1)
    typed = page.locator("#composer input[name=text]")
    typed.fill("for @ben")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_have_text("The sandbox does not answer.")
    expect(typed).to_have_value("for @ben")
    page.keyboard.press("Enter")
    expect(page.locator(f"{DRAWN} article", has_text="for @")).to_be_visible()
