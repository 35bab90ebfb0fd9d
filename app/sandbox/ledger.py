"""The ledger: every change, call and delivery, one JSON object a line, appended and never rewritten.

The sandbox's state is what its `change` lines add up to, so a ledger is also how a stopped workspace
goes on. `seq` is the line's number, counted from 1. Lines of one operation are written together and
flushed before its answer is sent.
"""

import os
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from app.sandbox.clock import wall_now
from app.sandbox.errors import LedgerError
from app.sandbox.jsontypes import JsonObject, as_object, as_text, dumps, loads

CHANGE = '{"kind":"change"'
_CHANGE = CHANGE.encode()


class Ledger:
    """Appends lines to a file, or to memory when there is no file.

    Args:
        path: the file; an existing one is continued, and a last line cut short by a kill is dropped.
        sim: reads the simulated time, when there is one.

    Raises:
        LedgerError: another sandbox holds the file, or it cannot be opened.
    """

    def __init__(self, path: Path | None, sim: Callable[[], datetime] | None = None) -> None:
        self.path = path
        self._sim = sim
        self.on_flush: Callable[[], None] = lambda: None
        self._pending: list[bytes] = []
        self._memory: list[bytes] = []
        self._offsets = array("Q")
        self._size = 0
        self._file: BinaryIO | None = None
        if path is not None:
            self._file = self._open(path)
            self._index(self._file)

    def __len__(self) -> int:
        """How many lines there are, those not flushed yet included."""
        return len(self._memory) + len(self._offsets) + len(self._pending)

    def write(self, kind: str, entry: JsonObject) -> int:
        """Add a line of the given kind; it reaches the file with the next `flush`. Returns its `seq`."""
        seq = len(self) + 1
        head: JsonObject = {"kind": kind, "seq": seq, "at": wall_now().isoformat()}
        if self._sim is not None:
            head["sim"] = self._sim().isoformat()
        self._pending.append(dumps(head | entry).encode("utf-8", "surrogatepass") + b"\n")
        return seq

    def flush(self) -> None:
        """Write what is pending, in one piece."""
        if not self._pending:
            return
        if self._file is None:
            self._memory += self._pending
        else:
            self._file.write(b"".join(self._pending))
            for line in self._pending:
                self._offsets.append(self._size)
                self._size += len(line)
        self._pending = []
        self.on_flush()

    def lines(self, since: int = 0, limit: int | None = None) -> Iterator[bytes]:
        """The flushed lines after number `since`, oldest first, at most `limit`."""
        end = len(self._memory) + len(self._offsets)
        if limit is not None:
            end = min(end, since + limit)
        if since >= end:
            return
        if self.path is None:
            yield from self._memory[since:end]
            return
        with self.path.open("rb") as file:
            file.seek(self._offsets[since])
            for _ in range(end - since):
                yield file.readline()

    def changes(self) -> Iterator[tuple[str, JsonObject]]:
        """Type and data of every change line, oldest first: what the state is rebuilt from."""
        for line in self.lines():
            if line.startswith(_CHANGE):
                entry = as_object(loads(line))
                yield as_text(entry["type"]), as_object(entry["data"])

    def close(self) -> None:
        """Flush and let the file go."""
        self.flush()
        if self._file is not None:
            self._file.close()

    @staticmethod
    def _open(path: Path) -> BinaryIO:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a+b", buffering=0)
        except OSError as error:
            raise LedgerError(f"The ledger {path} cannot be opened: {error}. Name another file.") from error
        if not _lock(file):
            file.close()
            raise LedgerError(f"Another sandbox writes to {path}. Stop it, or name another file.")
        return file

    def _index(self, file: BinaryIO) -> None:
        file.seek(0)
        with open(file.fileno(), "rb", closefd=False) as reading:
            for line in reading:
                if not line.endswith(b"\n"):
                    break
                self._offsets.append(self._size)
                self._size += len(line)
        if os.fstat(file.fileno()).st_size != self._size:
            file.truncate(self._size)
        file.seek(self._size)


def _lock(file: BinaryIO) -> bool:
    """Take the file for this process alone; True also where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
