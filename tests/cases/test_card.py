"""The card's data: where a case stands, read in one go."""

from datetime import date, timedelta

from app.cases.card import AtWork, CardData, card_of
from app.cases.components import withdraw_component
from app.cases.service import close_case
from app.cases.stage import Stage
from app.checklists.vocabulary import Awaited
from app.tasks import service as tasks
from tests.tasks.desk import BOARD, Desk, OpenCase


def card(desk: Desk, case: OpenCase, later: timedelta = timedelta()) -> CardData:
    with desk.store.read() as uow:
        return card_of(uow.session, case.id, desk.clock.now() + later)


def test_a_fresh_case(desk: Desk) -> None:
    case = desk.open()

    shown = card(desk, case)

    assert (shown.code, shown.state, shown.zone) == (case.code, "open", "America/New_York")
    assert shown.key_dates == (("board", BOARD, None),)
    assert shown.stage == Stage(None, "board")
    assert [(track.title, track.component, track.done, track.total, track.late) for track in shown.tracks] == [
        ("Packet", None, 0, 5, 0)
    ]
    assert [task.no for task in shown.next_tasks] == [2, 1, 3], "the three nearest deadlines"
    assert (shown.tasks, shown.done, shown.late, shown.components) == (5, 0, 0, 0)
    assert not any((shown.gates, shown.waiting, shown.late_tasks, shown.absent))


def test_what_people_do_shows(desk: Desk) -> None:
    case = desk.open()
    images = desk.task(case, "P2")
    desk.do(tasks.claim, "ana", images)
    desk.do(tasks.wait, "ana", images, Awaited.CLINIC)
    desk.do(tasks.done, "cy", desk.task(case, "P1"), "line 4")

    shown = card(desk, case)

    (waiting,) = shown.waiting
    assert (waiting.no, waiting.waiting_on, waiting.waiting_since) == (2, "clinic", desk.clock.now())
    assert waiting.holder == desk.world.staff["ana"].slack_user_id
    assert (shown.done, shown.tracks[0].done) == (1, 1)
    assert shown.at_work == (AtWork(waiting.holder, 1),)
    assert waiting.holder in shown.people


def test_late_tasks_are_set_apart_with_the_oldest_first(desk: Desk) -> None:
    case = desk.open()

    shown = card(desk, case, timedelta(days=9))

    assert [task.no for task in shown.late_tasks] == [2, 1]
    assert (shown.late, shown.tracks[0].late) == (2, 2)
    assert [task.no for task in shown.next_tasks] == [3, 4]
    assert [task.waits_for for task in shown.next_tasks] == [(), (1, 2, 3)], "what is open of what it needs"
    desk.do(tasks.done, "cy", desk.task(case, "P1"), "line 4")
    assert [task.waits_for for task in card(desk, case).next_tasks if task.no == 4] == [(2, 3)]


def test_a_gate_shows_with_the_tasks_that_keep_it(desk: Desk) -> None:
    case = desk.open()
    desk.component(case, part="stem", custom=True)
    desk.component(case, "plate")

    shown = card(desk, case)

    assert [(gate.key_date, gate.tasks) for gate in shown.gates] == [("surgery", (6, 8))]
    assert [track.component for track in shown.tracks] == [None, "C1 endoprosthesis stem", "C2 plate"]
    assert shown.components == 2


def test_a_withdrawn_component_is_off_the_card(desk: Desk) -> None:
    case = desk.open()
    number = desk.component(case)
    with desk.change() as uow:
        withdraw_component(uow, desk.world.actor("lea"), case.id, number, "another plan")

    shown = card(desk, case)

    assert (shown.components, shown.gates, len(shown.tracks)) == (0, (), 1)
    assert (shown.tasks, shown.done) == (5, 0), "what was taken out of the plan counts nowhere"


def test_a_closed_case_says_so(desk: Desk) -> None:
    case = desk.open(board=date(2026, 11, 3))
    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "went elsewhere")

    shown = card(desk, case)

    assert (shown.state, shown.done, shown.skipped, shown.total, shown.late) == ("closed", 0, 5, 5, 0)
    assert shown.next_tasks == ()
