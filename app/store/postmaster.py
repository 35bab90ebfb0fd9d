"""The server process of a PostgreSQL data folder: found, and ended in order, whoever started it."""

import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

ORDERLY_SECONDS = 60.0  # a fast shutdown writes everything out first
AT_ONCE_SECONDS = 10.0


class StillRuns(RuntimeError):
    """A PostgreSQL server did not end."""


def end_server(pgdata: Path) -> None:
    """End the server of a data folder, if one runs. Raises `StillRuns`.

    A pid file that names a process of another kind, as after a restart of the machine, is taken away: PostgreSQL
    would not start beside it.
    """
    server = _server(pgdata)
    if server is None:
        _drop_pid_of_another(pgdata)
        return
    for sign, seconds in ((signal.SIGINT, ORDERLY_SECONDS), (signal.SIGQUIT, AT_ONCE_SECONDS)):
        with suppress(psutil.NoSuchProcess):
            server.send_signal(sign)
        if _ended(server, seconds):
            return
    raise StillRuns(f"process {server.pid} does not end")


def _server(pgdata: Path) -> psutil.Process | None:
    """The server by its pid file, or, where the folder was thrown away beneath it, by its command line."""
    pid = _noted_pid(pgdata)
    with suppress(psutil.Error):
        if pid is not None and _serves(psutil.Process(pid), pgdata):
            return psutil.Process(pid)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if _serves(process, pgdata):
                return process
    return None


def _serves(process: psutil.Process, pgdata: Path) -> bool:
    """Whether it is the postmaster of the folder; its children have other command lines."""
    return process.name() == "postgres" and str(pgdata) in process.cmdline()


def _noted_pid(pgdata: Path) -> int | None:
    try:
        return int((pgdata / "postmaster.pid").read_text().split("\n")[0])
    except (OSError, ValueError):
        return None


def _drop_pid_of_another(pgdata: Path) -> None:
    pid = _noted_pid(pgdata)
    if pid is not None and psutil.pid_exists(pid):
        (pgdata / "postmaster.pid").unlink()


def _ended(process: psutil.Process, seconds: float) -> bool:
    """Whether it ends in time. It is no child of ours, and may be left as a zombie by who should wait for it."""
    until = time.monotonic() + seconds
    while True:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                if time.monotonic() > until:
                    return False
                time.sleep(0.02)
                continue
        return True
