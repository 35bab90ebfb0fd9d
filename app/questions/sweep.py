"""Reminding a person: of questions, and of what quiet hours held back. The due row is the job, and there is one
message for all that is due of theirs.

How one call works:

1. a person with questions to look at, or with reminders that were held back, is locked, skipping people that another
   sweep is at;
2. these questions are locked in the order of their ids;
3. reminders in the person's quiet hours are put off to the end of these, or to the due time if that comes first;
4. what is due now and what is only reminded of go into one direct message, with the reminders of tasks that were held
   back; what was missed while the clock stood still is due by now, and so is told once;
5. of each that is due, whoever asked hears in its thread that there is no answer yet.

Each reminder and each due time is told exactly once: the row's next moment changes in the transaction of its message.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from app.audit import service as audit
from app.clocks import held
from app.clocks.sweep import Due
from app.notices.service import tell_person
from app.programs.models import Staff
from app.programs.queries import quiet_until
from app.programs.service import system
from app.questions import rows
from app.store.uow import OneFailed, UnitOfWork

_NEXT_PERSON = text(
    "SELECT id FROM staff WHERE id IN ((SELECT to_id FROM questions WHERE next_at IS NOT NULL AND next_at <= :now"  # noqa: S608
    f" ORDER BY next_at LIMIT 1000) UNION ALL ({held.WAITING})) LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
)
_DUE = text(
    "SELECT id FROM questions WHERE to_id = :person AND next_at IS NOT NULL AND next_at <= :now ORDER BY id"
    " FOR NO KEY UPDATE"
)
_NEXT = text("UPDATE questions SET next_at = :next WHERE id = :question")
_OVERDUE = text("UPDATE questions SET next_at = NULL, overdue_at = :now WHERE id = :question")
_PUSH_BACK = text("UPDATE questions SET next_at = :until WHERE to_id = :person AND next_at <= :now")


class NotTold(OneFailed):
    """Telling one person failed."""


def fire_due(uow: UnitOfWork) -> int | None:
    """Tell one person of what is due; returns how much was looked at, None when there is nothing.

    Raises `NotTold`; the transaction then has changed nothing.
    """
    person_id = uow.session.execute(_NEXT_PERSON, {"now": uow.now}).scalar_one_or_none()
    if person_id is None:
        return None
    try:
        looked_at = _fire(uow, person_id)
        uow.finish()  # what was left for last is theirs too, and may fail as well
    except Exception as error:  # whatever it is, it must not stop the others
        raise NotTold(person_id, f"telling staff row {person_id} what is due failed") from error
    return looked_at


def push_back(uow: UnitOfWork, staff_id: int, by: timedelta) -> None:
    """Look at a person for whom it failed later, so that others come first; due times stay what they are."""
    uow.session.execute(_PUSH_BACK, {"person": staff_id, "now": uow.now, "until": uow.now + by})
    held.push_back(uow, staff_id, uow.now + by)


def _fire(uow: UnitOfWork, person_id: int) -> int:
    person = uow.session.get_one(Staff, person_id, populate_existing=True)
    ids = uow.session.execute(_DUE, {"person": person_id, "now": uow.now}).scalars().all()
    quiet = quiet_until(person, uow.now)
    telling = []
    for question in rows.read_all(uow.session, ids):
        if question.due_at <= uow.now:
            uow.session.execute(_OVERDUE, {"question": question.id, "now": uow.now})
            rows.tell_asker(uow, question, "unanswered")
        elif quiet is not None:
            uow.session.execute(_NEXT, {"question": question.id, "next": min(quiet, question.due_at)})
            continue
        else:
            uow.session.execute(_NEXT, {"question": question.id, "next": question.due_at})
        telling.append(question)
        audit.record(
            uow, system(person.program_id), "question.remind", "question", question.id, case_id=question.case_id,
            fields=("next_at",),
        )  # fmt: skip
    waited = held.take(uow, person)
    if waited:
        _tell_all(uow, person, waited, telling)
    elif telling:
        late = any(question.due_at <= uow.now for question in telling)
        told = [[question.id, question.due_at <= uow.now] for question in telling]
        key = hashlib.sha256(repr(sorted(told)).encode()).hexdigest()[:32]
        payload = rows.told(telling, person.zone, stage="due" if late else "reminder", at=uow.now.isoformat())
        tell_person(uow, person_id, "question", f"questions:{key}", payload)
    return len(ids) + len(waited)


def _tell_all(uow: UnitOfWork, person: Staff, waited: Sequence[Due], questions: Sequence[rows.QuestionRow]) -> None:
    """One message for the reminders that were held back, and for what is due of questions at the same time."""
    ids = sorted(timer.id for timer in waited)
    key = hashlib.sha256(repr(ids).encode()).hexdigest()[:32]
    payload = rows.told(questions, person.zone, at=uow.now.isoformat()) | {
        "tasks": held.lines(uow, person, waited),
        "to": person.slack_user_id,
        "since": min(timer.at for timer in waited).isoformat(),
        "timers": len(waited),
    }
    notice = tell_person(uow, person.id, "held_back", f"held:{key}", payload)
    held.told(uow, person, waited, notice)
