"""A lead gives many free tasks to several people at once: what is free, and the one change that gives it out.

What somebody took meanwhile stays with them, and what its receiver cannot have any more stays free; both are said.
Each receiver is told in one direct message, however many tasks they get, and the cases' cards follow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.audit import service as audit
from app.checklists.vocabulary import Role
from app.kernel.clock import reached
from app.notices.places import outside
from app.notices.service import tell_person, touch_card
from app.programs.absences import away_now
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program, Staff
from app.programs.queries import UnknownPerson, active_person, as_actor, staff_by_id
from app.store.uow import UnitOfWork
from app.tasks.payload import line_of
from app.tasks.queries import TaskLine, tasks_of
from app.tasks.rows import TaskRow, asked_for, lock, may_be_assigned, read

MOST: Final = 1000
"""Free tasks that are read; the most urgent of them are spread first."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
# As in a claim, the winner is whoever's UPDATE still finds the task ready.
_GIVE = text(
    "UPDATE tasks SET state = 'claimed', holder_id = :holder, version = version + 1"
    " WHERE id = :task AND state = 'ready' RETURNING version"
)


def may_spread(actor: Actor) -> None:
    """Raise `NotAllowed` for whoever leads nothing."""
    if not actor.leads:
        raise NotAllowed("Only a lead spreads tasks. Nothing changed. Claim what you can take: `/tasks free`")


def backlog(uow: UnitOfWork, actor: Actor, *, case_id: int | None = None, late: bool = False) -> list[TaskLine]:
    """The tasks that nobody holds and that can be worked on now, the most urgent first; of a case, or late ones."""
    anybody = replace(actor, roles=frozenset(Role))
    lines = tasks_of(uow.session, actor.program_id, case_id=case_id, claimable_by=anybody, limit=MOST)
    zone = ZoneInfo(uow.session.get_one(Program, actor.program_id).zone)
    today = uow.now.astimezone(zone).date()
    return [line for line in lines if not line.is_early(today) and (not late or reached(line.due_at, uow.now))]


def spread(uow: UnitOfWork, actor: Actor, given: Mapping[int, int]) -> list[str]:
    """Give tasks to people, both by id. Leads and managers may. Returns what came of it, a sentence for each person.

    A person needs the role, not the skill, as in `assign`. Raises `NotAllowed`, and `UnknownTask` for none of ours.
    """
    may_spread(actor)
    people, gone = _receivers(uow, actor, given)
    got: dict[int, list[TaskRow]] = {}
    left = []
    for task_id, to in sorted(given.items()):
        task = lock(uow, actor.program_id, task_id)
        why = gone.get(to) or _why_not(actor, task, people[to])
        if why is not None:
            left.append(f"{task.name} was left: {why}.")
            continue
        uow.session.execute(_GIVE, {"task": task.id, "holder": to})
        audit.record(uow, actor, "task.assign", "task", task.id, case_id=task.case_id, fields=("holder_id",))
        touch_card(uow, task.case_id)
        got.setdefault(to, []).append(read(uow.session, task.program_id, task.id))
    for to, tasks in got.items():
        if to != actor.staff_id:
            _tell(uow, actor, people[to], tasks)
    said = [f"Given to {people[to].name}: {', '.join(task.name for task in tasks)}." for to, tasks in got.items()]
    return [*said, *left]


def _receivers(uow: UnitOfWork, actor: Actor, given: Mapping[int, int]) -> tuple[dict[int, Staff], dict[int, str]]:
    """Who can be given something, held active until the end, and why others cannot, by their ids."""
    people, gone = {}, {}
    away = away_now(uow.session, actor.program_id, uow.now)
    elsewhere = outside(uow.session, actor.program_id)
    names = staff_by_id(uow.session, actor.program_id, given.values())
    for to in sorted(set(given.values())):
        try:
            people[to] = active_person(uow.session, actor.program_id, to)
        except UnknownPerson:
            gone[to] = f"{names[to].name if to in names else 'that person'} is switched off"
        else:
            if to in away:
                gone[to] = f"{people[to].name} is away {away[to].until(uow.now)}"
            elif to in elsewhere:
                gone[to] = f"{people[to].name} is not in the Slack workspace"
    return people, gone


def _why_not(actor: Actor, task: TaskRow, person: Staff) -> str | None:
    """Why the person does not get the task as it stands, as the end of a sentence."""
    if task.state in ("claimed", "waiting"):
        return f"{task.holder_name} has it by now"
    if task.state != "ready" or not task.case_open:
        return "it waits for other tasks now" if task.state == "blocked" else "it is closed by now"
    if not may_be_assigned(as_actor(person, actor.origin), task):
        return f"it is for {asked_for(task, skill=False)}, and {person.name} is not"
    return None


def _tell(uow: UnitOfWork, actor: Actor, person: Staff, tasks: Sequence[TaskRow]) -> None:
    lines = [
        line_of(task, person.slack_user_id) | {"code": task.code, "late": reached(task.due_at, uow.now)}
        for task in sorted(tasks, key=lambda task: (task.due_at or _NEVER, task.id))
    ]
    payload = {"zone": tasks[0].zone, "by": actor.slack_user_id, "tasks": lines}
    tell_person(uow, person.id, "given", f"given:{uuid4()}", payload)
