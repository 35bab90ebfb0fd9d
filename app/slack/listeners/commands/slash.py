"""Slash commands: one way in for all of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from slack_bolt import Ack, App

from app.cases.refusals import LateAtOnce, NotConfirmed, TasksOpen
from app.kernel.codes import TaskRef
from app.kernel.keydates import KEY_DATES
from app.programs.queries import find_staff
from app.refusals import Refusal
from app.slack import asked, grammar
from app.slack.answer import Answer
from app.slack.grammar import evidence_and_reference
from app.slack.listeners.commands import (
    cases,
    digests,
    guide,
    named,
    questions,
    quiet,
    settings,
    shifts,
    sla,
    tasks,
    triage,
)
from app.slack.listeners.delivery import Delivery, of_command
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import cases as case_forms
from app.slack.listeners.views import questions as question_forms
from app.slack.listeners.views import quiet as quiet_forms
from app.slack.listeners.views import shifts as shift_forms
from app.slack.listeners.views import spread as spread_forms
from app.slack.listeners.views import tasks as task_forms
from app.slack.listeners.views import triage as late_forms
from app.slack.listeners.views.form import SAID, WHY, Chosen, Form, open_form
from app.slack.verbs import Verb, main_command
from app.slack.views import blocks, replies, spread
from app.slack.views.case_forms import DAY as DATE_DAY
from app.slack.views.case_forms import NAME, NUMBER, WAIVER, WHAT
from app.slack.views.case_forms import TIME as DATE_TIME
from app.slack.views.modals import EVIDENCE, REFERENCE
from app.slack.views.question_forms import DAY as ASK_DAY
from app.slack.views.question_forms import TIME as ASK_TIME
from app.slack.views.spread import LATE, WHICH
from app.slack.views.triage import DAY, TIME
from app.tasks.queries import offers_to
from app.tasks.refusals import NeedsEvidence, NoHandoff, PastDeadline, SayItBack
from app.text import Missing

READ: Final[Mapping[type, Callable[[Visit, Any], Answer]]] = {
    asked.ShowCase: cases.show_case,
    asked.ShowTasks: tasks.show_tasks,
    asked.ShowTask: tasks.show_task,
    asked.ShowDigest: digests.show_digest,
    asked.ShowSla: sla.show_sla,
    asked.DefineSla: sla.define_sla,
    asked.ShowWeekly: sla.show_weekly_report,
    asked.ListComponents: cases.list_components,
}
CHANGE: Final[Mapping[type, Callable[[Visit, Any], Answer]]] = {
    asked.ClaimNext: tasks.claim_next,
    asked.OnTask: tasks.on_task,
    asked.WithReason: tasks.with_reason,
    asked.Undo: tasks.undo_last,
    asked.Finish: tasks.finish,
    asked.Assign: tasks.assign,
    asked.Wait: tasks.wait,
    asked.Offer: tasks.offer,
    asked.Accept: tasks.accept,
    asked.EndShift: shifts.end_shift,
    asked.TakeOff: shifts.take_off,
    asked.ComeBack: shifts.back,
    asked.OpenCase: cases.open_case,
    asked.CloseCase: cases.close_case,
    asked.ReopenCase: cases.reopen_case,
    asked.SetPerson: cases.set_person,
    asked.SetDate: cases.set_date,
    asked.ClearDate: cases.clear_date,
    asked.AddComponent: cases.add_component,
    asked.ChangeComponent: cases.change_component,
    asked.RemoveComponent: cases.remove_component,
    asked.SetWeekly: sla.set_weekly_report,
    asked.Late: triage.late,
    asked.Extend: triage.extend_task,
    asked.Escalate: triage.call,
    asked.Snooze: quiet.snooze,
    asked.Wake: quiet.wake,
    asked.Remind: quiet.remind,
    asked.Quiet: quiet.quiet,
    asked.Ask: questions.ask,
}


_FORM_OF: Final = {
    Verb.WAIT: task_forms.WAIT,
    Verb.SKIP: task_forms.SKIP,
    Verb.REOPEN: task_forms.REOPEN,
    Verb.WAIVE: task_forms.WAIVE,
    Verb.HANDOFF: task_forms.HANDOFF,
    Verb.ASSIGN: task_forms.ASSIGN,
    Verb.DECLINE: task_forms.DECLINE,
    Verb.LATE: late_forms.SORT_OUT,
    Verb.EXTEND: late_forms.EXTEND,
    Verb.SHIFT: shift_forms.SHIFT,
    Verb.AWAY: shift_forms.AWAY,
    Verb.OPEN: case_forms.OPEN,
    Verb.DATE: case_forms.DATE,
    Verb.COMPONENT: case_forms.COMPONENT,
    Verb.SURGEON: case_forms.PEOPLE,
    Verb.LEAD: case_forms.PEOPLE,
    Verb.ASK: question_forms.ASK_CASE,
    Verb.SNOOZE: quiet_forms.SNOOZE,
    Verb.REMIND: quiet_forms.REMIND,
    Verb.QUIET: quiet_forms.QUIET,
}
"""The form that asks for what a command lacks."""
_OF_ONE_TASK: Final = (Verb.LATE, Verb.EXTEND, Verb.SNOOZE, Verb.REMIND)
_ABOUT_A_CASE: Final = (Verb.DATE, Verb.COMPONENT, Verb.SURGEON, Verb.LEAD, Verb.ASK)


def register(app: App, inbox: Inbox) -> None:
    """One listener for all our commands, and one that says so for a command that Slack sends us and is not ours."""

    def listen(ack: Ack, body: dict[str, Any]) -> None:
        answer = run(inbox, of_command(body), str(body.get("command", "")), str(body.get("text") or ""))
        ack(text=answer.text, blocks=list(answer.blocks) or None, response_type="ephemeral")

    def unknown(ack: Ack) -> None:
        ack(text=f"That command is not set up. Nothing changed. Use `{main_command(inbox.commands)} help`.")

    for name in inbox.commands:
        app.command(name)(listen)
    app.command(re.compile(""))(unknown)


def run(inbox: Inbox, delivery: Delivery, command: str, text: str) -> Answer:
    """Read a command and do it."""
    try:
        wanted = grammar.read(text, inbox.commands.get(command))
    except grammar.Incomplete as error:
        return _ask(inbox, delivery, error)
    except grammar.NotUnderstood as error:
        return guide.not_understood(inbox, delivery, error)
    except Refusal as error:
        return inbox.refused(error)
    if isinstance(wanted, asked.Help):
        return guide.show(inbox, delivery, wanted)
    if isinstance(wanted, asked.Spread):
        return _plan(inbox, delivery, wanted)
    if isinstance(wanted, asked.ShowSettings):
        return named.or_instead(wanted, settings.show(inbox, delivery, wanted))
    kind = type(wanted)
    if kind in READ:
        return named.or_instead(wanted, inbox.look(delivery, _name(kind), lambda visit: READ[kind](visit, wanted)))
    answer = inbox.change(delivery, _name(kind), lambda visit: CHANGE[kind](visit, wanted))
    if isinstance(wanted, asked.Finish) and answer.refused == NeedsEvidence.__name__:
        return _with_evidence(inbox, delivery, wanted, answer)
    if isinstance(wanted, asked.Accept) and answer.refused == SayItBack.__name__:
        return _with_own_words(inbox, delivery, wanted, answer)
    if isinstance(wanted, asked.CloseCase) and answer.refused in (TasksOpen.__name__, NotConfirmed.__name__):
        return _with_reason(inbox, delivery, wanted, answer)
    if isinstance(wanted, asked.SetDate) and answer.refused == LateAtOnce.__name__:
        return _all_the_same(inbox, delivery, wanted, answer)
    if isinstance(wanted, asked.Extend) and answer.refused == Missing.__name__:
        return _with_reason_for_more(inbox, delivery, wanted, answer)
    if isinstance(wanted, asked.Snooze):
        return _snoozed(inbox, delivery, wanted, answer)
    return named.or_instead(wanted, answer)


def _plan(inbox: Inbox, delivery: Delivery, wanted: asked.Spread) -> Answer:
    """Open the form with the plan, and say that it does nothing by itself; its button opens it again, drawn anew."""
    about = [0]

    def find(visit: Visit) -> Answer:
        if wanted.case is not None or (visit.here is not None and not wanted.everywhere):
            about.append(visit.case(wanted.case).id)
        return Answer("")

    chosen = {WHICH: LATE} if wanted.late else {}
    looked = inbox.look(delivery, Verb.SPREAD, find)
    tried = looked if looked.refused else open_form(inbox, delivery, spread_forms.SPREAD, about[-1], chosen)
    if tried.refused:
        return tried
    said = "Who would get what stands in the form. Nothing changed. Look through it, then press Give out."
    return replies.said(said, spread.button("Open the form", about[-1], late=wanted.late))


def _with_evidence(inbox: Inbox, delivery: Delivery, wanted: asked.Finish, answer: Answer) -> Answer:
    """The refusal, with the form that asks for the evidence, and the button that opens it again."""
    about: list[int] = []
    chosen: dict[str, str] = {}

    def lacking(visit: Visit) -> Answer:
        about.append(visit.task(wanted.task))
        value, reference = evidence_and_reference(tasks.evidence_spec(visit, about[0]), wanted.evidence, visit.today)
        chosen.update({EVIDENCE: value or "", REFERENCE: reference or ""})
        return tasks.lacking_evidence(visit, about[0], answer.text)

    asking = inbox.look(delivery, "done", lacking)
    if asking.refused != answer.refused:
        return answer
    open_form(inbox, delivery, task_forms.DONE, about[0], chosen)
    return asking


def _with_reason(inbox: Inbox, delivery: Delivery, wanted: asked.CloseCase, answer: Answer) -> Answer:
    """The refusal, with the form that asks why a case is closed, or whether it is meant."""
    about: list[int] = []

    def find(visit: Visit) -> Answer:
        about.append(visit.case(wanted.case).id)
        return Answer("")

    looked = inbox.look(delivery, "close", find)
    if looked.refused or open_form(inbox, delivery, case_forms.CLOSE, about[0]).refused:
        return answer
    return _again(answer, case_forms.CLOSE, about[0], {})


def _all_the_same(inbox: Inbox, delivery: Delivery, wanted: asked.SetDate, answer: Answer) -> Answer:
    """The question, with the form that has the date and sets it, and how it is written."""
    about: list[int] = []
    chosen = {NAME: wanted.name, WAIVER: wanted.waiver or "", SAID: answer.text, WHY: answer.refused}
    written: list[str] = [main_command(inbox.commands), Verb.DATE]

    def find(visit: Visit) -> Answer:
        case = visit.case(wanted.case)
        about.append(case.id)
        chosen[DATE_DAY] = wanted.when.resolve(visit.today).isoformat()
        if wanted.when.at is not None:
            chosen[DATE_TIME] = wanted.when.at.isoformat("minutes")
        written.extend([case.code, KEY_DATES[wanted.name], chosen[DATE_DAY], chosen.get(DATE_TIME, ""), "anyway"])
        return Answer("")

    looked = inbox.look(delivery, Verb.DATE, find)
    if looked.refused:
        return answer
    if wanted.waiver:
        written.extend(["waive", "<reason>"])
    asking = replace(answer, text=f"{answer.text} Then write: {blocks.safe(' '.join(filter(None, written)))}")
    if open_form(inbox, delivery, case_forms.DATE, about[-1], chosen).refused:
        return asking
    return _again(asking, case_forms.DATE, about[-1], {NAME: wanted.name})


def _ask(inbox: Inbox, delivery: Delivery, missing: grammar.Incomplete) -> Answer:
    """Open the form that asks for what is missing, and say how it is written; or say what keeps the person from it."""
    form, about = _FORM_OF.get(missing.verb), [0]
    if missing.verb is Verb.ASK and missing.task is not None:
        form = question_forms.ASK_TASK
    if form is None or (missing.verb in _OF_ONE_TASK and missing.task is None):
        return _list_for(inbox, delivery, missing)

    def find(visit: Visit) -> Answer:
        if isinstance(missing, grammar.NoteMissing):
            # Nobody writes a note for a person who is not there: that is said first.
            find_staff(visit.uow.session, visit.actor.program_id, missing.person)
        if missing.when is not None:
            missing.chosen[ASK_DAY] = missing.when.resolve(visit.today).isoformat()
            if missing.when.at is not None:
                missing.chosen[ASK_TIME] = missing.when.at.isoformat("minutes")
        if missing.verb is Verb.DECLINE:
            if missing.task is None:
                raise missing
            about.append(_offered(visit, missing.task))
        elif missing.task is not None:
            about.append(visit.task(missing.task))
        elif missing.verb in _ABOUT_A_CASE and (missing.case is not None or visit.here is not None):
            about.append(visit.case(missing.case).id)
        elif missing.verb is Verb.ASSIGN:
            raise missing
        return Answer("")

    looked = inbox.look(delivery, missing.verb, find)
    if looked.refused or (isinstance(missing, grammar.NoteMissing) and missing.task is None):
        return looked if looked.refused else inbox.refused(missing)
    tried = open_form(inbox, delivery, form, about[-1], missing.chosen)
    return tried if tried.refused else _again(inbox.refused(missing), form, about[-1], missing.chosen)


def _with_own_words(inbox: Inbox, delivery: Delivery, wanted: asked.Accept, answer: Answer) -> Answer:
    """The refusal, with the form that asks what the person will do, under what they are told."""
    about: list[int] = []

    def find(visit: Visit) -> Answer:
        assert wanted.task is not None, "of everything, what is urgent is left out"
        about.append(_offered(visit, wanted.task))
        return Answer("")

    looked = inbox.look(delivery, Verb.ACCEPT, find)
    if looked.refused or open_form(inbox, delivery, task_forms.ACCEPT, about[0]).refused:
        return answer
    return _again(answer, task_forms.ACCEPT, about[0], {})


def _offered(visit: Visit, task: TaskRef) -> int:
    """The handoff to the person of the task that they named. Raises `NoHandoff`."""
    task_id, me = visit.task(task), visit.actor.staff_id
    assert me is not None, "whoever types a command is a person"
    found = next((offer.id for offer in offers_to(visit.uow.session, me) if offer.task_id == task_id), None)
    if found is None:
        raise NoHandoff(f"{task} is not offered to you. Nothing changed. See /tasks.")
    return found


def _with_reason_for_more(inbox: Inbox, delivery: Delivery, wanted: asked.Extend, answer: Answer) -> Answer:
    """The refusal, with the form that asks for the reason, and has the new deadline."""
    about: list[int] = []
    chosen: dict[str, str] = {}

    def find(visit: Visit) -> Answer:
        about.append(visit.task(wanted.task))
        chosen[DAY] = wanted.when.resolve(visit.today).isoformat()
        if wanted.when.at is not None:
            chosen[TIME] = wanted.when.at.isoformat("minutes")
        return Answer("")

    looked = inbox.look(delivery, "extend", find)
    if looked.refused or open_form(inbox, delivery, late_forms.EXTEND, about[-1], chosen).refused:
        return answer
    return _again(answer, late_forms.EXTEND, about[-1], {})


def _snoozed(inbox: Inbox, delivery: Delivery, wanted: asked.Snooze, answer: Answer) -> Answer:
    """Of a refusal: with the form that asks for the reason and has the moment, or with what gives more time."""
    if answer.refused == PastDeadline.__name__:
        shown = inbox.look(
            delivery, "snooze", lambda visit: quiet.past_deadline(visit, wanted, answer.text, answer.refused)
        )
        return shown if shown.refused == answer.refused else answer
    about: list[int] = []
    chosen: dict[str, str] = {}
    if answer.refused != Missing.__name__:
        return answer
    looked = inbox.look(delivery, "snooze", lambda visit: quiet.reason_missing(visit, wanted, about, chosen))
    if looked.refused or open_form(inbox, delivery, quiet_forms.SNOOZE, about[-1], chosen).refused:
        return answer
    return _again(answer, quiet_forms.SNOOZE, about[-1], {})


def _again(answer: Answer, form: Form, about: int, chosen: Chosen) -> Answer:
    """What the command lacks, and the button that opens its form once more."""
    said = "-".join(chosen[name] for name in (NAME, WHAT, NUMBER) if name in chosen)
    value = f"{form.kind}:{about} {said}".strip()
    button = blocks.form_button("Open the form", form.name, value, label=f"Open the form of {form.name}")
    return replies.refusal_with(answer.text, answer.refused, button)


def _list_for(inbox: Inbox, delivery: Delivery, missing: grammar.Incomplete) -> Answer:
    """A task is missing of a verb that has no form: those of the person, with their buttons."""
    mine = inbox.look(delivery, missing.verb, lambda visit: tasks.show_tasks(visit, asked.ShowTasks("mine")))
    if mine.refused:
        return mine
    refused = inbox.refused(missing)
    return Answer(f"{refused.text}\n{mine.text}", (blocks.section(refused.text), *mine.blocks), refused.refused)


def _name(kind: type) -> str:
    return kind.__name__.lower()
