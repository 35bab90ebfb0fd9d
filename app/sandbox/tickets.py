"""Upload URLs that were given out and not used up yet; they are lost when the sandbox stops."""

from dataclasses import dataclass

from app.sandbox import ids

MOST_FILE = 5_000_000
"""The largest file, in bytes: its content is kept in the ledger and in memory. Slack takes up to 1 GB."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the app said of a file before it sends its bytes; `length` is their number."""

    token: str
    file: str
    name: str
    length: int
    alt_txt: str = ""
    snippet_type: str = ""


class Tickets:
    """Issues upload URLs; each is good until its upload is completed."""

    def __init__(self) -> None:
        self._open: dict[str, Ticket] = {}

    def issue(self, name: str, length: int, *, alt_txt: str = "", snippet_type: str = "") -> Ticket:
        """A new one; its path is `/upload/v1/TOKEN`."""
        ticket = Ticket(ids.random_id("", 32), ids.random_id("F"), name, length, alt_txt, snippet_type)
        self._open[ticket.token] = ticket
        return ticket

    def find(self, token: str) -> Ticket | None:
        """The ticket of a URL; None when there is none, or its upload is completed."""
        return self._open.get(token)

    def close(self, file: str) -> None:
        """Take no more bytes for a file."""
        self._open = {token: one for token, one in self._open.items() if one.file != file}
