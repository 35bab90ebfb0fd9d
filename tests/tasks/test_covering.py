"""Time off: tasks pass to the cover or the pool and come back, each with one holder at any moment; nothing twice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.checklists.vocabulary import Awaited
from app.kernel.clock import FixedClock
from app.programs import absences
from app.programs.absences import BadAbsence, IsAway, absences_of
from app.programs.actor import NotAllowed
from app.programs.models import Staff
from app.programs.persons import set_person
from app.programs.queries import UnknownPerson
from app.programs.quiet import set_quiet
from app.programs.service import system
from app.store.uow import Store
from app.tasks import covering, handoffs, spreading
from app.tasks import service as tasks
from app.tasks.allowed import receivers
from app.tasks.brief import Brief, Urgency
from app.tasks.departures import leave
from app.tasks.refusals import CannotUndo
from app.tasks.rows import read
from app.tasks.undo import undo
from tests.conftest import MONDAY
from tests.tasks.desk import Desk, OpenCase, make_desk

TODAY = date(2026, 11, 2)
FRIDAY = date(2026, 11, 6)


@pytest.fixture
def desk(store: Store, clock: FixedClock) -> Desk:
    """A practice of this test's own: what a person holds is all that they hold."""
    return make_desk(store, clock)


def staff(desk: Desk, name: str) -> int:
    return desk.world.staff[name].id


def away(
    desk: Desk, who: str, first: date, last: date, cover: str | None = None, *, by: str | None = None
) -> absences.Absence:
    with desk.change() as uow:
        actor = desk.world.actor(by or who)
        return absences.plan(uow, actor, staff(desk, who), first, last, staff(desk, cover) if cover else None)


def turn(desk: Desk) -> int:
    """Begin and end everything that is due; returns how many."""
    turned = 0
    while True:
        with desk.change() as uow:
            if covering.turn_due(uow) is None:
                return turned
        turned += 1


def back(desk: Desk, who: str, by: str | None = None) -> str:
    with desk.change() as uow:
        return covering.come_back(uow, desk.world.actor(by or who), staff(desk, who))


def local(day: date, hour: int = 0) -> datetime:
    """A moment in New York, five hours behind UTC in November."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour + 5)


def claimed(desk: Desk, case: OpenCase, *items: str, who: str = "ana") -> list[int]:
    found = [desk.task(case, item) for item in items]
    for task in found:
        desk.do(tasks.claim, who, task)
    return found


def holder(desk: Desk, task: int) -> Any:
    held = desk.row(task)["holder_id"]
    return next((name for name, person in desk.world.staff.items() if person.id == held), None)


def said(desk: Desk, kind: str = "away") -> list[tuple[str, str]]:
    """Direct messages of a kind: to whom, and everything that stands in them."""
    rows = desk.rows(
        "SELECT s.name, n.payload FROM notices n JOIN channels h ON h.id = n.channel_id"
        " JOIN staff s ON s.id = h.staff_id WHERE n.kind = :kind ORDER BY n.seq",
        kind=kind,
    )
    return [
        (row["name"].lower(), " ".join([row["payload"].get("head", ""), *row["payload"].get("lines", []),
                                        *row["payload"].get("problems", [])]).strip())
        for row in rows
    ]  # fmt: skip


def test_tasks_pass_to_the_cover_at_the_first_day_and_come_back_after_the_last(desk: Desk) -> None:
    case, other = desk.open(), desk.open()
    first, second = claimed(desk, case, "P1", "P2")
    (third,) = claimed(desk, other, "P1")
    desk.do(tasks.wait, "ana", second, Awaited.CLINIC)
    away(desk, "ana", TODAY + timedelta(days=1), FRIDAY, "cy")

    assert turn(desk) == 0, "not before its first day"
    desk.move_to(local(TODAY + timedelta(days=1)))
    assert turn(desk) == 1
    assert turn(desk) == 0
    assert [holder(desk, task) for task in (first, second, third)] == ["cy", "cy", "cy"]
    assert desk.state(second) == "waiting", "it waits as it did"
    assert len(desk.notices(case, "covered")) == len(desk.notices(other, "covered")) == 1
    assert [task["no"] for task in desk.notices(case, "covered")[0]["payload"]["tasks"]] == [1, 2]
    (ana, to_ana), (cy, to_cy) = said(desk)
    assert (ana, cy) == ("ana", "cy")
    assert to_ana.startswith("You are away until Fri 6 Nov 2026 Cy has meanwhile: ")
    nearest = min(case.code, other.code)
    assert to_cy.startswith(f"You cover for Ana until Fri 6 Nov 2026 Yours meanwhile: {nearest}-1 List the case. Due ")
    assert to_cy.endswith("To finish them, say whom they wait for or hand them off: /tasks mine")

    desk.do(tasks.done, "cy", first, "AG-1")
    desk.move_to(local(FRIDAY, 23))
    assert turn(desk) == 0, "the last day is a day off"
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    assert turn(desk) == 1
    assert [desk.state(task) for task in (first, second, third)] == ["done", "waiting", "claimed"]
    assert [holder(desk, task) for task in (second, third)] == ["ana", "ana"]
    assert desk.row(first)["closed_by"] == staff(desk, "cy"), "what was done was done by the cover"
    assert [post["payload"]["back"] for post in desk.notices(case, "covered")] == [False, True]
    assert [(who, words.split(" Yours")[0].split(" With")[0]) for who, words in said(desk)[2:]] == [
        ("ana", "You are back"), ("cy", "Ana is back"),
    ]  # fmt: skip
    assert turn(desk) == 0


def test_on_its_last_day_it_is_today_and_what_is_late_is_called_so(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P1")
    desk.move_to(desk.row(task)["due_at"] + timedelta(minutes=1))
    today = desk.clock.now().astimezone(ZoneInfo("America/New_York")).date()
    away(desk, "ana", today, today, "cy")
    turn(desk)
    (_, to_ana), (_, to_cy) = said(desk)
    assert to_ana.startswith("You are away today Cy has meanwhile: ")
    late = f"{case.code}-1 List the case. It is late already: it was due "
    assert to_cy.startswith(f"You cover for Ana today Yours meanwhile: {late}")
    assert desk.notices(case, "covered")[0]["payload"]["today"] is True
    refused = desk.refused(IsAway, lambda uow: tasks.assign(uow, desk.world.actor("lea"), task, staff(desk, "ana")))
    assert str(refused).startswith("Ana is away today. Nothing changed. Cy covers")


def test_without_a_cover_tasks_go_to_the_pool_and_come_back_while_nobody_has_them(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2")
    away(desk, "ana", TODAY, FRIDAY)
    turn(desk)
    assert [holder(desk, task) for task in (first, second)] == [None, None]
    desk.do(tasks.claim, "cy", first)
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    turn(desk)
    assert [holder(desk, task) for task in (first, second)] == ["cy", "ana"]


def test_what_the_cover_may_not_have_goes_to_the_pool_and_late_work_to_the_lead_s_notice(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2")
    desk.move_to(desk.row(second)["due_at"] + timedelta(hours=1))
    today = desk.clock.now().date()
    away(desk, "ana", today, today + timedelta(days=3), "bo")
    turn(desk)
    assert (holder(desk, first), holder(desk, second)) == ("bo", None), "bo has no skill in imaging"
    ((lead, words),) = said(desk, "trouble")
    assert lead == "lea"
    assert f"{case.code}-2 Load the images: nobody has it. It is late already" in words
    assert f"{case.code}-1" not in words
    assert len(desk.notices(case, "covered")) == 1


def test_what_people_have_moved_since_stays_where_it_is(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    turn(desk)
    desk.do(handoffs.offer, "cy", first, staff(desk, "bo"), Brief("please"))
    desk.do(handoffs.accept, "bo", first)
    desk.do(tasks.release, "cy", second)
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    turn(desk)
    assert (holder(desk, first), desk.state(second)) == ("bo", "ready")


def test_of_what_waited_and_is_in_the_pool_now_the_post_says_for_whom(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P2")
    desk.do(tasks.wait, "ana", task, Awaited.TISSUE_BANK)
    away(desk, "ana", TODAY, FRIDAY)
    turn(desk)
    (post,) = desk.notices(case, "covered")
    assert [line["word"] for line in post["payload"]["tasks"]] == ["It waited for the tissue bank."]
    assert desk.state(task) == "ready"


def test_looking_for_what_is_due_costs_an_index_scan_among_many_that_are_not(desk: Desk) -> None:
    with desk.change() as uow:
        uow.session.execute(
            text(
                "INSERT INTO absences (program_id, staff_id, starts_at, ends_at, look_at, ended_at)"
                " SELECT :program, :ana, at, at + interval '1 hour', CASE WHEN n % 10 = 0 THEN at END,"
                " CASE WHEN n % 10 <> 0 THEN at END FROM (SELECT n, '2027-01-01 12:00+00'::timestamptz"
                " + n * interval '1 day' AS at FROM generate_series(1, 20000) n) AS days"
            ),
            {"program": desk.program_id, "ana": staff(desk, "ana")},
        )
        uow.session.execute(text("ANALYZE absences"))
        values = {"now": uow.now}
        plan = "\n".join(uow.session.execute(text(f"EXPLAIN {covering._NEXT.text}"), values).scalars())
    assert "absences_look" in plan
    assert "Seq Scan on absences" not in plan


def test_after_a_standstill_nothing_is_skipped_and_nothing_done_twice(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P1")
    away(desk, "ana", TODAY + timedelta(days=1), TODAY + timedelta(days=1), "cy")
    away(desk, "ana", FRIDAY, FRIDAY + timedelta(days=3), "cy")
    desk.move_to(local(FRIDAY, 3))
    assert turn(desk) == 2, "the one that is over ends, the other one begins"
    assert holder(desk, task) == "cy"
    assert len(desk.notices(case, "covered")) == 1
    assert [who for who, _ in said(desk)] == ["ana", "cy"]


def test_of_two_that_follow_each_other_the_first_ends_before_the_second_begins(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY + timedelta(days=2), FRIDAY, "bo")  # planned first, and so of the lower id
    away(desk, "ana", TODAY, TODAY + timedelta(days=1), "cy")
    turn(desk)
    assert holder(desk, task) == "cy"
    desk.move_to(local(TODAY + timedelta(days=2)))
    assert turn(desk) == 2
    assert holder(desk, task) == "bo", "not back with whoever is still away"
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    turn(desk)
    assert holder(desk, task) == "ana"


def test_one_that_was_put_off_at_its_end_ends_before_the_next_begins(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    first = away(desk, "ana", TODAY, TODAY + timedelta(days=1), "cy")
    away(desk, "ana", TODAY + timedelta(days=2), FRIDAY, "bo")
    turn(desk)
    desk.move_to(local(TODAY + timedelta(days=2)))
    with desk.change() as uow:
        covering.put_off(uow, first.id, timedelta(minutes=1))
    turn(desk)
    assert holder(desk, task) == "bo"
    desk.move_to(local(TODAY + timedelta(days=2)) + timedelta(minutes=1))
    assert turn(desk) == 0
    assert holder(desk, task) == "bo"


def test_a_return_takes_nothing_from_whoever_claimed_it_though_they_are_away_now(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY, FRIDAY)
    turn(desk)
    desk.do(tasks.claim, "bo", task)
    away(desk, "bo", TODAY, FRIDAY + timedelta(days=7), "cy")
    turn(desk)
    assert holder(desk, task) == "cy"
    back(desk, "ana")
    assert holder(desk, task) == "cy", "bo took it, and cy has it for bo"
    back(desk, "bo")
    assert holder(desk, task) == "bo"


def test_a_return_takes_nothing_from_whoever_was_assigned_it_though_they_are_away_now(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    turn(desk)
    desk.do(tasks.assign, "lea", task, staff(desk, "bo"))
    away(desk, "bo", TODAY, FRIDAY + timedelta(days=7))
    turn(desk)
    assert holder(desk, task) is None
    back(desk, "ana")
    assert holder(desk, task) is None
    back(desk, "bo")
    assert holder(desk, task) == "bo"


def gives(desk: Desk, who: str, *roles: str) -> None:
    with desk.change() as uow:
        set_person(uow, desk.world.actor("max"), staff(desk, who), {"roles": "\n".join(roles)})


def test_what_somebody_may_not_have_any_more_stays_with_the_cover(desk: Desk) -> None:
    case = desk.open()
    (listed,) = claimed(desk, case, "P1", who="cy")
    desk.component(case)
    (coded,) = claimed(desk, case, "C1", who="cy")
    away(desk, "cy", TODAY, FRIDAY, "ana")
    turn(desk)
    assert [holder(desk, task) for task in (listed, coded)] == ["ana", None], "Ana is no coder"
    gives(desk, "cy", "coder")
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    turn(desk)
    assert [holder(desk, task) for task in (listed, coded)] == ["ana", "cy"]
    (who, words), (cover, theirs) = said(desk)[-2:]
    assert (who, cover) == ("cy", "ana")
    kept, own = (f"{case.code}-{desk.row(task)['no']}" for task in (listed, coded))
    assert f"Yours again: {own} " in words
    assert f"Not back, since your roles were changed: {kept} " in words
    assert f"With Cy again: {own} " in theirs
    assert f"Stays with you, since Cy may not have it any more: {kept} " in theirs


def test_of_what_is_in_the_pool_and_somebody_may_not_have_any_more_the_lead_hears(desk: Desk) -> None:
    case = desk.open()
    (listed,) = claimed(desk, case, "P1")
    away(desk, "ana", TODAY, FRIDAY)
    turn(desk)
    gives(desk, "ana", "biller")
    assert back(desk, "ana") == "You are back."
    assert (desk.state(listed), holder(desk, listed)) == ("ready", None)
    assert not desk.notices(case, "covered")[1:], "nothing moved"
    ((lead, words),) = said(desk, "trouble")
    assert lead == "lea"
    assert f"Ana is back and may not have these any more. To give it to somebody: assign {case.code}-1 @person" in words
    assert "nobody has it" in words


@pytest.mark.parametrize("second", ["cy", None])
def test_what_a_cover_may_not_have_any_more_goes_home_past_them(desk: Desk, second: str | None) -> None:
    case = desk.open()
    (listed,) = claimed(desk, case, "P1")
    away(desk, "ana", TODAY, FRIDAY, "bo")
    turn(desk)
    away(desk, "bo", TODAY, TODAY, second)
    turn(desk)
    gives(desk, "bo", "biller")
    desk.move_to(local(TODAY + timedelta(days=1)))
    turn(desk)
    assert holder(desk, listed) == second
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    turn(desk)
    assert holder(desk, listed) == "ana"


def test_of_two_sweeps_at_once_one_turns_it(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    with desk.change() as one, desk.change() as other:
        assert covering.turn_due(one) is not None
        assert covering.turn_due(other) is None
    assert holder(desk, task) == "cy"


def test_the_cover_s_own_time_off_passes_tasks_on_and_each_comes_back_to_its_own(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P1")
    away(desk, "ana", TODAY, FRIDAY + timedelta(days=7), "bo")
    turn(desk)
    desk.move_to(local(TODAY + timedelta(days=1)))
    away(desk, "bo", TODAY + timedelta(days=1), TODAY + timedelta(days=2), "cy")
    turn(desk)
    assert holder(desk, task) == "cy"
    desk.move_to(local(TODAY + timedelta(days=3)))
    turn(desk)
    assert holder(desk, task) == "bo"

    away(desk, "bo", TODAY + timedelta(days=3), FRIDAY + timedelta(days=9), "cy")
    turn(desk)
    assert holder(desk, task) == "cy"
    assert "Back with you:" in back(desk, "ana"), "though bo is still away"
    assert holder(desk, task) == "ana"
    back(desk, "bo")
    assert holder(desk, task) == "ana"


def test_a_cover_who_is_away_when_it_begins_does_not_cover(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", FRIDAY, FRIDAY, "bo")
    away(desk, "bo", FRIDAY, FRIDAY)
    desk.move_to(local(FRIDAY))
    turn(desk)
    assert holder(desk, task) is None
    assert any("Bo cannot cover: away as well" in words for who, words in said(desk) if who == "ana")


def test_offers_to_whoever_goes_are_withdrawn_and_the_giver_hears_it(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P1", who="bo")
    desk.do(handoffs.offer, "bo", task, staff(desk, "ana"), Brief("please"))
    away(desk, "ana", TODAY, FRIDAY, "cy")
    turn(desk)
    assert [row["state"] for row in desk.rows("SELECT state FROM handoffs")] == ["withdrawn"]
    ((who, words),) = said(desk, "trouble")
    assert who == "bo"
    assert "Ana is away until Fri 6 Nov 2026, so your offer" in words
    assert words.endswith("Where it stands, as you wrote: “please”"), "what was written is not lost"


def test_what_went_with_an_open_offer_goes_on_to_whoever_covers(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2", who="cy")
    brief = Brief("half done", Urgency.NOW, "call the archive", "closed on Friday")
    desk.do(handoffs.offer, "cy", first, staff(desk, "bo"), brief)
    desk.do(handoffs.offer, "cy", second, staff(desk, "ana"), Brief("images are there"))
    away(desk, "cy", TODAY, FRIDAY, "bo")
    turn(desk)
    assert [holder(desk, task) for task in (first, second)] == ["bo", None]
    posted = {task["no"]: task.get("brief") for task in desk.notices(case, "covered")[0]["payload"]["tasks"]}
    assert posted == {1: brief.columns(), 2: Brief("images are there").columns()}
    heard = [(who, words.partition("No longer ")[2]) for who, words in said(desk) if "No longer " in words]
    assert heard == [("ana", f"offered to you, and to be claimed: {case.code}-2 Load the images")], "Bo covers"


def test_what_a_cover_passed_on_comes_home_though_that_cover_was_switched_off(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P1")
    (own,) = claimed(desk, case, "P2", who="cy")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    turn(desk)
    away(desk, "cy", TODAY, FRIDAY, "lea")
    turn(desk)
    assert [holder(desk, one) for one in (task, own)] == ["lea", "lea"]
    with desk.change() as uow:
        leave(uow, desk.world.actor("max"), desk.world.staff["cy"])
    kept = [words for who, words in said(desk, "trouble") if who == "lea" and "stays with you" in words]
    assert [words.partition("with you: ")[2] for words in kept] == [f"{case.code}-2"], "the other one is Ana's"
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    turn(desk)
    assert [holder(desk, one) for one in (task, own)] == ["ana", "lea"]


def test_time_off_of_somebody_who_is_switched_off_moves_nothing(desk: Desk) -> None:
    """As an earlier version could leave it behind."""
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    with desk.change() as uow:
        uow.session.execute(text("UPDATE staff SET active = false WHERE id = :id"), {"id": staff(desk, "ana")})
    assert turn(desk) == 1
    assert turn(desk) == 0
    assert holder(desk, task) == "ana"
    assert said(desk) == []


def test_a_finished_task_does_not_come_back_to_somebody_who_is_away_by_now(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P1")
    done = desk.do(tasks.skip, "lea", task, "not needed")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    turn(desk)
    refused = desk.refused(CannotUndo, lambda uow: undo(uow, desk.world.actor("lea"), done.act or 0))
    assert "Ana, who had it, is away now. Nothing changed. To take it back: reopen" in str(refused)


def test_many_tasks_are_counted_and_who_covered_nothing_is_not_told_that_somebody_is_back(desk: Desk) -> None:
    for _ in range(22):
        claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY, TODAY, "bo")
    away(desk, "cy", FRIDAY, FRIDAY, "bo")
    turn(desk)
    yours = next(words for who, words in said(desk) if who == "bo" and "You cover" in words)
    assert yours.count("List the case") == 20
    assert " And 2 more. To finish them" in yours
    away(desk, "bo", FRIDAY, FRIDAY)
    desk.move_to(local(FRIDAY, 1))
    turn(desk)
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    turn(desk)
    backs = [(who, words.split(" is back")[0]) for who, words in said(desk) if " is back " in f"{words} "]
    assert backs == [("bo", "Ana")], "who was away covered nothing of Cy's"


def test_whoever_leaves_has_no_time_off_any_more(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P1")
    away(desk, "ana", TODAY, TODAY + timedelta(days=1), "cy")
    away(desk, "ana", FRIDAY, FRIDAY, "bo")
    turn(desk)
    with desk.change() as uow:
        leave(uow, desk.world.actor("max"), desk.world.staff["ana"])
    assert [words for who, words in said(desk, "trouble") if who == "cy"] == [
        f"Ana is switched off and does not come back. What you have of them stays with you: {case.code}-1"
    ]
    desk.move_to(local(FRIDAY, 12))
    assert turn(desk) == 0, "none of it begins or ends any more"
    assert holder(desk, task) == "cy"
    with desk.change() as uow:
        assert absences_of(uow.session, desk.program_id, staff(desk, "ana")) == []
        assert desk.rows("SELECT 1 FROM absences WHERE ended_at IS NULL OR look_at IS NOT NULL") == []


def test_nobody_gives_work_to_whoever_is_away(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2", who="cy")
    away(desk, "ana", TODAY, FRIDAY, "bo")
    offered = desk.refused(IsAway, lambda uow: handoffs.offer(
        uow, desk.world.actor("cy"), first, staff(desk, "ana"), Brief("please")
    ))  # fmt: skip
    assert str(offered) == "Ana is away until Fri 6 Nov 2026. Nothing changed. Bo covers: name them, or somebody else."
    desk.refuses(IsAway, tasks.assign, "lea", second, staff(desk, "ana"))
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    assert desk.do(tasks.assign, "lea", second, staff(desk, "ana")).changed


def test_nobody_gives_work_to_whom_slack_does_not_know(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2", who="cy")
    free = desk.task(case, "P3")
    desk.outside("ana")
    desk.outside("sam")
    ana = staff(desk, "ana")
    offered = desk.refused(UnknownPerson, lambda uow: handoffs.offer(
        uow, desk.world.actor("cy"), first, ana, Brief("please")
    ))  # fmt: skip
    assert str(offered) == (
        "Ana is not in the Slack workspace. Nothing changed. Name somebody else, or have them added there, and invited "
        "into a case's channel."
    )
    desk.refuses(UnknownPerson, tasks.assign, "lea", second, ana)
    with desk.change() as uow:
        said = spreading.spread(uow, desk.world.actor("lea"), {free: staff(desk, "sam")})
        there = receivers(uow.session, desk.world.actor("cy"), [read(uow.session, desk.program_id, first)], uow.now)
    assert said == [f"{case.code}-3 was left: Sam is not in the Slack workspace."]
    assert [person.name for person in there] == ["Bo", "Lea"]
    desk.open()  # a channel that nobody was asked into yet says nothing of them
    desk.refuses(UnknownPerson, tasks.assign, "lea", second, ana)


def test_whom_slack_does_not_know_covers_for_nobody(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", FRIDAY, FRIDAY, "bo")
    desk.outside("bo")
    desk.refused(UnknownPerson, lambda uow: absences.plan(
        uow, desk.world.actor("cy"), staff(desk, "cy"), FRIDAY, FRIDAY, staff(desk, "bo")
    ))  # fmt: skip
    desk.move_to(local(FRIDAY))
    turn(desk)
    assert holder(desk, task) is None
    assert any("Bo cannot cover: away as well, switched off, or not" in words for _, words in said(desk))


def test_back_ends_it_sooner_or_calls_it_off(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", FRIDAY, FRIDAY, "cy")
    assert back(desk, "ana") == "Called off: the time off on Fri 6 Nov 2026."
    away(desk, "ana", TODAY, FRIDAY, "cy")
    turn(desk)
    assert holder(desk, task) == "cy"
    desk.move_to(local(TODAY + timedelta(days=1), 9))
    assert back(desk, "ana", by="lea").startswith("Ana is back. Back with Ana: ")
    assert holder(desk, task) == "ana"
    assert back(desk, "ana") == "You are back already."
    desk.move_to(local(FRIDAY + timedelta(days=1)))
    desk.refused(BadAbsence, lambda uow: covering.come_back(uow, desk.world.actor("ana"), staff(desk, "ana")))
    assert turn(desk) == 0


def test_back_after_time_off_was_planned_anew_is_no_repetition(desk: Desk) -> None:
    away(desk, "ana", FRIDAY, FRIDAY)
    assert back(desk, "ana") == "Called off: the time off on Fri 6 Nov 2026."
    away(desk, "ana", FRIDAY, FRIDAY, "bo")
    assert back(desk, "ana") == "Called off: the time off on Fri 6 Nov 2026."
    assert back(desk, "ana") == "You are back already."
    away(desk, "ana", FRIDAY, FRIDAY, by="lea")
    assert desk.scalar("SELECT count(*) FROM absences WHERE ended_at IS NULL") == 1, "the days are free again"


def test_back_said_twice_and_a_button_end_one_absence_each(desk: Desk) -> None:
    away(desk, "ana", TODAY, TODAY)
    away(desk, "ana", FRIDAY, FRIDAY)
    turn(desk)
    with desk.store.read() as uow:
        now, later = absences_of(uow.session, desk.program_id, staff(desk, "ana"))
    assert back(desk, "ana") == "You are back."
    assert back(desk, "ana") == "You are back already."
    with desk.change() as uow:
        lea = desk.world.actor("lea")
        assert covering.call_off(uow, lea, now.id) == "That time off is over already."
        assert covering.call_off(uow, lea, later.id) == "Called off: the time off on Fri 6 Nov 2026."
        assert absences_of(uow.session, desk.program_id, staff(desk, "ana")) == []
    desk.refused(BadAbsence, lambda uow: covering.call_off(uow, desk.world.actor("ana"), 10**9))


BAD = [
    ("ana", "ana", FRIDAY, TODAY, None, BadAbsence, "the last day comes first"),
    ("ana", "ana", TODAY - timedelta(days=3), TODAY - timedelta(days=1), None, BadAbsence, "it is over"),
    ("ana", "ana", TODAY, TODAY + timedelta(days=400), None, BadAbsence, "longer than a year"),
    ("ana", "ana", FRIDAY - timedelta(days=1), FRIDAY, None, BadAbsence, "it overlaps another"),
    ("cy", "cy", FRIDAY, FRIDAY, "cy", BadAbsence, "nobody covers for themselves"),
    ("cy", "cy", FRIDAY, FRIDAY, "ana", BadAbsence, "the cover is away"),
    ("bo", "cy", FRIDAY, FRIDAY, None, NotAllowed, "somebody else's, and no lead"),
]


@pytest.mark.parametrize(("by", "who", "first", "last", "cover", "error", "why"), BAD, ids=[row[-1] for row in BAD])
def test_time_off_that_cannot_be(
    desk: Desk, by: str, who: str, first: date, last: date, cover: str | None, error: type[BadAbsence], why: str
) -> None:
    away(desk, "ana", FRIDAY, FRIDAY + timedelta(days=2), by="lea")
    cover_id = staff(desk, cover) if cover else None
    desk.refused(error, lambda uow: absences.plan(uow, desk.world.actor(by), staff(desk, who), first, last, cover_id))
    assert desk.scalar("SELECT count(*) FROM absences") == 1, why


def test_the_database_keeps_two_of_a_person_from_overlapping(desk: Desk) -> None:
    away(desk, "ana", TODAY, FRIDAY)
    away(desk, "ana", FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2))
    away(desk, "bo", TODAY, FRIDAY)
    again = (
        "INSERT INTO absences (program_id, staff_id, starts_at, ends_at, look_at) SELECT program_id, staff_id,"
        " starts_at + interval '1 day', ends_at, starts_at FROM absences WHERE staff_id = :ana ORDER BY id LIMIT 1"
    )
    with pytest.raises(IntegrityError, match="absences_one_at_a_time"), desk.change() as uow:
        uow.session.execute(text(again), {"ana": staff(desk, "ana")})


def test_days_are_those_of_the_person_s_own_zone(desk: Desk) -> None:
    with desk.change() as uow:
        uow.session.execute(text("UPDATE staff SET zone = 'Asia/Tokyo' WHERE id = :bo"), {"bo": staff(desk, "bo")})
    planned = away(desk, "bo", FRIDAY, FRIDAY)
    assert planned.starts_at == datetime(2026, 11, 5, 15, tzinfo=UTC)
    assert planned.ends_at - planned.starts_at == timedelta(days=1)
    assert (planned.first, planned.last) == (FRIDAY, FRIDAY)


def test_reminders_go_to_whoever_covers_and_escalations_past_a_lead_who_is_away(desk: Desk) -> None:
    case = desk.open()
    (task,) = claimed(desk, case, "P1")
    until = date(2026, 11, 20)
    away(desk, "ana", TODAY, until, "cy")
    away(desk, "lea", TODAY, until, "max")
    turn(desk)
    names = {person.slack_user_id: name for name, person in desk.world.staff.items()}
    desk.move_to(desk.row(task)["due_at"] + timedelta(hours=20))
    desk.sweep()
    told = {names[who] for who in desk.notices(case, "catch_up")[-1]["payload"]["to"]}
    assert {"cy", "max"} <= told
    assert not {"ana", "lea"} & told


def test_a_cover_who_was_switched_off_is_neither_named_nor_the_only_one_called(desk: Desk) -> None:
    case = desk.open()
    first, second = claimed(desk, case, "P1", "P2", who="cy")
    away(desk, "lea", TODAY, date(2026, 11, 20), "ana")
    turn(desk)
    with desk.change() as uow:
        leave(uow, system(desk.program_id), uow.session.get_one(Staff, staff(desk, "ana")))
    refused = desk.refused(IsAway, lambda uow: handoffs.offer(
        uow, desk.world.actor("cy"), second, staff(desk, "lea"), Brief("please")
    ))  # fmt: skip
    assert "Nobody covers" in str(refused)
    desk.move_to(desk.row(first)["due_at"] + timedelta(hours=20))
    desk.sweep()
    told = set(desk.notices(case, "catch_up")[-1]["payload"]["to"])
    assert desk.world.staff["ana"].slack_user_id not in told
    assert told - {desk.world.staff["cy"].slack_user_id}, "somebody is called all the same"


def moves(desk: Desk, who: str, zone: str) -> None:
    with desk.change() as uow:
        set_quiet(uow, desk.world.actor(who), staff(desk, who), zone=zone)


def of(desk: Desk, who: str) -> list[absences.Absence]:
    with desk.store.read() as uow:
        return absences_of(uow.session, desk.program_id, staff(desk, who))


@pytest.mark.parametrize("zone", ["Asia/Manila", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_planned_time_off_keeps_its_days_in_another_zone(desk: Desk, zone: str) -> None:
    days = [(date(2026, 11, 10), date(2026, 11, 12)), (date(2026, 11, 13), date(2026, 11, 13))]
    for first, last in days:
        away(desk, "ana", first, last, "cy")
    moves(desk, "ana", zone)
    planned = of(desk, "ana")
    assert [(one.first, one.last, one.cover) for one in planned] == [(*each, "Cy") for each in days]
    for one in planned:
        edges = [at.astimezone(ZoneInfo(zone)) for at in (one.starts_at, one.ends_at)]
        assert [f"{at:%H:%M}" for at in edges] == ["00:00", "00:00"]
    looks = desk.rows("SELECT look_at, starts_at, ended_at FROM absences ORDER BY id")
    assert all((row["look_at"], row["ended_at"]) == (row["starts_at"], None) for row in looks)
    desk.move_to(planned[0].starts_at - timedelta(seconds=1))
    assert turn(desk) == 0
    desk.move_to(planned[0].starts_at)
    assert turn(desk) == 1
    moves(desk, "ana", "America/New_York")
    assert [(one.last, one.ends_at) for one in of(desk, "ana")] == [
        (last, local(last + timedelta(days=1))) for _, last in days
    ]  # fmt: skip
    assert desk.scalar("SELECT count(*) FROM audit_entries WHERE action = 'absence.move'") == 2


@pytest.mark.parametrize("zone", ["Asia/Manila", "America/Los_Angeles"])
def test_time_off_that_runs_goes_on_and_ends_after_its_last_day_there(desk: Desk, zone: str) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    desk.move_to(local(TODAY, 1))
    turn(desk)
    moves(desk, "ana", zone)
    assert of(desk, "ana")[0].runs(desk.clock.now()), "who is away does not come back by it"
    assert (turn(desk), holder(desk, task)) == (0, "cy")
    ends = of(desk, "ana")[0].ends_at
    assert f"{ends.astimezone(ZoneInfo(zone)):%a %d %H:%M}" == "Sat 07 00:00"
    desk.move_to(ends - timedelta(seconds=1))
    assert turn(desk) == 0
    desk.move_to(ends)
    assert (turn(desk), holder(desk, task)) == (1, "ana")


def test_time_off_that_runs_is_of_the_same_days_however_often_somebody_moves(desk: Desk) -> None:
    moves(desk, "ana", "Europe/Berlin")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    assert turn(desk) == 1
    (begun,) = of(desk, "ana")
    for zone in ("America/New_York", "Europe/Berlin") * 2:
        moves(desk, "ana", zone)
        (one,) = of(desk, "ana")
        assert (one.starts_at, one.last) == (begun.starts_at, FRIDAY), "what has begun keeps its beginning"
    assert of(desk, "ana") == [begun]


def test_time_off_that_would_end_there_before_it_began_ends_at_once(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    moves(desk, "ana", "Pacific/Pago_Pago")
    away(desk, "ana", TODAY, TODAY, "cy")
    desk.move_to(of(desk, "ana")[0].starts_at + timedelta(hours=1))
    assert (turn(desk), holder(desk, task)) == (1, "cy")
    moves(desk, "ana", "Pacific/Kiritimati")  # a day and an hour ahead
    assert not of(desk, "ana")[0].runs(desk.clock.now())
    assert (turn(desk), holder(desk, task)) == (1, "ana")


def test_time_off_whose_last_day_is_over_there_ends_at_once(desk: Desk) -> None:
    (task,) = claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY, TODAY, "cy")
    turn(desk)
    desk.move_to(local(TODAY, 20))
    moves(desk, "ana", "Pacific/Kiritimati")
    assert (turn(desk), holder(desk, task)) == (1, "ana")
    assert of(desk, "ana") == []


def test_a_failing_one_is_put_off(desk: Desk) -> None:
    planned = away(desk, "ana", TODAY, FRIDAY, "cy")
    with desk.change() as uow:
        covering.put_off(uow, planned.id, timedelta(minutes=1))
    assert turn(desk) == 0
    desk.move_to(MONDAY + timedelta(minutes=1))
    assert turn(desk) == 1


def test_each_act_is_on_record(desk: Desk) -> None:
    claimed(desk, desk.open(), "P1")
    away(desk, "ana", TODAY, FRIDAY, "cy")
    turn(desk)
    back(desk, "ana")
    rows = desk.rows(
        "SELECT action, actor_id FROM audit_entries WHERE action LIKE 'absence.%' OR action IN ('task.cover',"
        " 'task.return') ORDER BY seq"
    )
    ana = staff(desk, "ana")
    assert [(row["action"], row["actor_id"]) for row in rows] == [
        ("absence.plan", ana), ("task.cover", None), ("absence.begin", None), ("absence.end", ana),
        ("task.return", ana),
    ]  # fmt: skip
