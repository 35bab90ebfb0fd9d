"""The settings of a program: what holds now on one screen, and a form for each section."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from app.checklists.replanning import Moves
from app.checklists.vocabulary import Role
from app.digests.rules import WEEKDAYS
from app.kernel.clock import day_words, moment_words
from app.programs import calendars, escalations, persons
from app.programs.escalations import AS_CHECKLIST, Approval
from app.programs.settings import Values, seen
from app.programs.typed import EXAMPLE, MOST_TYPED
from app.slack import limits
from app.slack.answer import Answer
from app.slack.views import blocks as draw
from app.slack.views.blocks import Block
from app.slack.views.modals import About, View, input_, modal, option, select

SETTINGS: Final = "settings"
HOURS: Final = "set_hours"
HOLIDAYS: Final = "set_holidays"
ESCALATION: Final = "set_escalation"
PERSON: Final = "set_person"
PICK: Final = "settings_person"
TYPED: Final = 1000
"""Characters of a field of one line: more than twenty skills have."""
SHOWN_DAYS: Final = 5
NO_BREAK: Final = "\N{NON-BREAKING HYPHEN}"
_SECTIONS: Final = ((HOURS, "Hours"), (HOLIDAYS, "Holidays"), (ESCALATION, "Escalation"))
_SHORT: Final[Mapping[str, str]] = {Role.VA.value: "VA"}
_DOES: Final[Mapping[Role, str]] = {
    Role.VA: "Takes and finishes tasks",
    Role.LEAD: "Gives out tasks and time, hears what is late; may do what a VA may",
    Role.SURGEON: "Operates and signs; gets a digest",
    Role.CLINICIAN: "Signs what is no surgeon's own; gets a digest",
    Role.CODER: "Takes the tasks of coding after an operation",
    Role.BILLER: "Takes the tasks of claims and denials",
    Role.NAVIGATOR: "Takes the tasks that keep in touch",
    Role.MANAGER: "Reads everybody's report, keeps the settings",
    Role.ADMIN: "Keeps the settings, and says who is an admin",
}
_DAY_NAMES: Final[Mapping[str, str]] = {day: calendars.HOURS_LABELS[day] for day in WEEKDAYS}


def button() -> Block:
    """Opens the settings, for whoever keeps them."""
    return draw.form_button("Settings", SETTINGS, "p:0", label="Settings of the practice")


def lines(hours: Values, holidays: Values, approvals: Mapping[str, Approval], people: Mapping[str, int]) -> list[str]:
    """What holds now, a line for each section."""
    return [
        f"*Working hours* ({draw.safe(hours[calendars.ZONE], 50)})\n{'; '.join(_week(hours))}",
        f"*Holidays*\n{_holidays(holidays)}",
        f"*Escalation* of missed deadlines\n{_escalation(approvals)}",
        f"*People*\n{', '.join(draw.counted(n, _SHORT.get(role, role)) for role, n in people.items()) or 'Nobody yet'}",
    ]


def answer(said: Sequence[str]) -> Answer:
    """The same as an answer, with a button for each section."""
    buttons = [draw.form_button(f"{name} …", form, "p:0", label=f"{name}: change them") for form, name in _SECTIONS]
    buttons.append(draw.form_button("All settings …", SETTINGS, "p:0", label="All settings, and people"))
    text = "\n".join(said)
    return Answer(text, (*draw.sections(said), draw.actions(*buttons) | {"block_id": draw.ANSWER}))


def overview(said: Sequence[str], people: Sequence[tuple[str, int]], about: About, note: str | None) -> View:
    """The first screen: what holds now, a button for each section, and everybody to choose from."""
    parts: list[Block] = [] if note is None else [draw.section(note), {"type": "divider"}]
    for (form, name), line in zip(_SECTIONS, said, strict=False):
        change = draw.form_button("Change …", form, "p:0", label=f"Change: {name}")
        parts.append(draw.section(line, change))
    parts.append(draw.section(said[-1]))
    if people:
        picked = [(name, f"s:{staff_id}") for name, staff_id in people]
        menu = select(PICK, picked, placeholder="Roles and times of …")
        parts.append(draw.actions(menu))
    view = modal(SETTINGS, "Settings", "Save", about, *parts)
    del view["submit"]
    return view | {"close": draw.plain("Close", 24)}


def hours(about: About, now: Values, typed: Values, deadlines: tuple[int, int] | None, note: str | None) -> View:
    """Asks for the working hours of each weekday, and the zone.

    `deadlines` are those that are counted anew, and their cases; None once it was said which of them move.
    """
    head = f"Several intervals with commas: {EXAMPLE}. Empty is closed.{_effect(deadlines)}"
    fields = [
        _line(name, label, typed.get(name, now[name]), "Closed" if name in WEEKDAYS else "America/New_York")
        for name, label in calendars.HOURS_LABELS.items()
    ]
    return _form(HOURS, "Working hours", about, now, note, head, fields)


def holidays(
    about: About,
    now: Values,
    typed: Values,
    names: Sequence[str],
    coming: Sequence[tuple[date, str]],
    deadlines: tuple[int, int] | None,
    note: str | None,
) -> View:
    """Asks whose public holidays close the practice, on which it is open, and for its own closed days.

    `names` are the public holidays of the country that is set, `coming` the next closed days.
    """
    labels = calendars.HOLIDAYS_LABELS
    next_ = "; ".join(f"{day_words(day)} {draw.safe(name, 60)}" for day, name in coming[:SHOWN_DAYS])
    head = f"Closed next: {next_ or 'nothing'}.{_effect(deadlines)}"
    given = {name: typed.get(name, now[name]) for name in now}
    fields = [
        _line(calendars.COUNTRY, labels[calendars.COUNTRY], given[calendars.COUNTRY], "US", hint="Empty: none."),
        _line(calendars.SUBDIVISION, labels[calendars.SUBDIVISION], given[calendars.SUBDIVISION], "TX"),
    ]
    if names:
        menu = _several(calendars.WORKED, [(name, name) for name in names], given[calendars.WORKED].splitlines())
        fields.append(input_(calendars.WORKED, "Public holidays on which you are open", menu, optional=True))
    own = _text(calendars.OWN, given[calendars.OWN], "2026-12-24 Christmas Eve", MOST_TYPED, several=True)
    hint = "One a line: the day, then its name."
    fields.append(input_(calendars.OWN, labels[calendars.OWN], own, optional=True, hint=hint))
    return _form(HOLIDAYS, "Holidays", about, now, note, head, fields)


def escalation(
    about: About, now: Values, typed: Values, approvals: Mapping[str, Approval], zone: ZoneInfo, note: str | None
) -> View:
    """Asks how long after a missed deadline who is told; empty is as the checklist says."""
    head = (
        "How long after a missed deadline somebody is told, where a checklist tells them at all. Empty: "
        f"{AS_CHECKLIST}. It holds for deadlines to come; what is late already goes on as planned."
    )
    fields = [
        _line(name, f"{label}, after", typed.get(name, now[name]), "4 business hours",
              hint=_approved(approvals.get(name), zone))
        for name, label in escalations.LABELS.items()
    ]  # fmt: skip
    return _form(ESCALATION, "Escalation", about, now, note, head, fields)


def person(
    about: About, name: str, now: Values, typed: Values, goes: Mapping[Role, int], held: int, note: str | None
) -> View:
    """Asks for somebody's roles and times. `goes` counts what they hold by each of their roles alone, `held` all."""
    given = {field: typed.get(field, now[field]) for field in now}
    head = f"*{draw.safe(name, 80)}*{_held(goes, held)}"
    labels = persons.LABELS
    weekdays = [(label, day) for day, label in _DAY_NAMES.items()]
    silent = option("No digest that day", "yes")
    quietly: Block = {"type": "checkboxes", "action_id": persons.DIGEST_SILENT, "options": [silent]}
    if given[persons.DIGEST_SILENT]:
        quietly["initial_options"] = [silent]
    each = [(_role(role), role.value, _DOES[role]) for role in Role]
    roles = _several(persons.ROLES, each, given[persons.ROLES].splitlines())
    days = _several(persons.DIGEST_DAYS, weekdays, given[persons.DIGEST_DAYS].splitlines())
    report = select(persons.REPORT_DAY, [("Never", NEVER), *weekdays], given[persons.REPORT_DAY] or NEVER)
    fields = [
        input_(persons.ROLES, labels[persons.ROLES], roles, hint="What they may do. Several add up."),
        _line(
            persons.SKILLS,
            labels[persons.SKILLS],
            given[persons.SKILLS],
            "imaging, appeals",
            hint="For tasks that ask for one. Small letters, commas between.",
        ),
        _line(persons.ZONE, labels[persons.ZONE], given[persons.ZONE], "America/New_York"),
        _line(persons.QUIET_FROM, "Quiet from (no reminders)", given[persons.QUIET_FROM], "18:00"),
        _line(persons.QUIET_UNTIL, labels[persons.QUIET_UNTIL], given[persons.QUIET_UNTIL], "08:00"),
        _line(persons.DIGEST_AT, "Digest at", given[persons.DIGEST_AT], "07:00", hint="Empty: no digest."),
        input_(persons.DIGEST_DAYS, labels[persons.DIGEST_DAYS], days, optional=True, hint="Empty: business days."),
        input_(persons.DIGEST_SILENT, "When nothing waits", quietly, optional=True),
        input_(
            persons.REPORT_DAY,
            labels[persons.REPORT_DAY],
            report,
            optional=True,
            hint="The SLA report: for leads, managers and admins.",
        ),
        _line(persons.REPORT_AT, labels[persons.REPORT_AT], given[persons.REPORT_AT] or "08:00", "08:00"),
    ]
    return _form(PERSON, "Roles and times", about, now, note, head, fields)


NEVER: Final = "never"
"""Stands for no weekly report: what was picked in a menu cannot be cleared on every phone."""


def _form(
    name: str, title: str, about: About, now: Values, note: str | None, head: str, fields: Sequence[Block]
) -> View:
    """A section's form, which remembers on what it was opened."""
    remembers = About(about.kind, about.id, about.channel, seen=about.seen or seen(now), sure=about.sure)
    said = [] if note is None else [draw.section(f"*{note}*")]
    return modal(name, title, "Save", remembers, *said, draw.section(head), *fields)


def _line(name: str, label: str, value: str, placeholder: str, *, hint: str = "") -> Block:
    return input_(name, label, _text(name, value, placeholder, TYPED), optional=True, hint=hint)


def _text(name: str, value: str, placeholder: str, most: int, *, several: bool = False) -> Block:
    made: Block = {
        "type": "plain_text_input", "action_id": name, "max_length": most, "multiline": several,
        "placeholder": draw.plain(placeholder, 150),
    }  # fmt: skip
    return made | {"initial_value": value[:most]} if value else made


def _several(name: str, options: Sequence[tuple[str, str] | tuple[str, str, str]], chosen: Sequence[str]) -> Block:
    made = [option(*each) for each in options[: limits.OPTIONS]]
    initial = [one for one in made if one["value"] in chosen]
    block: Block = {"type": "multi_static_select", "action_id": name, "options": made,
                    "placeholder": draw.plain("Pick some", 150)}  # fmt: skip
    return block | {"initial_options": initial} if initial else block


def _effect(counted: tuple[int, int] | None) -> str:
    if counted is None:
        return ""
    deadlines, cases = counted
    of = f"{draw.counted(deadlines, 'open deadline')} of {draw.counted(cases, 'case')}"
    return (
        f" {of} would be worked out again, and you are told before it is saved if any moves. What is late stays late."
    )


def may_move(deadlines: int, cases: int) -> str:
    """What saving may move, where that is more than can be counted at once."""
    what = f"Up to {_of(deadlines, cases)} move: a case says which in its channel, within minutes."
    return _not_yet(what)


def moves(of: Moves, zone: ZoneInfo) -> str:
    """What saving would move, with the first of it from when to when."""
    named = [f"{name} from {_moment(moved.old, zone)} to {_moment(moved.new, zone)}" for name, moved in of.first]
    more = [f"{of.deadlines - len(named)} more"] if of.deadlines > len(named) else []
    past = f", {of.late} of them into the past" if of.late else ""
    what = f"{_of(of.deadlines, of.cases)} {'moves' if of.deadlines == 1 else 'move'}{past}"
    return _not_yet(f"{what}: {'; '.join([*named, *more])}.")


def _of(deadlines: int, cases: int) -> str:
    return f"{draw.counted(deadlines, 'deadline')} of {draw.counted(cases, 'case')}"


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return "none" if at is None else moment_words(at, zone)


def _not_yet(what: str) -> str:
    return f"{what} Nothing is saved yet: save again to go ahead, or change what you typed."


def _week(hours: Values) -> list[str]:
    """`Mon to Fri 8:00-12:00, 13:00-17:00`, `Sat, Sun closed`: days in a row with the same hours together."""
    found = []
    for value, group in groupby(WEEKDAYS, lambda day: hours[day]):
        days = [_DAY_NAMES[day][:3] for day in group]
        span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        # A line does not break within an interval.
        found.append(f"{span} {draw.safe(value, TYPED).replace('-', NO_BREAK) or 'closed'}")
    return found


def _holidays(holidays: Values) -> str:
    country = holidays[calendars.COUNTRY]
    place = "-".join(part for part in (country, holidays[calendars.SUBDIVISION]) if part)
    worked = holidays[calendars.WORKED].splitlines()
    own = holidays[calendars.OWN].splitlines()
    said = [f"Public holidays of {draw.safe(place, 20)}" if country else "No public holidays"]
    if worked:
        said.append(f"open on {draw.listed(draw.safe(name, 60) for name in _few(worked))}")
    if own:
        said.append(f"own closed days: {', '.join(draw.safe(day, 80) for day in _few(own))}")
    return "; ".join(said)


def _few(values: Sequence[str]) -> list[str]:
    rest = [f"{len(values) - SHOWN_DAYS} more"] if len(values) > SHOWN_DAYS else []
    return [*values[:SHOWN_DAYS], *rest]


def _escalation(approvals: Mapping[str, Approval]) -> str:
    said = [
        f"{label} after {approvals[tells].after}" for tells, label in escalations.LABELS.items() if tells in approvals
    ]
    return f"{'; '.join(said)}; else {AS_CHECKLIST}" if said else AS_CHECKLIST.capitalize()


def _approved(approval: Approval | None, zone: ZoneInfo) -> str:
    if approval is None:
        return f"Now {AS_CHECKLIST}."
    return f"Approved by {approval.by or 'the command line'}, {day_words(approval.at.astimezone(zone))}."


def _held(goes: Mapping[Role, int], held: int) -> str:
    if not held:
        return " holds no task."
    by_role = [f"without {_role(role)}, {draw.counted(count, 'task')}" for role, count in goes.items() if count]
    back = f" Taking a role away gives back to the pool: {'; '.join(by_role)}. The leads are told." if by_role else ""
    return f" holds {draw.counted(held, 'task')}.{back} Changing skills takes no task away."


def _role(role: str) -> str:
    """A role as people write it: `VA`, `Lead`."""
    return _SHORT.get(role, role.capitalize())
