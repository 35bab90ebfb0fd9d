"""rich_text blocks as HTML."""

from app.sandbox.jsontypes import JsonObject, as_int, as_object, as_objects, as_text
from app.sandbox.page import mrkdwn
from app.sandbox.page.emoji import emoji
from app.sandbox.page.viewer import Viewer, text

_STYLE_TAGS = {"bold": "strong", "italic": "em", "strike": "s", "code": "code"}


def html(block: JsonObject, viewer: Viewer) -> str:
    """The HTML of a rich_text block."""
    return "".join(_part(part, viewer) for part in as_objects(block.get("elements")))


def _part(part: JsonObject, viewer: Viewer) -> str:
    inner = "".join(_inline(one, viewer) for one in as_objects(part.get("elements")))
    match part.get("type"):
        case "rich_text_list":
            tag = "ol" if part.get("style") == "ordered" else "ul"
            items = "".join(f"<li>{_part(item, viewer)}</li>" for item in as_objects(part.get("elements")))
            # A list within a list comes as a list of its own that says how far it is indented.
            return f'<{tag} class="indent{min(as_int(part.get("indent")), 8)}">{items}</{tag}>'
        case "rich_text_preformatted":
            return f"<pre>{inner}</pre>"
        case "rich_text_quote":
            return f"<q-line>{inner}</q-line>"
        case _:
            return f"<div>{inner}</div>"


def _inline(one: JsonObject, viewer: Viewer) -> str:
    match one.get("type"):
        case "text":
            body = text(as_text(one.get("text"))).replace("\n", "<br>")
        case "link":
            url = as_text(one.get("url"))
            body = mrkdwn.link(url, as_text(one.get("text")) or url)
        case "user":
            body = f'<span class="mention">@{text(viewer.user_name(as_text(one.get("user_id"))))}</span>'
        case "channel":
            body = mrkdwn.channel_mention(as_text(one.get("channel_id")), "", viewer)
        case "broadcast":
            body = f'<span class="mention">@{text(as_text(one.get("range")))}</span>'
        case "emoji":
            body = emoji(text(f":{as_text(one.get('name'))}:"))
        case "date":
            form = as_text(one.get("format"), "{date_num} {time}")
            body = text(mrkdwn.date(as_int(one.get("timestamp")), form, viewer))
        case _:
            return ""
    for style, tag in _STYLE_TAGS.items():
        if as_object(one.get("style")).get(style) is True:
            body = f"<{tag}>{body}</{tag}>"
    return body
