"""A task in a post that everybody of its channel reads: its line, and the buttons of what can be done next."""

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from app.checklists.vocabulary import Role, whoever
from app.reports.reasons import WORDS
from app.slack.views import payloads as p
from app.slack.views import triage
from app.slack.views.blocks import (
    TITLE,
    Block,
    claim_button,
    done_button,
    due,
    handoff_button,
    more_menu,
    safe,
    tasks_button,
)
from app.slack.views.reminding import snooze_button
from app.tasks.allowed import deeds_of_anybody

WITH_MENU = 3
"""A post of more tasks has no menus: it would be too long, and nobody works through it there."""


def line(task: p.TaskLine, code: str, zone: ZoneInfo, names: Mapping[str, str], called: Collection[str] = ()) -> str:
    """Name, title, deadline, whom or what it waits for; and who has it, unless they are called above."""
    parts = [f"*{code}-{task.no}* {safe(task.title, TITLE)}"]
    if task.deadline is not None:
        parts.append(due(task.deadline, zone, late=task.late, which=task.which))
    if task.why_late is not None:
        parts.append(f"reason: {WORDS[task.why_late]}")
    if task.waiting_on:
        parts.append(f"waits for the {safe(task.waiting_on.replace('_', ' '), 40)}")
    if task.waits_for:
        parts.append(f"waits for {safe(', '.join(task.waits_for[:3]), 60)}{' …' if len(task.waits_for) > 3 else ''}")
    if task.state == "ready":
        parts.append(f"nobody has it{_for_whom(task)}")
    elif task.holder and task.holder not in called:
        parts.append(f"with {safe(names[task.holder], 80) if task.holder in names else 'somebody else'}")
    return " · ".join(parts)


def claiming(tasks: Sequence[p.TaskLine]) -> str:
    """`claim it`, or who may, where none of the tasks is for VAs."""
    asked = {role for task in tasks for role in task.roles}
    if Role.VA in asked or not all(task.roles for task in tasks):
        return "claim it"
    return f"{whoever(sorted(asked))} may claim it"


def _for_whom(task: p.TaskLine) -> str:
    """Whom a task is for that is not for VAs, who read most of the posts."""
    return "" if not task.roles or Role.VA in task.roles else f", for {whoever(sorted(task.roles))}"


def buttons(task: p.TaskLine, code: str, *, of: int, snooze: bool = False) -> Sequence[Block]:
    """What can be done with one task of so many in the post; with `snooze` its reminders can be put off."""
    name = f"{code}-{task.no}"
    late = triage.late_elements(task.id, name, few=of <= triage.FEW) if task.late else ()
    more = more_menu(task.id, deeds_of_anybody(task.state) if of <= WITH_MENU else ())
    if task.state == "ready":
        return [claim_button(task.id, name), *more, *late]
    if task.state == "blocked":
        return [tasks_button(code), *late]
    put_off = [snooze_button(task.id, name)] if snooze and not task.late else []
    return [done_button(task.id, name), handoff_button(task.id, name), *put_off, *more, *late]
