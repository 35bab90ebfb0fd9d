"""Checks the conditions of a template: names that exist where they stand, and values that they can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.checklists.draft import Draft
from app.checklists.problems import one_of
from app.checklists.vocabulary import ComponentKind, ComponentPart, EvidenceKind, Scope, Supply
from app.checklists.yaml_tree import Path
from app.kernel.conditions import Condition, ConditionError, Test
from app.kernel.keydates import KEY_DATES


@dataclass(frozen=True)
class Fact:
    """What a condition may ask about one name.

    Whether it is so (flag), whether it was given at all (given), which of `values` it is, or which number.
    """

    kind: Literal["flag", "given", "word", "number"]
    values: tuple[str, ...] = ()


COMPONENT_FACTS: Final[Mapping[str, Fact]] = {
    "component.kind": Fact("word", tuple(ComponentKind)),
    "component.part": Fact("word", tuple(ComponentPart)),
    "component.custom": Fact("flag"),
    "component.supply": Fact("word", tuple(Supply)),
}
KEY_DATE_FACTS: Final[Mapping[str, Fact]] = {f"key_date.{name}": Fact("flag") for name in KEY_DATES}
_FLAG_VALUES = ("true", "yes", "false", "no")


def check_conditions(draft: Draft) -> None:
    """Report what is wrong with `match` and with every `when`."""
    component = COMPONENT_FACTS if draft.text("scope") == Scope.COMPONENT else {}
    evidence = _evidence_facts(draft)
    _check(draft, ("match",), COMPONENT_FACTS)
    for path in draft.entries("starts"):
        _check(draft, (*path, "when"), {**component, **KEY_DATE_FACTS})
    for path in draft.items():
        for where in (path, *draft.entries(*path, "due_when")):
            _check(draft, (*where, "when"), {**component, **KEY_DATE_FACTS, **evidence})


def _evidence_facts(draft: Draft) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for name, path in draft.by_id().items():
        kind = draft.text(*path, "evidence", "kind")
        if kind == EvidenceKind.CHOICE:
            choices = tuple(text for _, text in draft.texts(*path, "evidence", "choices"))
            facts[f"evidence.{name}"] = Fact("word", choices)
        elif kind == EvidenceKind.NUMBER:
            facts[f"evidence.{name}"] = Fact("number")
        elif kind is not None and kind != EvidenceKind.NONE:
            facts[f"evidence.{name}"] = Fact("given")
    return facts


def _check(draft: Draft, path: Path, facts: Mapping[str, Fact]) -> None:
    text = draft.text(*path)
    if not text:
        return
    key = str(path[-1])
    try:
        # Any name will do here: each is looked at below, so that all unknown ones are reported, not one.
        condition = Condition.parse(text, names=lambda name: "." in name)
    except ConditionError as error:
        draft.report(path, f"`{key}`: {error.message}", error.suggestion, offset=error.column - 1)
        return
    for test in condition.tests():
        _check_test(draft, path, facts, test)


def _check_test(draft: Draft, path: Path, facts: Mapping[str, Fact], test: Test) -> None:
    key, place = str(path[-1]), test.column - 1
    fact = facts.get(test.name)
    if fact is None:
        message, fix = _unknown(draft, path, facts, test.name)
        draft.report(path, f"`{key}`: {message}", fix, offset=place)
        return
    if fact.kind in ("flag", "given"):
        allowed = _FLAG_VALUES if fact.kind == "flag" else ()
        if any(value.casefold() not in allowed for value in test.values):
            said = f"`{test.name}` is either so or not, and is never `{', '.join(test.values)}`"
            draft.report(path, f"`{key}`: {said}", f"write {test.name}, or not {test.name}", offset=place)
        return
    if not test.values:
        example = fact.values[0] if fact.values else "0"
        draft.report(
            path,
            f"`{key}`: `{test.name}` has to be compared with something",
            f"write for example {test.name} = {_quoted(example)}",
            offset=place,
        )
    for value in test.values:
        if fact.kind == "number" and not value.lstrip("-").isdecimal():
            draft.report(
                path,
                f"`{key}`: `{test.name}` is a number, not `{value}`",
                "write a whole number",
                offset=place,
            )
        if fact.kind == "word" and value.casefold() not in {word.casefold() for word in fact.values}:
            draft.report(
                path,
                f"`{key}`: `{test.name}` is never `{value}`",
                one_of(value, fact.values, "values"),
                offset=place,
            )


def _unknown(draft: Draft, path: Path, facts: Mapping[str, Fact], name: str) -> tuple[str, str]:
    family, _, rest = name.partition(".")
    if path == ("match",) and (name in KEY_DATE_FACTS or family == "evidence"):
        return f"`match` chooses by the component alone, not by `{name}`", "put it into `when` of an item"
    if name in COMPONENT_FACTS:
        return (
            f"`{name}` is not known here, because this template is for the case",
            "write `scope: component`",
        )
    if family == "evidence" and path[0] == "starts":
        return f"there is no `{name}` before the track has started", "put it into `when` of an item"
    if family == "evidence" and rest in draft.by_id():
        return f"{rest} asks for no evidence", f"give {rest} an `evidence`, or ask for another item"
    return f"`{name}` is not a known fact", one_of(name, facts, "facts")


def _quoted(value: str) -> str:
    return value if value.replace("_", "").isalnum() else f'"{value}"'
