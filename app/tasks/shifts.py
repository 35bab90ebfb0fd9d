"""The end of a shift: everything that a person holds is offered or given back, each task with a word on it.

What is offered stays theirs until it is accepted. Of what is late and has no new holder yet, the lead of its case is
told, in one message for all their cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.audit import service as audit
from app.cases.identity import case_text
from app.checklists.service import lock_case
from app.kernel.clock import reached
from app.notices.service import tell_case
from app.programs.actor import Actor
from app.programs.models import Staff
from app.programs.queries import active_person
from app.refusals import at_field
from app.store.uow import UnitOfWork
from app.tasks import handoffs, service
from app.tasks.brief import Brief, Urgency
from app.tasks.payload import line_of
from app.tasks.queries import TaskLine, tasks_of
from app.tasks.refusals import NoHandoff, NotEligible
from app.tasks.rows import Outcome, TaskRow, lock, open_needs, read
from app.tasks.unowned import is_late, tell_leads

MOST: Final = 500
"""Tasks that one person can hold, and more than anybody does."""
_CASES = text("SELECT DISTINCT case_id FROM tasks WHERE id = ANY(:tasks)")


@dataclass(frozen=True)
class Given:
    """Where a task goes: to the person `to`, or with None to the pool. `word` is what whoever has it next must know."""

    task_id: int
    to: int | None
    word: str


def word_field(task_id: int) -> str:
    """What a refusal calls the word on a task, and the form its field for it."""
    return f"word-{task_id}"


def held(uow: UnitOfWork, actor: Actor) -> list[TaskLine]:
    """Everything that the person holds, the most urgent first. Raises `NoHandoff` where that is nothing."""
    lines = tasks_of(uow.session, actor.program_id, holder_id=actor.staff_id, limit=MOST)
    if not lines:
        raise NoHandoff("You hold no open tasks. Nothing to hand over.")
    return lines


def is_pressing(line: TaskLine, now: datetime) -> bool:
    """Whether a word on a task is owed: it is late, or somebody else has to act on it."""
    return line.state == "waiting" or reached(line.due_at, now)


def hand_over(uow: UnitOfWork, actor: Actor, to: int | None, word: str) -> list[str]:
    """End a shift with all that the person holds going one way, with one word; see `end_shift`."""
    free = [line for line in held(uow, actor) if line.offered_to is None]
    return end_shift(uow, actor, [Given(line.id, to, word) for line in free])


def end_shift(uow: UnitOfWork, actor: Actor, given: Sequence[Given]) -> list[str]:
    """Offer and give back what the person holds; returns what came of it, a sentence for each place.

    What is offered to somebody already stays so, and what a person may not have stays with its holder. Of a case there
    is one post for each receiver, and one for what goes back to the pool. Raises `NotEligible` for oneself as receiver,
    and what a text can raise, naming its task.
    """
    assert actor.staff_id is not None, "whoever ends a shift is a person"
    held(uow, actor)
    people = _receivers(uow, actor, given)
    tasks = _locked(uow, actor, given)
    words = {one.task_id: _word(uow, tasks[one.task_id], one.word) for one in given if one.task_id in tasks}
    said, kept = [], []
    for to, person in people.items():
        briefs = {
            one.task_id: Brief(words[one.task_id], _urgency(uow, tasks[one.task_id]))
            for one in given
            if one.to == to and one.task_id in tasks
        }
        outcomes = handoffs.offer_each(uow, actor, to, briefs) if briefs else []
        offered = [outcome.task.name for outcome in outcomes if outcome.changed]
        kept += [outcome.said for outcome in outcomes if not outcome.changed]
        if offered:
            said.append(f"Offered to {person.name}: {', '.join(offered)}. Yours until they accept.")
    pool = [one.task_id for one in given if one.to is None and one.task_id in tasks]
    released = [service.release(uow, actor, task_id) for task_id in pool]
    _tell_cases(uow, actor, released, words)
    free = [outcome.task.name for outcome in released if outcome.task.state == "ready"]
    if free:
        said.append(f"Back in the pool: {', '.join(free)}.")
    # Of what is blocked or does not apply any more, what it waits for or why.
    said += [outcome.said for outcome in released if outcome.task.state != "ready"]
    said += [f"Still yours: {why.partition(' Nothing changed.')[0]}" for why in kept]
    pooled = [outcome.task for outcome in released if outcome.task.state != "skipped"]
    left = _left(uow, actor, pooled, words)
    told = tell_leads(uow, actor.program_id, left, f"{actor.name} ends the shift", besides=actor.staff_id)
    audit.record(uow, actor, "shift.end", "staff", actor.staff_id)
    return [*said, told] if told else said or ["Everything that you hold is offered already."]


def _receivers(uow: UnitOfWork, actor: Actor, given: Sequence[Given]) -> dict[int, Staff]:
    wanted = sorted({one.to for one in given if one.to is not None})
    if actor.staff_id in wanted:
        raise NotEligible("You cannot hand a task to yourself. Nothing changed. Name somebody else.")
    return {to: active_person(uow.session, actor.program_id, to) for to in wanted}


def _locked(uow: UnitOfWork, actor: Actor, given: Sequence[Given]) -> dict[int, TaskRow]:
    """The tasks that are still the person's, by id: cases before tasks, as every verb that may settle a case does."""
    ids = sorted(one.task_id for one in given)
    for case_id in sorted(uow.session.execute(_CASES, {"tasks": ids}).scalars()):
        lock_case(uow, case_id)
    rows = [lock(uow, actor.program_id, task_id) for task_id in ids]
    return {row.id: row for row in rows if row.holder_id == actor.staff_id and row.state in ("claimed", "waiting")}


def _word(uow: UnitOfWork, task: TaskRow, word: str) -> str:
    with at_field(word_field(task.id)):
        return case_text(uow, task.case_id, word, f"word on {task.name}", reference=True)


def _urgency(uow: UnitOfWork, task: TaskRow) -> Urgency | None:
    """Late cannot wait, and what is due on this day of the practice is for today."""
    if task.due_at is None:
        return None
    if task.due_at <= uow.now:
        return Urgency.NOW
    zone = ZoneInfo(task.zone)
    return Urgency.TODAY if task.due_at.astimezone(zone).date() == uow.now.astimezone(zone).date() else None


def _tell_cases(uow: UnitOfWork, actor: Actor, released: Sequence[Outcome], words: Mapping[int, str]) -> None:
    """Say in each case's channel what is back in the pool; what does not apply any more is not worth a post."""
    tasks = [outcome.task for outcome in released if outcome.task.state != "skipped"]
    for case_id, group in groupby(sorted(tasks, key=lambda task: (task.case_id, task.no)), lambda task: task.case_id):
        notice, rows = uuid4(), list(group)
        lines = [
            line_of(task, None, waits_for=open_needs(uow.session, task) if task.state == "blocked" else ())
            | {"word": words.get(task.id), "late": is_late(task, uow)}
            for task in rows
        ]
        payload = {"code": rows[0].code, "zone": rows[0].zone, "by": actor.slack_user_id, "tasks": lines}
        tell_case(uow, case_id, "released", f"released:{notice}", payload, notice_id=notice)


def _left(
    uow: UnitOfWork, actor: Actor, pooled: Sequence[TaskRow], words: Mapping[int, str]
) -> list[tuple[TaskRow, str]]:
    """Everything that the person had and nobody new has yet, each with where it is, and the word on it."""
    found = [(task, "nobody has it") for task in pooled]
    for line in tasks_of(uow.session, actor.program_id, holder_id=actor.staff_id, limit=MOST):
        where = f"offered to {line.offered_to}, not accepted yet" if line.offered_to else f"still with {actor.name}"
        found.append((read(uow.session, actor.program_id, line.id), where))
    return [(task, f"{where}; {words[task.id]}" if task.id in words else where) for task, where in found]
