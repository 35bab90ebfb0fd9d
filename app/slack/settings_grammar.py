"""Reading the command that opens the settings. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

from app.slack import asked
from app.slack.verbs import USAGE, Verb
from app.slack.words import Words, usage

_SECTIONS: Final[Mapping[str, Literal["hours", "holidays", "escalation"]]] = {
    "hours": "hours", "working hours": "hours", "calendar": "hours", "zone": "hours", "holidays": "holidays",
    "holiday": "holidays", "closed days": "holidays", "escalation": "escalation", "escalations": "escalation",
    "delays": "escalation",
}  # fmt: skip


def read_settings(words: Words) -> asked.Asked:
    """`settings`, `settings hours`, `settings @ana`."""
    said = words.left.casefold().rstrip(" ?!.")
    if said in _SECTIONS:
        return asked.ShowSettings(_SECTIONS[said])
    words.drop("of", "for", "people", "person", "roles")
    person = words.person_of(Verb.SETTINGS) if words else None
    if words:
        raise usage(Verb.SETTINGS, f"I do not understand which. What I take: {USAGE[Verb.SETTINGS].arguments}.")
    return asked.ShowSettings("", person)
