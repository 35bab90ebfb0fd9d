"""Whether what somebody gives as evidence is what the item asks for. Pure."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import EvidenceKind
from app.tasks.refusals import NeedsEvidence
from app.text import plain

# What people write as a number. A comma is a decimal point to some, an exponent hides a size.
YES: Final = frozenset({"yes", "y", "signed", "i sign", "confirmed", "i confirm", "attested", "i attest"})
"""The words that sign. Anything else may mean no, or not yet."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def read_evidence(spec: EvidenceSpec, given: str | None, task: str) -> dict[str, str] | None:
    """The evidence as it is kept: its kind and value. None where the item asks for none and none is given.

    Raises `NeedsEvidence` with an example, or what `plain` raises for unsafe text.
    """
    value = (given or "").strip()
    if spec.kind is EvidenceKind.NONE and not value:
        return None
    if not value:
        raise NeedsEvidence(f"{task} needs {_asked(spec)}. Nothing changed. Write: done {task} {_example(spec)}")
    return {"kind": spec.kind.value, "value": _value(spec, value, task)}


def _value(spec: EvidenceSpec, value: str, task: str) -> str:
    if spec.kind is EvidenceKind.DATE:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise NeedsEvidence(_unfit(spec, task)) from None
    if spec.kind is EvidenceKind.NUMBER:
        if _NUMBER.fullmatch(value) is None or len(value) > 20:
            raise NeedsEvidence(_unfit(spec, task))
        return f"{Decimal(value):f}"
    if spec.kind is EvidenceKind.CHOICE:
        wanted = value.casefold().replace("_", " ")
        for choice in spec.choices:
            if choice.casefold().replace("_", " ") == wanted:
                return choice
        raise NeedsEvidence(_unfit(spec, task))
    if spec.kind is EvidenceKind.ATTESTATION:
        if value.casefold().strip(" .!") not in YES:
            raise NeedsEvidence(
                f"{task} is closed by a signed word: {spec.label or spec.kind.value}. Nothing changed. If it is so, "
                f"write: done {task} yes"
            )
        return "yes"
    return plain(value, spec.label or "evidence", limit=120, reference=True)


def _asked(spec: EvidenceSpec) -> str:
    words = {
        EvidenceKind.REFERENCE: "a reference",
        EvidenceKind.DATE: "a date",
        EvidenceKind.NUMBER: "a number",
        EvidenceKind.CHOICE: f"one of {', '.join(spec.choices)}",
        EvidenceKind.ATTESTATION: "a signed word (yes)",
        EvidenceKind.NONE: "nothing",
    }[spec.kind]
    return f"{words}: {spec.label}" if spec.label else words


def _example(spec: EvidenceSpec) -> str:
    return {
        EvidenceKind.REFERENCE: "ref ABC-1",
        EvidenceKind.DATE: "2026-12-03",
        EvidenceKind.NUMBER: "3",
        EvidenceKind.CHOICE: spec.choices[0] if spec.choices else "",
        EvidenceKind.ATTESTATION: "yes",
        EvidenceKind.NONE: "",
    }[spec.kind]


def _unfit(spec: EvidenceSpec, task: str) -> str:
    return f"That does not fit: {task} needs {_asked(spec)}. Nothing changed. Write: done {task} {_example(spec)}"
