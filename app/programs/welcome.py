"""The first message to a person: once, when they are added or when they first look at their home tab."""

from collections.abc import Collection
from typing import Final

from app.audit import service as audit
from app.checklists.vocabulary import Role
from app.kernel.clock import hour_words
from app.notices.service import is_told, tell_person
from app.programs.actor import Actor
from app.programs.models import Program, Staff
from app.store.uow import UnitOfWork

ORDER: Final = (
    Role.SURGEON,
    Role.CLINICIAN,
    Role.LEAD,
    Role.MANAGER,
    Role.ADMIN,
    Role.VA,
    Role.NAVIGATOR,
    Role.CODER,
    Role.BILLER,
)
"""Of several roles, the first of these says what somebody has to do first."""


def first_role(roles: Collection[str]) -> Role:
    """The role by which a person is welcomed."""
    return next((role for role in ORDER if role in roles), Role.VA)


def welcome(uow: UnitOfWork, actor: Actor, person: Staff) -> None:
    """Tell a person by direct message what to do first. Whoever was told is not told again."""
    key = f"welcome:{person.id}"
    if is_told(uow, person.program_id, key):
        return
    program = uow.session.get_one(Program, person.program_id)
    payload = {
        "zone": person.zone,
        "name": person.name,
        "program": program.name,
        "role": first_role(person.roles).value,
        "digest": None if person.digest_at is None else hour_words(person.digest_at),
    }
    tell_person(uow, person.id, "welcome", key, payload)
    audit.record(uow, actor, "staff.welcome", "staff", person.id)
