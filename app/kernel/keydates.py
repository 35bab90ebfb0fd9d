"""The key dates of a case: the dated events that deadlines hang on."""

import difflib
from collections.abc import Collection
from typing import Final

KEY_DATES: Final[dict[str, str]] = {
    "referral": "referral",
    "first_visit": "first visit",
    "imaging": "imaging",
    "biopsy": "biopsy",
    "pathology_final": "pathology final",
    "board": "board",
    "recommendation_signed": "recommendation signed",
    "auth_submitted": "authorization submitted",
    "auth_decided": "authorization decided",
    "surgery_proposed": "surgery proposed",
    "surgery": "surgery",
    "operative_note_signed": "operative note signed",
    "claim_filed": "claim filed",
    "denial_received": "denial received",
    "last_contact": "last two-way contact",
}
"""Name of each key date, in the order of a case's course, and the words that people read."""

UNPLANNED: Final = frozenset({"referral", "denial_received", "last_contact"})
"""Key dates that are entered only once they have happened: nothing can be due before them."""


HAPPENED: Final = UNPLANNED | {"claim_filed"}
"""Key dates that are no plan: a day to come is a slip of the finger."""


class UnknownKeyDate(ValueError):
    """A text names no key date of a case."""

    def __init__(self, text: str, suggestion: str | None, known: Collection[str]) -> None:
        self.text = text
        self.suggestion = suggestion
        hint = f"did you mean “{suggestion}”?" if suggestion else f"known: {', '.join(known)}"
        super().__init__(f"“{text}” is not a key date; {hint}")


def parse_key_date(text: str) -> str:
    """The name of the key date that `text` says, by its name or its words, case and spaces aside.

    Raises UnknownKeyDate, with the nearest name where there is one.
    """
    spellings = {_plain(name): name for name in KEY_DATES}
    spellings |= {_plain(words): name for name, words in KEY_DATES.items()}
    wanted = _plain(text)
    if wanted in spellings:
        return spellings[wanted]
    near = difflib.get_close_matches(wanted, spellings, n=1)
    raise UnknownKeyDate(text, KEY_DATES[spellings[near[0]]] if near else None, KEY_DATES.values())


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
