"""Slack: tokens, the workspace, what the app may do there, whether commands come from it, and its clock."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import text
from sqlmodel import Session

from app.cli.health.finding import Finding
from app.cli.health.workspaces import Workspace
from app.cli.out import counted
from app.kernel.clock import moment_words
from app.settings import Settings
from app.slack.accounts import obstacle
from app.slack.errors import NotSent, PersonUnknown, Refused, refused
from app.slack.gateway import Gateway
from app.slack.manifest import SCOPES
from app.slack.verbs import main_command

SECONDS: Final = 5
APP_TOKENS: Final = "xapp-"
BOT_TOKENS: Final = ("xoxb-", "xoxe.xoxb-")  # the second where tokens rotate (Slack's reference of token types)
MOST_SKEW: Final = 30.0
"""Seconds. Slack's signatures are taken for 300 (`app.slack.guard`), and its clock is read to the second."""
LOOKED_THROUGH: Final = 10_000
_ACTED = text(
    "SELECT max(a.at) FROM programs p CROSS JOIN LATERAL (SELECT at, origin FROM audit_entries"
    " WHERE program_id = p.id ORDER BY seq DESC LIMIT :most) a WHERE a.origin = 'slack'"
)
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


def last_act(session: Session) -> datetime | None:
    """When somebody last did something in Slack, as far as the newest entries of each program's record tell."""
    found: datetime | None = session.execute(_ACTED, {"most": LOOKED_THROUGH}).scalar_one()
    return found


@dataclass(frozen=True)
class Known:
    """What the database knows: the workspaces of the programs, the staff, and where the app is installed by OAuth.

    `teams` is None where the database cannot be asked. `installed` counts the installations, of which `there` are
    those that Slack takes calls of; `lines` say how each of them stands. `acted` is when somebody last acted in Slack.
    """

    teams: Collection[str] | None = None
    people: Sequence[Member] = ()
    lines: Sequence[Finding] = ()
    there: Sequence[Workspace] = ()
    installed: int = 0
    acted: datetime | None = None


def slack(settings: Settings, known: Known) -> Iterator[Finding]:
    """Whether Slack takes the tokens and something can come in, and whether it knows the staff."""
    if settings.slack_bot_token is None and not known.installed:
        if settings.slack_client_id is None:
            yield Finding("Slack", "no token", "Set SLACK_BOT_TOKEN (docs/install.md says where it comes from).")
        else:
            fix = "Give somebody who may install it there an invitation: caseboard slack invite PROGRAM"
            yield Finding("Slack", "the app is in no workspace yet", fix)
        return
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        fix = "Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP)."
        yield Finding("Slack inbound", "posts go out, nothing comes in", fix)
    elif settings.slack_app_token is not None:
        yield _socket_mode(settings.slack_app_token.get_secret_value(), settings.slack_api_url)
    else:
        yield Finding("Slack inbound", "signed HTTP")
    yield from known.lines
    for workspace in known.there:
        yield from _staff(workspace.gateway, [one for one in known.people if one.program == workspace.program])
    if settings.slack_bot_token is None:
        yield _commands(known.acted)
        return
    token = settings.slack_bot_token.get_secret_value()
    if not token.startswith(BOT_TOKENS):
        fix = "A bot token begins with xoxb-: copy it from OAuth & Permissions of the app's page (docs/install.md)."
        yield Finding("Slack", "SLACK_BOT_TOKEN is no bot token", fix)
        return
    yield from _workspace(token, settings, known)


def _socket_mode(token: str, api_url: str) -> Finding:
    """Whether the app-level token opens a connection; the address that comes back is not used."""
    if not token.startswith(APP_TOKENS):
        fix = "An app-level token begins with xapp-: make one under Basic Information of the app's page."
        return Finding("Slack inbound", "SLACK_APP_TOKEN is no app-level token", fix)
    try:
        Gateway(token, api_url, timeout=SECONDS).call("apps.connections.open")
    except Refused as error:
        fix = (
            "Make an app-level token with the scope connections:write under Basic Information, and set SLACK_APP_TOKEN."
        )
        return Finding("Slack inbound", f"Socket Mode: Slack does not take SLACK_APP_TOKEN ({error.code})", fix)
    except NotSent:
        return Finding("Slack inbound", "Socket Mode, not tried: Slack does not answer")
    return Finding("Slack inbound", "Socket Mode")


def _workspace(token: str, settings: Settings, known: Known) -> Iterator[Finding]:
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
    if known.teams is not None and team not in known.teams:
        fix = "Bind the program to it: caseboard program bind SLUG"
        yield Finding("Slack workspace", f"no program belongs to {team}, so its commands are refused", fix)
    yield from _scopes(_header(answer.headers, "x-oauth-scopes"))
    yield from _clock(_header(answer.headers, "date"))
    yield _commands(known.acted)
    gateway = Gateway(token, settings.slack_api_url, timeout=SECONDS)
    by_oauth = {workspace.program for workspace in known.there}
    yield from _staff(gateway, [one for one in known.people if one.team == team and one.program not in by_oauth])


def _scopes(header: str) -> Iterator[Finding]:
    """Whether the token has what the manifest asks for, and no more."""
    granted = {scope.strip() for scope in header.split(",")} - {""}
    asked_for = [scope.name for scope in SCOPES]
    missing = [name for name in asked_for if name not in granted]
    if not granted:
        return  # Slack did not say
    if missing:
        fix = "Install the app again from `caseboard slack manifest` (docs/install.md says why it asks for each)."
        yield Finding("Slack scopes", f"missing: {', '.join(missing)}", fix)
    else:
        yield Finding("Slack scopes", "what the manifest asks for")
    beyond = sorted(granted.difference(asked_for))
    if beyond:
        fix = "Nothing uses them: take them out under OAuth & Permissions, and install the app again."
        yield Finding("Slack scopes", f"more than is needed: {', '.join(beyond)}", fix, grave=False)


def _clock(header: str) -> Iterator[Finding]:
    """How far this machine's clock is from Slack's, which says its time with each answer, to the second."""
    try:
        theirs = parsedate_to_datetime(header)
    except ValueError:
        return
    skew = (theirs - datetime.now(UTC)).total_seconds()
    if abs(skew) <= MOST_SKEW:
        yield Finding("Slack clock", f"within {max(abs(skew), 1):.0f} s of this machine's")
        return
    found = f"this machine is {abs(skew):.0f} s {'behind' if skew > 0 else 'ahead'}"
    yield Finding("Slack clock", found, "Let it take its time from the network: past 300 s every request is refused.")


def _commands(acted: datetime | None) -> Finding:
    """Whether commands and buttons come from Slack, which tells no bot which commands it knows."""
    if acted is not None:
        return Finding("Slack commands", f"somebody last did something there {moment_words(acted, UTC)}")
    fix = (
        f"Type {main_command()} claim next in Slack while Caseboard runs. If Slack does not know the command, install "
        "the app again from `caseboard slack manifest`."
    )
    return Finding("Slack commands", "nobody has done anything there yet", fix, grave=False)


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
            why = obstacle(user, person.team) if isinstance(user, dict) else ""
        if why:
            well = False
            fix = f'They cannot work here: caseboard staff deactivate "{person.name}" --program {person.program}'
            yield Finding(f"staff of {person.program}", f"{person.name}: {why[0].lower()}{why[1:]}", fix)
    if people and well:
        yield Finding("Slack staff", f"{counted(len(people), 'account')} active")


def _header(headers: object, name: str) -> str:
    """A header of an answer, however its name is written; empty where it is not there."""
    pairs = headers.items() if isinstance(headers, dict) else ()
    return next((str(value) for key, value in pairs if str(key).casefold() == name), "")
