"""Commands about a case: opening, showing, closing it, its people, key dates and components."""

from datetime import datetime

from app.cases import components, dates, people, service
from app.cases.card import card_of
from app.cases.models import Case
from app.cases.queries import components_of
from app.kernel.business import local_moment
from app.kernel.due import Moment
from app.programs.queries import find_staff
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.verbs import Verb, main_command
from app.slack.views import blocks, replies
from app.slack.when import BadWhen
from app.tasks.queries import tasks_of


def open_case(visit: Visit, command: asked.OpenCase) -> Answer:
    """Open a case, for a surgeon if one is named. Whoever leads here leads it."""
    surgeon = command.surgeon and find_staff(visit.uow.session, visit.actor.program_id, command.surgeon)
    case = service.open_case(
        visit.uow,
        visit.actor,
        lead_id=visit.actor.staff_id if visit.actor.leads else None,
        surgeon_id=surgeon.id if surgeon else None,
    )
    return replies.said(
        f"Opened case {case.code}. Its channel, case-{case.code.lower()}, is being made. Set its first date there: "
        f"{main_command()} date board 2026-12-03 07:30",
        blocks.tasks_button(case.code),
    )


def show_case(visit: Visit, command: asked.ShowCase) -> Answer:
    """Where a case stands, and what is next for the person."""
    return case_answer(visit, visit.case(command.case))


def case_answer(visit: Visit, case: Case) -> Answer:
    """The same for a case that is known."""
    session = visit.uow.session
    lines = tasks_of(session, case.program_id, case_id=case.id, limit=200)
    free = tasks_of(session, case.program_id, case_id=case.id, claimable_by=visit.actor, limit=200)
    return replies.case(
        card_of(session, case.id, visit.uow.now),
        lines,
        components_of(session, case.id),
        now=visit.uow.now,
        staff_id=visit.actor.staff_id,
        free={line.id for line in free},
    )


def close_case(visit: Visit, command: asked.CloseCase) -> Answer:
    """Close a case; its channel is archived."""
    case = service.close_case(visit.uow, visit.actor, visit.case(command.case).id, command.reason)
    return replies.said(f"Closed case {case.code}. Its channel will be archived.")


def set_person(visit: Visit, command: asked.SetPerson) -> Answer:
    """Say who is the case's surgeon, or its lead."""
    case = visit.case(command.case)
    named = command.person and find_staff(visit.uow.session, visit.actor.program_id, command.person)
    part: people.Part = "surgeon" if command.verb is Verb.SURGEON else "lead"
    return replies.said(people.set_person(visit.uow, visit.actor, case.id, part, named.id if named else None))


def set_date(visit: Visit, command: asked.SetDate) -> Answer:
    """Set or move a key date; every deadline that hangs on it moves in the same transaction."""
    case = visit.case(command.case)
    day = command.when.resolve(visit.today)
    moment = Moment.of_day(day)
    if command.when.at is not None:
        at = local_moment(day, command.when.at, visit.zone)
        there = at.astimezone(visit.zone)
        if there.time() != command.when.at:
            raise BadWhen(_skipped(there))
        moment = Moment(day, at)
    replanned = dates.set_date(visit.uow, visit.actor, case.id, command.name, moment, waiver=command.waiver)
    return _replanned(replanned)


def clear_date(visit: Visit, command: asked.ClearDate) -> Answer:
    """Take a key date away."""
    return _replanned(dates.clear_date(visit.uow, visit.actor, visit.case(command.case).id, command.name))


def list_components(visit: Visit, command: asked.ListComponents) -> Answer:
    """The components of a case."""
    case = visit.case(command.case)
    return replies.component_list(case.code, components_of(visit.uow.session, case.id))


def add_component(visit: Visit, command: asked.AddComponent) -> Answer:
    """Add a component; its own tracks start."""
    case = visit.case(command.case)
    added = components.add_component(
        visit.uow,
        visit.actor,
        case.id,
        command.kind,
        part=command.part,
        custom=command.custom,
        supply=command.supply,
    )
    return replies.said(
        f"Added {replies.component_line(added)} to {case.code}. To say more: "
        f"{main_command()} component change {added.no} custom"
    )


def change_component(visit: Visit, command: asked.ChangeComponent) -> Answer:
    """Say more of a component; its tasks come and go with it."""
    case = visit.case(command.case)
    changed = components.change_component(
        visit.uow,
        visit.actor,
        case.id,
        command.number,
        part=command.part,
        custom=command.custom,
        supply=command.supply,
    )
    return replies.said(f"{case.code} now has {replies.component_line(changed)}.")


def remove_component(visit: Visit, command: asked.RemoveComponent) -> Answer:
    """Take a component out of the plan."""
    case = visit.case(command.case)
    components.withdraw_component(visit.uow, visit.actor, case.id, command.number, command.reason)
    return replies.said(f"Removed C{command.number} from {case.code}. Its open tasks are skipped.")


def _replanned(replanned: dates.Replanned) -> Answer:
    started = f" Started: {', '.join(replanned.started)}." if replanned.started else ""
    return replies.said(replanned.said + started)


def _skipped(there: datetime) -> str:
    return (
        f"Clocks go forward on {there.date().isoformat()}, and that time does not exist. Nothing changed. "
        f"Write {there:%H:%M} or later."
    )
