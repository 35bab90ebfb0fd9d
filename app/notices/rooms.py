"""The Slack channel of a case: made, filled, brought back, replaced.

Every step may be repeated, and each is noted when it is done, so a worker that is killed anywhere leaves something that
the next one goes on with.
"""

import logging
from typing import Any

from sqlalchemy import Row, text

from app.notices import members
from app.notices.desk import Desk
from app.notices.line import SOON
from app.notices.outcomes import ChannelArchived, ChannelLost, NameTaken, NotConnected, PersonUnknown, Refused
from app.notices.port import ChannelFacts
from app.notices.service import tell_case, touch_card

log = logging.getLogger("caseboard.delivery")
MOST_NAMES = 20
TOPIC = "Case {code} · no patient data here"
CLOSED = "The case is closed, and its channel is archived or gone"
_CASE = text("SELECT c.code, c.state, p.zone FROM cases c JOIN programs p ON p.id = c.program_id WHERE c.id = :case")
_STATE = text("UPDATE channels SET state = :state WHERE id = :channel AND lease = :lease")
_MADE = text(
    "UPDATE channels SET slack_id = :slack, name = :name, state = 'wanted' WHERE id = :channel AND lease = :lease"
)
_OPEN = text("UPDATE channels SET state = 'open', not_before = NULL WHERE id = :channel AND lease = :lease")
_OPEN_DIRECT = text(
    "UPDATE channels SET state = 'open', slack_id = :slack, not_before = NULL WHERE id = :channel AND lease = :lease"
)
_TAKEN = text("SELECT 1 FROM channels WHERE slack_id = :slack AND id <> :channel")
_FORGET = text(
    "UPDATE channels SET slack_id = NULL, card_ts = NULL, last_ts = NULL, absent = '[]', invited = '{}',"
    " state = 'wanted' WHERE id = :channel AND lease = :lease RETURNING 1"
)
# What may or may not have come through in a channel that is gone cannot be looked for: it is said in the new one.
_ANEW = text(
    "UPDATE notices SET state = 'held', ts = NULL, not_before = NULL, error = NULL"
    " WHERE channel_id = :channel AND state IN ('sending', 'unknown')"
)
_BURY = text(
    "UPDATE notices SET state = 'dead', error = :error, not_before = NULL"
    " WHERE channel_id = :channel AND state IN ('pending', 'sending', 'unknown', 'held')"
)
_WAIT = text(
    "UPDATE channels SET not_before = clock_timestamp() + make_interval(secs => :seconds)"
    " WHERE id = :channel AND lease = :lease"
)
_PERSON = text("SELECT slack_user_id FROM staff WHERE id = :staff")


def lost(desk: Desk, error: ChannelLost) -> None:
    """Slack said that the channel is not there as it was."""
    state = "archived" if isinstance(error, ChannelArchived) else "lost"
    _set_state(desk, state)
    log.info("channel %s: %s", desk.channel.id, error)


def prepare(desk: Desk) -> bool:
    """Have a channel that can be posted to. False when its turn comes later, or nothing has to be posted any more."""
    if desk.channel.case_id is None:
        return _prepare_direct(desk)
    with desk.note() as connection:
        case = connection.execute(_CASE, {"case": desk.channel.case_id}).one()
    if desk.channel.state in ("archived", "lost"):
        if case.state == "closed":
            _bury(desk)
            return False
        if desk.channel.state == "lost" or not _brought_back(desk):
            _replace(desk, case)
    if desk.channel.slack_id is None and not _make(desk, case.code):
        return False
    _fill(desk, case)
    return True


def _prepare_direct(desk: Desk) -> bool:
    with desk.note() as connection:
        person: str = connection.execute(_PERSON, {"staff": desk.channel.staff_id}).scalar_one()
    try:
        address = desk.port.direct(person)
    except PersonUnknown as error:
        with desk.change() as connection:
            connection.execute(_BURY, {"channel": desk.channel.id, "error": str(error)})
        return False
    with desk.change() as connection:
        connection.execute(_OPEN_DIRECT, _ours(desk) | {"slack": address})
    desk.channel.slack_id, desk.channel.state = address, "open"
    return True


def _make(desk: Desk, code: str) -> bool:
    """Make the channel, or find the one that an interrupted attempt made. False when its turn comes later."""
    if not desk.channel.waited:
        with desk.change() as connection:
            wait = desk.turn(connection, "create", in_channel=False)
            if wait > SOON:
                connection.execute(_WAIT, _ours(desk) | {"seconds": wait})
                return False
    for name in names(code):
        facts = _create_or_adopt(desk, name)
        if facts is not None:
            with desk.change() as connection:
                connection.execute(_MADE, _ours(desk) | {"slack": facts.id, "name": facts.name})
            desk.channel.slack_id, desk.channel.state = facts.id, "wanted"
            return True
    raise NameTaken("name_taken", f"All {MOST_NAMES} channel names of the case are taken")


def names(code: str) -> list[str]:
    """The names to try, in order: `case-k7q4`, `case-k7q4-2`, …"""
    base = f"case-{code.lower()}"
    return [base, *(f"{base}-{number}" for number in range(2, MOST_NAMES + 1))]


def _create_or_adopt(desk: Desk, name: str) -> ChannelFacts | None:
    """A channel of that name that is ours to use; None when the name is somebody else's.

    A taken name may be our own doing, by an attempt whose answer was lost: a channel that the app itself made, that
    is open, and that no other case uses.
    """
    try:
        return desk.port.create_channel(name)
    except NameTaken:
        facts = desk.port.own_channel(name)
    if facts is None or facts.archived:
        return None
    with desk.note() as connection:
        values = {"slack": facts.id, "channel": desk.channel.id}
        taken = connection.execute(_TAKEN, values).one_or_none()
    return facts if taken is None else None


def _fill(desk: Desk, case: Row[Any]) -> None:
    """Topic and people; those who cannot be invited are noted, and the card says so."""
    try:
        link = f" · {desk.home}" if desk.home else ""
        desk.port.set_topic(desk.address, f"{TOPIC.format(code=case.code)}{link}"[:250])
    except (ChannelLost, NotConnected):
        raise
    except Refused as error:
        log.warning("channel %s: no topic: %s", desk.channel.id, error)
    members.see_out(desk)
    people = members.belonging(desk)
    members.ask(desk, people, list(people))
    with desk.store.change() as uow:
        connection = uow.session.connection()
        desk.lease.renew(connection)
        connection.execute(_OPEN, _ours(desk))
        assert desk.channel.case_id is not None
        touch_card(uow, desk.channel.case_id)
    desk.channel.state = "open"


def _brought_back(desk: Desk) -> bool:
    """Unarchive the channel, where Slack lets us."""
    try:
        desk.port.unarchive(desk.address)
    except NotConnected:
        raise
    except Refused:
        return False
    _set_state(desk, "wanted")
    return True


def _replace(desk: Desk, case: Row[Any]) -> None:
    """Go on in a new channel, and say so there."""
    old, was = desk.channel.slack_id, desk.channel.state
    with desk.store.change() as uow:
        connection = uow.session.connection()
        desk.lease.renew(connection)
        connection.execute(_FORGET, _ours(desk))
        connection.execute(_ANEW, {"channel": desk.channel.id})
        if old is not None:
            what = "was archived and could not be brought back" if was == "archived" else "is gone"
            problem = f"The former channel of this case {what}, so the case goes on in this one."
            payload = {"code": case.code, "zone": case.zone, "problems": [problem]}
            assert desk.channel.case_id is not None
            tell_case(uow, desk.channel.case_id, "trouble", f"replaced:{desk.channel.id}:{old}", payload)
    desk.channel.slack_id = desk.channel.card_ts = desk.channel.last_ts = None
    desk.channel.state = "wanted"


def _bury(desk: Desk) -> None:
    with desk.change() as connection:
        connection.execute(_BURY, {"channel": desk.channel.id, "error": CLOSED})


def _set_state(desk: Desk, state: str) -> None:
    with desk.change() as connection:
        connection.execute(_STATE, _ours(desk) | {"state": state})
    desk.channel.state = state


def _ours(desk: Desk) -> dict[str, Any]:
    return {"channel": desk.channel.id, "lease": desk.lease.id}
