"""What happens to channels: each event is one change of what we know of the channel."""

from app.notices import places
from app.slack.listeners.inbox import News


def archived(news: News) -> None:
    """Somebody (or we, at the end of a case) archived a channel."""
    places.archived(news.uow, news.program.id, news.text("channel"))


def unarchived(news: News) -> None:
    """Somebody brought a channel back."""
    places.back(news.uow, news.program.id, news.text("channel"))


def gone(news: News) -> None:
    """A channel was deleted, or the app was removed from it."""
    places.gone(news.uow, news.program.id, news.text("channel"))


def renamed(news: News) -> None:
    """A channel has another name."""
    channel = news.object("channel")
    found, name = channel.get("id"), channel.get("name")
    if isinstance(found, str) and isinstance(name, str):
        places.renamed(news.uow, news.program.id, found, name[:80])


def moved(news: News) -> None:
    """A channel has another id."""
    places.moved(news.uow, news.program.id, news.text("old_channel_id"), news.text("new_channel_id"))


def member_left(news: News) -> None:
    """A person left, or the app itself was removed."""
    user, channel = news.text("user"), news.text("channel")
    if user in news.app_users():
        places.gone(news.uow, news.program.id, channel)
    else:
        places.left(news.uow, news.program.id, channel, user)


def member_joined(news: News) -> None:
    """A person came in."""
    places.joined(news.uow, news.program.id, news.text("channel"), news.text("user"))
