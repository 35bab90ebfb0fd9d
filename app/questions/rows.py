"""The rows of questions: reading and locking one, what its posts say, and ending it without an answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from app.notices.service import tell_case, tell_person, touch_card
from app.programs.absences import Absence
from app.programs.queries import lead_of, staff_by_id
from app.questions.refusals import UnknownQuestion
from app.store.uow import UnitOfWork

_READ = text(
    "SELECT q.id, q.program_id, q.case_id, c.code, q.task_id, t.no, t.title, q.words, q.choices, q.due_at, q.next_at,"
    " q.state, q.answer, q.notice_id, q.direct_id, q.asker_id, a.name AS asker, a.slack_user_id AS asker_slack,"
    " a.active AS asker_active, q.to_id, r.name AS whom, r.slack_user_id AS to_slack, r.zone AS to_zone,"
    " s.name AS settled_by, s.slack_user_id AS settled_slack, p.zone, c.lead_id FROM questions q"
    " JOIN cases c ON c.id = q.case_id JOIN programs p ON p.id = q.program_id JOIN staff a ON a.id = q.asker_id"
    " JOIN staff r ON r.id = q.to_id LEFT JOIN staff s ON s.id = q.settled_by LEFT JOIN tasks t ON t.id = q.task_id"
    " WHERE q.id = ANY(:questions) ORDER BY q.due_at, q.id"
)
_LOCK = text("SELECT id FROM questions WHERE id = :question AND program_id = :program FOR NO KEY UPDATE")
_SETTLE = text(
    "UPDATE questions SET state = :state, answer = :answer, settled_at = :now, settled_by = :by, next_at = NULL"
    " WHERE id = ANY(:questions) AND state = 'open'"
)
# Locked in the order of their ids, so that no two changes can hold each other up for good.
_OPEN_OF_CASE = text("SELECT id FROM questions WHERE case_id = :case AND state = 'open' ORDER BY id FOR NO KEY UPDATE")
_OPEN_TO = text(
    "SELECT id FROM questions WHERE program_id = :program AND to_id = :staff AND state = 'open' ORDER BY id"
    " FOR NO KEY UPDATE"
)
Outcome = Literal["answered", "passed", "taken_back", "left", "away", "unanswered"]


@dataclass(frozen=True)
class QuestionRow:
    """A question as it stood when it was read. `zone` is the program's, `to_zone` that of whoever is asked."""

    id: int
    program_id: int
    case_id: int
    code: str
    task_id: int | None
    no: int | None
    title: str | None
    words: str
    choices: Sequence[str]
    due_at: datetime
    next_at: datetime | None
    state: str
    answer: str | None
    notice_id: UUID
    direct_id: UUID
    asker_id: int
    asker: str
    asker_slack: str
    asker_active: bool
    to_id: int
    whom: str
    to_slack: str
    to_zone: str
    settled_by: str | None
    settled_slack: str | None
    zone: str
    lead_id: int | None

    @property
    def name(self) -> str:
        """What it is about: `K7Q4-12`, or `K7Q4` for one about the case."""
        return self.code if self.no is None else f"{self.code}-{self.no}"


def read_all(session: Session, question_ids: Iterable[int]) -> list[QuestionRow]:
    """Questions by id, the one that is due first at the beginning."""
    found = session.execute(_READ, {"questions": list(question_ids)}).all()
    return [QuestionRow(**row._mapping) for row in found]


def read(session: Session, program_id: int, question_id: int) -> QuestionRow:
    """A question of the program; raises `UnknownQuestion`."""
    found = [row for row in read_all(session, [question_id]) if row.program_id == program_id]
    if not found:
        raise UnknownQuestion("That question is not there. Nothing changed.")
    return found[0]


def lock(uow: UnitOfWork, program_id: int, question_id: int) -> QuestionRow:
    """The same, locked until the change ends."""
    uow.session.execute(_LOCK, {"question": question_id, "program": program_id})
    return read(uow.session, program_id, question_id)


def settle(
    uow: UnitOfWork, question: QuestionRow, state: str, by: int | None, answer: str | None = None
) -> QuestionRow:
    """Settle a question that is open and locked, and have its posts say so; returns it as it stands then."""
    values = {"state": state, "answer": answer, "by": by, "now": uow.now}
    uow.session.execute(_SETTLE, values | {"questions": [question.id]})
    now = read(uow.session, question.program_id, question.id)
    _show(uow, now)
    touch_card(uow, now.case_id)
    return now


def end_of_case(uow: UnitOfWork, case_id: int) -> None:
    """End the open questions of a case that is being closed."""
    ids = uow.session.execute(_OPEN_OF_CASE, {"case": case_id}).scalars().all()
    # Each person's channel of direct messages is locked by what is told there: always in the same order.
    for question in sorted(read_all(uow.session, ids), key=lambda one: one.to_id):
        settle(uow, question, "ended", None)


def end_to(uow: UnitOfWork, program_id: int, staff_id: int) -> None:
    """End the open questions to a person who was switched off, and tell whoever asked."""
    ids = uow.session.execute(_OPEN_TO, {"program": program_id, "staff": staff_id}).scalars().all()
    for question in read_all(uow.session, ids):
        tell_asker(uow, settle(uow, question, "ended", None), "left")


def tell_away(uow: UnitOfWork, absence: Absence) -> None:
    """Tell whoever waits for an answer of somebody whose time off begins. The questions stay open."""
    values = {"program": absence.program_id, "staff": absence.staff_id}
    ids = uow.session.execute(_OPEN_TO, values).scalars().all()
    for question in read_all(uow.session, ids):
        tell_asker(uow, question, "away", absence)


def tell_asker(uow: UnitOfWork, question: QuestionRow, outcome: Outcome, absence: Absence | None = None) -> None:
    """Say in the thread of the question's post what came of it. Somebody who has left is spoken for by the lead.

    `absence` is the one that begins, where the outcome is `away`: each of them is told of.
    """
    to = question.asker_slack
    if not question.asker_active:
        lead = lead_of(uow.session, question.program_id, question.lead_id)
        person = staff_by_id(uow.session, question.program_id, [lead]).get(lead) if lead is not None else None
        to = to if person is None else person.slack_user_id
    payload = told([question], question.zone, of=str(question.notice_id), to=to, outcome=outcome)
    key = f"replied:{question.id}:{outcome}"
    if absence is not None:
        payload, key = payload | {"until": absence.last.isoformat()}, f"{key}:{absence.id}"
    tell_case(uow, question.case_id, "replied", key, payload)


def told(questions: Sequence[QuestionRow], zone: str, **more: Any) -> dict[str, Any]:
    """The payload of a notice about questions, its moments written in `zone`."""
    tasks = dict.fromkeys(question.task_id for question in questions if question.task_id is not None)
    lines = [_line(question) for question in questions]
    return {"zone": zone, "questions": lines, "tasks": [{"id": task_id} for task_id in tasks]} | more


def _line(question: QuestionRow) -> dict[str, Any]:
    return {
        "id": question.id,
        "code": question.code,
        "task": question.task_id,
        "no": question.no,
        "title": question.title,
        "words": question.words,
        "choices": list(question.choices),
        "due": question.due_at.isoformat(),
        "from": question.asker_slack,
        "to": question.to_slack,
        "state": question.state,
        "answer": question.answer,
        "by": question.settled_slack,
    }


def _show(uow: UnitOfWork, question: QuestionRow) -> None:
    """Have both posts of a question say how it stands."""
    in_channel = told([question], question.zone, of=str(question.notice_id))
    tell_case(uow, question.case_id, "settled", f"settled:{question.id}", in_channel)
    direct = told([question], question.to_zone, of=str(question.direct_id))
    tell_person(uow, question.to_id, "settled", f"settled:{question.id}:direct", direct)
