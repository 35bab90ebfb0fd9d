"""Whatever people do, and whatever the time does meanwhile: what a clock says is what its history says."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.cases.reopening import reopen_case
from app.cases.service import close_case
from app.checklists.vocabulary import Awaited
from app.clocks.history import course_of
from app.kernel.durations import Duration
from app.programs.actor import Actor
from app.programs.models import Program
from app.programs.queries import calendar_of
from app.refusals import Refusal
from app.store.uow import UnitOfWork
from app.tasks import service as tasks
from app.tasks.extending import extend
from app.tasks.rows import Outcome
from app.tasks.undo import undo
from tests.tasks.desk import BOARD, VISIT, Desk, OpenCase

Act = Callable[[UnitOfWork, Actor, int], Outcome]


def done_and_undone(uow: UnitOfWork, actor: Actor, task: int) -> Outcome:
    done = tasks.done(uow, actor, task, "3")
    return done if done.act is None else undo(uow, actor, done.act)


TARGET = Duration(8, "business hours")
CLOCKS = "SELECT id, state, deadline_at FROM clocks WHERE case_id = :case AND kind = 'sla'"
EVENTS = "SELECT at FROM clock_events WHERE clock_id = :clock AND kind <> 'breach' ORDER BY id"
ACTS: dict[str, Act] = {
    "claim": tasks.claim,
    "release": tasks.release,
    "wait": lambda uow, actor, task: tasks.wait(uow, actor, task, Awaited.CLINIC),
    "wait for the payer": lambda uow, actor, task: tasks.wait(uow, actor, task, Awaited.PAYER),
    "resume": tasks.resume,
    "done": lambda uow, actor, task: tasks.done(uow, actor, task, "bundled"),
    "done with a number": lambda uow, actor, task: tasks.done(uow, actor, task, "3"),
    "done and undone": done_and_undone,
    "skip": lambda uow, actor, task: tasks.skip(uow, actor, task, "not needed"),
    "reopen": lambda uow, actor, task: tasks.reopen(uow, actor, task, "needed"),
    "extend": lambda uow, actor, task: extend(uow, actor, task, uow.now + timedelta(hours=30), "payer asked"),
    "extend by far": lambda uow, actor, task: extend(uow, actor, task, uow.now + timedelta(days=9), "payer asked"),
}
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Each attempt takes a second: the case that fails is said sooner as it is."""
STEPS = st.tuples(
    st.sampled_from([*ACTS, "claim", "claim", "undo", "sweep", "close the case", "open it again", "open it again"]),
    st.sampled_from(["E1", "E3", "P2", "P2", "P2"]),
    st.sampled_from(["cy", "cy", "lea"]),
    st.sampled_from([0, 1, -3, 60, 3600, 7200, 30000]),
)


@settings(
    max_examples=25, deadline=None, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(STEPS, min_size=25, max_size=40))
def test_a_clock_says_what_its_history_says(desk: Desk, steps: list[tuple[str, str, str, int]]) -> None:
    case = desk.open(first_visit=VISIT, board=BOARD)
    last: tuple[str, int] | None = None
    for what, item, who, seconds in steps:
        desk.clock.advance(timedelta(seconds=seconds))
        if what == "sweep":
            desk.sweep()
        try:
            with desk.change() as uow:
                if what == "undo" and last is not None:
                    undo(uow, desk.world.actor(last[0]), last[1])
                elif what == "close the case":
                    close_case(uow, desk.world.actor("lea"), case.id, "went elsewhere")
                elif what == "open it again":
                    reopen_case(uow, desk.world.actor("lea"), case.id)
                elif what in ACTS:
                    act = ACTS[what](uow, desk.world.actor(who), desk.task(case, item)).act
                    last = last if act is None else (who, act)
        except Refusal:
            continue
        look(desk, case)


def look(desk: Desk, case: OpenCase) -> None:
    with desk.store.read() as uow:
        calendar = calendar_of(uow.session.get_one(Program, desk.program_id))
        courses = {row["id"]: course_of(uow.session, row["id"]) for row in desk.rows(CLOCKS, case=case.id)}
    closed = desk.scalar("SELECT state = 'closed' FROM cases WHERE id = :case", case=case.id)
    for row in desk.rows(CLOCKS, case=case.id):
        moments = [event["at"] for event in desk.rows(EVENTS, clock=row["id"])]
        assert moments == sorted(moments)
        course = courses[row["id"]]
        if row["state"] == "paused":
            assert course.events[-1].kind == "pause"
        elif row["state"] == "unset":
            assert not course.events
        elif row["state"] == "stopped" and course.events and course.events[-1].kind == "pause":
            assert closed, "only of a closed case does a clock stand still that was stopped"
        elif row["state"] == "running" or row["deadline_at"] is not None:
            assert course.deadline(TARGET, calendar) == row["deadline_at"]
