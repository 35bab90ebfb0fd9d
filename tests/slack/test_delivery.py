"""What a delivery may hold that no database takes: found by fuzzing."""

import pytest

from app.slack.listeners.shortcuts import _ts
from app.slack.views.modals import all_entered, entered

UNSTORABLE = [("a\0b", "a b", "a zero"), ("a\ud800b", "a?b", "half a character")]


@pytest.mark.parametrize(("given", "read", "why"), UNSTORABLE, ids=[row[2] for row in UNSTORABLE])
def test_what_was_entered_can_be_stored(given: str, read: str, why: str) -> None:
    typed = {"values": {"note": {"note": {"value": given}}, "who": {"who": {"selected_option": {"value": given}}}}}
    assert entered(typed, "note") == read, why
    assert all_entered(typed) == {"note": read, "who": read}


@pytest.mark.parametrize("given", ["", "\0", "1", "1.2 OR 1=1", "\u0661.\u0662", None, 1.5, {}])
def test_a_message_that_is_named_as_none_can_be_is_none(given: object) -> None:
    assert _ts({"message_ts": given, "message": {"ts": given}}) == ""
    assert _ts({"message_ts": "1796335200.000100"}) == "1796335200.000100"
