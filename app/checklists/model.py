"""A template that is right: its rules parsed, its defaults merged in, ready to make tasks from.

A `Template` is made by `examine` only, which checks before it builds.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.checklists.checks import check_template
from app.checklists.draft import Draft
from app.checklists.problems import Problem, TemplateErrors
from app.checklists.shape import EvidenceBody, ItemBody, SlaBody, StartBody, StepBody, TemplateBody
from app.checklists.shape_check import check_shape
from app.checklists.vocabulary import Awaited, EvidenceKind, Role, Scope, Told
from app.checklists.yaml_tree import Json, Tree, tree_of
from app.kernel.conditions import Condition, Facts
from app.kernel.due import DueRule
from app.kernel.durations import Duration
from app.kernel.keydates import KEY_DATES


class UnknownItem(KeyError):
    """A template was asked for an item that it does not have."""

    def __init__(self, template: str, item: str) -> None:
        self.template, self.item = template, item
        super().__init__(f"template {template} has no item {item}")

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an escalation: this long after the breach, tell this role, or the assignee once more."""

    after: Duration
    to: Told


@dataclass(frozen=True, slots=True)
class Sla:
    """Our own promise, from the moment that a task can be claimed; `warn` is before the target's end."""

    target: Duration
    warn: Duration | None


@dataclass(frozen=True, slots=True)
class EvidenceSpec:
    """What closes a task. `label` is what a form asks for, and is never empty.

    With `reference`, a reference is asked for besides, under that label. `min` and `max` bound a number. A date lies
    later than the first key date of `after` that is set, and earlier than the first of `before`. With `seal`, a hash of
    what the item needs is kept besides.
    """

    kind: EvidenceKind
    label: str
    choices: tuple[str, ...]
    by: tuple[Role, ...]
    reference: str | None = None
    min: int | None = None
    max: int | None = None
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    seal: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """One way in which a track starts; one of the first four says how. `task_done` is `template/ITEM`."""

    key_date: str | None
    task_done: str | None
    case_opened: bool
    component_added: bool
    when: Condition | None

    def __str__(self) -> str:
        if self.key_date is not None:
            said = f"when {KEY_DATES[self.key_date]} is set"
        elif self.task_done is not None:
            template, _, item = self.task_done.partition("/")
            said = f"when {item} of {template} is done"
        else:
            said = "when the case is opened" if self.case_opened else "when a component is added"
        return said if self.when is None else f"{said}, if {self.when}"


@dataclass(frozen=True, slots=True)
class Gate:
    """While its needs are open, the task is finished only by a waiver of these roles, with a reason."""

    waiver: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes a task. Empty `roles` means anyone on the staff."""

    id: str
    title: str
    roles: tuple[Role, ...]
    skill: str | None
    due: DueRule | None
    due_when: tuple[tuple[Condition, DueRule], ...]
    sla: Sla | None
    remind: Duration | None
    escalate: tuple[Step, ...]
    pauses: tuple[Awaited, ...]
    needs: tuple[str, ...]
    when: Condition | None
    evidence: EvidenceSpec
    gate: Gate | None
    gates: tuple[str, ...]
    how: str | None
    source: str | None
    verified_by: str | None

    def due_by(self, facts: Facts) -> DueRule | None:
        """The due rule that counts for these facts: the first of `due_when` that certainly holds, else `due`."""
        return next((rule for when, rule in self.due_when if when.evaluate(facts)), self.due)


@dataclass(frozen=True)
class Template:
    """A checklist template. Two are equal when their bodies are.

    `canonical` is the body as JSON with sorted keys and without what is a default, so that it depends on the
    content alone.
    """

    id: str
    version: int
    title: str = field(compare=False)
    scope: Scope = field(compare=False)
    match: Condition | None = field(compare=False)
    starts: tuple[Start, ...] = field(compare=False)
    items: tuple[Item, ...] = field(compare=False)
    gates_waiver: tuple[Role, ...] = field(compare=False)
    canonical: str = field(repr=False)

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        """The items by their ids, in their order."""
        return {item.id: item for item in self.items}

    @classmethod
    def build(cls, body: TemplateBody) -> "Template":
        """The template of a body that has been checked; a body that has not may raise any parsing error."""
        defaults = body.defaults
        names = [item.id for item in body.items]
        return cls(
            id=body.id,
            version=body.version,
            title=body.title,
            scope=body.scope,
            match=_condition(body.match),
            starts=tuple(_start(start) for start in body.starts),
            items=tuple(_item(item, defaults.remind, defaults.escalate, names) for item in body.items),
            gates_waiver=body.gates_waiver,
            canonical=json.dumps(
                body.model_dump(mode="json", exclude_defaults=True),
                sort_keys=True,
                ensure_ascii=False,
                separators=(",", ":"),
            ),
        )

    def item(self, name: str) -> Item:
        """The item of that id. Raises UnknownItem."""
        found = self.by_id.get(name)
        if found is None:
            raise UnknownItem(self.id, name)
        return found

    def body(self) -> dict[str, Json]:
        """The template as values that JSON can hold; `parse_body` makes an equal template of them."""
        found: dict[str, Json] = json.loads(self.canonical)
        return found

    def digest(self) -> str:
        """SHA-256 of the canonical body, in hex: the same for every file that says the same."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Examined:
    """One document after all checks: the draft as written, its errors, the template if there were none."""

    draft: Draft
    errors: list[Problem]
    template: Template | None


def examine(tree: Tree) -> Examined:
    """Check one document and build its template; nothing is raised."""
    draft = Draft(tree)
    if tree.data is None and tree.problems:
        return Examined(draft, tree.problems, None)
    body = check_shape(draft)
    check_template(draft)
    errors = sorted({*tree.problems, *draft.problems})
    return Examined(draft, errors, Template.build(body) if body is not None and not errors else None)


def parse_body(body: Mapping[str, object], name: str = "stored template") -> Template:
    """The template of a body such as `Template.body()` gives; `name` is what problems call it.

    Raises TemplateErrors for a body that is no template, TypeError for values that JSON does not have.
    """
    data: Json = json.loads(json.dumps(body))
    found = examine(tree_of(data, name))
    if found.template is None:
        raise TemplateErrors(found.errors)
    return found.template


def _start(body: StartBody) -> Start:
    return Start(
        body.key_date,
        body.task_done,
        body.case_opened is True,
        body.component_added is True,
        _condition(body.when),
    )


def _item(body: ItemBody, remind: str | None, escalate: Sequence[StepBody], names: Collection[str]) -> Item:
    timed = body.due is not None or body.sla is not None
    own_steps = escalate if body.escalate is None else body.escalate
    return Item(
        id=body.id,
        title=body.title,
        roles=body.roles or (),
        skill=body.skill,
        due=None if body.due is None else _due(body.due, names),
        due_when=tuple((Condition.parse(each.when, names=_dotted), _due(each.due, names)) for each in body.due_when),
        sla=_sla(body.sla),
        # Without a deadline there is nothing to remind of, whatever the template's defaults say.
        remind=_duration(body.remind or remind) if timed else None,
        escalate=tuple(Step(Duration.parse(step.after), step.to) for step in own_steps) if timed else (),
        pauses=body.pauses,
        needs=body.needs,
        when=_condition(body.when),
        evidence=_evidence(body.evidence),
        gate=None if body.gate is None else Gate(body.gate.waiver),
        gates=body.gates,
        how=None if body.how is None else body.how.strip(),
        source=body.source,
        verified_by=body.verified_by,
    )


def _sla(body: SlaBody | None) -> Sla | None:
    return None if body is None else Sla(Duration.parse(body.target), _duration(body.warn))


def _evidence(body: EvidenceBody | None) -> EvidenceSpec:
    if body is None:
        return EvidenceSpec(EvidenceKind.NONE, "Nothing", (), ())
    return EvidenceSpec(
        body.kind,
        body.label or body.kind.capitalize(),
        body.choices,
        body.by,
        body.reference,
        body.min,
        body.max,
        body.after or (),
        body.before or (),
        body.seal is True,
    )


def _duration(text: str | None) -> Duration | None:
    return None if text is None else Duration.parse(text)


def _due(text: str, names: Collection[str]) -> DueRule:
    return DueRule.parse(text, key_dates=KEY_DATES, items=names)


def _condition(text: str | None) -> Condition | None:
    return None if text is None else Condition.parse(text, names=_dotted)


def _dotted(name: str) -> bool:
    return "." in name
