"""Everything that a call or a person can touch, in one place: state, ledger, clock, limits, faults."""

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.sandbox import ids
from app.sandbox.clock import ClockLike, reader
from app.sandbox.faults import Faults
from app.sandbox.grants import Grants
from app.sandbox.hooks import ResponseUrls, Triggers
from app.sandbox.jsontypes import JsonObject
from app.sandbox.ledger import Ledger
from app.sandbox.model import Channel, ChannelKind
from app.sandbox.rates import RateConfig, RateLimits
from app.sandbox.reads import Reads
from app.sandbox.scopes import ALL_SCOPES, EVENT_SCOPES, lets_hear
from app.sandbox.tickets import Tickets
from app.sandbox.workspace import Workspace

log = logging.getLogger("sandbox")

ALL_EVENTS = frozenset(EVENT_SCOPES)
"""The events that the sandbox can send, by the names of a manifest's `bot_events`."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The app's credentials; invented ones, good for this sandbox only."""

    bot_token: str = "xoxb-sandbox"  # noqa: S105
    app_token: str = "xapp-sandbox"  # noqa: S105
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105
    client_id: str = "1234567890.sandbox"
    client_secret: str = "sandbox-client-secret"  # noqa: S105


TOKEN_ERRORS = ("account_inactive", "token_expired", "token_revoked")
"""What Slack says of a token that was good: the app was removed, the token not renewed, or taken back."""


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
    a minute and after five. `history_lag` is how many seconds the history lags behind a post. `commands` are the
    slash commands of the manifest by name; None takes any. `scopes` are those of the bot token; `token_error`, one
    of `TOKEN_ERRORS`, is what every call is answered once the app's tokens are good no more. `token_lives` is how many
    seconds a token lives that is granted over OAuth; Slack gives 43,200 where tokens rotate, and 0 means for ever.
    """

    request_url: str = ""
    scopes: frozenset[str] = ALL_SCOPES
    token_error: str = ""
    token_lives: float = 0.0
    events: frozenset[str] = ALL_EVENTS
    commands: dict[str, Command] | None = None
    shortcuts: tuple[Shortcut, ...] = ()
    ack_timeout: float = 3.0
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger_seconds: float = 3.0
    history_lag: float = 0.0


@dataclass(slots=True)
class World:
    """One workspace with all that belongs to it. Used from the server's event loop only.

    `tickets` are the Socket Mode URLs that were given out; each is good for one connection.
    """

    ledger: Ledger
    now: Callable[[], datetime]
    secrets: Secrets
    settings: Settings
    rates: RateLimits
    workspace: Workspace = field(default_factory=Workspace)
    faults: Faults = field(default_factory=Faults)
    triggers: Triggers = field(default_factory=Triggers)
    response_urls: ResponseUrls = field(default_factory=ResponseUrls)
    grants: Grants = field(default_factory=Grants)
    uploads: Tickets = field(default_factory=Tickets)
    reads: Reads = field(default_factory=Reads)
    base_url: str = ""
    tickets: set[str] = field(default_factory=set)
    on_event: Callable[[JsonObject], None] = lambda _event: None
    watchers: list[Callable[[str, JsonObject], None]] = field(default_factory=list)
    _fresh: dict[str, deque[tuple[float, int]]] = field(default_factory=lambda: defaultdict(deque))

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

    def posted(self, channel: Channel, key: int) -> None:
        """Note a new message, so that history may lag behind it."""
        if self.settings.history_lag > 0:
            self._fresh[channel.id].append((time.monotonic(), key))
            self.history_ends(channel)  # forgets those that history shows by now

    def history_ends(self, channel: Channel) -> int | None:
        """The key of the first message of a channel that its history does not show yet; None when it shows all."""
        fresh = self._fresh.get(channel.id)
        while fresh and time.monotonic() - fresh[0][0] >= self.settings.history_lag:
            fresh.popleft()
        return fresh[0][1] if fresh else None

    def wants(self, event: str, kind: ChannelKind | None = None) -> bool:
        """Whether the app subscribed to an event and has its scope, for conversations of this kind if it is of one."""
        return event in self.settings.events and lets_hear(self.settings.scopes, event, kind)

    @property
    def shows_email(self) -> bool:
        """Whether the app sees people's addresses."""
        return "users:read.email" in self.settings.scopes

    def emit(self, event: JsonObject) -> None:
        """Send an event to the app, soon; answers to calls do not wait for it."""
        self.on_event(event)
