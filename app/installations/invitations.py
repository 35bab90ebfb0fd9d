"""Who may install the app for a program: an invitation, and the errand of one browser to Slack and back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from app.audit import service as audit
from app.programs.actor import Actor
from app.refusals import Refusal
from app.store.uow import UnitOfWork

LINK_LIVES: Final = timedelta(days=2)
"""An invitation waits for somebody who may install apps, over a night and a day."""
ERRAND_LIVES: Final = timedelta(minutes=10)
"""How long somebody may look at Slack's page. Slack's own code lives as long (its guide "Installing with OAuth")."""
KEEP: Final = timedelta(days=30)

_INVITE = text(
    "INSERT INTO slack_invitations (program_id, digest, expires_at) VALUES (:program, :digest, :until) RETURNING id"
)
_INVITED = text(
    "SELECT i.id, i.program_id, p.name FROM slack_invitations i JOIN programs p ON p.id = i.program_id"
    " WHERE i.digest = :digest AND i.used_at IS NULL AND i.expires_at > :now"
)
_BEGIN = text(
    "INSERT INTO slack_errands (invitation_id, digest, browser, expires_at)"
    " VALUES (:invitation, :digest, :browser, :until)"
)
_TAKE = text(
    "UPDATE slack_errands e SET used_at = :now FROM slack_invitations i JOIN programs p ON p.id = i.program_id"
    " WHERE i.id = e.invitation_id AND e.digest = :digest AND e.browser = :browser AND e.used_at IS NULL"
    " AND e.expires_at > :now RETURNING i.id, i.program_id, p.name"
)
_USE = text(
    "UPDATE slack_invitations SET used_at = :now WHERE id = :id AND program_id = :program"
    " AND used_at IS NULL AND expires_at > :now"
)
_FORGET = text("DELETE FROM slack_invitations WHERE expires_at < :before")


class BadInvitation(Refusal):
    """An invitation that was used, has expired, or never was one."""

    def __init__(self) -> None:
        super().__init__(
            "This invitation has been used, has expired, or is not whole. Nothing changed. Ask whoever runs Caseboard "
            "for a new one."
        )


class BadErrand(Refusal):
    """Somebody who comes from Slack and was not sent there by this browser, not lately, or has been back already."""

    def __init__(self) -> None:
        super().__init__(
            "This answer of Slack does not belong to an installation that was begun in this browser within the last "
            "10 minutes. Nothing changed. Open your invitation's link again, in one browser from beginning to end."
        )


@dataclass(frozen=True)
class Invited:
    """An invitation that is good, and the program that it is for."""

    id: int
    program_id: int
    program: str


@dataclass(frozen=True)
class Errand:
    """What goes with a browser: `state` to Slack and back, `browser` in a cookie of ours."""

    state: str
    browser: str


def invite(uow: UnitOfWork, actor: Actor) -> str:
    """Make an invitation for the actor's program; returns its secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(32)
    values = {"program": actor.program_id, "digest": _digest(secret), "until": uow.now + LINK_LIVES}
    made = uow.session.execute(_INVITE, values).scalar_one()
    audit.record(uow, actor, "slack.invite", "slack_invitation", made)
    return secret


def invited(uow: UnitOfWork, secret: str) -> Invited:
    """The invitation of a secret. Raises `BadInvitation`."""
    row = uow.session.execute(_INVITED, {"digest": _digest(secret), "now": uow.now}).one_or_none()
    if row is None:
        raise BadInvitation
    return Invited(*row)


def begin(uow: UnitOfWork, secret: str) -> Errand:
    """Send a browser to Slack. Raises `BadInvitation`."""
    invitation, errand = invited(uow, secret), Errand(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    values = {"invitation": invitation.id, "digest": _digest(errand.state), "browser": _digest(errand.browser)}
    uow.session.execute(_BEGIN, values | {"until": uow.now + ERRAND_LIVES})
    return errand


def come_back(uow: UnitOfWork, errand: Errand) -> Invited:
    """Take a browser's errand, once, whatever comes of it. Raises `BadErrand`."""
    values = {"digest": _digest(errand.state), "browser": _digest(errand.browser), "now": uow.now}
    row = uow.session.execute(_TAKE, values).one_or_none()
    if row is None:
        raise BadErrand
    return Invited(*row)


def use(uow: UnitOfWork, invitation: Invited) -> None:
    """Use an invitation up, in the transaction of what it was for. Raises `BadInvitation`."""
    values = {"id": invitation.id, "program": invitation.program_id, "now": uow.now}
    if uow.session.execute(_USE, values).rowcount != 1:  # type: ignore[attr-defined]
        raise BadInvitation


def forget(uow: UnitOfWork) -> None:
    """Delete invitations that expired long ago, and their errands."""
    uow.session.execute(_FORGET, {"before": uow.now - KEEP})


def _digest(secret: str) -> bytes:
    # Of 32 random bytes: nobody guesses them, so the digest needs neither salt nor key.
    return hashlib.sha256(secret.encode()).digest()
