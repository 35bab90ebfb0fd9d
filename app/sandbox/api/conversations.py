"""conversations.*: making, naming, filling and archiving channels. Reading them is in `history.py`."""

import re

from app.sandbox.acts import channels
from app.sandbox.api.registry import Call, method
from app.sandbox.api.users import listing
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, ChannelKind

NAME_LENGTH = 80
NOTE_LENGTH = 250
"""A channel name has at most 80 characters, a topic or purpose 250 (Slack's reference)."""


def check_name(name: str) -> None:
    """Check a channel's name.

    Raises:
        SlackError: invalid_name_required, _maxlength, _specials or _punctuation.
    """
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_LENGTH:
        raise SlackError("invalid_name_maxlength")
    if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if not re.search(r"[^\W_]", name):
        raise SlackError("invalid_name_punctuation")


def _free_name(call: Call) -> str:
    name = call.args.text("name")
    check_name(name)
    if name in call.workspace.channel_names:
        raise SlackError("name_taken")
    return name


def _answer(call: Call, channel: Channel) -> JsonObject:
    return {"channel": channels.shape(call.world, channel, call.bot)}


@method("conversations.create")
def create(call: Call) -> JsonObject:
    """Make a channel; names of archived and hidden channels are taken too."""
    kind: ChannelKind = "private" if call.args.flag("is_private") else "public"
    call.require_scope(kind)
    channel = channels.create(call.world, _free_name(call), kind, call.bot)
    return _answer(call, channel)


@method("conversations.rename")
def rename(call: Call) -> JsonObject:
    """Rename a channel that the app is in and made."""
    channel = call.named_channel()
    name = call.args.text("name")
    call.require_member(channel)
    if channel.archived:
        raise SlackError("is_archived")
    if channel.creator != call.bot:
        raise SlackError("not_authorized")
    if name != channel.name:
        channels.rename(call.world, channel, _free_name(call), call.bot)
    return _answer(call, channel)


@method("conversations.archive")
def archive(call: Call) -> JsonObject:
    """Archive a channel that the app is in."""
    channel = call.named_channel()
    if channel.archived:
        raise SlackError("already_archived")
    call.require_member(channel)
    if channel.is_general:
        raise SlackError("cant_archive_general")
    channels.archive(call.world, channel, call.bot)
    return {}


@method("conversations.unarchive")
def unarchive(call: Call) -> JsonObject:
    """Bring a channel back; a bot cannot for one that it is not in."""
    channel = call.named_channel()
    if not channel.archived:
        raise SlackError("not_archived")
    if call.bot not in channel.members:
        raise SlackError("channel_not_found")
    channels.unarchive(call.world, channel, call.bot)
    return {}


@method("conversations.invite")
def invite(call: Call) -> JsonObject:
    """Invite people. One who cannot come stops all, unless `force` is set."""
    channel = call.named_channel()
    asked = list(dict.fromkeys(call.args.ids("users")))
    if not asked:
        raise SlackError("no_user")
    if channel.archived:
        raise SlackError("is_archived")
    call.require_member(channel)
    refused = {user: error for user in asked if (error := _why_not(call, channel, user))}
    welcome = [user for user in asked if user not in refused]
    if refused and not (call.args.flag("force") and welcome):
        errors = [{"ok": False, "error": error, "user": user} for user, error in refused.items()]
        raise SlackError(next(iter(refused.values())), errors=errors)
    for user in welcome:
        channels.join(call.world, channel, user, call.bot)
    answer = _answer(call, channel)
    if refused:
        answer["errors"] = [{"ok": False, "error": error, "user": user} for user, error in refused.items()]
    return answer


def _why_not(call: Call, channel: Channel, user: str) -> str:
    person = call.workspace.users.get(user)
    if person is None:
        return "user_not_found"
    if user == call.bot:
        return "cant_invite_self"
    if user in channel.members:
        return "already_in_channel"
    if person.deleted:
        return "cant_invite"
    if person.guest == "single" and _named_channels(call, user):
        return "ura_max_channels"
    return ""


def _named_channels(call: Call, user: str) -> list[Channel]:
    of = [call.workspace.channels[id_] for id_ in call.workspace.memberships.get(user, {})]
    return [channel for channel in of if not channel.is_dm]


@method("conversations.kick")
def kick(call: Call) -> JsonObject:
    """Remove a person."""
    channel = call.named_channel()
    call.require_member(channel)
    user = call.user(call.args.text("user"))
    if user.id == call.bot:
        raise SlackError("cant_kick_self")
    if channel.is_general:
        raise SlackError("cant_kick_from_general")
    if user.id not in channel.members:
        raise SlackError("not_in_channel")
    channels.leave(call.world, channel, user.id, by=call.bot)
    return {"errors": {}}


@method("conversations.join")
def join(call: Call) -> JsonObject:
    """Join a public channel."""
    channel = call.channel()
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if call.bot in channel.members:
        warned: JsonObject = {"warning": "already_in_channel"}
        return _answer(call, channel) | warned | {"response_metadata": {"warnings": ["already_in_channel"]}}
    channels.join(call.world, channel, call.bot)
    return _answer(call, channel)


@method("conversations.leave")
def leave(call: Call) -> JsonObject:
    """Leave a channel."""
    channel = call.named_channel()
    if channel.archived:
        raise SlackError("is_archived")
    if channel.is_general:
        raise SlackError("cant_leave_general")
    if call.bot not in channel.members:
        return {"not_in_channel": True}
    if channel.is_private and len(channel.members) == 1:
        raise SlackError("last_member")
    channels.leave(call.world, channel, call.bot)
    return {}


@method("conversations.setTopic")
def set_topic(call: Call) -> JsonObject:
    """Set the topic."""
    return _set_note(call, "topic")


@method("conversations.setPurpose")
def set_purpose(call: Call) -> JsonObject:
    """Set the purpose."""
    return _set_note(call, "purpose")


def _set_note(call: Call, which: str) -> JsonObject:
    channel = call.named_channel()
    call.require_member(channel)
    if channel.archived:
        raise SlackError("is_archived")
    value = call.args.text(which)
    if len(value) > NOTE_LENGTH:
        raise SlackError("too_long")
    channels.set_note(call.world, channel, which, value, call.bot)
    return _answer(call, channel)


@method("conversations.info")
def info(call: Call) -> JsonObject:
    """One conversation."""
    channel = call.channel()
    answer = channels.shape(call.world, channel, call.bot)
    if call.args.flag("include_num_members"):
        answer["num_members"] = len(channel.members)
    return {"channel": answer}


@method("conversations.list")
def list_(call: Call) -> JsonObject:
    """The conversations that the app may know of, by pages."""
    of = [
        channel for channel in call.workspace.channels.values() if not channel.is_private or call.bot in channel.members
    ]
    return listing(call, of)


@method("conversations.members")
def members(call: Call) -> JsonObject:
    """Who is in a conversation, by pages."""
    channel = call.channel()
    page, cursor = call.args.page(list(channel.members), call.args.limit(100, 1000))
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


@method("conversations.open")
def open_(call: Call) -> JsonObject:
    """The direct message with one person, or with several."""
    if "channel" in call.args:
        channel = call.channel()
        if not channel.is_dm:
            raise SlackError("method_not_supported_for_channel_type")
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    asked = call.args.ids("users")
    if not asked:
        raise SlackError("users_list_not_supplied")
    if len(asked) > 8:
        raise SlackError("too_many_users")
    if set(asked) == {call.bot}:
        raise SlackError("not_enough_users")
    call.require_scope("im" if len({call.bot, *asked}) == 2 else "mpim")
    for id_ in asked:
        if call.user(id_).deleted:
            raise SlackError("user_disabled")
    known = frozenset([call.bot, *asked]) in call.workspace.dms
    channel = channels.direct(call.world, [call.bot, *asked])
    about: JsonObject = {"id": channel.id}
    if call.args.flag("return_im"):
        about = channels.shape(call.world, channel, call.bot) | {"is_open": True}
    return {"channel": about} | ({"no_op": True, "already_open": True} if known else {})
