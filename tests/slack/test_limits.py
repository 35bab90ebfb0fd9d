"""The check of what is sent agrees with what Slack accepts: each row is put to a running sandbox too."""

from collections.abc import Iterator

import pytest

from app.notices.port import Message
from app.sandbox import start
from app.slack import limits
from app.slack.errors import InvalidMessage
from app.slack.gateway import Gateway
from app.slack.manifest import BOT_SCOPES
from app.slack.views.blocks import Block, actions, button, context, cut_bytes, fit, header, section

META = {"id": "n", "kind": "trouble", "n": 0}


def raw(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def press(action_id: str = "a", value: str = "v", text: str = "Go") -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "action_id": action_id,
        "value": value,
    }


ROWS: list[tuple[list[Block], bool, str]] = [
    ([raw("x" * 3000)], True, "a section of 3,000 characters"),
    ([raw("x" * 3001)], False, "one more"),
    ([raw("")], False, "an empty text"),
    ([raw("x")] * 50, True, "fifty blocks"),
    ([raw("x")] * 51, False, "one more"),
    ([raw("x" * 2900)] * 4, True, "12,000 characters of blocks"),
    ([raw("x" * 2900)] * 5, False, "more than 13,200"),
    ([{"type": "actions", "elements": [press(f"a{n}") for n in range(25)]}], True, "25 buttons"),
    ([{"type": "actions", "elements": [press(f"a{n}") for n in range(26)]}], False, "26 buttons"),
    ([{"type": "actions", "elements": []}], False, "no button"),
    ([{"type": "actions", "elements": [press("a"), press("a")]}], False, "an action id twice in a block"),
    ([{"type": "actions", "elements": [press("a")]}, {"type": "actions", "elements": [press("a")]}], True, "in two"),
    ([{"type": "actions", "elements": [press(text="x" * 76)]}], False, "a button's text of 76"),
    ([{"type": "actions", "elements": [press(value="v" * 2001)]}], False, "a value of 2,001"),
    ([{"type": "actions", "elements": [press(action_id="a" * 256)]}], False, "an action id of 256"),
    ([raw("a") | {"block_id": "b"}, raw("b") | {"block_id": "b"}], False, "a block id twice"),
    ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], False, "a header of 151"),
    ([{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}], False, "eleven context elements"),
    ([{"type": "section"}], False, "a section without text"),
    ([{"type": "section", "text": "x"}], False, "a text that is no object"),
    ([{"type": "marquee"}], False, "a block that does not exist"),
]


@pytest.fixture(scope="module")
def room() -> Iterator[tuple[Gateway, str]]:
    with start(unlimited=True, settings={"scopes": BOT_SCOPES}) as sandbox:
        gateway = Gateway(sandbox.bot_token, sandbox.api_url)
        yield gateway, gateway.create_channel("limits").id


@pytest.mark.parametrize(("blocks", "good", "why"), ROWS, ids=[why for _, _, why in ROWS])
def test_what_slack_would_refuse_is_found_before(
    room: tuple[Gateway, str], blocks: list[Block], good: bool, why: str
) -> None:
    gateway, channel = room
    assert (limits.problems("text", blocks) == []) is good
    if good:
        gateway.post(channel, Message("text", blocks), META)
    else:
        with pytest.raises(InvalidMessage):
            gateway.post(channel, Message("text", blocks), META)


def test_a_message_without_text_is_refused_though_slack_takes_it() -> None:
    """Blocks alone leave notifications and screen readers with nothing."""
    assert limits.problems("", [raw("x")]) != []
    assert limits.problems("  ", [raw("x")]) != []


def test_text_is_counted_in_bytes_as_an_edit_counts_it(room: tuple[Gateway, str]) -> None:
    gateway, channel = room
    ts = gateway.post(channel, Message("first"), META)
    fits = "é" * (limits.TEXT_BYTES // 2)
    assert limits.problems(fits, []) == []
    gateway.edit(channel, ts, Message(fits), META)
    assert limits.problems(fits + "é", []) != []


def test_a_button_without_its_action_id_cannot_be_told_apart() -> None:
    nameless = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    assert limits.problems("x", [actions(nameless)]) != []  # type: ignore[arg-type]


def test_a_view_takes_more_blocks_than_a_message() -> None:
    assert limits.problems("", [raw("x")] * 100, view=True) == []
    assert limits.problems("", [raw("x")] * 101, view=True) != []


def test_the_helpers_make_nothing_that_is_refused() -> None:
    long = "word " * 2000
    blocks = [header(long), section(long), context(long), actions(button(long, "a", "v", label=long))]
    assert limits.problems("x", blocks) == []


def test_what_is_left_out_is_counted_by_its_lines() -> None:
    pages = [[section("\n".join(["x" * 150] * 15))] for _ in range(20)]
    blocks = fit([], pages, lambda left: [context(f"{left} left")], [15] * 20)
    shown = len(blocks) - 1
    assert 0 < shown < 20
    assert blocks[-1] == context(f"{15 * (20 - shown)} left")


@pytest.mark.parametrize(("most", "left_out", "words"), [
    (100, 0, "one\ntwo\nthree"),
    (100, 4, "one\ntwo\nthree\n… and 4 more lines"),
    (27, 4, "one\n… and 6 more lines"),
    (28, 0, "one\ntwo\nthree"),
    (22, 1, "… and 4 more lines"),
    (3, 1, ""),
])  # fmt: skip
def test_a_text_that_is_cut_says_how_many_lines_it_lacks(most: int, left_out: int, words: str) -> None:
    assert cut_bytes(["one", "two", "three"], most, left_out) == words
