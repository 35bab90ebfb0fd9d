"""Taking turns: how long a call has to wait so that Slack need not say 429.

A pace is one moment, how far it is used up (the generic cell rate algorithm). A call always gets a turn, now or
later; whoever gets a later one keeps it, so that many waiting channels neither race nor starve.
"""

from uuid import UUID

from sqlalchemy import Connection, text

from app.notices.lease import LeaseLost
from app.notices.timing import Rate

_CHANNEL = text(
    "UPDATE channels SET paced_to = greatest(paced_to, clock_timestamp()) + make_interval(secs => :step)"
    " WHERE id = :channel AND lease = :lease"
    " RETURNING extract(epoch FROM paced_to - clock_timestamp())::float8 - :step * :burst"
)
_LANE = text(
    "INSERT INTO paces AS pace (program_id, lane, used_to)"
    " VALUES (:program, :lane, clock_timestamp() + make_interval(secs => :step))"
    " ON CONFLICT (program_id, lane) DO UPDATE"
    " SET used_to = greatest(pace.used_to, clock_timestamp()) + make_interval(secs => :step)"
    " RETURNING extract(epoch FROM used_to - clock_timestamp())::float8 - :step * :burst"
)
_EMPTY = text(
    "UPDATE paces SET used_to = greatest(used_to, clock_timestamp() + make_interval(secs => :step * :burst))"
    " WHERE program_id = :program AND lane = :lane"
)


def turn_in_channel(connection: Connection, channel_id: int, lease: UUID, rate: Rate | None) -> float:
    """Take the channel's next turn; returns the seconds until it. Raises `LeaseLost`."""
    if rate is None:
        return 0.0
    values = {"channel": channel_id, "lease": lease, "step": 1 / rate.per_second, "burst": rate.burst}
    wait: float | None = connection.execute(_CHANNEL, values).scalar_one_or_none()
    if wait is None:
        raise LeaseLost
    return max(wait, 0.0)


def turn_in_workspace(connection: Connection, program_id: int, lane: str, rate: Rate | None) -> float:
    """Take the workspace's next turn in a lane; returns the seconds until it. Locks the lane until the commit."""
    if rate is None:
        return 0.0
    values = {"program": program_id, "lane": lane, "step": 1 / rate.per_second, "burst": rate.burst}
    return max(float(connection.execute(_LANE, values).scalar_one()), 0.0)


def no_more_bursts(connection: Connection, program_id: int, lane: str, rate: Rate | None) -> None:
    """After a 429: the burst is used up, and everybody goes on at the sustained pace."""
    if rate is not None:
        values = {"program": program_id, "lane": lane, "step": 1 / rate.per_second, "burst": rate.burst}
        connection.execute(_EMPTY, values)
