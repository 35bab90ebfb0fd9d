"""What the home tab of a person shows, read as of now."""

from app.programs.actor import Actor
from app.programs.models import Program
from app.slack.answer import Answer
from app.slack.views import home
from app.store.uow import UnitOfWork
from app.tasks.queries import offers_to, tasks_of


def desk_of(uow: UnitOfWork, actor: Actor, said: str = "") -> Answer:
    """The person's desk; `said` is the answer to what they pressed there."""
    assert actor.staff_id is not None, "whoever looks at a home tab is a person"
    session, program = uow.session, actor.program_id
    return home.desk(
        offers_to(session, actor.staff_id),
        tasks_of(session, program, holder_id=actor.staff_id, limit=home.READ),
        tasks_of(session, program, claimable_by=actor, limit=home.READ),
        zone=session.get_one(Program, program).zone,
        now=uow.now,
        staff_id=actor.staff_id,
        said=said,
    )
