"""The SLA report in Slack: a text that stands alone, the button for picture and rows, and the definitions."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from app.kernel.clock import day_words
from app.log import log_failure
from app.notices.port import Attachment, Message
from app.reports import words
from app.reports.chart import ChartFailed, png
from app.reports.files import csv_of
from app.reports.measures import RANGE_WORDS, definitions
from app.reports.queries import Asked
from app.reports.report import Breach, Report, Row
from app.slack.answer import Answer
from app.slack.verbs import main_command
from app.slack.views import blocks as draw

SEND: Final = "sla_send"
WHAT: Final = "sla_what"
MOST_MISSED: Final = 5
_SPEC = re.compile(r"s:(\d{4}-\d\d-\d\d):(\d{4}-\d\d-\d\d):([a-z0-9][a-z0-9_-]{0,80})?:(\d{1,18})?\Z", re.ASCII)
_ROWS = TypeAdapter(list[Row])
_MISSED = TypeAdapter(list[Breach])


def spec(asked: Asked) -> str:
    """What a button on a report carries: its days, its checklist, its person."""
    return f"s:{asked.first.isoformat()}:{asked.last.isoformat()}:{asked.track or ''}:{asked.person or ''}"


def read_spec(value: str) -> Asked | None:
    """From a button's value; None when it is not ours."""
    found = _SPEC.match(value)
    if found is None:
        return None
    try:
        first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
    except ValueError:
        return None
    return Asked(first, last, found[3] or None, int(found[4]) if found[4] else None)


def answer(report: Report, asked: Asked) -> Answer:
    """The report for one person's eyes, with its buttons."""
    head, lines = words.headline(report), _lines(report)
    buttons = [
        draw.button("Send picture and rows", SEND, spec(asked), label="Send picture and rows of the report to me"),
        draw.button("How is this counted?", WHAT, "sla", label="How is this counted? The numbers of the SLA report"),
    ]
    shown = [draw.section(f"*{draw.safe(head, 500)}*"), draw.section("\n".join(lines)), draw.actions(*buttons)]
    return Answer(draw.cut_bytes([draw.safe(head, 500), *(_unmarked(line) for line in lines)]), tuple(shown))


def what() -> Answer:
    """How everything is counted."""
    told = [f"*{draw.safe(title)}*{f' ({unit})' if unit else ''}: {draw.safe(means, 1000)}"
            for title, unit, means in definitions()]  # fmt: skip
    told.append(draw.safe(RANGE_WORDS, 1000))
    # A section takes 3,000 characters: four definitions each.
    parts = ["\n".join(told[start : start + 4]) for start in range(0, len(told), 4)]
    return Answer(draw.cut_bytes([_unmarked(line) for line in told]), tuple(draw.section(part) for part in parts))


def message(payload: Mapping[str, object], _names: Mapping[str, str]) -> Message:
    """The direct message of a report: its text, the picture with its words, and the rows.

    Raises pydantic's `ValidationError` for a payload that is none. Without a picture the numbers still go out.
    """
    report = Report.model_validate(payload.get("report"))
    rows = _ROWS.validate_python(payload.get("rows"))
    missed = _MISSED.validate_python(payload.get("missed", report.breaches))
    name = f"sla-{report.first.isoformat()}-{report.last.isoformat()}"
    lines = [f"*{draw.safe(words.headline(report), 500)}*", *_lines(report)]
    table = csv_of(rows, missed, report.at, report.zone)
    files = [Attachment(f"{name}.csv", table, "The tasks behind the numbers, and the missed deadlines", "")]
    for what, total, there in (
        ("tasks", payload.get("rows_total"), len(rows)),
        ("missed deadlines", payload.get("missed_total"), len(missed)),
    ):
        if isinstance(total, int) and total > there:
            lines.append(f"The file has {there} of {total} {what}; all of them: `caseboard report sla --csv FILE`")
    try:
        picture = png(report)
    except ChartFailed as error:
        log_failure("drawing a report", error)
        lines.append("The picture could not be drawn; the numbers are whole.")
    else:
        files.insert(0, Attachment(f"{name}.png", picture, "SLA report", words.alt_text(report)))
    lines.append(f"How this is counted: `{main_command()} sla what`")
    return Message(draw.cut_bytes(lines), (), tuple(files))


def _lines(report: Report) -> list[str]:
    """What is late and why, who waits for whom, and who holds how much."""
    said = (words.lateness(report), words.why(report), words.waits(report), words.load(report))
    lines = [draw.safe(text, 600) for text in said if text]
    for what, groups in (("checklist", report.tracks), ("role", report.roles), ("person", report.people)):
        worst = words.worst(groups)
        if worst and len(groups) > 1:
            lines.append(f"Late by {what}: {draw.safe(worst)}.")
    told = words.longest_late(report.breaches)[:MOST_MISSED]
    if told:
        lines.append(words.missed_head(report))
    for of in told:
        task, person = of[0], draw.safe(of[0].person or "nobody", draw.TITLE)
        what = draw.safe(words.became(of, report.at))
        lines.append(f"• *{task.code}-{task.no}* {draw.safe(task.title, draw.TITLE)} · {person} · {what}")
    more = report.breaches_total - sum(map(len, told))
    if more:
        lines.append(f"… and {draw.counted(more, 'more missed deadline')}")
    oldest = next(iter(report.oldest), None)
    if oldest is not None and oldest.ready_at is not None:
        since = day_words(oldest.ready_at.astimezone(ZoneInfo(report.zone)))
        lines.append(f"Oldest open: *{oldest.code}-{oldest.no}* {draw.safe(oldest.title, draw.TITLE)}, since {since}.")
    return lines


def _unmarked(line: str) -> str:
    return line.replace("*", "").replace("`", "")
