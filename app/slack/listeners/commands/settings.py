"""The command that opens the settings."""

from typing import Final

from app.programs.queries import find_staff
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.listeners.views import settings as forms
from app.slack.listeners.views.form import open_form
from app.slack.views import settings as view

_FORM_OF: Final = {
    "": forms.OVERVIEW, "hours": forms.HOURS, "holidays": forms.HOLIDAYS, "escalation": forms.ESCALATION,
}  # fmt: skip


def show(inbox: Inbox, delivery: Delivery, wanted: asked.ShowSettings) -> Answer:
    """Open the settings, or a section of them, and say what holds now; or why not."""
    about: list[int] = [0]

    def look(visit: Visit) -> Answer:
        said = view.answer(forms.overview_lines(visit))
        if wanted.person is not None:
            about.append(find_staff(visit.uow.session, visit.actor.program_id, wanted.person).id)
        return said

    looked = inbox.look(delivery, "settings", look)
    if looked.refused:
        return looked
    form = _FORM_OF[wanted.section] if wanted.person is None else forms.PERSON
    tried = open_form(inbox, delivery, form, about[-1])
    return tried if tried.refused else looked
