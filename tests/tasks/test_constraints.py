"""What must never be is refused by the database itself, whatever the code above it does."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.programs.service import add_staff, create_program
from app.store.uow import UnitOfWork
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from tests.tasks.desk import Desk
from tests.world import OFFICE

NEVER = {
    "two tracks of one template on one component": (
        "INSERT INTO tracks (program_id, case_id, component_id, checklist_version_id, template_id, state, started_at)"
        " SELECT program_id, case_id, component_id, checklist_version_id, template_id, state, started_at FROM tracks"
        " WHERE case_id = :case AND component_id IS NOT NULL"
    ),
    "two tracks of one template on one case": (
        "INSERT INTO tracks (program_id, case_id, component_id, checklist_version_id, template_id, state, started_at)"
        " SELECT program_id, case_id, component_id, checklist_version_id, template_id, state, started_at FROM tracks"
        " WHERE case_id = :case AND component_id IS NULL"
    ),
    "two notices of one dedupe key": (
        "INSERT INTO notices (id, program_id, channel_id, kind, dedupe_key, payload, state, attempts, created_at)"
        " SELECT gen_random_uuid(), program_id, channel_id, kind, dedupe_key, payload, state, attempts, created_at"
        " FROM notices WHERE dedupe_key = 'opened:' || :case"
    ),
    "a held task without a holder": "UPDATE tasks SET state = 'claimed', holder_id = NULL WHERE id = :task",
    "a free task with a holder": "UPDATE tasks SET state = 'ready' WHERE id = :held",
    "a done task without evidence": (
        "UPDATE tasks SET state = 'done', closed_at = now(), closed_by = :ana WHERE id = :task"
    ),
    "a done task with empty evidence": (
        "UPDATE tasks SET state = 'done', closed_at = now(), closed_by = :ana, evidence = '{}' WHERE id = :task"
    ),
    "a done task with evidence of another kind": (
        "UPDATE tasks SET state = 'done', closed_at = now(), closed_by = :ana,"
        ' evidence = \'{"kind": "number", "value": "3"}\' WHERE id = :task'
    ),
    "a skipped task without a reason": "UPDATE tasks SET state = 'skipped', closed_at = now() WHERE id = :task",
    "two open offers of one task": (
        "INSERT INTO handoffs (program_id, task_id, from_id, to_id, note, state, notice_id, offered_at)"
        " SELECT program_id, task_id, from_id, to_id, note, 'offered', notice_id, offered_at FROM handoffs"
        " WHERE task_id = :held"
    ),
    "a task closed by somebody of another program": (
        "UPDATE tasks SET state = 'skipped', reason = 'x', closed_at = now(), closed_by = :stranger WHERE id = :task"
    ),
    "a clock of another case than its task's": "UPDATE clocks SET case_id = :other WHERE task_id = :task",
    "a timer of another case than its task's": "UPDATE timers SET case_id = :other WHERE task_id = :task",
    "a notice in another program's channel": (
        "UPDATE notices SET program_id = :program WHERE dedupe_key = 'opened:' || :case"
    ),
    "an event on another program's clock": (
        "INSERT INTO clock_events (program_id, clock_id, kind, at)"
        " SELECT :program, id, 'start', now() FROM clocks WHERE task_id = :task"
    ),
    "a rewritten history": "UPDATE clock_events SET at = now()",
}


@pytest.mark.parametrize("statement", NEVER.values(), ids=list(NEVER))
def test_the_database_refuses(desk: Desk, statement: str) -> None:
    case, other = desk.open(), desk.open()
    desk.component(case)
    held = desk.task(case, "P2")
    desk.do(tasks.claim, "ana", held)
    desk.do(handoffs.offer, "ana", held, desk.world.staff["cy"].id, Brief("please"))
    program, stranger = _elsewhere(desk)
    values = {
        "case": case.id, "other": other.id, "task": desk.task(case, "P1"), "held": held, "program": program,
        "stranger": stranger, "ana": desk.world.staff["ana"].id,
    }  # fmt: skip
    named = {name: value for name, value in values.items() if f":{name}" in statement}

    with pytest.raises(Exception, match=r"violates|append|cannot|refuse") as refused, desk.change() as uow:
        _run(uow, statement, named)

    assert isinstance(refused.value, IntegrityError) or "clock_events" in statement


def _run(uow: UnitOfWork, statement: str, values: dict[str, int]) -> None:
    uow.session.execute(text(statement.replace("'opened:' || :case", "'opened:' || CAST(:case AS text)")), values)


def _elsewhere(desk: Desk) -> tuple[int, int]:
    """Another program and somebody of it, made once."""
    found = desk.rows("SELECT p.id, s.id AS who FROM programs p JOIN staff s ON s.program_id = p.id WHERE slug = 'far'")
    if found:
        return found[0]["id"], found[0]["who"]
    with desk.change() as uow:
        far = create_program(uow, slug="far", name="Far", zone="UTC", calendar={"hours": OFFICE})
        who = add_staff(uow, far.id, slack_user_id="U0FAR", name="Fay", roles=["va"], zone="UTC")
        return far.id, who.id
