"""One digest a person and local day, on a real PostgreSQL: races, restarts, standstills, clock changes, silence."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from app.digests.coming import NotMade
from app.digests.service import DIGESTS, set_digest
from app.kernel.clock import FixedClock
from app.programs import absences
from app.programs.actor import NotAllowed
from app.store.engine import make_engine
from app.store.uow import Store
from app.tasks import covering
from app.tasks.departures import leave
from tests.digests.conftest import Mornings


def test_a_digest_is_one_row_and_one_notice_in_the_person_s_messages(mornings: Mornings) -> None:
    assert mornings.at("2026-11-03 11:59") == [], "a minute before seven"

    (row,) = mornings.at("2026-11-03 12:00")

    assert (row.day, row.kind, row.staff_id) == (date(2026, 11, 3), "daily", mornings.sam.id)
    (notice,) = mornings.notices()
    assert notice.id == row.notice_id
    owner = "SELECT staff_id FROM channels WHERE id = :id"
    assert mornings.rows(owner, id=notice.channel_id)[0].staff_id == mornings.sam.id
    entries = "SELECT object_id FROM audit_entries WHERE action = 'digest.make'"
    assert [each.object_id for each in mornings.rows(entries)] == [str(mornings.sam.id)]
    assert mornings.tick() == 0, "and nobody is due any more"


def test_every_business_day_has_its_own(mornings: Mornings) -> None:
    for day in range(3, 11):
        mornings.at(f"2026-11-{day:02} 12:00")
    assert mornings.days() == ["2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06", "2026-11-09", "2026-11-10"]
    assert len(mornings.notices()) == 6
    kept = [row.told is not None for row in mornings.digests()]
    assert kept == [False] * 4 + [True] * 2, "only the newest two are compared with"


def test_what_was_missed_is_sent_late_on_the_same_day_and_not_for_a_day_that_is_over(mornings: Mornings) -> None:
    mornings.at("2026-11-06 04:50")  # from Monday until Thursday, ten minutes before midnight, nothing ran
    assert mornings.days() == ["2026-11-05"]
    assert mornings.at("2026-11-06 05:10") == mornings.digests()
    assert mornings.days() == ["2026-11-05"], "ten past midnight it is not seven yet"
    mornings.at("2026-11-09 04:59")  # Sunday night
    assert mornings.days() == ["2026-11-05"], "Friday is over, and Sunday is no business day"
    assert len(mornings.notices()) == 1


def test_a_restart_sends_nothing_again(mornings: Mornings, database_url: str, clock: FixedClock) -> None:
    mornings.at("2026-11-03 12:00")
    engine = make_engine(database_url)
    with Store(engine, clock).change() as uow:
        assert DIGESTS.send_due(uow) is None
    engine.dispose()
    assert len(mornings.notices()) == 1


def test_a_clock_that_was_set_back_sends_nothing_again(mornings: Mornings) -> None:
    mornings.at("2026-11-03 12:00")
    mornings.do("UPDATE staff SET digest_due_at = '2026-11-03 12:00+00' WHERE id = :id", id=mornings.sam.id)
    assert mornings.tick() == 1, "it is looked at"
    assert (len(mornings.digests()), len(mornings.notices())) == (1, 1)
    (due,) = mornings.rows("SELECT digest_due_at FROM staff WHERE id = :id", id=mornings.sam.id)
    assert due.digest_due_at.isoformat() == "2026-11-04T12:00:00+00:00"


def test_another_hour_on_the_same_day_is_not_another_digest(mornings: Mornings) -> None:
    mornings.at("2026-11-03 12:00")
    mornings.choose(datetime(2026, 1, 1, 9, 30))  # noqa: DTZ001 - a local time of day
    mornings.at("2026-11-03 14:30")
    assert mornings.days() == ["2026-11-03"]
    mornings.at("2026-11-04 14:29")
    assert mornings.days() == ["2026-11-03"]
    mornings.at("2026-11-04 14:30")
    assert mornings.days() == ["2026-11-03", "2026-11-04"]


def test_eight_schedulers_at_once_make_one_a_day(mornings: Mornings, database_url: str, clock: FixedClock) -> None:
    engines = [make_engine(database_url) for _ in range(8)]
    barrier = Barrier(8)

    def schedule(engine: Engine) -> int:
        made = 0
        barrier.wait(10)
        while True:
            with Store(engine, clock).change() as uow:
                if DIGESTS.send_due(uow) is None:
                    return made
            made += 1

    with ThreadPoolExecutor(8) as threads:
        for day in (3, 4, 5, 6, 9):
            clock.move_to(datetime.fromisoformat(f"2026-11-{day:02}T12:00:00+00:00"))
            assert sum(threads.map(schedule, engines)) == 1
    for engine in engines:
        engine.dispose()
    assert len(mornings.digests()) == len(mornings.notices()) == 5


def test_the_database_itself_refuses_a_second_one(mornings: Mornings) -> None:
    mornings.at("2026-11-03 12:00")
    with pytest.raises(IntegrityError, match="digests_pkey"):
        mornings.do("INSERT INTO digests SELECT * FROM digests")


def test_a_change_that_fails_leaves_neither_row_nor_notice(mornings: Mornings) -> None:
    mornings.clock.move_to(datetime.fromisoformat("2026-11-03T12:00:00+00:00"))

    def broken_off() -> None:
        with mornings.store.change() as uow:
            assert DIGESTS.send_due(uow) == mornings.sam.id
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="power"):
        broken_off()
    assert (mornings.digests(), mornings.notices()) == ([], [])
    assert mornings.tick() == 1, "and it is made the next time"
    assert len(mornings.notices()) == 1


@pytest.mark.parametrize(
    ("hour", "moments", "why"),
    [
        (time(2, 30), ["2027-03-14 06:59", "2027-03-14 07:00", "2027-03-14 07:30"], "skipped: three o'clock"),
        (time(1, 30), ["2027-11-07 05:29", "2027-11-07 05:30", "2027-11-07 06:30"], "comes twice: the first"),
    ],
)
def test_clock_changes(mornings: Mornings, hour: time, moments: list[str], why: str) -> None:
    mornings.clock.move_to(datetime.fromisoformat(f"{moments[0]}+00:00") - timedelta(hours=20))
    mornings.choose(datetime.combine(date(2027, 1, 1), hour), days=frozenset({"sun"}))
    before, then, later = (len(mornings.at(moment)) for moment in moments)
    assert (before, then, later) == (0, 1, 1), why
    assert len(mornings.notices()) == 1


def test_silence_when_nothing_waits_leaves_the_row_and_no_notice(mornings: Mornings) -> None:
    seven = datetime(2026, 1, 1, 7)  # noqa: DTZ001 - a local time of day
    mornings.choose(seven, silent=True)
    (row,) = mornings.at("2026-11-03 12:00")
    assert row.notice_id is None
    assert mornings.notices() == []
    mornings.open(board="2026-11-12")
    mornings.at("2026-11-04 12:00")
    assert [each.notice_id is not None for each in mornings.digests()] == [False, True], "something waits"

    mornings.choose(seven, silent=False)
    mornings.do("UPDATE cases SET surgeon_id = NULL")
    mornings.at("2026-11-05 12:00")
    assert len(mornings.notices()) == 2, "nothing waits, and that is said"


def test_who_chose_none_or_left_gets_none(mornings: Mornings) -> None:
    mornings.choose(None)
    assert mornings.at("2026-11-03 12:00") == []
    mornings.choose(datetime(2026, 1, 1, 7))  # noqa: DTZ001 - a local time of day
    with mornings.store.change() as uow:
        leave(uow, mornings.world.actor("max"), mornings.sam)
    assert mornings.at("2026-11-04 12:00") == []


def goes(mornings: Mornings, first: int, last: int) -> None:
    """Time off of the surgeon, from a day of November to another, which begins if it is due."""
    with mornings.store.change() as uow:
        days = date(2026, 11, first), date(2026, 11, last)
        absences.plan(uow, mornings.world.actor("sam"), mornings.sam.id, *days)
    turn(mornings)


def turn(mornings: Mornings) -> None:
    with mornings.store.change() as uow:
        while covering.turn_due(uow) is not None:
            pass


def back(mornings: Mornings) -> None:
    with mornings.store.change() as uow:
        covering.come_back(uow, mornings.world.actor("sam"), mornings.sam.id)


def test_who_is_away_gets_none_and_the_first_one_afterwards_has_what_changed(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-18", surgery="2026-12-01")
    mornings.at("2026-11-03 12:00")
    mornings.date(case, "surgery", "2026-12-02")
    mornings.at("2026-11-04 04:00")
    goes(mornings, 4, 6)
    for day in (4, 5):
        mornings.at(f"2026-11-{day:02} 12:00")
    mornings.date(case, "board", "2026-11-19")
    mornings.at("2026-11-06 12:00")
    assert mornings.days() == ["2026-11-03"]

    mornings.clock.move_to(datetime.fromisoformat("2026-11-07T05:00:00+00:00"))
    turn(mornings)
    assert mornings.at("2026-11-09 11:59") == mornings.digests()
    mornings.at("2026-11-09 12:00")

    assert mornings.days() == ["2026-11-03", "2026-11-09"]
    assert len(mornings.notices()) == 2
    changed = str(mornings.told()["changed"])
    assert "2026-11-19" in changed
    assert "2026-12-02" in changed


def test_who_is_back_after_its_hour_gets_that_of_the_day_at_once_and_once(mornings: Mornings) -> None:
    mornings.at("2026-11-03 04:00")
    goes(mornings, 3, 5)
    assert mornings.at("2026-11-03 12:00") == []
    mornings.at("2026-11-04 15:00")
    back(mornings)
    mornings.tick()
    assert mornings.days() == ["2026-11-04"]
    goes(mornings, 4, 4)
    back(mornings)
    assert mornings.tick() == 1, "it is looked at"
    assert mornings.days() == ["2026-11-04"]
    mornings.at("2026-11-05 12:00")
    assert mornings.days() == ["2026-11-04", "2026-11-05"]
    assert len(mornings.notices()) == 2


def test_who_is_back_before_its_hour_gets_it_then(mornings: Mornings) -> None:
    mornings.at("2026-11-03 04:00")
    goes(mornings, 3, 5)
    mornings.at("2026-11-04 10:00")
    back(mornings)
    assert mornings.tick() == 1, "it is looked at"
    assert mornings.at("2026-11-04 11:59") == []
    mornings.at("2026-11-04 12:00")
    assert mornings.days() == ["2026-11-04"]


def test_nobody_else_changes_a_person_s_hour(mornings: Mornings) -> None:
    with pytest.raises(NotAllowed), mornings.store.change() as uow:
        set_digest(uow, mornings.world.actor("ana"), mornings.sam.id, at=None, days=None, silent=False)
    with mornings.store.change() as uow:
        set_digest(uow, mornings.world.actor("sam"), mornings.sam.id, at=time(6), days=None, silent=False)
    assert mornings.at("2026-11-03 11:00") != []


def test_one_that_fails_says_whose_and_can_be_put_off(mornings: Mornings) -> None:
    mornings.do("UPDATE staff SET digest_at = '07:00', digest_due_at = '2026-11-03 11:00+00' WHERE name = 'Ana'")
    mornings.do("UPDATE staff SET zone = 'Atlantis/Capital' WHERE name = 'Ana'")
    mornings.clock.move_to(datetime.fromisoformat("2026-11-03T12:00:00+00:00"))
    ana = mornings.world.staff["ana"].id
    with pytest.raises(NotMade) as caught, mornings.store.change() as uow:
        DIGESTS.send_due(uow)
    assert caught.value.row_id == ana
    with mornings.store.change() as uow:
        DIGESTS.put_off(uow, ana, timedelta(minutes=1))
    assert mornings.tick() == 1
    assert [row.staff_id for row in mornings.digests()] == [mornings.sam.id]


def test_looking_who_is_due_costs_an_index_scan_among_many_who_are_not(mornings: Mornings, engine: Engine) -> None:
    mornings.do(
        "INSERT INTO staff (program_id, slack_user_id, name, zone, roles, skills, active, guest, digest_silent,"
        " digest_at, digest_due_at)"
        " SELECT :program, 'U0N' || n, 'N', 'UTC', '{surgeon}', '{}', true, false, false, '07:00',"
        " '2026-11-03 12:00+00'::timestamptz + n * interval '1 second' FROM generate_series(1, 20000) n",
        program=mornings.world.program.id,
    )
    mornings.do("ANALYZE staff")
    query = DIGESTS.next_person.compile(engine)
    values = dict(query.params) | {"now": datetime.fromisoformat("2026-11-03T11:00:00+00:00")}
    with engine.connect() as connection:
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {query}", values))
    assert "staff_digest_due" in plan
    assert "Seq Scan" not in plan
