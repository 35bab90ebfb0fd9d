"""`caseboard program set` and `caseboard staff change`: what managers change in Slack with `settings`."""

from collections.abc import Mapping
from typing import Annotated

import typer

from app.cli.out import AsJson, ProgramSlug, WrongUsage, say, say_json
from app.cli.programs import opening_hours
from app.cli.staff import quiet_hours

By = Annotated[str | None, typer.Option("--by", help="Who it is that changes it: a name or Slack user id.")]


def set_program(
    slug: Annotated[str, typer.Argument(help="Short name of the program.")],
    hours: Annotated[
        list[str] | None, typer.Option(help='Opening hours of some days, or "fri closed"; repeat. Other days stay.')
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, such as America/New_York.")] = None,
    country: Annotated[str | None, typer.Option(help="Whose public holidays are days off; none for none.")] = None,
    subdivision: Annotated[str | None, typer.Option(help="State or province; none for none.")] = None,
    day_off: Annotated[list[str] | None, typer.Option(help='One more closed day, "YYYY-MM-DD Name"; repeat.')] = None,
    no_day_off: Annotated[
        list[str] | None, typer.Option(help="An own closed day (YYYY-MM-DD) that is none any more; repeat.")
    ] = None,
    open_on: Annotated[
        list[str] | None, typer.Option(help="A public holiday that is worked, by name, or none; these and no others.")
    ] = None,
    escalate: Annotated[
        list[str] | None,
        typer.Option(help='Delay to assignee, lead or manager: "lead 4 business hours", or "lead checklist"; repeat.'),
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Change a practice's hours, holidays and escalation. What is not named stays as it is.

    \b
    caseboard program set north --hours "fri 08:00-12:00" --hours "sat closed"
    caseboard program set north --day-off "2026-12-24 Christmas Eve" --open-on "Columbus Day"
    caseboard program set north --escalate "lead 2 business hours" --by "Max Weber"
    """
    from app.cli.opened import opened, pick_actor, pick_program
    from app.programs import calendars, escalations

    week = _week(hours or [])
    delays = _delays(escalate or [])
    said: list[str] = []
    with opened() as open_, open_.store.change() as uow:
        program = pick_program(uow.session, slug)
        actor = pick_actor(uow.session, program, by)
        now = calendars.hours_of(program.calendar, program.zone)
        wanted = {**now, **week, calendars.ZONE: zone or program.zone}
        if wanted != now:
            said += calendars.set_hours(uow, actor, wanted).lines
        now = calendars.holidays_of(program.calendar, program.zone)
        gone = set(no_day_off or ())
        own = [line for line in now[calendars.OWN].splitlines() if line.split()[0] not in gone]
        wanted = {
            calendars.COUNTRY: _or_none(country, now[calendars.COUNTRY]),
            calendars.SUBDIVISION: _or_none(subdivision, now[calendars.SUBDIVISION]),
            calendars.WORKED: now[calendars.WORKED] if open_on is None else "\n".join(_named(open_on)),
            calendars.OWN: "\n".join([*own, *(day_off or ())]),
        }
        if open_on is not None:
            _refuse_unknown(_named(open_on), wanted[calendars.COUNTRY], wanted[calendars.SUBDIVISION])
        if wanted != now:
            said += calendars.set_holidays(uow, actor, wanted).lines
        now = escalations.escalation_of(uow.session, program.id)
        if {**now, **delays} != now:
            said += escalations.set_escalation(uow, actor, {**now, **delays}).lines
    _answer({"program": slug}, said, as_json=as_json)


def change(
    name: Annotated[str, typer.Argument(help="Name or Slack user id.", metavar="PERSON")],
    role: Annotated[list[str] | None, typer.Option(help="A role that they have now; repeat. Others go.")] = None,
    skill: Annotated[
        list[str] | None, typer.Option(help="A skill that they have now, or none; repeat. Others go.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone.")] = None,
    quiet: Annotated[
        str | None, typer.Option(help="Hours without reminders, such as 18:00-08:00; or: none.", metavar="FROM-UNTIL")
    ] = None,
    by: By = None,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Change a person's roles, skills, zone and quiet hours. What they hold by a role that goes is in the pool then.

    \b
    caseboard staff change "Ana Ortiz" --role va --role coder
    caseboard staff change "Ana Ortiz" --quiet 19:00-07:00 --zone America/Chicago
    """
    from app.cli.opened import opened, pick_actor, pick_program
    from app.programs import persons
    from app.programs.queries import find_staff

    wanted: dict[str, str] = {}
    if role is not None:
        wanted[persons.ROLES] = "\n".join(role)
    if skill is not None:
        wanted[persons.SKILLS] = ", ".join(_named(skill))
    if zone is not None:
        wanted[persons.ZONE] = zone
    if quiet is not None:
        begin, end = ("", "") if quiet == NONE else (f"{at:%H:%M}" for at in quiet_hours(quiet))
        wanted |= {persons.QUIET_FROM: begin, persons.QUIET_UNTIL: end}
    if not wanted:
        raise WrongUsage("What is to change? Give --role, --skill, --zone or --quiet.")
    with opened() as open_, open_.store.change() as uow:
        where = pick_program(uow.session, program)
        person = find_staff(uow.session, where.id, name)
        changed = persons.set_person(uow, pick_actor(uow.session, where, by), person.id, wanted)
        known = person.name
    _answer({"name": known}, changed.lines, as_json=as_json)


NONE = "none"
"""Takes away what an option would set."""


def _week(hours: list[str]) -> dict[str, str]:
    """`fri 08:00-12:00` and `sat closed` as what is typed for each of these days."""
    found: dict[str, str] = {}
    for text in hours:
        days, _, times = text.strip().partition(" ")
        closed = times.strip().casefold() == "closed"
        read = opening_hours([f"{days} 08:00-09:00" if closed else text])
        found |= {day: "" if closed else ", ".join([*filter(None, [found.get(day)]), *times_of]) for day, times_of
                  in read.items()}  # fmt: skip
    return found


def _delays(escalate: list[str]) -> dict[str, str]:
    """`lead 4 business hours` and `lead checklist` as what is typed for each."""
    from app.programs.escalations import LABELS

    found = {}
    for text in escalate:
        tells, _, after = text.strip().partition(" ")
        if tells not in LABELS or not after.strip():
            raise WrongUsage(f"“{text}” says not whom, or not after what. Write for example: lead 4 business hours")
        found[tells] = "" if after.strip() == "checklist" else after
    return found


def _refuse_unknown(names: list[str], country: str, subdivision: str) -> None:
    """A name that is no public holiday there is left out where it is picked from a list; typed, it is a mistake."""
    from app.programs.calendars import names_of

    known = names_of(country.upper(), subdivision.upper())
    unknown = [name for name in names if name not in known]
    if unknown:
        raise WrongUsage(f"“{unknown[0]}” is no public holiday there. There are: {', '.join(known) or 'none'}.")


def _named(values: list[str]) -> list[str]:
    return [] if values == [NONE] else values


def _or_none(given: str | None, now: str) -> str:
    return now if given is None else "" if given == NONE else given


def _answer(about: Mapping[str, str], changed: list[str] | tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        say_json({**about, "changed": list(changed)})
    elif not changed:
        say("That is how it stands already.")
    else:
        for line in changed:
            say(line)
