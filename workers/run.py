"""The processes: a worker, a scheduler, or both in one with the in-process queue."""

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dramatiq

from app.notices.delivery import PostOffice
from app.notices.timing import Timing
from app.settings import Settings, clock_of
from app.slack.accounts import Accounts
from app.slack.connections import Connections
from app.slack.homes import Homes
from app.slack.oauth import OAuth
from app.slack.pacing import timing
from app.slack.renewals import Renewals
from app.store.engine import make_engine
from app.store.uow import Keys, Store, no_keys
from workers.broker import make_broker, make_worker
from workers.notices import Hints, deliver_actor
from workers.scheduler import Ticker, scheduled

log = logging.getLogger("caseboard.workers")
THREADS = 8


@dataclass(frozen=True)
class Works:
    """What the process types share: the store (its changes hint the queue), delivery, and the queue."""

    settings: Settings
    store: Store
    office: PostOffice
    homes: Homes
    renewals: Renewals
    accounts: Accounts
    broker: dramatiq.Broker
    hint: Hints


@contextmanager
def works(
    settings: Settings,
    database_url: str,
    waits: Timing | None = None,
    *,
    alone: bool = False,
    keys: Keys = no_keys,
) -> Iterator[Works]:
    """Engine, queue and delivery for one process. `waits` None is Slack's pace at the settings' speed.

    `alone` says that this process has no worker of its own: without a Redis its hints would lead nowhere.
    `keys` open what is sealed: tokens of installations, and what people's words are compared with.
    """
    engine = make_engine(database_url, pool_size=THREADS + 4)
    broker = make_broker(settings.redis_url)
    # Delivery tells a lead what could not be posted, so its own changes send hints too.
    nowhere = alone and settings.redis_url is None
    hint = Hints(None if nowhere else lambda channel_id: actor.send(channel_id))
    store = Store(engine, clock_of(settings), hint, keys=keys)
    pace, connections = waits or timing(settings.posts_per_second), Connections.make(settings, store)
    office = PostOffice(store, connections, pace, home=settings.base_url)
    actor = deliver_actor(broker, office)
    try:
        yield Works(
            settings,
            store,
            office,
            Homes(store, connections, pace),
            Renewals(store, OAuth.of(settings), settings.slack_api_url),
            Accounts(store, connections),
            broker,
            hint,
        )
    finally:
        broker.close()
        engine.dispose()


@contextmanager
def working(shared: Works) -> Iterator[None]:
    """A worker's threads, taking hints from the queue."""
    worker = make_worker(shared.broker, THREADS)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@contextmanager
def ticking(shared: Works) -> Iterator[None]:
    """The scheduler's ticks."""
    ticker = Ticker(shared.store, shared.office, shared.hint, shared.homes, shared.renewals, shared.accounts)
    scheduler = scheduled(ticker, shared.settings.tick_seconds)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
        ticker.close()


def told_to_stop() -> socket.socket:
    """From now on SIGINT and SIGTERM are written there, and do nothing else; call it before anything is started.

    Python's own handlers run in the main thread, once it runs at all: a signal that another thread takes, or that comes
    as the main one goes to sleep, would not wake it. What `signal.set_wakeup_fd` names is written to at once.
    """
    told, writes = socket.socketpair()
    writes.setblocking(False)
    signal.set_wakeup_fd(writes.detach(), warn_on_full_buffer=False)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: None)
    return told


def until(told: socket.socket) -> None:
    """Wait to be told, ready to take signals."""
    told.recv(1)
