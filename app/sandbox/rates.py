"""Slack's rate limits, as token buckets on real (monotonic) time."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox import contract
from app.sandbox.errors import RateLimitedError


@dataclass(frozen=True, slots=True)
class RateConfig:
    """How fast the app may post.

    `channel_per_second` messages a second to one channel after a first `burst` (Slack: about one),
    `workspace_per_minute` messages in all (Slack: a few hundred). Zero means without limit. With `tiers` every
    other method is held to its tier of `data/methods.json`. All of it runs `speed` times as fast as real time, for
    clocks that are made to run: then the times to wait are as much shorter.
    """

    channel_per_second: float = 1.0
    burst: int = 5
    workspace_per_minute: float = 300.0
    tiers: bool = True
    speed: float = 1.0

    @classmethod
    def off(cls) -> "RateConfig":
        """No limits at all."""
        return cls(channel_per_second=0, burst=0, workspace_per_minute=0, tiers=False)


class _Bucket:
    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._tokens, self._at = rate, burst, burst, now

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self._rate

    def take(self) -> None:
        self._tokens -= 1


class RateLimits:
    """Buckets per channel, for the workspace and per method."""

    def __init__(self, config: RateConfig, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._monotonic = monotonic
        self._buckets: dict[str, _Bucket] = {}

    @property
    def config(self) -> RateConfig:
        """The limits in force."""
        return self._config

    def configure(self, config: RateConfig) -> None:
        """Replace the limits; every bucket starts full."""
        self._config = config
        self._buckets.clear()

    def check(self, method: str, channel: str) -> None:
        """Count one call.

        Raises:
            RateLimitedError: it came too soon; nothing is counted then.
        """
        now = self._monotonic() * self._config.speed
        buckets = [self._bucket(*of, now) for of in self._which(method, channel)]
        wait = max((bucket.wait(now) for bucket in buckets), default=0.0)
        if wait > 0:
            raise RateLimitedError(max(1, math.ceil(wait / self._config.speed)))
        for bucket in buckets:
            bucket.take()

    def _which(self, method: str, channel: str) -> list[tuple[str, float, float]]:
        config, which = self._config, []
        if method == "chat.postMessage":
            if config.channel_per_second > 0:
                which.append((f"channel {channel}", config.channel_per_second, float(max(1, config.burst))))
            if config.workspace_per_minute > 0:
                per_minute = config.workspace_per_minute
                which.append(("workspace", per_minute / 60, per_minute))
        elif config.tiers:
            per_minute = contract.methods()[method].per_minute
            which.append((f"tier {method}", per_minute / 60, float(per_minute)))
        return which

    def _bucket(self, name: str, rate: float, burst: float, now: float) -> _Bucket:
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = _Bucket(rate, burst, now)
        return bucket
