"""The SLA report, asked for, and when it comes by itself."""

from dataclasses import replace
from datetime import time

from app.digests.rules import WEEKDAYS
from app.kernel.clock import hour_words
from app.programs.models import Staff
from app.programs.queries import find_staff
from app.reports.queries import Asked
from app.reports.ranges import DEFAULT, EXAMPLES, NAMED
from app.reports.sending import tell_report
from app.reports.service import find_track, sla
from app.reports.weekly import reader, set_weekly
from app.slack import asked
from app.slack.answer import Answer
from app.slack.listeners.inbox import Visit
from app.slack.verbs import main_command
from app.slack.views import replies
from app.slack.views import sla as view

DAYS = dict(zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))


def show_sla(visit: Visit, command: asked.ShowSla) -> Answer:
    """The report of a range of days, for the person alone."""
    session, program = visit.uow.session, visit.program.id
    first, last = (command.days or DEFAULT).resolve(visit.today)
    track = command.track and find_track(
        session, program, command.track, other=(*NAMED, "weekly", "what", "me"), ways=f"For some days: {EXAMPLES}."
    )
    wanted = Asked(first, last, track)
    if command.person == "me":
        wanted = replace(wanted, person=visit.actor.staff_id)
    elif command.person is not None:
        wanted = replace(wanted, person=find_staff(session, program, command.person).id)
    return view.answer(sla(visit.uow, visit.actor, wanted), wanted)


def define_sla(_: Visit, __: asked.DefineSla) -> Answer:
    """How everything is counted."""
    return view.what()


def send_sla(visit: Visit, wanted: Asked) -> Answer:
    """Send the report with its picture and rows to the person's direct messages."""
    tell_report(visit.uow, visit.actor, wanted, f"{visit.actor.staff_id}:{visit.delivery.id}")
    return replies.said("The picture and the rows come to you by direct message from this app.")


def show_weekly_report(visit: Visit, _: asked.ShowWeekly) -> Answer:
    """When the weekly report comes, and how that is changed."""
    person = reader(visit.uow, visit.actor)
    change = f"To change it: {main_command()} sla weekly mon 8:00, or {main_command()} sla weekly off"
    if person.report_day is None or person.report_at is None:
        return replies.said(f"You get no weekly report. {change}")
    return replies.said(f"{_comes(person, person.report_day, person.report_at)} {change}")


def set_weekly_report(visit: Visit, command: asked.SetWeekly) -> Answer:
    """Choose when the weekly report comes."""
    assert visit.actor.staff_id is not None
    person = set_weekly(visit.uow, visit.actor, visit.actor.staff_id, command.day, command.at)
    if command.day is None:
        return replies.said("You get no weekly report any more.")
    return replies.said(_comes(person, command.day, command.at))


def _comes(person: Staff, day: str, at: time) -> str:
    return (
        f"The SLA report of the week before comes to you every {DAYS[day]} at {hour_words(at)} ({person.zone}), "
        "by direct message."
    )
