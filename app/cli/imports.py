"""`caseboard import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, ProgramSlug, counted, remark, say, say_json

if TYPE_CHECKING:
    from app.cases.intake.service import Report

app = group()
MOST_LINES = 50


@app.callback()
def imports() -> None:
    """Cases from another system's export."""


@app.command()
def cases(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or XLSX.", metavar="FILE")],
    mapping: Annotated[Path, typer.Option("--map", help="Mapping file (YAML): which column becomes what.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    ignore_rest: Annotated[
        bool, typer.Option("--ignore-rest", help="Pass over columns that the mapping does not speak of.")
    ] = False,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Open a case for each row of an export.

    \b
    caseboard import cases export.csv --map map.yaml --dry-run     look first; nothing is written
    caseboard import cases export.csv --map map.yaml
    caseboard import cases patients.xlsx --map map.yaml --program north --json

    Good rows come in, each in a transaction of its own; bad rows are named with their line and the reason. A row
    that was imported before is left alone, so the same file can be imported again. docs/import.md explains the
    mapping; docs/mappings has one to begin from.

    Exit 1 when a row was refused.
    """
    from app.cases.intake.mapping_reader import read_mapping
    from app.cases.intake.service import checked_table, import_cases
    from app.cli.opened import opened, pick_actor, pick_program

    said = read_mapping(mapping)
    checked_table(file, said, ignore_rest=ignore_rest)  # before a database is looked for, or started
    with opened() as open_:
        with open_.store.read() as uow:
            actor = pick_actor(uow.session, pick_program(uow.session, program), None)
        report = import_cases(
            open_.store, actor, file, said, open_.keyring(make=not dry_run), dry_run=dry_run, ignore_rest=ignore_rest
        )
    if as_json:
        say_json(document(report))
    else:
        _tell(report)
    raise typer.Exit(0 if report.complete else 1)


def document(report: "Report") -> dict[str, object]:
    """A report as JSON."""
    return {
        "dry_run": report.dry_run,
        "source": report.source,
        "rows": report.rows,
        "imported": report.imported,
        "already_there": report.already_there,
        "refused": len(report.refused),
        "blank": report.blank,
        "refusals": [{"line": row.line, "reasons": list(row.reasons)} for row in report.refused],
        "cases": [{"line": line, "code": code} for line, code in report.cases],
        "notes": report.notes,
        "stopped": report.stopped,
    }


def _tell(report: "Report") -> None:
    would = "would be imported (dry run: nothing was written)" if report.dry_run else "imported"
    say(f"{counted(report.rows, 'row')}: {report.imported} {would}")
    if report.already_there:
        say(f"  {report.already_there} already there, left alone")
    if report.blank:
        say(f"  {counted(report.blank, 'blank line')} passed over")
    for note in report.notes:
        say(f"  note: {note}")
    if report.refused:
        say(f"  {len(report.refused)} refused:")
    for row in report.refused[:MOST_LINES]:
        for reason in row.reasons:
            say(f"    line {row.line}: {reason}")
    if len(report.refused) > MOST_LINES:
        say(f"    and {len(report.refused) - MOST_LINES} more; --json lists all")
    if report.stopped is not None:
        remark(f"Stopped: {report.stopped}.")
