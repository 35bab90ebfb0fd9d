"""What a person is answered, before Slack is told."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a person is shown. `refused` is the name of the refusal's class, or nothing; `field` what it is about.

    `text` is complete by itself; `blocks` show it, with its buttons.
    """

    text: str
    blocks: tuple[dict[str, Any], ...] = ()
    refused: str = ""
    field: str = ""

    def kept(self) -> dict[str, Any]:
        """As it is stored with its delivery."""
        return {"text": self.text, "blocks": list(self.blocks), "refused": self.refused, "field": self.field}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Answer":
        """As it was stored."""
        return cls(str(kept["text"]), tuple(kept["blocks"]), str(kept["refused"]), str(kept.get("field", "")))
