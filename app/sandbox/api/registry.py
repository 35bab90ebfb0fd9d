"""Web API methods by name, and what each is called with."""

from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox import scopes
from app.sandbox.acts import channels
from app.sandbox.api.args import Args
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, ChannelKind, User
from app.sandbox.workspace import Workspace
from app.sandbox.world import World


@dataclass(slots=True)
class Call:
    """One call by the app: as its bot user, or with its app-level token."""

    world: World
    method: str
    args: Args
    bot: str

    @property
    def workspace(self) -> Workspace:
        """The state that the call reads and changes."""
        return self.world.workspace

    def channel(self, name: str = "channel") -> Channel:
        """The conversation that an argument names.

        Raises:
            SlackError: channel_not_found, also for a private one that the app is not in; missing_scope.
        """
        found = channels.visible(self.world, self.args.text(name), self.bot)
        if found is None:
            raise SlackError("channel_not_found")
        self.require_scope(found.kind)
        return found

    def require_scope(self, kind: ChannelKind) -> None:
        """Check that the app may use this method on conversations of a kind.

        Raises:
            SlackError: missing_scope.
        """
        scopes.check_kind(self.world.settings.scopes, self.method, kind)

    def named_channel(self) -> Channel:
        """The channel that the call names, which may be no direct message.

        Raises:
            SlackError: channel_not_found, method_not_supported_for_channel_type.
        """
        found = self.channel()
        if found.is_dm:
            raise SlackError("method_not_supported_for_channel_type")
        return found

    def require_member(self, channel: Channel) -> None:
        """Check that the app is in the channel.

        Raises:
            SlackError: not_in_channel.
        """
        if self.bot not in channel.members:
            raise SlackError("not_in_channel")

    def user(self, id_: str, error: str = "user_not_found") -> User:
        """The user of an id.

        Raises:
            SlackError: there is none.
        """
        found = self.workspace.users.get(id_)
        if found is None:
            raise SlackError(error)
        return found


Handler = Callable[[Call], JsonObject]
METHODS: dict[str, Handler] = {}


def method(name: str) -> Callable[[Handler], Handler]:
    """Make a function the handler of a Web API method. It returns the answer without `ok`."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = handler
        return handler

    return register
