"""What delivery needs of Slack. `app.slack.port` is the real one.

Every method raises what `app.notices.outcomes` lists, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from app.cases.card import CardData
from app.cases.details import TrackDetail


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message. `alt` says what a picture shows; nothing for other files."""

    name: str
    content: bytes
    title: str
    alt: str


@dataclass(frozen=True)
class Message:
    """What is posted: `text` is complete by itself, for notifications and screen readers; `blocks` show it.

    A message with `files` has no blocks and no metadata: Slack makes it when the files are shared.
    """

    text: str
    blocks: Sequence[Mapping[str, object]] = field(default_factory=tuple)
    files: Sequence[Attachment] = field(default_factory=tuple)


@dataclass(frozen=True)
class Letter:
    """A notice to be drawn. `names` are people's names by Slack user id; `card` is there for a card, `track` for
    the details of a track.
    """

    id: UUID
    kind: str
    payload: Mapping[str, object]
    names: Mapping[str, str]
    card: CardData | None = None
    track: TrackDetail | None = None


@dataclass(frozen=True)
class ChannelFacts:
    """What Slack says of a channel."""

    id: str
    name: str
    archived: bool
    creator: str


class Ports(Protocol):
    """The ways to Slack of all programs."""

    def of(self, program_id: int) -> "Port":
        """The one to the workspace that a program is bound to. Raises `NotConnected` where there is none."""
        ...


class Port(Protocol):
    """Slack, as far as delivery goes: the workspace of one program."""

    def draw(self, letter: Letter) -> tuple[Message, Mapping[str, object]]:
        """The message of a notice and its metadata. Raises `InvalidMessage`."""
        ...

    def post(
        self, channel: str, message: Message, metadata: Mapping[str, object], *, thread_ts: str | None = None
    ) -> str: ...

    def edit(self, channel: str, ts: str, message: Message, metadata: Mapping[str, object]) -> None: ...

    def upload(self, files: Sequence[Attachment]) -> list[str]:
        """Bring files to Slack, where nobody sees them yet; returns their ids. Harmless to repeat."""
        ...

    def share(self, channel: str, text: str, files: Mapping[str, str]) -> None:
        """Post uploaded files, their titles by id, as one message. Slack does not say under which name."""
        ...

    def find_files(self, channel: str, files: Sequence[str], *, since: str | None) -> str | None:
        """The timestamp of the message that shows one of these files, or None."""
        ...

    def find(self, channel: str, notice_id: str, *, since: str | None, thread_ts: str | None = None) -> str | None: ...

    def create_channel(self, name: str) -> ChannelFacts: ...

    def own_channel(self, name: str) -> ChannelFacts | None: ...

    def channel(self, channel: str) -> ChannelFacts: ...

    def set_topic(self, channel: str, topic: str) -> None: ...

    def invite(self, channel: str, users: Sequence[str]) -> Mapping[str, str]:
        """Returns why, for each person who is not in the channel now."""
        ...

    def remove(self, channel: str, user: str) -> None:
        """Take a person out of a channel; whoever is not in it stays out."""
        ...

    def pin(self, channel: str, ts: str) -> None: ...

    def archive(self, channel: str) -> None: ...

    def unarchive(self, channel: str) -> None: ...

    def direct(self, user: str) -> str: ...
