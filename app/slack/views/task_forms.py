"""The forms of what is done to a task and needs more than a word: wait, skip, reopen, waive, assign."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.checklists.vocabulary import Awaited
from app.programs.models import Staff
from app.slack.verbs import Verb
from app.slack.views.modals import NOTE, PERSON, REASON, View, input_, person_select, select, task_modal, words_input
from app.tasks.queries import TaskLine
from app.tasks.rows import TaskRow

AWAITED: Final = "awaited"
_ASKED: Final[Mapping[Verb, tuple[str, str]]] = {
    Verb.SKIP: ("Skip the task", "Why it is left out"),
    Verb.REOPEN: ("Reopen the task", "Why it is taken back"),
    Verb.WAIVE: ("Waive the gate", "Why it is passed"),
}
Task = TaskRow | Sequence[TaskLine]
"""The task that a form is about, or those of which one is picked in it."""


def callback(verb: Verb) -> str:
    """The callback id of a verb's form, which is what its button names."""
    return verb.value


def wait(task: Task, channel: str | None) -> View:
    """Asks for whom a task waits, and takes a note."""
    awaited = select(AWAITED, [(one.replace("_", " ").capitalize(), one) for one in Awaited], _awaited(task))
    return task_modal(
        callback(Verb.WAIT),
        "Wait for somebody",
        "Wait",
        channel,
        task,
        input_(AWAITED, "Whom it waits for", awaited),
        input_(NOTE, "Note", words_input(NOTE), optional=True, hint="A payer's or vendor's reference may stand here."),
    )


def reason(verb: Verb, task: Task, channel: str | None) -> View:
    """Asks for the reason of a verb that wants one."""
    title, label = _ASKED[verb]
    return task_modal(
        callback(verb), title, verb.capitalize(), channel, task, input_(REASON, label, words_input(REASON))
    )


def assign(task: TaskRow, people: Sequence[Staff], channel: str | None) -> View:
    """Asks for the person, of those who may have the task."""
    whom = input_(PERSON, "To whom", person_select(PERSON, people, task.holder_id))
    return task_modal(callback(Verb.ASSIGN), "Assign the task", "Assign", channel, task, whom)


def _awaited(task: Task) -> str | None:
    return task.waiting_on if isinstance(task, TaskRow) else None
