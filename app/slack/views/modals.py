"""The modals: evidence for a task, a handoff, the reason of a no. They carry ids only, which are checked when sent."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import EvidenceKind
from app.slack import limits
from app.slack.answer import Answer
from app.slack.views import blocks as draw
from app.slack.views.blocks import Block
from app.tasks.rows import TaskRow

DONE: Final = "task_done"
HANDOFF: Final = "task_handoff"
DECLINE: Final = "handoff_decline"
EVIDENCE: Final = "evidence"
REFERENCE: Final = "reference"
PERSON: Final = "person"
NOTE: Final = "note"
REASON: Final = "reason"
EVIDENCE_LENGTH: Final = 120  # what evidence of a task may have (app.tasks.evidence)
TEXT_LENGTH: Final = 300  # what a note or a reason may have (app.text)
_METADATA = re.compile(r"([th]):(\d{1,18})(?: ([A-Z0-9]{2,30}))?\Z", re.ASCII)

_LINK = re.compile(r"<([^|>]+)\|([^>]+)>")

View = dict[str, Any]


@dataclass(frozen=True)
class About:
    """What a modal is about, and the channel in which it was opened, where the answer goes."""

    kind: str
    id: int
    channel: str | None = None

    def written(self) -> str:
        """As private metadata."""
        return f"{self.kind}:{self.id}" + (f" {self.channel}" if self.channel else "")

    @classmethod
    def read(cls, text: str) -> "About | None":
        """From private metadata, or from a button's value; None when it is not ours."""
        found = _METADATA.match(text)
        return None if found is None else cls(found[1], int(found[2]), found[3])


def done(task: TaskRow, channel: str | None) -> View:
    """Asks for the evidence of a task, and for the reference beside it where the task wants one."""
    spec = task.item.evidence
    about = About("t", task.id, channel)
    label = spec.label or _LABELS[spec.kind]
    inputs = [_input(EVIDENCE, label, _evidence(spec))]
    if spec.reference is not None:
        inputs.append(_input(REFERENCE, spec.reference, _text(REFERENCE, "For example ABC-1", EVIDENCE_LENGTH)))
    return _modal(DONE, "Finish the task", "Done", about, task, *inputs)


def handoff(task: TaskRow, channel: str | None) -> View:
    """Asks for the person and the note of a handoff."""
    person: Block = {
        "type": "users_select",
        "action_id": PERSON,
        "placeholder": draw.plain("Pick a person", 150),
    }
    return _modal(
        HANDOFF,
        "Hand off",
        "Offer",
        About("t", task.id, channel),
        task,
        _input(PERSON, "To whom", person),
        _input(NOTE, "What they have to know", _text(NOTE, "No patient data", TEXT_LENGTH, several=True)),
    )


def decline(handoff_id: int, task: TaskRow, channel: str | None) -> View:
    """Asks why somebody does not take a task over."""
    about = About("h", handoff_id, channel)
    reason = _input(REASON, "Why not", _text(REASON, "No patient data", TEXT_LENGTH, several=True))
    return _modal(DECLINE, "Decline", "Decline", about, task, reason)


def shown(answer: Answer) -> View:
    """An answer as a modal, for buttons that stand in no message."""
    return {
        "type": "modal",
        "callback_id": "answer",
        "title": draw.plain("Caseboard", 24),
        "close": draw.plain("Close", 24),
        "blocks": _blocks(answer),
    }


def home(answer: Answer) -> View:
    """An answer as the app's home tab."""
    return {"type": "home", "blocks": _blocks(answer)}


def _blocks(answer: Answer) -> list[dict[str, Any]]:
    return (list(answer.blocks) or [draw.section(answer.text)])[: limits.VIEW_BLOCKS]


def _modal(callback: str, title: str, submit: str, about: About, task: TaskRow, *inputs: Block) -> View:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": about.written(),
        "title": draw.plain(title, 24),
        "submit": draw.plain(submit, 24),
        "close": draw.plain("Cancel", 24),
        "blocks": [
            draw.section(f"*{draw.safe(task.name)}* {draw.safe(task.title, draw.TITLE)}"),
            *inputs,
        ],
    }


def _input(block_id: str, label: str, element: Block) -> Block:
    return {"type": "input", "block_id": block_id, "label": draw.plain(label, 150), "element": element}


def _text(action_id: str, placeholder: str, most: int, *, several: bool = False) -> Block:
    return {
        "type": "plain_text_input",
        "action_id": action_id,
        "max_length": most,
        "multiline": several,
        "placeholder": draw.plain(placeholder, 150),
    }


def _evidence(spec: EvidenceSpec) -> Block:
    if spec.kind is EvidenceKind.DATE:
        return {"type": "datepicker", "action_id": EVIDENCE}
    if spec.kind is EvidenceKind.CHOICE:
        options = [_option(choice, str(number)) for number, choice in enumerate(spec.choices[: limits.OPTIONS])]
        return {
            "type": "static_select",
            "action_id": EVIDENCE,
            "options": options,
            "placeholder": draw.plain("Pick one", 150),
        }
    if spec.kind is EvidenceKind.ATTESTATION:
        confirm = _option("Yes, I confirm this with my name", "yes")
        return {"type": "checkboxes", "action_id": EVIDENCE, "options": [confirm]}
    example = "3" if spec.kind is EvidenceKind.NUMBER else "For example ABC-1"
    return _text(EVIDENCE, example, EVIDENCE_LENGTH)


def _option(text: str, value: str) -> Block:
    return {"text": draw.plain(text, limits.OPTION_TEXT), "value": value}


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
            return found
    option = _member(held, "selected_option")
    if option is None:
        ticked = _member(held, "selected_options")
        option = ticked[0] if isinstance(ticked, list) and ticked else None
    value = _member(option, "value")
    if not isinstance(value, str):
        return None
    if not choices:
        return value
    number = int(value) if re.fullmatch(r"[0-9]{1,3}", value) else len(choices)
    return choices[number] if number < len(choices) else None


def plain(text: str) -> str:
    """A message's text as an input's error shows it: without Slack's formatting."""
    return html.unescape(_LINK.sub(r"\2: \1", text)).replace("\u2060", "")


def _member(given: object, name: str) -> object:
    return given.get(name) if isinstance(given, Mapping) else None
