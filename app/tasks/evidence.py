"""Whether what somebody gives as evidence is what the item asks for. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import EvidenceKind
from app.kernel.clock import day_words
from app.kernel.keydates import KEY_DATES
from app.kernel.known_values import dates_among
from app.refusals import at_field
from app.tasks.refusals import NeedsEvidence
from app.text import plain, unlike

REFERENCE_LENGTH: Final = 120
"""Characters that a reference may have, as evidence or beside it."""
YES: Final = frozenset({"yes", "y", "signed", "i sign", "confirmed", "i confirm", "attested", "i attest"})
"""The words that sign. Anything else may mean no, or not yet."""
# What people write as a number. A comma is a decimal point to some, an exponent hides a size.
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_SIGNATURE = re.compile(r"\bsign(?:ed|s|ature)?\b", re.IGNORECASE)
Days = Mapping[str, date]
"""The key dates of a case that are set, each with its local day."""


def closing_word(spec: EvidenceSpec) -> str:
    """What closes a task, in the one word of its button: `Sign`, `Attest` of what is no signature, else `Done`."""
    if spec.kind is not EvidenceKind.ATTESTATION:
        return "Done"
    return "Sign" if _SIGNATURE.search(spec.label) else "Attest"


def read_evidence(
    spec: EvidenceSpec,
    given: str | None,
    task: str,
    *,
    reference: str | None = None,
    key_dates: Days | None = None,
    known_words: Collection[str] = (),
) -> dict[str, str] | None:
    """The evidence as it is kept: its kind and value, and the reference where one stands beside it.

    None where the item asks for none and none is given. A date is held against those of `key_dates` that its item
    names; what it cannot be held against is said by `unchecked`. `known_words` tell who the patient is.

    Raises `NeedsEvidence` with an example, or what `plain` raises for unsafe text; of the reference with its field.
    """
    value, days = (given or "").strip(), key_dates or {}
    if spec.kind is EvidenceKind.NONE and not value:
        return None
    if not value:
        raise NeedsEvidence(f"{task} needs {_asked(spec, days)}.", _write(spec, task, days))
    kept = {"kind": spec.kind.value, "value": _value(spec, value, task, days, known_words)}
    beside = (reference or "").strip()
    with at_field("reference"):
        if spec.reference is not None and not beside:
            raise NeedsEvidence(f"{task} needs a reference besides: {spec.reference}.", _write(spec, task, days))
        if beside:
            kept["reference"] = plain(
                beside, spec.reference or "reference", limit=REFERENCE_LENGTH, reference=True, known_words=known_words
            )
    return kept


def unchecked(spec: EvidenceSpec, key_dates: Days) -> str | None:
    """What a date was not held against, since no key date that the item names is set; None where nothing is left."""
    open_ends = [
        " or ".join(KEY_DATES[name] for name in names)
        for names in (spec.after, spec.before)
        if names and _first(names, key_dates) is None
    ]
    if not open_ends:
        return None
    return f"Not checked against the {' and the '.join(open_ends)} date, which is not set."


def _value(spec: EvidenceSpec, value: str, task: str, days: Days, known_words: Collection[str]) -> str:
    what = spec.label or "evidence"
    if spec.kind is EvidenceKind.DATE:
        # A day may have the digits of a record number.
        return unlike(_date(spec, value, task, days), what, dates_among(known_words))
    if spec.kind is EvidenceKind.NUMBER:
        if _NUMBER.fullmatch(value) is None or len(value) > 20:
            raise _unfit(spec, task, days)
        number = Decimal(value)
        if (spec.min is not None and number < spec.min) or (spec.max is not None and number > spec.max):
            raise _unfit(spec, task, days)
        return unlike(f"{number:f}", what, known_words)
    if spec.kind is EvidenceKind.CHOICE:
        wanted = value.casefold().replace("_", " ")
        for choice in spec.choices:
            if choice.casefold().replace("_", " ") == wanted:
                return choice
        raise _unfit(spec, task, days)
    if spec.kind is EvidenceKind.ATTESTATION:
        if value.casefold().strip(" .!") not in YES:
            raise NeedsEvidence(
                f"{task} is closed by a signed word, if it is so: {spec.label or spec.kind.value}.",
                _write(spec, task, days),
            )
        return "yes"
    return plain(value, what, limit=REFERENCE_LENGTH, reference=True, known_words=known_words)


def _date(spec: EvidenceSpec, value: str, task: str, days: Days) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _unfit(spec, task, days) from None
    earliest, latest = _first(spec.after, days), _first(spec.before, days)
    if (earliest is not None and day <= days[earliest]) or (latest is not None and day >= days[latest]):
        raise _unfit(spec, task, days)
    return day.isoformat()


def _first(names: Sequence[str], days: Days) -> str | None:
    return next((name for name in names if name in days), None)


def _asked(spec: EvidenceSpec, days: Days) -> str:
    words = {
        EvidenceKind.REFERENCE: "a reference",
        EvidenceKind.DATE: f"a date{_between(spec, days)}",
        EvidenceKind.NUMBER: f"a number{_range(spec)}",
        EvidenceKind.CHOICE: f"one of {', '.join(spec.choices)}",
        EvidenceKind.ATTESTATION: "a signed word (yes)",
        EvidenceKind.NONE: "nothing",
    }[spec.kind]
    asked = f"{words}: {spec.label}" if spec.label else words
    return f"{asked}, and a reference: {spec.reference}" if spec.reference else asked


def _range(spec: EvidenceSpec) -> str:
    if spec.min is not None and spec.max is not None:
        return f" from {spec.min} to {spec.max}"
    if spec.min is not None:
        return f" of {spec.min} or more"
    return "" if spec.max is None else f" of {spec.max} or less"


def _between(spec: EvidenceSpec, days: Days) -> str:
    ends = ((_first(spec.after, days), "after"), (_first(spec.before, days), "before"))
    said = [f"{word} the {KEY_DATES[name]} date ({day_words(days[name])})" for name, word in ends if name is not None]
    return f" {' and '.join(said)}" if said else ""


def _example(spec: EvidenceSpec, days: Days) -> str:
    least = spec.min if spec.min is not None else 3 if spec.max is None or spec.max >= 3 else spec.max
    value = {
        EvidenceKind.REFERENCE: "ref ABC-1",
        EvidenceKind.DATE: _example_day(spec, days).isoformat(),
        EvidenceKind.NUMBER: str(least),
        EvidenceKind.CHOICE: spec.choices[0] if spec.choices else "",
        EvidenceKind.ATTESTATION: "yes",
        EvidenceKind.NONE: "",
    }[spec.kind]
    return f"{value} ref ABC-1" if spec.reference else value


def _example_day(spec: EvidenceSpec, days: Days) -> date:
    earliest, latest = _first(spec.after, days), _first(spec.before, days)
    if earliest is not None:
        return days[earliest] + timedelta(days=1)
    return date(2026, 12, 3) if latest is None else days[latest] - timedelta(days=1)


def _write(spec: EvidenceSpec, task: str, days: Days) -> str:
    return f"done {task} {_example(spec, days)}"


def _unfit(spec: EvidenceSpec, task: str, days: Days) -> NeedsEvidence:
    return NeedsEvidence(f"That does not fit: {task} needs {_asked(spec, days)}.", _write(spec, task, days))
