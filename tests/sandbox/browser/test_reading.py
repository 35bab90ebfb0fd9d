"""What a person reads: unread marks, what comes in while they look, threads, what is only for them."""

import pytest
from playwright.sync_api import expect

from tests.sandbox.browser.conftest import Opened
from tests.sandbox.browser.scene import Scene


def test_what_is_unread_is_counted_and_what_was_seen_is_not(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    entry = page.locator(f"[data-entry={scene.hall}] a")
    expect(entry).to_have_class("unread")
    expect(entry).to_contain_text("1 unread")

    scene.ben.post(scene.hall, "Also tea")
    expect(entry).to_contain_text("2 unread")
    entry.click()
    expect(page.locator("#main .new")).to_contain_text("New")
    expect(entry).not_to_contain_text("unread")

    scene.ben.post(scene.hall, "And cake")
    expect(page.locator("#main")).to_contain_text("And cake")
    expect(entry).not_to_contain_text("unread")
    again = opened(scene.ana, scene.case)
    expect(again.locator(f"[data-entry={scene.hall}]")).to_be_visible()
    expect(again.locator(f"[data-entry={scene.hall}] .count")).to_have_count(0)
    other = opened(scene.ben, scene.case)
    expect(other.locator(f"[data-entry={scene.hall}] .count")).to_have_count(0)  # Ben wrote it himself


def test_messages_of_one_author_are_one_group(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.hall)
    scene.ben.post(scene.hall, "first of two")
    scene.ben.post(scene.hall, "second of two")

    second = page.locator("#main article", has_text="second of two")
    expect(second).to_have_class("message grouped")
    scene.ana.post(scene.hall, "between")
    scene.ben.post(scene.hall, "third of Ben")
    expect(page.locator("#main article", has_text="third of Ben")).to_have_class("message")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_message_of_a_group_has_the_same_room_and_nothing_in_it(scene: Scene, opened: Opened, width: int) -> None:
    page = opened(scene.ana, scene.hall, width=width)
    scene.ben.post(scene.hall, "first of two")
    scene.ben.post(scene.hall, "second of two")
    first, second = (page.locator("#main article", has_text=f"{which} of two") for which in ("first", "second"))
    expect(second).to_have_class("message grouped")
    second.hover()
    room, before = second.locator(".said").bounding_box(), first.locator(".said").bounding_box()
    assert room is not None
    assert before is not None
    assert (room["x"], room["width"]) == (before["x"], before["width"])
    beside = second.locator(".tools" if width == 390 else ".gutter time").bounding_box()
    assert beside is not None
    assert beside["x"] >= 0
    assert beside["x"] + beside["width"] <= room["x"] - 2


def test_a_new_message_is_appended_and_the_rest_stays_as_it_is(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    log = page.locator("#main")
    page.fill("#main [data-action=why]", "half a sen")
    page.fill("#composer input[name=text]", "being typed")
    log.evaluate("list => { list.scrollTop = 0; list.querySelector('article').marked = true }")

    scene.ben.post(scene.case, "news")
    expect(log).to_contain_text("news")
    expect(page.locator("#newer")).to_be_visible()
    assert log.evaluate("list => list.scrollTop") == 0
    assert log.evaluate("list => list.querySelector('article').marked")
    assert page.input_value("#main [data-action=why]") == "half a sen"
    assert page.input_value("#composer input[name=text]") == "being typed"
    expect(page.locator("#said")).to_contain_text("Ben Okafor, ")
    expect(page.locator("#said")).to_contain_text("news")

    page.click("#newer")
    expect(page.locator("#newer")).to_be_hidden()
    assert log.evaluate("list => list.scrollHeight - list.scrollTop - list.clientHeight") < 2


def test_a_message_that_changes_keeps_what_was_typed_into_it_and_the_focus(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.fill("#main [data-action=why]", "half a sen")
    page.focus("#main [data-action=why]")

    scene.web.reactions_add(channel=scene.case, timestamp=scene.card, name="fire")
    expect(page.locator("#main .reaction")).to_have_count(2)
    assert page.input_value("#main [data-action=why]") == "half a sen"
    expect(page.locator("#main [data-action=why]")).to_be_focused()


def test_deleted_and_edited_messages(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    posted = scene.web.chat_postMessage(channel=scene.case, text="as it was")["ts"]
    expect(page.locator("#main")).to_contain_text("as it was")
    scene.web.chat_update(channel=scene.case, ts=posted, text="as it is")
    expect(page.locator("#main")).to_contain_text("as it is (edited)")
    scene.web.chat_delete(channel=scene.case, ts=posted)
    expect(page.locator("#main")).not_to_contain_text("as it is")


def test_a_thread_opens_at_the_side_and_is_answered(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.get_by_role("button", name="2 replies").click()
    pane = page.locator("#thread")
    expect(pane).to_contain_text("They deliver on Friday.")
    expect(page.locator("#reply input")).to_be_focused()

    page.keyboard.type("Friday is good")
    page.keyboard.press("Enter")
    expect(pane).to_contain_text("Friday is good")
    expect(page.locator("#main")).to_contain_text("3 replies")
    expect(page.locator("#main")).not_to_contain_text("Friday is good")
    replies = scene.sandbox.messages(scene.case, scene.card)
    assert replies[-1]["text"] == "Friday is good"

    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    expect(page.locator("#main article").first).to_be_focused()


def test_each_sees_what_is_theirs(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    expect(page.locator("#main")).to_contain_text("Only you see that you are late.")
    page.select_option("#as", label="Ben Okafor")
    expect(page.locator("h1")).to_contain_text("case-k7q4")
    expect(page.locator("#main")).not_to_contain_text("Only you see")
    page.select_option("#as", label="Ana Diaz")
    expect(page.locator("#main")).to_contain_text("Only you see")


def test_older_messages_are_put_above_without_a_jump(scene: Scene, opened: Opened) -> None:
    for number in range(70):
        scene.ben.post(scene.hall, f"number {number}.")
    page = opened(scene.ana, scene.hall)
    expect(page.locator("#main")).to_contain_text("number 69.")
    expect(page.locator("#main")).not_to_contain_text("number 9.")
    newest = page.locator("#main article", has_text="number 12.")
    page.get_by_role("button", name="Older messages").scroll_into_view_if_needed()
    before = newest.bounding_box()
    page.get_by_role("button", name="Older messages").click()
    expect(page.locator("#main")).to_contain_text("Coffee is ready")
    after = newest.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 40
    expect(page.get_by_role("button", name="Older messages")).to_have_count(0)
