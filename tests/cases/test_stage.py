"""The stage of a case, by its key dates."""

from datetime import UTC, date, datetime

import pytest

from app.cases.stage import Stage, stage_of

NOW = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)
TODAY, BEFORE, AFTER = date(2026, 12, 3), date(2026, 12, 2), date(2026, 12, 4)

CASES = [
    ([], Stage(None, None), "nothing is known"),
    ([("board", TODAY, None)], Stage(None, "board"), "a day is not over while it lasts"),
    ([("board", BEFORE, None)], Stage("board", None), "yesterday is"),
    ([("board", TODAY, NOW.replace(hour=14))], Stage("board", None), "an hour that is past is over"),
    ([("board", TODAY, NOW.replace(hour=16))], Stage(None, "board"), "one to come is not"),
    ([("biopsy", BEFORE, None), ("surgery", AFTER, None), ("board", AFTER, None)], Stage("biopsy", "board"),
     "of one day, the earlier in the course comes first"),
    ([("biopsy", BEFORE, None), ("board", BEFORE, None)], Stage("board", None), "and the later one is the last"),
    ([("surgery", date(2026, 11, 1), None), ("board", BEFORE, None)], Stage("board", None), "a second board"),
    ([("last_contact", BEFORE, None)], Stage(None, None), "a contact is no stage"),
]  # fmt: skip


@pytest.mark.parametrize(("dates", "stage", "why"), CASES, ids=[row[2] for row in CASES])
def test_the_stage(dates: list[tuple[str, date, datetime | None]], stage: Stage, why: str) -> None:
    assert stage_of(dates, TODAY, NOW) == stage
