"""The buttons of an offered handoff: accept, decline."""

from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import tasks as forms
from app.slack.listeners.views.form import offer_form
from app.slack.views import replies
from app.tasks import handoffs


def accept(inbox: Inbox, delivery: Delivery, handoff_id: int) -> None:
    """Take the task over."""

    def work(visit: Visit) -> Answer:
        task_id = handoffs.task_of(visit.uow, visit.actor, handoff_id)
        return replies.outcome(handoffs.accept(visit.uow, visit.actor, task_id), visit.actor)

    inbox.show(delivery, inbox.change(delivery, "accept", work))


def decline(inbox: Inbox, delivery: Delivery, handoff_id: int) -> None:
    """Ask why."""
    offer_form(inbox, delivery, forms.DECLINE, handoff_id)
