"""The SLA report once more, by walking tasks one by one in Python: what the statements are held against."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import floor

from app.checklists.vocabulary import NOT_APPLICABLE
from app.kernel.business import BusinessCalendar
from app.reports.queries import Asked, midnight

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fact:
    """A task as its row has it, and the moments at which deadlines of it passed, each with its reason."""

    track: str
    roles: tuple[str, ...]
    state: str
    holder: int | None
    closed_by: int | None
    due: datetime | None
    closed: datetime | None
    ready: datetime | None
    waiting_on: str | None = None
    waiting_since: datetime | None = None
    reason: str | None = None
    waived: bool = False
    case_open: bool = True
    withdrawn: bool = False
    breaches: tuple[tuple[datetime, str | None], ...] = field(default=())

    @property
    def person(self) -> int | None:
        return self.closed_by if self.holder is None else self.holder

    @property
    def role(self) -> str:
        return " or ".join(self.roles) or "anyone"

    @property
    def whom(self) -> str:
        return {"waiting": self.waiting_on or "", "claimed": "us"}.get(self.state, "nobody")


def verdict(fact: Fact) -> str:
    if fact.state == "skipped":
        return "not_applicable" if fact.reason == NOT_APPLICABLE and fact.closed_by is None else "left_out"
    if fact.waived:
        return "waived"
    if fact.due is None or fact.closed is None:
        return "no_deadline"
    return "met" if fact.closed < fact.due else "late"


def late_by(calendar: BusinessCalendar, asked: Asked, deadline: datetime, until: datetime) -> float:
    first = midnight(asked.first - timedelta(days=730), calendar.zone)
    began, ended = max(deadline, first), max(until, first)
    return calendar.business_time_between(began, ended) / timedelta(hours=1)


def percentile(values: Sequence[float], part: float) -> float | None:
    """Between two neighbours, in proportion."""
    if not values:
        return None
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def closed_figures(facts: Iterable[Fact], calendar: BusinessCalendar, asked: Asked) -> dict[str, float | None]:
    counted = dict.fromkeys(("met", "late", "no_deadline", "waived", "left_out"), 0)
    late = []
    for fact in facts:
        found = verdict(fact)
        if found in counted:
            counted[found] += 1
        if found == "late" and fact.due is not None and fact.closed is not None:
            late.append(late_by(calendar, asked, fact.due, fact.closed))
    judged = counted["met"] + counted["late"]
    return counted | {
        "share": 100 * counted["met"] // judged if judged else None,
        "late_median": percentile(late, 0.5),
        "late_p90": percentile(late, 0.9),
    }


def fits(fact: Fact, asked: Asked) -> bool:
    return (
        asked.track in (None, fact.track)
        and asked.person in (None, fact.person)
        and (asked.role is None or asked.role in fact.roles)
    )


def closed_within(facts: Iterable[Fact], asked: Asked, calendar: BusinessCalendar) -> list[Fact]:
    return [
        fact
        for fact in facts
        if fact.closed is not None
        and fact.state in ("done", "skipped")
        and asked.first <= calendar.local_day(fact.closed) <= asked.last
        and fits(fact, asked)
    ]


def grouped(facts: Iterable[Fact], key: Callable[[Fact], str]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(key(fact), []).append(fact)
    return found


def standing(facts: Iterable[Fact], asked: Asked) -> list[Fact]:
    return [
        fact
        for fact in facts
        if fact.state in ("ready", "claimed", "waiting") and fact.case_open and not fact.withdrawn and fits(fact, asked)
    ]


def open_figures(facts: Sequence[Fact], now: datetime) -> dict[str, float | None]:
    return {
        "open": len(facts),
        "late_now": sum(fact.due is not None and fact.due <= now for fact in facts),
        "waiting": sum(fact.state == "waiting" for fact in facts),
    }


def since(facts: Sequence[Fact]) -> datetime | None:
    known = [each for fact in facts if (each := fact.waiting_since or fact.ready)]
    return min(known, default=None)


def reasons(facts: Iterable[Fact], asked: Asked, calendar: BusinessCalendar) -> dict[str, int]:
    found: dict[str, int] = {}
    for fact in facts:
        for at, reason in fact.breaches:
            if fits(fact, asked) and asked.first <= calendar.local_day(at) <= asked.last:
                found[reason or "none"] = found.get(reason or "none", 0) + 1
    return found


def weeks(facts: Iterable[Fact], asked: Asked, calendar: BusinessCalendar) -> dict[str, list[Fact]]:
    """Every Monday of the trend, with what was closed in its week."""
    monday = min(asked.last - timedelta(days=asked.last.weekday()) - 49 * DAY, _monday(asked.first))
    found: dict[str, list[Fact]] = {}
    while monday <= asked.last:
        found[monday.isoformat()] = []
        monday += 7 * DAY
    for fact in facts:
        if fact.closed is None or fact.state not in ("done", "skipped") or not fits(fact, asked):
            continue
        key = _monday(calendar.local_day(fact.closed)).isoformat()
        if key in found:
            found[key].append(fact)
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
