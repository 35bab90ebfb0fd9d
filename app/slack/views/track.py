"""The details of a track, in the thread of the card: every task, the open ones first, and nothing to press."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.cases.details import DetailTask, TrackDetail
from app.notices.port import Message
from app.slack.views.blocks import TITLE, Block, context, counted, cut_bytes, fit, listed, moment, safe, section

TOGETHER = 8
"""Tasks in one paragraph: of that many even long titles fit."""
MOST_NEEDS = 3
"""Tasks that a line names of those that it waits for."""
Names = Mapping[str, str]


def track(detail: TrackDetail, names: Names) -> Message:
    """The details of a track. People appear by name: it calls nobody."""
    zone = _zone(detail.zone)
    open_ = [task for task in detail.tasks if task.state not in ("done", "skipped")]
    lines = [_line(task, names, zone) for task in open_]
    for word, state in (("Done", "done"), ("Left out", "skipped")):
        lines += [_closed(word, task, names, zone) for task in detail.tasks if task.state == state]
    first, where = f"*{safe(detail.title, TITLE)}*", f" · {safe(detail.component, TITLE)}" if detail.component else ""
    head = f"{first}{where} — {_standing(detail)}"
    items = [[section("\n".join(lines[at : at + TOGETHER]))] for at in range(0, len(lines), TOGETHER)]

    def tail(left_out: int) -> list[Block]:
        more = len(lines) - (len(items) - left_out) * TOGETHER
        return (
            [context(f"… and {counted(more, 'more line')}: `/cb tasks {detail.code}` lists them")] if left_out else []
        )

    return Message(cut_bytes([head.replace("*", ""), *lines]), fit([section(head)], items, tail))


def _standing(detail: TrackDetail) -> str:
    if detail.withdrawn:
        return "taken out of the plan"
    done = sum(task.state == "done" for task in detail.tasks)
    skipped = sum(task.state == "skipped" for task in detail.tasks)
    late = sum(task.late for task in detail.tasks)
    words = f"{done} of {len(detail.tasks)} done"
    words += f", {skipped} skipped" if skipped else ""
    return words + (f", {late} late" if late else "")


def _line(task: DetailTask, names: Names, zone: ZoneInfo) -> str:
    parts = [f"{task.no} {safe(task.title, TITLE)}"]
    if task.late:
        parts.append("late")
    if task.deadline is not None:
        parts.append(f"due {moment(task.deadline, zone)}")
    elif not task.needs:
        parts.append("no deadline yet")
    if task.holder:
        parts.append(f"with {safe(names.get(task.holder, 'somebody'), TITLE)}")
    elif task.state == "ready":
        parts.append("nobody has it")
    if task.state == "waiting":
        parts.append(f"waits for the {safe((task.waiting_on or 'answer').replace('_', ' '), 40)}{_note(task)}")
    if task.state == "blocked":
        parts.append(f"waits for {_numbers(task.needs) or 'other tasks'}")
    return "• " + " — ".join(parts)


def _numbers(needs: Sequence[int]) -> str:
    """`3, 5 and 8`, the first of many."""
    more = [f"{len(needs) - MOST_NEEDS} more"] if len(needs) > MOST_NEEDS else []
    return listed([*map(str, needs[:MOST_NEEDS]), *more])


def _closed(word: str, task: DetailTask, names: Names, zone: ZoneInfo) -> str:
    parts = [f"{word}: {task.no} {safe(task.title, TITLE)}{_note(task)}"]
    if task.closer:
        parts.append(f"by {safe(names.get(task.closer, 'somebody'), TITLE)}")
    if task.closed_at is not None:
        parts.append(moment(task.closed_at, zone))
    return "• " + " — ".join(parts)


def _note(task: DetailTask) -> str:
    """What was said with it, after what it belongs to."""
    return f": {safe(task.note, TITLE)}" if task.note else ""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
