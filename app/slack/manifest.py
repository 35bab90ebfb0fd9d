"""The app's manifest: what an administrator pastes into Slack to install it, with no more scopes than are used.

Form and limits: Slack's "App manifest reference".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.slack.listeners.shortcuts import SHORTCUTS
from app.slack.verbs import COMMANDS, USAGE, Verb

REDIRECT: Final = "/slack/oauth_redirect"
"""Where Slack sends somebody back who has allowed the app into their workspace."""
HINTED: Final = 4
"""Examples of a verb that stand in its command's hint; Slack shows one line of it."""


class BadManifest(ValueError):
    """A manifest cannot be made from what was asked."""


@dataclass(frozen=True)
class Scope:
    """A permission of the bot, and what it is needed for."""

    name: str
    reason: str


SCOPES: Final = (
    Scope("app_mentions:read", "tell people who mention the app how commands are written"),
    Scope("chat:write", "post in case channels, edit the card, answer people"),
    Scope("commands", "take slash commands and the shortcuts"),
    Scope("files:write", "send the SLA report's picture and rows by direct message to who asked for them"),
    Scope("groups:history", "look whether a post has arrived, by its own mark, before it is sent again"),
    Scope("groups:read", "hear that a case's channel was archived, renamed, deleted or left"),
    Scope("groups:write", "make a private channel for each case, say who is in it, set its topic, archive it"),
    Scope("im:history", "look whether a direct message has arrived before it is sent again"),
    Scope("im:write", "tell one person what concerns only them"),
    Scope("pins:write", "pin the card"),
    Scope("users:read", "hear that somebody's account was deactivated"),
)
"""Sorted by name. Case channels are private, so nothing of public channels is asked for."""

BOT_SCOPES: Final = [scope.name for scope in SCOPES]
"""Their names, as the manifest lists them."""

EVENTS: Final = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_id_changed",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "team_join",
    "tokens_revoked",
    "user_change",
)
"""What is subscribed to. Each has a listener, since Slack repeats an event that nobody acknowledges."""


def manifest(
    *,
    name: str = "Caseboard",
    base_url: str | None = None,
    oauth: bool = False,
    commands: Mapping[str, Verb | None] = COMMANDS,
) -> dict[str, Any]:
    """The manifest for Socket Mode, or with `base_url` (https, where Slack reaches the web process) for HTTP.

    With `oauth` the app may be installed in several workspaces from `base_url`, and its tokens rotate. Raises
    `BadManifest`.
    """
    if not 1 <= len(name) <= 35:
        raise BadManifest("The app's name has 1 to 35 characters.")
    if base_url is not None and not base_url.startswith("https://"):
        raise BadManifest("Slack reaches an app over https only: give the base URL as https://…, or leave it out.")
    if oauth and base_url is None:
        raise BadManifest("To be installed by OAuth the app needs an address that Slack goes back to: give --base-url.")
    url = None if base_url is None else f"{base_url.rstrip('/')}/slack/events"
    back = {"redirect_urls": [f"{base_url.rstrip('/')}{REDIRECT}"]} if oauth and base_url is not None else {}
    at = {} if url is None else {"request_url": url}
    return {
        "display_information": {
            "name": name,
            "description": "Checklists, deadlines and handoffs, one channel per case. No patient data in Slack.",
            "background_color": "#1d4f5c",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": name.lower(), "always_online": True},
            "shortcuts": [
                {
                    "name": shortcut.name,
                    "type": "message" if shortcut.on_message else "global",
                    "callback_id": callback,
                    "description": shortcut.does,
                }
                for callback, shortcut in SHORTCUTS.items()
            ],
            "slash_commands": [_command(command, verb, url) for command, verb in commands.items()],
        },
        "oauth_config": back | {"scopes": {"bot": BOT_SCOPES}},
        "settings": {
            "event_subscriptions": at | {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True} | at,
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": oauth,
        },
    }


def as_json(made: Mapping[str, Any]) -> str:
    """The manifest as it is pasted."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _command(command: str, verb: Verb | None, url: str | None) -> dict[str, Any]:
    usage = USAGE[verb or Verb.HELP]
    # Escaped, so that a mention comes with the person's id and not as a name that several may bear.
    made: dict[str, Any] = {
        "command": command,
        "description": "Cases, tasks and deadlines: claim, done, handoff, date and more"
        if verb is None
        else usage.does,
        "usage_hint": "claim 12 | done 12 ref ABC-1 | what's late | help"
        if verb is None
        else " | ".join(rest for example in usage.examples[:HINTED] if (rest := example.partition(" ")[2])),
        "should_escape": True,
    }
    return made if url is None else made | {"url": url}
