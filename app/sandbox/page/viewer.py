"""Who looks at the page, and the names that they read instead of ids."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.sandbox.model import Channel, User
from app.sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person in front of the page; times are shown in their zone."""

    workspace: Workspace
    user: User

    @property
    def zone(self) -> ZoneInfo:
        """The person's zone; UTC when it is unknown here."""
        try:
            return ZoneInfo(self.user.tz)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    def local(self, epoch: float) -> datetime:
        """An instant on the person's clock."""
        return datetime.fromtimestamp(epoch, UTC).astimezone(self.zone)

    def user_name(self, id_: str) -> str:
        """What a person is called; the id of one who is not here."""
        user = self.workspace.users.get(id_)
        return (user.real_name or user.name) if user is not None else id_

    def channel_name(self, channel: Channel) -> str:
        """A channel as `#name`, a direct message by who else is in it."""
        if not channel.is_dm:
            return f"#{channel.name}"
        others = [self.user_name(member) for member in channel.members if member != self.user.id]
        return ", ".join(others) or self.user_name(self.user.id)


def text(value: str) -> str:
    """Text, safe within HTML and within quoted attributes."""
    return escape(value, quote=True)
