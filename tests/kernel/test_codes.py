"""Case codes: every slip of a finger is caught; and the ways to name a task."""

import itertools
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.codes import (
    ALPHABET,
    LONGEST,
    SHORTEST,
    BadCaseCode,
    BadTaskRef,
    CaseCode,
    TaskRef,
    check_character,
    length_for,
    new_code,
    parse_task_ref,
)


def all_of_length_four() -> list[str]:
    """Every string of four characters whose check character is right."""
    bodies = map("".join, itertools.product(ALPHABET, repeat=3))
    return [body + check_character(body) for body in bodies]


def test_every_single_wrong_character_is_detected() -> None:
    right = set(all_of_length_four())
    assert len(right) == 17**3
    for code in right:
        for place in range(4):
            others = {code[:place] + other + code[place + 1 :] for other in ALPHABET if other != code[place]}
            assert not others & right


def test_every_swap_of_two_neighbours_is_detected() -> None:
    right = set(all_of_length_four())
    for code in right:
        for place in range(3):
            a, b = code[place], code[place + 1]
            if a != b:
                assert code[:place] + b + a + code[place + 2 :] not in right


@settings(max_examples=200, deadline=None)
@given(st.integers(SHORTEST, LONGEST), st.integers())
def test_slips_are_detected_at_every_length(length: int, seed: int) -> None:
    rng = random.Random(seed)
    code = new_code(length, rng).text
    place = rng.randrange(length)
    other = rng.choice([character for character in ALPHABET if character != code[place]])
    with pytest.raises(BadCaseCode):
        CaseCode.parse(code[:place] + other + code[place + 1 :])
    place = rng.randrange(length - 1)
    if code[place] != code[place + 1]:
        with pytest.raises(BadCaseCode):
            CaseCode.parse(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


def test_new_codes() -> None:
    rng = random.Random(7)
    codes = [new_code(4 + n % 3, rng) for n in range(3000)]
    assert {len(code.text) for code in codes} == {4, 5, 6}
    for code in codes:
        assert CaseCode.parse(code.text) == code
        assert re.search(r"\d", code.text), "never a word"
        assert re.search(r"\D", code.text), "never a number"
        assert not re.search(r"[AEIOUY0125889SZBGDLV]", code.text), "no vowels, no look-alikes"
        assert "FCK" not in code.text
        assert "KKK" not in code.text
    assert len({new_code() for _ in range(40)}) > 30, "random without a seed"


@pytest.mark.parametrize("length", [-1, 0, 3, 11])
def test_lengths_that_are_none(length: int) -> None:
    with pytest.raises(ValueError, match="4 to 10"):
        new_code(length)


@pytest.mark.parametrize(
    ("cases", "length"),
    [(0, 4), (100, 4), (400, 4), (500, 5), (6_000, 5), (10_000, 6), (10**12, 10)],
)
def test_codes_grow_with_the_practice(cases: int, length: int) -> None:
    assert length_for(cases) == length


def test_a_free_code_is_found_at_once_at_the_length_that_is_advised() -> None:
    rng = random.Random(11)
    taken: set[CaseCode] = set()
    tries = 0
    while len(taken) < 2_000:
        tries += 1
        taken.add(new_code(length_for(len(taken)), rng))
    assert tries < 2_200, "fewer than one in ten was taken already"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("K7Q4", "as it is"),
        ("k7q4", "small letters"),
        (" K7Q4 ", "spaces around"),
        ("K7-Q4", "a dash"),
        ("k 7 q 4", "spelt"),
        ("#K7Q4", "as a channel's name is written"),
        ("K7O4", "O for Q"),
        ("K704", "zero for Q"),
        ("K1Q4", "1 for 7"),
        ("K7QA", "A for 4"),
        ("Ｋ７Ｑ４", "full width"),
    ],
)
def test_tolerant_reading(text: str, reason: str) -> None:
    assert CaseCode.parse(text) == CaseCode("K7Q4"), reason
    assert str(CaseCode.parse(text)) == "K7Q4"


@pytest.mark.parametrize(
    ("text", "message", "reason"),
    [
        ("", "is empty", "nothing"),
        ("--", "is empty", "nothing but separators"),
        ("K7Q", "3 characters", "too short"),
        ("K7Q4K7Q4K7Q", "11 characters", "too long"),
        ("K7Q3", "mistyped", "a wrong check character"),
        ("7KQ4", "mistyped", "a swap"),
        ("K7B4", "never hold “B”", "a letter that codes do not have"),
        ("K7Q!", "never hold “!”", "a sign"),
        ("3333", "mistyped", "only digits"),
    ],
)
def test_what_is_no_code(text: str, message: str, reason: str) -> None:
    with pytest.raises(BadCaseCode) as refused:
        CaseCode.parse(text)
    assert message in str(refused.value), reason


def test_words_and_numbers_are_no_codes_even_when_the_check_is_right() -> None:
    right = all_of_length_four()
    words = [text for text in right if text.isalpha()]
    numbers = [text for text in right if text.isdigit()]
    assert words
    assert numbers
    for text in words + numbers:
        with pytest.raises(BadCaseCode):
            CaseCode(text)


def test_a_code_has_one_spelling() -> None:
    with pytest.raises(BadCaseCode):
        CaseCode("k7q4")
    assert sorted([CaseCode("R67R"), CaseCode("K7Q4")])[0].text == "K7Q4"


CASE = CaseCode("K7Q4")


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("12", TaskRef(number=12), "a number"),
        ("#12", TaskRef(number=12), "with its sign"),
        ("# 12", TaskRef(number=12), "and a space"),
        ("012", TaskRef(number=12), "with a zero"),
        ("K7Q4-12", TaskRef(case=CASE, number=12), "in full"),
        ("k7q4 - 12", TaskRef(case=CASE, number=12), "with spaces"),
        ("k7q4 #12", TaskRef(case=CASE, number=12), "with a sign"),
        ("K7Q4#12", TaskRef(case=CASE, number=12), "without space"),
        ("K7Q4 12", TaskRef(case=CASE, number=12), "with a space alone"),
        ("K7Q4–12", TaskRef(case=CASE, number=12), "with a long dash"),
        ("K7O4-12", TaskRef(case=CASE, number=12), "with a look-alike"),
        ("packet lock", TaskRef(words="packet lock"), "words"),
        ("  packet   lock ", TaskRef(words="packet lock"), "words with spaces"),
        ("chart-12", TaskRef(words="chart-12"), "no digit: a word, not a code"),
        ("call 12", TaskRef(words="call 12"), "a word and a number"),
        ("TB9", TaskRef(words="TB9"), "too short for a code"),
    ],
)
def test_task_references(text: str, expected: TaskRef, reason: str) -> None:
    found = parse_task_ref(text)
    assert found == expected, reason
    assert parse_task_ref(str(found)) == expected, "what it says of itself says the same"


@pytest.mark.parametrize(
    ("text", "error", "message", "reason"),
    [
        ("", BadTaskRef, "which task?", "nothing"),
        ("   ", BadTaskRef, "which task?", "nothing but spaces"),
        ("0", BadTaskRef, "no task #0", "numbers begin at 1"),
        ("100000", BadTaskRef, "no task #100000", "more than a case has"),
        ("9" * 5000, BadTaskRef, "no task #999999999999", "a number to break things"),
        ("K7Q3-12", BadCaseCode, "mistyped", "a mistyped case"),
        ("K7Q4", BadTaskRef, "K7Q4 is a case", "a case without a task"),
        ("K7Q4-0", BadTaskRef, "no task #0", "a case with no such task"),
    ],
)
def test_what_names_no_task(text: str, error: type[Exception], message: str, reason: str) -> None:
    with pytest.raises(error) as refused:
        parse_task_ref(text)
    assert message in str(refused.value), reason
