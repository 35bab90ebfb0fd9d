"""What people do to the app: run its commands, press its buttons, use its shortcuts and its home tab."""

import asyncio
from dataclasses import dataclass, field, replace

from app.sandbox import ids, shapes
from app.sandbox.acts import channels, messages
from app.sandbox.acts.messages import Content
from app.sandbox.blocks import elements, values
from app.sandbox.errors import RefusedError, SlackError
from app.sandbox.hooks import ResponseUrl, Trigger
from app.sandbox.inbound import payloads, responses
from app.sandbox.inbound.deliverer import Ack, Deliverer
from app.sandbox.jsontypes import JsonObject, as_object, as_text
from app.sandbox.model import Channel, User, View
from app.sandbox.world import World


@dataclass(slots=True)
class Outcome:
    """What a person got back: `error` as Slack words it, what the app showed, and the modals it opened."""

    ack: Ack
    text: str = ""
    blocks: list[object] = field(default_factory=list)
    shown: list[JsonObject] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    errors: JsonObject = field(default_factory=dict)

    def as_json(self) -> JsonObject:
        """For the control API."""
        return {
            "ok": not self.ack.error and not self.errors,
            "error": self.ack.error,
            "ms": self.ack.ms,
            "text": self.text,
            "blocks": self.blocks,
            "responses": self.shown,
            "views": self.views,
            "errors": self.errors,
        }


class Interactions:
    """Carries people's actions to the app and shows them its answers."""

    def __init__(self, world: World, deliverer: Deliverer) -> None:
        self.world = world
        self.deliverer = deliverer

    def url(self, hook: ResponseUrl) -> str:
        """The response_url of a hook."""
        return f"{self.world.base_url}/hooks/{hook.token}"

    async def command(self, user: User, channel: Channel, line: str, gather: float) -> Outcome:
        """Run a slash command; an empty acknowledgement is waited on for up to `gather` seconds."""
        name, _, text = line.strip().partition(" ")
        known = self.world.settings.commands
        if not name.startswith("/") or len(name) < 2:
            raise RefusedError(f"A command begins with a slash, {line[:40]!r} does not.")
        self._require_commands()
        if user.team:
            raise RefusedError(f"{user.name} is of another workspace: Slack offers them no commands here.")
        if known is not None and name not in known:
            raise RefusedError(f"{name} is not a valid command. There are: {', '.join(sorted(known))}.")
        if channel.archived:
            raise RefusedError(f"#{channel.name} is archived: no commands work there.")
        trigger = self.world.triggers.issue(user.id)
        hook = self.world.response_urls.issue(user.id, channel.id)
        payload = payloads.command(self.world, user, channel, name, text.strip(), trigger.id, self.url(hook))
        ack = await self.deliverer.send("slash_commands", payload)
        if ack.error:
            words = f'{name} failed with the error "{ack.error}"'
            messages.show_ephemeral(self.world, channel, user.id, Content(words))
            self.world.ledger.flush()
            return Outcome(ack, text=words)
        try:
            shown = responses.from_ack(self.world, hook, ack.body)
        except SlackError as error:
            return Outcome(replace(ack, error=error.code))
        return await self._gathered(ack, trigger, hook, shown, gather)

    async def _gathered(
        self, ack: Ack, trigger: Trigger, hook: ResponseUrl, shown: JsonObject | None, gather: float
    ) -> Outcome:
        """The outcome, with what came at the response_url until now, or until `gather` seconds passed."""
        nothing = shown is None and not hook.posts and not trigger.opened
        if nothing and gather > 0 and not ack.error:
            try:
                async with asyncio.timeout(gather):
                    await hook.first.wait()
            except TimeoutError:
                hook.first.clear()
        seen = ([shown] if shown else []) + hook.posts
        first = seen[0] if seen else {}
        blocks = first.get("blocks")
        return Outcome(
            ack,
            text=as_text(first.get("text")),
            blocks=blocks if isinstance(blocks, list) else [],
            shown=list(seen),
            views=list(trigger.opened),
        )

    async def click(
        self,
        user: User,
        channel: Channel,
        ts: str,
        action_id: str,
        value: object,
        block_id: str,
        gather: float,
        given: JsonObject,
    ) -> Outcome:
        """Press a button, or choose in a select, of a message or of an ephemeral message.

        `given` is what the message's other elements hold.
        """
        message = self.world.workspace.message(channel, ts)
        ephemeral = None if message is not None else self.world.workspace.ephemeral(user.id, channel.id, ts)
        if message is None and ephemeral is None:
            raise RefusedError(f"{user.name} sees no message {ts} in {channel.name or channel.id}.")
        blocks = message.blocks if message is not None else ephemeral.blocks if ephemeral is not None else []
        act = self._act(blocks, action_id, block_id, value)
        thread_ts = message.thread_ts if message is not None else ephemeral.thread_ts if ephemeral else ""
        trigger = self.world.triggers.issue(user.id)
        hook = self.world.response_urls.issue(
            user.id, channel.id, ts=ts, ephemeral=ephemeral is not None, thread_ts=thread_ts
        )
        container: JsonObject = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral is not None,
        }
        if thread_ts:
            container["thread_ts"] = thread_ts
        payload = payloads.interaction(self.world, "block_actions", user) | {
            "container": container,
            "trigger_id": trigger.id,
            "channel": payloads.named(channel),
            "state": values.with_action(values.state(blocks, given), act),
            "response_url": self.url(hook),
            "actions": [act],
        }
        if message is not None:
            payload["message"] = shapes.message(self.world.workspace.team, message)
        ack = await self.deliverer.send("interactive", payload)
        return await self._gathered(ack, trigger, hook, None, gather)

    def _act(self, blocks: list[JsonObject], action_id: str, block_id: str, value: object) -> JsonObject:
        wanted = value if isinstance(value, str) else None
        found = elements.find(blocks, action_id, block_id=block_id, value=wanted)
        if found is None:
            there = ", ".join(as_text(element.get("action_id")) for _, element in elements.walk(blocks)) or "nothing"
            with_value = f" with the value {wanted!r}" if wanted is not None else ""
            raise RefusedError(f"There is no {action_id!r}{with_value} to press here. There is: {there}.")
        block, element = found
        held = {} if element.get("type") == "button" else values.chosen(element, value)
        return payloads.action(block, element, held)

    async def click_in_view(
        self, user: User, view: View, action_id: str, value: object, block_id: str, given: JsonObject
    ) -> Outcome:
        """Press a button, or choose something, in a modal or on the home tab."""
        blocks = [as_object(block) for block in _listed(view.shape.get("blocks"))]
        act = self._act(blocks, action_id, block_id, value)
        trigger = self.world.triggers.issue(user.id, from_modal=not view.is_home)
        state = values.with_action(values.state(blocks, given), act)
        payload = payloads.interaction(self.world, "block_actions", user) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": trigger.id,
            "view": payloads.of_view(view, state),
            "actions": [act],
        }
        ack = await self.deliverer.send("interactive", payload)
        return Outcome(ack, views=list(trigger.opened))

    def _require_commands(self) -> None:
        if "commands" not in self.world.settings.scopes:
            raise RefusedError("The app has no commands or shortcuts here: its token lacks the scope commands.")

    async def shortcut(self, user: User, callback_id: str) -> Outcome:
        """Use a global shortcut."""
        self._require_commands()
        trigger = self.world.triggers.issue(user.id)
        payload = payloads.interaction(self.world, "shortcut", user) | {
            "callback_id": callback_id,
            "trigger_id": trigger.id,
            "action_ts": ids.ts_text(int(self.world.now().timestamp() * 1_000_000)),
        }
        ack = await self.deliverer.send("interactive", payload)
        return Outcome(ack, views=list(trigger.opened))

    async def message_shortcut(self, user: User, channel: Channel, ts: str, callback_id: str, gather: float) -> Outcome:
        """Use a shortcut on a message."""
        self._require_commands()
        message = self.world.workspace.message(channel, ts)
        if message is None:
            raise RefusedError(f"There is no message {ts} in {channel.name or channel.id}.")
        trigger = self.world.triggers.issue(user.id)
        hook = self.world.response_urls.issue(user.id, channel.id)
        payload = payloads.interaction(self.world, "message_action", user) | {
            "callback_id": callback_id,
            "trigger_id": trigger.id,
            "message_ts": ts,
            "response_url": self.url(hook),
            "message": shapes.message(self.world.workspace.team, message),
            "channel": payloads.named(channel),
            "action_ts": ids.ts_text(int(self.world.now().timestamp() * 1_000_000)),
        }
        ack = await self.deliverer.send("interactive", payload)
        return await self._gathered(ack, trigger, hook, None, gather)

    def open_home(self, user: User) -> None:
        """Look at the app's home tab; the app hears of it as an event."""
        bot = self.world.workspace.team.bot_user
        dm = channels.direct(self.world, [bot, user.id])
        event: JsonObject = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": dm.id,
            "tab": "home",
            "event_ts": self.world.next_ts(dm),
        }
        known = self.world.workspace.homes.get(user.id)
        if known is not None:
            event["view"] = payloads.of_view(self.world.workspace.views[known])
        if self.world.wants("app_home_opened"):
            self.world.emit(event)
        self.world.ledger.flush()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
