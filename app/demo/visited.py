"""What whoever looks on has done to tasks by hand, which the simulated staff leaves alone from then on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy import Engine, text

VISITED: Final = "visited"
"""The file of a demonstration's folder that keeps it over an end and a new start."""
_END = text("SELECT coalesce(max(seq), 0) FROM audit_entries WHERE program_id = :program")
_NEWS = text(
    "SELECT seq, actor_id, CAST(object_id AS bigint) AS task FROM audit_entries WHERE program_id = :program"
    " AND seq > :seq AND object_type = 'task' AND result = 'done' AND actor_id IS NOT NULL ORDER BY seq"
)


class Visited:
    """Tells tasks that somebody has acted on by hand.

    Both act as the same people and through the same door. So the record is read: what stands there of a person and a
    task, and is not what the staff does at that moment, was done by hand.
    """

    def __init__(self, engine: Engine, program_id: int, file: Path) -> None:
        self._engine = engine
        self._program = program_id
        self._file = file
        self._lock = Lock()
        self._doing: set[tuple[int, int]] = set()
        self._tasks = set(map(int, file.read_text().split())) if file.exists() else set()
        with engine.connect() as connection:
            self._seq: int = connection.execute(_END, {"program": program_id}).scalar_one()

    def tasks(self) -> frozenset[int]:
        """Their ids, as of now."""
        with self._lock:
            self._read()
            return frozenset(self._tasks)

    @contextmanager
    def doing(self, staff_id: int, task_id: int) -> Iterator[None]:
        """What the person does to the task meanwhile is the staff's."""
        deed = staff_id, task_id
        with self._lock:
            self._read()
            self._doing.add(deed)
        try:
            yield
        finally:
            with self._lock:
                self._read()
                self._doing.discard(deed)

    def _read(self) -> None:
        with self._engine.connect() as connection:
            news = connection.execute(_NEWS, {"program": self._program, "seq": self._seq}).all()
        found = {row.task for row in news if (row.actor_id, row.task) not in self._doing}
        if news:
            self._seq = news[-1].seq
        if not found <= self._tasks:
            self._tasks |= found
            self._file.write_text(" ".join(map(str, sorted(self._tasks))))
