"""A form: a modal that is tried before it is opened, drawn anew as it is filled in, and does its verb when sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from sqlalchemy import text

from app.refusals import Refusal
from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.views.modals import HERE, About, View
from app.text import Missing, PatientData, TooLong

State = Mapping[str, Any]
Chosen = Mapping[str, str]
"""What is chosen so far, by input: of a command's words, or of what was picked in the form."""
SAID: Final = "said"
WHY: Final = "why"
"""As names of what is chosen: words that a form has on top, and the class of the refusal that they are of."""
OF_WORDS: Final = tuple(each.__name__ for each in (Missing, PatientData, TooLong))
"""The classes of refusals of a text."""
_OURS = text("SELECT 1 FROM channels WHERE program_id = :program AND slack_id = :channel AND state = 'open'")


class NothingToAsk(Refusal):
    """A form that would change nothing; the message says how things stand."""


@dataclass(frozen=True)
class Form:
    """One of our forms. `name` is its callback id and what its button names, `kind` that of what it is about.

    `view` draws it, and raises what would keep the person from it: it tries the verb with a stand-in for what is asked,
    in a transaction that is rolled back, so that nobody fills in a form for what they cannot do. `work` does it.
    A refusal stands under the input that it names; else under that which `beside` has for its class, or else `block`.
    After those that are in `anew` the form is drawn anew, with what was typed and with what was said. `under` is the
    form that lies below this one where it was opened from there: what was done is said on it.
    """

    name: str
    kind: str
    block: str
    view: Callable[[Visit, About, Chosen], View]
    work: Callable[[Visit, About, State], Answer]
    beside: Mapping[str, str] = field(default_factory=dict)
    anew: frozenset[str] = frozenset()
    under: str = ""


def open_form(inbox: Inbox, delivery: Delivery, form: Form, number: int = 0, chosen: Chosen | None = None) -> Answer:
    """Open the form, or say why not. Returns the refusal, or an answer without words."""
    tried, view = _drawn(inbox, delivery, form, number, chosen or {})
    if view is not None:
        inbox.open(delivery, view)
    return tried


def offer_form(inbox: Inbox, delivery: Delivery, form: Form, number: int, chosen: Chosen | None = None) -> None:
    """The same for a button or a shortcut: a refusal is shown where it was used."""
    tried = open_form(inbox, delivery, form, number, chosen)
    if tried.refused:
        inbox.show(delivery, tried)


def redraw(inbox: Inbox, delivery: Delivery, form: Form, about: About, chosen: Chosen, view: State) -> None:
    """Draw an open form anew for what is chosen in it now; what was typed stays in inputs that stay."""
    _, drawn = _drawn(inbox, delivery, form, about.id, chosen, about)
    if drawn is not None:
        here = {"view_id": view.get("id"), "hash": view.get("hash")}
        inbox.afterwards.call(delivery.team_id, "views.update", **here, view=drawn)


def drawn_anew(
    inbox: Inbox, delivery: Delivery, form: Form, about: About, chosen: Chosen, answer: Answer
) -> tuple[Answer, View | None]:
    """The form as it is drawn by now, with an answer on top; or what keeps the person from it."""
    chosen = {**chosen, SAID: answer.text, WHY: answer.refused}
    return _drawn(inbox, delivery, form, about.id, chosen, replace(about, seen="", sure=""))


def _drawn(
    inbox: Inbox, delivery: Delivery, form: Form, number: int, chosen: Chosen, about: About | None = None
) -> tuple[Answer, View | None]:
    made: list[View] = []
    tried = inbox.look(delivery, form.name, partial(_draw, form, number, chosen, about, made))
    return tried, made[-1] if made and not tried.refused else None


def _draw(form: Form, number: int, chosen: Chosen, about: About | None, made: list[View], visit: Visit) -> Answer:
    made.append(form.view(visit, about or About(form.kind, number, _place(visit)), chosen))
    return Answer("")


def _place(visit: Visit) -> str | None:
    """Where the form's answer goes: the home tab, a channel that the app is in, or else the form's own place."""
    delivery = visit.delivery
    if delivery.view == "home":
        return None
    values = {"program": visit.actor.program_id, "channel": delivery.channel_id}
    ours = delivery.channel_id and visit.uow.session.execute(_OURS, values).one_or_none()
    return delivery.channel_id if ours else HERE
