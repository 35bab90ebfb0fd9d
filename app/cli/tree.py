"""All commands in one tree."""

import typer

from app.cli import (
    audit,
    cases,
    checklists,
    doctor,
    imports,
    keys,
    outbox,
    programs,
    reports,
    run,
    settings,
    slack,
    staff,
)
from app.cli.group import group
from app.cli.overview import OVERVIEW

programs.app.command("set")(settings.set_program)
staff.app.command()(settings.change)


def tree() -> typer.Typer:
    """The application. Commands are plain functions of the modules beside this one."""
    app = group(OVERVIEW)
    for name, part, what in (
        ("audit", audit.app, "The record of every change."),
        ("case", cases.app, "Cases: open, list, show, surgeon, lead, close, reopen."),
        ("checklist", checklists.app, "Checklist templates: check, show with dates, compare."),
        ("import", imports.app, "Cases from another system."),
        ("keys", keys.app, "Keys that seal patient records."),
        ("outbox", outbox.app, "What Slack has not got yet, and why."),
        ("program", programs.app, "Practices."),
        ("report", reports.app, "How deadlines are met."),
        ("slack", slack.app, "What Slack needs to install the app."),
        ("staff", staff.app, "The people of a practice."),
    ):
        app.add_typer(part, name=name, help=what)
    for command in (
        run.demo,
        run.sandbox,
        run.up,
        run.web,
        run.worker,
        run.scheduler,
        run.release,
        doctor.doctor,
    ):
        app.command()(command)
    return app
