"""The rows of home tabs: who asked, what is stale, who draws. Each person's tab is drawn by one hand at a time.

Whoever draws takes the row by a conditional update, and gives it back with what was shown. A press that comes
meanwhile raises `asked`, so the hand that has the row finds it behind when it is done, and draws once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, text
from sqlmodel import Session

from app.programs.actor import Actor
from app.store.uow import UnitOfWork
from app.tasks.queries import Only

LOOKED_AT: Final = timedelta(hours=12)
"""Real time after its opening for which a home tab follows what changes."""
SAID_FOR: Final = timedelta(minutes=2)
"""The program's time for which the answer to a press stays on top; as long as it can be undone (`app.tasks.undo`)."""
GAP: Final = 1.0
"""Seconds between two drawings of one person's tab, presses apart."""
Which = Literal["case", "track", "skill"]

_ASK = text(
    "INSERT INTO homes (staff_id, program_id, opened_at, asked, drawn, drawn_seq)"
    " VALUES (:staff, :program, clock_timestamp(), 1, 0, 0) ON CONFLICT (staff_id) DO UPDATE"
    " SET opened_at = clock_timestamp(), asked = homes.asked + 1"
    " RETURNING xmax = 0"
)
_SAY = text("UPDATE homes SET said = CAST(:said AS jsonb), said_until = :until WHERE staff_id = :staff")
_CHOOSE = {
    "case": text("UPDATE homes SET only_case = :value WHERE staff_id = :staff"),
    "track": text("UPDATE homes SET only_track = :value WHERE staff_id = :staff"),
    "skill": text("UPDATE homes SET only_skill = :value WHERE staff_id = :staff"),
}
_ONLY = text("SELECT only_case, only_track, only_skill FROM homes WHERE staff_id = :staff")
_FREE = (
    "(h.lease IS NULL OR h.lease_until <= clock_timestamp())"
    " AND (h.not_before IS NULL OR h.not_before <= clock_timestamp())"
)
_BEHIND = (
    "(h.asked > h.drawn OR (h.drawn_at <= clock_timestamp() - make_interval(secs => :gap) AND (h.next_at <= :now"
    " OR h.drawn_seq < (SELECT max(a.seq) FROM audit_entries a WHERE a.program_id = h.program_id))))"
)
STALE: Final = text(
    "SELECT h.staff_id FROM homes h JOIN staff s ON s.id = h.staff_id"  # noqa: S608 - constants only
    " WHERE s.active AND h.opened_at > clock_timestamp() - make_interval(secs => :looked_at)"
    f" AND {_FREE} AND {_BEHIND} ORDER BY (h.asked > h.drawn) DESC, h.drawn_at NULLS FIRST, h.staff_id LIMIT :limit"
)
_TAKE = text(
    "UPDATE homes h SET lease = :lease, lease_until = clock_timestamp() + make_interval(secs => :seconds),"  # noqa: S608
    f" drawn_at = clock_timestamp() WHERE h.staff_id = :staff AND {_FREE} AND {_BEHIND}"
    " RETURNING h.*, coalesce((SELECT max(a.seq) FROM audit_entries a WHERE a.program_id = h.program_id), 0) AS seq"
)
_GIVE_BACK = text(
    "UPDATE homes SET lease = NULL, lease_until = NULL, not_before = NULL, drawn = :drawn, drawn_seq = :seq,"
    " next_at = :next_at, shown = :shown, view_hash = :view_hash WHERE staff_id = :staff AND lease = :lease"
    " RETURNING asked > drawn"
)
_PUT_OFF = text(
    "UPDATE homes SET lease = NULL, lease_until = NULL,"
    " view_hash = CASE WHEN :forget THEN NULL ELSE view_hash END, asked = asked + CASE WHEN :unsure THEN 1 ELSE 0 END,"
    " not_before = clock_timestamp() + make_interval(secs => :seconds) WHERE staff_id = :staff AND lease = :lease"
)
_PUT_ALL_OFF = text(
    "UPDATE homes SET not_before = greatest(not_before, clock_timestamp() + make_interval(secs => :seconds))"
    " WHERE program_id = :program"
)


@dataclass(frozen=True)
class Taken:
    """A home tab that is ours to draw, as its row stood when it was taken; `seq` is the program's newest audit number.

    `seq` is read before anything that is drawn, so that the drawing is at least as new.
    """

    lease: UUID
    staff_id: int
    program_id: int
    asked: int
    drawn: int
    seq: int
    shown: str | None
    view_hash: str | None
    only: Only
    said: dict[str, Any] | None
    said_until: datetime | None


def ask(uow: UnitOfWork, actor: Actor, said: str | None = None) -> bool:
    """The person looks at their home tab, or pressed something there: `said` is the answer, as JSON.

    Returns whether it is their first look.
    """
    values = {"staff": actor.staff_id, "program": actor.program_id}
    first: bool = uow.session.execute(_ASK, values).scalar_one()
    if said is not None:
        uow.session.execute(_SAY, {"staff": actor.staff_id, "said": said, "until": uow.now + SAID_FOR})
    return first


def choose(uow: UnitOfWork, actor: Actor, which: Which, value: str | None) -> None:
    """Show only what is of a case, a track or a skill from now on; None shows all again."""
    uow.session.execute(_CHOOSE[which], {"staff": actor.staff_id, "value": value})


def only_of(session: Session, staff_id: int) -> Only:
    """What the person chose to see."""
    row = session.execute(_ONLY, {"staff": staff_id}).one_or_none()
    return Only() if row is None else Only(row.only_case, row.only_track, row.only_skill)


def stale(connection: Connection, now: datetime, limit: int = 200) -> Sequence[int]:
    """People whose open home tab is behind and that nobody draws, whoever waits for an answer first, then the oldest.

    `now` is the program's time.
    """
    values = {"now": now, "gap": GAP, "looked_at": LOOKED_AT.total_seconds(), "limit": limit}
    return connection.execute(STALE, values).scalars().all()


def take(engine: Engine, staff_id: int, now: datetime, seconds: float) -> Taken | None:
    """The tab, ours to draw for some seconds; None while it is not behind, has to wait, or another hand has it.

    `seconds` outlast a call to Slack. Slack's own hash keeps a hand that was slower from undoing what came after it.
    """
    lease = uuid4()
    values = {"lease": lease, "staff": staff_id, "seconds": seconds, "gap": GAP, "now": now}
    with engine.begin() as connection:
        row = connection.execute(_TAKE, values).one_or_none()
    if row is None:
        return None
    only = Only(row.only_case, row.only_track, row.only_skill)
    return Taken(
        lease, row.staff_id, row.program_id, row.asked, row.drawn, row.seq, row.shown, row.view_hash, only,
        row.said, row.said_until,
    )  # fmt: skip


def give_back(connection: Connection, taken: Taken, *, shown: str, view_hash: str | None, next_at: datetime) -> bool:
    """Note what the tab shows now. Returns whether somebody asked meanwhile, so that it has to be drawn once more."""
    values = {
        "staff": taken.staff_id,
        "lease": taken.lease,
        "drawn": taken.asked,
        "seq": taken.seq,
        "shown": shown,
        "view_hash": view_hash,
        "next_at": next_at,
    }
    return bool(connection.execute(_GIVE_BACK, values).scalar_one_or_none())


def put_off(
    connection: Connection, taken: Taken, seconds: float, *, unsure: bool = False, forget: bool = False
) -> None:
    """Leave the tab behind for some seconds. `unsure`: what it shows is not known; `forget`: nor is Slack's hash."""
    values = {
        "staff": taken.staff_id, "lease": taken.lease, "seconds": seconds, "unsure": unsure or forget, "forget": forget,
    }  # fmt: skip
    connection.execute(_PUT_OFF, values)


def put_all_off(connection: Connection, program_id: int, seconds: float) -> None:
    """Leave every tab of a workspace alone for some seconds, as Slack asked."""
    connection.execute(_PUT_ALL_OFF, {"program": program_id, "seconds": seconds})
