"""What one person sees in a channel or in a thread: rows in order, each with its key, so that it can be drawn alone."""

import bisect
from collections.abc import Iterable

from app.sandbox.ids import ts_key
from app.sandbox.model import Channel, Ephemeral, Message
from app.sandbox.page import messages
from app.sandbox.page.viewer import Viewer

GROUPED_MICROSECONDS = 5 * 60 * 1_000_000
"""Messages of one author that follow each other within this time are drawn as one group."""


class Timeline:
    """The messages of a channel, or with `root` those of a thread, and what only this person sees among them.

    `first` is the key of the first message that the person had not read when they came.
    """

    def __init__(self, viewer: Viewer, channel: Channel, *, root: Message | None = None, first: int = 0) -> None:
        self._viewer = viewer
        self._channel = channel
        self._root = root
        self._first = first
        thread = root.ts if root is not None else ""
        kept = viewer.workspace.ephemerals.get((viewer.user.id, channel.id), ())
        self._own: dict[int, Ephemeral] = {ts_key(one.ts): one for one in kept if one.thread_ts == thread}
        self._own_keys = sorted(self._own)
        self._keys = channel.timeline if root is None else [root.key, *root.replies]

    def window(self, count: int, before: int = 0) -> tuple[list[int], bool]:
        """The keys of the newest `count` messages (before a key), and whether there are older ones."""
        end = bisect.bisect_left(self._keys, before) if before else len(self._keys)
        shown = self._keys[max(0, end - count) : end]
        oldest = shown[0] if shown and end > count else 0
        last = before or 1 << 62
        return sorted([*shown, *(key for key in self._own_keys if oldest <= key < last)]), end > count

    def all(self) -> list[int]:
        """The keys of everything."""
        return sorted([*self._keys, *self._own_keys])

    def rows(self, keys: Iterable[int]) -> list[tuple[int, str]]:
        """Each key with its row; an empty one for what is not here (any more)."""
        return [(key, self._row(key)) for key in keys]

    def _message(self, key: int) -> Message | Ephemeral | None:
        if key in self._own:
            return self._own[key]
        at = bisect.bisect_left(self._keys, key)
        return self._channel.messages[key] if at < len(self._keys) and self._keys[at] == key else None

    def _previous(self, key: int) -> int:
        """The key of what stands right before; 0 at the beginning."""
        found = 0
        for keys in (self._keys, self._own_keys):
            at = bisect.bisect_left(keys, key)
            found = max(found, keys[at - 1] if at else 0)
        return found

    def _row(self, key: int) -> str:
        message = self._message(key)
        if message is None:
            return ""
        previous = self._previous(key)
        line = messages.new_line() if self._first and previous < self._first <= key else ""
        at = self._viewer.local(key / 1_000_000)
        if self._root is None and (not previous or self._viewer.local(previous / 1_000_000).date() != at.date()):
            line = messages.day_line(at) + line
        grouped = not line and self._follows(message, key, previous)
        if isinstance(message, Ephemeral):
            body = messages.ephemeral(message, self._viewer)
        else:
            body = messages.html(
                message, self._channel, self._viewer, grouped=grouped, in_thread=self._root is not None
            )
        return f'<div class="row" data-key="{key}">{line}{body}</div>'

    def _follows(self, message: Message | Ephemeral, key: int, previous: int) -> bool:
        before = self._message(previous) if previous else None
        return (
            isinstance(message, Message)
            and isinstance(before, Message)
            and before is not self._root
            and not before.is_note
            and before.user == message.user
            and key - previous < GROUPED_MICROSECONDS
        )
