"""Blocks of messages and views as HTML."""

from collections.abc import Mapping

from app.sandbox.jsontypes import JsonObject, as_list, as_object, as_objects, as_text
from app.sandbox.page import elements, mrkdwn, richtext
from app.sandbox.page.viewer import Viewer, text


def html(blocks: list[JsonObject], viewer: Viewer, *, in_modal: bool = False, errors: Mapping[str, str] = {}) -> str:
    """All blocks; `errors` are shown under the inputs of their `block_id`."""
    return "".join(_block(block, viewer, in_modal, errors) for block in blocks)


def _block(block: JsonObject, viewer: Viewer, in_modal: bool, errors: Mapping[str, str]) -> str:
    match block.get("type"):
        case "section":
            return _section(block, viewer)
        case "header":
            return f'<h3 class="block">{elements.words(block.get("text"), viewer)}</h3>'
        case "divider":
            return "<hr>"
        case "context":
            parts = [_context(one, viewer) for one in as_objects(block.get("elements"))]
            return f'<div class="block context">{" ".join(parts)}</div>'
        case "actions":
            parts = [elements.html(block, one, viewer) for one in as_objects(block.get("elements"))]
            return f'<div class="block actions">{"".join(parts)}</div>'
        case "input":
            return _input(block, viewer, in_modal, errors)
        case "markdown":
            return f'<div class="block">{mrkdwn.html(as_text(block.get("text")), viewer)}</div>'
        case "rich_text":
            return f'<div class="block">{richtext.html(block, viewer)}</div>'
        case "image":
            return f'<div class="block">{elements.html(block, block, viewer)}</div>'
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
        return elements.html(one, one, viewer)
    return f"<span>{elements.words(one, viewer)}</span>"


def _input(block: JsonObject, viewer: Viewer, in_modal: bool, errors: Mapping[str, str]) -> str:
    label = as_text(as_object(block.get("label")).get("text"))
    acts = block.get("dispatch_action") is True or not in_modal
    field = elements.html(block, as_object(block.get("element")), viewer, label=label, acts=acts)
    optional = " <small>(optional)</small>" if block.get("optional") is True else ""
    hint = f"<small>{elements.words(block['hint'], viewer)}</small>" if "hint" in block else ""
    wrong = errors.get(as_text(block.get("block_id")), "")
    error = f'<p class="error" role="alert">{text(wrong)}</p>' if wrong else ""
    return f'<div class="block input"><div class="label">{text(label)}{optional}</div>{field}{hint}{error}</div>'


def _table(block: JsonObject, viewer: Viewer) -> str:
    rows = []
    for number, row in enumerate(as_list(block.get("rows"))):
        tag = "th" if number == 0 else "td"
        cells = "".join(f"<{tag}>{_cell(cell, viewer)}</{tag}>" for cell in as_objects(row))
        rows.append(f"<tr>{cells}</tr>")
    return f'<div class="block scroll"><table>{"".join(rows)}</table></div>'


def _cell(cell: JsonObject, viewer: Viewer) -> str:
    if cell.get("type") == "rich_text":
        return richtext.html(cell, viewer)
    return text(as_text(cell.get("text")))
