"""The payloads of notices, as they are written by the services, read strictly enough to be drawn."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

People = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
"""Slack user ids; one alone may stand without a list."""


class Payload(BaseModel):
    """What every payload has: the case's code and the program's zone."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    code: str
    zone: str

    @property
    def tz(self) -> ZoneInfo:
        """The program's zone; UTC where this machine does not know it."""
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("UTC")


class Part(BaseModel):
    """A part of a payload."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class TaskLine(Part):
    """A task. `holder` is a Slack user id."""

    id: int
    no: int
    title: str
    deadline: AwareDatetime | None = None
    clock: str = "due"
    holder: str | None = None
    state: str = "ready"
    waiting_on: str | None = None


class Opened(Payload):
    by: str | None = None


class Closed(Payload):
    by: str | None = None


class Told(Payload):
    """Reminder, breach, escalation, catch-up."""

    tasks: list[TaskLine] = Field(min_length=1)
    to: People = []
    step: int = 0
    role: str = ""
    since: AwareDatetime | None = None


class Assigned(Payload):
    """`giver` is who held the tasks before, where it was somebody else's decision to take them away."""

    tasks: list[TaskLine] = Field(min_length=1)
    to: People
    giver: str | None = Field(default=None, alias="from")
    by: str | None = None


class Offered(Payload):
    """A handoff. `handoffs` are the ids of the offers, in the order of the tasks."""

    tasks: list[TaskLine] = Field(min_length=1)
    giver: str = Field(alias="from")
    to: str
    note: str
    handoffs: list[int]


class AnsweredTask(Part):
    """A task of a handoff and how its offer stands: offered, accepted, declined or withdrawn."""

    no: int
    title: str
    handoff: int
    deadline: AwareDatetime | None = None
    state: str = "offered"


class Answered(Payload):
    """How a handoff stands after an answer."""

    of: str
    tasks: list[AnsweredTask] = Field(min_length=1)
    giver: str = Field(alias="from")
    to: str
    note: str = ""
    reason: str | None = None


class DeclinedTask(Part):
    no: int
    title: str


class Declined(Payload):
    of: str
    tasks: list[DeclinedTask] = Field(min_length=1)
    giver: str = Field(alias="from")
    to: str
    reason: str = ""


class Move(Part):
    """A deadline that moved; None is no deadline."""

    no: int
    title: str
    old: AwareDatetime | None = None
    new: AwareDatetime | None = None


class Replanned(Payload):
    """A key date that changed: `old` and `new` are local, a day or a day with its hour."""

    by: str | None = None
    name: str
    old: str | None = None
    new: str | None = None
    moved: int
    lines: list[Move] = []
    more: int = 0
    started: list[str] = []
    waived: str | None = None


class Trouble(Payload):
    problems: list[str] = Field(min_length=1)
