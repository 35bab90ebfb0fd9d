"""The verbs of `/cb`, each with how it is written: what help, refusals, the manifest and the docs are made from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Verb(StrEnum):
    """What a person can ask for by command."""

    HELP = "help"
    OPEN = "open"
    CASE = "case"
    TASKS = "tasks"
    SHOW = "show"
    CLAIM = "claim"
    RELEASE = "release"
    ASSIGN = "assign"
    WAIT = "wait"
    RESUME = "resume"
    DONE = "done"
    SKIP = "skip"
    REOPEN = "reopen"
    WAIVE = "waive"
    HANDOFF = "handoff"
    ACCEPT = "accept"
    DECLINE = "decline"
    SHIFT = "shift"
    AWAY = "away"
    BACK = "back"
    DATE = "date"
    COMPONENT = "component"
    CLOSE = "close"
    DIGEST = "digest"
    SURGEON = "surgeon"
    LEAD = "lead"
    SLA = "sla"
    LATE = "late"
    EXTEND = "extend"
    ESCALATE = "escalate"
    ASK = "ask"
    SPREAD = "spread"
    SETTINGS = "settings"
    SNOOZE = "snooze"
    REMIND = "remind"
    QUIET = "quiet"


@dataclass(frozen=True)
class Usage:
    """How a verb is written: its arguments in words, examples that work as they stand, and what it does."""

    arguments: str
    examples: tuple[str, ...]
    does: str


USAGE: Final[Mapping[Verb, Usage]] = {
    Verb.CLAIM: Usage(
        "TASK, or next",
        ("claim 12", "claim K7Q4-12", "claim next"),
        "Take a free task. `next` takes the most urgent one that is free for you.",
    ),
    Verb.DONE: Usage(
        "TASK and what it asks for",
        ("done 12 ref ABC-1", "done 12 2026-12-03", "done 12 bundled ref ABC-1", "done 12 yes"),
        "Finish a task, with its reference, date, number, choice or signed word, and a reference behind it if asked.",
    ),
    Verb.HANDOFF: Usage(
        "TASK or all, @person, a note",
        ("handoff 12 @bo watch for the fax", "handoff all @bo end of my shift"),
        "Offer what you hold to a person. It stays yours until they accept.",
    ),
    Verb.ACCEPT: Usage(
        "TASK or all",
        ("accept 12", "accept 12 I call the payer by three", "accept all", "accept all @ana"),
        "Take over what is offered to you.",
    ),
    Verb.DECLINE: Usage(
        "TASK and a reason",
        ("decline 12 out until Monday",),
        "Say no to what is offered to you. It stays with its holder, who is told.",
    ),
    Verb.SHIFT: Usage(
        "@person or pool, and a note; nothing opens a form",
        ("shift @bo the fax comes at four", "shift pool all is in the chart"),
        "End your shift: offer or give back all that you hold, with a word on what is late or waits.",
    ),
    Verb.AWAY: Usage(
        "the first day, to the last one, who covers; a lead may name another person first",
        (
            "away friday to 2026-12-04 cover @bo",
            "away until 2026-12-04",
            "away @ana tomorrow cover @bo",
        ),
        "Take time off. What you hold goes to the cover, or to the pool, and comes back at the end.",
    ),
    Verb.BACK: Usage(
        "nothing; a lead may name a person",
        ("back", "back @ana"),
        "End time off, or call it off. What is still with the cover comes back.",
    ),
    Verb.QUIET: Usage(
        "from when to when, off, or zone and a city; nothing opens a form",
        ("quiet 18:00 to 8:00", "quiet 6pm to 8am zone Chicago", "quiet zone Europe/Berlin", "quiet off"),
        "Your hours without reminders, and your time zone. What was held back comes as one message at their end.",
    ),
    Verb.TASKS: Usage(
        "nothing, mine, free, late, today, all, @person, or a case",
        ("tasks", "tasks mine", "tasks free", "tasks late", "tasks today", "tasks all", "tasks @bo", "tasks K7Q4"),
        "List open tasks, the most urgent first. `all` lists those too that wait for other tasks.",
    ),
    Verb.SHOW: Usage(
        "TASK",
        ("show 12",),
        "Show one task with its buttons; a closed one with who closed it, and when.",
    ),
    Verb.RELEASE: Usage("TASK", ("release 12",), "Give a task back, so that anybody may claim it."),
    Verb.WAIT: Usage(
        "TASK, whom it waits for (payer, vendor, tissue bank, clinic, patient), a note if you like",
        ("wait 12 payer called, ref 88", "wait 12 tissue bank"),
        "Say that a task waits for somebody. Its own clock pauses where the checklist lets it.",
    ),
    Verb.RESUME: Usage("TASK", ("resume 12",), "Go on with a task that waited."),
    Verb.SKIP: Usage("TASK and a reason", ("skip 12 not needed for this payer",), "Leave a task out."),
    Verb.REOPEN: Usage(
        "TASK and a reason, or a closed case",
        ("reopen 12 the fax did not arrive", "reopen K7Q4"),
        "Take back done or skipped. A lead opens a closed case again.",
    ),
    Verb.WAIVE: Usage(
        "TASK and a reason",
        ("waive 12 surgeon presents without slides",),
        "Pass a gate although what it needs is open. Only for the roles that its checklist names.",
    ),
    Verb.ASSIGN: Usage("TASK and @person", ("assign 12 @bo",), "Give a task to a person. For leads."),
    Verb.SPREAD: Usage(
        "nothing, late, a case, or all from a case's channel; opens a form",
        ("spread", "spread late", "spread K7Q4", "spread all"),
        "Give free tasks to the team, after a look at the plan. For leads.",
    ),
    Verb.LATE: Usage(
        "TASK and why: payer, vendor, tissue bank, clinic, patient, documents, another task, our load, missed, wrong "
        "deadline, not known yet",
        ("late 12 payer", "late K7Q4-12 our load"),
        "Say why a task is late. It stands in the SLA report.",
    ),
    Verb.ESCALATE: Usage("TASK", ("escalate 12",), "Tell the case's lead of a task now; a lead tells the managers."),
    Verb.EXTEND: Usage(
        "TASK, the new day, the time if it matters, and a reason",
        ("extend 12 fri 5pm payer asked for records", "extend 12 2026-12-03 vendor ships on Wednesday"),
        "Give a task a new deadline. For leads.",
    ),
    Verb.SNOOZE: Usage(
        "TASK, until when or for how long, and why; or off",
        ("snooze 12 until tomorrow 9:00 waiting for the fax", "snooze 12 for 2 hours on hold", "snooze 12 off"),
        "Silence a task's reminders until then, never past its deadline. What is late is told all the same.",
    ),
    Verb.REMIND: Usage(
        "TASK, and how long before its deadline; off, or standard",
        ("remind 12 2 hours before", "remind 12 1 business day before", "remind 12 off", "remind 12 standard"),
        "Say when a task of yours reminds you. It moves with the deadline.",
    ),
    Verb.ASK: Usage(
        "@person, a TASK or a case, by when, the question, answers to choose from; nothing opens a form",
        (
            "ask @sam 12 by friday: is the stem custom?",
            "ask @sam 12 may we move the board? (yes / no)",
            "ask @sam K7Q4 by tomorrow 14:00: who assists?",
        ),
        "Put a question to a person. It comes as a direct message, with buttons to answer, and reminds.",
    ),
    Verb.CASE: Usage("nothing, or a case", ("case", "case K7Q4"), "Show where a case stands and what is next."),
    Verb.DIGEST: Usage(
        "nothing",
        ("digest",),
        "Show what waits for your word, what of your cases is at risk, what changed, what comes.",
    ),
    Verb.SLA: Usage(
        "nothing, days, a checklist, @person; what; weekly with a day and a time, or off",
        ("sla last week", "sla authorization this month", "sla @bo last 30 days", "sla what", "sla weekly mon 8:00"),
        "How deadlines are met: what is late and why, who waits for whom. Leads see all, others their own.",
    ),
    Verb.OPEN: Usage(
        "@surgeon, or now; nothing opens a form",
        ("open @sam", "open now"),
        "Open a case. It gets a code and a channel.",
    ),
    Verb.DATE: Usage(
        "a key date, the day, the time if it is known",
        (
            "date board 2026-12-03 07:30",
            "date surgery fri 7:30",
            "date surgery 2026-12-10 waive surgeon agreed",
            "date board 2026-11-04 anyway",
            "date surgery clear",
        ),
        "Set, move or clear a key date. Every deadline that hangs on it moves at once. It asks first where tasks would "
        "be late by it at once.",
    ),
    Verb.COMPONENT: Usage(
        "add, change, remove or list",
        (
            "component add endoprosthesis stem custom loaner",
            "component list",
            "component change 2 custom",
            "component remove 2 not planned any more",
        ),
        "Keep the list of implants and grafts. Each has checklists of its own.",
    ),
    Verb.SURGEON: Usage(
        "@person, or clear",
        ("surgeon @sam", "surgeon K7Q4 @sam", "surgeon clear"),
        "Say who is the case's surgeon. Its digest goes there.",
    ),
    Verb.LEAD: Usage(
        "@person, or clear",
        ("lead @lea", "lead K7Q4 @lea", "lead clear"),
        "Say who leads the case, and hears when it is late.",
    ),
    Verb.CLOSE: Usage(
        "nothing, or a reason if tasks are open",
        ("close", "close moved to another centre"),
        "Close the case of this channel and archive the channel. For leads.",
    ),
    Verb.SETTINGS: Usage(
        "nothing, hours, holidays, escalation, or @person",
        ("settings", "settings hours", "settings holidays", "settings @ana"),
        "Change working hours, holidays, escalation, and people's roles and times. For managers and admins.",
    ),
    Verb.HELP: Usage(
        "nothing, all, or a verb",
        ("help", "help all", "help handoff"),
        "Show what you need most here, all verbs that you may use, or how one is written.",
    ),
}
"""In the order in which help lists them: what is used most comes first."""

EXAMPLE_TASK: Final = re.compile(r"(?<= )(?:K7Q4-)?12(?= |\Z)")
"""The task that examples name."""

ASKS_ALONE: Final = (
    Verb.HANDOFF, Verb.SHIFT, Verb.AWAY, Verb.WAIT, Verb.SKIP, Verb.REOPEN, Verb.WAIVE, Verb.OPEN, Verb.DATE,
    Verb.SURGEON, Verb.LEAD, Verb.ASK, Verb.SPREAD, Verb.QUIET,
)  # fmt: skip
"""Verbs that open a form when nothing stands behind them."""
ASKS_OF_A_TASK: Final = (Verb.DONE, Verb.ASSIGN, Verb.DECLINE, Verb.LATE, Verb.EXTEND, Verb.SNOOZE, Verb.REMIND)
"""Verbs that do so once their task is named."""

SYNONYMS: Final[Mapping[str, Verb]] = {
    "?": Verb.HELP,
    "commands": Verb.HELP,
    "list": Verb.TASKS,
    "ls": Verb.TASKS,
    "task": Verb.TASKS,
    "todo": Verb.TASKS,
    "status": Verb.CASE,
    "cases": Verb.CASE,
    "take": Verb.CLAIM,
    "start": Verb.CLAIM,
    "finish": Verb.DONE,
    "complete": Verb.DONE,
    "sign": Verb.DONE,
    "attest": Verb.DONE,
    "unclaim": Verb.RELEASE,
    "drop": Verb.RELEASE,
    "waiting": Verb.WAIT,
    "hold": Verb.WAIT,
    "continue": Verb.RESUME,
    "unwait": Verb.RESUME,
    "undo": Verb.REOPEN,
    "undone": Verb.REOPEN,
    "hand-off": Verb.HANDOFF,
    "offer": Verb.HANDOFF,
    "handover": Verb.SHIFT,
    "hand-over": Verb.SHIFT,
    "vacation": Verb.AWAY,
    "leave": Verb.AWAY,
    "refuse": Verb.DECLINE,
    "reject": Verb.DECLINE,
    "dates": Verb.DATE,
    "move": Verb.DATE,
    "comp": Verb.COMPONENT,
    "components": Verb.COMPONENT,
    "implant": Verb.COMPONENT,
    "report": Verb.SLA,
    "extension": Verb.EXTEND,
    "question": Verb.ASK,
    "distribute": Verb.SPREAD,
    "setting": Verb.SETTINGS,
    "config": Verb.SETTINGS,
    "preferences": Verb.SETTINGS,
    "mute": Verb.SNOOZE,
    "remember": Verb.REMIND,
    "reminder": Verb.REMIND,
    "dnd": Verb.QUIET,
    "silence": Verb.QUIET,
}

COMMANDS: Final[Mapping[str, Verb | None]] = {
    "/cb": None,
    "/claim": Verb.CLAIM,
    "/done": Verb.DONE,
    "/handoff": Verb.HANDOFF,
    "/tasks": Verb.TASKS,
    "/case": Verb.CASE,
    "/sla": Verb.SLA,
}
"""The slash commands and the verb that each stands for; None takes any verb. The one place to rename them.

Slack's command names are unique in a workspace, so a practice whose other apps own one of these renames it here:
listeners, manifest and help follow.
"""


def main_command(commands: Mapping[str, Verb | None] = COMMANDS) -> str:
    """The command that takes every verb, for texts that say what to write."""
    return next(name for name, verb in commands.items() if verb is None)
