"""chat.*: posting, updating, deleting messages."""

from app.sandbox import shapes
from app.sandbox.acts import channels, messages
from app.sandbox.api import content
from app.sandbox.api.registry import Call, method
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, Message


def _target(call: Call) -> Channel:
    """Where a message goes: a conversation's id, `#name`, or a person's id for their direct message."""
    name = call.args.text("channel")
    workspace = call.workspace
    if name in workspace.users and name != call.bot:
        return channels.direct(call.world, [call.bot, name])
    id_ = workspace.channel_names.get(name.removeprefix("#"), name)
    found = channels.visible(call.world, id_, call.bot)
    if found is None:
        raise SlackError("channel_not_found")
    return found


def _thread(call: Call, channel: Channel) -> str:
    """The root of the thread that a message goes to; empty when it goes to the channel."""
    if "thread_ts" not in call.args:
        return ""
    root = call.workspace.message(channel, call.args.text("thread_ts"))
    if root is None:
        raise SlackError("cannot_reply_to_message")
    return root.thread_ts or root.ts


def _own(call: Call, channel: Channel, error: str) -> Message:
    message = call.workspace.message(channel, call.args.text("ts"))
    if message is None or message.subtype == "tombstone":
        raise SlackError("message_not_found")
    if not message.by_bot:
        raise SlackError(error)
    return message


@method("chat.postMessage")
def post_message(call: Call) -> JsonObject:
    """Post as the app."""
    channel = _target(call)
    if channel.archived:
        raise SlackError("is_archived")
    call.require_member(channel)
    what = content.read(call)
    thread_ts = _thread(call, channel)
    broadcast = bool(thread_ts) and call.args.flag("reply_broadcast")
    subtype = "thread_broadcast" if broadcast else ""
    posted = messages.post(
        call.world, channel, call.bot, what, thread_ts=thread_ts, broadcast=broadcast, subtype=subtype
    )
    shown = shapes.message(call.workspace.team, posted, metadata=True)
    return {"channel": channel.id, "ts": posted.ts, "message": shown}


@method("chat.update")
def update(call: Call) -> JsonObject:
    """Change one of the app's own messages. Metadata that is not named stays, `{}` takes it away."""
    channel = call.channel()
    message = _own(call, channel, "cant_update_message")
    if channel.archived:
        raise SlackError("cant_update_message")
    what = content.read(call)
    changes: JsonObject = {}
    if "text" in call.args or "markdown_text" in call.args:
        changes["text"] = what.text
    if "blocks" in call.args or "text" in call.args:
        changes["blocks"] = messages.with_block_ids(what.blocks)
    if "attachments" in call.args:
        changes["attachments"] = what.attachments
    if what.metadata is not None:
        changes["metadata"] = what.metadata
    messages.edit(call.world, channel, message, call.bot, changes)
    shown = shapes.message(call.workspace.team, message, metadata=True, thread=False)
    del shown["ts"]
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete")
def delete(call: Call) -> JsonObject:
    """Delete one of the app's own messages."""
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    messages.delete(call.world, channel, message, call.bot)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral")
def post_ephemeral(call: Call) -> JsonObject:
    """Show a message to one person of a channel."""
    channel = call.channel()
    if channel.archived:
        raise SlackError("is_archived")
    call.require_member(channel)
    user = call.args.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    what = content.read(call)
    shown = messages.show_ephemeral(call.world, channel, user, what, _thread(call, channel))
    return {"message_ts": shown.ts}


@method("chat.getPermalink")
def get_permalink(call: Call) -> JsonObject:
    """Where a message can be seen."""
    channel = call.channel()
    message = call.workspace.message(channel, call.args.text("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": shapes.permalink(call.workspace.team, channel, message)}
