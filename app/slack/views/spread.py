"""Spreading free tasks: the form with the plan, a line for each task, and the message to whoever got some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from app.tasks.naming import titles_apart
from app.tasks.queries import TaskLine
from app.tasks.suggesting import Suggestion, shares

SPREAD: Final = "spread"
WHICH: Final = "which"
LATE: Final = "late"
"""As WHICH of the choices: what is late alone."""
SHOWN: Final = 20
"""Tasks of one form: as many as anybody looks through on a phone. The rest comes when it is opened again."""
PEOPLE: Final = 24
"""People whom a line offers, the best first: Slack takes a form of some 250,000 characters."""
NOBODYS: Final = 5
"""Tasks that nobody may have that the form names."""
MOST_TASKS: Final = 10
"""Tasks with buttons in the message to their new holder."""


def button(text: str = "Spread free tasks …", case_id: int = 0, *, late: bool = False) -> Block:
    """Opens the form, of all that is free, of a case or of what is late."""
    value = f"c:{case_id} {LATE}" if late else f"c:{case_id}"
    return draw.form_button(text, SPREAD, value, label=f"{draw.visible(text)}: free tasks over the team")


def to_block(task_id: int) -> str:
    """The input for the person who gets a task."""
    return f"give-{task_id}"


@dataclass(frozen=True)
class Proposal:
    """A line of the plan: the suggestion that it follows, None where nobody fits, and who else may have the task."""

    line: TaskLine
    to: Suggestion | None
    people: Sequence[Suggestion]


def plan(
    proposals: Sequence[Proposal], nobodys: Sequence[TaskLine], left_out: int, *, zone: str, now: datetime, about: About
) -> View:
    """The plan as a form: who gets what, each line to be changed or left out.

    Of `nobodys` there is nobody who may have them; `left_out` are further free tasks.
    """
    count = len(proposals) + len(nobodys) + left_out
    head = (
        f"*{count} {'task is' if count == 1 else 'tasks are'} free and can be worked on now.* This is a preview: "
        "nobody gets anything before you press Give out. Change a line, or leave its task free."
    )
    blocks = [draw.section(head), *_shares(proposals)]
    every = [*(one.line for one in proposals), *nobodys]
    titles = titles_apart([(line.case_code, line.title, line.component) for line in every], draw.TITLE)
    blocks += [_line(one, title, zone, now) for one, title in zip(proposals, titles, strict=False)]
    if nobodys:
        words = [
            f"*{draw.safe(line.name)}* {draw.safe(title)}: needs {whoever(sorted(line.roles))}"
            for line, title in list(zip(nobodys, titles[len(proposals) :], strict=True))[:NOBODYS]
        ]
        more = [f"… and {len(nobodys) - NOBODYS} more"] if len(nobodys) > NOBODYS else []
        blocks.append(draw.section("\n".join(["*Nobody who is there may have these*", *words, *more])))
    if left_out:
        blocks.append(draw.context(f"And {left_out} more: say it again for the next ones, once these are given out."))
    kept = About(about.kind, about.id, about.channel, tuple(one.line.id for one in proposals))
    made = modal(SPREAD, "Spread free tasks", "Give out", kept, *blocks)
    if not proposals:
        del made["submit"]
    return made


def _shares(proposals: Sequence[Proposal]) -> list[Block]:
    """Who gets how many of these, in one sentence."""
    gets = [f"{draw.safe(name, 60)} {count}" for name, count in shares(one.to for one in proposals).items()]
    left = sum(one.to is None for one in proposals)
    words = [f"Proposed: {', '.join(gets)}."] if gets else []
    words += [f"For {left} nobody fits in every way."] if left else []
    return [draw.section(" ".join(words))] if words else []


def _line(one: Proposal, title: str, zone: str, now: datetime) -> Block:
    line, to = one.line, one.to
    leave = option("Leave it free", NOBODY)
    options = {each.staff_id: _option(each) for each in one.people[:PEOPLE]}
    chosen = leave if to is None else options.setdefault(to.staff_id, _option(to))
    first = one.people[0]
    hint = f"Nobody fits in every way. {first.actor.name}: {first.why}" if to is None else f"{to.actor.name}: {to.why}"
    name = to_block(line.id)
    menu: Block = {
        "type": "static_select",
        "action_id": name,
        "placeholder": draw.plain("Pick a person", 150),
        "options": [leave, *options.values()],
        "initial_option": chosen,
    }
    return input_(name, _label(line, title, zone, now), menu, hint=hint)


def _label(line: TaskLine, title: str, zone: str, now: datetime) -> str:
    """`K7Q4-3 Send slides · due Mon 2 Nov 2026 9:00 AM EST`, by the practice's own time."""
    if line.due_at is None:
        return f"{line.name} {title}"
    return f"{line.name} {title} · {draw.due_here(line.due_at, zone, now, line.which)}"


def _option(one: Suggestion) -> Block:
    return option(one.actor.name, one.actor.slack_user_id or NOBODY)


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
        parts.append(draw.due(task.deadline, told.tz, late=task.late))
    return " · ".join(parts)
