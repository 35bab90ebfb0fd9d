"""Opening and closing cases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.cases.components import add_component
from app.cases.dates import set_date
from app.cases.models import Case
from app.cases.patients import open_patient, seal_patient
from app.cases.queries import case_by_code, case_of_channel, list_cases, team
from app.cases.refusals import BadDate, CaseClosed, NoKeyring, TasksOpen, UnknownCase
from app.cases.service import close_case, open_case
from app.checklists.vocabulary import Role
from app.kernel.codes import CaseCode
from app.kernel.due import Moment
from app.programs.actor import NotAllowed, Origin
from app.programs.queries import UnknownPerson
from app.programs.service import system
from app.refusals import Refusal
from app.store.sealing import CannotOpen, Keyring
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.refusals import WrongState
from app.text import PatientData
from tests.tasks.desk import BOARD, Desk, bring_to

PATIENT = {"name": "Quentin Zaffre", "birth_date": "1961-03-04", "record_number": ""}


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.parse(Keyring.new_key("k1"))


def test_a_case_has_a_code_a_channel_a_post_and_its_tracks(desk: Desk) -> None:
    case = desk.open()

    assert str(CaseCode.parse(case.code)) == case.code
    (channel,) = desk.rows("SELECT * FROM channels WHERE case_id = :case", case=case.id)
    assert (channel["state"], channel["slack_id"]) == ("wanted", None)
    (post,) = desk.notices(case)
    assert (post["kind"], post["payload"]) == (
        "opened",
        {"code": case.code, "zone": "America/New_York", "by": desk.world.staff["ana"].slack_user_id},
    )
    (track,) = desk.rows("SELECT * FROM tracks WHERE case_id = :case", case=case.id)
    assert (track["template_id"], track["state"]) == ("packet", "active")
    numbers = desk.rows("SELECT no FROM tasks WHERE case_id = :case ORDER BY no", case=case.id)
    assert [row["no"] for row in numbers] == [1, 2, 3, 4, 5]


def test_without_a_date_nothing_starts(desk: Desk) -> None:
    with desk.change() as uow:
        case = open_case(uow, desk.world.actor("ana"))

    assert desk.rows("SELECT * FROM tasks WHERE case_id = :case", case=case.id) == []


@pytest.mark.parametrize(
    ("who", "may"),
    [("ana", True), ("cy", True), ("lea", True), ("max", True), ("sam", True), ("coder", False)],
)
def test_who_opens_cases(desk: Desk, who: str, may: bool) -> None:
    actor = desk.world.actor("cy" if who == "coder" else who)
    if who == "coder":
        actor = type(actor)(
            actor.program_id, actor.staff_id, "Kim", "U0KIM", frozenset(role for role in actor.roles if role == "coder")
        )
    if may:
        with desk.change() as uow:
            assert open_case(uow, actor).id
    else:
        desk.refused(NotAllowed, lambda uow: open_case(uow, actor))


@pytest.mark.parametrize(
    ("given", "error", "why"),
    [
        ({"key_dates": {"bord": Moment(BOARD)}}, BadDate, "no such key date"),
        ({"key_dates": {"board": Moment(date(2062, 11, 18))}}, BadDate, "a slip of the finger in the year"),
        ({"patient": PATIENT}, NoKeyring, "nothing to seal it with"),
        ({"lead_id": 10**9}, UnknownPerson, "nobody of the practice leads it"),
        ({"surgeon_id": 10**9}, UnknownPerson, "nobody of the practice operates"),
    ],
)
def test_a_case_that_cannot_be_opened_is_not_half_there(
    desk: Desk, given: dict[str, object], error: type[Refusal], why: str
) -> None:
    said = str(desk.refused(error, lambda uow: open_case(uow, desk.world.actor("ana"), **given)))  # type: ignore[arg-type]

    assert "Nothing changed" in said, why


def test_many_cases_at_once_have_codes_of_their_own(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: desk.open().code, range(40)))

    assert len(set(codes)) == 40


def test_the_patient_stands_sealed_in_one_place_only(desk: Desk, keyring: Keyring) -> None:
    with desk.change() as uow:
        case = open_case(uow, desk.world.actor("ana"), patient=PATIENT, keyring=keyring)
    found = open_patient(desk.store, desk.world.actor("ana"), case.id, keyring, "ask the referrer for images")

    assert found == {"name": "Quentin Zaffre", "birth_date": "1961-03-04"}, "what is not known has no field"
    entries = desk.rows(
        "SELECT action, fields, reason FROM audit_entries WHERE case_id = :case AND object_type = 'patient'"
        " ORDER BY seq",
        case=case.id,
    )
    assert [(row["action"], row["fields"], row["reason"]) for row in entries] == [
        ("patient.seal", ["birth_date", "name"], None),
        ("patient.look", [], "ask the referrer for images"),
    ]
    for name in ("cases", "notices", "audit_entries", "patient_records", "channels", "tasks"):
        for row in desk.rows(f"SELECT t::text AS line FROM {name} t"):
            assert "Zaffre" not in row["line"]
            assert "1961-03-04" not in row["line"]


def test_a_sealed_record_opens_only_where_it_stands(desk: Desk, keyring: Keyring) -> None:
    with desk.change() as uow:
        first = open_case(uow, desk.world.actor("ana"), patient=PATIENT, keyring=keyring)
        second = open_case(uow, desk.world.actor("ana"), patient=PATIENT, keyring=keyring)
    with desk.store.change() as uow:
        uow.session.connection().exec_driver_sql(
            f"UPDATE patient_records SET sealed = (SELECT sealed FROM patient_records WHERE case_id = {first.id})"
            f" WHERE case_id = {second.id}"
        )
    with pytest.raises(CannotOpen, match="does not open"):
        open_patient(desk.store, desk.world.actor("ana"), second.id, keyring, "check")
    assert looks(desk, second.id) == [("done", "check")], "a look that showed nothing stays recorded"


def test_who_only_manages_has_no_look_and_the_try_is_recorded(desk: Desk, keyring: Keyring) -> None:
    with desk.change() as uow:
        case = open_case(uow, desk.world.actor("ana"), patient=PATIENT, keyring=keyring)
    manager = replace(desk.world.actor("ana"), roles=frozenset({Role.MANAGER, Role.ADMIN}))

    with pytest.raises(NotAllowed, match="recorded"):
        open_patient(desk.store, manager, case.id, keyring, "check on Quentin")

    assert looks(desk, case.id) == [("refused", None)], "a refused look is recorded, whatever its purpose says"


def looks(desk: Desk, case_id: int) -> list[tuple[str, str | None]]:
    rows = desk.rows(
        "SELECT result, reason FROM audit_entries WHERE case_id = :case AND action = 'patient.look'", case=case_id
    )
    return [(row["result"], row["reason"]) for row in rows]


def test_sealing_anew_replaces_the_record(desk: Desk, keyring: Keyring) -> None:
    with desk.change() as uow:
        case = open_case(uow, desk.world.actor("ana"), patient=PATIENT, keyring=keyring)
    with desk.change() as uow:
        seal_patient(uow, desk.world.actor("ana"), case, {"name": "Q. Zaffre"}, keyring)
    assert open_patient(desk.store, desk.world.actor("ana"), case.id, keyring, "check") == {"name": "Q. Zaffre"}


@pytest.mark.parametrize("purpose", ["phone 555-867-5309", "asked by Zaffre"])
def test_a_look_needs_a_purpose_without_patient_data(desk: Desk, keyring: Keyring, purpose: str) -> None:
    with desk.change() as uow:
        case = open_case(uow, desk.world.actor("ana"), patient=PATIENT, keyring=keyring)

    with pytest.raises(PatientData):
        open_patient(desk.store, desk.world.actor("ana"), case.id, keyring, purpose)
    assert looks(desk, case.id) == []


def test_a_case_without_a_record_has_an_empty_one(desk: Desk, keyring: Keyring) -> None:
    with desk.change() as uow:
        case = open_case(uow, desk.world.actor("ana"))
    assert open_patient(desk.store, desk.world.actor("ana"), case.id, keyring, "check") == {}


def test_closing_with_open_tasks_needs_a_reason(desk: Desk) -> None:
    case = desk.open()

    said = str(desk.refused(TasksOpen, lambda uow: close_case(uow, desk.world.actor("lea"), case.id)))

    assert f"{case.code} has 5 open tasks" in said


def test_closing_skips_what_is_open_stops_the_clocks_and_ends_offers(desk: Desk) -> None:
    case = desk.open()
    task = bring_to(desk, "claimed", case)
    desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("note"))

    with desk.change() as uow:
        closed = close_case(uow, desk.world.actor("lea"), case.id, "went elsewhere")

    assert (closed.case.state, closed.case.closed_at) == ("closed", desk.clock.now())
    assert closed.tasks == desk.scalar("SELECT count(*) FROM tasks WHERE case_id = :case", case=case.id)
    assert {row["state"] for row in desk.rows("SELECT state FROM tasks WHERE case_id = :case", case=case.id)} == {
        "skipped"
    }
    assert {row["state"] for row in desk.rows("SELECT state FROM clocks WHERE case_id = :case", case=case.id)} == {
        "stopped"
    }
    pending = desk.rows("SELECT 1 FROM timers WHERE case_id = :case AND state = 'pending'", case=case.id)
    assert pending == []
    (offer,) = desk.rows("SELECT state FROM handoffs WHERE task_id = :task", task=task)
    assert offer["state"] == "withdrawn"
    assert [row["kind"] for row in desk.notices(case)] == ["opened", "handoff", "answer", "closed"]
    assert desk.rows("SELECT 1 FROM tracks WHERE case_id = :case AND state = 'active'", case=case.id) == []


def test_closing_an_empty_case_needs_no_reason(desk: Desk) -> None:
    with desk.change() as uow:
        case = open_case(uow, desk.world.actor("ana"))
        assert close_case(uow, desk.world.actor("max"), case.id).case.state == "closed"


@pytest.mark.parametrize("who", ["ana", "sam"])
def test_only_leads_and_managers_close(desk: Desk, who: str) -> None:
    case = desk.open()

    desk.refused(NotAllowed, lambda uow: close_case(uow, desk.world.actor(who), case.id, "a reason"))


def test_the_command_line_may_close(desk: Desk) -> None:
    case = desk.open()
    with desk.change() as uow:
        assert close_case(uow, system(desk.program_id, Origin.CLI), case.id, "entered twice").case.state == "closed"


def test_nothing_changes_in_a_closed_case(desk: Desk) -> None:
    case = desk.open()
    task = bring_to(desk, "done", case)
    free = desk.task(case, "P1")
    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "went elsewhere")
    lea = desk.world.actor("lea")

    before = desk.snapshot()
    with desk.change() as uow:
        assert close_case(uow, lea, case.id, "again").case.state == "closed", "twice is no error"
    assert desk.snapshot() == before
    desk.refused(CaseClosed, lambda uow: set_date(uow, lea, case.id, "board", Moment(BOARD)))
    desk.refused(CaseClosed, lambda uow: add_component(uow, lea, case.id, "plate"))
    for said in (
        desk.refuses(WrongState, tasks.claim, "ana", free),
        desk.refuses(WrongState, tasks.assign, "lea", free, desk.world.staff["ana"].id),
        desk.refuses(WrongState, tasks.reopen, "lea", task, "a reason"),
        desk.refuses(WrongState, tasks.done, "lea", free, "line 4"),
    ):
        assert f"Case {case.code} is closed" in str(said)


def test_a_session_that_saw_the_case_open_does_not_change_it_once_closed(desk: Desk) -> None:
    """Entry points look a case up before its lock; what they saw may be old by the time it is taken."""
    case = desk.open()
    lea = desk.world.actor("lea")
    with desk.change() as uow:
        assert case_by_code(uow.session, desk.program_id, case.code).state == "open"
        with desk.change() as other:
            close_case(other, lea, case.id, "went elsewhere")
        with pytest.raises(CaseClosed):
            set_date(uow, lea, case.id, "board", Moment(BOARD + timedelta(days=7)))

    (row,) = desk.rows("SELECT day FROM key_dates WHERE case_id = :case", case=case.id)
    assert row["day"] == BOARD


def test_a_case_is_found_as_people_write_its_code(desk: Desk) -> None:
    case = desk.open()
    with desk.store.read() as uow:
        for written in (case.code, case.code.lower(), f" {case.code[:2]}-{case.code[2:]} "):
            assert case_by_code(uow.session, desk.program_id, written).id == case.id
        for written in ("", "!!!!", "A" * 40):
            with pytest.raises(UnknownCase):
                case_by_code(uow.session, desk.program_id, written)


def test_a_case_is_found_by_its_channel(desk: Desk) -> None:
    case = desk.open()
    with desk.change() as uow:
        uow.session.connection().exec_driver_sql(
            f"UPDATE channels SET state = 'open', slack_id = 'C0{case.code}' WHERE case_id = {case.id}"
        )
    with desk.store.read() as uow:
        found = case_of_channel(uow.session, desk.program_id, f"C0{case.code}")
        assert isinstance(found, Case)
        assert found.id == case.id
        assert case_of_channel(uow.session, desk.program_id + 1, f"C0{case.code}") is None
        assert case_of_channel(uow.session, desk.program_id, "C0ELSEWHERE") is None


def test_open_cases_are_listed_with_the_latest_first(desk: Desk) -> None:
    late, calm = desk.open(board=date(2026, 11, 3)), desk.open(board=date(2027, 2, 3))
    with desk.change() as uow:
        gone = open_case(uow, desk.world.actor("ana"))
        close_case(uow, desk.world.actor("lea"), gone.id)
    with desk.store.read() as uow:
        rows = list_cases(uow.session, desk.program_id, desk.clock.now(), limit=1000)
    codes = [row.code for row in rows]
    assert codes.index(late.code) < codes.index(calm.code)
    assert gone.code not in codes
    counts = {row.code: (row.open, row.late) for row in rows}
    assert counts[calm.code] == (5, 0)
    assert counts[late.code] == (5, 4), "all but the one that hangs on the gate"


def test_the_team_of_a_case_has_its_own_surgeon_or_all(desk: Desk) -> None:
    staff = desk.world.staff
    with desk.change() as uow:
        named = open_case(uow, desk.world.actor("ana"), surgeon_id=staff["sam"].id, lead_id=staff["lea"].id)
        unnamed = open_case(uow, desk.world.actor("ana"))
        assert [person.name for person in team(uow.session, named)] == ["Ana", "Bo", "Cy", "Lea", "Max", "Sam"]
        assert [person.name for person in team(uow.session, unnamed)] == ["Ana", "Bo", "Cy", "Lea", "Max", "Sam"]
