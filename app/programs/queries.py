"""Finding programs and people."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from json import dumps, loads
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlmodel import Session

from app.checklists.vocabulary import Role
from app.digests.rules import Schedule
from app.kernel.business import BusinessCalendar, local_moment
from app.programs.actor import Actor, Origin
from app.programs.models import Program, Staff
from app.refusals import Refusal, at_field
from app.store.types import table

_PROGRAMS, _STAFF = table(Program), table(Staff)
_BY_SLACK = (
    select(Staff)
    .join(_PROGRAMS, _PROGRAMS.c.id == _STAFF.c.program_id)
    .where(_PROGRAMS.c.slack_team_id == bindparam("team"), _STAFF.c.slack_user_id == bindparam("user"))
)
_NAMES = select(_STAFF.c.slack_user_id, _STAFF.c.name).where(
    _STAFF.c.program_id == bindparam("program"), _STAFF.c.slack_user_id.in_(bindparam("ids", expanding=True))
)
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms"})


class UnknownTeam(Refusal):
    """A Slack workspace that no program is bound to."""


class OtherWorkspace(Refusal):
    """Somebody of another workspace, in a channel that two workspaces share."""


class GuestAccount(Refusal):
    """A guest of the workspace."""


NAMED: Final = "named"
"""The field of a refusal whose words name nobody, or several: no input of a form is called so."""


class UnknownPerson(Refusal):
    """Somebody who is not, or no longer, on the staff of the program."""


def names_by_slack_id(session: Session, program_id: int, ids: Collection[str]) -> dict[str, str]:
    """People's names by their Slack user ids."""
    rows = session.execute(_NAMES, {"program": program_id, "ids": sorted(ids)}).all()
    return {row.slack_user_id: row.name for row in rows}


def program_of_team(session: Session, team_id: str) -> Program:
    """The program bound to a Slack workspace; raises `UnknownTeam`."""
    found: Program | None = session.execute(
        select(Program).where(_PROGRAMS.c.slack_team_id == team_id)
    ).scalar_one_or_none()
    if found is None:
        raise UnknownTeam(
            "This Slack workspace is not set up in Caseboard. Nothing changed. Ask your administrator to connect it."
        )
    return found


def actor_by_slack(
    session: Session, team_id: str, slack_user_id: str, origin: Origin = Origin.SLACK, *, home_team: str = ""
) -> Actor:
    """Who acts in the workspace `team_id`; `home_team` is the one that they belong to, empty where nobody said it.

    Raises `UnknownTeam`, `OtherWorkspace`, `GuestAccount` or `UnknownPerson`.
    """
    if home_team not in ("", team_id):
        program_of_team(session, team_id)
        raise OtherWorkspace(
            "Your Slack account belongs to another workspace than this practice. Nothing changed. To work here you "
            "need a full account in this workspace: ask your lead."
        )
    staff = session.execute(_BY_SLACK, {"team": team_id, "user": slack_user_id}).scalar_one_or_none()
    if staff is None:
        program_of_team(session, team_id)
        raise UnknownPerson(
            "You are not on the staff list of this practice. Nothing changed. Ask your lead to add you."
        )
    if staff.guest:
        raise GuestAccount(
            "You are a guest of this Slack workspace, and guests cannot work here. Nothing changed. Ask your lead for "
            "a full account."
        )
    if not staff.active:
        raise UnknownPerson("Your account here is switched off. Nothing changed. Ask your lead to switch it on again.")
    return as_actor(staff, origin)


def staff_by_slack(session: Session, program_id: int, slack_user_id: str) -> Staff | None:
    """The person of a Slack user id, active or not."""
    found = select(Staff).where(_STAFF.c.program_id == program_id, _STAFF.c.slack_user_id == slack_user_id)
    return session.execute(found).scalar_one_or_none()


def as_actor(staff: Staff, origin: Origin) -> Actor:
    """The person of a staff row, acting through a door."""
    return Actor(
        program_id=staff.program_id,
        staff_id=staff.id,
        name=staff.name,
        slack_user_id=staff.slack_user_id,
        roles=frozenset(Role(role) for role in staff.roles),
        skills=frozenset(staff.skills),
        origin=origin,
    )


def find_staff(session: Session, program_id: int, text: str) -> Staff:
    """The active person that `text` names: a Slack mention, a user id, `@name`, a name or one word of it.

    Raises `UnknownPerson` about `NAMED`, also when several fit.
    """
    with at_field(NAMED):
        return _named(session, program_id, text)


def _named(session: Session, program_id: int, text: str) -> Staff:
    wanted = text.strip()
    base = select(Staff).where(_STAFF.c.program_id == program_id, _STAFF.c.active.is_(True))
    found: Sequence[Staff]
    mention = _MENTION.fullmatch(wanted)
    user = mention[1] if mention else wanted
    found = session.execute(base.where(_STAFF.c.slack_user_id == user)).scalars().all()
    if not found and not mention:
        name = _words(wanted.removeprefix("@"))
        everyone = session.execute(base.order_by(_STAFF.c.name)).scalars().all()
        found = [person for person in everyone if name and _words(person.name) == name]
        found = found or [person for person in everyone if len(name) == 1 and name[0] in _words(person.name)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(person.name for person in found)
        raise UnknownPerson(f"Several people fit that name: {names}. Nothing changed. Write the full name or @mention.")
    near = "" if mention else _near(wanted, session.execute(base).scalars().all())
    raise UnknownPerson(
        f"That person is not on the staff list, or is switched off. Nothing changed.{near} Use @mention, or ask your "
        "lead."
    )


def _near(text: str, people: Iterable[Staff]) -> str:
    """The one person whose name, or a word of it, is nearly what was written."""
    wanted = " ".join(_words(text.removeprefix("@")))[:80]
    names = {spelling: person.name for person in people for spelling in (_joined(person), *_words(person.name))}
    found = {names[spelling] for spelling in get_close_matches(wanted, names, n=3, cutoff=0.75)}
    return f" Did you mean {found.pop()}?" if len(found) == 1 else ""


def _joined(person: Staff) -> str:
    return " ".join(_words(person.name))


def active_person(session: Session, program_id: int, staff_id: int) -> Staff:
    """An active person, who stays active until the transaction ends. Raises `UnknownPerson`.

    Taken before the tasks that the person shall get: whoever switches the person off takes this row first as well.
    """
    wanted = select(Staff).where(_STAFF.c.program_id == program_id, _STAFF.c.id == staff_id)
    wanted = wanted.with_for_update(read=True).execution_options(populate_existing=True)
    found: Staff | None = session.execute(wanted).scalar_one_or_none()
    if found is None or not found.active:
        raise UnknownPerson("That person is not on the staff list, or is switched off. Nothing changed.")
    return found


def _words(name: str) -> list[str]:
    """The words of a name to compare by, without the title before it."""
    words = name.casefold().split()
    return words[1:] if words and words[0].strip(".") in TITLES else words


def staff_by_id(session: Session, program_id: int, ids: Iterable[int]) -> dict[int, Staff]:
    """People by id; ids of other programs are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(select(Staff).where(_STAFF.c.program_id == program_id, _STAFF.c.id.in_(wanted)))
    return {person.id: person for person in rows.scalars()}


def people_with_role(session: Session, program_id: int, *roles: Role) -> Sequence[Staff]:
    """Active people who hold any of the roles, by name."""
    return (
        session.execute(
            select(Staff)
            .where(
                _STAFF.c.program_id == program_id,
                _STAFF.c.active.is_(True),
                _STAFF.c.roles.overlap([role.value for role in roles]),
            )
            .order_by(_STAFF.c.name, _STAFF.c.id)
        )
        .scalars()
        .all()
    )


def lead_of(
    session: Session,
    program_id: int,
    lead_id: int | None,
    *,
    besides: int | None = None,
    away: Collection[int] = (),
) -> int | None:
    """Who is told of what goes wrong in a case: its own lead while active, else the first lead or manager there is.

    `besides` is somebody who is not to be told, since it comes from them; `away` only where nobody else is there.
    """
    people = people_with_role(session, program_id, Role.LEAD, Role.MANAGER)
    others = [person.id for person in people if person.id != besides]
    known = [staff_id for staff_id in others if staff_id not in away] or others
    return lead_id if lead_id in known else next(iter(known), None)


def calendar_of(program: Program) -> BusinessCalendar:
    """The program's business calendar, parsed once for each setting of it."""
    return _calendar(dumps(program.calendar, sort_keys=True), program.zone)


@lru_cache(maxsize=512)
def _calendar(config: str, zone: str) -> BusinessCalendar:
    return BusinessCalendar.from_config(loads(config), zone)


def digest_schedule(person: Staff, program: Program) -> Schedule | None:
    """When the person's digests are due; None for somebody who gets none."""
    if person.digest_at is None:
        return None
    days = None if person.digest_days is None else frozenset(person.digest_days)
    return Schedule(person.digest_at, ZoneInfo(person.zone), calendar_of(program), days)


def quiet_until(person: Staff, now: datetime) -> datetime | None:
    """When the person's quiet hours end (UTC), or None when they are not running at `now`."""
    if person.quiet_from is None or person.quiet_until is None or person.quiet_from == person.quiet_until:
        return None
    zone = ZoneInfo(person.zone)
    today = now.astimezone(zone).date()
    for began in (today - timedelta(days=1), today):
        ends = began if person.quiet_from < person.quiet_until else began + timedelta(days=1)
        start = local_moment(began, person.quiet_from, zone)
        end = local_moment(ends, person.quiet_until, zone)
        if start <= now < end:
            return end
    return None
