"""Bringing a case's tracks, tasks and deadlines in line with where the case stands.

There is one way: `settle`. Whatever changed (a key date, a component, a task done), it is called with the case
locked, works out what the checklists now ask for, and changes only what differs. So it can run at any time, any
number of times, with the same result.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Executable, Row, bindparam, insert, select, text, update

from app.audit import service as audit
from app.cases.models import Case, Component, KeyDate
from app.checklists import library
from app.checklists.firm import tell_not_firm
from app.checklists.model import Item, Template
from app.checklists.models import Track
from app.checklists.rules import (
    CLOSED,
    ComponentFacts,
    DoneTask,
    Facts,
    applies,
    due_at,
    facts_of,
    is_free,
    is_weighty,
    starts_now,
)
from app.checklists.vocabulary import NOT_APPLICABLE, Scope, Told
from app.clocks import service as clocks
from app.clocks.delays import delays_of
from app.clocks.history import course_of
from app.clocks.models import TaskClock
from app.clocks.rules import DUE, SLA, PlannedTimer, timers_of
from app.kernel.business import BusinessCalendar
from app.kernel.due import Moment
from app.kernel.durations import Duration
from app.notices.service import touch_card
from app.programs.actor import Actor
from app.programs.models import Program
from app.programs.queries import calendar_of
from app.store.types import table
from app.store.uow import UnitOfWork
from app.tasks.models import Task

_CASES, _DATES, _COMPONENTS, _TRACKS = table(Case), table(KeyDate), table(Component), table(Track)
_TASKS, _CLOCKS = table(Task), table(TaskClock)

_LOCK_CASE = text("SELECT replan_at FROM cases WHERE id = :case FOR NO KEY UPDATE")
_LOCK_TASKS = text("SELECT id FROM tasks WHERE case_id = :case ORDER BY id FOR NO KEY UPDATE")
_OF_CASE = {
    "case": select(_CASES).where(_CASES.c.id == bindparam("case")),
    "program": select(Program).join(_CASES, _CASES.c.program_id == table(Program).c.id).where(
        _CASES.c.id == bindparam("case")
    ),
    "dates": select(_DATES.c.name, _DATES.c.day, _DATES.c.at).where(_DATES.c.case_id == bindparam("case")),
    "components": select(_COMPONENTS).where(
        _COMPONENTS.c.case_id == bindparam("case"), _COMPONENTS.c.withdrawn_at.is_(None)
    ).order_by(_COMPONENTS.c.no),
    "tracks": select(_TRACKS).where(_TRACKS.c.case_id == bindparam("case")).order_by(_TRACKS.c.id),
    "tasks": select(_TASKS).where(_TASKS.c.case_id == bindparam("case")).order_by(_TASKS.c.id),
    "clocks": select(_CLOCKS).where(_CLOCKS.c.case_id == bindparam("case")),
}  # fmt: skip
_FREE = (
    update(_TASKS)
    .where(_TASKS.c.id == bindparam("task"), _TASKS.c.state == "blocked")
    .values(state="ready", ready_at=bindparam("at"), version=_TASKS.c.version + 1)
)
_BLOCK = (
    update(_TASKS)
    .where(_TASKS.c.id == bindparam("task"), _TASKS.c.state == "ready")
    .values(state="blocked", ready_at=None, version=_TASKS.c.version + 1)
)
_DROP = (
    update(_TASKS)
    .where(_TASKS.c.id == bindparam("task"), _TASKS.c.state.in_(("blocked", "ready")))
    .values(state="skipped", reason=NOT_APPLICABLE, closed_at=bindparam("at"), version=_TASKS.c.version + 1)
)
_BRING_BACK = (
    update(_TASKS)
    .where(_TASKS.c.id == bindparam("task"), _TASKS.c.state == "skipped")
    .values(
        state="blocked",
        reason=None,
        closed_at=None,
        ready_at=None,
        due_at=None,
        breached_at=None,
        version=_TASKS.c.version + 1,
    )
)
_NUMBERED = text("UPDATE cases SET last_task_no = last_task_no + :n WHERE id = :case RETURNING last_task_no")
_TRACK_STATE = update(_TRACKS).where(_TRACKS.c.id == bindparam("track")).values(state=bindparam("to"))


@dataclass(frozen=True)
class Moved:
    """A deadline that an open task had and that changed; None where there is none any more."""

    task_id: int
    no: int
    title: str
    old: datetime | None
    new: datetime | None


@dataclass
class Settled:
    """What settling a case changed."""

    started: list[str] = field(default_factory=list)
    added: int = 0
    dropped: list[int] = field(default_factory=list)
    """Numbers of tasks that do not apply any more and that nobody may simply leave out."""
    freed: list[int] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)


@dataclass
class TaskAt:
    """A task's row, as settling changes it."""

    id: int
    no: int
    item: Item
    title: str
    state: str
    ready_at: datetime | None
    closed_at: datetime | None
    evidence: str | None
    not_applicable: bool
    remind_lead: str | None = None
    fresh: bool = False

    def seen(self) -> DoneTask:
        return DoneTask(self.state, self.closed_at, self.evidence)


@dataclass
class TrackAt:
    """A track with its template and tasks, by item."""

    row: Any
    template: Template
    component: ComponentFacts | None
    tasks: dict[str, TaskAt]

    def seen(self) -> dict[str, DoneTask]:
        return {item_id: task.seen() for item_id, task in self.tasks.items()}


def lock_case(uow: UnitOfWork, case_id: int) -> None:
    """Take a case and its tasks for a change of more than one task; such changes of one case wait for each other.

    Tasks are always locked in the order of their ids, so that no two changes can hold each other up for good. What a
    changed calendar has left to do in the case is done first, so that it is not mistaken for the change that follows.
    """
    replan_at = uow.session.execute(_LOCK_CASE, {"case": case_id}).scalar_one_or_none()
    uow.session.execute(_LOCK_TASKS, {"case": case_id})
    if replan_at is not None:
        # Imported here because it is a settling itself.
        from app.checklists.replanning import replan

        replan(uow, case_id)


def settle(uow: UnitOfWork, actor: Actor, case_id: int, because: str | None = None) -> Settled:
    """Bring a case in line with its checklists; the caller holds `lock_case`.

    `because` is noted with the due dates that are set, where they are all set by one thing.

    1. tracks start whose start rule holds, once for the case or for each component that matches;
    2. items come and go with their conditions (one that somebody holds stays);
    3. tasks whose needs are met become ready, ready ones whose need was reopened are blocked again;
    4. clocks get the deadlines that the due rules and targets now say;
    5. tracks without open tasks are done.
    """
    return Settling(uow, actor, case_id, because).run()


class Settling:
    """One run of `settle`, with everything about the case read once."""

    def __init__(self, uow: UnitOfWork, actor: Actor, case_id: int, because: str | None = None) -> None:
        self.uow, self.actor, self.case_id, self.because = uow, actor, case_id, because
        self.result = Settled()
        self.unfirm: set[str] = set()
        self.case = self._rows("case")[0]
        program = uow.session.execute(_OF_CASE["program"], {"case": case_id}).scalar_one()
        self.calendar: BusinessCalendar = calendar_of(program)
        self.dates = {row.name: Moment(row.day, row.at) for row in self._rows("dates")}
        self.components = {
            row.id: ComponentFacts(row.id, row.no, row.kind, row.part, row.custom, row.supply)
            for row in self._rows("components")
        }
        self.clocks = {(row.task_id, row.kind): row for row in self._rows("clocks")}
        due = [row.id for (_, kind), row in self.clocks.items() if kind == DUE]
        self.extended = clocks.extended(uow.session, due)
        self.tracks = self._tracks()

    def _rows(self, name: str) -> Sequence[Row[Any]]:
        return self.uow.session.execute(_OF_CASE[name], {"case": self.case_id}).all()

    def _tracks(self) -> list[TrackAt]:
        rows = self._rows("tracks")
        templates = library.versions(self.uow.session, {row.checklist_version_id for row in rows})
        tracks = {
            row.id: TrackAt(row, templates[row.checklist_version_id], self.components.get(row.component_id), {})
            for row in rows
        }
        for row in self._rows("tasks"):
            track = tracks[row.track_id]
            value = None if row.evidence is None else row.evidence.get("value")
            track.tasks[row.item_id] = TaskAt(
                row.id, row.no, track.template.item(row.item_id), row.title, row.state, row.ready_at,
                row.closed_at, value, row.reason == NOT_APPLICABLE and row.closed_by is None, row.remind_lead,
            )  # fmt: skip
        return list(tracks.values())

    def run(self) -> Settled:
        if self.case.state != "open":
            return self.result
        self._start_tracks()
        live = [track for track in self.tracks if track.row.state != "withdrawn"]
        for track in live:
            self._items(track)
            self._needs(track)
        self._deadlines(live)
        self._ends(live)
        tell_not_firm(self.uow, self.case_id, self.unfirm)
        self._show()
        return self.result

    def _show(self) -> None:
        touch_card(self.uow, self.case_id)

    def _start_tracks(self) -> None:
        begun = {(track.row.template_id, track.row.component_id) for track in self.tracks}
        for version_id, template in library.newest(self.uow.session, self.case.program_id).items():
            places: Iterable[ComponentFacts | None] = (
                self.components.values() if template.scope == Scope.COMPONENT else (None,)
            )
            for component in places:
                place = None if component is None else component.id
                if (template.id, place) in begun:
                    continue
                if not starts_now(template, self.dates, component, self._done(place)):
                    continue
                self._start(version_id, template, component)

    def _done(self, place: int | None) -> frozenset[str]:
        """Finished tasks as `template/item`; for a component those of the case and its own, not another's."""
        return frozenset(
            f"{track.row.template_id}/{item_id}"
            for track in self.tracks
            if place is None or track.row.component_id in (None, place)
            for item_id, task in track.tasks.items()
            if task.state == "done"
        )

    def _start(self, version_id: int, template: Template, component: ComponentFacts | None) -> None:
        row = self.uow.session.execute(
            insert(_TRACKS)
            .values(
                program_id=self.case.program_id,
                case_id=self.case_id,
                component_id=None if component is None else component.id,
                checklist_version_id=version_id,
                template_id=template.id,
                state="active",
                started_at=self.uow.now,
            )
            .returning(_TRACKS)
        ).one()
        self.tracks.append(TrackAt(row, template, component, {}))
        self.result.started.append(template.title + (f" (C{component.no})" if component else ""))
        audit.record(self.uow, self.actor, "track.start", "track", row.id, case_id=self.case_id)

    def _items(self, track: TrackAt) -> None:
        facts = facts_of(self.dates, track.component, track.seen())
        missing = []
        for item in track.template.items:
            task = track.tasks.get(item.id)
            wanted = applies(item, facts)
            if task is None:
                if wanted:
                    missing.append(item)
            elif wanted and task.state == "skipped" and task.not_applicable:
                self._change(_BRING_BACK, task, state="blocked", ready_at=None, closed_at=None)
                self._gates_again(item)
            elif not wanted and task.state in ("blocked", "ready"):
                self._change(_DROP, task, state="skipped", closed_at=self.uow.now)
                if is_weighty(track.template, item):
                    self.result.dropped.append(task.no)
                clocks.stop(self.uow, [task.id], NOT_APPLICABLE)
        if missing:
            self._add(track, missing)
            for item in missing:
                self._gates_again(item)

    def _gates_again(self, item: Item) -> None:
        """An item that was not there has come up; the key dates that it gates and that stand are not firm any more."""
        self.unfirm.update(name for name in item.gates if name in self.dates)

    def _add(self, track: TrackAt, items: Sequence[Item]) -> None:
        """New tasks, in one insert; those whose needs are met already are ready from the start."""
        last: int = self.uow.session.execute(_NUMBERED, {"n": len(items), "case": self.case_id}).scalar_one()
        fresh = [
            TaskAt(0, number, item, item.title, "blocked", None, None, None, False, fresh=True)
            for number, item in enumerate(items, start=last - len(items) + 1)
        ]
        track.tasks |= {task.item.id: task for task in fresh}
        seen = track.seen()
        for task in fresh:
            if is_free(task.item, seen):
                task.state, task.ready_at = "ready", self.uow.now
        rows = [
            {
                "program_id": self.case.program_id,
                "case_id": self.case_id,
                "track_id": track.row.id,
                "no": task.no,
                "item_id": task.item.id,
                "title": task.title,
                "roles": [role.value for role in task.item.roles],
                "skill": task.item.skill,
                "state": task.state,
                "ready_at": task.ready_at,
                "version": 1,
                "evidence_kind": task.item.evidence.kind.value,
            }
            for task in fresh
        ]
        made = self.uow.session.execute(insert(_TASKS).returning(_TASKS.c.id, _TASKS.c.item_id), rows)
        for row in made.all():
            track.tasks[row.item_id].id = row.id
        self.result.added += len(fresh)
        self.result.freed += [task.id for task in fresh if task.state == "ready"]

    def _needs(self, track: TrackAt) -> None:
        seen = track.seen()
        for task in track.tasks.values():
            free = is_free(task.item, seen)
            if free and task.state == "blocked":
                self._change(_FREE, task, state="ready", ready_at=self.uow.now)
                self.result.freed.append(task.id)
            elif not free and task.state == "ready":
                self._change(_BLOCK, task, state="blocked", ready_at=None)

    def _change(self, statement: Executable, task: TaskAt, **values: Any) -> None:
        self.uow.session.execute(statement, {"task": task.id, "at": self.uow.now})
        for name, value in values.items():
            setattr(task, name, value)

    def _deadlines(self, tracks: Sequence[TrackAt]) -> None:
        settings = []
        for track in tracks:
            seen = track.seen()
            facts = facts_of(self.dates, track.component, seen)
            for task in track.tasks.values():
                if task.state in CLOSED:
                    self._closed(track, task, seen, facts)
                else:
                    settings += self._due(track, task, seen, facts)
                    settings += self._sla(task)
        clocks.set_deadlines(self.uow, settings)

    def _ruled(self, track: TrackAt, task: TaskAt, seen: Mapping[str, DoneTask], facts: Facts) -> datetime | None:
        return due_at(
            task.item, self.calendar, facts=facts, key_dates=self.dates, ready_at=task.ready_at,
            started_at=track.row.started_at, tasks=seen,
        )  # fmt: skip

    def _closed(self, track: TrackAt, task: TaskAt, seen: Mapping[str, DoneTask], facts: Facts) -> None:
        """Note where more time that a task was given ends, as that of an open one does: its rule gives another one."""
        clock = self.clocks.get((task.id, DUE))
        if clock is not None and (more := self.extended.get(clock.id)) is not None:
            ruled = self._ruled(track, task, seen, facts)
            if self._standing(clock, ruled) != more.deadline:
                clocks.end_extension(self.uow, clock.id, ruled)

    def _due(self, track: TrackAt, task: TaskAt, seen: Mapping[str, DoneTask], facts: Facts) -> list[clocks.Setting]:
        ruled = self._ruled(track, task, seen, facts)
        clock = self.clocks.get((task.id, DUE))
        wanted = ruled if clock is None else self._standing(clock, ruled)
        had = None if clock is None or clock.state == "stopped" else clock.deadline_at
        runs = clock is not None and clock.state == "running"
        if wanted == had and (runs or wanted is None):
            return []
        if not task.fresh:
            self.result.moved.append(Moved(task.id, task.no, task.title, had, wanted))
        setting = self._setting(task, DUE, clock, wanted, "move" if runs else "start")
        if runs and had is not None and wanted is not None and max(had, wanted) <= self.uow.now:
            return [replace(setting, timers=None)]  # overdue before and after: its breach is told once
        return [setting]

    def _standing(self, clock: Row[Any], ruled: datetime | None) -> datetime | None:
        """The deadline that a clock shall have where its rule gives `ruled`: that one, or what stands in for it."""
        more = self.extended.get(clock.id)
        stands = ruled is not None and clock.kept_for == ruled
        if more is not None and (stands or more.instead_of == ruled):
            return more.deadline
        kept: datetime | None = clock.deadline_at if clock.state == "running" else None
        return kept if stands and kept is not None else ruled

    def _sla(self, task: TaskAt) -> list[clocks.Setting]:
        clock = self.clocks.get((task.id, SLA))
        if task.state == "blocked" and clock is not None and clock.state == "running":
            return [self._setting(task, SLA, clock, None, "stop")]  # it runs anew once the task can be claimed again
        if task.item.sla is None or task.state != "ready" or task.ready_at is None:
            return []
        if clock is not None and clock.state in ("running", "paused"):
            return []
        until, event = task.item.sla.target.after(task.ready_at, self.calendar), "start"
        if clock is not None:
            course = course_of(self.uow.session, clock.id)
            if course.events and task.id not in self.result.freed:  # it was closed, and is open again
                until, event = course.resumed(task.item.sla.target, self.calendar, self.uow.now), "resume"
            elif course.given is not None:
                until = max(until, course.given)
        return [self._setting(task, SLA, clock, until, event)]

    def _setting(
        self, task: TaskAt, kind: str, clock: Row[Any] | None, deadline: datetime | None, event: str
    ) -> clocks.Setting:
        timers = [] if deadline is None else self.timers_of(task, kind, deadline)
        return clocks.Setting(
            self.case.program_id, self.case_id, task.id, None if clock is None else clock.id,
            kind, event, deadline, timers, self.because if kind == DUE else None,
        )  # fmt: skip

    def timers_of(self, task: TaskAt, kind: str, deadline: datetime) -> Sequence[PlannedTimer]:
        """The timers of a deadline by the program's calendar and delays, and its holder's own lead."""
        return timers_of(task.item, kind, deadline, self.uow.now, self.calendar, self.delays, task.remind_lead)

    @cached_property
    def delays(self) -> Mapping[Told, Duration]:
        """The program's own delays of escalations."""
        return delays_of(self.uow.session, self.case.program_id)

    def _ends(self, tracks: Sequence[TrackAt]) -> None:
        for track in tracks:
            open_tasks = any(task.state not in CLOSED for task in track.tasks.values())
            wanted = "active" if open_tasks else "done"
            if track.row.state != wanted:
                self.uow.session.execute(_TRACK_STATE, {"track": track.row.id, "to": wanted})
