"""Key dates: set, moved and cleared, with every deadline that hangs on them and one post."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from app.cases.components import add_component, change_component, withdraw_component
from app.cases.dates import clear_date, set_date
from app.cases.refusals import BadDate, DateNotFirm, UnknownCase
from app.cases.service import open_case
from app.kernel.due import Moment
from app.programs.actor import NotAllowed
from app.refusals import Refusal
from app.tasks import service as tasks
from app.text import Missing, PatientData
from tests.tasks.desk import BOARD, VISIT, Desk, bring_to

LATER = date(2026, 12, 2)
SURGERY = date(2026, 12, 15)


def due(desk: Desk, task: int) -> datetime | None:
    found: datetime | None = desk.row(task)["due_at"]
    return found


def test_a_date_starts_its_tracks_and_sets_their_deadlines(desk: Desk) -> None:
    case = desk.open(first_visit=VISIT)
    with desk.change() as uow:
        replanned = set_date(uow, desk.world.actor("ana"), case.id, "board", Moment(BOARD))

    assert replanned.started == ("Packet",)
    assert replanned.said == f"Board date of {case.code} set to Wed 18 Nov 2026; 2 deadlines changed."
    # 18 November, less five and three business days; the 11th is Veterans Day. 17:00 in New York is 22:00 UTC.
    assert due(desk, desk.task(case, "P1")) == datetime(2026, 11, 10, 22, tzinfo=UTC)
    assert due(desk, desk.task(case, "P3")) == datetime(2026, 11, 16, 22, tzinfo=UTC)
    # The SLA of eight business hours from Monday 09:00 comes before the due date.
    assert due(desk, desk.task(case, "P2")) == datetime(2026, 11, 3, 14, tzinfo=UTC)
    assert due(desk, desk.task(case, "P5")) is None, "what it hangs on is not done"


def test_moving_a_date_moves_every_deadline_with_one_post_in_one_transaction(desk: Desk) -> None:
    case = desk.open()
    xmin = "SELECT xmin::text AS x FROM {} WHERE {} = :id"
    with desk.change() as uow:
        replanned = set_date(uow, desk.world.actor("bo"), case.id, "board", Moment(LATER))
        transaction = uow.session.execute(text("SELECT txid_current()::text")).scalar_one()

    assert replanned.moved == 4
    became = f"Board date of {case.code} moved to Wed 2 Dec 2026, it was Wed 18 Nov 2026"
    assert replanned.said == f"{became}; 4 deadlines changed."
    (post,) = desk.notices(case, "replan")
    payload = post["payload"]
    assert (payload["name"], payload["old"], payload["new"]) == ("board", "2026-11-18", "2026-12-02")
    assert (payload["moved"], payload["more"], payload["started"]) == (4, 0, [])
    assert payload["by"] == desk.world.staff["bo"].slack_user_id
    assert [line["new"][:10] for line in payload["lines"]] == sorted(line["new"][:10] for line in payload["lines"])
    moved = desk.rows(
        "SELECT id FROM clocks WHERE case_id = :case AND kind = 'due' AND state = 'running'", case=case.id
    )
    touched = [desk.rows(xmin.format("clocks", "id"), id=row["id"])[0]["x"] for row in moved]
    touched.append(desk.rows(xmin.format("notices", "id"), id=post["id"])[0]["x"])
    assert set(touched) == {transaction}


def test_setting_a_date_to_what_it_is_changes_nothing(desk: Desk) -> None:
    case = desk.open()
    before = desk.snapshot()

    desk.date(case, "board", BOARD)

    assert desk.snapshot() == before


def test_two_moves_under_a_clock_that_stands_are_both_told(desk: Desk) -> None:
    case = desk.open()

    desk.date(case, "board", LATER)
    desk.date(case, "board", BOARD)

    assert [post["payload"]["new"] for post in desk.notices(case, "replan")] == ["2026-12-02", "2026-11-18"]


def test_the_hour_of_a_date_counts(desk: Desk) -> None:
    case = desk.open()
    at = datetime(2026, 11, 18, 12, 30, tzinfo=UTC)

    with desk.change() as uow:
        set_date(uow, desk.world.actor("ana"), case.id, "board", Moment(BOARD, at))

    (post,) = desk.notices(case, "replan")
    assert (post["payload"]["old"], post["payload"]["new"]) == ("2026-11-18", "2026-11-18 07:30")
    assert post["payload"]["moved"] == 0, "rules in days hang on the day"


def test_clearing_a_date_takes_the_deadlines_that_hang_on_it(desk: Desk) -> None:
    case = desk.open()
    with desk.change() as uow:
        cleared = clear_date(uow, desk.world.actor("ana"), case.id, "board")
    assert cleared.said.endswith(" What it began stays: Packet (5 open tasks). Skip what is not needed.")

    assert cleared.moved == 4
    assert due(desk, desk.task(case, "P1")) is None
    assert due(desk, desk.task(case, "P2")) == datetime(2026, 11, 3, 14, tzinfo=UTC), "its SLA runs on"
    pending = desk.rows(
        "SELECT t.kind, c.kind AS clock FROM timers t JOIN clocks c ON c.id = t.clock_id"
        " WHERE t.case_id = :case AND t.state = 'pending'",
        case=case.id,
    )
    assert {row["clock"] for row in pending} == {"sla"}
    (post,) = desk.notices(case, "replan")
    assert (post["payload"]["old"], post["payload"]["new"], post["payload"]["moved"]) == ("2026-11-18", None, 4)
    assert [line["new"] for line in post["payload"]["lines"]] == [None] * 4

    desk.date(case, "board", BOARD)
    assert due(desk, desk.task(case, "P1")) == datetime(2026, 11, 10, 22, tzinfo=UTC)
    tracks = desk.rows("SELECT id FROM tracks WHERE case_id = :case", case=case.id)
    assert len(tracks) == 1, "the track that was there goes on"


def test_clearing_what_is_not_set_is_no_error(desk: Desk) -> None:
    case = desk.open()
    before = desk.snapshot()
    with desk.change() as uow:
        assert clear_date(uow, desk.world.actor("ana"), case.id, "surgery").moved == 0
    assert desk.snapshot() == before


def test_closed_tasks_keep_their_deadlines_and_reopened_ones_get_the_new(desk: Desk) -> None:
    case = desk.open()
    task = bring_to(desk, "done", case)
    before = due(desk, task)

    desk.date(case, "board", LATER)
    assert due(desk, task) == before

    desk.do(tasks.reopen, "ana", task, "one image was missing")
    clocks = desk.rows("SELECT kind, deadline_at FROM clocks WHERE task_id = :task AND state = 'running'", task=task)
    deadlines = {row["kind"]: row["deadline_at"] for row in clocks}
    assert deadlines["due"] == datetime(2026, 11, 27, 22, tzinfo=UTC)
    assert due(desk, task) == min(deadlines.values())


def test_a_task_reopened_after_its_date_was_cleared_has_no_stale_deadline(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P1")
    desk.do(tasks.done, "ana", task, "line 4")
    with desk.change() as uow:
        clear_date(uow, desk.world.actor("ana"), case.id, "board")

    desk.do(tasks.reopen, "ana", task, "wrong line")

    assert due(desk, task) is None


def test_an_item_that_comes_back_after_its_date_was_cleared_has_no_stale_deadline(desk: Desk) -> None:
    case = desk.open(surgery=SURGERY)
    number = desk.component(case, custom=True)
    task = desk.task(case, "C2")
    assert due(desk, task) is not None
    with desk.change() as uow:
        change_component(uow, desk.world.actor("ana"), case.id, number, custom=False)
        clear_date(uow, desk.world.actor("ana"), case.id, "surgery")
        change_component(uow, desk.world.actor("ana"), case.id, number, custom=True)

    assert (desk.state(task), due(desk, task)) == ("ready", None)


def test_the_post_shows_the_nearest_and_counts_the_rest(desk: Desk) -> None:
    case = desk.open(surgery=SURGERY)
    for _ in range(10):
        desk.component(case, custom=True)
    for row in desk.rows("SELECT id FROM tasks WHERE case_id = :case AND item_id = 'C1'", case=case.id):
        desk.do(tasks.done, "cy", row["id"], "L8699")

    desk.date(case, "surgery", SURGERY + timedelta(days=7))

    payload = desk.notices(case, "replan")[-1]["payload"]
    assert (payload["moved"], len(payload["lines"]), payload["more"]) == (10, 8, 2)


@pytest.mark.parametrize(
    ("name", "day", "error"),
    [
        ("bord", BOARD, BadDate),
        ("board", date(2036, 11, 18), BadDate),
        ("board", date(2016, 11, 18), BadDate),
        # A year that was typed wrong would make every task late at once.
        ("board", date(2025, 11, 18), BadDate),
        ("surgery_proposed", date(2025, 12, 15), BadDate),
        ("surgery", date(2025, 12, 31), BadDate),
    ],
)
def test_dates_that_cannot_be_set(desk: Desk, name: str, day: date, error: type[Refusal]) -> None:
    case = desk.open()

    desk.refused(error, lambda uow: set_date(uow, desk.world.actor("lea"), case.id, name, Moment(day)))


def test_what_happened_before_the_case_was_opened_can_be_entered(desk: Desk) -> None:
    case = desk.open()

    desk.date(case, "biopsy", date(2025, 11, 18))
    desk.date(case, "surgery", date(2026, 3, 1), who="lea")

    known = {row["name"] for row in desk.rows("SELECT name FROM key_dates WHERE case_id = :case", case=case.id)}
    assert known >= {"biopsy", "surgery"}


def test_a_date_that_an_import_brought_from_long_ago_can_be_corrected_and_said_again(desk: Desk) -> None:
    case = desk.open(surgery=date(2023, 5, 2))

    desk.date(case, "surgery", date(2023, 5, 2))
    desk.date(case, "surgery", date(2023, 5, 3))

    (row,) = desk.rows("SELECT day FROM key_dates WHERE case_id = :case AND name = 'surgery'", case=case.id)
    assert row["day"] == date(2023, 5, 3)


def test_a_case_that_is_not_there_has_no_dates(desk: Desk) -> None:
    desk.refused(UnknownCase, lambda uow: set_date(uow, desk.world.actor("lea"), 10**9, "board", Moment(BOARD)))
    desk.refused(UnknownCase, lambda uow: clear_date(uow, desk.world.actor("lea"), 10**9, "board"))


def firm(desk: Desk, case_id: int, who: str, waiver: str | None = None) -> None:
    with desk.change() as uow:
        set_date(uow, desk.world.actor(who), case_id, "surgery", Moment(SURGERY), waiver=waiver)


def test_a_gated_date_cannot_be_set_while_what_gates_it_is_open(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)
    desk.component(case, "plate")
    codes = [f"{case.code}-{row['no']}" for row in desk.rows(
        "SELECT no FROM tasks WHERE case_id = :case AND item_id = 'C1' ORDER BY no", case=case.id
    )]  # fmt: skip

    refusal = desk.refused(
        DateNotFirm, lambda uow: set_date(uow, desk.world.actor("ana"), case.id, "surgery", Moment(SURGERY))
    )

    assert refusal.open_tasks == tuple(codes)
    assert "Finish them, or a lead sets it with: date surgery <date> waive <reason>" in str(refusal)


def test_whoever_may_waive_is_told_so_of_the_one_task(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)

    refusal = desk.refused(
        DateNotFirm, lambda uow: set_date(uow, desk.world.actor("lea"), case.id, "surgery", Moment(SURGERY))
    )

    assert "Finish it, or set it with: date surgery <date> waive <reason>" in str(refusal)


def test_the_gate_opens_with_the_last_task_that_gates(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)
    first = desk.task(case, "C1")
    desk.component(case, "plate")
    second = desk.task(case, "C1")
    desk.do(tasks.done, "cy", first, "L8699")
    with pytest.raises(DateNotFirm):
        firm(desk, case.id, "ana")
    desk.do(tasks.done, "cy", second, "L8699")

    firm(desk, case.id, "ana")

    assert desk.rows("SELECT day FROM key_dates WHERE case_id = :case AND name = 'surgery'", case=case.id)


def test_a_waiver_by_role_with_a_reason_sets_it_all_the_same(desk: Desk) -> None:
    case = desk.open()
    desk.component(case)

    firm(desk, case.id, "lea", "payer confirmed by phone")

    (entry,) = desk.rows("SELECT * FROM audit_entries WHERE case_id = :case AND action = 'date.set'", case=case.id)
    assert entry["reason"] == "payer confirmed by phone"


@pytest.mark.parametrize(
    ("who", "waiver", "error", "why"),
    [
        ("ana", "payer confirmed", NotAllowed, "not a VA's to waive"),
        ("sam", "payer confirmed", NotAllowed, "nor a surgeon's"),
        ("lea", " ", Missing, "a blank reason is none"),
        ("lea", "she is at 555-867-5309", PatientData, "patient data"),
    ],
)
def test_waivers_that_do_not_count(desk: Desk, who: str, waiver: str, error: type[Refusal], why: str) -> None:
    case = desk.open()
    desk.component(case)

    desk.refused(
        error,
        lambda uow: set_date(uow, desk.world.actor(who), case.id, "surgery", Moment(SURGERY), waiver=waiver),
    )


def test_a_component_that_comes_later_makes_a_set_date_unfirm(desk: Desk) -> None:
    case = desk.open()
    firm(desk, case.id, "ana")
    desk.component(case)

    refusal = desk.refused(
        DateNotFirm,
        lambda uow: set_date(uow, desk.world.actor("ana"), case.id, "surgery", Moment(SURGERY + timedelta(days=7))),
    )

    assert len(refusal.open_tasks) == 1
    desk.date(case, "board", LATER)  # dates that nothing gates still move
    with desk.change() as uow:
        clear_date(uow, desk.world.actor("ana"), case.id, "surgery")  # and the gated one can be taken away


def test_a_withdrawn_component_gates_nothing(desk: Desk) -> None:
    case = desk.open()
    number = desk.component(case)
    with desk.change() as uow:
        withdraw_component(uow, desk.world.actor("sam"), case.id, number, "another plan")

    firm(desk, case.id, "ana")


def test_two_dates_moved_at_once_by_two_people_both_hold(desk: Desk) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda given: desk.date(case, *given), [("board", LATER), ("first_visit", BOARD)]))

    days = {row["name"]: row["day"] for row in desk.rows("SELECT name, day FROM key_dates WHERE case_id = :case",
                                                       case=case.id)}  # fmt: skip
    assert days == {"board": LATER, "first_visit": BOARD}
    assert due(desk, desk.task(case, "P1")) == datetime(2026, 11, 24, 22, tzinfo=UTC)


def test_a_date_given_at_opening_is_the_same_as_one_set_later(desk: Desk) -> None:
    at_once = desk.open(board=BOARD)
    later = desk.open(first_visit=VISIT)
    desk.date(later, "board", BOARD)

    for item in ("P1", "P2", "P3", "P4", "P5"):
        assert due(desk, desk.task(at_once, item)) == due(desk, desk.task(later, item))


def test_components_added_in_the_same_change_are_seen_by_the_gate(desk: Desk) -> None:
    ana = desk.world.actor("ana")
    with desk.change() as uow:
        case = open_case(uow, ana)
        add_component(uow, ana, case.id, "plate")
        with pytest.raises(DateNotFirm):
            set_date(uow, ana, case.id, "surgery", Moment(SURGERY))
