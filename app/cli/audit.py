"""`caseboard audit`."""

from typing import Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, ProgramSlug, WrongUsage, counted, say, say_json

app = group()


@app.callback()
def audit() -> None:
    """The record of every change and every look at a patient."""


@app.command()
def verify(
    program: ProgramSlug = None,
    noted: Annotated[str | None, typer.Option(help="the mark of an earlier walk, which must still be met")] = None,
    as_json: AsJson = False,
) -> None:
    """Whether the record was touched: walks the chain of every program, or of one.

    \b
    caseboard audit verify
    caseboard audit verify --program practice --json
    caseboard audit verify --program practice --noted 1677:9f3a0c…

    Exit 1 when an entry is missing, was changed, or does not follow the one before. Each walk prints a mark: keep it
    outside of this system, and give it to a later walk, which then finds a record whose end was cut off, or that was
    written anew as a whole.
    """
    from app.audit.service import Mark
    from app.audit.service import verify as walk
    from app.cli.opened import all_programs, opened, pick_program

    try:
        mark = Mark.parse(noted) if noted else None
    except ValueError as error:
        raise WrongUsage(f"--noted: {error}") from None
    found = []
    with opened() as open_, open_.store.read() as uow:
        # A mark belongs to one program's record, so that program has to be named where there are several.
        programs = [pick_program(uow.session, program)] if program or mark else all_programs(uow.session)
        for each in programs:
            found.append((each.slug, walk(uow.session, each.id, mark)))
    whole = not any(one.breaks for _, one in found)
    if as_json:
        say_json(
            {
                "whole": whole,
                "programs": [
                    {
                        "program": slug,
                        "entries": one.entries,
                        "mark": str(one.mark) if one.mark else None,
                        "breaks": [{"seq": b.seq, "what": b.what} for b in one.breaks],
                    }
                    for slug, one in found
                ],
            }
        )
    else:
        for slug, one in found:
            said = counted(one.entries, "entry").replace("entrys", "entries")
            say(f"{slug}: {said}, {'broken' if one.breaks else 'whole'}{f', mark {one.mark}' if one.mark else ''}")
            for broken in one.breaks:
                say(f"  entry {broken.seq}: {broken.what}")
        if not found:
            say("There is no program yet, and so no record.")
    raise typer.Exit(0 if whole else 1)
