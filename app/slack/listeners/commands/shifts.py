"""Commands about who is at work: the end of a shift."""

from app.programs.queries import find_staff
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.views import replies
from app.tasks.shifts import hand_over


def end_shift(visit: Visit, command: asked.EndShift) -> Answer:
    """Offer everything to a person, or give it all back."""
    person = command.person and find_staff(visit.uow.session, visit.actor.program_id, command.person)
    return replies.sentences(hand_over(visit.uow, visit.actor, person.id if person else None, command.note))
