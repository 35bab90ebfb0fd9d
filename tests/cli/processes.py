"""`caseboard` processes for tests: started with their output in a file, and none left running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cli.conftest import NAMES

DEADLINE = 30.0


class Process:
    """A `caseboard` process with its output in a file."""

    def __init__(self, log: Path, environment: dict[str, str], *arguments: str) -> None:
        self.log = log
        with log.open("wb") as out:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", *arguments],
                env={name: value for name, value in os.environ.items() if name not in NAMES} | environment,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
            )

    def words(self) -> str:
        return self.log.read_text(errors="replace")

    def end(self) -> int:
        """As a supervisor ends it; the exit code."""
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(DEADLINE)


Caseboard = Callable[..., Process]


@contextmanager
def starting(environment: Mapping[str, str], folder: Path) -> Iterator[Caseboard]:
    """Starts `caseboard ARGUMENTS` with these settings and more; logs lie in the folder, none is left running."""
    processes: list[Process] = []

    def begin(*arguments: str, without: tuple[str, ...] = (), **more: str) -> Process:
        given = {name: value for name, value in environment.items() if name not in without} | more
        process = Process(folder / f"{len(processes)}.log", given, *arguments)
        processes.append(process)
        return process

    try:
        yield begin
    finally:
        for process in processes:
            if process.child.poll() is None:
                process.child.kill()
                process.child.wait(DEADLINE)


def done(process: Process) -> str:
    """What a command said that ends by itself, and well."""
    assert process.child.wait(DEADLINE) == 0, process.words()
    return process.words()


def eventually(happens: Callable[[], object], process: Process, what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not happens():
        assert process.child.poll() is None, process.words()
        assert time.monotonic() < deadline, f"{what}: {process.words()}"
        process.child.poll()
        time.sleep(0.05)
