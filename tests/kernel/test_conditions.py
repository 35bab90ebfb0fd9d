"""Conditions: what is read, what is refused and how, and Kleene's three values."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.conditions import Condition, ConditionError, Fact

NAMES = ("component.kind", "component.custom", "component.supply", "key_date.surgery", "evidence.IM3", "evidence.N1")


def condition(text: str) -> Condition:
    return Condition.parse(text, names=NAMES)


PLATE: dict[str, Fact] = {
    "component.kind": "plate",
    "component.custom": False,
    "component.supply": None,
    "key_date.surgery": True,
    "evidence.IM3": "Separate claim",
    "evidence.N1": 3,
}


@pytest.mark.parametrize(
    ("text", "truth", "reason"),
    [
        ("component.kind = plate", True, "equal"),
        ("component.kind == plate", True, "the other spelling of equal"),
        ("component.kind = PLATE", True, "capitals do not matter"),
        ('component.kind = "plate"', True, "nor do quotes"),
        ("component.kind != cement", True, "unequal"),
        ("component.kind in [endoprosthesis, plate]", True, "one of several"),
        ("component.kind not in [endoprosthesis, plate]", False, "none of several"),
        ("evidence.IM3 = 'separate claim'", True, "a value of two words needs quotes"),
        ("component.custom", False, "a flag that is not set"),
        ("not component.custom", True, "and its contrary"),
        ("component.custom = no", True, "a flag compared in words"),
        ("component.custom = yes", False, "a flag compared in words"),
        ("component.custom in [true]", False, "a flag compared in a list"),
        ("key_date.surgery", True, "a date that is set"),
        ("evidence.N1 = 3", True, "a number"),
        ("evidence.N1 = 03", True, "a number is no text"),
        ("evidence.N1 = three", False, "and no word"),
        ("evidence.N1", True, "a number that is not 0"),
        ("component.supply = loaner", None, "unknown"),
        ("component.supply != loaner", None, "unknown is not negative"),
        ("not component.supply = loaner", None, "nor is its contrary"),
        ("component.supply in [loaner]", None, "nor in a list"),
        ("component.supply not in [loaner]", None, "nor out of it"),
        ("component.supply", None, "nor on its own"),
        ("component.supply = loaner or component.kind = plate", True, "one true part settles an or"),
        ("component.supply = loaner and component.custom", False, "one false part settles an and"),
        ("component.supply = loaner or component.custom", None, "else the unknown stays"),
        ("component.supply = loaner and component.kind = plate", None, "here too"),
        ("component.custom and component.custom or component.kind = plate", True, "and binds closer than or"),
        ("component.custom and (component.custom or component.kind = plate)", False, "parentheses bind closest"),
        ("not component.custom and component.kind = plate", True, "not binds closer than and"),
        ("not not component.custom", False, "twice"),
        ("NOT component.custom AND component.kind IN [plate]", True, "capitals for the words"),
        ("not(component.kind=cement)and component.kind!=mesh", True, "spaces are needed between words only"),
    ],
)  # fmt: skip
def test_truth(text: str, truth: bool | None, reason: str) -> None:
    read = condition(text)
    assert read.truth(PLATE) is truth, reason
    assert read.evaluate(PLATE) is (truth is True), "it holds only when it is certainly true"


def test_a_fact_that_is_missing_is_unknown() -> None:
    assert condition("component.custom").truth({}) is None
    assert condition("not component.custom").evaluate({}) is False


def test_what_a_condition_asks_for() -> None:
    read = condition("component.kind in [plate, mesh] and not (component.custom or component.kind = cement)")
    assert read.names() == {"component.kind", "component.custom"}
    asked = [(test.name, test.operator, test.values, test.column) for test in read.tests()]
    assert asked == [
        ("component.kind", "in", ("plate", "mesh"), 1),
        ("component.custom", "is set", (), 42),
        ("component.kind", "=", ("cement",), 62),
    ]
    assert str(condition("  component.custom   and key_date.surgery ")) == "component.custom and key_date.surgery"


def test_names_may_be_decided_by_a_function() -> None:
    def known(name: str) -> bool:
        return name.startswith("evidence.")

    assert Condition.parse("evidence.X = a", names=known).names() == {"evidence.X"}
    with pytest.raises(ConditionError, match="use a known name"):
        Condition.parse("component.kind", names=known)
    with pytest.raises(ConditionError, match="names are dotted"):
        Condition.parse("custom", names=known)


@pytest.mark.parametrize(
    ("text", "column", "message", "suggestion", "reason"),
    [
        ("", 1, "is empty", "or leave it out", "nothing"),
        ("   ", 1, "is empty", "or leave it out", "nothing but spaces"),
        ("component.kin = plate", 1, "not a known fact", "did you mean component.kind?", "misspelt"),
        ("xyz", 1, "not a known fact", "known: component.custom", "nothing near"),
        ("component.custom and", 21, "a name is missing before the end", "component.kind", "half a condition"),
        ("and component.custom", 1, "a name is missing before “and”", "component.kind", "the other half"),
        ("component.kind =", 17, "a value is missing", "a word, a number", "no value"),
        ("component.kind = [plate]", 18, "a list needs “in”", "in […]", "a list after ="),
        ("component.kind in plate", 19, "“in” needs a list", "in [plate, cement]", "a value after in"),
        ("component.kind in [plate", 19, "not closed", "end with ]", "an open list"),
        ("component.kind in []", 20, "a value is missing", "a word", "an empty list"),
        ("component.kind in [plate cement]", 19, "not closed", "separate values with ,", "no comma"),
        ("(component.custom", 1, "not closed", "write )", "an open parenthesis"),
        ("component.custom)", 17, "does not continue", "join two tests", "one too many"),
        ("component.custom key_date.surgery", 18, "does not continue", "and / or", "no and"),
        ("component.kind is plate", 16, "is not a comparison", "write =", "a word for ="),
        ("component.kind not plate", 16, "stands behind a name", "component.kind not in […]", "not in the wrong place"),
        ("component.kind & plate", 16, "“&” has no meaning", "and, or, not", "a sign of other languages"),
        ("component.kind > 3", 16, "“>” has no meaning", "= != in", "no order"),
        ('component.kind = "plate', 18, "has no meaning", "= != in", "an open quote"),
        ("__import__('os')", 1, "not a known fact", "known:", "it is parsed, never run"),
        ("(" * 21 + "component.custom" + ")" * 21, 21, "more than 20 levels", "flatter", "too deep"),
        ("not " * 21 + "component.custom", 81, "more than 20 levels", "flatter", "too deep"),
        ("component.custom or " * 30, 500, "600 characters", "500 at most", "too long"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, column: int, message: str, suggestion: str, reason: str) -> None:
    with pytest.raises(ConditionError) as refused:
        condition(text)
    assert message in refused.value.message, reason
    assert suggestion in refused.value.suggestion, reason
    assert refused.value.column == column, reason


LEAVES = ("evidence.a", "evidence.b", "evidence.c")
trees = st.recursive(
    st.sampled_from(LEAVES),
    lambda parts: st.one_of(
        parts.map(lambda part: f"not ({part})"),
        st.tuples(parts, st.sampled_from(("and", "or")), parts).map(
            lambda three: f"({three[0]}) {three[1]} ({three[2]})"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_whatever_is_certain_stays_so_once_more_is_known(text: str) -> None:
    read = Condition.parse(text, names=LEAVES)
    for values in itertools.product((True, False, None), repeat=3):
        truth = read.truth(dict(zip(LEAVES, values, strict=True)))
        fuller = [
            read.truth(dict(zip(LEAVES, more, strict=True)))
            for more in itertools.product(*[(True, False) if value is None else (value,) for value in values])
        ]
        # Two-valued logic where all is known, as Python has it.
        full = {name: value is True for name, value in zip(LEAVES, values, strict=True)}
        if None not in values:
            plain = text
            for name, value in full.items():
                plain = plain.replace(name, str(value))
            assert truth is eval(plain)
        if truth is not None:
            assert set(fuller) == {truth}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ("component.kind", "component.custom", "and", "or", "not", "in", "=", "(", ")", "[", "]", ",", "x")
        )
    )
)
def test_no_jumble_of_words_does_worse_than_a_refusal(words: list[str]) -> None:
    text = " ".join(words)
    read = read_or_refused(text)
    if isinstance(read, ConditionError):
        assert 1 <= read.column <= len(text) + 1
        assert read.suggestion
    else:
        assert read.names() <= set(NAMES)


def read_or_refused(text: str) -> Condition | ConditionError:
    try:
        return condition(text)
    except ConditionError as refused:
        return refused
