"""What blocks say to whoever reads them: their words in order, without the form."""

from collections.abc import Iterator

from app.sandbox.blocks import elements
from app.sandbox.jsontypes import JsonObject, as_list, as_object, as_objects, as_text

FILE_GONE = "This file was deleted."


def of_blocks(blocks: list[JsonObject]) -> str:
    """The words of blocks, one line for each piece of text, button, label and cell."""
    return "\n".join(words for words in map(of_block, blocks) if words)


def of_block(block: JsonObject) -> str:
    """The words of one block; those of an input begin with its label."""
    return "\n".join(words for words in _of_block(block) if words)


def of_message(message: JsonObject) -> str:
    """The words of a message: those of its blocks where it has any, as Slack shows them, else its text; its files."""
    said = of_blocks(as_objects(message.get("blocks"))) or as_text(message.get("text"))
    return "\n".join(part for part in (said, *map(of_file, as_objects(message.get("files")))) if part)


def of_file(file: JsonObject) -> str:
    """What is read of a file: its title, and its name where that is another."""
    if file.get("mode") == "tombstone":
        return FILE_GONE
    return "\n".join(dict.fromkeys((as_text(file.get("title")), as_text(file.get("name")))))


def of_view(view: JsonObject) -> str:
    """The words of a modal or home tab, the errors it shows included."""
    errors = [as_text(error) for error in as_object(view.get("errors")).values()]
    lines = [_text(view.get("title")), of_blocks(as_objects(view.get("blocks"))), *errors]
    return "\n".join(line for line in lines if line)


def of_element(element: JsonObject) -> str:
    """What a button, select or image is called; empty when nothing is written on it."""
    return _text(element.get("text")) or _text(element.get("placeholder")) or as_text(element.get("alt_text"))


def _text(value: object) -> str:
    return as_text(as_object(value).get("text"))


def _of_block(block: JsonObject) -> Iterator[str]:
    yield as_text(block.get("text")) or _text(block.get("text"))
    yield from (_text(field) for field in as_list(block.get("fields")))
    yield _text(block.get("label"))
    yield _text(block.get("hint"))
    type_ = block.get("type")
    if type_ == "context":
        for part in as_objects(block.get("elements")):
            yield as_text(part.get("text")) or as_text(part.get("alt_text"))
    elif type_ == "rich_text":
        yield from _rich(block)
    elif type_ == "table":
        for row in as_list(block.get("rows")):
            for cell in as_objects(row):
                yield as_text(cell.get("text")) or "".join(_rich(cell))
    elif type_ == "image":
        yield _text(block.get("title")) or as_text(block.get("alt_text"))
    for element in elements.of_block(block):
        yield of_element(element)
        yield from (_text(option.get("text")) for option in elements.options(element))


def _rich(block: JsonObject) -> Iterator[str]:
    """The lines of rich text: a section each."""
    for part in as_objects(block.get("elements")):
        if part.get("type") == "rich_text_list":
            yield from _rich(part)
        else:
            yield "".join(_rich_part(one) for one in as_objects(part.get("elements")))


def _rich_part(part: JsonObject) -> str:
    match part.get("type"):
        case "user":
            return f"<@{part.get('user_id')}>"
        case "channel":
            return f"<#{part.get('channel_id')}>"
        case "emoji":
            return f":{part.get('name')}:"
        case "date":
            return as_text(part.get("fallback"))
        case "broadcast":
            return f"@{part.get('range')}"
        case _:
            return as_text(part.get("text")) or as_text(part.get("url"))
