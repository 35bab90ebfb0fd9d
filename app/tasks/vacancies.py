"""Free tasks that nobody may take: the lead of each case is told, once for as long as that is so.

`look` compares what stands in the database with what was told, so it does not matter what made the difference: a task
that became free, somebody who left, went away or lost a role, a deadline that moved. The scheduler has it run every
few seconds, in one transaction for a program:

1. the kinds of people that its free tasks are for are read from an index, however many tasks there are;
2. of those kinds that nobody is there for, the tasks are read: all where nobody active is of the kind, else those
   that are due before anybody of it is back;
3. what is new is noted, once for a case and a kind, and told, in one message for each lead;
4. what was told and is no longer so is noted as filled, so that it is told anew if it comes back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import text
from sqlmodel import Session

from app.audit import service as audit
from app.checklists.vocabulary import Role, whoever
from app.kernel.clock import day_words
from app.notices.places import outside
from app.notices.service import tell_person
from app.programs.absences import Absence, away_now
from app.programs.actor import Actor, Origin
from app.programs.models import Program
from app.programs.queries import as_actor, people_with_role
from app.programs.service import system
from app.programs.settings import way_to_a_role
from app.store.uow import UnitOfWork
from app.tasks.rows import may_do

SHOWN: Final = 10
"""Tasks of a kind that a message names, as many as `_TASKS` reads of a case; the rest is counted."""
NAMED: Final = 5
"""People who are not there that one line names."""
MORE_TIME: Final = "give {it} more time: extend {task} <day> <reason>"
_PROGRAMS = text("SELECT id FROM programs ORDER BY id")
# From one kind to the next by the index, instead of reading every free task.
_KINDS = text(
    "WITH RECURSIVE kinds AS ((SELECT roles, coalesce(skill, '') AS skill FROM tasks"
    "  WHERE program_id = :program AND state = 'ready' ORDER BY roles, coalesce(skill, '') LIMIT 1)"
    " UNION ALL SELECT next.roles, next.skill FROM kinds, LATERAL (SELECT t.roles, coalesce(t.skill, '') AS skill"
    "  FROM tasks t WHERE t.program_id = :program AND t.state = 'ready'"
    "  AND (t.roles, coalesce(t.skill, '')) > (kinds.roles, kinds.skill)"
    "  ORDER BY t.roles, coalesce(t.skill, '') LIMIT 1) AS next) SELECT roles, skill FROM kinds"
)
_TASKS = text(
    "SELECT c.id, c.code, c.lead_id, count(*) AS many, (array_agg(t.no ORDER BY t.no))[1:10] AS numbers,"
    " (array_agg(t.title ORDER BY t.no))[1:10] AS titles FROM tasks t JOIN cases c ON c.id = t.case_id"
    " WHERE t.program_id = :program AND t.state = 'ready' AND t.roles = CAST(:roles AS text[])"
    " AND coalesce(t.skill, '') = :skill AND c.state = 'open'"
    " AND (CAST(:back AS timestamptz) IS NULL OR t.due_at <= :back) GROUP BY c.id ORDER BY c.code"
)
_STANDING = text("SELECT id, case_id, needs FROM vacancies WHERE program_id = :program AND filled_at IS NULL")
_NOTE = text(
    "INSERT INTO vacancies (program_id, case_id, needs, told_at) VALUES (:program, :case, :needs, :now)"
    " ON CONFLICT (case_id, needs) WHERE filled_at IS NULL DO NOTHING RETURNING id"
)
_FILLED = text("UPDATE vacancies SET filled_at = :now WHERE id = ANY(:vacancies) AND filled_at IS NULL")


@dataclass(frozen=True)
class Kind:
    """Whom tasks are for: any of the roles, and the skill."""

    roles: frozenset[Role]
    skill: str | None

    @property
    def needs(self) -> str:
        """`a coder or a VA with the skill imaging`."""
        who = whoever(sorted(self.roles)) if self.roles else "anyone"
        return f"{who} with the skill {self.skill}" if self.skill else who

    def fits(self, actor: Actor) -> bool:
        return may_do(actor, self.roles, self.skill)


@dataclass(frozen=True)
class Missing:
    """Why nobody may take what is for a kind, and what can be done, a sentence each.

    In `ways`, which have the best first, `{task}` is the first of the tasks, `{it}` it or one of them, `{role}` how
    somebody is given a role, and `{time}` how the task is given more time. `back` is when the first who may is there
    again: what is due by then is not taken in time. None where nobody comes.
    """

    kind: Kind
    why: str
    ways: tuple[str, ...]
    back: datetime | None = None

    def way(self, session: Session, actor: Actor, task: str, now: datetime) -> str:
        """The best way for the actor, who is about to give out the task of that name."""
        time = MORE_TIME if actor.leads else "have a lead give it more time: escalate {task}"
        return self.ways[0].format(
            task=task, it="it", role=way_to_a_role(session, actor, now), time=time.format(it="it", task=task)
        )


def missing(
    kind: Kind,
    people: Sequence[Actor],
    away: Mapping[int, Absence],
    elsewhere: Collection[int],
    besides: int | None = None,
) -> Missing | None:
    """What is missing for a kind; None where somebody of `people`, who are active, may take its tasks and is there.

    `away` are those who are not, by their ids, and `elsewhere` those who are not in the Slack workspace. With `besides`
    it is about everybody but the person of that id. Pure.
    """
    who_else, other = ("whoever", "") if besides is None else ("whoever else", "other ")
    people = [person for person in people if person.staff_id != besides]
    fit = [person for person in people if kind.fits(person)]
    may = [person for person in fit if person.staff_id not in elsewhere]
    absent = [away[person.staff_id] for person in may if person.staff_id is not None and person.staff_id in away]
    if len(absent) < len(may):
        return None
    if absent:
        names = _named([f"{one.name} until {day_words(one.last)}" for one in absent])
        why = f"{who_else} may take it is away ({names})"
        return Missing(kind, why, ("Ask one of them back, or {time}",), min(one.ends_at for one in absent))
    if not fit and kind.skill is not None and any(Kind(kind.roles, None).fits(person) for person in people):
        who = f" who is {whoever(sorted(kind.roles))}" if kind.roles else ""
        way = "A lead may give {it} to somebody without the skill: assign {task} @person"
        return Missing(kind, f"no {other}active person{who} has the skill {kind.skill}", (way,))
    why = f"no {other}active person is {kind.needs}"
    if fit:
        names = _named([person.name for person in fit])
        why = f"{who_else} may take it is not in the Slack workspace ({names})"
    return Missing(kind, why, ("{role}", "Or leave {it} out: skip {task} <reason>"))


def _named(people: Sequence[str]) -> str:
    more = f" and {len(people) - NAMED} more" if len(people) > NAMED else ""
    return f"{', '.join(people[:NAMED])}{more}"


def missing_now(
    session: Session, program_id: int, kinds: Sequence[Kind], now: datetime, besides: int | None = None
) -> list[Missing]:
    """What is missing as of `now` for kinds of tasks, of each for which something is; `besides` as in `missing`."""
    people, elsewhere = _people(session, program_id), outside(session, program_id)
    away = away_now(session, program_id, now)
    found = [missing(kind, people, away, elsewhere, besides) for kind in kinds]
    return [one for one in found if one is not None]


def programs(session: Session) -> Sequence[int]:
    """Everything there is to look at."""
    return session.execute(_PROGRAMS).scalars().all()


def look(uow: UnitOfWork, program_id: int) -> int:
    """Note and tell what nobody may take, and note what was filled; returns how many of both were news.

    With nobody there to be told, nothing is noted, so that the first one who is there is told.
    """
    people = _people(uow.session, program_id)
    away, elsewhere = away_now(uow.session, program_id, uow.now), outside(uow.session, program_id)
    vacant = _vacant(uow, program_id, people, away, elsewhere)
    standing = uow.session.execute(_STANDING, {"program": program_id}).all()
    known = {(row.case_id, row.needs): row.id for row in standing}
    actor = system(program_id)
    filled = [key for key in known if key not in vacant]
    if filled:
        uow.session.execute(_FILLED, {"vacancies": [known[key] for key in filled], "now": uow.now})
    for case_id, needs in filled:
        audit.record(uow, actor, "vacancy.fill", "case", case_id, case_id=case_id, reason=needs)
    leads = [one for one in people if one.has(Role.LEAD, Role.MANAGER) and one.staff_id not in elsewhere]
    news = []
    for (case_id, needs), found in vacant.items():
        if not leads or (case_id, needs) in known:
            continue
        values = {"program": program_id, "case": case_id, "needs": needs, "now": uow.now}
        # Of two schedulers at once one notes it, and tells.
        if uow.session.execute(_NOTE, values).one_or_none() is not None:
            news.append(found)
            audit.record(uow, actor, "vacancy.tell", "case", case_id, case_id=case_id, reason=needs)
    if news:
        _tell(uow, program_id, news, leads, away)
    return len(filled) + len(news)


@dataclass(frozen=True)
class Found:
    """The tasks of a case that nobody may take for one reason: their count, and names with titles of the first."""

    lacks: Missing
    code: str
    lead_id: int | None
    count: int
    names: tuple[str, ...]


def _vacant(
    uow: UnitOfWork,
    program_id: int,
    people: Sequence[Actor],
    away: Mapping[int, Absence],
    elsewhere: Collection[int],
) -> dict[tuple[int, str], Found]:
    """What nobody may take, by case and kind, with its tasks; the rest is of `missing`."""
    found: dict[tuple[int, str], Found] = {}
    for row in uow.session.execute(_KINDS, {"program": program_id}).all():
        kind = Kind(frozenset(map(Role, row.roles)), row.skill or None)
        lacks = missing(kind, people, away, elsewhere)
        if lacks is None:
            continue
        values = {"program": program_id, "roles": row.roles, "skill": row.skill, "back": lacks.back}
        for case in uow.session.execute(_TASKS, values):
            names = tuple(f"{case.code}-{no} {title}" for no, title in zip(case.numbers, case.titles, strict=True))
            # The same kind may stand in another order of its roles, too.
            former = found.get((case.id, kind.needs))
            more, before = (former.count, former.names) if former else (0, ())
            found[case.id, kind.needs] = Found(lacks, case.code, case.lead_id, more + case.many, before + names)
    return found


def _people(session: Session, program_id: int) -> list[Actor]:
    return [as_actor(person, Origin.TIMER) for person in people_with_role(session, program_id, *Role)]


def _tell(
    uow: UnitOfWork, program_id: int, news: Sequence[Found], leads: Sequence[Actor], away: Mapping[int, Absence]
) -> None:
    """One message for each lead, of all that is new in their cases.

    A case's own lead, if they are there; else all leads and managers who are, and where none is, all there are.
    """
    by_id = {person.staff_id: person for person in leads if person.staff_id is not None}
    there = [person for person in by_id if person not in away]
    by_person: dict[int, list[Found]] = {}
    for found in news:
        own = [person for person in there if person == found.lead_id]
        for person in own or there or by_id:
            by_person.setdefault(person, []).append(found)
    zone = uow.session.get_one(Program, program_id).zone
    for person, theirs in by_person.items():
        codes = list(dict.fromkeys(found.code for found in theirs))
        of = codes[0] if len(codes) == 1 else f"{len(codes)} cases"
        role = way_to_a_role(uow.session, by_id[person], uow.now)
        payload = {"code": of, "zone": zone, "problems": _problems(theirs, role)}
        tell_person(uow, person, "trouble", f"vacant:{uuid4()}", payload)


def _problems(news: Sequence[Found], role: str) -> list[str]:
    """For each kind why nobody may take its tasks, a line for each of them, and what to do; `role` is of the reader."""
    said = []
    for kind in dict.fromkeys(found.lacks.kind for found in news):
        mine = [found for found in news if found.lacks.kind == kind]
        names = [name for found in mine for name in found.names][:SHOWN]
        count, lacks = sum(found.count for found in mine), mine[0].lacks
        what, it, due = ("this", "it", "it is") if count == 1 else (f"these {count} tasks", "one", "they are")
        when = "now" if lacks.back is None else f"before {due} due"
        more = [f"… and {count - len(names)} more"] if count > len(names) else []
        task = names[0].split()[0]
        time = MORE_TIME.format(it=it, task=task)
        ways = [way.format(task=task, it=it, role=role, time=time) for way in lacks.ways]
        said += [f"Nobody can take {what} {when}: {lacks.why}.", *names, *more, *ways]
    return said
