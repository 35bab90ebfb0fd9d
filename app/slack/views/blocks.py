"""The building blocks of messages: text that cannot break out, buttons, dates in the reader's own zone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.kernel.clock import moment_words, reached, to_utc
from app.kernel.textsafety import clip, escape_mrkdwn
from app.notices.port import Message as Message
from app.slack import limits
from app.tasks.allowed import Deed
from app.tasks.brief import Brief, Urgency

Block = dict[str, object]

CLAIM: Final = "task_claim"
DONE: Final = "task_done"
HANDOFF: Final = "task_handoff"
ACCEPT: Final = "handoff_accept"
DECLINE: Final = "handoff_decline"
TASKS: Final = "case_tasks"
UNDO: Final = "act_undo"
ANSWER: Final = "answer"
"""The block_id of the buttons of an answer about what was just done: a press on them replaces that answer."""
SHOW_CASE: Final = "case_show"
REOPEN: Final = "case_reopen"
DETAILS: Final = "track_details"
DIGEST: Final = "my_digest"
HELP: Final = "help"
START: Final = "start"
"""What somebody does first; its value says what."""
MORE: Final = "task_more"
FORM: Final = "form_"
"""Beginning of the action ids of buttons that open a form; its value says which, about what."""
DEEDS: Final[Mapping[Deed, str]] = {
    "resume": "Go on with it",
    "wait": "It waits for somebody …",
    "release": "Give it back",
    "skip": "Skip it …",
    "waive": "Waive it …",
    "assign": "Assign it …",
    "reopen": "Reopen it …",
}
"""What the menu of a task offers; three dots where a form asks for more."""
TITLE: Final = 80  # a task's title (template format)


def safe(text: str, most: int = 300) -> str:
    """Somebody's words, short and on one line, without mentions, links or formatting that break out."""
    return escape_mrkdwn(clip(text, most))


def task_value(task_id: int) -> str:
    """What a button on a task carries."""
    return f"t:{task_id}"


def handoff_value(handoff_id: int) -> str:
    """What a button on an offered handoff carries."""
    return f"h:{handoff_id}"


def mention(slack_user_id: str) -> str:
    """Calls a person: only for those who have to act."""
    return f"<@{escape_mrkdwn(slack_user_id)}>"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment as Slack's date token: shown in the reader's zone, with the program's time as its fallback."""
    fallback = escape_mrkdwn(moment_words(at, zone))
    return f"<!date^{int(to_utc(at).timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def due_by(which: str) -> str:
    """What stands behind a deadline of a task that has two: which one it is."""
    return f" {safe(which, 80)}" if which else ""


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph, cut where Slack would refuse it."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block if accessory is None else block | {"accessory": accessory}


def sections(parts: Sequence[str]) -> list[Block]:
    """These lines as paragraphs, as few as take them; nothing of none."""
    return [section("\n".join(lines)) for lines in paragraphs(parts)]


def paragraphs(parts: Sequence[str]) -> list[list[str]]:
    """The same lines, in the groups of which each makes one paragraph."""
    found: list[list[str]] = []
    length = 0
    for part in parts:
        length += len(part) + 1
        if not found or length > limits.SECTION_TEXT:
            found.append([])
            length = len(part) + 1
        found[-1].append(part)
    return found


def header(text: str) -> Block:
    """A heading in plain text."""
    return {"type": "header", "text": plain(text, limits.HEADER_TEXT)}


def context(text: str) -> Block:
    """A small line."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def actions(*buttons: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def button(text: str, action_id: str, value: str, *, label: str, style: str | None = None) -> Block:
    """A button. `label` says to a screen reader what it is about, since several buttons share a text.

    It has the words that are written on the button, the first of all, since who speaks to the screen says those
    (WCAG 2.5.3).
    """
    made: Block = {
        "type": "button",
        "text": plain(text, limits.BUTTON_TEXT),
        "action_id": action_id,
        "value": value,
        "accessibility_label": clip(label, limits.BUTTON_LABEL),
    }
    return made if style is None else made | {"style": style}


def visible(text: str) -> str:
    """The words on a button, without the dots that say that it opens a form."""
    return text.removesuffix("…").rstrip()


def claim_button(task_id: int, name: str, text: str = "Claim") -> Block:
    return button(text, CLAIM, task_value(task_id), label=_spoken(text, "Claim", name), style="primary")


def done_button(task_id: int, name: str, text: str = "Done") -> Block:
    return button(text, DONE, task_value(task_id), label=_spoken(text, "Done", name), style="primary")


def closing_button(task_id: int, name: str, word: str) -> Block:
    """Closes a task as `done_button` does, under the word of what is asked for: `Sign`."""
    return button(word, DONE, task_value(task_id), label=f"{word} {name}", style="primary")


def handoff_button(task_id: int, name: str, text: str = "Hand off") -> Block:
    return button(text, HANDOFF, task_value(task_id), label=_spoken(text, "Hand off", name))


def _spoken(text: str, verb: str, name: str) -> str:
    """`Claim K7Q4-3` of a button that says `Claim`, `Claim 3: K7Q4-3` of one with the number on it."""
    return f"{verb} {name}" if text == verb else f"{text}: {name}"


def answer_buttons(handoff_id: int, name: str, no: int | None = None) -> tuple[Block, Block]:
    """Accept and decline an offered handoff; with the task's number where other tasks stand beside it."""
    value, behind = handoff_value(handoff_id), "" if no is None else f" {no}"
    accept, decline = f"Accept{behind}", f"Decline{behind}"
    return (
        button(accept, ACCEPT, value, label=_spoken(accept, "Accept", name), style="primary"),
        button(decline, DECLINE, value, label=_spoken(decline, "Decline", name)),
    )


def undo_button(act_id: int, name: str) -> Block:
    return button("Undo", UNDO, f"u:{act_id}", label=f"Undo what you did to {name}")


def tasks_button(code: str) -> Block:
    return button("Show tasks", TASKS, f"c:{code}", label=f"Show tasks of case {code}")


def case_button(code: str) -> Block:
    return button("Show case", SHOW_CASE, f"c:{code}", label=f"Show case {code}")


def reopen_button(case_id: int, code: str) -> Block:
    return button("Open it again", REOPEN, f"c:{case_id}", label=f"Open it again: case {code}")


def form_button(text: str, form: str, value: str, *, label: str, style: str | None = None) -> Block:
    """Opens a form, about what `value` says."""
    return button(text, f"{FORM}{form}", f"{form} {value}", label=label, style=style)


def more_menu(task_id: int, deeds: Iterable[Deed]) -> tuple[Block, ...]:
    """The menu of what else can be done to a task; nothing where that is nothing."""
    options = [
        {"text": plain(DEEDS[deed], limits.OPTION_TEXT), "value": f"{deed} {task_value(task_id)}"} for deed in deeds
    ]
    return ({"type": "overflow", "action_id": MORE, "options": options},) if options else ()


def mrkdwn(text: str, most: int = limits.SECTION_TEXT) -> Block:
    """A text object with Slack's formatting; a text that is too long is cut at a line."""
    return {"type": "mrkdwn", "text": cut_lines(text, most)}


def plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": clip(text, most), "emoji": False}


def cut_lines(text: str, most: int) -> str:
    """The whole lines that fit, the rest counted: a token cut in half would show as rubbish."""
    if len(text) <= most:
        return text
    lines = text.split("\n")
    kept: list[str] = []
    room = most - len("… and 99999 more lines")
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, f"… and {counted(len(lines) - len(kept), 'more line')}"])


def cut_bytes(lines: Sequence[str], most: int = limits.TEXT_BYTES, left_out: int = 0) -> str:
    """The first lines that fit into so many bytes, the rest counted, with `left_out` that are not among them."""
    for kept in range(len(lines), -1, -1):
        more = len(lines) - kept + left_out
        cut = "\n".join([*lines[:kept], *([f"… and {counted(more, 'more line')}"] if more else [])])
        if len(cut.encode()) <= most:
            return cut
    return ""


def fit(
    head: Sequence[Block],
    items: Sequence[Sequence[Block]],
    tail: Callable[[int], Sequence[Block]],
    lines: Sequence[int] | None = None,
) -> list[Block]:
    """Head, as many items as Slack takes in one message, and a tail that is told how many lines were left out.

    `lines` says how many each item has, by default one.
    """
    each = lines or [1] * len(items)
    for shown in range(len(items), -1, -1):
        blocks = [*head, *(block for item in items[:shown] for block in item), *tail(sum(each[shown:]))]
        if len(blocks) <= limits.MESSAGE_BLOCKS and limits.size(blocks) <= limits.BLOCKS_CHARACTERS:
            return blocks
    return [*head][: limits.MESSAGE_BLOCKS]


def counted(n: int, noun: str) -> str:
    """`1 task`, `14 tasks`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    kept = list(names)
    if len(kept) < 2:
        return "".join(kept)
    return f"{', '.join(kept[:-1])} and {kept[-1]}"


def due(at: datetime, zone: ZoneInfo, *, late: bool, which: str = "") -> str:
    """`due …`, or `late, was due …`, in the reader's zone; `which` of two deadlines stands behind it."""
    return f"{'late, was due' if late else 'due'} {moment(at, zone)}{due_by(which)}"


def due_here(at: datetime, zone: str, now: datetime, which: str) -> str:
    """The same in the practice's own zone, as forms have it, in plain text."""
    due = f"{'late, was due' if reached(at, now) else 'due'} {moment_words(at, ZoneInfo(zone))}"
    return f"{due} {which}" if which else due


_URGENCY: Final[Mapping[str | None, str]] = {
    Urgency.NOW: "*Urgent: it cannot wait.*", Urgency.TODAY: "For today.", Urgency.LATER: "It can wait.",
}  # fmt: skip


def brief_lines(brief: Brief) -> list[str]:
    """The parts of a handoff's brief, the most pressing first."""
    parts = [
        _URGENCY.get(brief.urgency, ""),
        f"Where it stands: {safe(brief.note)}" if brief.note else "No note.",
        f"What to do: {safe(brief.to_do)}" if brief.to_do else "",
        f"What to watch for: {safe(brief.watch)}" if brief.watch else "",
    ]
    return [part for part in parts if part]
