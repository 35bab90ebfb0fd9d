"""Slack: tokens, the workspace, and what the app may do there."""

from collections.abc import Collection, Iterator
from typing import Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from app.cli.health.finding import Finding
from app.settings import Settings
from app.slack.errors import refused
from app.slack.manifest import SCOPES

SECONDS: Final = 5


def slack(settings: Settings, teams: Collection[str] | None) -> Iterator[Finding]:
    """Whether Slack takes the token and something can come in; `teams` are the workspaces of the programs, if known."""
    if settings.slack_bot_token is None:
        yield Finding("Slack", "no token", "Set SLACK_BOT_TOKEN (docs/install.md says where it comes from).")
        return
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        fix = "Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP)."
        yield Finding("Slack inbound", "posts go out, nothing comes in", fix)
    else:
        way = "Socket Mode" if settings.slack_app_token is not None else "signed HTTP"
        yield Finding("Slack inbound", way)
    yield from _workspace(settings.slack_bot_token.get_secret_value(), settings, teams)


def _workspace(token: str, settings: Settings, teams: Collection[str] | None) -> Iterator[Finding]:
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


def _header(headers: object, name: str) -> str:
    """A header of an answer, however its name is written; empty where it is not there."""
    pairs = headers.items() if isinstance(headers, dict) else ()
    return next((str(value) for key, value in pairs if str(key).casefold() == name), "")
