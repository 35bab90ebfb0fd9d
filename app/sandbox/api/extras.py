"""pins.*, reactions.add, bookmarks.*: what hangs on messages and channels."""

import re

from app.sandbox import ids, shapes
from app.sandbox.acts import messages
from app.sandbox.api.registry import Call, method
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, Message

PINS = 100
BOOKMARKS = 100
REACTIONS = 23
EMOJI = 50
"""Most pins and bookmarks of a channel, most reactions of one person and most different ones to a message (Slack's
help pages)."""


EMOJI_NAME = r"[a-z0-9_+'-]+(::skin-tone-[2-6])?"


def _item(call: Call, channel: Channel) -> Message:
    if "timestamp" not in call.args:
        raise SlackError("no_item_specified")
    text = call.args.text("timestamp")
    try:
        message = channel.messages.get(ids.ts_key(text))
    except ValueError as error:
        raise SlackError("bad_timestamp") from error
    if message is None:
        raise SlackError("message_not_found")
    return message


@method("pins.add")
def pins_add(call: Call) -> JsonObject:
    """Pin a message."""
    channel = call.channel()
    call.require_member(channel)
    message = _item(call, channel)
    if message.is_note:
        raise SlackError("not_pinnable")
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    if len(channel.pins) >= PINS:
        raise SlackError("too_many_pins")
    messages.pin(call.world, channel, message, call.bot)
    return {}


@method("pins.remove")
def pins_remove(call: Call) -> JsonObject:
    """Take a pin away."""
    channel = call.channel()
    call.require_member(channel)
    message = _item(call, channel)
    if message.ts not in channel.pins:
        raise SlackError("no_pin")
    messages.unpin(call.world, channel, message, call.bot)
    return {}


@method("pins.list")
def pins_list(call: Call) -> JsonObject:
    """All pinned messages of a channel, newest pin first."""
    channel = call.channel()
    return {"items": pinned(call, channel)}


def pinned(call: Call, channel: Channel) -> list[JsonObject]:
    """The items of pins.list."""
    team = call.workspace.team
    items = []
    for pin in reversed(channel.pins.values()):
        message = channel.messages[ids.ts_key(pin.ts)]
        items.append(shapes.pin(team, channel, pin, message, shapes.permalink(team, channel, message)))
    return items


@method("reactions.add")
def reactions_add(call: Call) -> JsonObject:
    """React to a message."""
    channel = call.channel()
    name = call.args.text("name").strip(":")
    if not re.fullmatch(EMOJI_NAME, name):
        raise SlackError("invalid_name")
    call.require_member(channel)
    message = _item(call, channel)
    if channel.archived:
        raise SlackError("is_archived")
    if call.bot in message.reactions.get(name, ()):
        raise SlackError("already_reacted")
    if sum(call.bot in who for who in message.reactions.values()) >= REACTIONS:
        raise SlackError("too_many_reactions")
    if name not in message.reactions and len(message.reactions) >= EMOJI:
        raise SlackError("too_many_emoji")
    messages.react(call.world, channel, message, call.bot, name)
    return {}


@method("bookmarks.add")
def bookmarks_add(call: Call) -> JsonObject:
    """Add a link to a channel's bookmarks."""
    channel = call.channel("channel_id")
    call.require_member(channel)
    if call.args.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    link = call.args.text("link")
    if not re.match(r"https?://\S+$", link):
        raise SlackError("invalid_link")
    emoji = call.args.text("emoji")
    if emoji and not re.fullmatch(f":{EMOJI_NAME}:", emoji):
        raise SlackError("invalid_emoji")
    if len(channel.bookmarks) >= BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    now = int(call.world.now().timestamp())
    bookmark: JsonObject = {
        "id": call.workspace.next_id("Bk"),
        "channel_id": channel.id,
        "title": call.args.text("title"),
        "link": link,
        "emoji": emoji,
        "icon_url": "",
        "entity_id": None,
        "type": "link",
        "date_created": now,
        "date_updated": 0,
        "rank": ids.numbered("", len(channel.bookmarks) + 1)[-3:],
        "last_updated_by_user_id": call.bot,
        "last_updated_by_team_id": call.workspace.team.id,
        "shortcut_id": None,
        "app_id": call.workspace.team.app_id,
    }
    call.world.commit("bookmark.added", call.bot, bookmark)
    return {"bookmark": bookmark}


@method("bookmarks.list")
def bookmarks_list(call: Call) -> JsonObject:
    """A channel's bookmarks."""
    channel = call.channel("channel_id")
    return {"bookmarks": list(channel.bookmarks.values())}
