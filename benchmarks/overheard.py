"""Looking for values in everything that an installation says: what Slack got, the queue, logs, tables, files."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from app.sandbox import SandboxClient
from app.sandbox.client import received_texts

TABLES = text("SELECT relname FROM pg_stat_user_tables ORDER BY relname")


@dataclass(frozen=True)
class Found:
    """A value that stands where it must not: the place, and the field that it comes from, never the value."""

    place: str
    field: str


def search(places: Mapping[str, bytes], values: Mapping[str, str]) -> list[Found]:
    """Every value (mapped to its field) that stands in a place; the case of letters does not count."""
    found = []
    for place, content in places.items():
        lowered = content.lower()
        found += [Found(place, name) for value, name in values.items() if value.lower().encode() in lowered]
    return found


def received(sandbox: SandboxClient) -> bytes:
    """What the sandbox received from the app, as it came and decoded, with everything it keeps of it."""
    lines = sandbox.ledger()
    return "\n".join([*received_texts(lines), *map(str, lines)]).encode(errors="replace")


def tables(engine: Engine) -> bytes:
    """Every row of every table as text; sealed values stand there as what they are."""
    rows: list[str] = []
    with engine.connect() as connection:
        for name in connection.execute(TABLES).scalars().all():
            rows += connection.execute(text(f'SELECT t::text FROM "{name}" t')).scalars().all()
    return "\n".join(rows).encode()


def files(folder: Path, *patterns: str) -> bytes:
    """The content of files below a folder."""
    return b"\n".join(
        path.read_bytes() for pattern in patterns for path in sorted(folder.rglob(pattern)) if path.is_file()
    )


@contextmanager
def queue(redis_url: str) -> Iterator[list[bytes]]:
    """Everything that any client says to a Redis on a unix socket, from now on, as MONITOR tells it."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(redis_url.removeprefix("unix://"))
        line.sendall(b"MONITOR\r\n")
        listener = threading.Thread(target=_listen, args=(line, heard), daemon=True)
        listener.start()
        try:
            yield heard
        finally:
            line.shutdown(socket.SHUT_RDWR)
            listener.join(5)


def _listen(line: socket.socket, heard: list[bytes]) -> None:
    while said := line.recv(1 << 16):
        heard.append(said)
