"""The buttons of a task: claim, done, hand off."""

from app.slack.answer import Answer
from app.slack.listeners.commands.tasks import finish_task
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.views import modals, replies
from app.tasks import service
from app.tasks.refusals import NeedsEvidence, NotHolder
from app.tasks.rows import TaskRow, read


def claim(inbox: Inbox, delivery: Delivery, task_id: int) -> None:
    """Claim the task."""

    def work(visit: Visit) -> Answer:
        return replies.outcome(service.claim(visit.uow, visit.actor, task_id), visit.actor.staff_id)

    inbox.show(delivery, inbox.change(delivery, "claim", work))


def done(inbox: Inbox, delivery: Delivery, task_id: int) -> None:
    """Finish the task; where it asks for evidence, open the modal that takes it.

    It is tried first without evidence in a transaction that is rolled back, so that nobody fills in a modal for a
    task that they cannot finish.
    """
    seen: list[TaskRow] = []

    def attempt(visit: Visit) -> Answer:
        seen.append(read(visit.uow.session, visit.actor.program_id, task_id))
        return finish_task(visit, task_id, None)

    tried = inbox.look(delivery, "done", attempt)
    if tried.refused == NeedsEvidence.__name__:
        inbox.open(delivery, modals.done(seen[-1], delivery.channel_id))
    elif tried.refused:
        inbox.show(delivery, tried)
    else:
        inbox.show(delivery, inbox.change(delivery, "done", lambda visit: finish_task(visit, task_id, None)))


def handoff(inbox: Inbox, delivery: Delivery, task_id: int) -> None:
    """Ask to whom, and with which note."""
    seen: list[TaskRow] = []

    def look(visit: Visit) -> Answer:
        task = read(visit.uow.session, visit.actor.program_id, task_id)
        if task.state not in ("claimed", "waiting") or task.holder_id != visit.actor.staff_id:
            holder = f"is with {task.holder_name}" if task.holder_name else "is not yours"
            raise NotHolder(f"{task.name} {holder}. Nothing changed. Only whoever holds a task hands it off.")
        seen.append(task)
        return Answer("")

    looked = inbox.look(delivery, "handoff", look)
    if looked.refused:
        inbox.show(delivery, looked)
    else:
        inbox.open(delivery, modals.handoff(seen[-1], delivery.channel_id))
