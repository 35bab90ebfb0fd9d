"""The forms of what is done to a task and needs more than a word: wait, skip, reopen, waive, assign."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.checklists.vocabulary import Awaited
from app.slack.verbs import Verb
from app.slack.views.blocks import Block
from app.slack.views.modals import NOTE, PERSON, REASON, View, input_, select, task_modal, words_input
from app.tasks.queries import TaskLine
from app.tasks.rows import TaskRow
from app.tasks.suggesting import Suggestion

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


def assign(task: TaskRow, people: Sequence[Suggestion], channel: str | None) -> View:
    """Asks for the person, of those who may have the task, the best first; who is suggested is picked already."""
    best = people[0] if people[0].fit else None
    menu = suggested_select(PERSON, people, best)
    whom = input_(PERSON, "To whom", menu, hint=suggestion_words(people))
    return task_modal(callback(Verb.ASSIGN), "Assign the task", "Assign", channel, task, whom)


def suggested_select(action_id: str, people: Sequence[Suggestion], picked: Suggestion | None = None) -> Block:
    """A menu of people, each with the reason for or against them."""
    options = [(one.actor.name, one.actor.slack_user_id or "", one.why) for one in people]
    return select(
        action_id, options, None if picked is None else picked.actor.slack_user_id, placeholder="Pick a person"
    )


def suggestion_words(people: Sequence[Suggestion]) -> str:
    """Who is suggested, and why; people are in the order of `app.tasks.suggesting`."""
    if people[0].fit:
        return f"Suggested: {people[0].actor.name}, {people[0].why}."
    return "Nobody who is there fits in every way. What is missing stands at each name."


def _awaited(task: Task) -> str | None:
    return task.waiting_on if isinstance(task, TaskRow) else None
