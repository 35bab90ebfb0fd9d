"""Everything that a call or a person can touch, in one place: state, ledger, clock, limits, faults."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.sandbox import ids
from app.sandbox.clock import ClockLike, reader
from app.sandbox.faults import Faults
from app.sandbox.hooks import ResponseUrls, Triggers
from app.sandbox.jsontypes import JsonObject
from app.sandbox.ledger import Ledger
from app.sandbox.model import Channel
from app.sandbox.rates import RateConfig, RateLimits
from app.sandbox.reads import Reads
from app.sandbox.workspace import Workspace

log = logging.getLogger("sandbox")

ALL_EVENTS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "channel_archive",
        "channel_created",
        "channel_deleted",
        "channel_left",
        "channel_rename",
        "channel_unarchive",
        "group_archive",
        "group_deleted",
        "group_left",
        "group_rename",
        "group_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
        "pin_added",
        "pin_removed",
        "reaction_added",
        "team_join",
        "user_change",
    }
)
"""The events that the sandbox can send, by the names of a manifest's `bot_events`."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The app's credentials; invented ones, good for this sandbox only."""

    bot_token: str = "xoxb-sandbox"  # noqa: S105
    app_token: str = "xapp-sandbox"  # noqa: S105
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command of the manifest, as people are told of it while they type."""

    name: str
    usage_hint: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut of the manifest: `kind` is "global", or "message" for the menu of a message."""

    name: str
    kind: str
    callback_id: str
    description: str = ""


@dataclass(slots=True)
class Settings:
    """What can be changed while the sandbox runs.

    `ack_timeout` and `retry_delays` are seconds: Slack waits 3, and sends an event again at once, after
    a minute and after five. `commands` are the slash commands of the manifest by name; None takes any.
    """

    request_url: str = ""
    events: frozenset[str] = ALL_EVENTS
    commands: dict[str, Command] | None = None
    shortcuts: tuple[Shortcut, ...] = ()
    ack_timeout: float = 3.0
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger_seconds: float = 3.0


@dataclass(slots=True)
class World:
    """One workspace with all that belongs to it. Used from the server's event loop only."""

    ledger: Ledger
    now: Callable[[], datetime]
    secrets: Secrets
    settings: Settings
    rates: RateLimits
    workspace: Workspace = field(default_factory=Workspace)
    faults: Faults = field(default_factory=Faults)
    triggers: Triggers = field(default_factory=Triggers)
    response_urls: ResponseUrls = field(default_factory=ResponseUrls)
    reads: Reads = field(default_factory=Reads)
    base_url: str = ""
    on_event: Callable[[JsonObject], None] = lambda _event: None
    watchers: list[Callable[[str, JsonObject], None]] = field(default_factory=list)

    @classmethod
    def build(
        cls,
        *,
        ledger: Path | None = None,
        clock: ClockLike | None = None,
        secrets: Secrets | None = None,
        settings: Settings | None = None,
        rate: RateConfig | None = None,
    ) -> "World":
        """A world from an existing ledger, or a new one.

        Raises:
            LedgerError: the ledger file cannot be used.
        """
        now = reader(clock)
        world = cls(
            ledger=Ledger(ledger, now if clock is not None else None),
            now=now,
            secrets=secrets or Secrets(),
            settings=settings or Settings(),
            rates=RateLimits(rate or RateConfig()),
        )
        started = time.perf_counter()
        replayed = 0
        for type_, data in world.ledger.changes():
            world.workspace.apply(type_, data)
            replayed += 1
        if replayed:
            log.info("went on from %d changes in %.2f s", replayed, time.perf_counter() - started)
        world.reads.begin(world.workspace)
        return world

    def commit(self, type_: str, actor: str, data: JsonObject) -> int:
        """Make a change and write it down. Returns its line's number in the ledger."""
        self.workspace.apply(type_, data)
        seq = self.ledger.write("change", {"type": type_, "actor": actor, "data": data})
        if type_ == "member.joined":
            self.reads.joined(self.workspace, data)
        self.tell(type_, data)
        return seq

    def tell(self, type_: str, data: JsonObject) -> None:
        """Tell those who watch that something happened; by itself it leaves no line in the ledger."""
        for watcher in self.watchers:
            watcher(type_, data)

    def next_ts(self, channel: Channel) -> str:
        """A message timestamp later than any the channel has had, by the clock where that is possible."""
        key = max(int(self.now().timestamp() * 1_000_000), channel.last_key + 1)
        return ids.ts_text(key)

    def wants(self, event: str) -> bool:
        """Whether the app subscribed to an event."""
        return event in self.settings.events

    def emit(self, event: JsonObject) -> None:
        """Send an event to the app, soon; answers to calls do not wait for it."""
        self.on_event(event)
