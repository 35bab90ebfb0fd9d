"""What a menu offers to a person is what the verb then does for them, and nothing that it does is kept from them."""

from collections.abc import Callable, Mapping
from datetime import date

from app.cases.components import add_component
from app.cases.dates import set_date
from app.cases.service import open_case
from app.checklists.vocabulary import Awaited
from app.kernel.due import Moment
from app.programs.actor import Actor
from app.refusals import Refusal
from app.store.uow import Store, UnitOfWork
from app.tasks import service
from app.tasks.allowed import Deed, deeds_of, deeds_of_anybody
from app.tasks.queries import tasks_of
from app.tasks.rows import Outcome, read
from app.tasks.team import suggested
from tests.world import World

DEEDS: Mapping[Deed, Callable[[UnitOfWork, Actor, int], Outcome]] = {
    "resume": service.resume,
    "wait": lambda uow, actor, task: service.wait(uow, actor, task, Awaited.VENDOR, "called"),
    "release": service.release,
    "skip": lambda uow, actor, task: service.skip(uow, actor, task, "tried"),
    "waive": lambda uow, actor, task: service.waive(uow, actor, task, "tried"),
    "reopen": lambda uow, actor, task: service.reopen(uow, actor, task, "tried"),
}


def at_work(world: World) -> list[int]:
    """A case with tasks in every state; returns the ids of its tasks."""
    with world.store.change() as uow:
        ana, lea, sam, cy = (world.actor(name) for name in ("ana", "lea", "sam", "cy"))
        case = open_case(uow, lea)
        set_date(uow, lea, case.id, "board", Moment.of_day(date(2026, 11, 12)))
        add_component(uow, lea, case.id, "plate", custom=True, supply="loaner")
        add_component(uow, lea, case.id, "plate", custom=True)
        lines = tasks_of(uow.session, case.program_id, case_id=case.id, limit=50)
        ids = {line.item_id: line.id for line in lines}
        service.claim(uow, ana, ids["P1"])
        service.claim(uow, cy, ids["P2"])
        service.wait(uow, cy, ids["P2"], Awaited.PAYER)
        service.done(uow, sam, ids["P3"], "yes")
        service.claim(uow, ana, ids["C2"])
        service.skip(uow, ana, ids["C2"], "not needed")
    with world.store.read() as uow:
        found = uow.session.connection().exec_driver_sql("SELECT id FROM tasks ORDER BY id")
        return [int(row.id) for row in found]


def does(store: Store, actor: Actor, task_id: int, deed: Deed) -> bool:
    """Whether the verb would change the task, tried and rolled back."""
    with store.read() as uow:
        try:
            return DEEDS[deed](uow, actor, task_id).changed
        except Refusal:
            return False


def test_what_is_offered_is_what_can_be_done(world: World) -> None:
    tasks, seen = at_work(world), set()
    for name in world.staff:
        actor = world.actor(name)
        for task_id in tasks:
            with world.store.read() as uow:
                row = read(uow.session, world.program.id, task_id)
            offered = set(deeds_of(actor, row)) - {"assign"}
            seen |= {(row.state, deed) for deed in offered}
            for deed in DEEDS:
                assert (deed in offered) == does(world.store, actor, task_id, deed), (name, row.name, row.state, deed)
    assert {deed for _, deed in seen} == set(DEEDS)
    assert {state for state, _ in seen} >= {"ready", "blocked", "claimed", "waiting", "done", "skipped"}


def test_a_lead_is_offered_whom_the_task_can_be_given_to(world: World) -> None:
    lea, tried = world.actor("lea"), 0
    for task_id in at_work(world):
        with world.store.read() as uow:
            row = read(uow.session, world.program.id, task_id)
            people = {one.actor.name for one in suggested(uow.session, row, uow.now)}
        if "assign" not in deeds_of(lea, row):
            continue
        for person in world.staff.values():
            with world.store.read() as uow:
                try:
                    given = service.assign(uow, lea, task_id, person.id).task.holder_id == person.id
                except Refusal:
                    given = False
            if person.id == row.holder_id:
                assert person.name not in people, "it is theirs"
                continue
            assert given == (person.name in people), (row.name, person.name)
            tried += 1
    assert tried


def test_the_menu_of_a_post_names_all_that_anybody_could_do(world: World) -> None:
    for task_id in at_work(world):
        with world.store.read() as uow:
            row = read(uow.session, world.program.id, task_id)
        if row.state in ("ready", "claimed", "waiting"):
            anybody = {deed for name in world.staff for deed in deeds_of(world.actor(name), row)}
            assert anybody <= set(deeds_of_anybody(row.state)), (row.name, row.state)
            assert len(deeds_of_anybody(row.state)) <= 5, "what one menu takes"
