"""`caseboard program`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, CannotDo, WrongUsage, say, say_json, say_table

if TYPE_CHECKING:
    from app.settings import Settings

app = group()
OFFICE = ("mon-fri 08:00-12:00,13:00-17:00",)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@app.callback()
def programs() -> None:
    """Practices: each has its people, calendar and Slack workspace."""


@app.command()
def create(
    slug: Annotated[str, typer.Argument(help="Short name for the command line.", metavar="SLUG")],
    name: Annotated[str, typer.Option(help="The practice's name.")],
    zone: Annotated[str, typer.Option(help="Time zone, such as America/New_York.")],
    country: Annotated[
        str | None, typer.Option(help="Whose public holidays are days off (US, DE, …); default: none.")
    ] = None,
    subdivision: Annotated[
        str | None, typer.Option(help="State or province, where it has holidays of its own.")
    ] = None,
    hours: Annotated[
        list[str] | None,
        typer.Option(help="Opening hours; repeat for other days.", show_default=OFFICE[0]),
    ] = None,
    day_off: Annotated[list[str] | None, typer.Option(help="A day off of its own (YYYY-MM-DD); repeat.")] = None,
    team: Annotated[
        str | None, typer.Option(help="Slack workspace id (T…); default: the one of SLACK_BOT_TOKEN, if set.")
    ] = None,
    unbound: Annotated[
        bool, typer.Option("--unbound", help="In no workspace yet: an invitation binds it (caseboard slack invite).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a practice, with the shipped checklists.

    \b
    caseboard program create north --name "North Clinic" --zone America/Chicago --country US
    caseboard program create sued --name "Klinik Süd" --zone Europe/Berlin --country DE --subdivision BY \\
        --hours "mon-thu 07:30-16:00" --hours "fri 07:30-13:00"
    """
    from sqlalchemy.exc import IntegrityError

    from app.checklists.library import load_templates
    from app.cli.opened import opened
    from app.programs.actor import Origin
    from app.programs.service import create_program, system
    from app.settings import ROOT

    if not slug or not all(sign.isalnum() or sign in "-_" for sign in slug):
        raise WrongUsage("The short name is letters, digits, - and _, such as north-clinic.")
    calendar: dict[str, object] = {"hours": opening_hours(hours or OFFICE), "holidays": day_off or []}
    if country:
        calendar |= {"country": country, "subdivision": subdivision}
    if unbound and team is not None:
        raise WrongUsage("--team names a workspace, and --unbound says that there is none yet: give one of them.")
    with opened() as open_:
        team = None if unbound else team or _team_of_token(open_.settings)
        try:
            with open_.store.change() as uow:
                program = create_program(uow, slug=slug, name=name, zone=zone, calendar=calendar, slack_team_id=team)
                loaded = load_templates(uow, system(program.id, Origin.CLI), program.id, ROOT / "checklists")
        except IntegrityError:
            raise CannotDo(
                f"There is a program “{slug}” already, or one of the workspace {team}. Nothing changed. "
                "See: caseboard program list"
            ) from None
    if as_json:
        say_json({"program": slug, "slack_team_id": team, "loaded": loaded})
        return
    say(f"Made {slug}, with {', '.join(loaded)}.")
    if team is None:
        say(f"It is in no Slack workspace yet: caseboard slack invite {slug}, or with SLACK_BOT_TOKEN set:")
        say(f"caseboard program bind {slug}")
    say(f"Next: caseboard staff add NAME --slack USER_ID --role lead --program {slug}")


@app.command()
def bind(
    slug: Annotated[str, typer.Argument(help="Short name of the program.")],
    team: Annotated[
        str | None, typer.Option(help="Slack workspace id (T…); default: the one of SLACK_BOT_TOKEN.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bind a practice that was made without a workspace to its Slack workspace.

    \b
    caseboard program bind north
    """
    from sqlalchemy.exc import IntegrityError

    from app.cli.opened import opened, pick_program
    from app.programs.actor import Origin
    from app.programs.service import bind_program, system

    with opened() as open_:
        team = team or _team_of_token(open_.settings)
        if team is None:
            raise WrongUsage("Which workspace? Set SLACK_BOT_TOKEN, or give --team T….")
        try:
            with open_.store.change() as uow:
                program = pick_program(uow.session, slug)
                bind_program(uow, system(program.id, Origin.CLI), team)
        except IntegrityError:
            raise CannotDo(
                f"Another program is bound to {team} already. Nothing changed. See: caseboard program list"
            ) from None
    if as_json:
        say_json({"program": slug, "slack_team_id": team})
    else:
        say(f"{slug} is bound to the Slack workspace {team}.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """All practices.

    \b
    caseboard program list
    caseboard program list --json
    """
    from app.cli.opened import all_programs, opened

    with opened() as open_, open_.store.read() as uow:
        found = all_programs(uow.session)
    if as_json:
        say_json(
            [
                {
                    "program": p.slug,
                    "name": p.name,
                    "zone": p.zone,
                    "slack_team_id": p.slack_team_id,
                    "calendar": p.calendar,
                }
                for p in found
            ]
        )
        return
    if not found:
        say('None yet. Make one: caseboard program create SLUG --name "The practice" --zone America/New_York')
        return
    say_table(
        [(p.slug, p.name, p.zone, p.slack_team_id or "no workspace") for p in found], ("slug", "name", "zone", "Slack")
    )


def opening_hours(texts: Sequence[str]) -> dict[str, list[str]]:
    """`mon-fri 08:00-12:00,13:00-17:00` and the like, as a calendar's `hours`. Times are checked by the calendar."""
    found: dict[str, list[str]] = {}
    for text in texts:
        days, _, times = text.strip().partition(" ")
        first, _, last = days.casefold().partition("-")
        if first not in DAYS or (last or first) not in DAYS or not times.strip():
            raise WrongUsage(f"“{text}” are no opening hours. Write for example: {OFFICE[0]}")
        span = DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]
        if not span:
            raise WrongUsage(f"“{days}” ends before it begins. A week runs from mon to sun.")
        for day in span:
            found.setdefault(day, []).extend(piece.strip() for piece in times.split(","))
    return found


def _team_of_token(settings: "Settings") -> str | None:
    """The workspace that the bot token belongs to; None without a token."""
    from app.slack.gateway import Gateway

    if settings.slack_bot_token is None:
        return None
    gateway = Gateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    return str(gateway.call("auth.test")["team_id"])
