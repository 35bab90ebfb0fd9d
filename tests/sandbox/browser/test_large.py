"""A workspace of 200 channels and 20,000 messages is as quick in the browser as a small one, or nearly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Browser, Page, expect

from app.sandbox import Sandbox
from app.sandbox.acts import channels, messages, people
from app.sandbox.acts.messages import Content
from app.sandbox.server import build

ROUNDS = 7
MOST_RATIO = 3.0
MESSAGES = 100
"""In each channel, in both workspaces: more than are shown at once."""

OPEN = """async (id) => {
  const main = document.getElementById("main");
  const begun = performance.now();
  document.querySelector(`[data-entry="${id}"] a`).click();
  await new Promise((done) => {
    const there = () => main.dataset.place?.endsWith(id) && main.querySelector("article");
    const look = () => there() ? done() : requestAnimationFrame(look);
    look();
  });
  return performance.now() - begun;
}"""
RECEIVE = """async ([id, user, text]) => {
  const main = document.getElementById("main");
  const begun = performance.now();
  await fetch("/control/message.post", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ channel: id, user, text }),
  });
  await new Promise((done) => {
    const look = () => main.lastElementChild.textContent.includes(text) ? done() : requestAnimationFrame(look);
    look();
  });
  return performance.now() - begun;
}"""


@contextmanager
def workspace(count: int) -> Iterator[tuple[Sandbox, str]]:
    """A sandbox with so many channels, all of them Ana's, and her id."""
    sandbox = build(unlimited=True, settings={"events": []})
    world = sandbox.world
    ana, ben = people.add(world, "ana"), people.add(world, "ben")
    for number in range(count):
        channel = channels.create(world, f"case-{number:04}", "private", ben.id, members=[ana.id])
        for line in range(MESSAGES):
            messages.post(world, channel, ben.id, Content(f"message {line} of channel {number}"))
    with sandbox.begin():
        yield sandbox, ana.id


def measured(chromium: Browser, count: int) -> tuple[float, float]:
    """The middle of the times, in milliseconds, to open a channel and to see a post of somebody else in it."""
    with workspace(count) as (sandbox, ana):
        page = chromium.new_page()
        ids = [channel["id"] for channel in sandbox.channels()]
        page.goto(f"{sandbox.base_url}/?as={ana}&channel={ids[0]}")
        expect(page.locator("#main article").first).to_be_visible()
        opening = median(page.evaluate(OPEN, ids[turn % 2]) for turn in range(1, ROUNDS + 1))
        receiving = median(page.evaluate(RECEIVE, [ids[ROUNDS % 2], "ben", f"post {turn}."]) for turn in range(ROUNDS))
        page.context.close()
        return opening, receiving


def test_size_hardly_matters(chromium: Browser) -> None:
    small = measured(chromium, 2)
    large = measured(chromium, 200)

    assert large[0] < MOST_RATIO * small[0], f"opening: {large[0]:.0f} ms against {small[0]:.0f} ms"
    assert large[1] < MOST_RATIO * small[1], f"receiving: {large[1]:.0f} ms against {small[1]:.0f} ms"


def test_a_post_moves_little_data(chromium: Browser) -> None:
    """What comes over the line for one post is a few rows and one entry, however much is there."""
    with workspace(200) as (sandbox, ana):
        page = chromium.new_page()
        channel = str(sandbox.channels()[0]["id"])
        page.goto(f"{sandbox.base_url}/?as={ana}&channel={channel}")
        expect(page.locator("#main article").first).to_be_visible()
        page.wait_for_load_state("load")
        sizes: list[int] = []
        page.on("response", lambda answer: sizes.append(_size(answer.url, answer.body)))
        page.evaluate(RECEIVE, [channel, "ben", "one post"])
        page.context.close()
    assert sizes
    assert max(sizes) < 4000


def _size(url: str, body: Callable[[], bytes]) -> int:
    return len(body()) if "/page/changes" in url or "/page/parts" in url else 0


def test_a_page_that_stays_open_keeps_no_more_than_it_can_show(chromium: Browser) -> None:
    with workspace(2) as (sandbox, ana):
        page: Page = chromium.new_page()
        channel = str(sandbox.channels()[0]["id"])
        page.goto(f"{sandbox.base_url}/?as={ana}&channel={channel}")
        expect(page.locator("#main article").first).to_be_visible()
        ben = next(person for person in sandbox.people() if person.name == "ben")
        for part in range(9):
            for number in range(50):
                ben.post(channel, f"post {part * 50 + number}.")
            expect(page.locator("#main")).to_contain_text(f"post {part * 50 + 49}.")
        assert page.locator("#main article").count() <= 400
        page.get_by_role("button", name="Older messages").click()
        expect(page.locator("#main")).to_contain_text("post 199.")
        page.context.close()
