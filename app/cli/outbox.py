"""`caseboard outbox`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, ProgramSlug, WrongUsage, counted, say, say_json, say_table

if TYPE_CHECKING:
    from app.notices.outbox import Entry, Replayed

app = group()
NoticeId = Annotated[str, typer.Argument(help="A notice's id, as `outbox list` shows it.", metavar="NOTICE")]


@app.callback()
def outbox() -> None:
    """What Slack has not got yet, and why."""


@app.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option(help="pending, sending, unknown, held, dead or delivered; default: all but delivered.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 100,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Notices that are under way or were given up, oldest first.

    \b
    caseboard outbox list
    caseboard outbox list --state dead --json
    """
    from app.cli.opened import opened, pick_program
    from app.notices.outbox import listing

    with opened() as open_, open_.store.read() as uow:
        program_id = pick_program(uow.session, program).id if program else None
        found = listing(uow.session, program_id=program_id, state=state, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    if as_json:
        say_json([asdict(entry) for entry in found])
    elif not found:
        say("Slack has everything." if state is None else f"No notice is {state}.")
    else:
        rows = [(str(entry.id), entry.place, entry.kind, entry.state, entry.attempts, entry.error) for entry in found]
        say_table(rows, ("notice", "for", "kind", "state", "tries", "error"))
        if more:
            say(f"There are more; --limit {limit * 10} shows them.")


@app.command()
def explain(notice: NoticeId, as_json: AsJson = False) -> None:
    """Where a notice stands, why, and what will happen next.

    \b
    caseboard outbox explain 0a1b2c3d-0000-4000-8000-000000000000
    """
    from app.cli.opened import opened
    from app.notices.outbox import entry

    with opened() as open_, open_.store.read() as uow:
        found = entry(uow.session, notice)
    _answer(found, as_json=as_json)


@app.command()
def replay(
    notice: Annotated[
        str | None, typer.Argument(help="A notice's id, as `outbox list` shows it.", metavar="NOTICE")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything of the practice that was given up.")] = False,
    error: Annotated[
        str | None,
        typer.Option(help="With --all: only what has this error, as in brackets in `outbox list`.", metavar="CODE"),
    ] = None,
    by: Annotated[str | None, typer.Option(help="On whose behalf, for the record: a name or Slack user id.")] = None,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Send a notice that was given up, or all of them, once more; each takes its old place in the line. Recorded.

    \b
    caseboard outbox replay 0a1b2c3d-0000-4000-8000-000000000000 --by "Max Weber"
    caseboard outbox replay --all --error restricted_action
    """
    from app.cli.opened import opened, pick_actor, pick_program
    from app.notices import outbox as service

    if (notice is None) != everything:
        raise WrongUsage("Name one notice, or say --all. Nothing changed. See: caseboard outbox list --state dead")
    if error is not None and not everything:
        raise WrongUsage("--error goes with --all. Nothing changed.")
    if notice is None:
        with opened() as open_, open_.store.change() as uow:
            actor = pick_actor(uow.session, pick_program(uow.session, program), by)
            all_ = service.replay_all(uow, actor, error)
        _say_all(all_, error, as_json=as_json)
        return
    with opened() as open_, open_.store.change() as uow:
        actor = pick_actor(uow.session, pick_program(uow.session, program), by)
        found = service.replay(uow, actor, notice)
    _answer(found, as_json=as_json)


def _say_all(done: "Replayed", error: str | None, *, as_json: bool) -> None:
    if as_json:
        say_json(asdict(done))
        return
    if not done.again and not done.passed_over:
        given_up = "given up" if error is None else f"given up with the error {error}"
        say(f"Nothing to send again: no post was {given_up}.")
    if done.again:
        say(f"{counted(done.again, 'notice')} will be sent again. See: caseboard outbox list")
    if done.passed_over:
        edits = counted(done.passed_over, "edit")
        say(f"{edits} of cards left as they are: a newer one shows the same.")


def _answer(found: "Entry", *, as_json: bool) -> None:
    from app.notices.outbox import explain as words

    if as_json:
        say_json(asdict(found) | {"explained": words(found)})
    else:
        say(words(found))
