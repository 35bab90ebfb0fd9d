"""What managers and admins set of a person: roles and skills, zone, quiet hours, digest, weekly report."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Final

from sqlalchemy import select, text

from app.checklists.vocabulary import Role
from app.digests import service as digests
from app.digests.rules import DEFAULT_HOUR, WEEKDAYS
from app.notices.service import expect
from app.programs import quiet
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Staff
from app.programs.queries import UnknownPerson
from app.programs.service import GET_DIGESTS
from app.programs.settings import (
    NOTHING,
    BadField,
    Changed,
    Values,
    differences,
    hold,
    note,
    refuse_stale,
    summed,
    typed_zone,
)
from app.programs.typed import BadHours, parse_time, typed_time
from app.reports import weekly
from app.reports.service import READERS
from app.store.types import table
from app.store.uow import UnitOfWork
from app.tasks.regrading import end_offers, give_back, named_in
from app.text import plain

PERSON: Final = "staff.change"
ROLES: Final = "roles"
SKILLS: Final = "skills"
ZONE: Final = "zone"
QUIET_FROM: Final = "quiet_from"
QUIET_UNTIL: Final = "quiet_until"
DIGEST_AT: Final = "digest_at"
DIGEST_DAYS: Final = "digest_days"
DIGEST_SILENT: Final = "digest_silent"
REPORT_DAY: Final = "report_day"
REPORT_AT: Final = "report_at"
LABELS: Final[Mapping[str, str]] = {
    ROLES: "Roles", SKILLS: "Skills", **quiet.LABELS, **digests.LABELS, **weekly.LABELS,
}  # fmt: skip
MOST_SKILLS: Final = 20
_SKILL = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
_STAFF = table(Staff)
_OTHERS = text(
    "SELECT 1 FROM staff WHERE program_id = :program AND id <> :staff AND active AND :role = ANY(roles) LIMIT 1"
)


def person_of(person: Staff) -> Values:
    """What can be set of a person, as it is typed; lists have a line for each."""
    return {
        ROLES: "\n".join(sorted(person.roles)),
        SKILLS: ", ".join(sorted(person.skills)),
        **quiet.quiet_of(person),
        **digests.digest_of(person),
        **weekly.weekly_of(person),
    }


def person_here(uow: UnitOfWork, actor: Actor, staff_id: int) -> Staff:
    """Somebody of the actor's program, active or not. Raises `UnknownPerson`."""
    wanted = select(Staff).where(_STAFF.c.program_id == actor.program_id, _STAFF.c.id == staff_id)
    found: Staff | None = uow.session.execute(wanted).scalar_one_or_none()
    if found is None:
        raise UnknownPerson("That person is not on the staff list. Nothing changed.")
    return found


def set_person(uow: UnitOfWork, actor: Actor, staff_id: int, given: Values, *, mark_seen: str | None = None) -> Changed:
    """Change what is set of a person, all of it or nothing. A field that is not given stays as it is.

    What they hold by a role that is taken goes back to the pool, and offers that they could not accept any more end
    (`app.tasks.regrading`). Whoever becomes a surgeon or clinician gets the digest that `add_staff` gives, unless they
    have one. `mark_seen` is of `settings.seen`. Raises `NotAllowed`, `Stale`, `BadField`, `UnknownPerson`.
    """
    hold(uow, actor)
    person_here(uow, actor, staff_id)
    wanted = select(Staff).where(_STAFF.c.id == staff_id).with_for_update(key_share=True)
    person: Staff = uow.session.execute(wanted.execution_options(populate_existing=True)).scalar_one()
    about, was = (PERSON, "staff", person.id), person_of(person)
    refuse_stale(uow, actor, about, was, LABELS, mark_seen)
    now = {**was, **given}
    if now == was:
        return Changed(NOTHING)
    roles, skills = _roles(now[ROLES]), _skills(now[SKILLS])
    _refuse_roles(uow, actor, person, roles)
    hours = _quiet(_time(now, QUIET_FROM), _time(now, QUIET_UNTIL))
    zone = typed_zone(ZONE, now[ZONE], was[ZONE])
    digest_at, report_at = _time(now, DIGEST_AT), _time(now, REPORT_AT)
    if digest_at is None and not GET_DIGESTS.isdisjoint(roles) and GET_DIGESTS.isdisjoint(person.roles):
        digest_at = DEFAULT_HOUR
    days = [day for day in now[DIGEST_DAYS].split() if day in WEEKDAYS]
    report_day = now[REPORT_DAY] or None
    if report_day is not None and (report_day not in WEEKDAYS or report_at is None):
        raise BadField(REPORT_AT, "The weekly report needs a weekday and a time. Nothing changed. Pick both, or none.")
    if now[REPORT_DAY] == was[REPORT_DAY] and roles.isdisjoint(READERS):
        report_day = None  # the report is not for them any more
    said = [give_back(uow, actor, person, roles), named_in(uow, person, roles)] if was[ROLES] != now[ROLES] else []
    if (was[ROLES], was[SKILLS]) != (now[ROLES], now[SKILLS]):
        said.append(end_offers(uow, person, roles, skills))
    grown = not set(roles) <= set(person.roles)
    person.roles, person.skills = sorted(role.value for role in roles), skills
    uow.session.flush()
    quiet.set_quiet(uow, actor, person.id, hours=hours, zone=None if zone == person.zone else zone)
    if grown and person.active:
        expect(uow, person.program_id, person.slack_user_id)
    _schedules(uow, actor, person, was, digest_at, days, now[DIGEST_SILENT] == "yes", report_day, report_at)
    changed = differences(was, person_of(person), LABELS)
    if not changed:
        return Changed(NOTHING)
    own = {name: line for name, line in changed.items() if name in (ROLES, SKILLS)}
    if own:
        note(uow, actor, about, own)  # the rest is on record by whatever service changed it
    lines = tuple(changed.values())
    words = " ".join(part for part in said if part)
    return Changed(f"Saved for {person.name}. {summed(lines)}. {words}".rstrip(), lines)


def _schedules(
    uow: UnitOfWork,
    actor: Actor,
    person: Staff,
    was: Values,
    digest_at: time | None,
    days: list[str],
    silent: bool,
    report_day: str | None,
    report_at: time | None,
) -> None:
    """Digest and report, by the services that choose when they come."""
    chosen = (typed_time(digest_at), "\n".join(sorted(days, key=WEEKDAYS.index)), "yes" if silent else "")
    if chosen != (was[DIGEST_AT], was[DIGEST_DAYS], was[DIGEST_SILENT]):
        digests.set_digest(uow, actor, person.id, at=digest_at, days=frozenset(days) or None, silent=silent)
    report = (report_day or "", typed_time(report_at) if report_day else "")
    if report == (was[REPORT_DAY], was[REPORT_AT]):
        return
    try:
        if report_day is None or report_at is None:
            weekly.set_weekly(uow, actor, person.id, None)
        else:
            weekly.set_weekly(uow, actor, person.id, report_day, report_at)
    except NotAllowed as error:
        raise BadField(REPORT_DAY, str(error)) from error


def _roles(given: str) -> frozenset[Role]:
    words = given.replace(",", " ").split()
    unknown = [word for word in words if word not in list(Role)]
    if unknown or not words:
        raise BadField(ROLES, f"Everybody has at least one role. Nothing changed. There are: {', '.join(Role)}.")
    return frozenset(map(Role, words))


def _refuse_roles(uow: UnitOfWork, actor: Actor, person: Staff, roles: frozenset[Role]) -> None:
    """Only admins make and unmake admins, and neither the last manager nor the last admin goes."""
    had = frozenset(map(Role, person.roles))
    if Role.ADMIN in had ^ roles and actor.staff_id is not None and not actor.has(Role.ADMIN):
        raise BadField(ROLES, "Only an admin makes somebody an admin, or takes that away. Nothing changed.")
    for role in (Role.MANAGER, Role.ADMIN):
        if role not in had or role in roles or not person.active:
            continue
        values = {"program": person.program_id, "staff": person.id, "role": role.value}
        if uow.session.execute(_OTHERS, values).one_or_none() is None:
            who = "You are" if person.id == actor.staff_id else f"{person.name} is"
            raise BadField(ROLES, f"{who} the last {role}. Nothing changed. Make somebody else {_a(role)} first.")


def _skills(given: str) -> list[str]:
    words = {word.strip().casefold() for word in re.split(r"[,;\n]", given) if word.strip()}
    if len(words) > MOST_SKILLS or any(not _SKILL.match(word) for word in words):
        example = "A skill is one word of small letters, such as imaging, with commas between."
        raise BadField(SKILLS, f"{example} Nothing changed.")
    return sorted(plain(word, "skill", limit=40) for word in words)


def _quiet(begin: time | None, end: time | None) -> quiet.Hours:
    if (begin is None) != (end is None) or (begin is not None and begin == end):
        raise BadField(QUIET_UNTIL, "Quiet hours need a beginning and another end. Nothing changed. Pick both or none.")
    return "off" if begin is None or end is None else (begin, end)


def _time(now: Values, field: str) -> time | None:
    try:
        return parse_time(now[field])
    except BadHours as error:
        raise BadField(field, f"{error} Nothing changed.") from error


def _a(role: Role) -> str:
    return f"an {role}" if role is Role.ADMIN else f"a {role}"
