"""Asking people into the channel of a case: whoever belongs there, once, and whoever a post calls although away."""

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
from app.notices.service import touch_card

log = logging.getLogger("caseboard.delivery")
_KNOWN = text("SELECT invited, absent FROM channels WHERE id = :channel")
_ASKED = text(
    "UPDATE channels SET invited = ARRAY(SELECT DISTINCT asked FROM unnest(invited || :asked) asked"
    " WHERE asked = ANY(:people) ORDER BY 1), absent = CAST(:absent AS jsonb)"
    " WHERE id = :channel AND lease = :lease"
).bindparams(bindparam("asked", type_=ARRAY(Text)), bindparam("people", type_=ARRAY(Text)))


def belonging(desk: Desk, called: Sequence[str] = ()) -> dict[str, str]:
    """Names of those who belong into the case's channel, by Slack user id."""
    with desk.store.read() as uow:
        case = uow.session.get_one(Case, desk.channel.case_id)
        return {person.slack_user_id: person.name for person in team(uow.session, case, called)}


def admit(desk: Desk, called: Sequence[str] = ()) -> None:
    """Ask into an open channel whoever belongs there and was not asked yet.

    Who was asked and is not there, having left or been refused, is asked again only when `called`: a mention does not
    reach them otherwise. A refusal of the call itself is logged, and the posts go on without.
    """
    if desk.channel.case_id is None:
        return
    people = belonging(desk, called)
    with desk.note() as connection:
        known = connection.execute(_KNOWN, {"channel": desk.channel.id}).one()
    away = {user for user in called if any(is_absence_of(people.get(user, ""), each) for each in known.absent)}
    missing = [user for user in people if user not in known.invited or user in away]
    if not missing:
        return
    try:
        ask(desk, people, missing)
    except (ChannelLost, NotConnected):
        raise
    except Refused as error:
        log.warning("channel %s: nobody invited: %s", desk.channel.id, error)


def ask(desk: Desk, people: Mapping[str, str], missing: Sequence[str]) -> None:
    """Invite the `missing` of the `people` who belong there; those who cannot come are noted for the card."""
    refused = desk.port.invite(desk.address, missing) if missing else {}
    with desk.store.change() as uow:
        connection = uow.session.connection()
        desk.lease.renew(connection)
        known = connection.execute(_KNOWN, {"channel": desk.channel.id}).one()
        others = [name for user, name in people.items() if user not in missing]
        absent = [each for each in known.absent if any(is_absence_of(name, each) for name in others)]
        absent += [
            absence(people[user], f"{why[:1].lower()}{why[1:]}") for user, why in refused.items() if user in missing
        ]
        values = {"channel": desk.channel.id, "lease": desk.lease.id}
        connection.execute(
            _ASKED, values | {"asked": list(missing), "people": list(people), "absent": json.dumps(absent)}
        )
        assert desk.channel.case_id is not None
        if absent != known.absent:
            touch_card(uow, desk.channel.case_id)
