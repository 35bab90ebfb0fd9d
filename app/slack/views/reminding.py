"""Being left alone: a snooze, how early a task reminds, quiet hours; their buttons, words and forms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.kernel.clock import hour_words, moment_words, reached
from app.programs.actor import Actor
from app.programs.models import Staff
from app.slack.views import blocks as draw
from app.slack.views import triage
from app.slack.views.blocks import Block
from app.slack.views.modals import REASON, About, View, input_, modal, select, task_modal, words_input
from app.tasks.queries import TaskLine
from app.tasks.reminding import lead_words
from app.tasks.rows import TaskRow

SNOOZE: Final = "snooze"
WAKE: Final = "snooze_end"
REMIND: Final = "remind"
QUIET: Final = "quiet"
DAY: Final = "day"
TIME: Final = "time"
LEAD: Final = "lead"
WORDS: Final = "words"
FROM: Final = "from"
UNTIL: Final = "until"
ZONE: Final = "zone"
STANDARD: Final = "standard"
LEADS: Final = (
    ("30 minutes before", "30 minutes"),
    ("1 hour before", "1 hour"),
    ("2 hours before", "2 hours"),
    ("4 business hours before", "4 business hours"),
    ("1 business day before", "1 business day"),
    ("2 business days before", "2 business days"),
    ("3 business days before", "3 business days"),
    ("Not at all", "off"),
    ("As the checklist has it", STANDARD),
)
"""What the form offers, each with what a command would say."""


def snooze_button(task_id: int, name: str, text: str = "Snooze …") -> Block:
    """Opens the form of a snooze."""
    spoken = f"{draw.visible(text)} the reminders of {name}" if text == "Snooze …" else f"{draw.visible(text)}: {name}"
    return draw.form_button(text, SNOOZE, f"{draw.task_value(task_id)}", label=spoken)


def wake_button(task_id: int, name: str) -> Block:
    """Ends a snooze."""
    return draw.button("End snooze", WAKE, draw.task_value(task_id), label=f"End snooze of {name}")


def buttons(line: TaskLine, now: datetime) -> Sequence[Block]:
    """What its holder can say of a task's reminders."""
    lead = draw.form_button("Remind me …", REMIND, draw.task_value(line.id), label=f"Remind me: when, of {line.name}")
    if _is_snoozed(line, now):
        return [wake_button(line.id, line.name), lead]
    return [snooze_button(line.id, line.name), lead]


def quiet_button() -> Block:
    """Opens the form of quiet hours."""
    label = "Quiet hours: when reminders wait, and your time zone"
    return draw.form_button("Quiet hours …", QUIET, "c:0", label=label)


def more_time_buttons(actor: Actor, task: TaskRow) -> Sequence[Block]:
    """What helps where a snooze would pass the deadline: a new one, by a lead, or telling the lead."""
    if actor.leads:
        value = draw.task_value(task.id)
        return [draw.form_button("More time …", triage.EXTEND, value, label=f"More time: for {task.name}")]
    return [triage.escalate_button(task.id, task.name)]


def reminds(line: TaskLine, actor: Actor, now: datetime) -> bool:
    """Whether the task has reminders to come about which the actor has a say."""
    mine = line.holder_id == actor.staff_id or actor.leads
    return line.state in ("claimed", "waiting") and mine and line.due_at is not None and not reached(line.due_at, now)


def lead_line(line: TaskLine) -> str:
    """When a task reminds."""
    return f"{lead_words(line.remind_lead).capitalize()}."


def snoozed(line: TaskLine, zone: ZoneInfo, now: datetime) -> list[str]:
    """`snoozed until …: waiting for the fax`, or nothing."""
    if line.snoozed_until is None or not _is_snoozed(line, now):
        return []
    return [f"snoozed until {draw.moment(line.snoozed_until, zone)}: {draw.safe(line.snoozed_why or '', 120)}"]


def _is_snoozed(line: TaskLine, now: datetime) -> bool:
    return line.snoozed_until is not None and line.snoozed_until > now


def quiet_words(person: Staff) -> str:
    """How a person's quiet hours stand."""
    if person.quiet_from is None or person.quiet_until is None:
        return f"You have no quiet hours ({person.zone}). Reminders come at any time. To set them: quiet 18:00 to 8:00"
    hours = f"{hour_words(person.quiet_from)} to {hour_words(person.quiet_until)} ({person.zone})"
    return (
        f"Your quiet hours: {hours}. Reminders wait for their end and come as one message; what is late does not wait. "
        "For none: quiet off"
    )


def snooze(task: TaskRow, channel: str | None, *, day: str, at: str) -> View:
    """Asks until when, and why; `day` and `at`, in ISO format, are picked at first."""
    when: Block = {"type": "datepicker", "action_id": DAY, "initial_date": day}
    clock: Block = {"type": "timepicker", "action_id": TIME, "initial_time": at}
    return task_modal(
        SNOOZE, "Snooze reminders", "Snooze", channel, task,
        draw.context(_due(task) + " A snooze ends before that, and what is late is told all the same."),
        input_(DAY, "Silent until", when),
        input_(TIME, "At (the practice's time)", clock),
        input_(REASON, "Why", words_input(REASON)),
    )  # fmt: skip


def remind(task: TaskRow, channel: str | None) -> View:
    """Asks how long before its deadline a task reminds: one of a few times, or in words."""
    now = next((value for _, value in LEADS if value == (task.remind_lead or STANDARD)), None)
    words = words_input(WORDS, "3 hours, 2 business days", several=False)
    return task_modal(
        REMIND, "When to remind me", "Save", channel, task,
        draw.context(f"{_due(task)} It {lead_words(task.remind_lead)}. What you choose moves with the deadline."),
        input_(LEAD, "Remind me", select(LEAD, LEADS, now), optional=True),
        input_(WORDS, "Or in words", words, optional=True),
    )  # fmt: skip


def quiet(person: Staff, channel: str | None) -> View:
    """Asks for a person's quiet hours and zone, with those that they have."""

    def clock(name: str, at: object) -> Block:
        picker: Block = {"type": "timepicker", "action_id": name}
        return picker if at is None else picker | {"initial_time": f"{at:%H:%M}"}

    zone = words_input(ZONE, "Europe/Berlin, or Chicago", several=False) | {"initial_value": person.zone}
    return modal(
        QUIET, "Quiet hours", "Save", About("c", 0, channel),
        draw.section("Reminders wait for their end, and come as one message. What is late does not wait."),
        input_(FROM, "From", clock(FROM, person.quiet_from), optional=True),
        input_(UNTIL, "To", clock(UNTIL, person.quiet_until), optional=True, hint="Both empty: no quiet hours."),
        input_(ZONE, "Your time zone", zone, hint="A large city, or the zone's whole name."),
    )  # fmt: skip


def _due(task: TaskRow) -> str:
    if task.due_at is None:
        return "It has no deadline."
    return f"Due {draw.safe(moment_words(task.due_at, ZoneInfo(task.zone)))}."
