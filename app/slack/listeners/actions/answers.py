"""The buttons of an offered handoff: accept, decline."""

from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import tasks as forms
from app.slack.listeners.views.form import offer_form
from app.slack.views import replies
from app.tasks import handoffs
from app.tasks.refusals import SayItBack


def accept(inbox: Inbox, delivery: Delivery, handoff_id: int) -> None:
    """Take the task over; where it is urgent, ask for the person's own words first."""

    def work(visit: Visit) -> Answer:
        task_id = handoffs.task_of(visit.uow, visit.actor, handoff_id)
        return replies.outcome(handoffs.accept(visit.uow, visit.actor, task_id), visit.actor)

    tried = inbox.look(delivery, "accept", work)
    if tried.refused == SayItBack.__name__:
        offer_form(inbox, delivery, forms.ACCEPT, handoff_id)
    else:
        inbox.show(delivery, inbox.change(delivery, "accept", work))


def decline(inbox: Inbox, delivery: Delivery, handoff_id: int) -> None:
    """Ask why."""
    offer_form(inbox, delivery, forms.DECLINE, handoff_id)
