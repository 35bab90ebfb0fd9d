"""What Slack delivered, as far as every listener needs it: who, where, and a name that a repeat shares."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.slack.views.blocks import ANSWER

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Delivery:
    """One delivery. `id` is the same when Slack sends it again.

    `team_id` is the workspace that the app is installed in, `home_team` the one that the person belongs to, empty where
    Slack does not say it: in a channel that two workspaces share they differ.

    `view` says where a button was that is in no message: `modal` or `home`; `depth` how many modals then lie upon each
    other, and `view_id` names the topmost. `replaces` is for a button of an answer that one person sees and that is
    about nothing else: the next answer takes its place.
    """

    id: str
    team_id: str
    user_id: str
    channel_id: str | None = None
    trigger_id: str | None = None
    response_url: str | None = None
    view: str | None = None
    replaces: bool = False
    view_id: str | None = None
    depth: int = 0
    home_team: str = ""


def of_command(body: Body) -> Delivery:
    """A slash command. Its trigger is given once for each time that it is typed."""
    return Delivery(
        id=f"command:{_text(body, 'trigger_id') or _digest(body)}",
        team_id=_text(body, "team_id"),
        user_id=_text(body, "user_id"),
        channel_id=_text(body, "channel_id") or None,
        trigger_id=_text(body, "trigger_id") or None,
        response_url=_text(body, "response_url") or None,
    )


def of_interaction(body: Body) -> Delivery:
    """A button, a modal that was sent, or a shortcut."""
    user = _object(body, "user")
    view = _object(body, "view")
    home = _text(user, "team_id")
    return Delivery(
        id=f"{_text(body, 'type')}:{_text(body, 'trigger_id') or _digest(body)}",
        team_id=_text(_object(body, "team"), "id") or home,
        user_id=_text(user, "id"),
        home_team=home,
        channel_id=_text(_object(body, "channel"), "id") or _text(_object(body, "container"), "channel_id") or None,
        trigger_id=_text(body, "trigger_id") or None,
        response_url=_text(body, "response_url") or None,
        view=_text(view, "type") or None,
        replaces=_object(body, "container").get("is_ephemeral") is True and _pressed(body, "block_id") == ANSWER,
        view_id=_text(view, "id") or None,
        depth=_depth(view),
    )


def of_event(body: Body) -> Delivery:
    """An event. In a shared channel it may have happened in the other workspace: the authorization says whose it is."""
    event = _object(body, "event")
    given = body.get("authorizations")
    first = given[0] if isinstance(given, list) and given else None
    installed = _text(first, "team_id") if isinstance(first, Mapping) else ""
    return Delivery(
        id=f"event:{_text(body, 'event_id') or _digest(body)}",
        team_id=installed or _text(body, "team_id"),
        user_id=_text(event, "user"),
        home_team=_text(event, "user_team") or _text(event, "source_team") or _text(event, "team"),
        channel_id=_text(event, "channel") or None,
    )


def value_of(body: Body) -> str:
    """The value of the button that was pressed, or of the option that was chosen; nothing when there is none."""
    first = _first(body)
    return _text(first, "value") or _text(_object(first, "selected_option"), "value")


def _pressed(body: Body, name: str) -> str:
    return _text(_first(body), name)


def _first(body: Body) -> Body:
    """The element that was pressed; an empty one when there is none."""
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    return first if isinstance(first, Mapping) else {}


def _depth(view: Body) -> int:
    """Slack lays at most three modals upon each other, and says which lies below and which lowest."""
    below = _text(view, "previous_view_id")
    if not view:
        return 0
    return 1 if not below else 2 if below == _text(view, "root_view_id") else 3


def _object(body: Body, name: str) -> Body:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(body: Body, name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""


def _digest(body: Body) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
