"""Slack's error codes as our exceptions.

Codes and meanings are from Slack's Web API reference. A code that is not listed is a plain `Refused`.
"""

from app.notices.outcomes import (
    AlreadySo,
    Ambiguous,
    ChannelArchived,
    ChannelGone,
    ChannelLost,
    FilesRefused,
    InvalidMessage,
    MessageGone,
    NameTaken,
    NotConnected,
    NotInChannel,
    NotSent,
    PersonUnknown,
    RateLimited,
    Refused,
    Uninstalled,
    Unreachable,
)

__all__ = [
    "AlreadySo",
    "Ambiguous",
    "ChannelArchived",
    "ChannelGone",
    "ChannelLost",
    "FilesRefused",
    "InvalidMessage",
    "MessageGone",
    "NameTaken",
    "NotConnected",
    "NotInChannel",
    "NotSent",
    "PersonUnknown",
    "RateLimited",
    "Refused",
    "Uninstalled",
    "Unreachable",
    "refused",
]

# With these Slack does not say whether the call was applied ("internal errors ... it's possible some aspect of
# the operation succeeded before the error was raised", reference of fatal_error).
AMBIGUOUS = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "timeout"})
RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})

# With these no call is taken at all, whatever it is about.
TOKEN_FAILURES = frozenset(
    {
        "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired",
        "org_login_required", "team_added_to_org", "team_access_not_granted", "team_not_found",
        "two_factor_setup_required",
    }
)  # fmt: skip

_TYPES: dict[type[Refused], dict[str, str]] = {
    ChannelGone: {"channel_not_found": "The channel was deleted, or the app was removed from it"},
    ChannelArchived: {"is_archived": "The channel is archived"},
    NotInChannel: {"not_in_channel": "The app was removed from the channel"},
    MessageGone: {
        "message_not_found": "The message was deleted",
        "cant_update_message": "The message cannot be edited",
        "edit_window_closed": "The workspace does not let this message be edited any more",
        "cannot_reply_to_message": "The message cannot be answered",
        "thread_not_found": "The thread was deleted",
        "restricted_action_non_threadable_channel": "The channel has no threads",
        "restricted_action_thread_locked": "The thread is locked",
        "not_pinnable": "The message cannot be pinned",
    },
    NameTaken: {"name_taken": "A channel of that name exists"},
    AlreadySo: {
        "already_pinned": "The message is pinned already",
        "already_archived": "The channel is archived already",
        "not_archived": "The channel is not archived",
        "already_in_channel": "The person is in the channel already",
        "cant_invite_self": "The app is in the channel already",
    },
    PersonUnknown: {
        "user_not_found": "Not in the workspace",
        "users_not_found": "Not in the workspace",
        "org_user_not_in_team": "Not in the workspace",
        "invitee_cant_see_channel": "Not in the workspace",
        "user_disabled": "Deactivated in Slack",
        "user_not_visible": "Not visible to the app",
        "cant_invite": "Cannot be invited",
        "user_is_restricted": "A guest who cannot be invited",
        "ura_max_channels": "A guest of one other channel",
        "is_bot": "A bot",
    },
    InvalidMessage: {
        "invalid_blocks": "Slack does not accept the message's blocks",
        "invalid_blocks_format": "Slack does not accept the message's blocks",
        "msg_blocks_too_long": "The message is too long",
        "msg_too_long": "The message is too long",
        "no_text": "The message is empty",
        "metadata_too_large": "The message's metadata is too large",
        "invalid_metadata_format": "Slack does not accept the message's metadata",
        "invalid_metadata_schema": "Slack does not accept the message's metadata",
        "cannot_be_drawn": "The notice cannot be drawn as a message",
    },
    FilesRefused: {
        "file_uploads_disabled": "The workspace takes no files",
        "file_uploads_except_images_disabled": "The workspace takes pictures only",
        "storage_limit_reached": "The workspace has no room for files left",
        "blocked_file_type": "The workspace takes no files of this kind",
        "file_type_not_allowed": "The workspace takes no files of this kind",
        "file_upload_size_restricted": "The file is larger than the workspace takes",
        "file_not_found": "The file was deleted",
    },
    Uninstalled: {
        "invalid_auth": "The bot token is wrong",
        "account_inactive": "The app was removed from the workspace",
        "token_revoked": "The bot token was revoked",
        "invalid_refresh_token": "The bot token could not be renewed",
    },
    NotConnected: {
        "not_authed": "No bot token is set",
        "token_expired": "The bot token expired",
        "missing_scope": "The app lacks a scope; install it again from its manifest",
        "not_allowed_token_type": "The token is not a bot token",
        "org_login_required": "The workspace is moving into an organisation",
        "team_added_to_org": "The workspace is moving into an organisation",
        "ekm_access_denied": "The workspace's administrators have suspended posting",
        "enterprise_is_restricted": "The organisation does not let the app in",
        "access_denied": "The workspace does not let the app in",
        "app_access_restricted": "The workspace does not let the app in",
        "accesslimited": "Access is limited at this time",
        "no_permission": "The workspace does not let the app do this",
        "team_access_not_granted": "The organisation has not let the app into this workspace",
        "team_not_found": "The workspace is not there",
        "external_channel_migrating": "The channel is being moved",
        "program_unbound": "The program is bound to no Slack workspace",
        "other_workspace": "The program belongs to another Slack workspace",
        "two_factor_setup_required": "The workspace requires two-factor sign-in to be set up",
    },
}
_BY_CODE = {code: (kind, words) for kind, codes in _TYPES.items() for code, words in codes.items()}


def refused(code: str) -> Refused:
    """The exception for a code that Slack answered with, its words for a person."""
    kind, words = _BY_CODE.get(code, (Refused, None))
    return kind(code, words)
