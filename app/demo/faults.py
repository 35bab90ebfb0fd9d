"""The fault switches of the demonstration: Slack slow, failing, rate-limiting; Redis gone. All are off at the start."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.demo.processes import PrivateRedis
from app.sandbox import SandboxClient


@dataclass(frozen=True)
class Rule:
    """A fault rule of the sandbox (docs/sandbox.md, "Faults")."""

    method: str
    kind: str
    probability: float | None = None


@dataclass(frozen=True)
class Switch:
    """A fault that can be switched: what it is called, and what is happening while it is on."""

    name: str
    label: str
    says: str
    rules: Sequence[Rule] = ()


# In the order in which the sandbox tries them: what always fires comes last, so that several work at once.
OF_SLACK: Final = (
    Switch(
        "limited",
        "Slack rate-limiting",
        "Slack asks for fewer calls: posts wait as long as it says.",
        (Rule("chat.*", "ratelimit:3", 0.7),),
    ),
    Switch(
        "failing",
        "Slack failing",
        "Slack answers with errors, before and after it has posted: posts wait and come once.",
        (Rule("chat.*", "http_503", 0.4), Rule("chat.*", "http_500_after", 0.7)),
    ),
    Switch(
        "slow",
        "Slack slow",
        "Slack answers two seconds late: posts come later, in their order.",
        (Rule("*", "slow:2"),),
    ),
)
REDIS: Final = Switch("redis", "Redis gone", "The queue is stopped: the scheduler delivers by itself, a little later.")


class NoSuchSwitch(Exception):
    """There is no switch of that name here."""


class Faults:
    """Switches faults of one sandbox, and the demonstration's Redis where it has one. May be used from any thread."""

    def __init__(self, sandbox: SandboxClient, redis: PrivateRedis | None) -> None:
        self._sandbox = sandbox
        self._redis = redis
        self._on: set[str] = set()
        self._rules: list[int] = []
        self._lock = threading.Lock()

    def listing(self) -> list[tuple[Switch, bool]]:
        """The switches there are, and whether each is on."""
        there = [*OF_SLACK, *([REDIS] if self._redis is not None else [])]
        return [(switch, switch.name in self._on) for switch in there]

    def switch(self, name: str, *, on: bool) -> None:
        """Switch one. Raises `NoSuchSwitch`, and `DidNotStart` when Redis does not come back."""
        with self._lock:
            names = [switch.name for switch, _ in self.listing()]
            if name not in names:
                raise NoSuchSwitch(f"There is no fault {name!r}. There are: {', '.join(names)}.")
            if on == (name in self._on):
                return
            if name == REDIS.name and self._redis is not None:
                self._redis.stop() if on else self._redis.start()
            self._on = self._on | {name} if on else self._on - {name}
            self._set_rules()

    def _set_rules(self) -> None:
        for rule in self._rules:
            self._sandbox.clear_faults(rule)
        self._rules = [
            self._sandbox.fault(rule.method, rule.kind, probability=rule.probability)
            for switch in OF_SLACK
            if switch.name in self._on
            for rule in switch.rules
        ]
