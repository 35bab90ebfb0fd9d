"""The digest, asked for."""

from app.digests.service import content_now
from app.programs.models import Staff
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.views.digest import digest


def show_digest(visit: Visit, _: asked.ShowDigest) -> Answer:
    """The person's digest as it would be now. The one of the day comes all the same."""
    session = visit.uow.session
    person = session.get_one(Staff, visit.actor.staff_id)
    message = digest(content_now(session, person, visit.uow.now))
    return Answer(message.text, tuple(dict(block) for block in message.blocks))
