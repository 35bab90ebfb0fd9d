"""Making digests, and choosing when they come."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from app.audit import service as audit
from app.checklists.vocabulary import Role
from app.digests import queries
from app.digests.coming import Coming
from app.digests.content import Content, compose, left_of, payload
from app.digests.models import DAILY, Digest
from app.digests.rules import WEEKDAYS
from app.notices.service import tell_person
from app.programs.absences import absences_of
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program, Staff
from app.programs.queries import calendar_of, digest_schedule
from app.programs.service import system
from app.programs.settings import Values, differences, note
from app.programs.typed import typed_time
from app.store.types import table
from app.store.uow import UnitOfWork

LABELS: Final[Mapping[str, str]] = {
    "digest_at": "Digest at", "digest_days": "Digest days", "digest_silent": "No digest when nothing waits",
}  # fmt: skip
_STAFF, _DIGESTS = table(Staff), table(Digest)
_MAKE = insert(_DIGESTS).on_conflict_do_nothing().returning(_DIGESTS.c.day)
_SENT = text("UPDATE digests SET notice_id = :notice WHERE staff_id = :me AND day = :day AND kind = :kind")
RECENT: Final = 3
"""The newest digests of a person, which follow what they answer."""
_RECENT = text(
    "SELECT d.notice_id, n.channel_id, n.payload, d.day = here.today AS is_today"
    " FROM (SELECT id, CAST(CAST(:now AS timestamptz) AT TIME ZONE zone AS date) AS today FROM staff"
    " WHERE id = :me AND digest_at IS NOT NULL) AS here JOIN digests d ON d.staff_id = here.id"
    " JOIN notices n ON n.id = d.notice_id WHERE d.kind = :kind AND d.day <= here.today ORDER BY d.day DESC LIMIT :most"
)
_LOOK = text("UPDATE staff SET digest_due_at = :now WHERE id = :me AND digest_due_at > :now")
_DRAWN = text(
    "SELECT payload - 'of' FROM notices WHERE channel_id = :channel AND (id = :notice OR kind = 'digested'"
    " AND payload ->> 'of' = CAST(:notice AS text)) ORDER BY seq DESC LIMIT 1"
)
# What changed is told beside the last digest before today's, so two of them are enough.
_FORGET = text(
    "UPDATE digests SET told = NULL WHERE staff_id = :me AND kind = :kind AND told IS NOT NULL AND day <"
    " (SELECT max(day) FROM digests WHERE staff_id = :me AND kind = :kind AND day < :day)"
)


def content_now(session: Session, person: Staff, now: datetime) -> dict[str, Any]:
    """A person's digest as it would be now, as the payload of a notice; nothing is written."""
    content, day = _content(session, person, now)
    return payload(content, day, person.zone)


def _content(session: Session, person: Staff, now: datetime) -> tuple[Content, date]:
    """What a person's digest has to say now, and of which day of theirs it is."""
    program = session.get_one(Program, person.program_id)
    day = now.astimezone(ZoneInfo(person.zone)).date()
    calendar = calendar_of(program)
    return compose(queries.standing_of(session, person, day, calendar.local_day(now)), calendar, now), day


def follow(uow: UnitOfWork, actor: Actor) -> None:
    """Have the actor's last digests show what is left of them after what they have just done.

    That of today is made anew; what those before asked for leaves them once it is not asked any more.
    """
    values = {"me": actor.staff_id, "kind": DAILY, "now": uow.now, "most": RECENT}
    recent = [row for row in uow.session.execute(_RECENT, values) if row.is_today or row.payload["decide"]["lines"]]
    if not recent:
        return
    person = uow.session.get_one(Staff, actor.staff_id)
    content, day = _content(uow.session, person, uow.now)
    for digest in recent:
        drawn = uow.session.execute(_DRAWN, {"channel": digest.channel_id, "notice": digest.notice_id}).scalar_one()
        now = payload(content, day, person.zone) if digest.is_today else left_of(digest.payload, drawn, content)
        if now != drawn:
            key = f"digested:{person.id}:{uuid4()}"
            tell_person(uow, person.id, "digested", key, now | {"of": str(digest.notice_id)})


def welcome_back(uow: UnitOfWork, staff_id: int) -> None:
    """Have the digest of today made for somebody who was away at its hour; they have none before it, nor a second."""
    uow.session.execute(_LOOK, {"me": staff_id, "now": uow.now})


def digest_of(person: Staff) -> Values:
    """When a person's digest comes, as it is typed; a line for each day."""
    return {
        "digest_at": typed_time(person.digest_at),
        "digest_days": "\n".join(sorted(person.digest_days or (), key=WEEKDAYS.index)),
        "digest_silent": "yes" if person.digest_silent else "",
    }


def set_digest(
    uow: UnitOfWork, actor: Actor, staff_id: int, *, at: time | None, days: frozenset[str] | None, silent: bool
) -> Staff:
    """Choose when a person's digest comes: local time `at` (None: never), weekdays (None: business days).

    With `silent` there is none on days on which nothing waits. A moment of today that is over by now is not made up
    for. Only admins, managers, the system, and the person.
    """
    if actor.staff_id not in (None, staff_id) and not actor.has(Role.ADMIN, Role.MANAGER):
        raise NotAllowed("Only an admin or a manager changes when others get their digest. Nothing changed.")
    wanted = select(Staff).where(_STAFF.c.program_id == actor.program_id, _STAFF.c.id == staff_id)
    wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    person: Staff = uow.session.execute(wanted).scalar_one()
    program = uow.session.get_one(Program, actor.program_id)
    was = digest_of(person)
    person.digest_at, person.digest_silent = at, silent
    person.digest_days = None if days is None else sorted(days)
    schedule = digest_schedule(person, program)
    person.digest_due_at = None if schedule is None else schedule.next(uow.now)
    uow.session.flush()
    changed = differences(was, digest_of(person), LABELS)
    if changed:
        note(uow, actor, ("staff.digest", "staff", person.id), changed)
    return person


def _send(uow: UnitOfWork, person: Staff) -> None:
    program = uow.session.get_one(Program, person.program_id)
    schedule = digest_schedule(person, program)
    assert schedule is not None, "a person without digests has no moment to look at"
    day = schedule.due(uow.now)
    if day is not None and not _is_away(uow, person):
        _make(uow, person, program, day)
    person.digest_due_at = schedule.next(uow.now)
    uow.session.flush()


def _is_away(uow: UnitOfWork, person: Staff) -> bool:
    return any(absence.runs(uow.now) for absence in absences_of(uow.session, person.program_id, person.id))


def _make(uow: UnitOfWork, person: Staff, program: Program, day: date) -> None:
    """The digest of a day, unless there is one."""
    calendar = calendar_of(program)
    standing = queries.standing_of(uow.session, person, day, calendar.local_day(uow.now))
    row = {"staff_id": person.id, "day": day, "kind": DAILY, "program_id": person.program_id, "made_at": uow.now}
    made = uow.session.execute(_MAKE, row | {"told": queries.told(standing.dates)}).one_or_none()
    if made is None:
        return
    content = compose(standing, calendar, uow.now)
    of_day = {"me": person.id, "kind": DAILY, "day": day}
    uow.session.execute(_SENT, of_day | {"notice": _tell(uow, person, day, content)})
    uow.session.execute(_FORGET, of_day)
    audit.record(uow, system(person.program_id), "digest.make", "staff", person.id, fields=("digest",))


def _tell(uow: UnitOfWork, person: Staff, day: date, content: Content) -> UUID | None:
    if content.nothing and person.digest_silent:
        return None
    key = f"digest:{person.id}:{day.isoformat()}"
    return tell_person(uow, person.id, "digest", key, payload(content, day, person.zone))


DIGESTS: Final = Coming("digest", "digest_due_at", _send)
