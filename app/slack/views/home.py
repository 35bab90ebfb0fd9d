"""The home tab: what needs a person now, what they could take, what waits on others, what they have done today."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from app.homes.desk import READ, Desk, DoneLine, Late
from app.kernel.clock import reached
from app.programs.absences import span
from app.questions.queries import QuestionLine
from app.slack import limits
from app.slack.answer import Answer
from app.slack.views import blocks as draw
from app.slack.views import questions, reminding, shift_forms, spread
from app.slack.views.blocks import Block
from app.slack.views.parts import after, waits, why_late
from app.tasks.brief import Urgency
from app.tasks.evidence import closing_word
from app.tasks.queries import OfferLine, Only, TaskLine

SHOWN: Final[Mapping[str, int]] = {"needs": 18, "free": 8, "waiting": 6, "later": 6, "done": 10}
"""Tasks of a part that are shown. Each takes two of the 100 blocks of a view at most, those done share one:
2 * (18 + 8 + 6 + 6) + 1, and besides 5 headings, 5 lines for what is left out, the answer's 3, who is away, what the
tab is narrowed to, what is late in the practice, filters and buttons with the line above them, and foot."""
ALL: Final = "all"
AT_WORK: Final = "home_at_work"
FILTERS: Final = "home_filters"
SAID: Final = "home_said"
SHOW_LATE: Final = "late"
CASE: Final = "home_case"
TRACK: Final = "home_track"
SKILL: Final = "home_skill"
Line = TypeVar("Line")


def desk(desk: Desk, only: Only, *, zone: str, now: datetime, said: Answer | None = None) -> Answer:
    """A person's desk as of `now`, days and hours of the practice in `zone`.

    `said` is the answer to what they pressed here; of its buttons only the one that undoes it is shown, since the task
    itself stands below with the others. What is to do comes before what the tab and the day are arranged with. The last
    block alone says when this was drawn.
    """
    where = ZoneInfo(zone)

    def show(line: TaskLine) -> list[Block]:
        return _word(line, where, now) if line.id in desk.words else _held(line, where, now)

    def task(line: TaskLine | OfferLine | QuestionLine) -> list[Block]:
        if isinstance(line, QuestionLine):
            return _question(line, where, now)
        return _offer(line, where, now) if isinstance(line, OfferLine) else show(line)

    def take(line: TaskLine) -> list[Block]:
        return _item(_words(line, where, now), line.id, draw.claim_button(line.id, line.name))

    def awaited(line: TaskLine | QuestionLine) -> list[Block]:
        return _asked(line, where, now) if isinstance(line, QuestionLine) else task(line)

    narrowed = " with this filter" if only else ""
    late = _late(desk.late, narrowed)
    blocks: list[Block] = [
        *_said(said),
        *_away(desk, now),
        *_narrowed(desk, only),
        *(_part("Needs you now", desk.needs, SHOWN["needs"], task, "/tasks mine")
          or [draw.section(f"{'Nothing of yours' if late else 'Nothing'} needs you now{narrowed}.")]),
        *late,
        *(_part("You could take", desk.free, SHOWN["free"], take, "/tasks free")
          or [draw.section(f"Nothing is free for you{narrowed}.")]),
        *_part("Waiting on others", desk.waiting, SHOWN["waiting"], awaited, "/tasks mine"),
        *_part("Due later", desk.later, SHOWN["later"], task, "/tasks mine"),
        *_done(desk.done, where),
        {"type": "divider"},
        *_filters(desk, only),
        _at_work(desk, now),
        draw.context(f"As of {draw.moment(now, where)}. What changes shows here by itself."),
    ]  # fmt: skip
    parts = {
        "needs you now": desk.needs, "you could take": desk.free, "waiting on others": desk.waiting,
        "due later": desk.later, "done today": desk.done,
    }  # fmt: skip
    text = ", ".join(f"{_count(len(lines))} {what}" for what, lines in parts.items())
    if desk.late is not None:
        text += f", {_count(desk.late.tasks)} late in the practice"
    return Answer(text, tuple(dict(block) for block in blocks))


def _late(late: Late | None, narrowed: str) -> list[Block]:
    """What is late in the practice, for who leads; nothing where nothing is."""
    if late is None or not late.tasks:
        return []
    tasks = "task is" if late.tasks == 1 else "tasks are"
    why = f", {_count(late.unsaid)} of them without a reason yet" if late.unsaid else ""
    words = f"*In the whole practice* {_count(late.tasks)} {tasks} late{narrowed}{why}."
    # The list is of everything that is late, whatever the tab is narrowed to.
    text = "Show all late" if narrowed else "Show late"
    show = draw.button(text, draw.START, SHOW_LATE, label=f"{text}: tasks of the whole practice")
    return [draw.section(words, show)]


def _said(said: Answer | None) -> list[Block]:
    if said is None:
        return []
    undo = [
        element
        for block in said.blocks
        for element in block.get("elements", [])
        if isinstance(element, dict) and element.get("action_id") == draw.UNDO
    ]
    row = [draw.actions(*undo) | {"block_id": SAID}] if undo else []
    return [draw.section(said.text), *row, {"type": "divider"}]


def _away(desk: Desk, now: datetime) -> list[Block]:
    """When the person is away and who covers, and whom they cover."""
    nearest = desk.absences[0] if desk.absences else None
    lines = [f"You cover for {draw.safe(one.name, 60)} {one.until(now)}." for one in desk.covers[:5]]
    if nearest is not None:
        cover = f"; {draw.safe(nearest.cover, 60)} covers" if nearest.cover else ""
        lines.insert(0, f"You are away {span(nearest.first, nearest.last)}{cover}.")
    return [draw.section("\n".join(lines))] if lines else []


def _at_work(desk: Desk, now: datetime) -> Block:
    """What somebody does who goes, or is back, and a lead who gives out what is free."""
    holds = desk.waiting or desk.later or any(isinstance(line, TaskLine) for line in desk.needs)
    buttons = [shift_forms.button()] if holds else []
    buttons += [shift_forms.away_button(), reminding.quiet_button()]
    if desk.absences:
        buttons.append(shift_forms.back_button(desk.absences[0], now, desk.absences[0].staff_id))
    if desk.late is not None:
        buttons.append(spread.button())
    return draw.actions(*buttons) | {"block_id": AT_WORK}


def _narrowed(desk: Desk, only: Only) -> list[Block]:
    """What the tab is narrowed to, since what is left out may be late."""
    words = [
        draw.safe(choices.get(chosen, chosen), limits.OPTION_TEXT)
        for _, _, choices, chosen in _choices(desk, only)
        if chosen is not None
    ]
    return [draw.context(f"Narrowed to: {', '.join(words)}. The filters stand at the end.")] if words else []


def _choices(desk: Desk, only: Only) -> tuple[tuple[str, str, Mapping[str, str], str | None], ...]:
    """Of each filter its action, the words for everything, what there is by value, and what is chosen."""
    return (
        (CASE, "All cases", desk.choices.cases, only.code),
        (TRACK, "All checklists", desk.choices.tracks, only.track),
        (SKILL, "All skills", desk.choices.skills, only.skill),
    )


def _filters(desk: Desk, only: Only) -> list[Block]:
    """A select for each of case, checklist and skill, where there is more than one to choose from."""
    selects = [
        select(action, everything, choices, chosen)
        for action, everything, choices, chosen in _choices(desk, only)
        if len(choices) > 1 or chosen is not None
    ]
    return [draw.actions(*selects) | {"block_id": FILTERS}] if selects else []


def select(action: str, everything: str, choices: Mapping[str, str], chosen: str | None) -> Block:
    """A select of what a home tab is narrowed to: `choices` by value with their words, as many as Slack takes.

    `everything` is the option that clears it.
    """
    fitting = [pair for pair in choices.items() if len(pair[0]) <= limits.OPTION_VALUE - 2]
    shown = fitting[: limits.OPTIONS - 1]
    if chosen is not None and chosen not in dict(shown):
        shown = [*shown[:-1], (chosen, choices.get(chosen, chosen))]
    options = [_option(everything, ALL), *(_option(words, f"v:{value}") for value, words in shown)]
    picked = next((option for option in options if option["value"] == f"v:{chosen}"), options[0])
    return {
        "type": "static_select",
        "action_id": action,
        "placeholder": draw.plain(everything, 150),
        "options": options,
        "initial_option": picked,
    }


def _option(words: str, value: str) -> Block:
    return {"text": draw.plain(words, limits.OPTION_TEXT), "value": value}


def _part(
    title: str, lines: Sequence[Line], shown: int, show: Callable[[Line], list[Block]], command: str
) -> list[Block]:
    """A heading with the tasks beneath it; nothing when there are none. `command` lists those that are left out."""
    if not lines:
        return []
    rows: list[Block] = [block for line in lines[:shown] for block in show(line)]
    more = _more(len(lines), shown, f": `{command}` shows more")
    return [draw.header(f"{title}: {_count(len(lines))}"), *rows, *more]


def _more(total: int, shown: int, how: str) -> list[Block]:
    if total <= shown:
        return []
    left = f"and {total - shown} more" if total < READ else f"and at least {total - shown} more"
    return [draw.context(f"… {left}{how}.")]


def _count(number: int) -> str:
    return str(number) if number < READ else f"{READ} or more"


def _offer(line: OfferLine, zone: ZoneInfo, now: datetime) -> list[Block]:
    parts = [_name(line), f"offered by {draw.safe(line.giver, 60)}", *_due(line.due_at, zone, now)]
    if line.urgency == Urgency.NOW:
        parts.insert(1, "*urgent*")
    words = f"{' · '.join(parts)}\n> {draw.safe(line.note)}"
    return _item(words, line.task_id, *draw.answer_buttons(line.id, line.name))


def _question(line: QuestionLine, zone: ZoneInfo, now: datetime) -> list[Block]:
    """A question that the person has to answer."""
    parts = [f"*{draw.safe(line.name)}* {draw.safe(line.asker, 60)} asks", *_due(line.due_at, zone, now)]
    row = draw.actions(*questions.answer_buttons(line.id, line.choices, line.name))
    return [draw.section(f"{' · '.join(parts)}\n> {draw.safe(line.words)}"), row | {"block_id": f"q:{line.id}"}]


def _asked(line: QuestionLine, zone: ZoneInfo, now: datetime) -> list[Block]:
    """A question whose answer the person waits for."""
    parts = [f"*{draw.safe(line.name)}* asked {draw.safe(line.whom, 60)}", *_due(line.due_at, zone, now)]
    row = draw.actions(questions.back_button(line.id, line.name))
    return [draw.section(f"{' · '.join(parts)}\n> {draw.safe(line.words)}"), row | {"block_id": f"q:{line.id}"}]


def _word(line: TaskLine, zone: ZoneInfo, now: datetime) -> list[Block]:
    """A task that the person's word closes, whoever has it."""
    words = _words(line, zone, now, ready="waits for your word")
    if line.holder_name is not None:
        words += f" · with {draw.safe(line.holder_name, 60)} · waits for your word"
    return _item(words, line.id, draw.closing_button(line.id, line.name, closing_word(line.item.evidence)))


def _held(line: TaskLine, zone: ZoneInfo, now: datetime) -> list[Block]:
    buttons = [draw.closing_button(line.id, line.name, closing_word(line.item.evidence))]
    if line.offered_to is None:
        buttons.append(draw.handoff_button(line.id, line.name))
    return _item(_words(line, zone, now), line.id, *buttons)


def _words(line: TaskLine, zone: ZoneInfo, now: datetime, ready: str = "free") -> str:
    """One task in one line: name, title, how late or when due, whom it waits for and since when."""
    parts = [_name(line), *_due(line.due_at, zone, now, line.which), *why_late(line)]
    parts += waits(line, f" since {draw.moment(line.waiting_since, zone)}" if line.waiting_since else "")
    parts += reminding.snoozed(line, zone, now)
    if line.offered_to is not None:
        since = f" since {draw.moment(line.offered_at, zone)}" if line.offered_at else ""
        parts.append(f"offered to {draw.safe(line.offered_to, 60)}{since}, not accepted yet")
    if line.state == "ready":
        parts.append(ready)
    parts += after(line, zone, now)
    if line.component:
        parts.append(draw.safe(line.component, 60))
    return " · ".join(parts)


def _name(line: TaskLine | OfferLine | DoneLine) -> str:
    return f"*{draw.safe(line.name)}* {draw.safe(line.title, draw.TITLE)}"


def _due(due_at: datetime | None, zone: ZoneInfo, now: datetime, which: str = "") -> list[str]:
    """`late, was due …` or `due …`; a deadline that is reached counts as late. That it is today, Slack's token says."""
    if due_at is None:
        return []
    return [draw.due(due_at, zone, late=reached(due_at, now), which=which)]


def _item(words: str, task_id: int, *buttons: Block) -> list[Block]:
    # With a name of its own, so that a button pressed while the tab is drawn anew is still known.
    return [draw.section(words), draw.actions(*buttons) | {"block_id": draw.task_value(task_id)}]


def _done(lines: Sequence[DoneLine], zone: ZoneInfo) -> list[Block]:
    if not lines:
        return []
    words = [
        f"{_name(line)} · {line.state} {draw.moment(line.closed_at, zone)}"
        + (f": {draw.safe(line.reason, 120)}" if line.reason else "")
        for line in lines[: SHOWN["done"]]
    ]
    rows: list[Block] = [draw.header(f"Done today: {_count(len(lines))}"), draw.section("\n".join(words))]
    return [*rows, *_more(len(lines), SHOWN["done"], "")]
