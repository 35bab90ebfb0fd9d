# ruff: noqa: S608 - the statements are put together from constants alone
"""Reading what a digest is made from."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlmodel import Session

from app.checklists import library
from app.checklists.vocabulary import Role
from app.clocks.history import NEAREST
from app.clocks.rules import which
from app.digests.content import Asked, KeyDates, Offer, OpenTask, Standing, asks
from app.digests.models import DAILY
from app.kernel.due import Moment
from app.programs.models import Staff
from app.questions.queries import questions_to
from app.tasks.queries import offers_to
from app.tasks.timing import follows, is_early

_CASES = text("SELECT id, code FROM cases WHERE surgeon_id = :me AND state = 'open' ORDER BY id")
_DATES = text("SELECT case_id, name, day, at FROM key_dates WHERE case_id = ANY(:cases)")
_TASKS = text(
    "SELECT t.id, t.case_id, c.code, t.no, t.title, t.state, t.due_at, t.item_id, t.holder_id,"
    f" s.id AS surgeon_id, k.id AS version_row, k.digest, {NEAREST} AS nearest"
    " FROM tasks t JOIN cases c ON c.id = t.case_id JOIN tracks r ON r.id = t.track_id"
    " JOIN checklist_versions k ON k.id = r.checklist_version_id"
    " LEFT JOIN staff s ON s.id = c.surgeon_id AND s.active"
    " WHERE t.id IN (SELECT id FROM tasks WHERE case_id = ANY(:cases) AND state NOT IN ('done', 'skipped')"
    " UNION SELECT id FROM tasks WHERE holder_id = :me AND state IN ('claimed', 'waiting')"
    " UNION SELECT id FROM tasks WHERE program_id = :program AND state = 'ready' AND evidence_kind = 'attestation')"
    " AND c.state = 'open' AND r.state <> 'withdrawn' ORDER BY t.id"
)
_LAST = text("SELECT told FROM digests WHERE staff_id = :me AND kind = :kind AND day < :day ORDER BY day DESC LIMIT 1")
_TOLD = TypeAdapter(dict[int, dict[str, tuple[date, datetime | None]]])


def standing_of(session: Session, person: Staff, day: date, today: date) -> Standing:
    """How things stand for a person, beside the last digest of a day before `day`, which is their own local day.

    An event has happened by the practice's local day, `today`, as for finishing what comes after it.
    """
    cases = {row.id: row.code for row in session.execute(_CASES, {"me": person.id})}
    roles = frozenset(Role(role) for role in person.roles)
    mine = {"me": person.id, "program": person.program_id, "cases": list(cases)}
    rows = session.execute(_TASKS, mine).all()
    known: dict[int, dict[str, Moment]] = {}
    for row in session.execute(_DATES, {"cases": sorted({*cases, *(row.case_id for row in rows)})}):
        known.setdefault(row.case_id, {})[row.name] = Moment(row.day, row.at)
    dates = {case: named for case, named in known.items() if case in cases}
    tasks = []
    for row in rows:
        item = library.template(session, row.version_row, row.digest).item(row.item_id)
        theirs = row.case_id in cases or row.holder_id == person.id
        if theirs or asks(item, roles, elsewhere=row.surgeon_id is not None):
            event = follows(item)
            happened = known.get(row.case_id, {}).get(event) if event else None
            early = event is not None and is_early(happened.day if happened else None, today)
            by = which(item, row.nearest)
            tasks.append(
                OpenTask(row.id, row.case_id, row.code, row.no, row.title, row.state, row.due_at, item, early, by)
            )
    offers = [
        Offer(each.id, each.task_id, each.case_code, each.no, each.title, each.due_at, each.giver)
        for each in offers_to(session, person.id)
    ]
    questions = [
        Asked(
            each.id, each.case_code, each.task_id, each.number, each.words, tuple(each.choices), each.due_at, each.asker
        )
        for each in questions_to(session, person.id)
    ]
    last = session.execute(_LAST, {"me": person.id, "kind": DAILY, "day": day}).scalar_one_or_none()
    return Standing(roles, cases, dates, tasks, offers, None if last is None else _read(last), questions)


def told(dates: Mapping[int, KeyDates]) -> dict[str, Any]:
    """Key dates as a digest's row keeps them."""
    plain = {case: {name: (when.day, when.at) for name, when in named.items()} for case, named in dates.items()}
    kept: dict[str, Any] = _TOLD.dump_python(plain, mode="json")
    return kept


def _read(kept: Mapping[str, Any]) -> dict[int, dict[str, Moment]]:
    return {
        case: {name: Moment(day, at) for name, (day, at) in named.items()}
        for case, named in _TOLD.validate_python(kept).items()
    }
