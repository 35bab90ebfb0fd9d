"""Slack's OAuth, as an app's client sees it: where to send somebody, and what to get for what they bring back.

Source: Slack's guides "Installing with OAuth" and "Using token rotation".
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urljoin

from app.installations.service import Fresh, Granted
from app.settings import Settings
from app.slack.errors import Ambiguous, Refused
from app.slack.gateway import Gateway
from app.slack.manifest import BOT_SCOPES, REDIRECT

SECONDS: Final = 10.0


class OAuth:
    """The client that the settings name. Calls raise what `app.slack.errors` lists."""

    def __init__(self, client_id: str, client_secret: str, *, base_url: str, api_url: str) -> None:
        self._client: Mapping[str, object] = {"client_id": client_id, "client_secret": client_secret}
        self._redirect = f"{base_url}{REDIRECT}"
        self._gateway = Gateway("", api_url, timeout=SECONDS)
        self.page = urljoin(api_url, "/oauth/v2/authorize")

    @classmethod
    def of(cls, settings: Settings) -> "OAuth | None":
        """None where no client is set: then there is SLACK_BOT_TOKEN only."""
        if settings.slack_client_id is None or settings.slack_client_secret is None:
            return None
        secret = settings.slack_client_secret.get_secret_value()
        return cls(settings.slack_client_id, secret, base_url=settings.address, api_url=settings.slack_api_url)

    def address(self, state: str) -> str:
        """Where somebody is asked whether the app may come in."""
        asked = {
            "client_id": self._client["client_id"],
            "scope": ",".join(BOT_SCOPES),
            "redirect_uri": self._redirect,
            "state": state,
        }
        return f"{self.page}?{urlencode(asked)}"

    def exchange(self, code: str) -> Granted:
        """What was granted with a code. Raises `Refused` where it was for a whole organisation."""
        answer = self._gateway.call("oauth.v2.access", **self._client, code=code, redirect_uri=self._redirect)
        team, who = answer.get("team"), answer.get("authed_user")
        if not isinstance(team, Mapping) or answer.get("is_enterprise_install") is True:
            raise Refused("org_installed", "The app was installed for a whole organisation; choose one workspace")
        token = _token(answer)
        return Granted(
            team_id=_text(team, "id"),
            team=str(team.get("name") or team["id"]),
            app_id=_text(answer, "app_id"),
            bot_user_id=_text(answer, "bot_user_id"),
            scopes=[scope for scope in str(answer.get("scope") or "").split(",") if scope],
            by=str(who.get("id") or "") if isinstance(who, Mapping) else "",
            token=token.token,
            refresh=token.refresh or None,
            seconds=token.seconds or None,
        )

    def renew(self, refresh: str) -> Fresh:
        """The successor of a token."""
        answer = self._gateway.call(
            "oauth.v2.access", **self._client, grant_type="refresh_token", refresh_token=refresh
        )
        fresh = _token(answer)
        if not fresh.refresh:
            raise Ambiguous("oauth.v2.access: the answer has no refresh_token")
        return fresh


def _token(answer: Mapping[str, object]) -> Fresh:
    """The token of an answer; without a refresh token it does not expire."""
    refresh, seconds = answer.get("refresh_token"), answer.get("expires_in")
    if isinstance(refresh, str) and refresh and isinstance(seconds, int | float) and seconds > 0:
        return Fresh(_text(answer, "access_token"), refresh, float(seconds))
    return Fresh(_text(answer, "access_token"), "", 0.0)


def _text(answer: Mapping[str, object], name: str) -> str:
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        raise Ambiguous(f"oauth.v2.access: the answer has no {name}")
    return found
