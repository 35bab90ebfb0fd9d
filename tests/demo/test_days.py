"""A VA's evening, a surgeon's answer, a lead's and a manager's morning, each from screens alone.

Pictures are taken when they are asked for: `CASEBOARD_PICTURES=docs/pictures/days pytest tests/demo/test_days.py`
"""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.demo.screen import ANA, BO, CASE, HEIGHTS, LEA, MAX, SAM, Screen, later_that_day, the_day_before

WORD = "The presenter is not named; their desk opens at 8."


# Both widths for pictures; of what happens one tells as much as two.
WIDTHS = HEIGHTS if "CASEBOARD_PICTURES" in os.environ else [390]


@pytest.mark.long
@pytest.mark.parametrize("screen", WIDTHS, indirect=True, ids=lambda width: f"{width}px")
def test_an_evening_and_the_next_morning(screen: Screen) -> None:
    code = the_day_before(screen)
    first, second = f"{code}-1", f"{code}-2"
    main, dialog = screen.main, screen.dialog
    bar = screen.page.get_by_role("region", name="Simulated clock and faults")
    later_that_day(screen, 16)

    # At four, Ana holds two tasks, one of them late, and asks the surgeon what she cannot know.
    screen.act_as(ANA)
    screen.go_to(CASE)
    screen.write("/claim 1")
    expect(screen.message(f"Claimed {first}")).to_be_visible()
    screen.write("/claim 2")
    expect(screen.message(f"Claimed {second}")).to_be_visible()
    screen.write("/cb ask")
    dialog.get_by_label("Whom to ask").select_option(label=SAM)
    dialog.get_by_label("Question").fill("Is the second read of the slides needed?")
    dialog.get_by_label("Answers to choose from").fill("yes / no")
    screen.picture("ask")
    dialog.get_by_role("button", name="Ask").click()
    expect(dialog).to_be_hidden()
    asked = screen.message("asks Dr. Sam Ortega")
    expect(asked).to_contain_text("Is the second read of the slides needed?")

    # The surgeon answers with one press, where it was asked.
    screen.act_as(SAM)
    screen.unfold()
    screen.places.get_by_role("link", name="Caseboard").last.click()
    question = screen.message("Is the second read of the slides needed?")
    expect(question).to_contain_text(f"Question from {ANA}: please answer")
    screen.picture("question", question)
    question.get_by_role("button", name=re.compile("^no: answer about ")).click()
    expect(screen.message("Answered")).to_contain_text("Only visible to you")
    expect(question.get_by_role("button", name=re.compile("^Answer |: answer about "))).to_have_count(0)

    # Ana's day ends: a word on what is late, and all of it goes to Bo.
    screen.act_as(ANA)
    screen.open_home()
    main.get_by_role("button", name="End my shift: hand over or give back all that you hold").click()
    dialog.get_by_label("Everything goes to").select_option(label=BO)
    dialog.get_by_label(re.compile(f"^{first} .* late, was due")).fill(
        "The presenter is not named; their desk opens at 8."
    )
    dialog.get_by_label("A note for the rest").fill("Not begun.")
    screen.picture("shift")
    dialog.get_by_role("button", name="Hand over").click()
    expect(dialog).to_be_hidden()
    expect(main).to_contain_text(f"Offered to {BO}: {first}, {second}. Yours until they accept.")
    expect(main).to_contain_text(f"Told {LEA} of what is late: {first}.")
    main.get_by_role("button", name="Time off: say when you are away, and who covers").click()
    dialog.get_by_label("Who covers").select_option(label=BO)
    screen.picture("time-off")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()

    # Her time off begins at once: what she held is Bo's, with her words.
    screen.act_as(BO)
    screen.go_to(CASE)
    covered = screen.message("is away today")
    expect(covered).to_contain_text(f"{BO} covers")
    expect(covered).to_contain_text(WORD)
    screen.picture("covered", covered)

    # The next morning the lead sorts out what is late: why, and until when.
    bar.get_by_role("button", name="+1 working day").click()
    expect(bar).to_contain_text("Wed 7 Oct 2026, 08:00 EDT paused")
    expect(bar).to_contain_text("Slack has every notice.")
    screen.act_as(LEA)
    screen.go_to(CASE)
    main.get_by_role("button", name=f"Sort out why {second} is late").last.click()
    dialog.get_by_label("Why it is late").select_option(label="Clinic slow")
    dialog.get_by_label(re.compile("^New deadline")).fill("2026-10-08")
    dialog.get_by_label(re.compile("^Why more time")).fill("The clinic sends the last images on Thursday.")
    screen.picture("sort-out")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(screen.message(f"Noted why {second} is late: clinic slow.")).to_contain_text("Only visible to you")
    expect(main).to_contain_text("more time for")
    screen.picture("sorted-out")

    # The manager asks how it went.
    screen.act_as(MAX)
    screen.go_to("front-desk")
    screen.write("/sla this week")
    report = screen.message("SLA · ")
    expect(report).to_contain_text("clinic slow")
    screen.picture("report", report)
    report.get_by_role("button", name="Send picture and rows of the report to me").click()
    screen.unfold()
    direct = screen.places.get_by_role("link", name="Caseboard").last
    expect(direct).to_contain_text("1 unread")
    direct.click()
    expect(main.get_by_role("img").last).to_be_visible()
    rows = main.get_by_role("link", name=re.compile(r"\.csv")).last
    expect(rows).to_be_visible()
    screen.picture("report-picture", rows)

    # The lead gives out what is free, after a look at the plan; who got something is told at once.
    screen.act_as(LEA)
    screen.go_to(CASE)
    screen.write("/cb spread")
    expect(dialog).to_contain_text("nobody gets anything before you press Give out")
    screen.picture("spread")
    dialog.get_by_role("button", name="Give out").click()
    expect(dialog).to_be_hidden()
    given = screen.message("Given to ")
    expect(given).to_contain_text("Only visible to you")
    name = re.search("Given to (.+?):", given.inner_text())
    assert name is not None
    screen.act_as(name[1])
    screen.unfold()
    screen.places.get_by_role("link", name="Caseboard").last.click()
    got = screen.message(f"{LEA} gave you")
    screen.picture("given", got)

    # The manager opens the practice later on Wednesdays: what would move is said before it is saved.
    screen.act_as(MAX)
    screen.go_to("front-desk")
    screen.write("/cb settings")
    dialog.get_by_role("button", name="Change: Hours").click()
    dialog.get_by_label("Wednesday").fill("13-17")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Nothing is saved yet")
    screen.picture("settings")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Saved")
