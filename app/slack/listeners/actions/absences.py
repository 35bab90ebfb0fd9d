"""The button that ends time off, or calls it off."""

from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.views import replies
from app.tasks.covering import call_off


def back(inbox: Inbox, delivery: Delivery, absence_id: int) -> None:
    """End it, or call it off."""

    def work(visit: Visit) -> Answer:
        return replies.said(call_off(visit.uow, visit.actor, absence_id))

    inbox.show(delivery, inbox.change(delivery, "back", work))
