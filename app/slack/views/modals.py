"""What modals are made of, and those of tasks' evidence and handoffs. They carry ids only, checked when sent."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import accumulate
from typing import Any, Final

from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import EvidenceKind
from app.programs.models import Staff
from app.slack import limits
from app.slack.answer import Answer
from app.slack.views import blocks as draw
from app.slack.views.blocks import Block
from app.tasks.brief import Brief, Urgency
from app.tasks.evidence import REFERENCE_LENGTH
from app.tasks.queries import TaskLine
from app.tasks.rows import TaskRow

DONE: Final = "task_done"
HANDOFF: Final = "task_handoff"
DECLINE: Final = "handoff_decline"
ACCEPT: Final = "handoff_accept"
EVIDENCE: Final = "evidence"
REFERENCE: Final = "reference"
PERSON: Final = "person"
NOTE: Final = "note"
REASON: Final = "reason"
URGENCY: Final = "urgency"
TO_DO: Final = "to_do"
WATCH: Final = "watch"
URGENT: Final = (("It cannot wait", Urgency.NOW), ("For today", Urgency.TODAY), ("It can wait", Urgency.LATER))
TEXT_LENGTH: Final = 300  # what a note or a reason may have (app.text)
TASK: Final = "task"
NOBODY: Final = "nobody"
CASE: Final = "case"
ANSWER: Final = "answer"
HERE: Final = "-"
"""As the channel of a modal whose answer takes its own place: it was opened in no channel that the app is in."""
_METADATA = re.compile(
    r"([thcuqrps]):(\d{1,18})(?: ([A-Z0-9]{2,30}|-))?(?: ((?:\+[0-9a-z]{1,12})+))?(?: =([0-9a-f.]{1,200}))?"
    r"(?: !([0-9a-f]{1,8}))?\Z",
    re.ASCII,
)

_LINK = re.compile(r"<([^|>]+)\|([^>]+)>")

View = dict[str, Any]


@dataclass(frozen=True)
class About:
    """What a modal is about, and where its answer goes: the channel, `HERE`, or None for the home tab.

    `kind` is `t` for a task, `h` for a handoff, `c` for a case, `q` for a question, `r` for a track, `p` for the
    person's own program, `s` for somebody of the staff; `id` is 0 where the modal itself asks which. `tasks` are those
    that a modal showed, where it is about several; `seen` marks the values that it was opened on
    (`app.programs.settings.seen`), and `sure` those that were typed in it when it said what would come of them.
    """

    kind: str
    id: int
    channel: str | None = None
    tasks: tuple[int, ...] = ()
    seen: str = ""
    sure: str = ""

    def written(self) -> str:
        """As private metadata, of which Slack keeps 3,000 characters: each task as its distance from the one before."""
        ids = sorted(self.tasks)
        steps = "".join(f"+{_short(task - before)}" for before, task in zip([0, *ids], ids, strict=False))
        seen = f"={self.seen}" if self.seen else ""
        sure = f"!{self.sure}" if self.sure else ""
        return " ".join(part for part in (f"{self.kind}:{self.id}", self.channel, steps, seen, sure) if part)

    @classmethod
    def read(cls, text: str) -> "About | None":
        """From private metadata, or from a button's value; None when it is not ours."""
        found = _METADATA.match(text)
        if found is None:
            return None
        steps = [int(step, 36) for step in (found[4] or "").split("+")[1:]]
        return cls(found[1], int(found[2]), found[3], tuple(accumulate(steps)), found[5] or "", found[6] or "")


def _short(number: int) -> str:
    """In base 36: 500 tasks take room for 3,000 characters while they lie less than a million numbers apart each."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def done(task: TaskRow, channel: str | None, value: str = "", reference: str = "") -> View:
    """Asks for the evidence of a task, and for the reference beside it where the task wants one.

    `value` and `reference` are what was said already.
    """
    spec = task.item.evidence
    label = spec.label or _LABELS[spec.kind]
    inputs = [input_(EVIDENCE, label, _evidence(spec, value))]
    if spec.reference is not None:
        beside = _text(REFERENCE, "For example ABC-1", REFERENCE_LENGTH, initial=reference)
        inputs.append(input_(REFERENCE, spec.reference, beside))
    return task_modal(DONE, "Finish the task", "Done", channel, task, *inputs)


def handoff(
    task: TaskRow | Sequence[TaskLine], people: Sequence[Staff], channel: str | None, to: int | None = None
) -> View:
    """Asks for the person, of those who may have it, and the brief of a handoff; of several tasks, which one it is.

    `to` is the person who is picked at first, if one was named.
    """
    return task_modal(
        HANDOFF,
        "Hand off",
        "Offer",
        channel,
        task,
        input_(PERSON, "To whom", person_select(PERSON, people, to)),
        input_(URGENCY, "How urgent", select(URGENCY, URGENT), optional=True),
        input_(NOTE, "Where it stands", words_input(NOTE)),
        input_(TO_DO, "What to do", words_input(TO_DO), optional=True),
        input_(WATCH, "What to watch for", words_input(WATCH), optional=True),
    )


def accept(handoff_id: int, task: TaskRow, brief: Brief, channel: str | None) -> View:
    """Asks for the receiver's own words, under what they are told."""
    about = About("h", handoff_id, channel)
    head = draw.section(f"*{draw.safe(task.name)}* {draw.safe(task.title, draw.TITLE)}")
    words = input_(REASON, "In your own words: what will you do?", words_input(REASON))
    return modal(ACCEPT, "Take it over", "Accept", about, head, *draw.sections(draw.brief_lines(brief)), words)


def picked_task(state: object) -> int:
    """The task that was picked in a modal that asks which; 0 when none was."""
    about = About.read(entered(state, TASK) or "")
    return about.id if about is not None and about.kind == "t" else 0


def decline(handoff_id: int, task: TaskRow, channel: str | None) -> View:
    """Asks why somebody does not take a task over."""
    about = About("h", handoff_id, channel)
    reason = input_(REASON, "Why not", _text(REASON, "No patient data", TEXT_LENGTH, several=True))
    head = draw.section(f"*{draw.safe(task.name)}* {draw.safe(task.title, draw.TITLE)}")
    return modal(DECLINE, "Decline", "Decline", about, head, reason)


def shown(answer: Answer) -> View:
    """An answer as a modal, for buttons that stand in no message."""
    return {
        "type": "modal",
        "callback_id": ANSWER,
        "title": draw.plain("Caseboard", 24),
        "close": draw.plain("Close", 24),
        "blocks": _blocks(answer),
    }


def home(answer: Answer) -> View:
    """An answer as the app's home tab."""
    return {"type": "home", "blocks": _blocks(answer)}


def _blocks(answer: Answer) -> list[dict[str, Any]]:
    return (list(answer.blocks) or [draw.section(answer.text)])[: limits.VIEW_BLOCKS]


def task_modal(
    callback: str, title: str, submit: str, channel: str | None, task: TaskRow | Sequence[TaskLine], *inputs: Block
) -> View:
    """A modal about a task, or about one of several that is picked in it."""
    if isinstance(task, TaskRow):
        head = draw.section(f"*{draw.safe(task.name)}* {draw.safe(task.title, draw.TITLE)}")
        return modal(callback, title, submit, About("t", task.id, channel), head, *inputs)
    options = [(f"{line.name} {line.title}", draw.task_value(line.id)) for line in task]
    which = input_(TASK, "Which task", select(TASK, options, placeholder="Pick a task"))
    return modal(callback, title, submit, About("t", 0, channel), which, *inputs)


def modal(callback: str, title: str, submit: str, about: About, *blocks: Block) -> View:
    """A modal that is sent."""
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": about.written(),
        "title": draw.plain(title, 24),
        "submit": draw.plain(submit, 24),
        "close": draw.plain("Cancel", 24),
        "blocks": list(blocks),
    }


def input_(
    block_id: str, label: str, element: Block, *, optional: bool = False, tells: bool = False, hint: str = ""
) -> Block:
    """An input with its label; with `tells` the app hears of each choice at once, since other inputs depend on it."""
    made: Block = {"type": "input", "block_id": block_id, "label": draw.plain(label, 150), "element": element}
    if optional:
        made["optional"] = True
    if tells:
        made["dispatch_action"] = True
    return made | {"hint": draw.plain(hint, 150)} if hint else made


def select(
    action_id: str,
    options: Sequence[tuple[str, str] | tuple[str, str, str]],
    initial: str | None = None,
    *,
    placeholder: str = "Pick one",
) -> Block:
    """A menu of words and values, and of what stands below if that is said; in groups where it takes no more."""
    made = [option(*each) for each in options]
    block: Block = {"type": "static_select", "action_id": action_id, "placeholder": draw.plain(placeholder, 150)}
    if len(made) <= limits.OPTIONS:
        block["options"] = made
    else:
        starts = range(0, min(len(made), limits.OPTIONS * limits.OPTIONS), limits.OPTIONS)
        block["option_groups"] = [
            {"label": draw.plain(f"From {options[start][0]}", 75), "options": made[start : start + limits.OPTIONS]}
            for start in starts
        ]
    found = next((one for one in made if one["value"] == initial), None)
    return block if found is None else block | {"initial_option": found}


def person_select(
    action_id: str, people: Sequence[Staff], initial: int | None = None, *, nobody: bool = False
) -> Block:
    """A menu of people, by name, and of nobody if that can be; its values are Slack user ids, and `NOBODY`.

    Whoever is chosen and not among them any more is left to be chosen anew.
    """
    names = [("Nobody", NOBODY)] if nobody else []
    names += [(person.name, person.slack_user_id) for person in people]
    chosen = next((person.slack_user_id for person in people if person.id == initial), None)
    if nobody and initial is None:
        chosen = NOBODY
    return select(action_id, names, chosen, placeholder="Pick a person")


def words_input(
    action_id: str, placeholder: str = "No patient data", *, several: bool = True, initial: str = ""
) -> Block:
    """A field for a note or a reason, of several lines unless one will do."""
    return _text(action_id, placeholder, TEXT_LENGTH, several=several, initial=initial)


def _text(action_id: str, placeholder: str, most: int, *, several: bool = False, initial: str = "") -> Block:
    made: Block = {
        "type": "plain_text_input",
        "action_id": action_id,
        "max_length": most,
        "multiline": several,
        "placeholder": draw.plain(placeholder, 150),
    }
    return made | {"initial_value": initial[:most]} if initial else made


def _evidence(spec: EvidenceSpec, value: str) -> Block:
    if spec.kind is EvidenceKind.DATE:
        day = {"initial_date": value} if day_of(value) else {}
        return {"type": "datepicker", "action_id": EVIDENCE, **day}
    if spec.kind is EvidenceKind.CHOICE:
        options = [(choice, str(number)) for number, choice in enumerate(spec.choices[: limits.OPTIONS])]
        return select(EVIDENCE, options, next((number for choice, number in options if choice == value), None))
    if spec.kind is EvidenceKind.ATTESTATION:
        confirm = option("Yes, I confirm this with my name", "yes")
        return {"type": "checkboxes", "action_id": EVIDENCE, "options": [confirm]}
    example = "3" if spec.kind is EvidenceKind.NUMBER else "For example ABC-1"
    return _text(EVIDENCE, example, REFERENCE_LENGTH, initial=value)


def option(text: str, value: str, below: str = "") -> Block:
    """One choice of a menu; `below` stands under it in small letters."""
    made: Block = {"text": draw.plain(text, limits.OPTION_TEXT), "value": value}
    return made | {"description": draw.plain(below, limits.OPTION_TEXT)} if below else made


_LABELS: Final[Mapping[EvidenceKind, str]] = {
    EvidenceKind.REFERENCE: "Reference",
    EvidenceKind.DATE: "Date",
    EvidenceKind.NUMBER: "Number",
    EvidenceKind.CHOICE: "Choice",
    EvidenceKind.ATTESTATION: "Your word",
    EvidenceKind.NONE: "Note",
}


def entered(state: object, block_id: str, choices: tuple[str, ...] = ()) -> str | None:
    """What was entered in an input, as text: a person's id, a date, a choice by its words. None when nothing was.

    `state` is a submission's `view.state`, which is not trusted: whatever shape it has, this does not fail.
    """
    held = _member(_member(_member(state, "values"), block_id), block_id)
    for key in ("value", "selected_date", "selected_time", "selected_user"):
        found = _member(held, key)
        if isinstance(found, str) and found:
            return storable(found)
    option = _member(held, "selected_option")
    if option is None:
        ticked = _member(held, "selected_options")
        option = ticked[0] if isinstance(ticked, list) and ticked else None
    value = _member(option, "value")
    if not isinstance(value, str):
        return None
    if not choices:
        return storable(value)
    number = int(value) if re.fullmatch(r"[0-9]{1,3}", value) else len(choices)
    return choices[number] if number < len(choices) else None


def typed(state: object) -> dict[str, str]:
    """What stands in each input of a modal, cleared ones included; of several that are picked each has a line."""
    values = _member(state, "values")
    names = [name for name in values if isinstance(name, str)] if isinstance(values, Mapping) else []
    return {name: "\n".join(all_of(state, name)) or entered(state, name) or "" for name in names[: limits.VIEW_BLOCKS]}


def all_of(state: object, block_id: str) -> list[str]:
    """The values of everything that was ticked, or picked, in an input of several. As little trusted."""
    held = _member(_member(_member(state, "values"), block_id), block_id)
    options = _member(held, "selected_options")
    values = [_member(option, "value") for option in options] if isinstance(options, list) else []
    return [storable(value) for value in values[: limits.OPTIONS] if isinstance(value, str)]


def day_in(state: object, block_id: str) -> date | None:
    """The day that a picker holds; None when there is none, and for what no picker gives."""
    return day_of(entered(state, block_id) or "")


def day_of(text: str) -> date | None:
    """A day as pickers write it; None for what no picker gives."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2199 else None


def time_in(state: object, block_id: str) -> time | None:
    """The local time that a picker holds; None when there is none, and for what no picker gives."""
    return time_of(entered(state, block_id) or "")


def time_of(text: str) -> time | None:
    """A local time as pickers write it; None for what no picker gives."""
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def storable(text: str) -> str:
    """The text without what no database takes: zeros, and halves of characters."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def plain(text: str) -> str:
    """A message's text as an input's error shows it: without Slack's formatting."""
    return html.unescape(_LINK.sub(r"\2: \1", text)).replace("\u2060", "")


def _member(given: object, name: str) -> object:
    return given.get(name) if isinstance(given, Mapping) else None


def all_entered(state: object) -> dict[str, str]:
    """What was entered in each input of an open modal, as `entered` reads it."""
    values = _member(state, "values")
    names = [name for name in values if isinstance(name, str)] if isinstance(values, Mapping) else []
    found = {name: entered(state, name) for name in names[: limits.VIEW_BLOCKS]}
    return {name: value for name, value in found.items() if value is not None}
