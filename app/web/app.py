"""The web application: Slack's requests, the health check, and a page for whoever finds the address."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from app.settings import Settings
from app.slack.app import Inbound
from app.slack.guard import Guard
from app.store.uow import Store
from app.web.health import health_route
from app.web.slack import SlackRequests

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Caseboard</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #e8e8e8 } a { color: #9cc4ff } }
</style>
</head>
<body>
<h1>Caseboard</h1>
<p>Caseboard works in Slack. Open your workspace and write <code>/cb help</code> in any channel.</p>
<p>Each case has a channel of its own; its pinned card shows where the case stands.</p>
</body>
</html>
"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def build_web(settings: Settings, store: Store, inbound: Inbound) -> Starlette:
    """The application. Slack's paths are there only with a signing secret: unsigned requests have no way in."""
    routes: list[BaseRoute] = [Route("/", _home, methods=["GET"]), health_route(store)]
    if settings.slack_signing_secret is not None:
        guard = Guard(settings.slack_signing_secret.get_secret_value())
        routes += SlackRequests(inbound, guard).routes()
    return Starlette(routes=routes)


async def _home(_: Request) -> HTMLResponse:
    return HTMLResponse(_PAGE, headers=_HEADERS)
