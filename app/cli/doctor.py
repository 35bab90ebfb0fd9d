"""`caseboard doctor`: each line what was looked at, whether it is well, and the fix."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from app.cli.out import AsJson, say, say_json

if TYPE_CHECKING:
    from app.cli.health.finding import Finding
    from app.settings import Settings


def doctor(as_json: AsJson = False) -> None:
    """What is wrong with this installation, and the fix for each line. Changes nothing.

    \b
    caseboard doctor
    caseboard doctor --json

    Exit 1 when something has to be done.
    """
    found = list(examine())
    if as_json:
        say_json([asdict(each) | {"well": each.well} for each in found])
    else:
        for each in found:
            say(f"{each.mark}  {each.what}: {each.found}")
            if not each.well:
                say(f"      {each.fix}")
    raise typer.Exit(1 if any(each.grave and not each.well for each in found) else 0)


def examine() -> Iterator["Finding"]:
    """Everything, in the order in which it should be mended."""
    from pydantic import ValidationError

    from app.cli.edge import setting_problems
    from app.cli.health import machine, practices
    from app.cli.health.finding import Finding
    from app.settings import Settings

    yield machine.python()
    try:
        settings = Settings()
    except ValidationError as error:
        *wrong, fix = setting_problems(error)
        yield Finding("settings", " ".join(wrong), fix)
        return
    yield Finding("settings", "read")
    yield from machine.data_folder(settings)
    yield from machine.keys(settings)
    yield machine.redis(settings)
    yield practices.checklists()
    yield from _database_and_slack(settings)


def _database_and_slack(settings: "Settings") -> Iterator["Finding"]:
    from sqlmodel import Session

    from app.checklists.problems import TemplateErrors
    from app.cli.health import base, practices
    from app.cli.health.finding import Finding
    from app.cli.health.machine import writable
    from app.cli.health.slack import Known, last_act, members, slack
    from app.cli.health.workspaces import installations
    from app.cli.opened import all_programs, at_database
    from app.cli.out import CannotDo
    from app.kernel.clock import ClockFileError
    from app.settings import clock_of
    from app.store.embedded import EmbeddedFailed

    known = Known()
    if settings.database_url is None and not writable(settings.data):
        yield from slack(settings, known)
        return
    if settings.database_url is None and not (settings.data / "postgres").exists():
        yield Finding("database", "none yet: `caseboard up` makes one of its own")
        yield from slack(settings, known)
        return
    try:
        with at_database(settings) as engine:
            reached = base.reached(engine)
            yield reached
            if reached.well:
                yield base.clock(engine)
                yield from base.keys(engine, settings)
                yield from practices.programs(engine)
                yield from practices.moving(engine, clock_of(settings).now())
                with Session(engine) as session:
                    teams = {program.slack_team_id for program in all_programs(session) if program.slack_team_id}
                    people = members(session)
                    acted = last_act(session)
                known = Known(teams, people, *installations(engine, settings), acted=acted)
    except (CannotDo, EmbeddedFailed) as error:
        yield Finding("database", "cannot be used", str(error))
    except ClockFileError as error:
        yield Finding("clock file", "cannot be read", str(error))
    except TemplateErrors:
        pass  # the line on checklists has said it
    yield from slack(settings, known)
