"""Who operates a case, and who leads it: whose digest it is in, and who hears of it when it is late."""

from collections.abc import Mapping
from typing import Final, Literal

from sqlalchemy import TextClause, text

from app.audit import service as audit
from app.cases.dates import may_plan
from app.cases.locked import open_case_of
from app.checklists.vocabulary import Role
from app.notices.service import expect_in, touch_card
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Staff
from app.programs.queries import active_person, as_actor
from app.store.uow import UnitOfWork

Part = Literal["surgeon", "lead"]
MAY_BE: Final[Mapping[Part, tuple[Role, ...]]] = {
    "surgeon": (Role.SURGEON,),
    "lead": (Role.LEAD, Role.MANAGER),
}
_SET: Final[Mapping[Part, TextClause]] = {
    "surgeon": text(
        "UPDATE cases SET surgeon_id = CAST(:person AS bigint)"
        " WHERE id = :case AND surgeon_id IS DISTINCT FROM CAST(:person AS bigint) RETURNING id"
    ),
    "lead": text(
        "UPDATE cases SET lead_id = CAST(:person AS bigint)"
        " WHERE id = :case AND lead_id IS DISTINCT FROM CAST(:person AS bigint) RETURNING id"
    ),
}


def set_person(uow: UnitOfWork, actor: Actor, case_id: int, part: Part, staff_id: int | None) -> str:
    """Say who is the case's surgeon, or its lead; None takes it from whoever is. Returns a sentence that tells it.

    The card is drawn anew, before which the person is asked into the channel. The same again changes nothing.
    Raises `NotAllowed`, `UnknownPerson`, `UnknownCase` or `CaseClosed`.
    """
    if not may_plan(actor):
        raise NotAllowed(f"Your role does not name a case's {part}. Nothing changed. Ask a VA or your lead.")
    person = serving(uow, actor, staff_id, part)
    case, _ = open_case_of(uow, actor, case_id)
    changed = uow.session.execute(_SET[part], {"case": case_id, "person": staff_id}).scalar_one_or_none()
    if changed is None:
        return f"{case.code} has {f'{person.name} as its' if person else 'no'} {part} already."
    uow.session.expire(case)
    audit.record(uow, actor, f"case.{part}", "case", case_id, case_id=case_id, fields=(f"{part}_id",))
    if person is None:
        touch_card(uow, case_id)
        return f"{case.code} has no {part} now."
    expect_in(uow, case_id, person.slack_user_id)
    return f"{person.name} is the {part} of {case.code} now."


def serving(uow: UnitOfWork, actor: Actor, staff_id: int | None, part: Part) -> Staff | None:
    """The person, who stays active until the transaction ends and may be that of a case; None for nobody.

    Raises `NotAllowed` or `UnknownPerson`.
    """
    if staff_id is None:
        return None
    person = active_person(uow.session, actor.program_id, staff_id)
    if not as_actor(person, actor.origin).has(*MAY_BE[part]):
        raise NotAllowed(f"{person.name} is no {part}. Nothing changed. Name a {part} of the staff list.")
    return person
