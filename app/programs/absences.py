"""Time off: who is away when, and who covers. What becomes of their tasks stands in `app.tasks.covering`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlmodel import Session

from app.audit import service as audit
from app.kernel.business import local_moment
from app.kernel.clock import day_words, span_words
from app.notices.places import outside
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Staff
from app.programs.queries import UnknownPerson, active_person
from app.refusals import Refusal
from app.store.uow import UnitOfWork

LONGEST: Final = timedelta(days=366)
"""Longer time off is a year that was mistyped."""

_COLUMNS = (
    "SELECT a.id, a.program_id, a.staff_id, a.cover_id, a.starts_at, a.ends_at, a.begun_at, s.name, s.zone,"
    " c.name AS cover FROM absences a JOIN staff s ON s.id = a.staff_id"
    " LEFT JOIN staff c ON c.id = a.cover_id AND c.active"
)
_AWAY = text(
    f"{_COLUMNS} WHERE a.program_id = :program AND a.ended_at IS NULL AND a.starts_at <= :now AND a.ends_at > :now"
)
_OF_PERSON = text(
    f"{_COLUMNS} WHERE a.program_id = :program AND a.staff_id = :staff AND a.ended_at IS NULL ORDER BY a.starts_at"
)
_BETWEEN = text(
    f"{_COLUMNS} WHERE a.program_id = :program AND a.staff_id = :staff AND a.ended_at IS NULL"
    " AND a.starts_at < :until AND a.ends_at > :since ORDER BY a.starts_at LIMIT 1"
)
_COVERED_BY = text(f"{_COLUMNS} WHERE a.program_id = :program AND a.cover_id = :staff AND a.begun_at IS NOT NULL"
                   " AND a.ended_at IS NULL ORDER BY a.ends_at")  # fmt: skip
_PLAN = text(
    "INSERT INTO absences (program_id, staff_id, cover_id, starts_at, ends_at, look_at)"
    " VALUES (:program, :staff, :cover, :since, :until, :since) RETURNING id"
)
# Out of the way first: moved one by one, a day off would overlap the next on its way.
_LIFT = text("UPDATE absences SET ended_at = :now, look_at = NULL WHERE id = ANY(:absences)")
_PUT = text(
    "UPDATE absences SET starts_at = :since, ends_at = :until, ended_at = NULL,"
    " look_at = CASE WHEN begun_at IS NULL THEN :since ELSE :until END WHERE id = :absence"
)
_END_ALL = text("UPDATE absences SET ended_at = :now, look_at = NULL WHERE id = ANY(:absences) AND ended_at IS NULL")
_ALONE = text("SELECT id FROM staff WHERE id = ANY(:people) AND program_id = :program ORDER BY id FOR NO KEY UPDATE")


class BadAbsence(Refusal):
    """Time off that cannot be so."""


class IsAway(Refusal):
    """Somebody who is away cannot be given work."""


@dataclass(frozen=True)
class Absence:
    """Time off as it stands; `name` and `cover` are names, `last` is the last day of it where the person lives."""

    id: int
    program_id: int
    staff_id: int
    cover_id: int | None
    starts_at: datetime
    ends_at: datetime
    begun: bool
    name: str
    cover: str | None
    zone: str

    @property
    def first(self) -> date:
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def last(self) -> date:
        return (self.ends_at - timedelta(seconds=1)).astimezone(ZoneInfo(self.zone)).date()

    def until(self, now: datetime) -> str:
        """How long the person is away, as of `now`: `today` where that is the last day of it, else `until …`."""
        last_day = now.astimezone(ZoneInfo(self.zone)).date() == self.last
        return "today" if last_day else f"until {day_words(self.last)}"

    def runs(self, now: datetime) -> bool:
        """Whether the person is away at `now`."""
        return self.starts_at <= now < self.ends_at


def read_row(row: Row[Any]) -> Absence:
    """An absence of a row that has the columns of these queries."""
    return Absence(
        row.id, row.program_id, row.staff_id, row.cover_id, row.starts_at, row.ends_at, row.begun_at is not None,
        row.name, row.cover, row.zone,
    )  # fmt: skip


def away_now(session: Session, program_id: int, now: datetime) -> Mapping[int, Absence]:
    """Everybody who is away at `now`, by staff id."""
    rows = session.execute(_AWAY, {"program": program_id, "now": now})
    return {row.staff_id: read_row(row) for row in rows}


def absences_of(session: Session, program_id: int, staff_id: int) -> list[Absence]:
    """A person's time off that has not ended, running or to come, the nearest first."""
    return [read_row(row) for row in session.execute(_OF_PERSON, {"program": program_id, "staff": staff_id})]


def covered_by(session: Session, program_id: int, staff_id: int) -> list[Absence]:
    """The absences that a person covers now."""
    return [read_row(row) for row in session.execute(_COVERED_BY, {"program": program_id, "staff": staff_id})]


def refuse_outside(uow: UnitOfWork, person: Staff) -> None:
    """Raise `UnknownPerson` for whom Slack does not know in the workspace: nothing there would reach them."""
    if person.id in outside(uow.session, person.program_id):
        raise UnknownPerson(
            f"{person.name} is not in the Slack workspace. Nothing changed. Name somebody else, or have them added "
            "there, and invited into a case's channel."
        )


def refuse_not_there(uow: UnitOfWork, person: Staff) -> None:
    """Raise `UnknownPerson` for whom Slack does not know, and `IsAway` for who is away now, naming who covers.

    Call it with the person's row held.
    """
    refuse_outside(uow, person)
    absence = away_now(uow.session, person.program_id, uow.now).get(person.id)
    if absence is None:
        return
    instead = (
        f"{absence.cover} covers: name them, or somebody else."
        if absence.cover
        else "Nobody covers: name somebody else."
    )
    raise IsAway(f"{person.name} is away {absence.until(uow.now)}. Nothing changed. {instead}")


def plan(uow: UnitOfWork, actor: Actor, staff_id: int, first: date, last: date, cover_id: int | None = None) -> Absence:
    """Note time off from a day to a day, both included, of the person's own zone. Their own, or by a lead.

    What they hold passes on when it begins (`app.tasks.covering`). Raises `NotAllowed`, `BadAbsence`, `UnknownPerson`.
    """
    may_say_for(actor, staff_id)
    # The cover as well: else two who cover for each other could both be told that the other one is there.
    people = [staff_id] if cover_id is None else [staff_id, cover_id]
    uow.session.execute(_ALONE, {"people": people, "program": actor.program_id})
    person = active_person(uow.session, actor.program_id, staff_id)
    zone = ZoneInfo(person.zone)
    today = uow.now.astimezone(zone).date()
    if last < first:
        raise BadAbsence("The last day comes before the first. Nothing changed. Check the days.")
    if last < today:
        raise BadAbsence("Those days are over. Nothing changed. Check the days.")
    if last - first > LONGEST:
        raise BadAbsence("That is more than a year. Nothing changed. Check the year.")
    since = local_moment(first, time(), zone)
    until = local_moment(last + timedelta(days=1), time(), zone)
    values = {"program": actor.program_id, "staff": staff_id, "since": since, "until": until}
    standing = uow.session.execute(_BETWEEN, values).one_or_none()
    if standing is not None:
        there = read_row(standing)
        raise BadAbsence(
            f"{person.name} is away {span(there.first, there.last)} already. Nothing changed. End that first: "
            f"{'back' if staff_id == actor.staff_id else 'back @person'}"
        )
    if cover_id is not None:
        _refuse_cover(uow, actor, person, cover_id, values)
    made: int = uow.session.execute(_PLAN, values | {"cover": cover_id}).scalar_one()
    audit.record(uow, actor, "absence.plan", "staff", staff_id, fields=("starts_at", "ends_at", "cover_id"))
    return next(one for one in absences_of(uow.session, actor.program_id, staff_id) if one.id == made)


def move(uow: UnitOfWork, actor: Actor, person: Staff, zone: str) -> None:
    """Keep the days of a person's time off, running or to come, where they live by another zone from now on.

    What has begun has begun: only its end moves, unless that comes before the beginning. Call it with the person's row
    held, before the zone is changed.
    """
    standing, there = absences_of(uow.session, person.program_id, person.id), ZoneInfo(zone)
    if not standing:
        return
    uow.session.execute(_LIFT, {"absences": [one.id for one in standing], "now": uow.now})
    for one in standing:
        until = local_moment(one.last + timedelta(days=1), time(), there)
        begun = min(one.starts_at, until - timedelta(seconds=1))
        since = begun if one.begun else local_moment(one.first, time(), there)
        uow.session.execute(_PUT, {"absence": one.id, "since": since, "until": until})
    audit.record(uow, actor, "absence.move", "staff", person.id, fields=("starts_at", "ends_at"))


def end_all(uow: UnitOfWork, actor: Actor, staff_id: int) -> list[Absence]:
    """End all time off of somebody who leaves, with nothing coming back; returns what ran.

    The caller holds the person's row.
    """
    ended = absences_of(uow.session, actor.program_id, staff_id)
    uow.session.execute(_END_ALL, {"absences": [one.id for one in ended], "now": uow.now})
    if ended:
        audit.record(uow, actor, "absence.end", "staff", staff_id, reason="switched off")
    return [one for one in ended if one.begun]


def may_say_for(actor: Actor, staff_id: int) -> None:
    """Raise `NotAllowed` for somebody else's time off, unless the actor leads."""
    if staff_id != actor.staff_id and not actor.leads:
        raise NotAllowed("Only a lead says when somebody else is away. Nothing changed. Ask your lead.")


def _refuse_cover(uow: UnitOfWork, actor: Actor, person: Staff, cover_id: int, values: Mapping[str, Any]) -> None:
    if cover_id == person.id:
        raise BadAbsence(f"{person.name} cannot cover for themselves. Nothing changed. Name somebody else.")
    cover = active_person(uow.session, actor.program_id, cover_id)
    refuse_outside(uow, cover)
    away = uow.session.execute(_BETWEEN, {**values, "staff": cover_id}).one_or_none()
    if away is not None:
        there = read_row(away)
        raise BadAbsence(
            f"{cover.name} is away {span(there.first, there.last)}. Nothing changed. Name another cover, or none."
        )


def span(first: date, last: date) -> str:
    """`on Fri 4 Dec 2026`, `from Fri 4 Dec to Mon 7 Dec 2026`."""
    return f"on {day_words(first)}" if first == last else f"from {span_words(first, last)}"
