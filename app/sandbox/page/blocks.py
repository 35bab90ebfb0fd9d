"""Blocks of messages and views as HTML."""

from collections.abc import Mapping

from app.sandbox.jsontypes import JsonObject, as_list, as_object, as_objects, as_text
from app.sandbox.page import elements, mrkdwn, pictures, richtext
from app.sandbox.page.elements import Field
from app.sandbox.page.viewer import Viewer, text


def html(blocks: list[JsonObject], viewer: Viewer, *, in_modal: bool = False, errors: Mapping[str, str] = {}) -> str:
    """All blocks; `errors` are shown under the inputs of their `block_id`.

    Only one modal is shown at a time, so its inputs can have ids that tie them to their labels.
    """
    return "".join(
        _block(block, viewer, f"field{index}" if in_modal else "", errors) for index, block in enumerate(blocks)
    )


def _block(block: JsonObject, viewer: Viewer, id_: str, errors: Mapping[str, str]) -> str:
    match block.get("type"):
        case "section":
            return _section(block, viewer)
        case "header":
            return f'<h2 class="block header">{elements.words(block.get("text"), viewer)}</h2>'
        case "divider":
            return "<hr>"
        case "context":
            parts = [_context(one, viewer) for one in as_objects(block.get("elements"))]
            return f'<div class="block context">{" ".join(parts)}</div>'
        case "actions":
            parts = [elements.html(block, one, viewer) for one in as_objects(block.get("elements"))]
            return f'<div class="block actions">{"".join(parts)}</div>'
        case "input":
            return _input(block, viewer, id_, errors.get(as_text(block.get("block_id")), ""))
        case "markdown":
            return f'<div class="block">{mrkdwn.html(as_text(block.get("text")), viewer)}</div>'
        case "rich_text":
            return f'<div class="block">{richtext.html(block, viewer)}</div>'
        case "image":
            return _image(block, viewer)
        case "table":
            return _table(block, viewer)
        case other:
            return f'<div class="block context">[{text(str(other))}]</div>'


def _section(block: JsonObject, viewer: Viewer) -> str:
    main = f"<div>{elements.words(block['text'], viewer)}</div>" if "text" in block else ""
    fields = as_list(block.get("fields"))
    if fields:
        cells = "".join(f"<div>{elements.words(field, viewer)}</div>" for field in fields)
        main += f'<div class="fields">{cells}</div>'
    accessory = as_object(block.get("accessory"))
    side = f'<div class="side">{elements.html(block, accessory, viewer)}</div>' if accessory else ""
    return f'<div class="block section"><div class="grow">{main}</div>{side}</div>'


def _context(one: JsonObject, viewer: Viewer) -> str:
    if one.get("type") == "image":
        return pictures.html(one)
    return f"<span>{elements.words(one, viewer)}</span>"


def _image(block: JsonObject, viewer: Viewer) -> str:
    title = f"<figcaption>{elements.words(block['title'], viewer)}</figcaption>" if "title" in block else ""
    return f'<figure class="block">{title}{pictures.html(block)}</figure>'


def _input(block: JsonObject, viewer: Viewer, id_: str, wrong: str) -> str:
    label = as_text(as_object(block.get("label")).get("text"))
    element = as_object(block.get("element"))
    optional = ' <span class="optional">(optional)</span>' if block.get("optional") is True else ""
    hint = f"<small>{elements.words(block['hint'], viewer)}</small>" if "hint" in block else ""
    error_id = f' id="{id_}-error"' if id_ else ""
    error = f'<p class="error"{error_id} role="alert">{text(wrong)}</p>' if wrong else ""
    field = Field(id_, label, wrong=bool(wrong), required=not optional)
    # What waits for its form to be sent says nothing to the app before, unless the block asks for it.
    drawn = elements.html(block, element, viewer, field=field, acts=block.get("dispatch_action") is True)
    names = f' for="{id_}"' if id_ and not elements.is_group(element) else ""
    tag = "label" if names else "div"
    above = f'<{tag} class="label"{names}>{text(label)}{optional}</{tag}>'
    return f'<div class="block input">{above}{drawn}{error}{hint}</div>'


def _table(block: JsonObject, viewer: Viewer) -> str:
    aligned = [as_text(one.get("align")) for one in as_objects(block.get("column_settings"))]
    rows = []
    for number, row in enumerate(as_list(block.get("rows"))):
        tag = "th" if number == 0 else "td"
        cells = []
        for column, cell in enumerate(as_objects(row)):
            side = aligned[column] if column < len(aligned) else ""
            css = f' class="{side}"' if side in ("center", "right") else ""
            cells.append(f"<{tag}{css}>{_cell(cell, viewer)}</{tag}>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="block scroll" tabindex="0" role="group" aria-label="Table"><table>{"".join(rows)}</table></div>'
    )


def _cell(cell: JsonObject, viewer: Viewer) -> str:
    if cell.get("type") == "rich_text":
        return richtext.html(cell, viewer)
    return text(as_text(cell.get("text")))
