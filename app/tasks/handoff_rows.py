"""The rows of handoffs: ending an offer without an answer, and keeping an offer's own post true."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.kernel.clock import reached
from app.notices.service import tell_case, touch_card
from app.store.uow import UnitOfWork
from app.tasks.brief import Brief

_WITHDRAW = text(
    "UPDATE handoffs SET state = 'withdrawn', answered_at = :now WHERE task_id = ANY(:tasks) AND state = 'offered'"
    " RETURNING id, notice_id, task_id, note, to_do, watch,"
    " (SELECT s.name FROM staff s WHERE s.id = handoffs.to_id) AS to_name"
)
_OFFERED = text(
    "SELECT task_id, to_id, note, urgency, to_do, watch FROM handoffs WHERE task_id = ANY(:tasks) AND state = 'offered'"
)
_OF_NOTICE = text(
    "SELECT h.id, h.state, h.note, h.urgency, h.to_do, h.watch, h.said_back,"
    " t.no, t.title, t.due_at, c.code, p.zone, g.slack_user_id AS giver,"
    " r.slack_user_id AS taker FROM handoffs h JOIN tasks t ON t.id = h.task_id JOIN cases c ON c.id = t.case_id"
    " JOIN programs p ON p.id = t.program_id JOIN staff g ON g.id = h.from_id JOIN staff r ON r.id = h.to_id"
    " WHERE h.notice_id = :notice ORDER BY t.no"
)
_CASE_OF_NOTICE = text(
    "SELECT t.case_id FROM handoffs h JOIN tasks t ON t.id = h.task_id WHERE h.notice_id = :notice LIMIT 1"
)


def offered(uow: UnitOfWork, task_ids: Iterable[int]) -> dict[int, tuple[Brief, int]]:
    """What goes with the open offers of these tasks, and to whom they are made, by task id."""
    found = uow.session.execute(_OFFERED, {"tasks": list(task_ids)})
    return {row.task_id: (Brief(row.note, row.urgency, row.to_do, row.watch), row.to_id) for row in found}


def withdraw(uow: UnitOfWork, task_ids: Iterable[int]) -> Sequence[Row[Any]]:
    """End the open offers of tasks that changed hands, were closed, or whose receiver goes; returns their rows."""
    ended = uow.session.execute(_WITHDRAW, {"tasks": list(task_ids), "now": uow.now}).all()
    for notice, handoff in sorted({row.notice_id: row.id for row in ended}.items()):
        show(uow, notice, handoff)
    return ended


def show(uow: UnitOfWork, notice: UUID, handoff_id: int, reason: str | None = None) -> None:
    """Have the post of an offer say how it stands, now that `handoff_id` of it has been answered or has ended.

    Buttons stay only for what is still open. It is read as the notice is written: others of the post may be answered
    at the same moment.
    """
    case_id = uow.session.execute(_CASE_OF_NOTICE, {"notice": notice}).scalar_one()
    tell_case(uow, case_id, "answer", f"answer:{handoff_id}", lambda: _as_it_stands(uow, notice, reason))
    touch_card(uow, case_id)


def _as_it_stands(uow: UnitOfWork, notice: UUID, reason: str | None) -> dict[str, Any]:
    rows: Sequence[Any] = uow.session.execute(_OF_NOTICE, {"notice": notice}).all()
    return {
        "code": rows[0].code,
        "zone": rows[0].zone,
        "of": str(notice),
        "from": rows[0].giver,
        "to": rows[0].taker,
        "reason": reason,
    } | told(
        [
            (
                line(row.no, row.title, row.due_at, uow.now)
                | {"handoff": row.id, "state": row.state, "said_back": row.said_back},
                Brief(row.note, row.urgency, row.to_do, row.watch),
            )
            for row in rows
        ]
    )


def told(tasks: Sequence[tuple[dict[str, Any], Brief]]) -> dict[str, Any]:
    """Tasks with what goes with each, for a payload: said once where it is the same for all, else beside each task."""
    if len({brief for _, brief in tasks}) == 1:
        return {"tasks": [task for task, _ in tasks]} | tasks[0][1].columns()
    return {"tasks": [task | {"brief": brief.columns()} for task, brief in tasks]}


def line(no: int, title: str, due_at: datetime | None, now: datetime) -> dict[str, Any]:
    """A task as the post of an offer shows it as of `now`."""
    late = reached(due_at, now)
    return {"no": no, "title": title, "deadline": None if due_at is None else due_at.isoformat(), "late": late}
