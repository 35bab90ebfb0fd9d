"""Delivering what waits in the outbox: each notice once, in order, whatever breaks.

How one call for a channel works:

1. the channel is leased by a conditional update: one worker at a time, losers go away;
2. a channel that is not there, or not any more, is made or mended (`rooms`);
3. the head of its line is sent, looked for or finished (`posts`), and its card drawn (`cards`), until nothing is due;
4. what stands in the way decides how long the channel waits: Slack's own word for a 429, a growing time for a
   connection that fails; a definite refusal of one message makes that notice `dead`, and the line goes on;
5. the lease is given back, and the line is looked at once more, since a hint may have come while it was held.

Nothing sleeps here: what has to wait says for how long, and whoever called comes back then.
"""

import logging
import random
from dataclasses import dataclass

from sqlalchemy import text

from app.notices import cards, line, members, pace, posts, rooms, threads
from app.notices.desk import Desk
from app.notices.lease import Lease, LeaseLost
from app.notices.line import Heads, Waiting
from app.notices.outcomes import ChannelLost, NotConnected, NotSent, RateLimited, Refused
from app.notices.port import Ports
from app.notices.service import tell_person
from app.notices.sweep import is_deliverable, seconds_to_wait
from app.notices.timing import Timing
from app.programs.queries import lead_of
from app.store.uow import Store, UnitOfWork

log = logging.getLogger("caseboard.delivery")
MOST = 100
"""Notices in one go, so that one long line does not keep a worker from the others."""
LANES = {"chat.update": "edit", "conversations.create": "create"}
"""The lane whose turns a method takes; that of posts for all others."""
MOST_MENDED = 3
"""How often in one go a channel is mended before it is left alone for a while."""

_HOLD = text(
    "UPDATE channels SET not_before = clock_timestamp() + make_interval(secs => :seconds)"
    " WHERE id = :channel AND lease = :lease"
)
_HOLD_ANY = text(
    "UPDATE channels SET not_before = clock_timestamp() + make_interval(secs => :seconds) WHERE id = :channel"
)
_LEAD = text("SELECT c.code, c.lead_id, p.zone FROM cases c JOIN programs p ON p.id = c.program_id WHERE c.id = :case")


@dataclass(frozen=True)
class Round:
    """What came of one call: notices delivered, and the seconds after which to come again, None if not needed."""

    delivered: int
    again: float | None


class PostOffice:
    """Delivers channels, one call each; any number of them in any number of processes.

    Args:
        store: its clock says when something was delivered, in the program's time; all waits are real time.
        ports: the ways to Slack, one for each program.
        timing: waits and paces.
        home: the address that a channel's topic points to, empty for none.
    """

    def __init__(self, store: Store, ports: Ports, timing: Timing | None = None, *, home: str = "") -> None:
        self.store = store
        self.ports = ports
        self.timing = timing or Timing()
        self.home = home

    def deliver(self, channel_id: int) -> Round:
        """Deliver what is due in a channel. Raises only for what nobody foresaw; the channel is free again then."""
        delivered = 0
        while True:
            lease = Lease.take(self.store.engine, channel_id, self.timing)
            if lease is None:
                with self.store.engine.begin() as connection:
                    return Round(delivered, seconds_to_wait(connection, channel_id))
            try:
                done = _Run(Desk(self.store, self.ports, self.timing, lease, self.home)).go()
            except LeaseLost:
                log.warning("channel %s: another worker took over", channel_id)
                return Round(delivered, None)
            finally:
                lease.release()
            delivered += done.delivered
            if done.again is not None:
                return Round(delivered, done.again)
            with self.store.engine.begin() as connection:
                if not is_deliverable(connection, channel_id):
                    return Round(delivered, None)

    def put_off(self, channel_id: int, seconds: float = 30.0) -> None:
        """Leave a channel alone for a while, after an error that nobody foresaw."""
        with self.store.engine.begin() as connection:
            connection.execute(_HOLD_ANY, {"channel": channel_id, "seconds": seconds})


class _Run:
    """One worker's time with one channel."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.delivered = 0
        self.mended = 0
        self.ready = False

    def go(self) -> Round:
        """Work until nothing is due."""
        while self.delivered < MOST:
            with self.desk.change() as connection:
                heads = line.heads(connection, self.desk.channel.id)
            turn, wait = self._next(heads)
            if turn is None:
                return Round(self.delivered, wait)
            try:
                self.ready = self.ready and self.desk.channel.state == "open"
                _ = self.desk.port  # first of all: without a way to the practice's own workspace nothing is tried
                if self.desk.channel.state != "open" and not _only_finishing(turn):
                    if not rooms.prepare(self.desk):
                        return Round(self.delivered, self._waiting())
                    continue
                if not self.ready and self.desk.channel.state == "open":
                    members.admit(self.desk)
                self.ready = True
                self._work(turn, heads)
            except ChannelLost as error:
                if not self._mend(error):
                    return Round(self.delivered, self._hold(turn, error, self.desk.timing.refused_again))
            except RateLimited as error:
                with self.desk.note() as connection:
                    lane = LANES.get(error.method, "post")
                    rate = self.desk.timing.lanes.get(lane)
                    pace.no_more_bursts(connection, self.desk.channel.program_id, lane, rate)
                seconds = error.retry_after * random.uniform(1.0, 1.2)  # noqa: S311 - only spreads a herd
                return Round(self.delivered, self._hold(turn, error, seconds))
            except NotConnected as error:
                return Round(self.delivered, self._hold(turn, error, self.desk.timing.refused_again))
            except Refused as error:
                if self.desk.channel.state != "open":  # it was the channel that was refused, not the notice
                    return Round(self.delivered, self._hold(turn, error, self.desk.timing.refused_again))
                self._give_up(turn, error)
            except NotSent as error:
                return Round(self.delivered, self._hold(turn, error, self._backoff(turn)))
        return Round(self.delivered, 0.0)

    def _next(self, heads: Heads) -> tuple[Waiting | None, float | None]:
        """What to do now, or the seconds until there is something.

        The card comes before the posts, so that it is the first in a new channel. While one message may or may not
        be there, no other is posted: it is looked for among what is newer than our last post.
        """
        card, post = cards.current(self.desk.channel, heads.cards), heads.post
        known = self.desk.channel.card_ts is not None
        edit = card if known else None
        unsettled = next((one for one in (None if known else card, post) if one and one.may_be_there), None)
        if unsettled is not None:
            order = [unsettled, edit]
        elif card is not None and self._is_last(post):
            return card, None
        else:
            order = [card, post]
        waiting = [one for one in order if one is not None]
        turn = next((one for one in waiting if one.due), None)
        return turn, min((one.wait for one in waiting), default=None)

    def _is_last(self, post: Waiting | None) -> bool:
        """Whether the next post is a case's last, which waits for the card's last edit."""
        return post is not None and post.kind == "closed" and post.due and not post.may_be_there

    def _work(self, turn: Waiting, heads: Heads) -> None:
        if turn.kind == "card":
            at_once = self._is_last(heads.post)
            self.delivered += cards.work(self.desk, turn, heads.cards, at_once=at_once)
        else:
            done = posts.work(self.desk, turn)
            if done and turn.kind == "track" and turn.may_be_there:
                threads.arrived_late(self.desk)
            self.delivered += done

    def _waiting(self) -> float | None:
        with self.desk.note() as connection:
            return seconds_to_wait(connection, self.desk.channel.id)

    def _mend(self, error: ChannelLost) -> bool:
        self.mended += 1
        if self.mended > MOST_MENDED:
            return False
        rooms.lost(self.desk, error)
        return True

    def _hold(self, turn: Waiting, error: NotSent, seconds: float) -> float:
        """Leave the channel, or what is edited in vain in it, alone for a while; returns for how long."""
        log.info("channel %s: %s waits %.1f s: %s", self.desk.channel.id, turn.kind, seconds, error)
        with self.desk.change() as connection:
            line.held(connection, turn, seconds, str(error), counted=not self.ready)
            connection.execute(
                _HOLD, {"channel": self.desk.channel.id, "lease": self.desk.lease.id, "seconds": seconds}
            )
        return seconds

    def _backoff(self, turn: Waiting) -> float:
        timing = self.desk.timing
        longest: float = min(timing.retry_first * 2.0 ** min(turn.attempts, 16), timing.retry_most)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - only spreads a herd

    def _give_up(self, turn: Waiting, error: Refused) -> None:
        """The message is refused for good: say why, tell the case's lead once, and let the line go on."""
        log.warning("channel %s: %s %s is dead: %s", self.desk.channel.id, turn.kind, turn.id, error)
        with self.desk.store.change() as uow:
            self.desk.lease.renew(uow.session.connection())
            if line.dead(uow.session.connection(), turn, str(error)) and turn.kind != "trouble":
                self._tell_lead(uow, turn, error)

    def _tell_lead(self, uow: UnitOfWork, turn: Waiting, error: Refused) -> None:
        if self.desk.channel.case_id is None:
            return
        case = uow.session.execute(_LEAD, {"case": self.desk.channel.case_id}).one()
        lead = lead_of(uow.session, self.desk.channel.program_id, case.lead_id)
        if lead is None:
            return
        what = "The card" if turn.kind == "card" else f"A post ({turn.kind})"
        problem = f"{what} of case {case.code} could not be shown in its channel: {error}. Ask your administrator."
        # A card that cannot be drawn fails at every change; once is enough.
        key = f"{turn.channel_id}:{error.code}" if turn.kind == "card" else str(turn.id)
        payload = {"code": case.code, "zone": case.zone, "problems": [problem]}
        tell_person(uow, lead, "trouble", f"trouble:{key}", payload)


def _only_finishing(turn: Waiting) -> bool:
    """Whether a post is there already, and only what follows it is left: for that no channel is made anew."""
    return turn.kind == "closed" and turn.state == "sending" and turn.ts is not None
