# ruff: noqa: S608 - the statements are put together from constants alone
"""Reading the SLA report: a handful of statements over tasks, clocks and their events as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row as Found
from sqlalchemy import text
from sqlmodel import Session

from app.checklists import library
from app.clocks.history import MISSED
from app.kernel.business import BusinessCalendar, local_moment
from app.programs.models import Program
from app.programs.queries import calendar_of
from app.reports import measures as m
from app.reports.reasons import NONE_GIVEN, WORDS, Reason
from app.reports.report import Breach, Figure, Line, Open, Report, Row, line

_DAY = timedelta(days=1)
_CLOSED = ", ".join(f"{each.sql} AS {each.name}" for each in m.CLOSED)
_OPEN = ", ".join(f"{each.sql} AS {each.name}" for each in m.OPEN)
_TOTALS = text(
    f"WITH {m.JUDGED} SELECT grouping(track, role, person) AS of, NULL::date AS week, track, role, person, {_CLOSED}"
    " FROM judged WHERE inside GROUP BY GROUPING SETS ((), (track), (role), (person))"
    " UNION ALL SELECT -1, CAST(date_trunc('week', closed_at AT TIME ZONE :zone) AS date) AS week, NULL, NULL, NULL,"
    f" {_CLOSED} FROM judged GROUP BY week"
)
# What is open, and what was missed, is read once for its numbers and its list.
_STANDING = text(
    f"WITH {m.STANDING} SELECT grouping(whom, person) AS of, whom, person, {_OPEN},"
    " ARRAY(SELECT id FROM standing ORDER BY ready_at NULLS LAST, id LIMIT :most) AS oldest FROM standing"
    " GROUP BY GROUPING SETS ((), (whom), (person))"
)
_OLDEST = text(
    f"WITH {m.STANDING} SELECT s.*, c.code FROM standing s JOIN cases c ON c.id = s.case_id"
    " WHERE s.id = ANY(CAST(:oldest AS bigint[])) ORDER BY s.ready_at NULLS LAST, s.id"
)
_MISSED = (
    "missed AS (SELECT e.id, e.at, coalesce(e.deadline_at, e.at) AS deadline_at, k.kind AS clock, t.id AS task_id,"
    " t.case_id, t.no, t.title, t.state, t.due_at, t.closed_at, t.waiting_on, r.template_id AS track,"
    f" {m.ROLE} AS role,"
    " coalesce(t.holder_id, t.closed_by) AS person, b.reason"
    " FROM clock_events e JOIN clocks k ON k.id = e.clock_id JOIN tasks t ON t.id = k.task_id"
    " JOIN tracks r ON r.id = t.track_id LEFT JOIN breach_reasons b ON b.breach_id = e.id"
    f" WHERE e.program_id = :program AND e.kind = 'breach' AND e.at >= :since AND e.at < :until AND {m.OF}"
    f" AND {MISSED})"
)
_BREACHES = text(
    f"WITH {_MISSED}, said AS (SELECT coalesce(reason, '') AS reason, count(*) AS n FROM missed GROUP BY reason)"
    " SELECT x.*, c.code, (SELECT jsonb_object_agg(reason, n) FROM said) AS reasons, "
    + m.late_hours("x.deadline_at", "coalesce(x.closed_at, :now)")
    + " AS late_by FROM (SELECT * FROM missed ORDER BY closed_at IS NOT NULL, at DESC, id DESC LIMIT :most) x"
    " JOIN cases c ON c.id = x.case_id ORDER BY x.closed_at IS NOT NULL, x.at DESC, x.id DESC"
)
_ROWS = text(
    f"WITH {m.JUDGED}, {m.STANDING}, told AS ("
    "SELECT id, track, role, person, verdict, due_at, closed_at, late_by FROM judged"
    " WHERE inside AND verdict <> 'not_applicable' UNION ALL SELECT id, track, role, person, 'late now',"
    " due_at, NULL, " + m.late_hours("due_at", ":now") + " FROM standing WHERE late)"
    " SELECT b.*, t.no, t.title, c.code, (SELECT x.reason FROM clocks k JOIN clock_events e ON e.clock_id = k.id"
    " JOIN breach_reasons x ON x.breach_id = e.id WHERE k.task_id = b.id AND e.kind = 'breach'"
    " ORDER BY e.id DESC LIMIT 1) AS reason, count(*) OVER () AS total FROM told b JOIN tasks t ON t.id = b.id"
    " JOIN cases c ON c.id = t.case_id ORDER BY b.closed_at NULLS LAST, c.code, t.no LIMIT :most"
)
_PEOPLE = text("SELECT id, name, active, roles FROM staff WHERE program_id = :program ORDER BY name, id")
WHOM: Final[Mapping[str, str]] = {
    "payer": "payer",
    "vendor": "vendor",
    "tissue_bank": "tissue bank",
    "clinic": "clinic",
    "patient": "patient",
    "us": "us",
    "nobody": "nobody has it",
}


@dataclass(frozen=True)
class Asked:
    """What a report is about: local days, both included, and what it is narrowed to (a template, a person, a role)."""

    first: date
    last: date
    track: str | None = None
    person: int | None = None
    role: str | None = None


@dataclass(frozen=True)
class _People:
    names: Mapping[int, str]
    active: frozenset[int]
    vas: Sequence[int]


def report(session: Session, program: Program, asked: Asked, now: datetime) -> Report:
    """The numbers of a program; all moments in UTC, all days of the program's zone."""
    calendar = calendar_of(program)
    people, titles = _people(session, program.id), titles_of(session, program.id)
    values = _values(program, calendar, asked, now)
    totals = session.execute(_TOTALS, values).all()
    standing = session.execute(_STANDING, values | {"most": m.MOST_OLDEST}).all()
    missed = session.execute(_BREACHES, values | {"most": m.MOST_BREACHES}).all()
    everything = next(row for row in standing if row.of == 3)
    reasons = _reasons(missed)
    held = {row.person: row for row in standing if row.of == 2 and row.person is not None}
    loaded = sorted(
        {*held, *(() if asked.person or asked.track or asked.role else people.vas)},
        key=lambda each: (people.names[each], each),
    )
    return Report(
        program=program.slug,
        name=program.name,
        zone=program.zone,
        first=asked.first,
        last=asked.last,
        at=now,
        whose=_whose(asked, people, titles),
        total=next(line("total", "all", _closed(row)) for row in totals if row.of == 7),
        tracks=_by(totals, 3, "track", lambda key: titles.get(key, key)),
        roles=_by(totals, 5, "role", str),
        people=_by(totals, 6, "person", lambda key: people.names.get(key, "nobody")),
        weeks=_weeks(totals, _weeks_from(asked), asked.last),
        open=_standing("open", "all", everything),
        waits=[
            _standing(whom, words, row)
            for whom, words in WHOM.items()
            for row in standing
            if row.of == 1 and row.whom == whom
        ],
        load=[_standing(str(each), people.names[each], held.get(each)) for each in loaded],
        reasons=[
            line(reason or "none", WORDS[Reason(reason)] if reason else NONE_GIVEN, {"missed": many})
            for reason, many in sorted(reasons.items(), key=lambda each: (-each[1], not each[0], each[0]))
        ],
        breaches=[_breach(row, people.names, titles) for row in missed],
        breaches_total=sum(reasons.values()),
        oldest=[
            Open(
                code=row.code, no=row.no, title=row.title, track=titles.get(row.track, row.track),
                person=people.names.get(row.person), whom=WHOM[row.whom], ready_at=row.ready_at, due_at=row.due_at,
            )
            for row in session.execute(_OLDEST, values | {"oldest": everything.oldest})
        ],
    )  # fmt: skip


def rows_of(session: Session, program: Program, asked: Asked, now: datetime, most: int) -> tuple[list[Row], int]:
    """The tasks behind the numbers, `most` of them at most, and how many there are."""
    values = _values(program, calendar_of(program), asked, now) | {"most": most}
    values |= {"trend_since": values["since"], "trend_until": values["until"]}
    names, titles = _people(session, program.id).names, titles_of(session, program.id)
    found = session.execute(_ROWS, values).all()
    rows = [
        Row(
            task=f"{row.code}-{row.no}", title=row.title, track=titles.get(row.track, row.track), role=row.role,
            person=names.get(row.person), verdict=row.verdict.replace("_", " "), deadline=row.due_at,
            closed_at=row.closed_at, late_by=None if row.late_by is None else round(row.late_by, 1),
            reason=None if row.reason is None else WORDS[Reason(row.reason)],
        )
        for row in found
    ]  # fmt: skip
    return rows, found[0].total if found else 0


def missed_of(session: Session, program: Program, asked: Asked, now: datetime, most: int) -> tuple[list[Breach], int]:
    """The missed deadlines of the range, `most` of them at most, and how many there are."""
    values = _values(program, calendar_of(program), asked, now) | {"most": most}
    names, titles = _people(session, program.id).names, titles_of(session, program.id)
    found = session.execute(_BREACHES, values).all()
    return [_breach(row, names, titles) for row in found], sum(_reasons(found).values())


def _reasons(missed: Sequence[Found[Any]]) -> dict[str, int]:
    """How many deadlines were missed in all, by their reasons; those without one are under the empty text."""
    return dict(missed[0].reasons) if missed else {}


def _breach(row: Found[Any], names: Mapping[int, str], titles: Mapping[str, str]) -> Breach:
    return Breach(
        code=row.code, no=row.no, title=row.title, track=titles.get(row.track, row.track), role=row.role,
        person=names.get(row.person), clock=row.clock, deadline=row.deadline_at, missed_at=row.at,
        late_by=round(row.late_by, 1), state=row.state, due_at=row.due_at, closed_at=row.closed_at,
        waiting_on=row.waiting_on, reason=row.reason,
    )  # fmt: skip


def titles_of(session: Session, program_id: int) -> dict[str, str]:
    """The titles of a program's checklists as their newest versions have them, by template."""
    return {template.id: template.title for template in library.newest(session, program_id).values()}


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day begins."""
    return local_moment(day, time(0), zone)


@lru_cache(maxsize=64)
def _spans(calendar: "_Same", first: date, last: date) -> tuple[list[float], list[float], list[float]]:
    spans = calendar.calendar.open_spans(first, last)
    opens = [began.timestamp() for began, _ in spans]
    closes = [ended.timestamp() for _, ended in spans]
    sums, total = [], 0.0
    for began, ended in zip(opens, closes, strict=True):
        sums.append(total)
        total += ended - began
    return opens, closes, sums


@dataclass(frozen=True)
class _Same:
    """A calendar by identity: `calendar_of` gives the same one for the same settings."""

    calendar: BusinessCalendar

    def __hash__(self) -> int:
        return id(self.calendar)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.calendar is self.calendar


def _values(program: Program, calendar: BusinessCalendar, asked: Asked, now: datetime) -> dict[str, Any]:
    today = calendar.local_day(now)
    opens, closes, sums = _spans(
        _Same(calendar), asked.first - timedelta(days=m.LOOK_BACK_DAYS), max(asked.last, today) + 7 * _DAY
    )
    return {
        "program": program.id,
        "since": midnight(asked.first, calendar.zone),
        "until": midnight(asked.last + _DAY, calendar.zone),
        "trend_since": midnight(_weeks_from(asked), calendar.zone),
        "trend_until": _end_of_week(asked, calendar.zone),
        "zone": program.zone,
        "now": now,
        "track": asked.track,
        "person": asked.person,
        "role": asked.role,
        "opens": opens,
        "closes": closes,
        "sums": sums,
    }


def _weeks_from(asked: Asked) -> date:
    monday = asked.last - timedelta(days=asked.last.weekday() + 7 * (m.WEEKS - 1))
    return min(monday, asked.first - timedelta(days=asked.first.weekday()))


def _end_of_week(asked: Asked, zone: ZoneInfo) -> datetime:
    return midnight(asked.last + timedelta(days=7 - asked.last.weekday()), zone)


def _weeks(rows: Sequence[Found[Any]], first: date, last: date) -> list[Line]:
    """Every week, those without a task too."""
    found = {row.week: row for row in rows if row.of == -1}
    weeks = []
    while first <= last:
        row = found.get(first)
        weeks.append(line(first.isoformat(), f"{first.day} {first:%b}", _closed(row)))
        first += 7 * _DAY
    return weeks


def _closed(row: Found[Any] | None) -> dict[str, Figure]:
    return {each.name: _figure(row, each) for each in m.CLOSED}


def _standing(key: str, label: str, row: Found[Any] | None) -> Line:
    figures = {each.name: _figure(row, each) for each in m.OPEN if each.unit != "moment"}
    return line(key, label, figures, None if row is None else row.since)


def _figure(row: Found[Any] | None, measure: m.Measure) -> Figure:
    found: Figure = None if row is None else row._mapping[measure.name]
    return 0 if found is None and measure.unit == "tasks" else found


def _by(rows: Sequence[Found[Any]], of: int, column: str, name: Any) -> list[Line]:
    """The groups of one breakdown, the latest first."""
    lines = []
    for row in rows:
        if row.of == of:
            key = row._mapping[column]
            lines.append(line(str(key), name(key), _closed(row)))
    return sorted(lines, key=lambda each: (-each.count("late"), -each.count("met"), each.label))


def _people(session: Session, program_id: int) -> _People:
    rows = session.execute(_PEOPLE, {"program": program_id}).all()
    return _People(
        {row.id: row.name for row in rows},
        frozenset(row.id for row in rows if row.active),
        [row.id for row in rows if row.active and "va" in row.roles],
    )


def _whose(asked: Asked, people: _People, titles: Mapping[str, str]) -> str:
    narrowed = [
        titles.get(asked.track, asked.track) if asked.track else "",
        people.names.get(asked.person, "") if asked.person else "",
        f"role {asked.role}" if asked.role else "",
    ]
    return ", ".join(each for each in narrowed if each)
