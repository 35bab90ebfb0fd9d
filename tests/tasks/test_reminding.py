"""Snoozes and reminders tuned per task: whose they are, what they hold, how they end, what moves with the deadline."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.cases.service import close_case
from app.checklists.loader import load_text
from app.checklists.vocabulary import Awaited
from app.clocks.rules import DUE, OFF, reminder_at
from app.kernel.business import BusinessCalendar
from app.kernel.durations import Duration
from app.programs import absences
from app.refusals import Refusal
from app.tasks import covering, extending, handoffs, reminding, service, undo
from app.tasks.brief import Brief
from app.tasks.refusals import NotHolder, PastDeadline, WrongState
from app.tasks.rows import Outcome
from app.text import Missing, PatientData
from tests.tasks.desk import Desk, OpenCase, Verb
from tests.world import OFFICE, TEMPLATES

YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def york(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in New York."""
    return datetime(2026, 11, day, hour, minute, tzinfo=YORK).astimezone(UTC)


DEADLINE = york(10, 17)
"""Of P1, whose checklist reminds one business day before: Mon 9 Nov at 17:00. The board is on Wed 18 Nov."""
STANDARD = york(9, 17)
TUESDAY_NINE = york(10, 9)


@pytest.fixture
def case(desk: Desk) -> OpenCase:
    """A case whose first task is Ana's."""
    case = desk.open()
    act(desk, service.claim, "ana", case, "P1")
    return case


def act(desk: Desk, verb: Verb, who: str, case: OpenCase, item: str, *given: Any) -> Outcome:
    """One change by one person of the task of an item."""
    return desk.do(verb, who, desk.task(case, item), *given)


def snooze(
    desk: Desk, case: OpenCase, until: datetime = TUESDAY_NINE, who: str = "ana", why: str = "the fax"
) -> Outcome:
    return act(desk, reminding.snooze, who, case, "P1", until, why)


def tune(desk: Desk, case: OpenCase, lead: str | None, who: str = "ana") -> Outcome:
    return act(desk, reminding.remind, who, case, "P1", None if lead is None else Duration.parse(lead))


def pending(desk: Desk, case: OpenCase, item: str = "P1") -> list[datetime]:
    """When the task's reminders that are to come would fire."""
    query = (
        "SELECT fire_at FROM timers WHERE task_id = :task AND kind = 'remind' AND state = 'pending' ORDER BY fire_at"
    )
    return [row["fire_at"] for row in desk.rows(query, task=desk.task(case, item))]


def others(desk: Desk, case: OpenCase) -> list[Any]:
    """What comes at the deadline and after it."""
    query = "SELECT kind, step, fire_at FROM timers WHERE task_id = :task AND kind <> 'remind' AND state = 'pending'"
    return [tuple(row.values()) for row in desk.rows(f"{query} ORDER BY fire_at", task=desk.task(case, "P1"))]


def stands(desk: Desk, case: OpenCase) -> tuple[datetime | None, str | None, str | None]:
    row = desk.row(desk.task(case, "P1"))
    return row["snoozed_until"], row["snoozed_why"], row["remind_lead"]


def told(desk: Desk, case: OpenCase, at: datetime) -> list[str]:
    """Move on, sweep, and say what was posted of the task by then."""
    for moment in (at - timedelta(minutes=1), at):  # what else was due is told by itself
        desk.move_to(moment)
        desk.sweep()
    query = "SELECT kind, payload FROM notices WHERE kind IN ('reminder', 'breach', 'escalation') ORDER BY seq"
    task = desk.task(case, "P1")
    return [row["kind"] for row in desk.rows(query) if task in [one["id"] for one in row["payload"]["tasks"]]]


def test_reminders_are_silent_until_the_end_of_a_snooze_and_come_then(desk: Desk, case: OpenCase) -> None:
    before = others(desk, case)
    done = snooze(desk, case)
    assert done.said == (
        f"{case.code}-1 is silent until Tue 10 Nov 2026 9:00 AM EST, and reminds then. "
        f"It stays due Tue 10 Nov 2026 5:00 PM EST. To end it: snooze {case.code}-1 off"
    )
    assert stands(desk, case) == (york(10, 9), "the fax", None)
    assert others(desk, case) == before, "nothing of what is late is held"
    assert told(desk, case, STANDARD) == []
    assert told(desk, case, york(10, 9)) == ["reminder"]
    assert told(desk, case, york(10, 12)) == ["reminder"], "both that were planned are one post"
    assert told(desk, case, DEADLINE) == ["reminder", "breach"]


def test_it_reminds_at_the_end_of_a_snooze_though_it_had_reminded_before(desk: Desk, case: OpenCase) -> None:
    assert told(desk, case, STANDARD) == ["reminder"]
    snooze(desk, case)
    assert told(desk, case, york(10, 8)) == ["reminder"]
    assert told(desk, case, york(10, 9)) == ["reminder"] * 2


def test_a_snooze_that_ends_before_the_reminder_s_own_time_reminds_twice(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case, york(9, 9))
    assert pending(desk, case) == [york(9, 9), STANDARD]


def test_another_snooze_replaces_the_one_that_stands_and_the_same_is_no_error(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case)
    again = snooze(desk, case)
    assert (again.changed, again.said) == (
        False,
        f"{case.code}-1 is snoozed until Tue 10 Nov 2026 9:00 AM EST already.",
    )
    assert snooze(desk, case, york(10, 11), why="still no fax").changed
    assert stands(desk, case)[:2] == (york(10, 11), "still no fax")
    assert told(desk, case, york(10, 9)) == []
    assert told(desk, case, york(10, 11)) == ["reminder"]


def test_a_lead_may_and_what_is_done_is_on_record(desk: Desk, case: OpenCase) -> None:
    assert snooze(desk, case, who="lea").changed
    assert act(desk, reminding.wake, "lea", case, "P1").changed
    assert tune(desk, case, "2 hours", who="lea").changed
    found = desk.rows("SELECT action, reason FROM audit_entries WHERE action LIKE 'task.%' AND seq > 1 ORDER BY seq")
    assert [(row["action"], row["reason"]) for row in found][-3:] == [
        ("task.snooze", "the fax"), ("task.wake", None), ("task.remind", None),
    ]  # fmt: skip


def test_at_the_end_by_hand_what_it_held_comes_at_its_own_time(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case)
    assert act(desk, reminding.wake, "ana", case, "P1").said == (
        f"{case.code}-1 is not snoozed any more. It reminds as its checklist has it."
    )
    assert pending(desk, case) == [STANDARD]
    assert not act(desk, reminding.wake, "ana", case, "P1").changed

    snooze(desk, case)
    assert told(desk, case, STANDARD) == []
    act(desk, reminding.wake, "ana", case, "P1")
    assert told(desk, case, STANDARD + timedelta(minutes=1)) == ["reminder"], "what was due meanwhile comes now"


@pytest.mark.parametrize(
    ("tried", "kind", "words"),
    [
        (lambda desk, case: snooze(desk, case, DEADLINE), PastDeadline, "escalate {}-1"),
        (lambda desk, case: snooze(desk, case, DEADLINE + HOUR, who="lea"), PastDeadline, "extend {}-1 <day> <reason>"),
        (lambda desk, case: snooze(desk, case, york(2, 8)), WrongState, "is over"),
        (lambda desk, case: snooze(desk, case, who="bo"), NotHolder, "with Ana"),
        (lambda desk, case: snooze(desk, case, why=" "), Missing, "reason is missing"),
        (lambda desk, case: snooze(desk, case, why="John Smith 03/04/1961"), PatientData, "patient data"),
        (lambda desk, case: tune(desk, case, "30 days"), WrongState, "is over already"),
        (lambda desk, case: tune(desk, case, "0 minutes"), WrongState, "how long before"),
        (lambda desk, case: tune(desk, case, "1 hour", who="bo"), NotHolder, "with Ana"),
        (lambda desk, case: act(desk, reminding.snooze, "ana", case, "P2", york(3, 9), "x"), WrongState, "Nobody has"),
        (lambda desk, case: act(desk, reminding.remind, "lea", case, "P4", None), WrongState, "Nobody has"),
    ],
    ids=["at the deadline", "beyond it, a lead", "over", "not the holder", "no reason", "patient data", "too early",
         "at the deadline itself", "not the holder's", "nobody's", "blocked"],
)  # fmt: skip
def test_what_is_refused_changes_nothing(
    desk: Desk, case: OpenCase, tried: Callable[[Desk, OpenCase], Outcome], kind: type[Refusal], words: str
) -> None:
    before = desk.snapshot()
    with pytest.raises(kind) as refused:
        tried(desk, case)
    assert words.format(case.code) in str(refused.value)
    assert "Nothing" in str(refused.value)
    assert desk.snapshot() == before


def test_what_is_late_is_not_snoozed(desk: Desk, case: OpenCase) -> None:
    desk.move_to(DEADLINE)
    desk.sweep()
    with pytest.raises(WrongState, match="is late already"):
        snooze(desk, case, DEADLINE + HOUR)


def by_handoff(desk: Desk, case: OpenCase) -> None:
    act(desk, handoffs.offer, "ana", case, "P1", desk.world.staff["bo"].id, Brief("watch the fax"))
    act(desk, handoffs.accept, "bo", case, "P1")


def by_absence(desk: Desk, case: OpenCase) -> None:
    """Ana is away for a day of her own for each time, since the practice is that of all these tests."""
    day = 3 + int(desk.scalar("SELECT count(*) FROM absences"))
    with desk.change() as uow:
        me, bo = desk.world.staff["ana"].id, desk.world.staff["bo"].id
        absences.plan(uow, desk.world.actor("ana"), me, date(2026, 11, day), date(2026, 11, day), bo)
    desk.move_to(york(day, 9))
    while True:
        with desk.change() as uow:
            if covering.turn_due(uow) is None:
                return


HANDS: dict[str, Callable[[Desk, OpenCase], object]] = {
    "released": lambda desk, case: act(desk, service.release, "ana", case, "P1"),
    "assigned": lambda desk, case: act(desk, service.assign, "lea", case, "P1", desk.world.staff["bo"].id),
    "handed off": by_handoff,
    "covered": by_absence,
}


@pytest.mark.parametrize("how", HANDS)
@pytest.mark.parametrize("lead", ["2 hours", None], ids=["tuned", "off"])
def test_with_another_holder_it_reminds_as_the_checklist_has_it(
    desk: Desk, case: OpenCase, how: str, lead: str | None
) -> None:
    snooze(desk, case)
    tune(desk, case, lead)
    HANDS[how](desk, case)
    assert stands(desk, case) == (None, None, None)
    assert pending(desk, case) == [STANDARD]


def test_what_a_snooze_held_reminds_whoever_has_the_task_then(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case)
    desk.move_to(STANDARD)
    desk.sweep()
    act(desk, service.assign, "lea", case, "P1", desk.world.staff["cy"].id)
    assert told(desk, case, STANDARD + timedelta(minutes=1)) == ["reminder"]


@pytest.mark.parametrize("close", [
    lambda desk, case: act(desk, service.done, "ana", case, "P1", "AG-1"),
    lambda desk, case: act(desk, service.skip, "lea", case, "P1", "not needed"),
], ids=["done", "skipped"])  # fmt: skip
def test_it_ends_when_the_task_is_closed_and_undo_brings_it_back(
    desk: Desk, case: OpenCase, close: Callable[[Desk, OpenCase], Outcome]
) -> None:
    snooze(desk, case)
    tune(desk, case, "2 hours")
    before = stands(desk, case), pending(desk, case)
    done = close(desk, case)
    closed, who = done.act, "ana" if done.task.state == "done" else "lea"
    assert closed is not None
    assert stands(desk, case)[:2] == (None, None)
    assert pending(desk, case) == []
    with desk.change() as uow:
        undo.undo(uow, desk.world.actor(who), closed)
    assert (stands(desk, case), pending(desk, case)) == before


def test_it_ends_when_its_case_is_closed(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case)
    tune(desk, case, "2 hours")
    with desk.world.store.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "moved to another centre")
    assert stands(desk, case)[:2] == (None, None)
    assert pending(desk, case) == []


def test_a_moved_date_ends_a_snooze_and_takes_the_own_reminder_along(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case)
    tune(desk, case, "2 hours")
    assert pending(desk, case) == [york(10, 9), DEADLINE - 2 * HOUR]
    desk.date(case, "board", date(2026, 11, 20))
    moved = york(13, 17)  # Veterans Day is in between
    assert stands(desk, case) == (None, None, "2 hours")
    assert pending(desk, case) == [moved - 2 * HOUR]


def test_an_extension_ends_a_snooze_and_takes_the_own_reminder_along(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case)
    tune(desk, case, "1 business day")
    act(desk, extending.extend, "lea", case, "P1", york(12, 12), "the payer asked for more")
    assert stands(desk, case) == (None, None, "1 business day")
    assert pending(desk, case) == [york(10, 12)]


def test_a_wait_that_pauses_and_goes_on_keeps_the_own_reminder(desk: Desk, case: OpenCase) -> None:
    """The images have a target of our own that pauses while the clinic has them."""
    act(desk, service.claim, "ana", case, "P2")
    act(desk, reminding.remind, "ana", case, "P2", Duration.parse("30 minutes"))
    assert len(pending(desk, case, "P2")) == 2, "before each of its deadlines"
    act(desk, service.wait, "ana", case, "P2", Awaited.CLINIC)
    assert len(pending(desk, case, "P2")) == 1
    desk.clock.advance(2 * HOUR)
    act(desk, service.resume, "ana", case, "P2")
    rows = desk.rows("SELECT m.at, c.deadline_at FROM timers m JOIN clocks c ON c.id = m.clock_id"
                     " WHERE m.task_id = :task AND m.kind = 'remind' AND m.state = 'pending'",
                     task=desk.task(case, "P2"))  # fmt: skip
    assert {row["deadline_at"] - row["at"] for row in rows} == {timedelta(minutes=30)}
    assert len(rows) == 2


def test_of_two_deadlines_the_one_that_is_too_near_reminds_as_its_checklist_has_it(desk: Desk, case: OpenCase) -> None:
    """Our own target for the images is Tuesday at 9:00; they are due for the board on Friday the 13th."""
    act(desk, service.claim, "ana", case, "P2")
    said = act(desk, reminding.remind, "ana", case, "P2", Duration.parse("2 business days")).said
    assert said == (
        f"{case.code}-2 reminds 2 business days before its deadline: Mon 2 Nov 2026 4:00 PM EST and "
        "Tue 10 Nov 2026 5:00 PM EST."
    )


SNOOZED = [
    (
        "2 hours",
        " reminds 2 hours before its deadline: Tue 10 Nov 2026 3:00 PM EST. It is snoozed until Tue 10 Nov 2026 "
        "9:00 AM EST, and reminds then, too.",
        "its own time apart",
    ),
    (
        "8 hours",
        " reminds 8 hours before its deadline: Tue 10 Nov 2026 9:00 AM EST. It is snoozed until Tue 10 Nov 2026 "
        "9:00 AM EST, and reminds then, too.",
        "both at one moment",
    ),
    (
        None,
        " has no reminders but at the end of its snooze: Tue 10 Nov 2026 9:00 AM EST. What is late is told all the "
        "same.",
        "off",
    ),
]


@pytest.mark.parametrize(("lead", "words", "why"), SNOOZED, ids=[row[-1] for row in SNOOZED])
def test_the_end_of_a_snooze_is_no_reminder_before_the_deadline(
    desk: Desk, case: OpenCase, lead: str | None, words: str, why: str
) -> None:
    snooze(desk, case)
    assert tune(desk, case, lead).said == f"{case.code}-1{words}", why


def test_where_the_checklist_s_time_is_over_the_end_of_the_snooze_is_what_is_left(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case)
    desk.move_to(york(10, 8))
    tune(desk, case, None)
    assert act(desk, reminding.standard, "ana", case, "P1").said == (
        f"{case.code}-1 reminds as its checklist has it. That moment is over, so no reminder comes before the deadline "
        "but at the end of its snooze: Tue 10 Nov 2026 9:00 AM EST. What is late is told all the same."
    )


@pytest.mark.parametrize(
    ("lead", "at", "words"),
    [
        ("2 hours", [DEADLINE - 2 * HOUR], "reminds 2 hours before its deadline: Tue 10 Nov 2026 3:00 PM EST."),
        ("2 business days", [york(6, 17)], "reminds 2 business days before its deadline: Fri 6 Nov 2026 5:00 PM EST."),
        (None, [], "has no reminders. What is late is told all the same."),
    ],
    ids=["hours", "business days", "off"],
)
def test_the_holder_says_how_early_it_reminds(
    desk: Desk, case: OpenCase, lead: str | None, at: list[datetime], words: str
) -> None:
    before = others(desk, case)
    assert pending(desk, case) == [STANDARD]
    done = tune(desk, case, lead)
    assert done.said == f"{case.code}-1 {words}"
    assert pending(desk, case) == at
    assert others(desk, case) == before
    assert not tune(desk, case, lead).changed
    back = act(desk, reminding.standard, "ana", case, "P1")
    assert back.said == f"{case.code}-1 reminds as its checklist has it: Mon 9 Nov 2026 5:00 PM EST."
    assert pending(desk, case) == [STANDARD]
    assert not act(desk, reminding.standard, "ana", case, "P1").changed


def test_it_reminds_again_at_a_time_said_after_the_first_reminder(desk: Desk, case: OpenCase) -> None:
    assert told(desk, case, STANDARD) == ["reminder"]
    tune(desk, case, "2 hours")
    assert told(desk, case, DEADLINE - 2 * HOUR) == ["reminder"] * 2
    said = act(desk, reminding.standard, "ana", case, "P1").said
    assert "That moment is over, so no reminder comes before the deadline." in said


def test_what_was_tuned_keeps_a_snooze(desk: Desk, case: OpenCase) -> None:
    snooze(desk, case)
    tune(desk, case, None)
    assert pending(desk, case) == [york(10, 9)]


@pytest.mark.parametrize("broken", [
    "snoozed_until = now()",
    "snoozed_until = now(), snoozed_why = 'x', state = 'ready', holder_id = NULL",
    "remind_lead = 'off', state = 'ready', holder_id = NULL",
])  # fmt: skip
def test_the_database_keeps_them_with_their_holder(desk: Desk, case: OpenCase, broken: str) -> None:
    with pytest.raises(IntegrityError), desk.change() as uow:
        uow.session.execute(text(f"UPDATE tasks SET {broken} WHERE id = :task"), {"task": desk.task(case, "P1")})


CALENDAR = BusinessCalendar.from_config({"hours": OFFICE, "country": "US"}, "America/New_York")
ITEM = load_text((TEMPLATES / "packet.yaml").read_text(encoding="utf-8"), "packet.yaml").item("P1")
leads = st.builds(
    Duration,
    st.integers(1, 60),
    st.sampled_from(["minutes", "hours", "days", "business hours", "business days"]),
)


@given(lead=leads, minutes=st.integers(-60 * 24 * 40, 60 * 24 * 40))
def test_a_reminder_is_between_now_and_its_deadline_and_the_own_one_wins(lead: Duration, minutes: int) -> None:
    now = DEADLINE - timedelta(minutes=minutes)
    own = reminder_at(ITEM, DUE, DEADLINE, now, CALENDAR, str(lead))
    standard = reminder_at(ITEM, DUE, DEADLINE, now, CALENDAR, None)
    wanted = lead.before(DEADLINE, CALENDAR)
    assert own == (wanted if wanted > now else standard)
    assert own is None or now < own < DEADLINE
    assert reminder_at(ITEM, DUE, DEADLINE, now, CALENDAR, OFF) is None
