"""What a person is told when something cannot be done: what happened, that nothing changed, what to do."""


class Refusal(Exception):
    """A request that was refused and changed nothing. `str()` is shown to the person as it stands."""
