"""Finding channels in which something can be done now: what keeps delivery going when every hint is lost."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

# Of every line only its first post, and of every channel only its newest card, can be worked on. The states stand
# as literals, so that the partial index of what is open is used.
_LINES = (
    "SELECT DISTINCT ON (channel_id, kind = 'card') channel_id, not_before FROM notices"
    " WHERE state IN ('pending', 'sending', 'unknown', 'held'){only}"
    " ORDER BY channel_id, kind = 'card', CASE WHEN kind = 'card' THEN -seq ELSE seq END"
)
_DUE = (
    "SELECT DISTINCT c.id FROM ({lines}) AS heads JOIN channels c ON c.id = heads.channel_id"
    " WHERE (heads.not_before IS NULL OR heads.not_before <= clock_timestamp())"
    " AND (c.not_before IS NULL OR c.not_before <= clock_timestamp())"
    " AND (c.lease IS NULL OR c.lease_until <= clock_timestamp()) ORDER BY c.id LIMIT :limit"
)
_ALL = text(_DUE.format(lines=_LINES.format(only="")))
_ONE = text(_DUE.format(lines=_LINES.format(only=" AND channel_id = :channel")))
_WAIT = text(
    "SELECT extract(epoch FROM not_before - clock_timestamp())::float8 FROM channels"
    " WHERE id = :channel AND not_before > clock_timestamp()"
)


def deliverable(connection: Connection, limit: int = 1000) -> Sequence[int]:
    """Channels in which something can be done now and that nobody works on, lowest id first."""
    return connection.execute(_ALL, {"limit": limit}).scalars().all()


def is_deliverable(connection: Connection, channel_id: int) -> bool:
    """Whether a channel is one of these."""
    return connection.execute(_ONE, {"channel": channel_id, "limit": 1}).one_or_none() is not None


def seconds_to_wait(connection: Connection, channel_id: int) -> float | None:
    """How long a channel is held back as a whole; None when it is not."""
    found: float | None = connection.execute(_WAIT, {"channel": channel_id}).scalar_one_or_none()
    return found
