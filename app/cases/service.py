"""Opening and closing cases, their key dates and components."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.audit import service as audit
from app.cases.models import Case, CaseSource, Component, KeyDate, PatientRecord
from app.cases.refusals import (
    BadComponent,
    BadDate,
    CaseClosed,
    DateNotFirm,
    NoKeyring,
    TasksOpen,
    UnknownCase,
    UnknownComponent,
)
from app.checklists import library
from app.checklists.service import Settled, lock_case, settle
from app.checklists.vocabulary import ComponentKind, ComponentPart, Role, Supply
from app.clocks import service as clocks
from app.kernel.codes import length_for, new_code
from app.kernel.due import Moment
from app.kernel.keydates import KEY_DATES
from app.notices.models import Channel
from app.notices.service import tell_case, touch_card
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.programs.queries import UnknownPerson, staff_by_id
from app.store.sealing import Keyring, Place
from app.store.types import table
from app.store.uow import UnitOfWork
from app.text import plain

_DATES, _COMPONENTS = table(KeyDate), table(Component)
OPENERS = (Role.VA, Role.LEAD, Role.NAVIGATOR, Role.SURGEON, Role.CLINICIAN, Role.MANAGER, Role.ADMIN)
REPLAN_LINES = 8
PLAUSIBLE = timedelta(days=5 * 366)
_NO_CASE = "There is no such case here. Nothing changed. Look at the name of the case's channel."

_TAKE_CODE = text(
    "INSERT INTO cases (program_id, code, state, lead_id, surgeon_id, last_task_no, last_component_no, opened_at)"
    " VALUES (:program, :code, 'open', :lead, :surgeon, 0, 0, :now)"
    " ON CONFLICT (program_id, code) DO NOTHING RETURNING id"
)
_COUNT = text("SELECT count(*) FROM cases WHERE program_id = :program")
_NEXT_COMPONENT = text(
    "UPDATE cases SET last_component_no = last_component_no + 1 WHERE id = :case RETURNING last_component_no"
)
_OPEN_GATES = text(
    "SELECT t.no, t.item_id, r.checklist_version_id, k.digest FROM tasks t JOIN tracks r ON r.id = t.track_id"
    " JOIN checklist_versions k ON k.id = r.checklist_version_id"
    " WHERE t.case_id = :case AND t.state NOT IN ('done', 'skipped') AND r.state <> 'withdrawn' ORDER BY t.no"
)
_CLOSE_TASKS = text(
    "UPDATE tasks SET state = 'skipped', reason = :reason, waiting_on = NULL, waiting_since = NULL,"
    " waiting_note = NULL, closed_at = :now, closed_by = :by, version = version + 1"
    " WHERE case_id = :case AND state NOT IN ('done', 'skipped')"
    " AND (CAST(:component AS bigint) IS NULL OR track_id IN"
    " (SELECT id FROM tracks WHERE component_id = :component)) RETURNING id"
)
_WITHDRAW_TRACKS = text("UPDATE tracks SET state = 'withdrawn' WHERE component_id = :component")
_END_OFFERS = text(
    "UPDATE handoffs SET state = 'withdrawn', answered_at = :now WHERE task_id = ANY(:tasks) AND state = 'offered'"
)


@dataclass(frozen=True)
class Replanned:
    """What setting a key date changed: deadlines that moved, tracks that started, and a sentence."""

    moved: int
    started: tuple[str, ...]
    said: str


def open_case(
    uow: UnitOfWork,
    actor: Actor,
    *,
    lead_id: int | None = None,
    surgeon_id: int | None = None,
    patient: Mapping[str, str] | None = None,
    keyring: Keyring | None = None,
    key_dates: Mapping[str, Moment] | None = None,
) -> Case:
    """Open a case under a fresh random code; its channel and first tracks follow.

    `patient` goes into the sealed record (a `keyring` is then needed, else `NoKeyring`) and nowhere else. Raises
    `BadDate` and `UnknownPerson` besides.
    """
    if actor.staff_id is not None and not actor.has(*OPENERS):
        raise NotAllowed("Your role does not open cases. Nothing changed. Ask a VA or your lead.")
    if patient and keyring is None:
        raise NoKeyring("No key is set, so a patient record cannot be sealed. Nothing changed. Set CASEBOARD_KEYS.")
    for name, moment in (key_dates or {}).items():
        _known_date(name)
        _checked(uow, moment)
    people = {person_id for person_id in (lead_id, surgeon_id) if person_id is not None}
    if people - set(staff_by_id(uow.session, actor.program_id, people)):
        raise UnknownPerson("That person is not on the staff list. Nothing changed. Ask your lead to add them.")
    program = uow.session.get_one(Program, actor.program_id)
    case = _take_code(uow, program, lead_id, surgeon_id)
    uow.session.add(Channel(program_id=program.id, case_id=case.id))
    for name, moment in (key_dates or {}).items():
        _put_date(uow, case, name, moment)
    if patient and keyring is not None:
        seal_patient(uow, actor, case, patient, keyring)
    uow.session.flush()
    audit.record(uow, actor, "case.open", "case", case.id, case_id=case.id)
    tell_case(
        uow,
        case.id,
        "opened",
        f"opened:{case.id}",
        {"code": case.code, "zone": program.zone, "by": actor.slack_user_id},
    )
    lock_case(uow, case.id)
    settle(uow, actor, case.id)
    return case


def _take_code(uow: UnitOfWork, program: Program, lead_id: int | None, surgeon_id: int | None) -> Case:
    taken: int = uow.session.execute(_COUNT, {"program": program.id}).scalar_one()
    length = max(program.code_length, length_for(taken))
    while True:
        values = {
            "program": program.id,
            "code": str(new_code(length)),
            "lead": lead_id,
            "surgeon": surgeon_id,
            "now": uow.now,
        }
        found = uow.session.execute(_TAKE_CODE, values).scalar_one_or_none()
        if found is not None:
            return uow.session.get_one(Case, found)


def seal_patient(uow: UnitOfWork, actor: Actor, case: Case, patient: Mapping[str, str], keyring: Keyring) -> None:
    """Keep what is known of the patient, sealed and bound to this case's row. Only what is known: no empty fields."""
    _of_program(actor, case)
    known = {name: value for name, value in patient.items() if value}
    sealed = keyring.seal(json.dumps(known).encode(), Place("patient_records", "sealed", case.id))
    statement = insert(table(PatientRecord)).values(
        case_id=case.id, program_id=case.program_id, sealed=sealed, updated_at=uow.now
    )
    uow.session.execute(
        statement.on_conflict_do_update(index_elements=["case_id"], set_={"sealed": sealed, "updated_at": uow.now})
    )
    audit.record(uow, actor, "patient.seal", "patient", case.id, case_id=case.id, fields=sorted(known))


def open_patient(uow: UnitOfWork, actor: Actor, case: Case, keyring: Keyring, purpose: str) -> dict[str, str]:
    """Look at the patient record; the look itself is recorded. Raises `CannotOpen`."""
    _of_program(actor, case)
    record = uow.session.get(PatientRecord, case.id, populate_existing=True)
    audit.record(uow, actor, "patient.look", "patient", case.id, case_id=case.id, reason=plain(purpose, "purpose"))
    if record is None:
        return {}
    found: dict[str, str] = json.loads(keyring.open(record.sealed, Place("patient_records", "sealed", case.id)))
    return found


def note_source(uow: UnitOfWork, case: Case, source: str, key_digest: bytes) -> None:
    """Remember which row of another system the case came from, by a keyed digest."""
    uow.session.add(CaseSource(case_id=case.id, program_id=case.program_id, source=source, key_digest=key_digest))


def set_date(
    uow: UnitOfWork, actor: Actor, case_id: int, name: str, moment: Moment, *, waiver: str | None = None
) -> Replanned:
    """Set or move a key date. Every deadline that hangs on it is re-planned here and now, and told in one post.

    Raises `DateNotFirm` while open tasks gate the date, unless a role that may waive gives a reason.
    """
    case, program = _open_case_of(uow, actor, case_id)
    _known_date(name)
    moment = _checked(uow, moment)
    old = _date_of(uow, case_id, name)
    if old == moment:
        return Replanned(0, (), f"The {KEY_DATES[name]} date of {case.code} is that already.")
    reason = _pass_gates(uow, actor, case, name, waiver)
    _put_date(uow, case, name, moment)
    audit.record(uow, actor, "date.set", "key_date", name, case_id=case_id, fields=("day", "at"), reason=reason)
    return _replanned(uow, actor, case, program, name, old, moment)


def clear_date(uow: UnitOfWork, actor: Actor, case_id: int, name: str) -> Replanned:
    """Take a key date away; what hangs on it has no deadline until it is set again."""
    case, program = _open_case_of(uow, actor, case_id)
    _known_date(name)
    old = _date_of(uow, case_id, name)
    if old is None:
        return Replanned(0, (), f"{case.code} has no {KEY_DATES[name]} date.")
    uow.session.execute(delete(_DATES).where(_DATES.c.case_id == case_id, _DATES.c.name == name))
    audit.record(uow, actor, "date.clear", "key_date", name, case_id=case_id, fields=("day", "at"))
    return _replanned(uow, actor, case, program, name, old, None)


def _replanned(
    uow: UnitOfWork,
    actor: Actor,
    case: Case,
    program: Program,
    name: str,
    old: Moment | None,
    new: Moment | None,
) -> Replanned:
    settled = settle(uow, actor, case.id)
    tell_case(
        uow,
        case.id,
        "replan",
        f"replan:{case.id}:{name}:{uuid4()}",  # of no moment: a clock that stands still may see two moves
        _summary(actor, case, program, name, old, new, settled),
    )
    what = "cleared" if new is None else "set" if old is None else "moved"
    said = f"{KEY_DATES[name].capitalize()} date of {case.code} {what}; {len(settled.moved)} deadlines changed."
    return Replanned(len(settled.moved), tuple(settled.started), said)


def _summary(
    actor: Actor,
    case: Case,
    program: Program,
    name: str,
    old: Moment | None,
    new: Moment | None,
    settled: Settled,
) -> dict[str, object]:
    nearest = sorted(settled.moved, key=lambda moved: (moved.new is None, moved.new or moved.old, moved.no))
    lines = [
        {"no": moved.no, "title": moved.title, "old": _iso(moved.old), "new": _iso(moved.new)}
        for moved in nearest[:REPLAN_LINES]
    ]
    return {
        "code": case.code,
        "zone": program.zone,
        "by": actor.slack_user_id,
        "name": name,
        "old": _written(old, program.zone),
        "new": _written(new, program.zone),
        "moved": len(settled.moved),
        "lines": lines,
        "more": len(settled.moved) - len(lines),
        "started": settled.started,
    }


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
    case, _ = _open_case_of(uow, actor, case_id)
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
    """Say more of a component; items come and go with what is known. What is not given stays as it is."""
    _open_case_of(uow, actor, case_id)
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
        settle(uow, actor, case_id)
    return component


def withdraw_component(uow: UnitOfWork, actor: Actor, case_id: int, no: int, reason: str) -> Component:
    """Take a component out of the plan; its open tasks are skipped with the reason."""
    _open_case_of(uow, actor, case_id)
    component = _component(uow, case_id, no)
    words = plain(reason, "reason")
    values = {"case": case_id, "component": component.id, "by": actor.staff_id, "now": uow.now}
    _skip_open(uow, values | {"reason": words}, "component withdrawn")
    uow.session.execute(_WITHDRAW_TRACKS, {"component": component.id})
    uow.session.execute(update(_COMPONENTS).where(_COMPONENTS.c.id == component.id).values(withdrawn_at=uow.now))
    uow.session.refresh(component)
    audit.record(uow, actor, "component.withdraw", "component", component.id, case_id=case_id, reason=words)
    settle(uow, actor, case_id)
    return component


def close_case(uow: UnitOfWork, actor: Actor, case_id: int, reason: str | None = None) -> Case:
    """Close a case: its channel is archived. Open tasks are skipped, for which a reason is needed."""
    if actor.staff_id is not None and not actor.has(Role.LEAD, Role.MANAGER, Role.ADMIN):
        raise NotAllowed("Only a lead or a manager closes a case. Nothing changed. Ask your lead.")
    case, program = _open_case_of(uow, actor, case_id)
    open_tasks = uow.session.execute(_OPEN_GATES, {"case": case_id}).all()
    if open_tasks and not reason:
        raise TasksOpen(
            f"{case.code} has {len(open_tasks)} open tasks. Nothing changed. Finish them, or close with a reason: "
            "close <reason>"
        )
    words = plain(reason, "reason") if reason else None
    if open_tasks:
        values = {"case": case_id, "component": None, "by": actor.staff_id, "now": uow.now, "reason": words}
        _skip_open(uow, values, "case closed")
    case.state, case.closed_at = "closed", uow.now
    uow.session.flush()
    audit.record(uow, actor, "case.close", "case", case_id, case_id=case_id, reason=words)
    touch_card(uow, case_id)
    payload = {"code": case.code, "zone": program.zone, "by": actor.slack_user_id}
    tell_case(uow, case_id, "closed", f"closed:{case_id}", payload)
    return case


def _skip_open(uow: UnitOfWork, values: Mapping[str, object], why: str) -> None:
    skipped = uow.session.execute(_CLOSE_TASKS, values).scalars().all()
    clocks.stop(uow, skipped, why)
    uow.session.execute(_END_OFFERS, {"tasks": list(skipped), "now": uow.now})


def _open_case_of(uow: UnitOfWork, actor: Actor, case_id: int) -> tuple[Case, Program]:
    lock_case(uow, case_id)
    # As it is under the lock, and not as the session may have read it before.
    case = uow.session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise UnknownCase(_NO_CASE)
    _of_program(actor, case)
    if case.state != "open":
        raise CaseClosed(f"Case {case.code} is closed. Nothing changed.")
    return case, uow.session.get_one(Program, case.program_id)


def _of_program(actor: Actor, case: Case) -> None:
    if case.program_id != actor.program_id:
        raise UnknownCase(_NO_CASE)


def _pass_gates(uow: UnitOfWork, actor: Actor, case: Case, name: str, waiver: str | None) -> str | None:
    """Raise `DateNotFirm` while open tasks gate the date; returns the reason of a waiver that was needed."""
    shut, waivers = [], set(Role)
    for row in uow.session.execute(_OPEN_GATES, {"case": case.id}):
        template = library.template(uow.session, row.checklist_version_id, row.digest)
        if name in template.item(row.item_id).gates:
            shut.append(f"{case.code}-{row.no}")
            waivers &= set(template.gates_waiver)
    if not shut:
        return None
    listed = ", ".join(shut[:6]) + (f" and {len(shut) - 6} more" if len(shut) > 6 else "")
    if not waiver:
        who = " or ".join(sorted(role.value for role in waivers)) or "nobody"
        raise DateNotFirm(
            f"The {KEY_DATES[name]} date of {case.code} is not firm: {listed} must be done first. Nothing changed. "
            f"Finish them, or a {who} sets it with: date {KEY_DATES[name]} <date> waive <reason>",
            tuple(shut),
        )
    if not actor.has(*waivers):
        raise NotAllowed(f"Your role cannot waive {listed}. Nothing changed. Ask your lead, with the reason.")
    return plain(waiver, "reason for the waiver")


def _known_date(name: str) -> None:
    if name not in KEY_DATES:
        raise BadDate(f"{name!r} is not a key date. Nothing changed. Known: {', '.join(KEY_DATES.values())}.")


def _checked(uow: UnitOfWork, moment: Moment) -> Moment:
    """The moment, refused where its year is plainly a slip of the finger."""
    if abs(moment.day - uow.now.date()) > PLAUSIBLE:
        raise BadDate(f"{moment.day.isoformat()} is years away. Nothing changed. Check the year of the date.")
    return moment


def _put_date(uow: UnitOfWork, case: Case, name: str, moment: Moment) -> None:
    _known_date(name)
    values = {"day": moment.day, "at": moment.at, "set_at": uow.now}
    statement = insert(_DATES).values(case_id=case.id, program_id=case.program_id, name=name, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["case_id", "name"], set_=values))


def _date_of(uow: UnitOfWork, case_id: int, name: str) -> Moment | None:
    row = uow.session.execute(
        text("SELECT day, at FROM key_dates WHERE case_id = :case AND name = :name"),
        {"case": case_id, "name": name},
    ).one_or_none()
    return None if row is None else Moment(row.day, row.at)


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


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _written(moment: Moment | None, zone: str) -> str | None:
    """A key date in words: the local day, and the local time where it is known."""
    if moment is None:
        return None
    if moment.at is None:
        return moment.day.isoformat()
    return f"{moment.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
