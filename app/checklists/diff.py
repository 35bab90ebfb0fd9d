"""Compares two versions of a template in lines to read, with what each change would mean for a running track.

A running track keeps the version that it started with until somebody upgrades it; these lines are what is
shown before that.
"""

from dataclasses import dataclass

from app.checklists.model import EvidenceSpec, Item, Step, Template
from app.checklists.vocabulary import EvidenceKind, Scope

_NOTHING = "nothing"
_EFFECTS = {
    "title": "shown from then on",
    "roles": "who holds it keeps it; the next claim goes by the new roles",
    "skill": "who holds it keeps it; the next claim goes by the new skill",
    "due": "an open task gets the new due moment, a done one keeps its own",
    "sla": "a running clock gets the new target and keeps the time that it has run",
    "remind": "a reminder that has not been sent is planned anew",
    "escalate": "steps that have not been taken are planned anew",
    "pauses": "holds from the next wait on",
    "needs": "an open task may become blocked or free",
    "when": "the task appears, or is withdrawn, where the condition says so",
    "evidence": "asked for when an open task is finished; a done one keeps what it has",
    "gate": "holds from then on",
    "gates": "holds from then on; a key date that is set stays set",
    "how": "shown from then on",
    "source": _NOTHING,
    "verified_by": _NOTHING,
}


@dataclass(frozen=True)
class Change:
    """One difference: the item (None for the template itself), what differs, and what a running track gets."""

    item: str | None
    what: str
    text: str
    running: str

    def __str__(self) -> str:
        return f"{self.text} (running track: {self.running})"


class DifferentTemplates(ValueError):
    """Two templates were compared that are not versions of one."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"{old} and {new} are different templates; compare two versions of one")


def diff(old: Template, new: Template) -> list[Change]:
    """What changed from `old` to `new`: the template itself first, then its items in the new order.

    Raises DifferentTemplates when the ids differ.
    """
    if old.id != new.id:
        raise DifferentTemplates(old.id, new.id)
    changes = _template_changes(old, new)
    for item in new.items:
        before = old.by_id.get(item.id)
        changes += [_added(item)] if before is None else _item_changes(before, item)
    changes += [_removed(item) for item in old.items if item.id not in new.by_id]
    kept = [item.id for item in old.items if item.id in new.by_id]
    if kept != [item.id for item in new.items if item.id in old.by_id]:
        changes.append(Change(None, "order", "items stand in another order", "shown so from then on"))
    return changes


def _template_changes(old: Template, new: Template) -> list[Change]:
    changes: list[Change] = []

    def compare(what: str, before: str, after: str, running: str) -> None:
        if before != after:
            changes.append(Change(None, what, f"{what}: {before} → {after}", running))

    compare("version", str(old.version), str(new.version), "keeps its own until it is upgraded")
    compare("title", old.title, new.title, "shown from then on")
    other_scope = "cannot be upgraded" if old.scope != new.scope else _NOTHING
    compare("scope", _scope(old.scope), _scope(new.scope), other_scope)
    match_effect = "goes on, whether its component matches or not"
    compare("match", str(old.match or "all"), str(new.match or "all"), match_effect)
    starts = [" or ".join(str(start) for start in template.starts) for template in (old, new)]
    compare("starts", starts[0], starts[1], "nothing, it has started")
    compare("gates_waiver", _words(old.gates_waiver), _words(new.gates_waiver), "holds from then on")
    return changes


def _scope(scope: Scope) -> str:
    return "one track for the case" if scope is Scope.CASE else "one track for each component"


def _added(item: Item) -> Change:
    effect = "gets this task" if item.when is None else f"gets this task if {item.when}"
    return Change(item.id, "added", f"{item.id} new: {item.title}", effect)


def _removed(item: Item) -> Change:
    effect = "an open task is withdrawn, a done one stays in the record"
    return Change(item.id, "removed", f"{item.id} gone: {item.title}", effect)


def _item_changes(old: Item, new: Item) -> list[Change]:
    before, after = _described(old), _described(new)
    return [
        Change(new.id, what, f"{new.id} {what}: {before[what]} → {after[what]}", _EFFECTS[what])
        for what in _EFFECTS
        if before[what] != after[what]
    ]


def _described(item: Item) -> dict[str, str]:
    sla = item.sla
    warn = f", warning {sla.warn} before its end" if sla is not None and sla.warn is not None else ""
    return {
        "title": item.title,
        "roles": _words(item.roles) if item.roles else "anyone",
        "skill": item.skill or "none",
        "due": ", or ".join([str(item.due or "none"), *(f"{rule} if {when}" for when, rule in item.due_when)]),
        "sla": "none" if sla is None else f"{sla.target}{warn}",
        "remind": "never" if item.remind is None else f"{item.remind} before",
        "escalate": ", ".join(_step(step) for step in item.escalate) or "to nobody",
        "pauses": _words(item.pauses),
        "needs": _words(item.needs),
        "when": str(item.when or "always"),
        "evidence": evidence_words(item.evidence),
        "gate": "none" if item.gate is None else f"waived by {_words(item.gate.waiver)}",
        "gates": _words(item.gates),
        "how": item.how or "none",
        "source": item.source or "none",
        "verified_by": item.verified_by or "nobody",
    }


def _step(step: Step) -> str:
    return f"{step.to} after {step.after}"


def evidence_words(spec: EvidenceSpec) -> str:
    """What an item asks for, in a line."""
    if spec.kind is EvidenceKind.NONE:
        return "none"
    inside = f" ({', '.join(spec.choices)})" if spec.choices else ""
    by = f" by {_words(spec.by)}" if spec.by else ""
    limits = {
        "from": spec.min,
        "to": spec.max,
        "after": ", else ".join(spec.after),
        "before": ", else ".join(spec.before),
    }
    within = "".join(f" {word} {limit}" for word, limit in limits.items() if limit not in (None, ""))
    beside = f", with reference “{spec.reference}”" if spec.reference else ""
    sealed = ", with a seal" if spec.seal else ""
    return f"{spec.kind}{by} “{spec.label}”{inside}{within}{beside}{sealed}"


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "none"
