"""Late work that nobody new has yet: the lead of each case is told, in one message for all their cases."""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from sqlalchemy import text

from app.kernel.clock import reached
from app.notices.service import tell_person
from app.programs.absences import away_now
from app.programs.models import Program
from app.programs.queries import lead_of, staff_by_id
from app.store.uow import UnitOfWork
from app.tasks.rows import TaskRow, due_words

SHOWN: Final = 20
"""Tasks that one message names; the rest is counted."""
FEW: Final = 3
"""Cases that a heading names."""
_LEADS = text("SELECT id, lead_id FROM cases WHERE id = ANY(:cases)")


def is_late(task: TaskRow, uow: UnitOfWork) -> bool:
    """Whether a task's deadline is reached."""
    return reached(task.due_at, uow.now)


def tell_leads(
    uow: UnitOfWork, program_id: int, tasks: Sequence[tuple[TaskRow, str]], why: str, *, besides: int | None
) -> str:
    """Tell leads of those of the tasks that are late, each with where it is in words; `why` says what came before.

    `besides` is whoever goes, who is not told of it themselves. Returns whom it was told and what, as a sentence;
    nothing where nothing is late.
    """
    late = [pair for pair in tasks if is_late(pair[0], uow)]
    return tell_leads_of(uow, program_id, late, f"{why}, with work that is late", "of what is late", besides=besides)


def tell_leads_of(
    uow: UnitOfWork,
    program_id: int,
    tasks: Sequence[tuple[TaskRow, str]],
    why: str,
    what: str,
    *,
    besides: int | None = None,
) -> str:
    """Tell the lead of each case of these tasks, late or not; `what` they are told of stands in the sentence."""
    wanted = sorted(tasks, key=lambda pair: (pair[0].code, pair[0].no))
    if not wanted:
        return ""
    cases = {
        row.id: row.lead_id for row in uow.session.execute(_LEADS, {"cases": [task.case_id for task, _ in wanted]})
    }
    away = away_now(uow.session, program_id, uow.now)
    by_lead: dict[int, list[tuple[TaskRow, str]]] = {}
    for task, where in wanted:
        lead = lead_of(uow.session, program_id, cases[task.case_id], besides=besides, away=away)
        if lead is None:
            return f"There is no lead to be told {what}."
        by_lead.setdefault(lead, []).append((task, where))
    zone = uow.session.get_one(Program, program_id).zone
    for lead, pairs in by_lead.items():
        lines = [f"{why}. To give it to somebody: assign {pairs[0][0].name} @person"]
        lines += [f"{task.name} {task.title}: {where}.{due_words(task, uow.now)}" for task, where in pairs[:SHOWN]]
        if len(pairs) > SHOWN:
            lines.append(f"… and {len(pairs) - SHOWN} more")
        codes = sorted({task.code for task, _ in pairs})
        of = ", ".join(codes) if len(codes) <= FEW else f"{len(codes)} cases"
        payload = {"code": of, "zone": zone, "problems": lines}
        tell_person(uow, lead, "trouble", f"unowned:{uuid4()}", payload)
    names = sorted(person.name for person in staff_by_id(uow.session, program_id, by_lead).values())
    return f"Told {' and '.join(names)} {what}: {', '.join(task.name for task, _ in wanted)}."
