"""Questions: the direct message with its answers to press, the case's post, and what whoever asked is told."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal

from pydantic import AwareDatetime, Field

from app.kernel.clock import day_words
from app.notices.port import Message
from app.slack.views import blocks as draw
from app.slack.views import payloads as p
from app.slack.views.blocks import Block

ANSWER: Final = "question_answer"
CHOOSE: Final = "question_choose_"
"""Beginning of the action ids of buttons that answer with a choice; the choice's number follows."""
NOT_MINE: Final = "question_pass"
BACK: Final = "question_back"
ASK_TASK: Final = "ask_task"
ASK_CASE: Final = "ask_case"
Names = Mapping[str, str]


class Line(p.Part):
    """A question; `by` settled it. People are Slack user ids."""

    id: int
    code: str
    task: int | None = None
    no: int | None = None
    title: str | None = None
    words: str
    choices: list[str] = []
    due: AwareDatetime
    asker: str = Field(alias="from")
    to: str
    state: str = "open"
    answer: str | None = None
    by: str | None = None

    @property
    def name(self) -> str:
        return self.code if self.no is None else f"{self.code}-{self.no}"


class Asked(p.Zoned):
    """Questions. Of the direct message `stage` says why it comes, `at` when; of a reply `outcome` what came of it.

    `until` is the last day on which whoever is asked is away.
    """

    questions: list[Line] = Field(min_length=1)
    stage: Literal["asked", "reminder", "due"] = "asked"
    at: AwareDatetime | None = None
    to: str | None = None
    outcome: Literal["answered", "passed", "taken_back", "left", "away", "unanswered"] | None = None
    until: date | None = None


def answer_buttons(question_id: int, choices: Sequence[str], name: str) -> tuple[Block, ...]:
    """What answers a question: a button for each choice, words, and that it is not for the reader."""
    value = question_value(question_id)
    chosen = [
        draw.button(choice, f"{CHOOSE}{number}", f"{value} {number}", label=f"{choice}: answer about {name}")
        for number, choice in enumerate(choices)
    ]
    words = "Answer in words …" if choices else "Answer …"
    style = None if choices else "primary"
    return (
        *chosen,
        draw.button(words, ANSWER, value, label=f"{draw.visible(words)}: the question about {name}", style=style),
        draw.button("Not for me …", NOT_MINE, value, label=f"Not for me: the question about {name}"),
    )


def back_button(question_id: int, name: str) -> Block:
    return draw.button(
        "Take it back", BACK, question_value(question_id), label=f"Take it back: the question about {name}"
    )


def ask_button(text: str, name: str, *, task_id: int | None = None, case_id: int = 0) -> Block:
    """Opens the form of a question about a task, or about a case: 0 asks which."""
    form, value = (ASK_CASE, f"c:{case_id}") if task_id is None else (ASK_TASK, draw.task_value(task_id))
    return draw.form_button(text, form, value, label=f"{draw.visible(text)}: {name}")


def question_value(question_id: int) -> str:
    """What a button on a question carries."""
    return f"q:{question_id}"


def question(payload: Mapping[str, object], names: Names) -> Message:
    """The direct message to whoever is asked: one question, or those that it reminds of."""
    told = Asked.model_validate(payload)
    several = f"{draw.counted(len(told.questions), 'question')} wait" if len(told.questions) > 1 else "a question waits"
    head = {
        "asked": f"Question from {_name(told.questions[0].asker, names)}: please answer",
        "reminder": f"Reminder: {several} for your answer",
        "due": f"Due now: {several} for your answer",
    }[told.stage]
    shown = items(told, names)

    def tail(left_out: int) -> list[Block]:
        return [draw.context(f"… and {left_out} more: `/cb digest` shows them")] if left_out else []

    blocks = draw.fit([draw.section(f"*{head}*")], [row for _, row in shown], tail)
    return Message(draw.cut_bytes([head, *(words for words, _ in shown)]), blocks)


def items(told: Asked, names: Names) -> list[tuple[str, list[Block]]]:
    """Each question in words, and as it is shown to whoever answers it."""
    lines = [f"{_about(line)}\n> {draw.safe(line.words)}\n{_facts(told, line, names)}" for line in told.questions]
    return [
        (words, [draw.section(words), draw.actions(*answer_buttons(line.id, line.choices, line.name))])
        for line, words in zip(told.questions, lines, strict=True)
    ]


def asked(payload: Mapping[str, object], names: Names) -> Message:
    """The case's post while the question is open."""
    told = Asked.model_validate(payload)
    line = told.questions[0]
    head = f"{_name(line.asker, names)} asks {_name(line.to, names)}, answer due {draw.moment(line.due, told.tz)}"
    choices = f"\nChoices: {draw.safe(' / '.join(line.choices))}" if line.choices else ""
    words = f"{_about(line)}\n> {draw.safe(line.words)}{choices}"
    return Message(
        draw.cut_bytes([f"Question · {line.code}: {head}", words]),
        [
            draw.section(f"*Question · {line.code}* — {head}"),
            draw.section(words),
            draw.actions(back_button(line.id, line.name)),
        ],
    )


def settled(payload: Mapping[str, object], names: Names) -> Message:
    """Both posts of a question once it is settled: what came of it, and nothing to press."""
    told = Asked.model_validate(payload)
    line = told.questions[0]
    asker, whom, by = (_name(who, names) for who in (line.asker, line.to, line.by or ""))
    head = {
        "answered": f"{whom} answered {asker}",
        "passed": f"{whom} says to {asker} that it is not for them",
        "taken_back": f"the question to {whom} is taken back by {by}",
    }.get(line.state, f"the question to {whom} needs no answer any more")
    words = f"{_about(line)}\n> {draw.safe(line.words)}"
    said = [f"Answer: *{draw.safe(line.answer)}*"] if line.answer else []
    return Message(
        draw.cut_bytes([f"Question · {line.code}: {head}", words, *said]),
        [draw.section(f"*Question · {line.code}* — {head}"), *map(draw.section, [words, *said])],
    )


def replied(payload: Mapping[str, object], names: Names) -> Message:
    """Tells whoever asked, or the lead for them, what came of a question."""
    told = Asked.model_validate(payload)
    line = told.questions[0]
    whom, by = _name(line.to, names), _name(line.by or "", names)
    what = {
        "answered": f"{whom} answered: *{draw.safe(line.answer or '')}*",
        "passed": f"{whom} says that it is not for them: {draw.safe(line.answer or '')}",
        "taken_back": f"{by} took your question to {whom} back",
        "left": f"{whom} is switched off, so your question has no answer. Ask somebody else",
        "away": f"{whom} is away{f' until {day_words(told.until)}' if told.until else ''}. "
        "Your question stays open: wait, or take it back and ask somebody else",
        "unanswered": f"{whom} has not answered yet, and it was due {draw.moment(line.due, told.tz)}",
    }.get(told.outcome or "", f"{whom} was asked")
    text = f"{draw.mention(told.to or line.asker)}: {what}"
    about = f"{_about(line)}\n> {draw.safe(line.words)}"
    buttons = [ask_button("Ask somebody else …", line.name, task_id=line.task)] if told.outcome != "answered" else []
    if told.outcome in ("unanswered", "away"):
        buttons.append(back_button(line.id, line.name))
    blocks = [draw.section(text), draw.section(about), *([draw.actions(*buttons)] if buttons else [])]
    return Message(draw.cut_bytes([text.replace("*", ""), about.replace("*", "")]), blocks)


def _about(line: Line) -> str:
    title = f" {draw.safe(line.title, draw.TITLE)}" if line.title else ""
    return f"*{draw.safe(line.name)}*{title}"


def _facts(told: Asked, line: Line, names: Names) -> str:
    late = told.at is not None and line.due <= told.at
    due = f"{'was due' if late else 'due'} {draw.moment(line.due, told.tz)}"
    return f"asked by {_name(line.asker, names)} · answer {due}"


def _name(slack_user_id: str, names: Names) -> str:
    return draw.safe(names.get(slack_user_id, "somebody"), 80)
