"""A person's quiet hours and time zone. Quiet hours hold reminders, never what is late."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Final, Literal

from sqlalchemy import select, text

from app.checklists.vocabulary import Role
from app.programs import absences
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Staff
from app.programs.queries import quiet_until
from app.programs.service import BadSetting
from app.programs.settings import Values, differences, note
from app.programs.typed import typed_time
from app.programs.zones import read_zone
from app.store.types import table
from app.store.uow import UnitOfWork

Hours = tuple[time, time] | Literal["off"] | None
"""From and until, none at all, or None: as they are."""
_STAFF = table(Staff)
# What was held by the former hours is looked at anew: it is told now, together, or waits for the end of the new ones.
_LOOK_ANEW = text(
    "UPDATE timers m SET held_until = :now FROM tasks t WHERE t.id = m.task_id AND t.holder_id = :staff"
    " AND m.state = 'pending' AND m.held_until > :now"
)
_QUESTIONS_TOO = text(
    "UPDATE questions SET next_at = :now WHERE to_id = :staff AND next_at = :held_until AND next_at < due_at"
)
LABELS: Final[Mapping[str, str]] = {"zone": "Time zone", "quiet_from": "Quiet from", "quiet_until": "Quiet until"}


def quiet_of(person: Staff) -> Values:
    """A person's zone and quiet hours, as they are typed."""
    return {
        "zone": person.zone,
        "quiet_from": typed_time(person.quiet_from),
        "quiet_until": typed_time(person.quiet_until),
    }


def set_quiet(uow: UnitOfWork, actor: Actor, staff_id: int, *, hours: Hours = None, zone: str | None = None) -> bool:
    """Choose a person's quiet hours, local times of their zone, which may run over midnight; and their zone, as said.

    Returns whether that was news. In another zone the person's digest and report come at the same hour there, once a
    day as ever, and their time off is of the same days. Only admins, managers, the system, and the person. Raises
    `NotAllowed`, `BadSetting`, `BadZone`.
    """
    if actor.staff_id not in (None, staff_id) and not actor.has(Role.ADMIN, Role.MANAGER):
        raise NotAllowed("Only an admin or a manager changes other people's quiet hours. Nothing changed.")
    if isinstance(hours, tuple) and hours[0] == hours[1]:
        raise BadSetting("Quiet hours begin and end at different times. Nothing changed. For none at all: quiet off")
    name = None if zone is None else read_zone(zone)
    wanted = select(Staff).where(_STAFF.c.program_id == actor.program_id, _STAFF.c.id == staff_id)
    wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    person: Staff = uow.session.execute(wanted).scalar_one()
    was, held_until = quiet_of(person), quiet_until(person, uow.now)
    if hours is not None:
        person.quiet_from, person.quiet_until = (None, None) if hours == "off" else hours
    if name is not None and name != person.zone:
        absences.move(uow, actor, person, name)
        person.zone = name
    changed = differences(was, quiet_of(person), LABELS)
    if not changed:
        return False
    if "zone" in changed:
        # When to look next, which works out what is due in the new zone.
        person.digest_due_at = None if person.digest_due_at is None else uow.now
        person.report_due_at = None if person.report_due_at is None else uow.now
    uow.session.flush()
    _look_anew(uow, staff_id, held_until)
    note(uow, actor, ("staff.quiet", "staff", staff_id), changed)
    return True


def _look_anew(uow: UnitOfWork, staff_id: int, held_until: datetime | None) -> None:
    """Look again at what the former quiet hours held back; `held_until` is the end of those that held then, if any."""
    uow.session.execute(_LOOK_ANEW, {"staff": staff_id, "now": uow.now})
    if held_until is not None:
        values = {"staff": staff_id, "now": uow.now, "held_until": held_until}
        uow.session.execute(_QUESTIONS_TOO, values)
