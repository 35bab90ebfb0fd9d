"""Processes of a demonstration end with it, however it ends."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app.demo.processes import Processes

DEADLINE = 60.0
CHILD = "import socket, sys; at = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); at.recv(1)"
PARENT = """
import sys
from pathlib import Path
from app.demo.processes import Processes
processes = Processes(Path(sys.argv[1]))
processes.start("child", sys.argv[2:], {})
print("started", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_started_is_ended(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE)
        command = [sys.executable, "-c", CHILD, str(listener.getsockname()[1])]
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(tmp_path), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert parent.stdout is not None
        try:
            child, _ = listener.accept()
            assert parent.stdout.readline() == b"started\n"
        finally:
            parent.kill()
            parent.communicate(timeout=DEADLINE)
    with child:  # closing it ends the child, should nobody else
        child.settimeout(DEADLINE)
        assert child.recv(1) == b"", "the child has ended"


@pytest.mark.parametrize("watched", [True, False], ids=["in order", "after its watcher was killed"])
def test_a_stop_leaves_neither_children_nor_watcher(tmp_path: Path, watched: bool) -> None:
    before = set(psutil.Process().children())
    with Processes(tmp_path) as processes:
        first = processes.start("first", [sys.executable, "-c", "input()"], {})
        begun = set(psutil.Process().children()) - before
        watcher = next(process for process in begun if process.pid != first.pid)
        if not watched:
            os.kill(watcher.pid, signal.SIGKILL)
            watcher.wait(DEADLINE)
        processes.start("second", [sys.executable, "-c", "import time; time.sleep(600)"], {})
    assert set(psutil.Process().children()) <= before
