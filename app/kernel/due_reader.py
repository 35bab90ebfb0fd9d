"""Reading the sentence of a due rule, and saying what is wrong with one."""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import time
from typing import Final, Literal, NamedTuple

from app.kernel.durations import Duration, DurationError
from app.kernel.keydates import UNPLANNED

AnchorKind = Literal["key_date", "ready", "start", "done"]
Direction = Literal["before", "after", "on", "at"]

_ITEM = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_LOOSE_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?\Z", re.IGNORECASE)
_NO_COMPARISON: Final = {
    "within": "after",
    "by": "on",
    "until": "before",
    "prior": "before",
    "from": "after",
    "since": "after",
}


class DueRuleError(ValueError):
    """A text is no due rule.

    `message` says what is wrong, `column` (from 1) where, `suggestion` what would be right.
    """

    def __init__(self, message: str, column: int, suggestion: str) -> None:
        self.message = message
        self.column = column
        self.suggestion = suggestion
        super().__init__(f"{message} (column {column}); {suggestion}")


@dataclass(frozen=True)
class Anchor:
    """What a rule hangs on. `name` is the key date's name or the item's id; empty for `ready` and `start`."""

    kind: AnchorKind
    name: str = ""

    def __str__(self) -> str:
        if self.kind == "key_date":
            return self.name.replace("_", " ")
        return f"done of {self.name}" if self.kind == "done" else self.kind


@dataclass(frozen=True)
class _Word:
    text: str
    column: int

    @property
    def plain(self) -> str:
        return self.text.casefold()


class Sentence(NamedTuple):
    """What a due rule says, part by part."""

    duration: Duration | None
    direction: Direction
    anchor: Anchor
    at_time: time | None


def read_rule(text: str, key_dates: Collection[str], items: Collection[str] | None) -> Sentence:
    """Read a due rule. Raises DueRuleError; see app.kernel.due.DueRule.parse."""
    return _Reader(text, key_dates, items).sentence()


class _Reader:
    """Reads one rule, word by word."""

    def __init__(self, text: str, key_dates: Collection[str], items: Collection[str] | None) -> None:
        self._text = text
        self._words = [_Word(found[0], found.start() + 1) for found in re.finditer(r"\S+", text)]
        self._key_dates = {name.replace("_", " ").casefold(): name for name in key_dates}
        self._items = items

    def sentence(self) -> Sentence:
        if not self._words:
            raise DueRuleError("the due rule is empty", 1, "write for example 2 business days before board at 17:00")
        at = self._comparison()
        head, word, rest = self._words[:at], self._words[at], self._words[at + 1 :]
        direction = _direction(word)
        duration = self._duration(head, direction, word)
        anchor_words, at_time = self._split_time(rest)
        anchor = self._anchor(anchor_words, word)
        self._can_be_met(duration, direction, anchor, at_time, word)
        return Sentence(duration, direction, anchor, at_time)

    def _comparison(self) -> int:
        """Where the word stands that relates the rule to its anchor."""
        if self._words[0].plain in ("on", "at"):
            return 0
        for index, word in enumerate(self._words):
            if word.plain in ("before", "after"):
                return index
        for word in self._words:
            near = _NO_COMPARISON.get(word.plain) or next(
                iter(difflib.get_close_matches(word.plain, ("before", "after"), n=1, cutoff=0.7)), None
            )
            if near:
                raise DueRuleError(f"“{word.text}” is not a word of due rules", word.column, f"write “{near}”")
        raise DueRuleError(
            "the rule does not say what it hangs on",
            self._end(),
            "write <number> <unit> before or after <key date>, such as 2 business days before board; or on <key date>",
        )

    def _duration(self, head: list[_Word], direction: Direction, word: _Word) -> Duration | None:
        if direction in ("on", "at"):
            return None
        if not head:
            raise DueRuleError(
                f"there is no duration before “{word.text}”",
                word.column,
                f"write for example 2 business days {direction}",
            )
        began = head[0].column
        written = self._text[began - 1 : word.column - 1]
        try:
            duration = Duration.parse(written)
        except DurationError as error:
            raise DueRuleError(error.message, began + error.column - 1, error.suggestion) from error
        if duration.amount == 0:
            raise DueRuleError("a duration of 0 says nothing", began, "write on <key date>, such as on board at 17:00")
        return duration

    def _split_time(self, rest: list[_Word]) -> tuple[list[_Word], time | None]:
        """The anchor's words, and the time of day behind their `at`."""
        for index, found in enumerate(rest):
            if found.plain == "at":
                return rest[:index], self._time(rest[index + 1 :])
        for found in rest[1:]:
            if _CLOCK_TIME.match(found.text):
                raise DueRuleError(f"“{found.text}” needs “at”", found.column, f"write at {found.text}")
            if found.plain in ("before", "after", "on"):
                raise DueRuleError(
                    f"a second “{found.text}”",
                    found.column,
                    "a rule hangs on one thing; keep the one that matters",
                )
        return rest, None

    def _time(self, words: list[_Word]) -> time:
        if not words:
            raise DueRuleError("the time of day is missing after “at”", self._end(), "write for example at 17:00")
        written = " ".join(word.text for word in words)
        found = _CLOCK_TIME.match(written)
        if found:
            return time(int(found[1]), int(found[2]))
        if len(words) > 1 and _CLOCK_TIME.match(words[0].text):
            raise DueRuleError(
                f"“{words[1].text}” comes after the end of the rule",
                words[1].column,
                f"end it with at {words[0].text}",
            )
        raise DueRuleError(f"“{written}” is not a time of day", words[0].column, f"write at {_likely_time(written)}")

    def _anchor(self, words: list[_Word], word: _Word) -> Anchor:
        if not words:
            raise DueRuleError(
                f"nothing follows “{word.text}”",
                word.column + len(word.text),
                "name a key date, ready, start or done of <item>",
            )
        written = " ".join(found.plain for found in words)
        if written in ("ready", "start"):
            return Anchor("ready" if written == "ready" else "start")
        if words[0].plain == "done":
            return self._done(words)
        name = self._key_dates.get(written.replace("_", " "))
        if name is not None:
            return Anchor("key_date", name)
        raise DueRuleError(
            f"“{' '.join(found.text for found in words)}” is not a key date",
            words[0].column,
            self._nearest(written),
        )

    def _done(self, words: list[_Word]) -> Anchor:
        example = next(iter(self._items or ()), "AU1")
        if len(words) < 3 or words[1].plain != "of":
            raise DueRuleError("“done” needs its item", words[0].column, f"write done of {example}")
        if len(words) > 3:
            raise DueRuleError(f"“{words[3].text}” comes after the item", words[3].column, "name one item")
        item = words[2]
        if not _ITEM.match(item.text):
            raise DueRuleError(f"“{item.text}” is not an item's id", item.column, f"write done of {example}")
        if self._items is None or item.text in self._items:
            return Anchor("done", item.text)
        near = difflib.get_close_matches(item.text.upper(), list(self._items), n=1)
        hint = f"did you mean {near[0]}?" if near else f"items here: {', '.join(sorted(self._items))}"
        raise DueRuleError(f"this template has no item “{item.text}”", item.column, hint)

    def _nearest(self, written: str) -> str:
        known = [*self._key_dates, "ready", "start"]
        plain = written.replace("_", " ")
        near = difflib.get_close_matches(plain, known, n=1)
        if near:
            return f"did you mean “{near[0]}”?"
        parts = [name for name in known if plain in name or name in plain]
        if parts:
            return f"did you mean {' or '.join(f'“{name}”' for name in parts[:3])}?"
        return f"known: {', '.join(known)}, done of <item>"

    def _can_be_met(
        self,
        duration: Duration | None,
        direction: Direction,
        anchor: Anchor,
        at_time: time | None,
        word: _Word,
    ) -> None:
        if anchor.kind != "key_date" and direction != "after":
            raise DueRuleError(
                f"“{direction} {anchor}” cannot be met: nobody knows when that is until it has happened",
                word.column,
                f"write a time after it, such as 4 business hours after {anchor}",
            )
        if direction == "before" and anchor.name in UNPLANNED:
            raise DueRuleError(
                f"“before {anchor}” cannot be met: it is entered only once it has happened",
                word.column,
                f"write a time after it, such as 4 business hours after {anchor}",
            )
        if at_time is None:
            return
        column = next(found.column for found in reversed(self._words) if found.plain == "at")
        if direction == "at":
            raise DueRuleError(
                f"“at {anchor}” is an instant already",
                column,
                f"write on {anchor} at {at_time:%H:%M}, or at {anchor}",
            )
        if duration is not None and not duration.counts_days:
            raise DueRuleError(
                f"a rule in {duration.unit} counts from an instant and has no time of day",
                column,
                f"drop at {at_time:%H:%M}, or write the rule in business days",
            )

    def _end(self) -> int:
        return len(self._text.rstrip()) + 1


def _direction(word: _Word) -> Direction:
    match word.plain:
        case "before":
            return "before"
        case "after":
            return "after"
        case "on":
            return "on"
        case _:
            return "at"


def _likely_time(written: str) -> str:
    found = _LOOSE_TIME.match(written.strip())
    if found is None:
        return {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}.get(written.casefold(), "17:00")
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").casefold()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else "17:00"
