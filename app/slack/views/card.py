"""The card: what a case needs next, and where it stands, in one message."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.cases.card import AtWork, CardData, NextTask, OpenOffer, OpenQuestion, TrackLine
from app.kernel.clock import day_words
from app.kernel.keydates import KEY_DATES
from app.notices.port import Message
from app.slack import limits
from app.slack.verbs import main_command
from app.slack.views.blocks import (
    DETAILS,
    TITLE,
    Block,
    actions,
    answer_buttons,
    case_button,
    claim_button,
    context,
    counted,
    cut_bytes,
    done_button,
    due_by,
    handoff_button,
    header,
    listed,
    moment,
    more_menu,
    plain,
    safe,
    section,
    tasks_button,
)
from app.tasks.allowed import deeds_of_anybody

MOST_OFFERS = 3
MOST_QUESTIONS = 3
MOST_LATE = 5
MOST_NEXT = 3
WITH_BUTTONS = 2
"""Of the late tasks and of the next ones: a card that is all buttons is not read."""
MOST_WAITING = 5
MOST_TRACKS = 12
MOST_DETAILS = 25
"""Tracks to choose from: a menu of all that a case can have would leave no room for what it stands below."""
MOST_GATING = 8
MOST_NEEDS = 3
MOST_AT_WORK = 8
WORDS = 120
"""Of a question: its own post has all of it."""
MOST_ABSENT = 6
Names = Mapping[str, str]
Part = tuple[list[str], list[Block]]
"""Lines of one section, and the rows of buttons beneath it."""


def card(data: CardData, names: Names) -> Message:
    """The card of a case. People appear by name: a card calls nobody."""
    zone = _zone(data.zone)
    parts: list[Part] = [
        (_standing(data, zone), []),
        _offers(data, names),
        _urgent("*Late now*", data, data.late_tasks, MOST_LATE, names, zone),
        _urgent("*Next*", data, data.next_tasks, MOST_NEXT, names, zone),
        (_questions(data.questions, names, zone), []),
        (_waiting(data, zone), []),
        (_gates(data), []),
        (_dates(data, zone), []),
        (_tracks(data.tracks), []),
        (_people(data, names), []),
        (_absent(data), []),
    ]
    parts = [part for part in parts if part[0]]
    title = f"Case {data.code}" + (" — closed" if data.state == "closed" else "")
    text = cut_bytes([title, *(line.replace("*", "") for lines, _ in parts for line in lines)])
    blocks = _blocks(title, data, parts)
    while limits.size(blocks) > limits.BLOCKS_CHARACTERS and len(parts) > 1:
        parts.pop()  # the last of the parts is the least urgent
        blocks = _blocks(title, data, parts)
    return Message(text, blocks)


def _blocks(title: str, data: CardData, parts: Sequence[Part]) -> list[Block]:
    shown = [block for lines, rows in parts for block in (section("\n".join(lines)), *rows)]
    foot = [actions(tasks_button(data.code), *_details(data.tracks))] if data.state == "open" else []
    if data.state == "open" and not (data.tracks or data.late_tasks or data.next_tasks):
        how = f"Nothing to do yet: set its dates and components below *Show case*, or `{main_command()} date board`."
        foot = [section(how), actions(case_button(data.code))]
    return [header(title), *shown, *foot, context("Kept up to date in place. No patient data in this channel.")]


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


def _details(tracks: Sequence[TrackLine]) -> list[Block]:
    """Has the details of a track kept in the thread of this card."""
    options = [
        {
            "text": plain(f"{track.title} · {track.component}" if track.component else track.title, limits.OPTION_TEXT),
            "value": f"r:{track.id}",
        }
        for track in tracks[:MOST_DETAILS]
    ]
    if not options:
        return []
    return [
        {
            "type": "static_select",
            "action_id": DETAILS,
            "placeholder": plain("Details in a thread …", limits.BUTTON_TEXT),
            "options": options,
        }
    ]


def _standing(data: CardData, zone: ZoneInfo) -> list[str]:
    late = f", *{data.late} late*" if data.late else ""
    components = f" · {counted(data.components, 'component')}" if data.components else ""
    skipped = f", {data.skipped} skipped" if data.skipped else ""
    counts = f"{data.done} of {counted(data.total, 'task')} done{skipped}{late}{components}"
    return [_stage(data, zone), counts] if data.state == "open" else [counts]


def _stage(data: CardData, zone: ZoneInfo) -> str:
    """How far the case has come, by its key dates."""
    dates = {name: _date(day, at, zone) for name, day, at in data.key_dates}
    parts = []
    if data.stage.after is not None:
        parts.append(f"after {KEY_DATES[data.stage.after]}")
    if data.stage.before is not None:
        parts.append(f"before {KEY_DATES[data.stage.before]} ({dates[data.stage.before]})")
    return f"*Stage* {', '.join(parts)}" if parts else "*Stage* opened, no key date yet"


def _offers(data: CardData, names: Names) -> Part:
    lines = [
        f"{offer.no} {safe(offer.title, TITLE)} — {_who(offer.giver, names)} to {_who(offer.taker, names)}"
        for offer in data.offers
    ]
    rows = [_answers(data.code, offer) for offer in data.offers[:MOST_OFFERS]] if data.state == "open" else []
    return _list("*Handoffs to answer*", lines, MOST_OFFERS), rows


def _answers(code: str, offer: OpenOffer) -> Block:
    return actions(*answer_buttons(offer.id, f"{code}-{offer.no}", offer.no))


def _urgent(title: str, data: CardData, tasks: Sequence[NextTask], most: int, names: Names, zone: ZoneInfo) -> Part:
    """Tasks in the order of their deadlines, and the buttons of the first ones that somebody can act on."""
    rows = [row for task in tasks[:most] if (row := _task_row(data.code, task)) is not None]
    shown = rows[:WITH_BUTTONS] if data.state == "open" else []
    return _list(title, [_task(task, names, zone) for task in tasks], most), shown


def _task_row(code: str, task: NextTask) -> Block | None:
    name = f"{code}-{task.no}"
    if task.state == "ready":
        return actions(claim_button(task.id, name, f"Claim {task.no}"), *more_menu(task.id, deeds_of_anybody("ready")))
    if task.state in ("claimed", "waiting"):
        done = done_button(task.id, name, f"Done {task.no}")
        more = more_menu(task.id, deeds_of_anybody(task.state))
        return actions(done, handoff_button(task.id, name, f"Hand off {task.no}"), *more)
    return None


def _questions(questions: Sequence[OpenQuestion], names: Names, zone: ZoneInfo) -> list[str]:
    lines = []
    for question in questions:
        about = "" if question.no is None else f"{question.no} "
        people = f"{_who(question.asker, names)} asks {_who(question.whom, names)}"
        lines.append(f"{about}{people}: {safe(question.words, WORDS)} — due {moment(question.due_at, zone)}")
    return _list("*Questions to answer*", lines, MOST_QUESTIONS)


def _waiting(data: CardData, zone: ZoneInfo) -> list[str]:
    lines = []
    for task in data.waiting:
        since = f" since {moment(task.waiting_since, zone)}" if task.waiting_since else ""
        whom = (task.waiting_on or "answer").replace("_", " ")
        lines.append(f"{task.no} {safe(task.title, TITLE)} — waits for the {safe(whom, 40)}{since}")
    return _list("*Waiting*", lines, MOST_WAITING)


def _gates(data: CardData) -> list[str]:
    lines = []
    for gate in data.gates:
        shown = [str(no) for no in gate.tasks[:MOST_GATING]]
        more = len(gate.tasks) - len(shown)
        tasks = listed([*shown, f"{more} more"] if more else shown)
        what = KEY_DATES.get(gate.key_date, gate.key_date)
        which = f"task {tasks} is" if len(gate.tasks) == 1 else f"tasks {tasks} are"
        lines.append(f"The {what} date is not firm until {which} done")
    return _list("*Gates*", lines, len(KEY_DATES)) if lines and data.state == "open" else []


def _dates(data: CardData, zone: ZoneInfo) -> list[str]:
    dates = [f"{KEY_DATES.get(name, name).capitalize()}: {_date(day, at, zone)}" for name, day, at in data.key_dates]
    return _list("*Key dates*", dates, len(KEY_DATES)) if dates else []


def _tracks(tracks: Sequence[TrackLine]) -> list[str]:
    lines = []
    for track in tracks:
        where = f" · {safe(track.component, TITLE)}" if track.component else ""
        late = f", *{track.late} late*" if track.late else ""
        skipped = f", {track.skipped} skipped" if track.skipped else ""
        lines.append(f"{safe(track.title, TITLE)}{where}: {track.done} of {track.total} done{skipped}{late}")
    return _list("*Checklists*", lines, MOST_TRACKS)


def _people(data: CardData, names: Names) -> list[str]:
    found = [
        f"{what}: {safe(names[who], TITLE)}"
        for what, who in (("Lead", data.lead), ("Surgeon", data.surgeon))
        if who and who in names
    ]
    people = [" · ".join(found)] if found else []
    return [*people, *_at_work(data.at_work, names)]


def _at_work(people: Sequence[AtWork], names: Names) -> list[str]:
    shown = [f"{_who(each.who, names)} ({counted(each.tasks, 'task')})" for each in people[:MOST_AT_WORK]]
    more = len(people) - len(shown)
    return [f"At work: {listed([*shown, f'{more} more'] if more else shown)}"] if shown else []


def _absent(data: CardData) -> list[str]:
    return _list("*Not in this channel*", [safe(words, 200) for words in data.absent], MOST_ABSENT)


def _task(task: NextTask, names: Names, zone: ZoneInfo) -> str:
    due = f" — due {moment(task.due_at, zone)}{due_by(task.which)}" if task.due_at else ""
    nobody = " — nobody has it" if task.state == "ready" else ""
    if task.state == "blocked":
        first, more = task.waits_for[:MOST_NEEDS], len(task.waits_for) - MOST_NEEDS
        needs = [*map(str, first), *([f"{more} more"] if more > 0 else [])]
        nobody = f" — waits for {listed(needs) or 'other tasks'}"
    who = f" — {_who(task.holder, names)}" if task.holder else nobody
    return f"{task.no} {safe(task.title, TITLE)}{due}{who}"


def _who(slack_user_id: str, names: Names) -> str:
    return safe(names.get(slack_user_id, "somebody"), TITLE)


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
