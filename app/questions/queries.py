"""Questions as lists show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from app.tasks.queries import NARROWED, Only

_COLUMNS = (
    "SELECT q.id, c.code, q.task_id, t.no, t.title, q.words, q.choices, q.due_at, a.name, w.name, q.asked_at"
    " FROM questions q JOIN cases c ON c.id = q.case_id JOIN staff a ON a.id = q.asker_id"
    " JOIN staff w ON w.id = q.to_id LEFT JOIN tasks t ON t.id = q.task_id LEFT JOIN tracks r ON r.id = t.track_id"
)
_TO = text(f"{_COLUMNS} WHERE q.to_id = :me AND q.state = 'open'{NARROWED} ORDER BY q.due_at, q.id LIMIT :limit")
_BY = text(f"{_COLUMNS} WHERE q.asker_id = :me AND q.state = 'open'{NARROWED} ORDER BY q.due_at, q.id LIMIT :limit")
MOST = 100


@dataclass(frozen=True)
class QuestionLine:
    """An open question; `asker` and `whom` are names, `number` and `title` those of its task, if it is about one."""

    id: int
    case_code: str
    task_id: int | None
    number: int | None
    title: str | None
    words: str
    choices: Sequence[str]
    due_at: datetime
    asker: str
    whom: str
    asked_at: datetime

    @property
    def name(self) -> str:
        """What it is about: `K7Q4-12`, or `K7Q4` for one about the case."""
        return self.case_code if self.number is None else f"{self.case_code}-{self.number}"

    @property
    def no(self) -> int:
        """The task's number, by which lists are sorted; 0 for a question about the case."""
        return self.number or 0


def questions_to(session: Session, staff_id: int, only: Only | None = None) -> list[QuestionLine]:
    """The questions that a person has to answer, the one that is due first at the beginning."""
    values = {"me": staff_id, "limit": MOST, **vars(only or Only())}
    return [QuestionLine(*row) for row in session.execute(_TO, values)]


def questions_by(session: Session, staff_id: int, only: Only | None = None) -> list[QuestionLine]:
    """The questions whose answer a person waits for, in the same order."""
    values = {"me": staff_id, "limit": MOST, **vars(only or Only())}
    return [QuestionLine(*row) for row in session.execute(_BY, values)]
