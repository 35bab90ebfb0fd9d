"""Writing notices: what has to appear in Slack, in the transaction of the change that causes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert

from app.notices.models import Notice
from app.store.types import table
from app.store.uow import UnitOfWork

CARDS = 80  # the card's row is locked after all others of the change, before the audit chain
NOTICES = 110  # within the lock of the audit chain, so that the order of numbers is the order of commits
_NOTICES = table(Notice)
_CHANNEL_OF_CASE = sql("SELECT id, program_id FROM channels WHERE case_id = :case")
_CHANNEL_OF_PERSON = sql("SELECT id, program_id FROM channels WHERE staff_id = :staff")
# Only where there is none: a row that is locked here would be held in no order with the other rows of a change.
_NEW_OF_PERSON = sql(
    "INSERT INTO channels (program_id, staff_id, state, absent, invited)"
    " SELECT program_id, id, 'wanted', '[]', '{}' FROM staff WHERE id = :staff"
    " ON CONFLICT (staff_id) DO UPDATE SET staff_id = excluded.staff_id RETURNING id, program_id"
)
_ASKED_INTO = sql(
    "SELECT h.case_id FROM channels h JOIN cases c ON c.id = h.case_id WHERE c.program_id = :program"
    " AND c.state = 'open' AND :user = ANY(h.invited) ORDER BY h.id"
)
_ASK_AGAIN = sql(
    "UPDATE channels SET invited = array_remove(invited, :user) WHERE id IN (SELECT h.id FROM channels h"
    " JOIN cases c ON c.id = h.case_id WHERE c.program_id = :program AND c.state = 'open' ORDER BY h.id"
    " FOR NO KEY UPDATE OF h) RETURNING case_id"
)
_ASK_AGAIN_IN = sql(
    "UPDATE channels SET invited = array_remove(invited, :user) WHERE case_id = :case AND :user = ANY(invited)"
)
# DO UPDATE and not DO NOTHING: it takes the waiting row's lock, so that the card cannot be leased and drawn
# between this change's look at it and this change's commit.
_TOLD = sql("SELECT 1 FROM notices WHERE program_id = :program AND dedupe_key = :key")
_CARDS = sql(
    "INSERT INTO notices (id, program_id, channel_id, kind, dedupe_key, payload, state, attempts, created_at)"
    " SELECT h.card, h.program_id, h.id, 'card', 'card:' || h.card, '{}', 'pending', 0, :now"
    " FROM (SELECT id, program_id, gen_random_uuid() AS card FROM channels WHERE case_id = ANY(:cases)) h ORDER BY h.id"
    " ON CONFLICT (channel_id) WHERE kind = 'card' AND state = 'pending'"
    " DO UPDATE SET created_at = notices.created_at RETURNING channel_id"
)


Payload = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
"""What a notice says. A function is asked as it is written, when everybody else's changes that come before are seen."""


@dataclass(frozen=True)
class Draft:
    """A notice before it is written."""

    id: UUID
    channel_id: int
    program_id: int
    kind: str
    dedupe_key: str
    payload: Payload


def tell_case(
    uow: UnitOfWork,
    case_id: int,
    kind: str,
    dedupe_key: str,
    payload: Payload,
    *,
    notice_id: UUID | None = None,
) -> UUID:
    """Post to a case's channel. A key that was used before writes nothing. Returns the notice's opaque id."""
    found = uow.session.execute(_CHANNEL_OF_CASE, {"case": case_id}).one()
    return _draft(uow, Draft(notice_id or uuid4(), found.id, found.program_id, kind, dedupe_key, payload))


def tell_person(
    uow: UnitOfWork,
    staff_id: int,
    kind: str,
    dedupe_key: str,
    payload: Mapping[str, Any],
    *,
    notice_id: UUID | None = None,
) -> UUID:
    """Post to a person's direct messages, with the same promise as `tell_case`."""
    found = uow.session.execute(_CHANNEL_OF_PERSON, {"staff": staff_id}).one_or_none()
    if found is None:
        found = uow.session.execute(_NEW_OF_PERSON, {"staff": staff_id}).one()
    return _draft(uow, Draft(notice_id or uuid4(), found.id, found.program_id, kind, dedupe_key, payload))


def touch_card(uow: UnitOfWork, case_id: int) -> None:
    """Have the case's card drawn anew. Any number of changes before it is drawn make one edit."""
    touched: set[int] = uow.session.info.setdefault("cards", set())
    touched.add(case_id)
    uow.at_end(CARDS, "cards", _touch_cards)


def is_told(uow: UnitOfWork, program_id: int, dedupe_key: str) -> bool:
    """Whether there is a notice of this key already; one of this very change is not seen."""
    return uow.session.execute(_TOLD, {"program": program_id, "key": dedupe_key}).one_or_none() is not None


def expect(uow: UnitOfWork, program_id: int, slack_user_id: str) -> None:
    """Have a person asked into the channel of every open case that they belong to; delivery decides which those are."""
    values = {"program": program_id, "user": slack_user_id}
    for case_id in uow.session.execute(_ASK_AGAIN, values).scalars().all():
        touch_card(uow, case_id)


def see_out(uow: UnitOfWork, program_id: int, slack_user_id: str) -> None:
    """Have a person who was switched off taken out of the channels of open cases that they were asked into."""
    for case_id in uow.session.execute(_ASKED_INTO, {"program": program_id, "user": slack_user_id}).scalars().all():
        touch_card(uow, case_id)


def expect_in(uow: UnitOfWork, case_id: int, slack_user_id: str) -> None:
    """Have a person asked into the channel of one case before its next post or card, also where they left it."""
    uow.session.execute(_ASK_AGAIN_IN, {"case": case_id, "user": slack_user_id})
    touch_card(uow, case_id)


def _draft(uow: UnitOfWork, draft: Draft) -> UUID:
    drafts: list[Draft] = uow.session.info.setdefault("notices", [])
    drafts.append(draft)
    uow.channels_to_wake.add(draft.channel_id)
    uow.at_end(NOTICES, "notices", _write)
    return draft.id


def _touch_cards(uow: UnitOfWork) -> None:
    touched: set[int] = uow.session.info.pop("cards", set())
    uow.channels_to_wake.update(uow.session.execute(_CARDS, {"cases": sorted(touched), "now": uow.now}).scalars())


def _write(uow: UnitOfWork) -> None:
    drafts: list[Draft] = uow.session.info.pop("notices", [])
    rows = [
        {
            "id": draft.id,
            "program_id": draft.program_id,
            "channel_id": draft.channel_id,
            "kind": draft.kind,
            "dedupe_key": draft.dedupe_key,
            "payload": dict(draft.payload() if callable(draft.payload) else draft.payload),
            "state": "pending",
            "attempts": 0,
            "created_at": uow.now,
        }
        for draft in drafts
    ]
    statement = insert(_NOTICES).on_conflict_do_nothing(index_elements=["program_id", "dedupe_key"])
    uow.session.execute(statement, rows)
