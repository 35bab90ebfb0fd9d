"""Who looks at the page, and the names that they read instead of ids."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from zlib import crc32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.sandbox.model import Channel, User
from app.sandbox.workspace import Workspace

TINTS = 8
"""How many colours avatars have in the style sheet."""


@dataclass(frozen=True)
class Viewer:
    """A person in front of the page, by the sandbox's clock `now`; times are shown in their zone."""

    workspace: Workspace
    user: User
    now: datetime

    @cached_property
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
        return ", ".join(others) or f"{self.user_name(self.user.id)} (you)"

    def can_see(self, channel: Channel) -> bool:
        """Whether the person may know of a channel."""
        return not channel.is_private or self.user.id in channel.members

    def avatar(self, id_: str) -> str:
        """A picture made of a person's initials; the app's is square."""
        user = self.workspace.users.get(id_)
        name = self.user_name(id_)
        words = [word for word in name.split() if word[0].isalnum()] or [name]
        initials = (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()
        kind = " app" if user is not None and user.is_bot else ""
        return (
            f'<span class="avatar tint{crc32(id_.encode()) % TINTS}{kind}" aria-hidden="true">{text(initials)}</span>'
        )


def clock(at: datetime) -> str:
    """A time of day as Slack writes it: 9:05 AM."""
    return f"{at.hour % 12 or 12}:{at:%M %p}"


def text(value: str) -> str:
    """Text, safe within HTML and within quoted attributes."""
    return escape(value, quote=True)
