"""What can be done about a late task: say why, call the lead, and for leads give it to somebody or more time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import AwareDatetime, Field

from app.notices.port import Message
from app.reports.reasons import WORDS, Reason
from app.slack import limits
from app.slack.views import blocks as draw
from app.slack.views import payloads as p
from app.slack.views.blocks import Block
from app.slack.views.modals import PERSON, REASON, TEXT_LENGTH, About, View
from app.tasks.rows import TaskRow

WHY: Final = "late_why"
ESCALATE: Final = "late_escalate"
SORT_OUT: Final = "late_sort_out"
DAY: Final = "day"
TIME: Final = "time"
CLOSING: Final = "17:00"
FEW: Final = 3
"""Tasks of one post that get everything in their row; of more, each has one button for it."""


def late_elements(task_id: int, name: str, *, few: bool) -> Sequence[Block]:
    """What stands in the row of a late task, after its own buttons."""
    sort_out = draw.button("Sort out", SORT_OUT, draw.task_value(task_id), label=f"Sort out why {name} is late")
    if not few:
        return [sort_out]
    return [
        reasons(WHY, f"Why is {name} late?", f"t:{task_id} "),
        draw.button("Escalate", ESCALATE, draw.task_value(task_id), label=f"Tell the lead of {name} now"),
        sort_out,
    ]


def reasons(action_id: str, placeholder: str, prefix: str = "") -> Block:
    """The short list of reasons."""
    options = [
        {"text": draw.plain(words.capitalize(), limits.OPTION_TEXT), "value": f"{prefix}{reason.value}"}
        for reason, words in WORDS.items()
    ]
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": draw.plain(placeholder, 150),
        "options": options,
    }


def read_reason(value: str) -> Reason | None:
    """A reason as an option carries it; None when it is not ours."""
    return Reason(value) if value in list(Reason) else None


def sort_out(task: TaskRow, channel: str | None, *, leads: bool) -> View:
    """Asks why a task is late; a lead also to whom it goes, and until when. Nothing has to be filled in."""
    inputs: list[Block] = [_optional(WHY, "Why it is late", reasons(WHY, "Pick a reason"))]
    if leads:
        person: Block = {"type": "users_select", "action_id": PERSON, "placeholder": draw.plain("Pick a person", 150)}
        inputs += [
            _optional(PERSON, "Give it to", person),
            _optional(DAY, "New deadline", {"type": "datepicker", "action_id": DAY}),
            _optional(TIME, "At (the practice's time)", {"type": "timepicker", "action_id": TIME,
                                                         "initial_time": CLOSING}),
            _optional(REASON, "Why more time (needed with a new deadline)", {
                "type": "plain_text_input", "action_id": REASON, "max_length": TEXT_LENGTH, "multiline": True,
                "placeholder": draw.plain("No patient data", 150),
            }),
        ]  # fmt: skip
    due = "" if task.due_at is None else f"\nDue {draw.moment(task.due_at, p.Zoned(zone=task.zone).tz)}"
    holder = f", with {draw.safe(task.holder_name, draw.TITLE)}" if task.holder_name else ", nobody has it"
    text = f"*{draw.safe(task.name)}* {draw.safe(task.title, draw.TITLE)}{holder}{due}"
    return {
        "type": "modal",
        "callback_id": SORT_OUT,
        "private_metadata": About("t", task.id, channel).written(),
        "title": draw.plain("Late task", 24),
        "submit": draw.plain("Save", 24),
        "close": draw.plain("Cancel", 24),
        "blocks": [draw.section(text), *inputs],
    }


class Extended(p.Payload):
    """A new deadline. `reason` is what the lead said."""

    tasks: list[p.TaskLine] = Field(min_length=1)
    to: str
    was: AwareDatetime | None = None
    reason: str
    by: str | None = None


class Called(p.Payload):
    """A task that somebody asks the lead or the managers to look at."""

    tasks: list[p.TaskLine] = Field(min_length=1)
    to: p.People
    by: str | None = None


def extended(payload: Mapping[str, object], names: Mapping[str, str]) -> Message:
    """Tells the holder of a task that there is more time."""
    told = Extended.model_validate(payload)
    task = told.tasks[0]
    name = f"{told.code}-{task.no}"
    due = f" It is due {_when(task.deadline, told)}" if task.deadline else ""
    was = f", was {_when(told.was, told)}" if told.was else ""
    by = f" by {_name(told.by, names)}" if told.by else ""
    text = f"{draw.mention(told.to)} more time for *{name}* {draw.safe(task.title, draw.TITLE)}{by}.{due}{was}."
    why = f"Reason: {draw.safe(told.reason)}"
    buttons = [draw.done_button(task.id, name), draw.handoff_button(task.id, name)]
    blocks = [draw.section(text), draw.section(why), draw.actions(*buttons)]
    return Message(draw.cut_bytes([f"New deadline · {text.replace('*', '')}", why]), blocks)


def called(payload: Mapping[str, object], names: Mapping[str, str]) -> Message:
    """Calls the lead or the managers to a task."""
    told = Called.model_validate(payload)
    task = told.tasks[0]
    name = f"{told.code}-{task.no}"
    who = _name(told.by, names)
    calls = draw.listed(map(draw.mention, told.to))
    due = f" · due {_when(task.deadline, told)}" if task.deadline else ""
    holder = f" · with {_name(task.holder, names)}" if task.holder else " · nobody has it"
    line = f"*{name}* {draw.safe(task.title, draw.TITLE)}{due}{holder}"
    head = f"{calls} {who} asks you to step in"
    row = [draw.button("Sort out", SORT_OUT, draw.task_value(task.id), label=f"Sort out {name}", style="primary")]
    blocks = [draw.section(f"*Escalated · {told.code}* — {head}"), draw.section(line),
              draw.actions(*row, draw.tasks_button(told.code))]  # fmt: skip
    return Message(draw.cut_bytes([f"Escalated · {told.code}: {head}", line.replace("*", "")]), blocks)


def _name(slack_user_id: str | None, names: Mapping[str, str]) -> str:
    return draw.safe(names.get(slack_user_id or "", "somebody"), 80)


def _when(at: datetime | None, told: p.Payload) -> str:
    return "" if at is None else draw.moment(at, told.tz)


def _optional(block_id: str, label: str, element: dict[str, Any]) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": draw.plain(label, 150),
        "element": element | {"action_id": block_id},
    }
