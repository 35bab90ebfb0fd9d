"""What can go wrong in the sandbox, one class for each."""

from collections.abc import Sequence


class SandboxError(Exception):
    """Anything the sandbox refuses to do."""


class SlackError(SandboxError):
    """A Web API call is refused with one of Slack's error codes.

    `messages` become `response_metadata.messages`, where Slack says what exactly was wrong.
    """

    def __init__(self, code: str, messages: Sequence[str] = (), **extra: object) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.extra = extra


class RateLimitedError(SandboxError):
    """A call came too soon; `retry_after` is the time to wait, in whole seconds (at least 1)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"ratelimited, retry after {retry_after} s")
        self.retry_after = retry_after


class RefusedError(SandboxError):
    """A person, or a test, asked for something that is not possible here: no such button, channel, person."""


class NotSeenError(SandboxError, AssertionError):
    """A person does not see what they were to see; says what they see instead."""


class NotLoopbackError(SandboxError):
    """The sandbox was asked to listen where other machines could reach it."""

    def __init__(self, host: str) -> None:
        super().__init__(f"The sandbox listens on this machine only, so it did not start on {host!r}. Use 127.0.0.1.")


class LedgerError(SandboxError):
    """The ledger file cannot be used."""
