"""`caseboard slack`."""

from typing import Annotated

import typer

from app.cli.group import group
from app.cli.out import WrongUsage

app = group()


@app.callback()
def slack() -> None:
    """What Slack needs to install the app."""


@app.command()
def manifest(
    base_url: Annotated[
        str | None, typer.Option(help="Where Slack reaches the web process (https); default: Socket Mode.")
    ] = None,
    name: Annotated[str, typer.Option(help="The app's name in Slack.")] = "Caseboard",
) -> None:
    """The manifest to install the app in Slack with: its commands, events and scopes, and no more.

    \b
    caseboard slack manifest                                        Socket Mode: nothing has to be reachable
    caseboard slack manifest --base-url https://board.example.org   signed HTTP

    Why it asks for each scope: docs/install.md.
    """
    from app.slack.manifest import BadManifest, as_json
    from app.slack.manifest import manifest as make

    try:
        typer.echo(as_json(make(name=name, base_url=base_url)), nl=False)
    except BadManifest as error:
        raise WrongUsage(str(error)) from None
