# ruff: noqa: S608 - the statements are put together from constants of this file alone
"""What the SLA report counts: each measure's name, its definition in plain words, and its SQL. The one place for them.

`/sla what`, `caseboard report sla --define` and docs/reports.md show these words; the statements of the report are
built from these expressions.
"""

from dataclasses import dataclass
from typing import Final, Literal

from app.checklists.vocabulary import NOT_APPLICABLE

LOOK_BACK_DAYS: Final = 730
"""How far before the range lateness is counted back at most: two years."""
WEEKS: Final = 8
"""Weeks that the trend shows at least."""
MOST_BREACHES: Final = 200
MOST_OLDEST: Final = 10

Unit = Literal["tasks", "percent", "business hours", "moment"]


@dataclass(frozen=True)
class Measure:
    """A number of the report: `sql` is an aggregate over `JUDGED` (`closed`) or `STANDING` (`open`)."""

    name: str
    title: str
    unit: Unit
    means: str
    sql: str


@dataclass(frozen=True)
class Part:
    """A part of the report that is a breakdown or a list, in words."""

    name: str
    title: str
    means: str


_OPENS, _CLOSES, _SUMS = (f"CAST(:{name} AS float8[])" for name in ("opens", "closes", "sums"))


def _open_hours(moment: str) -> str:
    """SQL of the seconds of open time up to a moment: by binary search the stretch that has begun, and its share.

    `opens`, `closes` and `sums` are the calendar's open stretches: begin, end, what was open before, in seconds.
    """
    at = f"extract(epoch FROM {moment})::float8"
    return (
        f"(SELECT coalesce(({_SUMS})[w.n] + least({at}, ({_CLOSES})[w.n]) - ({_OPENS})[w.n], 0)"
        f" FROM (SELECT width_bucket({at}, {_OPENS}) AS n) w)"
    )


def late_hours(deadline: str, until: str) -> str:
    """SQL of the business hours from a deadline to a moment."""
    return f"({_open_hours(until)} - {_open_hours(deadline)}) / 3600"


OF: Final = (
    "(CAST(:track AS text) IS NULL OR r.template_id = :track)"
    " AND (CAST(:person AS bigint) IS NULL OR coalesce(t.holder_id, t.closed_by) = :person)"
    " AND (CAST(:role AS text) IS NULL OR :role = ANY(t.roles))"
)
ROLE = "coalesce(nullif(array_to_string(t.roles, ' or '), ''), 'anyone')"

# The states stand as literals, so that the partial index of closed tasks is used.
JUDGED: Final = (
    "judged AS (SELECT t.id, t.closed_at, t.due_at, t.closed_at >= :since AND t.closed_at < :until AS inside,"
    " r.template_id AS track,"
    f" {ROLE} AS role, coalesce(t.holder_id, t.closed_by) AS person,"
    " v.verdict, CASE WHEN v.verdict = 'late' THEN "
    + late_hours("t.due_at", "t.closed_at")
    + " END AS late_by FROM tasks t JOIN tracks r ON r.id = t.track_id, LATERAL (SELECT CASE"
    f" WHEN t.state = 'skipped' AND t.reason = '{NOT_APPLICABLE}' AND t.closed_by IS NULL THEN 'not_applicable'"
    " WHEN t.state = 'skipped' THEN 'left_out' WHEN t.waived_by IS NOT NULL THEN 'waived'"
    " WHEN t.due_at IS NULL THEN 'no_deadline' WHEN t.closed_at < t.due_at THEN 'met' ELSE 'late' END AS verdict) v"
    " WHERE t.program_id = :program AND t.state IN ('done', 'skipped')"
    f" AND t.closed_at >= :trend_since AND t.closed_at < :trend_until AND {OF})"
)
"""Closed tasks of the trend's weeks, each with its verdict; `late_by` in business hours. `inside`: of the range."""

STANDING: Final = (
    "standing AS (SELECT t.id, t.case_id, t.no, t.title, t.due_at, t.ready_at, t.state, r.template_id AS track,"
    f" {ROLE} AS role, t.holder_id AS person, coalesce(t.waiting_since, t.ready_at) AS since,"
    " CASE t.state WHEN 'waiting' THEN t.waiting_on WHEN 'claimed' THEN 'us' ELSE 'nobody' END AS whom,"
    " t.due_at IS NOT NULL AND t.due_at <= :now AS late FROM tasks t JOIN tracks r ON r.id = t.track_id"
    " JOIN cases c ON c.id = t.case_id WHERE t.program_id = :program"
    f" AND t.state IN ('ready', 'claimed', 'waiting') AND c.state = 'open' AND r.state <> 'withdrawn' AND {OF})"
)
"""Open tasks that somebody can work on or waits with, as of now."""

CLOSED: Final = (
    Measure(
        "met",
        "met",
        "tasks",
        "Tasks finished on the days of the range, before the deadline that stood when they were finished: the "
        "nearest of the due date and our own target. A deadline that had moved counts as it stood then; a paused "
        "target does not count.",
        "count(*) FILTER (WHERE verdict = 'met')",
    ),
    Measure(
        "late",
        "late",
        "tasks",
        "Tasks finished on the days of the range at the deadline that stood when they were finished, or after it. A "
        "task that was reopened counts once, by its last finish, and not at all while it is open again.",
        "count(*) FILTER (WHERE verdict = 'late')",
    ),
    Measure(
        "share",
        "met %",
        "percent",
        "Of the tasks that are met or late, how many are met, rounded down: 100 only when none is late.",
        "100 * count(*) FILTER (WHERE verdict = 'met') / nullif(count(*) FILTER (WHERE verdict IN ('met', 'late')), 0)",
    ),
    Measure(
        "late_median",
        "late by, median",
        "business hours",
        "Of the late tasks, the median time from the deadline to the finish, in hours during which the practice was "
        "open. Counted back two years before the range at most.",
        "round(percentile_cont(0.5) WITHIN GROUP (ORDER BY late_by)::numeric, 1)::float8",
    ),
    Measure(
        "late_p90",
        "late by, 90th percentile",
        "business hours",
        "The same, not reached by nine late tasks of ten (between two tasks, in proportion).",
        "round(percentile_cont(0.9) WITHIN GROUP (ORDER BY late_by)::numeric, 1)::float8",
    ),
    Measure(
        "no_deadline",
        "without deadline",
        "tasks",
        "Tasks finished on the days of the range while no deadline stood: neither met nor late.",
        "count(*) FILTER (WHERE verdict = 'no_deadline')",
    ),
    Measure(
        "waived",
        "waived",
        "tasks",
        "Gates passed by a waiver on the days of the range: neither met nor late.",
        "count(*) FILTER (WHERE verdict = 'waived')",
    ),
    Measure(
        "left_out",
        "left out",
        "tasks",
        "Tasks skipped on the days of the range: by a person, with a closed case, or with a component that was taken "
        "out. Items that only did not apply are not counted. What was finished before that stays met or late.",
        "count(*) FILTER (WHERE verdict = 'left_out')",
    ),
)

OPEN: Final = (
    Measure(
        "open",
        "open",
        "tasks",
        "Tasks of open cases that are free, held or waiting now. Tasks that wait for other tasks are not counted.",
        "count(*)",
    ),
    Measure(
        "late_now",
        "late now",
        "tasks",
        "Open tasks whose deadline is reached.",
        "count(*) FILTER (WHERE late)",
    ),
    Measure(
        "waiting",
        "waiting",
        "tasks",
        "Open tasks whose holder said that they wait for somebody.",
        "count(*) FILTER (WHERE state = 'waiting')",
    ),
    Measure(
        "since",
        "oldest since",
        "moment",
        "Since when the oldest of them waits, or could be worked on.",
        "min(since)",
    ),
)

PARTS: Final = (
    Part("tracks", "by checklist", "Each task counts with the checklist that it stands in."),
    Part("roles", "by role", "By the roles that the checklist names for the task; several are one group of their own."),
    Part(
        "people",
        "by person",
        "Whoever held the task when it was finished; where nobody did, who finished it.",
    ),
    Part(
        "weeks",
        "by week",
        "Whole local weeks from Monday, up to now: those that the range touches, and at least eight up to its end.",
    ),
    Part(
        "waits",
        "who is waited for",
        "Open tasks now: the person or office that the holder named; `us` where somebody has it and waits for nobody; "
        "`nobody` where it is free.",
    ),
    Part("load", "load", "Open tasks now by who holds them, every VA included."),
    Part(
        "breaches",
        "missed deadlines",
        "Each deadline that passed on the days of the range while its task was open or waited for other tasks, also "
        "when the task was reopened, moved, extended or left out afterwards. A deadline that was over already when it "
        "was set, as for a task that came into being after it, was missed when it was set; where a key date set it, it "
        "was not missed if that date is moved or cleared so that it is not over any more, before the task is finished, "
        "given more time or a reason. Late by: from the deadline until the finish, or until now. One task can miss "
        "two: our own target, and its due date.",
    ),
    Part("reasons", "why", "The reason that was last given for each missed deadline, else “no reason given”."),
    Part("oldest", "oldest open", "The open tasks that could be worked on for longest."),
)


def definitions() -> list[tuple[str, str, str]]:
    """Title, unit and definition of everything in the report, in order; a part has no unit."""
    told: list[tuple[str, str, str]] = [
        (each.title, "" if each.unit == "moment" else each.unit, each.means) for each in (*CLOSED, *OPEN)
    ]
    return told + [(part.title, "", part.means) for part in PARTS]


RANGE_WORDS: Final = (
    "Days are the practice's local days, from midnight to midnight. Numbers of finished tasks are of the range; what "
    "is open, waits or is late now is as of the moment of the report."
)
