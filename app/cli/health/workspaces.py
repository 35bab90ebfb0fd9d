"""Installations by OAuth: whether each practice's app is there, and whether its token lives on. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, Final

from sqlalchemy import Engine, Row, text

from app.cli.health.finding import Finding
from app.cli.keyring import keyring_of
from app.cli.out import CannotDo
from app.installations.service import EARLY, token_of
from app.kernel.clock import moment_words
from app.settings import Settings
from app.slack.errors import NotSent, Uninstalled, refused
from app.slack.gateway import Gateway
from app.slack.manifest import BOT_SCOPES
from app.slack.oauth import OAuth
from app.store.sealing import BadKeys, CannotOpen

SECONDS: Final = 5
LATE: Final = timedelta(minutes=10)
"""A token that has been due to be renewed for longer says that no scheduler runs, or that Slack does not renew it."""
_ALL = text(
    "SELECT i.program_id, p.slug, i.team_id, i.token, i.scopes, i.gone_why, i.expires_at,"
    " i.renewing_until IS NOT DISTINCT FROM i.expires_at AND i.expires_at IS NOT NULL AS last,"
    " i.expires_at - clock_timestamp() AS left"
    " FROM slack_installations i JOIN programs p ON p.id = i.program_id ORDER BY p.slug"
)


@dataclass(frozen=True)
class Workspace:
    """A practice's installation whose token can be opened."""

    program: str
    team: str
    gateway: Gateway


def installations(engine: Engine, settings: Settings) -> tuple[list[Finding], list[Workspace], int]:
    """What there is to say of each installation, those that Slack takes calls of, and how many there are."""
    with engine.connect() as connection:
        rows = connection.execute(_ALL).all()
    found: list[Finding] = []
    there: list[Workspace] = []
    for row in rows:
        lines, workspace = _one(engine, settings, row)
        found += lines
        there += [workspace] if workspace is not None else []
    return found, there, len(rows)


def _one(engine: Engine, settings: Settings, row: Row[Any]) -> tuple[list[Finding], Workspace | None]:
    what, again = f"Slack of {row.slug}", f"Install the app again: caseboard slack invite {row.slug}"
    if row.gone_why is not None:
        why = refused(row.gone_why).words
        return [Finding(what, f"{why} ({row.gone_why}); posts wait", again)], None
    try:
        token = token_of(row, row.program_id, keyring_of(settings, engine, make=False))
    except (BadKeys, CannotDo, CannotOpen) as error:
        return [Finding(what, "the token cannot be opened", str(error))], None
    gateway = Gateway(token, settings.slack_api_url, timeout=SECONDS)
    try:
        gateway.call("auth.test")
    except Uninstalled as error:
        return [Finding(what, str(error), again)], None
    except NotSent as error:
        fix = "Look at the next lines; then check the network, and https://slack-status.com."
        return [Finding(what, str(error), fix), *_life(settings, row)], None
    found = [Finding(what, f"in the workspace {row.team_id}"), *_life(settings, row)]
    missing = sorted(set(BOT_SCOPES) - set(row.scopes))
    if missing:
        found.append(Finding(f"Slack scopes of {row.slug}", f"missing: {', '.join(missing)}", again))
    return found, Workspace(row.slug, row.team_id, gateway)


def _life(settings: Settings, row: Row[Any]) -> Iterator[Finding]:
    """Whether a token that rotates will be renewed."""
    if row.expires_at is None:
        return
    what, until = f"Slack token of {row.slug}", f"until {moment_words(row.expires_at, UTC)}"
    if row.last:
        fix = f"Install the app again before that: caseboard slack invite {row.slug}"
        yield Finding(what, f"Slack does not renew it; it is good {until}", fix)
    elif OAuth.of(settings) is None:
        fix = "Set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for the scheduler (docs/install.md)."
        yield Finding(what, f"it is good {until}, and cannot be renewed without the client", fix)
    elif row.left < timedelta(seconds=EARLY) - LATE:
        fix = "Start the scheduler, which renews it: caseboard scheduler (or caseboard up)."
        yield Finding(what, f"it is good {until}, and should have been renewed by now", fix)
    else:
        yield Finding(what, f"good {until}, and renewed before that")
