"""Sending a report as a direct message, with its picture and its rows. What is sent is counted here and now."""

from typing import Final
from uuid import UUID

from app.notices.service import tell_person
from app.programs.actor import Actor
from app.programs.models import Program
from app.reports.queries import Asked, missed_of, report, rows_of
from app.reports.service import allowed
from app.store.uow import UnitOfWork

MOST_ROWS: Final = 5000
"""Tasks in the file of a message, and missed deadlines; the whole is at the command line."""


def tell_report(uow: UnitOfWork, actor: Actor, asked: Asked, key: str) -> UUID:
    """Write the report for the actor into their direct messages; a key that was used before writes nothing.

    The numbers are kept with the notice, so that picture, file and text say the same, whenever they are delivered.
    Raises `NotAllowed` for other people's numbers.
    """
    assert actor.staff_id is not None, "the system reads no reports"
    program = uow.session.get_one(Program, actor.program_id)
    seen = allowed(actor, asked)
    found = report(uow.session, program, seen, uow.now)
    rows, total = rows_of(uow.session, program, seen, uow.now, MOST_ROWS)
    missed, missed_total = missed_of(uow.session, program, seen, uow.now, MOST_ROWS)
    payload = {
        "zone": program.zone,
        "report": found.plain(),
        "rows": [row.model_dump(mode="json") for row in rows],
        "rows_total": total,
        "missed": [each.model_dump(mode="json") for each in missed],
        "missed_total": missed_total,
    }
    return tell_person(uow, actor.staff_id, "report", f"report:{key}", payload)
