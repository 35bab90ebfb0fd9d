"""Ends processes once the one that started them is gone, however it went: `python -m app.demo.watcher`.

Standard input is a pipe whose other end that one alone holds. It writes a line with the pid of each process that it
starts. The pipe ends with it, also when it is killed and can end nothing itself; what still runs then is ended here.
A signal at the parent's death (PR_SET_PDEATHSIG) would be Linux's alone, follows the parent's thread, and cannot be
had without code between fork and exec; and a Redis server reads no pipe.
"""

import sys
from collections.abc import Iterable
from contextlib import suppress

import psutil

STOP_SECONDS = 10.0


def watch(lines: Iterable[str]) -> None:
    """Read pids until the lines end, then end those processes, the last started first."""
    started: list[psutil.Process] = []
    for line in lines:
        with suppress(psutil.NoSuchProcess):
            started.append(psutil.Process(int(line)))  # knows when it began: a pid that is used again is not it
    started.reverse()
    for process in started:
        with suppress(psutil.Error):
            process.terminate()
    _, deaf = psutil.wait_procs(started, STOP_SECONDS)
    for process in deaf:
        with suppress(psutil.Error):
            process.kill()


if __name__ == "__main__":
    watch(sys.stdin)
