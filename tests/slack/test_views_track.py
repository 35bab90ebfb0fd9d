"""The details of a track: everything that is open, then what is not, counted honestly."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.cases.details import DetailTask, TrackDetail
from app.slack import limits
from app.slack.views.track import TOGETHER, track

NOW = datetime(2026, 12, 3, 22, 0, tzinfo=UTC)
TASK = DetailTask(12, "Read the chart", "claimed", NOW, "U0ANA", None, late=False)
EMPTY = TrackDetail(8, "K7Q4", "America/New_York", "Board packet", None, withdrawn=False, tasks=())


def shown(*tasks: DetailTask, **changed: Any) -> str:
    message = track(replace(EMPTY, tasks=tasks, **changed), {"U0ANA": "Ana Diaz"})
    assert limits.problems(message.text, message.blocks) == []
    return message.text


def test_each_task_says_how_it_stands() -> None:
    due = "due <!date^1796335200^{date_short_pretty} {time}|Thu 3 Dec 2026 5:00 PM EST>"
    text = shown(
        replace(TASK, no=1, state="done"),
        replace(TASK, no=2, late=True),
        replace(TASK, no=3, state="waiting", waiting_on="tissue_bank", note="graft <&> fax"),
        replace(TASK, no=4, state="ready", holder=None, deadline=None),
        replace(TASK, no=5, state="blocked", holder=None),
        replace(TASK, no=6, state="skipped", note="not needed"),
        replace(TASK, no=7, state="blocked", holder=None, deadline=None, needs=(3, 4)),
        replace(TASK, no=8, state="blocked", holder=None, needs=(2, 3, 4, 5, 7)),
        replace(TASK, no=9, state="done", closer="U0ANA", closed_at=NOW),
        replace(TASK, no=10, state="skipped", note="no | need", closer="U0BO", closed_at=NOW),
        component="C1 plate",
    )
    assert text.splitlines() == [
        "Board packet · C1 plate — 2 of 10 done, 2 skipped, 1 late",
        f"• 2 Read the chart — late — {due} — with Ana Diaz",
        f"• 3 Read the chart — {due} — with Ana Diaz — waits for the tissue bank: graft &lt;&amp;&gt; fax",
        "• 4 Read the chart — no deadline yet — nobody has it",
        f"• 5 Read the chart — {due} — waits for other tasks",
        "• 7 Read the chart — waits for 3 and 4",
        f"• 8 Read the chart — {due} — waits for 2, 3, 4 and 2 more",
        "• Done: 1 Read the chart",
        f"• Done: 9 Read the chart — by Ana Diaz — {due.removeprefix('due ')}",
        "• Left out: 6 Read the chart: not needed",
        f"• Left out: 10 Read the chart: no | need — by somebody — {due.removeprefix('due ')}",
    ]


def test_nobody_is_called() -> None:
    assert "<@" not in shown(TASK)


def test_what_was_taken_out_of_the_plan_says_so() -> None:
    assert "taken out of the plan" in shown(TASK, withdrawn=True)


def test_what_does_not_fit_is_counted() -> None:
    message = track(
        replace(
            EMPTY,
            tasks=(replace(TASK, title="W" * 80, state="waiting", waiting_on="tissue_bank", note="W" * 300),) * 200,
        ),
        {},
    )
    assert limits.problems(message.text, message.blocks) == []
    kept = [block for block in message.blocks if block["type"] == "section"][1:]
    assert f"… and {200 - TOGETHER * len(kept)} more lines" in str(message.blocks[-1])
