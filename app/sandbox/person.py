"""People who act in the sandbox, and what they get back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.sandbox.jsontypes import JsonObject, as_float, as_list, as_object, as_objects, as_text


class Asks(Protocol):
    """Sends one request to the control API."""

    def __call__(self, verb: str, **given: object) -> JsonObject: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What an action brought.

    `ok` means that the app acknowledged it in time and, for a modal, had no errors. `error` is Slack's word
    otherwise (`operation_timeout`, `dispatch_failed`). `text` and `blocks` are what the app showed first;
    `responses` is all that it showed, `views` the modals that it opened, `errors` a modal's errors by block.
    `ms` is the time to the acknowledgement, in milliseconds.
    """

    ok: bool
    text: str
    blocks: list[JsonObject]
    ms: float
    error: str
    responses: list[JsonObject] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, given: JsonObject) -> "Reply":
        """From the control API's answer."""
        return cls(
            ok=given.get("ok") is True,
            text=as_text(given.get("text")),
            blocks=as_objects(given.get("blocks")),
            ms=as_float(given.get("ms")),
            error=as_text(given.get("error")),
            responses=as_objects(given.get("responses")),
            views=[as_text(id_) for id_ in as_list(given.get("views"))],
            errors={block: as_text(words) for block, words in as_object(given.get("errors")).items()},
        )


class Person:
    """A person of the workspace. Channels are named by id, or by name."""

    def __init__(self, ask: Asks, *, id: str, name: str, real_name: str, tz: str) -> None:
        self._ask = ask
        self.id = id
        self.name = name
        self.real_name = real_name
        self.tz = tz

    def __repr__(self) -> str:
        return f"Person({self.name}, {self.id})"

    def _do(self, verb: str, **given: object) -> JsonObject:
        return self._ask(verb, user=self.id, **given)

    def command(self, line: str, channel: str, *, gather: float = 0.25) -> Reply:
        """Run a slash command such as `/cb claim 12`.

        When the acknowledgement is empty, a post at its response_url is waited for up to `gather` seconds.
        """
        return Reply.from_json(self._do("command", text=line, channel=channel, gather=gather))

    def click(
        self,
        channel: str,
        ts: str,
        action_id: str,
        value: object = None,
        *,
        block_id: str = "",
        gather: float = 0.25,
    ) -> Reply:
        """Press a button of a message or ephemeral message, or choose `value` in a select of it."""
        given: JsonObject = {"channel": channel, "ts": ts, "action_id": action_id, "block_id": block_id}
        if value is not None:
            given["value"] = value
        return Reply.from_json(self._do("click", gather=gather, **given))

    def views(self) -> list[JsonObject]:
        """The modals that are open, the topmost last, each with the `errors` it shows."""
        return as_objects(self._do("view.list")["views"])

    def submit(self, view_id: str, values: Mapping[str, object] | None = None) -> Reply:
        """Send a modal. `values` are named by action_id or block_id; the others keep their defaults."""
        return Reply.from_json(self._do("view.submit", view=view_id, values=dict(values or {})))

    def close_view(self, view_id: str, *, clear: bool = False) -> Reply:
        """Close a modal, or with `clear` all of them."""
        return Reply.from_json(self._do("view.close", view=view_id, clear=clear))

    def click_view(
        self,
        view_id: str,
        action_id: str,
        value: object = None,
        *,
        values: Mapping[str, object] | None = None,
        block_id: str = "",
    ) -> Reply:
        """Press a button, or choose something, in a modal or on the home tab; `values` are other inputs."""
        given: JsonObject = {"view": view_id, "action_id": action_id, "values": dict(values or {})}
        given["block_id"] = block_id
        if value is not None:
            given["value"] = value
        return Reply.from_json(self._do("view.click", **given))

    def shortcut(self, callback_id: str) -> Reply:
        """Use a global shortcut."""
        return Reply.from_json(self._do("shortcut", callback_id=callback_id))

    def message_shortcut(self, channel: str, ts: str, callback_id: str) -> Reply:
        """Use a shortcut on a message."""
        return Reply.from_json(self._do("shortcut", callback_id=callback_id, channel=channel, ts=ts))

    def open_home(self) -> None:
        """Look at the app's home tab."""
        self._do("home.open")

    def home(self) -> JsonObject | None:
        """What the app's home tab shows; None when the app published nothing."""
        view = self._do("home.get")["view"]
        return view if isinstance(view, dict) else None

    def ephemerals(self, channel: str) -> list[JsonObject]:
        """What only this person was shown in a channel, oldest first."""
        return as_objects(self._do("ephemeral.list", channel=channel)["messages"])

    def screen(self, channel: str) -> list[JsonObject]:
        """What this person is shown in a channel, oldest first: messages, threads under their root, ephemerals."""
        return as_objects(self._do("screen", channel=channel)["messages"])

    def channels(self) -> list[JsonObject]:
        """The channels that this person can see."""
        return as_objects(self._do("channel.list")["channels"])

    def dm(self, other: str = "") -> str:
        """The id of the direct message with the app, or with another person."""
        return as_text(self._do("dm.open", other=other)["channel"])

    def post(self, channel: str, text: str, thread_ts: str = "") -> str:
        """Write a message; returns its ts."""
        return as_text(self._do("message.post", channel=channel, text=text, thread_ts=thread_ts)["ts"])

    def react(self, channel: str, ts: str, name: str) -> None:
        """React to a message with an emoji, by its name without colons."""
        self._do("message.react", channel=channel, ts=ts, name=name)

    def join(self, channel: str, inviter: str = "") -> None:
        """Join a channel, or be put into it by someone."""
        self._do("channel.join", channel=channel, inviter=inviter)

    def leave(self, channel: str, by: str = "") -> None:
        """Leave a channel, or be removed from it by someone."""
        self._do("channel.leave", channel=channel, by=by)

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        self._do("channel.archive", channel=channel)

    def unarchive(self, channel: str) -> None:
        """Bring an archived channel back."""
        self._do("channel.unarchive", channel=channel)

    def rename(self, channel: str, name: str) -> None:
        """Rename a channel."""
        self._do("channel.rename", channel=channel, name=name)

    def delete(self, channel: str) -> None:
        """Delete a channel, for good."""
        self._do("channel.delete", channel=channel)

    def deactivate(self) -> None:
        """The account is deactivated: the person leaves every channel and can do nothing more."""
        self._do("person.change", deleted=True)

    def reactivate(self) -> None:
        """The account is there again; channels have to be joined anew."""
        self._do("person.change", deleted=False)

    def change(self, **what: object) -> None:
        """Change `real_name`, `tz` or `guest`."""
        self._do("person.change", **what)
