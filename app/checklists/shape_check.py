"""Says in plain words, and in the right place, what pydantic finds wrong with the shape of a template."""

import json
from enum import StrEnum

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.checklists import shape
from app.checklists.draft import Draft
from app.checklists.problems import one_of
from app.checklists.shape import TemplateBody
from app.checklists.vocabulary import Awaited, EvidenceKind, Role, Scope, Told
from app.checklists.yaml_tree import Json, Path

_WORDS: dict[str, tuple[type[StrEnum], str, str]] = {
    "roles": (Role, "role", "roles"),
    "by": (Role, "role", "roles"),
    "waiver": (Role, "role", "roles"),
    "gates_waiver": (Role, "role", "roles"),
    "to": (Told, "role", "roles"),
    "pauses": (Awaited, "party to wait for", "parties"),
    "kind": (EvidenceKind, "kind of evidence", "kinds"),
    "scope": (Scope, "scope", "scopes"),
}
_LIKE: dict[str, str] = {
    "id": "a short name",
    "version": "a whole number from 1",
    "starts": "a list of what starts the track",
    "items": "a list of items",
    "due_when": "`when` and `due`",
    "sla": "`target` and, if wanted, `warn`",
    "evidence": "`kind` and what belongs to it",
    "gate": "`waiver` with a list of roles",
    "defaults": "`remind` and `escalate`",
}
_PATTERNS: dict[str, str] = {
    shape.TEMPLATE_ID: "use 2 to 60 small letters, digits and _, beginning with a letter, such as tumor_board_packet",
    shape.ITEM_ID: "use capitals, digits and _, beginning with a letter, 12 at most, such as TB1",
}
_MODELS: dict[str, type[shape._Shape]] = {
    "starts": shape.StartBody,
    "defaults": shape.DefaultsBody,
    "items": shape.ItemBody,
    "due_when": shape.DueWhenBody,
    "sla": shape.SlaBody,
    "escalate": shape.StepBody,
    "evidence": shape.EvidenceBody,
    "gate": shape.GateBody,
}


def check_shape(draft: Draft) -> TemplateBody | None:
    """Report every key that is unknown, missing, empty or of the wrong type.

    Returns the body when there was nothing to report.
    """
    _report_empty(draft, (), draft.tree.data)
    try:
        return TemplateBody.model_validate_json(json.dumps(draft.tree.data))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _report(draft, detail)
    return None


def _report_empty(draft: Draft, path: Path, value: Json) -> None:
    if value is None and path not in draft.tree.refused:
        last = path[-1] if path else ""
        if isinstance(last, str) and " " in last:
            said = f"`{last}` is read as a key of its own"
            draft.report(path, said, "put text that holds a comma into quotes", at_key=True)
            return
        draft.report(path, f"{_name(path)} has no value", "write one, or delete the line", at_key=True)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _report_empty(draft, (*path, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _report_empty(draft, (*path, index), inner)


def _report(draft: Draft, detail: ErrorDetails) -> None:
    path: Path = detail["loc"]
    value: Json = detail["input"]
    context = detail.get("ctx", {})
    name = _name(path)
    match detail["type"]:
        case "extra_forbidden":
            if value is not None or " " not in str(path[-1]):
                _report_unknown(draft, path)
        case "missing":
            key = str(path[-1])
            draft.report(path[:-1], f"`{key}` is missing", f"add `{key}:` with {_LIKE.get(key, 'its text')}")
        case _ if value is None:
            return  # Reported as empty already.
        case "too_short" if value:
            return  # Its entries are wrong and do not count; each was reported.
        case "enum":
            _report_unknown_word(draft, path, str(value))
        case "greater_than_equal":
            draft.report(path, f"{name} is {value}", "write a whole number from 1")
        case "string_too_long":
            most = context["max_length"]
            draft.report(path, f"{name} has {len(str(value))} characters", f"write it in {most} at most")
        case "string_too_short":
            draft.report(path, f"{name} is empty", "write one, or delete the line")
        case "too_short":
            draft.report(path, f"{name} is an empty list", "write at least one entry, or delete the line")
        case "string_pattern_mismatch":
            draft.report(path, f"{name} cannot be `{value}`", _PATTERNS.get(context["pattern"], _SKILL))
        case "literal_error":
            draft.report(path, f"{name} can only be true", "write true, or delete the line")
        case kind:
            wanted, fix = _wanted(kind, path, value)
            draft.report(path, f"{name} has to be {wanted}, not {_what(value)}", fix)


_SKILL = "use small letters, digits, _ and -, beginning with a letter, such as boards"


def _report_unknown(draft: Draft, path: Path) -> None:
    key = str(path[-1])
    owner = next((step for step in reversed(path[:-1]) if isinstance(step, str)), None)
    known = (_MODELS[owner] if owner else TemplateBody).model_fields
    # A word that another key of the same place uses already is no use as advice.
    free = set(known) - set(draft.mapping(*path[:-1]))
    of_item = path[0] == "items" and len(path) == 3
    place = f" in {_name(path[:-1])}" if len(path) > 1 and not of_item else ""
    draft.report(path, f"unknown key `{key}`{place}", one_of(key, free, "keys"), at_key=True)


def _report_unknown_word(draft: Draft, path: Path, value: str) -> None:
    owner = next(step for step in reversed(path) if isinstance(step, str))
    words, one, many = _WORDS[owner]
    draft.report(path, f"unknown {one} `{value}`", one_of(value, {word.value for word in words}, many))


def _wanted(kind: str, path: Path, value: Json) -> tuple[str, str]:
    last = next((step for step in reversed(path) if isinstance(step, str)), "")
    match kind:
        case "string_type":
            return "text", f'write "{value}" in quotes' if isinstance(value, int | float) else "write a text"
        case "int_type" | "int_from_float" | "int_parsing":
            return "a whole number", "write a whole number such as 1"
        case "tuple_type":
            return "a list", f"write [{value}]" if isinstance(value, str) else "write one entry a line, behind -"
        case _:
            entry = bool(path) and isinstance(path[-1], int)
            inside = _LIKE[last] if last in _LIKE and not entry else "each key with its value"
            return "keys with values", f"write {inside}, indented below"


def _what(value: Json) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "keys with values"
        case _:
            return "nothing"


def _name(path: Path) -> str:
    """How a message names a place: the keys that lead there, within the item."""
    inside = path[2:] if path[:1] == ("items",) and len(path) > 2 else path
    words: list[str] = []
    for step in inside:
        if isinstance(step, int) and words:
            words[-1] += f"[{step + 1}]"
        else:
            words.append(str(step))
    return f"`{'.'.join(words)}`" if words else "the template"
