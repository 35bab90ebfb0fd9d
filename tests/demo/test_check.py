"""The demonstration, short: two working days by two workers and two schedulers, counted from two sources."""

import pytest

from app.demo.check import play
from app.demo.counts import of_ledger
from app.demo.processes import redis_server


@pytest.fixture
def two_of_each() -> int:
    """Two processes where there is a Redis to put between them, else one process for all."""
    return 2 if redis_server() else 0


@pytest.mark.long
def test_two_days_agree_between_database_and_ledger(two_of_each: int) -> None:
    report = play(days=2, seed=7, workers=two_of_each, schedulers=two_of_each)

    # Two days, on which most cases are opened and planned, say nothing of how busy a usual day is.
    assert [line for line in report["broken"] if not line.startswith("posts per case and day")] == []
    assert report["database"] == report["ledger"]
    assert (report["lost"], report["doubled"], report["invented"], report["misplaced"]) == (0, 0, 0, 0)
    assert report["database"]["cases"] >= 9
    assert report["database"]["claims"] > 20


def test_a_post_that_nobody_wrote_is_counted_as_invented_and_a_repeated_one_as_doubled() -> None:
    def posted(notice: str) -> dict[str, object]:
        metadata = {"event_payload": {"id": notice, "kind": "breach", "n": 2}}
        data = {"channel": "C1", "metadata": metadata}
        return {"kind": "change", "type": "message.posted", "at": "2026-10-05T12:00:00+00:00", "data": data}

    ledger = of_ledger([posted("a"), posted("b"), posted("a")], "America/New_York")

    assert ledger.posted == {"a": 2, "b": 1}
    assert ledger.counts.breaches == 6
    assert ledger.per_case_and_day() == 3


def test_the_ledger_of_an_empty_sandbox_says_nothing() -> None:
    assert of_ledger([], "America/New_York").per_case_and_day() == 0
