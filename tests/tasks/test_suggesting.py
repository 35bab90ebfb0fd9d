"""Who is suggested for a task, why, and how a plan gives many: tables, and a slow twin that knows no shortcuts."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checklists.vocabulary import Role
from app.kernel.business import BusinessCalendar
from app.programs.actor import Actor
from app.programs.models import Staff
from app.tasks.suggesting import Planned, Team, Work, Worker, best, plan, shares, sift, suggest
from app.tasks.team import at_work_from
from tests.world import OFFICE

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 2, 14, tzinfo=UTC)  # a Monday, 09:00 in New York
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VA, LEAD, CODER, SURGEON = (frozenset({role}) for role in (Role.VA, Role.LEAD, Role.CODER, Role.SURGEON))
CLINICIAN = frozenset({Role.CLINICIAN})
NOBODY: frozenset[str] = frozenset()


def worker(
    no: int,
    name: str = "",
    roles: frozenset[Role] = VA,
    skills: frozenset[str] = NOBODY,
    begins: timedelta = timedelta(),
    **held: int,
) -> Worker:
    actor = Actor(1, no, name or f"P{no}", f"U0{no}", roles, skills)
    return Worker(actor, NOW + begins, **held)  # type: ignore[arg-type]


def team(
    *workers: Worker, knows: frozenset[tuple[str, int]] = frozenset(), surgeons: dict[str, int] | None = None
) -> Team:
    return Team(workers, knows, NOW, NOW + DAY, NEW_YORK, surgeons or {})


def work(
    no: int = 1,
    case: str = "K7Q4",
    roles: frozenset[Role] = VA,
    skill: str | None = None,
    due: timedelta | None = 3 * DAY,
    word: frozenset[Role] = frozenset(),
) -> Work:
    return Work(no, case, roles, skill, None if due is None else NOW + due, word)


IMAGING = frozenset({"imaging"})
PREFERRED = [
    (work(), team(worker(1, open=3), worker(2, open=2)), "P2", "2 open", "who holds less"),
    (work(), team(worker(1, open=2, late=1), worker(2, open=3)), "P2", "3 open", "a late one weighs three"),
    (work(), team(worker(1, open=2, soon=2), worker(2, open=3)), "P2", "3 open", "one that is due soon weighs two"),
    (
        work(), team(worker(1, open=3, late=1), worker(2, open=2), knows=frozenset({("K7Q4", 1)})), "P2", "2 open",
        "knowing the case is worth three open tasks, not five",
    ),
    (
        work(), team(worker(1, open=3), worker(2, open=1), knows=frozenset({("K7Q4", 1)})), "P1",
        "knows the case, 3 open", "knowing the case is worth three",
    ),
    (
        work(), team(worker(1), worker(2), knows=frozenset({("M2X9", 2)})), "P1", "nothing open",
        "another case is none of this one",
    ),
    (
        work(), team(worker(1, begins=2 * HOUR), worker(2, open=4)), "P2", "4 open", "who is at work now",
    ),
    (
        work(), team(worker(1, begins=2 * HOUR), worker(2, open=6)), "P1", "off until Mon 11:00 AM, nothing open",
        "unless they have a lot more",
    ),
    (
        work(due=HOUR), team(worker(1, begins=2 * HOUR), worker(2, open=30)), "P2", "30 open",
        "whoever can begin before it is due, whatever they have",
    ),
    (
        work(due=-HOUR), team(worker(1, begins=HOUR), worker(2, open=30)), "P2", "30 open",
        "what is late cannot wait until somebody is back at work",
    ),
    (
        work(), team(worker(1, roles=LEAD), worker(2, open=30)), "P2", "30 open", "a lead only where no VA is",
    ),
    (work(), team(worker(1, roles=LEAD), worker(2, roles=CODER)), "P1", "stands in, nothing open", "then a lead"),
    (work(roles=frozenset()), team(worker(1, roles=SURGEON), worker(2, open=9)), "P2", "9 open", "for anyone: a VA"),
    (
        work(roles=VA | CLINICIAN), team(worker(1, roles=SURGEON | CLINICIAN), worker(2, open=9), surgeons={"K7Q4": 1}),
        "P2", "9 open", "what a VA may do is a VA's, though the surgeon may, too",
    ),
    (work(), team(worker(2, "Bo"), worker(1, "Ana")), "Ana", "nothing open", "by name, where all else is the same"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "people", "name", "why", "reason"), PREFERRED, ids=[row[-1] for row in PREFERRED])
def test_who_is_suggested_and_why(asked: Work, people: Team, name: str, why: str, reason: str) -> None:
    found = best(asked, people)
    assert found is not None
    assert (found.actor.name, found.why) == (name, why), reason
    assert suggest(asked, people)[0] == found


NOT_FIT = [
    (work(skill="imaging"), worker(1), "without the skill imaging, nothing open"),
    (
        work(), replace(worker(1, open=1, late=1), away=((NOW + 2 * DAY, NOW + 4 * DAY),)),
        "away when it is due, 1 open, 1 late",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "person", "why"), NOT_FIT)
def test_who_may_be_given_it_and_does_not_fit_stands_last_and_is_not_suggested(
    asked: Work, person: Worker, why: str
) -> None:
    assert best(asked, team(person)) is None
    assert [one.why for one in suggest(asked, team(person))] == [why]
    fitting = worker(2, roles=VA, skills=IMAGING, open=40)
    assert [one.fit for one in suggest(asked, team(person, fitting))] == [True, False]


def test_time_off_that_is_over_before_the_deadline_is_no_reason() -> None:
    away = replace(worker(1), away=((NOW + DAY, NOW + 2 * DAY),))
    assert best(work(), team(away)) is not None
    assert best(work(due=2 * DAY), team(away)) is not None, "back as it is due"
    assert best(work(due=DAY), team(away)) is None, "gone as it is due"


# Sam is the surgeon of the case, Nia and Ned are others who have less to do; Ned is a clinician besides.
WORD = [
    (work(roles=SURGEON), ["Sam"], "what only a surgeon does"),
    (work(roles=SURGEON, word=SURGEON), ["Sam"], "what only a surgeon signs"),
    (work(roles=VA | SURGEON, word=SURGEON), ["Sam"], "whoever else may hold it cannot sign it"),
    (work(roles=SURGEON | CLINICIAN, word=SURGEON | CLINICIAN), ["Cleo", "Sam"], "a clinician signs as well"),
    (work(roles=VA | SURGEON), ["Ana", "Lea", "Sam"], "a VA does it, or a lead; another surgeon only as a surgeon"),
    (work(), ["Ana", "Lea"], "no surgeon is meant"),
    (work(roles=SURGEON, case="M2X9"), ["Ned", "Nia", "Sam"], "a case without a surgeon who is there"),
]


@pytest.mark.parametrize(("asked", "fit", "reason"), WORD, ids=[row[-1] for row in WORD])
def test_what_waits_for_a_surgeon_s_word_is_for_the_surgeon_of_the_case(
    asked: Work, fit: list[str], reason: str
) -> None:
    people = team(
        worker(1, "Nia", SURGEON), worker(2, "Sam", SURGEON, open=9, late=4), worker(3, "Ana"),
        worker(4, "Cleo", CLINICIAN), worker(5, "Lea", LEAD), worker(6, "Ned", SURGEON | CLINICIAN),
        surgeons={"K7Q4": 2},
    )  # fmt: skip
    found = suggest(asked, people)
    assert sorted(one.actor.name for one in found if one.fit) == fit, reason
    others = [one for one in found if not one.fit]
    assert all(one.why.startswith("not this case's surgeon, ") for one in others)
    first = best(asked, people)
    assert first == found[0]
    if fit == ["Sam"]:
        assert "Nia" in [one.actor.name for one in others], "to be picked all the same"


def test_without_the_surgeon_of_the_case_a_plan_leaves_their_word_free() -> None:
    gone = replace(worker(2, "Sam", SURGEON), away=((NOW + DAY, NOW + 9 * DAY),))
    people = team(worker(1, "Nia", SURGEON), gone, surgeons={"K7Q4": 2})
    assert [one.to for one in plan([work(roles=SURGEON)], people)] == [None]


def test_who_may_not_have_it_is_not_there_at_all() -> None:
    assert suggest(work(roles=CODER), team(worker(1), worker(2, roles=LEAD), worker(3, roles=SURGEON))) == []


def test_a_plan_is_balanced_and_says_what_it_adds() -> None:
    works = [work(no, case=f"C{no}") for no in range(1, 7)]
    planned = plan(works, team(worker(1), worker(2, open=2), worker(3)))
    assert shares(one.to for one in planned) == {"P1": 3, "P3": 2, "P2": 1}
    assert [one.to.why for one in planned if one.to is not None][-1] == "2 open"


def test_a_plan_gives_the_tasks_of_one_case_to_few() -> None:
    works = [work(no, case=f"C{no % 2}") for no in range(1, 7)]
    planned = plan(works, team(worker(1), worker(2)))
    cases = {(one.work.case, one.to.actor.name) for one in planned if one.to is not None}
    assert len(cases) == 2
    assert shares(one.to for one in planned) == {"P1": 3, "P2": 3}


def test_what_nobody_may_be_given_is_sifted_out_and_what_nobody_has_the_skill_for_comes_last() -> None:
    works = [work(1, skill="imaging"), work(2, roles=SURGEON), work(3), work(4, roles=CODER), work(5, skill="imaging")]
    placed, rest = sift(works, team(worker(1), worker(2, roles=CODER)))
    assert ([one.id for one in placed], [one.id for one in rest]) == ([3, 4, 1, 5], [2])
    assert sift(works, team()) == ([], works)


# A twin that compares each with each, and counts everything anew before each task.

_ROLES = st.sampled_from([VA, CODER, LEAD, SURGEON, VA | CODER, SURGEON | CLINICIAN])
_SKILLS = st.sampled_from([NOBODY, IMAGING])
_SPAN = st.tuples(st.integers(1, 90), st.integers(1, 60)).map(
    lambda pair: ((NOW + pair[0] * HOUR, NOW + sum(pair) * HOUR),)
)


@st.composite
def workers(draw: st.DrawFn) -> tuple[Worker, ...]:
    made = []
    for no in range(draw(st.integers(0, 5))):
        late, soon, rest = (draw(st.integers(0, 3)) for _ in range(3))
        begins = draw(st.sampled_from([timedelta(), HOUR, DAY]))
        one = worker(no + 1, "", draw(_ROLES), draw(_SKILLS), begins, open=late + soon + rest, late=late, soon=soon)
        made.append(replace(one, away=draw(st.just(()) | _SPAN)))
    return tuple(made)


_WORKS = st.lists(
    st.tuples(
        st.sampled_from(["K7Q4", "M2X9"]),
        st.sampled_from([VA, CODER, VA | SURGEON, VA | CLINICIAN, frozenset()]),
        st.sampled_from([None, "imaging"]),
        st.none() | st.integers(-48, 96),
        st.sampled_from([frozenset(), SURGEON, VA | SURGEON]),
    ),
    max_size=8,
)
_SURGEONS = st.dictionaries(st.sampled_from(["K7Q4", "M2X9"]), st.integers(1, 5))
_KNOWS = st.frozensets(st.tuples(st.sampled_from(["K7Q4", "M2X9"]), st.integers(1, 5)))


def twin(works: list[Work], people: Team) -> list[tuple[int, int | None]]:
    done: list[tuple[Work, int]] = []
    found: list[tuple[int, int | None]] = []
    for one in works:
        chosen: Worker | None = None
        for person in people.workers:
            if _fits(one, person, people) and (chosen is None or _beats(person, chosen, one, people, done)):
                chosen = person
        who = None if chosen is None else chosen.actor.staff_id
        found.append((one.id, who))
        if who is not None:
            done.append((one, who))
    return found


def _fits(one: Work, person: Worker, people: Team) -> bool:
    roles, skills = set(person.actor.roles), set(person.actor.skills)
    leads = Role.LEAD in roles
    role = not one.roles or bool(one.roles & roles) or (leads and Role.VA in one.roles)
    skill = one.skill is None or one.skill in skills or leads
    gone = one.due_at is not None and one.due_at > NOW and any(a <= one.due_at < b for a, b in person.away)
    return role and skill and not gone and not _is_another_surgeon_s(one, person, people)


def _is_another_surgeon_s(one: Work, person: Worker, people: Team) -> bool:
    surgeon = people.surgeons.get(one.case)
    asked = one.word or one.roles
    if surgeon is None or surgeon == person.actor.staff_id or Role.SURGEON not in asked:
        return False
    if Role.SURGEON in person.actor.roles:
        return True
    roles = person.actor.roles | (VA if Role.LEAD in person.actor.roles else frozenset())
    return not any(role in asked and role is not Role.SURGEON for role in roles)


def _beats(mine: Worker, other: Worker, one: Work, people: Team, done: list[tuple[Work, int]]) -> bool:
    def late(person: Worker) -> bool:
        return person.begins_at > NOW and one.due_at is not None and one.due_at <= person.begins_at

    def stand_in(person: Worker) -> bool:
        wanted = VA if Role.VA in (one.roles or VA) else one.roles
        return not (wanted & person.actor.roles) or (one.skill is not None and one.skill not in person.actor.skills)

    def points(person: Worker) -> int:
        got = [given for given, who in done if who == person.actor.staff_id]
        total = (person.open - person.late - person.soon) + 3 * person.late + 2 * person.soon
        for given_work in got:
            due = given_work.due_at
            total += 3 if due is not None and due <= NOW else 2 if due is not None and due <= people.soon else 1
        total += 5 if person.begins_at > NOW else 0
        knows = (one.case, person.actor.staff_id) in people.knows or any(given.case == one.case for given in got)
        return total - (3 if knows else 0)

    def held(person: Worker) -> int:
        return person.open + sum(who == person.actor.staff_id for _, who in done)

    for rule in (late, stand_in, points, held):
        if rule(mine) != rule(other):
            return rule(mine) < rule(other)
    return mine.actor.name < other.actor.name


@given(workers(), _WORKS, _KNOWS, _SURGEONS)
def test_a_plan_is_what_the_slow_twin_finds(
    people: tuple[Worker, ...], asked: list[tuple[str, frozenset[Role], str | None, int | None, frozenset[Role]]],
    knows: frozenset[tuple[str, int]], surgeons: dict[str, int],
) -> None:  # fmt: skip
    works = [
        work(no, case, roles, skill, None if due is None else due * HOUR, word)
        for no, (case, roles, skill, due, word) in enumerate(asked, start=1)
    ]
    everybody = team(*people, knows=knows, surgeons=surgeons)
    planned = plan(works, everybody)
    assert [(one.work.id, one.to and one.to.staff_id) for one in planned] == twin(works, everybody)
    for one in planned[:1]:
        assert one == Planned(one.work, best(one.work, everybody))
    for wanted in works:
        ranked = suggest(wanted, everybody)
        fit = [each.fit for each in ranked]
        assert fit == sorted(fit, reverse=True)
        assert {each.staff_id for each in ranked if each.fit} == {
            person.actor.staff_id for person in people if _fits(wanted, person, everybody)
        }


# When somebody is at work next

CALENDAR = BusinessCalendar.from_config({"hours": OFFICE, "country": "US"}, "America/New_York")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


AT_WORK = [
    (None, "America/New_York", at(2, 9), at(2, 9), "open, and no quiet hours"),
    (None, "America/New_York", at(2, 12, 30), at(2, 13), "after lunch"),
    (None, "America/New_York", at(2, 17), at(3, 8), "closing is over"),
    (None, "America/New_York", at(6, 18), at(9, 8), "after the weekend"),
    (None, "America/New_York", at(25, 18), at(27, 8), "after Thanksgiving"),
    ((time(18), time(10)), "America/New_York", at(2, 9), at(2, 10), "after quiet hours"),
    ((time(18), time(12, 30)), "America/New_York", at(2, 9), at(2, 13), "quiet hours end at lunch"),
    ((time(8), time(23)), "Asia/Manila", at(2, 9), at(2, 10), "quiet hours of their own zone, where it is 22:00"),
]


@pytest.mark.parametrize(("quiet", "zone", "now", "wanted", "why"), AT_WORK, ids=[row[-1] for row in AT_WORK])
def test_when_somebody_is_at_work_next(
    quiet: tuple[time, time] | None, zone: str, now: datetime, wanted: datetime, why: str
) -> None:
    begin, end = quiet or (None, None)
    person = Staff(
        program_id=1, slack_user_id="U0P", name="P", zone=zone, roles=["va"], quiet_from=begin, quiet_until=end
    )
    assert at_work_from(person, CALENDAR, now) == wanted, why


def test_quiet_hours_that_leave_nothing_of_the_day_end_the_search() -> None:
    person = Staff(
        program_id=1, slack_user_id="U0P", name="P", zone="Asia/Manila", roles=["va"],
        quiet_from=time(20), quiet_until=time(7),
    )  # fmt: skip
    found = at_work_from(person, CALENDAR, NOW)
    assert found > NOW + timedelta(days=7)
    assert found.astimezone(NEW_YORK).date() > date(2026, 11, 9)
