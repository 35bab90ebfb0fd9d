"""A web process that can be installed from, a browser that keeps cookies, and somebody who allows it in Slack."""

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Engine, text

from app.installations.invitations import invite
from app.programs.actor import Origin
from app.programs.models import Program
from app.programs.service import system
from app.sandbox import Sandbox
from app.settings import Settings
from app.slack.app import Inbound, build_app
from app.slack.connections import Connections
from app.slack.oauth import OAuth
from app.slack.renewals import Renewals
from app.store.sealing import Keyring
from app.store.uow import Store
from app.web.app import build_web
from app.web.server import Server
from tests.slack.office import settings_of


@dataclass
class Page:
    """What a browser shows. `text` is what a person reads; `at` where it is."""

    at: str
    status: int
    html: str
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", self.html, flags=re.DOTALL)).split())


@dataclass
class Surfer:
    """A browser, as far as these pages need one: it follows redirects and keeps cookies by host and port."""

    cookies: dict[tuple[str, str], str] = field(default_factory=dict)
    at: Page = field(default_factory=lambda: Page("", 0, "", {}))

    def get(self, url: str) -> Page:
        return self._go("GET", url, b"")

    def press(self, button: str) -> Page:
        """Send the page's only form by the button with these words."""
        found = re.search(rf"<button([^>]*)>{re.escape(button)}</button>", self.at.html)
        assert found, self.at.text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', self.at.html))
        fields |= dict(re.findall(r'name="([^"]*)" value="([^"]*)"', found[1]))
        action = re.search(r'<form[^>]*action="([^"]*)"', self.at.html)
        parts = urlsplit(self.at.at)
        url = f"{parts.scheme}://{parts.netloc}{action[1]}" if action else self.at.at
        return self._go("POST", url, urlencode(fields).encode())

    def _go(self, method: str, url: str, body: bytes) -> Page:
        for _ in range(5):
            parts = urlsplit(url)
            connection = http.client.HTTPConnection(parts.netloc, timeout=20)
            sent = "; ".join(f"{name}={value}" for (host, name), value in self.cookies.items() if host == parts.netloc)
            headers = {"Cookie": sent} if sent else {}
            if method == "POST":
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, f"{parts.path}?{parts.query}", body or None, headers)
            answer = connection.getresponse()
            html, found = answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
            connection.close()
            self._keep(parts.netloc, found.get("set-cookie", ""))
            if answer.status not in (302, 303):
                self.at = Page(url, answer.status, html, found)
                return self.at
            method, body, url = "GET", b"", found["location"]
        raise AssertionError("it goes in circles")

    def _keep(self, host: str, cookie: str) -> None:
        if cookie:
            name, _, value = cookie.partition(";")[0].partition("=")
            if "Max-Age=0" in cookie:
                self.cookies.pop((host, name), None)
            else:
                self.cookies[host, name] = value


@dataclass
class Site:
    """The web process of some programs, and what works beside it with the same settings."""

    settings: Settings
    store: Store
    engine: Engine
    inbound: Inbound
    connections: Connections
    renewals: Renewals
    port: int

    def invitation(self, program: Program) -> str:
        """The link that somebody is given."""
        with self.store.change() as uow:
            secret = invite(uow, system(program.id, Origin.CLI))
        return f"{self.settings.base_url}/slack/install?invitation={secret}"

    def install(self, program: Program) -> Page:
        """Somebody follows a new invitation, and allows the app in the workspace."""
        surfer = Surfer()
        surfer.get(self.invitation(program))
        surfer.press("Go to Slack")
        return surfer.press("Allow")

    def row(self, query: str, **values: object) -> object:
        with self.engine.connect() as connection:
            return connection.execute(text(query), values).one_or_none()


@contextmanager
def site_of(sandbox: Sandbox, store: Store, engine: Engine, **more: object) -> Iterator[Site]:
    """A site whose client is that of the sandbox; it has no token of its own."""
    keyring = Keyring.parse(Keyring.new_key("k1"))
    store = Store(engine, store.clock, keys=lambda: keyring)
    status = sandbox.status()
    given = {
        "SLACK_BOT_TOKEN": None,
        "SLACK_APP_TOKEN": None,
        "SLACK_CLIENT_ID": status["client_id"],
        "SLACK_CLIENT_SECRET": status["client_secret"],
        "CASEBOARD_KEYS": "k1:" + "A" * 43 + "=",  # the store above has the key that counts
        "CASEBOARD_BASE_URL": f"http://127.0.0.1:{free_port()}",
    }
    settings = settings_of(sandbox, **(given | more))
    inbound = build_app(settings, store)
    port = urlsplit(settings.base_url).port
    assert port is not None
    with Server(build_web(settings, store, inbound), port=port):
        sandbox.configure(request_url=f"http://127.0.0.1:{port}/slack/events")
        connections = Connections.make(settings, store)
        yield Site(
            settings,
            store,
            engine,
            inbound,
            connections,
            Renewals(store, OAuth.of(settings), settings.slack_api_url),
            port,
        )
    inbound.close()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
