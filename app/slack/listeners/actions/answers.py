"""The buttons of an offered handoff: accept, decline."""

from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.views import modals, replies
from app.tasks import handoffs
from app.tasks.rows import TaskRow, read


def accept(inbox: Inbox, delivery: Delivery, handoff_id: int) -> None:
    """Take the task over."""

    def work(visit: Visit) -> Answer:
        task_id = handoffs.task_of(visit.uow, visit.actor, handoff_id)
        return replies.outcome(handoffs.accept(visit.uow, visit.actor, task_id), visit.actor.staff_id)

    inbox.show(delivery, inbox.change(delivery, "accept", work))


def decline(inbox: Inbox, delivery: Delivery, handoff_id: int) -> None:
    """Ask why; tried first with a stand-in reason and rolled back, as `done` is."""
    seen: list[TaskRow] = []

    def attempt(visit: Visit) -> Answer:
        task_id = handoffs.task_of(visit.uow, visit.actor, handoff_id)
        seen.append(read(visit.uow.session, visit.actor.program_id, task_id))
        return replies.outcome(handoffs.decline(visit.uow, visit.actor, task_id, "tried"), None)

    tried = inbox.look(delivery, "decline", attempt)
    if tried.refused:
        inbox.show(delivery, tried)
    else:
        inbox.open(delivery, modals.decline(handoff_id, seen[-1], delivery.channel_id))
