"""The scheduler finds what every hint missed, delivers it when nobody does, and is not stopped by one failure."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.cases.models import Case
from app.cases.service import open_case
from app.clocks import sweep
from app.clocks.sweep import fire_due
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.programs.absences import Absence, plan
from app.questions import sweep as question_sweep
from app.questions.service import ask
from app.store.uow import Store, UnitOfWork
from app.tasks import covering
from tests.notices.conftest import Practice, until
from tests.world import make_world
from workers.notices import Hints
from workers.scheduler import PATIENCE, Ticker, patient, scheduled


def nowhere(channel_id: int) -> None:
    """A queue that loses everything without a word."""


def gone(channel_id: int) -> None:
    raise ConnectionError("no queue")


def due_case(practice: Practice) -> Case:
    """A case with timers that are due now."""
    now = practice.world.store.clock.now()
    case = practice.open(key_dates={"board": Moment.of_day(now.date() + timedelta(days=30))})
    practice.do("UPDATE timers SET fire_at = :now WHERE case_id = :case", now=now, case=case.id)
    return case


def ticker_of(practice: Practice) -> Ticker:
    """A scheduler whose queue is gone."""
    return Ticker(
        practice.world.store, practice.office, Hints(gone), practice.homes, practice.renewals, practice.accounts
    )


@pytest.fixture
def ticker(practice: Practice) -> Iterator[Ticker]:
    made = Ticker(
        practice.world.store, practice.office, Hints(nowhere), practice.homes, practice.renewals, practice.accounts
    )
    yield made
    made.close()


def test_what_every_hint_missed_is_delivered_by_the_scheduler_itself(practice: Practice, ticker: Ticker) -> None:
    case = practice.open()

    def swept() -> bool:
        ticker.sweep()
        return practice.waiting(practice.channel(case).id) == 0

    ticker.sweep()
    assert practice.waiting(practice.channel(case).id) > 0, "a worker is given its chance first"
    until(swept, within=PATIENCE + 10)
    assert practice.said(case) == ["card", "opened"]


def test_with_the_queue_gone_nobody_is_waited_for(practice: Practice) -> None:
    case = practice.open()
    ticker = ticker_of(practice)
    ticker.sweep()  # the first hint finds out
    ticker.sweep()
    until(lambda: practice.waiting(practice.channel(case).id) == 0, within=PATIENCE + 5)
    ticker.close()
    assert practice.said(case) == ["card", "opened"]


def test_a_channel_is_hinted_at_once_and_not_at_every_tick(practice: Practice) -> None:
    case = practice.open()
    hinted: list[int] = []
    ticker = Ticker(
        practice.world.store,
        practice.office,
        Hints(hinted.append),
        practice.homes,
        practice.renewals,
        practice.accounts,
    )
    for _ in range(3):
        ticker.sweep()
    assert hinted == [practice.channel(case).id]
    ticker.close()


def test_two_schedulers_post_everything_once(practice: Practice) -> None:
    cases = [practice.open() for _ in range(4)]
    tickers = [ticker_of(practice) for _ in range(2)]

    def swept() -> bool:
        for ticker in tickers:
            ticker.sweep()
        return all(practice.waiting(practice.channel(case).id) == 0 for case in cases)

    until(swept, within=30)
    for ticker in tickers:
        ticker.close()
    for case in cases:
        assert practice.said(case) == ["card", "opened"]


def test_an_absence_that_fails_is_put_off_and_the_others_begin(
    practice: Practice,
    ticker: Ticker,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The failure is put where the absence tells what it did; everything around it is real."""
    world, tell = practice.world, covering._say_begun
    today = world.store.clock.now().date()
    with world.store.change() as uow:
        for name in ("ana", "bo"):
            plan(uow, world.actor(name), world.staff[name].id, today, today)

    def broken(uow: UnitOfWork, absence: Absence, *given: Any) -> None:
        if absence.name == "Ana":
            raise RuntimeError("broken")
        tell(uow, absence, *given)

    monkeypatch.setattr(covering, "_say_begun", broken)
    with caplog.at_level(logging.ERROR, "caseboard"):
        ticker.absences()
    assert "tried again in a minute" in caplog.text
    begun = "SELECT s.name FROM absences a JOIN staff s ON s.id = a.staff_id WHERE a.begun_at IS NOT NULL ORDER BY 1"
    with world.store.read() as uow:
        assert uow.session.execute(text(begun)).scalars().all() == ["Bo"]

    monkeypatch.setattr(covering, "_say_begun", tell)
    clock.advance(timedelta(minutes=1))
    ticker.absences()
    with world.store.read() as uow:
        assert uow.session.execute(text(begun)).scalars().all() == ["Ana", "Bo"]


def test_what_nobody_may_take_is_told_and_a_program_that_fails_holds_up_no_other(
    practice: Practice, ticker: Ticker, caplog: pytest.LogCaptureFixture
) -> None:
    """A task of the first program is for a role that no version of ours knows."""
    world = practice.world
    practice.open(key_dates={"board": Moment.of_day(world.store.clock.now().date() + timedelta(days=30))})
    practice.do("UPDATE tasks SET roles = '{wizard}'")
    other = make_world(world.store, team="T0OTHER", slug="other")
    with world.store.change() as uow:
        open_case(
            uow, other.actor("lea"), lead_id=other.staff["lea"].id,
            key_dates={"board": Moment.of_day(uow.now.date() + timedelta(days=30))},
        )  # fmt: skip
    practice.do("UPDATE staff SET active = false WHERE id = :sam", sam=other.staff["sam"].id)

    with caplog.at_level(logging.ERROR, "caseboard"):
        ticker.vacancies()
        ticker.vacancies()
    assert caplog.text.count("again in a minute") == 1
    told = "SELECT h.staff_id FROM notices n JOIN channels h ON h.id = n.channel_id WHERE n.dedupe_key LIKE 'vacant:%'"
    assert [row.staff_id for row in practice.rows(told)] == [other.staff["lea"].id]


def test_an_absence_that_fails_in_what_is_left_for_last_is_put_off_too(
    practice: Practice, ticker: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure is put where a transaction of an absence ends: beside the cards and the audit chain."""
    world, tell = practice.world, covering._say_begun
    today = world.store.clock.now().date()
    with world.store.change() as uow:
        for name in ("ana", "bo"):
            plan(uow, world.actor(name), world.staff[name].id, today, today)

    def fail(_: UnitOfWork) -> None:
        raise RuntimeError("broken")

    def broken(uow: UnitOfWork, absence: Absence, *given: Any) -> None:
        tell(uow, absence, *given)
        if absence.name == "Ana":
            uow.at_end(9, "broken", fail)

    monkeypatch.setattr(covering, "_say_begun", broken)
    ticker.absences()
    begun = "SELECT s.name FROM absences a JOIN staff s ON s.id = a.staff_id WHERE a.begun_at IS NOT NULL"
    assert [row.name for row in practice.rows(begun)] == ["Bo"]
    put_off = "SELECT a.look_at FROM absences a JOIN staff s ON s.id = a.staff_id WHERE s.name = 'Ana'"
    assert practice.row(put_off).look_at == world.store.clock.now() + timedelta(minutes=1)


def test_questions_that_fail_in_what_is_left_for_last_are_put_off_too(
    practice: Practice, ticker: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure is put where a transaction of a person's questions ends; everything around it is real."""
    case, real = practice.open(), question_sweep._fire
    with practice.world.store.change() as uow:
        for who in ("sam", "bo"):
            ask(uow, practice.world.actor("ana"), case.id, practice.world.staff[who].id, "Who assists?")
    now, sam = practice.world.store.clock.now(), practice.world.staff["sam"].id
    practice.do("UPDATE questions SET next_at = :now", now=now)
    practice.do("UPDATE staff SET quiet_from = NULL, quiet_until = NULL")

    def fail(_: UnitOfWork) -> None:
        raise RuntimeError("broken")

    def fire(uow: UnitOfWork, person_id: int) -> int:
        if person_id == sam:
            uow.at_end(9, "broken", fail)
        return real(uow, person_id)

    monkeypatch.setattr(question_sweep, "_fire", fire)
    ticker.questions()
    next_at = {row.to_id: row.next_at for row in practice.rows("SELECT to_id, next_at FROM questions")}
    assert next_at[sam] == now + timedelta(minutes=1)
    told = "SELECT count(*) FROM notices WHERE kind = 'question' AND payload ->> 'stage' = 'reminder'"
    assert practice.row(told)[0] == 1


def test_a_case_whose_timers_fail_is_put_off_and_the_others_fire(
    practice: Practice, ticker: Ticker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is put where the sweep reads a case's tasks; everything around it is real."""
    bad, good = due_case(practice), due_case(practice)
    pending = "SELECT count(*) FROM timers WHERE case_id = :case AND state = 'pending' AND fire_at <= :now"
    now = practice.world.store.clock.now()
    assert practice.row(pending, case=bad.id, now=now)[0] > 0
    real: Callable[..., int] = sweep._fire

    def fire(uow: object, case: object) -> int:
        if case.id == bad.id:  # type: ignore[attr-defined]
            raise ValueError("this case cannot be fired")
        return real(uow, case)

    monkeypatch.setattr(sweep, "_fire", fire)
    with caplog.at_level(logging.ERROR, logger="caseboard.scheduler"):
        ticker.fire()
    assert practice.row(pending, case=good.id, now=now)[0] == 0
    assert practice.row(pending, case=bad.id, now=now)[0] == 0, "put off, so not due now"
    later = now + timedelta(minutes=2)
    assert practice.row(pending, case=bad.id, now=later)[0] > 0, "but not given up"
    assert "failed: SweepFailed from ValueError" in caplog.text


def test_a_digest_that_fails_is_put_off_and_the_others_go_out(
    practice: Practice, ticker: Ticker, caplog: pytest.LogCaptureFixture
) -> None:
    """A zone that this machine does not know, as one that another machine wrote."""
    due = {"now": practice.world.store.clock.now() - timedelta(hours=1)}
    practice.do("UPDATE staff SET digest_at = '07:00', digest_due_at = :now, zone = 'Mars/North' WHERE id = 1", **due)
    practice.do("UPDATE staff SET digest_due_at = :now WHERE name = 'Sam'", **due)
    with caplog.at_level(logging.ERROR, logger="caseboard"):
        ticker.digests()
    made = practice.rows("SELECT s.name FROM digests d JOIN staff s ON s.id = d.staff_id")
    assert [row.name for row in made] == ["Sam"]
    assert "the digest of staff row 1, tried again in a minute, failed" in caplog.text
    assert "Mars" not in caplog.text, "nothing of the row"
    later = practice.row("SELECT digest_due_at FROM staff WHERE id = 1").digest_due_at
    assert later == practice.world.store.clock.now() + timedelta(minutes=1), "put off and not given up"


def test_a_person_who_cannot_be_reminded_is_put_off_and_the_others_are(
    practice: Practice, ticker: Ticker, caplog: pytest.LogCaptureFixture
) -> None:
    case = practice.open()
    with practice.world.store.change() as uow:
        for who in ("sam", "bo"):
            ask(uow, practice.world.actor("ana"), case.id, practice.world.staff[who].id, "Who assists?")
    now = practice.world.store.clock.now()
    practice.do("UPDATE questions SET next_at = :now", now=now)
    practice.do("UPDATE staff SET zone = 'Mars/North', quiet_from = '00:00', quiet_until = '01:00' WHERE name = 'Sam'")
    practice.do("UPDATE staff SET quiet_from = NULL, quiet_until = NULL WHERE name = 'Bo'")
    with caplog.at_level(logging.ERROR, logger="caseboard"):
        ticker.questions()
    sam = practice.world.staff["sam"].id
    assert f"the questions to staff row {sam}, tried again in a minute, failed" in caplog.text
    next_at = {row.to_id: row.next_at for row in practice.rows("SELECT to_id, next_at, due_at FROM questions")}
    assert next_at[sam] == now + timedelta(minutes=1), "put off and not given up"
    told = "SELECT count(*) FROM notices WHERE kind = 'question' AND payload ->> 'stage' = 'reminder'"
    assert practice.row(told)[0] == 1


def test_firing_what_is_due_hints_at_its_channel(practice: Practice) -> None:
    case = due_case(practice)
    hinted: list[int] = []
    hints = Hints(hinted.append)
    ticker = Ticker(
        Store(practice.engine, practice.world.store.clock, hints),
        practice.office,
        hints,
        practice.homes,
        practice.renewals,
        practice.accounts,
    )
    ticker.fire()
    ticker.close()
    assert hinted == [practice.channel(case).id]
    with practice.world.store.change() as uow:
        assert fire_due(uow) is None


def test_a_database_that_is_away_is_said_and_the_next_tick_tries_again(caplog: pytest.LogCaptureFixture) -> None:
    def away() -> None:
        raise OperationalError("SELECT 1", {}, ConnectionError("gone"))

    with caplog.at_level(logging.WARNING, logger="caseboard.scheduler"):
        patient(away)()
    assert "the next tick tries again" in caplog.text


def test_late_ticks_run_once_and_never_two_at_a_time(ticker: Ticker) -> None:
    made: BackgroundScheduler = scheduled(ticker, 0.25)
    made.start(paused=True)
    jobs = {job.id: job for job in made.get_jobs()}
    assert {"fire", "questions", "digests", "sweep"} <= set(jobs)
    assert all(job.misfire_grace_time is None for job in jobs.values())
    assert all(job.max_instances == 1 for job in jobs.values())
    assert all(job.coalesce for job in jobs.values())
    made.shutdown()


def test_the_scheduler_ticks_by_itself(practice: Practice) -> None:
    case = practice.open()
    ticker = ticker_of(practice)
    made = scheduled(ticker, 0.1)
    made.start()
    until(lambda: practice.waiting(practice.channel(case).id) == 0, within=15)
    made.shutdown(wait=True)
    ticker.close()
