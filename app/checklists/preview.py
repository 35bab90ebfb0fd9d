"""Shows what a template would make of a case: each item with its due moment, or why it has none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from app.checklists.model import Item, Template
from app.kernel.business import BusinessCalendar
from app.kernel.clock import day_words, moment_words
from app.kernel.due import DueRule, Moment
from app.kernel.keydates import KEY_DATES

State = Literal["dated", "estimated", "undated", "undecided", "left out"]


@dataclass(frozen=True)
class PreviewRow:
    """One item. `due_at` (UTC) is certain when `state` is dated.

    It is as late as it may be when `state` is estimated: as if everything before were done at its own due moment.
    An undecided item is one whose condition the facts do not settle; it may carry a due moment too.
    """

    item: Item
    due_at: datetime | None
    why: str
    state: State


def preview(
    template: Template,
    key_dates: Mapping[str, Moment],
    calendar: BusinessCalendar,
    facts: Mapping[str, str | bool | int | None],
    *,
    zone: tzinfo,
    started: datetime | None = None,
) -> list[PreviewRow]:
    """The template's items in their order, with due moments for these key dates.

    `facts` are those of conditions (component.*, evidence.*); key_date.* is taken from `key_dates`. `zone` is
    the reader's, for the words of `why`; `started` (aware) is when the track starts, where that is known.
    """
    known = {f"key_date.{name}": name in key_dates for name in KEY_DATES} | dict(facts)
    plan = _Plan(template, key_dates, calendar, known, zone, started)
    return [plan.row(item) for item in template.items]


class _Plan:
    """Works out rows, each once; an item's row needs those of the items before it."""

    def __init__(
        self,
        template: Template,
        key_dates: Mapping[str, Moment],
        calendar: BusinessCalendar,
        facts: Mapping[str, str | bool | int | None],
        zone: tzinfo,
        started: datetime | None,
    ) -> None:
        self._template = template
        self._key_dates = key_dates
        self._calendar = calendar
        self._facts = facts
        self._zone = zone
        self._started = started
        self._rows: dict[str, PreviewRow] = {}

    def row(self, item: Item) -> PreviewRow:
        # No recursion without end: the loader refuses items that wait for each other.
        if item.id not in self._rows:
            self._rows[item.id] = self._work_out(item)
        return self._rows[item.id]

    def _work_out(self, item: Item) -> PreviewRow:
        exists = True if item.when is None else item.when.truth(self._facts)
        if exists is False:
            return PreviewRow(item, None, f"left out, because it exists only if {item.when}", "left out")
        due_at, why, state = self._due(item)
        if exists is None:
            return PreviewRow(item, due_at, f"only if {item.when}, which is not known yet; {why}", "undecided")
        return PreviewRow(item, due_at, why, state)

    def _due(self, item: Item) -> tuple[datetime | None, str, State]:
        if item.due is not None:
            return self._by_rule(item)
        if item.sla is None:
            return None, "no deadline", "undated"
        said = f"{item.sla.target} once it can be claimed"
        ready, why = self._ready(item)
        if ready is None:
            return None, f"{said}; {why}", "undated"
        return item.sla.target.after(ready, self._calendar), f"{said}; {why}", "estimated"

    def _by_rule(self, item: Item) -> tuple[datetime | None, str, State]:
        rule = item.due_by(self._facts)
        assert rule is not None
        due_at, why, state = self._resolved(item, rule)
        maybe = [f"{other} if {when}" for when, other in item.due_when if when.truth(self._facts) is None]
        unsettled = f"; but {', or '.join(maybe)}, which is not known yet" if maybe else ""
        return due_at, why + unsettled, state

    def _resolved(self, item: Item, rule: DueRule) -> tuple[datetime | None, str, State]:
        name = rule.anchor.name
        match rule.anchor.kind:
            case "key_date":
                moment = self._key_dates.get(name)
                if moment is None:
                    return None, f"{rule}; {KEY_DATES[name]} is not set", "undated"
                why = f"{rule}; {KEY_DATES[name]} is {self._said(moment)}"
                return rule.resolve(moment, self._calendar), why, "dated"
            case "done":
                at, why = self._done(name)
            case "ready":
                at, why = self._ready(item)
            case "start":
                at, why = self._start()
        if at is None:
            return None, f"{rule}; {why}", "undated"
        due_at = rule.resolve(Moment.of_instant(at, self._calendar.zone), self._calendar)
        return due_at, f"{rule}; {why}", "estimated"

    def _done(self, name: str) -> tuple[datetime | None, str]:
        other = self.row(self._template.item(name))
        if other.state == "left out":
            return None, f"{name} is left out"
        if other.due_at is None:
            return None, f"{name} has no due moment yet"
        return other.due_at, f"as if {name} were done when it is due"

    def _ready(self, item: Item) -> tuple[datetime | None, str]:
        rows = [row for name in item.needs if (row := self.row(self._template.item(name))).state != "left out"]
        if not rows:
            return self._start()
        undated = [row.item.id for row in rows if row.due_at is None]
        if undated:
            return None, f"needs {', '.join(undated)}, without a due moment yet"
        last = max(rows, key=lambda row: row.due_at.timestamp() if row.due_at else 0.0)
        return last.due_at, f"as if {last.item.id} were done when it is due"

    def _start(self) -> tuple[datetime | None, str]:
        if self._started is None:
            return None, "the track has not started"
        return self._started, f"the track starts {self._said(Moment.of_instant(self._started, self._zone))}"

    def _said(self, moment: Moment) -> str:
        if moment.at is None:
            return day_words(moment.day)
        return moment_words(moment.at, self._zone)
