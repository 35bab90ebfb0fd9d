"""The command that puts a question to a person."""

from app.programs.queries import find_staff
from app.questions import service
from app.questions.service import Outcome
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.views import questions, replies
from app.tasks.rows import read


def ask(visit: Visit, command: asked.Ask) -> Answer:
    """Put a question about a task, or about the case that was named or whose channel this is."""
    session, actor = visit.uow.session, visit.actor
    person = find_staff(session, actor.program_id, command.person)
    task_id = None if command.task is None else visit.task(command.task)
    case_id = visit.case(command.case).id if task_id is None else read(session, actor.program_id, task_id).case_id
    when = command.when
    done = service.ask(
        visit.uow, actor, case_id, person.id, command.question, task_id=task_id,
        day=None if when is None else when.resolve(visit.today), at=None if when is None else when.at,
        choices=command.choices,
    )  # fmt: skip
    return put(done)


def put(done: Outcome) -> Answer:
    """The answer to whoever asked, with what takes it back."""
    return replies.said(done.said, questions.back_button(done.question.id, done.question.name))
