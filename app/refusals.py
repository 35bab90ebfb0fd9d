"""What a person is told when something cannot be done: what happened, that nothing changed, what to do."""

from collections.abc import Iterator
from contextlib import contextmanager


class Refusal(Exception):
    """A request that was refused and changed nothing. `str()` is shown to the person as it stands.

    `field` names what of the request it is about, where a form asked for several things; nothing otherwise.
    """

    field: str = ""


@contextmanager
def at_field(name: str) -> Iterator[None]:
    """What is refused within is about this field, unless it names one itself."""
    try:
        yield
    except Refusal as error:
        error.field = error.field or name
        raise
