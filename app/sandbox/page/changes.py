"""What changed since a page was drawn, so that it is told of that alone.

Every change gets the next number. A page that names the number it is at gets what came later; one that is too far
behind, or from another run of the sandbox, is drawn anew.
"""

import bisect
from collections import defaultdict

from app.sandbox.ids import random_id, ts_key
from app.sandbox.jsontypes import JsonObject, as_text
from app.sandbox.model import Channel
from app.sandbox.world import World

KEPT = 500
"""How many changed messages are remembered per channel."""
_HEADS = frozenset({"channel.changed", "pin.added", "pin.removed", "bookmark.added", "member.joined", "member.left"})
_PEOPLE = frozenset({"workspace.set", "user.added", "user.changed"})


def _moves(data: JsonObject) -> bool:
    """Whether a change of a channel changes where it stands in the sidebar, or how."""
    return "name" in data or "archived" in data


class Changes:
    """Numbers changes, and remembers what each was about."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._run = random_id("", 8)
        self._number = 0
        self._rows: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._forgotten: dict[str, int] = {}
        self._heads: dict[str, int] = {}
        self._entries: dict[str, int] = {}
        self._sidebar = 0
        self._sidebars: dict[str, int] = {}
        self._people = 0
        world.watchers.append(self._note)

    @property
    def now(self) -> str:
        """The number that a page drawn now is at."""
        return f"{self._run}.{self._number}"

    def since(self, given: str, channel: str) -> int | None:
        """The number that a page of a channel is at; None when it has to be drawn anew."""
        run, _, number = given.partition(".")
        if run != self._run or not number.isdecimal() or len(number) > 18:
            return None
        at = int(number)
        known = self._forgotten.get(channel, 0) <= at and self._people <= at
        return at if known else None

    def rows(self, channel: str, since: int) -> list[int]:
        """The keys of messages that were posted, changed or taken away, ascending."""
        found = []
        for key in reversed(self._rows.get(channel, {})):
            if self._rows[channel][key] <= since:
                break
            found.append(key)
        return sorted(found)

    def head(self, channel: str, since: int) -> bool:
        """Whether a channel's head changed."""
        return self._heads.get(channel, 0) > since

    def sidebar(self, user: str, since: int) -> bool:
        """Whether channels came, went or were named anew for a person."""
        return max(self._sidebar, self._sidebars.get(user, 0)) > since

    def entries(self, since: int) -> list[str]:
        """The channels in which there is more, or less, to read."""
        found = []
        for channel in reversed(self._entries):
            if self._entries[channel] <= since:
                break
            found.append(channel)
        return found

    def _note(self, type_: str, data: JsonObject) -> None:
        self._number += 1
        channel = as_text(data.get("channel")) or as_text(data.get("channel_id")) or as_text(data.get("id"))
        if type_ in _PEOPLE:
            self._people = self._number
        if type_ in ("member.joined", "member.left"):
            self._sidebars[as_text(data["user"])] = self._number
        elif type_ in ("channel.created", "channel.deleted") or (type_ == "channel.changed" and _moves(data)):
            self._sidebar = self._number
        if type_ in _HEADS:
            self._heads[channel] = self._number
        if type_ in ("message.posted", "message.deleted", "channel.read"):
            self._entries.pop(channel, None)
            self._entries[channel] = self._number
        if type_ == "channel.deleted":
            self._rows.pop(channel, None)
        if "ts" in data:
            self._touch(type_, self._world.workspace.channels.get(channel), data)
        if type_ == "file.deleted":
            for share in self._world.workspace.files[as_text(data["id"])].shares:
                self._touch(type_, self._world.workspace.channels.get(share.channel), {"ts": share.ts})

    def _touch(self, type_: str, channel: Channel | None, data: JsonObject) -> None:
        if channel is None:
            return
        key = ts_key(as_text(data["ts"]))
        message = channel.messages.get(key)
        thread = as_text(data.get("thread_ts")) or (message.thread_ts if message is not None else "")
        root = self._world.workspace.message(channel, thread) if thread else None
        touched = [key] if root is None else [key, root.key]
        if type_ in ("message.deleted", "ephemeral.removed"):
            # What follows may now begin a day or a group.
            after = bisect.bisect_right(channel.timeline, key)
            touched += channel.timeline[after : after + 1]
        rows = self._rows[channel.id]
        for one in touched:
            rows.pop(one, None)
            rows[one] = self._number
        while len(rows) > KEPT:
            oldest = next(iter(rows))
            self._forgotten[channel.id] = rows.pop(oldest)
