"""What every section of a program's settings shares: who may, on what they were opened, what was and what is.

A section is a set of fields, each with a text as it is typed and shown. A change gives all of them; those that differ
are changed, in one transaction that holds the program's row, so that two changes wait for each other.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, text
from sqlmodel import Session

from app.audit import service as audit
from app.checklists.vocabulary import Role
from app.programs.absences import away_now
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.programs.queries import people_with_role
from app.programs.zones import BadZone, read_zone
from app.refusals import Refusal
from app.store.types import table
from app.store.uow import UnitOfWork

KEEPERS: Final = (Role.MANAGER, Role.ADMIN)
"""Who keeps a program's settings."""
NAMED: Final = 3
"""Of them as many are named as whom to ask."""
Values = Mapping[str, str]
"""The fields of a section as they are typed."""
NOTHING: Final = "That is how it stands already."
_PROGRAMS = table(Program)
# Of each field the last who changed it, by whatever act.
_LAST = text(
    "SELECT DISTINCT ON (f.field) coalesce(s.name, 'the command line') FROM unnest(CAST(:fields AS text[])) AS f(field)"
    " JOIN audit_entries a ON a.program_id = :program AND a.object_type = :type AND a.object_id = :object"
    " AND a.result = 'done' AND a.fields @> to_jsonb(ARRAY[f.field]) LEFT JOIN staff s ON s.id = a.actor_id"
    " ORDER BY f.field, a.seq DESC"
)


class BadField(Refusal):
    """What was given for a field of a section cannot be."""

    def __init__(self, field: str, words: str) -> None:
        self.field = field
        super().__init__(words)


class Stale(Refusal):
    """A section was changed after somebody opened it, and before they saved it."""


@dataclass(frozen=True)
class Changed:
    """What a change came to, as a sentence; `lines` say of each field what was and what is, `effect` what follows."""

    said: str
    lines: tuple[str, ...] = ()
    effect: str = ""


def may_keep(actor: Actor) -> bool:
    """Whether the actor keeps the settings; the system at the command line does."""
    return actor.staff_id is None or actor.has(*KEEPERS)


def refuse_others(actor: Actor) -> None:
    """Raise `NotAllowed` for whoever does not keep the settings."""
    if not may_keep(actor):
        raise NotAllowed("Only a manager or an admin keeps the settings. Nothing changed. Ask one of them.")


def way_to_a_role(session: Session, actor: Actor, now: datetime) -> str:
    """How the actor gets somebody a role, as the end of a message: by themselves, or by asking whom.

    Of managers and admins those are named who are not away, unless all are.
    """
    if may_keep(actor):
        return "Give somebody the role: settings @person"
    keepers = people_with_role(session, actor.program_id, *KEEPERS)
    away = away_now(session, actor.program_id, now)
    there = [person for person in keepers if person.id not in away] or keepers
    names = " or ".join(person.name for person in there[:NAMED])
    return f"Ask {names or 'whoever runs Caseboard'} to give somebody the role: settings @person"


def hold(uow: UnitOfWork, actor: Actor) -> Program:
    """The actor's program as it is now, held until the change ends. Raises `NotAllowed`."""
    refuse_others(actor)
    wanted = select(Program).where(_PROGRAMS.c.id == actor.program_id)
    wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: Program = uow.session.execute(wanted).scalar_one()
    return found


def seen(values: Values) -> str:
    """What a form remembers of the values that it was opened on: a short mark of each field."""
    return ".".join(_mark(value) for value in values.values())


def refuse_stale(
    uow: UnitOfWork, actor: Actor, about: tuple[str, str, int], now: Values, labels: Mapping[str, str], mark: str | None
) -> None:
    """Raise `Stale` where fields are not what they were when the form was opened, with what they are.

    `about` is the action, type and id of the section's audit rows; `mark` is of `seen`, None where nobody opened it.
    """
    marks = [] if mark is None else mark.split(".")
    if mark is None or marks == [_mark(value) for value in now.values()]:
        return
    known = len(marks) == len(now)
    moved = [name for name, was in zip(now, marks, strict=False) if not known or was != _mark(now[name])]
    _, kind, id = about
    values = {"program": actor.program_id, "type": kind, "object": str(id), "fields": moved if known else []}
    names = sorted(set(uow.session.execute(_LAST, values).scalars()), key=str.casefold)
    who = " and ".join(names) or "somebody"
    what = "; ".join(f"{labels[name]} is now {shown(now[name])}" for name in moved)
    raise Stale(
        f"{who[:1].upper()}{who[1:]} changed this while you had it open: {what}. Nothing of yours is saved, and all "
        "that you typed is still here. Save again to put yours in its place, or close this window to keep theirs."
    )


def differences(was: Values, now: Values, labels: Mapping[str, str]) -> dict[str, str]:
    """The fields that differ, each with what was and what is."""
    return {
        name: f"{labels[name]}: {shown(was[name])} → {shown(now[name])}" for name in now if was.get(name) != now[name]
    }


def note(uow: UnitOfWork, actor: Actor, about: tuple[str, str, int], changed: Mapping[str, str]) -> None:
    """Put a change on record, with what was and what is."""
    action, kind, id = about
    audit.record(uow, actor, action, kind, id, fields=changed, reason="; ".join(changed.values()))


def typed_zone(field: str, given: str, now: str) -> str:
    """The zone that is typed in a field; `now` is what stands there already. Raises `BadField`."""
    if given == now:
        return now
    try:
        return read_zone(given)
    except BadZone as error:
        raise BadField(field, str(error)) from error


def shown(value: str) -> str:
    """A field's value in a sentence."""
    return ", ".join(value.splitlines()) or "nothing"


def summed(lines: Sequence[str], *, most: int = 3) -> str:
    """The first lines of a change as one sentence, the rest counted."""
    rest = f"; and {len(lines) - most} more" if len(lines) > most else ""
    return "; ".join(line if len(line) <= 200 else f"{line[:199]}…" for line in lines[:most]) + rest


def mark_of(values: Values) -> str:
    """A short mark of all the values together."""
    return _mark("\0".join(values.values()))


def _mark(value: str) -> str:
    return f"{zlib.crc32(value.encode()):x}"
