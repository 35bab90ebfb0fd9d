"""The card of a case's channel: posted once and pinned, then edited in place; the details in its thread with it.

Edits coalesce: only the newest card that waits is drawn, and it is drawn after it is marked as being sent, so that
every change that was committed before is on it, and every later one asks for another card. An edit is harmless to
repeat. The first post is not, and is looked for like any other.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from app.cases.card import card_of
from app.notices import line, posts, threads
from app.notices.desk import Desk
from app.notices.lease import ChannelRow
from app.notices.line import Waiting
from app.notices.outcomes import MessageGone, NotSent
from app.notices.port import Message

_GAP = text(
    "SELECT greatest(extract(epoch FROM card_at - clock_timestamp())::float8 + :gap, 0) FROM channels"
    " WHERE id = :channel"
)
_DRAWN = text("UPDATE channels SET card_at = clock_timestamp() WHERE id = :channel")
_CARD_TS = text("UPDATE channels SET card_ts = :ts WHERE id = :channel AND lease = :lease")
TOGETHER = "Shown together with a newer edit of the card"


def current(channel: ChannelRow, cards: Sequence[Waiting]) -> Waiting | None:
    """The card to work on: one whose first post has to be finished or found, else the newest."""
    for card in cards:
        if (card.state == "sending" and card.ts) or (channel.card_ts is None and card.may_be_there):
            return card
    return cards[-1] if cards else None


def work(desk: Desk, card: Waiting, cards: Sequence[Waiting], *, at_once: bool = False) -> int:
    """Bring the card one step on; returns how many notices were delivered by it. Raises what the gateway raises.

    `at_once` leaves out the gap between edits: for the last edit before the channel is archived.
    """
    if card.state == "sending" and card.ts:
        return _finish(desk, card, card.ts)
    if desk.channel.card_ts is None and card.may_be_there:
        return _look(desk, card, cards)
    older = [other for other in cards if other.id != card.id]
    return _show(desk, card, older, at_once=at_once)


def _look(desk: Desk, card: Waiting, cards: Sequence[Waiting]) -> int:
    ts = posts.careful_find(desk, card)
    if ts is not None:
        return _arrived(desk, card, ts)
    with desk.change() as connection:
        if card.state == "unknown" and cards[-1].id != card.id:
            line.delivered(connection, card, None, desk.store.clock.now(), TOGETHER)
            return 1
        posts.not_found(desk, connection, card)
    return 0


def _show(desk: Desk, card: Waiting, older: Sequence[Waiting], *, at_once: bool) -> int:
    lane = "post" if desk.channel.card_ts is None else "edit"
    if not desk.begin(card, lane, not_sooner=0.0 if at_once else _gap(desk)):
        return 0
    with desk.note() as connection:
        connection.execute(_DRAWN, {"channel": desk.channel.id})
    message, metadata = _draw(desk, card)
    desk.lease.check()
    if desk.channel.card_ts is not None:
        try:
            return _edit(desk, card, older, desk.channel.card_ts, message, metadata)
        except MessageGone:
            # Somebody deleted it. The next step posts it anew, once nothing else here waits to be looked for.
            with desk.change() as connection:
                _put_ts(desk, connection, None)
                line.again(connection, card)
            return 0
    ts = posts.post(desk, card, message, metadata, None)
    return 0 if ts is None else _arrived(desk, card, ts) + _together(desk, older, ts)


def _edit(
    desk: Desk,
    card: Waiting,
    older: Sequence[Waiting],
    ts: str,
    message: Message,
    metadata: Mapping[str, object],
) -> int:
    try:
        posts.replace_message(desk, ts, message, metadata)
        threads.follow(desk)
    except MessageGone:
        raise
    except NotSent:
        with desk.note() as connection:
            line.again(connection, card)
        raise
    with desk.note() as connection:
        line.delivered(connection, card, ts, desk.store.clock.now())
    return 1 + _together(desk, older, ts)


def _draw(desk: Desk, card: Waiting) -> tuple[Message, Mapping[str, object]]:
    assert desk.channel.case_id is not None
    with desk.store.read() as uow:
        data = card_of(uow.session, desk.channel.case_id, uow.now)
    return desk.port.draw(desk.letter(card, data))


def _arrived(desk: Desk, card: Waiting, ts: str) -> int:
    """The first post is there. Only with the lease in hand: a card that is not known would be posted again."""
    with desk.change() as connection:
        desk.saw(connection, ts)
        _put_ts(desk, connection, ts)
        line.posted(connection, card, ts)
    return _finish(desk, card, ts)


def _finish(desk: Desk, card: Waiting, ts: str) -> int:
    """Pin the card. Where Slack does not let it be pinned, it stays unpinned."""
    remark = posts.remaining(desk, card, lambda: desk.port.pin(desk.address, ts))
    with desk.note() as connection:
        line.delivered(connection, card, ts, desk.store.clock.now(), remark)
    return 1


def _together(desk: Desk, older: Sequence[Waiting], ts: str) -> int:
    with desk.note() as connection:
        for card in older:
            line.delivered(connection, card, ts, desk.store.clock.now(), TOGETHER)
    return len(older)


def _put_ts(desk: Desk, connection: Connection, ts: str | None) -> None:
    connection.execute(_CARD_TS, {"channel": desk.channel.id, "lease": desk.lease.id, "ts": ts})
    desk.channel.card_ts = ts


def _gap(desk: Desk) -> float:
    with desk.note() as connection:
        values = {"channel": desk.channel.id, "gap": desk.timing.card_gap}
        found: float | None = connection.execute(_GAP, values).scalar_one()
    return found or 0.0
