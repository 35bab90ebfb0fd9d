"""The queue. Messages are hints that carry ids; losing one costs seconds, never a notice."""

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from redis import ConnectionPool, Redis

PREFETCH = "64"
HEARTBEAT_MS = 5_000
MAINTENANCE = 1_000_000


def make_broker(redis_url: str | None) -> dramatiq.Broker:
    """A broker on Redis, or within this process when there is none.

    dramatiq's defaults take minutes to hours to re-drive what a killed worker had fetched; with this heartbeat and
    maintenance at every chance it takes some five seconds. The client is made by us from a pool, and not by `url=`:
    a worker then goes on after a restart of Redis.
    """
    if redis_url is None:
        return StubBroker()
    client = Redis(connection_pool=ConnectionPool.from_url(redis_url, socket_connect_timeout=1.0))
    return RedisBroker(  # type: ignore[no-untyped-call]
        client=client,
        namespace="caseboard",
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE,
    )
