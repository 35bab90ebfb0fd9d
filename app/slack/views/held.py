"""The one direct message of what quiet hours held back: reminders of tasks of all cases, and of questions."""

from collections.abc import Mapping

from pydantic import AwareDatetime, Field

from app.notices.port import Message
from app.slack.views import blocks as draw
from app.slack.views import payloads as p
from app.slack.views import questions, task_rows
from app.slack.views.blocks import Block

MOST = 10
"""Tasks shown with their buttons; the rest is counted."""


class HeldTask(p.TaskLine):
    """A task with the code of its case."""

    code: str


class HeldBack(p.Zoned):
    """What was held back since a moment; `questions` are drawn by `app.slack.views.questions`."""

    tasks: list[HeldTask] = Field(min_length=1)
    since: AwareDatetime
    to: str


def held_back(payload: Mapping[str, object], names: Mapping[str, str]) -> Message:
    """Tells a person, whom it reaches without a mention."""
    told = HeldBack.model_validate(payload)
    asked = questions.Asked.model_validate(payload) if payload.get("questions") else None
    lines = [task_rows.line(task, draw.safe(task.code, 20), told.tz, names, [told.to]) for task in told.tasks]
    items: list[list[Block]] = [
        [
            draw.section(line),
            draw.actions(*task_rows.buttons(task, task.code, of=len(told.tasks), snooze=True)),
        ]
        for task, line in zip(told.tasks[:MOST], lines, strict=False)
    ]
    if asked is not None:
        shown = questions.items(asked, names)
        lines += [words for words, _ in shown]
        items += [blocks for _, blocks in shown]
    hidden = len(told.tasks) - min(len(told.tasks), MOST)
    what = draw.counted(len(told.tasks), "task")
    if asked is not None:
        what += f" and {draw.counted(len(asked.questions), 'question')}"
    head = f"{what} for you, held back by your quiet hours since {draw.moment(told.since, told.tz)}"

    def tail(left_out: int) -> list[Block]:
        more = left_out + hidden
        return [draw.context(f"… and {more} more: `/tasks mine` shows what you hold")] if more else []

    blocks = draw.fit([draw.section(f"*{head}*")], items, tail)
    return Message(draw.cut_bytes([head, *lines]), blocks)
