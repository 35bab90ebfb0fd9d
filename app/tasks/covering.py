"""While somebody is away: what they hold passes to their cover or the pool, and comes back at the end.

A task has one holder at any moment, and every passing is on record. It comes back when it is still open and is where
the absence, or a later absence of the cover, has put it: what people have done to it since stands.

`turn_due` turns one absence that is due, in one transaction:

1. the person's row is locked, so that nobody offers or assigns them anything meanwhile, and then the absence;
2. one that was over before it could begin ends and says nothing;
3. at its beginning offers to the person are withdrawn, and what they hold is passed on;
4. at its end what is still there comes back; what they may not have any more stays where it is;
5. each case gets one post, the person, the cover, and whoever was offered some of it one message each; at the
   beginning whoever waits for an answer of the person hears it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Row, insert, text

from app.audit import service as audit
from app.checklists.service import lock_case
from app.digests.service import welcome_back
from app.notices.places import outside
from app.notices.service import tell_case, tell_person, touch_card
from app.programs.absences import Absence, BadAbsence, absences_of, away_now, may_say_for, read_row, span
from app.programs.actor import Actor, Origin
from app.programs.models import Program, Staff
from app.programs.queries import as_actor
from app.programs.service import system
from app.questions import rows as questions
from app.store.types import table
from app.store.uow import OneFailed, UnitOfWork
from app.tasks import departures, handoff_rows, reminding, service
from app.tasks.brief import Brief
from app.tasks.models import AbsenceTask
from app.tasks.payload import line_of
from app.tasks.rows import TaskRow, due_words, lock, may_be_assigned, may_work, open_needs, read
from app.tasks.unowned import SHOWN, is_late, tell_leads, tell_leads_of

_PASSED = table(AbsenceTask)
AGAIN: Final = timedelta(minutes=10)
"""So long a second `back` means the first one."""
_NEXT = text(
    "SELECT a.id, a.staff_id FROM absences a JOIN staff s ON s.id = a.staff_id WHERE a.look_at <= :now"
    " ORDER BY a.look_at, a.begun_at IS NULL, a.id LIMIT 1 FOR NO KEY UPDATE OF s SKIP LOCKED"
)
_ALONE = text("SELECT id FROM staff WHERE id = :staff AND program_id = :program FOR NO KEY UPDATE")
_LOCK = text(
    "SELECT a.*, s.name, s.zone, c.name AS cover FROM absences a JOIN staff s ON s.id = a.staff_id"
    " LEFT JOIN staff c ON c.id = a.cover_id WHERE a.id = :absence AND a.ended_at IS NULL FOR UPDATE OF a"
)
_WHOSE = text("SELECT staff_id FROM absences WHERE id = :absence AND program_id = :program")
_ENDED_SINCE = text("SELECT 1 FROM absences WHERE staff_id = :staff AND ended_at > :since LIMIT 1")
# Asked only where an absence ended lately, so that what is looked for stands near the end of the chain.
_LAST_SAID = text(
    "SELECT action FROM audit_entries WHERE program_id = :program AND object_type = 'staff' AND object_id = :staff"
    " AND action IN ('absence.plan', 'absence.end') AND result = 'done' ORDER BY seq DESC LIMIT 1"
)
_BEGUN = text("UPDATE absences SET begun_at = :now, look_at = ends_at WHERE id = :absence")
_ENDED = text("UPDATE absences SET ended_at = :now, look_at = NULL WHERE id = :absence")
_PUT_OFF = text("UPDATE absences SET look_at = :until WHERE id = :absence AND look_at <= :now")
# What the person holds, and what is offered to them.
_HELD = text(
    "SELECT t.id, t.case_id, t.program_id FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.program_id = :program"
    " AND (t.holder_id = :staff AND t.state IN ('claimed', 'waiting') AND c.state = 'open' OR t.id IN"
    " (SELECT task_id FROM handoffs WHERE program_id = :program AND to_id = :staff AND state = 'offered'))"
    " ORDER BY t.id"
)
# That of the same person that is over by now, of which `_NEXT` may not have come to the end yet.
_OVER = text(
    "SELECT id FROM absences WHERE staff_id = :staff AND id <> :absence AND begun_at IS NOT NULL AND ended_at IS NULL"
    " AND ends_at <= :now ORDER BY ends_at"
)
# Where this absence put it, or where absences that still run have passed it on from there: that of the person to whom
# this one gave it, then that of whoever had it from them. From the pool nothing is passed on: who has it took it.
_STILL_THERE = text(
    "WITH RECURSIVE chain AS (SELECT p.id, p.task_id, p.to_id FROM absence_tasks p WHERE p.absence_id = :absence"
    "  UNION ALL SELECT l.id, l.task_id, l.to_id FROM chain JOIN absence_tasks l ON l.task_id = chain.task_id"
    "  AND l.id > chain.id JOIN absences a ON a.id = l.absence_id AND a.staff_id = chain.to_id"
    "  WHERE a.ended_at IS NULL) SELECT t.id, t.case_id, t.program_id FROM tasks t JOIN cases c ON c.id = t.case_id"
    " WHERE c.state = 'open' AND EXISTS (SELECT 1 FROM chain WHERE chain.task_id = t.id"
    "  AND (t.state IN ('claimed', 'waiting') AND t.holder_id = chain.to_id"
    "  OR t.state = 'ready' AND chain.to_id IS NULL)) ORDER BY t.id"
)
_GIVE = text(
    "UPDATE tasks SET state = CASE state WHEN 'ready' THEN 'claimed' ELSE state END, holder_id = :to,"
    " version = version + 1 WHERE id = :task AND state IN ('ready', 'claimed', 'waiting')"
)


_COVERED = text("SELECT 1 FROM absence_tasks WHERE absence_id = :absence AND to_id = :cover LIMIT 1")


class NotTurned(OneFailed):
    """Turning one absence failed."""


def turn_due(uow: UnitOfWork) -> int | None:
    """Begin or end one absence that is due; returns its id, None when none is. Raises `NotTurned`."""
    found = uow.session.execute(_NEXT, {"now": uow.now}).one_or_none()
    if found is None:
        return None
    absence_id: int = found.id
    try:
        row = uow.session.execute(_LOCK, {"absence": absence_id}).one_or_none()
        if row is not None and row.look_at <= uow.now:
            absence = read_row(row)
            actor = system(absence.program_id)
            if absence.ends_at <= uow.now or not _is_active(uow, absence.staff_id):
                _end(uow, actor, absence)
            else:
                _begin(uow, actor, absence)
        uow.finish()  # what was left for last is this one's too, and may fail as well
    except Exception as error:  # whatever it is, it must not stop the others
        raise NotTurned(absence_id, f"absence row {absence_id} could not be turned") from error
    return absence_id


def _is_active(uow: UnitOfWork, staff_id: int) -> bool:
    return uow.session.get_one(Staff, staff_id, populate_existing=True).active


def put_off(uow: UnitOfWork, absence_id: int, by: timedelta) -> None:
    """Look at an absence that failed later, so that others come first."""
    uow.session.execute(_PUT_OFF, {"absence": absence_id, "now": uow.now, "until": uow.now + by})


def come_back(uow: UnitOfWork, actor: Actor, staff_id: int) -> str:
    """End a person's absence now, or call off the next one; their own, or by a lead. Returns what came of it.

    Said again within `AGAIN`, it calls off no other, unless time off was planned since. Raises `NotAllowed`, and
    `BadAbsence` where there is none.
    """
    may_say_for(actor, staff_id)
    uow.session.execute(_ALONE, {"staff": staff_id, "program": actor.program_id})
    mine = staff_id == actor.staff_id
    nearest = next(iter(absences_of(uow.session, actor.program_id, staff_id)), None)
    again = uow.session.execute(_ENDED_SINCE, {"staff": staff_id, "since": uow.now - AGAIN}).all()
    if again and (nearest is None or not (nearest.runs(uow.now) or _planned_since(uow, actor, staff_id))):
        return f"{'You are' if mine else 'That person is'} back already."
    if nearest is None:
        who = "You are" if mine else "That person is"
        raise BadAbsence(f"{who} not away, and no time off is planned. Nothing changed.")
    return _ended(uow, actor, nearest.id)


def _planned_since(uow: UnitOfWork, actor: Actor, staff_id: int) -> bool:
    """Whether time off of the person was planned after some of it ended last."""
    values = {"program": actor.program_id, "staff": str(staff_id)}
    return uow.session.execute(_LAST_SAID, values).scalar_one_or_none() == "absence.plan"


def call_off(uow: UnitOfWork, actor: Actor, absence_id: int) -> str:
    """The same for one absence; one that is over is no error."""
    values = {"absence": absence_id, "program": actor.program_id}
    staff_id = uow.session.execute(_WHOSE, values).scalar_one_or_none()
    if staff_id is None:
        raise BadAbsence("That time off is not there. Nothing changed.")
    may_say_for(actor, staff_id)
    uow.session.execute(_ALONE, {"staff": staff_id, "program": actor.program_id})
    return _ended(uow, actor, absence_id)


def _ended(uow: UnitOfWork, actor: Actor, absence_id: int) -> str:
    row = uow.session.execute(_LOCK, {"absence": absence_id}).one_or_none()
    if row is None:
        return "That time off is over already."
    mine = row.staff_id == actor.staff_id
    absence = read_row(row)
    who = "You are" if mine else f"{absence.name} is"
    if not absence.begun:
        _end(uow, actor, absence)
        if not absence.runs(uow.now):
            return f"Called off: the time off {span(absence.first, absence.last)}."
        return f"{who} back. Nothing had been passed on yet."
    returned = _end(uow, actor, absence)
    names = ", ".join(task.name for task in returned)
    return f"{who} back." + (f" Back with {'you' if mine else absence.name}: {names}." if names else "")


def _begin(uow: UnitOfWork, actor: Actor, absence: Absence) -> None:
    # One that ends where this one begins returns its tasks first, so that they pass on again with the others.
    values = {"staff": absence.staff_id, "absence": absence.id, "now": uow.now}
    for over in uow.session.execute(_OVER, values).scalars().all():
        row = uow.session.execute(_LOCK, {"absence": over}).one_or_none()
        if row is not None:
            _end(uow, actor, read_row(row))
    person = uow.session.get_one(Staff, absence.staff_id, populate_existing=True)
    cover = _cover(uow, absence)
    held = {"program": absence.program_id, "staff": absence.staff_id}
    tasks = _locked(uow, uow.session.execute(_HELD, held).all())
    offers = handoff_rows.offered(uow, [task.id for task in tasks])
    departures.withdraw_offers(uow, person, f"is away {absence.until(uow.now)}")
    tasks = [
        task
        for task in tasks
        if task.holder_id == absence.staff_id and task.state in ("claimed", "waiting") and task.case_open
    ]
    passed, pooled = [], []
    for task in tasks:
        takes = cover is not None and may_work(as_actor(cover, Origin.TIMER), task)
        uow.session.execute(insert(_PASSED), {
            "absence_id": absence.id, "task_id": task.id, "program_id": task.program_id,
            "to_id": cover.id if cover is not None and takes else None,
        })  # fmt: skip
        if cover is not None and takes:
            passed.append(_give(uow, actor, task, cover.id, "task.cover"))
        else:
            pooled.append(service.release(uow, actor, task.id).task)
    uow.session.execute(_BEGUN, {"absence": absence.id, "now": uow.now})
    audit.record(uow, actor, "absence.begin", "staff", absence.staff_id)
    pooled = [task for task in pooled if task.state != "skipped"]
    # Given back it waits for nobody any more; whom it had waited for is the last that is known of it.
    waited = {task.id: f"It waited for the {task.waiting_on.replace('_', ' ')}." for task in tasks if task.waiting_on}
    words = {task.id: waited[task.id] for task in pooled if task.id in waited}
    briefs = {task.id: offers[task.id][0] for task in tasks if task.id in offers}
    _tell_cases(uow, absence, person, cover, [*passed, *pooled], words, briefs)
    tell_leads(
        uow, absence.program_id, [(task, "nobody has it") for task in pooled],
        f"{person.name} is away {absence.until(uow.now)}", besides=person.id,
    )  # fmt: skip
    _say_begun(uow, absence, person, cover, passed, pooled)
    receivers = {task.id: offers[task.id][1] for task in tasks if task.id in offers}
    _say_offers_ended(uow, absence, person, cover, [*passed, *pooled], receivers)
    questions.tell_away(uow, absence)


def _end(uow: UnitOfWork, actor: Actor, absence: Absence) -> list[TaskRow]:
    """End it; returns what came back, which is what they may have still.

    Of somebody who was switched off meanwhile nobody is told anything.
    """
    uow.session.execute(_ENDED, {"absence": absence.id, "now": uow.now})
    audit.record(uow, actor, "absence.end", "staff", absence.staff_id)
    welcome_back(uow, absence.staff_id)
    person = uow.session.get_one(Staff, absence.staff_id, populate_existing=True)
    if not absence.begun or not person.active:
        return []
    there = uow.session.execute(_STILL_THERE, {"absence": absence.id}).all()
    _locked(uow, there)
    # Looked at once more, now that nobody else can move them.
    still = {row.id for row in uow.session.execute(_STILL_THERE, {"absence": absence.id}).all()} if there else set()
    tasks = [read(uow.session, absence.program_id, row.id) for row in there if row.id in still]
    kept = [task for task in tasks if not may_be_assigned(as_actor(person, Origin.TIMER), task)]
    returned = [_give(uow, actor, task, person.id, "task.return") for task in tasks if task not in kept]
    departures.go_past(uow, absence, [task.id for task in kept])
    tell_leads_of(
        uow, absence.program_id, [(task, "nobody has it") for task in kept if task.holder_id is None],
        f"{person.name} is back and may not have these any more", "of what is in the pool",
    )  # fmt: skip
    covered = uow.session.execute(_COVERED, {"absence": absence.id, "cover": absence.cover_id}).all()
    cover = uow.session.get(Staff, absence.cover_id) if covered else None
    _tell_cases(uow, absence, person, cover, returned)
    _say_ended(uow, absence, person, cover, returned, kept)
    return returned


def _cover(uow: UnitOfWork, absence: Absence) -> Staff | None:
    """Who covers, unless they are switched off, away themselves or unknown to Slack by now."""
    if absence.cover_id is None or absence.cover_id in away_now(uow.session, absence.program_id, uow.now):
        return None
    if absence.cover_id in outside(uow.session, absence.program_id):
        return None
    cover = uow.session.get(Staff, absence.cover_id, populate_existing=True, with_for_update={"read": True})
    return cover if cover is not None and cover.active else None


def _locked(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> list[TaskRow]:
    """Cases before tasks, each in the order of its ids, as every verb that may settle a case locks them."""
    for case_id in sorted({row.case_id for row in rows}):
        lock_case(uow, case_id)
    return [lock(uow, row.program_id, row.id) for row in rows]


def _give(uow: UnitOfWork, actor: Actor, task: TaskRow, to: int, action: str) -> TaskRow:
    uow.session.execute(_GIVE, {"task": task.id, "to": to})
    handoff_rows.withdraw(uow, [task.id])
    reminding.changes_hands(uow, task)
    audit.record(uow, actor, action, "task", task.id, case_id=task.case_id, fields=("holder_id",))
    touch_card(uow, task.case_id)
    return read(uow.session, task.program_id, task.id)


def _tell_cases(
    uow: UnitOfWork,
    absence: Absence,
    person: Staff,
    cover: Staff | None,
    tasks: Sequence[TaskRow],
    words: Mapping[int, str] | None = None,
    briefs: Mapping[int, Brief] | None = None,
) -> None:
    """One post a case: at the beginning with the last `words` on tasks that are in the pool now, else of the end.

    `briefs` are what went with offers of these tasks that nobody had accepted.
    """
    for case_id, group in groupby(sorted(tasks, key=lambda task: (task.case_id, task.no)), lambda task: task.case_id):
        notice, rows = uuid4(), list(group)
        lines = [
            line_of(
                task, task.holder_slack,
                waits_for=open_needs(uow.session, task) if task.state == "blocked" else (),
            )
            | {"late": is_late(task, uow), "word": (words or {}).get(task.id)}
            | ({"brief": briefs[task.id].columns()} if briefs and task.id in briefs else {})
            for task in rows
        ]  # fmt: skip
        payload = {
            "code": rows[0].code, "zone": rows[0].zone, "from": person.slack_user_id,
            "to": None if cover is None else cover.slack_user_id, "until": absence.last.isoformat(),
            "today": absence.until(uow.now) == "today", "back": words is None, "tasks": lines,
        }  # fmt: skip
        tell_case(uow, case_id, "covered", f"covered:{notice}", payload, notice_id=notice)


def _say_begun(
    uow: UnitOfWork,
    absence: Absence,
    person: Staff,
    cover: Staff | None,
    passed: Sequence[TaskRow],
    pooled: Sequence[TaskRow],
) -> None:
    until = absence.until(uow.now)
    lines = [f"{cover.name} has meanwhile: {_names(passed)}"] if cover is not None and passed else []
    if absence.cover and not cover:
        lines.append(f"{absence.cover} cannot cover: away as well, switched off, or not in the workspace.")
    free = [task for task in pooled if task.state == "ready"]
    waits = [task for task in pooled if task.state != "ready"]
    lines += [f"Back in the pool: {_names(free)}"] if free else []
    lines += [f"Given back, to wait for other tasks first: {_names(waits)}"] if waits else []
    lines.append("What is still there comes back to you at the end. To be back sooner: back")
    _say(uow, absence, person.id, f"You are away {until}", lines)
    if cover is not None:
        _say(uow, absence, cover.id, f"You cover for {person.name} {until}", _yours(uow, passed))


def _yours(uow: UnitOfWork, passed: Sequence[TaskRow]) -> list[str]:
    """What the cover has now, what is due first on top, and how it goes on."""
    if not passed:
        return ["They hold nothing that you could take over."]
    nearest = sorted(passed, key=lambda task: (task.due_at is None, task.due_at, task.code, task.no))
    lines = [f"{task.name} {task.title}.{due_words(task, uow.now)}" for task in nearest[:SHOWN]]
    more = [f"And {len(passed) - SHOWN} more."] if len(passed) > SHOWN else []
    return ["Yours meanwhile:", *lines, *more, "To finish them, say whom they wait for or hand them off: /tasks mine"]


def _say_offers_ended(
    uow: UnitOfWork,
    absence: Absence,
    person: Staff,
    cover: Staff | None,
    tasks: Sequence[TaskRow],
    receivers: Mapping[int, int],
) -> None:
    """Tell whoever was offered some of it that the offer is over, and where the task is; the cover knows."""
    told = {task for task, receiver in receivers.items() if cover is None or receiver != cover.id}
    offered = sorted(
        (receivers[task.id], _place(task, cover), task.code, task.no, task) for task in tasks if task.id in told
    )
    for receiver, group in groupby(offered, lambda one: one[0]):
        lines = [
            f"No longer offered to you, and {place}: {_names([task for *_, task in some])}"
            for place, some in groupby(group, lambda one: one[1])
        ]
        _say(uow, absence, receiver, f"{person.name} is away {absence.until(uow.now)}", lines)


def _place(task: TaskRow, cover: Staff | None) -> str:
    if task.holder_id is not None and cover is not None:
        return f"with {cover.name} until then"
    return "to be claimed" if task.state == "ready" else "waiting for other tasks first"


def _say_ended(
    uow: UnitOfWork,
    absence: Absence,
    person: Staff,
    cover: Staff | None,
    returned: Sequence[TaskRow],
    kept: Sequence[TaskRow],
) -> None:
    mine = [f"Yours again: {_names(returned)}"] if returned else []
    mine += [f"Not back, since your roles were changed: {_names(kept)}"] if kept else []
    _say(uow, absence, person.id, "You are back", mine or ["Nothing of what was passed on is left to come back."])
    if cover is not None:
        theirs = [f"With {person.name} again: {_names(returned)}" if returned else "Nothing goes back to them."]
        stays = [task for task in kept if task.holder_id == cover.id]
        theirs += [f"Stays with you, since {person.name} may not have it any more: {_names(stays)}"] if stays else []
        _say(uow, absence, cover.id, f"{person.name} is back", theirs)


def _say(uow: UnitOfWork, absence: Absence, staff_id: int, head: str, lines: Sequence[str]) -> None:
    zone = uow.session.get_one(Program, absence.program_id).zone
    payload = {"zone": zone, "head": head, "lines": list(lines)}
    tell_person(uow, staff_id, "away", f"away:{absence.id}:{staff_id}:{uuid4()}", payload)


def _names(tasks: Sequence[TaskRow]) -> str:
    names = "; ".join(f"{task.name} {task.title}" for task in tasks[:SHOWN])
    return names if len(tasks) <= SHOWN else f"{names}; and {len(tasks) - SHOWN} more"
