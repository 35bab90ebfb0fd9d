"""Messages that are posted, edited, deleted, pinned and reacted to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.sandbox import ids, shapes
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, Ephemeral, Message
from app.sandbox.world import World

_EVENT_OF_KIND = {
    "public": ("message.channels", "channel"),
    "private": ("message.groups", "group"),
    "im": ("message.im", "im"),
    "mpim": ("message.mpim", "mpim"),
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says."""

    text: str
    blocks: list[JsonObject] = field(default_factory=list)
    attachments: list[JsonObject] = field(default_factory=list)
    metadata: JsonObject | None = None


def with_block_ids(blocks: list[JsonObject]) -> list[JsonObject]:
    """The blocks, those without a `block_id` given one, as Slack does."""
    return [
        block if block.get("block_id") else block | {"block_id": f"sb{index}"} for index, block in enumerate(blocks)
    ]


def channel_type(channel: Channel) -> str:
    """What events call the channel's kind."""
    return _EVENT_OF_KIND[channel.kind][1]


def post(
    world: World,
    channel: Channel,
    user: str,
    content: Content,
    *,
    thread_ts: str = "",
    broadcast: bool = False,
    subtype: str = "",
    extra: JsonObject | None = None,
    files: Sequence[str] = (),
) -> Message:
    """Post a message as a person or as the app (its bot user), and tell the app of it; `files` are ids."""
    by_bot = user == world.workspace.team.bot_user and subtype in ("", "thread_broadcast", "bot_message")
    ts = world.next_ts(channel)
    root = world.workspace.message(channel, thread_ts) if thread_ts else None
    if root is not None:
        extra = {"parent_user_id": root.user} | (extra or {})
    data: JsonObject = {"channel": channel.id, "ts": ts, "user": user, "text": content.text}
    optional: JsonObject = {
        "blocks": with_block_ids(content.blocks),
        "attachments": content.attachments,
        "files": list(files),
        "by_bot": by_bot,
        "subtype": subtype,
        "thread_ts": thread_ts,
        "broadcast": broadcast,
        "extra": extra,
    }
    data |= {key: value for key, value in optional.items() if value}
    if content.metadata is not None:
        data["metadata"] = content.metadata
    world.commit("message.posted", user, data)
    message = channel.messages[ids.ts_key(ts)]
    world.posted(channel, message.key)
    _tell(world, channel, message)
    return message


def _tell(world: World, channel: Channel, message: Message) -> None:
    team = world.workspace.team
    if team.bot_user not in channel.members:
        return
    name, type_ = _EVENT_OF_KIND[channel.kind]
    where: JsonObject = {"channel": channel.id, "event_ts": message.ts, "channel_type": type_}
    if world.wants(name):
        # Only events call it a subtype; in the history it is a message like any other.
        subtype: JsonObject = {"subtype": "file_share"} if message.files and not message.subtype else {}
        world.emit(shapes.message(team, message, thread=False) | subtype | where)
    mentioned = f"<@{team.bot_user}>" in message.text
    if mentioned and not message.by_bot and channel.kind != "im" and world.wants("app_mention"):
        stranger = world.workspace.users[message.user].team
        whose: JsonObject = {"user_team": stranger, "source_team": stranger} if stranger else {}
        world.emit(shapes.message(team, message, thread=False) | where | whose | {"type": "app_mention"})


def note(world: World, channel: Channel, user: str, subtype: str, text: str, **extra: object) -> None:
    """Post one of the grey lines that Slack writes itself: joined, archived, set the topic."""
    post(world, channel, user, Content(text), subtype=subtype, extra=dict(extra))


def edit(world: World, channel: Channel, message: Message, actor: str, changes: JsonObject) -> None:
    """Change text, blocks, attachments or metadata of a message; what is not named stays."""
    team = world.workspace.team
    name, type_ = _EVENT_OF_KIND[channel.kind]
    tell = world.wants(name) and team.bot_user in channel.members
    before = shapes.message(team, message) if tell else {}
    edited: JsonObject = {"user": actor, "ts": ids.ts_text(int(world.now().timestamp()) * 1_000_000)}
    data: JsonObject = {"channel": channel.id, "ts": message.ts, "edited": edited} | changes
    world.commit("message.changed", actor, data)
    if tell:
        event_ts = world.next_ts(channel)
        world.emit(
            {
                "type": "message",
                "subtype": "message_changed",
                "channel": channel.id,
                "message": shapes.message(team, message),
                "previous_message": before,
                "hidden": True,
                "ts": event_ts,
                "event_ts": event_ts,
                "channel_type": type_,
            }
        )


def delete(world: World, channel: Channel, message: Message, actor: str) -> None:
    """Delete a message; the root of a thread leaves a tombstone."""
    team = world.workspace.team
    name, type_ = _EVENT_OF_KIND[channel.kind]
    before = shapes.message(team, message)
    data: JsonObject = {"channel": channel.id, "ts": message.ts}
    if message.thread_ts:
        data["thread_ts"] = message.thread_ts
    world.commit("message.deleted", actor, data)
    if world.wants(name) and team.bot_user in channel.members:
        event_ts = world.next_ts(channel)
        world.emit(
            {
                "type": "message",
                "subtype": "message_deleted",
                "channel": channel.id,
                "deleted_ts": message.ts,
                "previous_message": before,
                "hidden": True,
                "ts": event_ts,
                "event_ts": event_ts,
                "channel_type": type_,
            }
        )


def show_ephemeral(world: World, channel: Channel, user: str, content: Content, thread_ts: str = "") -> Ephemeral:
    """Show a message to one person."""
    ts = world.next_ts(channel)
    data: JsonObject = {"channel": channel.id, "user": user, "ts": ts, "text": content.text}
    if content.blocks:
        data["blocks"] = with_block_ids(content.blocks)
    if thread_ts:
        data["thread_ts"] = thread_ts
    world.commit("ephemeral.shown", world.workspace.team.bot_user, data)
    return world.workspace.ephemerals[(user, channel.id)][-1]


def pin(world: World, channel: Channel, message: Message, user: str) -> None:
    """Pin a message to its channel."""
    created = int(world.now().timestamp())
    world.commit("pin.added", user, {"channel": channel.id, "ts": message.ts, "user": user, "created": created})
    _tell_pin(world, "pin_added", channel, message, user)


def unpin(world: World, channel: Channel, message: Message, user: str) -> None:
    """Take a pin away."""
    world.commit("pin.removed", user, {"channel": channel.id, "ts": message.ts})
    _tell_pin(world, "pin_removed", channel, message, user)


def _tell_pin(world: World, type_: str, channel: Channel, message: Message, user: str) -> None:
    if world.wants(type_):
        item: JsonObject = {
            "type": "message",
            "channel": channel.id,
            "created_by": message.user,
            "message": shapes.message(world.workspace.team, message),
        }
        world.emit(
            {
                "type": type_,
                "user": user,
                "channel_id": channel.id,
                "item": item,
                "event_ts": world.next_ts(channel),
            }
        )


def react(world: World, channel: Channel, message: Message, user: str, name: str) -> None:
    """Add a reaction."""
    data: JsonObject = {"channel": channel.id, "ts": message.ts, "user": user, "name": name}
    world.commit("reaction.added", user, data)
    if world.wants("reaction_added"):
        world.emit(
            {
                "type": "reaction_added",
                "user": user,
                "reaction": name,
                "item": {"type": "message", "channel": channel.id, "ts": message.ts},
                "item_user": message.user,
                "event_ts": world.next_ts(channel),
            }
        )
