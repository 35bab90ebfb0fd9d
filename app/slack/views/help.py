"""Help: every verb with an example that works as it stands, where it is read."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.checklists.vocabulary import Role
from app.slack.answer import Answer
from app.slack.verbs import ASKS_ALONE, ASKS_OF_A_TASK, COMMANDS, EXAMPLE_TASK, USAGE, Verb, main_command
from app.slack.views import blocks as draw

ALL: Final = "all"
"""The value of the button that shows every verb."""
_TASKS: Final = (
    "tasks", "claim 12", "done 12 ref ABC-1", "wait 12 payer called, ref 88", "handoff 12 @bo watch for the fax",
    "accept 12", "ask @sam 12 by friday: is the stem custom?", "shift @bo the fax comes at four",
)  # fmt: skip
_WORD: Final = (
    "digest", "done 12 yes", "tasks", "case K7Q4", "ask @sam 12 by friday: is the stem custom?",
    "date board 2026-12-03 07:30", "away friday to 2026-12-04 cover @bo", "quiet 18:00 to 8:00",
)  # fmt: skip
MOST_USED: Final[Mapping[Role, tuple[str, ...]]] = {
    **dict.fromkeys((Role.VA, Role.NAVIGATOR, Role.CODER, Role.BILLER), _TASKS),
    **dict.fromkeys((Role.SURGEON, Role.CLINICIAN), _WORD),
    Role.LEAD: (
        "tasks late", "spread", "assign 12 @bo", "late 12 payer", "extend 12 fri 5pm payer asked for records",
        "ask @sam 12 by friday: is the stem custom?", "open @sam", "date board 2026-12-03 07:30",
    ),
    Role.MANAGER: (
        "sla last week", "tasks late", "spread", "assign 12 @bo", "extend 12 fri 5pm payer asked for records",
        "case K7Q4", "away @ana tomorrow cover @bo", "settings",
    ),
    Role.ADMIN: (
        "settings", "sla last week", "tasks late", "case K7Q4", "open @sam", "date board 2026-12-03 07:30",
    ),
}  # fmt: skip
"""What each role uses most, as examples of its verbs."""


@dataclass(frozen=True)
class Place:
    """Where help is asked: the code of a case, and the name of a task of it there, of each verb or of any.

    `key_date` is one that has happened, for examples to whoever may set such dates alone; None to all others.
    """

    code: str = "K7Q4"
    tasks: Mapping[Verb, str] = field(default_factory=dict)
    task: str = "12"
    key_date: str | None = None

    def example(self, verb: Verb, written: str) -> str:
        """An example as it would be written here."""
        name = self.tasks.get(verb, self.task)

        def named(found: re.Match[str]) -> str:
            return name if "-" not in found[0] or "-" in name else f"{self.code}-{name}"

        if self.key_date is not None and verb is Verb.DATE:
            return f"{Verb.DATE} {self.key_date} today"
        return EXAMPLE_TASK.sub(named, written).replace(" K7Q4", f" {self.code}")


def most_used(role: Role, commands: Mapping[str, Verb | None] = COMMANDS, place: Place = Place()) -> Answer:
    """What a role uses most, on one screen of a phone, and where the rest is."""
    main = main_command(commands)
    lines = [f"`{main} {place.example(verb, written)}` {_shortly(verb)}" for verb, written in _of(role)]
    head = f"*Caseboard*: write `{main}` and a verb. What you need most:"
    tail = (
        f"{_naming(place)} `{main} help all` lists every verb, `{main} help handoff` says more about one. No patient "
        "data here: that belongs into the chart."
    )
    more = draw.button("All commands", draw.HELP, ALL, label="All commands: every verb with an example")
    blocks = (draw.section(head), draw.section("\n".join(lines)), draw.context(tail), draw.actions(more))
    return Answer(draw.cut_bytes([head, *lines, tail]), blocks)


def overview(
    commands: Mapping[str, Verb | None] = COMMANDS, place: Place = Place(), left_out: Collection[Verb] = ()
) -> Answer:
    """All verbs but those that are left out, what is used most first."""
    main = main_command(commands)
    short = ", ".join(f"`{name}`" for name, verb in commands.items() if verb is not None)
    lines = [
        f"`{main} {place.example(verb, usage.examples[0])}` {usage.does}"
        for verb, usage in USAGE.items()
        if verb not in left_out
    ]
    head = (
        f"*Caseboard*: write `{main}` and a verb" + (f", or the short {short}" if short else "") + f". {_naming(place)}"
    )
    alone = draw.listed(f"`{verb}`" for verb in ASKS_ALONE if verb not in left_out)
    of_a_task = draw.listed(f"`{place.example(verb, f'{verb} 12')}`" for verb in ASKS_OF_A_TASK if verb not in left_out)
    tail = (
        f"`{main} help handoff` says more about one verb. Alone, {alone} open a form; with a task, {of_a_task} ask for "
        "what else they need. You may ask, too: "
        f"`{main} what's late`, `{main} who has {place.task}`. No patient data here: that belongs into the chart."
    )
    # The text that stands in for the blocks, where they cannot be shown, has less room than they.
    words = [head, *(line.partition("` ")[0] + "`" for line in lines), tail]
    half = (len(lines) + 1) // 2
    parts = ["\n".join(lines[:half]), "\n".join(lines[half:])]
    return Answer(draw.cut_bytes(words), (draw.section(head), *map(draw.section, parts), draw.context(tail)))


def _naming(place: Place) -> str:
    """How a task is named."""
    number = place.task.rpartition("-")[2]
    return (
        f"A task is `{number}` in its case's channel, `{place.code}-{number}` everywhere, or some words of its title."
    )


def _of(role: Role) -> list[tuple[Verb, str]]:
    return [(Verb(written.partition(" ")[0]), written) for written in MOST_USED[role]]


def _shortly(verb: Verb) -> str:
    """What a verb does, in the first sentence of it."""
    return USAGE[verb].does.split(". ")[0].removesuffix(".") + "."


def of_verb(
    verb: Verb, commands: Mapping[str, Verb | None] = COMMANDS, place: Place = Place(), *, refused: bool = False
) -> Answer:
    """One verb with all its examples; of one that is `refused` to whoever asks, what it does and that it is."""
    main, usage = main_command(commands), USAGE[verb]
    if refused:
        return Answer(f"*{verb}*: {usage.does}\nYour role does not do that. `{main} help all` lists what you may do.")
    examples = dict.fromkeys(f"`{main} {place.example(verb, example)}`" for example in usage.examples)
    short = [name for name, means in commands.items() if means is verb]
    also = [f"Also as `{short[0]}`."] if short else []
    return Answer("\n".join([f"*{verb}*: {usage.does}", f"Behind it: {usage.arguments}.", *examples, *also]))
