"""Verbs for channels and messages: what is there, and what people do with it."""

from app.sandbox import file_shapes, ids, shapes
from app.sandbox.acts import channels, messages
from app.sandbox.acts.messages import Content
from app.sandbox.api.conversations import check_name
from app.sandbox.control.verbs import Ask, verb
from app.sandbox.errors import RefusedError, SlackError
from app.sandbox.jsontypes import JsonObject, as_int, as_list, as_text
from app.sandbox.model import Channel


def about(ask: Ask, channel: Channel) -> JsonObject:
    """A channel, as the control API shows it: as in Slack, with its members."""
    shape = channels.shape(ask.world, channel, ask.world.workspace.team.bot_user)
    return shape | {"members": list(channel.members), "messages": len(channel.messages)}


@verb("channel.create")
async def channel_create(ask: Ask) -> JsonObject:
    """Make a channel as a person; one of that name that is there already is taken as it is."""
    name = ask.text("name").removeprefix("#")
    known = ask.world.workspace.channel_names.get(name)
    if known is not None:
        return about(ask, ask.world.workspace.channels[known])
    try:
        check_name(name)
    except SlackError as error:
        raise RefusedError(f"{name!r} cannot be a channel's name: {error.code}.") from error
    creator = ask.user("creator") if ask.text("creator") else next(iter(ask.world.workspace.users.values()))
    workspace = ask.world.workspace
    members = [workspace.user_names.get(as_text(one), as_text(one)) for one in as_list(ask.body.get("members"))]
    unknown = [one for one in members if one not in workspace.users]
    if unknown:
        raise RefusedError(f"There is no person {', '.join(map(repr, unknown))} in this workspace.")
    kind = "private" if ask.flag("private") else "public"
    channel = channels.create(
        ask.world, name, "private" if kind == "private" else "public", creator.id, members=members,
        general=ask.flag("general"),
    )  # fmt: skip
    return about(ask, channel)


@verb("channel.list")
async def channel_list(ask: Ask) -> JsonObject:
    """All channels; with `user`, those that this person is in or could join, and their direct messages."""
    every = ask.world.workspace.channels.values()
    if ask.text("user"):
        user = ask.user().id
        every_seen = [channel for channel in every if not channel.is_private or user in channel.members]
        return {"channels": [about(ask, channel) for channel in every_seen]}
    return {"channels": [about(ask, channel) for channel in every]}


@verb("channel.get")
async def channel_get(ask: Ask) -> JsonObject:
    """One channel."""
    return about(ask, ask.channel())


@verb("channel.rename")
async def channel_rename(ask: Ask) -> JsonObject:
    """Rename a channel, as a person."""
    user = ask.acting()
    channel, name = ask.seen_channel(user), ask.text("name")
    try:
        check_name(name)
    except SlackError as error:
        raise RefusedError(f"{name!r} cannot be a channel's name: {error.code}.") from error
    if name in ask.world.workspace.channel_names:
        raise RefusedError(f"There is a channel #{name} already.")
    channels.rename(ask.world, channel, name, user.id)
    return about(ask, channel)


@verb("channel.archive")
async def channel_archive(ask: Ask) -> JsonObject:
    """Archive a channel, as a person."""
    user = ask.acting()
    channel = ask.seen_channel(user)
    if channel.archived:
        raise RefusedError(f"#{channel.name} is archived already.")
    channels.archive(ask.world, channel, user.id)
    return about(ask, channel)


@verb("channel.unarchive")
async def channel_unarchive(ask: Ask) -> JsonObject:
    """Bring an archived channel back, as a person."""
    user = ask.acting()
    channel = ask.seen_channel(user)
    if not channel.archived:
        raise RefusedError(f"#{channel.name} is not archived.")
    channels.unarchive(ask.world, channel, user.id)
    return about(ask, channel)


@verb("channel.delete")
async def channel_delete(ask: Ask) -> JsonObject:
    """Delete a channel for good, as a person."""
    user = ask.acting()
    channels.delete(ask.world, ask.seen_channel(user), user.id)
    return {}


@verb("channel.join")
async def channel_join(ask: Ask) -> JsonObject:
    """Put a person into a channel, by themselves or by `inviter`. Who is in it already stays."""
    user, channel = ask.user(), ask.channel()
    if user.id not in channel.members:
        channels.join(ask.world, channel, user.id, ask.user("inviter").id if ask.text("inviter") else "")
    return about(ask, channel)


@verb("channel.leave")
async def channel_leave(ask: Ask) -> JsonObject:
    """Take a person out of a channel; `by` is who removed them."""
    user, channel = ask.user(), ask.channel()
    if user.id not in channel.members:
        raise RefusedError(f"{user.name} is not in #{channel.name}.")
    channels.leave(ask.world, channel, user.id, ask.user("by").id if ask.text("by") else "")
    return about(ask, channel)


@verb("message.post")
async def message_post(ask: Ask) -> JsonObject:
    """Write a message as a person, in a channel or in a thread."""
    user = ask.acting()
    channel = ask.seen_channel(user)
    if channel.archived:
        raise RefusedError(f"#{channel.name} is archived.")
    if not ask.text("text").strip():
        raise RefusedError("An empty message cannot be sent.")
    if user.id not in channel.members:
        channels.join(ask.world, channel, user.id)
    extra: JsonObject = {"client_msg_id": ids.random_id("", 12).lower()}
    posted = messages.post(
        ask.world, channel, user.id, Content(ask.text("text")), thread_ts=ask.text("thread_ts"), extra=extra
    )
    return {"ts": posted.ts}


@verb("message.list")
async def message_list(ask: Ask) -> JsonObject:
    """Messages of a channel, oldest first, or with `thread_ts` of a thread, its root first.

    The lines that Slack writes itself (joined, archived) come only with `system`.
    """
    channel = ask.channel()
    keys = channel.timeline
    if ask.text("thread_ts"):
        root = ask.world.workspace.message(channel, ask.text("thread_ts"))
        if root is None:
            raise RefusedError(f"There is no message {ask.text('thread_ts')} in {channel.name or channel.id}.")
        keys = [root.key, *root.replies]
    found = [channel.messages[key] for key in keys]
    shown = [one for one in found if ask.flag("system") or not one.is_note]
    limit = as_int(ask.body.get("limit"))
    team = ask.world.workspace.team
    return {"messages": [shapes.message(team, one, metadata=True) for one in (shown[-limit:] if limit else shown)]}


@verb("message.react")
async def message_react(ask: Ask) -> JsonObject:
    """React to a message as a person; a second time changes nothing."""
    user = ask.acting()
    channel = ask.seen_channel(user)
    message = ask.world.workspace.message(channel, ask.text("ts"))
    if message is None:
        raise RefusedError(f"There is no message {ask.text('ts')} in {channel.name or channel.id}.")
    if user.id not in message.reactions.get(ask.text("name"), ()):
        messages.react(ask.world, channel, message, user.id, ask.text("name"))
    return {}


@verb("screen")
async def screen(ask: Ask) -> JsonObject:
    """What a person is shown in a channel, oldest first: messages, each with its thread, and ephemeral messages."""
    user = ask.user()
    channel = ask.seen_channel(user)
    team = ask.world.workspace.team
    shown = []
    for key in channel.timeline:
        root = channel.messages[key]
        thread = [reply for reply in root.replies if not channel.messages[reply].broadcast]
        shown += [(key, shapes.message(team, channel.messages[one])) for one in (key, *thread)]
    for one in ask.world.workspace.ephemerals.get((user.id, channel.id), ()):
        shown.append((ids.ts_key(one.ts), {"ts": one.ts, "text": one.text, "blocks": one.blocks}))
    ordered = sorted(shown, key=lambda pair: pair[0])
    return {"messages": [message | {"channel": channel.id} for _, message in ordered]}


@verb("channel.read")
async def channel_read(ask: Ask) -> JsonObject:
    """A person has seen a channel up to its end."""
    user = ask.acting()
    channel = ask.seen_channel(user)
    if ask.world.reads.look(user.id, channel):
        ask.world.tell("channel.read", {"channel": channel.id, "user": user.id})
    return {}


@verb("pin.list")
async def pin_list(ask: Ask) -> JsonObject:
    """The pinned messages of a channel, newest pin first."""
    channel = ask.channel()
    team = ask.world.workspace.team
    pinned = [channel.messages[ids.ts_key(ts)] for ts in reversed(channel.pins)]
    return {"messages": [shapes.message(team, message, metadata=True) for message in pinned]}


@verb("bookmark.list")
async def bookmark_list(ask: Ask) -> JsonObject:
    """The bookmarks of a channel."""
    return {"bookmarks": list(ask.channel().bookmarks.values())}


@verb("file.list")
async def file_list(ask: Ask) -> JsonObject:
    """The files that are shared in a channel, newest first; deleted ones are not there."""
    channel, team = ask.channel(), ask.world.workspace.team
    found = {
        file.id: file
        for key in sorted(channel.messages, reverse=True)
        for file in reversed(channel.messages[key].files)
        if not file.deleted
    }
    return {"files": [file_shapes.file(team, file) for file in found.values()]}


@verb("ephemeral.list")
async def ephemeral_list(ask: Ask) -> JsonObject:
    """The ephemeral messages that a person was shown in a channel, oldest first."""
    kept = ask.world.workspace.ephemerals.get((ask.user().id, ask.channel().id), ())
    return {
        "messages": [{"ts": one.ts, "text": one.text, "blocks": one.blocks, "thread_ts": one.thread_ts} for one in kept]
    }
