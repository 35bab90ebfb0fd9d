"""The things of a workspace, as plain records. Their JSON as Slack sends it is made in `shapes.py`."""

from dataclasses import dataclass, field
from typing import Literal

from app.sandbox.jsontypes import JsonObject

ChannelKind = Literal["public", "private", "im", "mpim"]


@dataclass(slots=True)
class Team:
    """The workspace itself, and the one app that is installed in it.

    `origin` is where its files are fetched from while it runs (`http://127.0.0.1:PORT`); no ledger has it.
    """

    id: str = "T0SANDBOX01"
    name: str = "Sandbox"
    domain: str = "sandbox"
    app_id: str = "A0SANDBOX01"
    bot_id: str = "B0SANDBOX01"
    bot_user: str = "U0SANDBOT01"
    bot_name: str = "caseboard"
    origin: str = field(default="", compare=False)


@dataclass(slots=True)
class User:
    """A person, or the app's bot user. `guest` is "", "multi" or "single" (of one channel only).

    `team` is the id of another workspace for somebody who is here in shared channels (Slack Connect) only.
    """

    id: str
    name: str
    real_name: str
    tz: str
    email: str
    updated: int
    deleted: bool = False
    guest: str = ""
    team: str = ""
    is_bot: bool = False
    is_admin: bool = False


@dataclass(slots=True)
class Note:
    """A channel's topic or purpose."""

    value: str = ""
    creator: str = ""
    last_set: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A message that brought a file into a channel."""

    channel: str
    kind: ChannelKind
    ts: str
    thread_ts: str = ""


@dataclass(slots=True)
class File:
    """A file that the app uploaded; `size` is in bytes, `created` in seconds since the epoch.

    Pictures that browsers draw have a `width` and `height` in pixels. Nobody sees a file that is not `completed`.
    A deleted one keeps its shares, where it is told that it is gone, and no content.
    """

    id: str
    name: str
    title: str
    user: str
    created: int
    size: int
    sha256: str
    filetype: str
    pretty_type: str
    mimetype: str
    content: bytes = field(repr=False)
    width: int = 0
    height: int = 0
    alt_txt: str = ""
    is_snippet: bool = False
    completed: bool = False
    deleted: bool = False
    shares: list[Share] = field(default_factory=list)

    @property
    def is_picture(self) -> bool:
        """Whether a browser can draw it."""
        return self.width > 0


@dataclass(slots=True)
class Message:
    """One message. `key` is its `ts` in microseconds; `extra` holds the keys that only its subtype has."""

    ts: str
    key: int
    user: str
    text: str
    blocks: list[JsonObject]
    attachments: list[JsonObject]
    files: list[File] = field(default_factory=list)
    by_bot: bool = False
    subtype: str = ""
    thread_ts: str = ""
    broadcast: bool = False
    metadata: JsonObject | None = None
    edited: JsonObject | None = None
    extra: JsonObject = field(default_factory=dict)
    replies: list[int] = field(default_factory=list)
    reply_users: dict[str, None] = field(default_factory=dict)
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_note(self) -> bool:
        """Whether Slack itself wrote it: joined, archived, set the topic."""
        return self.subtype.startswith("channel_")


@dataclass(slots=True)
class Pin:
    """A message that is pinned to its channel."""

    ts: str
    user: str
    created: int


@dataclass(slots=True)
class Channel:
    """A conversation of any kind.

    `timeline` holds the keys of what the channel itself shows (threads' replies only when broadcast),
    ascending; `members` keeps the order of joining.
    """

    id: str
    name: str
    kind: ChannelKind
    created: int
    creator: str
    members: dict[str, None] = field(default_factory=dict)
    archived: bool = False
    is_general: bool = False
    topic: Note = field(default_factory=Note)
    purpose: Note = field(default_factory=Note)
    previous_names: list[str] = field(default_factory=list)
    updated: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    timeline: list[int] = field(default_factory=list)
    last_key: int = 0
    pins: dict[str, Pin] = field(default_factory=dict)
    bookmarks: dict[str, JsonObject] = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        """Whether only members may know of it."""
        return self.kind != "public"

    @property
    def is_dm(self) -> bool:
        """Whether it is a direct message, of two or of several."""
        return self.kind in ("im", "mpim")


@dataclass(slots=True)
class Ephemeral:
    """A message that only one person sees."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[JsonObject]
    thread_ts: str = ""


@dataclass(slots=True)
class View:
    """A modal, or a home tab, that is shown to a person; `shape` is its JSON as Slack keeps it."""

    id: str
    user: str
    shape: JsonObject
    is_home: bool = False
    errors: dict[str, str] = field(default_factory=dict)
