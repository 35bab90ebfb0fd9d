"""The deliveries that have had their effect, with what was answered: a repeat gets the same, and does nothing."""

from datetime import datetime

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from app.notices.models import InboundDelivery
from app.slack.answer import Answer
from app.store.types import table

_ROWS = table(InboundDelivery)
_TAKE = insert(_ROWS).on_conflict_do_nothing().returning(_ROWS.c.id)
_STORED = text("SELECT answer FROM inbound_deliveries WHERE program_id = :program AND id = :id")


def take(session: Session, program_id: int, delivery_id: str, now: datetime) -> bool:
    """Note that this delivery is worked on, in the transaction of its effect. False when it has been already.

    Two repeats at the same moment: the second waits here until the first is committed.
    """
    values = {"program_id": program_id, "id": delivery_id, "at": now, "answer": None}
    return session.execute(_TAKE.values(values)).one_or_none() is not None


def keep_answer(session: Session, program_id: int, delivery_id: str, answer: Answer) -> None:
    """Keep what was answered, for a repeat."""
    session.execute(
        update(_ROWS).where(_ROWS.c.program_id == program_id, _ROWS.c.id == delivery_id).values(answer=answer.kept())
    )


def stored(session: Session, program_id: int, delivery_id: str) -> Answer:
    """The answer that was given to a delivery."""
    found = session.execute(_STORED, {"program": program_id, "id": delivery_id}).scalar_one_or_none()
    return Answer("Done already.") if found is None else Answer.of(found)


def forget(session: Session, before: datetime, most: int = 10_000) -> int:
    """Delete deliveries older than `before`, at most so many; returns how many. Slack repeats within minutes."""
    old = select(_ROWS.c.program_id, _ROWS.c.id).where(_ROWS.c.at < before).limit(most).subquery()
    gone = session.execute(delete(_ROWS).where(_ROWS.c.program_id == old.c.program_id, _ROWS.c.id == old.c.id))
    return int(gone.rowcount)  # type: ignore[attr-defined]
