"""The page of the local Slack in a real browser, with the real app behind it."""

from playwright.sync_api import Page, expect


def test_a_case_is_opened_claimed_and_finished_in_the_browser(page: Page) -> None:
    log = page.locator("#main")
    page.select_option("#as", label="Ana Diaz")
    page.locator("a", has_text="front-desk").click()
    page.fill("#composer input[name=text]", "/cb open now")
    page.press("#composer input[name=text]", "Enter")
    expect(log).to_contain_text("Opened")

    page.locator("a", has_text="case-").first.click()
    expect(log).to_contain_text("is open")
    page.fill("#composer input[name=text]", "/cb date board 2026-10-20 07:30")
    page.press("#composer input[name=text]", "Enter")
    expect(log).to_contain_text("Re-planned")
    page.fill("#composer input[name=text]", "/tasks")
    page.press("#composer input[name=text]", "Enter")
    page.get_by_role("button", name="Claim", exact=False).first.click()
    expect(log).to_contain_text("Claimed")
    expect(log).to_contain_text("0 of 10 tasks done")

    page.fill("#composer input[name=text]", "/done 1 ref AG-17")
    page.press("#composer input[name=text]", "Enter")
    expect(log).to_contain_text("Done:")
    expect(log).to_contain_text("1 of 10 tasks done")
