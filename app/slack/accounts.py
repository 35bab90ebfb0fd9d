"""What Slack says of a person's account, and why somebody with such an account cannot work here."""

import logging
from collections.abc import Mapping

from sqlalchemy import text

from app.programs.actor import Origin
from app.programs.models import Staff
from app.programs.service import BadSetting, note_guest, system
from app.slack.connections import Connections
from app.slack.errors import NotSent, PersonUnknown
from app.slack.gateway import Gateway
from app.store.uow import Store, UnitOfWork
from app.tasks.departures import leave

log = logging.getLogger("caseboard.slack")
User = Mapping[str, object]
_NEXT = text(
    "SELECT s.id, s.program_id, s.slack_user_id FROM staff s JOIN programs p ON p.id = s.program_id"
    " WHERE s.active AND s.id > :after AND p.slack_team_id IS NOT NULL ORDER BY s.id LIMIT 1"
)


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


def heed(uow: UnitOfWork, person: Staff, user: User) -> None:
    """Go by what Slack says of an account: who was deactivated, or became a guest, is switched off.

    Whoever has to act is told. Nobody is switched on here: a lead may have switched them off on purpose.
    """
    actor, guest = system(person.program_id, Origin.SLACK), is_guest(user)
    if person.active and (guest or user.get("deleted") is True):
        leave(uow, actor, person)
    note_guest(uow, actor, person.id, guest=guest)


class Accounts:
    """Asks Slack about the active staff, one after the other, as an event of a change may have been missed.

    Where it stands is kept in memory: several processes only ask more often.
    """

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections
        self._after = 0

    def look(self) -> None:
        """Ask about the next person; after the last one the first is next. Raises what the database raises."""
        with self._store.engine.connect() as connection:
            row = connection.execute(_NEXT, {"after": self._after}).one_or_none()
        self._after = 0 if row is None else row.id
        if row is None:
            return
        try:
            user = self._connections.of(row.program_id).call("users.info", user=row.slack_user_id).get("user")
        except NotSent as error:
            log.info("Slack did not say how the account of staff row %s stands: %s", row.id, error)
            return
        if isinstance(user, Mapping):
            with self._store.change() as uow:
                heed(uow, uow.session.get_one(Staff, row.id), user)
