"""A key date that stands although something it is gated by has come up again: said, and not only shown."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.kernel.keydates import KEY_DATES
from app.notices.service import tell_case
from app.store.uow import UnitOfWork

_STANDING = text(
    "SELECT c.code, p.zone, d.name, d.day FROM cases c JOIN programs p ON p.id = c.program_id"
    " JOIN key_dates d ON d.case_id = c.id WHERE c.id = :case AND d.name = ANY(:names)"
)


def tell_not_firm(uow: UnitOfWork, case_id: int, names: Iterable[str]) -> None:
    """Post that key dates of the case are not firm any more: once a local day for each, and not for past ones."""
    for row in uow.session.execute(_STANDING, {"case": case_id, "names": sorted(set(names))}).all():
        today = uow.now.astimezone(ZoneInfo(row.zone)).date()
        if row.day < today:
            continue
        what = KEY_DATES[row.name]
        problem = (
            f"The {what} date is not firm any more: something that has to be done before it was added or reopened. "
            f"The card says which tasks. Finish them, move the date, or have it confirmed with a reason: "
            f"date {what} <the same date> waive <reason>"
        )
        payload = {"code": row.code, "zone": row.zone, "problems": [problem]}
        tell_case(uow, case_id, "trouble", f"not-firm:{case_id}:{row.name}:{today.isoformat()}", payload)
