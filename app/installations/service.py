"""Installations: made, renewed, gone. Tokens come in and go out as text, and are sealed in between."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from app.audit import service as audit
from app.installations import invitations
from app.installations.invitations import Invited
from app.programs.actor import Origin
from app.programs.service import bind_program, system
from app.refusals import Refusal
from app.store.sealing import Keyring, Place
from app.store.uow import UnitOfWork

log = logging.getLogger("caseboard.installations")
EARLY: Final = 2 * 3600
"""Seconds before its end at which a token is renewed: of the twelve hours that it lives (Slack's "Token rotation")."""
LEASE: Final = 60
"""Seconds that a renewal may take, or after which it is tried again where its answer was lost."""
AGAIN: Final = 600
"""Seconds between two looks at a token that Slack called good no more: in a disturbance of its own it may be wrong."""
LOOKED_AT: Final = timedelta(days=2)
"""How long it is looked at. An app that has been gone for longer was removed on purpose."""

_TAKEN = text("SELECT 1 FROM programs WHERE slack_team_id = :team AND id <> :program")
_BOUND = text("SELECT slack_team_id FROM programs WHERE id = :program FOR NO KEY UPDATE")
_KEEP = text(
    "INSERT INTO slack_installations AS i (program_id, team_id, app_id, bot_user_id, scopes, token, refresh,"
    "  expires_at, version, installed_at, installed_by)"
    " VALUES (:program, :team, :app, :bot, :scopes, :token, :refresh,"
    "  clock_timestamp() + make_interval(secs => CAST(:seconds AS float8)), 1, :now, :by)"
    " ON CONFLICT (program_id) DO UPDATE SET team_id = excluded.team_id, app_id = excluded.app_id,"
    "  bot_user_id = excluded.bot_user_id, scopes = excluded.scopes, token = excluded.token,"
    "  refresh = excluded.refresh, expires_at = excluded.expires_at, version = i.version + 1, renewing_until = NULL,"
    "  installed_at = excluded.installed_at, installed_by = excluded.installed_by, gone_at = NULL, gone_why = NULL"
)
_GONE = text(
    "UPDATE slack_installations SET gone_at = :now, gone_why = :why,"
    " renewing_until = clock_timestamp() + make_interval(secs => :lease)"
    " WHERE program_id = :program AND version = :version AND gone_at IS NULL"
)
_TAKE = text(
    "UPDATE slack_installations SET renewing_until = clock_timestamp() + make_interval(secs => :lease)"
    " WHERE program_id = (SELECT program_id FROM slack_installations WHERE gone_at IS NULL"
    "  AND expires_at < clock_timestamp() + make_interval(secs => :early)"
    "  AND (renewing_until IS NULL OR renewing_until <= clock_timestamp())"
    "  ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " RETURNING program_id, version, refresh, expires_at <= clock_timestamp() AS over"
)
_RENEWED = text(
    "UPDATE slack_installations SET token = :token, refresh = :refresh, version = version + 1, renewing_until = NULL,"
    " expires_at = clock_timestamp() + make_interval(secs => :seconds)"
    " WHERE program_id = :program AND version = :version AND gone_at IS NULL"
)
_REST = text(
    "UPDATE slack_installations SET renewing_until = expires_at"
    " WHERE program_id = :program AND version = :version AND gone_at IS NULL"
)
_TAKE_GONE = text(
    "UPDATE slack_installations SET renewing_until = clock_timestamp() + make_interval(secs => :again)"
    " WHERE program_id = (SELECT program_id FROM slack_installations WHERE gone_at > :since"
    "  AND gone_why <> 'invalid_refresh_token' AND renewing_until <= clock_timestamp()"
    "  LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING program_id, version, token"
)
_BACK = text(
    "UPDATE slack_installations SET gone_at = NULL, gone_why = NULL, renewing_until = NULL"
    " WHERE program_id = :program AND version = :version AND gone_at IS NOT NULL"
)
# What waited for a token goes on at once; the states stand as literals, so that the partial index is used.
_RELEASE = text(
    "UPDATE notices SET not_before = NULL WHERE program_id = :program AND state IN ('pending', 'held')"
    " AND not_before IS NOT NULL"
)
_OPEN = text(
    "UPDATE channels SET not_before = NULL WHERE program_id = :program AND id IN (SELECT channel_id FROM notices"
    " WHERE program_id = :program AND state IN ('pending', 'sending', 'unknown', 'held')) RETURNING id"
)


class WrongWorkspace(Refusal):
    """The app was allowed into a workspace that is not, and cannot be, the program's."""


@dataclass(frozen=True)
class Granted:
    """What Slack grants with a code. A token that rotates comes with a `refresh` and lives `seconds`."""

    team_id: str
    team: str
    app_id: str
    bot_user_id: str
    scopes: Sequence[str]
    by: str
    token: str
    refresh: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Fresh:
    """What Slack gives for a refresh token."""

    token: str
    refresh: str
    seconds: float


@dataclass(frozen=True)
class Renewal:
    """A token that is ours to renew for `LEASE` seconds; `over` when it has expired already."""

    program_id: int
    version: int
    refresh: str
    over: bool


@dataclass(frozen=True)
class Doubted:
    """A token that Slack called good no more."""

    program_id: int
    version: int
    token: str


def install(uow: UnitOfWork, invitation: Invited, granted: Granted, keyring: Keyring) -> None:
    """Keep an installation, bind the program to its workspace, and let go on what waited for it.

    Uses the invitation up. Raises `BadInvitation`, and `WrongWorkspace` where program and workspace belong to others.
    """
    invitations.use(uow, invitation)
    actor, values = system(invitation.program_id, Origin.WEB), {"program": invitation.program_id}
    bound = uow.session.execute(_BOUND, values).scalar_one()
    taken = uow.session.execute(_TAKEN, values | {"team": granted.team_id}).one_or_none()
    if taken is not None or bound not in (None, granted.team_id):
        raise _wrong(invitation, granted, taken=taken is not None)
    if bound is None:
        bind_program(uow, actor, granted.team_id)
    kept = values | {
        "team": granted.team_id,
        "app": granted.app_id,
        "bot": granted.bot_user_id,
        "scopes": list(granted.scopes),
        "token": _seal(keyring, "token", invitation.program_id, granted.token),
        "refresh": granted.refresh and _seal(keyring, "refresh", invitation.program_id, granted.refresh),
        "seconds": granted.seconds,
        "now": uow.now,
        "by": granted.by,
    }
    uow.session.execute(_KEEP, kept)
    audit.record(uow, actor, "slack.install", "slack_installation", invitation.program_id, fields=("token", "scopes"))
    resume(uow, invitation.program_id)


def gone(uow: UnitOfWork, program_id: int, version: int, why: str) -> None:
    """Note that a token is good no more, for Slack's reason `why`. What waits for Slack waits on."""
    values = {"program": program_id, "version": version, "why": why, "now": uow.now, "lease": LEASE}
    if uow.session.execute(_GONE, values).rowcount:  # type: ignore[attr-defined]
        audit.record(uow, system(program_id), "slack.gone", "slack_installation", program_id, reason=why)
        log.error("program %s: the app is in its workspace no more (%s); posts wait until it is", program_id, why)


def take_renewal(connection: Connection, keyring: Keyring) -> Renewal | None:
    """The token that expires next and has to be renewed by now; None when there is none, or others are at it.

    Raises `CannotOpen`.
    """
    row = connection.execute(_TAKE, {"lease": LEASE, "early": EARLY}).one_or_none()
    if row is None:
        return None
    refresh = keyring.open(row.refresh, _place("refresh", row.program_id)).decode()
    return Renewal(row.program_id, row.version, refresh, row.over)


def renewed(uow: UnitOfWork, renewal: Renewal, fresh: Fresh, keyring: Keyring) -> None:
    """Keep a token's successor. Where the app was installed anew meanwhile, that stays."""
    values = {
        "program": renewal.program_id,
        "version": renewal.version,
        "token": _seal(keyring, "token", renewal.program_id, fresh.token),
        "refresh": _seal(keyring, "refresh", renewal.program_id, fresh.refresh),
        "seconds": fresh.seconds,
    }
    if uow.session.execute(_RENEWED, values).rowcount:  # type: ignore[attr-defined]
        audit.record(uow, system(renewal.program_id), "slack.renew", "slack_installation", renewal.program_id)
        if renewal.over:
            resume(uow, renewal.program_id)


def not_renewed(uow: UnitOfWork, renewal: Renewal, why: str) -> None:
    """Slack does not take the refresh token. The token itself is used to its end, and looked at once more then."""
    if renewal.over:
        gone(uow, renewal.program_id, renewal.version, why)
        return
    values = {"program": renewal.program_id, "version": renewal.version}
    if uow.session.execute(_REST, values).rowcount:  # type: ignore[attr-defined]
        log.error("the token of program %s cannot be renewed (%s): install the app again", renewal.program_id, why)


def take_gone(uow: UnitOfWork, keyring: Keyring) -> Doubted | None:
    """A token that is said to be good no more, to be looked at once more; None when it is no time for that.

    Raises `CannotOpen`.
    """
    values = {"again": AGAIN, "since": uow.now - LOOKED_AT}
    row = uow.session.execute(_TAKE_GONE, values).one_or_none()
    return None if row is None else Doubted(row.program_id, row.version, token_of(row, row.program_id, keyring))


def back(uow: UnitOfWork, program_id: int, version: int) -> None:
    """Slack takes the token all the same: everything goes on."""
    if uow.session.execute(_BACK, {"program": program_id, "version": version}).rowcount:  # type: ignore[attr-defined]
        audit.record(uow, system(program_id), "slack.back", "slack_installation", program_id)
        log.warning("program %s: Slack takes its token again; what waited goes out", program_id)
        resume(uow, program_id)


def resume(uow: UnitOfWork, program_id: int) -> None:
    """Let everything go on at once that waits for Slack."""
    uow.session.execute(_RELEASE, {"program": program_id})
    uow.channels_to_wake.update(uow.session.execute(_OPEN, {"program": program_id}).scalars())


def token_of(row: Row[Any], program_id: int, keyring: Keyring) -> str:
    """The token of an installation's row. Raises `CannotOpen`."""
    return keyring.open(row.token, _place("token", program_id)).decode()


def _wrong(invitation: Invited, granted: Granted, *, taken: bool) -> WrongWorkspace:
    why = (
        f"the workspace “{granted.team}” belongs to another practice here"
        if taken
        else f"{invitation.program} works in another workspace than “{granted.team}”, and its channels are there"
    )
    # To remove the app from a workspace is to remove it for the practice that works there.
    leave = "leave the app there as it is: the other practice works with it"
    remove = f"if you allowed the app into “{granted.team}” by mistake, remove it there"
    return WrongWorkspace(
        f"Not connected: {why}. Nothing changed here. Open your invitation's link again and choose the practice's own "
        f"workspace at the top right of Slack's page; {leave if taken else remove}."
    )


def _place(column: str, program_id: int) -> Place:
    return Place("slack_installations", column, program_id)


def _seal(keyring: Keyring, column: str, program_id: int, token: str) -> bytes:
    return keyring.seal(token.encode(), _place(column, program_id))
