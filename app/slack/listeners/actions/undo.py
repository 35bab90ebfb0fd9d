"""The button that undoes what somebody has just done."""

from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.views import replies
from app.tasks import undo


def press(inbox: Inbox, delivery: Delivery, act_id: int) -> None:
    """Undo it."""

    def work(visit: Visit) -> Answer:
        return replies.outcome(undo.undo(visit.uow, visit.actor, act_id), visit.actor)

    inbox.show(delivery, inbox.change(delivery, "undo", work))
