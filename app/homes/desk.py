"""What a person's home tab has to show: read as of now, and sorted into its parts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from app.checklists import library
from app.clocks.history import MISSED
from app.digests.content import asks
from app.kernel.business import local_moment
from app.programs.absences import Absence, absences_of, covered_by
from app.programs.actor import Actor
from app.questions.queries import QuestionLine, questions_by, questions_to
from app.tasks.queries import (
    NARROWED,
    OfferLine,
    Only,
    TaskLine,
    attestations_with_others,
    claimable_values,
    offers_to,
    tasks_of,
)

READ: Final = 100
"""Tasks of a part that are worth reading: they are counted up to here."""
OFFERED_FROM: Final = 500
"""Of how many of the most urgent tasks the choices of the filters are taken."""
Line = TypeVar("Line", bound=TaskLine | OfferLine | QuestionLine)
Awaiting = TypeVar("Awaiting", bound=TaskLine | QuestionLine)
_NEVER = datetime.max.replace(tzinfo=UTC)

_DONE = text(
    "SELECT c.code, t.no, t.title, t.state, t.closed_at, CASE WHEN t.state = 'skipped' THEN t.reason END"  # noqa: S608
    " FROM tasks t JOIN cases c ON c.id = t.case_id"
    " JOIN tracks r ON r.id = t.track_id WHERE t.closed_by = :me AND t.closed_at >= :since AND t.closed_at < :until"
    f"{NARROWED} ORDER BY t.closed_at DESC, t.id DESC LIMIT :limit"
)
# What the person holds, what they could take, and what is offered to them: the most urgent of it.
_THERE = text(
    "SELECT DISTINCT c.code, r.template_id, k.id AS version_row, k.digest, there.skill FROM ("
    "(SELECT t.case_id, t.track_id, t.skill FROM tasks t WHERE t.holder_id = :me AND t.state IN ('claimed', 'waiting')"
    " LIMIT :most) UNION ALL (SELECT t.case_id, t.track_id, t.skill FROM tasks t JOIN handoffs h ON h.task_id = t.id"
    " WHERE h.to_id = :me AND h.state = 'offered' LIMIT :most) UNION ALL (SELECT t.case_id, t.track_id, t.skill"
    " FROM tasks t JOIN cases o ON o.id = t.case_id WHERE t.program_id = :program AND t.state = 'ready'"
    " AND o.state = 'open' AND (t.roles = '{}' OR t.roles && CAST(:roles AS text[]))"
    " AND (:any_skill OR t.skill IS NULL OR t.skill = ANY(CAST(:skills AS text[])))"
    " AND t.state IN ('ready', 'claimed', 'waiting') ORDER BY t.due_at NULLS LAST, t.id LIMIT :most)) AS there"
    " JOIN cases c ON c.id = there.case_id JOIN tracks r ON r.id = there.track_id"
    " JOIN checklist_versions k ON k.id = r.checklist_version_id WHERE c.state = 'open'"
)
# Of the whole practice, the latest first and counted up to a limit: the partial index of open tasks ends it early.
LATE: Final = text(
    "SELECT count(*) AS tasks, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM clocks k"  # noqa: S608 - constants only
    " JOIN clock_events e ON e.clock_id = k.id LEFT JOIN breach_reasons b ON b.breach_id = e.id"
    f" WHERE k.task_id = late.id AND e.kind = 'breach' AND b.breach_id IS NULL AND {MISSED})) AS unsaid FROM ("
    "SELECT t.id FROM tasks t JOIN cases c ON c.id = t.case_id JOIN tracks r ON r.id = t.track_id"
    " WHERE t.program_id = :program AND t.state IN ('ready', 'claimed', 'waiting') AND t.due_at <= :now"
    f" AND c.state = 'open'{NARROWED} ORDER BY t.due_at, t.id LIMIT :limit) AS late"
)
# Of these cases those of another surgeon.
_ELSEWHERE = text(
    "SELECT c.code FROM cases c JOIN staff s ON s.id = c.surgeon_id AND s.active WHERE c.program_id = :program"
    " AND c.surgeon_id <> :me AND c.code = ANY(CAST(:codes AS text[]))"
)


@dataclass(frozen=True)
class DoneLine:
    """A task that the person finished or left out; `state` is `done` or `skipped`, `reason` why it was left out."""

    case_code: str
    no: int
    title: str
    state: str
    closed_at: datetime
    reason: str | None = None

    @property
    def name(self) -> str:
        return f"{self.case_code}-{self.no}"


@dataclass(frozen=True)
class Choices:
    """What the filters offer, each value with the words for it: only what is there."""

    cases: dict[str, str] = field(default_factory=dict)
    tracks: dict[str, str] = field(default_factory=dict)
    skills: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Late:
    """How many tasks of the whole practice are late, and of how many of them nobody has said why.

    Tasks that wait for other tasks are not among them.
    """

    tasks: int
    unsaid: int


@dataclass(frozen=True)
class Desk:
    """A person's desk. No task stands in two parts; `needs`, `free` and `later` have the most urgent first.

    `needs` is late, due today, offered to the person, asked of them, or waiting for their word though it is free or
    with somebody else, as in their digest (these ids are `words`); `free` ends with what cannot be done yet; `waiting`
    is what they hold and others have to act on, and what they asked and others have to answer, the longest wait first;
    `later` the rest of what they hold. A part that was read up to `READ` may have more. `late` is for who leads, and
    counts up to `READ` as well. `absences` are the person's own, running or to come, `covers` those they cover now.
    """

    needs: Sequence[TaskLine | OfferLine | QuestionLine]
    free: Sequence[TaskLine]
    waiting: Sequence[TaskLine | QuestionLine]
    later: Sequence[TaskLine]
    done: Sequence[DoneLine]
    choices: Choices
    next_at: datetime
    late: Late | None = None
    absences: Sequence[Absence] = ()
    covers: Sequence[Absence] = ()
    words: frozenset[int] = frozenset()


def desk_of(session: Session, actor: Actor, only: Only, *, zone: str, now: datetime) -> Desk:
    """The desk of a person as of `now`; days are local to `zone`, the program's."""
    assert actor.staff_id is not None, "whoever looks at a home tab is a person"
    where, program, me = ZoneInfo(zone), actor.program_id, actor.staff_id
    offers = offers_to(session, me, only)
    held = tasks_of(session, program, holder_id=me, only=only, limit=READ)
    takes = tasks_of(session, program, claimable_by=actor, only=only, limit=READ)
    today = now.astimezone(where).date()
    words = _words_of(session, actor, [line for line in takes if not line.is_early(today)])
    theirs = [
        line
        for line in attestations_with_others(session, me, only, READ)
        if not line.is_early(today)
        and asks(line.item, actor.roles, elsewhere=False)
        and line.id not in {offer.task_id for offer in offers}
    ]
    free = sorted((line for line in takes if line not in words), key=lambda line: line.is_early(today))
    since, until = day_around(now, where)
    values = {"me": me, "since": since, "until": until, "limit": READ, **vars(only)}
    done = [DoneLine(*row) for row in session.execute(_DONE, values)]
    needs, waiting, later = sort(offers, held, until)
    questions, asked = questions_to(session, me, only), questions_by(session, me, only)
    lines: list[TaskLine | OfferLine | QuestionLine] = [*offers, *held, *takes, *theirs, *questions, *asked]
    known = [line.due_at for line in lines] + [line.snoozed_until for line in held]
    moments = [moment for moment in known if moment is not None and moment > now]
    late = None
    if actor.leads:
        late = Late(*session.execute(LATE, values | {"program": program, "now": now}).one())
    absences, covers = absences_of(session, program, me), covered_by(session, program, me)
    choices, next_at = _choices(session, actor, only), min([until, *moments])
    yours = frozenset(line.id for line in [*words, *theirs])
    others: list[TaskLine | QuestionLine] = [*waiting, *asked]
    needs_now = _by_urgency([*needs, *questions, *words, *theirs])
    return Desk(needs_now, free, _by_wait(others), later, done, choices, next_at, late, absences, covers, yours)


def _words_of(session: Session, actor: Actor, free: Sequence[TaskLine]) -> list[TaskLine]:
    """Of free tasks those that wait for the person's word."""
    signed = [line for line in free if asks(line.item, actor.roles, elsewhere=False)]
    if not signed:
        return []
    values = {"program": actor.program_id, "me": actor.staff_id, "codes": sorted({line.case_code for line in signed})}
    others = set(session.execute(_ELSEWHERE, values).scalars())
    return [line for line in signed if asks(line.item, actor.roles, elsewhere=line.case_code in others)]


def day_around(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the local day of `now` begins, and when the next one does (UTC)."""
    today = now.astimezone(zone).date()
    return local_moment(today, time(), zone), local_moment(today + timedelta(days=1), time(), zone)


def sort(
    offers: Sequence[OfferLine], held: Sequence[TaskLine], tomorrow: datetime
) -> tuple[list[TaskLine | OfferLine], list[TaskLine], list[TaskLine]]:
    """What needs the person now, what waits on others, and what is due later. `tomorrow` is when today is over."""
    pressing = [line for line in held if line.due_at is not None and line.due_at < tomorrow]
    rest = [line for line in held if line.due_at is None or line.due_at >= tomorrow]
    needs: list[TaskLine | OfferLine] = _by_urgency([*offers, *pressing])
    waiting = _by_wait([line for line in rest if _waits_since(line) is not None])
    return needs, waiting, [line for line in rest if _waits_since(line) is None]


def _by_urgency(lines: Sequence[Line]) -> list[Line]:
    """What is due first at the beginning, what is never due at the end."""
    return sorted(lines, key=lambda line: (line.due_at is None, line.due_at or _NEVER, line.case_code, line.no))


def _by_wait(lines: Sequence[Awaiting]) -> list[Awaiting]:
    return sorted(lines, key=lambda line: (_waits_since(line) or _NEVER, line.case_code, line.no))


def _waits_since(line: TaskLine | QuestionLine) -> datetime | None:
    """Since when somebody else has to act: who is awaited, is asked, or whoever it is offered to."""
    if isinstance(line, QuestionLine):
        return line.asked_at
    return line.waiting_since if line.state == "waiting" else line.offered_at


def _choices(session: Session, actor: Actor, only: Only) -> Choices:
    values = claimable_values(actor) | {"program": actor.program_id, "me": actor.staff_id, "most": OFFERED_FROM}
    rows = session.execute(_THERE, values).all()
    cases = {row.code: f"Case {row.code}" for row in rows}
    tracks = {
        row.template_id: library.template(session, row.version_row, row.digest).title
        for row in sorted(rows, key=lambda row: int(row.version_row))
    }
    skills = {row.skill: row.skill for row in rows if row.skill is not None}
    # What is chosen stays to be seen even when nothing is left of it.
    for chosen, there, words in (
        (only.code, cases, f"Case {only.code}"), (only.track, tracks, only.track), (only.skill, skills, only.skill),
    ):  # fmt: skip
        if chosen is not None and words is not None:
            there.setdefault(chosen, words)
    return Choices(*(dict(sorted(each.items(), key=lambda pair: pair[1])) for each in (cases, tracks, skills)))
