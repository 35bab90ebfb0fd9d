"""Writing the chained record, and checking it."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import RowMapping, bindparam, insert, select, text
from sqlmodel import Session

from app.audit.models import AuditEntry
from app.programs.actor import Actor
from app.store.types import table
from app.store.uow import UnitOfWork

LAST = 100  # after every other row of the change: the chain's lock is the last one taken
GENESIS = b"\0" * 32
_ENTRIES = table(AuditEntry)
_LOCK = text("SELECT pg_advisory_xact_lock(20250 , :program)")
_HEAD = (
    select(_ENTRIES.c.seq, _ENTRIES.c.hash)
    .where(_ENTRIES.c.program_id == bindparam("program"))
    .order_by(_ENTRIES.c.seq.desc())
    .limit(1)
)
_INSERT = insert(_ENTRIES)
HASHED = (
    "program_id", "seq", "at", "actor_id", "origin", "action", "object_type", "object_id", "case_id", "fields",
    "result", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """One entry before it has its place in the chain."""

    actor: Actor
    action: str
    object_type: str
    object_id: str
    case_id: int | None
    fields: tuple[str, ...]
    result: str
    reason: str | None


def record(
    uow: UnitOfWork,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: int | str,
    *,
    case_id: int | None = None,
    fields: Iterable[str] = (),
    result: str = "done",
    reason: str | None = None,
) -> None:
    """Note that the actor did `action` to an object; `fields` are names, never values.

    The entry is written when the unit of work ends, under the program's lock, with the next number of the chain.
    """
    draft = Draft(actor, action, object_type, str(object_id), case_id, tuple(fields), result, reason)
    drafts: list[Draft] = uow.session.info.setdefault("audit", [])
    drafts.append(draft)
    uow.at_end(LAST, "audit", _append)


def _append(uow: UnitOfWork) -> None:
    drafts: list[Draft] = uow.session.info.pop("audit", [])
    by_program: dict[int, list[Draft]] = {}
    for draft in drafts:
        by_program.setdefault(draft.actor.program_id, []).append(draft)
    for program_id in sorted(by_program):
        uow.session.execute(_LOCK, {"program": program_id})
        head = uow.session.execute(_HEAD, {"program": program_id}).one_or_none()
        seq, previous = (0, GENESIS) if head is None else (head.seq, head.hash)
        rows = []
        for draft in by_program[program_id]:
            seq += 1
            row = {
                "program_id": program_id,
                "seq": seq,
                "at": uow.now,
                "actor_id": draft.actor.staff_id,
                "origin": draft.actor.origin.value,
                "action": draft.action,
                "object_type": draft.object_type,
                "object_id": draft.object_id,
                "case_id": draft.case_id,
                "fields": list(draft.fields),
                "result": draft.result,
                "reason": draft.reason,
            }
            digest = chain(previous, row)
            rows.append(row | {"prev_hash": previous, "hash": digest})
            previous = digest
        uow.session.execute(_INSERT, rows)


def chain(previous: bytes, row: dict[str, object] | RowMapping) -> bytes:
    """SHA-256 over the previous hash and the row's fields as canonical JSON; moments in UTC microseconds."""
    values = [_plain(row[name]) for name in HASHED]
    return hashlib.sha256(previous + json.dumps(values, separators=(",", ":")).encode()).digest()


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Break:
    """Where the record of a program stops being whole."""

    program_id: int
    seq: int
    what: str


@dataclass(frozen=True)
class Mark:
    """How far a record went when somebody noted it, written `12:9f3a…`: the last number and its hash in hex."""

    seq: int
    hash: str

    @classmethod
    def parse(cls, said: str) -> "Mark":
        """Raises ValueError with what a mark looks like."""
        found = _MARK.fullmatch(said.strip().casefold())
        if found is None:
            raise ValueError(f"{said!r} is no mark. `caseboard audit verify` prints one, such as 12:{'9f3a' * 8}.")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


_MARK = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{32})")


@dataclass(frozen=True)
class Walk:
    """What a walk along a record found; `mark` is None for a record without entries."""

    entries: int
    mark: Mark | None
    breaks: Sequence[Break]


def verify(session: Session, program_id: int, noted: Mark | None = None) -> Walk:
    """Walk a program's chain and say each place where it is broken.

    The chain alone does not show that its end was cut off, nor that all of it was written anew; a mark that was
    `noted` earlier, and kept elsewhere, does.
    """
    previous, expected, breaks, met = GENESIS, 1, [], noted is None
    rows = session.execute(
        select(_ENTRIES).where(_ENTRIES.c.program_id == program_id).order_by(_ENTRIES.c.seq),
        execution_options={"yield_per": 1000},
    ).mappings()
    for row in rows:
        if row["seq"] != expected:
            breaks.append(Break(program_id, expected, f"entries {expected} to {row['seq'] - 1} are missing"))
        elif row["prev_hash"] != previous:
            breaks.append(Break(program_id, row["seq"], "it does not follow the entry before it"))
        if chain(row["prev_hash"], row) != row["hash"]:
            breaks.append(Break(program_id, row["seq"], "its content was changed"))
        previous, expected = row["hash"], row["seq"] + 1
        if noted is not None and row["seq"] == noted.seq:
            met = True
            if _mark(row["seq"], row["hash"]) != noted:
                breaks.append(Break(program_id, row["seq"], "it is not the entry that was noted"))
    if not met and noted is not None:
        breaks.append(Break(program_id, noted.seq, f"it was noted, and {_where(expected - 1, noted.seq)}"))
    return Walk(expected - 1, None if previous is GENESIS else _mark(expected - 1, previous), breaks)


def _where(last: int, noted: int) -> str:
    return f"the record ends at {last}" if last < noted else "is missing"


def _mark(seq: int, digest: bytes) -> Mark:
    return Mark(seq, digest.hex()[:32])
