"""One line of the doctor's answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `fix` is empty when it is well. Never holds a secret or a patient's data.

    What is not `grave` works as it is, and is probably not meant so.
    """

    what: str
    found: str
    fix: str = ""
    grave: bool = True

    @property
    def well(self) -> bool:
        return not self.fix

    @property
    def mark(self) -> str:
        """What a line begins with."""
        if self.well:
            return "ok  "
        return "FIX " if self.grave else "note"
