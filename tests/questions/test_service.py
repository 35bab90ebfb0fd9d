"""Questions: who asks whom, what an answer changes, and what stays as it is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.audit.service import verify
from app.cases.card import OpenQuestion, card_of
from app.cases.refusals import CaseClosed
from app.cases.service import close_case, open_case
from app.kernel.due import Moment
from app.programs.absences import IsAway, plan
from app.programs.actor import NotAllowed
from app.programs.queries import UnknownPerson
from app.programs.service import set_active
from app.questions import service
from app.questions.refusals import NotYours, Settled, UnknownQuestion
from app.questions.service import Outcome
from app.tasks import covering, departures
from app.tasks.refusals import NotEligible, UnknownTask
from app.text import Missing, PatientData, TooLong
from tests.questions.conftest import Desk, local


def test_a_question_arrives_with_its_time_and_its_answers(desk: Desk) -> None:
    done = desk.ask(task_id=desk.task(2), choices=("yes", "no"))
    assert done.said == (
        f"Asked Sam about {desk.code}-2. The answer is due Tue 3 Nov 2026 5:00 PM EST. "
        "That is the end of the next business day, since no other time was said."
    )
    [direct] = desk.notices("question")
    assert direct.staff_id == desk.world.staff["sam"].id
    [line] = direct.payload["questions"]
    assert (line["words"], line["choices"], line["no"]) == ("Is the stem custom?", ["yes", "no"], 2)
    assert line["from"] == desk.world.staff["ana"].slack_user_id
    [post] = desk.notices("asked")
    assert post.case_id == desk.case_id
    row = desk.question(done.question.id)
    assert (row.due_at, row.next_at) == (local(3, 17), local(3, 15))
    assert (row.notice_id, row.direct_id) == (post.id, direct.id)


def test_a_time_that_is_said_is_not_explained(desk: Desk) -> None:
    done = desk.ask(day=date(2026, 11, 5), at=time(14))
    assert done.said == f"Asked Sam about {desk.code}. The answer is due Thu 5 Nov 2026 2:00 PM EST."


def test_asking_the_same_again_is_no_error(desk: Desk) -> None:
    first, again = desk.ask(), desk.ask(day=date(2026, 11, 5))
    assert (again.changed, again.question.id) == (False, first.question.id)
    assert "You asked Sam that already. The answer is due Tue 3 Nov" in again.said
    assert again.said.endswith(" That stays. For another time take it back, and ask anew.")
    assert desk.ask().said.endswith("Tue 3 Nov 2026 5:00 PM EST."), "nothing else was asked for"
    assert desk.ask(task_id=desk.task(2)).changed, "about a task it is another question"
    assert len(desk.notices("question")) == 2


def test_an_answer_is_shown_in_both_posts_and_told_to_whoever_asked(desk: Desk) -> None:
    asked = desk.ask(task_id=desk.task(2), choices=("yes", "no")).question
    done = desk.do(service.choose, "sam", asked.id, 1)
    assert done.said == f"Answered {desk.code}-2: “no”. Ana is told."
    assert [(one.payload["of"], one.payload["questions"][0]["answer"]) for one in desk.notices("settled")] == [
        (str(asked.notice_id), "no"), (str(asked.direct_id), "no"),
    ]  # fmt: skip
    [reply] = desk.notices("replied")
    assert reply.payload["to"] == desk.world.staff["ana"].slack_user_id
    row = desk.question(asked.id)
    assert (row.state, row.answer, row.next_at) == ("answered", "no", None)
    assert row.settled_by == desk.world.staff["sam"].id


def test_the_same_answer_again_is_no_error_and_another_one_is_refused(desk: Desk) -> None:
    asked = desk.ask(choices=("yes", "no")).question
    desk.do(service.answer, "sam", asked.id, "Yes")
    again = desk.do(service.choose, "sam", asked.id, 0)
    assert (again.changed, again.said) == (False, "You answered that already: “Yes”.")
    with pytest.raises(Settled, match=r"Sam answered that already: “Yes”. Nothing changed\."):
        desk.do(service.choose, "sam", asked.id, 1)
    with pytest.raises(Settled, match="Sam answered that already"):
        desk.do(service.pass_on, "sam", asked.id, "ask Bo")
    with pytest.raises(Settled, match="Sam answered that already"):
        desk.do(service.take_back, "ana", asked.id)
    assert desk.outcomes() == ["answered"]


def test_of_answers_and_a_taking_back_at_once_one_counts(desk: Desk) -> None:
    for _ in range(5):
        asked = desk.ask(choices=("yes", "no")).question
        deeds: list[Callable[[], Outcome]] = [
            partial(desk.do, service.choose, "sam", asked.id, 0),
            partial(desk.do, service.choose, "sam", asked.id, 1),
            partial(desk.do, service.pass_on, "sam", asked.id, "ask the vendor"),
            partial(desk.do, service.take_back, "ana", asked.id),
        ]

        def attempt(deed: Callable[[], Outcome]) -> bool:
            try:
                return deed().changed
            except Settled:
                return False

        with ThreadPoolExecutor(len(deeds)) as pool:
            assert sum(pool.map(attempt, deeds)) == 1
        told = [notice for notice in desk.notices("settled") if notice.payload["questions"][0]["id"] == asked.id]
        assert len(told) == 2, "one edit of each post"


def test_not_for_me_says_whom_to_ask_instead(desk: Desk) -> None:
    asked = desk.ask().question
    assert "Passed" in desk.do(service.pass_on, "sam", asked.id, "ask the vendor").said
    assert not desk.do(service.pass_on, "sam", asked.id, "ask the vendor").changed
    assert desk.question(asked.id).answer == "ask the vendor"
    assert desk.outcomes() == ["passed"]
    with pytest.raises(Settled, match="passed on by Sam: “ask the vendor”"):
        desk.do(service.answer, "sam", asked.id, "yes")


def test_whoever_asked_takes_it_back_and_so_does_a_lead_who_says_so(desk: Desk) -> None:
    first, second = desk.ask().question, desk.ask(words="Who assists?").question
    with pytest.raises(NotYours, match="Ana asked that"):
        desk.do(service.take_back, "bo", first.id)
    assert desk.do(service.take_back, "ana", first.id).changed
    assert not desk.do(service.take_back, "ana", first.id).changed
    assert desk.outcomes() == []
    desk.do(service.take_back, "lea", second.id)
    assert desk.outcomes() == ["taken_back"]
    with pytest.raises(Settled, match="taken back by Ana"):
        desk.do(service.answer, "sam", first.id, "yes")
    assert desk.ask().changed, "it can be asked anew"


def test_only_the_person_who_is_asked_answers(desk: Desk) -> None:
    asked = desk.ask(choices=("yes", "no")).question
    for who in ("ana", "lea", "bo"):
        with pytest.raises(NotYours, match="put to Sam"):
            desk.do(service.choose, who, asked.id, 0)
        with pytest.raises(NotYours, match="put to Sam"):
            desk.do(service.pass_on, who, asked.id, "no idea")
    with pytest.raises(NotEligible, match="none of its choices"):
        desk.do(service.choose, "sam", asked.id, 2)
    with pytest.raises(UnknownQuestion):
        desk.do(service.answer, "sam", asked.id + 100, "yes")


def test_who_may_ask_whom(desk: Desk) -> None:
    with pytest.raises(NotEligible, match="ask yourself"):
        desk.ask("sam", "sam")
    with desk.world.store.change() as uow:
        set_active(uow, desk.world.actor("max"), desk.world.staff["bo"].id, active=False)
    with pytest.raises(UnknownPerson, match="switched off"):
        desk.ask("ana", "bo")
    with pytest.raises(UnknownPerson):
        desk.do(service.ask, "ana", desk.case_id, 987654, "Is it?")
    with desk.world.store.change() as uow:
        uow.session.execute(text("UPDATE staff SET roles = '{admin}' WHERE name = 'Cy'"))
    with pytest.raises(NotAllowed, match="do not work in case"):
        desk.ask("cy", "sam")
    assert desk.ask("lea", "ana").changed, "anybody of the staff can be asked"


def test_a_task_of_another_case_is_none_of_this_one(desk: Desk) -> None:
    with desk.world.store.change() as uow:
        other = open_case(uow, desk.world.actor("ana")).id
    with pytest.raises(UnknownTask, match="is no task of case"):
        desk.do(service.ask, "ana", other, desk.world.staff["sam"].id, "Is it?", task_id=desk.task(2))


@pytest.mark.parametrize(
    ("words", "refusal"), [("", Missing), ("x" * 301, TooLong), ("Is Mrs. Brown, born 3/4/1961, ready?", PatientData)]
)
def test_what_is_about_the_patient_is_not_kept(desk: Desk, words: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        desk.ask(words=words)
    asked = desk.ask().question
    with pytest.raises(refusal):
        desk.do(service.answer, "sam", asked.id, words)
    with pytest.raises(refusal):
        desk.do(service.pass_on, "sam", asked.id, words)
    assert desk.question(asked.id).state == "open"


def test_a_choice_is_held_against_the_same_rules(desk: Desk) -> None:
    with pytest.raises(PatientData):
        desk.ask(choices=("yes", "DOB 3/4/1961"))


def test_closing_the_case_ends_its_questions(desk: Desk) -> None:
    asked = desk.ask().question
    with desk.world.store.change() as uow:
        close_case(uow, desk.world.actor("lea"), desk.case_id, "moved to another centre")
    assert desk.question(asked.id).state == "ended"
    kinds = [row.kind for row in desk.rows("SELECT kind FROM notices WHERE kind IN ('settled', 'closed') ORDER BY seq")]
    assert kinds == ["settled", "settled", "closed"], "what is edited comes before the channel is archived"
    assert desk.until(local(30, 9)) == 0
    with pytest.raises(Settled, match=r"ended\. Nothing changed"):
        desk.do(service.answer, "sam", asked.id, "yes")
    with pytest.raises(CaseClosed):
        desk.ask()


def test_who_is_switched_off_is_not_waited_for(desk: Desk) -> None:
    asked = desk.ask().question
    with desk.world.store.change() as uow:
        departures.leave(uow, desk.world.actor("max"), desk.world.staff["sam"])
    assert desk.question(asked.id).state == "ended"
    assert desk.outcomes() == ["left"]


def test_an_answer_to_somebody_who_has_left_goes_to_the_lead(desk: Desk) -> None:
    asked = desk.ask().question
    with desk.world.store.change() as uow:
        departures.leave(uow, desk.world.actor("max"), desk.world.staff["ana"])
    desk.do(service.answer, "sam", asked.id, "yes")
    assert desk.notices("replied")[0].payload["to"] == desk.world.staff["lea"].slack_user_id


def test_everything_is_in_the_record(desk: Desk) -> None:
    first, second, third = desk.ask().question, desk.ask(words="Who?").question, desk.ask(words="When?").question
    desk.do(service.answer, "sam", first.id, "yes")
    desk.do(service.pass_on, "sam", second.id, "ask Bo")
    desk.do(service.take_back, "lea", third.id)
    found = desk.rows(
        "SELECT action, object_id, s.name FROM audit_entries a JOIN staff s ON s.id = a.actor_id"
        " WHERE object_type = 'question' ORDER BY a.seq"
    )
    assert [tuple(row) for row in found] == [
        *(("question.ask", str(one.id), "Ana") for one in (first, second, third)),
        ("question.answer", str(first.id), "Sam"),
        ("question.pass", str(second.id), "Sam"),
        ("question.take_back", str(third.id), "Lea"),
    ]
    with desk.world.store.read() as uow:
        assert verify(uow.session, desk.world.program.id).breaks == []


NEVER = {
    "an answer to an open question": "answer = 'yes'",
    "an answered question without its answer": (
        "state = 'answered', settled_at = now(), settled_by = to_id, next_at = NULL"
    ),
    "somebody else's answer": (
        "state = 'answered', answer = 'yes', settled_at = now(), settled_by = asker_id, next_at = NULL"
    ),
    "nobody's answer": "state = 'answered', answer = 'yes', settled_at = now(), next_at = NULL",
    "an answer to what was taken back": (
        "state = 'taken_back', answer = 'yes', settled_at = now(), settled_by = asker_id, next_at = NULL"
    ),
    "an open question that nobody looks at": "next_at = NULL",
    "a settled question that is looked at": "state = 'ended', settled_at = now()",
    "a question that is told twice": "overdue_at = now()",
    "a question to oneself": "to_id = asker_id",
    "due before it was asked": "due_at = asked_at",
    "one choice": "choices = '{yes}'",
    "too many choices": "choices = '{a,b,c,d,e,f}'",
    "a task of another case": "task_id = (SELECT id FROM tasks WHERE case_id <> questions.case_id LIMIT 1)",
    "a word that is no state": "state = 'gone', settled_at = now(), next_at = NULL",
}


@pytest.mark.parametrize("change", NEVER.values(), ids=list(NEVER))
def test_the_database_refuses(desk: Desk, change: str) -> None:
    asked = desk.ask().question
    with desk.world.store.change() as uow:
        open_case(uow, desk.world.actor("ana"), key_dates={"board": Moment.of_day(date(2026, 11, 12))})
    with pytest.raises(IntegrityError), desk.world.store.change() as uow:
        uow.session.execute(text(f"UPDATE questions SET {change} WHERE id = :id"), {"id": asked.id})


def test_who_is_away_is_not_asked(desk: Desk) -> None:
    with desk.world.store.change() as uow:
        sam = desk.world.staff["sam"].id
        plan(uow, desk.world.actor("lea"), sam, date(2026, 11, 2), date(2026, 11, 4), desk.world.staff["lea"].id)
    with pytest.raises(
        IsAway, match=r"Sam is away until Wed 4 Nov 2026\. Nothing changed\. Lea covers: name them, or somebody else"
    ):
        desk.ask()


def test_whom_slack_does_not_know_is_not_asked(desk: Desk) -> None:
    absent = "UPDATE channels SET invited = :users, absent = '[\"Sam (not in the workspace)\"]' WHERE case_id = :case"
    with desk.world.store.change() as uow:
        users = [desk.world.staff["sam"].slack_user_id]
        uow.session.execute(text(absent), {"users": users, "case": desk.case_id})
    with pytest.raises(UnknownPerson, match=r"Sam is not in the Slack workspace\. Nothing changed\."):
        desk.ask()


def test_whoever_asked_hears_at_once_when_time_off_begins(desk: Desk) -> None:
    asked = desk.ask().question
    with desk.world.store.change() as uow:
        plan(uow, desk.world.actor("sam"), desk.world.staff["sam"].id, date(2026, 11, 2), date(2026, 11, 4))
        covering.turn_due(uow)
    assert desk.question(asked.id).state == "open", "they may answer all the same"
    assert desk.outcomes() == ["away"]
    assert desk.notices("replied")[0].payload["until"] == "2026-11-04"


def test_an_open_question_stands_on_the_card_until_it_is_settled(desk: Desk) -> None:
    def shown() -> tuple[list[OpenQuestion], int]:
        with desk.world.store.read() as uow:
            found = list(card_of(uow.session, desk.case_id, desk.clock.now()).questions)
        with desk.world.store.engine.begin() as connection:  # as when it was drawn
            drawn = connection.execute(
                text("UPDATE notices SET state = 'delivered', delivered_at = now() WHERE kind = 'card'"
                     " AND state = 'pending'")
            ).rowcount  # fmt: skip
        return found, drawn

    ana, sam = (desk.world.staff[name].slack_user_id for name in ("ana", "sam"))
    assert shown() == ([], 1)
    question = desk.ask(task_id=desk.task(2)).question
    assert shown() == ([OpenQuestion(2, "Is the stem custom?", question.due_at, ana, sam)], 1)
    desk.do(service.answer, "sam", question.id, "yes")
    assert shown() == ([], 1)
