"""Case codes such as `K7Q4`, and the ways in which people name a task.

The alphabet has 17 characters, 3467CFHJKMNPQRTWX. Out are the vowels and Y (no code reads as a word), and
of every group that looks alike all but one at most: 0 O D Q (Q stays), 1 I L and 7 (7 stays), 2 Z, 5 S, 8
B, 6 G (6 stays), 4 A (4 stays), U V W (W stays, V and U are out), and 9, which is a small q. A code holds
at least one letter and one digit, so that it is never taken for a word or for a task's number.

The last character is a check character after the pure systems of ISO/IEC 7064, with modulus 17 and radix 7:
since 17 is prime and neither 7 nor 6 is a multiple of it, every single wrong character and every swap of
two neighbours is detected, at any length.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Final

ALPHABET: Final = "3467CFHJKMNPQRTWX"
SHORTEST: Final = 4
LONGEST: Final = 10

_MODULUS: Final = 17
_RADIX: Final = 7
_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
# Only what is not in the alphabet and looks like exactly one character of it: a wrong guess fails the check.
_LOOK_ALIKES: Final = str.maketrans({"0": "Q", "O": "Q", "1": "7", "A": "4", "G": "6"})
_SEPARATORS: Final = re.compile(r"[\s\-–—_.·]+")
# Digits read as letters too: 4 as A, 3 as E, 7 as T.
_UNWELCOME: Final = (
    "FCK",
    "FKC",
    "FK",
    "KKK",
    "WTF",
    "CNT",
    "CRP",
    "C4NC",
    "TW4T",
    "R4P",
    "F4T",
    "N4Z",
    "M3TH",
    "P3RM",
)


class BadCaseCode(ValueError):
    """A text is not a case code; the message says why, and what one looks like."""


class BadTaskRef(ValueError):
    """A text cannot name a task; the message says why."""


@dataclass(frozen=True, order=True)
class CaseCode:
    """A valid case code in its one spelling: capitals, no separators. Build it with `parse` or `new_code`."""

    text: str

    def __post_init__(self) -> None:
        _check(self.text, self.text)

    @classmethod
    def parse(cls, text: str) -> "CaseCode":
        """The code that a person meant; case, spaces and dashes do not matter.

        Read as what they look like are 0 and O (Q), 1 (7), A (4) and G (6).

        Raises BadCaseCode.
        """
        plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper().lstrip("#")
        plain = plain.translate(_LOOK_ALIKES)
        _check(plain, text)
        return cls(plain)

    def __str__(self) -> str:
        return self.text


def new_code(length: int = SHORTEST, rng: Random | None = None) -> CaseCode:
    """A random code of `length` characters, check character included.

    `rng` is the system's secure one by default. Whether it is free is the caller's to see. Raises
    ValueError for a length outside 4 to 10.
    """
    if not SHORTEST <= length <= LONGEST:
        raise ValueError(f"a case code has {SHORTEST} to {LONGEST} characters, not {length}")
    source = rng or secrets.SystemRandom()
    while True:
        body = "".join(source.choice(ALPHABET) for _ in range(length - 1))
        text = body + check_character(body)
        if _is_mixed(text) and not any(word in text for word in _UNWELCOME):
            return CaseCode(text)


def length_for(cases: int) -> int:
    """How long new codes of a program with so many cases should be.

    Codes grow before an eighth of a length's codes are taken, so that a free one is found at once and a
    mistyped code of right check character seldom hits another case. Four characters last for some 400 cases.
    """
    for length in range(SHORTEST, LONGEST):
        # About two thirds of all strings are mixed and welcome.
        if cases * 8 * 3 < 2 * _MODULUS ** (length - 1):
            return length
    return LONGEST


def check_character(body: str) -> str:
    """The character that makes `body` a code with a right check. `body` holds characters of ALPHABET only."""
    left = 0
    for character in body:
        left = (left * _RADIX + _VALUE[character]) % _MODULUS
    return ALPHABET[(1 - left * _RADIX) % _MODULUS]


def _check(plain: str, given: str) -> None:
    """Raise BadCaseCode unless `plain` is a code; `given` is what the message quotes."""
    shown = given.strip()[:24]
    if not plain:
        raise BadCaseCode("the case code is empty; a code looks like K7Q4")
    strange = next((character for character in plain if character not in _VALUE), None)
    if strange is not None:
        raise BadCaseCode(f"“{shown}” is not a case code: codes never hold “{strange}”; one looks like K7Q4")
    if not SHORTEST <= len(plain) <= LONGEST:
        raise BadCaseCode(
            f"“{shown}” is not a case code: it has {len(plain)} characters, and codes have {SHORTEST} to {LONGEST}"
        )
    if not _is_mixed(plain) or plain[-1] != check_character(plain[:-1]):
        raise BadCaseCode(f"“{shown}” is not a case code: it seems mistyped; look at the name of the case's channel")


def _is_mixed(text: str) -> bool:
    return any(character.isdigit() for character in text) and not text.isdigit()


@dataclass(frozen=True)
class TaskRef:
    """How somebody named a task: by its number, with or without its case, or by words of its title."""

    case: CaseCode | None = None
    number: int | None = None
    words: str = ""

    def __str__(self) -> str:
        if self.number is None:
            return self.words
        return f"#{self.number}" if self.case is None else f"{self.case}-{self.number}"


_NUMBER = re.compile(r"#?\s*(\d+)\Z")
_CASE_AND_NUMBER = re.compile(r"(?P<case>[^\W_]{4,})\s*(?:[-–—#/]\s*#?|\s+#?)\s*(?P<number>\d+)\Z")
_HIGHEST_NUMBER = 99_999


def parse_task_ref(text: str) -> TaskRef:
    """Read `K7Q4-12`, `k7q4 #12`, `#12`, `12`, or some words of a title.

    Raises BadTaskRef for nothing, an impossible number or a case without a task, BadCaseCode for a case
    code that is mistyped. What does not look like a code (letters and digits mixed) is taken for words.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    if not plain:
        raise BadTaskRef("which task? Give its number, such as 12, or some words of its title")
    found = _NUMBER.match(plain)
    if found:
        return TaskRef(number=_number(found[1]))
    found = _CASE_AND_NUMBER.match(plain)
    if found and _is_mixed(found["case"]):
        return TaskRef(case=CaseCode.parse(found["case"]), number=_number(found["number"]))
    if _is_case(plain):
        raise BadTaskRef(f"{plain.upper()} is a case; add the number of the task: {plain.upper()}-12")
    return TaskRef(words=plain)


def _number(digits: str) -> int:
    value = int(digits) if len(digits) <= 6 else _HIGHEST_NUMBER + 1
    if not 1 <= value <= _HIGHEST_NUMBER:
        raise BadTaskRef(f"there is no task #{digits[:12]}; tasks of a case are numbered from 1")
    return value


def _is_case(text: str) -> bool:
    try:
        CaseCode.parse(text)
    except BadCaseCode:
        return False
    return True
