"""Commands about tasks: each reads what was meant, calls one service function, and shows what came of it."""

from collections.abc import Sequence

from app.cases.dates import may_plan
from app.cases.models import Case
from app.checklists.model import EvidenceSpec
from app.kernel.clock import reached
from app.programs.absences import absences_of
from app.programs.queries import find_staff
from app.programs.settings import may_keep
from app.slack import asked
from app.slack.answer import Answer
from app.slack.grammar import evidence_and_reference
from app.slack.listeners.inbox import Visit
from app.slack.verbs import Verb, main_command
from app.slack.views import blocks, case_forms, questions, reminding, replies, settings, shift_forms, spread
from app.tasks import handoffs, service, undo
from app.tasks.brief import Brief
from app.tasks.closing import closed_words
from app.tasks.queries import TaskLine, blocked_tasks_of, count_blocked, offers_to, tasks_by_id, tasks_of
from app.tasks.refusals import NeedsEvidence, TaskTaken, UnknownTask, WrongState
from app.tasks.rows import read

NEXT_TRIES = 10
"""How many free tasks `claim next` tries when others are quicker."""
MOST = 1000
"""Tasks that are read for a list, so that those that do not fit into it are counted."""
PAGES = 6
"""How many times as many lines as other lists `tasks all` has: it is there to see everything."""


def claim_next(visit: Visit, _: asked.ClaimNext) -> Answer:
    """Claim the most urgent task that is free for the person and can be done; in a case's channel, of that case."""
    case_id = visit.here.id if visit.here else None
    session, program = visit.uow.session, visit.actor.program_id
    for limit in (NEXT_TRIES, MOST):  # nearly always one of the first few can be done
        free = tasks_of(session, program, case_id=case_id, claimable_by=visit.actor, limit=limit)
        for line in [line for line in free if not line.is_early(visit.today)][:NEXT_TRIES]:
            try:
                return replies.outcome(service.claim(visit.uow, visit.actor, line.id), visit.actor)
            except (TaskTaken, WrongState):
                continue
    early = [line for line in free if line.is_early(visit.today)]
    if early:
        first, more = early[0], f" So do {len(early) - 1} more." if len(early) > 1 else ""
        raise UnknownTask(
            f"{first.name} is free, but comes after {first.comes_after(visit.today)}.{more} Nothing changed. To take "
            f"it all the same: `/claim {first.name}`"
        )
    where = " in this case" if visit.here else ""
    raise UnknownTask(f"Nothing is free for you{where}. Nothing changed. See `/tasks` for what others hold.")


def on_task(visit: Visit, command: asked.OnTask) -> Answer:
    """Claim, release or resume."""
    verb = {Verb.CLAIM: service.claim, Verb.RELEASE: service.release, Verb.RESUME: service.resume}[command.verb]
    return replies.outcome(verb(visit.uow, visit.actor, visit.task(command.task)), visit.actor)


def with_reason(visit: Visit, command: asked.WithReason) -> Answer:
    """Skip, reopen, waive or decline."""
    verb = {
        Verb.SKIP: service.skip,
        Verb.REOPEN: service.reopen,
        Verb.WAIVE: service.waive,
        Verb.DECLINE: handoffs.decline,
    }[command.verb]
    done = verb(visit.uow, visit.actor, visit.task(command.task), command.reason)
    return replies.outcome(done, visit.actor)


def undo_last(visit: Visit, command: asked.Undo) -> Answer:
    """What the Undo button of the last answer does."""
    task_id = None if command.task is None else visit.task(command.task)
    return replies.outcome(undo.undo_last(visit.uow, visit.actor, task_id, command.what), visit.actor)


def finish(visit: Visit, command: asked.Finish) -> Answer:
    """Done, with the evidence as the task's kind of evidence takes it."""
    task_id = visit.task(command.task)
    return finish_task(visit, task_id, command.evidence)


def finish_task(visit: Visit, task_id: int, written: str | None) -> Answer:
    """Finish a task by id. Raises `NeedsEvidence` where it asks for more than was written."""
    value, reference = evidence_and_reference(evidence_spec(visit, task_id), written, visit.today)
    return replies.outcome(service.done(visit.uow, visit.actor, task_id, value, reference), visit.actor)


def evidence_spec(visit: Visit, task_id: int) -> EvidenceSpec:
    """What a task asks for."""
    return read(visit.uow.session, visit.actor.program_id, task_id).item.evidence


def assign(visit: Visit, command: asked.Assign) -> Answer:
    """Give a task to a person."""
    task_id = visit.task(command.task)
    person = find_staff(visit.uow.session, visit.actor.program_id, command.person)
    return replies.outcome(service.assign(visit.uow, visit.actor, task_id, person.id), visit.actor)


def wait(visit: Visit, command: asked.Wait) -> Answer:
    """Say whom a task waits for."""
    done = service.wait(visit.uow, visit.actor, visit.task(command.task), command.awaited, command.note)
    return replies.outcome(done, visit.actor)


def offer(visit: Visit, command: asked.Offer) -> Answer:
    """Hand off one task, or everything that the person holds."""
    person = find_staff(visit.uow.session, visit.actor.program_id, command.person)
    brief = Brief(command.note)
    if command.task is None:
        return replies.outcomes(handoffs.offer_all(visit.uow, visit.actor, person.id, brief))
    task_id = visit.task(command.task)
    return replies.outcomes([handoffs.offer(visit.uow, visit.actor, task_id, person.id, brief)])


def accept(visit: Visit, command: asked.Accept) -> Answer:
    """Take over one task, or everything that is offered."""
    if command.task is not None:
        done = handoffs.accept(visit.uow, visit.actor, visit.task(command.task), command.said_back)
        return replies.outcome(done, visit.actor)
    giver = command.person and find_staff(visit.uow.session, visit.actor.program_id, command.person)
    return replies.outcomes(handoffs.accept_all(visit.uow, visit.actor, giver.id if giver else None))


def show_tasks(visit: Visit, command: asked.ShowTasks) -> Answer:
    """The open tasks that were asked for, the most urgent first."""
    session, program = visit.uow.session, visit.program
    case = visit.case(command.case) if command.case else visit.here
    case_id = case.id if case else None
    where = f"Case {case.code}" if case else "All cases"
    remark, pages = "", 1
    if command.whose == "free":
        heading = f"{where}: free for you"
        free = tasks_of(session, program.id, case_id=case_id, claimable_by=visit.actor, limit=MOST)
        lines = sorted(free, key=lambda line: line.is_early(visit.today))  # what cannot be done yet comes last
    elif command.whose == "person":
        person = find_staff(session, program.id, command.person or "")
        heading = f"{where}: with {person.name}"
        lines = tasks_of(session, program.id, case_id=case_id, holder_id=person.id, limit=MOST)
    elif command.whose in ("late", "today"):
        everybody = tasks_of(session, program.id, case_id=case_id, limit=MOST)
        lines = [line for line in everybody if _is_due(visit, line, command.whose)]
        heading = f"{where}: late now" if command.whose == "late" else f"{where}: due today"
        if command.whose == "late":
            remark = _hidden_late(visit, case, more=bool(lines))
    elif command.whose == "all":
        heading, pages = f"{where}: all open tasks", PAGES
        lines = tasks_of(session, program.id, case_id=case_id, limit=MOST)
        lines += blocked_tasks_of(session, program.id, case_id=case_id, limit=MOST)
    elif command.whose == "mine" or case is None:
        heading = f"{where}: yours"
        lines = tasks_of(session, program.id, case_id=case_id, holder_id=visit.actor.staff_id, limit=MOST)
    else:
        heading, lines = f"{where}: open tasks", tasks_of(session, program.id, case_id=case_id, limit=MOST)
        remark = _hidden(visit, case)
    return replies.tasks(
        lines,
        heading=heading,
        empty=f"{heading}: none."
        if command.whose in ("free", "all", "late", "today") or remark
        else f"{heading}: none. To see what is free: `{main_command()} tasks free`",
        zone=program.zone,
        now=visit.uow.now,
        actor=visit.actor,
        pages=pages,
        remark=remark,
    )


def _is_due(visit: Visit, line: TaskLine, when: str) -> bool:
    """Whether a task is late, or due on this day of the practice."""
    if when == "late" or line.due_at is None:
        return reached(line.due_at, visit.uow.now)
    return line.due_at.astimezone(visit.zone).date() == visit.today


def desk_tasks(visit: Visit, command: asked.ShowTasks) -> Answer:
    """A list that a shortcut shows, with what else can be done from anywhere."""
    listed = show_tasks(visit, command)
    buttons = [
        shift_forms.button(),
        *_time_off(visit),
        reminding.quiet_button(),
        blocks.button("My digest", blocks.DIGEST, "digest", label="My digest: show it"),
        blocks.button("Help", blocks.HELP, "help", label="Help: how commands are written"),
        questions.ask_button("Ask somebody", "a case"),
    ]
    if visit.actor.leads:
        buttons.append(spread.button())
    if may_plan(visit.actor):
        buttons.insert(0, blocks.form_button("Open a case", case_forms.OPEN, "c:0", label="Open a case"))
    if may_keep(visit.actor):
        buttons.append(settings.button())
    shown = listed.blocks or (blocks.section(listed.text),)
    return Answer(listed.text, (*shown, blocks.actions(*buttons)))


def _time_off(visit: Visit) -> list[blocks.Block]:
    """The buttons of time off: to take it, and to be back from it."""
    assert visit.actor.staff_id is not None, "whoever uses a shortcut is a person"
    me, now = visit.actor.staff_id, visit.uow.now
    taken = absences_of(visit.uow.session, visit.actor.program_id, me)
    return [shift_forms.away_button(), *(shift_forms.back_button(one, now, me) for one in taken[:1])]


def these_tasks(visit: Visit, task_ids: Sequence[int]) -> Answer:
    """Several tasks, each with its buttons; those that are closed are left out."""
    session, program = visit.uow.session, visit.program
    found = {line.id: line for line in tasks_by_id(session, program.id, task_ids)}
    return replies.tasks(
        [found[task_id] for task_id in task_ids if task_id in found],
        heading="Tasks of that message",
        empty="The tasks of that message are closed. Nothing to do.",
        zone=program.zone,
        now=visit.uow.now,
        actor=visit.actor,
    )


def _hidden(visit: Visit, case: Case) -> str:
    """That a list of what can be worked on leaves out what waits, and how to see that too."""
    blocked = count_blocked(visit.uow.session, case.program_id, case_id=case.id)
    if not blocked:
        return ""
    return f"And {blocked} that {'waits' if blocked == 1 else 'wait'} for other tasks: `{_all_of(visit, case)}`"


def _hidden_late(visit: Visit, case: Case | None, *, more: bool) -> str:
    """The same of a list of what is late: what waits counts as late too, on the card of its case for one."""
    case_id = case.id if case else None
    late = count_blocked(visit.uow.session, visit.program.id, case_id=case_id, late_at=visit.uow.now)
    if not late:
        return ""
    what = f"{late}{' more' if more else ''}"
    words = "that is late waits" if late == 1 else "that are late wait"
    return f"And {what} {words} for other tasks: `{_all_of(visit, case)}`"


def _all_of(visit: Visit, case: Case | None) -> str:
    """The command that lists every open task of a case, or of all."""
    here = case is None or (visit.here is not None and visit.here.id == case.id)
    return f"{main_command()} tasks all{'' if case is None or here else f' {case.code}'}"


def show_task(visit: Visit, command: asked.ShowTask) -> Answer:
    """One task with its buttons."""
    return task_answer(visit, visit.task(command.task))


def task_answer(visit: Visit, task_id: int) -> Answer:
    """The same for a task that is known: what is offered to the person first, then what they can do."""
    session, program = visit.uow.session, visit.program
    task = read(session, program.id, task_id)
    found = tasks_by_id(session, program.id, [task.id])
    if not found:
        said = f"{task.name} {task.title}: {closed_words(session, task)}"
        return replies.said(said, *replies.task_buttons(task, visit.actor), blocks.case_button(task.code))
    assert visit.actor.staff_id is not None, "whoever asks is a person"
    offered = next((each for each in offers_to(session, visit.actor.staff_id) if each.task_id == task.id), None)
    return replies.task(
        found[0],
        heading=task.template.title,
        zone=program.zone,
        now=visit.uow.now,
        actor=visit.actor,
        offered=offered,
    )


def lacking_evidence(visit: Visit, task_id: int, words: str) -> Answer:
    """The refusal of a `done` without its evidence, with the button that asks for it."""
    task = read(visit.uow.session, visit.actor.program_id, task_id)
    return replies.refusal_with(words, NeedsEvidence.__name__, blocks.done_button(task.id, task.name))
