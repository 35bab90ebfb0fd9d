"""How long after a missed deadline somebody is told, where a program has delays of its own."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlmodel import Session

from app.checklists.vocabulary import Told
from app.kernel.durations import Duration

_DELAYS = text("SELECT tells, after FROM escalations WHERE program_id = :program")


def delays_of(session: Session, program_id: int) -> Mapping[Told, Duration]:
    """The program's own delays by whom they tell; whoever is not among them is told when the checklist says."""
    rows = session.execute(_DELAYS, {"program": program_id})
    return {Told(row.tells): Duration.parse(row.after) for row in rows}
