"""Files that are shared into channels and deleted, and who may see them."""

from collections.abc import Sequence

from app.sandbox.acts import channels, messages
from app.sandbox.acts.messages import Content
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, File, Message
from app.sandbox.world import World


def complete(world: World, file: File, title: str) -> None:
    """Finish an upload: the file is there from now on, for whoever it is shared with."""
    world.commit("file.completed", file.user, {"id": file.id, "title": title})
    world.uploads.close(file.id)


def share(world: World, channel: Channel, files: Sequence[File], content: Content, thread_ts: str = "") -> Message:
    """Post a message that brings files into a channel, or into a thread of it."""
    bot = world.workspace.team.bot_user
    extra: JsonObject = {"upload": True, "display_as_bot": False}
    posted = messages.post(
        world, channel, bot, content, thread_ts=thread_ts, extra=extra, files=[file.id for file in files]
    )
    if world.wants("file_shared") and bot in channel.members:
        for file in files:
            event: JsonObject = {"type": "file_shared", "channel_id": channel.id, "file_id": file.id}
            world.emit(event | {"user_id": bot, "file": {"id": file.id}, "event_ts": posted.ts})
    return posted


def delete(world: World, file: File, actor: str) -> None:
    """Delete a file; messages that had it say so."""
    world.commit("file.deleted", actor, {"id": file.id})


def visible(world: World, id_: str, viewer: str) -> File | None:
    """The file, when the viewer may see it: who uploaded it, and whoever sees a channel that it is shared in."""
    file = world.workspace.files.get(id_)
    if file is None or not file.completed:
        return None
    seen = file.user == viewer or any(channels.visible(world, share.channel, viewer) for share in file.shares)
    return file if seen else None
