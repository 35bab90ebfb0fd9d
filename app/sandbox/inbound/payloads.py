"""The payloads that Slack sends, as recorded in slackapi/java-slack-sdk json-logs (MIT)."""

import time

from app.sandbox import ids
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, User, View
from app.sandbox.world import World

TOKEN = "sandbox-verification"  # noqa: S105 - Slack's old verification token, no secret here
DISABLED_KEYS = {"enterprise": None, "is_enterprise_install": False}


def event(world: World, inner: JsonObject) -> JsonObject:
    """The envelope of an event."""
    team = world.workspace.team
    authorization = {
        "enterprise_id": None,
        "team_id": team.id,
        "user_id": team.bot_user,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": TOKEN,
        "team_id": team.id,
        "context_team_id": team.id,
        "context_enterprise_id": None,
        "api_app_id": team.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": ids.random_id("Ev"),
        "event_time": int(world.now().timestamp()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": ids.random_id("4-", 30),
    }


def command(
    world: World, user: User, channel: Channel, name: str, text: str, trigger_id: str, response_url: str
) -> JsonObject:
    """A slash command; all values are text, as in the form that it is."""
    team = world.workspace.team
    return {
        "token": TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": team.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def interaction(world: World, type_: str, user: User) -> JsonObject:
    """What all interactive payloads share."""
    team = world.workspace.team
    who = {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team or team.id}
    base: JsonObject = {
        "type": type_,
        "user": who,
        "api_app_id": team.app_id,
        "token": TOKEN,
        "team": {"id": team.id, "domain": team.domain},
    }
    return base | DISABLED_KEYS


def named(channel: Channel) -> JsonObject:
    """A channel as interactive payloads name it."""
    return {"id": channel.id, "name": _channel_name(channel)}


def _channel_name(channel: Channel) -> str:
    if channel.is_dm:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def action(block: JsonObject, element: JsonObject, held: JsonObject) -> JsonObject:
    """One entry of `actions`: the element that was touched, and what it now holds."""
    act: JsonObject = {
        "action_id": element.get("action_id", ""),
        "block_id": block.get("block_id", ""),
        "type": element.get("type"),
        "action_ts": f"{time.time():.6f}",
    }
    for key in ("text", "value", "style", "placeholder", "url"):
        if key in element and (element.get("type") == "button" or key == "placeholder"):
            act[key] = element[key]
    return act | held


def of_view(view: View, state: JsonObject | None = None) -> JsonObject:
    """A view as payloads carry it."""
    return view.shape | ({"state": state} if state is not None else {})
