"""`caseboard slack`."""

from datetime import UTC
from typing import Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, CannotDo, WrongUsage, remark, say, say_json
from app.kernel.clock import moment_words

app = group()


@app.callback()
def slack() -> None:
    """What Slack needs to install the app, and who may connect a practice to its workspace."""


@app.command()
def manifest(
    base_url: Annotated[
        str | None, typer.Option(help="Where Slack reaches the web process (https); default: Socket Mode.")
    ] = None,
    oauth: Annotated[
        bool,
        typer.Option("--oauth", help="For several workspaces: an address to come back to, and token rotation."),
    ] = False,
    name: Annotated[str, typer.Option(help="The app's name in Slack.")] = "Caseboard",
) -> None:
    """The manifest to install the app in Slack with: its commands, events and scopes, and no more.

    \b
    caseboard slack manifest                                        Socket Mode: nothing has to be reachable
    caseboard slack manifest --base-url https://board.example.org   signed HTTP
    caseboard slack manifest --base-url https://board.example.org --oauth
                                                                    the same, in several workspaces

    Why it asks for each scope: docs/install.md.
    """
    from app.slack.manifest import BadManifest, as_json
    from app.slack.manifest import manifest as make

    try:
        typer.echo(as_json(make(name=name, base_url=base_url, oauth=oauth)), nl=False)
    except BadManifest as error:
        raise WrongUsage(str(error)) from None


@app.command()
def invite(
    slug: Annotated[str, typer.Argument(help="Short name of the program.", metavar="PROGRAM")],
    as_json: AsJson = False,
) -> None:
    """Make a link with which somebody connects a practice to its Slack workspace, or connects it again.

    \b
    caseboard slack invite north

    The link is good once, for two days. Give it to somebody who may install apps in that workspace, and to nobody else.
    """
    from app.cli.opened import opened, pick_program
    from app.installations.invitations import LINK_LIVES, invite
    from app.programs.actor import Origin
    from app.programs.service import system
    from app.slack.oauth import OAuth

    with opened() as open_:
        if OAuth.of(open_.settings) is None:
            raise CannotDo(
                "There is no client to install with. Nothing changed. Set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, or "
                "work with SLACK_BOT_TOKEN in one workspace (docs/install.md)."
            )
        with open_.store.change() as uow:
            program = pick_program(uow.session, slug)
            secret, until = invite(uow, system(program.id, Origin.CLI)), uow.now + LINK_LIVES
        link = f"{open_.settings.address}/slack/install?invitation={secret}"
    if as_json:
        say_json({"program": slug, "link": link, "good_until": until})
    else:
        say(link)
        remark(f"Good once, until {moment_words(until, UTC)}. It is shown now and kept nowhere.")
