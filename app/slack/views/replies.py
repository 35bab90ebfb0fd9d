"""What a person is answered: short, the next action first, with the buttons for it. Only they see it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.cases.card import CardData
from app.cases.dates import may_plan, settable
from app.cases.models import Case, Component
from app.cases.service import may_close
from app.kernel.clock import day_words, reached
from app.kernel.keydates import KEY_DATES
from app.programs.actor import Actor
from app.slack import limits
from app.slack.answer import Answer
from app.slack.hints import copyable
from app.slack.verbs import main_command
from app.slack.views import blocks as draw
from app.slack.views import case_forms as forms
from app.slack.views import questions, reminding
from app.slack.views.blocks import Block
from app.slack.views.parts import after, waits, why_late
from app.tasks.allowed import Deed, deeds, deeds_of
from app.tasks.queries import OfferLine, TaskLine, component_words
from app.tasks.rows import Outcome, TaskRow, may_do, may_work

WITH_BUTTONS = 10
"""Tasks of a list that get their own buttons; more would not be read in a window that only one person sees."""
AS_LINES = 15


def said(words: str, *buttons: Block) -> Answer:
    """A sentence, with buttons if there are any."""
    text = draw.safe(words, 2000)
    if not buttons:
        return Answer(text)
    return Answer(text, (draw.section(text), draw.actions(*buttons) | {"block_id": draw.ANSWER}))


def outcome(done: Outcome, actor: Actor | None, *more: Block) -> Answer:
    """What a verb did, with the buttons of what the actor can do next, if there is one to whom the task is shown.

    `more` are buttons of the verb's own.
    """
    undo = [] if done.act is None else [draw.undo_button(done.act, done.task.name)]
    return said(copyable(done.said), *(() if actor is None else task_buttons(done.task, actor)), *more, *undo)


def task_buttons(task: TaskRow, actor: Actor) -> list[Block]:
    """What the actor can do to a task as it stands."""
    mine = task.holder_id is not None and task.holder_id == actor.staff_id
    free = task.case_open and may_work(actor, task)
    more = deeds_of(actor, task)
    return _buttons(task.id, task.name, task.state, mine=mine, free=free, more=more, offered=task.offered)


def outcomes(done: Sequence[Outcome]) -> Answer:
    """What a verb did to several tasks, one line each, with one button that undoes it all."""
    lines = [draw.safe(copyable(each.said)) for each in done]
    undo = [
        draw.undo_button(each.act, each.task.name)
        for number, each in enumerate(done)
        if each.act is not None and each.act not in [former.act for former in done[:number]]
    ]
    items = [[draw.section(line)] for line in lines]
    rows = [[draw.actions(*undo) | {"block_id": draw.ANSWER}]] if undo else []
    return _answer([], [*rows, *items] if len(lines) > WITH_BUTTONS else [*items, *rows], lines)


def sentences(said: Sequence[str]) -> Answer:
    """What an act did in several places, a line each."""
    lines = [draw.safe(copyable(line), 2000) for line in said]
    return _answer([], [[draw.section(line)] for line in lines], lines)


def refusal_with(text: str, refused: str, *buttons: Block) -> Answer:
    """A refusal that is ready to be shown, with the button of what would be right."""
    return Answer(text, (draw.section(text), draw.actions(*buttons)), refused)


def tasks(
    lines: Sequence[TaskLine],
    *,
    heading: str,
    empty: str,
    zone: str,
    now: datetime,
    actor: Actor,
    pages: int = 1,
    remark: str = "",
) -> Answer:
    """A list of tasks, the first with buttons, the rest as lines, `pages` times `AS_LINES` of them.

    Where all are free for the person, each line has its Claim. `remark` stands at the end, ours and safe as it is.
    """
    if not lines:
        return said(f"{empty} {remark}".strip())
    items = [item(line, zone, now, actor) for line in lines[:WITH_BUTTONS]]
    most = WITH_BUTTONS + AS_LINES * pages
    sizes = [1] * len(items)
    if all(_is_free(line, actor) for line in lines):
        behind = lines[WITH_BUTTONS:most]
        items += [[draw.section(task_words(line, zone, now), draw.claim_button(line.id, line.name))] for line in behind]
        sizes += [1] * len(behind)
    else:
        pages_of = [lines[first : first + AS_LINES] for first in range(WITH_BUTTONS, min(len(lines), most), AS_LINES)]
        items += [[draw.section("\n".join(task_words(line, zone, now) for line in page))] for page in pages_of]
        sizes += [len(page) for page in pages_of]
    words = [task_words(line, zone, now) for line in lines[:most]]
    head = draw.section(f"*{draw.safe(heading)}*")
    return _answer([head], items, [heading, *words], max(len(lines) - most, 0), remark, sizes)


def task(
    line: TaskLine,
    *,
    heading: str,
    zone: str,
    now: datetime,
    actor: Actor,
    offered: OfferLine | None,
) -> Answer:
    """One task with all that this person can do with it; `offered` is the handoff of it that they have to answer."""
    head = [draw.section(f"*{draw.safe(heading)}*")]
    rows = item(line, zone, now, actor)
    words = [heading, task_words(line, zone, now)]
    if offered is not None:
        note = f"{draw.safe(offered.giver, 60)} offers it to you: {draw.safe(offered.note)}"
        rows += [draw.section(note), draw.actions(*draw.answer_buttons(offered.id, line.name))]
        words.append(note)
    ask = questions.ask_button("Ask about it", line.name, task_id=line.id)
    row = draw.actions(ask, draw.tasks_button(line.case_code), draw.case_button(line.case_code))
    if reminding.reminds(line, actor, now):
        rows += [draw.context(reminding.lead_line(line)), draw.actions(*reminding.buttons(line, now))]
        words.append(reminding.lead_line(line))
    return _answer(head, [rows, [row]], words)


def task_words(line: TaskLine, zone: str, now: datetime) -> str:
    """One task in one line: name, title, when it is due, who has it, whom it waits for."""
    parts = [f"*{draw.safe(line.name)}* {draw.safe(line.title, draw.TITLE)}"]
    if line.due_at is not None:
        parts.append(draw.due(line.due_at, ZoneInfo(zone), late=reached(line.due_at, now), which=line.which))
    parts += why_late(line)
    parts += waits(line)
    parts += reminding.snoozed(line, ZoneInfo(zone), now)
    if line.state == "blocked":
        parts.append(f"waits for {draw.listed(map(draw.safe, line.waits_for)) or 'other tasks'}")
    if line.holder_name:
        parts.append(f"with {draw.safe(line.holder_name, 60)}")
    elif line.state == "ready":
        parts.append("free")
    if line.offered_to is not None:
        parts.append(f"offered to {draw.safe(line.offered_to, 60)}, not accepted yet")
    parts += after(line, ZoneInfo(zone), now)
    if line.component:
        parts.append(draw.safe(line.component, 60))
    return " · ".join(parts)


def case(
    card: CardData,
    lines: Sequence[TaskLine],
    components: Sequence[Component],
    *,
    case_id: int,
    now: datetime,
    actor: Actor,
    why_closed: str | None = None,
) -> Answer:
    """Where a case stands: what is next for this person first, then dates, gates, components and tracks."""
    zone = ZoneInfo(card.zone)
    state = "closed" if card.state == "closed" else f"{card.done} of {card.total} tasks done"
    state += f", {card.skipped} skipped" if card.skipped else ""
    head = f"*Case {draw.safe(card.code)}* · {state}" + (f" · {card.late} late" if card.late else "")
    mine = [line for line in lines if line.holder_id == actor.staff_id]
    today = now.astimezone(zone).date()
    others = sorted((line for line in lines if _is_free(line, actor)), key=lambda line: line.is_early(today))
    picked = (mine + others)[:5]
    nothing = "Nothing here is yours or free for you." if card.state != "closed" else "Nothing to do here."
    head += f"\nReason: {draw.safe(why_closed)}" if why_closed else ""
    first = [draw.section(head + ("" if picked else f"\n{nothing}"))]
    items = [item(line, card.zone, now, actor) for line in picked]
    facts = [*_dates(card, zone), *_gates(card), *_components(components), *_tracks(card)]
    if facts:
        items.append([draw.section("\n".join(facts))])
    items.append([draw.actions(*_case_buttons(card, case_id, actor))])
    words = [head, *(task_words(line, card.zone, now) for line in picked), *facts]
    return _answer(first, items, words)


def _case_buttons(card: CardData, case_id: int, actor: Actor) -> list[Block]:
    """What the actor can do to a case that is open, besides its tasks."""
    buttons, about = [draw.tasks_button(card.code)], f"c:{case_id}"
    if card.state == "closed":
        return [*buttons, draw.reopen_button(case_id, card.code)] if may_close(actor) else buttons
    buttons.append(questions.ask_button("Ask somebody", f"case {card.code}", case_id=case_id))
    if settable(actor):
        buttons.append(draw.form_button("Set a date", forms.DATE, about, label=f"Set a date of case {card.code}"))
    if may_plan(actor):
        label = f"Components of case {card.code}"
        buttons.append(draw.form_button("Components", forms.COMPONENT, about, label=label))
        buttons.append(draw.form_button("People", forms.PEOPLE, about, label=f"People of case {card.code}"))
    if may_close(actor):
        buttons.append(draw.form_button("Close", forms.CLOSE, about, label=f"Close case {card.code}"))
    return buttons


def component_list(case: Case, components: Sequence[Component]) -> Answer:
    """The components of a case, with the form that changes them."""
    about = f"c:{case.id}"
    if not components:
        words = (
            f"{case.code} has no components. Add one: {main_command()} component add endoprosthesis stem custom loaner"
        )
        return said(words, draw.form_button("Add one", forms.COMPONENT, about, label=f"Add one to {case.code}"))
    lines = [component_line(component) for component in components]
    button = draw.form_button(
        "Change them", forms.COMPONENT, about, label=f"Change them: the components of {case.code}"
    )
    text = "\n".join([f"Components of {case.code}:", *lines])
    return Answer(text, tuple(_plain(block) for block in (draw.section(text), draw.actions(button))))


def component_line(component: Component) -> str:
    """`C1 endoprosthesis stem · custom · loaner`; what is not known is said so."""
    custom = {True: "custom", False: "not custom", None: "custom or not is not known"}[component.custom]
    words = component_words(component.no, component.kind, component.part)
    return " · ".join(filter(None, (words, custom, component.supply or "supply not known")))


def _dates(card: CardData, zone: ZoneInfo) -> list[str]:
    if not card.key_dates:
        return [f"No key dates yet. Set one: {main_command()} date board 2026-12-03 07:30"]
    words = [
        f"{KEY_DATES.get(name, name)} {draw.moment(at, zone) if at else day_words(day)}"
        for name, day, at in card.key_dates
    ]
    return [f"Dates: {', '.join(words)}"]


def _gates(card: CardData) -> list[str]:
    return [
        f"The {KEY_DATES.get(gate.key_date, gate.key_date)} date is not firm until "
        f"{'task' if len(gate.tasks) == 1 else 'tasks'} {draw.listed(str(number) for number in gate.tasks[:8])}"
        f"{' and more' if len(gate.tasks) > 8 else ''} {'is' if len(gate.tasks) == 1 else 'are'} done"
        for gate in card.gates
    ]


def _components(components: Sequence[Component]) -> list[str]:
    words = [component_words(each.no, each.kind, each.part) or "" for each in components]
    return [f"Components: {', '.join(words)}"] if words else []


def _tracks(card: CardData) -> list[str]:
    return [
        f"{draw.safe(track.title, 80)}{f' ({draw.safe(track.component, 60)})' if track.component else ''}: "
        f"{track.done} of {track.total} done{f', {track.skipped} skipped' if track.skipped else ''}"
        f"{f', {track.late} late' if track.late else ''}"
        for track in card.tracks
    ]


def item(line: TaskLine, zone: str, now: datetime, actor: Actor) -> list[Block]:
    """One task of a list, with the buttons and the menu of what this person can do with it."""
    mine = line.holder_id is not None and line.holder_id == actor.staff_id
    more = deeds(actor, line.state, line.holder_id, line.template, line.item)
    offered = line.offered_to is not None
    free = _is_free(line, actor)
    buttons = _buttons(line.id, line.name, line.state, mine=mine, free=free, more=more, offered=offered)
    block = draw.section(task_words(line, zone, now))
    return [block, draw.actions(*buttons)] if buttons else [block]


def _is_free(line: TaskLine, actor: Actor) -> bool:
    return line.state == "ready" and may_do(actor, line.roles, line.item.skill)


def _buttons(
    task_id: int, name: str, state: str, *, mine: bool, free: bool, more: Sequence[Deed], offered: bool = False
) -> list[Block]:
    menu = draw.more_menu(task_id, more)
    if mine and state in ("claimed", "waiting"):
        passes = [] if offered else [draw.handoff_button(task_id, name)]
        return [draw.done_button(task_id, name), *passes, *menu]
    if free and state == "ready":
        return [draw.claim_button(task_id, name), *menu]
    return [*menu]


def _answer(
    head: Sequence[Block],
    items: Sequence[Sequence[Block]],
    words: Sequence[str],
    left_out: int = 0,
    remark: str = "",
    sizes: Sequence[int] | None = None,
) -> Answer:
    def tail(cut: int) -> list[Block]:
        more = [draw.context(f"… and {draw.counted(cut + left_out, 'more line')}")] if cut + left_out else []
        return [*more, draw.context(remark)] if remark else more

    text = draw.cut_bytes(words, limits.TEXT_BYTES - len(f"\n{remark}".encode()), left_out)
    text = f"{text}\n{remark}" if remark else text
    return Answer(text, tuple(_plain(block) for block in draw.fit(head, items, tail, sizes)))


def _plain(block: Mapping[str, object]) -> dict[str, Any]:
    return dict(block)
