"""The filters of the home tab: a case, a checklist, a skill, each kept for the person until they choose all."""

from typing import Any, Final

from slack_bolt import Ack, App

from app.homes import rows
from app.homes.desk import Choices, desk_of
from app.homes.rows import Which
from app.slack.answer import Answer
from app.slack.listeners.delivery import of_interaction, value_of
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.views import home

GONE: Final = "That is not there any more. Nothing changed. Choose again."


def register(app: App, inbox: Inbox) -> None:
    """A listener for each filter."""
    for action_id, which in _FILTERS.items():
        app.action(action_id)(_listener(inbox, which))


_FILTERS: Final[dict[str, Which]] = {home.CASE: "case", home.TRACK: "track", home.SKILL: "skill"}


def _listener(inbox: Inbox, which: Which) -> Any:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        delivery, value = of_interaction(body), value_of(body)

        def choose(visit: Visit) -> Answer:
            chosen = None if value == home.ALL else value.removeprefix("v:")
            if chosen is not None and chosen not in _there(visit, which):
                return Answer(GONE, refused="OldChoice")
            rows.choose(visit.uow, visit.actor, which, chosen)
            return Answer("")

        answer = inbox.change(delivery, "filter", choose)
        inbox.publish_home(delivery, answer if answer.refused else None)

    return listen


def _there(visit: Visit, which: Which) -> dict[str, str]:
    assert visit.actor.staff_id is not None
    only = rows.only_of(visit.uow.session, visit.actor.staff_id)
    desk = desk_of(visit.uow.session, visit.actor, only, zone=visit.program.zone, now=visit.uow.now)
    return _of(desk.choices, which)


def _of(choices: Choices, which: Which) -> dict[str, str]:
    return {"case": choices.cases, "track": choices.tracks, "skill": choices.skills}[which]
