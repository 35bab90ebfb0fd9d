"""Free tasks that nobody may take: who is told, when, once, and that it ends by itself."""

import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, text

from app.cases.people import set_person
from app.checklists.vocabulary import Role
from app.kernel.clock import FixedClock
from app.notices import places
from app.programs import absences
from app.programs.absences import Absence
from app.programs.actor import Actor, Origin
from app.programs.service import add_staff, set_active, system
from app.store.uow import Store
from app.tasks import service as tasks
from app.tasks import vacancies
from app.tasks.departures import leave
from app.tasks.vacancies import Kind, look, missing
from tests.tasks.desk import Desk, OpenCase
from tests.world import World

TODAY = date(2026, 11, 2)


@pytest.fixture
def here(world: World, store: Store, clock: FixedClock) -> Desk:
    """The practice of `tests/world.py` in a database of its own, since what nobody may take is of a whole program."""
    return Desk(store, clock, world)


def looked(desk: Desk) -> int:
    with desk.change() as uow:
        return look(uow, desk.program_id)


def told(desk: Desk) -> list[tuple[str, str]]:
    """Whom, by first name, and in which words, in order."""
    rows = desk.rows(
        "SELECT s.name, n.payload FROM notices n JOIN channels h ON h.id = n.channel_id"
        " JOIN staff s ON s.id = h.staff_id WHERE n.dedupe_key LIKE 'vacant:%' ORDER BY n.seq"
    )
    return [(row["name"].lower(), "\n".join(row["payload"]["problems"])) for row in rows]


def led(desk: Desk, who: str | None = "lea") -> OpenCase:
    """A case with a free task for a coder, and its lead."""
    case = desk.open()
    desk.component(case, "plate")
    if who is not None:
        with desk.change() as uow:
            set_person(uow, desk.world.actor("ana"), case.id, "lead", desk.world.staff[who].id)
    return case


def leaves(desk: Desk, *names: str) -> None:
    with desk.change() as uow:
        for name in names:
            leave(uow, system(desk.program_id, Origin.CLI), desk.world.staff[name])


def returns(desk: Desk, name: str) -> None:
    with desk.change() as uow:
        set_active(uow, system(desk.program_id, Origin.CLI), desk.world.staff[name].id, active=True)


def away(desk: Desk, name: str, last: date) -> None:
    with desk.change() as uow:
        absences.plan(uow, desk.world.actor("lea"), desk.world.staff[name].id, TODAY, last)


def named(desk: Desk, case: OpenCase, item: str) -> str:
    row = desk.row(desk.task(case, item))
    return f"{case.code}-{row['no']} {row['title']}"


def test_while_somebody_may_take_everything_nobody_is_told(here: Desk) -> None:
    led(here)
    assert looked(here) == 0
    assert told(here) == []


def test_the_lead_is_told_once_what_is_missing_and_what_to_do(here: Desk) -> None:
    case = led(here)
    leaves(here, "cy")
    assert looked(here) == 1
    task = named(here, case, "C1")
    assert told(here) == [
        (
            "lea",
            f"Nobody can take this now: no active person is a coder.\n{task}\n"
            f"Ask Max to give somebody the role: settings @person\nOr leave it out: skip {task.split()[0]} <reason>",
        )
    ]
    assert looked(here) == 0, "the same cause"
    here.component(case, "mesh")
    assert looked(here) == 0, "one more task of it in the same case"
    assert len(told(here)) == 1


def test_whoever_gives_roles_is_told_how_and_others_whom_to_ask(here: Desk) -> None:
    led(here, None)
    with here.change() as uow:
        add_staff(
            uow, here.program_id, slack_user_id="U0EVE", name="Eve", roles=[Role.ADMIN], skills=[],
            zone="America/New_York",
        )  # fmt: skip
    leaves(here, "cy")
    looked(here)
    words = dict(told(here))
    assert "\nGive somebody the role: settings @person\n" in words["max"]
    assert "\nAsk Eve or Max to give somebody the role: settings @person\n" in words["lea"]
    returns(here, "cy")
    looked(here)
    away(here, "max", TODAY)
    leaves(here, "cy")
    looked(here)
    assert "\nAsk Eve to give somebody the role: settings @person\n" in told(here)[-1][1], "who is there"


def test_it_ends_by_itself_and_is_told_anew_when_it_comes_back(here: Desk) -> None:
    led(here)
    leaves(here, "cy")
    looked(here)
    returns(here, "cy")
    assert looked(here) == 1
    assert here.scalar("SELECT count(*) FROM vacancies WHERE filled_at IS NULL") == 0
    assert len(told(here)) == 1, "that somebody can take it is no news that anybody has to act on"
    entries = here.rows("SELECT action, reason FROM audit_entries WHERE action LIKE 'vacancy.%' ORDER BY seq")
    assert [tuple(entry.values()) for entry in entries] == [("vacancy.tell", "a coder"), ("vacancy.fill", "a coder")]
    leaves(here, "cy")
    assert looked(here) == 1
    assert [who for who, _ in told(here)] == ["lea", "lea"]


def test_it_ends_when_nothing_of_it_is_free_any_more(here: Desk) -> None:
    case = led(here)
    leaves(here, "cy")
    looked(here)
    here.do(tasks.skip, "lea", here.task(case, "C1"), "not needed")
    assert looked(here) == 1
    assert here.scalar("SELECT filled_at FROM vacancies") == here.clock.now()


def test_all_that_is_new_of_all_cases_is_one_message_for_each_lead(here: Desk) -> None:
    cases = [led(here), led(here), led(here, "max")]
    leaves(here, "cy", "ana", "bo")
    leaves(here, "sam")
    looked(here)
    assert sorted(who for who, _ in told(here)) == ["lea", "max"], "one message each, of all cases and kinds"
    words = dict(told(here))
    assert named(here, cases[0], "C1") in words["lea"]
    assert named(here, cases[1], "C1") in words["lea"]
    assert named(here, cases[2], "C1") in words["max"]
    assert "Nobody can take these 2 tasks now: no active person is a surgeon." in words["lea"]
    assert "a VA" not in words["lea"], "a lead may do what a VA does"


def test_a_new_case_without_anybody_for_several_of_its_tasks_is_one_message(here: Desk) -> None:
    leaves(here, "ana", "bo", "cy", "lea", "sam")
    case = here.open()
    looked(here)
    [(who, words)] = told(here)
    assert who == "max"
    lines = words.splitlines()
    assert [line for line in lines if line.startswith("Nobody can take")] == [
        f"Nobody can take this now: no active person is {who}."
        for who in ("a surgeon", "a VA", "a VA with the skill imaging")
    ]
    assert named(here, case, "P2") in lines


def test_without_a_lead_of_its_own_all_leads_and_managers_are_told(here: Desk) -> None:
    led(here, None)
    leaves(here, "cy")
    looked(here)
    assert sorted(who for who, _ in told(here)) == ["lea", "max"]


def test_a_lead_who_is_away_is_not_waited_for(here: Desk) -> None:
    led(here)
    away(here, "lea", TODAY + timedelta(days=3))
    leaves(here, "cy")
    looked(here)
    assert [who for who, _ in told(here)] == ["max"]


def test_with_nobody_to_be_told_it_waits_until_there_is_somebody(here: Desk) -> None:
    led(here)
    leaves(here, "cy", "lea", "max")
    assert looked(here) == 0
    returns(here, "max")
    assert looked(here) == 1
    assert [who for who, _ in told(here)] == ["max"]


def test_a_skill_that_nobody_has_may_be_done_without(here: Desk) -> None:
    case = led(here)
    leaves(here, "ana", "cy")
    with here.change() as uow:
        uow.session.execute(text("UPDATE staff SET roles = '{manager}' WHERE name = 'Lea'"))
    looked(here)
    [(_, words)] = told(here)
    task = named(here, case, "P2")
    assert words.splitlines()[-3:] == [
        "Nobody can take this now: no active person who is a VA has the skill imaging.",
        task,
        f"A lead may give it to somebody without the skill: assign {task.split()[0]} @person",
    ]


def test_time_off_counts_when_it_is_longer_than_the_deadline(here: Desk) -> None:
    case = led(here)
    due = here.row(here.task(case, "C1"))["due_at"]
    away(here, "cy", due.date() - timedelta(days=1))
    assert looked(here) == 0, "back in time"
    with here.change() as uow:
        uow.session.execute(text("UPDATE absences SET ends_at = :late"), {"late": due + timedelta(days=2)})
    assert looked(here) == 1
    [(_, words)] = told(here)
    assert words.startswith("Nobody can take this before it is due: whoever may take it is away (Cy until ")
    assert words.endswith(f"extend {named(here, case, 'C1').split()[0]} <day> <reason>")
    here.move_to(due + timedelta(days=3))
    assert looked(here) == 1, "back"


def test_whom_slack_does_not_know_takes_nothing_and_is_told_nothing(here: Desk) -> None:
    case = led(here)
    here.outside("cy")
    here.outside("lea")
    assert looked(here) == 1
    [(who, words)] = told(here)
    assert who == "max", "the case's lead would not be reached"
    assert words.splitlines()[:2] == [
        "Nobody can take this now: whoever may take it is not in the Slack workspace (Cy).",
        named(here, case, "C1"),
    ]
    with here.change() as uow:
        uow.session.execute(text("UPDATE channels SET absent = '[]' WHERE case_id = :case"), {"case": case.id})
    assert looked(here) == 1, "in one channel, and so in the workspace"


def test_while_nobody_is_absent_anywhere_no_other_channel_is_read_for_it(here: Desk) -> None:
    led(here)
    values = {"program": here.program_id, "why": places.OUTSIDE}

    def plan() -> str:
        with here.store.read() as uow:
            asked = text(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {places._OUTSIDE.text}")
            return "\n".join(uow.session.execute(asked, values).scalars())

    assert "Scan on channels h (never executed)" in re.sub(r" using \w+", "", plan())
    here.outside("cy")
    assert "Scan on channels h (never executed)" not in re.sub(r" using \w+", "", plan())


def test_of_two_schedulers_at_once_one_tells(here: Desk) -> None:
    led(here)
    leaves(here, "cy")
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        looked(here)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told(here)) == 1


@pytest.mark.parametrize("cases", [1, 3], ids=["of one case", "of several"])
def test_each_task_has_a_line_and_a_long_list_is_counted(here: Desk, cases: int) -> None:
    of = [led(here) for _ in range(cases)]
    for no in range(vacancies.SHOWN + 2):
        here.component(of[no % cases], "mesh")
    leaves(here, "cy")
    looked(here)
    [(_, words)] = told(here)
    head, *lines = words.splitlines()
    count = vacancies.SHOWN + 2 + cases
    assert head == f"Nobody can take these {count} tasks now: no active person is a coder."
    tasks_, more = lines[: vacancies.SHOWN], lines[vacancies.SHOWN]
    assert len({line.split()[0] for line in tasks_}) == vacancies.SHOWN
    assert all(line.split("-")[0] in {case.code for case in of} for line in tasks_)
    assert more == f"… and {count - vacancies.SHOWN} more"
    assert lines[-1] == f"Or leave one out: skip {tasks_[0].split()[0]} <reason>"


def actor(no: int, roles: set[Role], skills: set[str]) -> Actor:
    return Actor(1, no, f"P{no}", f"U{no}", frozenset(roles), frozenset(skills))


def off(no: int, days: int) -> Absence:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    return Absence(no, 1, no, None, start, start + timedelta(days=days), True, f"P{no}", None, "UTC")


IMAGING = Kind(frozenset({Role.VA}), "imaging")
ANY_VA = Kind(frozenset({Role.VA}), None)
BOTH = [actor(1, {Role.VA}, {"imaging"}), actor(2, {Role.VA}, set())]
RULE: list[tuple[Kind, list[Actor], Mapping[int, Absence], str | None, str]] = [
    (IMAGING, BOTH, {}, None, "one who has it"),
    (IMAGING, BOTH[1:], {}, "no active person who is a VA has the skill imaging", "nobody has the skill"),
    (IMAGING, [actor(3, {Role.CODER}, {"imaging"})], {},
     "no active person is a VA with the skill imaging", "the skill alone"),
    (IMAGING, [actor(3, {Role.LEAD}, set())], {}, None, "a lead needs no skill"),
    (ANY_VA, [], {}, "no active person is a VA", "nobody at all"),
    (ANY_VA, BOTH, {1: off(1, 5)}, None, "one of two is away"),
    (ANY_VA, BOTH, {1: off(1, 5), 2: off(2, 3)},
     "whoever may take it is away (P1 until Thu 5 Nov 2026, P2 until Tue 3 Nov 2026)", "both are away"),
    (Kind(frozenset(), "imaging"), [actor(3, {Role.CODER}, set())], {}, "no active person has the skill imaging",
     "the skill alone is asked for"),
    (Kind(frozenset(), None), [actor(3, {Role.ADMIN}, set())], {}, None, "what is for anyone"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "people", "gone", "why", "reason"), RULE, ids=[row[-1] for row in RULE])
def test_what_is_missing(
    kind: Kind, people: list[Actor], gone: Mapping[int, Absence], why: str | None, reason: str
) -> None:
    found = missing(kind, people, gone, elsewhere=())
    assert (found and found.why) == why, reason
    if found is not None and gone:
        assert found.back == min(one.ends_at for one in gone.values())


@pytest.mark.parametrize(
    ("people", "gone", "why"),
    [
        (BOTH, {}, None),
        (BOTH[:1], {}, "no other active person is a VA"),
        (BOTH, {2: off(2, 3)}, "whoever else may take it is away (P2 until Tue 3 Nov 2026)"),
    ],
)
def test_what_is_missing_besides_who_has_it(people: list[Actor], gone: Mapping[int, Absence], why: str | None) -> None:
    found = missing(ANY_VA, people, gone, elsewhere=(), besides=1)
    assert (found and found.why) == why


def test_with_nothing_new_it_reads_each_table_once(here: Desk) -> None:
    led(here)
    leaves(here, "cy")
    looked(here)
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(here.store.engine, "before_cursor_execute", note)
    try:
        assert looked(here) == 0
    finally:
        event.remove(here.store.engine, "before_cursor_execute", note)
    assert [sum(f"FROM {table} " in " ".join(one.split()) + " " for one in asked) for table in (
        "staff", "absences a", "vacancies", "programs"
    )] == [1, 1, 1, 0]  # fmt: skip


def test_looking_costs_a_step_for_each_kind_however_many_tasks_are_free(here: Desk) -> None:
    case = led(here)
    many = (
        "INSERT INTO tasks (program_id, case_id, track_id, no, item_id, title, roles, skill, state, ready_at, version,"
        " evidence_kind) SELECT program_id, case_id, track_id, 1000 + n, 'X' || n, title, roles, skill, 'ready',"
        " ready_at, 1, 'none' FROM tasks, generate_series(1, 20000) n WHERE id = :task"
    )
    with here.change() as uow:
        uow.session.execute(text(many), {"task": here.task(case, "P2")})
        uow.session.execute(text("ANALYZE tasks"))
        values = {"program": here.program_id, "roles": ["coder"], "skill": "", "back": None}
        plans = {
            query: "\n".join(uow.session.execute(text(f"EXPLAIN {query.text}"), values).scalars())
            for query in (vacancies._KINDS, vacancies._TASKS)
        }
        kinds = uow.session.execute(vacancies._KINDS, values).all()
    assert len(kinds) == 4, "of 20,000 free tasks and more"
    assert all("Seq Scan on tasks" not in plan for plan in plans.values())
    assert "Index Cond: ((program_id = '1'::smallint) AND (ROW(roles" in plans[vacancies._KINDS], (
        "no reading past tasks"
    )
    assert "tasks_free" in plans[vacancies._TASKS]
