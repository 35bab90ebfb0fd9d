"""The forms of questions: what opens them, and what they do when they are sent."""

from collections.abc import Callable
from datetime import date, time
from typing import Final, TypedDict

from app.cases.identity import case_text
from app.cases.queries import open_codes
from app.cases.refusals import UnknownCase
from app.programs.actor import Actor
from app.programs.queries import calendar_of, find_staff
from app.questions import rows, service
from app.questions.refusals import BadDue
from app.questions.rows import QuestionRow
from app.questions.rules import choices_of, due_moment
from app.refusals import Refusal
from app.slack.answer import Answer
from app.slack.listeners.commands.questions import put
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import Chosen, Form, NothingToAsk, State
from app.slack.views import blocks as draw
from app.slack.views import case_forms, modals, question_forms, questions, replies
from app.slack.views.modals import About, View
from app.store.uow import UnitOfWork
from app.tasks.queries import blocked_tasks_of, tasks_of
from app.tasks.rows import read

TRIED: Final = "tried"
"""Stands in for the words of an answer when it is tried."""
MOST: Final = 500
"""Tasks of which one is picked in a form."""
_Settle = Callable[[UnitOfWork, Actor, int, str], service.Outcome]


def _task_view(visit: Visit, about: About, chosen: Chosen) -> View:
    task = read(visit.uow.session, visit.actor.program_id, about.id)
    service.working(visit.uow, visit.actor, task.case_id)
    head = draw.section(f"*{draw.safe(task.name)}* {draw.safe(task.title, draw.TITLE)}")
    return question_forms.ask(about, head, (), **_due(visit, chosen), **_said(visit, chosen, task.case_id))


def _task_ask(visit: Visit, about: About, state: State) -> Answer:
    task = read(visit.uow.session, visit.actor.program_id, about.id)
    return _ask(visit, task.case_id, task.id, state)


def _case_view(visit: Visit, about: About, chosen: Chosen) -> View:
    session, actor = visit.uow.session, visit.actor
    case_id = about.id or _case_id(chosen.get(modals.CASE)) or (visit.here.id if visit.here else 0)
    if not case_id:
        head = case_forms.which_case(_codes(visit), 0, tells=True)
        return question_forms.ask(about, head, (), **_due(visit, chosen), **_said(visit, chosen, case_id))
    case, _ = service.working(visit.uow, actor, case_id)
    if about.id or visit.here is not None:
        about, head = About("c", case.id, about.channel), draw.section(f"*Case {draw.safe(case.code)}*")
    else:
        head = case_forms.which_case(_codes(visit), case.id, tells=True)
    tasks = tasks_of(session, actor.program_id, case_id=case.id, limit=MOST)
    tasks += blocked_tasks_of(session, actor.program_id, case_id=case.id, limit=MOST)
    return question_forms.ask(about, head, tasks, **_due(visit, chosen), **_said(visit, chosen, case_id))


def _case_ask(visit: Visit, about: About, state: State) -> Answer:
    case_id = about.id or _case_id(modals.entered(state, modals.CASE))
    if not case_id:
        raise UnknownCase("Which case? Nothing changed. Pick one.")
    return _ask(visit, case_id, modals.picked_task(state) or None, state)


def _ask(visit: Visit, case_id: int, task_id: int | None, state: State) -> Answer:
    person = find_staff(visit.uow.session, visit.actor.program_id, modals.entered(state, modals.PERSON) or "")
    try:
        day = date.fromisoformat(modals.entered(state, question_forms.DAY) or _default(visit).isoformat())
        hour = modals.entered(state, question_forms.TIME)
        at = time.fromisoformat(hour) if hour else None
    except ValueError:
        raise BadDue("Which day? Nothing changed. Pick one.") from None
    done = service.ask(
        visit.uow, visit.actor, case_id, person.id, modals.entered(state, question_forms.QUESTION) or "",
        task_id=task_id, day=day, at=at, choices=choices_of(modals.entered(state, question_forms.CHOICES)),
    )  # fmt: skip
    return put(done)


class _Due(TypedDict):
    default: date
    at: time | None


def _due(visit: Visit, chosen: Chosen) -> _Due:
    """Until when the form says at first: as it was said already, or as is usual."""
    day, at = chosen.get(question_forms.DAY), chosen.get(question_forms.TIME)
    try:
        return {
            "default": date.fromisoformat(day) if day else _default(visit),
            "at": time.fromisoformat(at) if at else None,
        }
    except ValueError:
        return {"default": _default(visit), "at": None}


def _default(visit: Visit) -> date:
    """The local day on which an answer is due unless another is picked."""
    calendar = calendar_of(visit.program)
    return calendar.local_day(due_moment(calendar, visit.uow.now, None, None))


def _said(visit: Visit, chosen: Chosen, case_id: int) -> dict[str, str]:
    """What the command said already, as far as a form may hold it: a person of the staff, words that may be kept.

    `case_id` is 0 while no case is picked.
    """
    session, program = visit.uow.session, visit.actor.program_id
    readers: dict[str, Callable[[str], str]] = {
        modals.PERSON: lambda words: find_staff(session, program, words).slack_user_id,
        question_forms.QUESTION: lambda words: case_text(visit.uow, case_id, words, "question", reference=True),
    }
    found = {}
    for name, checked in readers.items():
        try:
            found[name] = checked(chosen.get(name, ""))
        except Refusal:
            continue
    return found


def _codes(visit: Visit) -> list[tuple[int, str]]:
    codes = open_codes(visit.uow.session, visit.actor.program_id)
    if not codes:
        raise UnknownCase("No case is open. Nothing changed. Open one first.")
    return codes


def _case_id(value: str | None) -> int:
    found = About.read(value or "")
    return found.id if found is not None and found.kind == "c" else 0


def _settling(name: str, draw_form: Callable[[QuestionRow, str | None], View], settle: _Settle) -> Form:
    """A form that settles a question with words."""

    def view(visit: Visit, about: About, _: Chosen) -> View:
        question = rows.read(visit.uow.session, visit.actor.program_id, about.id)
        tried = settle(visit.uow, visit.actor, about.id, TRIED)
        if not tried.changed:
            raise NothingToAsk(tried.said)
        return draw_form(question, about.channel)

    def work(visit: Visit, about: About, state: State) -> Answer:
        words = modals.entered(state, modals.REASON) or ""
        return replies.said(settle(visit.uow, visit.actor, about.id, words).said)

    return Form(name, "q", modals.REASON, view, work)


_BESIDE: Final = {
    **dict.fromkeys(("UnknownPerson", "NotEligible", "NotAllowed", "IsAway"), modals.PERSON),
    **dict.fromkeys(("UnknownCase", "CaseClosed"), modals.CASE),
    "BadDue": question_forms.DAY, "BadChoices": question_forms.CHOICES, "UnknownTask": modals.TASK,
}  # fmt: skip
ASK_TASK: Final = Form(questions.ASK_TASK, "t", question_forms.QUESTION, _task_view, _task_ask, _BESIDE)
ASK_CASE: Final = Form(questions.ASK_CASE, "c", question_forms.QUESTION, _case_view, _case_ask, _BESIDE)
ANSWER: Final = _settling(questions.ANSWER, question_forms.answer, service.answer)
NOT_MINE: Final = _settling(questions.NOT_MINE, question_forms.pass_on, service.pass_on)
FORMS: Final = (ASK_TASK, ASK_CASE, ANSWER, NOT_MINE)
