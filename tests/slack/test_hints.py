"""What in our sentences is a command to copy, and what only looks like one."""

import pytest

from app.slack.hints import copyable

HINTS = [
    ("Nothing changed. Write: done K7Q4-4 yes", "evidence"),
    ("Nothing changed. Write: done 12 0.5 ref ABC-1", "a number with a point"),
    ("It is done already. Nothing changed. To take that back: reopen K7Q4-4 <reason>", "a place to fill in"),
    ("K7Q4-4 now waits for the tissue bank. When it is back: resume K7Q4-4", "nothing behind the task"),
    ("Or a lead sets it with: date claim filed <date> waive <reason>", "a key date of two words"),
    ("This case has no component C7. Nothing changed. See: component list", "components"),
    ("Finish them, or close with a reason: close <reason>", "a case"),
    ("Ask somebody else: ask K7Q4-3 @person <question>", "a question"),
    ("What is there comes back to you. To be back sooner: back", "a verb alone"),
    ("K7Q4-4 is silent until Tue 3 Nov 2026 9:00 AM EST. To end it: snooze K7Q4-4 off", "a snooze"),
    ("You have no quiet hours. To set them: quiet 18:00 to 8:00", "quiet hours"),
    ("Ana is away already. Nothing changed. End that first: back @person", "for somebody else"),
    ("Assign them to somebody: assign K7Q4-3 @person", "a person"),
    ("Ask Max to give somebody the role: settings @person", "a person's settings"),
]
NO_HINTS = [
    ("Claimed K7Q4-3: claim filed and accepted. Due Thu 3 Dec 2026 5:00 PM EST.", "a title that begins with a verb"),
    ("Claimed K7Q4-3: date of the board confirmed.", "a title that begins with a verb and ends the text"),
    ("Claimed K7Q4-3: close the wound record", "a title without a stop"),
    ("Done: K7Q4-3, wait 2 days. It opened 2 more.", "a title, and a sentence behind it"),
    ("Nothing changed. Write: /cb done 4 yes", "it has its command already"),
    ("K7Q4-4 is with Ana. Nothing changed.", "nothing to write"),
]


@pytest.mark.parametrize("text", [text for text, _ in HINTS], ids=[why for _, why in HINTS])
def test_a_hint_gets_its_command(text: str) -> None:
    head, colon, hint = text.rpartition(": ")
    assert copyable(text) == f"{head}{colon}/cb {hint}"
    assert copyable(copyable(text)) == copyable(text)


@pytest.mark.parametrize("text", [text for text, _ in NO_HINTS], ids=[why for _, why in NO_HINTS])
def test_what_is_no_hint_stays(text: str) -> None:
    assert copyable(text) == text
