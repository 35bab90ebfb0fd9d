"""Help: every verb with an example that works as it stands."""

from collections.abc import Mapping

from app.slack.answer import Answer
from app.slack.verbs import COMMANDS, USAGE, Verb, main_command
from app.slack.views import blocks as draw


def overview(commands: Mapping[str, Verb | None] = COMMANDS) -> Answer:
    """All verbs, what is used most first."""
    main = main_command(commands)
    short = ", ".join(f"`{name}`" for name, verb in commands.items() if verb is not None)
    lines = [f"`{main} {usage.examples[0]}` {usage.does}" for usage in USAGE.values()]
    head = (
        f"*Caseboard*: write `{main}` and a verb"
        + (f", or the short {short}" if short else "")
        + ". A task is `12` in its case's channel, `K7Q4-12` everywhere, or some words of its title."
    )
    tail = f"`{main} help handoff` says more about one verb. No patient data here: that belongs into the chart."
    words = [head, *lines, tail]
    return Answer(draw.cut_bytes(words), (draw.section(head), draw.section("\n".join(lines)), draw.context(tail)))


def of_verb(verb: Verb, commands: Mapping[str, Verb | None] = COMMANDS) -> Answer:
    """One verb with all its examples."""
    main, usage = main_command(commands), USAGE[verb]
    examples = [f"`{main} {example}`" for example in usage.examples]
    short = [name for name, means in commands.items() if means is verb]
    also = [f"Also as `{short[0]}`."] if short else []
    return Answer("\n".join([f"*{verb}*: {usage.does}", f"Behind it: {usage.arguments}.", *examples, *also]))
