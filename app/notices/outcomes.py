"""What can come back when something is sent to Slack, other than an answer. Every call ends in one of these.

`Refused` and `Unreachable` are definite: nothing was applied. `RateLimited` is definite too, and says when to come
again. `Ambiguous` is not: the call may have been applied, so nothing is sent again before Slack was looked at.
"""

from collections.abc import Callable


class NotSent(Exception):
    """A call to Slack that has no answer to work with. The message is free of tokens and of what was sent."""


class Refused(NotSent):
    """Slack said no, with a code of its reference; nothing was applied, and the same call would be refused again."""

    def __init__(self, code: str, words: str | None = None) -> None:
        super().__init__(f"{words} ({code})" if words else f"Slack refused it ({code})")
        self.code = code
        self.words = words or f"Slack refused it ({code})"


class ChannelLost(Refused):
    """The channel cannot be posted to as it stands; it may be brought back or replaced."""


class ChannelGone(ChannelLost):
    """The channel was deleted, or cannot be seen any more."""


class ChannelArchived(ChannelLost):
    """Somebody archived the channel."""


class NotInChannel(ChannelLost):
    """Somebody removed the app from the channel."""


class MessageGone(Refused):
    """The message to edit, to pin or to answer is not there, or may not be edited any more."""


class NameTaken(Refused):
    """A channel of that name exists, archived ones and ones that the app cannot see included."""


class AlreadySo(Refused):
    """What was asked for is so already: pinned, archived, not archived, invited."""


class PersonUnknown(Refused):
    """A person who is not in the workspace, was deactivated, or may not be brought in."""


class InvalidMessage(Refused):
    """Slack, or our own check before it, does not accept the message as it was drawn."""


class NotConnected(Refused):
    """The app itself is not welcome: token revoked or wrong, a scope missing, the workspace moving house.

    No fault of the notice, so it waits instead of being given up.
    """


class Uninstalled(NotConnected):
    """The token is good no more: the app was removed, or it was revoked. It helps only to install the app again."""


def refuse_other_workspace(bound: str | None, team: Callable[[], str]) -> None:
    """Raise `NotConnected` unless the token's workspace, which `team` asks for, is the one that a program is bound to.

    A practice's cases must not reach another practice, whatever the installation's token is.
    """
    if bound is None:
        raise NotConnected("program_unbound", "The program is bound to no Slack workspace: caseboard program bind SLUG")
    if bound != team():
        raise NotConnected(
            "other_workspace", f"The program belongs to the workspace {bound}, and SLACK_BOT_TOKEN to another one"
        )


class FilesRefused(Refused):
    """Slack takes no files from the app, or not these. The words that go with them can be posted without them."""


class RateLimited(NotSent):
    """Slack asks to wait `retry_after` seconds (HTTP 429); nothing was applied."""

    def __init__(self, retry_after: float, method: str) -> None:
        super().__init__(f"Slack asks to wait {retry_after:g} s ({method})")
        self.retry_after = retry_after
        self.method = method


class Unreachable(NotSent):
    """The connection was refused, or there is no such host: nothing was applied."""


class Ambiguous(NotSent):
    """No answer that can be trusted: a reset, a timeout, a server error. It may have been applied, or may yet be."""
