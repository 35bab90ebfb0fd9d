"""Parts of a task's line that lists and the home tab have alike."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.tasks.queries import TaskLine


def after(line: TaskLine, zone: ZoneInfo, now: datetime) -> list[str]:
    """`after the board (Thu 3 Dec 2026)` of what nobody can finish yet, or nothing."""
    event = line.comes_after(now.astimezone(zone).date())
    return [] if event is None else [f"after {event}"]
