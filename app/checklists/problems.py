"""What is wrong with a template, said so that the person who wrote it can put it right."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one place.

    `line` and `column` count from 1; both are 0 when the template came from no file (a stored body).
    """

    file: str
    line: int
    column: int
    message: str
    fix: str
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        mark = "" if self.severity == "error" else "warning: "
        return f"{where}: {mark}{self.message}; {self.fix}"


class TemplateErrors(Exception):
    """A template, or a folder of them, cannot be used. Holds every problem that was found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Collection[str]) -> str | None:
    """The known word nearest to `word`, or None when nothing is near."""
    by_folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def one_of(word: str, known: Collection[str], what: str) -> str:
    """Advice for an unknown `word`: the nearest known one, or the list of `what` there is."""
    near = did_you_mean(word, known)
    if near is not None:
        return f"did you mean `{near}`?"
    if not known:
        return f"there are no {what} here"
    return f"{what} here: {', '.join(sorted(known))}"
