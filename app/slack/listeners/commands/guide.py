"""Help, with examples for the place where it is asked."""

from collections.abc import Sequence
from typing import Final

from app.programs.queries import GuestAccount, OtherWorkspace, UnknownTeam
from app.slack.answer import Answer
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.verbs import Verb
from app.slack.views import help as view
from app.slack.views.help import Place
from app.tasks.queries import TaskLine, blocked_tasks_of, closed_tasks_of, tasks_of

MOST: Final = 50
_OUTSIDE: Final = (UnknownTeam.__name__, OtherWorkspace.__name__, GuestAccount.__name__)
_HOLDERS: Final = (Verb.DONE, Verb.RELEASE, Verb.WAIT, Verb.HANDOFF, Verb.SKIP)


def show(inbox: Inbox, delivery: Delivery, verb: Verb | None) -> Answer:
    """Everything, or one verb; somebody who is not on the staff list is shown it, too, with made-up numbers.

    Who can never work here is told that instead.
    """
    places: list[Place] = []

    def look(visit: Visit) -> Answer:
        places.append(_place(visit))
        return Answer("")

    looked = inbox.look(delivery, "help", look)
    if looked.refused in _OUTSIDE:
        return looked
    place = places[-1] if places else Place()
    return view.overview(inbox.commands, place) if verb is None else view.of_verb(verb, inbox.commands, place)


def _place(visit: Visit) -> Place:
    """The case of the channel with the numbers of its tasks; elsewhere whole names of the person's own tasks."""
    session, actor, here = visit.uow.session, visit.actor, visit.here
    if here is None:
        mine = tasks_of(session, actor.program_id, holder_id=actor.staff_id, limit=1)
        some = mine or tasks_of(session, actor.program_id, claimable_by=actor, limit=1)
        return Place(some[0].case_code, {}, some[0].name) if some else Place(task=f"{Place.code}-{Place.task}")
    lines = tasks_of(session, here.program_id, case_id=here.id, limit=MOST)
    mine = [line for line in lines if line.holder_id == actor.staff_id]
    free = tasks_of(session, here.program_id, case_id=here.id, claimable_by=actor, limit=1)
    blocked = blocked_tasks_of(session, here.program_id, case_id=here.id, limit=MOST)
    closed = closed_tasks_of(session, here.program_id, case_id=here.id, closed_by=None, limit=1)
    tasks: dict[Verb, str] = {}
    _note(tasks, (Verb.CLAIM,), free)
    _note(tasks, (Verb.RESUME,), [line for line in mine if line.state == "waiting"])
    _note(tasks, _HOLDERS, mine)
    _note(tasks, (Verb.REOPEN,), closed)
    _note(tasks, (Verb.WAIVE,), [line for line in blocked if line.item.gate is not None])
    first = [*mine, *free, *lines, *blocked]
    return Place(here.code, tasks, str(first[0].no)) if first else Place(here.code)


def _note(tasks: dict[Verb, str], verbs: Sequence[Verb], lines: Sequence[TaskLine]) -> None:
    if lines:
        tasks.update(dict.fromkeys(verbs, str(lines[0].no)))
