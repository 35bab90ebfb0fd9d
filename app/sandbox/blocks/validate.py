"""What Slack checks before it accepts blocks: types, lengths, counts, identifiers used twice.

Findings read like Slack's own: `[ERROR] must be less than 76 characters [json-pointer:/blocks/0/…]`.
"""

from collections.abc import Callable

from app.sandbox.blocks import elements
from app.sandbox.contract import block_facts, limit
from app.sandbox.jsontypes import JsonObject, as_list, as_object, as_objects, as_text

Surface = str
"""Where the blocks go: "message", "modal" or "home"."""


class Findings:
    """Collects what is wrong, with where."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, what: str, pointer: str) -> None:
        """Note one thing."""
        self.messages.append(f"[ERROR] {what} [json-pointer:{pointer}]")

    def text(
        self, value: object, pointer: str, most: int, *, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")
    ) -> None:
        """Check a text object."""
        if not isinstance(value, dict):
            self.add("missing required field: text", pointer)
            return
        if value.get("type") not in kinds:
            self.add(f"unsupported type: {value.get('type')}", f"{pointer}/type")
        self.keys(value, pointer, "objects", as_text(value.get("type")))
        self.length(value.get("text"), f"{pointer}/text", most)

    def plain(self, value: object, pointer: str, most: int) -> None:
        """Check a plain_text object."""
        self.text(value, pointer, most, kinds=("plain_text",))

    def keys(self, value: JsonObject, pointer: str, *path: str) -> None:
        """Check that an object has no keys but those of its kind, which `path` names in `data/blocks.json`."""
        known = block_facts(*path)
        if known:
            for key in sorted(set(value) - known):
                self.add(f"invalid additional property: {key}", pointer)

    def length(self, value: object, pointer: str, most: int, least: int = 1) -> None:
        """Check a string's length."""
        if not isinstance(value, str):
            self.add("must be a string", pointer)
        elif len(value) < least:
            self.add(f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            self.add(f"must be less than {most + 1} characters", pointer)

    def count(self, value: object, pointer: str, most: int, least: int = 1) -> list[object]:
        """Check an array's length, and give back its items."""
        items = as_list(value)
        if len(items) < least:
            self.add(f"no less than {least} items allowed", pointer)
        if len(items) > most:
            self.add(f"no more than {most} items allowed", pointer)
        return items


def problems(blocks: object, surface: Surface = "message", at: str = "") -> list[str]:
    """All that Slack would refuse in these blocks, which stand under the JSON pointer `at`; empty if they are good."""
    found = Findings()
    most = limit("message", "blocks", "max_items") if surface == "message" else limit("view", "blocks", "max_items")
    seen: set[str] = set()
    for index, block in enumerate(found.count(blocks, f"{at}/blocks", most, least=0)):
        pointer = f"{at}/blocks/{index}"
        if not isinstance(block, dict):
            found.add("must be an object", pointer)
            continue
        _block(found, block, pointer, surface)
        id_ = as_text(block.get("block_id"))
        if id_:
            found.length(id_, f"{pointer}/block_id", limit("block_id", "max_length"))
            if id_ in seen:
                found.add(f"`block_id` {id_!r} already exists", f"{pointer}/block_id")
            seen.add(id_)
    if sum(as_object(block).get("type") == "table" for block in as_list(blocks)) > 1:
        found.add("only_one_table_allowed", f"{at}/blocks")
    return found.messages


def _block(found: Findings, block: JsonObject, pointer: str, surface: Surface) -> None:
    type_ = as_text(block.get("type"))
    if surface not in block_facts("blocks", type_, "surfaces"):
        found.add(f"unsupported type: {type_}", f"{pointer}/type")
        return
    found.keys(block, pointer, "blocks", type_, "keys")
    _BLOCKS.get(type_, _nothing)(found, block, pointer)
    actions = [as_text(element.get("action_id")) for element in elements.of_block(block)]
    named = [action for action in actions if action]
    for action in sorted({action for action in named if named.count(action) > 1}):
        found.add(f"`action_id` {action!r} already exists", pointer)


def _section(found: Findings, block: JsonObject, pointer: str) -> None:
    if "text" not in block and "fields" not in block:
        found.add("missing required field: text", pointer)
    if "text" in block:
        found.text(block["text"], f"{pointer}/text", limit("section", "text", "max_length"))
    if "fields" in block:
        fields = found.count(block["fields"], f"{pointer}/fields", limit("section", "fields", "max_items"))
        for index, field in enumerate(fields):
            found.text(field, f"{pointer}/fields/{index}", limit("section", "fields", "item_max_length"))
    if "accessory" in block:
        elements.check(found, as_object(block["accessory"]), f"{pointer}/accessory", "section")


def _header(found: Findings, block: JsonObject, pointer: str) -> None:
    found.plain(block.get("text"), f"{pointer}/text", limit("header", "text", "max_length"))


def _context(found: Findings, block: JsonObject, pointer: str) -> None:
    most = limit("context", "elements", "max_items")
    for index, element in enumerate(found.count(block.get("elements"), f"{pointer}/elements", most)):
        here = f"{pointer}/elements/{index}"
        if as_object(element).get("type") == "image":
            elements.check(found, as_object(element), here, "context")
        else:
            found.text(element, here, limit("text", "max_length"))


def _actions(found: Findings, block: JsonObject, pointer: str) -> None:
    most = limit("actions", "elements", "max_items")
    for index, element in enumerate(found.count(block.get("elements"), f"{pointer}/elements", most)):
        elements.check(found, as_object(element), f"{pointer}/elements/{index}", "actions")


def _input(found: Findings, block: JsonObject, pointer: str) -> None:
    found.plain(block.get("label"), f"{pointer}/label", limit("input", "label", "max_length"))
    if "hint" in block:
        found.plain(block["hint"], f"{pointer}/hint", limit("input", "hint", "max_length"))
    if "element" not in block:
        found.add("missing required field: element", pointer)
        return
    elements.check(found, as_object(block["element"]), f"{pointer}/element", "input")


def _image(found: Findings, block: JsonObject, pointer: str) -> None:
    elements.image(found, block, pointer)
    if "title" in block:
        found.plain(block["title"], f"{pointer}/title", limit("image", "alt_text", "max_length"))


def _markdown(found: Findings, block: JsonObject, pointer: str) -> None:
    found.length(block.get("text"), f"{pointer}/text", limit("markdown", "text", "max_length"))


def _rich_text(found: Findings, block: JsonObject, pointer: str) -> None:
    kinds = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
    if not isinstance(block.get("elements"), list):
        found.add("missing required field: elements", pointer)
    for index, element in enumerate(as_objects(block.get("elements"))):
        here = f"{pointer}/elements/{index}"
        if element.get("type") not in kinds:
            found.add(f"unsupported type: {element.get('type')}", f"{here}/type")
        elif element["type"] == "rich_text_list":
            if element.get("style") not in ("bullet", "ordered"):
                found.add("must be a valid enum value", f"{here}/style")
            for item, section in enumerate(as_objects(element.get("elements"))):
                _rich_text_parts(found, section, f"{here}/elements/{item}")
        else:
            _rich_text_parts(found, element, here)


def _rich_text_parts(found: Findings, section: JsonObject, pointer: str) -> None:
    if not isinstance(section.get("elements"), list):
        found.add("missing required field: elements", pointer)
    for index, part in enumerate(as_objects(section.get("elements"))):
        here, type_ = f"{pointer}/elements/{index}", as_text(part.get("type"))
        if not block_facts("rich_text", type_):
            found.add(f"unsupported type: {type_}", f"{here}/type")
            continue
        found.keys(part, here, "rich_text", type_)
        if type_ == "text":
            found.length(part.get("text"), f"{here}/text", limit("section", "text", "max_length"))


def _table(found: Findings, block: JsonObject, pointer: str) -> None:
    # Rows and columns as Slack's reference of the table block has them: 100 rows of 20 cells.
    for index, row in enumerate(found.count(block.get("rows"), f"{pointer}/rows", 100)):
        for place, cell in enumerate(found.count(row, f"{pointer}/rows/{index}", 20)):
            here, type_ = f"{pointer}/rows/{index}/{place}", as_text(as_object(cell).get("type"))
            if type_ == "rich_text":
                _rich_text(found, as_object(cell), here)
            elif type_ == "raw_text":
                found.length(as_object(cell).get("text"), f"{here}/text", limit("section", "text", "max_length"))
            else:
                found.add(f"unsupported type: {type_}", f"{here}/type")
    found.count(block.get("column_settings"), f"{pointer}/column_settings", 20, least=0)


def _nothing(_found: Findings, _block: JsonObject, _pointer: str) -> None:
    return


_BLOCKS: dict[str, Callable[[Findings, JsonObject, str], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "table": _table,
}
