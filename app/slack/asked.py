"""What a command asks for, read from its text by `app.slack.grammar`."""

from dataclasses import dataclass
from datetime import time
from typing import Literal

from app.checklists.vocabulary import Awaited, ComponentKind, ComponentPart, Supply
from app.kernel.codes import CaseCode, TaskRef
from app.kernel.durations import Duration
from app.programs.quiet import Hours
from app.reports.ranges import Days
from app.reports.reasons import Reason
from app.slack.verbs import Verb
from app.slack.when import When

Person = str
"""A person as written: a mention, `@name` or a name."""


Lead = Duration | Literal["off", "standard"]
"""How long before its deadline a task reminds; not at all; or as its checklist has it."""

Whose = Literal["here", "mine", "free", "late", "today", "all"]


@dataclass(frozen=True)
class Help:
    """How one verb is written, everything, or with neither what the person needs most."""

    verb: Verb | None = None
    everything: bool = False


@dataclass(frozen=True)
class ShowSettings:
    """The program's settings, or one section of them: `hours`, `holidays`, `escalation`, or a person."""

    section: Literal["", "hours", "holidays", "escalation"] = ""
    person: Person | None = None


@dataclass(frozen=True)
class ShowCase:
    """Where a case stands; without a code, the channel's."""

    case: CaseCode | None = None


@dataclass(frozen=True)
class ShowTasks:
    """Open tasks: the channel's case's or one's own (`here`), one's own, free ones, a person's; of a case if given.

    `all` are everybody's, with those that wait for other tasks; `late` and `today` are everybody's that are late, or
    due on this day, by the practice's own clock.
    """

    whose: Whose | Literal["person"] = "here"
    person: Person | None = None
    case: CaseCode | None = None


@dataclass(frozen=True)
class ShowDigest:
    """The person's digest as it would be now."""


@dataclass(frozen=True)
class ShowTask:
    """One task with its buttons."""

    task: TaskRef


@dataclass(frozen=True)
class ClaimNext:
    """The most urgent task that is free for the person."""


@dataclass(frozen=True)
class OnTask:
    """Claim, release or resume a task."""

    verb: Literal[Verb.CLAIM, Verb.RELEASE, Verb.RESUME]
    task: TaskRef


@dataclass(frozen=True)
class WithReason:
    """Skip, reopen, waive or decline a task, with a reason."""

    verb: Literal[Verb.SKIP, Verb.REOPEN, Verb.WAIVE, Verb.DECLINE]
    task: TaskRef
    reason: str


@dataclass(frozen=True)
class Undo:
    """Take back what the person has just done; that alone which is named, to that task alone if one is."""

    task: TaskRef | None = None
    what: str | None = None


@dataclass(frozen=True)
class Finish:
    """Done, with the evidence as written."""

    task: TaskRef
    evidence: str | None = None


@dataclass(frozen=True)
class Assign:
    """Give a task to a person."""

    task: TaskRef
    person: Person


@dataclass(frozen=True)
class Wait:
    """A task waits for somebody."""

    task: TaskRef
    awaited: Awaited
    note: str | None = None


@dataclass(frozen=True)
class Offer:
    """Hand off a task, or with None everything, to a person, with a note."""

    task: TaskRef | None
    person: Person
    note: str


@dataclass(frozen=True)
class Accept:
    """Accept a task, or with None everything, from one person if given; `said_back` is what they will do."""

    task: TaskRef | None
    person: Person | None = None
    said_back: str | None = None


@dataclass(frozen=True)
class EndShift:
    """Everything that the person holds goes to a person, or with None to the pool, with a note."""

    person: Person | None
    note: str


@dataclass(frozen=True)
class TakeOff:
    """Time off, the person's own unless another is named: from today or `first` to `last`, or for that one day."""

    first: When | None
    last: When | None
    cover: Person | None = None
    person: Person | None = None


@dataclass(frozen=True)
class ComeBack:
    """The end of time off, the person's own unless another is named."""

    person: Person | None = None


@dataclass(frozen=True)
class OpenCase:
    """Open a case, for a surgeon if given."""

    surgeon: Person | None = None


@dataclass(frozen=True)
class ReopenCase:
    """Open a closed case again."""

    case: CaseCode


@dataclass(frozen=True)
class CloseCase:
    """Close a case."""

    case: CaseCode | None = None
    reason: str | None = None


@dataclass(frozen=True)
class SetPerson:
    """Who is the case's surgeon, or its lead; None for nobody."""

    verb: Literal[Verb.SURGEON, Verb.LEAD]
    person: Person | None
    case: CaseCode | None = None


@dataclass(frozen=True)
class SetDate:
    """Set or move a key date; `waiver` is the reason to set it although tasks gate it.

    `anyway` is said by whoever knows that tasks are late at once by it.
    """

    name: str
    when: When
    waiver: str | None = None
    case: CaseCode | None = None
    anyway: bool = False


@dataclass(frozen=True)
class ClearDate:
    """Take a key date away."""

    name: str
    case: CaseCode | None = None


@dataclass(frozen=True)
class ListComponents:
    """The components of a case."""

    case: CaseCode | None = None


@dataclass(frozen=True)
class AddComponent:
    """A component to add, with what is known of it."""

    kind: ComponentKind
    part: ComponentPart | None = None
    custom: bool | None = None
    supply: Supply | None = None
    case: CaseCode | None = None


@dataclass(frozen=True)
class ChangeComponent:
    """What more is known of a component."""

    number: int
    part: ComponentPart | None = None
    custom: bool | None = None
    supply: Supply | None = None
    case: CaseCode | None = None


@dataclass(frozen=True)
class RemoveComponent:
    """A component that is not planned any more."""

    number: int
    reason: str
    case: CaseCode | None = None


@dataclass(frozen=True)
class ShowSla:
    """The SLA report of some days, of a checklist by its words and of a person (`me` for oneself) if given."""

    days: Days | None = None
    track: str | None = None
    person: Person | None = None


@dataclass(frozen=True)
class DefineSla:
    """How the SLA report counts."""


@dataclass(frozen=True)
class ShowWeekly:
    """When the weekly report comes."""


@dataclass(frozen=True)
class SetWeekly:
    """When the weekly report comes: a weekday, None for never, and a local time."""

    day: str | None
    at: time


@dataclass(frozen=True)
class Late:
    """Why a task is late."""

    task: TaskRef
    reason: Reason


@dataclass(frozen=True)
class Extend:
    """A new deadline for a task; without a reason it is refused, once the deadline could be."""

    task: TaskRef
    when: When
    reason: str


@dataclass(frozen=True)
class Snooze:
    """Let a task's reminders be silent until a moment, or for a while; without a reason it is refused at the end."""

    task: TaskRef
    until: When | Duration
    reason: str


@dataclass(frozen=True)
class Wake:
    """End a snooze."""

    task: TaskRef


@dataclass(frozen=True)
class Remind:
    """When a task reminds."""

    task: TaskRef
    lead: Lead


@dataclass(frozen=True)
class Quiet:
    """The person's own quiet hours, and their time zone as written; None for what stays."""

    hours: Hours = None
    zone: str | None = None


@dataclass(frozen=True)
class Escalate:
    """Tell the lead of a task."""

    task: TaskRef


@dataclass(frozen=True)
class Ask:
    """A question to a person; about a task, or a case, by default that of the channel. `when` it is due, if said."""

    person: Person
    question: str
    task: TaskRef | None = None
    case: CaseCode | None = None
    when: When | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spread:
    """The plan of who gets which free tasks: of a case, or the channel's unless `everywhere`; or late ones.

    It changes nothing: its form does, once it is sent.
    """

    case: CaseCode | None = None
    late: bool = False
    everywhere: bool = False


Read = (
    Help
    | ShowSettings
    | ShowCase
    | ShowTasks
    | ShowTask
    | ShowDigest
    | ShowSla
    | DefineSla
    | ShowWeekly
    | ListComponents
    | Spread
)
"""What changes nothing."""
Change = (
    ClaimNext
    | OnTask
    | WithReason
    | Undo
    | Finish
    | Assign
    | Wait
    | Offer
    | Accept
    | EndShift
    | TakeOff
    | ComeBack
    | OpenCase
    | CloseCase
    | ReopenCase
    | SetPerson
    | SetDate
    | ClearDate
    | AddComponent
    | ChangeComponent
    | RemoveComponent
    | SetWeekly
    | Late
    | Extend
    | Snooze
    | Wake
    | Remind
    | Quiet
    | Escalate
    | Ask
)
Asked = Read | Change
