"""A person at their screen: they act on what they read there, and see what they can see.

`Person` names things by their ids; this finds them by the words that are written on them, and waits for them.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from app.sandbox.blocks import elements, words
from app.sandbox.errors import NotSeenError, RefusedError
from app.sandbox.jsontypes import JsonObject, as_objects, as_text
from app.sandbox.person import Person, Reply

SHOWN = 12
"""How much of what a person sees instead is told, in messages."""

Wait = Callable[..., None]


@dataclass(frozen=True, slots=True)
class _Found:
    """An element on the screen, and what it stands on."""

    on: JsonObject
    is_view: bool
    block: JsonObject
    element: JsonObject
    option: object = None


class Acting:
    """Acts as a person, in a conversation or on the app's home tab.

    `within` is how long anything is waited for, in seconds. Where `in_` is left out, an open modal comes first, then
    the place that was chosen with `as_(…, in_=…)`.

    All methods raise `NotSeenError` with what the person sees instead, when something does not come to be seen.
    """

    def __init__(
        self, person: Person, names: Callable[[], Mapping[str, str]], wait: Wait, in_: str = "", within: float = 5.0
    ) -> None:
        self.person = person
        self._names = names
        self._wait = wait
        self._in = in_
        self._at_home = False
        self._within = within

    def at_home(self) -> Self:
        """Look at the app's home tab; what follows happens there."""
        self.person.open_home()
        self._at_home = True
        return self

    def command(self, line: str, *, in_: str = "") -> Reply:
        """Type a slash command.

        Raises:
            RefusedError: the app did not take it, as the person would be told.
        """
        reply = self.person.command(line, self._place(in_))
        if reply.error:
            raise RefusedError(f"{self.person.name} typed {line!r} and got the error {reply.error}.")
        return reply

    def click(self, label: str, *, in_: str = "") -> Reply:
        """Press the newest button of this label (or action_id), saying yes where it asks whether one is sure."""
        return self._touch(self._find(label, in_, _buttons))

    def choose(self, option: str, *, in_: str = "") -> Reply:
        """Choose an option, by its words, in the newest menu, select or set of buttons that offers it."""
        return self._touch(self._find(option, in_, _options))

    def submit(self, values: Mapping[str, object] | None = None) -> Reply:
        """Fill the inputs of the topmost modal, named by label or block_id, and send it.

        Options are named by their words, or by their values, and people are given as they are.

        Errors that the modal then shows are in the reply.

        Raises:
            RefusedError: there is no such input or option.
        """
        self._until(self.person.views, "a modal", "")
        view = self.person.views()[-1]
        blocks = as_objects(view.get("blocks"))
        inputs = {words.of_block(block).partition("\n")[0]: block for block in blocks if block.get("type") == "input"}
        filled: dict[str, object] = {}
        by_id = {as_text(block.get("block_id")): block for block in inputs.values()}
        for label, value in (values or {}).items():
            block = inputs.get(label) or by_id.get(label)
            if block is None:
                raise RefusedError(f"There is no input {label!r} here. There are: {', '.join(inputs)}.")
            [element] = elements.of_block(block)
            filled[as_text(block.get("block_id"))] = _value(element, value)
        return self.person.submit(as_text(view["id"]), filled)

    def see(self, text: str, *, in_: str = "") -> str:
        """Wait until the person sees a text, wherever they look; returns the message, or view, that has it."""
        self._until(lambda: any(text in one for one in self.sees(in_=in_)), repr(text), in_)
        return next(one for one in reversed(self.sees(in_=in_)) if text in one)

    def sees(self, *, in_: str = "") -> list[str]:
        """What the person sees now: the words of each message, oldest first, and of what lies over them.

        People are named as Slack names them, and characters that were escaped are shown as they are.
        """
        shown = [words.of_message(one) if not is_view else words.of_view(one) for one, is_view in self._screen(in_)]
        if any("<@" in one for one in shown):
            names = self._names()
            shown = [re.sub(r"<@(\w+)>", lambda found: f"@{names.get(found[1], found[1])}", one) for one in shown]
        return [html.unescape(one) for one in shown]

    def _place(self, in_: str) -> str:
        place = in_ or self._in
        if not place:
            raise RefusedError(f"Say where {self.person.name} acts: as_({self.person.name}, in_=channel).")
        return place

    def _screen(self, in_: str) -> list[tuple[JsonObject, bool]]:
        """What lies before the person, the topmost last, each with whether it is a view."""
        below: list[tuple[JsonObject, bool]] = []
        if in_ or not self._at_home:
            if in_ or self._in:
                below = [(message, False) for message in self.person.screen(self._place(in_))]
        elif (home := self.person.home()) is not None:
            below = [(home, True)]
        return below if in_ else [*below, *((view, True) for view in self.person.views())]

    def _find(self, label: str, in_: str, offered: Callable[[JsonObject], Iterator[tuple[str, object]]]) -> _Found:
        found: list[_Found] = []
        there: list[str] = []

        def look() -> bool:
            found.clear()
            there.clear()
            for on, is_view in reversed(self._screen(in_)):
                for block, element in elements.walk(as_objects(on.get("blocks"))):
                    for name, option in offered(element):
                        there.append(name)
                        if label == name or (option is None and label == element.get("action_id")):
                            found.append(_Found(on, is_view, block, element, option))
            return bool(found)

        try:
            self._wait(look, self._within)
        except TimeoutError:
            instead = ", ".join(dict.fromkeys(there)) or "nothing"
            raise NotSeenError(f"{self.person.name} finds no {label!r} to press. There is: {instead}.") from None
        return found[0]

    def _touch(self, found: _Found) -> Reply:
        action_id, block_id = as_text(found.element.get("action_id")), as_text(found.block.get("block_id"))
        value = found.option if found.option is not None else found.element.get("value")
        if found.is_view:
            return self.person.click_view(as_text(found.on["id"]), action_id, value, block_id=block_id)
        channel, ts = as_text(found.on["channel"]), as_text(found.on["ts"])
        return self.person.click(channel, ts, action_id, value, block_id=block_id)

    def _until(self, condition: Callable[[], object], what: str, in_: str) -> None:
        try:
            self._wait(condition, self._within)
        except TimeoutError:
            seen = self.sees(in_=in_)[-SHOWN:]
            instead = "\n---\n".join(seen) or "nothing"
            raise NotSeenError(
                f"{self.person.name} does not see {what} after {self._within:g} s, but:\n{instead}"
            ) from None


def _buttons(element: JsonObject) -> Iterator[tuple[str, object]]:
    if element.get("type") == "button":
        yield words.of_element(element), None


def _options(element: JsonObject) -> Iterator[tuple[str, object]]:
    for option in elements.options(element):
        yield words.of_element(option), option.get("value")


def _value(element: JsonObject, given: object) -> object:
    """What an input is given: the option of these words, or the value itself where there are no options."""
    if isinstance(given, Person):
        return given.id
    if isinstance(given, list):
        return [_value(element, one) for one in given]
    offered = {words.of_element(option): option.get("value") for option in elements.options(element)}
    return offered.get(given, given) if isinstance(given, str) else given
