"""The long checks in short, and that each of them can fail."""

from datetime import date

import pytest
from sqlalchemy import Engine, text

from benchmarks.soak_downtime import CHANGES, stand_still
from benchmarks.soak_fuzz import fuzz
from benchmarks.soak_race import Try, judge, race
from benchmarks.soak_replan import replan


@pytest.mark.long
def test_of_many_claims_each_task_has_one_winner_and_every_loser_is_told(database_url: str) -> None:
    report = race(database_url, seed=3, vas=12, tasks=30, processes=2)

    assert report["broken"] == []
    assert (report["claims"], report["won"], report["lost"]) == (360, 30, 330)


WRONG = [
    ([Try(1, "ana", True, None, 0), Try(1, "bo", True, None, 0)], {1: "ana"}, "won by 2", "two winners"),
    ([Try(1, "ana", False, "bo", 0)], {}, "won by 0", "no winner"),
    ([Try(1, "ana", True, None, 0)], {1: "bo"}, "held by bo", "the winner does not hold it"),
    (
        [Try(1, "ana", True, None, 0), Try(1, "bo", False, "cy", 0)],
        {1: "ana"},
        "1 losers were not told",
        "a loser was told a wrong name",
    ),
    (
        [Try(1, "ana", True, None, 0), Try(1, "bo", False, None, 0)],
        {1: "ana"},
        "1 losers were not told",
        "a loser was told nothing",
    ),
]


@pytest.mark.parametrize(("tries", "holders", "said", "why"), WRONG, ids=[row[3] for row in WRONG])
def test_the_race_is_judged(tries: list[Try], holders: dict[int, str], said: str, why: str) -> None:
    assert any(said in line for line in judge(tries, [1], holders)), why


def test_a_moved_surgery_date_is_one_transaction_and_one_post(engine: Engine) -> None:
    report = replan(engine, tasks=60)

    assert report["broken"] == []
    assert (report["transactions"], report["posts"]) == (1, 1)
    assert report["moved"] == report["hanging"]


@pytest.mark.parametrize(("zone", "day"), CHANGES[:1] + CHANGES[3:])
def test_after_three_days_of_standstill_each_moment_is_accounted_for_once(engine: Engine, zone: str, day: date) -> None:
    report = stand_still(engine, zone, day, cases=4, seed=5)

    assert report["broken"] == []
    assert report["settled"] == report["due"] != 0


def test_whatever_is_sent_is_answered_and_nobody_reaches_beyond_their_authority(engine: Engine) -> None:
    report = fuzz(engine, cases=250, seed_=7)

    assert report["broken"] == []
    assert report["deliveries"] >= 250
    assert sum(report["changes"].values()) > 5, "some of it is meant, and done"


def test_a_due_moment_that_was_lost_is_found(engine: Engine) -> None:
    """The check sees a sweep that drops what it should tell."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " IF NEW.state = 'collapsed' THEN NEW.notice_id = NULL; END IF; RETURN NEW; END $$"
            )
        )
        connection.execute(text("CREATE TRIGGER lose BEFORE UPDATE ON timers FOR EACH ROW EXECUTE FUNCTION lose()"))
    report = stand_still(engine, *CHANGES[0], cases=3, seed=5)

    assert "breaches without a post" in str(report["broken"])
