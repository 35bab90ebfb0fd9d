"""Rate limits: a burst, then a message a second and channel; the workspace as a whole; tiers."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import RefusedError, start
from app.sandbox.errors import RateLimitedError
from app.sandbox.rates import RateConfig, RateLimits
from tests.sandbox.conftest import client_of


class Limits:
    """Limits on a clock that the test moves; `post` says how long to wait, 0 when the post was taken."""

    def __init__(self, config: RateConfig) -> None:
        self.now = 1000.0
        self._limits = RateLimits(config, lambda: self.now)

    def call(self, channel: str = "C1", method: str = "chat.postMessage") -> int:
        try:
            self._limits.check(method, channel)
        except RateLimitedError as limited:
            return limited.retry_after
        return 0


def test_a_channel_takes_a_burst_and_then_one_a_second() -> None:
    limits = Limits(RateConfig(channel_per_second=1, burst=5))

    assert [limits.call() for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]
    assert limits.call("C2") == 0
    limits.now += 1
    assert [limits.call(), limits.call()] == [0, 1]
    limits.now += 60
    assert [limits.call() for _ in range(6)] == [0, 0, 0, 0, 0, 1]  # no more than a burst is saved up


def test_a_refused_post_costs_nothing() -> None:
    limits = Limits(RateConfig(channel_per_second=1, burst=1))

    limits.call()
    assert [limits.call() for _ in range(20)] == [1] * 20
    limits.now += 1
    assert limits.call() == 0


def test_the_workspace_is_limited_over_all_channels() -> None:
    limits = Limits(RateConfig(channel_per_second=1, burst=5, workspace_per_minute=60))

    taken = [limits.call(f"C{number}") for number in range(61)]
    assert taken == [0] * 60 + [1]
    limits.now += 0.5
    assert limits.call("C99") == 1
    limits.now += 0.5
    assert limits.call("C99") == 0


def test_tiers_hold_other_methods_when_switched_on() -> None:
    limits = Limits(RateConfig(tiers=True))

    assert [limits.call(method="conversations.create") for _ in range(21)] == [0] * 20 + [3]
    assert Limits(RateConfig()).call(method="conversations.create") == 0


def test_limits_on_a_clock_that_is_made_to_run() -> None:
    limits = Limits(RateConfig(channel_per_second=1, burst=1, speed=60))

    assert [limits.call(), limits.call()] == [0, 1]
    limits.now += 1 / 60
    assert limits.call() == 0
    slow = Limits(RateConfig(channel_per_second=1, burst=1, speed=0.1))
    assert [slow.call(), slow.call()] == [0, 10]


def test_every_method_has_its_tier_unless_they_are_switched_off() -> None:
    limits = Limits(RateConfig())

    assert [limits.call(method="users.list") for _ in range(21)] == [0] * 20 + [3]
    assert [limits.call(method="users.info") for _ in range(101)] == [0] * 100 + [1]
    assert {Limits(RateConfig(tiers=False)).call(method="users.list") for _ in range(100)} == {0}


def test_off_means_off() -> None:
    limits = Limits(RateConfig.off())

    assert {limits.call() for _ in range(1000)} == {0}


def test_a_client_is_told_when_to_come_back() -> None:
    with start(rate={"channel_per_second": 0.1, "burst": 2}) as sandbox:
        web: WebClient = client_of(sandbox)
        channel = web.conversations_create(name="busy")["channel"]["id"]
        web.chat_postMessage(channel=channel, text="1")
        web.chat_postMessage(channel=channel, text="2")
        with pytest.raises(SlackApiError) as error:
            web.chat_postMessage(channel=channel, text="3")
        answer = error.value.response
        assert (answer.status_code, answer["error"]) == (429, "ratelimited")
        assert int(answer.headers["Retry-After"]) == 10
        call = sandbox.ledger(kind="call")[-1]
        assert (call["applied"], call["status"]) == (False, 429)
        sandbox.configure(rate=None)
        web.chat_postMessage(channel=channel, text="3")
        assert len(sandbox.messages(channel)) == 3


def test_unknown_limits_are_refused() -> None:
    with pytest.raises(RefusedError, match="no setting per_hour"):
        start(rate={"per_hour": 3})
    with pytest.raises(RefusedError, match="above 0, not 0"):
        start(rate={"speed": 0})
