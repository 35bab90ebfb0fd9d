"""A VA's morning, played on the page alone, by what each person reads there; docs/morning.md shows its pictures.

They are taken when they are asked for: `CASEBOARD_PICTURES=docs/pictures/morning pytest tests/demo/test_morning.py`
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.demo.conductor import Conductor
from app.sandbox import Sandbox

expect.set_options(timeout=20_000)

HEIGHTS = {1280: 860, 390: 844}
ANA, BO, LEA, SAM = "Ana Diaz", "Bo Lindt", "Lea Brandt", "Dr. Sam Ortega"
CASE = re.compile("case-[0-9a-z]{4}")
NOTE = "The agenda closes at noon, and nobody is named yet."


class Screen:
    """The page of one browser: be somebody, go somewhere, write; keeps pictures if there is a folder for them."""

    def __init__(self, page: Page, width: int, folder: Path | None) -> None:
        self.page, self.width, self.folder = page, width, folder
        self.steps = 0
        self.main = page.get_by_role("region", name="Messages")
        self.places = page.get_by_role("navigation", name="Channels")
        self.dialog = page.get_by_role("dialog")

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
        menu = self.page.get_by_role("button", name="Channels")
        if menu.is_visible() and not self.places.is_visible():
            menu.click()
        expect(self.places).to_be_visible()

    def go_to(self, place: str | re.Pattern[str]) -> None:
        """Open a channel, or the app."""
        self.unfold()
        self.places.get_by_role("link", name=place).first.click()
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
        """Take a picture of a step, when pictures are asked for; `of` is what has to be in it."""
        self.steps += 1
        if self.folder is not None:
            expect(self.page.get_by_text("Slack has every notice.")).to_have_count(1)
            expect(self.page.locator("#sidebar [aria-current] .count")).to_have_count(0)
            if of is not None:
                of.evaluate("shown => shown.scrollIntoView({ block: 'end' })")
            self.page.mouse.move(0, 0)
            name = f"{self.steps:02}-{step}-{self.width}.png"
            self.page.screenshot(path=self.folder / name, animations="disabled")


@pytest.fixture(params=HEIGHTS, ids=lambda width: f"{width}px")
def screen(request: pytest.FixtureRequest, browser: Browser, conductor: Conductor, sandbox: Sandbox) -> Screen:
    """The practice in a browser as wide as a desk's or a phone's."""
    width = int(request.param)
    asked = os.environ.get("CASEBOARD_PICTURES")
    folder = Path(asked) if asked else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": width, "height": HEIGHTS[width]}, locale="en-US")
    page.set_default_timeout(20_000)
    page.goto(f"{sandbox.base_url}/")
    return Screen(page, width, folder)


def the_day_before(screen: Screen) -> str:
    """The lead opens a case for a board on Friday, and it becomes the next morning; returns the case's code."""
    screen.act_as(LEA)
    screen.go_to("front-desk")
    screen.write("/cb open @sam")
    expect(screen.main).to_contain_text("Opened case")
    screen.go_to(CASE)
    expect(screen.main).to_contain_text("is open")
    screen.write("/cb date board 2026-10-09 07:30")
    expect(screen.main).to_contain_text("Re-planned")
    bar = screen.page.get_by_role("region", name="Simulated clock and faults")
    bar.get_by_role("button", name="+1 working day").click()
    expect(bar).to_contain_text("Tue 6 Oct 2026, 08:00 EDT paused")
    expect(bar).to_contain_text("Slack has every notice.")
    return screen.page.get_by_role("heading", level=1).inner_text().strip().removeprefix("case-").upper()


@pytest.mark.long
def test_a_va_s_morning(screen: Screen) -> None:
    code = the_day_before(screen)
    first, second = f"{code}-1", f"{code}-2"
    main, dialog = screen.main, screen.dialog

    # Ana opens her home tab: nothing needs her, and of what she could take what is late comes first.
    screen.act_as(ANA)
    screen.open_home()
    expect(main).to_contain_text("Nothing needs you now.")
    expect(main.get_by_role("heading", name="You could take: 4")).to_be_visible()
    expect(main).to_contain_text(re.compile(f"{first} Listed for the board, presenter named · late, was due .* · free"))
    screen.picture("home")

    main.get_by_role("button", name=f"Claim {first}").click()
    expect(main).to_contain_text(f"Claimed {first}")
    expect(main.get_by_role("heading", name="Needs you now: 1")).to_be_visible()
    expect(main.get_by_role("heading", name="You could take: 3")).to_be_visible()
    expect(main.get_by_role("button", name=f"Hand off {first}")).to_be_visible()
    screen.picture("claimed-by-button")

    # In the case's channel she claims another by command. Only she reads the answer, all read the card.
    screen.go_to(CASE)
    screen.write("/claim 2")
    answer = screen.message(f"Claimed {second}")
    expect(answer).to_contain_text("Only visible to you")
    expect(screen.message("tasks done")).to_contain_text(re.compile(r"2 Imaging list .* — Ana Diaz"))
    screen.picture("claimed-by-command")

    # She finishes it, wrongly at first: what she typed stays, and why it is wrong stands at the field.
    answer.get_by_role("button", name=f"Mark {second} done").click()
    studies = dialog.get_by_label("Studies loaded and listed")
    studies.fill("all seven")
    dialog.get_by_role("button", name="Done").click()
    expect(studies).to_have_attribute("aria-invalid", "true")
    expect(studies).to_have_accessible_description(re.compile(r"needs a number of 1 or more.*Nothing changed\.$"))
    expect(studies).to_have_value("all seven")
    screen.picture("modal-filled-wrongly")

    studies.fill("7")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_be_hidden()
    expect(screen.message(f"Done: {second}")).to_contain_text("Only visible to you")
    expect(main).to_contain_text("1 of 10 tasks done")
    screen.picture("modal-filled-rightly")

    # She hands the late one to Bo, from her home tab, and is told there.
    screen.open_home()
    expect(main.get_by_role("heading", name="You could take: 2")).to_be_visible()
    main.get_by_role("button", name=f"Hand off {first}").click()
    dialog.get_by_label("To whom").select_option(label=BO)
    dialog.get_by_label("How urgent").select_option(label="For today")
    dialog.get_by_label("Where it stands").fill(NOTE)
    dialog.get_by_label("What to watch for").fill("their desk closes at four")
    screen.picture("hand-off")
    dialog.get_by_role("button", name="Offer").click()
    expect(dialog).to_be_hidden()
    expect(main).to_contain_text(f"Offered {first} to {BO}. It stays yours until they accept.")
    expect(main.get_by_role("heading", name="Needs you now: 1")).to_be_visible()
    expect(main).to_contain_text(re.compile(f"offered to {BO} since .*, not accepted yet"))
    screen.picture("offered")

    # Bo reads the offer in the channel, and nothing of what only Ana was told.
    screen.act_as(BO)
    screen.go_to(CASE)
    offer = screen.message(NOTE)
    expect(offer).to_contain_text(f"@{BO}")
    expect(main).not_to_contain_text("Only visible to you")
    expect(main).not_to_contain_text(f"Claimed {second}")
    screen.picture("offer-arrives", offer)

    offer.get_by_role("button", name=f"Accept {first}").click()
    accepted = screen.message(f"{first} is yours now, from {ANA}")
    expect(accepted).to_contain_text("Only visible to you")
    expect(offer.get_by_role("button", name=f"Accept {first}")).to_have_count(0)
    screen.picture("accepted")

    # Ana sees on the card that it is Bo's, and not what only Bo was told.
    screen.act_as(ANA)
    screen.go_to(CASE)
    expect(screen.message("tasks done")).to_contain_text(re.compile(f"1 Listed for the board.* — {BO}"))
    expect(screen.message(f"Claimed {second}")).to_be_visible()
    expect(main).not_to_contain_text("is yours now")
    screen.open_home()
    expect(main).to_contain_text("Nothing needs you now.")

    # The surgeon reads the digest that came by direct message; nobody else got one.
    screen.unfold()
    expect(screen.places).not_to_contain_text("unread")
    screen.act_as(SAM)
    screen.unfold()
    direct = screen.places.get_by_role("link", name="Caseboard").last
    expect(direct).to_contain_text("1 unread")
    direct.click()
    digest = screen.message("Digest for Tue 6 Oct 2026: 2 to decide, 1 at risk, 1 next week.")
    expect(digest).to_contain_text(re.compile(f"Decide · {code}-5 Case summary written and signed, due"))
    expect(digest).to_contain_text(re.compile(f"At risk · {code} board .*packet not locked; 1 task late"))
    expect(digest).to_contain_text(re.compile(f"Next week · {code} board"))
    screen.picture("digest")

    digest.get_by_role("button", name=f"Mark {code}-5 done").click()
    dialog.get_by_label("Yes, I confirm this with my name").check()
    dialog.get_by_role("button", name="Done").click()
    expect(screen.message(f"Done: {code}-5")).to_contain_text("Only visible to you")
    screen.picture("digest-answered")
    screen.unfold()
    expect(direct).not_to_contain_text("unread")
