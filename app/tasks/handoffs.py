"""Handoffs: offered with a brief, accepted or declined. The holder stays responsible until it is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, insert, text, update

from app.audit import service as audit
from app.cases.identity import case_text
from app.notices.service import tell_case, touch_card
from app.programs.absences import refuse_not_there
from app.programs.actor import Actor
from app.programs.models import Staff
from app.programs.queries import active_person, as_actor
from app.refusals import Refusal
from app.store.types import table
from app.store.uow import UnitOfWork
from app.tasks import acts, handoff_rows, reminding
from app.tasks.brief import Brief, Urgency
from app.tasks.models import Handoff
from app.tasks.refusals import NoHandoff, NotEligible, NotHolder, SayItBack, WrongState
from app.tasks.rows import Outcome, TaskRow, asked_for, due_words, lock, may_work, read, refuse_ineligible
from app.tasks.service import state_words
from app.text import plain

_HANDOFFS = table(Handoff)
_MINE = text(
    "SELECT id FROM tasks WHERE program_id = :program AND holder_id = :me AND state IN ('claimed', 'waiting')"
    " ORDER BY id"
)
_OPEN = text(
    "SELECT h.*, s.name FROM handoffs h JOIN staff s ON s.id = h.to_id WHERE h.task_id = :task AND h.state = 'offered'"
)
_OFFER = text(
    "SELECT h.*, s.slack_user_id AS from_slack, s.name AS from_name FROM handoffs h JOIN staff s ON s.id = h.from_id"
    " WHERE h.task_id = :task AND h.program_id = :program AND h.state = 'offered' FOR UPDATE OF h"
)
_LAST = text(
    "SELECT h.*, s.slack_user_id AS from_slack, s.name AS from_name FROM handoffs h JOIN staff s ON s.id = h.from_id"
    " WHERE h.task_id = :task AND h.program_id = :program ORDER BY h.id DESC LIMIT 1"
)
_TO_ME = text(
    "SELECT task_id FROM handoffs WHERE program_id = :program AND to_id = :me AND state = 'offered'"
    " AND (CAST(:from AS bigint) IS NULL OR from_id = :from) ORDER BY task_id"
)
_TASK_OF = text(
    "SELECT h.task_id, EXISTS (SELECT 1 FROM handoffs n WHERE n.task_id = h.task_id AND n.id > h.id"
    " AND n.state = 'offered') AS anew FROM handoffs h WHERE h.id = :handoff AND h.program_id = :program"
)
_BRIEF = text("SELECT note, urgency, to_do, watch FROM handoffs WHERE id = :handoff AND program_id = :program")
_PASS = text(
    "UPDATE tasks SET holder_id = :to, version = version + 1"
    " WHERE id = :task AND holder_id = :from AND state IN ('claimed', 'waiting')"
)


def offer(uow: UnitOfWork, actor: Actor, task_id: int, to_staff_id: int, brief: Brief) -> Outcome:
    """Offer a task that the actor holds to a person.

    The same offer again is no error; with another brief it takes the place of the one before. Raises `IsAway` for
    somebody who is away now.
    """
    return _offer(uow, actor, {task_id: brief}, to_staff_id)[0]


def offer_all(uow: UnitOfWork, actor: Actor, to_staff_id: int, brief: Brief) -> list[Outcome]:
    """Offer everything that the actor holds, at the end of a shift: one post in each case's channel.

    Tasks for which the person's roles or skills do not fit, or that are offered already, with a brief of their own,
    are left out and said so in the outcome, which has `changed` False.
    """
    mine = uow.session.execute(_MINE, {"program": actor.program_id, "me": actor.staff_id}).scalars().all()
    if not mine:
        raise NoHandoff("You hold no open tasks. Nothing to hand off.")
    return offer_each(uow, actor, to_staff_id, dict.fromkeys(mine, brief))


def offer_each(uow: UnitOfWork, actor: Actor, to_staff_id: int, briefs: Mapping[int, Brief]) -> list[Outcome]:
    """Offer several tasks, by id, each with a brief of its own: one post in each case's channel. See `offer_all`."""
    return _offer(uow, actor, briefs, to_staff_id, several=True)


def _offer(
    uow: UnitOfWork, actor: Actor, given: Mapping[int, Brief], to_staff_id: int, *, several: bool = False
) -> list[Outcome]:
    person = active_person(uow.session, actor.program_id, to_staff_id)
    if person.id == actor.staff_id:
        raise NotEligible("You cannot hand a task to yourself. Nothing changed. Name somebody else.")
    refuse_not_there(uow, person)
    briefs = {
        task_id: brief.checked(lambda words, what: plain(words, what, reference=True))
        for task_id, brief in given.items()
    }
    outcomes: list[Outcome] = []
    offered: list[TaskRow] = []
    for task in [lock(uow, actor.program_id, task_id) for task_id in sorted(briefs)]:
        refused = _refusal(uow, actor, person, task, None if several else briefs[task.id])
        if refused is None:
            offered.append(task)
            outcomes.append(
                Outcome(task, True, f"Offered {task.name} to {person.name}. It stays yours until they accept.")
            )
        elif isinstance(refused, str):
            outcomes.append(Outcome(task, False, refused))
        elif several:
            outcomes.append(Outcome(task, False, str(refused)))
        else:
            raise refused
    for case_id, brief in {(task.case_id, briefs[task.id]) for task in offered}:
        brief.checked(partial(_case_text, uow, case_id))
    handoff_rows.withdraw(uow, [task.id for task in offered])
    made: list[int] = []
    for case_id, tasks in groupby(sorted(offered, key=lambda task: (task.case_id, task.no)), lambda task: task.case_id):
        made += _tell(uow, actor, person, case_id, list(tasks), briefs)
    if not made:
        return outcomes
    act = acts.remember(uow, actor, offered[0].id, "handoff", 0, {"handoffs": made})
    return [replace(outcome, act=act) if outcome.changed else outcome for outcome in outcomes]


def _case_text(uow: UnitOfWork, case_id: int, words: str, what: str) -> str:
    return case_text(uow, case_id, words, what, reference=True)


def why_not_held(uow: UnitOfWork, actor: Actor, task: TaskRow) -> Refusal | None:
    """Why the actor has nothing to hand off in this task, if that is so."""
    if task.state in ("done", "skipped"):
        return WrongState(state_words(uow, task))
    if task.state not in ("claimed", "waiting"):
        return WrongState(f"Nobody has {task.name}, so there is nothing to hand off. Nothing changed.")
    if task.holder_id != actor.staff_id:
        return NotHolder(
            f"{task.name} is with {task.holder_name}. Nothing changed. Only whoever holds a task hands it off."
        )
    return None


def _refusal(
    uow: UnitOfWork, actor: Actor, person: Staff, task: TaskRow, brief: Brief | None
) -> Exception | str | None:
    """Why a task cannot be offered: an error, or a sentence where it is offered already.

    A `brief` other than that of an open offer to the same person is a reason to offer it anew.
    """
    not_held = why_not_held(uow, actor, task)
    if not_held is not None:
        return not_held
    if not may_work(as_actor(person, actor.origin), task):
        return NotEligible(f"{task.name} is for {asked_for(task)}; {person.name} is not. Nothing changed. Ask another.")
    standing = uow.session.execute(_OPEN, {"task": task.id}).one_or_none()
    if standing is None:
        return None
    if standing.to_id == person.id:
        if brief is not None and brief != Brief(standing.note, standing.urgency, standing.to_do, standing.watch):
            return None
        return f"{task.name} is offered to {person.name} already."
    return WrongState(
        f"{task.name} is offered to {standing.name} already. Nothing changed. Wait for the answer; or give the task "
        f"back, which ends the offer: release {task.name}"
    )


def _tell(
    uow: UnitOfWork, actor: Actor, person: Staff, case_id: int, tasks: Sequence[TaskRow], briefs: Mapping[int, Brief]
) -> list[int]:
    """Make the offers of one case, in one post; returns their ids."""
    notice = uuid4()
    rows = [
        {
            "program_id": actor.program_id,
            "task_id": task.id,
            "from_id": actor.staff_id,
            "to_id": person.id,
            "state": "offered",
            "notice_id": notice,
            "offered_at": uow.now,
        }
        | briefs[task.id].columns()
        for task in tasks
    ]
    made = uow.session.execute(insert(_HANDOFFS).returning(_HANDOFFS.c.id, _HANDOFFS.c.task_id), rows).all()
    handoffs = {row.task_id: row.id for row in made}
    payload = {
        "code": tasks[0].code,
        "zone": tasks[0].zone,
        "from": actor.slack_user_id,
        "to": person.slack_user_id,
        "handoffs": [handoffs[task.id] for task in tasks],
    } | handoff_rows.told(
        [
            ({"id": task.id} | handoff_rows.line(task.no, task.title, task.due_at, uow.now), briefs[task.id])
            for task in tasks
        ]
    )
    tell_case(uow, case_id, "handoff", f"handoff:{notice}", payload, notice_id=notice)
    for task in tasks:
        audit.record(
            uow, actor, "handoff.offer", "task", task.id, case_id=case_id, fields=("to_id", *briefs[task.id].columns())
        )
    touch_card(uow, case_id)
    return list(handoffs.values())


def accept(uow: UnitOfWork, actor: Actor, task_id: int, said_back: str | None = None) -> Outcome:
    """Take a task over. Only the person it was offered to; afterwards they are its holder.

    `said_back` is in their own words what they will do. Raises `SayItBack` where an urgent task is taken without.
    """
    if actor.staff_id is not None:
        active_person(uow.session, actor.program_id, actor.staff_id)
    task = lock(uow, actor.program_id, task_id)
    standing = _standing(uow, actor, task)
    if standing is not None and standing.state == "declined":
        raise NoHandoff(
            f"You declined {task.name} already. Nothing changed. Ask {standing.from_name} to offer it again."
        )
    if standing is None:
        return Outcome(task, False, f"{task.name} is yours already.{due_words(task, uow.now)}")
    refuse_ineligible(actor, task)  # roles may have changed since it was offered
    if standing.urgency == Urgency.NOW and said_back is None:
        raise SayItBack(
            f"{task.name} is urgent: say in your own words what you will do. Nothing changed. "
            f"Write: accept {task.name} <your words>"
        )
    words = None if said_back is None else case_text(uow, task.case_id, said_back, "answer", reference=True)
    passed = uow.session.execute(_PASS, {"to": actor.staff_id, "task": task.id, "from": standing.from_id})
    if not passed.rowcount:  # type: ignore[attr-defined]
        raise WrongState(f"{task.name} is not with {standing.from_name} any more. Nothing changed. See /tasks.")
    reminding.changes_hands(uow, task)
    _answer(uow, standing, "accepted", words)
    taken = ("holder_id",) if words is None else ("holder_id", "said_back")
    audit.record(uow, actor, "handoff.accept", "task", task.id, case_id=task.case_id, fields=taken)
    handoff_rows.show(uow, standing.notice_id, standing.id)
    task = read(uow.session, actor.program_id, task.id)
    return Outcome(task, True, f"{task.name} is yours now, from {standing.from_name}.{due_words(task, uow.now)}")


def accept_all(uow: UnitOfWork, actor: Actor, from_staff_id: int | None = None) -> list[Outcome]:
    """Take over everything that is offered to the actor, or what one person offers.

    What is urgent is left out, and said so in the outcome, which has `changed` False.
    """
    values = {"program": actor.program_id, "me": actor.staff_id, "from": from_staff_id}
    tasks = uow.session.execute(_TO_ME, values).scalars().all()
    if not tasks:
        raise NoHandoff("Nothing is offered to you. Nothing changed.")
    outcomes = []
    for task_id in tasks:
        try:
            outcomes.append(accept(uow, actor, task_id))
        except SayItBack as error:  # raised before anything changed
            outcomes.append(Outcome(read(uow.session, actor.program_id, task_id), False, str(error)))
    return outcomes


def decline(uow: UnitOfWork, actor: Actor, task_id: int, reason: str) -> Outcome:
    """Say no, with a reason. The task stays with its holder, who is told."""
    task = lock(uow, actor.program_id, task_id)
    standing = _standing(uow, actor, task)
    if standing is None:
        raise NoHandoff(
            f"You took {task.name} over already. Nothing changed. To pass it on: handoff {task.name} @person <note>"
        )
    if standing.state == "declined":
        return Outcome(task, False, f"You declined {task.name} already. It is with {task.holder_name or 'nobody'}.")
    words = case_text(uow, task.case_id, reason, "reason", reference=True)
    if not _answer(uow, standing, "declined"):
        raise NoHandoff(f"{task.name} is not offered to you any more. Nothing changed. See /tasks.")
    audit.record(uow, actor, "handoff.decline", "task", task.id, case_id=task.case_id, reason=words)
    handoff_rows.show(uow, standing.notice_id, standing.id, words)
    payload = {
        "code": task.code,
        "zone": task.zone,
        "of": str(standing.notice_id),
        "tasks": [{"id": task.id} | handoff_rows.line(task.no, task.title, task.due_at, uow.now)],
        "from": standing.from_slack,
        "to": actor.slack_user_id,
        "reason": words,
    }
    tell_case(uow, task.case_id, "declined", f"declined:{standing.id}", payload)
    return Outcome(task, True, f"Declined {task.name}. It stays with {standing.from_name}, who is told.")


def task_of(uow: UnitOfWork, actor: Actor, handoff_id: int) -> int:
    """The task that a handoff's button belongs to; raises `NoHandoff`, also where it was offered anew since."""
    values = {"handoff": handoff_id, "program": actor.program_id}
    found = uow.session.execute(_TASK_OF, values).one_or_none()
    if found is None:
        raise NoHandoff("That handoff is not there. Nothing changed. See /tasks.")
    if found.anew:
        raise NoHandoff("It was offered anew since, in other words. Nothing changed. Answer the newest offer.")
    task_id: int = found.task_id
    return task_id


def brief_of(uow: UnitOfWork, actor: Actor, handoff_id: int) -> Brief:
    """What goes with a handoff of the program; `task_of` says whether there is one."""
    return Brief(*uow.session.execute(_BRIEF, {"handoff": handoff_id, "program": actor.program_id}).one())


def _standing(uow: UnitOfWork, actor: Actor, task: TaskRow) -> Row[Any] | None:
    """The open offer to the actor, or the one that they declined; None when they accepted it. Raises `NoHandoff`."""
    values = {"task": task.id, "program": actor.program_id}
    standing = uow.session.execute(_OFFER, values).one_or_none()
    if standing is not None and standing.to_id == actor.staff_id:
        return standing
    last = uow.session.execute(_LAST, values).one_or_none()
    mine = last is not None and last.to_id == actor.staff_id
    if last is not None and mine and last.state == "accepted" and task.holder_id == actor.staff_id:
        return None
    if last is not None and mine and last.state == "declined":
        return last
    raise NoHandoff(f"{task.name} is not offered to you. Nothing changed. See /tasks.")


def _answer(uow: UnitOfWork, standing: Row[Any], state: str, said_back: str | None = None) -> bool:
    """Note the answer; False where the offer is not open any more."""
    answered = uow.session.execute(
        update(_HANDOFFS)
        .where(_HANDOFFS.c.id == standing.id, _HANDOFFS.c.state == "offered")
        .values(state=state, answered_at=uow.now, said_back=said_back)
    )
    return bool(answered.rowcount)  # type: ignore[attr-defined]
