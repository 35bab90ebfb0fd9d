"""Text that goes to Slack: what in it may be patient data, and how it is made harmless to show.

Slack carries no patient data (its terms allow health data in fewer places than an app writes to). So what
people type there is looked through, and refused with a reason. This is a net, not a proof: it knows shapes
and words, not people; give it the words of a case's own sealed record as `known_words` where they are at
hand.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from app.kernel import known_values
from app.kernel import patient_patterns as patterns
from app.kernel.patient_patterns import Kind

_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_SLACK_ENTITY = re.compile(r"<(?:[@#!][^>|]*)(?:\|([^>]*))?>")
_LOUD_MENTION = re.compile(r"@(?=channel\b|here\b|everyone\b)", re.IGNORECASE)
_URL_SCHEME = re.compile(r"(?<=[a-z])://", re.IGNORECASE)
_WORD_JOINER = "\u2060"


@dataclass(frozen=True)
class Finding:
    """Something that may be patient data. `why` is for the person who typed it, and never repeats it."""

    kind: Kind
    why: str


def findings(
    text: str,
    *,
    known_words: Collection[str] = (),
    allow_reference: bool = False,
    this_year: int | None = None,
) -> list[Finding]:
    """What in `text` may be patient data, each kind once; an empty list when nothing is.

    With `allow_reference` the text is a payer's or vendor's reference, and long numbers may stand in it
    unless a word calls them a record or member number. With `this_year`, full dates from that year on pass
    (due dates, the validity of an authorization) unless a word calls them a birth date; without it no full
    date passes. `known_words` are found in any spelling, by the rule of `known_values.holds`.
    """
    plain = _readable(text)
    found: dict[Kind, Finding] = {}
    for kind in _kinds(plain, known_words, allow_reference, this_year):
        # Whoever writes a reference in its own field is not sent to it.
        why = patterns.OF_A_RECORD if kind == "number" and allow_reference else patterns.WHY[kind]
        found.setdefault(kind, Finding(kind, why))
    return list(found.values())


def one_line(text: str) -> str:
    """The text on one line: control and invisible characters gone, runs of white space made one space."""
    kept = "".join(" " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in text)
    return " ".join(_INVISIBLE.sub("", kept).split())


def escape_mrkdwn(text: str) -> str:
    """The text on one line, with nothing in it that Slack would turn into a mention or a link.

    Escapes &, < and > (all that Slack's reference asks for), and parts @channel, @here, @everyone and ://
    by an invisible word joiner. Escape once, and after `clip`: a second time would show the escapes.
    """
    safe = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = _LOUD_MENTION.sub("@" + _WORD_JOINER, safe)
    return _URL_SCHEME.sub(":" + _WORD_JOINER + "//", safe)


def clip(text: str, n: int) -> str:
    """The text in `n` characters at most, cut at a word where one ends in its last third, with an ellipsis.

    Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError(f"a text cannot be clipped to {n} characters")
    if len(text) <= n:
        return text
    kept = text[: n - 1]
    # A combining mark that lost its follower is fine; one that lost its letter is not.
    while kept and unicodedata.combining(text[len(kept)]):
        kept = kept[:-1]
    space = kept.rfind(" ")
    if not text[len(kept)].isspace() and space >= n * 2 // 3:
        kept = kept[:space]
    return kept.rstrip() + "…"


def _readable(text: str) -> str:
    """The text with the spelling tricks of the keyboard, and Slack's own ids, taken out."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    plain = _DASHES.sub("-", plain)
    return _SLACK_ENTITY.sub(lambda entity: " " + (entity[1] or "") + " ", plain)


def _kinds(text: str, known_words: Collection[str], allow_reference: bool, this_year: int | None) -> Iterator[Kind]:
    if patterns.EMAIL.search(text):
        yield "email"
    if patterns.SSN.search(text):
        yield "ssn"
    if _has_phone(text):
        yield "phone"
    if _has_private_date(text, this_year):
        yield "date"
    if _has_record_number(text, allow_reference):
        yield "number"
    if any(pattern.search(text) for pattern in patterns.STREETS):
        yield "street"
    if _has_name(text):
        yield "name"
    if patterns.AGE.search(text):
        yield "age"
    if any(pattern.search(text) for pattern in patterns.DIAGNOSES):
        yield "diagnosis"
    if any(pattern.search(text) for pattern in patterns.SITES):
        yield "site"
    if known_values.holds(text, known_words):
        yield "known"


def _has_phone(text: str) -> bool:
    for pattern in patterns.PHONES:
        for found in pattern.finditer(text):
            digits = re.sub(r"\D", "", found[0]).removeprefix("1")
            # Toll-free numbers belong to organisations: a payer's hot line may be passed on.
            if digits[:3] not in patterns.TOLL_FREE:
                return True
    return False


def _has_private_date(text: str, this_year: int | None) -> bool:
    if patterns.BIRTH_WORD.search(text):
        return True
    for pattern in patterns.DATES:
        for found in pattern.finditer(text):
            year = _year(found, this_year)
            if year is not None and (this_year is None or year < this_year):
                return True
    return False


def _year(found: re.Match[str], this_year: int | None) -> int | None:
    """The year of a full date, or None where day and month cannot be."""
    groups = found.groupdict()
    year = int(groups["y"])
    if year < 100:
        pivot = (this_year or 2030) % 100 + 10
        year += 2000 if year <= pivot else 1900
    if not 1900 <= year <= 2199:
        return None
    if groups.get("word"):
        return year
    first, second = int(groups["a"]), int(groups["b"])
    for month, day in ((first, second), (second, first)):
        try:
            date(year, month, day)
        except ValueError:
            continue
        return year
    return None


def _has_record_number(text: str, allow_reference: bool) -> bool:
    if patterns.RECORD_WORD.search(text) or patterns.MEDICARE_ID.search(text):
        return True
    if allow_reference:
        return False
    return any(
        not patterns.PUBLIC_NUMBER.search(text[: found.start()]) for found in patterns.LONG_NUMBER.finditer(text)
    )


def _has_name(text: str) -> bool:
    if patterns.TITLED_NAME.search(text) or patterns.TOLD_NAME.search(text) or patterns.INITIALS.search(text):
        return True
    words = re.findall(r"[^\W\d_]+", text)
    if _names_one(patterns.SHOUTED_NAME, text):
        return True
    # In a Headline Like This one capital says nothing, but two words behind a person that are both none we know do.
    headline = sum(word[0].islower() for word in words) * 3 < len(words)
    return _names_one(patterns.PERSON_WITH_FULL_NAME if headline else patterns.PERSON_WITH_NAME, text)


def _names_one(pattern: re.Pattern[str], text: str) -> bool:
    """Whether none of the words that the pattern finds is an ordinary one."""
    return any(
        not any(word.casefold() in patterns.NOT_A_NAME for word in found.groups()) for found in pattern.finditer(text)
    )
