"""Buttons. Their values are checked like any text from outside; what they do is what the verb of that name does."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from slack_bolt import Ack, App

from app.cases.threads import show_details
from app.kernel.codes import BadCaseCode, CaseCode
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.actions import absences, answers, deadlines, filters, questions, quiet, settings, tasks, undo
from app.slack.listeners.commands import guide
from app.slack.listeners.commands.cases import reopened, show_case
from app.slack.listeners.commands.digests import show_digest
from app.slack.listeners.commands.sla import show_sla
from app.slack.listeners.commands.tasks import desk_tasks, show_tasks
from app.slack.listeners.delivery import Delivery, of_interaction, value_of
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import FORMS, picked
from app.slack.listeners.views.form import Chosen, offer_form
from app.slack.views import blocks, case_forms, home, reminding, replies, shift_forms, welcome
from app.slack.views import help as help_view
from app.slack.views import questions as question_views
from app.slack.views import spread as spread_views
from app.slack.views.modals import About, shown

OLD: Final = "That button is out of date. Nothing changed. See `/tasks` for how things stand."
Press = Callable[[Inbox, Delivery, int], None]
_DEED = re.compile(r"([a-z_]{4,20}) ([thcqps]):(\d{1,18})(?: ([a-z_]{1,30})(?:-(\d{1,4}))?)?\Z", re.ASCII)


_STARTS: Final[Mapping[str, Callable[[Visit], Answer]]] = {
    welcome.FREE: lambda visit: desk_tasks(visit, asked.ShowTasks("free")),
    welcome.SLA: lambda visit: show_sla(visit, asked.ShowSla()),
    home.SHOW_LATE: lambda visit: show_tasks(visit, asked.ShowTasks("late")),
}
"""What the first message has people do, and what the home tab shows whole."""


def register(app: App, inbox: Inbox) -> None:
    """A listener for each of our buttons, and one for those of former versions."""
    for action_id, kind, press in (
        (blocks.CLAIM, "t", tasks.claim),
        (blocks.DONE, "t", tasks.done),
        (blocks.HANDOFF, "t", tasks.handoff),
        (blocks.ACCEPT, "h", answers.accept),
        (blocks.DECLINE, "h", answers.decline),
        (blocks.UNDO, "u", undo.press),
        (question_views.ANSWER, "q", questions.answer),
        (question_views.NOT_MINE, "q", questions.pass_on),
        (question_views.BACK, "q", questions.take_back),
        (blocks.DETAILS, "r", details),
        (blocks.REOPEN, "c", reopen),
        (shift_forms.BACK, "u", absences.back),
        (reminding.WAKE, "t", quiet.wake),
    ):
        app.action(action_id)(_listener(inbox, kind, press))
    for action_id, what, show in (
        (blocks.TASKS, "tasks", lambda visit, code: show_tasks(visit, asked.ShowTasks(case=code))),
        (blocks.SHOW_CASE, "case", lambda visit, code: show_case(visit, asked.ShowCase(code))),
    ):
        app.action(action_id)(_shower(inbox, what, show))

    def digest(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery = of_interaction(body)
        inbox.show(delivery, inbox.look(delivery, "digest", lambda visit: show_digest(visit, asked.ShowDigest())))

    def begin(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, show = of_interaction(body), _STARTS.get(value_of(body))
        if show is None:
            inbox.show(delivery, Answer(OLD, refused="OldButton"))
            return
        answer = inbox.look(delivery, "start", show)
        if delivery.view == "home" and not answer.refused:
            inbox.open(delivery, shown(answer))  # a list is more than has room on top of the tab
        else:
            inbox.show(delivery, answer)

    def deed(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        if not _deed(inbox, of_interaction(body), value_of(body)):
            inbox.show(of_interaction(body), Answer(OLD, refused="OldButton"))

    def unknown(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        # A link's button is opened by Slack itself, and only reported; what is picked in a form may change the form.
        actions = [action for action in body.get("actions", []) if isinstance(action, dict)]
        if not any(action.get("url") for action in actions) and not picked(inbox, body):
            inbox.show(of_interaction(body), Answer(OLD, refused="OldButton"))

    def show_help(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery = of_interaction(body)
        inbox.show(delivery, guide.show(inbox, delivery, asked.Help(everything=value_of(body) == help_view.ALL)))

    app.action(blocks.HELP)(show_help)
    app.action(blocks.DIGEST)(digest)
    app.action(blocks.START)(begin)
    app.action(blocks.MORE)(deed)
    app.action(re.compile(f"^{blocks.FORM}"))(deed)
    filters.register(app, inbox)
    deadlines.register(app, inbox)
    questions.register(app, inbox)
    settings.register(app, inbox)
    app.action(re.compile(""))(unknown)


def details(inbox: Inbox, delivery: Delivery, track_id: int) -> None:
    """Have the details of a track kept in the thread of the card."""

    def work(visit: Visit) -> Answer:
        return replies.said(show_details(visit.uow, visit.actor, track_id))

    inbox.show(delivery, inbox.change(delivery, "details", work))


def reopen(inbox: Inbox, delivery: Delivery, case_id: int) -> None:
    """Open a closed case again."""
    inbox.show(delivery, inbox.change(delivery, "reopencase", lambda visit: reopened(visit, case_id)))


def _deed(inbox: Inbox, delivery: Delivery, value: str) -> bool:
    """Do what a menu's option or a form's button says; False when that is nothing of ours."""
    found = _DEED.match(value)
    if found is None:
        return False
    what, kind, number = found[1], found[2], int(found[3])
    if what in tasks.AT_ONCE and kind == "t":
        tasks.at_once(inbox, delivery, what, number)
        return True
    form = FORMS.get(what)
    if form is None or form.kind != kind:
        return False
    offer_form(inbox, delivery, form, number, _chosen(what, found[4], found[5]))
    return True


def _chosen(form: str, word: str | None, number: str | None) -> Chosen:
    """What a form's button has chosen already: a key date; a component, and whether it is changed or removed."""
    if form == case_forms.DATE and word:
        return {case_forms.NAME: word}
    if form == case_forms.COMPONENT and word:
        return {case_forms.WHAT: word} | ({case_forms.NUMBER: number} if number else {})
    if form == spread_views.SPREAD and word:
        return {spread_views.WHICH: word}
    return {}


def _listener(inbox: Inbox, kind: str, press: Press) -> Callable[[Ack, dict[str, Any]], None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery = of_interaction(body)
        about = About.read(value_of(body))
        if about is None or about.kind != kind:
            inbox.show(delivery, Answer(OLD, refused="OldButton"))
            return
        press(inbox, delivery, about.id)

    return listen


def _shower(
    inbox: Inbox, what: str, show: Callable[[Visit, CaseCode], Answer]
) -> Callable[[Ack, dict[str, Any]], None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery = of_interaction(body)
        code = _code(value_of(body))
        if code is None:
            inbox.show(delivery, Answer(OLD, refused="OldButton"))
            return
        inbox.show(delivery, inbox.look(delivery, what, lambda visit: show(visit, code)))

    return listen


def _code(value: str) -> CaseCode | None:
    try:
        return CaseCode.parse(value.removeprefix("c:"))
    except BadCaseCode:
        return None
