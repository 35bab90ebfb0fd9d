"""Block Kit: what is accepted, and where and why the rest is not."""

import pytest
from slack_sdk.models import blocks as models
from slack_sdk.models.blocks import block_elements

from app.sandbox.blocks.validate import problems
from app.sandbox.contract import block_facts
from app.sandbox.jsontypes import JsonObject


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def option(value: str = "v") -> JsonObject:
    return {"text": plain("Option"), "value": value}


def button(**more: object) -> JsonObject:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **more}


def actions(*elements: JsonObject) -> JsonObject:
    return {"type": "actions", "elements": list(elements)}


def rich(*parts: JsonObject) -> JsonObject:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


SELECT: JsonObject = {"type": "static_select", "action_id": "s", "options": [option()]}

GOOD: list[JsonObject] = [
    {"type": "divider"},
    {"type": "header", "text": plain("Title")},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*x*"}, "accessory": button()},
    {"type": "section", "fields": [plain("a"), {"type": "mrkdwn", "text": "b"}]},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}]},
    {"type": "context", "elements": [{"type": "image", "image_url": "http://x.example/i.png", "alt_text": "i"}]},
    actions(button(style="danger", value=""), SELECT, button(action_id="b", url="http://x.example")),
    {"type": "input", "label": plain("Note"), "element": {"type": "plain_text_input", "action_id": "n"}},
    {"type": "image", "image_url": "http://x.example/i.png", "alt_text": "i"},
    {"type": "markdown", "text": "# x"},
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
    actions({"type": "overflow", "action_id": "o", "options": [option()]}),
    actions({"type": "datepicker", "action_id": "d"}, {"type": "users_select", "action_id": "u"}),
    actions({"type": "datepicker", "initial_date": "2026-11-02"}, {"type": "timepicker", "initial_time": "09:30"}),
    {"type": "section", "text": plain("x"), "accessory": SELECT | {"type": "multi_static_select"}},
    {"type": "input", "label": plain("n"), "element": {"type": "number_input", "is_decimal_allowed": False}},
    rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}),
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, rich({"type": "text", "text": "b"})]]},
]


@pytest.mark.parametrize("block", GOOD)
def test_good_blocks(block: JsonObject) -> None:
    assert problems([block]) == []


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"type": "paragraph"}, "unsupported type: paragraph [json-pointer:/blocks/0/type]"),
        ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
        (
            {"type": "header", "text": plain("x" * 151)},
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        ({"type": "header", "text": plain("")}, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        (
            {"type": "section", "fields": [plain("x")] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        ({"type": "context", "elements": []}, "no less than 1 items allowed [json-pointer:/blocks/0/elements]"),
        (
            actions(button(text=plain("x" * 76))),
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            actions(button(value="x" * 2001)),
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (actions(button(style="blue")), "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"),
        (
            actions(*[button(action_id=str(number)) for number in range(26)]),
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (actions(button(), button()), "`action_id` 'a' already exists [json-pointer:/blocks/0]"),
        (
            actions(SELECT | {"options": [option(str(number)) for number in range(101)]}),
            "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            actions(SELECT | {"options": [{"text": plain("x" * 76), "value": "v"}]}),
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
        ),
        (
            actions(SELECT | {"initial_option": option("other")}),
            "initial option must exactly match one of the provided options "
            "[json-pointer:/blocks/0/elements/0/initial_option]",
        ),
        (
            actions({"type": "overflow", "action_id": "o", "options": [option(str(n)) for n in range(6)]}),
            "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            actions(button(confirm={"title": plain("x" * 101), "text": plain("x")})),
            "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
        ),
        (
            {"type": "input", "label": plain("x"), "element": button()},
            "unsupported type: button [json-pointer:/blocks/0/element/type]",
        ),
        (
            {"type": "image", "image_url": "http://x.example/i.png"},
            "must be a string [json-pointer:/blocks/0/alt_text]",
        ),
        (
            {"type": "divider", "block_id": "x" * 256},
            "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
        ("text", "must be an object [json-pointer:/blocks/0]"),
        ({"type": "divider", "text": plain("x")}, "invalid additional property: text [json-pointer:/blocks/0]"),
        (
            {"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}},
            "invalid additional property: emoji [json-pointer:/blocks/0/text]",
        ),
        (
            actions(button(label="Go")),
            "invalid additional property: label [json-pointer:/blocks/0/elements/0]",
        ),
        (
            actions(SELECT | {"options": [option() | {"key": "v"}]}),
            "invalid additional property: key [json-pointer:/blocks/0/elements/0/options/0]",
        ),
        (
            actions({"type": "plain_text_input", "action_id": "n"}),
            "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            actions(SELECT | {"type": "multi_static_select"}),
            "unsupported type: multi_static_select [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            {"type": "section", "text": plain("x"), "accessory": {"type": "datetimepicker"}},
            "unsupported type: datetimepicker [json-pointer:/blocks/0/accessory/type]",
        ),
        ({"type": "input", "label": plain("x")}, "missing required field: element [json-pointer:/blocks/0]"),
        (
            {"type": "input", "label": plain("x"), "element": {"type": "number_input"}},
            "missing required field: is_decimal_allowed [json-pointer:/blocks/0/element]",
        ),
        (
            actions({"type": "datepicker", "initial_date": "tomorrow"}),
            r"failed to match pattern \d{4}-\d{2}-\d{2} [json-pointer:/blocks/0/elements/0/initial_date]",
        ),
        (
            {
                "type": "section",
                "text": plain("x"),
                "accessory": {
                    "type": "multi_static_select",
                    "option_groups": [{"label": plain("g"), "options": [option()]}],
                    "initial_options": [option("other")],
                },
            },
            "initial options must exactly match provided options [json-pointer:/blocks/0/accessory/initial_options]",
        ),
        (rich({"type": "mention"}), "unsupported type: mention [json-pointer:/blocks/0/elements/0/elements/0/type]"),
        (
            rich({"type": "text", "text": "x", "bold": True}),
            "invalid additional property: bold [json-pointer:/blocks/0/elements/0/elements/0]",
        ),
        (
            {"type": "table", "rows": [[plain("x")]]},
            "unsupported type: plain_text [json-pointer:/blocks/0/rows/0/0/type]",
        ),
        ({"type": "table", "rows": [[]]}, "no less than 1 items allowed [json-pointer:/blocks/0/rows/0]"),
    ],
)
def test_blocks_that_slack_does_not_take(block: object, said: str) -> None:
    assert problems([block]) == [f"[ERROR] {said}"]


def test_a_context_takes_texts_and_images_only() -> None:
    found = problems([{"type": "context", "elements": [button()]}])

    assert "[ERROR] unsupported type: button [json-pointer:/blocks/0/elements/0/type]" in found


@pytest.mark.parametrize(("block", "surface"), [("markdown", "modal"), ("markdown", "home"), ("file", "modal")])
def test_blocks_of_messages_only(block: str, surface: str) -> None:
    assert problems([{"type": block, "text": "x"}], surface) == [
        f"[ERROR] unsupported type: {block} [json-pointer:/blocks/0/type]"
    ]


def test_a_message_has_one_table() -> None:
    table: JsonObject = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}

    assert problems([table]) == []
    assert problems([table, table]) == ["[ERROR] only_one_table_allowed [json-pointer:/blocks]"]


def slack_sdk_attributes() -> dict[str, set[str]]:
    """The keys of blocks, elements and rich text as the classes of slack_sdk have them, by type."""
    found: dict[str, set[str]] = {}
    waiting: list[type] = [models.Block, block_elements.BlockElement, block_elements.RichTextElement]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        attributes: object = getattr(one, "attributes", set())
        keys = attributes.__get__(object.__new__(one)) if isinstance(attributes, property) else attributes
        assert isinstance(keys, set)
        type_ = getattr(one, "type", None)
        if isinstance(type_, str):
            found.setdefault(type_, set()).update(keys)
    return found


@pytest.mark.parametrize("kind", ["blocks", "elements", "rich_text"])
def test_keys_are_those_of_slack_sdk(kind: str) -> None:
    theirs = slack_sdk_attributes()
    for name in block_facts(kind):
        ours = block_facts(kind, name, "keys") if kind != "rich_text" else block_facts(kind, name)
        if name in ("divider", "link"):
            assert ours >= theirs[name] - {"block_id"}  # `unsafe` is Slack's own addition to links
        elif name == "image":
            assert ours <= theirs[name]  # a block and an element
        else:
            assert ours == theirs[name], name


def test_block_ids_are_unique() -> None:
    twice = [{"type": "divider", "block_id": "x"}, {"type": "divider", "block_id": "x"}]

    assert problems(twice) == ["[ERROR] `block_id` 'x' already exists [json-pointer:/blocks/1/block_id]"]


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_how_many_blocks_there_may_be(surface: str, most: int) -> None:
    assert problems([{"type": "divider"}] * most, surface) == []
    assert problems([{"type": "divider"}] * (most + 1), surface) == [
        f"[ERROR] no more than {most} items allowed [json-pointer:/blocks]"
    ]
