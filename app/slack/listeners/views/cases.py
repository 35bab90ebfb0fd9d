"""The forms about cases: what opens them, and what they do when they are sent."""

from dataclasses import replace
from datetime import date, time
from typing import Final, TypeVar

from sqlalchemy import text

from app.cases import components, dates, service
from app.cases.locked import OPEN_TASKS, open_case_of
from app.cases.models import Case
from app.cases.people import MAY_BE, Part, set_person
from app.cases.queries import components_of, open_codes
from app.cases.refusals import BadDate, LateAtOnce, UnknownCase, UnknownComponent
from app.checklists.vocabulary import ComponentKind, ComponentPart, Role, Supply
from app.kernel.clock import day_words, moment_words
from app.kernel.keydates import KEY_DATES
from app.programs.actor import NotAllowed
from app.programs.queries import find_staff, people_with_role
from app.programs.settings import mark_of
from app.slack.answer import Answer
from app.slack.listeners.commands import cases as commands
from app.slack.listeners.inbox import Visit
from app.slack.listeners.views.form import OF_WORDS, SAID, WHY, Chosen, Form, NothingToAsk, State
from app.slack.views import blocks as draw
from app.slack.views import case_forms as forms
from app.slack.views import modals, replies
from app.slack.views.modals import About, View
from app.slack.when import When

Word = TypeVar("Word", ComponentKind, ComponentPart, Supply)
_TRIED: Final = "tried"
_NO_CASE: Final = "No case is open. Nothing changed. Open one first."


def _case(visit: Visit, about: About, chosen: Chosen) -> Case | None:
    """The case that the form is about, or that is picked in it; the channel's, where a command named none."""
    found = About.read(chosen.get(modals.CASE, ""))
    number = about.id or (found.id if found is not None and found.kind == "c" else 0)
    if number:
        return open_case_of(visit.uow, visit.actor, number)[0]
    return None


def _picked(visit: Visit, about: About, state: State) -> Case:
    """The same of a form that was sent. Raises `UnknownCase`."""
    case = _case(visit, about, {modals.CASE: modals.entered(state, modals.CASE) or ""})
    if case is None:
        raise UnknownCase("Which case? Nothing changed. Pick one.")
    return case


def _head(visit: Visit, about: About, case: Case | None) -> draw.Block:
    """The case, or the menu of those of which one is picked."""
    if about.id and case is not None:
        return draw.section(f"*Case {draw.safe(case.code)}*")
    codes = open_codes(visit.uow.session, visit.actor.program_id)
    if not codes:
        raise UnknownCase(_NO_CASE)
    return forms.which_case(codes, case.id if case else 0, tells=True)


def _open_view(visit: Visit, about: About, _: Chosen) -> View:
    actor, session = visit.actor, visit.uow.session
    service.open_case(visit.uow, actor)
    surgeons, leads = (people_with_role(session, actor.program_id, *MAY_BE[part]) for part in _PARTS)
    return forms.open_case(surgeons, leads, actor.staff_id if actor.leads else None, about.channel)


def _open(visit: Visit, _: About, state: State) -> Answer:
    surgeon, lead = (_chosen_person(visit, state, part) for part in _PARTS)
    return commands.opened(visit, surgeon, lead)


def _close_view(visit: Visit, about: About, chosen: Chosen) -> View:
    case = _case(visit, about, chosen)
    if case is None:
        return forms.pick_case(forms.CLOSE, "Close a case", "Close it", _head(visit, about, None), about)
    count = len(visit.uow.session.execute(OPEN_TASKS, {"case": case.id}).all())
    head = _head(visit, about, case)
    service.close_case(visit.uow, visit.actor, case.id, _TRIED)
    return forms.close_case(about, head, count)


def _close(visit: Visit, about: About, state: State) -> Answer:
    return commands.closed(visit, _picked(visit, about, state).id, modals.entered(state, modals.REASON))


def _people_view(visit: Visit, about: About, chosen: Chosen) -> View:
    case = _case(visit, about, chosen)
    if case is None:
        return forms.pick_case(forms.PEOPLE, "People of a case", "Save", _head(visit, about, None), about)
    session, program = visit.uow.session, visit.actor.program_id
    standing = session.execute(_PEOPLE_OF, {"case": case.id}).one()
    set_person(visit.uow, visit.actor, case.id, "surgeon", None)
    surgeons, leads = (people_with_role(session, program, *MAY_BE[part]) for part in _PARTS)
    return forms.people(about, _head(visit, about, case), surgeons, standing.surgeon_id, leads, standing.lead_id)


def _people(visit: Visit, about: About, state: State) -> Answer:
    case, said = _picked(visit, about, state), []
    for part in _PARTS:
        if modals.entered(state, part) is not None:
            said.append(set_person(visit.uow, visit.actor, case.id, part, _chosen_person(visit, state, part)))
    if not said:
        raise NothingToAsk("Nobody was picked. Nothing changed.")
    return replies.said(" ".join(said))


def _date_view(visit: Visit, about: About, chosen: Chosen) -> View:
    names = dates.settable(visit.actor)
    if not names:
        raise NotAllowed("Your role sets no key dates. Nothing changed. Ask a VA or your lead.")
    case = _case(visit, about, chosen)
    name = chosen.get(forms.NAME)
    name = name if name in names else None
    if chosen.get(WHY) == LateAtOnce.__name__:
        about = replace(about, sure=_mark(chosen))
    stands, shut = "", list[str]()
    waivers = set[Role]()
    if case is not None and name is not None:
        standing = dates.date_of(visit.uow, case.id, name)
        if standing is not None:
            stands = moment_words(standing.at, visit.zone) if standing.at else day_words(standing.day)
        shut, waivers = dates.shut_by(visit.uow, case, name)
    return forms.key_date(
        about,
        _head(visit, about, case),
        names,
        name=name,
        stands=stands,
        shut=shut,
        waivers=sorted(role.value for role in waivers),
        may_waive=visit.actor.has(*waivers),
        typed=chosen,
        asks=chosen.get(SAID),
    )


def _date(visit: Visit, about: About, state: State) -> Answer:
    case, name = _picked(visit, about, state), modals.entered(state, forms.NAME)
    if name not in KEY_DATES:
        raise BadDate("Which date? Nothing changed. Pick one.")
    day, at = modals.entered(state, forms.DAY), modals.entered(state, forms.TIME)
    if modals.entered(state, forms.CLEAR) is not None:
        if day is not None:
            raise BadDate("A day is picked, and the date is to be cleared. Nothing changed. Do one of them.")
        return commands.clear_day(visit, case.id, name)
    sure = about.sure == _mark(modals.typed(state))
    return commands.set_day(visit, case, name, _when(day, at), modals.entered(state, forms.WAIVER), sure=sure)


def _mark(typed: Chosen) -> str:
    """The date as it was when the form said what would come of it."""
    return mark_of({block: typed.get(block, "") for block in (modals.CASE, forms.NAME, forms.DAY, forms.TIME)})


def _when(day: str | None, at: str | None) -> When:
    """What the pickers hold. Raises `BadDate` for what no picker gives."""
    try:
        found = date.fromisoformat(day or "")
        hour = time.fromisoformat(at) if at else None
    except ValueError:
        raise BadDate("Which day? Nothing changed. Pick one.") from None
    return When(found.year, found.month, found.day, at=hour)


def _component_view(visit: Visit, about: About, chosen: Chosen) -> View:
    case = _case(visit, about, chosen)
    head = _head(visit, about, case)
    if case is None:
        return forms.pick_case(forms.COMPONENT, "Components", "Save", head, about)
    standing = components_of(visit.uow.session, case.id)
    components.may_keep(visit.uow, visit.actor, case.id)
    what = chosen.get(forms.WHAT, forms.ADD)
    number = _number(chosen.get(forms.NUMBER))
    if number is not None and what != forms.ADD and number not in [one.no for one in standing]:
        raise UnknownComponent(f"{case.code} has no component C{number}. Nothing changed. See: component list")
    what = what if standing and what in (forms.CHANGE, forms.REMOVE) else forms.ADD
    return forms.component(about, head, standing, what=what, number=number, kind=chosen.get(forms.KIND))


def _component(visit: Visit, about: About, state: State) -> Answer:
    case = _picked(visit, about, state)
    what = modals.entered(state, forms.WHAT)
    if what == forms.ADD:
        kind = _word(state, forms.KIND, ComponentKind)
        if kind is None:
            raise UnknownComponent("Which kind? Nothing changed. Pick one.")
        part = _word(state, forms.PART, ComponentPart) if kind is ComponentKind.ENDOPROSTHESIS else None
        return commands.added(visit, case, kind, part, _custom(state, ""), _word(state, forms.SUPPLY, Supply))
    number = _number(modals.entered(state, forms.NUMBER))
    if number is None:
        raise UnknownComponent("Which component? Nothing changed. Pick one.")
    if what == forms.REMOVE:
        return commands.removed(visit, case, number, modals.entered(state, modals.REASON) or "")
    tail = f"-{number}"
    part = _word(state, forms.PART + tail, ComponentPart)
    return commands.changed(visit, case, number, part, _custom(state, tail), _word(state, forms.SUPPLY + tail, Supply))


def _word(state: State, block: str, words: type[Word]) -> Word | None:
    found = modals.entered(state, block)
    return words(found) if found in list(words) else None


def _custom(state: State, tail: str) -> bool | None:
    return {"yes": True, "no": False}.get(modals.entered(state, forms.CUSTOM + tail) or "")


def _number(given: str | None) -> int | None:
    return int(given) if given is not None and given.isascii() and given.isdecimal() and len(given) <= 4 else None


def _chosen_person(visit: Visit, state: State, part: Part) -> int | None:
    """The id of the person who was picked; None for nobody. Raises `UnknownPerson`."""
    found = modals.entered(state, part)
    if found is None or found == modals.NOBODY:
        return None
    return find_staff(visit.uow.session, visit.actor.program_id, found).id


_PARTS: Final[tuple[Part, Part]] = ("surgeon", "lead")
_PEOPLE_OF = text("SELECT surgeon_id, lead_id FROM cases WHERE id = :case")
OPEN: Final = Form(forms.OPEN, "c", forms.LEAD, _open_view, _open)
CLOSE: Final = Form(forms.CLOSE, "c", modals.REASON, _close_view, _close)
PEOPLE: Final = Form(forms.PEOPLE, "c", forms.SURGEON, _people_view, _people)
DATE: Final = Form(forms.DATE, "c", forms.DAY, _date_view, _date, {
    "UnknownCase": modals.CASE, "DateNotFirm": forms.NAME, "NotAllowed": forms.NAME,
    **dict.fromkeys(OF_WORDS, forms.WAIVER),
}, frozenset({LateAtOnce.__name__}))  # fmt: skip
COMPONENT: Final = Form(forms.COMPONENT, "c", forms.WHAT, _component_view, _component, {
    "UnknownCase": modals.CASE, **dict.fromkeys(OF_WORDS, modals.REASON),
})  # fmt: skip
FORMS: Final = (OPEN, CLOSE, PEOPLE, DATE, COMPONENT)
