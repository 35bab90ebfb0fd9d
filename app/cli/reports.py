"""`caseboard report`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.group import group
from app.cli.out import AsJson, CannotDo, ProgramSlug, WrongUsage, remark, say, say_json, say_table
from app.kernel.clock import moment_words

if TYPE_CHECKING:
    from app.reports.report import Line, Report

app = group()
BY = {"track": "checklist", "role": "role", "person": "person"}
MOST_ROWS = 1_000_000
"""What a sheet of a workbook takes, nearly."""


@app.callback()
def report() -> None:
    """How deadlines are met."""


@app.command()
def sla(
    days: Annotated[
        str | None,
        typer.Option("--range", help="last week, october, q3, 2025, last 30 days, since monday, 1 oct to 15 oct."),
    ] = None,
    by: Annotated[str, typer.Option(help="Show the numbers by track, role or person.")] = "track",
    track: Annotated[str | None, typer.Option(help="Only one checklist: its id, or words of its title.")] = None,
    person: Annotated[str | None, typer.Option(help="Only one person: name or Slack user id.")] = None,
    role: Annotated[str | None, typer.Option(help="Only tasks for one role, such as va.")] = None,
    define: Annotated[bool, typer.Option("--define", help="How everything is counted, and no numbers.")] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Write the tasks behind the numbers and the missed deadlines there, one a line.")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write the whole report there, as a workbook.")] = None,
    png: Annotated[Path | None, typer.Option(help="Draw the picture there.")] = None,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """The SLA report: what was met, what was late and why, who waits for whom. The same numbers as `/sla` in Slack.

    \b
    caseboard report sla
    caseboard report sla --range "last week" --by person
    caseboard report sla --range 2026-11 --xlsx november.xlsx --png november.png
    caseboard report sla --define
    """
    from app.reports.measures import definitions

    if define:
        _define(definitions(), as_json=as_json)
        return
    if by not in BY:
        raise WrongUsage(f"“{by}” is no way to group. Write --by track, --by role or --by person.")

    from app.checklists.vocabulary import Role
    from app.cli.opened import opened, pick_actor, pick_program
    from app.programs.queries import calendar_of, find_staff
    from app.reports.files import csv_of, xlsx_of
    from app.reports.queries import Asked, missed_of, rows_of
    from app.reports.ranges import DEFAULT, EXAMPLES, take_range
    from app.reports.service import find_track
    from app.reports.service import sla as counted

    if role is not None and role not in list(Role):
        raise WrongUsage(f"“{role}” is no role. There are: {', '.join(Role)}.")
    chosen, rest = take_range(days) if days is not None else (DEFAULT, "")
    if chosen is None or rest:
        raise WrongUsage(f"That is no range of days. Write after --range, in quotes: {EXAMPLES}.")
    with opened() as open_, open_.store.read() as uow:
        where = pick_program(uow.session, program)
        first, last = chosen.resolve(calendar_of(where).local_day(uow.now))
        asked = Asked(
            first,
            last,
            None if track is None else find_track(uow.session, where.id, track),
            None if person is None else find_staff(uow.session, where.id, person).id,
            role,
        )
        found = counted(uow, pick_actor(uow.session, where, None), asked)
        rows, total = rows_of(uow.session, where, asked, uow.now, MOST_ROWS) if csv or xlsx else ([], 0)
        missed, missed_total = missed_of(uow.session, where, asked, uow.now, MOST_ROWS) if csv or xlsx else ([], 0)
    for what, many, there in (("tasks", total, len(rows)), ("missed deadlines", missed_total, len(missed))):
        if many > there:
            raise CannotDo(
                f"{many} {what} are more than a file takes ({MOST_ROWS}). Nothing was written. Take fewer days."
            )
    written = []
    if csv is not None:
        written.append(_write(csv, csv_of(rows, missed, found.at, found.zone)))
    if xlsx is not None:
        written.append(_write(xlsx, xlsx_of(found, rows, missed)))
    if png is not None:
        from app.reports.chart import draw

        written.append(_write(png, draw(found)))
    if as_json:
        say_json(found.plain())
    else:
        _say(found, by)
    for path in written:
        remark(f"Written: {path}")


def _write(path: Path, content: bytes) -> Path:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CannotDo(f"{path} cannot be written ({error.strerror}). Name another file.") from None
    return path


def _define(told: Sequence[tuple[str, str, str]], *, as_json: bool) -> None:
    from app.reports.measures import RANGE_WORDS

    if as_json:
        say_json([{"name": title, "unit": unit or None, "definition": means} for title, unit, means in told])
        return
    for title, unit, means in told:
        say(f"{title}{f' ({unit})' if unit else ''}: {means}")
    say(RANGE_WORDS)


def _say(found: "Report", by: str) -> None:
    from zoneinfo import ZoneInfo

    from app.reports import words

    zone = ZoneInfo(found.zone)
    for text in (words.headline(found), words.lateness(found), words.why(found), words.waits(found)):
        if text:
            say(text)
    lines: dict[str, Sequence[Line]] = {"track": found.tracks, "role": found.roles, "person": found.people}
    if lines[by]:
        say()
        say_table(words.group_rows(lines[by]), words.group_header(BY[by]))
    if found.load:
        say()
        held = [(each.label, *(each.count(name) for name in ("open", "late_now", "waiting"))) for each in found.load]
        say_table(held, ("person", "holds", "late now", "waiting"))
    if found.breaches:
        say()
        missed = [
            (f"{of[0].code}-{of[0].no}", of[0].title, of[0].person or "nobody",
             "; ".join(moment_words(each.deadline, zone) if each.deadline else "" for each in of),
             words.became(of, found.at))
            for of in words.longest_late(found.breaches)
        ]  # fmt: skip
        say(words.missed_head(found))
        say_table(missed, ("missed", "task", "person", "deadline", "which, and what became of it"))
        if found.breaches_total > len(found.breaches):
            more = found.breaches_total - len(found.breaches)
            say(f"… and {more} more; all of them: --csv FILE, --xlsx FILE, or fewer days")
    say()
    say("How this is counted: caseboard report sla --define")
