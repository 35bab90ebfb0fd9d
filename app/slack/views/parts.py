"""Parts of a task's line that lists and the home tab have alike."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.reports.reasons import WORDS
from app.slack.views.blocks import safe
from app.tasks.queries import TaskLine


def why_late(line: TaskLine) -> list[str]:
    """`reason: our load` of what is late, where one was given."""
    return [] if line.why_late is None else [f"reason: {WORDS[line.why_late]}"]


def waits(line: TaskLine, since: str = "") -> list[str]:
    """`waits for the vendor: their fax is down`, with what its holder said, or nothing; `since` stands before that."""
    if line.state != "waiting" or not line.waiting_on:
        return []
    note = f": {safe(line.waiting_note, 120)}" if line.waiting_note else ""
    return [f"waits for the {line.waiting_on.replace('_', ' ')}{since}{note}"]


def after(line: TaskLine, zone: ZoneInfo, now: datetime) -> list[str]:
    """`after the board (Thu 3 Dec 2026)` of what nobody can finish yet, or nothing."""
    event = line.comes_after(now.astimezone(zone).date())
    return [] if event is None else [f"after {event}"]
