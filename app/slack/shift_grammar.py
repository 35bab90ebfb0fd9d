"""Reading the commands about who is at work: the end of a shift, time off, and coming back. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from app.slack import asked
from app.slack.verbs import Verb
from app.slack.when import When, read_when
from app.slack.words import Words, lacking, usage

_UNTIL: Final = ("to", "until", "till", "through", "-", "–", "—")
_COVER = re.compile(r"(?:\A|[\s,;]+)(?:with\s+)?cover(?:ed|s|ing|age)?\b(?:\s+(?:by|is))?[\s:=]*", re.IGNORECASE)


def read_shift(words: Words) -> asked.Asked:
    """`shift @bo the fax comes at four`, `shift pool all is in the chart`."""
    words.drop("end", "over", "ends")
    words.drop("all", "everything")
    words.drop("back")
    words.drop("to")
    words.drop("the")
    if not words:
        raise lacking(Verb.SHIFT, "To whom, or to the pool?")
    pool = words.drop("pool")
    person = None if pool else words.person_of(Verb.SHIFT)
    note = words.rest()
    if not note:
        beginning = f"{Verb.SHIFT} pool" if pool else f"{Verb.SHIFT} @"
        problem = "The note is missing: what has the next one to know?"
        raise lacking(Verb.SHIFT, problem, beginning, person=person, chosen={"person": person or "pool"})
    return asked.EndShift(person, note)


def read_away(words: Words) -> asked.Asked:
    """`away friday to 2026-12-04 cover @bo`, `away until friday`, `away tomorrow`, `away @ana today`."""
    person = words.mention()
    words.drop("is")
    parts = _COVER.split(words.left, maxsplit=1)
    cover = None
    if len(parts) > 1:
        behind = Words(parts[1])
        cover = behind.person_of(Verb.AWAY)
        if behind:
            raise usage(Verb.AWAY, "I do not understand what follows the cover.")
    days = parts[0].split()
    while days and days[0].casefold() in ("from", "on", "off", "starting"):
        days = days[1:]
    if not days:
        raise lacking(Verb.AWAY, "From which day, to which?")
    first = None
    if days[0].casefold() not in _UNTIL:
        first, days = _day(days)
    last = None
    if days and days[0].casefold() in _UNTIL:
        last, days = _day(days[1:])
    if days:
        raise usage(Verb.AWAY, "I do not understand what follows the days.")
    return asked.TakeOff(first, last, cover, person)


def _day(words: Sequence[str]) -> tuple[When, Sequence[str]]:
    """A day at the beginning of the words, and what follows it."""
    when, used = read_when(words)
    if when.at is not None:
        raise usage(Verb.AWAY, "Time off is of whole days.")
    return when, words[used:]


def read_back(words: Words) -> asked.Asked:
    """`back`, `back @ana`."""
    words.drop("again", "is")
    person = words.person() if words else None
    if words:
        raise usage(Verb.BACK, "I do not understand what follows.")
    return asked.ComeBack(person)
