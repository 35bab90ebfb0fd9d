"""The buttons of a task: claim, done, hand off, and what its menu offers."""

from collections.abc import Callable, Mapping
from typing import Final

from app.programs.actor import Actor
from app.slack.answer import Answer
from app.slack.listeners.commands.tasks import finish_task
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import tasks as forms
from app.slack.listeners.views.form import offer_form
from app.slack.verbs import Verb
from app.slack.views import replies
from app.store.uow import UnitOfWork
from app.tasks import service
from app.tasks.refusals import NeedsEvidence
from app.tasks.rows import Outcome

Do = Callable[[UnitOfWork, Actor, int], Outcome]
AT_ONCE: Final[Mapping[str, Do]] = {
    Verb.CLAIM: service.claim, Verb.RELEASE: service.release, Verb.RESUME: service.resume,
}  # fmt: skip
"""What asks for nothing, and is done when it is pressed."""


def claim(inbox: Inbox, delivery: Delivery, task_id: int) -> None:
    """Claim the task."""
    at_once(inbox, delivery, Verb.CLAIM, task_id)


def at_once(inbox: Inbox, delivery: Delivery, verb: str, task_id: int) -> None:
    """Do what asks for nothing."""

    def work(visit: Visit) -> Answer:
        return replies.outcome(AT_ONCE[verb](visit.uow, visit.actor, task_id), visit.actor)

    inbox.show(delivery, inbox.change(delivery, verb, work))


def done(inbox: Inbox, delivery: Delivery, task_id: int) -> None:
    """Finish the task; where it asks for evidence, open the modal that takes it.

    It is tried first without evidence in a transaction that is rolled back, so that nobody fills in a modal for a
    task that they cannot finish.
    """
    tried = inbox.look(delivery, "done", lambda visit: finish_task(visit, task_id, None))
    if tried.refused == NeedsEvidence.__name__:
        offer_form(inbox, delivery, forms.DONE, task_id)
    elif tried.refused:
        inbox.show(delivery, tried)
    else:
        inbox.show(delivery, inbox.change(delivery, "done", lambda visit: finish_task(visit, task_id, None)))


def handoff(inbox: Inbox, delivery: Delivery, task_id: int) -> None:
    """Ask to whom, and with which note."""
    offer_form(inbox, delivery, forms.HANDOFF, task_id)
