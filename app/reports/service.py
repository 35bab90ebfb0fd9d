"""Who may see which numbers, and narrowing a report to what was asked for."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from app.checklists.vocabulary import Role
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.refusals import Refusal
from app.reports import queries
from app.reports.queries import Asked
from app.reports.report import Report
from app.store.uow import UnitOfWork

READERS = (Role.LEAD, Role.MANAGER, Role.ADMIN)
"""Who sees the numbers of everybody; all others see their own."""


class UnknownTrack(Refusal):
    """No checklist of the program goes by that name, or several do."""


def sla(uow: UnitOfWork, actor: Actor, asked: Asked) -> Report:
    """The report as the actor may see it. Raises `NotAllowed` for other people's numbers."""
    program = uow.session.get_one(Program, actor.program_id)
    return queries.report(uow.session, program, allowed(actor, asked), uow.now)


def allowed(actor: Actor, asked: Asked) -> Asked:
    """What was asked for, narrowed to the actor's own numbers unless they see everybody's. Raises `NotAllowed`."""
    if actor.staff_id is None or actor.has(*READERS):
        return asked
    if asked.person not in (None, actor.staff_id):
        raise NotAllowed(
            "Only a lead, a manager or an admin sees the numbers of others. Nothing changed. For your own: sla"
        )
    return replace(asked, person=actor.staff_id)


def find_track(session: Session, program_id: int, words: str, *, other: Sequence[str] = (), ways: str = "") -> str:
    """The template that `words` names: its id, its title, or words of them. Raises `UnknownTrack`.

    `other` are words that could have stood in their place: the likeliest of all is offered. `ways` is a sentence on
    what these could be.
    """
    titles: Mapping[str, str] = queries.titles_of(session, program_id)
    wanted = words.casefold().split()
    exact = [id_ for id_, title in titles.items() if words.casefold() in (id_.casefold(), title.casefold())]
    found = exact or [
        id_ for id_, title in titles.items() if wanted and all(word in f"{id_} {title}".casefold() for word in wanted)
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(sorted(titles.values()))
    if found:
        raise UnknownTrack(f"Several checklists fit that. Nothing changed. There are: {known}.")
    likely = [*other, *titles, *(title.casefold() for title in titles.values())]
    near = difflib.get_close_matches(words.casefold()[:80], likely, n=1, cutoff=0.7)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    raise UnknownTrack(f"No checklist goes by that name. Nothing changed.{hint} There are: {known}. {ways}".rstrip())
