"""Starts the sandbox: in a thread of this process, or as a process of its own (`python -m app.sandbox`)."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self, cast

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.sandbox.acts import people
from app.sandbox.asgi import SandboxApp
from app.sandbox.client import SandboxClient
from app.sandbox.clock import ClockLike
from app.sandbox.control.routes import Control
from app.sandbox.control.setup import changed_settings, rate_of
from app.sandbox.errors import NotLoopbackError
from app.sandbox.file_routes import FileRoutes
from app.sandbox.inbound.deliverer import Deliverer
from app.sandbox.inbound.http_out import LOOPBACK
from app.sandbox.inbound.interactions import Interactions
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Team
from app.sandbox.oauth_page import OAuthPage
from app.sandbox.page.inspector import Inspector
from app.sandbox.page.routes import Page
from app.sandbox.rates import RateConfig
from app.sandbox.world import Secrets, Settings, World

log = logging.getLogger("sandbox")

HOST = "127.0.0.1"
STOP_SECONDS = 5.0
MOST_FRAME = 4_000_000


class _Protocol(H11Protocol):
    """Lets a request reach its connection, which faults must be able to break."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Goes down as soon as it is told to, where uvicorn's own looks ten times a second."""

    def __init__(self, config: uvicorn.Config, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(config)
        self._loop = loop
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Go down, from the loop's thread: hanging calls and sockets do not hold it."""
        self.should_exit = True
        self._leaving.set()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._loop.call_soon_threadsafe(self.leave)

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._leaving.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        self.leave()
        for server in self.servers:
            server.close()
        if self.server_state.tasks:
            # Tasks end by themselves when they notice that their connection is gone.
            await asyncio.wait(list(self.server_state.tasks), timeout=1)


class Sandbox(SandboxClient):
    """A running sandbox in a thread of its own; also the client to it.

    Use it as a context manager, or call `stop()`.
    """

    def __init__(self, world: World, listener: socket.socket, routes: Sequence[BaseRoute], head_html: str) -> None:
        super().__init__(world.base_url)
        self.world = world
        self._listener = listener
        self._routes = routes
        self._head_html = head_html
        self._server: _Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def bot_token(self) -> str:
        """The app's bot token."""
        return self.world.secrets.bot_token

    def begin(self) -> Self:
        """Start serving, in a thread; returns when it serves."""
        self._thread.start()
        self._ready.wait(STOP_SECONDS)
        return self

    def serve(self) -> None:
        """Serve in this thread, until interrupted."""
        self._run()

    def stop(self) -> None:
        """Stop serving, break all connections, close the ledger."""
        if self._server is not None and self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.leave)
            self._thread.join(STOP_SECONDS)
        self.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        deliverer = Deliverer(self.world)
        self.world.on_event = deliverer.event
        interactions = Interactions(self.world, deliverer)
        control = Control(interactions)
        page, inspector = Page(self.world, self._head_html), Inspector(self.world, self._head_html)
        files = FileRoutes(self.world)
        oauth = OAuthPage(self.world)
        own = [*control.routes(), *page.routes(), *inspector.routes(), *files.routes(), *oauth.routes()]
        rest = Starlette(routes=[*own, *self._routes])
        config = uvicorn.Config(
            SandboxApp(self.world, deliverer, rest),
            http=_Protocol,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=MOST_FRAME,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config, self._loop)
        try:
            self._loop.call_soon(self._ready.set)
            await self._server.serve(sockets=[self._listener])
        finally:
            deliverer.stop()
            self.world.ledger.close()
            self._listener.close()


def build(
    *,
    port: int = 0,
    host: str = HOST,
    ledger: Path | str | None = None,
    clock: ClockLike | None = None,
    rate: Mapping[str, object] | None = None,
    unlimited: bool = False,
    settings: Mapping[str, object] | None = None,
    secrets: Secrets | None = None,
    team: Team | None = None,
    routes: Iterable[BaseRoute] = (),
    head_html: str = "",
) -> Sandbox:
    """A sandbox that listens, but does not serve yet. Arguments as for `start`."""
    if host not in LOOPBACK:
        raise NotLoopbackError(host)
    limits = RateConfig.off() if unlimited else rate_of(dict(rate or {}))
    given: JsonObject = dict(settings or {})
    world = World.build(
        ledger=Path(ledger) if ledger is not None else None,
        clock=clock,
        secrets=secrets,
        settings=changed_settings(Settings(), given),
        rate=limits,
    )
    # Naming TCP makes asyncio switch off the delay of small packets on what is accepted here.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(512)
    except OSError:
        listener.close()
        world.ledger.close()
        raise
    world.base_url = f"http://{HOST}:{listener.getsockname()[1]}"
    if not world.workspace.users:
        world.workspace.team = team or world.workspace.team
        people.found(world)
        world.ledger.flush()
    world.workspace.team.origin = world.base_url
    return Sandbox(world, listener, list(routes), head_html)


def start(
    port: int = 0,
    ledger: Path | str | None = None,
    clock: ClockLike | None = None,
    *,
    rate: Mapping[str, object] | None = None,
    unlimited: bool = False,
    settings: Mapping[str, object] | None = None,
    secrets: Secrets | None = None,
    team: Team | None = None,
    routes: Iterable[BaseRoute] = (),
    head_html: str = "",
    host: str = HOST,
) -> Sandbox:
    """Start a sandbox in a thread of this process.

    Args:
        port: 0 takes a free one.
        ledger: the file to write to, and to go on from when it is there; None keeps the ledger in memory.
        clock: an object with `now()`, or a function, that gives an aware datetime; message timestamps
            follow it. None: the machine's time. Limits and timeouts always use real time.
        rate: `channel_per_second`, `burst`, `workspace_per_minute`, `tiers`; else as in Slack.
        unlimited: no rate limits at all.
        settings: `request_url`, `events`, `commands`, `shortcuts`, `ack_timeout`, `retry_delays`,
            `trigger_seconds`.
        secrets: tokens and signing secret, when the invented ones will not do.
        team: who the workspace is, where there are several; a ledger that is gone on from says it itself.
        routes: Starlette routes to mount beside the sandbox's own.
        head_html: goes into the page's head as it is.
        host: only names of this machine's loopback are taken.

    Raises:
        NotLoopbackError: `host` is not loopback.
        LedgerError: the ledger cannot be used.
        RefusedError: a setting is unknown.
        OSError: the port is taken.
    """
    return build(
        port=port, ledger=ledger, clock=clock, rate=rate, unlimited=unlimited, settings=settings,
        secrets=secrets, team=team, routes=routes, head_html=head_html, host=host,
    ).begin()  # fmt: skip
