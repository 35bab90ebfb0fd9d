"""The evidence with which a task is closed, held against the case that it belongs to."""

from dataclasses import dataclass

from sqlalchemy import text

from app.store.uow import UnitOfWork
from app.tasks.evidence import read_evidence, unchecked
from app.tasks.rows import TaskRow

_DAYS = text("SELECT name, day FROM key_dates WHERE case_id = :case")


@dataclass(frozen=True)
class Closing:
    """What is kept with a done task, and what has to be said of it."""

    kept: dict[str, str] | None
    said: str


def closing(uow: UnitOfWork, task: TaskRow, given: str | None, reference: str | None) -> Closing:
    """Read what somebody gives to close the task; the caller holds the case. Raises what `read_evidence` raises."""
    spec = task.item.evidence
    days = {}
    if spec.after or spec.before:
        days = {row.name: row.day for row in uow.session.execute(_DAYS, {"case": task.case_id})}
    kept = read_evidence(spec, given, str(task.no), reference=reference, key_dates=days)
    left = unchecked(spec, days)
    return Closing(kept, f" {left}" if left else "")
