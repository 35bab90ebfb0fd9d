"""The digest's message: twelve lines at most, every one of them honest, nobody called, each with what answers it."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.digests.rules import LINES
from app.notices.port import Message
from app.slack import limits
from app.slack.views.digest import digest

DUE = "2026-12-03T22:00:00+00:00"
SIGN = {
    "what": "attest",
    "code": "K7Q4",
    "task": 112,
    "no": 12,
    "title": "Sign the summary",
    "due": DUE,
    "word": "Sign",
}
WAIVE = {"what": "waive", "code": "K7Q4", "task": 113, "no": 13, "title": "Lock the packet", "due": DUE}
TAKE = {"what": "handoff", "code": "K7Q4", "task": 114, "no": 14, "title": "Call", "due": None, "handoff": 9,
        "giver": "Ana Diaz"}  # fmt: skip
RISK = {
    "code": "K7Q4", "unfirm": [{"name": "surgery", "day": "2026-12-10", "at": None, "open": 3}],
    "unlocked": {"day": "2026-12-03", "at": None}, "late": 2,
}  # fmt: skip
CHANGED = {"code": "K7Q4", "moves": [
    {"name": "surgery", "old": {"day": "2026-12-03", "at": None}, "new": {"day": "2026-12-10", "at": DUE}},
    {"name": "board", "old": None, "new": {"day": "2026-12-03", "at": None}},
    {"name": "biopsy", "old": {"day": "2026-12-03", "at": None}, "new": None},
]}  # fmt: skip
COMING = {"code": "K7Q4", "name": "board", "day": "2026-12-03", "at": None}


def payload(
    decide: Sequence[Any] = (), at_risk: Sequence[Any] = (), changed: Sequence[Any] = (), coming: Sequence[Any] = ()
) -> dict[str, Any]:
    parts = {"decide": decide, "at_risk": at_risk, "changed": changed, "coming": coming}
    cut = {name: {"total": len(lines), "lines": list(lines)[:LINES]} for name, lines in parts.items()}
    return {"day": "2026-12-01", "zone": "America/New_York", **cut}


def buttons(message: Message) -> list[tuple[str, str]]:
    found: list[Any] = []
    blocks: Sequence[Any] = message.blocks
    for block in blocks:
        found += [block["accessory"]] if "accessory" in block else block.get("elements", [])
    return [(button["action_id"], button["value"]) for button in found]


def test_all_there_is_in_plain_words() -> None:
    message = digest(payload([SIGN], [RISK], [CHANGED], [COMING]))
    board = "board Thu 3 Dec 2026"
    due = "<!date^1796335200^{date_short_pretty} {time}|Thu 3 Dec 2026 5:00 PM EST>"
    assert message.text.split("\n") == [
        "Digest for Tue 1 Dec 2026: 1 to decide, 1 at risk, 1 changed, 1 in the next 7 days.",
        f"Decide: K7Q4-12 Sign the summary, due {due}",
        f"At risk: K7Q4 surgery Thu 10 Dec 2026 is not firm, 3 tasks to do first; {board}, packet not locked;"
        " 2 tasks late",
        f"Changed: K7Q4 surgery moved to {due} (was Thu 3 Dec 2026), board set for Thu 3 Dec 2026 and biopsy taken"
        " away (was Thu 3 Dec 2026)",
        f"Next 7 days: K7Q4 {board}",
    ]


def test_nothing_is_said_in_one_line() -> None:
    message = digest(payload())
    assert message.text == "Digest for Tue 1 Dec 2026: nothing waits for you."
    assert len(message.blocks) == 1


ANSWERS = [
    (payload([SIGN]), [("task_done", "t:112")], "a word to give"),
    (payload([TAKE]), [("handoff_accept", "h:9"), ("handoff_decline", "h:9")], "an offer to answer"),
    (payload([WAIVE]), [("case_tasks", "c:K7Q4")], "a waiver takes a reason, which no button has"),
    (payload([], [RISK]), [("case_tasks", "c:K7Q4")], "a case"),
    (payload([], [], [CHANGED]), [("case_tasks", "c:K7Q4")], "a case"),
    (payload([], [], [], [COMING]), [("case_tasks", "c:K7Q4")], "a case"),
]


@pytest.mark.parametrize(("told", "expected", "why"), ANSWERS)
def test_every_line_has_what_answers_it(told: dict[str, Any], expected: list[tuple[str, str]], why: str) -> None:
    assert buttons(digest(told)) == expected, why


@pytest.mark.parametrize("word", ["Sign", "Attest"])
def test_the_button_says_what_is_asked_for(word: str) -> None:
    (block,) = [block for block in digest(payload([SIGN | {"word": word}])).blocks if "accessory" in block]
    button: Any = block["accessory"]
    assert (button["text"]["text"], button["accessibility_label"]) == (word, f"{word} K7Q4-12")


def test_a_waiver_says_how_it_is_written() -> None:
    assert "`/cb waive K7Q4-13 reason`" in digest(payload([WAIVE])).text


def test_what_is_late_is_said_to_be() -> None:
    assert "Sign the summary, late, was due <" in digest(payload([SIGN | {"late": True}])).text


def test_long_lists_end_with_how_many_more() -> None:
    lines = digest(payload([SIGN] * 9, [RISK] * 9, [CHANGED] * 9, [COMING] * 9)).text.split("\n")
    assert len(lines) == LINES
    assert [line for line in lines if "more" in line] == [
        "Decide: and 5 more", "At risk: and 8 more", "Changed: and 8 more", "Next 7 days: and 8 more",
    ]  # fmt: skip


words = st.text(max_size=200) | st.sampled_from(["<!channel>", "<@U0ANA>", "*_~`" * 20, "&<>" * 60, "\n\n\n"])
days = st.fixed_dictionaries({"day": st.dates().map(str), "at": st.sampled_from([None, DUE])})
names = st.sampled_from(["board", "surgery", "recommendation_signed", "nonsense <!here>"])
codes = st.sampled_from(["K7Q4", "K7Q4K7Q4"])
decisions = st.fixed_dictionaries({
    "what": st.sampled_from(["attest", "waive", "handoff"]), "code": codes, "task": st.integers(1, 2**60),
    "no": st.integers(1, 99999), "title": words, "due": st.sampled_from([None, DUE]),
    "handoff": st.none() | st.integers(1, 2**60), "giver": st.none() | words,
})  # fmt: skip
unfirm = st.builds(lambda day, name, n: day | {"name": name, "open": n}, days, names, st.integers(1, 99))
risks = st.fixed_dictionaries({
    "code": codes, "unfirm": st.lists(unfirm, max_size=15), "unlocked": st.none() | days, "late": st.integers(0, 999),
})  # fmt: skip
moves = st.fixed_dictionaries({"name": names, "old": st.none() | days, "new": st.none() | days})
changes = st.fixed_dictionaries({"code": codes, "moves": st.lists(moves, min_size=1, max_size=15)})
comings = st.builds(lambda day, code, name: day | {"code": code, "name": name}, days, codes, names)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.tuples(*(st.lists(each, max_size=14) for each in (decisions, risks, changes, comings))))
def test_whatever_is_told_slack_takes_it_and_nobody_is_called(parts: tuple[list[Any], ...]) -> None:
    told = payload(*parts)
    message = digest(told)
    assert limits.problems(message.text, message.blocks) == []
    lines = message.text.split("\n")
    assert len(lines) <= LINES
    shown = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]  # type: ignore[index]
    assert len(shown) <= LINES
    assert not any("\n" in each for each in shown)
    assert not re.search("<[@!#](?!date)", str([message.text, message.blocks]))
    for label, part in zip(("Decide", "At risk", "Changed", "Next 7 days"), parts, strict=True):
        said = [each for each in shown if each.startswith(f"*{label}* · ")]
        more = [int(found[1]) for each in said if (found := re.fullmatch(rf"\*{label}\* · and (\d+) more", each))]
        assert len(said) - len(more) + sum(more) == len(part), "nothing is left out without being counted"
