"""Which reasons stand for late tasks."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlmodel import Session

from app.clocks.history import MISSED
from app.reports.reasons import Reason

_LAST = text(
    "SELECT DISTINCT ON (k.task_id) k.task_id, b.reason FROM clocks k JOIN clock_events e ON e.clock_id = k.id"  # noqa: S608
    " LEFT JOIN breach_reasons b ON b.breach_id = e.id WHERE k.task_id = ANY(CAST(:tasks AS bigint[]))"
    f" AND e.kind = 'breach' AND {MISSED} ORDER BY k.task_id, e.id DESC"
)


def reasons_of(session: Session, task_ids: Sequence[int]) -> Mapping[int, Reason]:
    """Why each of the tasks missed its last deadline, by the task's id; those without a reason are not there."""
    if not task_ids:
        return {}
    rows = session.execute(_LAST, {"tasks": list(task_ids)})
    return {row.task_id: Reason(row.reason) for row in rows if row.reason is not None}
