"""The report in words and tables: one wording for Slack, the command line, the picture and the files. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.kernel.clock import reached, span_words
from app.reports.measures import CLOSED
from app.reports.reasons import NONE_GIVEN, WORDS, Reason
from app.reports.report import Breach, Line, Report, Row

ROW_HEADER: Final = (
    "task", "title", "checklist", "role", "person", "verdict", "deadline", "finished", "late by (business hours)",
    "reason",
)  # fmt: skip
CSV_HEADER: Final = ("row", *ROW_HEADER, "which deadline", "missed", "what became of it")
MISSED_HEADER: Final = (
    "task", "title", "checklist", "person", "which deadline", "deadline", "missed", "what became of it", "reason",
)  # fmt: skip
CLOCKS: Final = {"due": "due date", "sla": "our target"}


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """A moment in the program's zone, `2026-11-02 09:00`."""
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def hours(value: float) -> str:
    """`4 business hours`; below one `under 1 business hour`, as nobody who is late is so by nothing."""
    unit = "business hour" if value <= 1 else "business hours"
    return f"under 1 {unit}" if value < 1 else f"{value:g} {unit}"


def headline(report: Report) -> str:
    """What was met and what was late of what was finished, in one line."""
    met, late = report.total.count("met"), report.total.count("late")
    of = f" · {report.whose}" if report.whose else ""
    where = f"SLA{of} · {span_words(report.first, report.last)}"
    if not met + late:
        return f"{where}: no task with a deadline was finished."
    tasks = "task" if met + late == 1 else "tasks"
    share = report.total.figures["share"]
    return f"{where}: {met} of {met + late} finished {tasks} in time ({share} %), {late} late (due then or before)."


def lateness(report: Report) -> str:
    """How late the late ones were; nothing where none was."""
    median, most = report.total.figures["late_median"], report.total.figures["late_p90"]
    if median is None or most is None:
        return ""
    return f"Late by {hours(median)} (median), 90 % of them by {max(most, 1):g} at most."


def why(report: Report) -> str:
    """The missed deadlines, which are not those of the late tasks alone, and why; nothing where none was missed."""
    if not report.breaches_total:
        return ""
    missed = "1 deadline" if report.breaches_total == 1 else f"{report.breaches_total} deadlines"
    return f"Missed on these days: {missed}, of tasks finished since or not. Why: {_listed(report.reasons, 'missed')}."


def waits(report: Report) -> str:
    """Who waits for whom now."""
    if not report.waits:
        return "Nothing is open now."
    parts = ", ".join(map(_standing, report.waits))
    return f"Open now {report.open.count('open')}, late {report.open.count('late_now')}. Waits for: {parts}."


def load(report: Report, most: int = 8) -> str:
    """Who holds how much now, the most first; nothing where nobody is there to hold any."""
    held = sorted(report.load, key=lambda line: -line.count("open"))  # of as many, by name, as the report has them
    more = f" and {len(held) - most} more" if len(held) > most else ""
    return f"Held by: {', '.join(map(_standing, held[:most]))}{more}." if held else ""


def _standing(line: Line) -> str:
    late = f" ({line.count('late_now')} late)" if line.count("late_now") else ""
    return f"{line.label} {line.count('open')}{late}"


def worst(lines: Sequence[Line], most: int = 3) -> str:
    """The groups with late tasks, the most first."""
    late = [f"{line.label} {line.count('late')} of {line.count('late') + line.count('met')}" for line in lines
            if line.count("late")]  # fmt: skip
    more = f" and {len(late) - most} more" if len(late) > most else ""
    return ", ".join(late[:most]) + more


def reason(of: Breach) -> str:
    """Why it was missed."""
    return WORDS[Reason(of.reason)] if of.reason else NONE_GIVEN


def stands(of: Breach, at: datetime) -> str:
    """What became of a missed deadline."""
    if of.state == "skipped":
        return "left out"
    if of.closed_at is not None:
        return f"finished {hours(of.late_by)} late"
    if of.due_at is not None and not reached(of.due_at, at):
        return "has a new deadline"
    if of.state == "blocked":
        return f"waits for other tasks, {hours(of.late_by)} late"
    return f"open, {hours(of.late_by)} late"


def by_task(missed: Sequence[Breach]) -> list[list[Breach]]:
    """Missed deadlines by their task, in the order of the first of each."""
    found: dict[tuple[str, int], list[Breach]] = {}
    for each in missed:
        found.setdefault((each.code, each.no), []).append(each)
    return list(found.values())


def longest_late(missed: Sequence[Breach]) -> list[list[Breach]]:
    """The same, the task first that has the deadline which was missed by most: what is named where few are."""
    return sorted(by_task(missed), key=lambda of: -max(each.late_by for each in of))


def missed_head(report: Report) -> str:
    """What stands over the missed deadlines that are named: how they are ordered, and of which they are."""
    there = len(report.breaches)
    order = ", the longest late first" if there > 1 else ""
    of = f", of the last {there}, what is open before the rest" if there < report.breaches_total else ""
    return f"Missed deadlines{order}{of}:"


def became(of: Sequence[Breach], at: datetime) -> str:
    """Which deadlines of one task were missed, what became of each, and why."""
    return "; ".join(f"{CLOCKS[each.clock]}: {stands(each, at)}, {reason(each)}" for each in of)


def group_header(by: str) -> tuple[str, ...]:
    """The columns of a breakdown."""
    return (by, *(each.title for each in CLOSED))


def group_rows(lines: Sequence[Line]) -> list[tuple[str | float | None, ...]]:
    """A breakdown as rows, a line each."""
    return [(line.label, *(line.figures[each.name] for each in CLOSED)) for line in lines]


def task_rows(rows: Sequence[Row], zone: ZoneInfo) -> list[tuple[str | float | None, ...]]:
    """The tasks behind the numbers as rows; moments are local, hours business hours."""
    return [
        (
            row.task, row.title, row.track, row.role, row.person, row.verdict, moment(row.deadline, zone),
            moment(row.closed_at, zone), row.late_by, row.reason,
        )
        for row in rows
    ]  # fmt: skip


def csv_rows(
    rows: Sequence[Row], missed: Sequence[Breach], at: datetime, zone: ZoneInfo
) -> list[tuple[str | float | None, ...]]:
    """The tasks behind the numbers and then the missed deadlines, each with a first cell that says which it is."""
    tasks = [("task", *row, "", "", "") for row in task_rows(rows, zone)]
    return tasks + [
        (
            "missed deadline", f"{each.code}-{each.no}", each.title, each.track, each.role, each.person, "missed",
            moment(each.deadline, zone), moment(each.closed_at, zone), each.late_by, reason(each),
            CLOCKS[each.clock], moment(each.missed_at, zone), stands(each, at),
        )
        for each in missed
    ]  # fmt: skip


def missed_rows(missed: Sequence[Breach], at: datetime, zone: ZoneInfo) -> list[tuple[str | float | None, ...]]:
    """The missed deadlines as rows of their own; moments are local."""
    return [
        (
            f"{each.code}-{each.no}", each.title, each.track, each.person, CLOCKS[each.clock],
            moment(each.deadline, zone), moment(each.missed_at, zone), stands(each, at), reason(each),
        )
        for each in missed
    ]  # fmt: skip


def alt_text(report: Report) -> str:
    """What the picture shows, for whoever does not see it."""
    by = "; ".join(f"{line.label}: {line.count('met')} met, {line.count('late')} late" for line in report.tracks[:8])
    weeks = ", ".join(f"{line.label} {line.count('met')}/{line.count('met') + line.count('late')}" for line in
                      report.weeks[-8:])  # fmt: skip
    return f"{headline(report)} Bars by checklist: {by or 'none'}. Met of judged by week: {weeks}."[:950]


def _listed(lines: Sequence[Line], measure: str) -> str:
    return ", ".join(f"{line.label} {line.count(measure)}" for line in lines)
