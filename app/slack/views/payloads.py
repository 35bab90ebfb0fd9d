"""The payloads of notices, as they are written by the services, read strictly enough to be drawn."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from app.checklists.vocabulary import Role
from app.reports.reasons import Reason
from app.tasks.brief import Brief, Urgency

People = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
"""Slack user ids; one alone may stand without a list."""


class Part(BaseModel):
    """A part of a payload."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Zoned(Part):
    """What has moments to show, and the zone in which they are written."""

    zone: str

    @property
    def tz(self) -> ZoneInfo:
        """The zone; UTC where this machine does not know it."""
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("UTC")


class Payload(Zoned):
    """What every payload about a case has: its code, and the program's zone."""

    code: str


class TaskLine(Part):
    """A task. `holder` is a Slack user id, `waits_for` the names of the open tasks that a blocked one needs.

    `which` of its two deadlines `deadline` is, is in words.
    """

    id: int
    no: int
    title: str
    deadline: AwareDatetime | None = None
    clock: str = "due"
    which: str = ""
    holder: str | None = None
    state: str = "ready"
    waiting_on: str | None = None
    waits_for: list[str] = []
    roles: list[Role] = []
    late: bool = False
    why_late: Reason | None = None


class Opened(Payload):
    by: str | None = None
    again: bool = False


class Closed(Payload):
    by: str | None = None
    reason: str | None = None


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


class Carried(Part):
    """What the receiver of a handoff has to know (`app.tasks.brief`); `note` says where it stands."""

    note: str = ""
    urgency: Urgency | None = None
    to_do: str | None = None
    watch: str | None = None

    @property
    def brief(self) -> Brief:
        return Brief(self.note, self.urgency, self.to_do, self.watch)


class OfferedTask(TaskLine):
    """A task of a handoff; `brief` where each task has its own."""

    brief: Carried | None = None


class Offered(Payload, Carried):
    """A handoff. `handoffs` are the ids of the offers, in the order of the tasks."""

    tasks: list[OfferedTask] = Field(min_length=1)
    giver: str = Field(alias="from")
    to: str
    handoffs: list[int]


class AnsweredTask(Part):
    """A task of a handoff and how its offer stands: offered, accepted, declined or withdrawn; `brief` as above."""

    no: int
    title: str
    handoff: int
    deadline: AwareDatetime | None = None
    late: bool = False
    state: str = "offered"
    said_back: str | None = None
    brief: Carried | None = None


class Answered(Payload, Carried):
    """How a handoff stands after an answer."""

    of: str
    tasks: list[AnsweredTask] = Field(min_length=1)
    giver: str = Field(alias="from")
    to: str
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


class PooledTask(TaskLine):
    """A task that its holder has no more, with the last word of whoever had it, and what went with an open offer."""

    word: str | None = None
    brief: Carried | None = None


class Pooled(Payload):
    """Tasks that somebody gave back."""

    tasks: list[PooledTask] = Field(min_length=1)
    by: str | None = None


class Covered(Payload):
    """Tasks that passed on because `giver` is away until the end of a day, or that came `back`; `to` covers.

    `today` says that it is this day's end.
    """

    tasks: list[PooledTask] = Field(min_length=1)
    giver: str = Field(alias="from")
    to: str | None = None
    until: date
    today: bool = False
    back: bool = False


class Away(Zoned):
    """What somebody is told of their own time off, or of one that they cover."""

    head: str
    lines: list[str]


class Welcome(Zoned):
    """Somebody's first message. `digest` is the local hour of theirs, if they get one."""

    name: str
    program: str
    role: Role
    digest: str | None = None


class Move(Part):
    """A deadline that moved; None is no deadline."""

    no: int
    title: str
    old: AwareDatetime | None = None
    new: AwareDatetime | None = None


class Replanned(Payload):
    """A key date that changed: `old` and `new` are local, a day or a day with its hour.

    Without a `name` it was the practice's calendar that changed.
    """

    by: str | None = None
    name: str | None = None
    old: str | None = None
    new: str | None = None
    moved: int
    lines: list[Move] = []
    more: int = 0
    started: list[str] = []
    waived: str | None = None


class Trouble(Payload):
    problems: list[str] = Field(min_length=1)


class Day(Part):
    """A key date: a local day, and the moment where it is known."""

    day: date
    at: AwareDatetime | None = None


class Decision(Part):
    """What waits for the reader's word (`app.digests.content.Decision`). `giver` is a name."""

    what: Literal["attest", "waive", "handoff", "question"]
    code: str
    task: int | None = None
    no: int | None = None
    title: str
    due: AwareDatetime | None = None
    late: bool = False
    handoff: int | None = None
    giver: str | None = None
    question: int | None = None
    choices: list[str] = []
    word: Literal["Sign", "Attest", "Done"] = "Done"
    which: str = ""


class Unfirm(Day):
    """A key date that `open` tasks gate."""

    name: str
    open: int


class Risk(Part):
    code: str
    unfirm: list[Unfirm] = []
    unlocked: Day | None = None
    late: int = 0


class Moved(Part):
    name: str
    old: Day | None = None
    new: Day | None = None


class Changed(Part):
    code: str
    moves: list[Moved] = Field(min_length=1)


class Coming(Day):
    code: str
    name: str


class Decisions(Part):
    """A part of a digest: how many there are, and those that are shown at most. So the next three."""

    total: int
    lines: list[Decision]


class Risks(Part):
    total: int
    lines: list[Risk]


class Changes(Part):
    total: int
    lines: list[Changed]


class Comings(Part):
    total: int
    lines: list[Coming]


class Digest(Zoned):
    """A person's digest of a local day."""

    day: date
    decide: Decisions
    at_risk: Risks
    changed: Changes
    coming: Comings
