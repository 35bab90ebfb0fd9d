"""Everything that can stop a task's verb, one class each."""

from app.refusals import Refusal


class UnknownTask(Refusal):
    """No task of the program goes by that name."""


class AmbiguousTask(Refusal):
    """Several tasks fit."""


class TaskTaken(Refusal):
    """Somebody else holds the task: the race was lost."""

    def __init__(self, task: str, winner: str) -> None:
        self.winner = winner
        super().__init__(
            f"{winner} already has {task}. Nothing changed. Take another one with /tasks, or ask for a handoff."
        )


class NotHolder(Refusal):
    """The verb belongs to whoever holds the task."""


class NotEligible(Refusal):
    """The person's roles or skills do not fit the task."""


class WrongState(Refusal):
    """The task is not where the verb could take it from."""


class PastDeadline(Refusal):
    """A snooze that would not end before the deadline."""


class TooEarly(Refusal):
    """The task comes after an event whose day has not come."""


class NeedsEvidence(Refusal):
    """The task cannot be called done without its evidence, or the evidence does not fit.

    `asked` says what is asked for, `write` how a command gives it; a form, which has a field for it, shows no command.
    """

    def __init__(self, asked: str, write: str = "") -> None:
        super().__init__(f"{asked} Nothing changed." + (f" Write: {write}" if write else ""))
        self.asked = asked


class SayItBack(Refusal):
    """An urgent task is taken over only with the receiver's own words."""


class NotAttested(Refusal):
    """Only certain roles may sign this task."""


class GateShut(Refusal):
    """Open tasks stand in the way, and only a waiver passes them."""

    def __init__(self, message: str, open_tasks: tuple[str, ...]) -> None:
        self.open_tasks = open_tasks
        super().__init__(message)


class NoHandoff(Refusal):
    """There is no open offer to answer."""


class CannotUndo(Refusal):
    """An act that stands: it is too long ago, or something was built on it."""
