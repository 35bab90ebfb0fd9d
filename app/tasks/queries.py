# ruff: noqa: S608 - the statements are put together from constants alone
"""Finding tasks, and listing them for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlmodel import Session

from app.checklists import library
from app.checklists.model import EvidenceSpec, Item, Template
from app.checklists.vocabulary import Role
from app.clocks.history import NEAREST
from app.clocks.rules import which
from app.kernel.codes import BadCaseCode, BadTaskRef, parse_task_ref
from app.programs.actor import Actor
from app.reports.given import reasons_of
from app.reports.reasons import Reason
from app.tasks.naming import titles_apart
from app.tasks.refusals import AmbiguousTask, UnknownTask
from app.tasks.timing import event_words, follows, is_early

# The tasks are chosen first, and what is shown with them is joined to these few: to find the best order of all eight
# tables took the database longer than the rest.
_CHOSEN = (
    "SELECT t.id, t.case_id, t.no, t.item_id, t.title, t.state, t.track_id, t.holder_id, h.name AS holder_name,"
    " h.slack_user_id AS holder_slack, t.due_at, t.waiting_on, t.waiting_since, t.roles, t.code, t.snoozed_until,"
    " t.snoozed_why, t.remind_lead, t.breached_at, t.waiting_note, k.id AS version_row,"
    " k.digest, o.no AS component_no, o.kind AS component_kind, o.part AS component_part,"
    f" f.offered_at, g.name AS offered_to, {NEAREST} AS nearest"
    " FROM (SELECT t.*, c.code, r.checklist_version_id, r.component_id FROM tasks t JOIN cases c ON c.id = t.case_id"
    " JOIN tracks r ON r.id = t.track_id WHERE {which} ORDER BY {order} LIMIT :limit) AS t"
    " JOIN checklist_versions k ON k.id = t.checklist_version_id"
    " LEFT JOIN components o ON o.id = t.component_id LEFT JOIN staff h ON h.id = t.holder_id"
    " LEFT JOIN handoffs f ON f.task_id = t.id AND f.state = 'offered' LEFT JOIN staff g ON g.id = f.to_id"
    " ORDER BY {order}"
)
_URGENT: Final = "t.due_at NULLS LAST, t.id"
NARROWED = (
    " AND (CAST(:code AS text) IS NULL OR c.code = :code)"
    " AND (CAST(:track AS text) IS NULL OR r.template_id = :track)"
    " AND (CAST(:skill AS text) IS NULL OR t.skill = :skill)"
)
_LIST = text(
    _CHOSEN.format(
        which="t.program_id = :program AND t.state IN ('ready', 'claimed', 'waiting') AND c.state = 'open'"
        " AND (CAST(:case AS bigint) IS NULL OR t.case_id = :case)"
        " AND (CAST(:holder AS bigint) IS NULL OR t.holder_id = :holder)"
        " AND (NOT :claimable OR (t.state = 'ready' AND (t.roles = '{}' OR t.roles && CAST(:roles AS text[]))"
        f" AND (:any_skill OR t.skill IS NULL OR t.skill = ANY(CAST(:skills AS text[]))))){NARROWED}",
        order=_URGENT,
    )
)
_LIST_BLOCKED = text(
    _CHOSEN.format(
        which="t.program_id = :program AND t.state = 'blocked' AND c.state = 'open'"
        " AND (CAST(:case AS bigint) IS NULL OR t.case_id = :case)",
        order=_URGENT,
    )
)
_LIST_CLOSED = text(
    _CHOSEN.format(
        which="t.program_id = :program AND t.state IN ('done', 'skipped') AND r.state <> 'withdrawn'"
        " AND t.case_id = :case AND (CAST(:by AS bigint) IS NULL OR t.closed_by = :by) AND t.closed_by IS NOT NULL",
        order="t.closed_at DESC, t.id DESC",
    )
)
_ATTESTED = text(
    _CHOSEN.format(
        which="t.case_id IN (SELECT id FROM cases WHERE surgeon_id = :me AND state = 'open') AND c.state = 'open'"
        " AND t.state IN ('claimed', 'waiting') AND t.holder_id <> :me AND t.evidence_kind = 'attestation'"
        f" AND r.state <> 'withdrawn'{NARROWED}",
        order=_URGENT,
    )
)
_THESE = text(
    _CHOSEN.format(
        which="t.program_id = :program AND t.id = ANY(CAST(:tasks AS bigint[])) AND c.state = 'open'"
        " AND t.state NOT IN ('done', 'skipped')",
        order=_URGENT,
    )
)
_DAYS = text("SELECT case_id, name, day FROM key_dates WHERE case_id = ANY(CAST(:cases AS bigint[]))")
_COUNT_BLOCKED = text(
    "SELECT count(*) FROM tasks t JOIN cases c ON c.id = t.case_id JOIN tracks r ON r.id = t.track_id"
    " WHERE t.program_id = :program AND (CAST(:case AS bigint) IS NULL OR t.case_id = :case) AND t.state = 'blocked'"
    " AND c.state = 'open' AND r.state <> 'withdrawn'"
    " AND (CAST(:late_at AS timestamptz) IS NULL OR t.due_at <= :late_at)"
)
_UNFINISHED = text(
    "SELECT track_id, item_id, no FROM tasks"
    " WHERE track_id = ANY(CAST(:tracks AS bigint[])) AND state NOT IN ('done', 'skipped') ORDER BY no"
)
_BY_NUMBER = text(
    "SELECT id FROM tasks WHERE program_id = :program AND no = :no AND case_id = coalesce(CAST(:case AS bigint),"
    " (SELECT id FROM cases WHERE program_id = :program AND code = :code))"
)
_BY_WORDS = text(
    "SELECT t.id, t.no, t.title, c.code, o.no AS component_no, o.kind, o.part FROM tasks t"
    " JOIN cases c ON c.id = t.case_id JOIN tracks r ON r.id = t.track_id"
    " LEFT JOIN components o ON o.id = r.component_id WHERE t.program_id = :program"
    " AND (CAST(:case AS bigint) IS NULL OR t.case_id = :case)"
    " AND t.state NOT IN ('done', 'skipped') AND c.state = 'open'"
    " AND (lower(t.item_id) = lower(:words) OR t.title ILIKE ALL(CAST(:parts AS text[])))"
    " ORDER BY t.due_at NULLS LAST, t.id LIMIT 6"
)
_PLACE = text("SELECT id, case_id, card_ts FROM channels WHERE program_id = :program AND slack_id = :channel")
_OF_POST = text(
    "SELECT payload FROM notices WHERE channel_id = :channel AND ts = :ts AND kind <> 'card' ORDER BY seq DESC LIMIT 20"
)
_OFFERS = text(
    "SELECT h.id, h.task_id, c.code, t.no, t.title, t.due_at, g.name AS giver, h.note, h.urgency FROM handoffs h"
    " JOIN tasks t ON t.id = h.task_id JOIN cases c ON c.id = t.case_id JOIN staff g ON g.id = h.from_id"
    " JOIN tracks r ON r.id = t.track_id"
    f" WHERE h.to_id = :me AND h.state = 'offered'{NARROWED} ORDER BY h.id"
)


@dataclass(frozen=True)
class Only:
    """What a list is narrowed to: a case by its code, the tracks of a template, what asks for a skill; None is all."""

    code: str | None = None
    track: str | None = None
    skill: str | None = None

    def __bool__(self) -> bool:
        return (self.code, self.track, self.skill) != (None, None, None)


@dataclass(frozen=True)
class TaskLine:
    """A task as a list shows it. `component` reads like `C1 endoprosthesis stem`.

    `waits_for` are the names of the open tasks that a blocked one needs, `why_late` is the reason that was given for
    its last missed deadline, `follows` the key date before whose day it cannot be done and `follows_day` that day,
    None while it is not set. `offered_to` is the name of whoever has not answered the holder's offer yet. `remind_lead`
    is when it reminds, as its holder has said (`app.tasks.reminding`). `which` of its two deadlines `due_at` is, is in
    words.
    """

    id: int
    case_code: str
    no: int
    item_id: str
    title: str
    state: str
    holder_id: int | None
    holder_name: str | None
    holder_slack: str | None
    due_at: datetime | None
    waiting_on: str | None
    track_title: str
    component: str | None
    template: Template
    item: Item
    roles: frozenset[Role]
    waits_for: tuple[str, ...] = ()
    why_late: Reason | None = None
    follows: str | None = None
    follows_day: date | None = None
    waiting_since: datetime | None = None
    waiting_note: str | None = None
    offered_to: str | None = None
    offered_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_why: str | None = None
    remind_lead: str | None = None
    which: str = ""

    @property
    def name(self) -> str:
        return f"{self.case_code}-{self.no}"

    @property
    def evidence(self) -> EvidenceSpec:
        return self.item.evidence

    def is_early(self, today: date) -> bool:
        """Whether nobody can finish it on `today`, local to the practice: what it comes after is to come."""
        return self.follows is not None and is_early(self.follows_day, today)

    def comes_after(self, today: date) -> str | None:
        """What it comes after, while that is to come, in words: `the board (Thu 3 Dec 2026)`."""
        if self.follows is None or not self.is_early(today):
            return None
        return event_words(self.follows, self.follows_day)


@dataclass(frozen=True)
class OfferLine:
    """A handoff that waits for its answer, as a list shows it; `giver` is a name."""

    id: int
    task_id: int
    case_code: str
    no: int
    title: str
    due_at: datetime | None
    giver: str
    note: str
    urgency: str | None = None

    @property
    def name(self) -> str:
        return f"{self.case_code}-{self.no}"


@dataclass(frozen=True)
class Posted:
    """What a post tells of: tasks by id, in its order; `card_of` is the case whose card it is."""

    tasks: tuple[int, ...]
    card_of: int | None = None


def find_task(session: Session, program_id: int, named: str, case_id: int | None = None) -> int:
    """The id of the task that somebody named: `K7Q4-12`, `12` in its case's channel, or words of its title.

    Raises `UnknownTask` or `AmbiguousTask`, which say what would be right.
    """
    try:
        ref = parse_task_ref(named)
    except (BadTaskRef, BadCaseCode) as error:
        raise UnknownTask(f"{str(error)[:1].upper()}{str(error)[1:]}. Nothing changed.") from None
    if ref.number is not None:
        return _by_number(session, program_id, ref.number, None if ref.case is None else str(ref.case), case_id)
    parts = [f"%{_literal(word)}%" for word in ref.words.split()]
    values = {"program": program_id, "case": case_id, "words": ref.words, "parts": parts}
    rows = session.execute(_BY_WORDS, values).all()
    if len(rows) == 1:
        return int(rows[0].id)
    if rows:
        behind = [component_words(row.component_no, row.kind, row.part) for row in rows]
        titles = titles_apart([(row.code, row.title, part) for row, part in zip(rows, behind, strict=True)])
        shown = "; ".join(f"{row.code}-{row.no} {title}" for row, title in list(zip(rows, titles, strict=True))[:5])
        more = " and more" if len(rows) > 5 else ""
        raise AmbiguousTask(f"Several tasks fit: {shown}{more}. Nothing changed. Use the number.")
    raise UnknownTask("No open task fits those words. Nothing changed. See /tasks for the numbers.")


def _by_number(session: Session, program_id: int, number: int, code: str | None, case_id: int | None) -> int:
    if code is None and case_id is None:
        raise UnknownTask(
            f"Which case is {number} of? Nothing changed. Write it whole, such as K7Q4-{number}, or use the "
            "case's channel."
        )
    values = {"program": program_id, "no": number, "code": code, "case": None if code else case_id}
    found: int | None = session.execute(_BY_NUMBER, values).scalar_one_or_none()
    if found is None:
        raise UnknownTask(f"There is no task {f'{code}-' if code else ''}{number}. Nothing changed. See /tasks.")
    return found


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def tasks_of(
    session: Session,
    program_id: int,
    *,
    case_id: int | None = None,
    holder_id: int | None = None,
    claimable_by: Actor | None = None,
    only: Only | None = None,
    limit: int = 50,
) -> list[TaskLine]:
    """Open, unblocked tasks, the most urgent first; with `claimable_by` only what that person could claim.

    `only` narrows it further.
    """
    values = claimable_values(claimable_by) | {
        "program": program_id,
        "case": case_id,
        "holder": holder_id,
        "limit": limit,
        **vars(only or Only()),
    }
    return _lines(session, session.execute(_LIST, values).all())


def attestations_with_others(session: Session, surgeon_id: int, only: Only, limit: int) -> list[TaskLine]:
    """What others hold of a surgeon's own cases and an attestation closes, the most urgent first."""
    return _lines(session, session.execute(_ATTESTED, {"me": surgeon_id, "limit": limit, **vars(only)}).all())


def claimable_values(actor: Actor | None) -> dict[str, Any]:
    """What a statement needs to find what somebody could claim: as `may_work` has it."""
    roles = set() if actor is None else actor.roles
    leads = Role.LEAD in roles
    return {
        "claimable": actor is not None,
        "roles": sorted({role.value for role in roles} | ({Role.VA.value} if leads else set())),
        "any_skill": leads,
        "skills": [] if actor is None else sorted(actor.skills),
    }


def offers_to(session: Session, staff_id: int, only: Only | None = None) -> list[OfferLine]:
    """The handoffs that a person has to answer, the oldest first."""
    return [OfferLine(*row) for row in session.execute(_OFFERS, {"me": staff_id, **vars(only or Only())})]


def tasks_of_post(session: Session, program_id: int, channel: str, ts: str) -> Posted | None:
    """What a post of the app is about; None when the post is none of the program's.

    `channel` and `ts` are Slack's names of the channel and of the message; nothing that is written in it is read.
    """
    place = session.execute(_PLACE, {"program": program_id, "channel": channel}).one_or_none()
    if place is None:
        return None
    if place.card_ts == ts:
        return Posted((), place.case_id)
    found = session.execute(_OF_POST, {"channel": place.id, "ts": ts}).scalars().all()
    if any("track" in payload for payload in found):  # its details, below the card
        return Posted((), place.case_id)
    return Posted(next((ids for payload in found if (ids := _told(payload))), ())) if found else None


def _told(payload: Mapping[str, Any]) -> tuple[int, ...]:
    """The task ids in a notice's payload: of its tasks, or of what a digest lists to decide."""
    decide = payload.get("decide")
    lines = payload.get("tasks") or (decide.get("lines") if isinstance(decide, dict) else None) or []
    ids = [line.get("id") or line.get("task") for line in lines if isinstance(line, dict)]
    return tuple(number for number in dict.fromkeys(ids) if isinstance(number, int))


def blocked_tasks_of(session: Session, program_id: int, *, case_id: int | None = None, limit: int) -> list[TaskLine]:
    """Tasks that wait for other tasks, the most urgent first."""
    values = {"program": program_id, "case": case_id, "limit": limit}
    return _lines(session, session.execute(_LIST_BLOCKED, values).all())


def tasks_by_id(session: Session, program_id: int, task_ids: Sequence[int]) -> list[TaskLine]:
    """Those of the tasks that are open, blocked ones too, the most urgent first."""
    values = {"program": program_id, "tasks": list(task_ids), "limit": len(task_ids)}
    return _lines(session, session.execute(_THESE, values).all())


def closed_tasks_of(
    session: Session, program_id: int, *, case_id: int, closed_by: int | None, limit: int
) -> list[TaskLine]:
    """Tasks of a case that somebody closed, the last one first; with `closed_by` only that person's."""
    values = {"program": program_id, "case": case_id, "by": closed_by, "limit": limit}
    return _lines(session, session.execute(_LIST_CLOSED, values).all())


def count_blocked(
    session: Session, program_id: int, *, case_id: int | None = None, late_at: datetime | None = None
) -> int:
    """How many tasks, of a case or of all, wait for other tasks; with `late_at` only those that are late then."""
    values = {"program": program_id, "case": case_id, "late_at": late_at}
    found: int = session.execute(_COUNT_BLOCKED, values).scalar_one()
    return found


def _lines(session: Session, rows: Sequence[Row[Any]]) -> list[TaskLine]:
    tracks = {row.track_id for row in rows if row.state == "blocked"}
    unfinished = session.execute(_UNFINISHED, {"tracks": sorted(tracks)}).all() if tracks else []
    templates = [library.template(session, row.version_row, row.digest) for row in rows]
    events = [follows(template.item(row.item_id)) for row, template in zip(rows, templates, strict=True)]
    after = {row.case_id for row, event in zip(rows, events, strict=True) if event is not None}
    dates = session.execute(_DAYS, {"cases": sorted(after)}).all() if after else []
    days = {(row.case_id, row.name): row.day for row in dates}
    why = reasons_of(session, [row.id for row in rows if row.breached_at is not None])
    lines = []
    for row, template, event in zip(rows, templates, events, strict=True):
        needs = template.item(row.item_id).needs if row.state == "blocked" else ()
        lines.append(
            TaskLine(
                id=row.id,
                case_code=row.code,
                no=row.no,
                item_id=row.item_id,
                title=row.title,
                state=row.state,
                holder_id=row.holder_id,
                holder_name=row.holder_name,
                holder_slack=row.holder_slack,
                due_at=row.due_at,
                waiting_on=row.waiting_on,
                track_title=template.title,
                component=component_words(row.component_no, row.component_kind, row.component_part),
                template=template,
                item=template.item(row.item_id),
                roles=frozenset(Role(role) for role in row.roles),
                why_late=why.get(row.id),
                follows=event,
                follows_day=days.get((row.case_id, event)),
                waiting_since=row.waiting_since,
                waiting_note=row.waiting_note,
                offered_to=row.offered_to,
                offered_at=row.offered_at,
                snoozed_until=row.snoozed_until,
                snoozed_why=row.snoozed_why,
                remind_lead=row.remind_lead,
                which=which(template.item(row.item_id), row.nearest),
                waits_for=tuple(
                    f"{row.code}-{other.no}"
                    for other in unfinished
                    if other.track_id == row.track_id and other.item_id in needs
                ),
            )
        )
    return lines


def component_words(no: int | None, kind: str | None, part: str | None) -> str | None:
    """`C1 endoprosthesis stem`, or None where there is no component."""
    return None if no is None else " ".join(filter(None, (f"C{no}", kind, part)))
