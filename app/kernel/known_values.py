"""Whether a text holds what a record says of who its patient is: a name, a number, a birth date, in any spelling.

What is known is a handful of short values; what they are is told by their shape. Accents, unusual letters and digits
of other scripts make no difference anywhere.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from app.kernel.ordinary_words import MONTHS, ORDINARY, WRITTEN_IN_CAPITALS

SHORTEST_NUMBER: Final = 4
"""Letters and digits. A shorter number is that of any task, too: it counts only with the signs in it."""
LONG_NUMBER: Final = 6
"""Letters and digits from which a number is met by chance so rarely that it counts wherever it stands."""

_LETTER = r"[^\W\d_]"
_LETTERS = str.maketrans({"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
                          "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ı": "i"})  # fmt: skip
_SPELLED_OUT = str.maketrans({"ä": "ae", "Ä": "AE", "ö": "oe", "Ö": "OE", "ü": "ue", "Ü": "UE"})
_PARTS = re.compile(r"[^\W_]+")
_WORD = re.compile(_LETTER + "{2,}")
_NUMBER_BEFORE = re.compile(r"\d(?:st|nd|rd|th)?[\s./-]{0,2}(?:of )?\Z", re.IGNORECASE)
_NUMBER_BEHIND = re.compile(r"[\s./-]{0,2}\d")

# The first letters of the months in English, Spanish, German and French, without accents.
_MONTH_STEMS = (
    "jan|ene", "feb|fev", "mar|mrz", "apr|abr|avr", "may|mai", "jun|juin", "jul|juil", "aug|ago|aou", "sep", "oct|okt",
    "nov", "dec|dic|dez",
)  # fmt: skip
_MONTH = rf"(?P<word>(?:{'|'.join(_MONTH_STEMS)})[a-z]{{0,7}})"
_TIME = r"(?:[t ]+\d{1,2}:\d{2}.*)?"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_SIGNS, _SIGNS_OR_NONE = r"[\W_]{1,3}", r"[\W_]{0,3}"
_DATES = tuple(
    re.compile(shape + _TIME)
    for shape in (
        rf"(?P<y>\d{{4}}){_SIGNS}(?P<m>\d{{1,2}}){_SIGNS}(?P<d>\d{{1,2}})",
        rf"(?P<a>\d{{1,2}}){_SIGNS}(?P<b>\d{{1,2}}){_SIGNS}(?P<y>\d{{4}}|\d{{2}})",
        r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<a>\d{2})(?P<b>\d{2})(?P<y>(?:19|20)\d{2})",
        rf"{_MONTH}{_SIGNS_OR_NONE}{_DAY}{_SIGNS}(?P<y>\d{{4}}|\d{{2}})",
        rf"{_DAY}{_SIGNS_OR_NONE}{_MONTH}{_SIGNS_OR_NONE}(?P<y>\d{{4}}|\d{{2}})",
    )
)
"""How a record writes a date, whole: mostly as 1961-07-04, and word for word where its mapping has no format."""


def holds(text: str, known: Collection[str]) -> bool:
    """Whether one of the `known` values stands in the text.

    A *name* is a value without digits, and counts as a word of its own, whatever its capitals and the marks within
    (O'Brien, OBRIEN); Müller is Muller and Mueller, too. A name that is an ordinary word (May, Will, Bill), or has
    only two letters (Li), counts only with a capital: in small letters it is that word. In a shout, where most of the
    other words stand in capitals too, an ordinary word in capitals says nothing; LEE and LI do. Nor do ED, OR, PAT
    and what else an office writes in capitals, and the name of a month right beside a number.

    A *number* is compared on letters and digits only, in small letters. With six or more it counts anywhere, also
    within something longer (MRN84512345), and without its leading zeros; with four or five only as a whole number,
    which may be glued to letters but not continued by a digit or by a sign and a digit (4471 is not in 44710, 4471-22
    or 4471.50); with fewer only with its own signs.

    A *date* is a number besides, and counts with its day, month and year in each order, in digits or with the month's
    name, the year in four digits or two.
    """
    texts = [(plain, _squeezed(plain)) for plain in _spellings(text)]
    values = {spelled for value in known for spelled in _spellings(value)}
    return any(_has_value(plain, shown, value) for value in values for plain, shown in texts)


def dates_among(known: Collection[str]) -> frozenset[str]:
    """Those of the known values that are dates: of who a patient is, the birth date."""
    return frozenset(value for value in known if _days(_plain(value)))


def _has_value(plain: str, shown: str, value: str) -> bool:
    if not any(character.isdigit() or character == "@" for character in value):
        return _has_name(plain, value)
    days = _days(value)
    if days:
        return any(_has_day(plain, shown, day) for day in days)
    return any(_has_number(plain, shown, number) for number in _numbers(value))


def _spellings(text: str) -> set[str]:
    """The plain text, with ä, ö and ü as the letters without their dots, and as ae, oe and ue."""
    return {_plain(text), _plain(unicodedata.normalize("NFKC", text).translate(_SPELLED_OUT))}


def _plain(text: str) -> str:
    """Without accents, in letters and digits of one kind."""
    decomposed = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in decomposed
        if not unicodedata.combining(character)
    )


def _squeezed(plain: str) -> str:
    """Letters and digits alone, in small letters."""
    return "".join(_PARTS.findall(plain.casefold()))


def _has_name(text: str, name: str) -> bool:
    parts = [part for part in re.split(r"[\W\d_]+", name) if part]
    letters = "".join(parts).casefold()
    if len(letters) < 2:
        return False
    spelled = r"[\W_]{0,2}".join(map(re.escape, parts))
    found = list(re.finditer(rf"(?<!{_LETTER}){spelled}(?!{_LETTER})", text, re.IGNORECASE))
    if letters in WRITTEN_IN_CAPITALS:
        found = [one for one in found if not one[0].isupper()]
    if len(letters) > 2 and letters not in ORDINARY:
        return bool(found)
    found = [one for one in found if one[0] != one[0].lower()]
    if letters not in ORDINARY or not found:
        return bool(found)
    if letters in MONTHS:
        found = [one for one in found if not _is_beside_a_number(text, one)]
    words = _WORD.findall(text)
    # In a shout most of the other words stand in capitals, too.
    shouted = sum(word.isupper() for word in words) - 1 > (len(words) - 1) / 2
    return any(not (shouted and one[0].isupper()) for one in found)


def _is_beside_a_number(text: str, found: re.Match[str]) -> bool:
    before, behind = text[max(0, found.start() - 8) : found.start()], text[found.end() : found.end() + 4]
    return bool(_NUMBER_BEFORE.search(before) or _NUMBER_BEHIND.match(behind))


def _numbers(value: str) -> set[str]:
    """The value, and what stands between commas in it: two record numbers, the parts of an address."""
    pieces = {piece.strip() for piece in re.split(r"[,;|]", value)}
    return {
        value,
        *(piece for piece in pieces if len(_squeezed(piece)) >= SHORTEST_NUMBER and re.search(r"[\d@]", piece)),
    }


def _has_number(plain: str, shown: str, value: str) -> bool:
    number = _squeezed(value)
    bare = number.lstrip("0") if number.isdecimal() else number
    # With the 1 of North America before it, a phone number is the same one.
    local = bare[1:] if len(bare) == 11 and bare.isdecimal() and bare[0] == "1" else bare
    if any(len(one) >= LONG_NUMBER and one in shown for one in (number, bare, local)):
        return True
    shape = None if len(bare) >= LONG_NUMBER else _whole(value.casefold(), bare)
    return shape is not None and shape.search(plain.casefold()) is not None


def _whole(value: str, bare: str) -> re.Pattern[str] | None:
    """A short number as it stands, with other signs between its parts, or without zeros before it; None for `12`."""
    parts = _PARTS.findall(value)
    if len("".join(parts)) < SHORTEST_NUMBER:
        return _alone(re.escape(value.strip())) if len(parts) > 1 else None
    spellings = ["[ ._/-]?".join(map(re.escape, parts))]
    if len(bare) >= SHORTEST_NUMBER and bare.isdecimal():
        spellings.append(f"0*{bare}")
    return _alone("|".join(spellings))


def _alone(shape: str) -> re.Pattern[str]:
    """The shape where no number goes on: a digit, or a sign and a digit. Letters before and behind end a number."""
    starts = rf"(?:(?<!\d)(?<!\d[-./:,])(?=\d)|(?<!{_LETTER})(?<!\d)(?!\d))"
    ends = rf"(?:(?<=\d)(?!\d)(?![-./:,]\d)|(?<!\d)(?!{_LETTER})(?!\d))"
    return re.compile(rf"{starts}(?:{shape}){ends}")


def _days(value: str) -> set[date]:
    """The dates that a record's value may mean; none where it is none."""
    written = value.casefold().strip()
    return {day for shape in _DATES if (found := shape.fullmatch(written)) for day in _meant(found.groupdict())}


def _meant(found: dict[str, str | None]) -> Iterator[date]:
    year, a, b = found["y"] or "", found.get("a"), found.get("b")
    months_and_days = [(a, b), (b, a)] if a else [(_month(found), found["d"])]
    for century in ("",) if len(year) == 4 else ("19", "20"):
        for month, day in months_and_days:
            try:
                yield date(int(century + year), int(month or 0), int(day or 0))
            except ValueError:
                continue


def _month(found: dict[str, str | None]) -> str | None:
    word = found.get("word")
    if word is None:
        return found["m"]
    return next(str(number) for number, stems in enumerate(_MONTH_STEMS, 1) if re.match(stems, word))


def _has_day(plain: str, shown: str, day: date) -> bool:
    y, m, d = f"{day:%Y}", f"{day:%m}", f"{day:%d}"
    if any(digits in shown for digits in (m + d + y, d + m + y, y + m + d)):
        return True
    return any(shape.search(plain.casefold()) for shape in _spelled_days(day))


def _spelled_days(day: date) -> Iterator[re.Pattern[str]]:
    """A day with signs or its month's name between its numbers, and in six digits."""
    century, yy = divmod(day.year, 100)
    year, m, d = f"(?:{century})?{yy:02}", f"0?{day.month}", f"0?{day.day}(?:st|nd|rd|th)?"
    # No comma: tasks 7, 4, 61 are a list.
    sign = r"[\s./'_-]{1,3}"
    six = (f"{day:%m%d}{yy:02}", f"{day:%d%m}{yy:02}", f"{yy:02}{day:%m%d}")
    in_digits = (sign.join(order) for order in ((m, d, year), (d, m, year), (year, m, d)))
    yield re.compile(rf"(?<!\d)(?:{'|'.join((*in_digits, *six))})(?!\d)")

    word = rf"(?:{_MONTH_STEMS[day.month - 1]})[a-z]{{0,7}}"
    small = r"(?:(?:of|the|in|de|del)[\W_]{1,3}){0,2}"
    gap, apart = _SIGNS_OR_NONE + small, _SIGNS + small
    yield re.compile(rf"(?<!\d){d}{gap}{word}{gap}{year}(?!\d)")
    yield re.compile(rf"{word}{gap}{d}{apart}{year}(?!\d)")
    yield re.compile(rf"(?<!\d){year}{gap}{word}{gap}{d}(?!\d)")
