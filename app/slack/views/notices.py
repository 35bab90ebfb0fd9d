"""What each notice looks like: the next action first, plain words, mentions only for those who have to act."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from app.checklists.vocabulary import Told
from app.kernel.clock import day_words, moment_words
from app.kernel.keydates import KEY_DATES
from app.notices.port import Letter, Message
from app.slack.errors import InvalidMessage
from app.slack.hints import copyable
from app.slack.views import held, questions, sla, spread, task_rows, triage
from app.slack.views import payloads as p
from app.slack.views.blocks import (
    TITLE,
    Block,
    actions,
    answer_buttons,
    brief_lines,
    context,
    counted,
    cut_bytes,
    due,
    fit,
    listed,
    mention,
    moment,
    paragraphs,
    safe,
    section,
    sections,
    tasks_button,
)
from app.slack.views.digest import digest
from app.slack.views.welcome import welcome
from app.tasks.brief import Brief

MOST_TASKS = 10
"""Tasks shown with their buttons in one message; the rest is counted and one button away."""
Names = Mapping[str, str]


def notice(letter: Letter) -> Message:
    """The message of a notice other than a card. Raises `InvalidMessage` for a payload that cannot be drawn."""
    draw = _DRAW.get(letter.kind)
    if draw is None:
        raise InvalidMessage("cannot_be_drawn", f"There is no message for {letter.kind!r}")
    try:
        return draw(letter.payload, letter.names)
    except ValidationError as error:
        where = listed(sorted({".".join(str(step) for step in item["loc"]) for item in error.errors()})[:5])
        raise InvalidMessage("cannot_be_drawn", f"The notice cannot be drawn: {where} is missing or wrong") from None


def told_count(payload: Mapping[str, object]) -> int:
    """How many things a notice tells, for the message's metadata: timers where it tells of timers, else tasks."""
    timers, tasks = payload.get("timers"), payload.get("tasks")
    if isinstance(timers, int):
        return timers
    return len(tasks) if isinstance(tasks, list) else 0


def _opened(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Opened.model_validate(payload)
    again = " again" if told.again else ""
    first = f"Case {told.code} is open{again}{_by(told.by, names)}. Its card says what is next."
    note = "No patient data in this channel: the case code is all that Slack needs."
    return Message(
        f"{first}\n{note}",
        [section(f"*Case {told.code} is open{again}*{_by(told.by, names)}. Its card says what is next."),
         context(note), actions(tasks_button(told.code))],
    )  # fmt: skip


def _closed(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Closed.model_validate(payload)
    text = f"Case {told.code} is closed{_by(told.by, names)}. Nothing to do; this channel is archived now."
    parts = [text, f"Reason: {safe(told.reason)}"] if told.reason else [text]
    return Message("\n".join(parts), [section(part) for part in parts])


def _reminder(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Told.model_validate(payload)
    if told.to:
        head = f"{_call(told.to)}finish it, hand it off or say who you wait for"
    else:
        head = f"nobody has it yet: {task_rows.claiming(told.tasks)}"
    return _tasks(told, names, head, "Due soon", snooze=True)


def _breach(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Told.model_validate(payload)
    if told.to:
        head = f"{_call(told.to)}finish it, hand it off or say who you wait for"
    elif all(task.state == "blocked" for task in told.tasks):
        head = "held up by other tasks: finish those first"
    else:
        head = f"nobody has it: {task_rows.claiming(told.tasks)}"
    return _tasks(told, names, head, "Overdue")


def _escalation(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Told.model_validate(payload)
    if told.role == Told.ASSIGNEE:
        head = f"{_call(told.to)}finish it, hand it off or say who you wait for"
        nobody = f"nobody has it: {task_rows.claiming(told.tasks)}"
        return _tasks(told, names, head if told.to else nobody, "Still overdue")
    role = safe(told.role or "lead", 40)
    what = "give it to somebody or more time with *Sort out*"
    if all(task.state == "blocked" for task in told.tasks):
        what = "see who finishes what it waits for"
    head = f"{_call(told.to)}still overdue, told to the {role}: step in, or {what}"
    return _tasks(told, names, head, "Escalated")


def _catch_up(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Told.model_validate(payload)
    since = f" since {moment(told.since, told.tz)}" if told.since else ""
    head = f"{_call(told.to)}what came due{since}, while reminders stood still"
    return _tasks(told, names, head, "Catch-up", snooze=True)


def _assigned(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Assigned.model_validate(payload)
    who = f" by {_name(told.by, names)}" if told.by else ""
    former = f", no longer with {mention(told.giver)}" if told.giver else ""
    head = f"{_call(told.to)}assigned to you{who}{former}"
    return _tasks(p.Told(code=told.code, zone=told.zone, tasks=told.tasks, to=told.to), names, head, "Assigned")


def _tasks(
    told: p.Told, names: Names, head: str, word: str, words: Mapping[int, str] | None = None, *, snooze: bool = False
) -> Message:
    """A heading, one line and its buttons for each task, and what was left out; a late one asks why.

    `words` stand behind the lines of the tasks of these ids; with `snooze` reminders to come can be put off.
    """
    lines = [
        task_rows.line(task, told.code, told.tz, names, told.to) + (words or {}).get(task.id, "") for task in told.tasks
    ]
    items = [
        [section(line), actions(*task_rows.buttons(task, told.code, of=len(told.tasks), snooze=snooze))]
        for task, line in zip(told.tasks[:MOST_TASKS], lines, strict=False)
    ]
    hidden = len(told.tasks) - len(items)

    def tail(left_out: int) -> list[Block]:
        more = left_out + hidden
        return [context(f"… and {counted(more, 'more task')}"), actions(tasks_button(told.code))] if more else []

    blocks = fit([section(f"*{word} · {told.code}* — {head}")], items, tail)
    return Message(cut_bytes([f"{word} · {told.code}: {head}", *lines]), blocks)


def _handoff(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Offered.model_validate(payload)
    giver, tasks = _name(told.giver, names), _these(told.code, len(told.tasks))
    head = f"{mention(told.to)} accept or decline: {giver} hands you {tasks}"
    brief = _common(told.brief, told.tasks)
    lines = ["\n".join([_due_line(told.code, task, told.tz), *_own(task.brief)]) for task in told.tasks]
    offers = list(zip(told.tasks, told.handoffs, lines, strict=False))
    items = [
        [section(line), actions(*answer_buttons(offer, f"{told.code}-{task.no}"))]
        for task, offer, line in offers[:MOST_TASKS]
    ]
    hidden = len(lines) - len(items)

    def tail(left_out: int) -> list[Block]:
        more = left_out + hidden
        return [context(f"… and {counted(more, 'more task')}: `/cb accept all` takes every one")] if more else []

    blocks = fit([section(f"*Handoff · {told.code}* — {head}"), *sections(brief)], items, tail)
    return Message(cut_bytes([f"Handoff · {told.code}: {head}", *brief, *lines]), blocks)


_ANSWERS = {"accepted": "accepted", "declined": "declined", "withdrawn": "no longer offered"}


def _answer(payload: Mapping[str, object], names: Names) -> Message:
    """The handoff's own post after an answer: buttons stay for what is still offered."""
    told = p.Answered.model_validate(payload)
    to, giver = _name(told.to, names), _name(told.giver, names)
    still = [task for task in told.tasks if task.state == "offered"]
    head = f"{to} answered {giver}'s handoff"
    states = {task.state for task in told.tasks}
    if states == {"withdrawn"}:
        head = f"{giver}'s handoff to {to} is no longer offered"
    elif len(states) == 1 and not still:
        head = f"{to} {safe(states.pop(), 40)} {giver}'s handoff"
    reason = [f"Reason: {safe(told.reason)}"] if told.reason else []
    lines, items = [], []
    for task in told.tasks:
        line = _due_line(told.code, task, told.tz)
        if task.state == "offered":
            line = f"{line} · open"
            buttons = [actions(*answer_buttons(task.handoff, f"{told.code}-{task.no}"))]
        else:
            line, buttons = f"{line} · {_ANSWERS.get(task.state, safe(task.state, 40))}", []
            if task.said_back:
                line = f"{line}\n{to}: “{safe(task.said_back)}”"
        line = "\n".join([line, *_own(task.brief)])
        lines.append(line)
        items.append([section(line), *buttons])
    hidden = max(len(items) - MOST_TASKS, 0)

    def tail(left_out: int) -> list[Block]:
        more = left_out + hidden
        return [context(f"… and {counted(more, 'more task')}")] if more else []

    brief = _common(told.brief, told.tasks)
    above = [section(f"*Handoff · {told.code}* — {head}"), *sections(brief), *map(section, reason)]
    blocks = fit(above, items[:MOST_TASKS], tail)
    return Message(cut_bytes([f"Handoff · {told.code}: {head}", *brief, *reason, *lines]), blocks)


def _common(brief: Brief, tasks: Sequence[p.OfferedTask | p.AnsweredTask]) -> list[str]:
    """What goes with all tasks of a handoff; nothing where each has its own."""
    return [] if any(task.brief for task in tasks) else brief_lines(brief)


def _own(carried: p.Carried | None) -> list[str]:
    return [] if carried is None else brief_lines(carried.brief)


def _released(payload: Mapping[str, object], names: Names) -> Message:
    """What went back to the pool, each with the last word on it, and its buttons."""
    told = p.Pooled.model_validate(payload)
    head = f"nobody has {_these(told.code, len(told.tasks))} now: claim what you can take on"
    told_as = p.Told(code=told.code, zone=told.zone, tasks=told.tasks)
    return _tasks(told_as, names, f"{head}{_by(told.by, names)}", "Back in the pool", _last_words(told.tasks))


def _last_words(tasks: Sequence[p.PooledTask]) -> dict[int, str]:
    said = {task.id: [*([safe(task.word)] if task.word else []), *_own(task.brief)] for task in tasks}
    return {task_id: "".join(f"\n> {line}" for line in lines) for task_id, lines in said.items()}


def _covered(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Covered.model_validate(payload)
    giver = _name(told.giver, names)
    until = f"{giver} is away {'today' if told.today else f'until {day_words(told.until)}'}"
    if told.back:
        head = f"{giver} is back and has {_these(told.code, len(told.tasks))} again"
    elif all(task.state not in ("claimed", "waiting") for task in told.tasks):
        head = f"{until}: claim what you can take on"
    else:
        head = f"{until}; {_name(told.to or '', names)} covers"
    told_as = p.Told(code=told.code, zone=told.zone, tasks=told.tasks)
    return _tasks(told_as, names, head, "Time off", _last_words(told.tasks))


def _away(payload: Mapping[str, object], _names: Names) -> Message:
    told = p.Away.model_validate(payload)
    lines = [safe(copyable(line), 2000) for line in told.lines]
    head = safe(told.head)
    return Message(cut_bytes([head, *lines]), [section(f"*{head}*"), *sections(lines)])


def _declined(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Declined.model_validate(payload)
    tasks = listed([f"{told.code}-{task.no} {safe(task.title, TITLE)}" for task in told.tasks])
    reason = f" Reason: {safe(told.reason)}" if told.reason else ""
    text = f"{mention(told.giver)}: still yours, {_name(told.to, names)} declined {tasks}.{reason}"
    return Message(cut_bytes([text]), [section(text)])


def _replan(payload: Mapping[str, object], names: Names) -> Message:
    told = p.Replanned.model_validate(payload)
    what = "" if told.name is None else KEY_DATES.get(told.name, safe(told.name, 40)).capitalize()
    if told.name is None:
        head = "The practice's working hours or holidays were changed"
    elif told.new is None:
        head = f"{what} date taken away (was {_local(told.old, told.tz)})" if told.old else f"{what} date taken away"
    elif told.old is None:
        head = f"{what} is set for {_local(told.new, told.tz)}"
    else:
        head = f"{what} moved from {_local(told.old, told.tz)} to {_local(told.new, told.tz)}"
    effect = f" {counted(told.moved, 'deadline')} changed." if told.moved else ""
    if not told.moved and not told.started:
        effect = " No deadline changed."
    lines = [f"Set by waiver, before all was done: {safe(told.waived)}"] if told.waived else []
    lines += [_move(told, line) for line in told.lines]
    if told.more > 0:
        lines.append(f"… and {told.more} more")
    if told.started:
        lines.append(f"Started: {listed(safe(title, TITLE) for title in told.started)}")
    first = f"{head}{_by(told.by, names)}.{effect}"
    blocks = [section(f"*Re-planned · {told.code}* — {first}")]
    if lines:
        blocks.append(section("\n".join(lines)))
    if told.moved or told.started:
        blocks.append(actions(tasks_button(told.code)))
    return Message(cut_bytes([f"Re-planned · {told.code}: {first}", *lines]), blocks)


def _move(told: p.Replanned, line: p.Move) -> str:
    name = f"{told.code}-{line.no} {safe(line.title, TITLE)}"
    if line.new is None:
        return f"{name}: no deadline now"
    if line.old is None:
        return f"{name}: due {moment(line.new, told.tz)}"
    return f"{name}: due {moment(line.new, told.tz)}, was {moment(line.old, told.tz)}"


def _trouble(payload: Mapping[str, object], _names: Names) -> Message:
    told = p.Trouble.model_validate(payload)
    lines = [f"• {safe(copyable(problem), 1000)}" for problem in told.problems]
    groups = paragraphs(lines)

    def tail(more: int) -> list[Block]:
        return [context(f"… and {counted(more, 'more line')}")] if more else []

    blocks = fit(
        [section(f"*Needs a look · {told.code}*")], [[section("\n".join(group))] for group in groups], tail,
        [len(group) for group in groups],
    )  # fmt: skip
    return Message(cut_bytes([f"Needs a look · {told.code}", *lines]), blocks)


def _due_line(code: str, task: p.OfferedTask | p.AnsweredTask, zone: ZoneInfo) -> str:
    when = f" · {due(task.deadline, zone, late=task.late)}" if task.deadline is not None else ""
    return f"*{code}-{task.no}* {safe(task.title, TITLE)}{when}"


def _these(code: str, count: int) -> str:
    return "this task" if count == 1 else f"these {count} tasks of {code}"


def _call(people: Sequence[str]) -> str:
    return f"{listed(map(mention, people))}: " if people else ""


def _name(slack_user_id: str, names: Names) -> str:
    return safe(names[slack_user_id], 80) if slack_user_id in names else "somebody else"


def _by(slack_user_id: str | None, names: Names) -> str:
    return f" (by {_name(slack_user_id, names)})" if slack_user_id is not None and slack_user_id in names else ""


def _local(words: str | None, zone: ZoneInfo) -> str:
    """A local day, with its hour and the zone where it has one, in words."""
    try:
        if len(words or "") == len("2026-12-03"):
            return day_words(date.fromisoformat(words or ""))
        at = datetime.fromisoformat(words or "")
    except ValueError:
        return safe(words or "nothing", 40)
    return moment_words(at.replace(tzinfo=zone), zone)


_DRAW: Mapping[str, Callable[[Mapping[str, object], Names], Message]] = {
    "opened": _opened,
    "reminder": _reminder,
    "breach": _breach,
    "escalation": _escalation,
    "handoff": _handoff,
    "assigned": _assigned,
    "answer": _answer,
    "declined": _declined,
    "released": _released,
    "covered": _covered,
    "away": _away,
    "replan": _replan,
    "catch_up": _catch_up,
    "trouble": _trouble,
    "closed": _closed,
    "given": spread.given,
    "welcome": welcome,
    "extended": triage.extended,
    "called": triage.called,
    "report": sla.message,
    "question": questions.question,
    "held_back": held.held_back,
    "asked": questions.asked,
    "settled": questions.settled,
    "replied": questions.replied,
    "digest": lambda payload, _names: digest(payload),
    "digested": lambda payload, _names: digest(payload),
}
