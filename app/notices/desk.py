"""What the worker of one channel has before it while it holds the lease."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, text

from app.cases.card import CardData
from app.cases.details import TrackDetail, details_of
from app.notices import line, pace
from app.notices.lease import ChannelRow, Lease
from app.notices.line import SOON, Waiting
from app.notices.port import Letter, Port, Ports
from app.notices.timing import Timing
from app.store.uow import Store

_NAMES = text("SELECT slack_user_id, name FROM staff WHERE program_id = :program AND slack_user_id = ANY(:ids)")
_LAST = text("UPDATE channels SET last_ts = :ts WHERE id = :channel AND lease = :lease")
PEOPLE = ("by", "from", "to", "holder")
"""The keys of a payload that hold Slack user ids."""


@dataclass
class Desk:
    """One channel, its lease, and the way to Slack."""

    store: Store
    ports: Ports
    timing: Timing
    lease: Lease
    home: str

    @cached_property
    def port(self) -> Port:
        """The way to the workspace of the channel's program. Raises `NotConnected`, and what the gateway does."""
        return self.ports.of(self.channel.program_id)

    @property
    def channel(self) -> ChannelRow:
        return self.lease.channel

    @property
    def address(self) -> str:
        """The channel's Slack id; there is one as soon as the channel is prepared."""
        assert self.channel.slack_id is not None
        return self.channel.slack_id

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """A transaction that also renews the lease. Raises `LeaseLost`; then nothing is changed."""
        with self.store.engine.begin() as connection:
            self.lease.renew(connection)
            yield connection

    @contextmanager
    def note(self) -> Iterator[Connection]:
        """A transaction for what is a fact, whoever has the lease by now."""
        with self.store.engine.begin() as connection:
            yield connection

    def turn(self, connection: Connection, lane: str, *, in_channel: bool) -> float:
        """Take a turn in the channel and in the workspace; returns the seconds until it."""
        wait = 0.0
        if in_channel:
            wait = pace.turn_in_channel(connection, self.channel.id, self.lease.id, self.timing.channel)
        rate = self.timing.lanes.get(lane)
        return max(wait, pace.turn_in_workspace(connection, self.channel.program_id, lane, rate))

    def begin(self, notice: Waiting, lane: str, *, not_sooner: float = 0.0) -> bool:
        """Mark a notice as being sent, if it is its turn; else note when it is. Commits before anything is sent."""
        with self.change() as connection:
            if notice.state == "pending" and not notice.waited:
                wait = max(self.turn(connection, lane, in_channel=lane == "post"), not_sooner)
                if wait > SOON:
                    line.wait(connection, notice, wait)
                    return False
            return line.sending(connection, notice)

    def saw(self, connection: Connection, ts: str) -> None:
        """Remember our newest post in the channel, so that a later one is looked for behind it."""
        connection.execute(_LAST, {"channel": self.channel.id, "lease": self.lease.id, "ts": ts})
        self.channel.last_ts = ts

    def letter(self, notice: Waiting, card: CardData | None = None) -> Letter:
        """The notice with people's names, for those that it names without calling them."""
        ids = set(people(notice.payload))
        if card is not None:
            ids |= card.people
        track = self._track(notice) if notice.kind == "track" else None
        if track is not None:
            ids |= track.people
        return Letter(notice.id, notice.kind, notice.payload, self.names(ids), card, track)

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """People's names by their Slack user ids."""
        if not ids:
            return {}
        with self.note() as connection:
            rows = connection.execute(_NAMES, {"program": self.channel.program_id, "ids": sorted(ids)})
            return {row.slack_user_id: row.name for row in rows}

    def _track(self, notice: Waiting) -> TrackDetail | None:
        assert self.channel.case_id is not None
        track_id, code, zone = (notice.payload[key] for key in ("track", "code", "zone"))
        with self.store.read() as uow:
            return details_of(uow.session, self.channel.case_id, code, zone, [track_id], uow.now).get(track_id)


def people(payload: Mapping[str, Any]) -> Iterator[str]:
    """Every Slack user id that a payload names."""
    for key, value in payload.items():
        if key in PEOPLE:
            found = value if isinstance(value, list) else [value]
            yield from (one for one in found if isinstance(one, str))
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from people(item)
