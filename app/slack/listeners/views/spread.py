"""The form that spreads free tasks: what draws the plan, and what gives out what was confirmed."""

from collections.abc import Sequence
from typing import Final

from app.cases.locked import open_case_of
from app.programs.queries import UnknownPerson, staff_by_slack
from app.slack.answer import Answer
from app.slack.hints import copyable
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import Chosen, Form, NothingToAsk, State
from app.slack.verbs import Verb, main_command
from app.slack.views import modals, replies
from app.slack.views import spread as view
from app.slack.views.modals import About, View
from app.tasks.queries import TaskLine
from app.tasks.spreading import backlog, may_spread, spread
from app.tasks.suggesting import plan, sift, suggest
from app.tasks.team import team_of, work_of
from app.tasks.vacancies import Kind, missing_now


def _view(visit: Visit, about: About, chosen: Chosen) -> View:
    may_spread(visit.actor)
    case = open_case_of(visit.uow, visit.actor, about.id)[0] if about.id else None
    late = chosen.get(view.WHICH) == view.LATE
    free = backlog(visit.uow, visit.actor, case_id=about.id or None, late=late)
    if not free:
        where = f" in {case.code}" if case else ""
        raise NothingToAsk(f"Nothing{' that is late' if late else ''} is free{where}. Nothing changed.")
    lines = {line.id: line for line in free}
    team = team_of(visit.uow.session, visit.actor.program_id, {line.case_code for line in free}, visit.uow.now)
    works, nobodys = sift([work_of(line) for line in free], team)
    if not works:
        needs = " ".join(_needs(visit, [lines[work.id] for work in nobodys]))
        raise NothingToAsk(f"Nothing to give out. Nothing changed. {needs}")
    shown = works[: view.SHOWN]
    proposals = [
        view.Proposal(lines[one.work.id], one.to, suggest(one.work, team)) for one in plan(shown, team)
    ]  # fmt: skip
    return view.plan(
        proposals, [lines[work.id] for work in nobodys], len(works) - len(shown),
        zone=visit.program.zone, now=visit.uow.now, about=about,
    )  # fmt: skip


def _give(visit: Visit, about: About, state: State) -> Answer:
    given = {}
    for task_id in about.tasks:
        chosen = modals.entered(state, view.to_block(task_id))
        if chosen is None or chosen == modals.NOBODY:
            continue
        person = staff_by_slack(visit.uow.session, visit.actor.program_id, chosen)
        if person is None:
            raise UnknownPerson("That person is not on the staff list. Nothing changed. Pick somebody else.")
        given[task_id] = person.id
    if not given:
        may_spread(visit.actor)
        raise NothingToAsk("Every task was left free. Nothing changed. Pick somebody, or close this window.")
    said = spread(visit.uow, visit.actor, given)
    free = backlog(visit.uow, visit.actor, case_id=about.id or None)
    team = team_of(visit.uow.session, visit.actor.program_id, (), visit.uow.now)
    works, nobodys = sift([work_of(line) for line in free], team)
    if works:
        what = "task is" if len(works) == 1 else "tasks are"
        said.append(f"{len(works)} {what} still free. To spread what is left: {main_command()} {Verb.SPREAD}")
    lines = {line.id: line for line in free}
    return replies.sentences([*said, *_needs(visit, [lines[work.id] for work in nobodys])])


def _needs(visit: Visit, nobodys: Sequence[TaskLine]) -> list[str]:
    """What tasks need that nobody who is there may have, a line for each kind, with what to do."""
    session, now = visit.uow.session, visit.uow.now
    said = []
    # A lead gives out beyond skills. Of whom somebody has come back for at this very moment, nothing is missing.
    kinds = [Kind(roles, None) for roles in dict.fromkeys(line.roles for line in nobodys)]
    for lacks in missing_now(session, visit.actor.program_id, kinds, now):
        mine = [line for line in nobodys if line.roles == lacks.kind.roles]
        count, what = len(mine), "task needs" if len(mine) == 1 else "tasks need"
        way = copyable(lacks.way(session, visit.actor, mine[0].name, now))
        said.append(f"{count} {what} {lacks.kind.needs}, and {lacks.why}. {way}")
    return said


SPREAD: Final = Form(view.SPREAD, "c", view.SPREAD, _view, _give)
FORMS: Final = (SPREAD,)
