"""The settings' screens: what opens them, and what they do when they are saved."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.checklists.replanning import replan_few
from app.checklists.vocabulary import Role
from app.kernel.business import BusinessCalendar
from app.programs import calendars, escalations, persons
from app.programs.actor import NotAllowed
from app.programs.models import Staff
from app.programs.queries import calendar_of
from app.programs.settings import Changed, Stale, Values, mark_of, refuse_others
from app.programs.typed import MOST_TYPED
from app.refusals import Refusal
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import SAID, WHY, Chosen, Form, State
from app.slack.views import modals, replies
from app.slack.views import settings as draw
from app.slack.views.modals import About, View
from app.store.types import table
from app.tasks.queries import tasks_of
from app.tasks.regrading import unfit
from app.text import TooLong

LOOKS_AHEAD: Final = 400
"""Days in which the next closed ones are looked for."""
_STAFF = table(Staff)
_ANEW: Final = frozenset({Stale.__name__, "NotSure", NotAllowed.__name__})
"""Said on top of the form; whoever may not open it any more reads it instead of the form."""
Set = Callable[[Visit, About, Values, str], Changed]


class NotSure(Refusal):
    """A change that would move deadlines, and says so first."""


def overview_lines(visit: Visit) -> list[str]:
    """What holds now. Raises `NotAllowed` for whoever does not keep it."""
    refuse_others(visit.actor)
    program, session = visit.program, visit.uow.session
    rows = session.execute(
        select(func.unnest(_STAFF.c.roles).label("role"), func.count().label("n"))
        .where(_STAFF.c.program_id == program.id, _STAFF.c.active.is_(True))
        .group_by("role")
    ).all()
    counts = {row.role: row.n for row in rows}
    people = {role.value: counts[role.value] for role in Role if role.value in counts}
    return draw.lines(
        calendars.hours_of(program.calendar, program.zone),
        calendars.holidays_of(program.calendar, program.zone),
        escalations.approvals_of(session, program.id),
        people,
    )


def _overview(visit: Visit, about: About, chosen: Chosen) -> View:
    said = overview_lines(visit)
    rows = visit.uow.session.execute(
        select(_STAFF.c.id, _STAFF.c.name, _STAFF.c.active)
        .where(_STAFF.c.program_id == visit.program.id)
        .order_by(_STAFF.c.active.desc(), _STAFF.c.name, _STAFF.c.id)
    ).all()
    people = [(row.name if row.active else f"{row.name} (switched off)", row.id) for row in rows]
    return draw.overview(said, people, about, chosen.get(SAID))


def _hours(visit: Visit, about: About, chosen: Chosen) -> View:
    refuse_others(visit.actor)
    now = calendars.hours_of(visit.program.calendar, visit.program.zone)
    deadlines = _counted_anew(visit, chosen)
    return draw.hours(_sure(about, chosen, calendars.HOURS_LABELS), now, chosen, deadlines, chosen.get(SAID))


def _counted_anew(visit: Visit, chosen: Chosen) -> tuple[int, int] | None:
    """How many deadlines of how many cases; None where the form says already which of them move."""
    if chosen.get(WHY) == NotSure.__name__:
        return None
    return calendars.open_deadlines(visit.uow.session, visit.actor, visit.uow.now)


def _holidays(visit: Visit, about: About, chosen: Chosen) -> View:
    refuse_others(visit.actor)
    now = calendars.holidays_of(visit.program.calendar, visit.program.zone)
    if len(now[calendars.OWN]) > MOST_TYPED:
        raise TooLong(
            "There are more closed days than a form can hold. Nothing changed. Take some out on the server: "
            "caseboard program set SLUG --no-day-off DATE"
        )
    names = calendars.names_of(now[calendars.COUNTRY], now[calendars.SUBDIVISION])
    deadlines = _counted_anew(visit, chosen)
    days = (visit.today + timedelta(days=number) for number in range(LOOKS_AHEAD))
    calendar: BusinessCalendar = calendar_of(visit.program)
    coming = [(day, name) for day in days if (name := calendar.holiday_name(day)) is not None]
    about = _sure(about, chosen, calendars.HOLIDAYS_LABELS)
    return draw.holidays(about, now, chosen, names, coming, deadlines, chosen.get(SAID))


def _escalation(visit: Visit, about: About, chosen: Chosen) -> View:
    refuse_others(visit.actor)
    session, program_id = visit.uow.session, visit.program.id
    now, approvals = escalations.escalation_of(session, program_id), escalations.approvals_of(session, program_id)
    return draw.escalation(about, now, chosen, approvals, ZoneInfo(visit.program.zone), chosen.get(SAID))


def _person(visit: Visit, about: About, chosen: Chosen) -> View:
    refuse_others(visit.actor)
    person = persons.person_here(visit.uow, visit.actor, about.id)
    roles = [Role(role) for role in person.roles]
    goes = {role: len(unfit(visit.uow, person, set(roles) - {role})) for role in roles}
    held = len(tasks_of(visit.uow.session, visit.program.id, holder_id=person.id, limit=1000))
    return draw.person(about, person.name, persons.person_of(person), chosen, goes, held, chosen.get(SAID))


def _set_hours(visit: Visit, about: About, given: Values, seen: str) -> Changed:
    changed = calendars.set_hours(visit.uow, visit.actor, given, mark_seen=seen)
    return _ask_first(visit, about, given, changed)


def _set_holidays(visit: Visit, about: About, given: Values, seen: str) -> Changed:
    changed = calendars.set_holidays(visit.uow, visit.actor, given, mark_seen=seen)
    return _ask_first(visit, about, given, changed)


def _ask_first(visit: Visit, about: About, given: Values, changed: Changed) -> Changed:
    """Raise `NotSure` where deadlines would move and nobody has been told that of these very values."""
    if about.sure == mark_of(given) or not changed.lines:
        return changed
    moves = replan_few(visit.uow, visit.actor.program_id)
    if moves is None:
        deadlines, cases = calendars.open_deadlines(visit.uow.session, visit.actor, visit.uow.now)
        raise NotSure(draw.may_move(deadlines, cases))
    if moves.deadlines:
        raise NotSure(draw.moves(moves, ZoneInfo(visit.program.zone)))
    return replace(changed, effect="No deadline moves.")


def _set_escalation(visit: Visit, _: About, given: Values, seen: str) -> Changed:
    return escalations.set_escalation(visit.uow, visit.actor, given, mark_seen=seen)


def _set_person(visit: Visit, about: About, given: Values, seen: str) -> Changed:
    day = given[persons.REPORT_DAY]
    wanted = {**given, persons.REPORT_DAY: "" if day == draw.NEVER else day}
    return persons.set_person(visit.uow, visit.actor, about.id, wanted, mark_seen=seen)


def given_of(typed: Values, labels: Mapping[str, str]) -> Values:
    """What was typed in the fields of a section, and nothing in those that its form does not have."""
    return {field: typed.get(field, "") for field in labels}


def _sure(about: About, chosen: Chosen, labels: Mapping[str, str]) -> About:
    """The form remembers of which values it has said what would come of them."""
    said = chosen.get(WHY) == NotSure.__name__
    return replace(about, sure=mark_of(given_of(chosen, labels))) if said else about


def _section(
    name: str,
    kind: str,
    labels: Mapping[str, str],
    view: Callable[[Visit, About, Chosen], View],
    put: Set,
    beside: Mapping[str, str] | None = None,
) -> Form:
    """The form of a section: every field that it has is given, and a field that it does not have is empty."""

    def work(visit: Visit, about: About, state: State) -> Answer:
        typed = modals.typed(state)
        given = given_of(typed, labels)
        changed = put(visit, about, given, about.seen)
        return replies.said(f"{changed.said} {changed.effect}".rstrip())

    first = next(iter(labels))
    return Form(name, kind, first, view, work, beside or {}, _ANEW, draw.SETTINGS)


def _nothing(_: Visit, __: About, ___: State) -> Answer:
    """The first screen has nothing to save."""
    return replies.said("There is nothing to save here. Nothing changed. Press Change beside a section.")


OVERVIEW: Final = Form(draw.SETTINGS, "p", draw.SETTINGS, _overview, _nothing)
HOURS: Final = _section(draw.HOURS, "p", calendars.HOURS_LABELS, _hours, _set_hours)
HOLIDAYS: Final = _section(
    draw.HOLIDAYS, "p", calendars.HOLIDAYS_LABELS, _holidays, _set_holidays,
    {"PatientData": calendars.OWN, "TooLong": calendars.OWN},
)  # fmt: skip
ESCALATION: Final = _section(draw.ESCALATION, "p", escalations.LABELS, _escalation, _set_escalation)
PERSON: Final = _section(
    draw.PERSON, "s", persons.LABELS, _person, _set_person, {"PatientData": persons.SKILLS}
)  # fmt: skip
FORMS: Final = (OVERVIEW, HOURS, HOLIDAYS, ESCALATION, PERSON)
