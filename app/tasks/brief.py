"""What the receiver of a handoff has to know, by the parts of I-PASS.

Illness severity, patient summary, action list, situation awareness and contingency, synthesis by receiver (Starmer
and others, N Engl J Med 2014;371:1803): for a task, how urgent it is, where it stands, what is to do, what to watch
for, and the receiver's own words back.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum

from app.refusals import at_field


class Urgency(StrEnum):
    """How urgent a task is; one that is urgent now is accepted with the receiver's own words."""

    NOW = "now"
    TODAY = "today"
    LATER = "later"


@dataclass(frozen=True)
class Brief:
    """`note` says where it stands; the other parts may be left out."""

    note: str
    urgency: Urgency | None = None
    to_do: str | None = None
    watch: str | None = None

    def checked(self, check: Callable[[str, str], str]) -> "Brief":
        """The same with each text as `check` returns it, which gets the text and what its writer calls it.

        A refusal names the part that it is about.
        """

        def may_be(text: str | None, what: str, field: str) -> str | None:
            with at_field(field):
                return None if text is None else check(text, what)

        with at_field("note"):
            note = check(self.note, "note for the handoff")
        return Brief(
            note, self.urgency,
            may_be(self.to_do, "list of what is to do", "to_do"),
            may_be(self.watch, "word on what to watch for", "watch"),
        )  # fmt: skip

    def columns(self) -> dict[str, str | None]:
        """As a row or a payload has it."""
        return asdict(self)
