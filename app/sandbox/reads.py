"""How far each person has read each channel. Kept in memory: what was there at the start counts as read."""

import bisect

from app.sandbox.jsontypes import JsonObject, as_text
from app.sandbox.model import Channel
from app.sandbox.workspace import Workspace

MOST = 100
"""Unread messages are counted up to here; the page then says "99+"."""


class Reads:
    """Read marks: the key of the last message of a channel that a person has seen."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, str], int] = {}
        self._begun: dict[str, int] = {}

    def begin(self, workspace: Workspace) -> None:
        """Take everything that is there now as read by everybody."""
        self._begun = {channel.id: channel.last_key for channel in workspace.channels.values()}
        self._marks.clear()

    def joined(self, workspace: Workspace, data: JsonObject) -> None:
        """Who comes into a channel has nothing to catch up on."""
        channel = workspace.channels[as_text(data["channel"])]
        self.look(as_text(data["user"]), channel)

    def look(self, user: str, channel: Channel) -> bool:
        """Move a person's mark to the end of a channel. Whether that changed anything."""
        before = self.mark(user, channel)
        self._marks[(user, channel.id)] = channel.last_key
        return channel.last_key != before

    def mark(self, user: str, channel: Channel) -> int:
        """The key up to which a person has read a channel."""
        return self._marks.get((user, channel.id), self._begun.get(channel.id, 0))

    def unseen(self, user: str, channel: Channel) -> list[int]:
        """The keys of the messages of others that a person has not seen, newest first, `MOST` at most.

        Lines that Slack writes itself do not count, and who writes has read what came before.
        """
        found: list[int] = []
        first = bisect.bisect_right(channel.timeline, self.mark(user, channel))
        for at in range(len(channel.timeline) - 1, first - 1, -1):
            message = channel.messages[channel.timeline[at]]
            if message.user == user or len(found) == MOST:
                break
            if not message.is_note:
                found.append(message.key)
        return found
