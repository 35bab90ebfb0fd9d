"""Our own HTTP server: uvicorn in a thread, on this machine's loopback unless asked, stopped in order."""

import logging
import socket
import threading
from types import TracebackType
from typing import Final, Self

import uvicorn
from starlette.applications import Starlette

log = logging.getLogger("caseboard.web")
LOOPBACK: Final = "127.0.0.1"
GRACE: Final = 5
"""Seconds that requests under way have to finish."""


class CannotListen(OSError):
    """The port cannot be had; the message says what to do."""


class Server:
    """Serves an application until `stop`. Port 0 takes a free one; `port` says which."""

    def __init__(self, web: Starlette, *, host: str = LOOPBACK, port: int = 0) -> None:
        self._listener = _listen(host, port)
        self.port: int = self._listener.getsockname()[1]
        config = uvicorn.Config(
            web,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=GRACE,
            h11_max_incomplete_event_size=64 * 1024,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="caseboard-http", daemon=True)

    def start(self) -> Self:
        """Serve, in a thread. What connects from now on is served; the socket listens already."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Take no more connections, finish requests that are under way, and return."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(GRACE + 5)
        self._listener.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Naming TCP makes asyncio switch off the delay of small packets.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise CannotListen(
            f"Port {port} of {host} cannot be had ({error.strerror}): end what uses it, or set PORT to another."
        ) from None
    return listener
