"""What a case's checklists ask for, given where the case stands. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.checklists.model import Item, Template
from app.checklists.vocabulary import EvidenceKind, Role, Scope
from app.kernel.business import BusinessCalendar
from app.kernel.due import Moment
from app.kernel.durations import Duration
from app.kernel.keydates import KEY_DATES

Facts = dict[str, str | bool | int | None]

CLOSED = ("done", "skipped")


@dataclass(frozen=True)
class ComponentFacts:
    """What conditions may ask of a component; None is unknown."""

    id: int
    no: int
    kind: str
    part: str | None
    custom: bool | None
    supply: str | None

    def facts(self) -> Facts:
        return {
            "component.kind": self.kind,
            "component.part": self.part,
            "component.custom": self.custom,
            "component.supply": self.supply,
        }


@dataclass(frozen=True)
class DoneTask:
    """Where a task of a track stands, as far as rules ask."""

    state: str
    closed_at: datetime | None
    evidence: str | None


def facts_of(
    key_dates: Mapping[str, Moment],
    component: ComponentFacts | None = None,
    tasks: Mapping[str, DoneTask] | None = None,
) -> Facts:
    """Everything that a condition may name. A key date is set or not; evidence is unknown until it is given."""
    facts: Facts = {f"key_date.{name}": name in key_dates for name in KEY_DATES}
    if component is not None:
        facts |= component.facts()
    for item_id, task in (tasks or {}).items():
        facts[f"evidence.{item_id}"] = task.evidence if task.state == "done" else None
    return facts


def starts_now(
    template: Template,
    key_dates: Mapping[str, Moment],
    component: ComponentFacts | None,
    done: frozenset[str],
) -> bool:
    """Whether any of the template's start rules holds. `done` names finished tasks as `template/item`."""
    facts = facts_of(key_dates, component)
    matches = component is not None and (template.match is None or template.match.evaluate(facts))
    if template.scope == Scope.COMPONENT and not matches:
        return False
    return any(
        (
            (start.key_date is not None and start.key_date in key_dates)
            or (start.task_done is not None and start.task_done in done)
            or start.case_opened
            or (start.component_added and component is not None)
        )
        and (start.when is None or start.when.evaluate(facts))
        for start in template.starts
    )


def applies(item: Item, facts: Facts) -> bool:
    """Whether the item exists for these facts."""
    return item.when is None or item.when.evaluate(facts)


def waivers_of(template: Template, item: Item) -> frozenset[Role] | None:
    """The roles that may leave an item out although a gate stands on it; None where no gate does.

    A gate stands on an item that is one, that gates a key date, or that a gate needs.
    """
    asked = [gate.gate.waiver for gate in template.items if gate.gate is not None and item.id in gate.needs]
    if item.gate is not None:
        asked.append(item.gate.waiver)
    if item.gates:
        asked.append(template.gates_waiver)
    return frozenset(Role).intersection(*asked) if asked else None


def is_weighty(template: Template, item: Item) -> bool:
    """Whether an item may not be left out by whoever holds it: a gate stands on it, or somebody's word closes it."""
    return item.evidence.kind is EvidenceKind.ATTESTATION or waivers_of(template, item) is not None


def durations_of(template: Template) -> Iterator[Duration]:
    """Everything that a template has counted: what is due when, targets, reminders and escalations."""
    for item in template.items:
        rules = (item.due, *(rule for _, rule in item.due_when))
        yield from (rule.duration for rule in rules if rule is not None and rule.duration is not None)
        own = (item.sla.target, item.sla.warn) if item.sla is not None else ()
        yield from (each for each in (*own, item.remind, *(step.after for step in item.escalate)) if each is not None)


def is_free(item: Item, tasks: Mapping[str, DoneTask]) -> bool:
    """Whether everything that the item needs is done or skipped; an item that does not apply frees at once."""
    return all(need not in tasks or tasks[need].state in CLOSED for need in item.needs)


def due_at(
    item: Item,
    calendar: BusinessCalendar,
    *,
    facts: Facts,
    key_dates: Mapping[str, Moment],
    ready_at: datetime | None,
    started_at: datetime,
    tasks: Mapping[str, DoneTask],
) -> datetime | None:
    """The item's due moment (UTC), or None while what it hangs on is not known."""
    rule = item.due_by(facts)
    if rule is None:
        return None
    anchor = rule.anchor
    if anchor.kind == "key_date":
        moment = key_dates.get(anchor.name)
    else:
        at = {
            "ready": ready_at,
            "start": started_at,
            "done": tasks[anchor.name].closed_at if anchor.name in tasks else None,
        }[anchor.kind]
        moment = None if at is None else Moment.of_instant(at, calendar.zone)
    return None if moment is None else rule.resolve(moment, calendar)
