"""Channels that are made, renamed, archived and deleted, and people who join and leave them."""

from collections.abc import Iterable

from app.sandbox import shapes
from app.sandbox.acts import messages
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, ChannelKind
from app.sandbox.world import World


def create(
    world: World,
    name: str,
    kind: ChannelKind,
    creator: str,
    *,
    members: Iterable[str] = (),
    general: bool = False,
) -> Channel:
    """Make a channel with its creator, and others, in it."""
    workspace = world.workspace
    id_ = workspace.next_id("D" if kind == "im" else "C")
    created = int(world.now().timestamp())
    data: JsonObject = {
        "id": id_,
        "name": name,
        "as": kind,
        "creator": creator,
        "created": created,
        "members": list(dict.fromkeys([creator, *members])),
    }
    if general:
        data["is_general"] = True
    world.commit("channel.created", creator, data)
    channel = workspace.channels[id_]
    if kind == "public" and world.wants("channel_created"):
        about: JsonObject = {"id": id_, "name": name, "created": created, "creator": creator}
        world.emit({"type": "channel_created", "channel": about, "event_ts": world.next_ts(channel)})
    return channel


def direct(world: World, users: Iterable[str]) -> Channel:
    """The direct message of these people, made when there is none."""
    people = list(dict.fromkeys(users))
    known = world.workspace.dms.get(frozenset(people))
    if known is not None:
        return world.workspace.channels[known]
    kind: ChannelKind = "im" if len(people) <= 2 else "mpim"
    names = "--".join(world.workspace.users[person].name for person in people)
    name = "" if kind == "im" else f"mpdm-{names}-1"
    return create(world, name, kind, people[0], members=people[1:])


def join(world: World, channel: Channel, user: str, inviter: str = "") -> None:
    """Put a person into a channel."""
    world.commit("member.joined", inviter or user, {"channel": channel.id, "user": user, "inviter": inviter})
    extra: JsonObject = {"inviter": inviter} if inviter else {}
    messages.note(world, channel, user, "channel_join", f"<@{user}> has joined the channel", **extra)
    _tell_member(world, channel, "member_joined_channel", user, extra)


def leave(world: World, channel: Channel, user: str, by: str = "") -> None:
    """Take a person out of a channel; `by` is who removed them, when they did not leave themselves."""
    bot = world.workspace.team.bot_user
    if user == bot and world.wants(_prefixed(channel, "left")):
        event: JsonObject = {
            "type": _prefixed(channel, "left"),
            "channel": channel.id,
            "actor_id": by or user,
        }
        world.emit(event | {"event_ts": world.next_ts(channel)})
    world.commit("member.left", by or user, {"channel": channel.id, "user": user, "by": by})
    messages.note(world, channel, user, "channel_leave", f"<@{user}> has left the channel")
    _tell_member(world, channel, "member_left_channel", user, {})


def _tell_member(world: World, channel: Channel, type_: str, user: str, extra: JsonObject) -> None:
    team = world.workspace.team
    if not world.wants(type_, channel.kind) or team.bot_user not in channel.members:
        return
    event: JsonObject = {
        "type": type_,
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": world.workspace.users[user].team or team.id,
        "event_ts": world.next_ts(channel),
    }
    world.emit(event | extra)


def rename(world: World, channel: Channel, name: str, actor: str) -> None:
    """Give a channel another name."""
    before = channel.name
    _change(world, channel, actor, {"name": name})
    text = f'has renamed the channel from "{before}" to "{name}"'
    messages.note(world, channel, actor, "channel_name", text, old_name=before, name=name)
    about: JsonObject = {
        "id": channel.id,
        "is_channel": not channel.is_private,
        "is_mpim": False,
        "name": name,
        "name_normalized": name,
        "created": channel.created,
    }
    _tell_channel(world, channel, "rename", {"channel": about})


def archive(world: World, channel: Channel, actor: str) -> None:
    """Freeze a channel."""
    messages.note(world, channel, actor, "channel_archive", f"<@{actor}> archived the channel")
    _change(world, channel, actor, {"archived": True})
    _tell_channel(world, channel, "archive", {"channel": channel.id, "user": actor, "is_moved": 0})


def unarchive(world: World, channel: Channel, actor: str) -> None:
    """Thaw a channel."""
    _change(world, channel, actor, {"archived": False})
    messages.note(world, channel, actor, "channel_unarchive", f"<@{actor}> un-archived the channel")
    who = "actor_id" if channel.is_private else "user"
    _tell_channel(world, channel, "unarchive", {"channel": channel.id, who: actor})


def delete(world: World, channel: Channel, actor: str) -> None:
    """Delete a channel with all its messages; only people can."""
    event: JsonObject = {"channel": channel.id, "actor_id": actor}
    if channel.is_private:
        event["date_deleted"] = int(world.now().timestamp())
    world.commit("channel.deleted", actor, {"id": channel.id})
    _tell_channel(world, channel, "deleted", event)


def set_note(world: World, channel: Channel, which: str, value: str, actor: str) -> None:
    """Set the topic or the purpose."""
    _change(world, channel, actor, {which: value})
    text = f"set the channel {which}: {value}" if value else f"cleared the channel {which}"
    messages.note(world, channel, actor, f"channel_{which}", text, **{which: value})


def _change(world: World, channel: Channel, actor: str, what: JsonObject) -> None:
    updated = int(world.now().timestamp() * 1000)
    world.commit("channel.changed", actor, {"id": channel.id, "by": actor, "updated": updated} | what)


def _prefixed(channel: Channel, what: str) -> str:
    return f"{'group' if channel.is_private else 'channel'}_{what}"


def _tell_channel(world: World, channel: Channel, what: str, event: JsonObject) -> None:
    type_ = _prefixed(channel, what)
    if not world.wants(type_):
        return
    if channel.is_private and world.workspace.team.bot_user not in channel.members:
        return
    world.emit({"type": type_} | event | {"event_ts": world.next_ts(channel)})


def visible(world: World, channel_id: str, viewer: str) -> Channel | None:
    """The channel, when the viewer may know of it."""
    channel = world.workspace.channels.get(channel_id)
    if channel is None or (channel.is_private and viewer not in channel.members):
        return None
    return channel


def shape(world: World, channel: Channel, viewer: str) -> JsonObject:
    """The channel's JSON as a viewer sees it."""
    return shapes.channel(world.workspace.team, channel, viewer)
