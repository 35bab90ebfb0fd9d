"""Buttons, selects and inputs as HTML; the script knows them by their `data-` attributes."""

from app.sandbox.blocks.elements import options
from app.sandbox.jsontypes import JsonObject, as_list, as_object, as_objects, as_text
from app.sandbox.page import mrkdwn
from app.sandbox.page.viewer import Viewer, text

_TYPED = {
    "datepicker": ("date", "initial_date"),
    "timepicker": ("time", "initial_time"),
    "number_input": ("number", "initial_value"),
    "email_text_input": ("email", "initial_value"),
    "url_text_input": ("url", "initial_value"),
    "plain_text_input": ("text", "initial_value"),
}


def words(value: object, viewer: Viewer) -> str:
    """A text object as HTML."""
    given = as_object(value)
    if given.get("type") == "mrkdwn":
        return mrkdwn.html(as_text(given.get("text")), viewer)
    return mrkdwn.emoji(text(as_text(given.get("text")))).replace("\n", "<br>")


def html(block: JsonObject, element: JsonObject, viewer: Viewer, *, label: str = "", acts: bool = True) -> str:
    """An element. One that `acts` tells the app at once; others wait for their form to be sent."""
    type_ = as_text(element.get("type"))
    attributes = _attributes(block, element, label, acts=acts)
    if type_ == "button":
        return _button(element, attributes, viewer)
    if type_ in _TYPED:
        return _typed(element, attributes)
    if type_ in ("radio_buttons", "checkboxes"):
        return _choices(block, element, attributes, viewer)
    if type_ == "image":
        return _picture(element)
    return _select(element, attributes, viewer)


def _attributes(block: JsonObject, element: JsonObject, label: str, *, acts: bool) -> str:
    name = label or as_text(as_object(element.get("placeholder")).get("text"))
    parts = {
        "data-block": as_text(block.get("block_id")),
        "data-action": as_text(element.get("action_id")),
        "data-type": as_text(element.get("type")),
        "data-acts": "1" if acts else "",
        "data-confirm": _confirm(element),
        "aria-label": name,
    }
    return "".join(f' {key}="{text(value)}"' for key, value in parts.items() if value)


def _confirm(element: JsonObject) -> str:
    confirm = as_object(element.get("confirm"))
    lines = [as_text(as_object(confirm.get(part)).get("text")) for part in ("title", "text")]
    return "\n\n".join(line for line in lines if line)


def _button(element: JsonObject, attributes: str, viewer: Viewer) -> str:
    style = as_text(element.get("style"))
    label = words(element.get("text"), viewer)
    url = as_text(element.get("url"))
    value = f' data-value="{text(as_text(element.get("value")))}"' if "value" in element else ""
    link = f' data-url="{text(url)}"' if url.startswith(("http://", "https://")) else ""
    attributes = attributes.replace(' aria-label=""', "")
    return f'<button type="button" class="act {text(style)}"{attributes}{value}{link}>{label}</button>'


def _typed(element: JsonObject, attributes: str) -> str:
    kind, initial = _TYPED[as_text(element.get("type"))]
    value = text(as_text(element.get(initial)))
    hint = text(as_text(as_object(element.get("placeholder")).get("text")))
    if element.get("multiline") is True:
        return f'<textarea rows="4" placeholder="{hint}"{attributes}>{value}</textarea>'
    return f'<input type="{kind}" value="{value}" placeholder="{hint}"{attributes}>'


def _choices(block: JsonObject, element: JsonObject, attributes: str, viewer: Viewer) -> str:
    kind = "radio" if element.get("type") == "radio_buttons" else "checkbox"
    initial = as_objects(element.get("initial_options")) or [as_object(element.get("initial_option"))]
    on = [one.get("value") for one in initial]
    name = text(f"{block.get('block_id')}/{element.get('action_id')}")
    rows = []
    for option in options(element):
        checked = " checked" if option.get("value") in on else ""
        value = text(as_text(option.get("value")))
        description = words(option.get("description"), viewer)
        small = f"<small>{description}</small>" if description else ""
        box = f'<input type="{kind}" name="{name}" value="{value}"{checked}>'
        rows.append(f"<label>{box} {words(option.get('text'), viewer)}{small}</label>")
    return f'<div class="choices" role="group"{attributes}>{"".join(rows)}</div>'


def _select(element: JsonObject, attributes: str, viewer: Viewer) -> str:
    type_ = as_text(element.get("type"))
    many = type_.startswith("multi_")
    offered = _offered(type_, element, viewer)
    on = _initially(type_, element)
    hint = as_text(as_object(element.get("placeholder")).get("text")) or ("⋯" if type_ == "overflow" else "Choose…")
    empty = "" if many else f'<option value="">{text(hint)}</option>'
    rows = "".join(
        f'<option value="{text(value)}"{" selected" if value in on else ""}>{label}</option>'
        for value, label in offered
    )
    return f"<select{' multiple' if many else ''}{attributes}>{empty}{rows}</select>"


def _offered(type_: str, element: JsonObject, viewer: Viewer) -> list[tuple[str, str]]:
    if "users_select" in type_:
        people = [user for user in viewer.workspace.users.values() if not user.deleted and not user.is_bot]
        return [(user.id, text(user.real_name or user.name)) for user in people]
    if "channels_select" in type_ or "conversations_select" in type_:
        seen = [one for one in viewer.workspace.channels.values() if viewer.user.id in one.members]
        return [(channel.id, text(viewer.channel_name(channel))) for channel in seen]
    return [
        (as_text(option.get("value")), text(as_text(as_object(option.get("text")).get("text"))))
        for option in options(element)
    ]


def _initially(type_: str, element: JsonObject) -> list[str]:
    if type_ in ("static_select", "multi_static_select"):
        given = as_objects(element.get("initial_options")) or [as_object(element.get("initial_option"))]
        return [as_text(one.get("value")) for one in given if one]
    of = type_.removeprefix("multi_").removesuffix("_select").removesuffix("s")
    return [as_text(one) for one in (*as_list(element.get(f"initial_{of}s")), element.get(f"initial_{of}")) if one]


def _picture(element: JsonObject) -> str:
    # Pictures of other machines are named, not fetched: the page needs no network.
    return f'<span class="picture" role="img">🖼 {text(as_text(element.get("alt_text")))}</span>'
