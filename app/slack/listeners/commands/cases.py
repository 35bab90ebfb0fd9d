"""Commands about a case: opening, showing, closing it, its people, key dates and components."""

from datetime import datetime

from app.cases import components, dates, people, reopening, service
from app.cases.card import card_of
from app.cases.models import Case
from app.cases.queries import components_of
from app.cases.refusals import LateAtOnce
from app.checklists.vocabulary import ComponentKind, ComponentPart, Supply
from app.kernel.business import local_moment
from app.kernel.clock import day_words, hour_words
from app.kernel.due import Moment
from app.programs.queries import find_staff
from app.slack import asked
from app.slack.answer import Answer
from app.slack.hints import copyable
from app.slack.listeners.inbox import Visit
from app.slack.verbs import Verb, main_command
from app.slack.views import blocks, case_forms, replies
from app.slack.when import BadWhen, When
from app.tasks.queries import tasks_of


def open_case(visit: Visit, command: asked.OpenCase) -> Answer:
    """Open a case, for a surgeon if one is named. Whoever leads here leads it."""
    surgeon = command.surgeon and find_staff(visit.uow.session, visit.actor.program_id, command.surgeon)
    return opened(visit, surgeon.id if surgeon else None, visit.actor.staff_id if visit.actor.leads else None)


def opened(visit: Visit, surgeon_id: int | None, lead_id: int | None) -> Answer:
    """Open a case with its people."""
    case = service.open_case(visit.uow, visit.actor, lead_id=lead_id, surgeon_id=surgeon_id)
    return replies.said(
        f"Opened case {case.code}. Its channel, case-{case.code.lower()}, is being made. Set its first date there: "
        f"{main_command()} date board 2026-12-03 07:30",
        blocks.form_button("Set a date", case_forms.DATE, f"c:{case.id}", label=f"Set a date of case {case.code}"),
        blocks.case_button(case.code),
    )


def show_case(visit: Visit, command: asked.ShowCase) -> Answer:
    """Where a case stands, and what is next for the person."""
    return case_answer(visit, visit.case(command.case))


def case_answer(visit: Visit, case: Case) -> Answer:
    """The same for a case that is known."""
    session = visit.uow.session
    lines = tasks_of(session, case.program_id, case_id=case.id, limit=200)
    return replies.case(
        card_of(session, case.id, visit.uow.now),
        lines,
        components_of(session, case.id),
        case_id=case.id,
        now=visit.uow.now,
        actor=visit.actor,
        why_closed=service.why_closed(session, case.id) if case.state == "closed" else None,
    )


def close_case(visit: Visit, command: asked.CloseCase) -> Answer:
    """Close a case; its channel is archived. Without a reason it has to be confirmed."""
    case = visit.case(command.case)
    if command.reason is None:
        service.refuse_unconfirmed(visit.uow, visit.actor, case)
    return closed(visit, case.id, command.reason)


def closed(visit: Visit, case_id: int, reason: str | None) -> Answer:
    """The same for a case that is known."""
    done = service.close_case(visit.uow, visit.actor, case_id, reason)
    case, were = done.case, "was" if done.tasks == 1 else "were"
    skipped = f"; {blocks.counted(done.tasks, 'open task')} {were} skipped" if done.tasks else ""
    return replies.said(
        f"Closed case {case.code}{skipped}. Its channel will be archived. "
        f"To open it again: {main_command()} reopen {case.code}",
        blocks.reopen_button(case.id, case.code),
    )


def reopen_case(visit: Visit, command: asked.ReopenCase) -> Answer:
    """Open a closed case again."""
    return reopened(visit, visit.case(command.case).id)


def reopened(visit: Visit, case_id: int) -> Answer:
    """The same for a case that is known."""
    done = reopening.reopen_case(visit.uow, visit.actor, case_id)
    if not done.changed:
        return replies.said(f"Case {done.case.code} is open already.", blocks.case_button(done.case.code))
    late = f", {done.late} of them late" if done.late else ""
    back = f" {blocks.counted(done.tasks, 'task')} came back{late}." if done.tasks else ""
    return replies.said(
        f"Case {done.case.code} is open again.{back} Its channel comes back, or a new one is made.",
        blocks.case_button(done.case.code),
    )


def set_person(visit: Visit, command: asked.SetPerson) -> Answer:
    """Say who is the case's surgeon, or its lead."""
    case = visit.case(command.case)
    named = command.person and find_staff(visit.uow.session, visit.actor.program_id, command.person)
    part: people.Part = "surgeon" if command.verb is Verb.SURGEON else "lead"
    return replies.said(people.set_person(visit.uow, visit.actor, case.id, part, named.id if named else None))


def set_date(visit: Visit, command: asked.SetDate) -> Answer:
    """Set or move a key date; every deadline that hangs on it moves in the same transaction."""
    return set_day(visit, visit.case(command.case), command.name, command.when, command.waiver, sure=command.anyway)


def set_day(visit: Visit, case: Case, name: str, when: When, waiver: str | None, *, sure: bool) -> Answer:
    """The same for a case that is known.

    Raises `BadWhen` for an hour that the clocks leave out, and `LateAtOnce` for whoever is not `sure`.
    """
    day = when.resolve(visit.today)
    moment = Moment.of_day(day)
    if when.at is not None:
        at = local_moment(day, when.at, visit.zone)
        there = at.astimezone(visit.zone)
        if there.time() != when.at:
            raise BadWhen(_skipped(there))
        moment = Moment(day, at)
    done = dates.set_date(visit.uow, visit.actor, case.id, name, moment, waiver=waiver)
    if done.late and not sure:
        tasks = blocks.counted(done.late, "task")
        raise LateAtOnce(f"{tasks} of {case.code} would be late at once. Nothing changed. Set it all the same?")
    return _replanned(done)


def clear_date(visit: Visit, command: asked.ClearDate) -> Answer:
    """Take a key date away."""
    return clear_day(visit, visit.case(command.case).id, command.name)


def clear_day(visit: Visit, case_id: int, name: str) -> Answer:
    """The same for a case that is known."""
    return _replanned(dates.clear_date(visit.uow, visit.actor, case_id, name))


def list_components(visit: Visit, command: asked.ListComponents) -> Answer:
    """The components of a case."""
    case = visit.case(command.case)
    return replies.component_list(case, components_of(visit.uow.session, case.id))


def add_component(visit: Visit, command: asked.AddComponent) -> Answer:
    """Add a component; its own tracks start."""
    return added(visit, visit.case(command.case), command.kind, command.part, command.custom, command.supply)


def added(
    visit: Visit,
    case: Case,
    kind: ComponentKind,
    part: ComponentPart | None,
    custom: bool | None,
    supply: Supply | None,
) -> Answer:
    """The same for a case that is known."""
    before = dates.late_tasks(visit.uow, case.id)
    new = components.add_component(visit.uow, visit.actor, case.id, kind, part=part, custom=custom, supply=supply)
    late = len(dates.late_tasks(visit.uow, case.id) - before)
    warned = f" {blocks.counted(late, 'task')} of it {'is' if late == 1 else 'are'} late already." if late else ""
    open_ = "custom" if new.custom is None else Supply.LOANER if new.supply is None else ""
    more = f" To say more: {main_command()} component change {new.no} {open_}" if open_ else ""
    return replies.said(
        f"Added {replies.component_line(new)} to {case.code}.{warned}{more}",
        blocks.form_button("Say more", case_forms.COMPONENT, f"c:{case.id} change-{new.no}",
                           label=f"Say more of C{new.no} of {case.code}"),
    )  # fmt: skip


def change_component(visit: Visit, command: asked.ChangeComponent) -> Answer:
    """Say more of a component; its tasks come and go with it."""
    case, number = visit.case(command.case), command.number
    return changed(visit, case, number, command.part, command.custom, command.supply)


def changed(
    visit: Visit,
    case: Case,
    number: int,
    part: ComponentPart | None,
    custom: bool | None,
    supply: Supply | None,
) -> Answer:
    """The same for a case that is known."""
    now = components.change_component(visit.uow, visit.actor, case.id, number, part=part, custom=custom, supply=supply)
    return replies.said(f"{case.code} now has {replies.component_line(now)}.")


def remove_component(visit: Visit, command: asked.RemoveComponent) -> Answer:
    """Take a component out of the plan."""
    return removed(visit, visit.case(command.case), command.number, command.reason)


def removed(visit: Visit, case: Case, number: int, reason: str) -> Answer:
    """The same for a case that is known."""
    components.withdraw_component(visit.uow, visit.actor, case.id, number, reason)
    return replies.said(f"Removed C{number} from {case.code}. Its open tasks are skipped.")


def _replanned(replanned: dates.Replanned) -> Answer:
    started = f" Started: {', '.join(replanned.started)}." if replanned.started else ""
    return replies.said(copyable(replanned.said + started + replanned.remark))


def _skipped(there: datetime) -> str:
    return (
        f"Clocks go forward on {day_words(there)}, and that time does not exist. Nothing changed. "
        f"Write {hour_words(there)} or later."
    )
