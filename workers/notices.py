"""Delivering notices, a channel a message."""

import logging
from collections.abc import Callable

import dramatiq
from dramatiq.errors import BrokerError
from redis.exceptions import RedisError

from app.notices.delivery import PostOffice
from app.store.uow import After

log = logging.getLogger("caseboard.workers")
QUEUE = "notices"


def deliver_actor(broker: dramatiq.Broker, office: PostOffice | None) -> dramatiq.Actor[[int], None]:
    """The actor that delivers a channel; processes that only send hints need no `office`.

    No retries: what is not delivered stays in the outbox, and the scheduler's sweep finds it.
    """

    def deliver(channel_id: int) -> None:
        if office is not None:
            office.deliver(channel_id)

    declare = dramatiq.actor(broker=broker, queue_name=QUEUE, max_retries=0, time_limit=120_000)
    return declare(deliver)


def hints(actor: Callable[[int], object]) -> After:
    """What `Store` calls after a commit: one message a channel. Never raises; a queue that is gone is logged once."""
    gone = False

    def hint(channels: frozenset[int]) -> None:
        nonlocal gone
        for channel_id in channels:
            try:
                actor(channel_id)
            except (RedisError, BrokerError, OSError) as error:
                if not gone:
                    log.warning("the queue is gone (%s); the scheduler delivers meanwhile", type(error).__name__)
                gone = True
                return
        if gone:
            log.info("the queue is back")
        gone = False

    return hint
