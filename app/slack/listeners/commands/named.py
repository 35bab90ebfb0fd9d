"""A word that stands where a person could and names nobody: what else the verb takes there, said behind the refusal."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from app.programs.queries import NAMED
from app.slack import asked
from app.slack.answer import Answer
from app.slack.verbs import USAGE, Verb, main_command
from app.slack.words import closest

_TAKES: Final[Mapping[Verb, tuple[str, ...]]] = {
    Verb.TASKS: ("mine", "free", "late", "today", "all"),
    Verb.SETTINGS: ("hours", "holidays", "escalation"),
    Verb.SHIFT: ("pool",),
    Verb.OPEN: ("now",),
    Verb.SURGEON: ("clear",),
    Verb.LEAD: ("clear",),
}


def or_instead(wanted: asked.Asked, answer: Answer) -> Answer:
    """The answer; of one that knows no such person, with the word that was nearly written, or all that the verb takes.

    Nothing of a mention, or of a name with @: that is meant for a person.
    """
    verb, said = _said(wanted)
    if answer.field != NAMED or not said or said.startswith(("<@", "@")):
        return answer
    assert verb is not None
    written, meant = f"{main_command()} {verb}", closest(said, _TAKES[verb])
    instead = f"Did you mean `{written} {meant}`?" if meant else f"What `{written}` takes: {USAGE[verb].arguments}."
    return replace(answer, text=f"{answer.text} {instead}")


def _said(wanted: asked.Asked) -> tuple[Verb | None, str | None]:
    """The verb, and the word that was taken for a person."""
    match wanted:
        case asked.ShowTasks():
            return Verb.TASKS, wanted.person
        case asked.ShowSettings():
            return Verb.SETTINGS, wanted.person
        case asked.EndShift():
            return Verb.SHIFT, wanted.person
        case asked.OpenCase():
            return Verb.OPEN, wanted.surgeon
        case asked.SetPerson():
            return wanted.verb, wanted.person
    return None, None
