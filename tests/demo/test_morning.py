"""A VA's morning, played on the page alone, by what each person reads there; docs/morning.md shows its pictures.

They are taken when they are asked for: `CASEBOARD_PICTURES=docs/pictures/morning pytest tests/demo/test_morning.py`
"""

import re

import pytest
from playwright.sync_api import expect

from tests.demo.screen import ANA, BO, CASE, SAM, Screen, the_day_before

NOTE = "The agenda closes at noon, and nobody is named yet."


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
    answer.get_by_role("button", name=f"Done {second}").click()
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

    # The surgeon reads the digest that came by direct message; Bo got none, only the first message of all.
    screen.go_to_direct()
    expect(main).to_contain_text("Welcome to Caseboard")
    expect(main).not_to_contain_text("Digest for")
    screen.act_as(SAM)
    screen.unfold()
    direct = screen.places.get_by_role("link", name="Caseboard").last
    expect(direct).to_contain_text("1 unread")
    direct.click()
    digest = screen.message("Digest for Tue 6 Oct 2026: 2 to decide, 1 at risk, 1 in the next 7 days.")
    expect(digest).to_contain_text(re.compile(f"Decide · {code}-5 Case summary written and signed, due"))
    expect(digest).to_contain_text(re.compile(f"At risk · {code} board .*packet not locked; 1 task late"))
    expect(digest).to_contain_text(re.compile(f"Next 7 days · {code} board"))
    screen.picture("digest")

    digest.get_by_role("button", name=f"Sign {code}-5").click()
    dialog.get_by_label("Yes, I confirm this with my name").check()
    dialog.get_by_role("button", name="Done").click()
    expect(screen.message(f"Done: {code}-5")).to_contain_text("Only visible to you")
    left = screen.message("Digest for Tue 6 Oct 2026: 1 to decide, 1 at risk, 1 in the next 7 days.")
    expect(left).to_be_visible()
    expect(left.get_by_role("button", name=f"Sign {code}-5")).to_have_count(0)
    screen.picture("digest-answered", left)
    screen.unfold()
    expect(direct).not_to_contain_text("unread")
