"""Everything that can stop a change of a case, one class each."""

from app.refusals import Refusal


class UnknownCase(Refusal):
    """No case of the program goes by that code."""


class CaseClosed(Refusal):
    """The case is closed."""


class UnknownComponent(Refusal):
    """The case has no such component."""


class BadComponent(Refusal):
    """A component cannot be described that way."""


class BadDate(Refusal):
    """A key date cannot be set that way."""


class NoKeyring(Refusal):
    """A patient record cannot be sealed or opened without a key."""


class DateNotFirm(Refusal):
    """Open tasks keep a key date from being set."""

    def __init__(self, message: str, open_tasks: tuple[str, ...]) -> None:
        self.open_tasks = open_tasks
        super().__init__(message)


class LateAtOnce(Refusal):
    """A key date that would make tasks late at once, which has to be said twice."""


class UnknownChecklist(Refusal):
    """The case has no such checklist at work, or not any more."""


class NoCard(Refusal):
    """The case's card is not there yet, and so nothing can stand in its thread."""


class NotConfirmed(Refusal):
    """The case can be closed, and that has to be said twice."""


class TasksOpen(Refusal):
    """The case still has open tasks."""
