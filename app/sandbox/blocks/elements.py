"""The interactive elements of blocks: finding them, checking them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from app.sandbox.contract import block_facts, limit
from app.sandbox.jsontypes import JsonObject, as_list, as_object, as_objects, as_text

if TYPE_CHECKING:
    from app.sandbox.blocks.validate import Findings


def of_block(block: JsonObject) -> list[JsonObject]:
    """The elements of a block that a person can touch, those without an `action_id` too."""
    type_ = block.get("type")
    if type_ == "actions":
        return as_objects(block.get("elements"))
    if type_ == "section" and "accessory" in block:
        return [as_object(block["accessory"])]
    if type_ == "input":
        return [as_object(block.get("element"))]
    return []


def walk(blocks: list[JsonObject]) -> Iterator[tuple[JsonObject, JsonObject]]:
    """Each element of all blocks, with its block."""
    for block in blocks:
        for element in of_block(block):
            yield block, element


def find(
    blocks: list[JsonObject], action_id: str, *, block_id: str = "", value: str | None = None
) -> tuple[JsonObject, JsonObject] | None:
    """The element with this `action_id`; among several, the one in `block_id`, or the button of `value`."""
    found = [
        (block, element)
        for block, element in walk(blocks)
        if element.get("action_id") == action_id and block_id in ("", block.get("block_id"))
    ]
    if value is not None and any(element.get("type") == "button" for _, element in found):
        found = [pair for pair in found if pair[1].get("value") == value]
    return found[0] if found else None


def options(element: JsonObject) -> list[JsonObject]:
    """The options of a select, those of its groups included."""
    grouped = [
        option for group in as_objects(element.get("option_groups")) for option in as_objects(group.get("options"))
    ]
    return as_objects(element.get("options")) + grouped


def check(found: Findings, element: JsonObject, pointer: str, block: str) -> None:
    """Note what is wrong with an element of a block of this type."""
    type_ = as_text(element.get("type"))
    if block not in block_facts("elements", type_, "blocks"):
        found.add(f"unsupported type: {type_}", f"{pointer}/type")
        return
    found.keys(element, pointer, "elements", type_, "keys")
    if "action_id" in element:
        found.length(element["action_id"], f"{pointer}/action_id", limit("action_id", "max_length"))
    if "placeholder" in element:
        found.plain(element["placeholder"], f"{pointer}/placeholder", limit("select", "placeholder", "max_length"))
    if "confirm" in element:
        _confirm(found, as_object(element["confirm"]), f"{pointer}/confirm")
    _CHECKS.get(type_, _no_more)(found, element, pointer)


def image(found: Findings, element: JsonObject, pointer: str) -> None:
    """Note what is wrong with an image, whether it is a block or an element."""
    if "slack_file" not in element:
        found.length(element.get("image_url"), f"{pointer}/image_url", limit("image", "image_url", "max_length"))
    found.length(element.get("alt_text"), f"{pointer}/alt_text", limit("image", "alt_text", "max_length"))


def _confirm(found: Findings, confirm: JsonObject, pointer: str) -> None:
    found.keys(confirm, pointer, "objects", "confirm")
    _style(found, confirm, pointer)
    for name in ("title", "confirm", "deny"):
        if name in confirm:
            found.plain(confirm[name], f"{pointer}/{name}", limit("confirmation", name, "max_length"))
    found.text(confirm.get("text"), f"{pointer}/text", limit("confirmation", "text", "max_length"))


def _button(found: Findings, element: JsonObject, pointer: str) -> None:
    found.plain(element.get("text"), f"{pointer}/text", limit("button", "text", "max_length"))
    if "value" in element:
        found.length(element["value"], f"{pointer}/value", limit("button", "value", "max_length"), least=0)
    if "url" in element:
        found.length(element["url"], f"{pointer}/url", limit("button", "url", "max_length"))
    _style(found, element, pointer)


def _style(found: Findings, element: JsonObject, pointer: str) -> None:
    if element.get("style", "primary") not in ("primary", "danger"):
        found.add("must be a valid enum value", f"{pointer}/style")


def _options(found: Findings, given: object, pointer: str, most: int) -> None:
    for index, option in enumerate(found.count(given, pointer, most)):
        here = f"{pointer}/{index}"
        found.keys(as_object(option), here, "objects", "option")
        found.text(as_object(option).get("text"), f"{here}/text", limit("option", "text", "max_length"))
        if "description" in as_object(option):
            most = limit("option", "description", "max_length")
            found.text(as_object(option)["description"], f"{here}/description", most)
        found.length(as_object(option).get("value"), f"{here}/value", limit("option", "value", "max_length"))


def _select(found: Findings, element: JsonObject, pointer: str) -> None:
    if "option_groups" in element:
        most = limit("select", "option_groups", "max_items")
        for index, group in enumerate(found.count(element["option_groups"], f"{pointer}/option_groups", most)):
            here = f"{pointer}/option_groups/{index}"
            found.plain(as_object(group).get("label"), f"{here}/label", limit("option_group", "label", "max_length"))
            _options(
                found,
                as_object(group).get("options"),
                f"{here}/options",
                limit("select", "options", "max_items"),
            )
    else:
        _options(found, element.get("options"), f"{pointer}/options", limit("select", "options", "max_items"))
    _initial(found, element, pointer)


def _initial(found: Findings, element: JsonObject, pointer: str) -> None:
    # Slack compares initial options with all that are offered, those in groups too.
    initial, offered = element.get("initial_option"), options(element)
    if initial is not None and initial not in offered:
        found.add("initial option must exactly match one of the provided options", f"{pointer}/initial_option")
    if any(one not in offered for one in as_list(element.get("initial_options"))):
        found.add("initial options must exactly match provided options", f"{pointer}/initial_options")


def _choices(kind: str) -> Callable[[Findings, JsonObject, str], None]:
    def check_choices(found: Findings, element: JsonObject, pointer: str) -> None:
        _options(found, element.get("options"), f"{pointer}/options", limit(kind, "options", "max_items"))
        _initial(found, element, pointer)

    return check_choices


def _text_input(found: Findings, element: JsonObject, pointer: str) -> None:
    most = element.get("max_length")
    if isinstance(most, int) and most > limit("plain_text_input", "max_length", "max"):
        found.add("must be no more than 3000", f"{pointer}/max_length")


def _number_input(found: Findings, element: JsonObject, pointer: str) -> None:
    if "is_decimal_allowed" not in element:
        found.add("missing required field: is_decimal_allowed", pointer)


def _picker(key: str, pattern: str) -> Callable[[Findings, JsonObject, str], None]:
    def check_picker(found: Findings, element: JsonObject, pointer: str) -> None:
        if key in element and not re.fullmatch(pattern, str(element[key])):
            found.add(f"failed to match pattern {pattern}", f"{pointer}/{key}")

    return check_picker


def _no_more(_found: Findings, _element: JsonObject, _pointer: str) -> None:
    return


_CHECKS: dict[str, Callable[[Findings, JsonObject, str], None]] = {
    "button": _button,
    "static_select": _select,
    "multi_static_select": _select,
    "overflow": _choices("overflow"),
    "radio_buttons": _choices("radio_buttons"),
    "checkboxes": _choices("checkboxes"),
    "plain_text_input": _text_input,
    "image": image,
    "datepicker": _picker("initial_date", r"\d{4}-\d{2}-\d{2}"),
    "timepicker": _picker("initial_time", r"\d{2}:\d{2}"),
    "datetimepicker": _picker("initial_date_time", r"\d{10}"),
    "number_input": _number_input,
}
