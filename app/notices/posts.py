"""One post of the line: sent once, looked for when nobody knows, finished.

A post goes `pending` -> `sending` (committed) -> Slack -> `delivered`. Whoever finds one in `sending` with the lease in
hand knows that its worker is gone, and looks for it. What is not found is looked for once more after a pause that
outlasts every call that may still be on its way; only then is it sent again.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection, text

from app.notices import line, members
from app.notices.desk import Desk
from app.notices.line import Waiting
from app.notices.outcomes import (
    Ambiguous,
    ChannelArchived,
    ChannelLost,
    FilesRefused,
    MessageGone,
    NotConnected,
    NotSent,
    Refused,
)
from app.notices.port import Message

log = logging.getLogger("caseboard.delivery")
_ARCHIVED = text("UPDATE channels SET state = 'archived' WHERE id = :channel AND lease = :lease")
CALLED = re.compile(r"<@([A-Z0-9]+)>")
"""A mention, as Slack writes it: in a private channel it reaches only members."""
EDITS = ("answer", "settled", "digested")
"""Kinds of notices that change the post that they are `of`, and are posted only where that is not there."""
REPLIES = ("declined", "replied", "track")
"""Kinds of notices that are posted in the thread of the post that they are `of`; a track's details in the card's."""
WITH_FILES = ("report",)
"""Kinds of notices whose messages Slack makes itself when their files are shared: found by these, or by the metadata of
what was posted without them."""
LATE_LOOK = "Not found in Slack; looked for once more before it is sent again"


def work(desk: Desk, notice: Waiting) -> int:
    """Bring the post one step on; returns how many were delivered. Raises what the gateway raises.

    Whatever is raised, the notice's row says already what is known of it.
    """
    if notice.state == "sending" and notice.ts:
        return finish(desk, notice, notice.ts)
    root = _root(desk, notice)
    fresh = notice
    if notice.kind in EDITS and root:
        try:
            return _edit(desk, notice, root)
        except MessageGone:
            # Deleted, or left behind in a channel that was replaced: it is said anew, in this same step.
            fresh = replace(notice, state="sending")
    if notice.may_be_there:
        return look(desk, notice, root)
    return _send(desk, fresh, root if notice.kind in REPLIES else None)


def look(desk: Desk, notice: Waiting, root: str | None = None) -> int:
    """Find out whether a post is there. Not found at the first look is no answer yet, at the late one it is."""
    ts = careful_find(desk, notice, root)
    if ts is not None:
        return arrived(desk, notice, ts)
    with desk.change() as connection:
        not_found(desk, connection, notice)
    return 0


def not_found(desk: Desk, connection: Connection, notice: Waiting) -> None:
    """Nothing is there: after the late look that is so, after the first it may still come."""
    if notice.state == "unknown":
        line.again(connection, notice)
    else:
        line.unknown(connection, notice, desk.timing.settle, LATE_LOOK)


def careful_find(desk: Desk, notice: Waiting, root: str | None = None) -> str | None:
    """Look for a post; when the look itself fails, nothing was learnt and the pause begins anew."""
    try:
        return find(desk, notice, root)
    except ChannelLost:
        raise
    except NotSent as error:
        with desk.note() as connection:
            line.unknown(connection, notice, desk.timing.settle, str(error))
        if isinstance(error, Refused) and not isinstance(error, NotConnected):
            raise Ambiguous(f"the channel could not be looked through: {error}") from None
        raise


def find(desk: Desk, notice: Waiting, root: str | None = None) -> str | None:
    """The post's timestamp, from its thread or the channel."""
    if root and notice.kind in REPLIES:
        try:
            ts = desk.port.find(desk.address, str(notice.id), since=None, thread_ts=root)
        except MessageGone:
            ts = None
        if ts is not None:
            return ts
    if notice.kind in WITH_FILES and notice.files:
        ts = desk.port.find_files(desk.address, notice.files, since=desk.channel.last_ts)
        if ts is not None:
            return ts
    return desk.port.find(desk.address, str(notice.id), since=desk.channel.last_ts)


def arrived(desk: Desk, notice: Waiting, ts: str) -> int:
    """A post is there: note where, and do what remains."""
    with desk.note() as connection:
        desk.saw(connection, ts)
        if notice.kind != "closed":
            line.delivered(connection, notice, ts, desk.store.clock.now())
            return 1
        line.posted(connection, notice, ts)
    return finish(desk, notice, ts)


def finish(desk: Desk, notice: Waiting, ts: str) -> int:
    """After the last post of a case: archive its channel. Harmless to repeat."""
    remark = remaining(desk, notice, lambda: desk.port.archive(desk.address))
    with desk.note() as connection:
        connection.execute(_ARCHIVED, {"channel": desk.channel.id, "lease": desk.lease.id})
        line.delivered(connection, notice, ts, desk.store.clock.now(), remark)
    desk.channel.state = "archived"
    return 1


def remaining(desk: Desk, notice: Waiting, step: Callable[[], None]) -> str | None:
    """What remains to be done with a post that is there; returns why Slack does not allow it, None when it is done.

    What may succeed another time is noted to come later, and raised.
    """
    try:
        step()
    except NotSent as error:
        if isinstance(error, Refused) and not isinstance(error, NotConnected):
            return str(error)
        with desk.note() as connection:
            line.keep(connection, notice, desk.timing.retry_first, str(error))
        raise
    return None


def replace_message(desk: Desk, ts: str, message: Message, metadata: Mapping[str, object]) -> None:
    """Edit a message of ours; raises `ChannelArchived` where Slack only says that it cannot be edited."""
    try:
        desk.port.edit(desk.address, ts, message, metadata)
    except MessageGone:
        if desk.port.channel(desk.address).archived:
            raise ChannelArchived("is_archived", "The channel is archived") from None
        raise


def post(
    desk: Desk, notice: Waiting, message: Message, metadata: Mapping[str, object], thread: str | None
) -> str | None:
    """Post a message that is marked as being sent; returns its timestamp, or None when nobody knows.

    A definite refusal puts the notice back and is raised.
    """
    desk.lease.check()
    try:
        try:
            return desk.port.post(desk.address, message, metadata, thread_ts=thread)
        except MessageGone:
            if thread is None:
                raise
            return desk.port.post(desk.address, message, metadata)  # the thread is gone, the words are still due
    except Ambiguous as error:
        return _after_silence(desk, notice, error, thread)
    except NotSent:
        with desk.note() as connection:
            line.again(connection, notice)
        raise


def _after_silence(desk: Desk, notice: Waiting, error: Ambiguous, thread: str | None) -> str | None:
    """Nobody knows whether the post is there. Look at once: most often it is, and the line goes on."""
    with desk.note() as connection:
        line.unknown(connection, notice, desk.timing.settle, str(error))
    try:
        return find(desk, notice, thread)
    except NotSent:
        return None  # the late look, which is what counts, is noted already


def _send(desk: Desk, notice: Waiting, thread: str | None) -> int:
    message, metadata = desk.port.draw(desk.letter(notice))
    called = CALLED.findall(message.text)
    if called:
        members.admit(desk, called)
    if not desk.begin(notice, "post"):
        return 0
    if message.files:
        try:
            return _share(desk, notice, message)
        except FilesRefused as error:
            # Not put back: the row still says that it is being sent, and what is sent now has metadata.
            log.warning("channel %s: %s %s goes without its files: %s", desk.channel.id, notice.kind, notice.id, error)
            message = Message(f"{message.text}\n\n_The picture and the rows could not be sent: {error.words}._")
    ts = post(desk, notice, message, metadata, thread)
    return 0 if ts is None else arrived(desk, notice, ts)


def _share(desk: Desk, notice: Waiting, message: Message) -> int:
    """A message with files: brought to Slack, their ids noted, then shown. Only the last step can double anything."""
    desk.lease.check()
    try:
        files = desk.port.upload(message.files)
        notice = replace(notice, files=files)
        with desk.change() as connection:
            line.uploaded(connection, notice, files)
        desk.lease.check()
        titles = dict(zip(files, (file.title for file in message.files), strict=True))
    except FilesRefused:
        raise
    except NotSent:
        with desk.note() as connection:  # whatever became of the bytes, nobody sees them
            line.again(connection, notice)
        raise
    try:
        desk.port.share(desk.address, message.text, titles)
    except Ambiguous as error:
        ts = _after_silence(desk, notice, error, None)
        return 0 if ts is None else arrived(desk, notice, ts)
    except FilesRefused:
        raise
    except NotSent:
        with desk.note() as connection:
            line.again(connection, notice)
        raise
    try:
        ts = find(desk, notice)
    except NotSent:
        ts = None
    if ts is not None:
        return arrived(desk, notice, ts)
    with desk.note() as connection:  # shared, though Slack still looks at the files
        line.delivered(connection, notice, None, desk.store.clock.now())
    return 1


def _edit(desk: Desk, notice: Waiting, ts: str) -> int:
    """Change a post of ours in place. Harmless to repeat, so whatever goes wrong, it is simply done again."""
    message, metadata = desk.port.draw(desk.letter(notice))
    if not desk.begin(notice, "edit"):
        return 0
    desk.lease.check()
    try:
        replace_message(desk, ts, message, metadata)
    except MessageGone:
        raise
    except NotSent:
        with desk.note() as connection:
            line.again(connection, notice)
        raise
    with desk.note() as connection:
        line.delivered(connection, notice, ts, desk.store.clock.now())
    return 1


def _root(desk: Desk, notice: Waiting) -> str | None:
    """The post that this one edits or answers, if it is there."""
    if notice.kind == "track":
        return desk.channel.card_ts
    of = notice.payload.get("of")
    if not isinstance(of, str):
        return None
    with desk.note() as connection:
        return line.posted_as(connection, UUID(of), desk.channel.id)
