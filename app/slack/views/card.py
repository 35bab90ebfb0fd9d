"""The card: what a case needs next, and where it stands, in one message."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.cases.card import CardData, NextTask, TrackLine
from app.kernel.keydates import KEY_DATES
from app.notices.port import Message
from app.slack import limits
from app.slack.views.blocks import (
    TITLE,
    Block,
    actions,
    context,
    counted,
    cut_bytes,
    day_words,
    header,
    listed,
    moment,
    safe,
    section,
    tasks_button,
)

MOST_LATE = 5
MOST_WAITING = 5
MOST_TRACKS = 12
MOST_GATING = 8
MOST_ABSENT = 6
Names = Mapping[str, str]


def card(data: CardData, names: Names) -> Message:
    """The card of a case. People appear by name: a card calls nobody."""
    zone = _zone(data.zone)
    parts = [
        _standing(data),
        _late(data, names, zone),
        _next(data, names, zone),
        _waiting(data, zone),
        _gates(data),
        _dates(data, zone),
        _tracks(data.tracks),
        _people(data, names),
        _absent(data),
    ]
    parts = [lines for lines in parts if lines]
    title = f"Case {data.code}" + (" — closed" if data.state == "closed" else "")
    foot = [context("Kept up to date in place. No patient data in this channel.")]
    buttons = [actions(tasks_button(data.code))] if data.state == "open" else []
    blocks: list[Block] = [header(title), *(section("\n".join(lines)) for lines in parts), *buttons, *foot]
    while limits.size(blocks) > limits.BLOCKS_CHARACTERS and len(blocks) > 3:
        del blocks[-2 - len(buttons)]  # the last of the parts is the least urgent
    return Message(cut_bytes([title, *(line.replace("*", "") for lines in parts for line in lines)]), blocks)


def metadata(data: CardData, notice_id: UUID) -> dict[str, object]:
    """What the card says to machines."""
    return {
        "id": str(notice_id),
        "kind": "card",
        "case": data.code,
        "tracks": len(data.tracks),
        "tasks": data.tasks,
        "components": data.components,
        "done": data.done,
        "late": data.late,
    }


def _standing(data: CardData) -> list[str]:
    late = f", *{data.late} late*" if data.late else ""
    components = f" · {counted(data.components, 'component')}" if data.components else ""
    return [f"{data.done} of {counted(data.tasks, 'task')} done{late}{components}"]


def _late(data: CardData, names: Names, zone: ZoneInfo) -> list[str]:
    return _list("*Late now*", [_task(task, names, zone) for task in data.late_tasks], MOST_LATE)


def _next(data: CardData, names: Names, zone: ZoneInfo) -> list[str]:
    return _list("*Next*", [_task(task, names, zone) for task in data.next_tasks], 3)


def _waiting(data: CardData, zone: ZoneInfo) -> list[str]:
    lines = []
    for task in data.waiting:
        since = f" since {moment(task.waiting_since, zone)}" if task.waiting_since else ""
        whom = (task.waiting_on or "somebody").replace("_", " ")
        lines.append(f"{task.no} {safe(task.title, TITLE)} — for the {safe(whom, 40)}{since}")
    return _list("*Waiting*", lines, MOST_WAITING)


def _gates(data: CardData) -> list[str]:
    lines = []
    for gate in data.gates:
        shown = [str(no) for no in gate.tasks[:MOST_GATING]]
        more = len(gate.tasks) - len(shown)
        tasks = listed([*shown, f"{more} more"] if more else shown)
        what = KEY_DATES.get(gate.key_date, gate.key_date)
        lines.append(f"{what.capitalize()} is not firm until {'task' if len(gate.tasks) == 1 else 'tasks'} {tasks}")
    return _list("*Gates*", lines, len(KEY_DATES)) if lines and data.state == "open" else []


def _dates(data: CardData, zone: ZoneInfo) -> list[str]:
    dates = [f"{KEY_DATES.get(name, name).capitalize()}: {_date(day, at, zone)}" for name, day, at in data.key_dates]
    return _list("*Key dates*", dates, len(KEY_DATES)) if dates else []


def _tracks(tracks: Sequence[TrackLine]) -> list[str]:
    lines = []
    for track in tracks:
        where = f" · {safe(track.component, TITLE)}" if track.component else ""
        late = f", *{track.late} late*" if track.late else ""
        lines.append(f"{safe(track.title, TITLE)}{where}: {track.done} of {track.total} done{late}")
    return _list("*Checklists*", lines, MOST_TRACKS)


def _people(data: CardData, names: Names) -> list[str]:
    found = [
        f"{what}: {safe(names[who], TITLE)}"
        for what, who in (("Lead", data.lead), ("Surgeon", data.surgeon))
        if who and who in names
    ]
    return [" · ".join(found)] if found else []


def _absent(data: CardData) -> list[str]:
    return _list("*Not in this channel*", [safe(words, 200) for words in data.absent], MOST_ABSENT)


def _task(task: NextTask, names: Names, zone: ZoneInfo) -> str:
    due = f" — due {moment(task.due_at, zone)}" if task.due_at else ""
    if task.holder:
        who = f" — {safe(names.get(task.holder, 'somebody'), TITLE)}"
    else:
        who = " — nobody has it" if task.state == "ready" else ""
    return f"{task.no} {safe(task.title, TITLE)}{due}{who}"


def _list(title: str, lines: Sequence[str], most: int) -> list[str]:
    if not lines:
        return []
    more = [f"… and {len(lines) - most} more"] if len(lines) > most else []
    return [title, *(f"• {line}" for line in lines[:most]), *more]


def _date(day: date, at: datetime | None, zone: ZoneInfo) -> str:
    return day_words(day) if at is None else moment(at, zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
