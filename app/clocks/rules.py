"""Which moments a deadline sets off. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.checklists.model import Item
from app.checklists.vocabulary import Told
from app.kernel.business import BusinessCalendar
from app.kernel.durations import Duration

DUE, SLA = "due", "sla"
OUR_TARGET: Final = "by our own target"
OFF: Final = "off"
"""As the lead of somebody's own reminders: none."""


@dataclass(frozen=True)
class PlannedTimer:
    """A moment to come: `remind`, `breach` or `escalate` (its `step` counted from 1), and whom it tells."""

    kind: str
    step: int
    tells: str
    at: datetime


def which(item: Item, clock: str | None) -> str:
    """That a deadline of a task which has a due date, too, is our own target, in words; of all others nothing."""
    return OUR_TARGET if clock == SLA and (item.due or item.due_when) else ""


def timers_of(
    item: Item,
    kind: str,
    deadline: datetime,
    now: datetime,
    calendar: BusinessCalendar,
    delays: Mapping[Told, Duration],
    own: str | None,
) -> Sequence[PlannedTimer]:
    """The timers of one deadline of an item, all in UTC.

    `delays` stand in for those of the item's own steps; `own` is how its holder wants to be reminded, if they said.

    A reminder whose moment is over when the deadline is set would say nothing that the setting did not say, so
    there is none. A deadline that is over already is a breach all the same, but who is told next is told their time
    after now: nobody had the chance to do anything about it before.
    """
    planned = []
    remind_at = reminder_at(item, kind, deadline, now, calendar, own)
    if remind_at is not None:
        planned.append(PlannedTimer("remind", 0, "assignee", remind_at))
    planned.append(PlannedTimer("breach", 0, "assignee", deadline))
    for number, step in enumerate(item.escalate, start=1):
        after = delays.get(step.to, step.after)
        planned.append(PlannedTimer("escalate", number, step.to.value, after.after(max(deadline, now), calendar)))
    return planned


def reminder_at(
    item: Item, kind: str, deadline: datetime, now: datetime, calendar: BusinessCalendar, own: str | None
) -> datetime | None:
    """When a deadline reminds (UTC), None when it does not any more.

    `own` stands in for the template's lead: `OFF`, or a duration. One that would be over already, as when the deadline
    comes nearer, leaves it to the template's: a holder who wanted to hear sooner is not to hear nothing.
    """
    if own == OFF:
        return None
    leads = [_lead(item, kind)] if own is None else [Duration.parse(own), _lead(item, kind)]
    moments = [lead.before(deadline, calendar) for lead in leads if lead is not None]
    return next((moment for moment in moments if moment > now), None)


def _lead(item: Item, kind: str) -> Duration | None:
    if kind == DUE:
        return item.remind
    return None if item.sla is None else item.sla.warn
