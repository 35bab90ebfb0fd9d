"""Reading the command that spreads free tasks. Pure."""

from app.slack import asked
from app.slack.verbs import Verb
from app.slack.words import Words, usage


def read_spread(words: Words) -> asked.Asked:
    """`spread`, `spread late`, `spread K7Q4`, `spread all`, `spread what's late in K7Q4`."""
    case = words.case()
    everywhere = words.drop("all", "everything")
    words.drop("that", "what", "what's", "whats")
    words.drop("is")
    late = words.drop("late", "overdue")
    words.drop("free")
    words.drop("tasks")
    words.drop("of", "in", "for")
    case = case or words.case()
    if words or (everywhere and case is not None):
        raise usage(Verb.SPREAD, "I do not understand which tasks.")
    return asked.Spread(case, late, everywhere)
