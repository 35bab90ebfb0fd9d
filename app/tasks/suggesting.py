"""Who should have a task: people in order, each with the reason in a few words; and a plan for many tasks. Pure.

Roles and skills alone decide who may have a task. Among those the one is suggested who can begin before its deadline,
of the role itself rather than standing in for it, and who costs least, counted in open tasks. What a VA may do is a
VA's, whoever else may. What waits for a surgeon is for the case's own, where it has one who is there: no other is
suggested, whatever else they are.

What counts:

- a task that they hold is 1, one that is due soon 2, one that is late 3;
- not being at work now is 5;
- knowing the case is worth 3: they hold or have finished some of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.checklists.vocabulary import Role
from app.kernel.clock import hour_words
from app.programs.actor import Actor
from app.tasks.rows import may_be_given, may_do

LATE: Final = 3
SOON: Final = 2
OFF: Final = 5
KNOWS: Final = 3


@dataclass(frozen=True)
class Work:
    """A task that somebody shall have: of its roles any one, and its skill; `due_at` is its nearest deadline.

    `case` is the code of its case, and `word` are the roles of whom any signs it, where it is signed.
    """

    id: int
    case: str
    roles: frozenset[Role]
    skill: str | None
    due_at: datetime | None
    word: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Worker:
    """Somebody who is there, and what they hold: `open` tasks in all, of them `late` ones, and ones due `soon`.

    `begins_at` is when they are at work next, not after now for who works now; `away` is their time off, each from
    when until before when. A plan has `given` them so many tasks besides, which count `given_load`.
    """

    actor: Actor
    begins_at: datetime
    away: tuple[tuple[datetime, datetime], ...] = ()
    open: int = 0
    late: int = 0
    soon: int = 0
    given: int = 0
    given_load: int = 0

    @property
    def load(self) -> int:
        return self.open + (LATE - 1) * self.late + (SOON - 1) * self.soon + self.given_load


@dataclass(frozen=True)
class Team:
    """Everybody who is there as of `now`. What is due by `soon` is due soon.

    `knows` says who knows which case, as pairs of a case's code and a person's id; `joins` are those to whom a plan has
    given some of a case, which counts as much. `surgeons` are the ids of cases' own surgeons who are there, by code.
    `zone` is the program's.
    """

    workers: tuple[Worker, ...]
    knows: frozenset[tuple[str, int]]
    now: datetime
    soon: datetime
    zone: ZoneInfo
    surgeons: Mapping[str, int] = field(default_factory=dict)
    joins: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True)
class Suggestion:
    """A person for a task, and why, in words. Who is not `fit` may be given it by a lead all the same."""

    actor: Actor
    fit: bool
    why: str

    @property
    def staff_id(self) -> int:
        assert self.actor.staff_id is not None, "only people are suggested"
        return self.actor.staff_id


@dataclass(frozen=True)
class Planned:
    """What a plan does with a task: the suggestion that it follows, None where nobody fits."""

    work: Work
    to: Suggestion | None


def suggest(work: Work, team: Team) -> list[Suggestion]:
    """Everybody to whom a lead may give the task, the best first, who is not fit for it last."""
    able = [worker for worker in team.workers if may_be_given(worker.actor, work.roles)]
    ranked = sorted(able, key=lambda worker: (not _fit(worker, work, team), *_order(worker, work, team)))
    return [_suggestion(worker, work, team) for worker in ranked]


def best(work: Work, team: Team) -> Suggestion | None:
    """The first of `suggest`, if they are fit."""
    found = _best(work, team)
    return None if found is None else _suggestion(found, work, team)


def plan(works: Iterable[Work], team: Team) -> list[Planned]:
    """Who should have each of the tasks, in their order; what is given counts at once."""
    planned = []
    for work in works:
        worker = _best(work, team)
        planned.append(Planned(work, None if worker is None else _suggestion(worker, work, team)))
        if worker is not None:
            team = _with(team, worker, work)
    return planned


def sift(works: Iterable[Work], team: Team) -> tuple[list[Work], list[Work]]:
    """The tasks that somebody who is there may be given, and those that nobody may, each in their order.

    Of the former what nobody has the skill for comes last, so that it stands in nothing's way.
    """
    ranks: dict[tuple[frozenset[Role], str | None], int] = {}
    sifted: tuple[list[Work], list[Work], list[Work]] = ([], [], [])
    for work in works:
        kind = work.roles, work.skill
        if kind not in ranks:
            able = [worker.actor for worker in team.workers if may_be_given(worker.actor, work.roles)]
            skilled = any(may_do(actor, work.roles, work.skill) for actor in able)
            ranks[kind] = 0 if skilled else 1 if able else 2
        sifted[ranks[kind]].append(work)
    return [*sifted[0], *sifted[1]], sifted[2]


def _fit(worker: Worker, work: Work, team: Team) -> bool:
    able = may_do(worker.actor, work.roles, work.skill) and not _away_at_deadline(worker, work, team)
    return able and not _is_another_surgeon_s(worker, work, team)


def _is_another_surgeon_s(worker: Worker, work: Work, team: Team) -> bool:
    """Whether it waits for the case's surgeon, and the person is another one, or finishes it by no other role."""
    asked = work.word or work.roles
    surgeon = team.surgeons.get(work.case)
    if surgeon is None or surgeon == worker.actor.staff_id or Role.SURGEON not in asked:
        return False
    others = asked - {Role.SURGEON}
    return worker.actor.has(Role.SURGEON) or not others or not may_do(worker.actor, others, None)


def _away_at_deadline(worker: Worker, work: Work, team: Team) -> bool:
    due = work.due_at
    return due is not None and due > team.now and any(since <= due < until for since, until in worker.away)


def _best(work: Work, team: Team) -> Worker | None:
    fit = [worker for worker in team.workers if _fit(worker, work, team)]
    return min(fit, key=lambda worker: _order(worker, work, team), default=None)


def _order(worker: Worker, work: Work, team: Team) -> tuple[bool, bool, int, int, str, int]:
    off = worker.begins_at > team.now
    known = _is_of(worker, work, team.knows | team.joins)
    cost = worker.load + (OFF if off else 0) - (KNOWS if known else 0)
    too_late = off and work.due_at is not None and worker.begins_at >= work.due_at
    held = worker.open + worker.given
    return too_late, _stands_in(worker.actor, work), cost, held, worker.actor.name, worker.actor.staff_id or 0


def _is_of(worker: Worker, work: Work, pairs: frozenset[tuple[str, int]]) -> bool:
    return (work.case, worker.actor.staff_id) in pairs


def _stands_in(actor: Actor, work: Work) -> bool:
    """Whether it is not the person's own work: where a VA may do it, it is a VA's, whoever else may."""
    own = actor.has(Role.VA) if not work.roles or Role.VA in work.roles else actor.has(*work.roles)
    return not own or (work.skill is not None and work.skill not in actor.skills)


def _suggestion(worker: Worker, work: Work, team: Team) -> Suggestion:
    return Suggestion(worker.actor, _fit(worker, work, team), _why(worker, work, team))


def _why(worker: Worker, work: Work, team: Team) -> str:
    """`knows the case, 3 open, 1 late`."""
    words = []
    if _is_another_surgeon_s(worker, work, team):
        words.append("not this case's surgeon")
    if not may_do(worker.actor, work.roles, work.skill):
        words.append(f"without the skill {work.skill}")
    elif _stands_in(worker.actor, work):
        words.append("stands in")
    if _away_at_deadline(worker, work, team):
        words.append("away when it is due")
    if worker.begins_at > min(one.begins_at for one in team.workers):  # of all alike, as at night, it says nothing
        there = worker.begins_at.astimezone(team.zone)
        words.append(f"off until {there:%a} {hour_words(there)}")
    if _is_of(worker, work, team.knows):
        words.append("knows the case")
    elif _is_of(worker, work, team.joins):
        words.append("gets more of this case")
    words.append(_load_words(worker))
    return ", ".join(words)


def _weight(work: Work, team: Team) -> int:
    """What holding the task counts."""
    if work.due_at is None or work.due_at > team.soon:
        return 1
    return LATE if work.due_at <= team.now else SOON


def _load_words(worker: Worker) -> str:
    parts = [f"{worker.open} open" if worker.open else "nothing open"]
    if worker.late:
        parts.append(f"{worker.late} late")
    if worker.given:
        parts.append(f"{worker.given} from this list")
    return ", ".join(parts)


def _with(team: Team, worker: Worker, work: Work) -> Team:
    """The team after the worker was given the task."""
    more = replace(worker, given=worker.given + 1, given_load=worker.given_load + _weight(work, team))
    workers = tuple(more if one is worker else one for one in team.workers)
    assert worker.actor.staff_id is not None, "only people are in a team"
    return replace(team, workers=workers, joins=team.joins | {(work.case, worker.actor.staff_id)})


def shares(suggestions: Iterable[Suggestion | None]) -> dict[str, int]:
    """How many tasks each person gets, by name, the most first."""
    counted = Counter(one.actor.name for one in suggestions if one is not None)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
