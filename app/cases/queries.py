"""Finding cases, and who works on them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, text
from sqlmodel import Session

from app.cases.models import Case, Component
from app.cases.refusals import UnknownCase
from app.checklists.vocabulary import Role
from app.kernel.codes import BadCaseCode, CaseCode
from app.notices.models import Channel
from app.programs.models import Staff
from app.programs.queries import people_with_role
from app.store.types import table

_CASES, _CHANNELS = table(Case), table(Channel)
_BY_CODE = select(Case).where(_CASES.c.program_id == bindparam("program"), _CASES.c.code == bindparam("code"))
_BY_CHANNEL = (
    select(Case)
    .join(_CHANNELS, _CHANNELS.c.case_id == _CASES.c.id)
    .where(_CHANNELS.c.program_id == bindparam("program"), _CHANNELS.c.slack_id == bindparam("channel"))
)
_LIST = text(
    "SELECT c.id, c.code, c.state, h.slack_id,"
    " count(t.id) FILTER (WHERE t.state NOT IN ('done', 'skipped')) AS open,"
    " count(t.id) FILTER (WHERE t.state NOT IN ('done', 'skipped') AND t.due_at <= :now) AS late"
    " FROM cases c JOIN channels h ON h.case_id = c.id LEFT JOIN tasks t ON t.case_id = c.id"
    " WHERE c.program_id = :program AND c.state = 'open' GROUP BY c.id, h.slack_id"
    " ORDER BY late DESC, c.code LIMIT :limit"
)
_OPEN_CODES = text(
    "SELECT id, code FROM cases WHERE program_id = :program AND state = 'open' ORDER BY code LIMIT :limit"
)
_AT_WORK = select(Staff).where(
    text(
        "staff.program_id = :program AND staff.active AND (staff.slack_user_id = ANY(:called) OR staff.id IN"
        " (SELECT holder_id FROM tasks WHERE case_id = :case AND state IN ('claimed', 'waiting')"
        " UNION ALL SELECT h.to_id FROM tasks t JOIN handoffs h ON h.task_id = t.id AND h.state = 'offered'"
        " WHERE t.case_id = :case))"
    )
)
TEAM = (Role.VA, Role.LEAD, Role.MANAGER, Role.CODER, Role.BILLER, Role.NAVIGATOR, Role.CLINICIAN)


def case_by_code(session: Session, program_id: int, code: str) -> Case:
    """The case of a code as somebody wrote it; raises `UnknownCase`."""
    try:
        parsed = str(CaseCode.parse(code))
    except BadCaseCode as error:
        raise UnknownCase(f"{str(error)[:1].upper()}{str(error)[1:]}. Nothing changed.") from None
    found: Case | None = session.execute(_BY_CODE, {"program": program_id, "code": parsed}).scalar_one_or_none()
    if found is None:
        raise UnknownCase(f"There is no case {parsed} here. Nothing changed. Look at the name of the case's channel.")
    return found


def case_of_channel(session: Session, program_id: int, slack_channel_id: str) -> Case | None:
    """The case whose channel it is, if any."""
    return session.execute(_BY_CHANNEL, {"program": program_id, "channel": slack_channel_id}).scalar_one_or_none()


def components_of(session: Session, case_id: int) -> Sequence[Component]:
    """The components of a case that were not withdrawn, by number."""
    rows = table(Component)
    found = select(Component).where(rows.c.case_id == case_id, rows.c.withdrawn_at.is_(None)).order_by(rows.c.no)
    return session.execute(found).scalars().all()


def list_cases(session: Session, program_id: int, now: Any, limit: int = 50) -> Sequence[Row[Any]]:
    """Open cases, those with the most late tasks first: id, code, state, slack_id, open, late."""
    return session.execute(_LIST, {"program": program_id, "now": now, "limit": limit}).all()


def open_codes(session: Session, program_id: int, limit: int = 2000) -> list[tuple[int, str]]:
    """Open cases by id and code, sorted by code."""
    rows = session.execute(_OPEN_CODES, {"program": program_id, "limit": limit})
    return [(int(row.id), str(row.code)) for row in rows]


def team(session: Session, case: Case, called: Sequence[str] = ()) -> list[Staff]:
    """Who belongs into the case's channel: everybody of the working roles, and the case's surgeon (or all).

    So does whoever else is active and holds a task of the case, is offered one, or is `called`: the Slack user ids
    that a post in the channel mentions.
    """
    surgeons = people_with_role(session, case.program_id, Role.SURGEON)
    named = [person for person in surgeons if person.id == case.surgeon_id]
    people = [*people_with_role(session, case.program_id, *TEAM), *(named or surgeons)]
    people += (
        session.execute(_AT_WORK, {"program": case.program_id, "case": case.id, "called": list(called)}).scalars().all()
    )
    return list({person.id: person for person in people}.values())
