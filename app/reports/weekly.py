"""The weekly report: who gets it and when, and making it once a local week."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from app.audit import service as audit
from app.checklists.vocabulary import Role
from app.digests.coming import Coming
from app.digests.models import WEEKLY, Digest
from app.digests.rules import WEEKDAYS, Schedule
from app.programs.actor import Actor, NotAllowed, Origin
from app.programs.models import Program, Staff
from app.programs.queries import as_actor, calendar_of
from app.programs.service import system
from app.programs.settings import Values, differences, note
from app.programs.typed import typed_time
from app.reports.queries import Asked
from app.reports.ranges import LAST_WEEK
from app.reports.sending import tell_report
from app.reports.service import READERS
from app.store.types import table
from app.store.uow import UnitOfWork

DEFAULT_DAY: Final = "mon"
DEFAULT_AT: Final = time(8)
LABELS: Final[Mapping[str, str]] = {"report_day": "Weekly report on", "report_at": "Weekly report at"}
_STAFF, _DIGESTS = table(Staff), table(Digest)
_MAKE = insert(_DIGESTS).on_conflict_do_nothing().returning(_DIGESTS.c.day)
_SENT = text("UPDATE digests SET notice_id = :notice WHERE staff_id = :me AND day = :day AND kind = :kind")


def schedule_of(person: Staff, program: Program) -> Schedule | None:
    """When the person's weekly reports are due; None for somebody who gets none."""
    if person.report_at is None or person.report_day is None:
        return None
    days = frozenset({person.report_day})
    return Schedule(person.report_at, ZoneInfo(person.zone), calendar_of(program), days)


def week_due(schedule: Schedule, now: datetime) -> date | None:
    """The Monday of the local week whose report is due at `now`, None when this week's moment is to come.

    One that was missed is made up for within its week; a week that is over never is.
    """
    today = now.astimezone(schedule.zone).date()
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(days=number) for number in range(7)]
    return monday if any(schedule.falls_on(day) and schedule.moment(day) <= now for day in days) else None


def weekly_of(person: Staff) -> Values:
    """When a person gets the report, as it is typed."""
    return {"report_day": person.report_day or "", "report_at": typed_time(person.report_at)}


def reader(uow: UnitOfWork, actor: Actor) -> Staff:
    """The person who asks, of whom it is told when their report comes. Raises `NotAllowed` for whoever gets none."""
    person: Staff = uow.session.get_one(Staff, actor.staff_id)
    _refuse_others(person)
    return person


def _refuse_others(person: Staff) -> None:
    if not as_actor(person, Origin.CLI).has(*READERS):
        raise NotAllowed(
            f"The weekly report is for leads, managers and admins, and {person.name} is none. Nothing changed. "
            "Anybody sees their own numbers with: sla"
        )


def set_weekly(uow: UnitOfWork, actor: Actor, staff_id: int, day: str | None, at: time = DEFAULT_AT) -> Staff:
    """Choose on which weekday (as in `WEEKDAYS`) at which local time a person gets the report; None: never.

    For leads, managers and admins, who choose for themselves; managers, admins and the system choose for others. A
    moment of this week that is over by now is not made up for. Raises `NotAllowed`.
    """
    if actor.staff_id not in (None, staff_id) and not actor.has(Role.ADMIN, Role.MANAGER):
        raise NotAllowed("Only an admin or a manager changes when others get the report. Nothing changed.")
    wanted = select(Staff).where(_STAFF.c.program_id == actor.program_id, _STAFF.c.id == staff_id)
    wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    person: Staff = uow.session.execute(wanted).scalar_one()
    if day is not None:
        _refuse_others(person)
    assert day is None or day in WEEKDAYS
    program = uow.session.get_one(Program, actor.program_id)
    was = weekly_of(person)
    person.report_day, person.report_at = day, None if day is None else at
    schedule = schedule_of(person, program)
    person.report_due_at = None if schedule is None else schedule.next(uow.now)
    uow.session.flush()
    changed = differences(was, weekly_of(person), LABELS)
    if changed:
        note(uow, actor, ("staff.report", "staff", person.id), changed)
    return person


def _send(uow: UnitOfWork, person: Staff) -> None:
    program = uow.session.get_one(Program, person.program_id)
    schedule = schedule_of(person, program)
    assert schedule is not None, "a person without weekly reports has no moment to look at"
    week = week_due(schedule, uow.now)
    reader = as_actor(person, Origin.TIMER)
    if week is not None and reader.has(*READERS):
        row = {"staff_id": person.id, "day": week, "kind": WEEKLY, "program_id": person.program_id, "made_at": uow.now}
        if uow.session.execute(_MAKE, row).one_or_none() is not None:
            first, last = LAST_WEEK.resolve(week)
            notice = tell_report(uow, reader, Asked(first, last), f"weekly:{person.id}:{week.isoformat()}")
            uow.session.execute(_SENT, {"notice": notice, "me": person.id, "day": week, "kind": WEEKLY})
            audit.record(uow, system(person.program_id), "report.make", "staff", person.id, fields=("report",))
    person.report_due_at = schedule.next(uow.now)
    uow.session.flush()


REPORTS: Final = Coming("weekly report", "report_due_at", _send)
