"""Spreading free tasks: the form with the plan, a line for each task, and the message to whoever got some."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import Field

from app.checklists.vocabulary import whoever
from app.notices.port import Message
from app.slack import limits
from app.slack.views import blocks as draw
from app.slack.views import payloads as p
from app.slack.views.blocks import Block
from app.slack.views.modals import NOBODY, About, View, input_, modal, option
from app.slack.views.shift_forms import task_label
from app.tasks.queries import TaskLine
from app.tasks.suggesting import Planned, Suggestion, shares

SPREAD: Final = "spread"
WHICH: Final = "which"
LATE: Final = "late"
"""As WHICH of the choices: what is late alone."""
SHOWN: Final = 20
"""Tasks of one form: as many as anybody looks through on a phone. The rest comes when it is opened again."""
PEOPLE: Final = 24
"""People whom a line offers, the best first: Slack takes a form of some 250,000 characters."""
MOST_TASKS: Final = 10
"""Tasks with buttons in the message to their new holder."""


def button(text: str = "Spread free tasks …", case_id: int = 0, *, late: bool = False) -> Block:
    """Opens the form, of all that is free, of a case or of what is late."""
    value = f"c:{case_id} {LATE}" if late else f"c:{case_id}"
    return draw.form_button(text, SPREAD, value, label=f"{draw.visible(text)}: free tasks over the team")


def to_block(task_id: int) -> str:
    """The input for the person who gets a task."""
    return f"give-{task_id}"


def plan(
    lines: Sequence[TaskLine],
    planned: Sequence[Planned],
    people: Mapping[int, Sequence[Suggestion]],
    left_out: int,
    *,
    zone: str,
    now: datetime,
    about: About,
) -> View:
    """The plan as a form: who gets which of `lines`, each to be changed or left out.

    `planned` and `people`, by task, belong to the lines; `left_out` are further free tasks.
    """
    asked = [one for one in zip(lines, planned, strict=True) if people[one[0].id]]
    count = len(lines) + left_out
    is_are = "task is" if count == 1 else "tasks are"
    head = (
        f"*{count} {is_are} free and can be worked on now.* This is a preview: nobody gets anything before you press "
        "Give out. Change a line, or leave its task out."
    )
    blocks = [draw.section(head), *_shares(planned)]
    blocks += [_line(line, one.to, people[line.id], zone, now) for line, one in asked]
    nobody = [line for line in lines if not people[line.id]]
    if nobody:
        words = [f"*{draw.safe(line.name)}* {draw.safe(line.title, draw.TITLE)}: {_needs(line)}"
                 for line in nobody]  # fmt: skip
        blocks.append(draw.section("\n".join(["*Nobody who is there may have these*", *words])))
    if left_out:
        blocks.append(draw.context(f"And {left_out} more that are due later: say it again for the next ones."))
    kept = About(about.kind, about.id, about.channel, tuple(line.id for line, _ in asked))
    made = modal(SPREAD, "Spread free tasks", "Give out", kept, *blocks)
    if not asked:
        del made["submit"]
    return made


def _needs(line: TaskLine) -> str:
    return f"needs {whoever(sorted(line.roles))}"


def _shares(planned: Sequence[Planned]) -> list[Block]:
    """Who gets how many of these, in one sentence."""
    gets = [f"{draw.safe(name, 60)} {count}" for name, count in shares(planned).items()]
    left = sum(one.to is None for one in planned)
    words = [f"Proposed: {', '.join(gets)}."] if gets else []
    words += [f"For {left} nobody who is there has both role and skill."] if left else []
    return [draw.section(" ".join(words))] if words else []


def _line(line: TaskLine, to: Suggestion | None, people: Sequence[Suggestion], zone: str, now: datetime) -> Block:
    leave = option("Leave it free", NOBODY)
    options = {one.staff_id: option(one.actor.name, one.actor.slack_user_id or NOBODY) for one in people[:PEOPLE]}
    chosen = leave
    hint = f"Nobody who is there has the skill {line.item.skill}. You may give it to somebody without it."
    if to is not None:
        chosen = options.setdefault(to.staff_id, option(to.actor.name, to.actor.slack_user_id or NOBODY))
        hint = f"{to.actor.name}: {to.why}"
    elif not line.item.skill:
        hint = "Whoever may have it is away when it is due."
    name = to_block(line.id)
    menu: Block = {
        "type": "static_select",
        "action_id": name,
        "placeholder": draw.plain("Pick a person", 150),
        "options": [leave, *options.values()],
        "initial_option": chosen,
    }
    return input_(name, task_label(line, zone, now), menu, hint=hint)


class GivenTask(p.TaskLine):
    """A task that was given, of any case."""

    code: str


class Given(p.Zoned):
    """Tasks of any cases that somebody was given at once; `by` is the Slack user id of who gave them."""

    tasks: list[GivenTask] = Field(min_length=1)
    by: str | None = None


def given(payload: Mapping[str, object], names: Mapping[str, str]) -> Message:
    """Tells a person what they were given, in a direct message."""
    told = Given.model_validate(payload)
    by = draw.safe(names.get(told.by or "", "Your lead"), 80)
    head = f"{by} gave you {draw.counted(len(told.tasks), 'task')}. What you cannot do, hand off, or say so to {by}."
    lines = [_given_line(task, told) for task in told.tasks]
    items = []
    for task, line in list(zip(told.tasks, lines, strict=True))[:MOST_TASKS]:
        name = f"{task.code}-{task.no}"
        row = draw.actions(draw.done_button(task.id, name), draw.handoff_button(task.id, name))
        items.append([draw.section(line), row])
    hidden = len(lines) - len(items)

    def tail(cut: int) -> list[Block]:
        more = cut + hidden
        return [draw.context(f"… and {draw.counted(more, 'more task')}: `/tasks mine` shows them")] if more else []

    blocks = draw.fit([draw.section(f"*Assigned* — {head}")], items, tail)
    return Message(draw.cut_bytes([f"Assigned: {head}", *lines], limits.TEXT_BYTES), blocks)


def _given_line(task: GivenTask, told: Given) -> str:
    parts = [f"*{draw.safe(task.code)}-{task.no}* {draw.safe(task.title, draw.TITLE)}"]
    if task.deadline is not None:
        parts.append(f"{'late, was due' if task.late else 'due'} {draw.moment(task.deadline, told.tz)}")
    return " · ".join(parts)
