"""Telling tasks of the same title apart. Pure."""

from collections import Counter
from collections.abc import Sequence

from app.kernel.textsafety import clip


def titles_apart(tasks: Sequence[tuple[str, str, str | None]], most: int = 300) -> list[str]:
    """The titles of tasks, each given with its case's code before and its component behind, in their order.

    Where a case has the same title more than once, it bears its component (`Order the part (C1 plate)`); of `most`
    characters the component is kept and the title is cut.
    """
    known = Counter((code, title) for code, title, _ in tasks)
    words = []
    for code, title, component in tasks:
        behind = f" ({component})" if component and known[code, title] > 1 else ""
        words.append(f"{clip(title, max(most - len(behind), 1))}{behind}")
    return words
