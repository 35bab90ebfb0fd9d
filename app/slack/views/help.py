"""Help: every verb with an example that works as it stands, where it is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.slack.answer import Answer
from app.slack.verbs import ASKS_ALONE, ASKS_OF_A_TASK, COMMANDS, EXAMPLE_TASK, USAGE, Verb, main_command
from app.slack.views import blocks as draw


@dataclass(frozen=True)
class Place:
    """Where help is asked: the code of a case, and the name of a task of it there, of each verb or of any."""

    code: str = "K7Q4"
    tasks: Mapping[Verb, str] = field(default_factory=dict)
    task: str = "12"

    def example(self, verb: Verb, written: str) -> str:
        """An example as it would be written here."""
        name = self.tasks.get(verb, self.task)

        def named(found: re.Match[str]) -> str:
            return name if "-" not in found[0] or "-" in name else f"{self.code}-{name}"

        return EXAMPLE_TASK.sub(named, written).replace(" K7Q4", f" {self.code}")


def overview(commands: Mapping[str, Verb | None] = COMMANDS, place: Place = Place()) -> Answer:
    """All verbs, what is used most first."""
    main = main_command(commands)
    short = ", ".join(f"`{name}`" for name, verb in commands.items() if verb is not None)
    lines = [f"`{main} {place.example(verb, usage.examples[0])}` {usage.does}" for verb, usage in USAGE.items()]
    number = place.task.rpartition("-")[2]
    head = (
        f"*Caseboard*: write `{main}` and a verb"
        + (f", or the short {short}" if short else "")
        + f". A task is `{number}` in its case's channel, `{place.code}-{number}` everywhere, or some words of its "
        "title."
    )
    alone = draw.listed(f"`{verb}`" for verb in ASKS_ALONE)
    of_a_task = draw.listed(f"`{place.example(verb, f'{verb} 12')}`" for verb in ASKS_OF_A_TASK)
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


def of_verb(verb: Verb, commands: Mapping[str, Verb | None] = COMMANDS, place: Place = Place()) -> Answer:
    """One verb with all its examples."""
    main, usage = main_command(commands), USAGE[verb]
    examples = [f"`{main} {place.example(verb, example)}`" for example in usage.examples]
    short = [name for name, means in commands.items() if means is verb]
    also = [f"Also as `{short[0]}`."] if short else []
    return Answer("\n".join([f"*{verb}*: {usage.does}", f"Behind it: {usage.arguments}.", *examples, *also]))
