"""The web application: Slack's requests, the health check, and a page for whoever finds the address."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.settings import Settings
from app.slack.app import Inbound
from app.slack.guard import Guard
from app.slack.oauth import OAuth
from app.store.uow import Store
from app.web.health import health_route
from app.web.install import Installing
from app.web.pages import page
from app.web.slack import SlackRequests

_HOME = """<p>Caseboard works in Slack. Open your workspace and write <code>/cb help</code> in any channel.</p>
<p>Each case has a channel of its own; its pinned card shows where the case stands.</p>"""


def build_web(settings: Settings, store: Store, inbound: Inbound) -> Starlette:
    """The application. Slack's paths are there only with a signing secret: unsigned requests have no way in.

    Those of an installation are there only with the client that it needs.
    """
    routes: list[BaseRoute] = [Route("/", _home, methods=["GET"]), health_route(store)]
    if settings.slack_signing_secret is not None:
        guard = Guard(settings.slack_signing_secret.get_secret_value())
        routes += SlackRequests(inbound, guard).routes()
    oauth = OAuth.of(settings)
    if oauth is not None:
        routes += Installing(settings, store, oauth).routes()
    return Starlette(routes=routes)


async def _home(_: Request) -> Response:
    return page("Caseboard", _HOME)
