"""The report in words: how late something is, as people say it."""

from datetime import UTC, datetime

import pytest

from app.reports import words
from app.reports.report import Breach, Report, line

NOW = datetime(2026, 11, 4, 15, 0, tzinfo=UTC)


def breach(late_by: float, *, open_: bool = False) -> Breach:
    return Breach(
        code="K7Q4", no=2, title="Load the images", track="packet", person="Ana", clock="sla", missed_at=NOW,
        late_by=late_by, state="claimed" if open_ else "done", due_at=NOW, closed_at=None if open_ else NOW,
        waiting_on=None, reason=None,
    )  # fmt: skip


def report(median: float | None, most: float | None) -> Report:
    total = line("total", "all", {"met": 1, "late": 3, "share": 25, "late_median": median, "late_p90": most})
    return Report(
        program="practice", name="Practice", zone="America/New_York", first=NOW.date(), last=NOW.date(), at=NOW,
        whose="", total=total, tracks=[], roles=[], people=[], weeks=[], open=line("open", "all", {}), waits=[],
        load=[], reasons=[], breaches=[], breaches_total=0, oldest=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("late_by", "said", "why"),
    [
        (0.0, "under 1 business hour", "nothing that was late was so by nothing"),
        (0.4, "under 1 business hour", "minutes"),
        (1.0, "1 business hour", "an hour"),
        (3.5, "3.5 business hours", "hours and a half"),
    ],
)
def test_how_late_a_missed_deadline_was(late_by: float, said: str, why: str) -> None:
    assert words.stands(breach(late_by), NOW) == f"finished {said} late", why
    assert words.stands(breach(late_by, open_=True), NOW) == f"open, {said} late", why


def test_of_missed_deadlines_the_longest_late_is_named_first() -> None:
    """By the worst deadline of a task; of as late ones in the order in which they came."""
    missed = [breach(late).model_copy(update={"no": no}) for no, late in ((1, 0.2), (2, 3.0), (3, 236.5), (1, 9.0))]
    told = words.longest_late([*missed, breach(3.0).model_copy(update={"no": 4})])
    assert [[each.late_by for each in of] for of in told] == [[236.5], [0.2, 9.0], [3.0], [3.0]]
    assert [of[0].no for of in told] == [3, 1, 2, 4]


@pytest.mark.parametrize(
    ("there", "total", "said"),
    [
        (1, 1, "Missed deadlines:"),
        (3, 3, "Missed deadlines, the longest late first:"),
        (200, 214, "Missed deadlines, the longest late first, of the last 200, what is open before the rest:"),
    ],
)
def test_a_list_of_missed_deadlines_says_how_it_is_ordered(there: int, total: int, said: str) -> None:
    found = report(None, None).model_copy(update={"breaches": [breach(1.0)] * there, "breaches_total": total})
    assert words.missed_head(found) == said


def test_a_late_task_that_waits_for_others_is_not_called_open() -> None:
    held_up = breach(65.0, open_=True).model_copy(update={"state": "blocked"})
    assert words.stands(held_up, NOW) == "waits for other tasks, 65 business hours late"


@pytest.mark.parametrize(
    ("median", "most", "said"),
    [
        (0.0, 0.3, "Late by under 1 business hour (median), 90 % of them by 1 at most."),
        (1.0, 1.5, "Late by 1 business hour (median), 90 % of them by 1.5 at most."),
        (3.5, 8.0, "Late by 3.5 business hours (median), 90 % of them by 8 at most."),
    ],
)
def test_how_late_the_late_ones_were(median: float, most: float, said: str) -> None:
    assert words.lateness(report(median, most)) == said


def test_nothing_is_said_of_lateness_where_nothing_was_late() -> None:
    assert words.lateness(report(None, None)) == ""


def test_who_holds_how_much_the_most_first() -> None:
    assert words.load(report(None, None)) == ""
    people = [line(str(no), f"P{no}", {"open": no % 3, "late_now": no % 3 % 2}) for no in range(1, 11)]
    said = words.load(report(None, None).model_copy(update={"load": people}))
    assert (
        said
        == "Held by: P2 2, P5 2, P8 2, P1 1 (1 late), P4 1 (1 late), P7 1 (1 late), P10 1 (1 late), P3 0 and 2 more."
    )
