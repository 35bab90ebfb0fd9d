"""The inspector: what is found, why something was refused, and that a long ledger does not matter."""

import contextlib
import json
import tracemalloc
from typing import cast
from urllib.parse import urlencode

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import Person, Sandbox
from app.sandbox.page import traffic
from tests.sandbox.test_page import EVIL, get


def lines(sandbox: Sandbox, **wanted: object) -> tuple[list[str], int]:
    """The entries found, and where to go on."""
    found = json.loads(get(sandbox, f"/inspector/lines?{urlencode(wanted)}")[1])
    return cast("str", found["html"]).split("<li")[1:], found["further"]


def test_calls_and_deliveries_newest_first(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    web.chat_postMessage(channel=case, text="hello")
    ana.command("/cb help", case)

    newest, posted, *_ = lines(sandbox)[0]
    assert "<strong>slash_commands</strong> /cb help" in newest
    assert "#case-k7q4" in newest
    assert "refused: dispatch_failed" in newest  # no app is connected
    assert "<strong>chat.postMessage</strong>" in posted
    assert "200" in posted
    assert " ms<" in posted
    assert '<span class="fine">ok</span>' in posted


def test_filters(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    other = web.conversations_create(name="case-b2b2", is_private=True)["channel"]["id"]
    web.chat_postMessage(channel=case, text="one thing")
    web.chat_postMessage(channel=other, text="another thing & more")

    assert len(lines(sandbox, text="K7Q4", method="chat.")[0]) == 1  # by the name of its channel
    assert len(lines(sandbox, text="another thing & more")[0]) == 1  # however it was sent
    assert len(lines(sandbox, text="ANOTHER")[0]) == 1
    assert len(lines(sandbox, method="chat.postMessage")[0]) == 2
    assert lines(sandbox, method="chat.postMessage", refused="1") == ([], 0)


def test_refusals_faults_and_retries_say_why(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    for text, blocks in (("", []), ("x", [{"type": "nonsense"}])):
        with pytest.raises(SlackApiError):
            web.chat_postMessage(channel=case, text=text, blocks=blocks)
    sandbox.fault("chat.postMessage", "http_500_after", times=1)
    with contextlib.suppress(SlackApiError, ValueError):
        web.chat_postMessage(channel=case, text="done, and said to have failed")
    sandbox.configure(events=["message.groups"])
    ana.post(case, "hello")
    sandbox.wait(lambda: sandbox.status()["events_in_flight"] == 0)

    found = "".join(lines(sandbox, refused="1")[0])
    assert "refused: no_text" in found
    assert "refused: invalid_blocks: " in found
    assert "refused: fault http_500_after (but applied)" in found
    assert "attempt 2" in found
    assert "attempt 4" in found


def test_a_refusal_on_request_says_what_the_app_was_told(sandbox: Sandbox, web: WebClient, case: str) -> None:
    sandbox.fault("chat.postMessage", "ratelimit:3", times=1)
    with pytest.raises(SlackApiError):
        web.chat_postMessage(channel=case, text="too fast")

    (call,) = [one for one in sandbox.ledger(kind="call") if one["method"] == "chat.postMessage"]
    assert call["answer"] == {"ok": False, "error": "ratelimited"}
    assert "refused: ratelimited, fault ratelimit:3" in "".join(lines(sandbox, refused="1")[0])


def test_a_slow_call_shows_its_time_and_is_not_refused(sandbox: Sandbox, web: WebClient, case: str) -> None:
    sandbox.fault("chat.postMessage", "slow:0.2", times=1)
    web.chat_postMessage(channel=case, text="in its own time")

    (call,) = [one for one in sandbox.ledger(kind="call") if one["method"] == "chat.postMessage"]
    assert isinstance(call["ms"], float)
    assert call["ms"] >= 200
    assert lines(sandbox, refused="1")[0] == []


def test_an_entry_opens_as_json(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    web.chat_postMessage(
        channel=case, text=EVIL, blocks=[{"type": "section", "text": {"type": "plain_text", "text": EVIL}}]
    )
    row = lines(sandbox, method="chat.postMessage")[0][0]
    seq = row.partition('data-seq="')[2].partition('"')[0]

    shown = get(sandbox, f"/inspector/lines/{seq}")[1]
    assert "<h2>Request</h2>" in shown
    assert "&quot;type&quot;: &quot;section&quot;" in shown  # JSON within the form is read
    assert "&quot;ok&quot;: true" in shown
    assert "<script>" not in shown
    assert "<img" not in shown
    assert "<script>" not in get(sandbox, f"/inspector?{urlencode({'text': EVIL})}")[1]


def test_a_long_ledger_is_read_in_pieces(sandbox: Sandbox, web: WebClient, case: str) -> None:
    web.chat_postMessage(channel=case, text="the needle")
    ledger = sandbox.world.ledger
    # Written by this thread while the server idles.
    for number in range(100_000):
        ledger.write("call", {"method": "users.info", "request": {"body": f"user=U{number}"}, "answer": {"ok": True}})
    ledger.flush()

    tracemalloc.start()
    found, further = lines(sandbox)
    assert len(found) == traffic.SHOWN
    pages = 1
    found, further = lines(sandbox, text="needle")
    while not found and further:
        found, further = lines(sandbox, text="needle", before=further)
        pages += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "chat.postMessage" in found[0]
    assert pages == 1 + 100_000 // traffic.MOST_LINES
    assert peak < 5_000_000


def test_what_is_new_comes_alone(sandbox: Sandbox, web: WebClient, case: str) -> None:
    web.chat_postMessage(channel=case, text="before")
    newest = json.loads(get(sandbox, "/inspector/lines")[1])["newest"]
    assert lines(sandbox, after=newest) == ([], 0)
    web.chat_postMessage(channel=case, text="after")
    assert len(lines(sandbox, after=newest)[0]) == 1


def test_a_long_event_is_still_known_by_its_type_and_channel(
    sandbox: Sandbox, web: WebClient, ana: Person, case: str
) -> None:
    sandbox.configure(events=["message.groups"], retry_delays=[])
    ana.post(case, "long " * 1000)
    sandbox.wait(lambda: sandbox.status()["events_in_flight"] == 0)

    assert "<strong>events_api</strong> message" in lines(sandbox)[0][0]
    assert "#case-k7q4" in lines(sandbox)[0][0]
