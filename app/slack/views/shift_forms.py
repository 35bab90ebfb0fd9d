"""The forms of who goes: the end of a shift with a word on what is late or waits, and time off with its cover."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final

from app.programs.absences import Absence, span
from app.programs.models import Staff
from app.slack.views import blocks as draw
from app.slack.views.blocks import Block
from app.slack.views.modals import NOTE, PERSON, About, View, input_, modal, person_select, select, words_input
from app.tasks.queries import TaskLine
from app.tasks.shifts import word_field

SHIFT: Final = "shift"
AWAY: Final = "away"
BACK: Final = "absence_back"
FIRST: Final = "first"
LAST: Final = "last"
COVER: Final = "cover"
POOL: Final = "pool"
SHOWN: Final = 15
"""Tasks that get a field for a word. With their receivers they are 30 of the 100 blocks of a view, and as much as
anybody fills in on a phone; the rest gets the note for all."""


def to_block(task_id: int) -> str:
    """The input for a receiver of one task, where it is not that of all."""
    return f"to-{task_id}"


def button() -> Block:
    """Opens the form."""
    return draw.form_button(
        "End my shift …", SHIFT, "c:0", label="End my shift: hand over or give back all that you hold"
    )


def away_button() -> Block:
    """Opens the form of time off."""
    return draw.form_button("Time off …", AWAY, "c:0", label="Time off: say when you are away, and who covers")


def back_button(absence: Absence, now: datetime, reader: int) -> Block:
    """Ends time off that runs, or calls it off; `reader` is who sees the button, by staff id."""
    back = "I am back" if absence.staff_id == reader else f"{absence.name} is back"
    text = back if absence.runs(now) else "Cancel time off"
    return draw.button(text, BACK, f"u:{absence.id}", label=f"{text}: the time off of {absence.name}")


def cancel_button(absence: Absence) -> Block:
    """Calls off one of several that are planned."""
    days = span(absence.first, absence.last)
    return draw.button(
        f"Cancel {days}", BACK, f"u:{absence.id}", label=f"Cancel {days}: the time off of {absence.name}"
    )


def away(people: Sequence[Staff], others: Sequence[Staff], today: date, channel: str | None) -> View:
    """Asks for the days, and who covers; of `others`, for whom it is, where the person may say so for them."""
    blocks = [
        draw.section(
            "What you hold goes to the cover, or back to the pool, and comes back at the end. If the "
            "first day is today, it goes at once."
        ),
        input_(FIRST, "First day", {"type": "datepicker", "action_id": FIRST, "initial_date": today.isoformat()}),
        input_(LAST, "Last day", {"type": "datepicker", "action_id": LAST, "initial_date": today.isoformat()}),
    ]
    if people:
        blocks.append(input_(COVER, "Who covers", person_select(COVER, people), optional=True))
    if others:
        menu = person_select(PERSON, others)
        blocks.append(input_(PERSON, "For whom", menu, optional=True, hint="For you, if nobody is picked."))
    return modal(AWAY, "Time off", "Save", About("c", 0, channel), *blocks)


def shift(
    pressing: Sequence[TaskLine],
    others: Sequence[TaskLine],
    offered: Sequence[TaskLine],
    people: Sequence[Staff],
    fitting: Mapping[int, Sequence[Staff]],
    *,
    zone: str,
    now: datetime,
    channel: str | None,
    to: str | None = None,
) -> View:
    """Asks for a word on each `pressing` task, and to whom all goes; `offered` wait for an answer and stay so.

    `people` may have at least one of the tasks, `fitting` are those who may have a task of this id. `to` is who is
    picked at first, if that was said: a Slack user id, or `POOL`.
    """
    shown, left_out = pressing[:SHOWN], len(pressing) - SHOWN
    held = len(pressing) + len(others) + len(offered)
    late = f", {len(pressing)} of them late or waiting" if pressing else ""
    head = f"*You hold {draw.counted(held, 'task')}*{late}. "
    blocks = [
        draw.section(head + "What is offered stays yours until it is accepted. No patient data."),
        input_(PERSON, "Everything goes to", select(PERSON, _receivers(people), to)),
    ]
    for code, lines in groupby(sorted(shown, key=lambda line: line.case_code), lambda line: line.case_code):
        blocks.append(draw.section(f"*Case {draw.safe(code)}*"))
        for line in lines:
            word, to = word_field(line.id), to_block(line.id)
            blocks.append(input_(word, _label(line, zone, now), words_input(word, "Where it stands, what is next")))
            menu = select(to, _receivers(fitting[line.id]), placeholder="Same person as above")
            blocks.append(input_(to, f"{line.name} goes to", menu, optional=True))
    if left_out > 0:
        blocks.append(draw.context(f"And {left_out} more that are late or wait: the note for the rest goes with them."))
    words = [draw.safe(_label(line, zone, now)) for line in others]
    if words:
        blocks.append(draw.section("\n".join(["*The rest*", *words])))
    if others or left_out > 0:
        blocks.append(input_(NOTE, "A note for the rest", words_input(NOTE)))
    if offered:
        standing = [f"*{draw.safe(line.name)}* offered to {draw.safe(line.offered_to or '', 60)}" for line in offered]
        blocks.append(draw.section("\n".join(["*Offered already, not accepted yet*", *standing])))
    about = About("c", 0, channel, tuple(line.id for line in (*pressing, *others)))
    return modal(SHIFT, "End my shift", "Hand over", about, *blocks)


def _receivers(people: Sequence[Staff]) -> list[tuple[str, str]]:
    return [("Back to the pool", POOL), *((person.name, person.slack_user_id) for person in people)]


def _label(line: TaskLine, zone: str, now: datetime) -> str:
    """`K7Q4-3 Send slides · late, was due Mon 2 Nov 2026 9:00 AM EST`, by the practice's own time as in every form."""
    parts = []
    if line.due_at is not None:
        parts.append(draw.due_here(line.due_at, zone, now, line.which))
    if line.state == "waiting" and line.waiting_on:
        parts.append(f"waits for the {line.waiting_on.replace('_', ' ')}")
    return " · ".join([f"{line.name} {line.title}", *parts])
