"""The rows of handoffs, for verbs that end an offer without an answer."""

from collections.abc import Iterable

from sqlalchemy import text

from app.store.uow import UnitOfWork

_WITHDRAW = text(
    "UPDATE handoffs SET state = 'withdrawn', answered_at = :now WHERE task_id = ANY(:tasks) AND state = 'offered'"
)


def withdraw(uow: UnitOfWork, task_ids: Iterable[int]) -> None:
    """End the open offers of tasks that changed hands or were closed; the callers hold the tasks' locks."""
    uow.session.execute(_WITHDRAW, {"tasks": list(task_ids), "now": uow.now})
