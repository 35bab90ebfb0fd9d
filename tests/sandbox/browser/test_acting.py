"""What a person does: write, complete, press, choose, confirm, fill a modal, use shortcuts."""

from playwright.sync_api import Page, expect

from app.sandbox.jsontypes import as_object
from tests.sandbox.browser.conftest import Opened
from tests.sandbox.browser.scene import Scene

FIELD = "#composer input[name=text]"


def test_commands_complete_with_their_hints(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.locator("#composer").wait_for()
    page.type(FIELD, "/c")
    offers = page.get_by_role("listbox").get_by_role("option")
    expect(offers).to_have_count(2)
    expect(offers.first).to_contain_text("claim 12 | help")
    expect(offers.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator(FIELD)).to_have_attribute("aria-activedescendant", "offer1")
    page.keyboard.press("Enter")
    assert page.input_value(FIELD) == "/claim "
    expect(page.locator(FIELD)).to_have_attribute("aria-expanded", "false")

    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_contain_text("It is yours.")
    assert scene.last("/claim")["text"] == "12"


def test_mentions_channels_and_emoji_complete(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.locator("#composer").wait_for()
    for typed in ("hello @be", ", see #ha", " :white_ch"):
        page.locator(FIELD).press_sequentially(typed)
        page.get_by_role("listbox").get_by_role("option").first.wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("Backspace")
    assert page.input_value(FIELD) == "hello @ben, see #hall :white_check_mark:"
    page.keyboard.press("Enter")
    expect(page.locator("#main article").last).to_contain_text("hello @Ben Okafor, see #hall ✅")
    said = f"hello <@{scene.ben.id}>, see <#{scene.hall}|hall> :white_check_mark:"
    assert scene.sandbox.messages(scene.case)[-1]["text"] == said


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.locator("#composer").wait_for()
    page.type(FIELD, "/")
    page.get_by_role("listbox").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    assert page.input_value(FIELD) == "/"


def test_buttons_selects_and_pickers_tell_the_app(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.fill("#main [data-action=why]", "because")
    page.get_by_role("button", name="Claim").click()
    scene.sandbox.wait(lambda: scene.actions())
    assert scene.actions()[-1]["value"] == "12"
    state = as_object(as_object(scene.last("block_actions")["state"])["values"])
    assert as_object(as_object(state["say"])["why"])["value"] == "because"

    page.select_option("#main [data-action=to]", "ben")
    scene.sandbox.wait(lambda: scene.actions()[-1]["action_id"] == "to")
    page.fill("#main [data-action=due]", "2026-12-01")
    scene.sandbox.wait(lambda: scene.actions()[-1]["action_id"] == "due")
    assert scene.actions()[-1]["selected_date"] == "2026-12-01"
    page.fill("#main [data-action=at]", "07:30")
    scene.sandbox.wait(lambda: scene.actions()[-1].get("selected_time") == "07:30")


def test_an_overflow_is_a_menu_for_the_keyboard(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    button = page.locator("#main [data-menu]")
    button.focus()
    page.keyboard.press("Enter")
    items = page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")

    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("Enter")
    scene.sandbox.wait(lambda: scene.actions())
    assert as_object(scene.actions()[-1]["selected_option"])["value"] == "close"


def test_a_confirmation_asks_in_its_own_words_and_no_means_no(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.get_by_role("button", name="Delete").click()
    asked = page.get_by_role("dialog", name="Really delete it?")
    expect(asked).to_contain_text("Gone is gone.")
    expect(asked.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    asked.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Claim").click()
    scene.sandbox.wait(lambda: scene.actions())
    assert [act["action_id"] for act in scene.actions()] == ["claim"]

    page.get_by_role("button", name="Delete").click()
    expect(asked.get_by_role("button", name="Delete it")).to_have_class("act danger")
    asked.get_by_role("button", name="Delete it").click()
    scene.sandbox.wait(lambda: scene.actions()[-1]["action_id"] == "remove")


def form(page: Page) -> None:
    page.fill(FIELD, "/form")
    page.press(FIELD, "Enter")
    page.get_by_role("dialog", name="Form").wait_for()


def test_a_modal_is_filled_wrongly_then_rightly(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    form(page)
    shown = page.get_by_role("dialog", name="Form")
    note = shown.get_by_label("note", exact=True)
    expect(note).to_be_focused()
    shown.get_by_role("button", name="Send").click()
    expect(note).to_have_attribute("aria-invalid", "true")
    expect(shown.locator("#field0-error")).to_have_text("Please complete this required field.")
    expect(note).to_have_attribute("aria-describedby", "field0-error")

    note.fill("wrong")
    shown.get_by_label("kind").select_option("fax")
    shown.get_by_label("when").fill("2026-11-02T10:00")
    shown.get_by_label("Ben Okafor").check()
    shown.get_by_role("button", name="Send").click()
    expect(shown).to_contain_text("This note is wrong.")
    assert note.input_value() == "wrong"
    note.fill("right")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(2)
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(FIELD)).to_be_focused()

    values = as_object(as_object(as_object(scene.last("view_submission")["view"])["state"])["values"])
    held = {name: as_object(as_object(values[name])[f"{name}_in"]) for name in ("note", "kind", "when", "who")}
    assert held["note"]["value"] == "right"
    assert as_object(held["kind"]["selected_option"])["value"] == "fax"
    assert held["when"]["selected_date_time"] == 1793631600  # ten o'clock in New York, after the clocks went back
    assert held["who"]["selected_users"] == [scene.ben.id]


def test_modals_are_pushed_updated_and_left_by_escape(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    form(page)
    shown = page.locator("#dialog")
    shown.get_by_label("note", exact=True).fill("kept")
    shown.get_by_role("button", name="More fields").click()
    expect(shown.get_by_label("extra")).to_be_visible()
    assert shown.get_by_label("note", exact=True).input_value() == "kept"

    shown.get_by_role("button", name="Details…").click()
    expect(shown).to_contain_text("Details of the form")
    page.keyboard.press("Escape")
    expect(shown.get_by_label("extra")).to_be_visible()
    for _ in range(30):  # the keyboard does not leave the dialog
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('#dialog') !== null"
        )
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    assert scene.ana.views() == []


def test_shortcuts_of_the_composer_and_of_a_message(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("menuitem", name="My tasks").click()
    scene.sandbox.wait(lambda: scene.last("shortcut"))
    assert scene.last("shortcut")["callback_id"] == "my_tasks"

    message = page.locator("#main article", has_text="I take the packet.")
    message.hover()
    message.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Make a task of it").click()
    scene.sandbox.wait(lambda: scene.last("message_action"))
    heard = scene.last("message_action")
    assert heard["callback_id"] == "make_task"
    assert as_object(heard["message"])["text"] == "I take the packet."
    assert as_object(heard["channel"])["id"] == scene.case


def test_the_home_tab_and_the_messages_with_the_app(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.locator("#sidebar a", has_text="Caseboard").first.click()
    expect(page.locator("#main")).to_contain_text("Good morning")
    page.get_by_role("button", name="Show all").click()
    scene.sandbox.wait(lambda: scene.actions())
    assert as_object(scene.last("block_actions")["view"])["type"] == "home"
    scene.web.views_publish(user_id=scene.ana.id, view={"type": "home", "blocks": []})
    expect(page.locator("#main")).not_to_contain_text("Good morning")

    page.locator("#head").get_by_role("button", name="Messages").click()
    page.fill(FIELD, "hello app")
    page.press(FIELD, "Enter")
    expect(page.locator("#main")).to_contain_text("hello app")
    assert scene.sandbox.messages(scene.ana.dm())[-1]["text"] == "hello app"


def test_the_home_tab_is_read_from_its_top(scene: Scene, opened: Opened) -> None:
    lines = [{"type": "section", "text": {"type": "plain_text", "text": f"line {number}."}} for number in range(60)]
    scene.web.views_publish(user_id=scene.ana.id, view={"type": "home", "blocks": lines})
    page = opened(scene.ana, scene.case)
    expect(page.locator("#main")).to_contain_text("Calling now.")
    page.locator("#sidebar a", has_text="Caseboard").first.click()
    expect(page.locator("#main")).to_contain_text("line 59.")
    assert page.evaluate("document.querySelector('#main').scrollTop") == 0

    page.reload()
    expect(page.locator("#main")).to_contain_text("line 59.")
    assert page.evaluate("document.querySelector('#main').scrollTop") == 0


def test_somebody_is_written_to(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.get_by_role("button", name="Write to somebody").click()
    page.get_by_role("menuitem", name="Ben Okafor").click()
    expect(page.locator("h1")).to_contain_text("Ben Okafor")
    page.fill(FIELD, "psst")
    page.press(FIELD, "Enter")
    expect(page.locator("#main")).to_contain_text("psst")
    assert scene.sandbox.messages(scene.ben.dm("ana"))[-1]["text"] == "psst"


def test_what_does_not_work_is_said_and_what_was_typed_is_kept(scene: Scene, opened: Opened) -> None:
    page = opened(scene.ana, scene.case)
    page.fill(FIELD, "/nothing here")
    page.press(FIELD, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("/nothing is not a valid command")
    expect(page.locator(FIELD)).to_have_value("/nothing here")
