"""Dates as another system writes them, by a pattern such as MM/DD/YYYY."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

_TOKENS: Final = {
    "YYYY": "%Y",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "DD": "%d",
    "D": "%d",
    "HH": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "ss": "%S",
    "AM": "%p",
    "T": "T",
}
_WORD = re.compile(r"[A-Za-z]+")
_PARTS = re.compile("|".join(sorted(_TOKENS, key=len, reverse=True)))
EXAMPLE: Final = "YYYY-MM-DD, MM/DD/YYYY, DD.MM.YYYY, D MMM YYYY or MM/DD/YYYY HH:mm"


class BadPattern(ValueError):
    """A text is no pattern of a date. The message says what is wrong with it."""


class NotADate(ValueError):
    """A cell does not hold a date of the pattern. The message never holds the cell."""


@dataclass(frozen=True)
class DatePattern:
    """How a column writes dates. `timed` says whether the hour stands in it too."""

    text: str
    timed: bool
    _directives: str

    @classmethod
    def parse(cls, text: str) -> "DatePattern":
        """Read YYYY, MM or MMM (Jan), DD, HH (0-23) or hh with AM, mm, ss; one M, D or h may stand for two.

        Raises BadPattern. Years of two digits are refused, because 02/03/04 has six readings.
        """
        found: list[str] = []

        def word(match: re.Match[str]) -> str:
            inside = _PARTS.findall(match[0])
            if "".join(inside) != match[0]:
                raise BadPattern(f"`{match[0]}` is no part of a date")
            found.extend(_TOKENS[token] for token in inside)
            return "".join(_TOKENS[token] for token in inside)

        if "%" in text:
            raise BadPattern("`%` is no part of a date")
        directives = _WORD.sub(word, text.strip())
        twice = {part for part in found if part != "T" and found.count(part) > 1}
        if twice or ("%m" in found) == ("%b" in found) or not {"%Y", "%d"} <= set(found):
            raise BadPattern("a date needs YYYY, one of MM and MMM, and DD, each once")
        hours = {"%H", "%I"} & set(found)
        if len(hours) > 1 or bool(hours) != ("%M" in found) or ("%I" in found) != ("%p" in found):
            raise BadPattern("an hour is HH:mm, or hh:mm AM")
        return cls(text.strip(), bool(hours), directives)

    def read(self, cell: str) -> tuple[date, time | None]:
        """The local day, and the local time where it is known; raises NotADate.

        ISO dates are understood besides, since a spreadsheet's own dates arrive as such. Midnight is what
        systems write that know the day only, so it counts as a time that is not known.
        """
        for directives, timed in ((self._directives, self.timed), *_ISO):
            try:
                at = datetime.strptime(cell, directives)  # noqa: DTZ007 - local by definition, no zone in it
            except ValueError:
                continue
            known = timed and at.time() != time()
            return at.date(), at.time() if known else None
        raise NotADate(f"not a date as {self.text}")


_ISO: Final = (("%Y-%m-%d", False), ("%Y-%m-%d %H:%M:%S", True), ("%Y-%m-%d %H:%M", True))
