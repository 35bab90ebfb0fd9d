"""Buttons, pickers and inputs as HTML; the script knows them by their `data-` attributes."""

from dataclasses import dataclass

from app.sandbox.blocks.elements import options
from app.sandbox.jsontypes import JsonObject, as_int, as_list, as_object, as_objects, as_text, dumps
from app.sandbox.page import mrkdwn, pictures
from app.sandbox.page.emoji import emoji
from app.sandbox.page.viewer import Viewer, text

_TYPED = {
    "datepicker": ("date", "initial_date"),
    "timepicker": ("time", "initial_time"),
    "datetimepicker": ("datetime-local", "initial_date_time"),
    "number_input": ("number", "initial_value"),
    "email_text_input": ("email", "initial_value"),
    "url_text_input": ("url", "initial_value"),
    "plain_text_input": ("text", "initial_value"),
}
_SPOKEN = {"datepicker": "Date", "timepicker": "Time", "datetimepicker": "Date and time", "overflow": "More options"}


@dataclass(frozen=True, slots=True)
class Field:
    """The input block around an element. `id` ties it to its label and error, where there can be only one of it."""

    id: str = ""
    label: str = ""
    wrong: bool = False
    required: bool = False


_NO_FIELD = Field()


def words(value: object, viewer: Viewer) -> str:
    """A text object as HTML."""
    given = as_object(value)
    if given.get("type") == "mrkdwn":
        return mrkdwn.html(as_text(given.get("text")), viewer)
    return emoji(text(as_text(given.get("text")))).replace("\n", "<br>")


def is_group(element: JsonObject) -> bool:
    """Whether an element consists of several boxes to tick, none of which the label could be for."""
    type_ = as_text(element.get("type"))
    return type_ in ("radio_buttons", "checkboxes") or type_.startswith("multi_")


def html(block: JsonObject, element: JsonObject, viewer: Viewer, *, field: Field = _NO_FIELD, acts: bool = True) -> str:
    """An element. One that `acts` tells the app at once; others wait for their form to be sent."""
    type_ = as_text(element.get("type"))
    if type_ == "image":
        return pictures.html(element)
    attributes = _attributes(block, element, viewer, field, acts=acts)
    if type_ == "button":
        return _button(element, attributes, viewer)
    if type_ == "overflow":
        return _overflow(element, attributes, viewer)
    if type_ in _TYPED:
        return _typed(element, attributes, viewer)
    if is_group(element):
        return _choices(block, element, attributes, viewer)
    return _select(element, attributes, viewer)


def _attributes(block: JsonObject, element: JsonObject, viewer: Viewer, field: Field, *, acts: bool) -> str:
    type_ = as_text(element.get("type"))
    hint = as_text(as_object(element.get("placeholder")).get("text"))
    name = as_text(element.get("accessibility_label"))
    if type_ != "button" and not name:
        name = field.label or hint or _SPOKEN.get(type_, "Choose")
    single = field.id and not is_group(element)
    parts = {
        "id": field.id if single else "",
        "data-block": as_text(block.get("block_id")),
        "data-action": as_text(element.get("action_id")),
        "data-type": type_,
        "data-acts": "1" if acts else "",
        "data-confirm": _confirm(element, viewer),
        "aria-label": "" if single else name,
        "aria-describedby": f"{field.id}-error" if field.wrong and field.id else "",
        "aria-invalid": "true" if field.wrong and not is_group(element) else "",
        "aria-required": "true" if field.required and single else "",
        "autofocus": "autofocus" if element.get("focus_on_load") is True else "",
    }
    return "".join(f' {key}="{text(value)}"' for key, value in parts.items() if value)


def _confirm(element: JsonObject, viewer: Viewer) -> str:
    """The dialog before an element acts, as JSON for the script; its texts are HTML already."""
    confirm = as_object(element.get("confirm"))
    if not confirm:
        return ""
    given = {part: words(confirm.get(part), viewer) for part in ("title", "text", "confirm", "deny")}
    usual = {"title": "Are you sure?", "confirm": "Yes", "deny": "Cancel"}
    return dumps({part: said or usual.get(part, "") for part, said in given.items()} | {"style": confirm.get("style")})


def _button(element: JsonObject, attributes: str, viewer: Viewer) -> str:
    style = as_text(element.get("style"))
    value = f' data-value="{text(as_text(element.get("value")))}"' if "value" in element else ""
    label = words(element.get("text"), viewer)
    return f'<button type="button" class="act {text(style)}"{attributes}{value}{_link(element)}>{label}</button>'


def _link(of: JsonObject) -> str:
    url = as_text(of.get("url"))
    return f' data-url="{text(url)}"' if url.startswith(("http://", "https://")) else ""


def _overflow(element: JsonObject, attributes: str, viewer: Viewer) -> str:
    items = []
    for option in options(element):
        value = text(as_text(option.get("value")))
        about = f"<small>{words(option['description'], viewer)}</small>" if "description" in option else ""
        label = words(option.get("text"), viewer)
        items.append(
            f'<button type="button" role="menuitem" tabindex="-1" data-choice="{value}"{_link(option)}>'
            f"{label}{about}</button>"
        )
    return (
        f'<span class="overflow"><button type="button" class="act"{attributes} data-menu aria-haspopup="menu"'
        ' aria-expanded="false">⋯</button>'
        f'<div class="menu" popover role="menu" aria-label="Options">{"".join(items)}</div></span>'
    )


def _typed(element: JsonObject, attributes: str, viewer: Viewer) -> str:
    type_ = as_text(element.get("type"))
    kind, initial = _TYPED[type_]
    value = as_text(element.get(initial))
    if type_ == "datetimepicker" and initial in element:
        value = f"{viewer.local(as_int(element[initial])):%Y-%m-%dT%H:%M}"
    hint = text(as_text(as_object(element.get("placeholder")).get("text")))
    bounds = {
        "maxlength": element.get("max_length"),
        "min": element.get("min_value"),
        "max": element.get("max_value"),
        "step": "any" if element.get("is_decimal_allowed") is True else None,
    }
    limits = "".join(f' {name}="{text(str(bound))}"' for name, bound in bounds.items() if bound is not None)
    if element.get("multiline") is True:
        return f'<textarea rows="4" placeholder="{hint}"{limits}{attributes}>{text(value)}</textarea>'
    return f'<input type="{kind}" value="{text(value)}" placeholder="{hint}" autocomplete="off"{limits}{attributes}>'


def _choices(block: JsonObject, element: JsonObject, attributes: str, viewer: Viewer) -> str:
    """Boxes to tick, of which several or, as radio buttons, one."""
    type_ = as_text(element.get("type"))
    kind = "radio" if type_ == "radio_buttons" else "checkbox"
    on = _initially(type_, element)
    name = text(f"{block.get('block_id')}/{element.get('action_id')}")
    described = {as_text(one.get("value")): words(one.get("description"), viewer) for one in options(element)}
    rows = []
    for value, label in _offered(type_, element, viewer):
        checked = " checked" if value in on else ""
        small = f"<small>{described[value]}</small>" if described.get(value) else ""
        box = f'<input type="{kind}" name="{name}" value="{text(value)}"{checked}>'
        rows.append(f"<label>{box} <span>{label}{small}</span></label>")
    css = "choices many" if type_.startswith("multi_") else "choices"
    role = "radiogroup" if kind == "radio" else "group"
    return f'<div class="{css}" role="{role}"{attributes}>{"".join(rows)}</div>'


def _select(element: JsonObject, attributes: str, viewer: Viewer) -> str:
    type_ = as_text(element.get("type"))
    on = _initially(type_, element)
    hint = as_text(as_object(element.get("placeholder")).get("text")) or "Choose an option"
    if element.get("option_groups"):
        rows = ""
        for group in as_objects(element["option_groups"]):
            label = text(as_text(as_object(group.get("label")).get("text")))
            rows += f'<optgroup label="{label}">{_rows(_of_options(group, viewer), on)}</optgroup>'
    else:
        rows = _rows(_offered(type_, element, viewer), on)
    return f'<select{attributes}><option value="">{text(hint)}</option>{rows}</select>'


def _rows(offered: list[tuple[str, str]], on: list[str]) -> str:
    return "".join(
        f'<option value="{text(value)}"{" selected" if value in on else ""}>{label}</option>'
        for value, label in offered
    )


def _of_options(holder: JsonObject, viewer: Viewer) -> list[tuple[str, str]]:
    return [(as_text(one.get("value")), words(one.get("text"), viewer)) for one in options(holder)]


def _offered(type_: str, element: JsonObject, viewer: Viewer) -> list[tuple[str, str]]:
    """Values with their labels (HTML)."""
    if "users_select" in type_:
        people = [user for user in viewer.workspace.users.values() if not user.deleted and not user.is_bot]
        return [(user.id, text(user.real_name or user.name)) for user in people]
    if "channels_select" in type_ or "conversations_select" in type_:
        seen = [one for one in viewer.workspace.channels.values() if viewer.user.id in one.members]
        return [(channel.id, text(viewer.channel_name(channel))) for channel in seen]
    return _of_options(element, viewer)


def _initially(type_: str, element: JsonObject) -> list[str]:
    if type_ in ("static_select", "multi_static_select", "radio_buttons", "checkboxes"):
        given = as_objects(element.get("initial_options")) or [as_object(element.get("initial_option"))]
        return [as_text(one.get("value")) for one in given if one]
    of = type_.removeprefix("multi_").removesuffix("_select").removesuffix("s")
    return [as_text(one) for one in (*as_list(element.get(f"initial_{of}s")), element.get(f"initial_{of}")) if one]
