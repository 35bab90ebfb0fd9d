"""`caseboard keys`."""

from typing import Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, WrongUsage, remark, say, say_json

app = group()


@app.callback()
def keys() -> None:
    """Keys that seal patient records."""


@app.command()
def new(
    name: Annotated[
        str, typer.Option("--id", help="The key's name, unlike those in use; stands in sealed records.")
    ] = "k1",
    as_json: AsJson = False,
) -> None:
    """Make a key. It is printed and kept nowhere.

    \b
    export CASEBOARD_KEYS="$(caseboard keys new)"
    export CASEBOARD_KEYS="$(caseboard keys new --id k2),$CASEBOARD_KEYS"     a new key, the old one still opens

    The first key seals, all of them open. The last key also recognises imported rows: it stays last.
    """
    from app.store.sealing import Keyring

    if not name.strip() or any(sign in name for sign in ",: \t\n"):
        raise WrongUsage("The name of a key holds no comma, colon or space, such as k1 or 2026-11.")
    key = Keyring.new_key(name)
    if as_json:
        say_json({"id": name, "key": key})
    else:
        say(key)
    remark("Keep a copy in a safe place apart from the database: without it no patient record can be read.")
