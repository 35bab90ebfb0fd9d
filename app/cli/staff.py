"""`caseboard staff`."""

from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, CannotDo, ProgramSlug, WrongUsage, remark, say, say_json, say_table

if TYPE_CHECKING:
    from app.cli.opened import Opened
    from app.programs.models import Program, Staff

app = group()
SECONDS = 5.0
"""How long Slack is waited for."""


@app.callback()
def staff() -> None:
    """The people of a practice, and what they may do."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The name that others see.", metavar="NAME")],
    slack: Annotated[str, typer.Option(help="Slack user id (U…): profile, ⋮, Copy member ID.")],
    role: Annotated[
        list[str],
        typer.Option(
            help="va, lead, surgeon, clinician, coder, biller, navigator, manager or admin; repeat for several."
        ),
    ],
    skill: Annotated[list[str] | None, typer.Option(help="A skill that some tasks ask for; repeat.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone; default: the practice's.")] = None,
    quiet: Annotated[
        str | None, typer.Option(help="Hours without reminders, local time, such as 18:00-08:00.", metavar="FROM-UNTIL")
    ] = None,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Add a person.

    \b
    caseboard staff add "Ana Ortiz" --slack U0123ABCD --role va --skill imaging
    caseboard staff add "Lea Brandt" --slack U0456EFGH --role lead --role coder --quiet 18:00-08:00
    """
    from sqlalchemy.exc import IntegrityError

    from app.checklists.vocabulary import Role
    from app.cli.opened import opened, pick_program
    from app.programs.actor import Origin
    from app.programs.service import add_staff, system
    from app.programs.welcome import welcome

    unknown = [word for word in role if word not in list(Role)]
    if unknown:
        raise WrongUsage(f"“{unknown[0]}” is no role. There are: {', '.join(Role)}.")
    hours = None if quiet is None else quiet_hours(quiet)
    with opened() as open_:
        with open_.store.read() as uow:
            found = pick_program(uow.session, program)
        _ask_slack(open_, found, slack, name)
        try:
            with open_.store.change() as uow:
                where = pick_program(uow.session, program)
                person = add_staff(
                    uow,
                    where.id,
                    slack_user_id=slack,
                    name=name,
                    roles=role,
                    skills=skill or (),
                    zone=zone or where.zone,
                    quiet=hours,
                )
                welcome(uow, system(where.id, Origin.CLI), person)
                answer = {"program": where.slug, "id": person.id, "name": name, "slack": slack, "roles": person.roles}
        except IntegrityError:
            raise CannotDo(
                f"The Slack user {slack} is on the staff already. Nothing changed. See: caseboard staff list"
            ) from None
    if as_json:
        say_json(answer)
    else:
        say(
            f"Added {name} as {', '.join(role)}. They are invited to the channels of open cases, and told "
            "by direct message what to do first."
        )


@app.command("list")
def list_(program: ProgramSlug = None, as_json: AsJson = False) -> None:
    """Everybody, those who left included.

    \b
    caseboard staff list
    caseboard staff list --program north --json
    """
    from sqlalchemy import select

    from app.cli.opened import opened, pick_program
    from app.programs.models import Staff
    from app.store.types import table

    rows = table(Staff)
    with opened() as open_, open_.store.read() as uow:
        where = pick_program(uow.session, program)
        people = uow.session.execute(select(Staff).where(rows.c.program_id == where.id).order_by(rows.c.name)).scalars()
        found = list(people)
    if as_json:
        say_json(
            [
                {
                    "id": who.id,
                    "name": who.name,
                    "slack": who.slack_user_id,
                    "roles": who.roles,
                    "skills": who.skills,
                    "zone": who.zone,
                    "quiet": f"{who.quiet_from:%H:%M}-{who.quiet_until:%H:%M}" if who.quiet_from else None,
                    "active": who.active,
                    "digest": digest_of(who),
                }
                for who in found
            ]
        )
        return
    if not found:
        say("Nobody yet. Add people: caseboard staff add NAME --slack USER_ID --role va")
        return
    lines = [
        (who.name, who.slack_user_id, ", ".join(who.roles), ", ".join(who.skills), "" if who.active else "left")
        for who in found
    ]
    say_table(lines, ("name", "Slack", "roles", "skills", ""))


@app.command()
def deactivate(
    name: Annotated[str, typer.Argument(help="Name or Slack user id.", metavar="PERSON")],
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Note that a person has left: no commands, no new tasks. What they hold is for a lead to assign, who is told.

    \b
    caseboard staff deactivate "Ana Ortiz"
    """
    from app.cli.opened import opened, pick_actor, pick_program
    from app.programs.queries import find_staff
    from app.tasks.departures import leave

    with opened() as open_, open_.store.change() as uow:
        where = pick_program(uow.session, program)
        person = find_staff(uow.session, where.id, name)
        leave(uow, pick_actor(uow.session, where, None), person)
        said = person.name
    _answer(said, active=False, as_json=as_json)


@app.command()
def activate(
    name: Annotated[str, typer.Argument(help="Name or Slack user id.", metavar="PERSON")],
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Note that a person is back.

    \b
    caseboard staff activate "Ana Ortiz"
    """
    from sqlalchemy import func, or_, select

    from app.cli.opened import opened, pick_actor, pick_program
    from app.programs.models import Staff
    from app.programs.service import note_guest, set_active
    from app.store.types import table

    rows = table(Staff)
    with opened() as open_:
        with open_.store.read() as uow:
            where = pick_program(uow.session, program)
            named = or_(rows.c.slack_user_id == name, func.lower(rows.c.name) == name.lower())
            found = uow.session.execute(select(Staff).where(rows.c.program_id == where.id, named)).scalars().all()
            if len(found) != 1:
                many = "Nobody has" if not found else "Several people have"
                raise CannotDo(f"{many} that name or Slack user id. Nothing changed. See: caseboard staff list")
            person, actor = found[0], pick_actor(uow.session, where, None)
        fit = _ask_slack(open_, where, person.slack_user_id, person.name)
        with open_.store.change() as uow:
            if fit:
                note_guest(uow, actor, person.id, guest=False)
            set_active(uow, actor, person.id, active=True)
        said = person.name
    _answer(said, active=True, as_json=as_json)


@app.command()
def digest(
    name: Annotated[str, typer.Argument(help="Name or Slack user id.", metavar="PERSON")],
    at: Annotated[str | None, typer.Option(help="Local time of the person, such as 07:00.", metavar="HH:MM")] = None,
    days: Annotated[
        str | None, typer.Option(help="Weekdays such as mon,thu, holidays or not; or: business.", metavar="DAYS")
    ] = None,
    silent: Annotated[
        bool | None, typer.Option("--silent/--always", help="None when nothing waits; or one all the same.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="No digests any more.")] = False,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """When a person gets the daily digest; without options, when that is. What is not named stays as it is.

    \b
    caseboard staff digest "Sam Ortega"
    caseboard staff digest "Sam Ortega" --at 06:30 --days mon,thu --silent
    caseboard staff digest "Sam Ortega" --off
    """
    from app.cli.opened import opened, pick_actor, pick_program
    from app.digests.rules import DEFAULT_HOUR
    from app.digests.service import set_digest
    from app.programs.queries import find_staff

    chosen = not (at is None and days is None and silent is None)
    if off and chosen:
        raise WrongUsage("--off stands alone: a digest that is off has no time, days or silence.")
    hour = None if at is None else local_time(at)
    weekdays = None if days is None else weekdays_of(days)
    with opened() as open_, open_.store.change() as uow:
        where = pick_program(uow.session, program)
        person = find_staff(uow.session, where.id, name)
        if off or chosen:
            kept = None if person.digest_days is None else frozenset(person.digest_days)
            person = set_digest(
                uow,
                pick_actor(uow.session, where, None),
                person.id,
                at=None if off else hour or person.digest_at or DEFAULT_HOUR,
                days=kept if days is None else weekdays,
                silent=person.digest_silent if silent is None else silent,
            )
        answer, said = digest_of(person), person.name
    if as_json:
        say_json({"name": said, "digest": answer})
    elif answer is None:
        say(f"{said} gets no digest. To send one: caseboard staff digest PERSON --at 07:00")
    else:
        quietly = "; none when nothing waits" if answer["silent"] else ""
        say(f"{said} gets a digest at {answer['at']} ({answer['zone']}), {answer['days']}{quietly}.")


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="Name or Slack user id.", metavar="PERSON")],
    weekly: Annotated[
        str | None, typer.Option(help='Weekday and local time of the person, such as "mon 08:00".', metavar="DAY HH:MM")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="No weekly report any more.")] = False,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """When a lead, manager or admin gets the SLA report of the week before; without options, when that is.

    \b
    caseboard staff report "Max Weber" --weekly "mon 08:00"
    caseboard staff report "Max Weber" --off
    """
    from app.cli.opened import opened, pick_actor, pick_program
    from app.programs.queries import find_staff
    from app.reports.weekly import set_weekly

    if off and weekly is not None:
        raise WrongUsage("--off stands alone: a report that is off has no day.")
    chosen = None if weekly is None else _day_and_time(weekly)
    with opened() as open_, open_.store.change() as uow:
        where = pick_program(uow.session, program)
        person = find_staff(uow.session, where.id, name)
        actor = pick_actor(uow.session, where, None)
        if off:
            person = set_weekly(uow, actor, person.id, None)
        elif chosen is not None:
            person = set_weekly(uow, actor, person.id, *chosen)
        at = None if person.report_at is None else f"{person.report_at:%H:%M}"
        answer = None if at is None else {"day": person.report_day, "at": at, "zone": person.zone}
        said = person.name
    if as_json:
        say_json({"name": said, "report": answer})
    elif answer is None:
        say(f'{said} gets no weekly report. To send one: caseboard staff report PERSON --weekly "mon 08:00"')
    else:
        say(f"{said} gets the report of the week before every {answer['day']} at {answer['at']} ({answer['zone']}).")


def _day_and_time(text: str) -> tuple[str, time]:
    """`mon 08:00`, or a weekday alone. Raises WrongUsage."""
    from app.digests.rules import WEEKDAYS
    from app.reports.weekly import DEFAULT_AT

    day, _, at = text.strip().lower().partition(" ")
    if day not in WEEKDAYS:
        raise WrongUsage(f"“{text}” begins with no weekday. Write a weekday and a time, such as mon 08:00.")
    return day, local_time(at.strip()) if at.strip() else DEFAULT_AT


def digest_of(person: "Staff") -> dict[str, object] | None:
    """When a person gets the digest, in words; None for never."""
    from app.digests.rules import WEEKDAYS

    if person.digest_at is None:
        return None
    chosen = sorted(person.digest_days or (), key=WEEKDAYS.index)
    return {
        "at": f"{person.digest_at:%H:%M}",
        "zone": person.zone,
        "days": ", ".join(chosen) or "on business days",
        "silent": person.digest_silent,
    }


def weekdays_of(text: str) -> frozenset[str] | None:
    """`mon,thu` as weekdays, `business` as None. Raises WrongUsage."""
    from app.digests.rules import WEEKDAYS

    words = [word.strip().lower() for word in text.split(",")]
    if words == ["business"]:
        return None
    if not set(words) <= set(WEEKDAYS):
        raise WrongUsage(f"“{text}” are no days. Write business, or weekdays such as {','.join(WEEKDAYS[:5])}.")
    return frozenset(words)


def local_time(text: str) -> time:
    """`07:00` as a local time. Raises WrongUsage."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise WrongUsage(f"“{text}” is no time of day. Write hours and minutes, such as 07:00.") from None


def quiet_hours(text: str) -> tuple[time, time]:
    """`18:00-08:00` as two local times; they may run over midnight. Raises WrongUsage."""
    begin, _, end = text.partition("-")
    try:
        found = time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    except ValueError:
        found = time(), time()
    if found[0] == found[1] or any(at.tzinfo for at in found):
        raise WrongUsage(f"“{text}” are no quiet hours. Write two local times, such as 18:00-08:00.")
    return found


def _ask_slack(open_: "Opened", program: "Program", slack: str, name: str) -> bool:
    """Refuse who cannot work in the program's workspace; where Slack cannot be asked, that is said, and nobody refused.

    Returns whether Slack says that they can. Raises `BadSetting`.
    """
    from app.notices.outcomes import NotSent
    from app.slack.accounts import refuse_unfit
    from app.slack.connections import Connections

    if program.slack_team_id is None:
        return False
    try:
        port = Connections.make(open_.settings, open_.store, timeout=SECONDS).of(program.id)
        refuse_unfit(port, program.slack_team_id, slack, name)
    except NotSent as error:
        remark(f"Slack was not asked about {name}: {error}. `caseboard doctor` does it later.")
        return False
    return True


def _answer(name: str, *, active: bool, as_json: bool) -> None:
    if as_json:
        say_json({"name": name, "active": active})
    else:
        say(f"{name} is {'back' if active else 'switched off'}.")
