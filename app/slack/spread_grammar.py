"""Reading the command that spreads free tasks. Pure."""

from app.slack import asked
from app.slack.verbs import Verb
from app.slack.words import NO_SUCH_CASE, Words, nearly, usage


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
    if words.like_case():
        raise usage(Verb.SPREAD, NO_SUCH_CASE)
    if words or (everywhere and case is not None):
        raise usage(Verb.SPREAD, f"I do not understand which tasks.{nearly(words.word(), ('late', 'all'))}")
    return asked.Spread(case, late, everywhere)
