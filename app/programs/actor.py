"""Who acts, with what authority, through which door."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.checklists.vocabulary import Role
from app.refusals import Refusal


class Origin(StrEnum):
    """The door that a change came through."""

    SLACK = "slack"
    WEB = "web"
    CLI = "cli"
    TIMER = "timer"


class NotAllowed(Refusal):
    """The actor's roles do not reach this far. The message is for the person."""


@dataclass(frozen=True)
class Actor:
    """A member of staff, or the system itself (`staff_id` None), within one program."""

    program_id: int
    staff_id: int | None
    name: str
    slack_user_id: str | None
    roles: frozenset[Role]
    skills: frozenset[str] = field(default_factory=frozenset)
    origin: Origin = Origin.SLACK

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds any of the roles. The system holds none, and is not asked."""
        return not self.roles.isdisjoint(roles)

    @property
    def leads(self) -> bool:
        """Leads and managers may act on other people's tasks."""
        return self.has(Role.LEAD, Role.MANAGER)
