"""Slash commands: one way in for all of them."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from slack_bolt import Ack, App

from app.programs.queries import find_staff
from app.refusals import Refusal
from app.slack import asked, grammar
from app.slack.answer import Answer
from app.slack.listeners.commands import cases, digests, sla, tasks, triage
from app.slack.listeners.delivery import Delivery, of_command
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.verbs import main_command
from app.slack.views import help as guide
from app.tasks.refusals import NeedsEvidence

READ: Final[Mapping[type, Callable[[Visit, Any], Answer]]] = {
    asked.ShowCase: cases.show_case,
    asked.ShowTasks: tasks.show_tasks,
    asked.ShowTask: tasks.show_task,
    asked.ShowDigest: digests.show_digest,
    asked.ShowSla: sla.show_sla,
    asked.DefineSla: sla.define_sla,
    asked.ListComponents: cases.list_components,
}
CHANGE: Final[Mapping[type, Callable[[Visit, Any], Answer]]] = {
    asked.ClaimNext: tasks.claim_next,
    asked.OnTask: tasks.on_task,
    asked.WithReason: tasks.with_reason,
    asked.Finish: tasks.finish,
    asked.Assign: tasks.assign,
    asked.Wait: tasks.wait,
    asked.Offer: tasks.offer,
    asked.Accept: tasks.accept,
    asked.OpenCase: cases.open_case,
    asked.CloseCase: cases.close_case,
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
}


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
    except grammar.NoteMissing as error:
        return inbox.look(delivery, "handoff", partial(_who_first, error))
    except Refusal as error:
        return inbox.refused(error)
    if isinstance(wanted, asked.Help):
        return guide.overview(inbox.commands) if wanted.verb is None else guide.of_verb(wanted.verb, inbox.commands)
    kind = type(wanted)
    if kind in READ:
        return inbox.look(delivery, _name(kind), lambda visit: READ[kind](visit, wanted))
    answer = inbox.change(delivery, _name(kind), lambda visit: CHANGE[kind](visit, wanted))
    if isinstance(wanted, asked.Finish) and answer.refused == NeedsEvidence.__name__:
        return _with_button(inbox, delivery, wanted, answer)
    return answer


def _with_button(inbox: Inbox, delivery: Delivery, wanted: asked.Finish, answer: Answer) -> Answer:
    """The refusal, with the button that asks for the evidence."""
    asking = inbox.look(
        delivery, "done", lambda visit: tasks.lacking_evidence(visit, visit.task(wanted.task), answer.text)
    )
    return asking if asking.refused == answer.refused else answer


def _who_first(missing: grammar.NoteMissing, visit: Visit) -> Answer:
    """Nobody writes a note for a person who is not there: that is said first."""
    find_staff(visit.uow.session, visit.actor.program_id, missing.person)
    raise missing


def _name(kind: type) -> str:
    return kind.__name__.lower()
