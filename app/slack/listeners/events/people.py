"""What happens to people's accounts."""

from app.programs.actor import Origin
from app.programs.queries import staff_by_slack
from app.programs.service import system
from app.slack.listeners.inbox import News
from app.tasks.departures import leave


def changed(news: News) -> None:
    """An account changed. Deactivated: the person is switched off here, and whoever has to act is told.

    An account that is active again is not switched on here: a lead may have switched it off on purpose.
    """
    user = news.object("user")
    user_id = user.get("id")
    if user.get("deleted") is not True or not isinstance(user_id, str):
        return
    person = staff_by_slack(news.uow.session, news.program.id, user_id)
    if person is not None and person.active:
        leave(news.uow, system(news.program.id, Origin.SLACK), person)
