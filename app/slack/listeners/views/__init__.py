"""Modals that were sent. Errors stand beside the input; a success closes the modal and is said where it was opened."""

import re
from collections.abc import Callable
from typing import Any, Final

from slack_bolt import Ack, App

from app.slack.listeners.delivery import of_interaction
from app.slack.listeners.inbox import Inbox
from app.slack.listeners.views import cases, questions, quiet, settings, shifts, spread, tasks, triage
from app.slack.listeners.views.form import Form, State, drawn_anew, redraw
from app.slack.views import modals
from app.slack.views.modals import HERE, About

OLD: Final = "This window is out of date. Nothing changed. Close it, and use the button again."
_ALL: Final = (
    *tasks.FORMS, *shifts.FORMS, *cases.FORMS, *triage.FORMS, *questions.FORMS, *spread.FORMS, *settings.FORMS,
    *quiet.FORMS,
)  # fmt: skip
FORMS: Final = {form.name: form for form in _ALL}
"""All forms by the name that their buttons carry."""


def register(app: App, inbox: Inbox) -> None:
    """A listener for each form, one for modals of former versions, and one for modals that were closed."""
    for form in FORMS.values():
        app.view(form.name)(_listener(inbox, form))

    def unknown(ack: Ack) -> None:
        ack()

    app.view(re.compile(""))(unknown)
    app.view_closed(re.compile(""))(unknown)


def picked(inbox: Inbox, body: dict[str, Any]) -> bool:
    """Something was picked in an open form on which other inputs of it depend. False when it is no form of ours."""
    view = body.get("view")
    held: State = view if isinstance(view, dict) else {}
    form = FORMS.get(str(held.get("callback_id", "")))
    about = About.read(str(held.get("private_metadata", "")))
    if form is None or about is None or about.kind != form.kind:
        return False
    chosen = modals.all_entered(held.get("state"))
    redraw(inbox, of_interaction(body), form, about, chosen, held)
    return True


def _listener(inbox: Inbox, form: Form) -> Callable[[Ack, dict[str, Any]], None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        view = body.get("view")
        held: State = view if isinstance(view, dict) else {}
        about = About.read(str(held.get("private_metadata", "")))
        if about is None or about.kind != form.kind:
            ack(response_action="errors", errors={_inputs(held, form.block): OLD})
            return
        delivery, state = of_interaction(body), held.get("state")
        given: State = state if isinstance(state, dict) else {}
        answer = inbox.change(delivery, form.name, lambda visit: form.work(visit, about, given))
        if answer.refused in form.anew:
            tried, view = drawn_anew(inbox, delivery, form, about, modals.typed(state), answer)
            ack(response_action="update", view=view or modals.shown(tried))
        elif answer.refused:
            block = _inputs(held, answer.field, form.beside.get(answer.refused, form.block), form.block)
            ack(response_action="errors", errors={block: modals.plain(answer.text)})
        elif form.under and isinstance(below := held.get("previous_view_id"), str):
            ack()
            lower = FORMS[form.under]
            tried, view = drawn_anew(inbox, delivery, lower, About(lower.kind, 0, about.channel), {}, answer)
            shown = view or modals.shown(tried)
            inbox.afterwards.call(delivery.team_id, "views.update", view_id=below, view=shown)
        elif about.channel == HERE:
            ack(response_action="update", view=modals.shown(answer))
        elif about.channel is not None:
            ack()
            inbox.afterwards.whisper(delivery.team_id, about.channel, delivery.user_id, answer)
        else:  # from the home tab, or from the list of a shortcut, which is in no channel
            ack()
            inbox.publish_home(delivery, answer)

    return listen


def _inputs(view: State, *wanted: str) -> str:
    """The first of these inputs that the modal has, or else its last one: Slack shows no error without its input."""
    there = _names(view)
    return next((name for name in wanted if name in there), there[-1] if there else wanted[-1])


def _names(view: State) -> list[str]:
    """The inputs that a modal has, in their order."""
    blocks = view.get("blocks")
    return [
        str(block["block_id"])
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "input" and block.get("block_id")
    ]
