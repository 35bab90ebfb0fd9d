"""Renewing tokens that rotate, some hours before they expire: one hand at a time, in whichever process.

How one renewal works:

1. the token that expires next is leased by a conditional update, which skips what another hand is at;
2. Slack is given its refresh token, outside of any transaction; the token itself is good meanwhile;
3. its successor is kept where the token is still the one that was leased.

A lost answer leaves the row as it was: when the lease is over, the same refresh token is tried again. Where Slack had
done it and does not take it twice, the token is used to its end, the doctor says so, and the app is installed anew.

A token that Slack called good no more is looked at again, for some days: a disturbance at Slack must not keep posts
from going out until somebody has installed the app anew.
"""

import logging

from app.installations import service
from app.installations.service import Renewal
from app.notices.outcomes import NotSent, Refused
from app.slack.gateway import Gateway
from app.slack.oauth import OAuth
from app.store.sealing import CannotOpen, Keyring
from app.store.uow import Store

log = logging.getLogger("caseboard.slack")
FINAL = ("invalid_refresh_token", "token_revoked", "account_inactive")
"""With these Slack will not renew the token, whenever it is asked."""


class Renewals:
    """Renews the tokens of one database; any number of them in any number of processes. `oauth` None renews none."""

    def __init__(self, store: Store, oauth: OAuth | None, api_url: str) -> None:
        self._store = store
        self._oauth = oauth
        self._api_url = api_url

    def look_again(self) -> None:
        """Ask Slack about tokens that are noted as ended. Raises what the database raises."""
        keyring = self._store.keys()
        while keyring is not None:
            try:
                with self._store.change() as uow:
                    doubted = service.take_gone(uow, keyring)
            except CannotOpen as error:
                log.error("a token cannot be looked at again: %s", error)
                return
            if doubted is None:
                return
            if self._is_good(doubted.token):
                with self._store.change() as uow:
                    service.back(uow, doubted.program_id, doubted.version)

    def _is_good(self, token: str) -> bool:
        try:
            Gateway(token, self._api_url).call("auth.test")
        except NotSent as error:
            return isinstance(error, Refused) and error.code == "token_expired"  # which is for a renewal to find out
        return True

    def run(self) -> int:
        """Renew every token that has to be by now; returns how many were. Raises what the database raises."""
        keyring, done = self._store.keys(), 0
        if self._oauth is None or keyring is None:
            return 0
        while True:
            try:
                with self._store.engine.begin() as connection:
                    renewal = service.take_renewal(connection, keyring)
            except CannotOpen as error:
                log.error("a token cannot be renewed: %s", error)
                return done
            if renewal is None:
                return done
            done += self._renew(self._oauth, renewal, keyring)

    def _renew(self, oauth: OAuth, renewal: Renewal, keyring: Keyring) -> bool:
        try:
            fresh = oauth.renew(renewal.refresh)
        except NotSent as error:
            if isinstance(error, Refused) and error.code in FINAL:
                with self._store.change() as uow:
                    service.not_renewed(uow, renewal, error.code)
            else:
                log.warning("the token of program %s was not renewed yet: %s", renewal.program_id, error)
            return False
        with self._store.change() as uow:
            service.renewed(uow, renewal, fresh, keyring)
        return True
