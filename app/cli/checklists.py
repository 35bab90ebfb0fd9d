"""`caseboard checklist`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, CannotDo, ProgramSlug, WrongUsage, counted, say, say_json, say_table
from app.kernel.clock import moment_words

if TYPE_CHECKING:
    from app.kernel.business import BusinessCalendar

app = group()
OFFICE = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
TemplateFile = Annotated[Path, typer.Argument(help="A template's YAML file.", metavar="FILE")]


@app.callback()
def checklists() -> None:
    """Checklist templates."""


@app.command()
def lint(
    folder: Annotated[Path | None, typer.Argument(help="Default: the shipped checklists.", metavar="[FOLDER]")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check every template of a folder: all problems at once, each with its line and what would be right.

    \b
    caseboard checklist lint
    caseboard checklist lint my-checklists --strict

    Exit 1 when a template cannot be used.
    """
    from app.checklists.lint import lint_set
    from app.settings import ROOT

    where = folder or ROOT / "checklists"
    problems = lint_set(where)
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if as_json:
        say_json(
            {
                "errors": errors,
                "warnings": warnings,
                "problems": [
                    {
                        "file": each.file,
                        "line": each.line,
                        "column": each.column,
                        "severity": each.severity,
                        "message": each.message,
                        "fix": each.fix,
                    }
                    for each in problems
                ],
            }
        )
    else:
        for each in problems:
            say(str(each))
        counts = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
        say(f"{where}: {counts}" if problems else f"{where}: nothing wrong")
    raise typer.Exit(1 if errors or (strict and warnings) else 0)


@app.command()
def preview(
    file: TemplateFile,
    date: Annotated[
        list[str] | None,
        typer.Option(
            help="A key date, such as board=2026-12-03 or “board=2026-12-03 07:30”; repeat.", metavar="NAME=DAY"
        ),
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(help="What conditions ask for, such as component.kind=plate or component.custom=true; repeat."),
    ] = None,
    program: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Take zone and calendar from this program.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Time zone, without --program.")] = "America/New_York",
    country: Annotated[str | None, typer.Option(help="Public holidays, without --program.")] = None,
    as_json: AsJson = False,
) -> None:
    """What a template would make of a case: each item with its due moment, or why it has none.

    \b
    caseboard checklist preview checklists/tumor_board_packet.yaml --date "board=2026-12-03 07:30"
    caseboard checklist preview checklists/implant_authorization.yaml --date "surgery proposed=2027-01-11" \\
        --fact component.kind=endoprosthesis --fact component.custom=true

    Without --program the calendar is Monday to Friday, 8 to 17 h.
    """
    from app.checklists.given import BadFact, read_facts
    from app.checklists.loader import load_file
    from app.checklists.preview import preview as work_out
    from app.cli.cases import key_dates
    from app.kernel.business import BusinessCalendar

    template = load_file(file)
    if program is None:
        calendar = BusinessCalendar.from_config({"hours": OFFICE, "country": country}, zone)
    else:
        calendar = _calendar_of(program)
    dates = key_dates(date or [], calendar.zone)
    try:
        facts = read_facts(template, fact or [])
    except BadFact as error:
        said = str(error)
        raise WrongUsage(said if said.endswith("?") else f"{said}.") from None
    rows = work_out(template, dates, calendar, facts, zone=calendar.zone)
    if as_json:
        say_json(
            {
                "template": template.id,
                "version": template.version,
                "zone": str(calendar.zone),
                "items": [
                    {
                        "id": row.item.id,
                        "title": row.item.title,
                        "state": row.state,
                        "due_at": row.due_at,
                        "why": row.why,
                        "source": row.item.source,
                        "verified_by": row.item.verified_by,
                    }
                    for row in rows
                ],
            }
        )
        return
    say(f"{template.title} ({template.id} {template.version}), times in {calendar.zone}")
    say_table(
        [
            (
                row.item.id,
                moment_words(row.due_at, calendar.zone) if row.due_at else "-",
                row.state,
                row.item.title,
                row.why,
                row.item.source or "-",
                row.item.verified_by or "nobody",
            )
            for row in rows
        ],
        ("item", "due", "", "title", "why", "source", "verified by"),
    )


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="A template's YAML file.", metavar="FILE")],
    new: Annotated[
        Path | None,
        typer.Argument(help="Another version of it; default: compare with what is loaded.", metavar="[NEW]"),
    ] = None,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """What changed between two versions of a template, and what each change means for running tracks.

    \b
    caseboard checklist diff old/tumor_board_packet.yaml checklists/tumor_board_packet.yaml
    caseboard checklist diff checklists/tumor_board_packet.yaml           against the version that is loaded
    """
    from app.checklists.diff import DifferentTemplates
    from app.checklists.diff import diff as compare
    from app.checklists.loader import load_file
    from app.checklists.model import Template

    def loaded(template: Template) -> Template:
        from app.checklists.library import newest
        from app.cli.opened import opened, pick_program

        with opened() as found, found.store.read() as uow:
            where = pick_program(uow.session, program)
            for each in newest(uow.session, where.id).values():
                if each.id == template.id:
                    return each
        raise CannotDo(f"{where.slug} has no version of {template.id} yet; `caseboard release` loads the shipped ones.")

    after = load_file(new or old)
    before = load_file(old) if new else loaded(after)
    try:
        changes = compare(before, after)
    except DifferentTemplates as error:
        raise WrongUsage(f"{error}.") from None
    if as_json:
        say_json(
            {
                "template": after.id,
                "old": before.version,
                "new": after.version,
                "changes": [
                    {"item": each.item, "what": each.what, "text": each.text, "running": each.running}
                    for each in changes
                ],
            }
        )
        return
    for each in changes:
        say(str(each))
    say(f"{after.id} {before.version} → {after.version}: {counted(len(changes), 'change')}")


@app.command()
def schema() -> None:
    """The JSON Schema of templates, by which editors complete and check them.

    \b
    caseboard checklist schema > checklists/schema.json
    """
    from app.checklists.schema import schema_text

    typer.echo(schema_text(), nl=False)


def _calendar_of(slug: str) -> "BusinessCalendar":
    from app.cli.opened import opened, pick_program
    from app.programs.queries import calendar_of

    with opened() as found, found.store.read() as uow:
        return calendar_of(pick_program(uow.session, slug))
