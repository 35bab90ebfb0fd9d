"""The working hours and the holidays of a program, as its managers change them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlmodel import Session

from app.checklists.replanning import mark
from app.digests.rules import WEEKDAYS
from app.kernel.business import BusinessCalendar, CalendarError, holiday_names
from app.kernel.calendar_config import known_names
from app.kernel.clock import day_words
from app.programs.actor import Actor
from app.programs.models import Program, Staff
from app.programs.queries import digest_schedule
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
from app.programs.typed import BadDays, BadHours, parse_days, parse_hours, written_days, written_hours
from app.store.types import table
from app.store.uow import UnitOfWork
from app.text import plain

HOURS: Final = "program.hours"
HOLIDAYS: Final = "program.holidays"
ZONE: Final = "zone"
COUNTRY: Final = "country"
SUBDIVISION: Final = "subdivision"
OWN: Final = "own_days"
WORKED: Final = "worked"
HOURS_LABELS: Final[Mapping[str, str]] = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday", ZONE: "Time zone",
}  # fmt: skip
HOLIDAYS_LABELS: Final[Mapping[str, str]] = {
    COUNTRY: "Country", SUBDIVISION: "State or province", WORKED: "Open on", OWN: "Own closed days",
}  # fmt: skip
NAME_LENGTH: Final = 60
MOST_NAMED: Final = 3
"""Days that a sentence names."""
_SHORT = re.compile(r"[A-Za-z0-9-]{1,10}\Z")
_STAFF = table(Staff)
_OPEN = text(
    "SELECT count(*) AS deadlines, count(DISTINCT k.case_id) AS cases FROM clocks k JOIN cases c ON c.id = k.case_id"
    " WHERE c.program_id = :program AND c.state = 'open' AND k.state = 'running' AND k.deadline_at > :now"
)


def hours_of(calendar: Mapping[str, Any], zone: str) -> Values:
    """The working hours of each weekday, and the zone, as they are typed."""
    hours = calendar.get("hours", {})
    by_day = {str(key)[:3].casefold(): written_hours(intervals) for key, intervals in hours.items()}
    return {day: by_day.get(day, "") for day in WEEKDAYS} | {ZONE: zone}


def holidays_of(calendar: Mapping[str, Any], _zone: str) -> Values:
    """Whose public holidays close the program, on which of them it is open all the same, and its own closed days."""
    country, subdivision = calendar.get("country") or "", calendar.get("subdivision") or ""
    return {
        COUNTRY: country,
        SUBDIVISION: subdivision,
        WORKED: "\n".join(_worked(calendar, country, subdivision)),
        OWN: written_days(calendar.get("holidays") or {}),
    }


def names_of(country: str, subdivision: str) -> list[str]:
    """The public holidays of a place, by name, without those that only stand in for them; nothing without a country."""
    if not country:
        return []
    try:
        return sorted(name for name in known_names(country, subdivision or None) if " (" not in name)
    except NotImplementedError:  # a place that the `holidays` library does not know
        return []


def open_deadlines(session: Session, actor: Actor, now: datetime) -> tuple[int, int]:
    """How many deadlines are to come, and of how many cases: those that a changed calendar counts anew."""
    found = session.execute(_OPEN, {"program": actor.program_id, "now": now}).one()
    return found.deadlines, found.cases


def set_hours(uow: UnitOfWork, actor: Actor, given: Values, *, mark_seen: str | None = None) -> Changed:
    """Change working hours and zone. Deadlines are counted anew, a case at a time (`app.checklists.replanning`).

    `mark_seen` is of `settings.seen` when the form was opened. Raises `NotAllowed`, `Stale` and `BadField`.
    """
    program = hold(uow, actor)
    about = (HOURS, "program", program.id)
    refuse_stale(uow, actor, about, hours_of(program.calendar, program.zone), HOURS_LABELS, mark_seen)
    hours = {}
    for day in WEEKDAYS:
        try:
            intervals = parse_hours(given.get(day, ""))
        except BadHours as error:
            raise BadField(day, f"{error} Nothing changed.") from error
        if intervals:
            hours[day] = intervals
    if not hours:
        raise BadField("mon", "A practice that is never open counts no time. Nothing changed. Give one day its hours.")
    zone = typed_zone(ZONE, given.get(ZONE, ""), program.zone)
    return _put(uow, actor, program, about, {**program.calendar, "hours": hours}, zone)


def set_holidays(uow: UnitOfWork, actor: Actor, given: Values, *, mark_seen: str | None = None) -> Changed:
    """Change the holidays. Names in `worked` that the country does not have are left out: it may be another one now.

    Otherwise as `set_hours`; the names of own days can besides raise what a text can.
    """
    program = hold(uow, actor)
    about = (HOLIDAYS, "program", program.id)
    refuse_stale(uow, actor, about, holidays_of(program.calendar, program.zone), HOLIDAYS_LABELS, mark_seen)
    country, subdivision = given.get(COUNTRY, "").strip().upper(), given.get(SUBDIVISION, "").strip().upper()
    _place(program, country, subdivision)
    today = uow.now.astimezone(ZoneInfo(program.zone)).date()
    try:
        days = parse_days(given.get(OWN, ""), today)
    except BadDays as error:
        raise BadField(OWN, f"{error} Nothing changed.") from error
    days = {day: plain(name, "name of a day", limit=NAME_LENGTH) if name else "" for day, name in days.items()}
    former = program.calendar.get("holidays") or {}
    over = [date.fromisoformat(day) for day in days if day not in former and date.fromisoformat(day) < today]
    known = names_of(country, subdivision)
    worked = [name for name in given.get(WORKED, "").splitlines() if name in known]
    kept = {key: value for key, value in program.calendar.items() if key not in _HOLIDAY_KEYS}
    config = kept | ({"country": country} if country else {}) | ({"subdivision": subdivision} if subdivision else {})
    config |= ({"worked_names": worked} if worked else {}) | ({"holidays": days} if days else {})
    changed = _put(uow, actor, program, about, config, program.zone)
    return replace(changed, said=f"{changed.said} {_over(over)}") if over else changed


def _over(days: Sequence[date]) -> str:
    """A day that is over may be a slip of the year; it may be meant too, for what the reports count."""
    named = ", ".join(map(day_words, days[:MOST_NAMED])) + (" …" if len(days) > MOST_NAMED else "")
    return f"{named} {'is' if len(days) == 1 else 'are'} over: if the year is a slip, mend it there."


_HOLIDAY_KEYS: Final = ("country", "subdivision", "closed_names", "worked_names", "holidays")


def _place(program: Program, country: str, subdivision: str) -> None:
    """Raise `BadField` where the `holidays` library knows no such place."""
    for field, value in ((COUNTRY, country), (SUBDIVISION, subdivision)):
        if value and not _SHORT.match(value):
            raise BadField(field, "Write its short code, such as US and TX. Nothing changed.")
    try:
        BusinessCalendar.from_config({"hours": program.calendar["hours"], "country": country or None}, program.zone)
    except CalendarError as error:
        raise BadField(COUNTRY, f"{_capital(error)}. Nothing changed.") from error
    try:
        config = {"hours": program.calendar["hours"], "country": country or None, "subdivision": subdivision or None}
        BusinessCalendar.from_config(config, program.zone)
    except CalendarError as error:
        raise BadField(SUBDIVISION, f"{_capital(error)}. Nothing changed.") from error


def _put(
    uow: UnitOfWork, actor: Actor, program: Program, about: tuple[str, str, int], config: Mapping[str, Any], zone: str
) -> Changed:
    """Write a calendar that was checked field by field, and have what hangs on it planned anew."""
    values, labels = (hours_of, HOURS_LABELS) if about[0] == HOURS else (holidays_of, HOLIDAYS_LABELS)
    try:
        BusinessCalendar.from_config(config, zone)
    except CalendarError as error:
        raise BadField(next(iter(labels)), f"{_capital(error)}. Nothing changed.") from error
    changed = differences(values(program.calendar, program.zone), values(config, zone), labels)
    if not changed:
        return Changed(NOTHING)
    program.calendar, program.zone = dict(config), zone
    uow.session.flush()
    note(uow, actor, about, changed)
    _digests(uow, program)  # people before cases, as an absence that begins takes them
    mark(uow, program.id)
    deadlines, cases = open_deadlines(uow.session, actor, uow.now)
    lines = tuple(changed.values())
    return Changed(f"Saved. {summed(lines)}.", lines, _counted(deadlines, cases))


def _digests(uow: UnitOfWork, program: Program) -> None:
    """Look for digests of business days no later than by the new calendar."""
    wanted = select(Staff).where(
        _STAFF.c.program_id == program.id, _STAFF.c.digest_at.is_not(None), _STAFF.c.digest_days.is_(None)
    )
    wanted = wanted.order_by(_STAFF.c.id).with_for_update(key_share=True).execution_options(populate_existing=True)
    for person in uow.session.execute(wanted).scalars():
        schedule = digest_schedule(person, program)
        if schedule is not None and person.digest_due_at is not None:
            person.digest_due_at = min(person.digest_due_at, schedule.next(uow.now))
    uow.session.flush()


def _worked(config: Mapping[str, Any], country: str, subdivision: str) -> list[str]:
    """The public holidays on which the program is open, whichever way its calendar says so."""
    worked = set(config.get("worked_names") or ())
    closed = frozenset(config.get("closed_names") or ())
    if closed:
        worked |= {name for name in names_of(country, subdivision) if closed.isdisjoint(holiday_names(name))}
    return sorted(worked)


def _counted(deadlines: int, cases: int) -> str:
    if not deadlines:
        return "No deadline is open."
    of = f"{deadlines} open deadline{'s' * (deadlines != 1)} of {cases} case{'s' * (cases != 1)}"
    return f"{of} {'is' if deadlines == 1 else 'are'} worked out again; a case where one moves says so in its channel."


def _capital(error: Exception) -> str:
    words = str(error)
    return words[:1].upper() + words[1:]
