"""The SLA report as data: the same for Slack, the command line, the picture and the files. JSON-safe, patient-free."""

from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

Figure = int | float | None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Line(_Part):
    """Numbers of one group: `key` names it for programs, `label` for people; `figures` by a measure's name."""

    key: str
    label: str
    figures: dict[str, Figure]
    since: AwareDatetime | None = None

    def count(self, measure: str) -> int:
        """A measure that counts tasks."""
        return int(self.figures.get(measure) or 0)


class Breach(_Part):
    """A missed deadline: `clock` is `due` or `sla` (our own target), `late_by` business hours up to `closed_at` or now.

    `deadline` is the one that was missed, `due_at` the one that stands now; `reason` is a word of
    `app.reports.reasons.Reason`, None for none given.
    """

    code: str
    no: int
    title: str
    track: str
    person: str | None
    clock: str
    missed_at: AwareDatetime
    late_by: float
    state: str
    due_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    waiting_on: str | None
    reason: str | None
    deadline: AwareDatetime | None = None
    role: str = ""


class Open(_Part):
    """An open task and since when it could be worked on."""

    code: str
    no: int
    title: str
    track: str
    person: str | None
    whom: str
    ready_at: AwareDatetime | None
    due_at: AwareDatetime | None


class Row(_Part):
    """A task behind the numbers: finished on the days of the range, or late now. `late_by` in business hours."""

    task: str
    title: str
    track: str
    role: str
    person: str | None
    verdict: str
    deadline: AwareDatetime | None
    closed_at: AwareDatetime | None
    late_by: float | None
    reason: str | None


class Report(_Part):
    """The report of a range of local days of `zone`, as of `at`; `whose` says what it was narrowed to, in words."""

    program: str
    name: str
    zone: str
    first: date
    last: date
    at: AwareDatetime
    whose: str
    total: Line
    tracks: list[Line]
    roles: list[Line]
    people: list[Line]
    weeks: list[Line]
    open: Line
    waits: list[Line]
    load: list[Line]
    reasons: list[Line]
    breaches: list[Breach]
    breaches_total: int
    oldest: list[Open]

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return self.model_dump(mode="json")


def line(key: str, label: str, figures: dict[str, Figure], since: datetime | None = None) -> Line:
    """A line; counts that nothing was counted for are 0."""
    return Line(key=key, label=label, figures=figures, since=since)
