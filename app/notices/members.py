"""Who is in the channel of a case: whoever belongs there is asked in once, and whoever was switched off is taken out.

So is asked in, although away, whoever a post calls.
"""

import json
import logging
from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from app.cases.models import Case
from app.cases.queries import team
from app.notices.desk import Desk
from app.notices.outcomes import ChannelLost, NotConnected, Refused
from app.notices.places import absence, is_absence_of
from app.notices.service import tell_case, touch_card

log = logging.getLogger("caseboard.delivery")
_KNOWN = text("SELECT invited, absent FROM channels WHERE id = :channel")
_ASKED = text(
    "UPDATE channels SET invited = ARRAY(SELECT DISTINCT asked FROM unnest(invited || :asked) asked"
    " WHERE asked = ANY(:people) ORDER BY 1), absent = CAST(:absent AS jsonb)"
    " WHERE id = :channel AND lease = :lease"
).bindparams(bindparam("asked", type_=ARRAY(Text)), bindparam("people", type_=ARRAY(Text)))
_SWITCHED_OFF = text(
    "SELECT s.slack_user_id, s.name, c.code, p.zone FROM channels h JOIN cases c ON c.id = h.case_id"
    " JOIN programs p ON p.id = c.program_id JOIN staff s ON s.program_id = p.id AND s.slack_user_id = ANY(h.invited)"
    " WHERE h.id = :channel AND NOT s.active ORDER BY s.id"
)
_OUT = text("UPDATE channels SET invited = array_remove(invited, :user) WHERE id = :channel")


def belonging(desk: Desk, called: Sequence[str] = ()) -> dict[str, str]:
    """Names of those who belong into the case's channel, by Slack user id."""
    with desk.store.read() as uow:
        case = uow.session.get_one(Case, desk.channel.case_id)
        return {person.slack_user_id: person.name for person in team(uow.session, case, called)}


def admit(desk: Desk, called: Sequence[str] = ()) -> None:
    """Ask into an open channel whoever belongs there and was not asked yet; take out whoever was switched off.

    Who was asked and is not there, having left or been refused, is asked again only when `called`: a mention does not
    reach them otherwise. A refusal of the call itself is logged, and the posts go on without.
    """
    if desk.channel.case_id is None:
        return
    people = belonging(desk, called)
    with desk.note() as connection:
        known = connection.execute(_KNOWN, {"channel": desk.channel.id}).one()
    if any(user not in people for user in known.invited):
        see_out(desk)
    away = {user for user in called if any(is_absence_of(user, people.get(user, ""), each) for each in known.absent)}
    missing = [user for user in people if user not in known.invited or user in away]
    if not missing:
        return
    try:
        ask(desk, people, missing)
    except (ChannelLost, NotConnected):
        raise
    except Refused as error:
        log.warning("channel %s: nobody invited: %s", desk.channel.id, error)


def see_out(desk: Desk) -> None:
    """Take out of the channel whoever was switched off; where Slack refuses that, say so there, once."""
    with desk.note() as connection:
        gone = connection.execute(_SWITCHED_OFF, {"channel": desk.channel.id}).all()
    for person in gone:
        problem = ""
        try:
            desk.port.remove(desk.address, person.slack_user_id)
        except (ChannelLost, NotConnected):
            raise
        except Refused as error:
            log.warning("channel %s: somebody who was switched off stays: %s", desk.channel.id, error)
            problem = f"{person.name} was switched off. Remove them from this channel: Slack does not let the app"
        with desk.store.change() as uow:
            connection = uow.session.connection()
            desk.lease.renew(connection)
            connection.execute(_OUT, {"user": person.slack_user_id, "channel": desk.channel.id})
            if problem and desk.channel.case_id is not None:
                key = f"stays:{desk.channel.id}:{person.slack_user_id}:{uow.now.isoformat()}"
                payload = {"code": person.code, "zone": person.zone, "problems": [problem]}
                tell_case(uow, desk.channel.case_id, "trouble", key, payload)


def ask(desk: Desk, people: Mapping[str, str], missing: Sequence[str]) -> None:
    """Invite the `missing` of the `people` who belong there; those who cannot come are noted for the card."""
    refused = desk.port.invite(desk.address, missing) if missing else {}
    with desk.store.change() as uow:
        connection = uow.session.connection()
        desk.lease.renew(connection)
        known = connection.execute(_KNOWN, {"channel": desk.channel.id}).one()
        others = [(user, name) for user, name in people.items() if user not in missing]
        absent = [each for each in known.absent if any(is_absence_of(*other, each) for other in others)]
        absent += [
            absence(user, people[user], f"{why[:1].lower()}{why[1:]}")
            for user, why in refused.items()
            if user in missing
        ]
        values = {"channel": desk.channel.id, "lease": desk.lease.id}
        connection.execute(
            _ASKED, values | {"asked": list(missing), "people": list(people), "absent": json.dumps(absent)}
        )
        assert desk.channel.case_id is not None
        if absent != known.absent:
            touch_card(uow, desk.channel.case_id)
