"""The components of a planned reconstruction: added, described, withdrawn."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, select, text, update

from app.audit import service as audit
from app.cases.dates import may_plan
from app.cases.identity import case_text
from app.cases.locked import OPEN_TASKS, open_case_of, skip_open
from app.cases.models import Case, Component
from app.cases.refusals import BadComponent, UnknownComponent
from app.checklists import library
from app.checklists.rules import is_weighty
from app.checklists.service import settle
from app.checklists.vocabulary import ComponentKind, ComponentPart, Role, Supply
from app.programs.actor import Actor, NotAllowed
from app.store.types import table
from app.store.uow import UnitOfWork

TAKE_BACK: Final = timedelta(minutes=15)
"""How long somebody may take back a component that they added by mistake."""
_COMPONENTS = table(Component)
_NEXT_COMPONENT = text(
    "UPDATE cases SET last_component_no = last_component_no + 1 WHERE id = :case RETURNING last_component_no"
)
_OWN_AND_UNTOUCHED = text(
    "SELECT EXISTS (SELECT FROM audit_entries WHERE case_id = :case AND object_type = 'component'"
    " AND object_id = CAST(:component AS text) AND action = 'component.add' AND actor_id = :me)"
    " AND NOT EXISTS (SELECT FROM tasks t JOIN tracks r ON r.id = t.track_id JOIN audit_entries e"
    " ON e.case_id = t.case_id AND e.object_type = 'task' AND e.object_id = CAST(t.id AS text)"
    " AND e.actor_id IS NOT NULL WHERE r.component_id = :component)"
)
_WITHDRAW_TRACKS = text("UPDATE tracks SET state = 'withdrawn' WHERE component_id = :component")


def add_component(
    uow: UnitOfWork,
    actor: Actor,
    case_id: int,
    kind: str,
    *,
    part: str | None = None,
    custom: bool | None = None,
    supply: str | None = None,
) -> Component:
    """Add a component to the planned reconstruction; its own tracks start with it."""
    case = _planned(uow, actor, case_id)
    _fits("kind", kind, ComponentKind)
    _fits("part", part, ComponentPart)
    _fits("supply", supply, Supply)
    number = uow.session.execute(_NEXT_COMPONENT, {"case": case_id}).scalar_one()
    component = Component(
        program_id=case.program_id,
        case_id=case_id,
        no=number,
        kind=kind,
        part=part,
        custom=custom,
        supply=supply,
        added_at=uow.now,
    )
    uow.session.add(component)
    uow.session.flush()
    audit.record(uow, actor, "component.add", "component", component.id, case_id=case_id, fields=("kind", "part"))
    settle(uow, actor, case_id)
    return component


def change_component(
    uow: UnitOfWork,
    actor: Actor,
    case_id: int,
    no: int,
    *,
    part: str | None = None,
    custom: bool | None = None,
    supply: str | None = None,
) -> Component:
    """Say more of a component; items come and go with what is known. What is not given stays as it is.

    Raises `NotAllowed` where that would drop what gates a date or is attested: then only a lead or surgeon may.
    """
    case = _planned(uow, actor, case_id)
    _fits("part", part, ComponentPart)
    _fits("supply", supply, Supply)
    component = _component(uow, case_id, no)
    given = {
        name: value
        for name, value in (("part", part), ("custom", custom), ("supply", supply))
        if value is not None and getattr(component, name) != value
    }
    if given:
        uow.session.execute(update(_COMPONENTS).where(_COMPONENTS.c.id == component.id).values(**given))
        uow.session.refresh(component)
        audit.record(uow, actor, "component.change", "component", component.id, case_id=case_id, fields=sorted(given))
        dropped = settle(uow, actor, case_id).dropped
        _may_drop(actor, case, dropped, f"This change of C{no} drops")
    return component


def withdraw_component(uow: UnitOfWork, actor: Actor, case_id: int, no: int, reason: str) -> Component:
    """Take a component out of the plan; its open tasks are skipped with the reason.

    Raises `NotAllowed` where one of them gates a date or is attested: then only a lead or surgeon may, and for
    `TAKE_BACK` whoever added it, while nobody has done anything to its tasks.
    """
    case = _planned(uow, actor, case_id)
    component = _component(uow, case_id, no)
    weighty = [
        row.no
        for row in uow.session.execute(OPEN_TASKS, {"case": case_id})
        if row.component_id == component.id and _weighs(uow, row)
    ]
    if not _takes_back(uow, actor, component):
        _may_drop(actor, case, weighty, f"To remove C{no} drops")
    words = case_text(uow, case_id, reason, "reason")
    values = {"case": case_id, "component": component.id, "by": actor.staff_id, "now": uow.now}
    skip_open(uow, values | {"reason": words}, "component withdrawn")
    uow.session.execute(_WITHDRAW_TRACKS, {"component": component.id})
    uow.session.execute(update(_COMPONENTS).where(_COMPONENTS.c.id == component.id).values(withdrawn_at=uow.now))
    uow.session.refresh(component)
    audit.record(uow, actor, "component.withdraw", "component", component.id, case_id=case_id, reason=words)
    settle(uow, actor, case_id)
    return component


def may_keep(uow: UnitOfWork, actor: Actor, case_id: int) -> None:
    """Raise what keeps the actor from changing the components of a case: `NotAllowed`, `CaseClosed`, `UnknownCase`."""
    _planned(uow, actor, case_id)


def _planned(uow: UnitOfWork, actor: Actor, case_id: int) -> Case:
    """The open case, for somebody who keeps plans."""
    case, _ = open_case_of(uow, actor, case_id)
    if not may_plan(actor):
        raise NotAllowed("Your role does not change the components of a case. Nothing changed. Ask a VA or your lead.")
    return case


def _weighs(uow: UnitOfWork, row: Row[Any]) -> bool:
    template = library.template(uow.session, row.checklist_version_id, row.digest)
    return is_weighty(template, template.item(row.item_id))


def _takes_back(uow: UnitOfWork, actor: Actor, component: Component) -> bool:
    if uow.now - component.added_at > TAKE_BACK:
        return False
    values = {"case": component.case_id, "component": component.id, "me": actor.staff_id}
    return bool(uow.session.execute(_OWN_AND_UNTOUCHED, values).scalar_one())


def _may_drop(actor: Actor, case: Case, numbers: Sequence[int], what: str) -> None:
    if not numbers or actor.staff_id is None or actor.has(Role.LEAD, Role.SURGEON):
        return
    names = ", ".join(f"{case.code}-{number}" for number in numbers[:6])
    raise NotAllowed(
        f"{what} {names}, which must not be left out. Nothing changed. Ask a lead or the surgeon to do it."
    )


def _component(uow: UnitOfWork, case_id: int, no: int) -> Component:
    wanted = select(Component).where(
        _COMPONENTS.c.case_id == case_id, _COMPONENTS.c.no == no, _COMPONENTS.c.withdrawn_at.is_(None)
    )
    wanted = wanted.execution_options(populate_existing=True)
    found: Component | None = uow.session.execute(wanted).scalar_one_or_none()
    if found is None:
        raise UnknownComponent(f"This case has no component C{no}. Nothing changed. See: component list")
    return found


def _fits(what: str, value: str | None, words: type[ComponentKind] | type[ComponentPart] | type[Supply]) -> None:
    if value is not None and value not in list(words):
        raise BadComponent(f"{value!r} is no {what} of a component. Nothing changed. Use one of {', '.join(words)}.")
