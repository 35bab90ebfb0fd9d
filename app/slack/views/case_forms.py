"""The forms about a case: opening and closing it, its key dates, its components, its people."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.cases.models import Component
from app.checklists.vocabulary import ComponentKind, ComponentPart, Supply
from app.kernel.keydates import KEY_DATES
from app.programs.models import Staff
from app.slack.views import blocks as draw
from app.slack.views.blocks import Block
from app.slack.views.modals import (
    CASE,
    REASON,
    About,
    View,
    day_of,
    input_,
    modal,
    option,
    person_select,
    select,
    time_of,
    words_input,
)
from app.tasks.queries import component_words

OPEN: Final = "open"
CLOSE: Final = "close"
DATE: Final = "date"
COMPONENT: Final = "component"
PEOPLE: Final = "people"

NAME: Final = "name"
DAY: Final = "day"
TIME: Final = "time"
CLEAR: Final = "clear"
WAIVER: Final = "waiver"
WHAT: Final = "what"
NUMBER: Final = "number"
KIND: Final = "kind"
PART: Final = "part"
CUSTOM: Final = "custom"
SUPPLY: Final = "supply"
SURGEON: Final = "surgeon"
LEAD: Final = "lead"
ADD, CHANGE, REMOVE = "add", "change", "remove"
_WHAT: Final[Mapping[str, str]] = {ADD: "Add one", CHANGE: "Change one", REMOVE: "Remove one"}


def which_case(cases: Sequence[tuple[int, str]], initial: int, *, tells: bool = False) -> Block:
    """A menu of open cases, by code."""
    options = [(code, f"c:{number}") for number, code in cases]
    return input_(CASE, "Case", select(CASE, options, f"c:{initial}", placeholder="Pick a case"), tells=tells)


def open_case(surgeons: Sequence[Staff], leads: Sequence[Staff], lead: int | None, channel: str | None) -> View:
    """Asks for the people of a new case; neither has to be known yet."""
    return modal(
        OPEN,
        "Open a case",
        "Open",
        About("c", 0, channel),
        draw.section("It gets a code and a channel of its own. No patient data: the code is all that Slack needs."),
        *_person(SURGEON, "Surgeon", surgeons, None),
        *_person(LEAD, "Lead", leads, lead),
    )


def pick_case(form: str, title: str, submit: str, head: Block, about: About) -> View:
    """A form before its case is picked, on which the rest of it depends."""
    return modal(form, title, submit, about, head)


def close_case(about: About, head: Block, open_tasks: int) -> View:
    """Asks for the reason where tasks are open, and whether one is sure where none is."""
    what = (
        f"Its {draw.counted(open_tasks, 'open task')} will be skipped." if open_tasks else "None of its tasks is open."
    )
    return modal(
        CLOSE,
        "Close the case",
        "Close it",
        about,
        head,
        draw.section(f"{what} Its channel will be archived."),
        input_(REASON, "Reason", words_input(REASON), optional=not open_tasks),
    )


def people(
    about: About, head: Block, surgeons: Sequence[Staff], surgeon: int | None, leads: Sequence[Staff], lead: int | None
) -> View:
    """Asks who operates and who leads a case."""
    return modal(
        PEOPLE,
        "People of the case",
        "Save",
        about,
        head,
        *_person(SURGEON, "Surgeon", surgeons, surgeon),
        *_person(LEAD, "Lead", leads, lead),
    )


def key_date(
    about: About,
    head: Block,
    names: Sequence[str],
    *,
    name: str | None,
    stands: str,
    shut: Sequence[str],
    waivers: Sequence[str],
    may_waive: bool,
    typed: Mapping[str, str],
    asks: str | None,
) -> View:
    """Asks for a key date's day and hour; for the reason of a waiver where open tasks keep it from being firm.

    `stands` says how the date is set now, in the practice's time. `shut` names the tasks that keep it, `waivers` the
    roles that may set it all the same. `asks` is what is asked of what was `typed` before it is set, as safe.
    """
    blocks = [
        *([] if asks is None else [draw.section(f"*{asks}* Then save. Or pick another day.")]),
        head,
        input_(NAME, "Which date", select(NAME, [(KEY_DATES[one].capitalize(), one) for one in names], name),
               tells=True),
    ]  # fmt: skip
    if stands:
        blocks.append(draw.context(f"It is set for {draw.safe(stands)}."))
    # Not as it is set now: what stands in a field would stay when another date is picked.
    day, at = day_of(typed.get(DAY, "")), time_of(typed.get(TIME, ""))
    day_picker: Block = {"type": "datepicker", "action_id": DAY}
    time_picker: Block = {"type": "timepicker", "action_id": TIME}
    if day is not None:
        day_picker["initial_date"] = day.isoformat()
    if at is not None:
        time_picker["initial_time"] = at.isoformat("minutes")
    blocks += [
        input_(DAY, "Day", day_picker, optional=True),
        input_(TIME, "Time, if it is known", time_picker, optional=True, hint="In the practice's own zone."),
    ]
    if stands:
        box: Block = {"type": "checkboxes", "action_id": CLEAR, "options": [option("Take this date away", "yes")]}
        blocks.append(input_(CLEAR, "Or clear it", box, optional=True))
    if shut:
        listed = ", ".join(shut[:6]) + (f" and {len(shut) - 6} more" if len(shut) > 6 else "")
        who = " or ".join(waivers) or "nobody"
        words = f"Not firm until {draw.safe(listed)} {'is' if len(shut) == 1 else 'are'} done."
        if may_waive:
            label = "Why it is set before that is done"
            blocks.append(draw.section(f"{words} You may set it all the same, with a reason."))
            blocks.append(input_(WAIVER, label, words_input(WAIVER, initial=typed.get(WAIVER, "")), optional=True))
        else:
            blocks.append(draw.section(f"{words} Only a {who} sets it before that."))
    return modal(DATE, "Set a key date", "Save", about, *blocks)


def component(
    about: About,
    head: Block,
    components: Sequence[Component],
    *,
    what: str,
    number: int | None,
    kind: str | None,
) -> View:
    """Asks for a component to add, to change or to remove; what is asked for depends on which of these it is."""
    offered = [(words, one) for one, words in _WHAT.items() if components or one == ADD]
    blocks = [head, input_(WHAT, "What to do", select(WHAT, offered, what), tells=True)]
    if what == ADD:
        kinds = [(one.capitalize(), one.value) for one in ComponentKind]
        blocks.append(input_(KIND, "Kind", select(KIND, kinds, kind), tells=True))
        blocks += _traits(kind, None)
    else:
        named = [(component_words(one.no, one.kind, one.part) or "", str(one.no)) for one in components]
        initial = None if number is None else str(number)
        blocks.append(input_(NUMBER, "Which one", select(NUMBER, named, initial), tells=what == CHANGE))
        standing = next((one for one in components if one.no == number), None)
        if what == REMOVE:
            blocks.append(input_(REASON, "Why it is not planned any more", words_input(REASON)))
        elif standing is not None:
            blocks += _traits(standing.kind, standing)
    return modal(COMPONENT, "Components", "Save", about, *blocks)


def _traits(kind: str | None, standing: Component | None) -> list[Block]:
    """What may be known of a component: its part where it is an endoprosthesis, whether custom, its supply."""
    tail = "" if standing is None else f"-{standing.no}"
    custom = None if standing is None or standing.custom is None else ("yes" if standing.custom else "no")
    blocks = []
    if kind == ComponentKind.ENDOPROSTHESIS:
        parts = [(one.capitalize(), one.value) for one in ComponentPart]
        part = select(PART + tail, parts, standing.part if standing else None)
        blocks.append(input_(PART + tail, "Part", part, optional=True))
    blocks.append(
        input_(CUSTOM + tail, "Made for this patient",
               select(CUSTOM + tail, [("Custom", "yes"), ("Not custom", "no")], custom), optional=True)
    )  # fmt: skip
    supplies = [(one.capitalize(), one.value) for one in Supply]
    supply = select(SUPPLY + tail, supplies, standing.supply if standing else None)
    return [*blocks, input_(SUPPLY + tail, "Supply", supply, optional=True)]


def _person(block_id: str, label: str, people: Sequence[Staff], initial: int | None) -> list[Block]:
    """A menu of people and of nobody; a line where there is nobody to choose."""
    if not people:
        return [draw.context(f"Nobody on the staff list is a {label.lower()}.")]
    return [input_(block_id, label, person_select(block_id, people, initial, nobody=True))]
