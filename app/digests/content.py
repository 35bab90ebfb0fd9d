"""What a digest says: what waits for a person's word, what is at risk, what changed, what comes. Pure, patient-free."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from app.checklists.model import Item
from app.checklists.vocabulary import EvidenceKind, Role
from app.digests.rules import LINES
from app.kernel.business import BusinessCalendar
from app.kernel.clock import reached
from app.kernel.due import Moment
from app.kernel.keydates import KEY_DATES
from app.tasks.evidence import closing_word

WAIVE_WITHIN: Final = 2
"""Business days before a shut gate is due at which its waiver becomes a question."""
FIRM_WITHIN: Final = 10
"""Business days before a key date at which open tasks that gate it are a risk."""
LOCK_WITHIN: Final = 3
"""Business days before a board at which an open packet is a risk."""
COMING_DAYS: Final = 7
COMING: Final = ("board", "surgery")
GROUPS: Final = ("decide", "at_risk", "changed", "coming")
KeyDates = Mapping[str, Moment]


@dataclass(frozen=True)
class OpenTask:
    """A task that is not closed: of one of the person's cases, in their hands, or free and waiting for their word.

    `state` is the task's own; `early` says that it comes after an event whose day is to come or not known yet, `which`
    in words which of its two deadlines `due_at` is.
    """

    id: int
    case_id: int
    code: str
    no: int
    title: str
    state: str
    due_at: datetime | None
    item: Item
    early: bool = False
    which: str = ""


@dataclass(frozen=True)
class Offer:
    """A handoff that the person has to answer; `giver` is a name."""

    handoff: int
    task: int
    code: str
    no: int
    title: str
    due_at: datetime | None
    giver: str


@dataclass(frozen=True)
class Asked:
    """A question that the person has to answer; `asker` is a name, `task` and `no` those of its task, if it has one."""

    question: int
    code: str
    task: int | None
    no: int | None
    words: str
    choices: tuple[str, ...]
    due_at: datetime
    asker: str


@dataclass(frozen=True)
class Standing:
    """Everything that a digest is made from: the person's `roles`, their open `cases` (code by id), and these' facts.

    `before` are the key dates as the last digest knew them, None when there was none.
    """

    roles: frozenset[Role]
    cases: Mapping[int, str]
    dates: Mapping[int, KeyDates]
    tasks: Sequence[OpenTask]
    offers: Sequence[Offer]
    before: Mapping[int, KeyDates] | None
    questions: Sequence[Asked] = ()


@dataclass(frozen=True)
class Decision:
    """What only the person's word closes: an attestation, a gate to waive, a handoff or a question to answer.

    Of a question `title` is what is asked, `giver` who asks, and there is a task only where it is about one. `word` is
    what a button says of an attestation.
    """

    what: Literal["attest", "waive", "handoff", "question"]
    code: str
    task: int | None
    no: int | None
    title: str
    due: datetime | None
    late: bool
    handoff: int | None = None
    giver: str | None = None
    question: int | None = None
    choices: tuple[str, ...] = ()
    word: str = "Done"
    which: str = ""


@dataclass(frozen=True)
class Unfirm:
    """A key date that is near while `open` tasks gate it."""

    name: str
    day: date
    at: datetime | None
    open: int


@dataclass(frozen=True)
class Risk:
    """A case at risk: its unfirm dates, the board whose packet is not locked, and how many of its tasks are late."""

    code: str
    unfirm: tuple[Unfirm, ...]
    unlocked: Moment | None
    late: int


@dataclass(frozen=True)
class Moved:
    """A key date that was set (`old` None), moved, or taken away (`new` None)."""

    name: str
    old: Moment | None
    new: Moment | None


@dataclass(frozen=True)
class Changed:
    """The key dates of one case that are not what they were."""

    code: str
    moves: tuple[Moved, ...]


@dataclass(frozen=True)
class Coming:
    """A board or a surgery of the next days."""

    code: str
    name: str
    day: date
    at: datetime | None


@dataclass(frozen=True)
class Content:
    """The four parts of a digest, each in the order in which it matters."""

    decide: tuple[Decision, ...]
    at_risk: tuple[Risk, ...]
    changed: tuple[Changed, ...]
    coming: tuple[Coming, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing at all to say."""
        return not (self.decide or self.at_risk or self.changed or self.coming)


_CONTENT = TypeAdapter(Content)


def compose(standing: Standing, calendar: BusinessCalendar, now: datetime) -> Content:
    """The digest of a person at `now`; days are those of the program's calendar."""
    today = calendar.local_day(now)
    return Content(
        tuple(_decide(standing, calendar, today, now)),
        tuple(_at_risk(standing, calendar, today, now)),
        tuple(_changed(standing)),
        tuple(_coming(standing, today, now)),
    )


def asks(item: Item, roles: frozenset[Role], *, elsewhere: bool) -> bool:
    """Whether a free task of somebody else's case waits for the word of a person with these roles.

    `elsewhere` says that the case has a surgeon of its own: what a surgeon signs is then for that surgeon alone.
    """
    if item.evidence.kind is not EvidenceKind.ATTESTATION:
        return False
    meant = roles.intersection(item.evidence.by)
    return bool(meant - {Role.SURGEON} if elsewhere else meant)


def payload(content: Content, day: date, zone: str) -> dict[str, Any]:
    """The content for a notice, JSON-safe: of each part how many there are, and as many as a digest can show."""
    whole: dict[str, list[Any]] = _CONTENT.dump_python(content, mode="json")
    parts = {name: {"total": len(whole[name]), "lines": whole[name][:LINES]} for name in GROUPS}
    return {"day": day.isoformat(), "zone": zone, **parts}


def left_of(told: Mapping[str, Any], drawn: Mapping[str, Any], content: Content) -> dict[str, Any]:
    """The payload of an earlier digest, as it was `drawn` last, with what it ever asked that `content` asks still.

    All else stays as it was told on its day.
    """
    asked = {(each.what, each.task, each.handoff, each.question) for each in content.decide}
    decide = drawn["decide"]
    lines = {_asks(line): line for line in (*told["decide"]["lines"], *decide["lines"])}
    kept = [line for what, line in lines.items() if what in asked]
    return {**drawn, "decide": {"total": decide["total"] - len(decide["lines"]) + len(kept), "lines": kept}}


def _asks(line: Mapping[str, Any]) -> tuple[object, ...]:
    return line["what"], line["task"], line["handoff"], line["question"]


def _decide(standing: Standing, calendar: BusinessCalendar, today: date, now: datetime) -> list[Decision]:
    soon = calendar.add_business_days(today, WAIVE_WITHIN)
    found = [
        Decision(
            "handoff", offer.code, offer.task, offer.no, offer.title, offer.due_at, _late(offer, now),
            offer.handoff, offer.giver,
        )
        for offer in standing.offers
    ]  # fmt: skip
    found += [
        Decision(
            "question", each.code, each.task, each.no, each.words, each.due_at, _late(each, now),
            giver=each.asker, question=each.question, choices=each.choices,
        )
        for each in standing.questions
    ]  # fmt: skip
    for task in standing.tasks:
        what = _question(task, standing.roles, calendar, soon)
        if what is not None:
            late, word, by = _late(task, now), closing_word(task.item.evidence), task.which
            found.append(
                Decision(what, task.code, task.id, task.no, task.title, task.due_at, late, word=word, which=by)
            )
    return sorted(found, key=lambda each: (each.due is None, each.due or 0, each.code, each.no or 0))


def _question(
    task: OpenTask, roles: frozenset[Role], calendar: BusinessCalendar, soon: date
) -> Literal["attest", "waive"] | None:
    """What a task asks of somebody with these roles, if only their word closes it."""
    item = task.item
    if task.early:
        return None
    if task.state != "blocked":
        attests = item.evidence.kind is EvidenceKind.ATTESTATION and not roles.isdisjoint(item.evidence.by)
        return "attest" if attests else None
    if item.gate is None or roles.isdisjoint(item.gate.waiver) or task.due_at is None:
        return None
    return "waive" if calendar.local_day(task.due_at) <= soon else None


def _at_risk(standing: Standing, calendar: BusinessCalendar, today: date, now: datetime) -> list[Risk]:
    firm_by = calendar.add_business_days(today, FIRM_WITHIN)
    lock_by = calendar.add_business_days(today, LOCK_WITHIN)
    by_case: dict[int, list[OpenTask]] = {}
    for task in standing.tasks:
        by_case.setdefault(task.case_id, []).append(task)
    found: list[tuple[date, Risk]] = []
    for case_id, code in standing.cases.items():
        tasks = by_case.get(case_id, [])
        dates = standing.dates.get(case_id, {})
        unfirm = tuple(_unfirm(dates, tasks, today, firm_by))
        board = dates.get("board")
        near = board is not None and today <= board.day <= lock_by
        unlocked = board if near and any(_locks_the_packet(task.item) for task in tasks) else None
        late = sum(_late(task, now) for task in tasks)
        if unfirm or unlocked or late:
            days = [each.day for each in unfirm] + ([unlocked.day] if unlocked else [])
            found.append((min(days, default=date.max), Risk(code, unfirm, unlocked, late)))
    return [risk for _, risk in sorted(found, key=lambda each: (each[0], -each[1].late, each[1].code))]


def _late(each: OpenTask | Offer | Asked, now: datetime) -> bool:
    return reached(each.due_at, now)


def _unfirm(dates: KeyDates, tasks: Iterable[OpenTask], today: date, until: date) -> list[Unfirm]:
    gating = [name for task in tasks for name in task.item.gates]
    near = [(name, moment) for name, moment in dates.items() if name in gating and today <= moment.day <= until]
    return [
        Unfirm(name, moment.day, moment.at, gating.count(name))
        for name, moment in sorted(near, key=lambda each: each[1].day)
    ]


def _locks_the_packet(item: Item) -> bool:
    """Whether an item is the gate before the board: it is one, and its deadline hangs on the board's date."""
    return item.gate is not None and item.due is not None and item.due.anchor.name == "board"


def _changed(standing: Standing) -> list[Changed]:
    if standing.before is None:
        return []
    found = []
    for case_id, code in sorted(standing.cases.items(), key=lambda each: each[1]):
        old, new = standing.before.get(case_id, {}), standing.dates.get(case_id, {})
        moves = tuple(Moved(name, old.get(name), new.get(name)) for name in KEY_DATES if old.get(name) != new.get(name))
        if moves:
            found.append(Changed(code, moves))
    return found


def _coming(standing: Standing, today: date, now: datetime) -> list[Coming]:
    found = [
        Coming(code, name, moment.day, moment.at)
        for case_id, code in standing.cases.items()
        for name, moment in standing.dates.get(case_id, {}).items()
        if name in COMING
        and today <= moment.day < today + timedelta(days=COMING_DAYS)
        and (moment.at is None or moment.at > now)
    ]
    return sorted(found, key=lambda each: (each.day, each.at is None, each.at or 0, each.code))
