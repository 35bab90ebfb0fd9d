"""Commands within our own sentences, made so that they can be copied from Slack as they stand. Pure.

Services say what to write without naming Slack's command (`Write: done 12 yes`), since they do not know where they
are read. Their convention: such a hint is the end of the text, behind a colon, and begins with its verb and what the
verb is about.
"""

import re
from typing import Final

from app.kernel.keydates import KEY_DATES
from app.slack.verbs import Verb, main_command

_ABOUT_A_TASK: Final = (
    Verb.CLAIM, Verb.DONE, Verb.RELEASE, Verb.WAIT, Verb.RESUME, Verb.SKIP, Verb.REOPEN, Verb.WAIVE, Verb.HANDOFF,
    Verb.ACCEPT, Verb.DECLINE, Verb.ASSIGN, Verb.SHOW, Verb.LATE, Verb.EXTEND, Verb.ESCALATE, Verb.ASK,
    Verb.SNOOZE, Verb.REMIND,
)  # fmt: skip
_BEGINNING = (
    rf"(?:{'|'.join(_ABOUT_A_TASK)}) (?:[0-9A-Z]{{4,10}}-)?\d+(?=\s|\Z)"
    rf"|{Verb.DATE} (?:{'|'.join(map(re.escape, KEY_DATES.values()))}) "
    rf"|{Verb.CLOSE} <reason>|{Verb.REOPEN} [0-9A-Z]{{4,10}}\Z"
    rf"|(?:{Verb.SLA}|{Verb.BACK}(?: @person)?|{Verb.QUIET} (?:off|18:00 to 8:00)|{Verb.SETTINGS} @person)\Z"
    rf"|{Verb.COMPONENT} (?:add|change|remove|list)\b"
)
# To the end of the text, and no sentence after it: a task's title in the middle of one is no hint.
_HINT = re.compile(rf"(?<=: )(?=(?:{_BEGINNING})(?:(?![.] ).)*(?<![.])\Z)")


def copyable(words: str) -> str:
    """The text with Slack's command before the hint at its end, if there is one."""
    return _HINT.sub(f"{main_command()} ", words)
