"""What a person can do to a task as it stands: what menus offer. The verbs themselves decide, once they are pressed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from sqlmodel import Session

from app.checklists.model import Item, Template
from app.checklists.rules import waivers_of
from app.checklists.vocabulary import EvidenceKind, Role
from app.notices.places import outside
from app.programs.absences import away_now
from app.programs.actor import Actor, Origin
from app.programs.models import Staff
from app.programs.queries import as_actor, people_with_role
from app.tasks.queries import TaskLine
from app.tasks.rows import TaskRow, may_do

Deed = Literal["resume", "wait", "release", "skip", "waive", "assign", "reopen"]
_OF_ANYBODY: Final[Mapping[str, tuple[Deed, ...]]] = {
    "ready": ("assign", "skip"),
    "claimed": ("wait", "release", "skip", "assign"),
    "waiting": ("resume", "wait", "release", "skip", "assign"),
}


def deeds(actor: Actor, state: str, holder_id: int | None, template: Template, item: Item) -> list[Deed]:
    """What the actor can do to a task that is open, besides claiming, finishing and handing it off."""
    held = state in ("claimed", "waiting")
    found: list[Deed] = []
    if held and (actor.leads or holder_id == actor.staff_id):
        found += ["resume", "wait", "release"] if state == "waiting" else ["wait", "release"]
    if state == "blocked" and item.gate is not None and actor.has(*item.gate.waiver):
        found.append("waive")
    if state in ("blocked", "ready", "claimed", "waiting") and _may_skip(actor, holder_id, template, item):
        found.append("skip")
    if state in ("ready", "claimed", "waiting") and actor.leads:
        found.append("assign")
    return found


def deeds_of(actor: Actor, task: TaskRow) -> list[Deed]:
    """The same for a task in any state."""
    if not task.case_open or task.withdrawn:
        return []
    if task.state not in ("done", "skipped"):
        return deeds(actor, task.state, task.holder_id, task.template, task.item)
    may = actor.leads or (task.closed_by is not None and task.closed_by == actor.staff_id)
    return ["reopen"] if may and not task.left_out else []


def deeds_of_anybody(state: str) -> list[Deed]:
    """What somebody could do to a task that stands so: for posts that everybody reads."""
    return list(_OF_ANYBODY.get(state, ()))


def receivers(session: Session, actor: Actor, tasks: Sequence[TaskRow | TaskLine], now: datetime) -> list[Staff]:
    """The people, besides the actor, to whom they may hand off any of the tasks, by name: active, and there."""
    wanted = {(task.roles, task.item.skill) for task in tasks}
    return [
        person
        for person in _there(session, actor.program_id, now)
        if person.id != actor.staff_id
        and any(may_do(as_actor(person, Origin.SLACK), roles, skill) for roles, skill in wanted)
    ]


def _there(session: Session, program_id: int, now: datetime) -> list[Staff]:
    gone = {*away_now(session, program_id, now), *outside(session, program_id)}
    return [person for person in people_with_role(session, program_id, *Role) if person.id not in gone]


def _may_skip(actor: Actor, holder_id: int | None, template: Template, item: Item) -> bool:
    waivers = waivers_of(template, item)
    if waivers is not None:
        return actor.has(*waivers)
    mine = holder_id is not None and holder_id == actor.staff_id
    return actor.leads or (mine and item.evidence.kind is not EvidenceKind.ATTESTATION)
