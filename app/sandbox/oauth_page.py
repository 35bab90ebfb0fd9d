"""Slack's page that asks whether an app may come into the workspace: allow, or cancel."""

from dataclasses import replace
from html import escape
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.errors import RefusedError
from app.sandbox.inbound import http_out
from app.sandbox.world import World

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Allow {app}?</title>
<style>body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem }}
button {{ font: inherit; padding: .6rem 1.2rem; margin-right: .5rem }}</style>
</head>
<body>
<h1>{app} asks for permission to come into the workspace {team}</h1>
<p>It could: {scopes}</p>
<form method="post">
<button name="answer" value="allow">Allow</button>
<button name="answer" value="cancel">Cancel</button>
</form>
</body>
</html>
"""


class OAuthPage:
    """The page of one world. Whoever allows it is the first person of the workspace."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/oauth/v2/authorize", self.ask, methods=["GET"]),
            Route("/oauth/v2/authorize", self.answer, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show what is asked for."""
        wrong = self._wrong(request)
        if wrong:
            return HTMLResponse(f"<!doctype html><title>Not possible</title><p>{escape(wrong)}</p>", 400)
        team = self._world.workspace.team
        scopes = escape(", ".join(_scopes(request)))
        return HTMLResponse(_PAGE.format(app=escape(team.bot_name.title()), team=escape(team.name), scopes=scopes))

    async def answer(self, request: Request) -> Response:
        """Go back to the app, with a code or with `access_denied`."""
        wrong = self._wrong(request)
        if wrong:
            return HTMLResponse(f"<!doctype html><title>Not possible</title><p>{escape(wrong)}</p>", 400)
        chosen = parse_qs((await request.body()).decode("utf-8", "replace")).get("answer", [""])[0]
        back, state = request.query_params["redirect_uri"], request.query_params.get("state", "")
        if chosen != "allow":
            return RedirectResponse(f"{back}?{urlencode({'error': 'access_denied', 'state': state})}", 302)
        world, scopes = self._world, _scopes(request)
        # The app is there from now on, also where it was removed before.
        world.settings = replace(world.settings, scopes=frozenset(scopes), token_error="")
        who = next((user.id for user in world.workspace.users.values() if not user.is_bot), "")
        code = world.grants.allow(back, scopes, who)
        return RedirectResponse(f"{back}?{urlencode({'code': code, 'state': state})}", 302)

    def _wrong(self, request: Request) -> str:
        asked = request.query_params
        if asked.get("client_id") != self._world.secrets.client_id:
            return "Invalid client_id parameter"
        if not _scopes(request):
            return "Oh no! This app requested no scopes, so there is nothing to install"
        try:
            http_out.check_url(asked.get("redirect_uri", ""))
        except RefusedError as error:
            return f"redirect_uri did not match any configured URIs. {error}"
        return ""


def _scopes(request: Request) -> list[str]:
    return [scope for scope in request.query_params.get("scope", "").split(",") if scope]
