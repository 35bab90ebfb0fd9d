"""The state of the workspace, and the only way it changes: `apply(change)`.

Applying the same changes in the same order gives the same state, which is how a ledger is replayed.
Nothing here decides whether a change is allowed.
"""

import base64
import bisect
from collections import defaultdict, deque
from collections.abc import Callable
from typing import cast

from app.sandbox import ids
from app.sandbox.jsontypes import JsonObject, as_int, as_list, as_object, as_objects, as_text
from app.sandbox.model import Channel, ChannelKind, Ephemeral, File, Message, Note, Pin, Share, Team, User, View

EPHEMERALS_KEPT = 100
"""How many ephemeral messages a person keeps per channel; Slack drops them at the next reload."""


class Workspace:
    """Users, channels, messages, files and open views, indexed by what calls look them up by."""

    def __init__(self) -> None:
        self.team = Team()
        self.users: dict[str, User] = {}
        self.user_names: dict[str, str] = {}
        self.emails: dict[str, str] = {}
        self.channels: dict[str, Channel] = {}
        self.channel_names: dict[str, str] = {}
        self.dms: dict[frozenset[str], str] = {}
        self.memberships: dict[str, dict[str, None]] = defaultdict(dict)
        self.ephemerals: dict[tuple[str, str], deque[Ephemeral]] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[str]] = defaultdict(list)
        self.homes: dict[str, str] = {}
        self.created = {"U": 0, "C": 0, "D": 0, "Bk": 0}
        self._appliers: dict[str, Callable[[JsonObject], None]] = {
            "workspace.set": self._workspace_set,
            "user.added": self._user_added,
            "user.changed": self._user_changed,
            "channel.created": self._channel_created,
            "channel.changed": self._channel_changed,
            "channel.deleted": self._channel_deleted,
            "member.joined": self._member_joined,
            "member.left": self._member_left,
            "message.posted": self._message_posted,
            "message.changed": self._message_changed,
            "message.deleted": self._message_deleted,
            "file.uploaded": self._file_uploaded,
            "file.completed": self._file_completed,
            "file.deleted": self._file_deleted,
            "reaction.added": self._reaction_added,
            "pin.added": self._pin_added,
            "pin.removed": self._pin_removed,
            "bookmark.added": self._bookmark_added,
            "ephemeral.shown": self._ephemeral_shown,
            "ephemeral.changed": self._ephemeral_changed,
            "ephemeral.removed": self._ephemeral_removed,
            "view.shown": self._view_shown,
            "view.changed": self._view_changed,
            "view.closed": self._view_closed,
        }

    def apply(self, type_: str, data: JsonObject) -> None:
        """Make one change.

        Raises:
            KeyError: the change is of no known type, or speaks of something that is not there.
        """
        self._appliers[type_](data)

    def next_id(self, prefix: str) -> str:
        """The id that the next thing of this kind gets; it is taken by applying the change that makes it."""
        return ids.numbered(prefix, self.created[prefix] + 1)

    def message(self, channel: Channel, ts: str) -> Message | None:
        """The message of a channel by its timestamp."""
        try:
            return channel.messages.get(ids.ts_key(ts))
        except ValueError:
            return None

    def ephemeral(self, user: str, channel: str, ts: str) -> Ephemeral | None:
        """The ephemeral message that a person sees in a channel, by its timestamp."""
        return next((shown for shown in self.ephemerals.get((user, channel), ()) if shown.ts == ts), None)

    def _workspace_set(self, data: JsonObject) -> None:
        self.team = Team(**{key: as_text(value) for key, value in data.items()})

    def _user_added(self, data: JsonObject) -> None:
        user = User(
            id=as_text(data["id"]),
            name=as_text(data["name"]),
            real_name=as_text(data["real_name"]),
            tz=as_text(data["tz"]),
            email=as_text(data["email"]),
            updated=as_int(data["updated"]),
            guest=as_text(data.get("guest")),
            team=as_text(data.get("team")),
            is_bot=data.get("is_bot") is True,
            is_admin=data.get("is_admin") is True,
            deleted=data.get("deleted") is True,
        )
        self.users[user.id] = user
        self.user_names[user.name] = user.id
        if user.email:
            self.emails[user.email.lower()] = user.id
        self.created["U"] += 1

    def _user_changed(self, data: JsonObject) -> None:
        user = self.users[as_text(data["id"])]
        user.real_name = as_text(data.get("real_name"), user.real_name)
        user.tz = as_text(data.get("tz"), user.tz)
        user.guest = as_text(data.get("guest"), user.guest)
        if "deleted" in data:
            user.deleted = data["deleted"] is True
        user.updated = as_int(data["updated"])

    def _channel_created(self, data: JsonObject) -> None:
        kind = cast(ChannelKind, data["as"])
        channel = Channel(
            id=as_text(data["id"]),
            name=as_text(data["name"]),
            kind=kind,
            created=as_int(data["created"]),
            creator=as_text(data["creator"]),
            is_general=data.get("is_general") is True,
            updated=as_int(data["created"]) * 1000,
        )
        self.channels[channel.id] = channel
        for member in as_list(data["members"]):
            self._join(channel, as_text(member))
        if channel.is_dm:
            self.dms[frozenset(channel.members)] = channel.id
        else:
            self.channel_names[channel.name] = channel.id
        self.created["D" if kind == "im" else "C"] += 1

    def _channel_changed(self, data: JsonObject) -> None:
        channel = self.channels[as_text(data["id"])]
        name = as_text(data.get("name"), channel.name)
        if name != channel.name:
            del self.channel_names[channel.name]
            channel.previous_names.insert(0, channel.name)
            channel.name = name
            self.channel_names[name] = channel.id
        if "archived" in data:
            channel.archived = data["archived"] is True
        for which in ("topic", "purpose"):
            if which in data:
                note = Note(as_text(data[which]), as_text(data["by"]), as_int(data["updated"]) // 1000)
                setattr(channel, which, note)
        channel.updated = as_int(data["updated"])

    def _channel_deleted(self, data: JsonObject) -> None:
        channel = self.channels.pop(as_text(data["id"]))
        self.channel_names.pop(channel.name, None)
        for member in channel.members:
            self.memberships[member].pop(channel.id, None)

    def _join(self, channel: Channel, user: str) -> None:
        channel.members[user] = None
        self.memberships[user][channel.id] = None

    def _member_joined(self, data: JsonObject) -> None:
        self._join(self.channels[as_text(data["channel"])], as_text(data["user"]))

    def _member_left(self, data: JsonObject) -> None:
        channel, user = self.channels[as_text(data["channel"])], as_text(data["user"])
        channel.members.pop(user, None)
        self.memberships[user].pop(channel.id, None)

    def _message_posted(self, data: JsonObject) -> None:
        channel = self.channels[as_text(data["channel"])]
        ts = as_text(data["ts"])
        metadata = data.get("metadata")
        message = Message(
            ts=ts,
            key=ids.ts_key(ts),
            user=as_text(data["user"]),
            text=as_text(data["text"]),
            blocks=as_objects(data.get("blocks")),
            attachments=as_objects(data.get("attachments")),
            files=[self.files[as_text(id_)] for id_ in as_list(data.get("files"))],
            by_bot=data.get("by_bot") is True,
            subtype=as_text(data.get("subtype")),
            thread_ts=as_text(data.get("thread_ts")),
            broadcast=data.get("broadcast") is True,
            metadata=as_object(metadata) if metadata is not None else None,
            extra=as_object(data.get("extra")),
        )
        for file in message.files:
            file.shares.append(Share(channel.id, channel.kind, ts, message.thread_ts))
        channel.messages[message.key] = message
        channel.last_key = max(channel.last_key, message.key)
        root = self.message(channel, message.thread_ts) if message.thread_ts else None
        if root is not None:
            root.replies.append(message.key)
            root.reply_users[message.user] = None
        if root is None or message.broadcast:
            channel.timeline.append(message.key)

    def _message_changed(self, data: JsonObject) -> None:
        message = self.channels[as_text(data["channel"])].messages[ids.ts_key(as_text(data["ts"]))]
        message.text = as_text(data.get("text"), message.text)
        if "blocks" in data:
            message.blocks = as_objects(data["blocks"])
        if "attachments" in data:
            message.attachments = as_objects(data["attachments"])
        if "metadata" in data:
            message.metadata = as_object(data["metadata"])
        message.edited = as_object(data["edited"])

    def _message_deleted(self, data: JsonObject) -> None:
        channel = self.channels[as_text(data["channel"])]
        message = channel.messages[ids.ts_key(as_text(data["ts"]))]
        channel.pins.pop(message.ts, None)
        for file in message.files:
            file.shares = [share for share in file.shares if (share.channel, share.ts) != (channel.id, message.ts)]
        if message.replies:
            message.subtype, message.text, message.user = (
                "tombstone",
                "This message was deleted.",
                "USLACKBOT",
            )
            message.blocks, message.attachments, message.files, message.metadata = [], [], [], None
            return
        del channel.messages[message.key]
        root = self.message(channel, message.thread_ts) if message.thread_ts else None
        if root is not None:
            root.replies.remove(message.key)
        if root is None or message.broadcast:
            del channel.timeline[bisect.bisect_left(channel.timeline, message.key)]

    def _file_uploaded(self, data: JsonObject) -> None:
        file = File(
            id=as_text(data["id"]),
            name=as_text(data["name"]),
            title=as_text(data["name"]),
            user=as_text(data["user"]),
            created=as_int(data["created"]),
            size=as_int(data["size"]),
            sha256=as_text(data["sha256"]),
            filetype=as_text(data["filetype"]),
            pretty_type=as_text(data["pretty_type"]),
            mimetype=as_text(data["mimetype"]),
            content=base64.b64decode(as_text(data["content"])),
            width=as_int(data.get("width")),
            height=as_int(data.get("height")),
            alt_txt=as_text(data.get("alt_txt")),
            is_snippet=data.get("is_snippet") is True,
        )
        self.files[file.id] = file

    def _file_completed(self, data: JsonObject) -> None:
        file = self.files[as_text(data["id"])]
        file.title, file.completed = as_text(data.get("title")) or file.name, True

    def _file_deleted(self, data: JsonObject) -> None:
        file = self.files[as_text(data["id"])]
        file.content, file.deleted = b"", True

    def _reaction_added(self, data: JsonObject) -> None:
        message = self.channels[as_text(data["channel"])].messages[ids.ts_key(as_text(data["ts"]))]
        message.reactions.setdefault(as_text(data["name"]), []).append(as_text(data["user"]))

    def _pin_added(self, data: JsonObject) -> None:
        pin = Pin(as_text(data["ts"]), as_text(data["user"]), as_int(data["created"]))
        self.channels[as_text(data["channel"])].pins[pin.ts] = pin

    def _pin_removed(self, data: JsonObject) -> None:
        del self.channels[as_text(data["channel"])].pins[as_text(data["ts"])]

    def _bookmark_added(self, data: JsonObject) -> None:
        self.channels[as_text(data["channel_id"])].bookmarks[as_text(data["id"])] = data
        self.created["Bk"] += 1

    def _ephemeral_shown(self, data: JsonObject) -> None:
        shown = Ephemeral(
            ts=as_text(data["ts"]),
            channel=as_text(data["channel"]),
            user=as_text(data["user"]),
            text=as_text(data["text"]),
            blocks=as_objects(data.get("blocks")),
            thread_ts=as_text(data.get("thread_ts")),
        )
        kept = self.ephemerals.setdefault((shown.user, shown.channel), deque(maxlen=EPHEMERALS_KEPT))
        kept.append(shown)
        channel = self.channels.get(shown.channel)
        if channel is not None:
            channel.last_key = max(channel.last_key, ids.ts_key(shown.ts))

    def _ephemeral_changed(self, data: JsonObject) -> None:
        shown = self.ephemeral(as_text(data["user"]), as_text(data["channel"]), as_text(data["ts"]))
        if shown is not None:
            shown.text, shown.blocks = as_text(data["text"]), as_objects(data.get("blocks"))

    def _ephemeral_removed(self, data: JsonObject) -> None:
        kept = self.ephemerals.get((as_text(data["user"]), as_text(data["channel"])))
        shown = self.ephemeral(as_text(data["user"]), as_text(data["channel"]), as_text(data["ts"]))
        if kept is not None and shown is not None:
            kept.remove(shown)

    def _view_shown(self, data: JsonObject) -> None:
        shape = as_object(data["view"])
        view = View(as_text(shape["id"]), as_text(data["user"]), shape, shape.get("type") == "home")
        self.views[view.id] = view
        if view.is_home:
            self.homes[view.user] = view.id
        else:
            self.modals[view.user].append(view.id)

    def _view_changed(self, data: JsonObject) -> None:
        view = self.views.get(as_text(as_object(data["view"])["id"]))
        if view is not None:
            view.shape, view.errors = as_object(data["view"]), {}

    def _view_closed(self, data: JsonObject) -> None:
        view = self.views.pop(as_text(data["id"]), None)
        if view is not None and not view.is_home:
            self.modals[view.user].remove(view.id)
