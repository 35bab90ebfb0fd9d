"""What people type and choose, as Slack writes it into actions and view states."""

from collections.abc import Mapping

from app.sandbox.blocks import elements
from app.sandbox.errors import RefusedError
from app.sandbox.jsontypes import JsonObject, as_list, as_object, as_objects, as_text

_SINGLE = {
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
}
_MANY = {
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
_ONE_OPTION = ("static_select", "radio_buttons", "overflow")
_MANY_OPTIONS = ("multi_static_select", "checkboxes")
_CHOSEN = (*_ONE_OPTION, *_MANY_OPTIONS, *_MANY, *(type_ for type_, (key, _) in _SINGLE.items() if key != "value"))
REQUIRED = "Please complete this required field."


def chosen(element: JsonObject, value: object) -> JsonObject:
    """What an element holds after a person gave it `value`: text, an option's value, a date, ids.

    Raises:
        RefusedError: there is no such option, or the element takes no values.
    """
    type_ = as_text(element.get("type"))
    if type_ in _SINGLE:
        given = None if value in (None, "") else value
        return {"type": type_, _SINGLE[type_][0]: given if isinstance(given, int) else _text_or_none(given)}
    if type_ in _MANY:
        return {"type": type_, _MANY[type_][0]: as_list(value)}
    if type_ in _ONE_OPTION:
        return {"type": type_, "selected_option": None if value in (None, "") else _option(element, value)}
    if type_ in _MANY_OPTIONS:
        return {"type": type_, "selected_options": [_option(element, item) for item in as_list(value)]}
    raise RefusedError(f"An element of type {type_!r} takes no value.")


def initial(element: JsonObject) -> JsonObject | None:
    """What an element holds before anyone touched it; None when it holds nothing ever (a button)."""
    type_ = as_text(element.get("type"))
    if type_ in _SINGLE:
        return {"type": type_, _SINGLE[type_][0]: element.get(_SINGLE[type_][1])}
    if type_ in _MANY:
        return {"type": type_, _MANY[type_][0]: as_list(element.get(_MANY[type_][1]))}
    if type_ in ("static_select", "radio_buttons"):
        return {"type": type_, "selected_option": element.get("initial_option")}
    if type_ in _MANY_OPTIONS:
        return {"type": type_, "selected_options": as_objects(element.get("initial_options"))}
    return None


def is_empty(held: JsonObject) -> bool:
    """Whether an element holds nothing."""
    return all(not value for key, value in held.items() if key != "type")


def state(blocks: list[JsonObject], given: Mapping[str, object]) -> JsonObject:
    """The `state` of a view, or of a message with inputs.

    `given` names values by `action_id`, by `block_id`, or by `block_id` and then `action_id`.

    Raises:
        RefusedError: a value names no element, or no option of its element.
    """
    values: dict[str, JsonObject] = {}
    named: set[str] = set()
    for block, element in elements.walk(blocks):
        held = initial(element)
        if held is None:
            continue
        block_id, action_id = as_text(block.get("block_id")), as_text(element.get("action_id"))
        for key in (block_id, action_id):
            if key not in given:
                continue
            value = given[key]
            if isinstance(value, dict):
                if action_id not in value:
                    continue
                value = value[action_id]
            named.add(key)
            held = chosen(element, value)
        values.setdefault(block_id, {})[action_id] = held
    unknown = set(given) - named
    if unknown:
        raise RefusedError(f"There is no input named {', '.join(sorted(unknown))} here.")
    return {"values": values}


def with_action(of_state: JsonObject, act: JsonObject) -> JsonObject:
    """The state, with what was chosen just now: Slack sends it in both places."""
    held = as_object(of_state["values"]).get(as_text(act.get("block_id")))
    if isinstance(held, dict) and act.get("type") in _CHOSEN and act.get("action_id") in held:
        held[as_text(act["action_id"])] = {
            key: value for key, value in act.items() if key == "type" or key.startswith("selected_")
        }
    return of_state


def missing(blocks: list[JsonObject], of_state: JsonObject) -> dict[str, str]:
    """The required inputs left empty, by `block_id`: what Slack itself stops before the app hears of it."""
    values = of_state["values"]
    lacking = {}
    for block in blocks:
        if block.get("type") != "input" or block.get("optional") is True:
            continue
        block_id = as_text(block.get("block_id"))
        held = values.get(block_id, {}) if isinstance(values, dict) else {}
        if all(is_empty(one) for one in held.values()):
            lacking[block_id] = REQUIRED
    return lacking


def _option(element: JsonObject, value: object) -> JsonObject:
    for option in elements.options(element):
        if option.get("value") == value:
            return {"text": option["text"], "value": value}
    offered = ", ".join(str(option.get("value")) for option in elements.options(element))
    raise RefusedError(f"There is no option {value!r} here; there are: {offered}.")


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
