# ruff: noqa: S608 - the statements are put together from constants alone
"""What people do to tasks. Each verb is a conditional update: one winner, and the loser is told who won."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text

from app.audit import service as audit
from app.cases.identity import case_text
from app.checklists.firm import tell_not_firm
from app.checklists.rules import waivers_of
from app.checklists.service import lock_case, settle
from app.checklists.vocabulary import Awaited, EvidenceKind, whoever
from app.clocks import service as clocks
from app.kernel.keydates import KEY_DATES
from app.notices.service import tell_case, touch_card
from app.programs.absences import refuse_not_there
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.programs.queries import active_person, as_actor, calendar_of
from app.store.uow import UnitOfWork
from app.tasks import acts, handoff_rows, reminding
from app.tasks.closing import closing, keeps, sealing
from app.tasks.models import AT_REST
from app.tasks.payload import line_of
from app.tasks.refusals import GateShut, NotAttested, NotHolder, TaskTaken, WrongState
from app.tasks.rows import (
    Outcome,
    TaskRow,
    asked_for,
    due_words,
    lock,
    may_be_assigned,
    open_needs,
    read,
    refuse_ineligible,
)
from app.tasks.timing import refuse_early
from app.tasks.unowned import is_late

# The winner is whoever's UPDATE still finds the task ready; everybody else sees no row. Whoever is being switched off
# at this moment, or loses a role or a skill, gets nothing: their row is locked against that, in the same statement.
_CLAIM = text(
    "UPDATE tasks SET state = 'claimed', holder_id = :holder, version = version + 1"
    " WHERE id = :task AND state = 'ready' AND (SELECT active AND roles @> string_to_array(:roles, chr(10))"
    " AND skills @> string_to_array(:skills, chr(10)) FROM staff WHERE id = :holder FOR SHARE) RETURNING version"
)
_RELEASE = text(
    f"UPDATE tasks SET state = 'ready', holder_id = NULL, {AT_REST}, remind_lead = NULL, version = version + 1"
    " WHERE id = :task AND state IN ('claimed', 'waiting')"
)
_ASSIGN = text(
    "UPDATE tasks SET state = CASE state WHEN 'ready' THEN 'claimed' ELSE state END, holder_id = :holder,"
    " version = version + 1 WHERE id = :task AND state IN ('ready', 'claimed', 'waiting')"
)
_WAIT = text(
    "UPDATE tasks SET state = 'waiting', waiting_on = :awaited, waiting_note = :note,"
    " waiting_since = CASE WHEN state = 'waiting' AND waiting_on = :awaited THEN waiting_since ELSE :now END,"
    " version = version + 1 WHERE id = :task AND state IN ('claimed', 'waiting')"
)
_RESUME = text(
    "UPDATE tasks SET state = 'claimed', waiting_on = NULL, waiting_since = NULL, waiting_note = NULL,"
    " version = version + 1 WHERE id = :task AND state = 'waiting'"
)
_CLOSED = f"{AT_REST}, closed_at = :now, closed_by = :by, version = version + 1"
_DONE = text(
    "UPDATE tasks SET state = 'done', evidence = CAST(:evidence AS jsonb), attested_by = :attested_by,"
    f" {_CLOSED}"
    " WHERE id = :task AND state IN ('ready', 'claimed', 'waiting')"
)
_SKIP = text(
    f"UPDATE tasks SET state = 'skipped', reason = :reason, waived_by = :waived, {_CLOSED}"
    " WHERE id = :task AND state IN ('blocked', 'ready', 'claimed', 'waiting')"
)
_WAIVE = text(
    "UPDATE tasks SET state = 'done', waived_by = :by, reason = :reason, evidence = CAST(:evidence AS jsonb),"
    f" {_CLOSED}"
    " WHERE id = :task AND state IN ('blocked', 'ready', 'claimed', 'waiting')"
)
_REOPEN = text(
    "UPDATE tasks SET state = 'ready', holder_id = NULL, ready_at = coalesce(ready_at, :now), evidence = NULL,"
    " attested_by = NULL, waived_by = NULL, reason = NULL, closed_at = NULL, closed_by = NULL, due_at = NULL,"
    " breached_at = NULL, remind_lead = NULL, version = version + 1"
    " WHERE id = :task AND state IN ('done', 'skipped')"
)
_DATE = text("SELECT 1 FROM key_dates d JOIN tasks t ON t.case_id = d.case_id WHERE t.id = :task AND d.name = :name")
_SIBLINGS = text("SELECT item_id, no, state FROM tasks WHERE track_id = :track")


def claim(uow: UnitOfWork, actor: Actor, task_id: int) -> Outcome:
    """Take a ready task. Exactly one of any number of claimants gets it; `TaskTaken` names who did."""
    task = read(uow.session, actor.program_id, task_id)
    _case_is_open(task)
    refuse_ineligible(actor, task)
    had = {"roles": "\n".join(actor.roles), "skills": "\n".join(actor.skills)}
    won = uow.session.execute(_CLAIM, {"task": task.id, "holder": actor.staff_id} | had).one_or_none()
    if won is None:
        return _not_claimed(uow, actor, task)
    task = replace(task, state="claimed", holder_id=actor.staff_id, holder_name=actor.name)
    _note(uow, actor, "task.claim", task, "holder_id")
    act = acts.remember(uow, actor, task.id, "claim", won.version)
    return Outcome(task, True, f"Claimed {task.name}: {task.title}.{due_words(task, uow.now)}", act)


def _not_claimed(uow: UnitOfWork, actor: Actor, task: TaskRow) -> Outcome:
    task = read(uow.session, actor.program_id, task.id)
    if task.holder_id == actor.staff_id and task.state in ("claimed", "waiting"):
        return Outcome(task, False, f"{task.name} is yours already.{due_words(task, uow.now)}")
    if task.state in ("claimed", "waiting"):
        raise TaskTaken(task.name, task.holder_name or "Somebody")
    if task.state == "ready" and actor.staff_id is not None:
        now = as_actor(active_person(uow.session, actor.program_id, actor.staff_id), actor.origin)
        if not (actor.roles <= now.roles and actor.skills <= now.skills):
            return claim(uow, now, task.id)  # by what they have now, which stays so until the end
    raise WrongState(state_words(uow, task))


def release(uow: UnitOfWork, actor: Actor, task_id: int) -> Outcome:
    """Give a task back, so that anybody may claim it. The holder may, and a lead; and the system, for who is away.

    What was kept because somebody held it (a need was reopened, its condition is gone) is caught up with now.
    """
    task = _lock_with_case(uow, actor, task_id)
    if task.state == "ready":
        return Outcome(task, False, f"{task.name} is free already.")
    _held_by(uow, actor, task, "release")
    if task.state == "waiting":
        _run_on(uow, task, "released")
    uow.session.execute(_RELEASE, {"task": task.id})
    ended = "".join(f" The offer to {offer.to_name} is withdrawn." for offer in handoff_rows.withdraw(uow, [task.id]))
    reminding.changes_hands(uow, task)
    _note(uow, actor, "task.release", task, "holder_id")
    settle(uow, actor, task.case_id)
    task = _now(uow, task)
    if task.state == "blocked":
        needs = _listed(open_needs(uow.session, task))
        return Outcome(task, True, f"Released {task.name}. It waits for {needs} now.{ended}")
    if task.state == "skipped":
        return Outcome(task, True, f"Released {task.name}. It does not apply to the case any more.{ended}")
    return Outcome(task, True, f"Released {task.name}. Anybody who may can claim it.{ended}")


def assign(uow: UnitOfWork, actor: Actor, task_id: int, staff_id: int) -> Outcome:
    """Give a task to a person. Leads and managers may; the person needs the role, not the skill.

    Raises `IsAway` for somebody who is away now.
    """
    if not actor.leads:
        raise NotAllowed("Only a lead assigns tasks. Nothing changed. Claim it yourself, or offer a handoff.")
    person = active_person(uow.session, actor.program_id, staff_id)
    task = lock(uow, actor.program_id, task_id)
    _case_is_open(task)
    if task.state not in ("ready", "claimed", "waiting"):
        raise WrongState(state_words(uow, task))
    refuse_not_there(uow, person)
    if not may_be_assigned(as_actor(person, actor.origin), task):
        asked = asked_for(task, skill=False)
        raise NotAllowed(f"{task.name} is for {asked}, and {person.name} is not. Nothing changed. Pick another person.")
    if task.holder_id == person.id and task.state in ("claimed", "waiting"):
        return Outcome(task, False, f"{task.name} is with {person.name} already.")
    uow.session.execute(_ASSIGN, {"task": task.id, "holder": person.id})
    handoff_rows.withdraw(uow, [task.id])
    reminding.changes_hands(uow, task)
    _note(uow, actor, "task.assign", task, "holder_id")
    former = task.holder_slack if task.holder_id not in (person.id, actor.staff_id) else None
    task = replace(_now(uow, task), holder_id=person.id, holder_name=person.name)
    if person.id != actor.staff_id:
        payload = {
            "code": task.code,
            "zone": task.zone,
            "tasks": [line_of(task, person.slack_user_id) | {"late": is_late(task, uow)}],
            "to": person.slack_user_id,
            "from": former,
            "by": actor.slack_user_id,
        }
        tell_case(uow, task.case_id, "assigned", f"assigned:{task.id}:{_version(uow, task)}", payload)
    return Outcome(task, True, f"Assigned {task.name} to {person.name}.{due_words(task, uow.now)}")


def wait(uow: UnitOfWork, actor: Actor, task_id: int, awaited: Awaited, note: str | None = None) -> Outcome:
    """Say who the task waits for. Its own SLA clock pauses where the template lets it; due dates never do."""
    task = lock(uow, actor.program_id, task_id)
    _held_by(uow, actor, task, "wait")
    words = case_text(uow, task.case_id, note, "note", reference=True) if note else None
    same = task.state == "waiting" and task.waiting_on == awaited.value
    if same and words is None:
        return Outcome(task, False, f"{task.name} is waiting for the {_awaited(awaited)} already.")
    if task.state == "waiting" and not same:
        _run_on(uow, task, "waits for somebody else")
    uow.session.execute(_WAIT, {"task": task.id, "awaited": awaited.value, "note": words, "now": uow.now})
    paused = awaited in task.item.pauses and clocks.pause(uow, task.id, f"waits for {awaited.value}")
    _note(uow, actor, "task.wait", task, "waiting_on")
    clock = " Its own clock is paused; the due date is not." if paused else ""
    why = f": {words.rstrip('.')}" if words else ""
    said = f"{task.name} now waits for the {_awaited(awaited)}{why}.{clock} When it is back: resume {task.name}"
    return Outcome(_now(uow, task), True, said)


def resume(uow: UnitOfWork, actor: Actor, task_id: int) -> Outcome:
    """Go on with a waiting task; a paused clock runs on."""
    task = lock(uow, actor.program_id, task_id)
    _held_by(uow, actor, task, "resume")
    if task.state == "claimed":
        return Outcome(task, False, f"{task.name} is not waiting; it is yours to do.")
    _run_on(uow, task, "resumed")
    uow.session.execute(_RESUME, {"task": task.id})
    _note(uow, actor, "task.resume", task, "waiting_on")
    task = _now(uow, task)
    return Outcome(task, True, f"{task.name} runs again.{due_words(task, uow.now)}")


def done(
    uow: UnitOfWork, actor: Actor, task_id: int, evidence: str | None = None, reference: str | None = None
) -> Outcome:
    """Finish a task with the evidence that its item asks for, and the reference where it asks for one besides.

    The holder may, whoever could claim it while nobody holds it, and for an attestation whoever may attest.
    Raises `TooEarly` before the day of the event that the item comes after.
    """
    task = _lock_with_case(uow, actor, task_id)
    if task.state == "done" and task.closed_by == actor.staff_id:
        said = f"{task.name} is done already, by you."
        if not keeps(uow, task, evidence, reference):
            said += f" What you gave now is not kept, the first stays. To change it, write: reopen {task.name} <reason>"
        return Outcome(task, False, said)
    _case_is_open(task)
    if task.state in ("done", "skipped", "blocked") or open_needs(uow.session, task):
        raise _cannot_finish(uow, task)
    attests = task.item.evidence.kind is EvidenceKind.ATTESTATION
    if attests and not actor.has(*task.item.evidence.by):
        who = whoever(task.item.evidence.by)
        raise NotAttested(f"{task.name} needs the signed word of {who}. Nothing changed. Ask them to press Done on it.")
    if not attests and task.holder_id != actor.staff_id:
        if task.holder_id is not None:
            raise NotHolder(
                f"{task.name} is with {task.holder_name}. Nothing changed. Ask for a handoff, or have a lead assign it."
            )
        refuse_ineligible(actor, task)
    refuse_early(uow, task)
    closed = closing(uow, task, evidence, reference)
    values = {
        "task": task.id,
        "evidence": None if closed.kept is None else json.dumps(closed.kept),
        "attested_by": actor.staff_id if attests else None,
        "by": actor.staff_id,
        "now": uow.now,
    }
    before = acts.snapshot(uow, task.case_id)
    uow.session.execute(_DONE, values)
    outcome = _closed(uow, actor, task, "task.done", f"Done: {task.name}, {task.title}.{closed.said}", "evidence")
    return replace(outcome, act=acts.remember_closing(uow, actor, task, "done", before))


def skip(uow: UnitOfWork, actor: Actor, task_id: int, reason: str) -> Outcome:
    """Leave a task out, with a reason. The holder or a lead; what is attested, only a lead.

    What a gate stands on is left out only by the roles that may waive the gate, and that is kept as a waiver.
    """
    task = _lock_with_case(uow, actor, task_id)
    if task.state == "skipped":
        return Outcome(task, False, f"{task.name} is skipped already.")
    if task.state == "done":
        raise WrongState(state_words(uow, task))
    waivers = waivers_of(task.template, task.item)
    if waivers is not None and not actor.has(*waivers):
        who = whoever(sorted(waivers))
        raise NotAllowed(
            f"A gate stands on {task.name}, so only {who} skips it. Nothing changed. Ask one, with the reason."
        )
    attested = task.item.evidence.kind is EvidenceKind.ATTESTATION
    if waivers is None and not actor.leads and (attested or task.holder_id != actor.staff_id):
        raise NotAllowed(f"Only a lead skips {task.name}. Nothing changed. Ask your lead, with the reason.")
    words = case_text(uow, task.case_id, reason, "reason")
    waived = None if waivers is None else actor.staff_id
    values = {"task": task.id, "reason": words, "waived": waived, "by": actor.staff_id, "now": uow.now}
    before = acts.snapshot(uow, task.case_id)
    uow.session.execute(_SKIP, values)
    outcome = _closed(uow, actor, task, "task.skip", f"Skipped {task.name}.", "state", reason=words)
    return replace(outcome, act=acts.remember_closing(uow, actor, task, "skip", before))


def waive(uow: UnitOfWork, actor: Actor, task_id: int, reason: str) -> Outcome:
    """Pass a gate task although what it needs is open, with a reason, by the roles that its template names."""
    task = _lock_with_case(uow, actor, task_id)
    if task.item.gate is None:
        raise WrongState(f"{task.name} is no gate, so it cannot be waived. Nothing changed. Finish or skip it.")
    if task.state == "done" and task.waived and task.closed_by == actor.staff_id:
        return Outcome(task, False, f"{task.name} is waived already, by you.")
    if task.state in ("done", "skipped"):
        raise WrongState(state_words(uow, task))
    if not actor.has(*task.item.gate.waiver):
        who = whoever(task.item.gate.waiver)
        raise NotAllowed(f"Only {who} waives {task.name}. Nothing changed. Ask one, with the reason.")
    if not open_needs(uow.session, task):
        raise WrongState(
            f"Nothing stands in the way of {task.name}, so there is nothing to waive. Nothing changed. Finish it: "
            f"done {task.name}"
        )
    words = case_text(uow, task.case_id, reason, "reason for the waiver")
    sealed = sealing(uow, task)
    values = {"task": task.id, "reason": words, "by": actor.staff_id, "now": uow.now}
    uow.session.execute(_WAIVE, values | {"evidence": json.dumps(sealed.kept) if sealed.kept else None})
    return _closed(uow, actor, task, "task.waive", f"Waived {task.name}.{sealed.said}", "waived_by", reason=words)


def reopen(uow: UnitOfWork, actor: Actor, task_id: int, reason: str) -> Outcome:
    """Take back that a task is done or skipped. Whoever closed it or a lead; behind a passed gate only a lead."""
    task = _lock_with_case(uow, actor, task_id)
    _case_is_open(task)
    if task.state not in ("done", "skipped"):
        return Outcome(task, False, f"{task.name} is open already.")
    if task.withdrawn:
        raise WrongState(f"The component of {task.name} was withdrawn. Nothing changed. Add the component anew.")
    if task.left_out:
        raise WrongState(
            f"{task.name} does not apply to the case as it stands. Nothing changed. It comes back by itself once it "
            "does."
        )
    standing = [name for name in task.item.gates if uow.session.execute(_DATE, {"task": task.id, "name": name}).all()]
    behind = [*_passed_gates(uow, task), *(f"the {KEY_DATES[name]} date" for name in standing)]
    if not actor.leads and (behind or task.closed_by != actor.staff_id):
        gate = f" since {behind[0]} was let through by it" if behind else ""
        raise NotAllowed(f"Only a lead reopens {task.name}{gate}. Nothing changed. Ask your lead, with the reason.")
    words = case_text(uow, task.case_id, reason, "reason")
    uow.session.execute(_REOPEN, {"task": task.id, "now": uow.now})
    _note(uow, actor, "task.reopen", task, "state", reason=words)
    settle(uow, actor, task.case_id)
    tell_not_firm(uow, task.case_id, standing)
    task = _now(uow, task)
    if task.state == "blocked":
        return Outcome(task, True, f"Reopened {task.name}. It waits for {_listed(open_needs(uow.session, task))}.")
    if task.state == "skipped":
        return Outcome(task, True, f"{task.name} is not done any more, and does not apply to the case any more.")
    return Outcome(task, True, f"Reopened {task.name}. It can be claimed again.")


def _lock_with_case(uow: UnitOfWork, actor: Actor, task_id: int) -> TaskRow:
    """For verbs that may open or shut other tasks of the case."""
    lock_case(uow, read(uow.session, actor.program_id, task_id).case_id)
    return read(uow.session, actor.program_id, task_id)


def _closed(
    uow: UnitOfWork,
    actor: Actor,
    task: TaskRow,
    action: str,
    said: str,
    changed: str,
    *,
    reason: str | None = None,
) -> Outcome:
    clocks.stop(uow, [task.id], action)
    handoff_rows.withdraw(uow, [task.id])
    _note(uow, actor, action, task, changed, reason=reason)
    freed = len(settle(uow, actor, task.case_id).freed)
    opened = f" It opened {freed} more." if freed else ""
    return Outcome(_now(uow, task), True, said + opened)


def _note(
    uow: UnitOfWork, actor: Actor, action: str, task: TaskRow, changed: str, *, reason: str | None = None
) -> None:
    audit.record(uow, actor, action, "task", task.id, case_id=task.case_id, fields=(changed,), reason=reason)
    touch_card(uow, task.case_id)


def _held_by(uow: UnitOfWork, actor: Actor, task: TaskRow, verb: str) -> None:
    if task.state == "ready":
        raise WrongState(f"Nobody has {task.name}. Nothing changed. Claim it first: claim {task.name}")
    if task.state not in ("claimed", "waiting"):
        raise WrongState(state_words(uow, task))
    if task.holder_id != actor.staff_id and not actor.leads and actor.staff_id is not None:
        raise NotHolder(f"{task.name} is with {task.holder_name}; only they or a lead can {verb} it. Nothing changed.")


def _case_is_open(task: TaskRow) -> None:
    if not task.case_open:
        raise WrongState(f"Case {task.code} is closed. Nothing changed. A lead opens it again: reopen {task.code}")


def _run_on(uow: UnitOfWork, task: TaskRow, why: str) -> None:
    program = uow.session.get_one(Program, task.program_id)
    clocks.resume(uow, task.id, task.item, calendar_of(program), task.remind_lead, why)


def _now(uow: UnitOfWork, task: TaskRow) -> TaskRow:
    return read(uow.session, task.program_id, task.id)


def _version(uow: UnitOfWork, task: TaskRow) -> int:
    found: int = uow.session.execute(text("SELECT version FROM tasks WHERE id = :task"), {"task": task.id}).scalar_one()
    return found


def _cannot_finish(uow: UnitOfWork, task: TaskRow) -> Exception:
    needed = tuple(open_needs(uow.session, task))
    if needed and task.item.gate is not None and task.state not in ("done", "skipped"):
        who = whoever(task.item.gate.waiver)
        return GateShut(
            f"{task.name} cannot be done while {_listed(needed)} is open. Nothing changed. Finish that first, or "
            f"{who} waives it: waive {task.name} <reason>",
            needed,
        )
    if needed and task.state in ("ready", "claimed", "waiting"):
        return WrongState(f"{task.name} has to wait for {_listed(needed)}. Nothing changed. Do that first.")
    return WrongState(state_words(uow, task))


def state_words(uow: UnitOfWork, task: TaskRow) -> str:
    """How a task stands, for whoever wanted to do what cannot be done to it as it does."""
    if task.state == "blocked":
        return f"{task.name} has to wait for {_listed(open_needs(uow.session, task))}. Nothing changed. Do that first."
    if task.state in ("claimed", "waiting"):
        return f"{task.name} is with {task.holder_name}. Nothing changed."
    if task.state == "ready":
        return f"{task.name} is free. Nothing changed. Claim it: claim {task.name}"
    return f"{task.name} is {task.state} already. Nothing changed. To take that back: reopen {task.name} <reason>"


def _passed_gates(uow: UnitOfWork, task: TaskRow) -> list[str]:
    rows = {row.item_id: row for row in uow.session.execute(_SIBLINGS, {"track": task.track_id})}
    return [
        f"{task.code}-{rows[item.id].no}"
        for item in task.template.items
        if item.gate is not None and task.item.id in item.needs and item.id in rows
        and rows[item.id].state == "done"
    ]  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "another task"


def _awaited(awaited: Awaited) -> str:
    return awaited.value.replace("_", " ")
