"""The evidence with which a task is closed, held against the case that it belongs to."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from app.cases.identity import known_words
from app.checklists.vocabulary import NOT_APPLICABLE, EvidenceKind
from app.kernel.clock import moment_words
from app.refusals import Refusal
from app.store.uow import UnitOfWork
from app.tasks.evidence import REFERENCE_LENGTH, Days, read_evidence, unchecked
from app.tasks.rows import TaskRow
from app.text import plain

SEAL_LENGTH = 16
"""Hex characters of a seal: short enough to be read out, and 64 bits are too many to meet by accident."""

_DAYS = text("SELECT name, day FROM key_dates WHERE case_id = :case")
# The moment as a number: as text it would depend on the session's zone. What is open is open: that somebody claims it
# changes nothing of what was sealed.
_SEALED = text(
    "SELECT item_id, CASE WHEN state IN ('done', 'skipped') THEN state ELSE 'open' END AS state, evidence,"
    " attested_by, waived_by, reason, extract(epoch FROM closed_at)::text AS closed_at FROM tasks"
    " WHERE track_id = :track AND item_id = ANY(:items) ORDER BY item_id"
)
_SEAL = text("SELECT evidence->>'seal' FROM tasks WHERE id = :task")
_HELD = text("SELECT evidence FROM tasks WHERE id = :task")
_CLOSED = text(
    "SELECT s.name, t.closed_at, coalesce(t.evidence->>'reference', nullif(t.evidence->>'kind', :signed)) AS given"
    " FROM tasks t LEFT JOIN staff s ON s.id = t.closed_by WHERE t.id = :task"
)
_FINISHED = text(
    "SELECT t.no, t.title, t.state, s.name, t.closed_at, t.evidence->>'value', t.evidence->>'reference', t.reason"
    " FROM tasks t LEFT JOIN staff s ON s.id = t.closed_by WHERE t.case_id = :case AND t.state IN ('done', 'skipped')"
    " AND NOT (t.state = 'skipped' AND t.closed_by IS NULL AND t.reason = :rules) ORDER BY t.closed_at DESC, t.no DESC"
)


@dataclass(frozen=True)
class Closing:
    """What is kept with a done task, and what has to be said of it."""

    kept: dict[str, str] | None
    said: str


@dataclass(frozen=True)
class Finished:
    """How a task ended: `state` is `done` or `skipped`, `reason` why it was left out or waived; `at` in UTC.

    `value` and `reference` are the evidence as it is kept; None where none was asked for.
    """

    no: int
    title: str
    state: str
    by: str | None
    at: datetime
    value: str | None
    reference: str | None
    reason: str | None


def closing(uow: UnitOfWork, task: TaskRow, given: str | None, reference: str | None) -> Closing:
    """Read what somebody gives to close the task; the caller holds the case. Raises what `read_evidence` raises."""
    spec = task.item.evidence
    days, known = _days(uow, task), known_words(uow, task.case_id, uow.keys())
    kept = read_evidence(spec, given, task.name, reference=reference, key_dates=days, known_words=known)
    unsaid = unchecked(spec, days)
    said = f" {unsaid}" if unsaid else ""
    if kept is None:
        return Closing(None, said)
    sealed = sealing(uow, task)
    return Closing(kept | (sealed.kept or {}), said + sealed.said)


def fitting(uow: UnitOfWork, task: TaskRow, given: str | None, reference: str | None) -> tuple[str, str]:
    """Of what was given and did not close the task, what a form may begin with: each as it is kept, or nothing.

    A signed word is left out: it is given in the form, under what is signed.
    """
    spec, known = task.item.evidence, known_words(uow, task.case_id, uow.keys())
    value = beside = ""
    with suppress(Refusal):
        alone = replace(spec, reference=None)
        kept = read_evidence(alone, given, task.name, key_dates=_days(uow, task), known_words=known)
        value = kept["value"] if kept and spec.kind is not EvidenceKind.ATTESTATION else ""
    with suppress(Refusal):
        beside = plain(reference, "reference", limit=REFERENCE_LENGTH, reference=True, known_words=known)
    return value, beside


def _days(uow: UnitOfWork, task: TaskRow) -> Days:
    if not task.item.evidence.after and not task.item.evidence.before:
        return {}
    return {row.name: row.day for row in uow.session.execute(_DAYS, {"case": task.case_id})}


def sealing(uow: UnitOfWork, task: TaskRow) -> Closing:
    """The seal alone, which a lock also has that is waived: what is done later shows as changed since."""
    if not task.item.evidence.seal:
        return Closing(None, "")
    seal = seal_of(uow.session, task)
    return Closing({"seal": seal}, f" Seal {seal}: it shows later changes to what this task needs.")


def keeps(uow: UnitOfWork, task: TaskRow, given: str | None, reference: str | None) -> bool:
    """Whether a done task holds just what is given now; nothing given is no other answer."""
    if not (given or "").strip() and not (reference or "").strip():
        return True
    held = uow.session.execute(_HELD, {"task": task.id}).scalar_one() or {}
    whole = {"value": given or "", "reference": reference or ""}
    said = {name: text.strip() for name, text in whole.items() if text.strip()}
    try:
        now = closing(
            uow, task, said.get("value", held.get("value")), said.get("reference", held.get("reference"))
        ).kept
    except Refusal:
        now = said  # it would not be taken today, as when a key date has moved since, and may be the same all the same
    return all(held.get(name) == (now or {}).get(name) for name in said)


def seal_of(session: Session, task: TaskRow) -> str:
    """A hash of everything that the task needs as it stands: state, evidence, who signed or waived, reason, when."""
    rows = session.execute(_SEALED, {"track": task.track_id, "items": list(task.item.needs)}).mappings()
    listed = json.dumps([dict(row) for row in rows], sort_keys=True)
    return sha256(listed.encode()).hexdigest()[:SEAL_LENGTH]


def finished_of(session: Session, case_id: int) -> list[Finished]:
    """The closed tasks of a case, the last one first; not those that its rules left out."""
    return [Finished(*row) for row in session.execute(_FINISHED, {"case": case_id, "rules": NOT_APPLICABLE})]


def closed_words(session: Session, task: TaskRow) -> str:
    """How a closed task ended: by whom, when (in the program's zone), why, whether its seal holds. No evidence.

    What it was finished with, as the number of an authorization, is about the patient as a whole: it is read at the
    command line alone.
    """
    row = session.execute(_CLOSED, {"task": task.id, "signed": EvidenceKind.ATTESTATION.value}).one()
    by = f" by {row.name}" if row.name else ""
    at = f", {moment_words(row.closed_at, ZoneInfo(task.zone))}" if row.closed_at else ""
    reason = f" Reason: {task.reason}." if task.reason else ""
    kept = " What was given as evidence is kept, and not shown in Slack." if row.given else ""
    return f"{task.state}{by}{at}.{reason}{kept}{seal_words(session, task)}"


def seal_words(session: Session, task: TaskRow) -> str:
    """Whether a done task's seal still holds, as a sentence; nothing where there is no seal."""
    kept = session.execute(_SEAL, {"task": task.id}).scalar_one()
    if kept is None:
        return ""
    holds = kept == seal_of(session, task)
    return f" Seal {kept}: nothing has changed since." if holds else f" Seal {kept}: what it sealed has changed since."
