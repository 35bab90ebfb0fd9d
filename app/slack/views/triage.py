"""What can be done about a late task: say why, call the lead, and for leads give it to somebody or more time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from app.kernel.clock import moment_words, reached
from app.notices.port import Message
from app.reports.reasons import WORDS, Reason
from app.slack import limits
from app.slack.views import blocks as draw
from app.slack.views import payloads as p
from app.slack.views.blocks import Block
from app.slack.views.modals import PERSON, REASON, About, View, input_, modal, words_input
from app.slack.views.task_forms import suggested_select, suggestion_words
from app.tasks.rows import TaskRow
from app.tasks.suggesting import Suggestion

WHY: Final = "late_why"
ESCALATE: Final = "late_escalate"
SORT_OUT: Final = "late_sort_out"
EXTEND: Final = "late_extend"
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
        escalate_button(task_id, name),
        sort_out,
    ]


def escalate_button(task_id: int, name: str) -> Block:
    """Tells the lead of a task."""
    return draw.button("Escalate", ESCALATE, draw.task_value(task_id), label=f"Escalate {name}: tell its lead now")


def reasons(action_id: str, placeholder: str, prefix: str = "", given: Reason | None = None) -> Block:
    """The short list of reasons, with the one picked that was given already."""
    options = [
        {"text": draw.plain(words.capitalize(), limits.OPTION_TEXT), "value": f"{prefix}{reason.value}"}
        for reason, words in WORDS.items()
    ]
    select: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": draw.plain(placeholder, 150),
        "options": options,
    }
    return select if given is None else select | {"initial_option": options[list(WORDS).index(given)]}


def read_reason(value: str) -> Reason | None:
    """A reason as an option carries it; None when it is not ours."""
    return Reason(value) if value in list(Reason) else None


def sort_out(
    task: TaskRow,
    people: Sequence[Suggestion] | None,
    channel: str | None,
    *,
    late: bool,
    now: datetime,
    given: Reason | None = None,
) -> View:
    """Asks why a task is late, if it is, with the reason that was `given`; a lead, who has `people` to choose from,
    the best first, also to whom it goes, and until when.

    Nothing has to be filled in.
    """
    why = reasons(WHY, "Pick a reason", given=given)
    inputs = [input_(WHY, "Why it is late", why, optional=True)] if late else []
    if people is not None:
        who = (
            [
                input_(
                    PERSON, "Give it to", suggested_select(PERSON, people), optional=True, hint=suggestion_words(people)
                )
            ]
            if people
            else []
        )
        reason = input_(
            REASON, "Why more time", words_input(REASON), optional=True, hint="Needed if there is a new deadline."
        )
        inputs += [*who, input_(DAY, "New deadline", _day(), optional=True), _at(), reason]
    return modal(SORT_OUT, "Sort out a task", "Save", About("t", task.id, channel), _head(task, now), *inputs)


def extend(task: TaskRow, channel: str | None, *, day: str | None, at: str | None, now: datetime) -> View:
    """Asks for a new deadline and the reason for it; `day` and `at`, in ISO format, are what was said already."""
    asked = [input_(DAY, "New deadline", _day(day)), _at(at), input_(REASON, "Why more time", words_input(REASON))]
    return modal(EXTEND, "More time", "Save", About("t", task.id, channel), _head(task, now), *asked)


def _head(task: TaskRow, now: datetime) -> Block:
    due = ""
    if task.due_at is not None:
        late = "Late, was due" if reached(task.due_at, now) else "Due"
        due = f"\n{late} {draw.safe(moment_words(task.due_at, ZoneInfo(task.zone)))}"
    holder = f", with {draw.safe(task.holder_name, draw.TITLE)}" if task.holder_name else ", nobody has it"
    return draw.section(f"*{draw.safe(task.name)}* {draw.safe(task.title, draw.TITLE)}{holder}{due}")


def _day(day: str | None = None) -> Block:
    picker: Block = {"type": "datepicker", "action_id": DAY}
    return picker if day is None else picker | {"initial_date": day}


def _at(at: str | None = None) -> Block:
    picker: Block = {"type": "timepicker", "action_id": TIME, "initial_time": at or CLOSING}
    return input_(TIME, "At (the practice's time)", picker, optional=True)


class Extended(p.Payload):
    """A new deadline. `reason` is what the lead said, `once_running` the deadline of a clock that is paused."""

    tasks: list[p.TaskLine] = Field(min_length=1)
    to: str
    was: AwareDatetime | None = None
    once_running: AwareDatetime | None = None
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
    was = f", was {_when(told.was, told)}" if told.was else ""
    due = f" It is due {_when(task.deadline, told)}{was}." if task.deadline else ""
    if told.once_running:
        due += f" Its own clock is paused: once it runs again, it has until {_when(told.once_running, told)}."
    by = f" by {_name(told.by, names)}" if told.by else ""
    text = f"{draw.mention(told.to)}: more time for *{name}* {draw.safe(task.title, draw.TITLE)}{by}.{due}"
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
    due = f" · {draw.due(task.deadline, told.tz, late=task.late)}" if task.deadline else ""
    holder = f" · with {_name(task.holder, names)}" if task.holder else " · nobody has it"
    why = f" · reason: {WORDS[task.why_late]}" if task.why_late else ""
    line = f"*{name}* {draw.safe(task.title, draw.TITLE)}{due}{why}{holder}"
    head = f"{calls}: {who} asks you to step in"
    row = [draw.button("Sort out", SORT_OUT, draw.task_value(task.id), label=f"Sort out {name}", style="primary")]
    blocks = [draw.section(f"*Escalated · {told.code}* — {head}"), draw.section(line),
              draw.actions(*row, draw.tasks_button(told.code))]  # fmt: skip
    return Message(draw.cut_bytes([f"Escalated · {told.code}: {head}", line.replace("*", "")]), blocks)


def _name(slack_user_id: str | None, names: Mapping[str, str]) -> str:
    return draw.safe(names.get(slack_user_id or "", "somebody"), 80)


def _when(at: datetime | None, told: p.Payload) -> str:
    return "" if at is None else draw.moment(at, told.tz)
