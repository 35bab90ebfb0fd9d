"""How long after a missed deadline who is told: a program's own delays, instead of those of its checklists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from app.checklists.replanning import mark
from app.checklists.vocabulary import Told
from app.kernel.durations import Duration, DurationError
from app.programs.actor import Actor
from app.programs.settings import NOTHING, BadField, Changed, Values, differences, hold, note, refuse_stale, summed
from app.store.uow import UnitOfWork

ESCALATION: Final = "program.escalation"
LABELS: Final[Mapping[str, str]] = {
    Told.ASSIGNEE.value: "Holder again", Told.LEAD.value: "Lead", Told.MANAGER.value: "Manager",
}  # fmt: skip
"""Whom a program has delays for, in words."""
AS_CHECKLIST: Final = "as the checklist says"
_ROWS = text(
    "SELECT e.tells, e.after, e.approved_at, s.name FROM escalations e"
    " LEFT JOIN staff s ON s.id = e.approved_by WHERE e.program_id = :program"
)
_PUT = text(
    "INSERT INTO escalations (program_id, tells, after, approved_by, approved_at)"
    " VALUES (:program, :tells, :after, :by, :now) ON CONFLICT (program_id, tells)"
    " DO UPDATE SET after = excluded.after, approved_by = excluded.approved_by, approved_at = excluded.approved_at"
)
_TAKE = text("DELETE FROM escalations WHERE program_id = :program AND tells = :tells")


@dataclass(frozen=True)
class Approval:
    """A delay of the program's own; `by` is a name, None for the command line."""

    after: str
    by: str | None
    at: datetime


def approvals_of(session: Session, program_id: int) -> Mapping[str, Approval]:
    """The program's own delays by whom they tell, with who approved them and when."""
    rows = session.execute(_ROWS, {"program": program_id})
    return {row.tells: Approval(row.after, row.name, row.approved_at) for row in rows}


def escalation_of(session: Session, program_id: int) -> Values:
    """The delays as they are typed; nothing is as the checklist says."""
    there = approvals_of(session, program_id)
    return {tells: there[tells].after if tells in there else "" for tells in LABELS}


def set_escalation(uow: UnitOfWork, actor: Actor, given: Values, *, mark_seen: str | None = None) -> Changed:
    """Change the program's own delays; whoever changes one approves it.

    They hold for every deadline that is to come, those that run already included; what is late by now goes on as it was
    planned when it was missed. `mark_seen` is of `settings.seen`. Raises `NotAllowed`, `Stale` and `BadField`.
    """
    program = hold(uow, actor)
    about = (ESCALATION, "program", program.id)
    was = escalation_of(uow.session, program.id)
    refuse_stale(uow, actor, about, was, LABELS, mark_seen)
    now = {tells: _after(tells, given.get(tells, "")) for tells in LABELS}
    changed = differences(was, now, LABELS)
    if not changed:
        return Changed(NOTHING)
    for tells in changed:
        values = {"program": program.id, "tells": tells}
        if now[tells]:
            uow.session.execute(_PUT, values | {"after": now[tells], "by": actor.staff_id, "now": uow.now})
        else:
            uow.session.execute(_TAKE, values)
    lines = {name: line.replace("nothing", AS_CHECKLIST) for name, line in changed.items()}
    note(uow, actor, about, lines)
    mark(uow, program.id)
    holds = "It holds for all deadlines to come; what is late already goes on as planned."
    return Changed(f"Saved. {summed(list(lines.values()))}. {holds}", tuple(lines.values()))


def _after(tells: str, typed: str) -> str:
    """A delay as it is kept. Raises `BadField`, without what was typed."""
    if not typed.strip():
        return ""
    try:
        return str(Duration.parse(typed))
    except DurationError:
        words = "That is no delay. Nothing changed. Write one such as 4 business hours, or nothing for the checklist's."
        raise BadField(tells, words) from None
