"""Bolt, sync and async, over signed HTTP and over Socket Mode: commands, retried events, limits that it waits out."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from app.sandbox import Person, Sandbox
from tests.sandbox.apps import over_http, over_socket


class Heard:
    """The users that joined, once for each attempt; the app fails at the first two."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.joined: list[str] = []

    def join(self, user: str) -> None:
        self.joined.append(user)
        if len(self.joined) == 2:
            self.sandbox.configure(ack_timeout=5)  # the next one is acknowledged, on a slow machine too
        if len(self.joined) < 3:
            raise RuntimeError("not yet")


def sync_app(sandbox: Sandbox, heard: Heard) -> App:
    client = WebClient(
        token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[RateLimitErrorRetryHandler(2)]
    )
    app = App(client=client, signing_secret="sandbox-signing-secret", process_before_response=True)

    @app.command("/cb")
    def cb(ack: Ack, command: dict[str, str], client: WebClient) -> None:
        ack(f"said {command['text']}")
        for text in ("one", "two"):
            client.chat_postMessage(channel=command["channel_id"], text=text)

    @app.event("member_joined_channel")
    def joined(event: dict[str, str]) -> None:
        heard.join(event["user"])

    return app


def async_app(sandbox: Sandbox, heard: Heard) -> AsyncApp:
    client = AsyncWebClient(
        token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[AsyncRateLimitErrorRetryHandler(2)]
    )
    app = AsyncApp(client=client, signing_secret="sandbox-signing-secret", process_before_response=True)

    @app.command("/cb")
    async def cb(ack: AsyncAck, command: dict[str, str], client: AsyncWebClient) -> None:
        await ack(f"said {command['text']}")
        for text in ("one", "two"):
            await client.chat_postMessage(channel=command["channel_id"], text=text)

    @app.event("member_joined_channel")
    async def joined(event: dict[str, str]) -> None:
        heard.join(event["user"])

    return app


@contextmanager
def in_a_loop(serve: Callable[[asyncio.Event, threading.Event], Awaitable[None]]) -> Iterator[None]:
    """Runs `serve(over, ready)` in a loop of its own thread until the block ends."""
    ready, ended = threading.Event(), threading.Event()
    over: list[Callable[[], object]] = []

    async def main() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        over.append(lambda: loop.call_soon_threadsafe(stop.set))
        await serve(stop, ready)

    def run() -> None:
        asyncio.run(main())
        ended.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert ready.wait(10)
        yield
    finally:
        over[0]()
        thread.join(10)
        assert ended.is_set()


@contextmanager
def sync_socket(sandbox: Sandbox, heard: Heard) -> Iterator[None]:
    with over_socket(sandbox, sync_app(sandbox, heard)):
        yield


@contextmanager
def sync_http(sandbox: Sandbox, heard: Heard) -> Iterator[None]:
    with over_http(sandbox, sync_app(sandbox, heard)):
        yield


@contextmanager
def async_socket(sandbox: Sandbox, heard: Heard) -> Iterator[None]:
    async def serve(over: asyncio.Event, ready: threading.Event) -> None:
        handler = AsyncSocketModeHandler(async_app(sandbox, heard), "xapp-sandbox")
        await handler.connect_async()  # type: ignore[no-untyped-call]
        ready.set()
        await over.wait()
        await handler.close_async()  # type: ignore[no-untyped-call]

    with in_a_loop(serve):
        sandbox.wait(lambda: sandbox.connections() == 1)
        yield


@contextmanager
def async_http(sandbox: Sandbox, heard: Heard) -> Iterator[None]:
    ports: list[int] = []

    async def serve(over: asyncio.Event, ready: threading.Event) -> None:
        handler = AsyncSlackRequestHandler(async_app(sandbox, heard))
        web = Starlette(routes=[Route("/slack/events", handler.handle, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(web, log_config=None, lifespan="off"))
        listener = socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        ports.append(listener.getsockname()[1])
        ready.set()
        await over.wait()
        server.should_exit = True
        await serving

    with in_a_loop(serve):
        sandbox.configure(request_url=f"http://127.0.0.1:{ports[0]}/slack/events")
        yield


BOLTS = pytest.mark.parametrize("bolt", [sync_socket, sync_http, async_socket, async_http])


@BOLTS
def test_a_command_whose_posts_come_too_fast(sandbox: Sandbox, ana: Person, case: str, bolt: object) -> None:
    # The listener acknowledges when it is through, so it gets the time to wait for its second post.
    sandbox.configure(rate={"channel_per_second": 2.0, "burst": 1}, ack_timeout=20)
    with bolt(sandbox, Heard(sandbox)):  # type: ignore[operator]
        reply = ana.command("/cb hello", case)
        sandbox.wait(lambda: len(sandbox.messages(case)) == 2, timeout=20)

    assert (reply.ok, reply.text) == (True, "said hello")
    assert [message["text"] for message in sandbox.messages(case)] == ["one", "two"]
    posts = [line["status"] for line in sandbox.ledger(kind="call") if line["method"] == "chat.postMessage"]
    assert posts == [200, 429, 200]


@BOLTS
def test_an_event_comes_again_until_the_app_takes_it(sandbox: Sandbox, ben: Person, case: str, bolt: object) -> None:
    sandbox.configure(events=["member_joined_channel"], ack_timeout=0.3)
    heard = Heard(sandbox)
    with bolt(sandbox, heard):  # type: ignore[operator]
        ben.join(case)
        sandbox.wait(lambda: len(heard.joined) == 3 and sandbox.status()["events_in_flight"] == 0)

    assert heard.joined == [ben.id] * 3
    deliveries = sandbox.ledger(kind="delivery")
    assert [line["attempt"] for line in deliveries] == [0, 1, 2]
    assert [line["applied"] for line in deliveries] == [False, False, True]
