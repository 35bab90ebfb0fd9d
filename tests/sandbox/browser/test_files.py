"""Files on the page: pictures drawn with their words, others to be saved, and gone when they were deleted."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.sandbox.browser.conftest import Opened
from tests.sandbox.browser.scene import Scene
from tests.sandbox.pictures import png
from tests.sandbox.test_files import put

EVIL = "<svg onload=alert(1)>.svg"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_picture_is_drawn_within_the_width_with_its_words(scene: Scene, opened: Opened, width: int) -> None:
    page = opened(scene.ana, scene.case, width=width)
    put(scene.web, scene.case, "scan.png", png(1600, 800), title="Scan", alt_txt="a proximal tibia")

    image = page.get_by_role("img", name="a proximal tibia")
    expect(image).to_be_visible()
    image.scroll_into_view_if_needed()
    image.evaluate("async one => one.decode()")
    assert image.evaluate("one => one.naturalWidth") == 1600
    box = image.bounding_box()
    assert box is not None
    assert box["width"] <= 360
    assert abs(box["width"] / box["height"] - 2) < 0.05
    assert box["x"] + box["width"] <= width
    message = page.locator("#main article", has=image)
    expect(message).to_contain_text("Scan")
    assert str(message.get_attribute("aria-label")).endswith(": File: Scan")


def test_another_file_is_saved_as_it_was_sent(scene: Scene, opened: Opened, tmp_path: Path) -> None:
    page = opened(scene.ana, scene.case)
    content = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    put(scene.web, scene.case, EVIL, content, initial_comment="Look")

    card = page.get_by_role("link", name=f"Download {EVIL} SVG · 71 bytes")
    expect(card).to_be_visible()
    with page.expect_download() as saved:
        card.click()
    saved.value.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == content
    message = page.locator("#main article", has=card)
    assert str(message.get_attribute("aria-label")).endswith(f": Look File: {EVIL}")


def test_a_picture_is_opened_alone_and_runs_nothing(scene: Scene, opened: Opened) -> None:
    put(scene.web, scene.case, "scan.png", png(), alt_txt="a proximal tibia")
    page = opened(scene.ana, scene.case)

    with page.context.expect_page() as alone:
        page.get_by_role("img", name="a proximal tibia").click()
    alone.value.wait_for_load_state()
    assert alone.value.evaluate("document.contentType") == "image/png"
    assert alone.value.evaluate("self.origin") == "null"  # apart from the sandbox's own pages


def test_a_deleted_file_goes_before_ones_eyes(scene: Scene, opened: Opened) -> None:
    file = put(scene.web, scene.case, "wrong.txt", b"wrong", initial_comment="Look")
    page = opened(scene.ana, scene.case)
    message = page.locator("#main article", has_text="Look")
    expect(message).to_contain_text("wrong.txt")

    scene.web.files_delete(file=str(file["id"]))
    expect(message).to_contain_text("This file was deleted.")
    expect(message).not_to_contain_text("wrong.txt")


def test_who_acts_fetches_as_themself(scene: Scene, opened: Opened) -> None:
    put(scene.web, scene.case, "scan.png", png(), alt_txt="a proximal tibia")
    page = opened(scene.ana, scene.case)
    image = page.get_by_role("img", name="a proximal tibia")

    expect(image).to_have_attribute("src", re.compile(f"as={scene.ana.id}$"))
    page.select_option("#as", label="Ben Okafor")
    expect(image).to_have_attribute("src", re.compile(f"as={scene.ben.id}$"))
    image.scroll_into_view_if_needed()
    image.evaluate("async one => one.decode()")
