"""The page of the demonstration as people use it: who one is, where one goes, what one writes; and pictures of it."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=20_000)

HEIGHTS = {1280: 860, 390: 844}
TAKES = 5
HAS_ALL = "async () => (await (await fetch('/demo/state')).json()).waiting === 0"
# Of a message that is taller than the page, its head.
INTO_VIEW = """shown => shown.scrollIntoView({
    block: shown.offsetHeight > document.getElementById("main").clientHeight ? "start" : "end",
})"""
ANA, BO, LEA, SAM, MAX = "Ana Diaz", "Bo Lindt", "Lea Brandt", "Dr. Sam Ortega", "Max Weber"
CASE = re.compile("case-[0-9a-z]{4}")


class Screen:
    """The page of one browser: be somebody, go somewhere, write; keeps pictures if there is a folder for them."""

    def __init__(self, page: Page, width: int, folder: Path | None) -> None:
        self.page, self.width, self.folder = page, width, folder
        self.steps = 0
        self.main = page.get_by_role("region", name="Messages")
        self.places = page.get_by_role("navigation", name="Channels")
        self.dialog = page.get_by_role("dialog")
        self.menu = page.get_by_role("button", name="Channels")

    def act_as(self, name: str) -> None:
        """Be somebody else, once the page shows what is theirs."""
        chosen = self.page.get_by_label("Act as")
        person = chosen.get_by_role("option", name=name, exact=True).get_attribute("value")
        chosen.select_option(value=person)
        expect(self.page).to_have_url(re.compile(f"as={person}"))
        self.drawn()

    def drawn(self) -> None:
        """Wait until the page is drawn for the place: a press before that would meet what is about to be replaced."""
        expect(self.page.locator("#main:not([aria-busy])")).to_be_visible()

    def unfold(self) -> None:
        """Show the sidebar, which a phone hides."""
        if self.menu.is_visible() and not self.places.is_visible():
            self.menu.click()
        expect(self.places).to_be_visible()

    def go_to(self, place: str | re.Pattern[str]) -> None:
        """Open a channel, or the app."""
        self.unfold()
        link = self.places.get_by_role("link", name=place).first
        link.click()
        self.drawn()
        if self.menu.is_visible():
            if self.places.is_visible():  # an entry that is drawn anew in the midst of a press takes no click
                link.click()
            expect(self.places).to_be_hidden()

    def go_to_direct(self) -> None:
        """Open the app's direct messages."""
        self.unfold()
        self.places.get_by_role("link", name="Caseboard").last.click()
        self.drawn()

    def open_home(self) -> None:
        """Open the app's home tab, as it is now."""
        self.go_to("Caseboard")
        expect(self.main).to_contain_text("As of")

    def write(self, line: str) -> None:
        """Type a line and send it; who is mentioned last is picked from the suggestions."""
        field = self.page.get_by_role("combobox", name="Message")
        field.press_sequentially(line)
        if line.split()[-1].startswith("@"):
            self.page.get_by_role("listbox", name="Suggestions").get_by_role("option").first.wait_for()
            field.press("Enter")
        field.press("Enter")
        expect(field).to_have_value("")

    def message(self, words: str) -> Locator:
        """The newest message with these words."""
        return self.main.get_by_role("article").filter(has_text=words).last

    def picture(self, step: str, of: Locator | None = None) -> None:
        """Take a picture of a step in both modes, when pictures are asked for; `of` has to be in it."""
        self.steps += 1
        if self.folder is not None:
            self.take(self.folder / f"{self.steps:02}-{step}-{self.width}.png", of, dark=True)

    def take(self, name: Path, of: Locator | None = None, *, dark: bool = False) -> None:
        """Take a picture now. Both modes are of one moment: where something came in between, both are taken anew."""
        for _ in range(TAKES):
            if of is not None:
                self.main.evaluate("list => list.scrollTo(0, list.scrollHeight)")
                expect(self.page.locator("#newer")).to_be_hidden()
            self._settled()
            if of is not None:
                of.evaluate(INTO_VIEW)
            self.page.mouse.move(0, 0)
            shown = self._words()
            self.page.screenshot(path=name, animations="disabled")
            if dark:
                self.page.emulate_media(color_scheme="dark")
                self.page.screenshot(path=name.with_stem(f"{name.stem}-dark"), animations="disabled")
                self.page.emulate_media(color_scheme="light")
            if self._words() == shown:
                return
        raise AssertionError(f"the page did not come to rest for {name.name}")

    def _settled(self) -> None:
        """Wait until Slack has every notice, as of now: the bar alone tells of some seconds ago."""
        self.page.wait_for_function(HAS_ALL)
        expect(self.page.get_by_text("Slack has every notice.")).to_have_count(1)
        expect(self.page.locator("#sidebar [aria-current] .count")).to_have_count(0)
        self.drawn()

    def _words(self) -> str:
        return self.page.locator("body").inner_text()


def later_that_day(screen: Screen, hour: int) -> None:
    """It becomes that hour of the day that began at 8:00."""
    bar = screen.page.get_by_role("region", name="Simulated clock and faults")
    for passed in range(9, hour + 1):
        bar.get_by_role("button", name="+1 hour").click()
        expect(bar).to_contain_text(f"{passed:02}:00 EDT paused")
    expect(bar).to_contain_text("Slack has every notice.")


def the_day_before(screen: Screen) -> str:
    """The lead opens a case for a board on Friday, and it becomes the next morning; returns the case's code."""
    screen.act_as(LEA)
    screen.go_to("front-desk")
    screen.write("/cb open @sam")
    expect(screen.main).to_contain_text("Opened case")
    screen.go_to(CASE)
    expect(screen.main).to_contain_text("is open")
    screen.write("/cb date board 2026-10-09 07:30 anyway")
    expect(screen.main).to_contain_text("Re-planned")
    bar = screen.page.get_by_role("region", name="Simulated clock and faults")
    bar.get_by_role("button", name="+1 working day").click()
    expect(bar).to_contain_text("Tue 6 Oct 2026, 08:00 EDT paused")
    expect(bar).to_contain_text("Slack has every notice.")
    return screen.page.get_by_role("heading", level=1).inner_text().strip().removeprefix("case-").upper()
