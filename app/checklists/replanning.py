"""Counting a case's deadlines anew after its program's calendar, or its delays of escalations, were changed.

A change of settings marks every open case of the program (`mark`), in its own transaction; each case is then
re-planned in one of its own (`replan_due`), or before that by whoever takes the case for a change. What is re-planned
is what `settle` plans, and besides our own targets, and the reminders and escalations of deadlines that stay.

What was missed before the change stays missed at its moment, and so do its escalations; a deadline that a lead gave
stays, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Row, text

from app.audit import service as audit
from app.checklists import library
from app.checklists.rules import CLOSED, DoneTask, Facts, durations_of
from app.checklists.service import Moved, Settled, Settling, TaskAt, TrackAt, lock_case
from app.clocks import service as clocks
from app.clocks.delays import delays_of
from app.clocks.history import course_of
from app.clocks.rules import SLA, PlannedTimer
from app.kernel.business import BeyondHorizon
from app.notices.service import tell_case, touch_card
from app.programs.actor import Actor
from app.programs.models import Program
from app.programs.queries import calendar_of
from app.programs.service import system
from app.refusals import Refusal
from app.store.uow import OneFailed, UnitOfWork

LINES: Final = 8
"""Deadlines that a case's post names; the rest is counted."""
NAMED: Final = 3
"""Deadlines that are named before anything is saved."""
FEW: Final = 40
"""Cases that are re-planned while somebody waits for the answer, of which Slack gives three seconds."""
# In the order of their ids, as everybody who takes several cases takes them.
_MARK = text(
    "WITH open AS (SELECT id FROM cases WHERE program_id = :program AND state = 'open' ORDER BY id FOR NO KEY UPDATE)"
    " UPDATE cases SET replan_at = :now FROM open WHERE cases.id = open.id"
)
_AT_WORK = text(
    "SELECT DISTINCT r.checklist_version_id FROM tracks r JOIN cases c ON c.id = r.case_id"
    " WHERE c.program_id = :program AND c.state = 'open'"
)
_NEXT = text(
    "SELECT id FROM cases WHERE replan_at <= :now ORDER BY replan_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
)
_MARKED = text(
    "SELECT id, code FROM cases WHERE program_id = :program AND replan_at IS NOT NULL AND state = 'open' ORDER BY id"
    " LIMIT :most FOR NO KEY UPDATE"
)
_LOCK_TASKS = text("SELECT id FROM tasks WHERE case_id = :case ORDER BY id FOR NO KEY UPDATE")
_REPLANNED = text("UPDATE cases SET replan_at = NULL WHERE id = :case")
_PUT_OFF = text("UPDATE cases SET replan_at = :until WHERE id = :case AND replan_at <= :now")
_PROGRAM = text("SELECT program_id FROM cases WHERE id = :case")
_KEEP = text(
    "UPDATE clocks SET kept_for = kept.ruled FROM unnest(CAST(:clocks AS bigint[]), CAST(:ruled AS timestamptz[]))"
    " AS kept (id, ruled) WHERE clocks.id = kept.id"
)


class NotReplanned(OneFailed):
    """Re-planning one case failed."""


class Uncountable(Refusal):
    """What a checklist or an escalation asks for does not end by the hours of the practice."""


def mark(uow: UnitOfWork, program_id: int) -> None:
    """Have every open case of a program re-planned: its deadlines hang on what the caller has just changed.

    Raises `Uncountable` where that would fail, and with it whatever is done in these cases.
    """
    _refuse_uncountable(uow, program_id)
    uow.session.execute(_MARK, {"program": program_id, "now": uow.now})


def _refuse_uncountable(uow: UnitOfWork, program_id: int) -> None:
    session, calendar = uow.session, calendar_of(uow.session.get_one(Program, program_id))
    at_work = library.versions(session, set(session.execute(_AT_WORK, {"program": program_id}).scalars()))
    templates = [*library.newest(session, program_id).values(), *at_work.values()]
    asked = [*delays_of(session, program_id).values(), *(each for one in templates for each in durations_of(one))]
    for longest in {each.unit: each for each in sorted(asked, key=lambda each: each.amount)}.values():
        try:
            longest.after(uow.now, calendar)
            longest.before(uow.now, calendar)
        except BeyondHorizon as error:
            raise Uncountable(
                f"{longest}, which a checklist or an escalation asks for, would not end within ten years by these "
                "settings. Nothing changed. Give the practice more hours, or a shorter delay."
            ) from error


@dataclass(frozen=True)
class Moves:
    """What re-planning moved: so many deadlines of so many cases, `late` of which are over by now.

    `first` are those that come first, each with the name of its task.
    """

    deadlines: int
    cases: int
    late: int
    first: tuple[tuple[str, Moved], ...] = ()


def replan_few(uow: UnitOfWork, program_id: int, most: int = FEW) -> Moves | None:
    """Re-plan all marked cases of a program at once, to know what comes of it; None where there are more than `most`.

    Whoever asks first, and saves later, gives the transaction up.
    """
    marked = uow.session.execute(_MARKED, {"program": program_id, "most": most + 1}).all()
    if len(marked) > most:
        return None
    moved = []
    for case in marked:
        uow.session.execute(_LOCK_TASKS, {"case": case.id})
        moved += [(f"{case.code}-{one.no}", one) for one in replan(uow, case.id).moved]
    late = [one for _, one in moved if one.new is not None and one.new <= uow.now]
    cases = {name.partition("-")[0] for name, _ in moved}
    return Moves(len(moved), len(cases), len(late), tuple(sorted(moved, key=lambda pair: _when(pair[1]))[:NAMED]))


def replan_due(uow: UnitOfWork) -> int | None:
    """Re-plan one case that is marked; returns its id, None when there is none.

    Raises `NotReplanned`; the transaction then has changed nothing.
    """
    case_id: int | None = uow.session.execute(_NEXT, {"now": uow.now}).scalar_one_or_none()
    if case_id is None:
        return None
    try:
        lock_case(uow, case_id)
        uow.finish()  # what was left for last is the case's too, and may fail as well
    except Exception as error:  # whatever it is, it must not stop the other cases
        raise NotReplanned(case_id, f"re-planning case row {case_id} failed") from error
    return case_id


def put_off(uow: UnitOfWork, case_id: int, by: timedelta) -> None:
    """Put a failing case off, so that other cases come first."""
    uow.session.execute(_PUT_OFF, {"case": case_id, "now": uow.now, "until": uow.now + by})


def replan(uow: UnitOfWork, case_id: int) -> Settled:
    """Re-plan a case, which may be marked; the caller holds it. One post says what moved, none where nothing did."""
    program_id: int = uow.session.execute(_PROGRAM, {"case": case_id}).scalar_one()
    actor = system(program_id)
    run = _Replanning(uow, actor, case_id)
    settled = run.run()
    uow.session.execute(_REPLANNED, {"case": case_id})
    if not settled.moved:
        return settled
    audit.record(uow, actor, "case.replan", "case", case_id, case_id=case_id, fields=("deadline_at",))
    program = uow.session.get_one(Program, program_id)
    payload = {"code": run.case.code, "zone": program.zone, **what_moved(settled)}
    tell_case(uow, case_id, "replan", f"replan:{case_id}:{uuid4()}", payload)
    return settled


def take_up(uow: UnitOfWork, actor: Actor, case_id: int) -> Settled:
    """Settle a case that was closed and is open again: meanwhile nothing but the calendar can have changed."""
    return _Replanning(uow, actor, case_id).run()


class _Replanning(Settling):
    """A settling of a case in which nothing has changed but how time is counted."""

    @property
    def since(self) -> datetime:
        """When the change was made: what was missed before it is missed."""
        marked: datetime | None = self.case.replan_at
        return marked or self.uow.now

    def run(self) -> Settled:
        self._kept: dict[int, datetime] = {}
        self._stay: dict[int, Sequence[PlannedTimer]] = {}
        settled = super().run()
        if self._kept:
            self.uow.session.execute(_KEEP, {"clocks": list(self._kept), "ruled": list(self._kept.values())})
        clocks.retime(self.uow, self._stay)
        return settled

    def _show(self) -> None:
        """Most cards say the same as before."""
        if self.result.moved or self.result.added:
            touch_card(self.uow, self.case_id)

    def _standing(self, clock: Row[Any], ruled: datetime | None) -> datetime | None:
        more = self.extended.get(clock.id)
        if ruled is None or (clock.state != "running" and more is None):
            return super()._standing(clock, ruled)
        if more is None and clock.deadline_at > self.since:
            return ruled
        self._kept[clock.id] = ruled
        standing: datetime = clock.deadline_at if more is None else more.deadline
        return standing

    def _due(self, track: TrackAt, task: TaskAt, seen: Mapping[str, DoneTask], facts: Facts) -> list[clocks.Setting]:
        return super()._due(track, task, seen, facts) or self._staying(task, "due")

    def _sla(self, task: TaskAt) -> list[clocks.Setting]:
        clock = self.clocks.get((task.id, SLA))
        if task.state in CLOSED or clock is None or clock.state != "running" or clock.deadline_at <= self.since:
            return super()._sla(task)
        if task.state == "blocked" or task.item.sla is None:
            return super()._sla(task)
        until = course_of(self.uow.session, clock.id).deadline(task.item.sla.target, self.calendar)
        if until == clock.deadline_at:
            return self._staying(task, SLA)
        self.result.moved.append(Moved(task.id, task.no, task.title, clock.deadline_at, until))
        return [self._setting(task, SLA, clock, until, "move")]

    def _staying(self, task: TaskAt, kind: str) -> list[clocks.Setting]:
        """Note the moments of a deadline that stays and is to come; nothing is set."""
        clock = self.clocks.get((task.id, kind))
        if clock is not None and clock.state == "running" and clock.deadline_at > self.uow.now:
            self._stay[clock.id] = self.timers_of(task, kind, clock.deadline_at)
        return []


def _when(moved: Moved) -> tuple[bool, datetime, int]:
    """Orders deadlines by where they are now, the nearest first; last those that are no more."""
    at = moved.new or moved.old
    assert at is not None, "it had a deadline, or has one"
    return moved.new is None, at, moved.no


def what_moved(settled: Settled) -> dict[str, object]:
    """The part of a case's post that says which deadlines moved, the nearest first, and which tracks started."""
    lines = [
        {
            "no": moved.no,
            "title": moved.title,
            "old": None if moved.old is None else moved.old.isoformat(),
            "new": None if moved.new is None else moved.new.isoformat(),
        }
        for moved in sorted(settled.moved, key=_when)[:LINES]
    ]
    return {
        "moved": len(settled.moved),
        "lines": lines,
        "more": len(settled.moved) - len(lines),
        "started": settled.started,
    }
