"""Who posts to a channel now: one worker at a time, so that posts keep their order.

All moments are the database's own clock: `clock_timestamp()`, never a worker's or a simulated one.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, text

from app.kernel.clock import seconds_awake_or_asleep
from app.notices.timing import Timing

_TAKE = text(
    "UPDATE channels SET lease = :lease, lease_until = clock_timestamp() + make_interval(secs => :seconds)"
    " WHERE id = :channel AND (lease IS NULL OR lease_until <= clock_timestamp())"
    " AND (not_before IS NULL OR not_before <= clock_timestamp())"
    " RETURNING id, program_id, case_id, staff_id, state, slack_id, card_ts, last_ts, not_before IS NOT NULL AS waited"
)
_RENEW = text(
    "UPDATE channels SET lease_until = clock_timestamp() + make_interval(secs => :seconds)"
    " WHERE id = :channel AND lease = :lease"
)
_RELEASE = text("UPDATE channels SET lease = NULL, lease_until = NULL WHERE id = :channel AND lease = :lease")


class LeaseLost(Exception):
    """Another worker has the channel: whatever was begun here is now its to look for."""


@dataclass
class ChannelRow:
    """The channel as the holder of its lease knows it; only that holder changes it, save for events from Slack."""

    id: int
    program_id: int
    case_id: int | None
    staff_id: int | None
    state: str
    slack_id: str | None
    card_ts: str | None
    last_ts: str | None
    waited: bool


@dataclass
class Lease:
    """A channel that is ours until `timing.lease` seconds after the last renewal."""

    engine: Engine
    timing: Timing
    id: UUID
    channel: ChannelRow
    renewed: float

    @classmethod
    def take(cls, engine: Engine, channel_id: int, timing: Timing) -> "Lease | None":
        """The lease, or None while another worker has it or the channel waits."""
        lease, began = uuid4(), seconds_awake_or_asleep()
        values = {"lease": lease, "channel": channel_id, "seconds": timing.lease}
        with engine.begin() as connection:
            row = connection.execute(_TAKE, values).one_or_none()
        return None if row is None else cls(engine, timing, lease, ChannelRow(**row._mapping), began)

    def renew(self, connection: Connection) -> None:
        """Extend it within a transaction. Raises `LeaseLost`."""
        began = seconds_awake_or_asleep()
        values = {"lease": self.id, "channel": self.channel.id, "seconds": self.timing.lease}
        if connection.execute(_RENEW, values).rowcount != 1:
            raise LeaseLost
        self.renewed = began

    def release(self) -> None:
        """Give the channel back."""
        with self.engine.begin() as connection:
            connection.execute(_RELEASE, {"lease": self.id, "channel": self.channel.id})

    def check(self) -> None:
        """Raises `LeaseLost` when process or machine stood still for so long that a call now may come too late."""
        if seconds_awake_or_asleep() - self.renewed > self.timing.act_within:
            raise LeaseLost
