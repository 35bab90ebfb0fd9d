"""The inspector in the browser: live, filtered, opened."""

from playwright.sync_api import expect

from tests.sandbox.browser.conftest import Opened
from tests.sandbox.browser.scene import Scene


def test_calls_come_as_they_are_made_and_are_filtered(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.get_by_role("link", name="Inspector").click()
    entries = page.locator("#lines > li")
    expect(entries.first).to_be_visible()
    scene.web.users_info(user=scene.ana.id)  # changes nothing, and is shown all the same
    expect(entries.first).to_contain_text("users.info")

    entries.first.locator("summary").click()
    expect(entries.first.locator("pre").first).to_contain_text(scene.ana.id)
    scene.web.users_info(user=scene.ben.id)
    expect(page.locator("#lines details[open]")).to_have_count(1)  # what was opened stays open
    expect(entries.nth(1).locator("pre").first).to_be_visible()

    page.get_by_label("Case, channel or text").fill("K7Q4")
    page.get_by_label("Method or type").fill("chat.postEphemeral")
    expect(entries).to_have_count(1)
    expect(page.locator("#count")).to_contain_text("1 shown that match; that is all.")
    scene.web.users_info(user=scene.ana.id)
    scene.web.chat_postEphemeral(channel=scene.case, user=scene.ana.id, text="another")
    expect(entries).to_have_count(2)

    page.get_by_label("Refused only").check()
    expect(entries).to_have_count(0)
    assert "refused=1" in page.url
    page.reload()
    expect(page.get_by_label("Refused only")).to_be_checked()


def test_older_entries_are_a_press_away(scene: Scene, opened: Opened) -> None:
    for _ in range(60):
        scene.web.users_info(user=scene.ana.id)
    page = opened(scene.ana, path="/inspector")
    entries = page.locator("#lines > li")
    expect(entries).to_have_count(50)
    page.get_by_role("button", name="Look further back").click()
    expect(entries.nth(59)).to_contain_text("users.info")
    expect(entries.nth(60)).to_be_visible()
