"""When somebody leaves: what they hold and what they were offered must not lie there unseen."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from app.notices.service import tell_person, touch_card
from app.programs.absences import Absence, end_all
from app.programs.actor import Actor
from app.programs.models import Staff
from app.programs.queries import lead_of
from app.programs.service import set_active
from app.questions import rows as questions
from app.store.uow import UnitOfWork
from app.tasks import handoff_rows
from app.tasks.rows import may_work, read

_HELD = text(
    "SELECT c.id, c.code, c.lead_id, p.zone, array_agg(t.no ORDER BY t.no) AS numbers FROM tasks t"
    " JOIN cases c ON c.id = t.case_id JOIN programs p ON p.id = t.program_id"
    " WHERE t.program_id = :program AND t.holder_id = :staff AND t.state IN ('claimed', 'waiting')"
    " AND c.state = 'open' GROUP BY c.id, c.code, c.lead_id, p.zone ORDER BY c.id"
)
_OFFERED = text(
    "SELECT t.id, t.no, t.case_id, c.code, p.zone, h.from_id FROM handoffs h JOIN tasks t ON t.id = h.task_id"
    " JOIN cases c ON c.id = t.case_id JOIN programs p ON p.id = t.program_id"
    " WHERE h.program_id = :program AND h.to_id = :staff AND h.state = 'offered' ORDER BY t.id"
)

# What somebody covered for another and has passed on when they went themselves goes back past them.
_PAST = text(
    "UPDATE absence_tasks p SET to_id = l.to_id FROM absence_tasks l, absences a WHERE l.absence_id = :absence"
    " AND p.task_id = l.task_id AND p.id < l.id AND p.to_id = :staff AND a.id = p.absence_id AND a.ended_at IS NULL"
    " AND (CAST(:tasks AS bigint[]) IS NULL OR p.task_id = ANY(:tasks))"
)
# What somebody who is away has passed on of their own, and is with whoever it went to.
_COVERED = text(
    "SELECT t.no, c.code, p.zone FROM absence_tasks a JOIN tasks t ON t.id = a.task_id AND t.holder_id = a.to_id"
    " JOIN cases c ON c.id = t.case_id JOIN programs p ON p.id = t.program_id WHERE a.absence_id = :absence"
    " AND t.state IN ('claimed', 'waiting') AND c.state = 'open' AND NOT EXISTS (SELECT 1 FROM absence_tasks o"
    "  JOIN absences w ON w.id = o.absence_id WHERE o.task_id = a.task_id AND o.id < a.id AND w.ended_at IS NULL)"
    " ORDER BY c.code, t.no"
)


def leave(uow: UnitOfWork, actor: Actor, person: Staff) -> bool:
    """Switch a person off and tell who has to act. Returns whether that was news.

    Their tasks stay with them until a lead assigns them anew: the lead of each case is told which. Offers to them
    are withdrawn, questions to them end, and whoever offered or asked is told. Their time off ends, and what its cover
    has of them stays there. Raises `NotAllowed`.
    """
    if not set_active(uow, actor, person.id, active=False):
        return False
    values = {"program": person.program_id, "staff": person.id}
    for case in uow.session.execute(_HELD, values).all():
        lead = lead_of(uow.session, person.program_id, case.lead_id)
        if lead is not None:
            names = ", ".join(f"{case.code}-{number}" for number in case.numbers)
            _tell(uow, lead, case, f"held:{person.id}:{case.id}", _held(person.name, names, case))
        touch_card(uow, case.id)
    for absence in end_all(uow, actor, person.id):
        go_past(uow, absence)
        _keeps(uow, absence)
    questions.end_to(uow, person.program_id, person.id)
    withdraw_offers(uow, person, "is switched off")
    return True


def go_past(uow: UnitOfWork, absence: Absence, task_ids: Sequence[int] | None = None) -> None:
    """Let what the person covered, all of it or these tasks, go home without coming back to them first."""
    values = {"absence": absence.id, "staff": absence.staff_id, "tasks": None if task_ids is None else list(task_ids)}
    uow.session.execute(_PAST, values)


def _keeps(uow: UnitOfWork, absence: Absence) -> None:
    rows = uow.session.execute(_COVERED, {"absence": absence.id}).all()
    if absence.cover_id is None or not rows:
        return
    names = ", ".join(f"{row.code}-{row.no}" for row in rows)
    words = f"{absence.name} is switched off and does not come back. What you have of them stays with you: {names}"
    codes = ", ".join(dict.fromkeys(row.code for row in rows))
    payload = {"code": codes, "zone": rows[0].zone, "problems": [words]}
    tell_person(uow, absence.cover_id, "trouble", f"left:cover:{absence.id}", payload)


def withdraw_offers(uow: UnitOfWork, person: Staff, why: str, unless: Actor | None = None) -> list[str]:
    """End the offers to somebody who cannot answer them, and tell whoever offered; returns the tasks' names.

    `why` reads like `is away`. What the person may work on as `unless` stays offered.
    """
    offered = uow.session.execute(_OFFERED, {"program": person.program_id, "staff": person.id}).all()
    if unless is not None:
        offered = [row for row in offered if not may_work(unless, read(uow.session, person.program_id, row.id))]
    ended = {offer.task_id: offer for offer in handoff_rows.withdraw(uow, [task.id for task in offered])}
    offered = [task for task in offered if task.id in ended]  # others were answered, or taken back, at this very moment
    for task in offered:
        words = (
            f"{person.name} {why}, so your offer of {task.code}-{task.no} is withdrawn and it stays with "
            f"you. Offer it to somebody else: handoff {task.code}-{task.no} @person <note>"
        )
        _tell(uow, task.from_id, task, f"offered:{person.id}:{task.id}", words, *_written(ended[task.id]))
        touch_card(uow, task.case_id)
    return [f"{task.code}-{task.no}" for task in offered]


def _held(name: str, names: str, case: Row[Any]) -> str:
    return (
        f"{name} is switched off and still holds {names}. Assign them to somebody: "
        f"assign {case.code}-{case.numbers[0]} @person"
    )


def _written(offer: Row[Any]) -> list[str]:
    """What was written for an offer, to be copied into the next one."""
    parts = {"Where it stands": offer.note, "What to do": offer.to_do, "What to watch for": offer.watch}
    return [f"{what}, as you wrote: “{words}”" for what, words in parts.items() if words]


def _tell(uow: UnitOfWork, staff_id: int, about: Row[Any], key: str, *words: str) -> None:
    payload = {"code": about.code, "zone": about.zone, "problems": list(words)}
    tell_person(uow, staff_id, "trouble", f"left:{key}:{uow.now.isoformat()}", payload)
