"""Slack's own clients against the sandbox: limits, failures, retries; sync and async; two Socket Mode clients."""

import asyncio
import json
import time
from collections.abc import Callable

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.socket_mode.aiohttp import SocketModeClient as AiohttpSocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from app.sandbox import Person, Sandbox
from app.sandbox.jsontypes import JsonObject
from tests.sandbox.apps import let_go
from tests.sandbox.conftest import client_of

ONE_AT_A_TIME = {"channel_per_second": 2.0, "burst": 1}


def patient(sandbox: Sandbox) -> WebClient:
    """A client with the three retry handlers that slack_sdk brings."""
    handlers = [
        ConnectionErrorRetryHandler(max_retry_count=1),
        RateLimitErrorRetryHandler(max_retry_count=2),
        ServerErrorRetryHandler(max_retry_count=1),
    ]
    return WebClient(token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=handlers, timeout=5)


def patient_async(sandbox: Sandbox) -> AsyncWebClient:
    """The same, on asyncio."""
    handlers = [
        AsyncConnectionErrorRetryHandler(max_retry_count=1),
        AsyncRateLimitErrorRetryHandler(max_retry_count=2),
        AsyncServerErrorRetryHandler(max_retry_count=1),
    ]
    return AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=handlers, timeout=5)


def sync_posts(sandbox: Sandbox, channel: str, *texts: str) -> None:
    client = patient(sandbox)
    for text in texts:
        client.chat_postMessage(channel=channel, text=text)


def async_posts(sandbox: Sandbox, channel: str, *texts: str) -> None:
    async def post() -> None:
        client = patient_async(sandbox)
        for text in texts:
            await client.chat_postMessage(channel=channel, text=text)

    asyncio.run(post())


Posts = Callable[..., None]
BOTH = pytest.mark.parametrize("posts", [sync_posts, async_posts])


def statuses(sandbox: Sandbox) -> list[object]:
    """How each post was answered: an HTTP status, None for a broken connection."""
    return [line["status"] for line in sandbox.ledger(kind="call") if line["method"] == "chat.postMessage"]


@BOTH
def test_the_rate_limit_handler_waits_as_long_as_it_is_told(sandbox: Sandbox, case: str, posts: Posts) -> None:
    sandbox.configure(rate=ONE_AT_A_TIME)

    began = time.monotonic()
    posts(sandbox, case, "one", "two")
    assert time.monotonic() - began >= 1  # Retry-After is in whole seconds
    assert statuses(sandbox) == [200, 429, 200]
    assert [message["text"] for message in sandbox.messages(case)] == ["one", "two"]


@BOTH
@pytest.mark.parametrize(("kind", "status"), [("http_503", 503), ("reset", None)])
def test_failures_are_tried_again(sandbox: Sandbox, case: str, posts: Posts, kind: str, status: int | None) -> None:
    sandbox.fault("chat.postMessage", kind, times=1)

    posts(sandbox, case, "once")
    assert statuses(sandbox) == [status, 200]
    assert [message["text"] for message in sandbox.messages(case)] == ["once"]


@BOTH
def test_too_many_refusals_reach_the_caller(sandbox: Sandbox, case: str, posts: Posts) -> None:
    sandbox.fault("chat.postMessage", "error:fatal_error")

    with pytest.raises(SlackApiError, match="fatal_error"):
        posts(sandbox, case, "never")
    assert sandbox.messages(case) == []


def test_the_async_client_pages_and_reads_headers(sandbox: Sandbox, web: WebClient) -> None:
    for number in range(5):
        web.conversations_create(name=f"open-{number}")

    async def read() -> tuple[list[list[str]], str]:
        client = patient_async(sandbox)
        pages = [
            [channel["name"] for channel in page["channels"]] async for page in await client.conversations_list(limit=2)
        ]
        return pages, (await client.auth_test()).headers["x-oauth-scopes"]

    pages, scopes = asyncio.run(read())
    assert pages == [["open-0", "open-1"], ["open-2", "open-3"], ["open-4"]]
    assert "chat:write" in scopes


class Ear:
    """What a Socket Mode client heard: raw frames, and events with their attempts; acknowledges the third."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.frames: list[JsonObject] = []
        self.attempts: list[tuple[object, object]] = []
        self.events: list[object] = []

    def frame(self, text: str) -> None:
        self.frames.append(json.loads(text) if text.startswith("{") else {})

    def heard(self, request: SocketModeRequest) -> SocketModeResponse | None:
        """The acknowledgement, if there is one."""
        self.attempts.append((request.retry_attempt, request.retry_reason))
        self.events.append(request.payload["event_id"])
        if len(self.attempts) == 2:
            self.sandbox.configure(ack_timeout=5)  # the next one is acknowledged, on a slow machine too
        return SocketModeResponse(request.envelope_id) if len(self.attempts) == 3 else None

    def named(self, type_: str) -> list[JsonObject]:
        return [frame for frame in self.frames if frame.get("type") == type_]


def over_builtin(sandbox: Sandbox, ear: Ear, play: Callable[[], None]) -> None:
    client = SocketModeClient(
        "xapp-sandbox", web_client=client_of(sandbox), ping_interval=0.2, on_message_listeners=[ear.frame]
    )

    def listen(_client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        answer = ear.heard(request)
        if answer is not None:
            client.send_socket_mode_response(answer)

    client.socket_mode_request_listeners.append(listen)
    client.connect()
    try:
        sandbox.wait(lambda: ear.named("hello"), message="no hello")
        play()
    finally:
        let_go(sandbox, client)


def over_aiohttp(sandbox: Sandbox, ear: Ear, play: Callable[[], None]) -> None:
    async def run() -> None:
        web = AsyncWebClient(base_url=sandbox.api_url, retry_handlers=[])
        client = AiohttpSocketModeClient("xapp-sandbox", web_client=web, ping_interval=0.2)

        async def frame(message: object) -> None:
            ear.frame(str(getattr(message, "data", "")))

        async def listen(_client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            answer = ear.heard(request)
            if answer is not None:
                await client.send_socket_mode_response(answer)

        client.on_message_listeners.append(frame)
        client.socket_mode_request_listeners.append(listen)
        await client.connect()  # type: ignore[no-untyped-call]
        try:
            await asyncio.to_thread(lambda: sandbox.wait(lambda: ear.named("hello"), message="no hello"))
            await asyncio.to_thread(play)
        finally:
            await client.close()  # type: ignore[no-untyped-call]

    asyncio.run(run())


Over = Callable[[Sandbox, Ear, Callable[[], None]], None]
SOCKETS = pytest.mark.parametrize("over", [over_builtin, over_aiohttp])


@SOCKETS
def test_hello_says_how_many_connections_there_are_and_for_how_long(sandbox: Sandbox, over: Over) -> None:
    ear = Ear(sandbox)

    over(sandbox, ear, lambda: None)
    [hello] = ear.named("hello")
    assert (hello["num_connections"], hello["connection_info"]) == (1, {"app_id": "A0SANDBOX01"})
    assert hello["debug_info"] == {"host": "sandbox", "build_number": 1, "approximate_connection_time": 3600}


@SOCKETS
def test_an_envelope_that_is_not_acknowledged_comes_again_with_its_number_and_reason(
    sandbox: Sandbox, ben: Person, case: str, over: Over
) -> None:
    sandbox.configure(events=["member_joined_channel"], ack_timeout=0.15)
    ear = Ear(sandbox)

    def play() -> None:
        ben.join(case)
        sandbox.wait(lambda: len(ear.attempts) == 3 and sandbox.status()["events_in_flight"] == 0)

    over(sandbox, ear, play)
    assert ear.attempts == [(0, ""), (1, "timeout"), (2, "timeout")]
    assert len(set(ear.events)) == 1
    assert [line["applied"] for line in sandbox.ledger(kind="delivery")] == [False, False, True]


@SOCKETS
@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_client_that_is_told_to_go_connects_anew(sandbox: Sandbox, over: Over, reason: str) -> None:
    ear = Ear(sandbox)

    def play() -> None:
        assert sandbox.disconnect(reason, close_after=None) == 1
        sandbox.wait(lambda: len(ear.named("hello")) == 2 and sandbox.connections() == 1, timeout=10)

    over(sandbox, ear, play)
    assert [frame["reason"] for frame in ear.named("disconnect")] == [reason]
