"""The button that ends a snooze."""

from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.views import replies
from app.tasks.reminding import wake as end


def wake(inbox: Inbox, delivery: Delivery, task_id: int) -> None:
    """End it."""

    def work(visit: Visit) -> Answer:
        return replies.outcome(end(visit.uow, visit.actor, task_id), visit.actor)

    inbox.show(delivery, inbox.change(delivery, "wake", work))
