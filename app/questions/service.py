"""Questions: asked, answered, passed on, taken back. Only the person who is asked answers; an answer stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from app.audit import service as audit
from app.cases.identity import case_text
from app.cases.locked import open_case_of
from app.cases.models import Case
from app.cases.queries import team
from app.kernel.business import closed_words
from app.kernel.clock import moment_words
from app.notices.service import tell_case, tell_person, touch_card
from app.programs.absences import refuse_not_there
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.programs.queries import active_person, calendar_of
from app.questions import rows
from app.questions.models import Question
from app.questions.refusals import NotYours, Settled
from app.questions.rows import QuestionRow
from app.questions.rules import checked_choices, due_moment, first_look
from app.refusals import at_field
from app.store.types import table
from app.store.uow import UnitOfWork
from app.tasks import rows as tasks
from app.tasks.refusals import NotEligible, UnknownTask
from app.text import plain

_QUESTIONS = table(Question)
_STANDING = text(
    "SELECT id FROM questions WHERE case_id = :case AND to_id = :to AND asker_id = :me AND words = :words"
    " AND task_id IS NOT DISTINCT FROM CAST(:task AS bigint) AND state = 'open' ORDER BY id LIMIT 1"
)
_STATES = {"passed": "passed on", "taken_back": "taken back", "ended": "ended"}


@dataclass(frozen=True)
class Outcome:
    """What became of a question: the question afterwards, whether anything changed, and a sentence for the person."""

    question: QuestionRow
    changed: bool
    said: str


def working(uow: UnitOfWork, actor: Actor, case_id: int) -> tuple[Case, Program]:
    """The open case, locked, if the actor works in it. Raises `NotAllowed`, `UnknownCase` or `CaseClosed`."""
    case, program = open_case_of(uow, actor, case_id)
    if actor.staff_id not in {person.id for person in team(uow.session, case)}:
        raise NotAllowed(f"You do not work in case {case.code}. Nothing changed. Ask its lead to put the question.")
    return case, program


def ask(
    uow: UnitOfWork,
    actor: Actor,
    case_id: int,
    to_staff_id: int,
    words: str,
    *,
    task_id: int | None = None,
    day: date | None = None,
    at: time | None = None,
    choices: Sequence[str] = (),
) -> Outcome:
    """Put a question to a person, about a case or a task of it. The same question again is no error.

    It is due on a local `day` of the practice `at` a time, without one when the day closes; without a day at the end
    of the next business day. With `choices` one of them can be pressed. Only whoever works in the case asks. Raises
    `NotAllowed`, `NotEligible`, `IsAway`, `UnknownPerson`, `UnknownTask`, `BadDue`, `BadChoices`, and what `case_text`
    raises.
    """
    plain(words, "question", reference=True)
    person = active_person(uow.session, actor.program_id, to_staff_id)
    if person.id == actor.staff_id:
        raise NotEligible("You cannot ask yourself. Nothing changed. Name somebody else.")
    refuse_not_there(uow, person)
    case, program = working(uow, actor, case_id)
    task = None if task_id is None else tasks.read(uow.session, actor.program_id, task_id)
    if task is not None and task.case_id != case_id:
        raise UnknownTask(f"{task.name} is no task of case {case.code}. Nothing changed. Pick one of its own.")
    safe = partial(case_text, uow, case_id, reference=True)
    said = safe(words, "question")
    with at_field("choices"):
        offered = [safe(choice, "choice") for choice in checked_choices(choices)]
    values = {"case": case_id, "to": person.id, "me": actor.staff_id, "words": said, "task": task_id}
    calendar = calendar_of(program)
    due = due_moment(calendar, uow.now, day, at)
    standing = uow.session.execute(_STANDING, values).scalar_one_or_none()
    if standing is not None:
        same = rows.read(uow.session, actor.program_id, standing)
        stays = "" if due == same.due_at or day is None else " That stays. For another time take it back, and ask anew."
        return Outcome(same, False, f"You asked {same.whom} that already.{_due(same, uow.now)}{stays}")
    row = {
        "program_id": actor.program_id, "case_id": case_id, "task_id": task_id, "asker_id": actor.staff_id,
        "to_id": person.id, "words": said, "choices": offered, "asked_at": uow.now, "due_at": due,
        "next_at": first_look(calendar, uow.now, due), "state": "open", "notice_id": uuid4(), "direct_id": uuid4(),
    }  # fmt: skip
    made: int = uow.session.execute(insert(_QUESTIONS).returning(_QUESTIONS.c.id), row).scalar_one()
    question = rows.read(uow.session, actor.program_id, made)
    direct = rows.told([question], question.to_zone, stage="asked")
    tell_person(uow, person.id, "question", f"question:{made}", direct, notice_id=question.direct_id)
    tell_case(uow, case_id, "asked", f"asked:{made}", rows.told([question], program.zone), notice_id=question.notice_id)
    touch_card(uow, case_id)
    audit.record(
        uow, actor, "question.ask", "question", made, case_id=case_id, fields=("to_id", "words", "choices", "due_at")
    )
    default = " That is the end of the next business day, since no other time was said." if day is None else ""
    closed = closed_words(calendar, calendar.local_day(due))
    return Outcome(
        question, True, f"Asked {person.name} about {question.name}.{_due(question, uow.now)}{default}{closed}"
    )


def answer(uow: UnitOfWork, actor: Actor, question_id: int, words: str) -> Outcome:
    """Answer a question that was put to the actor. The same answer again is no error.

    Raises `NotYours`, `Settled`, `UnknownQuestion`, and what `case_text` raises.
    """
    question = rows.lock(uow, actor.program_id, question_id)
    _to(actor, question)
    said = case_text(uow, question.case_id, words, "answer", reference=True)
    if question.state == "answered" and said.casefold() == (question.answer or "").casefold():
        return Outcome(question, False, f"You answered that already: “{question.answer}”.")
    _open(question)
    question = rows.settle(uow, question, "answered", actor.staff_id, said)
    rows.tell_asker(uow, question, "answered")
    audit.record(uow, actor, "question.answer", "question", question.id, case_id=question.case_id, fields=("answer",))
    return Outcome(question, True, f"Answered {question.name}: “{said}”. {question.asker} is told.")


def choose(uow: UnitOfWork, actor: Actor, question_id: int, number: int) -> Outcome:
    """Answer with one of the question's choices, counted from 0. Raises what `answer` raises."""
    question = rows.read(uow.session, actor.program_id, question_id)
    if not 0 <= number < len(question.choices):
        raise NotEligible("That is none of its choices. Nothing changed. Answer in words.")
    return answer(uow, actor, question_id, question.choices[number])


def pass_on(uow: UnitOfWork, actor: Actor, question_id: int, words: str) -> Outcome:
    """Say that a question is not for the actor, and in words whom to ask instead. Raises what `answer` raises."""
    question = rows.lock(uow, actor.program_id, question_id)
    _to(actor, question)
    said = case_text(uow, question.case_id, words, "answer", reference=True)
    if question.state == "passed":
        return Outcome(question, False, f"You passed that on already: “{question.answer}”.")
    _open(question)
    question = rows.settle(uow, question, "passed", actor.staff_id, said)
    rows.tell_asker(uow, question, "passed")
    audit.record(uow, actor, "question.pass", "question", question.id, case_id=question.case_id, reason=said)
    return Outcome(question, True, f"Passed {question.name} on. {question.asker} is told.")


def take_back(uow: UnitOfWork, actor: Actor, question_id: int) -> Outcome:
    """Take an open question back: whoever asked, or a lead. Twice is once. Raises `NotYours` or `Settled`."""
    question = rows.lock(uow, actor.program_id, question_id)
    if actor.staff_id != question.asker_id and not actor.leads:
        raise NotYours(f"{question.asker} asked that. Nothing changed. Only they, or a lead, take it back.")
    if question.state == "taken_back":
        return Outcome(question, False, f"The question to {question.whom} is taken back already.")
    _open(question)
    question = rows.settle(uow, question, "taken_back", actor.staff_id)
    if actor.staff_id != question.asker_id:
        rows.tell_asker(uow, question, "taken_back")
    audit.record(uow, actor, "question.take_back", "question", question.id, case_id=question.case_id)
    return Outcome(question, True, f"Took the question about {question.name} to {question.whom} back.")


def _to(actor: Actor, question: QuestionRow) -> None:
    if actor.staff_id != question.to_id:
        raise NotYours(f"That question is put to {question.whom}. Nothing changed. Only they answer it.")


def _open(question: QuestionRow) -> None:
    """Raise `Settled`, saying who answered what."""
    if question.state == "open":
        return
    if question.state == "answered":
        raise Settled(f"{question.settled_by} answered that already: “{question.answer}”. Nothing changed.")
    by = f" by {question.settled_by}" if question.settled_by else ""
    words = f": “{question.answer}”" if question.answer else ""
    raise Settled(f"That question was {_STATES[question.state]}{by}{words}. Nothing changed.")


def _due(question: QuestionRow, now: datetime) -> str:
    what = "It is late: the answer was due" if question.due_at <= now else "The answer is due"
    return f" {what} {moment_words(question.due_at, ZoneInfo(question.zone))}."
