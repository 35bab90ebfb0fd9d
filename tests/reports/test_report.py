"""The report's statements against a twin that walks the tasks, over invented practices in a real PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from app.cases.dates import clear_date
from app.cases.service import close_case, open_case
from app.checklists.vocabulary import NOT_APPLICABLE, Awaited
from app.clocks.sweep import fire_due, push_back
from app.kernel.due import Moment
from app.programs.actor import NotAllowed
from app.programs.queries import calendar_of
from app.reports import measures, queries
from app.reports.queries import Asked, missed_of, report, rows_of
from app.reports.reasons import Reason
from app.reports.report import Breach, Line, Report
from app.reports.service import UnknownTrack, find_track, sla
from app.reports.triage import give_reason
from app.tasks import service as tasks
from app.tasks.extending import extend
from app.tasks.refusals import NotEligible, WrongState
from tests.conftest import MONDAY
from tests.reports import twin
from tests.reports.twin import Fact
from tests.tasks.desk import BOARD, Desk, OpenCase

NOW = MONDAY
HOURS = st.integers(-24 * 7 * 30, 0)
TRACKS = ("packet", "parts")
PAST_BOARD = date(2026, 11, 4)
"""So near that P1, due five business days before it, was due in the week before."""
LAST_SUNDAY = MONDAY.date() - timedelta(days=1)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    state = draw(st.sampled_from(["done", "done", "done", "skipped", "ready", "claimed", "waiting", "blocked"]))
    shut = state in ("done", "skipped")
    closed = NOW + timedelta(hours=draw(HOURS), minutes=draw(st.integers(0, 59))) if shut else None
    near = closed or NOW
    due = draw(st.none() | st.sampled_from([0, 0, 1, -1, 5, -5, 40, -40, 300, -300, -30_000]))
    held = state in ("claimed", "waiting") or (shut and draw(st.booleans()))
    waived = state == "done" and draw(st.integers(0, 5)) == 0
    waits = state == "waiting"
    reason = draw(st.sampled_from([NOT_APPLICABLE, "case closed"])) if state == "skipped" else "late" * waived
    return Fact(
        track=draw(st.sampled_from(TRACKS)),
        roles=draw(st.sampled_from([("va",), ("coder", "va"), (), ("surgeon",)])),
        state=state,
        holder=draw(st.integers(0, 2)) if held else None,
        closed_by=draw(st.none() | st.integers(0, 3)) if shut else None,
        due=None if due is None else near + timedelta(hours=due),
        closed=closed,
        ready=draw(st.none() | HOURS.map(lambda hours: NOW + timedelta(hours=hours))),
        waiting_on=draw(st.sampled_from(list(Awaited))).value if waits else None,
        waiting_since=NOW + timedelta(hours=draw(HOURS)) if waits else None,
        reason=reason or None,
        waived=waived,
        case_open=draw(st.integers(0, 9)) > 0,
        withdrawn=draw(st.integers(0, 9)) == 0,
        breaches=tuple(
            (NOW + timedelta(hours=hours), draw(st.none() | st.sampled_from([reason.value for reason in Reason])))
            for hours in draw(st.lists(HOURS, max_size=2))
        ),
    )


@st.composite
def ranges(draw: st.DrawFn) -> Asked:
    last = NOW.date() - timedelta(days=draw(st.integers(-3, 100)))
    return Asked(
        last - timedelta(days=draw(st.sampled_from([0, 6, 30, 89, 200]))),
        last,
        track=draw(st.none() | st.sampled_from(TRACKS)),
        person=draw(st.none() | st.integers(0, 2)),
        role=draw(st.none() | st.sampled_from(["va", "coder"])),
    )


def put(session: Session, desk: Desk, invented: Sequence[Fact], staff: Sequence[int]) -> None:
    """Write the tasks, each in a case of its own, with a track and a clock."""
    program = desk.program_id
    known = text("SELECT template_id, id FROM checklist_versions WHERE program_id = :p")
    versions = {row.template_id: row.id for row in session.execute(known, {"p": program})}
    one = "INSERT INTO {} ({}) VALUES ({}) RETURNING id"

    def insert(table: str, **values: object) -> int:
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        found: int = session.execute(text(one.format(table, names, marks)), values).scalar_one()
        return found

    for number, fact in enumerate(invented):
        case = insert(
            "cases", program_id=program, code=f"X{number:03}", state="open" if fact.case_open else "closed",
            last_task_no=1, last_component_no=0, opened_at=NOW, closed_at=None if fact.case_open else NOW,
        )  # fmt: skip
        track = insert(
            "tracks", program_id=program, case_id=case, checklist_version_id=versions[fact.track],
            template_id=fact.track, state="withdrawn" if fact.withdrawn else "active", started_at=NOW,
        )  # fmt: skip
        task = insert(
            "tasks", program_id=program, case_id=case, track_id=track, no=1, item_id="I1", title="A task",
            roles=list(fact.roles), state=fact.state, holder_id=None if fact.holder is None else staff[fact.holder],
            version=1, ready_at=fact.ready, due_at=fact.due, waiting_on=fact.waiting_on,
            waiting_since=fact.waiting_since, evidence_kind="none", reason=fact.reason, closed_at=fact.closed,
            waived_by=staff[0] if fact.waived else None,
            closed_by=None if fact.closed_by is None else staff[fact.closed_by],
        )  # fmt: skip
        clock = insert(
            "clocks", program_id=program, case_id=case, task_id=task, kind="due", state="stopped", generation=1
        )
        for at, reason in fact.breaches:
            event = insert(
                "clock_events", program_id=program, clock_id=clock, kind="breach", at=at,
                deadline_at=at - timedelta(days=9),
            )  # fmt: skip
            if reason is not None:
                session.execute(
                    text("INSERT INTO breach_reasons (breach_id, program_id, reason, at) VALUES (:e, :p, :r, :now)"),
                    {"e": event, "p": program, "r": reason, "now": NOW},
                )


def same(line: Line, expected: dict[str, float | None]) -> None:
    assert line.figures.keys() >= expected.keys()
    for name, wanted in expected.items():
        got = line.figures[name]
        if wanted is None:
            assert got is None, name
        else:
            assert got == pytest.approx(wanted, abs=0.0501), (name, line)


def by_key(lines: Sequence[Line]) -> dict[str, Line]:
    found = {each.key: each for each in lines}
    assert len(found) == len(lines), "a group stands twice"
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(facts(), max_size=25), ranges())
def test_every_number_is_what_walking_the_tasks_finds(desk: Desk, invented: list[Fact], asked: Asked) -> None:
    calendar = calendar_of(desk.world.program)
    staff = [desk.world.staff[name].id for name in ("ana", "bo", "cy", "lea")]
    with desk.store.read() as uow:
        put(uow.session, desk, invented, staff)
        person = None if asked.person is None else staff[asked.person]
        wanted = Asked(asked.first, asked.last, asked.track, person, asked.role)
        found = report(uow.session, desk.world.program, wanted, NOW)
        rows, total = rows_of(uow.session, desk.world.program, wanted, NOW, 1000)
        missed, many = missed_of(uow.session, desk.world.program, wanted, NOW, 1000)

    closed = twin.closed_within(invented, asked, calendar)
    same(found.total, twin.closed_figures(closed, calendar, asked))
    for lines, key in (
        (found.tracks, lambda fact: fact.track),
        (found.roles, lambda fact: fact.role),
        (found.people, lambda fact: str(None if fact.person is None else staff[fact.person])),
    ):
        groups = twin.grouped(closed, key)
        assert by_key(lines).keys() == groups.keys()
        for name, line in by_key(lines).items():
            same(line, twin.closed_figures(groups[name], calendar, asked))
    weeks = twin.weeks(invented, asked, calendar)
    assert [line.key for line in found.weeks] == list(weeks)
    for line in found.weeks:
        same(line, {k: v for k, v in twin.closed_figures(weeks[line.key], calendar, asked).items() if "late_" not in k})

    standing = twin.standing(invented, asked)
    same(found.open, twin.open_figures(standing, NOW))
    waits = twin.grouped(standing, lambda fact: fact.whom)
    assert by_key(found.waits).keys() == waits.keys()
    for line in found.waits:
        same(line, twin.open_figures(waits[line.key], NOW))
        assert line.since == twin.since(waits[line.key])
    held = [fact for fact in standing if fact.holder is not None]
    load = twin.grouped(held, lambda fact: str(staff[fact.holder or 0]))
    for name, line in by_key(found.load).items():
        same(line, twin.open_figures(load.pop(name, []), NOW))
    assert load == {}
    assert {line.key: line.count("missed") for line in found.reasons} == twin.reasons(invented, asked, calendar)
    assert found.breaches_total == len(found.breaches) == sum(twin.reasons(invented, asked, calendar).values())

    # The rows behind the numbers sum to them.
    counted = {word: sum(row.verdict == word for row in rows) for word in ("met", "late", "waived", "late now")}
    assert counted == {
        "met": found.total.count("met"), "late": found.total.count("late"), "waived": found.total.count("waived"),
        "late now": found.open.count("late_now"),
    }  # fmt: skip
    assert total == len(rows)
    assert (missed, len(missed)) == (found.breaches, many)
    assert Report.model_validate(found.plain()) == found


def test_a_course_of_work_is_judged_by_what_stood_at_its_finish(desk: Desk) -> None:
    """Reopened, moved, waived, skipped and closed: each counts as its definition says."""
    case = desk.open()
    one, images = desk.task(case, "P1"), desk.task(case, "P2")
    with desk.change() as uow:
        tasks.claim(uow, desk.world.actor("ana"), one)
        tasks.claim(uow, desk.world.actor("ana"), images)
    # P2's own target, eight business hours, is over on Tuesday at nine; P1 is due on Tuesday the 10th at 17:00.
    desk.move_to(datetime(2026, 11, 4, 15, 0, tzinfo=UTC))
    with desk.change() as uow:
        while fire_due(uow) is not None:
            pass
    with desk.change() as uow:
        tasks.done(uow, desk.world.actor("ana"), one, "A-1")
        tasks.done(uow, desk.world.actor("ana"), images)
    week = Asked(date(2026, 11, 2), date(2026, 11, 8), person=desk.world.staff["ana"].id)

    def now() -> Report:
        with desk.store.read() as uow:
            return sla(uow, desk.world.actor("lea"), week)

    found = now()
    assert (found.total.count("met"), found.total.count("late")) == (1, 1)
    assert found.total.figures["late_median"] == 9.0, "from Tuesday 9:00 to Wednesday 10:00, with an hour for lunch"
    assert [(each.code, each.clock, each.reason) for each in found.breaches] == [(case.code, "sla", None)]

    with desk.change() as uow:
        tasks.reopen(uow, desk.world.actor("ana"), images, "wrong images")
    found = now()
    assert (found.total.count("met"), found.total.count("late")) == (1, 0), "open again, so it is not finished"
    assert found.breaches == [], "and it is nobody's now"
    with desk.store.read() as uow:
        everybody = sla(uow, desk.world.actor("lea"), Asked(week.first, week.last))
    assert [each.code for each in everybody.breaches if each.code == case.code] == [case.code], "the miss stays a miss"

    with desk.change() as uow:
        tasks.claim(uow, desk.world.actor("ana"), images)
        tasks.done(uow, desk.world.actor("ana"), images)
    found = now()
    assert (found.total.count("met"), found.total.count("late")) == (1, 1), "judged once, by its last finish"

    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "moved away")
    assert now().total == found.total, "what was finished stays"


def misses(desk: Desk, case: OpenCase, first: date, last: date) -> list[Breach]:
    """The missed deadlines of a case's first task in a range, as a lead reads them now."""
    with desk.store.read() as uow:
        found = sla(uow, desk.world.actor("lea"), Asked(first, last)).breaches
    return [each for each in found if (each.code, each.no) == (case.code, 1)]


def test_a_deadline_that_is_over_when_its_task_comes_into_being_is_missed_then(desk: Desk) -> None:
    """What was reported of the weeks before it stays as it was; late it is from the deadline on."""
    case = desk.open(board=PAST_BOARD)
    one = desk.task(case, "P1")
    desk.move_to(MONDAY + timedelta(minutes=40))  # the sweep may come later, and a timer may have been put off
    with desk.change() as uow:
        push_back(uow, case.id, timedelta(minutes=5))
    desk.move_to(MONDAY + timedelta(hours=1))
    desk.sweep()

    assert misses(desk, case, date(2025, 1, 1), LAST_SUNDAY) == []
    (missed,) = misses(desk, case, MONDAY.date(), MONDAY.date())
    assert missed.missed_at == MONDAY
    due = desk.row(one)["due_at"]
    assert due < MONDAY - timedelta(days=3)
    behind = calendar_of(desk.world.program).business_time_between(due, desk.clock.now()) / timedelta(hours=1)
    assert missed.late_by == pytest.approx(behind, abs=0.0501)
    assert behind > 8


def test_a_deadline_that_moves_into_the_past_is_missed_as_it_moves(desk: Desk) -> None:
    case = desk.open(board=BOARD)
    desk.move_to(MONDAY + timedelta(hours=2))
    desk.date(case, "board", PAST_BOARD)
    desk.sweep()
    assert misses(desk, case, date(2025, 1, 1), LAST_SUNDAY) == []
    (missed,) = misses(desk, case, MONDAY.date(), MONDAY.date())
    assert missed.missed_at == MONDAY + timedelta(hours=2)

    desk.date(case, "board", PAST_BOARD - timedelta(days=1))
    desk.sweep()
    assert misses(desk, case, date(2025, 1, 1), MONDAY.date()) == [
        missed.model_copy(update={"due_at": desk.row(desk.task(case, "P1"))["due_at"]})
    ], "over before and after: it was missed once"


def corrected(desk: Desk, case: OpenCase) -> None:
    desk.date(case, "board", BOARD)


def corrected_in_two_steps(desk: Desk, case: OpenCase) -> None:
    desk.date(case, "board", PAST_BOARD - timedelta(days=1))
    desk.date(case, "board", BOARD)


def cleared(desk: Desk, case: OpenCase) -> None:
    with desk.change() as uow:
        clear_date(uow, desk.world.actor("lea"), case.id, "board")


def corrected_and_moved_back_in_earnest(desk: Desk, case: OpenCase) -> None:
    corrected(desk, case)
    desk.move_to(desk.clock.now() + timedelta(minutes=5))
    desk.date(case, "board", PAST_BOARD)
    desk.sweep()


def extended_first(desk: Desk, case: OpenCase) -> None:
    desk.do(extend, "lea", desk.task(case, "P1"), desk.clock.now() + timedelta(days=1), "the clinic asked")
    corrected(desk, case)


def explained_first(desk: Desk, case: OpenCase) -> None:
    desk.do(give_reason, "lea", desk.task(case, "P1"), Reason.CLINIC)
    corrected(desk, case)


def finished_and_reopened_first(desk: Desk, case: OpenCase) -> None:
    desk.do(tasks.done, "ana", desk.task(case, "P1"), "A-1")
    desk.do(tasks.reopen, "ana", desk.task(case, "P1"), "wrong line")
    corrected(desk, case)


def another_date(desk: Desk, case: OpenCase) -> None:
    desk.date(case, "surgery", BOARD)


@pytest.mark.parametrize(
    ("then", "stand"),
    [
        (corrected, 0),
        (corrected_in_two_steps, 0),
        (cleared, 0),
        (corrected_and_moved_back_in_earnest, 1),
        (extended_first, 1),
        (explained_first, 1),
        (finished_and_reopened_first, 1),
        (another_date, 1),
    ],
)
def test_a_miss_by_a_key_date_that_is_corrected_before_anything_came_of_it_is_none(
    desk: Desk, then: Any, stand: int
) -> None:
    case = desk.open(board=BOARD)
    one = desk.task(case, "P1")
    desk.date(case, "board", PAST_BOARD)
    desk.sweep()
    assert len(misses(desk, case, MONDAY.date(), MONDAY.date())) == 1
    then(desk, case)
    found = misses(desk, case, MONDAY.date(), MONDAY.date())
    assert len({each.missed_at for each in found}) == len(found) == stand
    if not stand:
        desk.refuses(WrongState, give_reason, "lea", one, Reason.CLINIC)


def test_a_miss_of_a_date_that_came_too_soon_to_begin_with_goes_with_it(desk: Desk) -> None:
    before = counted(desk)  # other tests' cases are there, too
    case = desk.open(first_visit=BOARD)
    desk.date(case, "board", PAST_BOARD)
    desk.sweep()
    assert counted(desk) == (before[0] + 3, before[1] + 3)
    corrected(desk, case)
    assert counted(desk) == before


def counted(desk: Desk) -> tuple[int, int]:
    """The missed deadlines of the day, in all and by their reasons."""
    with desk.store.read() as uow:
        found = sla(uow, desk.world.actor("lea"), Asked(MONDAY.date(), MONDAY.date()))
    return found.breaches_total, sum(line.count("missed") for line in found.reasons)


def test_a_deadline_that_passed_stays_missed_when_its_key_date_moves(desk: Desk) -> None:
    case = desk.open(board=BOARD)
    due = desk.row(desk.task(case, "P1"))["due_at"]
    desk.move_to(due + timedelta(minutes=1))
    desk.sweep()
    desk.date(case, "board", BOARD + timedelta(days=30))
    assert len(misses(desk, case, MONDAY.date(), due.date())) == 1


def test_a_deadline_that_a_task_was_reopened_after_is_missed_as_it_is_reopened(desk: Desk) -> None:
    case = desk.open()
    one = desk.task(case, "P1")
    desk.do(tasks.done, "ana", one, "A-1")
    wednesday = MONDAY + timedelta(days=16)
    desk.move_to(wednesday)
    desk.do(tasks.reopen, "ana", one, "wrong reference")
    desk.sweep()
    (missed,) = misses(desk, case, date(2026, 11, 1), wednesday.date())
    assert missed.missed_at == wednesday


def test_a_deadline_that_passes_while_nothing_sweeps_is_missed_as_it_passes(desk: Desk) -> None:
    case = desk.open()
    one = desk.task(case, "P1")
    due = desk.row(one)["due_at"]
    desk.move_to(due + timedelta(days=2))
    with desk.change() as uow:
        push_back(uow, case.id, timedelta(minutes=5))
    desk.move_to(due + timedelta(days=3))
    desk.sweep()
    (missed,) = misses(desk, case, MONDAY.date(), date(2026, 11, 30))
    assert (missed.clock, missed.missed_at) == ("due", due)


def test_a_va_sees_their_own_numbers_and_nobody_else_s(desk: Desk) -> None:
    week = Asked(date(2026, 11, 2), date(2026, 11, 8))
    ana, bo = desk.world.staff["ana"].id, desk.world.staff["bo"].id
    with desk.store.read() as uow:
        assert sla(uow, desk.world.actor("ana"), week).whose == "Ana"
        assert sla(uow, desk.world.actor("ana"), Asked(week.first, week.last, person=ana)).whose == "Ana"
        with pytest.raises(NotAllowed, match="Only a lead"):
            sla(uow, desk.world.actor("ana"), Asked(week.first, week.last, person=bo))
        assert sla(uow, desk.world.actor("max"), Asked(week.first, week.last, person=bo)).whose == "Bo"
        assert sla(uow, desk.world.actor("lea"), week).whose == ""


def test_a_checklist_is_found_by_its_words(desk: Desk) -> None:
    with desk.store.read() as uow:
        assert find_track(uow.session, desk.program_id, "Packet") == "packet"
        with pytest.raises(UnknownTrack, match="No checklist goes by that name"):
            find_track(uow.session, desk.program_id, "billing of the moon")


CLOSED_LONG_AGO = text(
    "INSERT INTO tasks SELECT (jsonb_populate_record(t, jsonb_build_object('id', 1000000 + n, 'no', 1000000 + n,"
    " 'item_id', 'X' || n, 'state', 'skipped', 'holder_id', NULL, 'waiting_on', NULL, 'reason', 'long ago',"
    " 'closed_at', CAST(:at AS timestamptz) - n * interval '1 minute'))).*"
    " FROM tasks t, generate_series(1, 20000) AS n"
    " WHERE t.id = (SELECT min(id) FROM tasks WHERE program_id = :program)"
)


def test_the_range_uses_the_index_of_closed_tasks(desk: Desk) -> None:
    """However many tasks were closed in other weeks, only those of the range are read."""
    desk.open()
    plan = "EXPLAIN " + str(queries._TOTALS)
    values = queries._values(desk.world.program, calendar_of(desk.world.program), Asked(BOARD, BOARD), NOW)
    with desk.store.read() as uow:  # and what it writes is gone with it
        uow.session.execute(CLOSED_LONG_AGO, {"program": desk.program_id, "at": NOW - timedelta(days=900)})
        uow.session.execute(text("ANALYZE tasks"))
        lines = uow.session.execute(text(plan), values).scalars().all()
    assert any("tasks_closed" in line for line in lines), lines


def test_everything_that_is_counted_is_defined() -> None:
    names = {each.name for each in (*measures.CLOSED, *measures.OPEN, *measures.PARTS)}
    assert {"tracks", "roles", "people", "weeks", "waits", "load", "breaches", "reasons", "oldest"} < names
    assert all(unit or means for _, unit, means in measures.definitions())
    assert len({title for title, _, _ in measures.definitions()}) == len(measures.definitions())


def test_the_day_ends_at_the_practice_s_midnight(desk: Desk) -> None:
    """23:30 in New York is the next day in UTC."""
    with desk.change() as uow:
        case = open_case(uow, desk.world.actor("ana"), key_dates={"board": Moment(BOARD)})
        found = uow.session.execute(text("SELECT id FROM tasks WHERE case_id = :c AND item_id = 'P1'"), {"c": case.id})
        task = found.scalar_one()
    desk.move_to(datetime(2026, 11, 5, 4, 30, tzinfo=UTC))
    with desk.change() as uow:
        tasks.done(uow, desk.world.actor("cy"), task, "A-1")
    cy = desk.world.staff["cy"].id
    for day, met in ((date(2026, 11, 4), 1), (date(2026, 11, 5), 0)):
        with desk.store.read() as uow:
            assert sla(uow, desk.world.actor("lea"), Asked(day, day, person=cy)).total.count("met") == met


def test_why_a_skipped_task_was_late_is_said_by_whoever_skipped_it_or_a_lead(desk: Desk) -> None:
    case = desk.open(board=BOARD)
    one = desk.task(case, "P1")
    desk.date(case, "board", PAST_BOARD)
    desk.sweep()
    desk.do(give_reason, "ana", one, Reason.DOCUMENTS)
    desk.do(tasks.skip, "lea", one, "not needed")
    assert "is skipped" in str(desk.refuses(NotEligible, give_reason, "ana", one, Reason.CLINIC))
    desk.do(give_reason, "lea", one, Reason.CLINIC)
    found = misses(desk, case, MONDAY.date(), MONDAY.date())
    assert {each.reason for each in found} == {Reason.CLINIC}
