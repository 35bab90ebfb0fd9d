"""Giving out many free tasks at once: one change, one message a person, and what was taken meanwhile."""

import threading
from datetime import timedelta

from app.cases.people import set_person
from app.checklists.vocabulary import Role
from app.kernel.clock import FixedClock
from app.programs import absences
from app.programs.actor import NotAllowed
from app.programs.service import add_staff
from app.store.uow import Store, UnitOfWork
from app.tasks import service as tasks
from app.tasks.refusals import UnknownTask
from app.tasks.spreading import backlog, spread
from app.tasks.suggesting import plan
from app.tasks.team import team_of, work_of
from tests.conftest import MONDAY
from tests.tasks.desk import Desk, OpenCase
from tests.world import World, make_world


def staff(desk: Desk, name: str) -> int:
    return desk.world.staff[name].id


def given_to(desk: Desk, name: str) -> list[dict[str, object]]:
    rows = desk.rows(
        "SELECT n.payload FROM notices n JOIN channels h ON h.id = n.channel_id WHERE n.kind = 'given'"
        " AND h.staff_id = :staff ORDER BY n.seq",
        staff=staff(desk, name),
    )
    return [row["payload"] for row in rows]


def free(desk: Desk, case: OpenCase, *, late: bool = False) -> list[str]:
    with desk.change() as uow:
        return [line.item_id for line in backlog(uow, desk.world.actor("lea"), case_id=case.id, late=late)]


def test_what_is_free_can_be_worked_on_now_and_is_nobody_s(desk: Desk) -> None:
    case = desk.open()
    assert free(desk, case) == ["P2", "P1", "P3"], "the most urgent first, whatever role they ask for"
    assert free(desk, case, late=True) == []
    desk.do(tasks.claim, "ana", desk.task(case, "P2"))
    desk.move_to(desk.row(desk.task(case, "P1"))["due_at"] + timedelta(minutes=1))
    assert free(desk, case, late=True) == ["P1"]


def test_each_gets_theirs_in_one_message_and_it_is_on_record(desk: Desk) -> None:
    case, other = desk.open(), desk.open()
    mine, theirs = desk.task(case, "P1"), [desk.task(other, "P1"), desk.task(case, "P2")]
    before = {name: len(given_to(desk, name)) for name in ("ana", "bo")}
    with desk.change() as uow:
        said = spread(
            uow, desk.world.actor("lea"), {mine: staff(desk, "ana")} | dict.fromkeys(theirs, staff(desk, "bo"))
        )
    assert sorted(said) == sorted([f"Given to Ana: {case.code}-1.", f"Given to Bo: {case.code}-2, {other.code}-1."]), (
        "beyond skills, as in assign"
    )
    assert desk.row(mine)["holder_id"] == staff(desk, "ana")
    assert len(given_to(desk, "ana")) == before["ana"] + 1
    told = given_to(desk, "bo")[before["bo"] :]
    assert [[line["id"] for line in one["tasks"]] for one in told] == [[theirs[1], theirs[0]]], "what is due first"  # type: ignore[attr-defined]
    entries = desk.rows(
        "SELECT actor_id FROM audit_entries WHERE action = 'task.assign' AND object_id = ANY(:tasks)",
        tasks=[str(task) for task in (mine, *theirs)],
    )
    assert [row["actor_id"] for row in entries] == [staff(desk, "lea")] * 3
    assert desk.notices(case, "assigned") == []


def test_a_lead_who_gives_to_themselves_is_not_told(desk: Desk) -> None:
    case = desk.open()
    before = len(given_to(desk, "lea"))
    with desk.change() as uow:
        spread(uow, desk.world.actor("lea"), {desk.task(case, "P1"): staff(desk, "lea")})
    assert desk.row(desk.task(case, "P1"))["holder_id"] == staff(desk, "lea")
    assert len(given_to(desk, "lea")) == before


def test_what_cannot_be_given_any_more_is_left_with_its_reason_and_the_rest_is_given(desk: Desk) -> None:
    case = desk.open()
    taken, blocked, ours = desk.task(case, "P1"), desk.task(case, "P5"), desk.task(case, "P2")
    signed = desk.task(case, "P3")
    desk.do(tasks.claim, "cy", taken)
    with desk.change() as uow:
        said = spread(uow, desk.world.actor("max"), dict.fromkeys((taken, blocked, signed, ours), staff(desk, "ana")))
    assert said == [
        f"Given to Ana: {case.code}-2.",
        f"{case.code}-1 was left: Cy has it by now.",
        f"{case.code}-3 was left: it is for a surgeon, and Ana is not.",
        f"{case.code}-5 was left: it waits for other tasks now.",
    ]


def test_only_who_leads_may_and_only_of_their_own_program(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P1")
    desk.refused(NotAllowed, lambda uow: spread(uow, desk.world.actor("ana"), {task: staff(desk, "bo")}))
    strangers = make_world(desk.store, team="T0OTHER", slug="other")
    desk.refused(UnknownTask, lambda uow: spread(uow, strangers.actor("lea"), {task: strangers.staff["ana"].id}))
    with desk.change() as uow:
        said = spread(uow, desk.world.actor("lea"), {task: strangers.staff["ana"].id})
    assert said == [f"{case.code}-1 was left: that person is switched off."]


def test_of_two_leads_and_a_claim_at_once_each_task_goes_to_one(desk: Desk) -> None:
    case = desk.open()
    task = desk.task(case, "P1")
    start, said = threading.Barrier(3), list[str]()

    def give(who: str, to: str) -> None:
        start.wait()
        with desk.change() as uow:
            said.extend(spread(uow, desk.world.actor(who), {task: staff(desk, to)}))

    def claim() -> None:
        start.wait()
        try:
            said.append(desk.do(tasks.claim, "cy", task).said)
        except Exception as error:  # noqa: BLE001 - said by whoever lost
            said.append(str(error))

    threads = [
        threading.Thread(target=give, args=("lea", "ana")), threading.Thread(target=give, args=("max", "bo")),
        threading.Thread(target=claim),
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(name for name in ("ana", "bo", "cy") if staff(desk, name) == desk.row(task)["holder_id"])
    assert len([line for line in said if line.startswith(("Given to", "Claimed"))]) == 1
    assert len([line for line in said if f"{winner.capitalize()} " in line and "has" in line]) == 2, said


def test_a_plan_rests_on_what_people_hold_and_know(desk: Desk) -> None:
    case = desk.open()
    known, task = desk.task(case, "P2"), desk.task(case, "P1")
    desk.do(tasks.claim, "cy", known)
    desk.do(tasks.done, "cy", known)

    def first(uow: UnitOfWork) -> tuple[str, str]:
        line = next(line for line in backlog(uow, desk.world.actor("lea"), case_id=case.id) if line.id == task)
        [planned] = plan([work_of(line)], team_of(uow.session, desk.program_id, {case.code}, uow.now))
        assert planned.to is not None
        return planned.to.actor.name, planned.to.why

    with desk.change() as uow:
        name, why = first(uow)
    assert name == "Cy"
    assert why.startswith("knows the case, ")
    desk.move_to(MONDAY - timedelta(hours=1))
    with desk.change() as uow:
        team = team_of(uow.session, desk.program_id, (), uow.now)
    bo = next(one for one in team.workers if one.actor.name == "Bo")
    assert bo.begins_at == MONDAY, "his quiet hours end an hour after the practice opens"


def test_a_signature_is_planned_for_the_surgeon_of_the_case_while_they_are_there(
    world: World, store: Store, clock: FixedClock
) -> None:
    desk = Desk(store, clock, world)
    with desk.change() as uow:
        add_staff(
            uow, desk.program_id, slack_user_id="U0NIA", name="Nia", roles=[Role.SURGEON], skills=[],
            zone="America/New_York",
        )  # fmt: skip
    case = desk.open()

    def planned() -> str:
        with desk.change() as uow:
            line = next(one for one in backlog(uow, desk.world.actor("lea"), case_id=case.id) if one.item_id == "P3")
            [found] = plan([work_of(line)], team_of(uow.session, desk.program_id, {case.code}, uow.now))
            assert found.to is not None
            return found.to.actor.name

    assert planned() == "Nia", "of a case without a surgeon, whoever comes first"
    with desk.change() as uow:
        set_person(uow, desk.world.actor("ana"), case.id, "surgeon", staff(desk, "sam"))
    assert planned() == "Sam"
    with desk.change() as uow:
        assert (case.code, staff(desk, "sam")) in team_of(uow.session, desk.program_id, {case.code}, uow.now).knows
    with desk.change() as uow:
        absences.plan(uow, desk.world.actor("lea"), staff(desk, "sam"), MONDAY.date(), MONDAY.date())
    assert planned() == "Nia", "somebody has to"
