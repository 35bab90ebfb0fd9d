"""Slack's limits on messages, and a check of what is really sent.

Lengths and counts are those of Slack's Block Kit reference; two are measured: a message whose blocks together
pass some 13,200 characters is `msg_blocks_too_long`, and `chat.update` counts its text in bytes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
BLOCKS_CHARACTERS: Final = 13_000  # some 13,200 are refused
TEXT_BYTES: Final = 3_900  # chat.update refuses more than 4,000
SECTION_TEXT: Final = 3_000
SECTION_FIELDS: Final = 10
FIELD_TEXT: Final = 2_000
HEADER_TEXT: Final = 150
CONTEXT_ELEMENTS: Final = 10
ACTIONS_ELEMENTS: Final = 25
BUTTON_TEXT: Final = 75
BUTTON_LABEL: Final = 75
BUTTON_VALUE: Final = 2_000
ACTION_ID: Final = 255
BLOCK_ID: Final = 255
OPTIONS: Final = 100
OVERFLOW: Final = 5
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
TOPIC: Final = 250
CHANNEL_NAME: Final = 80

Block = Mapping[str, object]


def problems(text: str, blocks: Sequence[Block], *, view: bool = False) -> list[str]:
    """What Slack would refuse in a message (or a view), in words; nothing when it is good."""
    return list(_problems(text, blocks, view))


def size(blocks: Sequence[Block]) -> int:
    """The characters of blocks as they are sent."""
    return len(json.dumps(list(blocks), ensure_ascii=False, separators=(",", ":")))


def _problems(text: str, blocks: Sequence[Block], view: bool) -> Iterator[str]:
    most = VIEW_BLOCKS if view else MESSAGE_BLOCKS
    if not view and not text.strip():
        yield "a message without text: notifications and screen readers have nothing to read"
    if len(text.encode()) > TEXT_BYTES:
        yield f"text of {len(text.encode())} bytes, at most {TEXT_BYTES}"
    if len(blocks) > most:
        yield f"{len(blocks)} blocks, at most {most}"
    if not view and size(blocks) > BLOCKS_CHARACTERS:
        yield f"blocks of {size(blocks)} characters, at most {BLOCKS_CHARACTERS}"
    names = [block["block_id"] for block in blocks if "block_id" in block]
    if len(names) != len(set(map(str, names))):
        yield "a block_id that stands twice"
    for number, block in enumerate(blocks):
        for problem in _block(block):
            yield f"block {number}: {problem}"


def _block(block: Block) -> Iterator[str]:
    yield from _length("block_id", block.get("block_id", "-"), BLOCK_ID)
    match block.get("type"):
        case "section":
            if "text" in block:
                yield from _text_object(block["text"], SECTION_TEXT)
            fields = _items(block, "fields")
            if len(fields) > SECTION_FIELDS:
                yield f"{len(fields)} fields, at most {SECTION_FIELDS}"
            for field in fields:
                yield from _text_object(field, FIELD_TEXT)
            if "text" not in block and not fields:
                yield "a section without text"
            if "accessory" in block:
                yield from _element(block["accessory"])
        case "header":
            yield from _text_object(block.get("text"), HEADER_TEXT)
        case "context":
            elements = _items(block, "elements")
            if not 1 <= len(elements) <= CONTEXT_ELEMENTS:
                yield f"{len(elements)} context elements, at least 1 and at most {CONTEXT_ELEMENTS}"
            for element in elements:
                yield from _text_object(element, SECTION_TEXT)
        case "actions":
            elements = _items(block, "elements")
            if not 1 <= len(elements) <= ACTIONS_ELEMENTS:
                yield f"{len(elements)} actions, at least 1 and at most {ACTIONS_ELEMENTS}"
            for element in elements:
                yield from _element(element)
            named = [element.get("action_id") for element in elements if isinstance(element, Mapping)]
            if len(named) != len(set(named)):
                yield "an action_id that stands twice in a block"
        case "input":
            yield from _element(block.get("element"))
        case "divider":
            return
        case other:
            yield f"a block of type {other!r}, which is not used here"


def _element(element: object) -> Iterator[str]:
    if not isinstance(element, Mapping):
        yield "an element that is no object"
        return
    yield from _length("action_id", element.get("action_id"), ACTION_ID)
    if element.get("type") == "button":
        yield from _text_object(element.get("text"), BUTTON_TEXT)
        yield from _length("accessibility_label", element.get("accessibility_label", "-"), BUTTON_LABEL)
        yield from _length("value", element.get("value", "-"), BUTTON_VALUE)
    groups = _items(element, "option_groups")
    if len(groups) > OPTIONS:
        yield f"{len(groups)} groups of options, at most {OPTIONS}"
    yield from _options(element, OVERFLOW if element.get("type") == "overflow" else OPTIONS)
    for group in groups:
        if isinstance(group, Mapping):
            yield from _text_object(group.get("label"), OPTION_TEXT)
            yield from _options(group, OPTIONS)


def _options(element: Mapping[str, object], most: int) -> Iterator[str]:
    options = _items(element, "options")
    if len(options) > most:
        yield f"{len(options)} options, at most {most}"
    for option in options:
        if isinstance(option, Mapping):
            yield from _text_object(option.get("text"), OPTION_TEXT)
            yield from _length("option value", option.get("value"), OPTION_VALUE)


def _text_object(value: object, most: int) -> Iterator[str]:
    if not isinstance(value, Mapping) or value.get("type") not in ("mrkdwn", "plain_text"):
        yield "a text that is no text object"
        return
    yield from _length("text", value.get("text"), most)


def _length(what: str, value: object, most: int) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield f"an empty {what}"
    elif len(value) > most:
        yield f"a {what} of {len(value)} characters, at most {most}"


def _items(block: Mapping[str, object], name: str) -> list[object]:
    found = block.get(name)
    return list(found) if isinstance(found, (list, tuple)) else []
