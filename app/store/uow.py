"""One transaction of one change: the session, the moment it happens at, and what has to be written last."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.kernel.clock import Clock
from app.store.sealing import Keyring

Last = Callable[["UnitOfWork"], None]
After = Callable[[frozenset[int]], None]
Keys = Callable[[], Keyring | None]
"""Asked when a sealed value has to be opened, since the embedded PostgreSQL gets its key file with the first record."""


def no_keys() -> None:
    """For a process that opens nothing."""


class OneFailed(RuntimeError):
    """What was due for one row failed, and has changed nothing; `row_id` lets the caller put it off."""

    def __init__(self, row_id: int, words: str) -> None:
        self.row_id = row_id
        super().__init__(words)


class UnitOfWork:
    """What a service gets instead of a session, a clock and a commit.

    `now` is read once, so that everything in one change bears one moment. Work that takes shared locks (the card
    of a case, the audit chain) is collected and done last, in a fixed order, so that changes cannot deadlock and
    hold those locks briefly.
    """

    def __init__(self, session: Session, now: datetime, keys: Keys = no_keys) -> None:
        self.session = session
        self.now = now
        self.keys = keys
        self.channels_to_wake: set[int] = set()
        self._last: dict[tuple[int, str], Last] = {}

    def at_end(self, rank: int, name: str, work: Last) -> None:
        """Run `work` once before the commit, after everything of a lower rank; a name registers once."""
        self._last.setdefault((rank, name), work)

    def finish(self) -> None:
        """Write what was left for last."""
        while self._last:
            first = min(self._last)
            self._last.pop(first)(self)


class Store:
    """Opens units of work. `after` is told which channels have notices, once they are committed.

    `after` must not raise for a lost hint: a notice in the outbox is found by the next sweep anyway. `keys` are those
    with which a unit of work opens what is sealed; they must not raise.
    """

    def __init__(self, engine: Engine, clock: Clock, after: After | None = None, *, keys: Keys = no_keys) -> None:
        self.engine = engine
        self.clock = clock
        self.keys = keys
        self._after = after

    @contextmanager
    def change(self) -> Iterator[UnitOfWork]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            uow = UnitOfWork(session, self.clock.now(), self.keys)
            yield uow
            uow.finish()
        if self._after is not None and uow.channels_to_wake:
            self._after(frozenset(uow.channels_to_wake))

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A transaction for reading; whatever it changed is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            # Leaving the session rolls back; a rollback of our own would empty the objects that were read.
            yield UnitOfWork(session, self.clock.now(), self.keys)
