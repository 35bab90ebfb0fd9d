"""Delivering notices, a channel a message."""

import logging
import threading
import time
from collections.abc import Callable

import dramatiq
from dramatiq.errors import BrokerError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as Silence

from app.log import log_failure
from app.notices.delivery import PostOffice

log = logging.getLogger("caseboard.workers")
QUEUE = "notices"
LONGEST_DELAY = 5.0
"""Longer waits, in seconds, are left to the scheduler: the queue holds delayed messages in a worker's memory."""
BACK_AFTER = 2.0
QUEUE_GONE = (RedisError, BrokerError, OSError)


def carefully(office: PostOffice, channel_id: int) -> float | None:
    """Deliver a channel; returns the seconds after which to come again. What nobody foresaw puts the channel off."""
    try:
        return office.deliver(channel_id).again
    except Exception as error:  # noqa: BLE001 - the edge of a worker: logged, and the other channels go on
        log_failure(f"delivering channel {channel_id}", error)
        office.put_off(channel_id)
        return None


def deliver_actor(broker: dramatiq.Broker, office: PostOffice | None) -> dramatiq.Actor[[int], None]:
    """The actor that delivers a channel; processes that only send hints need no `office`.

    No retries: what is not delivered stays in the outbox, and the scheduler's sweep finds it.
    """
    wakes = Wakes()

    def deliver(channel_id: int) -> None:
        again = None if office is None else carefully(office, channel_id)
        if again is not None and again <= LONGEST_DELAY and wakes.book(channel_id, again):
            try:
                actor.send_with_options(args=(channel_id,), delay=int(again * 1000) + 1)
            except QUEUE_GONE:
                return  # the sweep comes by

    declare = dramatiq.actor(broker=broker, queue_name=QUEUE, max_retries=0, time_limit=120_000)
    actor = declare(deliver)
    return actor


class Wakes:
    """Which channels this process comes back to by itself, so that a hundred hints do not make a hundred wake-ups."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}
        self._lock = threading.Lock()

    def book(self, channel_id: int, seconds: float) -> bool:
        """Whether to send a wake-up: not when an earlier one, or one as early, is under way."""
        now = time.monotonic()
        with self._lock:
            if now < self._at.get(channel_id, 0.0) <= now + seconds + 0.05:
                return False
            self._at = {channel: at for channel, at in self._at.items() if at > now}
            self._at[channel_id] = now + seconds
            return True


class Hints:
    """What `Store` calls after a commit: one message a channel. Never raises.

    A queue that is gone is logged once. One that is silent is left alone for `BACK_AFTER` seconds, so that it delays
    one change and not every one. `lost` counts the hints that did not reach it. `send` is None where no queue leads to
    any worker: then the scheduler delivers.
    """

    def __init__(self, send: Callable[[int], object] | None) -> None:
        self._send = send
        self._not_before = 0.0
        self.gone = send is None
        self.lost = 0

    def __call__(self, channels: frozenset[int]) -> None:
        """Hint at channels that have something to deliver."""
        if self._send is None:
            return
        if time.monotonic() < self._not_before:
            self.lost += len(channels)
            return
        for done, channel_id in enumerate(channels):
            try:
                self._send(channel_id)
            except QUEUE_GONE as error:
                self.lost += len(channels) - done
                if not self.gone:
                    log.warning("the queue is gone (%s); the scheduler delivers meanwhile", type(error).__name__)
                self.gone = True
                if isinstance(error, Silence):
                    self._not_before = time.monotonic() + BACK_AFTER
                return
        if self.gone:
            log.info("the queue is back; %s hints did not reach it", self.lost)
        self.gone = False
