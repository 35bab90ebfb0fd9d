"""The forms of questions: to ask one, to answer it in words, to say that it is not for oneself."""

from collections.abc import Sequence
from datetime import date, time
from typing import Final

from app.kernel.textsafety import clip
from app.questions.rows import QuestionRow
from app.slack import limits
from app.slack.views import blocks as draw
from app.slack.views.blocks import Block
from app.slack.views.modals import PERSON, REASON, TASK, About, View, input_, modal, select, words_input
from app.slack.views.questions import ANSWER, ASK_CASE, ASK_TASK, NOT_MINE
from app.tasks.naming import titles_apart
from app.tasks.queries import TaskLine

QUESTION: Final = "question"
CHOICES: Final = "choices"
DAY: Final = "day"
TIME: Final = "time"


def ask(
    about: About,
    head: Block,
    tasks: Sequence[TaskLine],
    default: date,
    *,
    person: str | None = None,
    question: str | None = None,
    at: time | None = None,
) -> View:
    """Asks for whom, what, which answers and until when; with `tasks` also about which of them.

    `person` is a Slack user id, `default` the local day on which an answer is due unless another is picked, `at` a
    time of it if one was said.
    """
    users: Block = {"type": "users_select", "action_id": PERSON, "placeholder": draw.plain("Pick a person", 150)}
    words = words_input(QUESTION)
    inputs = [
        input_(PERSON, "Whom to ask", users if person is None else users | {"initial_user": person}),
        input_(QUESTION, "Question", words if question is None else words | {"initial_value": clip(question, 300)}),
    ]
    if tasks:
        room = limits.OPTION_TEXT - max(len(line.name) for line in tasks) - 1
        titles = titles_apart([(line.case_code, line.title, line.component) for line in tasks], room)
        options = [
            (f"{line.name} {title}", draw.task_value(line.id)) for line, title in zip(tasks, titles, strict=True)
        ]
        which = select(TASK, options, placeholder="The case as a whole")
        inputs.append(input_(TASK, "About which task", which, optional=True))
    day: Block = {"type": "datepicker", "action_id": DAY, "initial_date": default.isoformat()}
    clock: Block = {"type": "timepicker", "action_id": TIME}
    if at is not None:
        clock["initial_time"] = at.isoformat("minutes")
    inputs += [
        input_(CHOICES, "Answers to choose from", words_input(CHOICES, "yes / no", several=False), optional=True),
        input_(DAY, "Answer due", day, optional=True),
        input_(
            TIME, "At (the practice's time)", clock, optional=True,
            hint="Without a time: when the practice closes on that day, or 5:00 PM.",
        ),
    ]  # fmt: skip
    return modal(ASK_TASK if about.kind == "t" else ASK_CASE, "Ask somebody", "Ask", about, head, *inputs)


def answer(question: QuestionRow, channel: str | None) -> View:
    """Asks for the answer in words, under the question."""
    words = input_(REASON, "Your answer", words_input(REASON))
    return modal(ANSWER, "Answer", "Answer", About("q", question.id, channel), *_head(question), words)


def pass_on(question: QuestionRow, channel: str | None) -> View:
    """Asks whom to ask instead."""
    words = input_(REASON, "Whom to ask instead, or why not you", words_input(REASON))
    return modal(NOT_MINE, "Not for me", "Send", About("q", question.id, channel), *_head(question), words)


def _head(question: QuestionRow) -> list[Block]:
    title = f" {draw.safe(question.title, draw.TITLE)}" if question.title else ""
    return [
        draw.section(f"*{draw.safe(question.name)}*{title}"),
        draw.section(f"{draw.safe(question.asker, 80)} asks:\n> {draw.safe(question.words)}"),
    ]
