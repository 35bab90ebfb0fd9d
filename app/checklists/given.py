"""Facts that a person gives to preview a template, held against what it can know."""

from collections.abc import Mapping, Sequence

from app.checklists.conditions_check import COMPONENT_FACTS, KEY_DATE_FACTS, Fact
from app.checklists.model import Template
from app.checklists.problems import one_of
from app.checklists.rules import Facts
from app.checklists.vocabulary import EvidenceKind, Scope

_WORDS: Mapping[str, bool] = {"true": True, "yes": True, "false": False, "no": False}
_UNKNOWN = "unknown"


class BadFact(ValueError):
    """A text is no fact of the template; the message says what would be."""


def read_facts(template: Template, texts: Sequence[str]) -> Facts:
    """`component.custom=true` and the like; `unknown` is what is not known. Raises `BadFact`."""
    known = facts_of_template(template)
    found: Facts = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or "." not in name or not value:
            raise BadFact(f"“{text}” is no fact: write for example component.kind=plate")
        if name in found:
            raise BadFact(f"{name} is given twice: say it once")
        found[name] = _value(name, _known(template, known, name), value)
    return found


def facts_of_template(template: Template) -> Mapping[str, Fact]:
    """What the template's conditions can ask, but for key dates: of its component, and of its items' evidence."""
    facts = dict(COMPONENT_FACTS) if template.scope == Scope.COMPONENT else {}
    for item in template.items:
        match item.evidence.kind:
            case EvidenceKind.CHOICE:
                facts[f"evidence.{item.id}"] = Fact("word", tuple(item.evidence.choices))
            case EvidenceKind.NUMBER:
                facts[f"evidence.{item.id}"] = Fact("number")
            case EvidenceKind.NONE:
                continue
            case _:
                facts[f"evidence.{item.id}"] = Fact("given")
    return facts


def _known(template: Template, known: Mapping[str, Fact], name: str) -> Fact:
    if name in known:
        return known[name]
    if name in KEY_DATE_FACTS:
        raise BadFact(f"{name} follows from the key dates: give its day with --date")
    if name in COMPONENT_FACTS:
        raise BadFact(f"{template.id} is for the whole case and asks nothing of a component: leave {name} out")
    raise BadFact(f"“{name}” is not a fact of {template.id}: {one_of(name, known, 'facts')}")


def _value(name: str, fact: Fact, value: str) -> str | bool | int | None:
    wanted = value.casefold()
    if wanted == _UNKNOWN:
        return None
    if fact.kind in ("flag", "given"):
        if wanted not in _WORDS:
            raise BadFact(f"{name} is either so or not, and never “{value}”: write {name}=true, =false or =unknown")
        return _WORDS[wanted]
    if fact.kind == "number":
        if not value.lstrip("-").isdecimal():
            raise BadFact(f"{name} is a number, not “{value}”: write a whole number")
        return value
    word = next((one for one in fact.values if one.casefold() == wanted), None)
    if word is None:
        raise BadFact(f"{name} is never “{value}”: {one_of(value, fact.values, 'values')}")
    return word
