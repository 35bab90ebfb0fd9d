"""What happens to people's accounts."""

from app.notices.service import expect
from app.programs.queries import staff_by_slack
from app.slack import accounts
from app.slack.listeners.inbox import News


def changed(news: News) -> None:
    """An account changed. Deactivated, or a guest's: the person is switched off here, and who has to act is told.

    An account that is active again is not switched on here: a lead may have switched it off on purpose.
    """
    user = news.object("user")
    user_id = user.get("id")
    person = staff_by_slack(news.uow.session, news.program.id, user_id) if isinstance(user_id, str) else None
    if person is not None:
        accounts.heed(news.uow, person, user)


def joined(news: News) -> None:
    """An account came into the workspace. Whoever is on the staff list is asked into the channels that they belong to.

    Nobody is added by this: an admin does that.
    """
    user_id = news.object("user").get("id")
    person = staff_by_slack(news.uow.session, news.program.id, user_id) if isinstance(user_id, str) else None
    if person is not None and person.active:
        expect(news.uow, person.program_id, person.slack_user_id)
