"""Verbs of the control API by name: each takes a JSON object and gives one back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.sandbox.acts import channels
from app.sandbox.errors import RefusedError
from app.sandbox.inbound.deliverer import Deliverer
from app.sandbox.inbound.interactions import Interactions
from app.sandbox.jsontypes import JsonObject, as_float, as_text
from app.sandbox.model import Channel, User, View
from app.sandbox.world import World

GATHER_SECONDS = 0.25
"""How long a command or click with an empty acknowledgement waits for a post at its response_url."""


@dataclass(slots=True)
class Ask:
    """One request to the control API."""

    world: World
    deliverer: Deliverer
    interactions: Interactions
    body: JsonObject

    def text(self, name: str, default: str = "") -> str:
        """A field as text."""
        return as_text(self.body.get(name), default)

    def flag(self, name: str) -> bool:
        """A field as yes or no."""
        return self.body.get(name) is True

    def gather(self) -> float:
        """How long to wait for a post at the response_url, in seconds."""
        return as_float(self.body.get("gather"), GATHER_SECONDS)

    def user(self, name: str = "user") -> User:
        """The person that a field names, by id or by name.

        Raises:
            RefusedError: there is none.
        """
        given = self.text(name)
        workspace = self.world.workspace
        found = workspace.users.get(workspace.user_names.get(given, given))
        if found is None:
            raise RefusedError(f"There is no person {given!r} in this workspace.")
        return found

    def acting(self) -> User:
        """The person who acts.

        Raises:
            RefusedError: there is none, or the account is deactivated.
        """
        user = self.user()
        if user.deleted:
            raise RefusedError(f"{user.name} is deactivated, and can do nothing here.")
        return user

    def channel(self, name: str = "channel") -> Channel:
        """The conversation that a field names, by id, name or `#name`.

        Raises:
            RefusedError: there is none.
        """
        given = self.text(name)
        workspace = self.world.workspace
        found = workspace.channels.get(workspace.channel_names.get(given.removeprefix("#"), given))
        if found is None:
            raise RefusedError(f"There is no channel {given!r} in this workspace.")
        return found

    def seen_channel(self, user: User) -> Channel:
        """The conversation that a field names, when this person can see it.

        Raises:
            RefusedError: they cannot.
        """
        channel = self.channel()
        if channels.visible(self.world, channel.id, user.id) is None:
            raise RefusedError(f"{user.name} is not in the private channel {channel.name or channel.id}.")
        return channel

    def view(self, user: User) -> View:
        """The open view that `view` names.

        Raises:
            RefusedError: this person has no such view open.
        """
        view = self.world.workspace.views.get(self.text("view"))
        if view is None or view.user != user.id:
            raise RefusedError(f"{user.name} has no view {self.text('view')!r} open.")
        return view


Verb = Callable[[Ask], Awaitable[JsonObject]]
VERBS: dict[str, Verb] = {}


def verb(name: str) -> Callable[[Verb], Verb]:
    """Make a function the handler of a verb."""

    def register(handler: Verb) -> Verb:
        VERBS[name] = handler
        return handler

    return register
