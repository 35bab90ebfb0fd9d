"""What the app answers an interaction with: in the acknowledgement, or at its response_url."""

from app.sandbox.acts import messages
from app.sandbox.acts.messages import Content
from app.sandbox.api.content import checked_blocks
from app.sandbox.errors import SlackError
from app.sandbox.hooks import ResponseUrl
from app.sandbox.jsontypes import JsonObject, as_objects, as_text, dumps, is_true
from app.sandbox.model import Channel
from app.sandbox.world import World


def post(world: World, hook: ResponseUrl, given: JsonObject) -> JsonObject:
    """Show an answer: to the person alone, to the channel, or in place of the message it is about.

    Returns what was shown, as `Reply.responses` lists it.

    Raises:
        SlackError: no_text, invalid_blocks, or the channel is gone or archived.
    """
    channel = world.workspace.channels.get(hook.channel)
    if channel is None:
        raise SlackError("channel_not_found")
    if is_true(given.get("delete_original")):
        return _delete(world, channel, hook)
    content = _content(given)
    if is_true(given.get("replace_original")) and hook.ts:
        return _replace(world, channel, hook, content)
    thread_ts = as_text(given.get("thread_ts"))
    shown: JsonObject = {"text": content.text, "blocks": list(content.blocks)}
    if as_text(given.get("response_type"), "ephemeral") == "in_channel":
        if channel.archived:
            raise SlackError("is_archived")
        posted = messages.post(world, channel, world.workspace.team.bot_user, content, thread_ts=thread_ts)
        return shown | {"response_type": "in_channel", "ts": posted.ts}
    ephemeral = messages.show_ephemeral(world, channel, hook.user, content, thread_ts)
    return shown | {"response_type": "ephemeral", "ts": ephemeral.ts}


def _content(given: JsonObject) -> Content:
    blocks = checked_blocks(given["blocks"], "response_url") if given.get("blocks") else []
    content = Content(as_text(given.get("text")), blocks, as_objects(given.get("attachments")))
    if not content.text.strip() and not content.blocks and not content.attachments:
        raise SlackError("no_text")
    return content


def _replace(world: World, channel: Channel, hook: ResponseUrl, content: Content) -> JsonObject:
    shown: JsonObject = {
        "text": content.text,
        "blocks": list(content.blocks),
        "ts": hook.ts,
        "replaced": True,
    }
    blocks = messages.with_block_ids(content.blocks)
    if hook.ephemeral:
        data: JsonObject = {"user": hook.user, "channel": channel.id, "ts": hook.ts, "text": content.text}
        world.commit("ephemeral.changed", world.workspace.team.bot_user, data | {"blocks": blocks})
        return shown | {"response_type": "ephemeral"}
    message = world.workspace.message(channel, hook.ts)
    if message is None:
        raise SlackError("message_not_found")
    changes: JsonObject = {"text": content.text, "blocks": blocks}
    messages.edit(world, channel, message, world.workspace.team.bot_user, changes)
    return shown | {"response_type": "in_channel"}


def _delete(world: World, channel: Channel, hook: ResponseUrl) -> JsonObject:
    if hook.ephemeral:
        data: JsonObject = {"user": hook.user, "channel": channel.id, "ts": hook.ts}
        world.commit("ephemeral.removed", world.workspace.team.bot_user, data)
    elif (message := world.workspace.message(channel, hook.ts)) is not None:
        messages.delete(world, channel, message, world.workspace.team.bot_user)
    return {"text": "", "blocks": [], "ts": hook.ts, "deleted": True}


def from_ack(world: World, hook: ResponseUrl, body: JsonObject) -> JsonObject | None:
    """Show what the acknowledgement of a command carries; None when it carries nothing.

    Raises:
        SlackError: Slack would not take it; the ledger has it, as a call that was not applied.
    """
    if not body.get("text") and not body.get("blocks"):
        return None
    try:
        return post(world, hook, body)
    except SlackError as error:
        refused: JsonObject = {"ok": False, "error": error.code, "messages": error.messages}
        entry: JsonObject = {"method": "ack", "request": {"body": dumps(body)}, "applied": False, "answer": refused}
        world.ledger.write("call", entry)
        raise
    finally:
        world.ledger.flush()
