"""Reading the commands about who is at work: the end of a shift. Pure."""

from app.slack import asked
from app.slack.verbs import Verb
from app.slack.words import Words, lacking


def read_shift(words: Words) -> asked.Asked:
    """`shift @bo the fax comes at four`, `shift pool all is in the chart`."""
    words.drop("end", "over", "ends")
    words.drop("all", "everything")
    words.drop("back")
    words.drop("to")
    words.drop("the")
    if not words:
        raise lacking(Verb.SHIFT, "To whom, or to the pool?")
    pool = words.drop("pool")
    person = None if pool else words.person_of(Verb.SHIFT)
    note = words.rest()
    if not note:
        raise lacking(Verb.SHIFT, "The note is missing: what has the next one to know?")
    return asked.EndShift(person, note)
