# ruff: noqa: S608 - the statements are put together from constants alone
"""What the card of a case says: where it stands, all read in one go."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from app.cases.stage import Stage, stage_of
from app.checklists import library
from app.checklists.model import Item
from app.checklists.vocabulary import NOT_APPLICABLE
from app.clocks.history import NEAREST
from app.clocks.rules import which
from app.kernel.clock import reached
from app.kernel.keydates import KEY_DATES
from app.notices.places import absence_words
from app.tasks.queries import component_words

_CASE = text(
    "SELECT c.code, c.state, c.opened_at, p.zone, h.absent, l.slack_user_id AS lead, s.slack_user_id AS surgeon,"
    " (CAST(:now AS timestamptz) AT TIME ZONE p.zone)::date AS today"
    " FROM cases c JOIN programs p ON p.id = c.program_id LEFT JOIN channels h ON h.case_id = c.id"
    " LEFT JOIN staff l ON l.id = c.lead_id LEFT JOIN staff s ON s.id = c.surgeon_id WHERE c.id = :case"
)
_DATES = text("SELECT name, day, at FROM key_dates WHERE case_id = :case")
_OFFERS = text(
    "SELECT h.id, t.no, t.title, g.slack_user_id AS giver, r.slack_user_id AS taker FROM handoffs h"
    " JOIN tasks t ON t.id = h.task_id JOIN staff g ON g.id = h.from_id JOIN staff r ON r.id = h.to_id"
    " WHERE t.case_id = :case AND h.state = 'offered' ORDER BY t.no"
)
_QUESTIONS = text(
    "SELECT t.no, q.words, q.due_at, a.slack_user_id AS asker, w.slack_user_id AS whom FROM questions q"
    " JOIN staff a ON a.id = q.asker_id JOIN staff w ON w.id = q.to_id LEFT JOIN tasks t ON t.id = q.task_id"
    " WHERE q.case_id = :case AND q.state = 'open' ORDER BY q.due_at, q.id"
)
_COMPONENTS = text("SELECT count(*) FROM components WHERE case_id = :case AND withdrawn_at IS NULL")
_TASKS = text(
    "SELECT t.id, t.no, t.item_id, t.title, t.state, t.due_at, t.waiting_on, t.waiting_since, t.track_id,"
    f" t.waiting_note, t.reason, t.closed_by, t.closed_at, {NEAREST} AS nearest,"
    " h.slack_user_id AS holder, z.slack_user_id AS closer, r.template_id, r.state AS track_state,"
    " k.id AS version_row, k.digest, o.no AS component_no, o.kind AS component_kind, o.part AS component_part"
    " FROM tasks t JOIN tracks r ON r.id = t.track_id JOIN checklist_versions k ON k.id = r.checklist_version_id"
    " LEFT JOIN components o ON o.id = r.component_id LEFT JOIN staff h ON h.id = t.holder_id"
    " LEFT JOIN staff z ON z.id = t.closed_by WHERE t.case_id = :case ORDER BY r.id, t.no"
)
OPEN = ("blocked", "ready", "claimed", "waiting")


@dataclass(frozen=True)
class TrackLine:
    """A track's progress. Tasks that do not apply are not counted; skipped ones are, and apart from done ones."""

    id: int
    title: str
    component: str | None
    done: int
    skipped: int
    total: int
    late: int


@dataclass(frozen=True)
class NextTask:
    """An open task with a deadline to come or missed; `waiting_on` says who is awaited.

    `which` of its two deadlines it is, is in words (`app.clocks.rules.which`). `waits_for` are the numbers of the open
    tasks that a blocked one needs.
    """

    id: int
    no: int
    title: str
    state: str
    due_at: datetime | None
    holder: str | None
    waiting_on: str | None
    waiting_since: datetime | None
    which: str = ""
    waits_for: tuple[int, ...] = ()


@dataclass(frozen=True)
class OpenOffer:
    """A handoff that nobody has answered; `id` is the handoff's. People by Slack user id."""

    id: int
    no: int
    title: str
    giver: str
    taker: str


@dataclass(frozen=True)
class OpenQuestion:
    """A question that nobody has answered; `no` is the number of its task, if it is about one. People as above."""

    no: int | None
    words: str
    due_at: datetime
    asker: str
    whom: str


@dataclass(frozen=True)
class AtWork:
    """Somebody who holds open tasks of the case, and how many."""

    who: str
    tasks: int


@dataclass(frozen=True)
class ShutGate:
    """A key date that cannot be firm yet, and the tasks that keep it."""

    key_date: str
    tasks: tuple[int, ...]


@dataclass(frozen=True)
class CardData:
    """A case at a glance. Moments in UTC; `zone` is the program's; people by Slack user id.

    `tasks` is every task of its live tracks; of the `total` that apply, `done` are done and `skipped` were left out.
    """

    code: str
    state: str
    zone: str
    opened_at: datetime
    lead: str | None
    surgeon: str | None
    stage: Stage
    key_dates: tuple[tuple[str, date, datetime | None], ...]
    tracks: tuple[TrackLine, ...]
    next_tasks: tuple[NextTask, ...]
    late_tasks: tuple[NextTask, ...]
    waiting: tuple[NextTask, ...]
    offers: tuple[OpenOffer, ...]
    questions: tuple[OpenQuestion, ...]
    at_work: tuple[AtWork, ...]
    gates: tuple[ShutGate, ...]
    absent: tuple[str, ...]
    components: int
    tasks: int
    total: int
    done: int
    skipped: int
    late: int

    @property
    def people(self) -> set[str]:
        """Everybody whom the card names."""
        tasks = (*self.next_tasks, *self.late_tasks, *self.waiting)
        named = {self.lead, self.surgeon, *(task.holder for task in tasks), *(each.who for each in self.at_work)}
        named |= {who for offer in self.offers for who in (offer.giver, offer.taker)}
        named |= {who for question in self.questions for who in (question.asker, question.whom)}
        return {who for who in named if who}


def card_of(session: Session, case_id: int, now: datetime) -> CardData:
    """Read a case's card as of `now`."""
    case = session.execute(_CASE, {"case": case_id, "now": now}).one()
    rows = task_rows(session, case_id)
    dates = {row.name: row for row in session.execute(_DATES, {"case": case_id})}
    live = [row for row in rows if row.track_state != "withdrawn"]
    pending = sorted(
        (row for row in live if row.state in OPEN and row.due_at is not None), key=lambda row: (row.due_at, row.no)
    )
    late = [row for row in pending if reached(row.due_at, now)]
    coming = [row for row in pending if not reached(row.due_at, now) and row.state != "waiting"]
    key_dates = tuple((name, dates[name].day, dates[name].at) for name in KEY_DATES if name in dates)
    return CardData(
        code=case.code,
        state=case.state,
        zone=case.zone,
        opened_at=case.opened_at,
        lead=case.lead,
        surgeon=case.surgeon,
        stage=stage_of(key_dates, case.today, now),
        key_dates=key_dates,
        tracks=tuple(_tracks(session, live, now)),
        next_tasks=tuple(_task(session, row, live) for row in coming[:3]),
        late_tasks=tuple(_task(session, row, live) for row in late),
        waiting=tuple(_task(session, row, live) for row in live if row.state == "waiting"),
        offers=tuple(OpenOffer(*row) for row in session.execute(_OFFERS, {"case": case_id})),
        questions=tuple(OpenQuestion(*row) for row in session.execute(_QUESTIONS, {"case": case_id})),
        at_work=tuple(_at_work(live)),
        gates=tuple(_gates(session, live)),
        absent=tuple(map(absence_words, case.absent or ())),
        components=session.execute(_COMPONENTS, {"case": case_id}).scalar_one(),
        tasks=len(live),
        total=sum(applies(row) for row in live),
        done=sum(row.state == "done" for row in live),
        skipped=sum(row.state == "skipped" and applies(row) for row in live),
        late=len(late),
    )


def task_rows(session: Session, case_id: int) -> Sequence[Row[Any]]:
    """Every task of a case with its track and its holder, track by track, by number."""
    return session.execute(_TASKS, {"case": case_id}).all()


def _tracks(session: Session, rows: list[Row[Any]], now: datetime) -> list[TrackLine]:
    by_track: dict[int, list[Row[Any]]] = {}
    for row in rows:
        by_track.setdefault(row.track_id, []).append(row)
    lines = []
    for tasks in by_track.values():
        first = tasks[0]
        lines.append(
            TrackLine(
                id=first.track_id,
                title=library.template(session, first.version_row, first.digest).title,
                component=component_words(first.component_no, first.component_kind, first.component_part),
                done=sum(row.state == "done" for row in tasks),
                skipped=sum(row.state == "skipped" and applies(row) for row in tasks),
                total=sum(applies(row) for row in tasks),
                late=sum(row.state in OPEN and reached(row.due_at, now) for row in tasks),
            )
        )
    return lines


def _at_work(rows: list[Row[Any]]) -> list[AtWork]:
    """Whoever holds most comes first."""
    held = Counter(row.holder for row in rows if row.state in ("claimed", "waiting") and row.holder)
    return [AtWork(who, count) for who, count in sorted(held.items(), key=lambda each: (-each[1], each[0]))]


def applies(row: Row[Any]) -> bool:
    """Whether a task is one of the case's at all: not one that the rules left out for what is known of the case."""
    return not (row.state == "skipped" and row.reason == NOT_APPLICABLE and row.closed_by is None)


def _gates(session: Session, rows: list[Row[Any]]) -> list[ShutGate]:
    """Key dates that open tasks gate, set or not: a set one became unfirm when a component was added later."""
    shut: dict[str, list[int]] = {}
    for row in rows:
        if row.state in OPEN:
            item = library.template(session, row.version_row, row.digest).item(row.item_id)
            for name in item.gates:
                shut.setdefault(name, []).append(row.no)
    return [ShutGate(name, tuple(numbers)) for name, numbers in sorted(shut.items())]


def _task(session: Session, row: Row[Any], rows: Sequence[Row[Any]]) -> NextTask:
    item = library.template(session, row.version_row, row.digest).item(row.item_id)
    return NextTask(
        row.id, row.no, row.title, row.state, row.due_at, row.holder, row.waiting_on, row.waiting_since,
        which(item, row.nearest), waits_for(item, row, rows),
    )  # fmt: skip


def waits_for(item: Item, task: Row[Any], rows: Sequence[Row[Any]]) -> tuple[int, ...]:
    """The numbers of the open tasks of its checklist that a blocked task needs; of others nothing."""
    needs = item.needs if task.state == "blocked" else ()
    return tuple(row.no for row in rows if row.state in OPEN and row.track_id == task.track_id and row.item_id in needs)
