"""What an act changed, kept for as long as it can be undone (`app.tasks.undo`).

Of an act that may open, shut and re-plan other tasks of its case, every row that it changed is kept as it stood
before, with the version that it left behind: so undoing can tell what has moved on since.
"""

import json
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import text
from sqlmodel import Session

from app.programs.actor import Actor
from app.store.uow import UnitOfWork
from app.tasks.rows import TaskRow

UNDO_WITHIN: Final = timedelta(minutes=2)
"""How long an act can be undone, by the program's clock."""
Verb = Literal["claim", "done", "skip", "handoff"]
Snapshot = dict[tuple[str, int], dict[str, Any]]

_SNAPSHOT = text(
    "SELECT 'task' AS kind, t.id, to_jsonb(t) AS row FROM tasks t WHERE t.case_id = :case UNION ALL"
    " SELECT 'clock', c.id, jsonb_build_object('state', c.state, 'deadline_at', c.deadline_at,"
    " 'generation', c.generation) FROM clocks c WHERE c.case_id = :case UNION ALL"
    " SELECT 'timer', m.id, jsonb_build_object('clock', m.clock_id) FROM timers m"
    " WHERE m.case_id = :case AND m.state = 'pending' UNION ALL"
    " SELECT 'track', r.id, '{}'::jsonb FROM tracks r WHERE r.case_id = :case"
)
_REMEMBER = text(
    "INSERT INTO acts (program_id, staff_id, task_id, verb, at, version, kept)"
    " VALUES (:program, :staff, :task, :verb, :now, :version, CAST(:kept AS jsonb)) RETURNING id"
)
_DATES = text("SELECT name, to_jsonb(d) ->> 'day' AS day, to_jsonb(d) ->> 'at' AS at FROM key_dates d"
              " WHERE case_id = :case AND name = ANY(:names)")  # fmt: skip
_COUNTED_BY = text(
    "SELECT md5(jsonb_build_array(p.zone, p.calendar, (SELECT jsonb_object_agg(e.tells, e.after) FROM escalations e"
    " WHERE e.program_id = p.id))::text) FROM programs p WHERE p.id = :program"
)
_FORGET = text("DELETE FROM acts WHERE at < :before")


def snapshot(uow: UnitOfWork, case_id: int) -> Snapshot:
    """Everything of a case that an act may change, by kind and id; the caller holds the case."""
    rows = uow.session.execute(_SNAPSHOT, {"case": case_id})
    return {(row.kind, row.id): row.row for row in rows}


def remember(uow: UnitOfWork, actor: Actor, task_id: int, verb: Verb, version: int, kept: object = None) -> int:
    """Keep an act; returns its id, by which it is undone."""
    values = {
        "program": actor.program_id, "staff": actor.staff_id, "task": task_id, "verb": verb, "now": uow.now,
        "version": version, "kept": json.dumps(kept) if kept is not None else None,
    }  # fmt: skip
    found: int = uow.session.execute(_REMEMBER, values).scalar_one()
    return found


def remember_closing(uow: UnitOfWork, actor: Actor, task: TaskRow, verb: Verb, before: Snapshot) -> int:
    """Keep a closing with all that came of it; call it when the case is settled again."""
    after = snapshot(uow, task.case_id)
    changed = {key: row for key, row in before.items() if after.get(key) != row}
    needers = [item.id for item in task.template.items if task.item.id in item.needs]
    versions = {
        id: row["version"]
        for (kind, id), row in after.items()
        if kind == "task"
        and ((kind, id) in changed or (row["track_id"] == task.track_id and row["item_id"] in needers))
    }
    kept = {
        "tasks": [row for (kind, _), row in changed.items() if kind == "task"],
        "clocks": [
            row | {"id": id, "left": after["clock", id]} for (kind, id), row in changed.items() if kind == "clock"
        ],
        "timers": [id for kind, id in changed if kind == "timer"],
        "tracks": [id for kind, id in after if kind == "track" and (kind, id) not in before],
        "versions": versions,
        "dates": gated_dates(uow.session, task),
        "counted_by": counted_by(uow.session, task.program_id),
    }
    return remember(uow, actor, task.id, verb, after["task", task.id]["version"], kept)


def gated_dates(session: Session, task: TaskRow) -> dict[str, list[str | None]]:
    """The key dates that the task gates, as they are set."""
    if not task.item.gates:
        return {}
    rows = session.execute(_DATES, {"case": task.case_id, "names": list(task.item.gates)})
    return {row.name: [row.day, row.at] for row in rows}


def counted_by(session: Session, program_id: int) -> str:
    """A mark of what deadlines, reminders and escalations are counted by: the program's calendar and its delays.

    Neither changes while a case of the program is held.
    """
    found: str = session.execute(_COUNTED_BY, {"program": program_id}).scalar_one()
    return found


def forget(session: Session, before: datetime) -> int:
    """Delete acts older than `before`, which nobody can undo any more; returns how many."""
    return int(session.execute(_FORGET, {"before": before}).rowcount)  # type: ignore[attr-defined]
