"""The line of a channel: what waits there, in order, and how a notice goes from state to state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

SOON = 0.005
"""Waits below this many seconds are none."""

# The states stand as literals, so that the partial index of what is open is used.
_COLUMNS = (
    "id, program_id, channel_id, seq, kind, payload, state, attempts, ts, files, not_before IS NOT NULL AS waited,"
    " greatest(extract(epoch FROM not_before - clock_timestamp()), 0)::float8 AS wait"
)
_HEADS = text(
    f"(SELECT {_COLUMNS} FROM notices WHERE channel_id = :channel"  # noqa: S608 - constants only
    " AND state IN ('pending', 'sending', 'unknown', 'held') AND kind <> 'card' ORDER BY seq LIMIT 1)"
    f" UNION ALL (SELECT {_COLUMNS} FROM notices WHERE channel_id = :channel"
    " AND state IN ('pending', 'sending', 'unknown', 'held') AND kind = 'card' ORDER BY seq)"
)
_WAIT = text(
    "UPDATE notices SET not_before = clock_timestamp() + make_interval(secs => :seconds) WHERE id = :id"
    " AND state IN ('pending', 'held')"
)
_SENDING = text(
    "UPDATE notices SET state = 'sending', sent_at = clock_timestamp(), attempts = attempts + 1, not_before = NULL,"
    " ts = NULL, error = NULL WHERE id = :id AND state IN ('pending', 'sending', 'unknown', 'held')"
)
_POSTED = text(
    "UPDATE notices SET ts = :ts, state = 'sending', not_before = NULL"
    " WHERE id = :id AND state IN ('sending', 'unknown')"
)
# A post that is there is delivered, whatever somebody thought of it meanwhile.
_DELIVERED = text(
    "UPDATE notices SET state = 'delivered', ts = :ts, delivered_at = :now, not_before = NULL, error = :remark"
    " WHERE id = :id AND state <> 'delivered'"
)
_UNKNOWN = text(
    "UPDATE notices SET state = 'unknown', error = :error,"
    " not_before = clock_timestamp() + make_interval(secs => :seconds)"
    " WHERE id = :id AND state IN ('sending', 'unknown')"
)
_KEEP = text(
    "UPDATE notices SET error = :error, not_before = clock_timestamp() + make_interval(secs => :seconds)"
    " WHERE id = :id AND state = 'sending'"
)
_HELD = text(
    "UPDATE notices SET state = 'held', error = :error,"
    " not_before = clock_timestamp() + make_interval(secs => :seconds), attempts = attempts + :counted"
    " WHERE id = :id AND state IN ('pending', 'held')"
)
# Not `pending`: of cards only one may be, and a change may have asked for another one meanwhile.
_AGAIN = text(
    "UPDATE notices SET state = CASE WHEN kind = 'card' THEN 'held' ELSE 'pending' END, not_before = NULL,"
    " ts = NULL, error = NULL WHERE id = :id AND state IN ('sending', 'unknown', 'held')"
)
_DEAD = text(
    "UPDATE notices SET state = 'dead', error = :error, not_before = NULL"
    " WHERE id = :id AND state IN ('pending', 'sending', 'unknown', 'held')"
)
_UPLOADED = text("UPDATE notices SET files = :files WHERE id = :id AND state = 'sending'")
_POSTED_AS = text("SELECT ts FROM notices WHERE id = :id AND channel_id = :channel AND state = 'delivered'")


@dataclass(frozen=True)
class Waiting:
    """A notice that is not delivered yet. `wait` is the seconds until it may be worked on, by real time.

    `files` are those that were brought to Slack for it. `waited` says that it was given its turn before, so it does
    not take another.
    """

    id: UUID
    program_id: int
    channel_id: int
    seq: int
    kind: str
    payload: dict[str, Any]
    state: str
    attempts: int
    ts: str | None
    files: list[str] | None
    waited: bool
    wait: float

    @property
    def due(self) -> bool:
        return self.wait <= SOON

    @property
    def may_be_there(self) -> bool:
        """Whether it may have been posted by a call that nobody knows the end of."""
        return self.state in ("sending", "unknown")


@dataclass(frozen=True)
class Heads:
    """What a channel's worker has to look at: the first post of the line, and every card that waits."""

    post: Waiting | None
    cards: Sequence[Waiting]


def heads(connection: Connection, channel_id: int) -> Heads:
    """The heads of a channel's line."""
    rows: Sequence[Row[Any]] = connection.execute(_HEADS, {"channel": channel_id}).all()
    found = [Waiting(**row._mapping) for row in rows]
    posts = [notice for notice in found if notice.kind != "card"]
    return Heads(posts[0] if posts else None, [notice for notice in found if notice.kind == "card"])


def wait(connection: Connection, notice: Waiting, seconds: float) -> None:
    """Its turn comes later."""
    connection.execute(_WAIT, {"id": notice.id, "seconds": seconds})


def sending(connection: Connection, notice: Waiting) -> bool:
    """From now on it may be in Slack. False when it is not open any more."""
    return connection.execute(_SENDING, {"id": notice.id}).rowcount == 1


def uploaded(connection: Connection, notice: Waiting, files: Sequence[str]) -> None:
    """Its files are in Slack, and are shown next: by them it is looked for."""
    connection.execute(_UPLOADED, {"id": notice.id, "files": list(files)})


def posted(connection: Connection, notice: Waiting, ts: str) -> None:
    """It is in Slack, and something remains to be done with it."""
    connection.execute(_POSTED, {"id": notice.id, "ts": ts})


def delivered(
    connection: Connection, notice: Waiting, ts: str | None, now: datetime, remark: str | None = None
) -> None:
    """It is in Slack."""
    connection.execute(_DELIVERED, {"id": notice.id, "ts": ts, "now": now, "remark": remark})


def unknown(connection: Connection, notice: Waiting, seconds: float, error: str | None) -> None:
    """It may be in Slack: it is looked for when no late call can bring it any more."""
    connection.execute(_UNKNOWN, {"id": notice.id, "seconds": seconds, "error": error})


def keep(connection: Connection, notice: Waiting, seconds: float, error: str) -> None:
    """It is in Slack, and what remains to be done with it comes later."""
    connection.execute(_KEEP, {"id": notice.id, "seconds": seconds, "error": error})


def held(connection: Connection, notice: Waiting, seconds: float, error: str, *, counted: bool) -> None:
    """It is tried again later, unless it may be in Slack already. `counted` when nothing counted the attempt yet."""
    values = {"id": notice.id, "seconds": seconds, "error": error, "counted": int(counted)}
    connection.execute(_HELD, values)


def again(connection: Connection, notice: Waiting) -> None:
    """It is not in Slack: from the start."""
    connection.execute(_AGAIN, {"id": notice.id})


def dead(connection: Connection, notice: Waiting, error: str) -> bool:
    """It is refused for good. False when it is not open any more."""
    return connection.execute(_DEAD, {"id": notice.id, "error": error}).rowcount == 1


def posted_as(connection: Connection, notice_id: UUID, channel_id: int) -> str | None:
    """The timestamp under which another notice of the channel was posted."""
    found: str | None = connection.execute(_POSTED_AS, {"id": notice_id, "channel": channel_id}).scalar_one_or_none()
    return found
