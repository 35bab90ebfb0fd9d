"""Programs and their people: making and changing them."""

import re
from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from sqlalchemy import or_, text, update

from app.audit import service as audit
from app.checklists.vocabulary import Role
from app.digests.rules import DEFAULT_HOUR
from app.kernel.business import BusinessCalendar
from app.notices.service import expect, see_out
from app.programs.actor import Actor, NotAllowed, Origin
from app.programs.models import Program, Staff
from app.programs.queries import digest_schedule
from app.programs.zones import read_zone
from app.refusals import Refusal
from app.store.uow import UnitOfWork

GET_DIGESTS = frozenset({Role.SURGEON, Role.CLINICIAN})
"""Who gets a daily digest unless it is chosen otherwise."""
_GUEST = text("SELECT guest FROM staff WHERE id = :staff FOR NO KEY UPDATE")
_NOTE_GUEST = text("UPDATE staff SET guest = :guest WHERE id = :staff AND program_id = :program AND guest <> :guest")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]+")


class BadSetting(Refusal):
    """A program's or a person's setting cannot be used."""


def system(program_id: int, origin: Origin = Origin.TIMER) -> Actor:
    """The actor for what nobody asked for: timers, imports, set-up."""
    return Actor(program_id, None, "Caseboard", None, frozenset(), origin=origin)


def create_program(
    uow: UnitOfWork,
    *,
    slug: str,
    name: str,
    zone: str,
    calendar: Mapping[str, Any],
    slack_team_id: str | None = None,
) -> Program:
    """Make a program. `calendar` is what `BusinessCalendar.from_config` reads; raises `CalendarError`, `BadZone`."""
    zone = read_zone(zone)
    BusinessCalendar.from_config(calendar, zone)
    program = Program(
        slug=slug,
        name=name,
        zone=zone,
        calendar=dict(calendar),
        slack_team_id=slack_team_id,
        created_at=uow.now,
    )
    uow.session.add(program)
    uow.session.flush()
    audit.record(uow, system(program.id, Origin.CLI), "program.create", "program", program.id)
    return program


def bind_program(uow: UnitOfWork, actor: Actor, slack_team_id: str) -> None:
    """Bind the actor's program to a Slack workspace. Raises `BadSetting` where it is bound to another one."""
    changed = uow.session.execute(
        update(Program)
        .where(
            Program.id == actor.program_id,  # type: ignore[arg-type]
            or_(Program.slack_team_id.is_(None), Program.slack_team_id == slack_team_id),  # type: ignore[union-attr, arg-type]
        )
        .values(slack_team_id=slack_team_id)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise BadSetting(
            "The program is bound to another workspace already, and its channels are there. Nothing changed."
        )
    audit.record(uow, actor, "program.bind", "program", actor.program_id, fields=("slack_team_id",))


def add_staff(
    uow: UnitOfWork,
    program_id: int,
    *,
    slack_user_id: str,
    name: str,
    roles: Iterable[Role | str],
    skills: Iterable[str] = (),
    zone: str,
    quiet: tuple[time, time] | None = None,
) -> Staff:
    """Add a person. `quiet` is from and until, local times of `zone`; it may run over midnight.

    Surgeons and clinicians get a digest at DEFAULT_HOUR on business days, from the next such moment on.
    Raises `BadSetting`, `BadZone`.
    """
    zone = read_zone(zone)
    if not _SLACK_USER.fullmatch(slack_user_id):
        raise BadSetting(f"A Slack user id reads U0123ABCD: profile, ⋮, Copy member ID. {name} was not added.")
    staff = Staff(
        program_id=program_id,
        slack_user_id=slack_user_id,
        name=name,
        roles=sorted({Role(role).value for role in roles}),
        skills=sorted(set(skills)),
        zone=zone,
        quiet_from=quiet[0] if quiet else None,
        quiet_until=quiet[1] if quiet else None,
    )
    if not staff.roles:
        raise BadSetting(f"{name} needs at least one role: {', '.join(Role)}.")
    if not GET_DIGESTS.isdisjoint(staff.roles):
        staff.digest_at = DEFAULT_HOUR
        schedule = digest_schedule(staff, uow.session.get_one(Program, program_id))
        staff.digest_due_at = None if schedule is None else schedule.next(uow.now)
    uow.session.add(staff)
    uow.session.flush()
    audit.record(uow, system(program_id, Origin.CLI), "staff.add", "staff", staff.id, fields=("roles", "skills"))
    expect(uow, program_id, slack_user_id)
    return staff


def set_active(uow: UnitOfWork, actor: Actor, staff_id: int, *, active: bool) -> bool:
    """Note that a person left, or came back. Returns whether that was news. Only admins, managers, the system.

    Raises `NotAllowed`, and `BadSetting` where a guest of the workspace is to come back.
    """
    if actor.staff_id is not None and not actor.has(Role.ADMIN, Role.MANAGER):
        raise NotAllowed("Only an admin or a manager changes who works here. Nothing changed.")
    if active and uow.session.execute(_GUEST, {"staff": staff_id}).scalar_one_or_none():
        raise BadSetting(
            "Slack says that this account is a guest's, and guests cannot work here. Nothing changed. Have a full "
            "account made of it in Slack first."
        )
    changed = uow.session.execute(
        update(Staff)
        .where(Staff.id == staff_id, Staff.program_id == actor.program_id, Staff.active.is_(not active))  # type: ignore[attr-defined, arg-type]
        .values(active=active)
        .returning(Staff.slack_user_id)  # type: ignore[call-overload]
    ).scalar_one_or_none()
    if changed is None:
        return False
    audit.record(uow, actor, "staff.activate" if active else "staff.deactivate", "staff", staff_id)
    (expect if active else see_out)(uow, actor.program_id, changed)
    return True


def note_guest(uow: UnitOfWork, actor: Actor, staff_id: int, *, guest: bool) -> None:
    """Note what Slack says of an account. A guest must have been switched off before; nobody is switched on by this."""
    values = {"staff": staff_id, "program": actor.program_id, "guest": guest}
    if uow.session.execute(_NOTE_GUEST, values).rowcount:  # type: ignore[attr-defined]
        audit.record(uow, actor, "staff.guest" if guest else "staff.full_account", "staff", staff_id)
