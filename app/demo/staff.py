"""The simulated staff: what each person sees, decides and types. They act only as people do, in the sandbox."""

import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Lock

from sqlalchemy import text

from app.cases.card import card_of
from app.cases.queries import case_by_code
from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import EvidenceKind, Role
from app.demo.course import Course, days_between, working_day
from app.demo.practice import EMPLOYEES, Employee, Practice
from app.demo.visited import VISITED, Visited
from app.kernel.business import BusinessCalendar
from app.programs.actor import Origin
from app.programs.queries import as_actor
from app.sandbox import RefusedError, Reply
from app.store.uow import UnitOfWork
from app.tasks.queries import TaskLine, tasks_of
from app.tasks.timing import is_early

log = logging.getLogger("caseboard.demo")

NOT_THERE = Reply(ok=False, text="", blocks=[], ms=0.0, error="not_in_channel")
HANDS = 5  # how many tasks a VA holds at once
SOON = timedelta(days=9)
Early = Callable[[TaskLine], bool]
_CODE = re.compile(r"\b([A-Z0-9]{4,8})\b")
_CHANNEL = text(
    "SELECT h.slack_id FROM channels h JOIN cases c ON c.id = h.case_id"
    " WHERE c.code = :code AND c.program_id = :program"
)
_AWAY = text(
    "SELECT 1 FROM absences WHERE staff_id = :me AND ended_at IS NULL AND starts_at <= :now AND ends_at > :now"
)
_NEWEST = text("SELECT code FROM cases WHERE program_id = :program ORDER BY id")
_DATES = text(
    "SELECT name, day FROM key_dates d JOIN cases c ON c.id = d.case_id"
    " WHERE c.code = :code AND c.program_id = :program"
)
_DAYS = text(
    "SELECT c.code, d.name, d.day FROM key_dates d JOIN cases c ON c.id = d.case_id WHERE c.program_id = :program"
)
_MILESTONES = {
    "board": "board",
    "surgery_proposed": "parts",
    "surgery": "surgery",
    "operative_note_signed": "note",
    "claim_filed": "filed",
}
_OFFERED = text(
    "SELECT h.id, t.id AS task, t.no, c.code, n.ts FROM handoffs h JOIN tasks t ON t.id = h.task_id"
    " JOIN cases c ON c.id = t.case_id JOIN notices n ON n.id = h.notice_id"
    " WHERE h.to_id = :me AND h.state = 'offered' ORDER BY h.id LIMIT 3"
)


@dataclass
class Seen:
    """What the staff has done, counted where they stood: for the log line of the demonstration only."""

    commands: int = 0
    failed: int = 0
    slowest_ms: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def note(self, reply: Reply) -> None:
        with self.lock:
            self.commands += 1
            self.failed += not reply.ok
            self.slowest_ms = max(self.slowest_ms, reply.ms)


class Team:
    """All simulated people. `act` lets everybody do what they would do at this moment.

    What whoever looks on has done by hand, as anybody of the practice, they leave as it is; `folder` keeps what it was.
    """

    def __init__(
        self,
        practice: Practice,
        calendar: BusinessCalendar,
        plan: Sequence[Course],
        first: datetime,
        seed: int,
        folder: Path,
    ) -> None:
        self.practice = practice
        self.visited = Visited(practice.store.engine, practice.program_id, folder / VISITED)
        self.calendar = calendar
        self.plan = plan
        self.first = calendar.local_day(first)
        self.seed = seed
        self.seen = Seen()
        self._channels: dict[str, str] = {}
        self._held_since: dict[tuple[str, int], datetime] = {}
        self._handed_on: set[int] = set()

    def find_cases(self) -> None:
        """Go on with the cases of an earlier run, in the order in which they were opened."""
        with self.practice.store.read() as uow:
            known = uow.session.execute(_NEWEST, {"program": self.practice.program_id}).scalars().all()
            for course, code in zip(self.plan, known, strict=False):
                course.code = code
                dates = self._dates(uow, code)
                course.done |= {_MILESTONES[name] for name in dates if name in _MILESTONES}

    def _dates(self, uow: UnitOfWork, code: str) -> dict[str, date]:
        """The key dates of a case."""
        rows = uow.session.execute(_DATES, {"code": code, "program": self.practice.program_id})
        return {row.name: row.day for row in rows}

    def act(self, who: Employee, now: datetime) -> None:
        """One person's next few minutes; nothing while they are away."""
        with self.practice.store.read() as uow:
            if uow.session.execute(_AWAY, {"me": self.practice.staff[who.name].id, "now": now}).all():
                return
        rng = Random(f"{self.seed}:{who.name}:{now.isoformat()}")  # noqa: S311 - a repeatable story
        for course in self.plan:
            if who.name in (course.opener, "lea"):
                self._run_course(who, course, now)
        self._answer_handoffs(who, rng)
        if who.works_the_desk:
            self._work(who, now, rng)
        elif Role.SURGEON in who.roles or Role.LEAD in who.roles:
            self._sign(who, now, rng)

    def _do(self, who: Employee, line: str, task: TaskLine) -> None:
        """Type a command about a task."""
        with self.visited.doing(self.practice.staff[who.name].id, task.id):
            self._say(who, line, task.case_code)

    def _say(self, who: Employee, line: str, code: str | None = None) -> Reply:
        channel = self.practice.front_desk if code is None else self._channel(code)
        try:
            reply = self.practice.people[who.name].command(line, channel, gather=0.0)
        except RefusedError:
            return NOT_THERE  # the channel is a moment old and they are not in it yet; they look again later
        self.seen.note(reply)
        log.debug("%s: %s -> %s", who.name, line, reply.text or reply.error)
        return reply

    def _press(self, who: Employee, code: str, ts: str, button: str, value: str) -> None:
        try:
            reply = self.practice.people[who.name].click(self._channel(code), ts, button, value, gather=0.0)
        except RefusedError:
            return  # somebody was quicker, and the button is gone
        self.seen.note(reply)

    def _channel(self, code: str) -> str:
        found = self._channels.get(code)
        if found is None:
            with self.practice.store.read() as uow:
                row = uow.session.execute(_CHANNEL, {"code": code, "program": self.practice.program_id}).scalar()
            found = str(row) if row else self.practice.front_desk
            if row:
                self._channels[code] = found
        return found

    def _run_course(self, who: Employee, course: Course, now: datetime) -> None:
        """The next event of a case's course, if its day has come."""
        today = days_between(self.calendar, self.first, self.calendar.local_day(now))
        surgeon = self.practice.people[course.surgeon]
        mine = who.name == course.opener
        if course.code is None:
            if mine and today >= course.opens:
                self._open(who, course, f"/cb open <@{surgeon.id}>")
            return
        if self._channel(course.code) == self.practice.front_desk:
            return  # its channel is not there yet
        code = course.code
        if mine and "board" not in course.done:
            course.done.add("board")
            day = working_day(self.calendar, self.first, course.board)
            self._date(who, code, "board", day, " 07:30")
        elif mine and "parts" not in course.done and today >= max(course.board - 4, course.opens):
            course.done.add("parts")
            for words in course.components:
                self._say(who, f"/cb component add {words}", code)
            day = working_day(self.calendar, self.first, course.proposed)
            self._date(who, code, "surgery_proposed", day)
        elif "surgery" not in course.done and "parts" in course.done and today >= course.proposed - 6:
            day = working_day(self.calendar, self.first, course.surgery)
            waiver = "the operation cannot wait for the payer" if today >= course.surgery - 1 else None
            self._set_gated(who, course, code, "surgery", "surgery", f"/cb date surgery {day} 07:30", waiver)
        elif mine and course.moved and "moved" not in course.done and "surgery" in course.done:
            if today >= course.surgery - 3:
                course.done.add("moved")
                was = working_day(self.calendar, self.first, course.surgery)
                course.surgery += course.moved
                day = working_day(self.calendar, self.first, course.surgery)
                self._date(who, code, "surgery", day, " 07:30", was=was)
        elif mine and "note" not in course.done and "surgery" in course.done and today > course.surgery:
            course.done.add("note")
            day = working_day(self.calendar, self.first, course.surgery + 1)
            self._date(who, code, "operative_note_signed", day)
        elif "filed" not in course.done and "note" in course.done and today > course.surgery + 6:
            day = working_day(self.calendar, self.first, today)
            waiver = "the claim cannot wait any longer" if today > course.surgery + 11 else None
            self._set_gated(who, course, code, "filed", "claim_filed", f"/cb date claim filed {day}", waiver)

    def _date(self, who: Employee, code: str, name: str, day: date, at: str = "", *, was: date | None = None) -> None:
        """Set a key date that is still what the staff left it at, `was`: what whoever looks on has set stays."""
        with self.practice.store.read() as uow:
            known = self._dates(uow, code).get(name)
        if known == was:
            self._say_date(who, code, f"/cb date {name.replace('_', ' ')} {day}{at}")

    def _open(self, who: Employee, course: Course, line: str) -> None:
        course.code = ""
        reply = self._say(who, line)
        codes = set(_CODE.findall(reply.text))
        with self.practice.store.read() as uow:
            known = set(uow.session.execute(_NEWEST, {"program": self.practice.program_id}).scalars())
        course.code = next(iter(codes & known), None)

    def _set_gated(
        self, who: Employee, course: Course, code: str, mark: str, name: str, line: str, waiver: str | None
    ) -> None:
        """Set a date that open tasks may gate: the opener tries too early once, and the lead waives in the end."""
        with self.practice.store.read() as uow:
            case = case_by_code(uow.session, self.practice.program_id, code)
            card = card_of(uow.session, case.id, uow.now)
        if any(known == name for known, _, _ in card.key_dates):
            course.done.add(mark)  # whoever looks on has set it already, and it stays
            return
        shut = any(gate.key_date == name for gate in card.gates)
        mine, tried = who.name == course.opener, f"tried {mark}"
        if not shut and mine:
            course.done.add(mark)
            self._say_date(who, code, line)
        elif shut and waiver is not None and who.name == "lea":
            course.done.add(mark)
            self._say_date(who, code, line, f" waive {waiver}")
        elif shut and mine and tried not in course.done:
            course.done.add(tried)
            self._say(who, line, code)  # refused: the date is not firm yet

    def _say_date(self, who: Employee, code: str, line: str, waiver: str = "") -> None:
        """Set a date, also where tasks are late at once: a form that asks would stay open before who acts as them."""
        self._say(who, f"{line} anyway{waiver}", code)

    def _answer_handoffs(self, who: Employee, rng: Random) -> None:
        with self.practice.store.read() as uow:
            offered = uow.session.execute(_OFFERED, {"me": self.practice.staff[who.name].id}).all()
        visited = self.visited.tasks()
        for row in offered:
            roll = rng.random()
            if row.task in visited:
                continue
            with self.visited.doing(self.practice.staff[who.name].id, row.task):
                if row.id % 4 == 0:
                    self._say(who, f"/cb decline {row.no} my desk is full today", row.code)
                elif roll < 0.5 and row.ts is not None:
                    self._press(who, row.code, row.ts, "handoff_accept", f"h:{row.id}")
                else:
                    self._say(who, f"/cb accept {row.no}", row.code)

    def _tasks(self, who: Employee, *, mine: bool) -> list[TaskLine]:
        staff, visited = self.practice.staff[who.name], self.visited.tasks()
        with self.practice.store.read() as uow:
            if mine:
                found = tasks_of(uow.session, self.practice.program_id, holder_id=staff.id)
            else:
                actor = as_actor(staff, Origin.SLACK)
                found = tasks_of(uow.session, self.practice.program_id, claimable_by=actor, limit=30)
        return [task for task in found if task.id not in visited]

    def _work(self, who: Employee, now: datetime, rng: Random) -> None:
        held = self._tasks(who, mine=True)
        early = self._early(now)
        for task in held:
            self._go_on(who, task, now, early)
        if len(held) >= HANDS or rng.random() < 0.3:
            return
        free = [task for task in self._tasks(who, mine=False) if self._interesting(who, task, now) and not early(task)]
        if free:
            task = free[min(int(rng.expovariate(0.7)), len(free) - 1)]
            if rng.random() < 0.25:
                self._press_claim(who, task)
            else:
                self._do(who, f"/claim {task.name}", task)

    def _press_claim(self, who: Employee, task: TaskLine) -> None:
        """Look at the case's tasks and press Claim on one, as somebody with the phone in hand does."""
        listed = self._say(who, "/tasks", task.case_code)
        shown = [response for response in listed.responses if f'"t:{task.id}"' in json.dumps(response.get("blocks"))]
        if shown:
            with self.visited.doing(self.practice.staff[who.name].id, task.id):
                self._press(who, task.case_code, str(shown[0]["ts"]), "task_claim", f"t:{task.id}")

    def _interesting(self, who: Employee, task: TaskLine, now: datetime) -> bool:
        if task.evidence.kind is EvidenceKind.ATTESTATION and not set(task.evidence.by) & set(who.roles):
            return False
        return task.due_at is None or task.due_at < now + SOON

    def _early(self, now: datetime) -> Early:
        """What comes after something that has not happened yet: nobody claims or signs it then."""
        today = self.calendar.local_day(now)
        with self.practice.store.read() as uow:
            rows = uow.session.execute(_DAYS, {"program": self.practice.program_id})
            days = {(row.code, row.name): row.day for row in rows}
        return lambda task: task.follows is not None and is_early(days.get((task.case_code, task.follows)), today)

    def _go_on(self, who: Employee, task: TaskLine, now: datetime, early: Early) -> None:
        """Each task has its fate, the same in every run with the same seed: quick, slow, waiting, handed on."""
        fate = Random(f"{self.seed}:{task.case_code}:{task.no}")  # noqa: S311 - a repeatable story
        roll, hours = fate.random(), fate.uniform(0.5, 6)
        held_for = now - self._held_since.setdefault((who.name, task.id), now)
        if task.state == "waiting":
            if held_for > timedelta(hours=20) or (task.due_at and task.due_at < now + timedelta(hours=6)):
                self._do(who, f"/cb resume {task.no}", task)
        elif roll < 0.12 and held_for < timedelta(minutes=5):
            awaited = ("payer", "vendor", "clinic")[fate.randrange(3)]
            self._do(who, f"/cb wait {task.no} {awaited} called, line was busy", task)
        elif 0.12 <= roll < 0.18 and task.id not in self._handed_on:
            self._handed_on.add(task.id)
            other = fate.choice([one for one in EMPLOYEES if one.works_the_desk and one.name != who.name])
            to = self.practice.people[other.name].id
            self._do(who, f"/cb handoff {task.no} <@{to}> half done, please call back", task)
        elif roll > 0.93 and not (task.due_at and task.due_at < now - timedelta(hours=30)):
            return  # forgotten until well after the deadline
        elif held_for > timedelta(hours=hours) and not early(task):
            self._finish(who, task, now, fate)

    def _sign(self, who: Employee, now: datetime, rng: Random) -> None:
        """Surgeons and the lead finish what only they may, mostly in time."""
        early = self._early(now)
        for task in self._tasks(who, mine=True) + self._tasks(who, mine=False):
            pressing = task.due_at is not None and task.due_at < now + timedelta(hours=30)
            if early(task):
                continue
            if who.roles[0] in task.roles and rng.random() < (0.15 if pressing else 0.02):
                self._finish(who, task, now, rng)
                return

    def _finish(self, who: Employee, task: TaskLine, now: datetime, rng: Random) -> None:
        if task.evidence.kind is EvidenceKind.ATTESTATION and not set(task.evidence.by) & set(who.roles):
            self._do(who, f"/cb release {task.no}", task)
            return
        self._do(who, f"/done {task.no} {evidence_for(task.evidence, now, rng)}".strip(), task)


def evidence_for(spec: EvidenceSpec, now: datetime, rng: Random) -> str:
    """Something that fits what the item asks for, invented."""
    beside = f"ref {rng.choice('ABCDEFGH')}{rng.choice('KLMNPQ')}-{rng.randrange(100, 9999)}"
    if spec.kind is EvidenceKind.REFERENCE:
        return beside
    value = _value_for(spec, now, rng)
    return f"{value} {beside}" if spec.reference else value


def _value_for(spec: EvidenceSpec, now: datetime, rng: Random) -> str:
    if spec.kind is EvidenceKind.DATE:
        # What lasts, lasts for a year; everything else happened today.
        return (now.date() + timedelta(days=365 if spec.after else 0)).isoformat()
    if spec.kind is EvidenceKind.NUMBER:
        least = 1 if spec.min is None else max(1, spec.min)
        return str(rng.randint(least, least + 7 if spec.max is None else spec.max))
    if spec.kind is EvidenceKind.CHOICE:
        return rng.choice(spec.choices)
    return "yes" if spec.kind is EvidenceKind.ATTESTATION else ""
