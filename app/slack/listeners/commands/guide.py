"""Help, with examples for the place where it is asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.cases.dates import may_plan, settable
from app.cases.service import may_close
from app.kernel.keydates import KEY_DATES
from app.programs.actor import Actor
from app.programs.queries import UnknownPerson
from app.programs.settings import may_keep
from app.programs.welcome import first_role
from app.slack import asked
from app.slack.answer import Answer
from app.slack.grammar import no_command
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import Inbox, Visit
from app.slack.verbs import Verb, main_command
from app.slack.views import help as view
from app.slack.views.help import Place
from app.slack.words import NotUnderstood
from app.tasks.queries import TaskLine, blocked_tasks_of, closed_tasks_of, tasks_of

MOST: Final = 50
_HOLDERS: Final = (Verb.DONE, Verb.RELEASE, Verb.WAIT, Verb.HANDOFF, Verb.SKIP)


def show(inbox: Inbox, delivery: Delivery, wanted: asked.Help) -> Answer:
    """What the person's role uses most, everything that they may do, or one verb.

    Who is not on the staff list is told that, and nothing that does not work for them.
    """

    def look(visit: Visit) -> Answer:
        place = _place(visit)
        if wanted.verb is not None:
            return view.of_verb(wanted.verb, inbox.commands, place, refused=wanted.verb in not_for(visit.actor))
        if wanted.everything:
            return view.overview(inbox.commands, place, not_for(visit.actor) | _shut_for(visit))
        return view.most_used(first_role(visit.actor.roles), inbox.commands, place)

    looked = inbox.look(delivery, "help", look)
    if looked.refused != UnknownPerson.__name__:
        return looked
    main = main_command(inbox.commands)
    return Answer(f"{looked.text} From then on `{main} help` shows what you can write.", refused=looked.refused)


def not_understood(inbox: Inbox, delivery: Delivery, error: NotUnderstood) -> Answer:
    """What does not read as a command; a verb that was nearly written is not offered to whom it is refused."""

    def look(visit: Visit) -> Answer:
        raise no_command() if error.meant in not_for(visit.actor) else error

    looked = inbox.look(delivery, "mistyped", look) if error.meant else None
    return looked if looked and looked.refused == NotUnderstood.__name__ else inbox.refused(error)


def not_for(actor: Actor) -> frozenset[Verb]:
    """The verbs that are refused to the actor for their roles, whatever they are about."""
    allowed = {
        Verb.ASSIGN: actor.leads,
        Verb.SPREAD: actor.leads,
        Verb.EXTEND: actor.leads,
        Verb.CLOSE: may_close(actor),
        Verb.SETTINGS: may_keep(actor),
        Verb.DATE: bool(settable(actor)),
        **dict.fromkeys((Verb.OPEN, Verb.COMPONENT, Verb.SURGEON, Verb.LEAD), may_plan(actor)),
    }
    return frozenset(verb for verb, may in allowed.items() if not may)


def _shut_for(visit: Visit) -> frozenset[Verb]:
    """`waive`, where gates are shut and none of them names a role of the person; else it is not known."""
    case_id = visit.here.id if visit.here else None
    blocked = blocked_tasks_of(visit.uow.session, visit.actor.program_id, case_id=case_id, limit=MOST)
    gates = [line.item.gate for line in blocked if line.item.gate is not None]
    passes = not gates or any(visit.actor.has(*gate.waiver) for gate in gates)
    return frozenset() if passes else frozenset({Verb.WAIVE})


def _place(visit: Visit) -> Place:
    """What examples name: of whoever may set few key dates the first of those, besides what is there."""
    dates = [] if may_plan(visit.actor) else settable(visit.actor)
    return replace(_there(visit), key_date=KEY_DATES[dates[0]] if dates else None)


def _there(visit: Visit) -> Place:
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
