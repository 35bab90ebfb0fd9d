"""Bringing home tabs up to date: one hand a person, nothing published that is shown already, nothing older on top.

How one call works:

1. the tab's row is taken by a conditional update, with the newest audit number of the program, read before the rest;
2. the desk is read and drawn; where it is what is shown already, and nobody asked, nothing is published;
3. it is published with the hash of the view that it replaces: a hand that was too slow is refused by Slack itself;
4. the row is given back with what it was drawn from; who pressed something meanwhile gets another drawing at once.

What stands in the way decides how long the tab waits, and it stays behind until it is right.
"""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.homes import rows
from app.homes.desk import desk_of
from app.homes.rows import Taken
from app.kernel.clock import seconds_awake_or_asleep
from app.log import log_failure
from app.notices import pace
from app.notices.outcomes import (
    Ambiguous,
    NotConnected,
    NotSent,
    RateLimited,
    Refused,
)
from app.notices.timing import Timing
from app.programs.actor import Origin
from app.programs.models import Program, Staff
from app.programs.queries import as_actor
from app.slack.answer import Answer
from app.slack.connections import Connections
from app.slack.views import home, modals
from app.store.uow import Store

log = logging.getLogger("caseboard.home")
MOST: Final = 5
"""Drawings in one call, so that somebody who presses without end does not keep a hand."""
LANE: Final = "home"
SOON: Final = 0.05


@dataclass(frozen=True)
class _Drawn:
    user: str
    view: modals.View
    seal: str
    next_at: datetime


class Homes:
    """Publishes home tabs; any number of hands in any number of processes.

    Args:
        store: its clock says what is late and which day it is; all waits are real time.
        connections: the ways to Slack, one for each program.
        timing: the pace of `views.publish` in a workspace is its lane `home`; a press does not wait for it.
    """

    def __init__(self, store: Store, connections: Connections, timing: Timing | None = None) -> None:
        self._store = store
        self._connections = connections
        self._timing = timing or Timing()

    def stale(self) -> Sequence[int]:
        """People whose open home tab is behind and can be drawn now."""
        with self._store.engine.connect() as connection:
            return rows.stale(connection, self._store.clock.now())

    def publish(self, staff_id: int) -> bool:
        """Bring a person's home tab up to date. Returns whether anything was published.

        Where that is not possible now, the tab is left alone for a while and stays behind. Raises only what the
        database raises.
        """
        published = False
        for _ in range(MOST):
            began = seconds_awake_or_asleep()
            taken = rows.take(self._store.engine, staff_id, self._store.clock.now(), self._timing.home_lease)
            if taken is None:
                return published
            try:
                done, again = self._once(taken, began)
            except NotSent as error:
                done, again = False, self._stopped(taken, error)
            except Exception as error:  # noqa: BLE001 - the edge of a hand: logged, and the other tabs go on
                log_failure(f"the home tab of staff row {staff_id}", error)
                self._put_off(taken, self._timing.retry_most)
                return published
            published |= done
            if not again:
                return published
        return published

    def _once(self, taken: Taken, began: float) -> tuple[bool, bool]:
        gateway = self._connections.of(taken.program_id)
        drawn = self._draw(taken)
        asked = taken.asked > taken.drawn
        view_hash = taken.view_hash
        fresh = asked or drawn.seal != taken.shown
        if fresh:
            wait = self._turn(taken, at_once=asked)
            if wait > SOON:
                self._put_off(taken, wait)
                return False, False
            if seconds_awake_or_asleep() - began > self._timing.act_within:
                self._put_off(taken, self._timing.retry_first)  # a call now might come after another hand's
                return False, False
            answer = gateway.call("views.publish", user_id=drawn.user, view=drawn.view, hash=taken.view_hash)
            view = answer.get("view")
            view_hash = str(view["hash"]) if isinstance(view, Mapping) and view.get("hash") else None
        with self._store.engine.begin() as connection:
            again = rows.give_back(connection, taken, shown=drawn.seal, view_hash=view_hash, next_at=drawn.next_at)
        return fresh, again

    def _draw(self, taken: Taken) -> _Drawn:
        with self._store.read() as uow:
            person = uow.session.get_one(Staff, taken.staff_id)
            program = uow.session.get_one(Program, taken.program_id)
            zone = program.zone
            desk = desk_of(uow.session, as_actor(person, Origin.SLACK), taken.only, zone=zone, now=uow.now)
            said, next_at = None, desk.next_at
            if taken.said is not None and taken.said_until is not None and taken.said_until > uow.now:
                said, next_at = Answer.of(taken.said), min(next_at, taken.said_until)
            answer = home.desk(desk, taken.only, zone=zone, now=uow.now, said=said)
        # The last block says when it was drawn, which alone makes no difference.
        content = json.dumps(answer.blocks[:-1], sort_keys=True).encode()
        return _Drawn(person.slack_user_id, modals.home(answer), hashlib.sha256(content).hexdigest(), next_at)

    def _turn(self, taken: Taken, *, at_once: bool) -> float:
        """Take a turn in the workspace; returns the seconds until there is one. A press takes it in any case."""
        rate = self._timing.lanes.get(LANE)
        with self._store.engine.connect() as connection:
            wait = pace.turn_in_workspace(connection, taken.program_id, LANE, rate)
            if at_once or wait <= SOON:
                connection.commit()
                return 0.0
            return wait  # rolled back: the turn is somebody else's

    def _stopped(self, taken: Taken, error: NotSent) -> bool:
        """Note what stood in the way. Returns whether to try again at once."""
        timing = self._timing
        if isinstance(error, RateLimited):
            with self._store.engine.begin() as connection:
                pace.no_more_bursts(connection, taken.program_id, LANE, timing.lanes.get(LANE))
                rows.put_off(connection, taken, error.retry_after)
                rows.put_all_off(connection, taken.program_id, error.retry_after)
        elif isinstance(error, Refused) and error.code == "hash_conflict":
            # Somebody published meanwhile, or a call did that seemed lost. Only who still has the row goes on.
            self._put_off(taken, 0.0, forget=True)
            return True
        elif isinstance(error, Refused):
            seconds = timing.refused_again if isinstance(error, NotConnected) else timing.retry_most
            log.warning("a home tab was not published, tried again in %g s: %s", seconds, error.code)
            self._put_off(taken, seconds)
        elif isinstance(error, Ambiguous):
            # With a hash the lost call cannot come later; without one, wait until it would have.
            self._put_off(taken, timing.retry_first if taken.view_hash else timing.settle, unsure=True)
        else:
            self._put_off(taken, timing.retry_first)
        return False

    def _put_off(self, taken: Taken, seconds: float, *, unsure: bool = False, forget: bool = False) -> None:
        with self._store.engine.begin() as connection:
            rows.put_off(connection, taken, seconds, unsure=unsure, forget=forget)
