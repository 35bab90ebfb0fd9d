"""What the app's bot token may do: scopes of methods and events, and what is missing.

A method of conversations names a scope for each kind of them (`channels:read`, `groups:read`, …). Slack asks
for the one of the conversation at hand, and for any of them before it knows which that is.
"""

from collections.abc import Iterable
from typing import Final

from app.sandbox.contract import methods
from app.sandbox.errors import SlackError
from app.sandbox.model import ChannelKind

FAMILIES: Final[dict[ChannelKind, str]] = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}
"""How scopes call each kind of conversation."""

EVENT_SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "app_uninstalled": (),
    **dict.fromkeys(
        (f"channel_{what}" for what in ("archive", "created", "deleted", "left", "rename", "unarchive")),
        ("channels:read",),
    ),
    **dict.fromkeys(
        (f"group_{what}" for what in ("archive", "deleted", "left", "rename", "unarchive")), ("groups:read",)
    ),
    "file_shared": ("files:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "pin_added": ("pins:read",),
    "pin_removed": ("pins:read",),
    "reaction_added": ("reactions:read",),
    "team_join": ("users:read",),
    "tokens_revoked": (),
    "user_change": ("users:read",),
}
"""The events that the sandbox can send, by the names of a manifest's `bot_events`, each with the scopes of which
one is needed (Slack's reference of each event)."""

ALL_SCOPES: Final = frozenset(
    {"commands"}
    | {scope for contract in methods().values() for scope in contract.scopes}
    | {scope for scopes in EVENT_SCOPES.values() for scope in scopes}
)
"""Every scope that a method or event of the sandbox asks for."""


def check_method(granted: frozenset[str], method: str) -> None:
    """Check that the token has a scope of a method.

    Raises:
        SlackError: missing_scope.
    """
    accepted = methods()[method].scopes
    if accepted and granted.isdisjoint(accepted):
        raise missing(granted, accepted)


def check_kind(granted: frozenset[str], method: str, kind: ChannelKind) -> None:
    """Check that the token has a scope of a method for conversations of this kind.

    Raises:
        SlackError: missing_scope.
    """
    family = FAMILIES[kind]
    accepted = [scope for scope in methods()[method].scopes if scope.partition(":")[0] == family]
    if accepted and granted.isdisjoint(accepted):
        raise missing(granted, accepted)


def missing(granted: frozenset[str], accepted: Iterable[str]) -> SlackError:
    """What Slack answers when none of the accepted scopes is granted."""
    return SlackError("missing_scope", needed=",".join(accepted), provided=listed(granted))


def listed(granted: frozenset[str]) -> str:
    """Scopes as headers and answers list them."""
    return ",".join(sorted(granted))


def lets_hear(granted: frozenset[str], event: str, kind: ChannelKind | None) -> bool:
    """Whether the app may hear an event, of a conversation of this kind if it is of one."""
    needed = EVENT_SCOPES[event]
    if kind is not None and len(needed) > 1:
        needed = tuple(scope for scope in needed if scope.partition(":")[0] == FAMILIES[kind])
    return not needed or not granted.isdisjoint(needed)
