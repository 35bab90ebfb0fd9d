"""The shape of a template file: its keys, their types, and what an editor shows about each.

Texts that are small languages of their own (due rules, durations, conditions) stand here as texts; they are
read by app.checklists.checks, which knows the whole template, and by app.checklists.model.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.checklists.vocabulary import Awaited, EvidenceKind, Role, Scope, Told
from app.kernel.keydates import KEY_DATES

TITLE_LENGTH = 80
"""Characters of a title: what a phone shows of one line of a Slack card."""
LABEL_LENGTH = 80
CHOICE_LENGTH = 40
HOW_LENGTH = 1500
"""Characters of a how-to: half of what a Slack section holds (3,000), so that it shows beside the task."""

TEMPLATE_ID = r"^[a-z][a-z0-9_]{1,59}$"
ITEM_ID = r"^[A-Z][A-Z0-9_]{0,11}$"

_KEY_DATE = Field(json_schema_extra={"enum": list(KEY_DATES)})
_DURATION = Field(min_length=1, examples=["4 business hours", "2 business days", "10 days"])
_CONDITION = Field(min_length=1, examples=["component.custom", "component.kind in [endoprosthesis, plate]"])

_DUE = Field(
    min_length=1,
    examples=[
        "2 business days before board at 17:00",
        "4 business hours after referral",
        "1 business day after ready",
        "5 business days after done of AU1",
    ],
)

KeyDateName = Annotated[str, _KEY_DATE]
DurationText = Annotated[str, _DURATION]
ConditionText = Annotated[str, _CONDITION]
DueText = Annotated[str, _DUE]
ItemId = Annotated[str, Field(pattern=ITEM_ID)]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_LENGTH)]
Roles = Annotated[tuple[Role, ...], Field(min_length=1)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)


class StepBody(_Shape):
    """Whom to tell when a task stays open after its breach."""

    after: DurationText
    """How long after the breach, such as 4 business hours."""
    to: Told
    """The role that is told besides whoever holds the task; `assignee` for the holder alone."""


class DueWhenBody(_Shape):
    """Another due rule, which counts while a condition holds."""

    when: ConditionText
    """While this condition certainly holds."""
    due: DueText
    """The rule that counts then."""


class SlaBody(_Shape):
    """Our own promise, counted from the moment that the task can be claimed."""

    target: DurationText
    """How long the task may take."""
    warn: DurationText | None = None
    """How long before the end of the target to warn."""


class EvidenceBody(_Shape):
    """What closes the task."""

    kind: EvidenceKind
    """A reference, date, number, choice, or the attestation of a role; none closes on its word."""
    label: Annotated[str, Field(min_length=1, max_length=LABEL_LENGTH)] | None = None
    """What to ask for, as the form shows it. Free of patient data."""
    choices: tuple[Annotated[str, Field(min_length=1, max_length=CHOICE_LENGTH)], ...] = ()
    """For kind choice: what can be chosen, two or more."""
    by: tuple[Role, ...] = ()
    """For kind attestation: the roles that may attest."""
    reference: Annotated[str, Field(min_length=1, max_length=LABEL_LENGTH)] | None = None
    """Asks for a reference besides, under this label: a payer's number beside a choice, a list beside a signature."""
    min: int | None = None
    """For kind number: no less than this."""
    max: int | None = None
    """For kind number: no more than this."""
    after: Annotated[tuple[KeyDateName, ...], Field(min_length=1)] | None = None
    """For kind date: later than the first of these key dates that is set."""
    before: Annotated[tuple[KeyDateName, ...], Field(min_length=1)] | None = None
    """For kind date: earlier than the first of these key dates that is set."""
    seal: Literal[True] | None = None
    """Keeps a hash of the items that this one needs, as they stand with their evidence when it is done."""


class GateBody(_Shape):
    """Makes the task a gate: while its needs are open it is finished only by a waiver."""

    waiver: Roles
    """The roles that may waive, each time with a reason."""


class StartBody(_Shape):
    """One way in which the track starts: exactly one of key_date, task_done, case_opened, component_added."""

    key_date: KeyDateName | None = None
    """Starts when this key date is first set."""
    task_done: Annotated[str, Field(min_length=1, examples=["tumor_board_packet/TB9"])] | None = None
    """Starts when this item of another template is done, as template/ITEM."""
    case_opened: Literal[True] | None = None
    """Starts when the case is opened."""
    component_added: Literal[True] | None = None
    """Starts for each component when it is added (scope component only)."""
    when: ConditionText | None = None
    """Starts only if this condition holds at that moment."""


class DefaultsBody(_Shape):
    """What items inherit that do not say it themselves."""

    remind: DurationText | None = None
    """How long before the due moment to remind."""
    escalate: tuple[StepBody, ...] = ()
    """Whom to tell after a breach."""


class ItemBody(_Shape):
    """One item: what becomes a task."""

    id: ItemId
    """Short and unchanging, such as TB1; what other items and conditions call it by."""
    title: Title
    """What is to be done, in a line that may appear in Slack. Free of patient data."""
    roles: Roles | None = None
    """Who may claim and finish it: any of these. Without it, anyone on the staff."""
    skill: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")] | None = None
    """A skill that the claimant has to have besides the role."""
    due: DueText | None = None
    """When it is due: a duration before or after a key date, ready, start, or done of another item."""
    due_when: tuple[DueWhenBody, ...] = ()
    """Other rules instead of `due`: the first whose condition certainly holds counts."""
    sla: SlaBody | None = None
    """How long it may take once it can be claimed."""
    remind: DurationText | None = None
    """How long before the due moment to remind; overrides defaults.remind."""
    escalate: tuple[StepBody, ...] | None = None
    """Whom to tell after a breach, besides the assignee; overrides defaults.escalate; [] for nobody."""
    pauses: tuple[Awaited, ...] = ()
    """While the task waits for one of these, the SLA clock stands still (the due moment never moves)."""
    needs: tuple[ItemId, ...] = ()
    """Items of this template that have to be done or skipped first."""
    when: ConditionText | None = None
    """The item exists only while this condition holds."""
    evidence: EvidenceBody | None = Field(None, description="What closes the task; without it, none.")
    """What closes the task."""
    gate: GateBody | None = None
    """Makes the task a gate over its needs."""
    gates: tuple[KeyDateName, ...] = ()
    """Key dates that cannot be set while this task is open."""
    how: Annotated[str, Field(min_length=1, max_length=HOW_LENGTH)] | None = None
    """How to do it, in a few lines. Free of patient data."""
    source: Annotated[str, Field(min_length=1)] | None = None
    """Where the rule comes from, and how sure that is."""
    verified_by: Annotated[str, Field(min_length=1)] | None = None
    """Who of the practice has signed this rule, and when; without it, nobody has."""


class TemplateBody(_Shape):
    """A checklist template: what becomes a track of tasks on a case, or on each matching component."""

    model_config = ConfigDict(title="Checklist template")

    id: Annotated[str, Field(pattern=TEMPLATE_ID)]
    """Unchanging name, the same as the file's, such as tumor_board_packet."""
    version: Annotated[int, Field(ge=1)]
    """A whole number from 1. Raise it with every change: running tracks keep the one they started with."""
    title: Title
    """What people call it. Free of patient data."""
    scope: Scope = Scope.CASE
    """One track for the case, or one for each component that matches."""
    match: ConditionText | None = None
    """For scope component: which components; without it, all."""
    starts: Annotated[tuple[StartBody, ...], Field(min_length=1)]
    """Any one of these starts the track, once per case or component."""
    defaults: DefaultsBody = DefaultsBody()
    """What items inherit."""
    gates_waiver: tuple[Role, ...] = ()
    """Roles that may set a gated key date all the same, with a reason."""
    items: Annotated[tuple[ItemBody, ...], Field(min_length=1)]
    """The items, in the order in which people see them."""
