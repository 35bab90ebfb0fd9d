"""The digest: what waits for a person's word, with its buttons; what is at risk; what changed; what comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.digests.rules import LINES, shares
from app.kernel.clock import day_words
from app.kernel.keydates import KEY_DATES
from app.notices.port import Message
from app.slack.verbs import main_command
from app.slack.views import payloads as p
from app.slack.views import questions
from app.slack.views.blocks import (
    TITLE,
    Block,
    actions,
    answer_buttons,
    closing_button,
    counted,
    cut_bytes,
    listed,
    moment,
    safe,
    section,
    tasks_button,
)
from app.slack.views.blocks import (
    due as due_words,
)

MOST_DATES = 3
"""Key dates of a case that one line names."""


@dataclass(frozen=True)
class _Line:
    """One line, and what can be pressed beside or beneath it."""

    words: str
    button: Block | None = None
    row: tuple[Block, ...] = ()

    def blocks(self, label: str) -> list[Block]:
        shown = section(f"*{label}* · {self.words}", self.button)
        return [shown, actions(*self.row)] if self.row else [shown]


def digest(payload: Mapping[str, object]) -> Message:
    """The message of a digest: at most `LINES` lines, the first of which sums up the rest. It calls nobody.

    Raises pydantic's `ValidationError` for a payload that is none.
    """
    told = p.Digest.model_validate(payload)
    zone = told.tz
    groups: list[tuple[str, str, int, Sequence[_Line]]] = [
        ("Decide", "to decide", told.decide.total, [_decision(line, zone) for line in told.decide.lines]),
        ("At risk", "at risk", told.at_risk.total, [_risk(line, zone) for line in told.at_risk.lines]),
        ("Changed", "changed", told.changed.total, [_changed(line, zone) for line in told.changed.lines]),
        ("Next 7 days", "in the next 7 days", told.coming.total, [_coming(line, zone) for line in told.coming.lines]),
    ]
    sums = [f"{total} {what}" for _, what, total, _ in groups if total]
    head = f"Digest for {day_words(told.day)}: {', '.join(sums) or 'nothing waits for you'}."
    room = shares([total for _, _, total, _ in groups], LINES - 1)
    shown = [
        (label, line)
        for (label, _, total, lines), share in zip(groups, room, strict=True)
        for line in _cut(lines, total, share)
    ]
    words = [head, *(f"{label}: {line.words.replace('*', '')}" for label, line in shown)]
    blocks = [section(f"*{head}*"), *(block for label, line in shown for block in line.blocks(label))]
    return Message(cut_bytes(words), blocks)


def _cut(lines: Sequence[_Line], total: int, share: int) -> list[_Line]:
    """As many lines as there is room for; the last one says how many more there are, if there are."""
    if total <= share:
        return list(lines)
    kept = list(lines[: share - 1])
    return [*kept, _Line(f"and {total - len(kept)} more")]


def _decision(line: p.Decision, zone: ZoneInfo) -> _Line:
    name = line.code if line.no is None else f"{line.code}-{line.no}"
    due = f", {due_words(line.due, zone, late=line.late, which=line.which)}" if line.due else ""
    if line.what == "question" and line.question is not None:
        asks = f"*{safe(name)}* {safe(line.giver or 'Somebody', TITLE)} asks: {safe(line.title)}{due}"
        return _Line(asks, row=questions.answer_buttons(line.question, line.choices, name))
    words = f"*{safe(name)}* {safe(line.title, TITLE)}{due}"
    if line.what == "handoff" and line.handoff is not None:
        giver = f", offered by {safe(line.giver, TITLE)}" if line.giver else ""
        return _Line(words + giver, row=answer_buttons(line.handoff, name))
    if line.what == "waive":
        how = f", a gate that is shut. To waive it: `{main_command()} waive {safe(name)} reason`"
        return _Line(words + how, tasks_button(line.code))
    return _Line(words, None if line.task is None else closing_button(line.task, name, line.word))


def _risk(line: p.Risk, zone: ZoneInfo) -> _Line:
    facts = [
        f"{_what(each.name)} {_day(each, zone)} is not firm, {counted(each.open, 'task')} to do first"
        for each in line.unfirm[:MOST_DATES]
    ]
    if len(line.unfirm) > MOST_DATES:
        facts.append(counted(len(line.unfirm) - MOST_DATES, "more date"))
    if line.unlocked:
        facts.append(f"board {_day(line.unlocked, zone)}, packet not locked")
    if line.late:
        facts.append(f"{counted(line.late, 'task')} late")
    return _Line(f"*{safe(line.code)}* {'; '.join(facts)}", tasks_button(line.code))


def _changed(line: p.Changed, zone: ZoneInfo) -> _Line:
    moves = [_move(move, zone) for move in line.moves[:MOST_DATES]]
    if len(line.moves) > MOST_DATES:
        moves.append(counted(len(line.moves) - MOST_DATES, "more date"))
    return _Line(f"*{safe(line.code)}* {listed(moves)}", tasks_button(line.code))


def _move(move: p.Moved, zone: ZoneInfo) -> str:
    what = _what(move.name)
    if move.new is None:
        return f"{what} taken away" + (f" (was {_day(move.old, zone)})" if move.old else "")
    if move.old is None:
        return f"{what} set for {_day(move.new, zone)}"
    return f"{what} moved to {_day(move.new, zone)} (was {_day(move.old, zone)})"


def _coming(line: p.Coming, zone: ZoneInfo) -> _Line:
    return _Line(f"*{safe(line.code)}* {_what(line.name)} {_day(line, zone)}", tasks_button(line.code))


def _what(name: str) -> str:
    return KEY_DATES.get(name, safe(name, 40))


def _day(when: p.Day, zone: ZoneInfo) -> str:
    return day_words(when.day) if when.at is None else moment(when.at, zone)
