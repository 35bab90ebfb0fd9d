"""Hints reach a worker through a real queue; losing them, or the queue, loses no notice."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dramatiq
import pytest
from redis import Redis

from app.cases.service import open_case
from app.notices.delivery import PostOffice, Round
from app.notices.service import tell_case
from app.notices.timing import Rate
from app.store.uow import Store
from tests.notices.conftest import QUICK, Practice, until
from tests.workers.conftest import RedisServer
from workers.broker import make_broker, make_worker
from workers.notices import Hints, Wakes, deliver_actor


@contextmanager
def working(broker: dramatiq.Broker, office: PostOffice) -> Iterator[Hints]:
    """A worker on a broker, and the hints that reach it."""
    actor = deliver_actor(broker, office)
    worker = make_worker(broker, 4)
    worker.start()
    try:
        yield Hints(actor.send)
    finally:
        worker.stop()
        broker.close()


def say(practice: Practice, hints: Hints, case_id: int, code: str, key: str) -> str:
    """Have something said in a case, through a store that hints."""
    store = Store(practice.engine, practice.world.store.clock, hints)
    with store.change() as uow:
        payload = {"code": code, "zone": "America/New_York", "problems": [key]}
        return str(tell_case(uow, case_id, "trouble", key, payload))


@pytest.mark.parametrize("queue", ["redis", "this process"])
def test_a_change_is_posted_by_a_worker_that_was_hinted_at(
    practice: Practice, redis_server: RedisServer, queue: str
) -> None:
    broker = make_broker(redis_server.url if queue == "redis" else None)
    with working(broker, practice.office) as hints:
        store = Store(practice.engine, practice.world.store.clock, hints)
        with store.change() as uow:
            case = open_case(uow, practice.world.actor("ana"))
        until(lambda: practice.waiting(practice.channel(case).id) == 0)
        assert practice.said(case) == ["card", "opened"]


def test_hints_for_one_channel_come_in_any_number_and_post_once(practice: Practice, redis_server: RedisServer) -> None:
    case = practice.open()
    practice.deliver_all(case)
    id_ = practice.tell(case, "hello")
    with working(make_broker(redis_server.url), practice.office) as hints:
        for _ in range(50):
            hints(frozenset({practice.channel(case).id}))
        until(lambda: practice.state(id_) == "delivered")
    assert practice.times_posted(id_) == 1


def test_a_worker_comes_back_by_itself_for_what_has_to_wait_its_turn(
    practice: Practice, redis_server: RedisServer
) -> None:
    """One hint, five posts, a pace of ten a second: nobody sweeps here."""
    case = practice.open()
    practice.deliver_all(case)
    ids = [practice.tell(case, f"post {number}") for number in range(5)]
    office = practice.rested(channel=Rate(10, 1))
    with working(make_broker(redis_server.url), office) as hints:
        hints(frozenset({practice.channel(case).id}))
        until(lambda: all(practice.state(id_) == "delivered" for id_ in ids))


def test_a_queue_that_is_gone_neither_raises_nor_holds_anybody_up(
    practice: Practice, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    case = practice.open()
    practice.deliver_all(case)
    hints = Hints(deliver_actor(make_broker(redis_server.url), None).send)
    redis_server.stop()
    with caplog.at_level(logging.INFO, logger="caseboard.workers"):
        began = time.monotonic()
        ids = [say(practice, hints, case.id, case.code, f"post {number}") for number in range(5)]
        assert time.monotonic() - began < 2.0
        assert (hints.gone, hints.lost) == (True, 5)
        assert len([record for record in caplog.records if "the queue is gone" in record.message]) == 1
        redis_server.start()
        say(practice, hints, case.id, case.code, "back")
        assert (hints.gone, hints.lost) == (False, 5)
        assert "the queue is back" in caplog.text
    assert [practice.state(id_) for id_ in ids] == ["pending"] * 5


def test_a_queue_that_is_silent_delays_one_change_and_not_every_one(
    practice: Practice, redis_server: RedisServer
) -> None:
    case = practice.open()
    hints = Hints(deliver_actor(make_broker(redis_server.url), None).send)
    say(practice, hints, case.id, case.code, "before")
    redis_server.freeze()
    began = time.monotonic()
    for number in range(20):
        say(practice, hints, case.id, case.code, f"post {number}")
    assert time.monotonic() - began < 2.5, "Slack waits 3 s for its answer"
    assert (hints.gone, hints.lost) == (True, 20)


def test_without_a_queue_nothing_is_sent_and_nobody_is_waited_for() -> None:
    hints = Hints(None)
    hints(frozenset({1, 2}))
    assert (hints.gone, hints.lost) == (True, 0)


def test_a_worker_goes_on_after_redis_was_restarted_and_forgot_everything(
    practice: Practice, redis_server: RedisServer
) -> None:
    case = practice.open()
    practice.deliver_all(case)
    with working(make_broker(redis_server.url), practice.office) as hints:
        first = say(practice, hints, case.id, case.code, "before")
        until(lambda: practice.state(first) == "delivered")
        redis_server.stop()
        redis_server.start()
        second = say(practice, hints, case.id, case.code, "after")
        # dramatiq takes 3 s before it connects anew.
        until(lambda: practice.state(second) == "delivered", within=20)
    assert practice.times_posted(second) == 1


def test_messages_in_the_queue_carry_ids_only(practice: Practice, redis_server: RedisServer) -> None:
    case = practice.open()
    broker = make_broker(redis_server.url)
    hints = Hints(deliver_actor(broker, None).send)
    say(practice, hints, case.id, case.code, "words that stay in the database")
    client = Redis.from_url(redis_server.url)
    held = b"".join(
        b"".join(client.hgetall(key).values())  # type: ignore[arg-type]
        for key in client.keys("caseboard:*.msgs")
    )
    client.close()
    broker.close()
    assert b'"args":[' in held.replace(b" ", b"")
    assert b"words that stay" not in held
    assert case.code.encode() not in held


def test_an_error_that_nobody_foresaw_puts_the_channel_off_and_the_others_go_on(
    practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    case, other = practice.open(), practice.open()
    broken = _Broken(practice, practice.channel(case).id)
    with working(make_broker(None), broken) as hints:
        hints(frozenset({practice.channel(case).id}))
        hints(frozenset({practice.channel(other).id}))
        until(lambda: practice.waiting(practice.channel(other).id) == 0)
        until(lambda: practice.channel(case).not_before is not None)
    assert "failed: LookupError" in caplog.text
    assert practice.channel(case).lease is None


class _Broken(PostOffice):
    """An office with a fault of its own in one channel."""

    def __init__(self, practice: Practice, channel_id: int) -> None:
        super().__init__(practice.world.store, practice.office.ports, QUICK)
        self._broken = channel_id

    def deliver(self, channel_id: int) -> Round:
        if channel_id == self._broken:
            raise LookupError("nobody foresaw this")
        return super().deliver(channel_id)


def test_a_hundred_hints_make_one_wake_up() -> None:
    wakes = Wakes()
    assert [wakes.book(1, 0.5) for _ in range(100)].count(True) == 1
    assert wakes.book(2, 0.5)
    assert wakes.book(1, 0.1), "an earlier one is worth sending"


def test_a_wake_up_that_is_over_is_booked_anew() -> None:
    wakes = Wakes()
    assert wakes.book(1, 0.0)
    time.sleep(0.001)
    assert wakes.book(1, 0.0)
