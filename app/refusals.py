"""What a person is told when something cannot be done: what happened, that nothing changed, what to do."""


class Refusal(Exception):
    """A request that was refused and changed nothing. `str()` is shown to the person as it stands.

    `field` names what of the request it is about, where a form asked for several things; nothing otherwise.
    """

    field: str = ""
