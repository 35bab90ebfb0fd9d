"""When somebody's roles change: what they hold and may not have any more goes back to the pool, and leads hear of it.

It goes back, and is not kept: a task whose holder may not finish it would wait for somebody who can do nothing about
it. Skills are another matter: a lead may give a task beyond them, so what is held stays. An offer that could not be
accepted any more ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from uuid import uuid4

from sqlalchemy import text

from app.checklists.service import lock_case
from app.checklists.vocabulary import Role
from app.notices.service import tell_case
from app.programs.actor import Actor, Origin
from app.programs.models import Staff
from app.programs.queries import as_actor
from app.programs.service import system
from app.store.uow import UnitOfWork
from app.tasks import departures, service
from app.tasks.payload import line_of
from app.tasks.rows import TaskRow, may_be_assigned, open_needs, read
from app.tasks.unowned import is_late, tell_leads_of

_HELD = text(
    "SELECT t.id, t.case_id FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.program_id = :program"
    " AND t.holder_id = :staff AND t.state IN ('claimed', 'waiting') AND c.state = 'open' ORDER BY t.case_id, t.id"
)
_NAMED = text(
    "SELECT code, lead_id = :staff AS leads FROM cases WHERE program_id = :program AND state = 'open'"
    " AND (lead_id = :staff OR surgeon_id = :staff) ORDER BY code"
)


def unfit(uow: UnitOfWork, person: Staff, roles: Iterable[Role]) -> list[TaskRow]:
    """What a person holds by a role that is not among these."""
    now = as_actor(person, Origin.SLACK)
    then = replace(now, roles=frozenset(roles))
    values = {"program": person.program_id, "staff": person.id}
    held = [read(uow.session, person.program_id, row.id) for row in uow.session.execute(_HELD, values)]
    return [task for task in held if may_be_assigned(now, task) and not may_be_assigned(then, task)]


def give_back(uow: UnitOfWork, actor: Actor, person: Staff, roles: Iterable[Role]) -> str:
    """Put what the person may not have by these roles back into the pool; returns what came of it, as a sentence.

    Called before the roles are written, with the person's row held. Each case gets one post, its lead one message.
    """
    wanted = unfit(uow, person, roles)
    for case_id in sorted({task.case_id for task in wanted}):
        lock_case(uow, case_id)
    # Looked at once more, now that nobody else can move them.
    wanted = [task for task in unfit(uow, person, roles) if task.id in {one.id for one in wanted}]
    outcomes = [service.release(uow, system(person.program_id, actor.origin), task.id) for task in wanted]
    tasks = [outcome.task for outcome in outcomes if outcome.task.state != "skipped"]
    if not tasks:
        return ""
    _tell_cases(uow, actor, tasks)
    told = tell_leads_of(
        uow, person.program_id, [(task, "nobody has it") for task in tasks],
        f"{person.name} may not have these any more: their roles were changed", "of what is back in the pool",
    )  # fmt: skip
    return f"Back in the pool: {', '.join(task.name for task in tasks)}. {told}"


def end_offers(uow: UnitOfWork, person: Staff, roles: Iterable[Role], skills: Iterable[str]) -> str:
    """End the offers that the person could not accept with these roles and skills; returns which, as a sentence."""
    then = replace(as_actor(person, Origin.SLACK), roles=frozenset(roles), skills=frozenset(skills))
    names = departures.withdraw_offers(uow, person, "has other roles or skills now", unless=then)
    return f"Offers to {person.name} ended, and whoever made them is told: {', '.join(names)}." if names else ""


def named_in(uow: UnitOfWork, person: Staff, roles: Iterable[Role]) -> str:
    """The open cases that go on naming the person for what they are no more by these roles, as a sentence."""
    kept = frozenset(roles)
    rows = uow.session.execute(_NAMED, {"program": person.program_id, "staff": person.id}).all()
    fits = {True: not kept.isdisjoint({Role.LEAD, Role.MANAGER}), False: Role.SURGEON in kept}
    codes = [row.code for row in rows if not fits[row.leads]]
    return f"Still named as lead or surgeon of {', '.join(codes)}: name somebody else there." if codes else ""


def _tell_cases(uow: UnitOfWork, actor: Actor, tasks: Sequence[TaskRow]) -> None:
    for case_id, group in groupby(sorted(tasks, key=lambda task: (task.case_id, task.no)), lambda task: task.case_id):
        notice, rows = uuid4(), list(group)
        lines = [
            line_of(task, None, waits_for=open_needs(uow.session, task) if task.state == "blocked" else ())
            | {"late": is_late(task, uow)}
            for task in rows
        ]
        payload = {"code": rows[0].code, "zone": rows[0].zone, "by": actor.slack_user_id, "tasks": lines}
        tell_case(uow, case_id, "released", f"released:{notice}", payload, notice_id=notice)
