"""Key dates: set, moved and cleared, with everything that hangs on them re-planned in the same change."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert

from app.audit import service as audit
from app.cases.identity import case_text
from app.cases.locked import OPEN_TASKS, open_case_of
from app.cases.models import Case, KeyDate
from app.cases.refusals import BadDate, DateNotFirm
from app.checklists import library
from app.checklists.replanning import what_moved
from app.checklists.service import Settled, settle
from app.checklists.vocabulary import Role, whoever
from app.kernel.business import closed_words
from app.kernel.clock import day_words, moment_words
from app.kernel.due import Moment
from app.kernel.keydates import HAPPENED, KEY_DATES
from app.notices.service import tell_case
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.programs.queries import calendar_of
from app.store.types import table
from app.store.uow import UnitOfWork

_DATES = table(KeyDate)
PLAUSIBLE = timedelta(days=5 * 366)
PLANS = frozenset({"board", "surgery_proposed", "surgery"})
"""Key dates on which whole checklists hang."""
BEFORE_OPENING = timedelta(days=300)
PLANNERS = (Role.VA, Role.LEAD, Role.NAVIGATOR, Role.SURGEON, Role.CLINICIAN, Role.MANAGER, Role.ADMIN)
"""Who opens cases and keeps their plan: dates and components."""
BILLING = frozenset({"claim_filed", "denial_received"})
"""Key dates that coders and billers set too."""
_LATE = text("SELECT id FROM tasks WHERE case_id = :case AND state NOT IN ('done', 'skipped') AND due_at <= :now")


@dataclass(frozen=True)
class Replanned:
    """What setting a key date changed: deadlines that moved, tracks that started, and a sentence.

    `late` are the open tasks that are late by it and were not before: whoever has not asked first gives the
    transaction up. `remark` is what comes last: whether the day may be a slip, and how it is taken back.
    """

    moved: int
    started: tuple[str, ...]
    said: str
    remark: str = ""
    late: int = 0


def set_date(
    uow: UnitOfWork, actor: Actor, case_id: int, name: str, moment: Moment, *, waiver: str | None = None
) -> Replanned:
    """Set or move a key date. Every deadline that hangs on it is re-planned here and now, and told in one post.

    Raises `DateNotFirm` while open tasks gate the date, unless a role that may waive gives a reason. The date that it
    is already, with a waiver, confirms one that is not firm any more.
    """
    case, program = open_case_of(uow, actor, case_id)
    known_date(name)
    _may_set(actor, name)
    plausible(uow, program, name, moment)
    old = date_of(uow, case_id, name)
    _not_long_over(case, name, moment, old)
    same = f"The {KEY_DATES[name]} date of {case.code} is that already"
    if old == moment and not waiver:
        return Replanned(0, (), f"{same}.")
    reason = _pass_gates(uow, actor, case, name, waiver)
    unneeded = " Nothing stood in its way, so nothing was waived." if waiver and reason is None else ""
    if old == moment:
        if reason is None:
            return Replanned(0, (), f"{same}, and firm.")
        audit.record(uow, actor, "date.confirm", "key_date", name, case_id=case_id, reason=reason)
        return Replanned(0, (), f"{same}, and stands by your word.")
    before = late_tasks(uow, case_id)
    put_date(uow, case, name, moment)
    audit.record(uow, actor, "date.set", "key_date", name, case_id=case_id, fields=("day", "at"), reason=reason)
    done = _replanned(uow, actor, case, program, name, old, moment, reason)
    return replace(done, said=done.said + unneeded, late=len(late_tasks(uow, case_id) - before))


def clear_date(uow: UnitOfWork, actor: Actor, case_id: int, name: str) -> Replanned:
    """Take a key date away; what hangs on it has no deadline until it is set again."""
    case, program = open_case_of(uow, actor, case_id)
    known_date(name)
    _may_set(actor, name)
    old = date_of(uow, case_id, name)
    if old is None:
        return Replanned(0, (), f"{case.code} has no {KEY_DATES[name]} date.")
    uow.session.execute(delete(_DATES).where(_DATES.c.case_id == case_id, _DATES.c.name == name))
    audit.record(uow, actor, "date.clear", "key_date", name, case_id=case_id, fields=("day", "at"))
    done = _replanned(uow, actor, case, program, name, old, None)
    return replace(done, said=done.said + _stays(uow, case_id, name))


def _stays(uow: UnitOfWork, case_id: int, name: str) -> str:
    """What the date began and does not take with it, as a sentence: somebody may be at work on it."""
    left = Counter[str]()
    for row in uow.session.execute(OPEN_TASKS, {"case": case_id}):
        template = library.template(uow.session, row.checklist_version_id, row.digest)
        if all(start.key_date == name for start in template.starts):
            left[template.title] += 1
    if not left:
        return ""
    listed = ", ".join(f"{title} ({many} open task{'' if many == 1 else 's'})" for title, many in sorted(left.items()))
    return f" What it began stays: {listed}. Skip what is not needed."


def put_date(uow: UnitOfWork, case: Case, name: str, moment: Moment) -> None:
    """Write a key date, and nothing that follows from it. Raises `BadDate`."""
    known_date(name)
    values = {"day": moment.day, "at": moment.at, "set_at": uow.now}
    statement = insert(_DATES).values(case_id=case.id, program_id=case.program_id, name=name, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["case_id", "name"], set_=values))


def known_date(name: str) -> None:
    """Raise `BadDate` for a name that is no key date."""
    if name not in KEY_DATES:
        raise BadDate(f"{name!r} is not a key date. Nothing changed. Known: {', '.join(KEY_DATES.values())}.")


def plausible(uow: UnitOfWork, program: Program, name: str, moment: Moment) -> None:
    """Raise `BadDate` where the year is plainly a slip of the finger, or what only happens is said to be to come."""
    if years_away(moment.day, uow.now):
        raise BadDate(f"{day_words(moment.day)} is years away. Nothing changed. Check the year of the date.")
    to_come = said_to_come(name, moment.day, uow.now, ZoneInfo(program.zone))
    if to_come:
        raise BadDate(f"{day_words(moment.day)} {to_come}. Nothing changed. Check the date.")


def years_away(day: date, now: datetime) -> bool:
    """Whether the year is plainly a slip of the finger."""
    return abs(day - now.date()) > PLAUSIBLE


def said_to_come(name: str, day: date, now: datetime, zone: ZoneInfo) -> str | None:
    """What is wrong with a day to come of a key date that only happens, as in "2027-01-05 is to come, ..."; or None."""
    if name not in HAPPENED or day <= now.astimezone(zone).date():
        return None
    return f"is to come, and the {KEY_DATES[name]} date is entered once it has happened"


def _not_long_over(case: Case, name: str, moment: Moment, old: Moment | None) -> None:
    """Raise `BadDate` for a plan of long before the case: with a wrong year, everything would be late at once.

    A date that lies so far back already, as an import may bring it, can be corrected.
    """
    first = (case.opened_at - BEFORE_OPENING).date()
    if name in PLANS and moment.day < first and (old is None or old.day >= first):
        raise BadDate(
            f"{day_words(moment.day)} is more than {BEFORE_OPENING.days} days before {case.code} was opened. Nothing "
            "changed. Check the year of the date."
        )


def settable(actor: Actor) -> list[str]:
    """The key dates that the actor may set, in the order of a case's course."""
    return [name for name in KEY_DATES if may_plan(actor) or (name in BILLING and actor.has(Role.CODER, Role.BILLER))]


def shut_by(uow: UnitOfWork, case: Case, name: str) -> tuple[list[str], set[Role]]:
    """The open tasks that keep a key date from being firm, by name, and the roles that may set it all the same."""
    shut, waivers = [], set(Role)
    for row in uow.session.execute(OPEN_TASKS, {"case": case.id}):
        template = library.template(uow.session, row.checklist_version_id, row.digest)
        if name in template.item(row.item_id).gates:
            shut.append(f"{case.code}-{row.no}")
            waivers &= set(template.gates_waiver)
    return shut, waivers


def date_of(uow: UnitOfWork, case_id: int, name: str) -> Moment | None:
    """A key date of a case, if it is set."""
    row = uow.session.execute(
        text("SELECT day, at FROM key_dates WHERE case_id = :case AND name = :name"),
        {"case": case_id, "name": name},
    ).one_or_none()
    return None if row is None else Moment(row.day, row.at)


def late_tasks(uow: UnitOfWork, case_id: int) -> set[int]:
    """The ids of a case's open tasks whose deadline is reached."""
    return set(uow.session.execute(_LATE, {"case": case_id, "now": uow.now}).scalars())


def may_plan(actor: Actor) -> bool:
    """Whether the actor keeps the plan of cases; the system does."""
    return actor.staff_id is None or actor.has(*PLANNERS)


def _may_set(actor: Actor, name: str) -> None:
    if name in settable(actor):
        return
    raise NotAllowed(f"Your role does not set the {KEY_DATES[name]} date. Nothing changed. Ask a VA or your lead.")


def _replanned(
    uow: UnitOfWork,
    actor: Actor,
    case: Case,
    program: Program,
    name: str,
    old: Moment | None,
    new: Moment | None,
    waived: str | None = None,
) -> Replanned:
    settled = settle(uow, actor, case.id, f"{KEY_DATES[name]} date")
    tell_case(
        uow,
        case.id,
        "replan",
        f"replan:{case.id}:{name}:{uuid4()}",  # of no moment: a clock that stands still may see two moves
        _summary(actor, case, program, name, old, new, settled) | {"waived": waived},
    )
    was = "" if old is None else f", it was {_shown(old, program.zone)}"
    what = "cleared" if new is None else f"{'set' if old is None else 'moved'} to {_shown(new, program.zone)}"
    moved = len(settled.moved)
    effect = f"; {moved} deadline{'' if moved == 1 else 's'} changed" if moved or not settled.started else ""
    said = f"{KEY_DATES[name].capitalize()} date of {case.code} {what}{was}{effect}."
    return Replanned(moved, tuple(settled.started), said, _remark(uow, program, name, old, new))


def _summary(
    actor: Actor,
    case: Case,
    program: Program,
    name: str,
    old: Moment | None,
    new: Moment | None,
    settled: Settled,
) -> dict[str, object]:
    return {
        "code": case.code,
        "zone": program.zone,
        "by": actor.slack_user_id,
        "name": name,
        "old": _written(old, program.zone),
        "new": _written(new, program.zone),
        **what_moved(settled),
    }


def _pass_gates(uow: UnitOfWork, actor: Actor, case: Case, name: str, waiver: str | None) -> str | None:
    """Raise `DateNotFirm` while open tasks gate the date; returns the reason of a waiver that was needed."""
    shut, waivers = shut_by(uow, case, name)
    if not shut:
        return None
    listed = ", ".join(shut[:6]) + (f" and {len(shut) - 6} more" if len(shut) > 6 else "")
    if not waiver:
        them = "it" if len(shut) == 1 else "them"
        sets = "set it" if actor.has(*waivers) else f"{whoever(sorted(waivers))} sets it"
        raise DateNotFirm(
            f"The {KEY_DATES[name]} date of {case.code} is not firm: {listed} must be done first. Nothing changed. "
            f"Finish {them}, or {sets} with: date {KEY_DATES[name]} <date> waive <reason>",
            tuple(shut),
        )
    if not actor.has(*waivers):
        raise NotAllowed(f"Your role cannot waive {listed}. Nothing changed. Ask your lead, with the reason.")
    return case_text(uow, case.id, waiver, "reason for the waiver")


def _remark(uow: UnitOfWork, program: Program, name: str, old: Moment | None, new: Moment | None) -> str:
    """What may be a slip of the finger about a day, though it may well be meant; what only happens is in the past."""
    if new is None or name in HAPPENED:
        return ""
    if new.day < uow.now.astimezone(ZoneInfo(program.zone)).date():
        before = _written(old, program.zone) or "clear"
        back = f"date {KEY_DATES[name]} {before}"
        return f" It is set for {_shown(new, program.zone)}, which is over. If that is not meant, take it back: {back}"
    return closed_words(calendar_of(program), new.day)


def _shown(moment: Moment, zone: str) -> str:
    """A key date as people read it."""
    return day_words(moment.day) if moment.at is None else moment_words(moment.at, ZoneInfo(zone))


def _written(moment: Moment | None, zone: str) -> str | None:
    """A key date as it is kept and typed: the local day, and the local time where it is known."""
    if moment is None:
        return None
    if moment.at is None:
        return moment.day.isoformat()
    return f"{moment.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
