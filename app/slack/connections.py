"""Which token goes with which program: that of its installation, or else the one of SLACK_BOT_TOKEN."""

from functools import partial
from typing import Any, Final

from sqlalchemy import Row, text

from app.installations import service
from app.notices.outcomes import NotConnected, Uninstalled, refuse_other_workspace
from app.settings import Settings
from app.slack.errors import refused
from app.slack.gateway import TIMEOUT
from app.slack.port import SlackPort
from app.store.sealing import CannotOpen
from app.store.uow import Store

_WAY: Final = (
    "SELECT p.id, p.slug, p.slack_team_id AS team, i.version, i.token, i.bot_user_id, i.gone_why"
    " FROM programs p LEFT JOIN slack_installations i ON i.program_id = p.id"
)
_OF_PROGRAM: Final = text(f"{_WAY} WHERE p.id = :program")
_OF_TEAM: Final = text(f"{_WAY} WHERE p.slack_team_id = :team")


class Connections:
    """Ways to Slack, one for each program; safe for any number of threads.

    Every look reads the installation's row, so a token that another process has renewed, or that has ended, is known at
    the next call. A token that Slack calls good no more is noted as gone, by whichever call heard it.

    Args:
        store: has the installations, and the keys that open their tokens.
        own: the way with SLACK_BOT_TOKEN, for programs without an installation; others have its address and timeout.
    """

    def __init__(self, store: Store, own: SlackPort) -> None:
        self._store = store
        self._own = own
        self._kept: dict[int, tuple[int, SlackPort]] = {}

    @classmethod
    def make(cls, settings: Settings, store: Store, *, timeout: float = TIMEOUT) -> "Connections":
        """Those that the settings name."""
        token = settings.slack_bot_token
        return cls(store, SlackPort(token.get_secret_value() if token else "", settings.slack_api_url, timeout=timeout))

    def of(self, program_id: int) -> SlackPort:
        """The way to a program's workspace. Raises `NotConnected` where there is none, and what `auth.test` does."""
        with self._store.engine.connect() as connection:
            row = connection.execute(_OF_PROGRAM, {"program": program_id}).one()
        return self._way(row)  # whose call to Slack keeps no connection

    def of_team(self, team: str) -> SlackPort:
        """The way to a workspace, bound to a program or not. Raises like `of`."""
        with self._store.engine.connect() as connection:
            row = connection.execute(_OF_TEAM, {"team": team}).one_or_none()
        if row is not None:
            return self._way(row)
        refuse_other_workspace(team, self._own.team)
        return self._own

    def _way(self, row: Row[Any]) -> SlackPort:
        if row.version is None:
            refuse_other_workspace(row.team, self._own.team)
            return self._own
        if row.gone_why is not None:
            words = refused(row.gone_why).words
            raise Uninstalled(row.gone_why, f"{words}. Install it again: caseboard slack invite {row.slug}")
        version, port = self._kept.get(row.id, (None, self._own))
        if version != row.version:
            port = self._open(row)
            self._kept[row.id] = (row.version, port)
        return port

    def _open(self, row: Row[Any]) -> SlackPort:
        keyring = self._store.keys()
        if keyring is None:
            raise NotConnected("no_keys", "The token cannot be opened: CASEBOARD_KEYS is not set")
        try:
            token = service.token_of(row, row.id, keyring)
        except CannotOpen as error:
            raise NotConnected("token_sealed", str(error)) from None
        ended = partial(self._ended, row.id, row.version)
        return self._own.with_token(token, team=row.team, user_id=row.bot_user_id, ended=ended)

    def _ended(self, program_id: int, version: int, code: str) -> None:
        with self._store.change() as uow:
            service.gone(uow, program_id, version, code)
