"""What quiet hours held back: all reminders of one person, of whatever cases, to be told together.

The sweep of a case puts a reminder that falls into its holder's quiet hours here (`Timer.held_until`), and takes it
back at the deadline. Callers hold the person's row, so that two schedulers cannot tell it twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from app.audit import service as audit
from app.clocks.sweep import Due, due_of, lines_of, settle
from app.programs.models import Staff
from app.programs.queries import quiet_until
from app.programs.service import system
from app.store.uow import UnitOfWork

WAITING: Final = (
    "SELECT t.holder_id FROM timers m JOIN tasks t ON t.id = m.task_id WHERE m.state = 'pending'"
    " AND m.held_until IS NOT NULL AND m.held_until <= :now AND m.fire_at > :now AND t.holder_id IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM timers d JOIN tasks o ON o.id = d.task_id WHERE d.state = 'pending'"
    " AND d.kind = 'remind' AND d.fire_at <= :now AND o.holder_id = t.holder_id) ORDER BY m.held_until LIMIT 1000"
)
"""People, by id, for whom the time to be told has come, and of whom no case has reminders that it has not looked at."""
_HELD = (
    " m.state = 'pending' AND m.held_until IS NOT NULL AND m.held_until <= :now AND m.fire_at > :now"
    " AND t.holder_id = :person"
)
# Case by case, and in a case by id, as changes of several cases lock them.
_LOCK_TASKS = text(
    "SELECT id FROM tasks WHERE id IN (SELECT m.task_id FROM timers m JOIN tasks t ON t.id = m.task_id"  # noqa: S608
    f" WHERE{_HELD}) ORDER BY case_id, id FOR NO KEY UPDATE"
)
_DUE = text(
    "SELECT m.id, m.task_id, m.clock_id, m.kind, m.step, m.tells, m.at, m.fire_at, c.kind AS clock, c.deadline_at"  # noqa: S608
    f" FROM timers m JOIN tasks t ON t.id = m.task_id JOIN clocks c ON c.id = m.clock_id WHERE{_HELD}"
    " AND m.task_id = ANY(:tasks) ORDER BY m.id FOR NO KEY UPDATE OF m"
)
_LONGER = text("UPDATE timers SET held_until = least(:until, fire_at) WHERE id = ANY(:timers)")
_LET_GO = text("UPDATE timers SET held_until = NULL, fire_at = at WHERE id = ANY(:timers)")
_PUSH_BACK = text(
    "UPDATE timers m SET held_until = least(:until, m.fire_at) FROM tasks t WHERE t.id = m.task_id"
    " AND m.state = 'pending' AND m.held_until IS NOT NULL AND m.held_until <= :now AND t.holder_id = :person"
)


def take(uow: UnitOfWork, person: Staff) -> list[Due]:
    """The reminders to tell a person now; the caller tells them and gives them to `told`.

    Nothing while quiet hours run, which may have been set anew: they then wait for the end of these. What is held for
    somebody who was switched off meanwhile goes back to the sweep of its case.
    """
    values: dict[str, Any] = {"person": person.id, "now": uow.now}
    locked = uow.session.execute(_LOCK_TASKS, values).scalars().all()
    rows = uow.session.execute(_DUE, values | {"tasks": list(locked)}).all() if locked else ()
    quiet, ids = quiet_until(person, uow.now), [row.id for row in rows]
    if not person.active:
        uow.session.execute(_LET_GO, {"timers": ids})
        return []
    if quiet is not None:
        uow.session.execute(_LONGER, {"timers": ids, "until": quiet})
        return []
    return due_of(uow, person.program_id, rows)


def lines(uow: UnitOfWork, person: Staff, held: Sequence[Due]) -> list[dict[str, Any]]:
    """A line for each task, with the code of its case, the nearest deadline first."""
    codes = {timer.task.id: timer.task.code for timer in held}
    return [line | {"code": codes[line["id"]]} for line in lines_of(uow, held, {person.id: person.slack_user_id})]


def told(uow: UnitOfWork, person: Staff, held: Sequence[Due], notice: UUID) -> None:
    """They are told by this post."""
    settle(uow, held, "collapsed", notice)
    for case_id in sorted({timer.task.case_id for timer in held}):
        actor = system(person.program_id)
        audit.record(uow, actor, "timers.fire", "case", case_id, case_id=case_id, fields=("timers",))


def push_back(uow: UnitOfWork, staff_id: int, until: datetime) -> None:
    """Tell a person for whom it failed later."""
    uow.session.execute(_PUSH_BACK, {"person": staff_id, "now": uow.now, "until": until})
