"""What Slack says of a person's account, and why somebody with such an account cannot work here."""

from collections.abc import Mapping

from app.programs.service import BadSetting
from app.slack.errors import PersonUnknown
from app.slack.gateway import Gateway

User = Mapping[str, object]


def is_guest(user: User) -> bool:
    """Whether a user object is that of a guest: of several channels, or of a single one."""
    return user.get("is_restricted") is True or user.get("is_ultra_restricted") is True


def obstacle(user: User, team: str) -> str:
    """Why the person of a user object cannot work in the workspace, in words; empty where nothing stands in the way.

    The team is that of the program. Somebody of a workspace that shares a channel with it has another one.
    """
    if user.get("deleted") is True:
        return "deactivated in Slack"
    if user.get("is_bot") is True:
        return "a bot"
    if user.get("is_stranger") is True or user.get("team_id") not in (None, "", team):
        return "of another workspace"
    if is_guest(user):
        return "a guest of the workspace"
    return ""


def refuse_unfit(gateway: Gateway, team: str, slack_user_id: str, name: str) -> None:
    """Ask Slack about an account. Raises `BadSetting` where its person cannot work here, else what the gateway does."""
    try:
        user = gateway.call("users.info", user=slack_user_id).get("user")
        why = obstacle(user, team) if isinstance(user, Mapping) else ""
    except PersonUnknown:
        why = "not in the workspace"
    if why:
        raise BadSetting(f"{name} ({slack_user_id}) is {why} and cannot work here. Nothing changed.")
