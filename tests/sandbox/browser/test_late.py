"""Answers that come when a person has gone elsewhere: what belongs to one place is never drawn, or sent, in another."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from app.sandbox.jsontypes import as_object
from tests.sandbox.browser.conftest import Opened
from tests.sandbox.browser.scene import Scene

DRAWN = "#main:not([aria-busy])"
COMPOSER = "#composer input[name=text]"


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


def reply(page: Page, said: str) -> None:
    page.fill("#reply input", said)
    page.keyboard.press("Enter")


def threads(scene: Scene) -> tuple[str, str]:
    """Two threads of the hall, with one reply each."""
    one, two = (scene.ben.post(scene.hall, f"root {name}") for name in ("one", "two"))
    for root in (one, two):
        scene.ben.post(scene.hall, "first reply", thread_ts=root)
    return one, two


def go_to(page: Page, channel: str) -> None:
    page.locator(f"[data-entry={channel}] a").click()


def test_what_was_asked_for_before_does_not_keep_one_waiting(scene: Scene, opened: Opened) -> None:
    """Nor is it taken for the whole of the same place, for which everything is asked again."""
    page = opened(scene.ben, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    hold(page, "/page/changes", lambda: scene.ana.post(scene.case, "news"))  # and it never comes

    go_to(page, scene.case)
    expect(page.locator(f"{DRAWN} article", has_text="news")).to_be_visible()
    expect(page.locator("#as")).to_have_value(scene.ben.id)


def test_a_place_that_did_not_come_is_asked_for_until_it_does(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ben, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    page.route("**/page/parts?*", lambda route: route.fulfill(status=500))
    go_to(page, scene.hall)
    expect(page.locator("#trouble")).to_have_text("The sandbox answered 500.")
    page.unroute("**/page/parts?*")
    expect(page.locator(DRAWN)).to_contain_text("Coffee is ready")
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_thread_does_not_open_in_another_channel(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    hold(page, "/page/thread", page.get_by_role("button", name="2 replies").click)  # and it never comes

    go_to(page, scene.hall)
    expect(page.locator(DRAWN)).to_contain_text("Coffee is ready")
    expect(page.locator("#thread")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("thread="))


def test_nothing_can_be_replied_until_the_thread_is_there(scene: Scene, opened: Opened) -> None:
    one, two = threads(scene)
    page = opened(scene.ana, scene.hall)
    open_one, open_two = (page.locator(f".replies[data-thread='{root}']") for root in (one, two))
    open_one.click()
    expect(page.locator("#replies")).to_contain_text("root one")
    let_come = hold(page, "/page/thread", open_two.click)
    expect(page.locator("#thread")).to_be_hidden()
    let_come()
    expect(page.locator("#replies")).to_contain_text("root two")

    page.route("**/page/thread?*", lambda route: route.abort(), times=1)
    open_one.click()
    expect(page.locator("#trouble")).to_have_text("The sandbox does not answer.")
    expect(page.locator("#thread")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("thread="))


def test_a_reply_that_is_not_sent_stays_in_its_thread_and_with_its_person(scene: Scene, opened: Opened) -> None:
    one, two = threads(scene)
    page = opened(scene.ana, scene.hall)
    typed = page.locator("#reply input")
    open_one, open_two = (page.locator(f".replies[data-thread='{root}']") for root in (one, two))
    open_one.click()
    typed.fill("for one")
    open_two.click()
    expect(page.locator("#replies")).to_contain_text("root two")
    expect(typed).to_have_value("")
    page.select_option("#as", label="Ben Okafor")
    go_to(page, scene.hall)
    open_one.click()
    expect(page.locator("#replies")).to_contain_text("root one")
    expect(typed).to_have_value("")
    page.select_option("#as", label="Ana Diaz")
    go_to(page, scene.hall)
    open_one.click()
    expect(page.locator("#replies")).to_contain_text("root one")
    expect(typed).to_have_value("for one")


def test_a_reply_goes_where_and_as_whom_it_was_typed(scene: Scene, opened: Opened) -> None:
    one, two = threads(scene)
    page = opened(scene.ana, scene.hall)
    page.locator(f".replies[data-thread='{one}']").click()
    expect(page.locator("#replies")).to_contain_text("root one")
    let_come = hold(page, "/page/words", lambda: reply(page, "for one alone"))
    page.select_option("#as", label="Ben Okafor")
    go_to(page, scene.hall)
    page.locator(f".replies[data-thread='{two}']").click()
    expect(page.locator("#replies")).to_contain_text("root two")
    let_come()

    scene.sandbox.wait(lambda: len(scene.sandbox.messages(scene.hall, one)) == 3)
    sent = scene.sandbox.messages(scene.hall, one)[-1]
    assert (sent["text"], sent["user"]) == ("for one alone", scene.ana.id)
    assert len(scene.sandbox.messages(scene.hall, two)) == 2


def test_older_messages_do_not_come_into_another_channel(scene: Scene, opened: Opened) -> None:
    for number in range(70):
        scene.ben.post(scene.hall, f"number {number}.")
    page = opened(scene.ana, scene.hall)
    older = page.get_by_role("button", name="Older messages")
    hold(page, "/page/older", older.click)  # and they never come

    go_to(page, scene.case)
    expect(page.locator(DRAWN)).to_contain_text("Calling now.")
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


def test_a_thread_closes_when_one_goes_elsewhere(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.get_by_role("button", name="2 replies").click()
    expect(page.locator("#reply input")).to_be_focused()
    let_come = hold(page, "/page/parts", lambda: go_to(page, scene.hall))
    expect(page.locator("#thread")).to_be_hidden()
    let_come()
    expect(page.locator(DRAWN)).to_contain_text("Coffee is ready")
    expect(page.locator("#thread")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("thread="))


def test_a_menu_of_one_person_does_not_open_for_another(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    more = page.locator(f"{DRAWN} [data-more]").first
    more.scroll_into_view_if_needed()
    let_come = hold(page, "/page/words", lambda: more.click(force=True))
    page.select_option("#as", label="Ben Okafor")
    let_come()
    expect(page.locator("#choices")).to_be_hidden()


def test_what_was_typed_goes_where_and_as_whom_it_was_typed(scene: Scene, opened: Opened) -> None:
    """The names that a message may mention are asked for first, the first time."""
    page = opened(scene.ana, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    let_come = hold(page, "/page/words", lambda: page.fill(COMPOSER, "for the case alone"))
    page.keyboard.press("Enter")
    expect(page.locator(COMPOSER)).to_have_value("")
    page.select_option("#as", label="Ben Okafor")
    go_to(page, scene.hall)
    expect(page.locator(DRAWN)).to_contain_text("Coffee is ready")
    let_come()
    scene.sandbox.wait(lambda: scene.sandbox.messages(scene.case)[-1]["text"] == "for the case alone")
    assert scene.sandbox.messages(scene.case)[-1]["user"] == scene.ana.id
    assert scene.sandbox.messages(scene.hall)[-1]["text"] != "for the case alone"


def test_what_could_not_be_sent_waits_where_it_was_typed(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    held: list[Route] = []
    page.route("**/control/message.post", lambda route: held.append(route), times=1)
    page.fill(COMPOSER, "for the case alone")
    with page.expect_request("**/control/message.post"):
        page.keyboard.press("Enter")
    page.select_option("#as", label="Ben Okafor")
    go_to(page, scene.hall)
    expect(page.locator(DRAWN)).to_contain_text("Coffee is ready")
    page.fill(COMPOSER, "Ben's")
    [late] = held
    late.abort()
    expect(page.locator("#trouble")).to_have_text("Where you were before: The sandbox does not answer.")
    expect(page.locator(COMPOSER)).to_have_value("Ben's")
    page.keyboard.press("Enter")
    expect(page.locator(f"{DRAWN} article", has_text="Ben's")).to_be_visible()
    page.select_option("#as", label="Ana Diaz")
    go_to(page, scene.case)
    expect(page.locator(COMPOSER)).to_have_value("for the case alone")


def test_what_was_typed_stays_when_nobody_answers(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    expect(page.locator(f"{DRAWN} article").first).to_be_visible()
    page.route("**/page/words?*", lambda route: route.abort())
    typed = page.locator(COMPOSER)
    typed.fill("for @ben")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_have_text("The sandbox does not answer.")
    expect(typed).to_have_value("for @ben")
    page.unroute("**/page/words?*")
    page.keyboard.press("Enter")
    expect(page.locator(f"{DRAWN} article", has_text="for @")).to_be_visible()
