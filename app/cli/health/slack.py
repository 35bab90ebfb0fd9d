"""Slack: tokens, the workspace, and what the app may do there."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import text
from sqlmodel import Session

from app.cli.health.finding import Finding
from app.cli.out import counted
from app.settings import Settings
from app.slack.errors import NotSent, PersonUnknown, refused
from app.slack.gateway import Gateway
from app.slack.manifest import SCOPES

SECONDS: Final = 5
BOT_TOKENS: Final = ("xoxb-", "xoxe.xoxb-")  # the second where tokens rotate (Slack's reference of token types)
_MEMBERS = text(
    "SELECT s.name, s.slack_user_id, p.slug, p.slack_team_id FROM staff s JOIN programs p ON p.id = s.program_id"
    " WHERE s.active AND p.slack_team_id IS NOT NULL ORDER BY p.slug, s.name"
)


@dataclass(frozen=True)
class Member:
    """Somebody of the active staff, and the workspace that their program is bound to."""

    name: str
    slack_user_id: str
    program: str
    team: str


def members(session: Session) -> list[Member]:
    """The active staff of every program that is bound to a workspace."""
    return [Member(*row) for row in session.execute(_MEMBERS)]


def slack(settings: Settings, teams: Collection[str] | None, people: Sequence[Member]) -> Iterator[Finding]:
    """Whether Slack takes the token and something can come in, and whether it knows the staff.

    `teams` are the workspaces of the programs, None where they are not known.
    """
    if settings.slack_bot_token is None:
        yield Finding("Slack", "no token", "Set SLACK_BOT_TOKEN (docs/install.md says where it comes from).")
        return
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        fix = "Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP)."
        yield Finding("Slack inbound", "posts go out, nothing comes in", fix)
    else:
        way = "Socket Mode" if settings.slack_app_token is not None else "signed HTTP"
        yield Finding("Slack inbound", way)
    token = settings.slack_bot_token.get_secret_value()
    if not token.startswith(BOT_TOKENS):
        fix = "A bot token begins with xoxb-: copy it from OAuth & Permissions of the app's page (docs/install.md)."
        yield Finding("Slack", "SLACK_BOT_TOKEN is no bot token", fix)
        return
    yield from _workspace(token, settings, teams, people)


def _workspace(
    token: str, settings: Settings, teams: Collection[str] | None, people: Sequence[Member]
) -> Iterator[Finding]:
    # Not by the gateway, which keeps no headers: Slack names the token's scopes in one.
    client = WebClient(token=token, base_url=settings.slack_api_url, timeout=SECONDS, retry_handlers=[])
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = str(error.response.get("error", "no answer")) if hasattr(error.response, "get") else "no answer"
        yield Finding("Slack", str(refused(code)), "Install the app again, and set its bot token as SLACK_BOT_TOKEN.")
        return
    except (SlackClientError, OSError, ValueError) as error:
        found = f"cannot be reached at {settings.slack_api_url} ({type(error).__name__})"
        yield Finding("Slack", found, "Check SLACK_API_URL, the network, and https://slack-status.com.")
        return
    team = str(answer.get("team_id"))
    yield Finding("Slack", f"workspace {answer.get('team')} ({team})")
    if teams is not None and team not in teams:
        fix = "Bind the program to it: caseboard program bind SLUG"
        yield Finding("Slack workspace", f"no program belongs to {team}, so its commands are refused", fix)
    granted = {scope.strip() for scope in _header(answer.headers, "x-oauth-scopes").split(",")} - {""}
    missing = [scope.name for scope in SCOPES if granted and scope.name not in granted]
    if missing:
        fix = "Install the app again from its manifest (docs/install.md)."
        yield Finding("Slack scopes", f"missing: {', '.join(missing)}", fix)
    gateway = Gateway(token, settings.slack_api_url, timeout=SECONDS)
    yield from _staff(gateway, [person for person in people if person.team == team])


def _staff(gateway: Gateway, people: Sequence[Member]) -> Iterator[Finding]:
    """Whom Slack cannot reach: they get no task, no reminder and no digest, and nobody is told otherwise."""
    well = True
    for person in people:
        try:
            user = gateway.call("users.info", user=person.slack_user_id).get("user")
        except PersonUnknown as error:
            why = error.words
        except NotSent:
            return  # what keeps the app from asking is not about the staff
        else:
            why = "Deactivated in Slack" if isinstance(user, dict) and user.get("deleted") is True else ""
        if why:
            well = False
            fix = f'If they left: caseboard staff deactivate "{person.name}" --program {person.program}'
            yield Finding(f"staff of {person.program}", f"{person.name}: {why[0].lower()}{why[1:]}", fix)
    if people and well:
        yield Finding("Slack staff", f"{counted(len(people), 'account')} active")


def _header(headers: object, name: str) -> str:
    """A header of an answer, however its name is written; empty where it is not there."""
    pairs = headers.items() if isinstance(headers, dict) else ()
    return next((str(value) for key, value in pairs if str(key).casefold() == name), "")
