"""The shipped templates at work: what holds the claim back, and the clock of the payer's filing limit."""

from datetime import UTC, date, datetime

import pytest

from app.cases.dates import set_date
from app.cases.refusals import DateNotFirm
from app.checklists.library import load_templates
from app.kernel.due import Moment
from app.programs.service import system
from app.settings import ROOT
from app.tasks import service as tasks
from app.tasks.refusals import NeedsEvidence
from tests.tasks.desk import Desk, OpenCase

PROPOSED, SURGERY, NOTE, FILED = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 20)


@pytest.fixture
def shipped(desk: Desk) -> Desk:
    """The practice with the templates that come with the product besides those of the tests."""
    with desk.store.change() as uow:
        load_templates(uow, system(desk.program_id), desk.program_id, ROOT / "checklists")
    return desk


def operated(desk: Desk, *kinds: str) -> OpenCase:
    """A case that was operated on with these components ten days ago, and of which nothing has been done."""
    case = desk.open(surgery_proposed=PROPOSED)
    for kind in kinds:
        desk.component(case, kind)
    desk.date(case, "surgery", SURGERY, waiver="it could not wait")
    desk.date(case, "operative_note_signed", NOTE)
    desk.move_to(datetime(2026, 11, 20, 15, tzinfo=UTC))
    return case


def numbers(desk: Desk, case: OpenCase, *items: str) -> set[str]:
    return {f"{case.code}-{desk.row(desk.task(case, item))['no']}" for item in items}


def test_no_claim_counts_as_filed_on_a_case_with_nothing_done(shipped: Desk) -> None:
    case = operated(shipped, "cement")

    refusal = shipped.refused(
        DateNotFirm, lambda uow: set_date(uow, shipped.world.actor("ana"), case.id, "claim_filed", Moment(FILED))
    )

    assert set(refusal.open_tasks) == numbers(shipped, case, "IM2R", "IV1", "BI4", "BI5")
    assert "or a lead sets it with: date claim filed <date> waive <reason>" in str(refusal)


def test_a_lead_files_all_the_same_with_a_reason(shipped: Desk) -> None:
    case = operated(shipped, "cement")

    shipped.date(case, "claim_filed", FILED, waiver="the limit ends today")

    assert shipped.row(shipped.task(case, "BI7A"))["due_at"] == datetime(2026, 12, 4, 22, tzinfo=UTC)


def test_a_custom_part_s_list_is_due_forty_business_days_before(shipped: Desk) -> None:
    case = shipped.open(surgery_proposed=date(2027, 2, 8))
    shipped.component(case, "plate", custom=True)

    listed = shipped.scalar(
        "SELECT deadline_at FROM clocks WHERE task_id = :task AND kind = 'due'", task=shipped.task(case, "IM1")
    )
    assert listed == datetime(2026, 12, 9, 22, tzinfo=UTC)


def test_a_graft_that_expires_before_the_operation_is_not_on_file(shipped: Desk) -> None:
    case = operated(shipped, "allograft")
    for item in ("IM1", "IM2", "AL1", "AL2"):
        shipped.do(tasks.skip, "lea", shipped.task(case, item), "not needed here")

    refusal = shipped.refuses(NeedsEvidence, tasks.done, "ana", shipped.task(case, "AL3"), "2020-01-01", "LOT-9")

    assert "a date after the surgery date (Tue 10 Nov 2026)" in str(refusal)


def test_the_filing_limit_runs_from_the_operation_and_waits_for_no_note(shipped: Desk) -> None:
    case = shipped.open(surgery_proposed=PROPOSED)
    shipped.date(case, "surgery", SURGERY)
    limit = shipped.task(case, "BI6L")
    assert shipped.state(limit) == "blocked"
    deadline = shipped.row(limit)["due_at"]
    assert deadline == datetime(2027, 1, 9, 22, tzinfo=UTC), "calendar days: a Saturday counts"

    shipped.move_to(deadline)
    while shipped.sweep():
        pass

    assert shipped.row(limit)["breached_at"] == deadline
    told = [line["item"] for notice in shipped.notices(case) for line in notice["payload"].get("tasks", [])]
    assert "BI6L" in told
