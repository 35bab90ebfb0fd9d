"""Undoing what somebody has just done: for two minutes, by whoever did it, while nothing stands on it."""

import json
from typing import Any

from sqlalchemy import Row, text

from app.audit import service as audit
from app.checklists.replanning import replan
from app.checklists.rules import CLOSED
from app.checklists.service import lock_case, settle
from app.clocks.history import AT
from app.clocks.service import refresh_due
from app.notices.service import touch_card
from app.programs.absences import away_now
from app.programs.actor import Actor, NotAllowed, Origin
from app.programs.models import Staff
from app.programs.queries import as_actor
from app.store.uow import UnitOfWork
from app.tasks import handoff_rows, service
from app.tasks.acts import UNDO_WITHIN, counted_by, gated_dates
from app.tasks.refusals import CannotUndo
from app.tasks.rows import Outcome, TaskRow, lock, may_be_assigned, read

_ACT = text("SELECT * FROM acts WHERE id = :act AND program_id = :program FOR UPDATE")
_LAST = text(
    "SELECT id FROM acts WHERE program_id = :program AND staff_id = :me AND undone_at IS NULL AND at >= :since"
    " AND (CAST(:task AS bigint) IS NULL OR task_id = :task)"
    " AND (CAST(:verb AS text) IS NULL OR verb = :verb) ORDER BY id DESC LIMIT 1"
)
_UNDONE = text("UPDATE acts SET undone_at = :now WHERE id = :act")
_STANDS = text(
    "SELECT t.id, t.no, t.item_id, t.track_id, t.state, t.version, s.name AS holder FROM tasks t"
    " LEFT JOIN staff s ON s.id = t.holder_id WHERE t.case_id = :case"
)
# When it is due say the clocks, once they run again as they did.
_BACK = text(
    "UPDATE tasks t SET state = b.state, holder_id = b.holder_id, ready_at = b.ready_at,"
    " breached_at = coalesce(t.breached_at, b.breached_at), waiting_on = b.waiting_on, waiting_note = b.waiting_note,"
    " waiting_since = b.waiting_since, evidence = b.evidence, attested_by = b.attested_by, waived_by = b.waived_by,"
    " reason = b.reason, closed_at = b.closed_at, closed_by = b.closed_by, snoozed_until = b.snoozed_until,"
    " snoozed_why = b.snoozed_why, remind_lead = b.remind_lead, version = t.version + 1"
    " FROM jsonb_populate_recordset(NULL::tasks, CAST(:rows AS jsonb)) AS b WHERE t.id = b.id AND t.id = ANY(:ids)"
)
# The claim before it can be undone as it could then.
_CLAIMS_BACK = text(
    "UPDATE acts a SET version = t.version FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS b (id bigint, version int)"
    " JOIN tasks t ON t.id = b.id WHERE t.id = ANY(:ids) AND a.task_id = t.id AND a.version = b.version"
    " AND a.verb = 'claim' AND a.undone_at IS NULL"
)
# A clock that has moved on since is left to the checklists; one that has not runs on as it did, with its own timers,
# under a generation of their own, since those of the present one may have been used up by the act.
_CLOCKS_BACK = text(
    "WITH old AS (SELECT * FROM jsonb_to_recordset(CAST(:clocks AS jsonb))"  # noqa: S608 - constants only
    ' AS o (id bigint, state text, deadline_at timestamptz, "left" jsonb)),'
    " back AS (UPDATE clocks c SET state = old.state, deadline_at = old.deadline_at, generation = c.generation + 1"
    " FROM old WHERE c.id = old.id AND c.generation = (old.left ->> 'generation')::int"
    " AND c.state = old.left ->> 'state' RETURNING c.id, c.program_id, c.deadline_at, c.generation),"
    " noted AS (INSERT INTO clock_events (program_id, clock_id, kind, at, deadline_at, why)"
    f" SELECT program_id, id, 'undo', {AT.format(clock='back.id')}, deadline_at, :why FROM back)"
    " SELECT back.id, c.task_id FROM back JOIN clocks c ON c.id = back.id"
)
_TIMERS_OFF = text("UPDATE timers SET state = 'cancelled' WHERE clock_id = ANY(:clocks) AND state = 'pending'")
_TIMERS_BACK = text(
    "UPDATE timers m SET state = 'pending', generation = c.generation FROM clocks c"
    " WHERE m.id = ANY(:timers) AND m.state = 'cancelled' AND c.id = m.clock_id AND c.id = ANY(:clocks)"
)
_OFFERS = text(
    "SELECT h.id, h.task_id, h.state, t.case_id, s.name AS taker, EXISTS (SELECT 1 FROM handoffs n"
    " WHERE n.task_id = h.task_id AND n.id > h.id AND n.state = 'offered') AS anew"
    " FROM handoffs h JOIN tasks t ON t.id = h.task_id"
    " JOIN staff s ON s.id = h.to_id WHERE h.id = ANY(:ids) ORDER BY h.task_id"
)
_WORDS = {"claim": "claim", "done": "finishing", "skip": "skipping", "handoff": "offer"}


def undo(uow: UnitOfWork, actor: Actor, act_id: int) -> Outcome:
    """Take back an act: a claim, a closing with all that it opened, or an offer that nobody has answered.

    Everything is as it stood before it: state, holder, deadlines, timers. What was told meanwhile, a deadline that
    passed meanwhile, and an offer that it replaced stay as they are, and a calendar that was changed meanwhile counts.
    A second undoing is no error. Raises `NotAllowed` for anybody else's act, and `CannotUndo` after two minutes, or
    when something stands on it.
    """
    act = uow.session.execute(_ACT, {"act": act_id, "program": actor.program_id}).one_or_none()
    if act is None:
        raise CannotUndo("That cannot be undone any more. Nothing changed. See /tasks for how things stand.")
    task = read(uow.session, actor.program_id, act.task_id)
    if act.staff_id != actor.staff_id:
        raise NotAllowed(f"Only whoever did that to {task.name} undoes it. Nothing changed. Ask your lead.")
    if act.undone_at is not None:
        return Outcome(task, False, f"The {_WORDS[act.verb]} of {task.name} is undone already.")
    if uow.now - act.at > UNDO_WITHIN:
        raise _cannot(task, act, f"more than {int(UNDO_WITHIN.total_seconds() // 60)} minutes have passed")
    how = {"claim": _claim, "done": _closing, "skip": _closing, "handoff": _offer}[act.verb]
    outcome = how(uow, actor, act, task)
    uow.session.execute(_UNDONE, {"act": act_id, "now": uow.now})
    audit.record(
        uow, actor, "task.undo", "task", task.id, case_id=task.case_id, fields=("state", "holder_id"), reason=act.verb
    )
    touch_card(uow, task.case_id)
    return outcome


def undo_last(uow: UnitOfWork, actor: Actor, task_id: int | None, verb: str | None) -> Outcome:
    """Take back the person's last act, of that task and that verb where they are named. Raises what `undo` raises."""
    values = {"program": actor.program_id, "me": actor.staff_id, "since": uow.now - UNDO_WITHIN}
    found = uow.session.execute(_LAST, values | {"task": task_id, "verb": verb}).scalar_one_or_none()
    if found is None:
        minutes = int(UNDO_WITHIN.total_seconds() // 60)
        name = "" if task_id is None else read(uow.session, actor.program_id, task_id).name
        what = f" to {name}" if name else ""
        raise CannotUndo(
            f"You did nothing{what} within {minutes} minutes that can be undone. Nothing changed. To give a task back, "
            f"write: release {name or 'TASK'}. What is done or skipped: reopen {name or 'TASK'} <reason>"
        )
    return undo(uow, actor, found)


def _claim(uow: UnitOfWork, actor: Actor, act: Row[Any], task: TaskRow) -> Outcome:
    lock_case(uow, task.case_id)
    stands = _stands(uow, task)[task.id]
    if stands.version != act.version:
        raise _cannot(task, act, "it has changed since")
    back = service.release(uow, actor, task.id)
    free = " It is free again." if back.task.state == "ready" else ""
    return Outcome(back.task, True, f"Undone: {task.name} is not yours any more.{free}")


def _closing(uow: UnitOfWork, actor: Actor, act: Row[Any], task: TaskRow) -> Outcome:
    """Put back every row that the closing changed, and let the checklists settle what came into being by it."""
    held = next(row["holder_id"] for row in act.kept["tasks"] if row["id"] == task.id)
    # Taken before the tasks, as `active_person` does.
    holder = (
        None
        if held is None
        else uow.session.get_one(Staff, held, populate_existing=True, with_for_update={"read": True})
    )
    lock_case(uow, task.case_id)
    task, kept, stands = read(uow.session, actor.program_id, task.id), act.kept, _stands(uow, task)
    _refuse_what_stands_on_it(uow, act, task, stands)
    if holder is not None:
        _refuse_who_is_gone(uow, act, task, holder)
    ids = [row["id"] for row in kept["tasks"] if stands[row["id"]].version == kept["versions"][str(row["id"])]]
    rows = {"rows": json.dumps(kept["tasks"]), "ids": ids}
    uow.session.execute(_BACK, rows)
    uow.session.execute(_CLAIMS_BACK, rows)
    values = {"clocks": json.dumps(kept["clocks"]), "now": uow.now, "why": f"undone: {act.verb}"}
    back = uow.session.execute(_CLOCKS_BACK, values).all()
    clocks = [clock.id for clock in back]
    uow.session.execute(_TIMERS_OFF, {"clocks": clocks})
    uow.session.execute(_TIMERS_BACK, {"timers": kept["timers"], "clocks": clocks})
    settle(uow, actor, task.case_id)
    moved = {*ids, *(clock.task_id for clock in back)}
    refresh_due(uow, [id for id, row in _stands(uow, task).items() if id in moved and row.state not in CLOSED])
    if kept.get("counted_by") != counted_by(uow.session, task.program_id):
        replan(uow, task.case_id)  # what came back was counted by the calendar and the delays of then
    task = read(uow.session, actor.program_id, task.id)
    where = {"ready": "free", "claimed": "yours" if task.holder_id == actor.staff_id else f"with {task.holder_name}"}
    how = where.get(task.state, task.state)
    return Outcome(task, True, f"Undone: {task.name} is {how} again, as it was before.")


def _refuse_what_stands_on_it(uow: UnitOfWork, act: Row[Any], task: TaskRow, stands: dict[int, Row[Any]]) -> None:
    kept = act.kept
    if stands[task.id].version != act.version:
        raise _cannot(task, act, "it has changed since")
    if not task.case_open:
        raise _cannot(task, act, "the case is closed")
    if kept["tracks"]:
        raise _cannot(task, act, "it began another checklist")
    for id, version in kept["versions"].items():
        other = stands[int(id)]
        if other.id != task.id and other.version != version and other.state not in ("blocked", "ready"):
            how = f"with {other.holder}" if other.state in ("claimed", "waiting") else other.state
            raise _cannot(task, act, f"{task.code}-{other.no}, which came after it, is {how}")
    for name, date in gated_dates(uow.session, task).items():
        if kept["dates"].get(name) != date:
            raise _cannot(task, act, f"the {name.replace('_', ' ')} date was set since")


def _refuse_who_is_gone(uow: UnitOfWork, act: Row[Any], task: TaskRow, holder: Staff) -> None:
    """Whoever held it then has to be there and may have it, or it would lie with somebody who does nothing about it."""
    if not may_be_assigned(as_actor(holder, Origin.SLACK), task):
        raise _cannot(task, act, f"{holder.name}, who had it, may not have it any more")
    if holder.id == act.staff_id:
        return
    if not holder.active:
        raise _cannot(task, act, f"{holder.name}, who had it, is switched off")
    if holder.id in away_now(uow.session, task.program_id, uow.now):
        raise _cannot(task, act, f"{holder.name}, who had it, is away now")


def _offer(uow: UnitOfWork, actor: Actor, act: Row[Any], task: TaskRow) -> Outcome:
    ids = {"ids": act.kept["handoffs"]}
    for offer in uow.session.execute(_OFFERS, ids).all():
        lock(uow, actor.program_id, offer.task_id)
    offers = uow.session.execute(_OFFERS, ids).all()
    open_ = [offer for offer in offers if offer.state == "offered"]
    taken = [offer for offer in offers if offer.state == "accepted"]
    taker = offers[0].taker
    if taken and not open_:
        raise _cannot(task, act, f"{taker} has accepted it")
    if not open_ and not taken and any(offer.anew for offer in offers):
        raise _cannot(task, act, f"it was offered to {taker} anew since")
    handoff_rows.withdraw(uow, [offer.task_id for offer in open_])
    kept = f" {taker} has accepted {len(taken)} of them, and keeps those." if taken else ""
    what = task.name if len(offers) == 1 else f"{len(open_)} tasks"
    return Outcome(
        read(uow.session, actor.program_id, task.id), bool(open_),
        f"Undone: {what} {'is' if len(offers) == 1 else 'are'} not offered to {taker} any more.{kept}",
    )  # fmt: skip


def _stands(uow: UnitOfWork, task: TaskRow) -> dict[int, Row[Any]]:
    return {row.id: row for row in uow.session.execute(_STANDS, {"case": task.case_id})}


def _cannot(task: TaskRow, act: Row[Any], why: str) -> CannotUndo:
    instead = {
        "claim": f"To give it back: release {task.name}",
        "done": f"To take it back: reopen {task.name} <reason>",
        "skip": f"To take it back: reopen {task.name} <reason>",
        "handoff": "Ask them to hand it back, or a lead to assign it.",
    }[act.verb]
    return CannotUndo(f"The {_WORDS[act.verb]} of {task.name} cannot be undone: {why}. Nothing changed. {instead}")
