"""What happens to people's accounts."""

from app.programs.actor import Origin
from app.programs.queries import staff_by_slack
from app.programs.service import note_guest, system
from app.slack import accounts
from app.slack.listeners.inbox import News
from app.tasks.departures import leave


def changed(news: News) -> None:
    """An account changed. Deactivated, or a guest's: the person is switched off here, and who has to act is told.

    An account that is active again is not switched on here: a lead may have switched it off on purpose.
    """
    user = news.object("user")
    user_id = user.get("id")
    if not isinstance(user_id, str):
        return
    person = staff_by_slack(news.uow.session, news.program.id, user_id)
    if person is None:
        return
    actor, guest = system(news.program.id, Origin.SLACK), accounts.is_guest(user)
    if person.active and (guest or user.get("deleted") is True):
        leave(news.uow, actor, person)
    note_guest(news.uow, actor, person.id, guest=guest)
