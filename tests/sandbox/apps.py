"""A real Bolt app, run over Socket Mode or behind signed HTTP, as the product runs its own."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient

from app.sandbox import Sandbox
from tests.sandbox.conftest import client_of


def bolt(sandbox: Sandbox, *, ignore_own: bool = True) -> tuple[App, WebClient]:
    """An app without listeners, and its client."""
    client = client_of(sandbox)
    app = App(
        client=client,
        signing_secret="sandbox-signing-secret",
        process_before_response=True,
        ignoring_self_events_enabled=ignore_own,
    )
    return app, client


@contextmanager
def over_socket(sandbox: Sandbox, app: App, *, expect: int = 1) -> Iterator[SocketModeHandler]:
    """The app connected by Socket Mode; `expect` connections are there when it begins."""
    handler = SocketModeHandler(app, "xapp-sandbox", web_client=app.client, ping_interval=0.2)
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        sandbox.wait(lambda: sandbox.connections() >= expect, message="the app did not connect")
        yield handler
    finally:
        let_go(sandbox, handler.client)


def let_go(sandbox: Sandbox, client: SocketModeClient) -> None:
    """Disconnect a client: asked to, it first waits for bytes for up to 3 s, so the sandbox cuts it loose."""
    client.closed = True
    client.auto_reconnect_enabled = False
    client.current_session_state.terminated = True
    # The last one looks for work a thousand times a second: left alone, each test would slow down all that follow.
    for runner in (client.current_session_runner, client.current_app_monitor, client.message_processor):
        runner.event.set()
    with suppress(OSError):  # a test may have stopped the sandbox
        sandbox.disconnect()
    client.current_session_runner.thread.join(5)
    client.message_workers.shutdown(wait=False)


class _Endpoint(BaseHTTPRequestHandler):
    app: App
    seen: list[dict[str, str]]

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length).decode()
        headers: dict[str, str | Sequence[str]] = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        answer = self.app.dispatch(BoltRequest(body=body, headers=headers))
        content = (answer.body or "").encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("content-type", ["text/plain"])[0])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def over_http(sandbox: Sandbox, app: App) -> Iterator[list[dict[str, str]]]:
    """The app behind an HTTP endpoint that the sandbox delivers to; gives the headers of each request."""
    seen: list[dict[str, str]] = []
    endpoint = type("Endpoint", (_Endpoint,), {"app": app, "seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), endpoint)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        sandbox.configure(request_url=f"http://127.0.0.1:{server.server_port}/slack/events")
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
