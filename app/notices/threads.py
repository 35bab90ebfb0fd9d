"""The details of tracks in the thread of a case's card: each one message, edited in place with the card.

A message is there only where somebody has asked for it (`app.cases.threads`), and is edited only where it would look
otherwise than it does. So a case whose thread nobody reads costs one look at the database for each edit of its card,
and one that is read an edit more for each track that has changed. They ride on the card's notice: what changes a track
changes the card, edits coalesce as the card's do, and no row of the outbox is written for them.
"""

import hashlib
import json
from uuid import UUID

from sqlalchemy import TextClause, text

from app.cases.details import TrackDetail, details_of
from app.notices import posts
from app.notices.desk import Desk
from app.notices.outcomes import InvalidMessage, MessageGone
from app.notices.port import Letter, Message
from app.notices.service import touch_card

_POSTS = text(
    "SELECT p.track_id, p.notice_id, p.shown, n.ts, n.payload FROM track_posts p JOIN notices n ON n.id = p.notice_id"
    " WHERE p.case_id = :case AND n.state = 'delivered' AND n.ts IS NOT NULL ORDER BY p.track_id"
)
_SHOWN = text("UPDATE track_posts SET shown = :shown WHERE track_id = :track AND notice_id = :notice")
_GONE = text("DELETE FROM track_posts WHERE track_id = :track AND notice_id = :notice")


def follow(desk: Desk) -> None:
    """Edit what has changed in the thread. Raises what the gateway raises; harmless to repeat.

    An edit takes its turn among the workspace's edits, and is not waited for: those that follow wait the longer.
    """
    with desk.note() as connection:
        there = connection.execute(_POSTS, {"case": desk.channel.case_id}).all()
    if not there:
        return
    assert desk.channel.case_id is not None
    code, zone = there[0].payload["code"], there[0].payload["zone"]
    with desk.store.read() as uow:
        found = details_of(uow.session, desk.channel.case_id, code, zone, [row.track_id for row in there], uow.now)
    names = desk.names({who for detail in found.values() for who in detail.people})
    for row in there:
        detail = found.get(row.track_id)
        if detail is not None:
            _show(desk, Letter(row.notice_id, "track", row.payload, names, track=detail), detail, row.ts, row.shown)


def arrived_late(desk: Desk) -> None:
    """A message was found that nobody knew of: it may show what was so before, and is seen to with the next card."""
    assert desk.channel.case_id is not None
    with desk.store.change() as uow:
        touch_card(uow, desk.channel.case_id)


def _show(desk: Desk, letter: Letter, detail: TrackDetail, ts: str, shown: str | None) -> None:
    try:
        message, metadata = desk.port.draw(letter)
    except InvalidMessage:
        return  # the card goes on without it, and whoever drew it has logged why
    digest = _digest(message)
    if digest == shown:
        return
    with desk.change() as connection:
        desk.turn(connection, "edit", in_channel=False)
    desk.lease.check()
    try:
        posts.replace_message(desk, ts, message, metadata)
    except MessageGone:
        _note(desk, _GONE, detail.id, letter.id)  # somebody deleted it: it comes again when it is asked for again
        return
    _note(desk, _SHOWN, detail.id, letter.id, shown=digest)


def _note(desk: Desk, statement: TextClause, track_id: int, notice_id: UUID, **more: str) -> None:
    with desk.note() as connection:
        connection.execute(statement, {"track": track_id, "notice": notice_id, **more})


def _digest(message: Message) -> str:
    return hashlib.sha256(json.dumps([message.text, *message.blocks], sort_keys=True).encode()).hexdigest()
