"""Everything that can stop a question or its answer, one class each."""

from app.refusals import Refusal


class UnknownQuestion(Refusal):
    """No question of the program goes by that id."""


class NotYours(Refusal):
    """The question is for somebody else to answer or to take back."""


class Settled(Refusal):
    """The question was answered, passed on, taken back or ended already; the message says by whom, and what."""


class BadDue(Refusal):
    """A due time that is over, or too far away."""


class BadChoices(Refusal):
    """Choices of which there are too few or too many, or that do not fit on a button."""
