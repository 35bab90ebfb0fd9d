"""`caseboard audit`."""

import typer

from app.cli.group import group
from app.cli.out import AsJson, ProgramSlug, counted, say, say_json

app = group()


@app.callback()
def audit() -> None:
    """The record of every change and every look at a patient."""


@app.command()
def verify(program: ProgramSlug = None, as_json: AsJson = False) -> None:
    """Whether the record was touched: walks the chain of every program, or of one.

    \b
    caseboard audit verify
    caseboard audit verify --program practice --json

    Exit 1 when an entry is missing, was changed, or does not follow the one before.
    """
    from app.audit.service import verify as walk
    from app.cli.opened import all_programs, opened, pick_program

    found = []
    with opened() as open_, open_.store.read() as uow:
        programs = [pick_program(uow.session, program)] if program else all_programs(uow.session)
        for each in programs:
            entries, breaks = walk(uow.session, each.id)
            found.append((each.slug, entries, breaks))
    whole = not any(breaks for _, _, breaks in found)
    if as_json:
        say_json(
            {
                "whole": whole,
                "programs": [
                    {"program": slug, "entries": entries, "breaks": [{"seq": b.seq, "what": b.what} for b in breaks]}
                    for slug, entries, breaks in found
                ],
            }
        )
    else:
        for slug, entries, breaks in found:
            say(f"{slug}: {counted(entries, 'entry').replace('entrys', 'entries')}, {'broken' if breaks else 'whole'}")
            for broken in breaks:
                say(f"  entry {broken.seq}: {broken.what}")
        if not found:
            say("There is no program yet, and so no record.")
    raise typer.Exit(0 if whole else 1)
