"""What users, channels and messages look like in Slack's answers and payloads.

The keys follow the recorded answers in slackapi/java-slack-sdk json-logs (MIT).
"""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.sandbox import file_shapes
from app.sandbox.ids import ts_text
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, Message, Note, Pin, Team, User


def user(team: Team, person: User, at: datetime, *, email: bool) -> JsonObject:
    """A user object; `at` decides the zone's offset. The address is there only with `email`."""
    offset, label = _zone(person.tz, at)
    return {
        "id": person.id,
        "team_id": person.team or team.id,
        "name": person.name,
        "deleted": person.deleted,
        "color": "9f69e7",
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": label,
        "tz_offset": offset,
        "profile": _profile(team, person, email=email),
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": bool(person.guest),
        "is_ultra_restricted": person.guest == "single",
        **({"is_stranger": True} if person.team else {}),
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": person.updated,
        "is_email_confirmed": bool(person.email),
        "who_can_share_contact_card": "EVERYONE",
    }


def _zone(tz: str, at: datetime) -> tuple[int, str]:
    try:
        offset = at.astimezone(ZoneInfo(tz)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return 0, "UTC"
    return int(offset.total_seconds()) if offset is not None else 0, tz.rpartition("/")[2].replace("_", " ")


def _profile(team: Team, person: User, *, email: bool) -> JsonObject:
    first, _, last = person.real_name.partition(" ")
    profile: JsonObject = {
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": "",
        "first_name": first,
        "last_name": last,
        "team": team.id,
    }
    if person.is_bot:
        profile |= {"api_app_id": team.app_id, "always_active": False, "bot_id": team.bot_id}
    if email and person.email:
        profile["email"] = person.email
    return profile


def _note(note: Note) -> JsonObject:
    return {"value": note.value, "creator": note.creator, "last_set": note.last_set}


def channel(team: Team, of: Channel, viewer: str) -> JsonObject:
    """A conversation object as `viewer` sees it.

    A private channel is a channel with `is_private`; `is_group` is for those made before March 2021
    (Slack's reference of the conversation object).
    """
    common: JsonObject = {
        "id": of.id,
        "created": of.created,
        "is_archived": of.archived,
        "is_im": of.kind == "im",
        "is_org_shared": False,
        "context_team_id": team.id,
        "updated": of.updated,
    }
    if of.kind == "im":
        other = next((member for member in of.members if member != viewer), viewer)
        return common | {"user": other, "priority": 0}
    return common | {
        "name": of.name,
        "is_channel": of.kind != "mpim",
        "is_group": False,
        "is_mpim": of.kind == "mpim",
        "is_private": of.is_private,
        "is_general": of.is_general,
        "unlinked": 0,
        "name_normalized": of.name,
        "is_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "shared_team_ids": [team.id],
        "creator": of.creator,
        "is_member": viewer in of.members,
        "topic": _note(of.topic),
        "purpose": _note(of.purpose),
        "previous_names": list(of.previous_names),
    }


def bot_profile(team: Team) -> JsonObject:
    """The app, as its messages name it."""
    return {
        "id": team.bot_id,
        "deleted": False,
        "name": team.bot_name,
        "updated": 0,
        "app_id": team.app_id,
        "team_id": team.id,
    }


def message(team: Team, of: Message, *, metadata: bool = False, thread: bool = True) -> JsonObject:
    """A message object; with its metadata only when asked for, as history does."""
    shape: JsonObject = {"type": "message", "user": of.user, "ts": of.ts, "text": of.text, "team": team.id}
    if of.by_bot:
        shape |= {"bot_id": team.bot_id, "app_id": team.app_id, "bot_profile": bot_profile(team)}
    if of.subtype:
        shape["subtype"] = of.subtype
    if of.blocks:
        shape["blocks"] = of.blocks
    if of.attachments:
        shape["attachments"] = of.attachments
    if of.files:
        shape["files"] = [file_shapes.file(team, one) for one in of.files]
    if of.edited:
        shape["edited"] = of.edited
    if metadata and of.metadata is not None:
        shape["metadata"] = of.metadata
    if of.reactions:
        shape["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in of.reactions.items()
        ]
    if of.thread_ts:
        shape["thread_ts"] = of.thread_ts
    return shape | of.extra | (_thread(of) if thread else {})


def _thread(of: Message) -> JsonObject:
    if not of.replies:
        return {}
    return {
        "thread_ts": of.ts,
        "reply_count": len(of.replies),
        "reply_users_count": len(of.reply_users),
        "reply_users": list(of.reply_users)[:5],
        "latest_reply": ts_text(of.replies[-1]),
        "is_locked": False,
        "subscribed": False,
    }


def pin(team: Team, on: Channel, pinned: Pin, of: Message, permalink: str) -> JsonObject:
    """An item of pins.list."""
    shown = message(team, of) | {"permalink": permalink, "pinned_to": [on.id]}
    return {
        "type": "message",
        "channel": on.id,
        "created": pinned.created,
        "created_by": pinned.user,
        "message": shown,
    }


def permalink(team: Team, on: Channel, of: Message) -> str:
    """Where Slack would show a message."""
    link = f"https://{team.domain}.slack.com/archives/{on.id}/p{of.key}"
    return f"{link}?thread_ts={of.thread_ts}&cid={on.id}" if of.thread_ts else link
