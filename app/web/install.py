"""Installing the app in a program's workspace: an invitation's page, Slack's own, and what came of it.

The invitation's link only shows a page, so that whoever previews a link uses nothing up. Its button begins an errand:
`state` goes to Slack and back, a cookie stays in the browser, and only together are they good, once.
"""

import logging
from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.installations import invitations, service
from app.installations.invitations import BadErrand, BadInvitation, Errand
from app.installations.service import WrongWorkspace
from app.log import log_failure
from app.notices.outcomes import NotSent
from app.refusals import Refusal
from app.settings import Settings
from app.slack.manifest import REDIRECT
from app.slack.oauth import OAuth
from app.store.uow import Store
from app.web.pages import page

log = logging.getLogger("caseboard.web")
INSTALL: Final = "/slack/install"
COOKIE: Final = "caseboard_install"
NO_KEYS: Final = (
    "Caseboard cannot seal the connection, because CASEBOARD_KEYS cannot be read. Nothing changed. Tell whoever runs "
    "Caseboard: `caseboard doctor` says more."
)
LARGEST: Final = 4096
"""Bytes of the form: it holds one short field."""


class Installing:
    """The pages. Each does its work in a thread, in one transaction a step."""

    def __init__(self, settings: Settings, store: Store, oauth: OAuth) -> None:
        self._store = store
        self._oauth = oauth
        ours = urlsplit(settings.address)
        self._secure = ours.scheme == "https"
        self._below = f"{ours.path}/slack"
        origin = urlsplit(oauth.page)
        # Slack sends people on to the address of their workspace, and a browser holds a form to all of its way.
        beyond = " https://*.slack.com" if settings.talks_to_slack_itself else ""
        self._forms_to = f"'self' {origin.scheme}://{origin.netloc}{beyond}"

    def routes(self) -> list[Route]:
        """Its routes."""
        return [
            Route(INSTALL, self.show, methods=["GET"]),
            Route(INSTALL, self.begin, methods=["POST"]),
            Route(REDIRECT, self.back, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """What the invitation is for, and the button."""
        secret = request.query_params.get("invitation", "")
        return await run_in_threadpool(self._refusing, lambda: self._show(secret))

    async def begin(self, request: Request) -> Response:
        """Send the browser to Slack."""
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        secret = parse_qs(body.decode("utf-8", "replace")).get("invitation", [""])[0]
        return await run_in_threadpool(self._refusing, lambda: self._begin(secret))

    async def back(self, request: Request) -> Response:
        """The browser is back from Slack."""
        given, cookie = request.query_params, request.cookies.get(COOKIE, "")
        errand, code = Errand(given.get("state", ""), cookie), given.get("code", "")
        answer = await run_in_threadpool(self._refusing, lambda: self._back(errand, code))
        answer.delete_cookie(COOKIE, path=self._below, secure=self._secure, httponly=True, samesite="lax")
        return answer

    def _show(self, secret: str) -> Response:
        with self._store.read() as uow:
            invited = invitations.invited(uow, secret)
        body = (
            f"<p>You are invited to connect Caseboard to the Slack workspace of <strong>{escape(invited.program)}"
            "</strong>.</p>\n<p>Slack will ask you to allow it. Choose the practice's own workspace at the top right "
            "of Slack's page; you need to be allowed to install apps there.</p>\n"
            f'<form method="post" action="{escape(self._below)}/install">'
            f'<input type="hidden" name="invitation" value="{escape(secret)}">'
            "<button>Go to Slack</button></form>"
        )
        return page("Connect Caseboard to Slack", body, forms_to=self._forms_to)

    def _begin(self, secret: str) -> Response:
        with self._store.change() as uow:
            errand = invitations.begin(uow, secret)
        answer = RedirectResponse(self._oauth.address(errand.state), 303, {"Cache-Control": "no-store"})
        answer.set_cookie(
            COOKIE,
            errand.browser,
            max_age=int(invitations.ERRAND_LIVES.total_seconds()),
            path=self._below,
            secure=self._secure,
            httponly=True,
            samesite="lax",  # it has to come along when Slack sends the browser back
        )
        return answer

    def _back(self, errand: Errand, code: str) -> Response:
        keyring = self._store.keys()
        if keyring is None:
            return _said("Not connected", NO_KEYS, 500)
        with self._store.change() as uow:
            invited = invitations.come_back(uow, errand)
        if not code:
            words = "Slack was not allowed to connect. Nothing changed. Your invitation's link is still good."
            return _said("Not connected", words, 200)
        granted = self._oauth.exchange(code)
        try:
            with self._store.change() as uow:
                service.install(uow, invited, granted, keyring)
        except IntegrityError:  # another practice has taken the workspace at this very moment
            raise WrongWorkspace("This workspace belongs to another practice by now. Nothing changed.") from None
        log.info("the app was installed for program %s", invited.program_id)
        body = (
            f"<p><strong>{escape(invited.program)}</strong> now works in the Slack workspace <strong>"
            f"{escape(granted.team)}</strong>. What waited for Slack is being posted.</p>\n"
            "<p>Next: whoever runs Caseboard adds its people with <code>caseboard staff add</code>; then they write "
            "<code>/cb help</code> in any channel there. You can close this page.</p>"
        )
        return page("Connected", body)

    def _refusing(self, work: Callable[[], Response]) -> Response:
        """The edge of a request: a refusal is a page that says what to do; nothing else is shown, or logged whole."""
        try:
            return work()
        except (BadErrand, BadInvitation, WrongWorkspace) as error:
            return _said("Not connected", str(error), 409 if isinstance(error, WrongWorkspace) else 403)
        except Refusal as error:
            return _said("Not connected", str(error), 409)
        except NotSent as error:
            log.warning("an installation did not come through: %s", error)
            words = f"Slack did not connect it: {error}. Nothing changed. Open your invitation's link and try again."
            return _said("Not connected", words, 502)
        except Exception as error:  # noqa: BLE001 - the edge of a request
            log_failure("an installation", error)
            words = "Something went wrong on our side, and it is logged. Nothing changed. Try again in a minute."
            return _said("Not connected", words, 500)


def _said(title: str, words: str, status: int) -> Response:
    return page(title, f"<p>{escape(words)}</p>", status=status)


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return b""
    return bytes(body)
