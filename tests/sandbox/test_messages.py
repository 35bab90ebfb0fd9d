"""Messages: posting, editing, threads, history, metadata, pins, reactions, limits of length."""

import time

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from app.sandbox import Person, Sandbox
from tests.sandbox.test_channels import refused

BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
NOTE = {"event_type": "caseboard_notice", "event_payload": {"id": "n-1", "try": 2, "late": False}}


def section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_a_message_is_in_history_as_it_was_posted(web: WebClient, case: str) -> None:
    posted = web.chat_postMessage(channel=case, text="hello", blocks=[section("*hello*")], metadata=NOTE)

    [message] = web.conversations_history(channel=case, limit=1)["messages"]
    assert (message["ts"], message["text"], message["blocks"][0]["text"]["text"]) == (posted["ts"], "hello", "*hello*")
    assert "metadata" not in message
    [whole] = web.conversations_history(channel=case, limit=1, include_all_metadata=True)["messages"]
    assert whole["metadata"] == NOTE
    assert whole["bot_id"] == web.auth_test()["bot_id"]


def test_timestamps_are_unique_and_ascend(web: WebClient, case: str) -> None:
    stamps = [web.chat_postMessage(channel=case, text=str(number))["ts"] for number in range(30)]

    assert stamps == sorted(set(stamps), key=float)
    assert abs(float(stamps[0]) - time.time()) < 60


def test_history_by_time_and_by_pages(web: WebClient, case: str) -> None:
    stamps = [web.chat_postMessage(channel=case, text=str(number))["ts"] for number in range(7)]

    def texts(**bounds: object) -> list[str]:
        answer = web.api_call("conversations.history", params={"channel": case, **bounds})
        return [message["text"] for message in answer["messages"]]

    assert texts(oldest=stamps[2], latest=stamps[5]) == ["4", "3"]
    assert texts(oldest=stamps[2], latest=stamps[5], inclusive=True) == ["5", "4", "3", "2"]
    assert texts(latest=stamps[3], inclusive=True, limit=1) == ["3"]
    assert texts(oldest=f"{float(stamps[6]) + 1:.6f}") == []
    pages = web.conversations_history(channel=case, limit=3, oldest=stamps[0], inclusive=True)
    assert [([message["text"] for message in page["messages"]], page["has_more"]) for page in pages] == [
        (["6", "5", "4"], True),
        (["3", "2", "1"], True),
        (["0"], False),
    ]
    assert refused(lambda: web.conversations_history(channel=case, oldest="noon")) == "invalid_ts_oldest"
    assert refused(lambda: web.conversations_history(channel=case, latest="noon")) == "invalid_ts_latest"
    assert refused(lambda: web.conversations_history(channel=case, cursor="x")) == "invalid_cursor"


def test_a_page_does_not_shift_when_a_message_comes_in_between(web: WebClient, case: str) -> None:
    for number in range(4):
        web.chat_postMessage(channel=case, text=str(number))
    first = web.conversations_history(channel=case, limit=2)
    web.chat_postMessage(channel=case, text="late")

    second = web.conversations_history(channel=case, limit=2, cursor=first["response_metadata"]["next_cursor"])
    assert [message["text"] for message in second["messages"]] == ["1", "0"]


def test_history_may_lag_behind_a_post(sandbox: Sandbox, web: WebClient, case: str) -> None:
    old = web.chat_postMessage(channel=case, text="old")["ts"]
    web.chat_postMessage(channel=case, text="old reply", thread_ts=old)
    sandbox.configure(history_lag=0.2)
    began = time.monotonic()
    ts = web.chat_postMessage(channel=case, text="new")["ts"]
    web.chat_postMessage(channel=case, text="new reply", thread_ts=old)

    def seen() -> tuple[str, int]:
        history = web.conversations_history(channel=case)["messages"]
        return history[0]["text"], len(web.conversations_replies(channel=case, ts=old)["messages"])

    first = seen()
    assert first == ("old", 2) or time.monotonic() - began > 0.2
    assert web.chat_update(channel=case, ts=ts, text="newer")["ok"]  # by its ts it is there at once
    sandbox.wait(lambda: seen() == ("newer", 3), message="history never caught up")
    assert time.monotonic() - began >= 0.2
    sandbox.configure(history_lag=60)
    fresh = web.chat_postMessage(channel=case, text="hidden")["ts"]
    assert seen()[0] == "newer"
    assert refused(lambda: web.conversations_replies(channel=case, ts=fresh)) == "thread_not_found"
    sandbox.configure(history_lag=0)
    assert seen()[0] == "hidden"


def test_threads_stay_out_of_the_channel_unless_broadcast(web: WebClient, case: str, ana: Person) -> None:
    root = web.chat_postMessage(channel=case, text="root")["ts"]
    web.chat_postMessage(channel=case, text="quiet", thread_ts=root)
    web.chat_postMessage(channel=case, text="loud", thread_ts=root, reply_broadcast=True)
    ana.post(case, "mine", thread_ts=root)

    shown = [message["text"] for message in web.conversations_history(channel=case)["messages"][:2]]
    assert shown == ["loud", "root"]
    thread = web.conversations_replies(channel=case, ts=root)["messages"]
    assert [message["text"] for message in thread] == ["root", "quiet", "loud", "mine"]
    assert (thread[0]["reply_count"], thread[0]["reply_users_count"]) == (3, 2)
    assert thread[1]["parent_user_id"] == thread[0]["user"]
    pages = web.conversations_replies(channel=case, ts=root, limit=2)
    assert [[message["text"] for message in page["messages"]] for page in pages] == [
        ["root", "quiet", "loud"],
        ["root", "mine"],
    ]
    assert refused(lambda: web.conversations_replies(channel=case, ts="1.000000")) == "thread_not_found"
    missing = refused(lambda: web.chat_postMessage(channel=case, text="x", thread_ts="1.000000"))
    assert missing == "cannot_reply_to_message"


def test_an_update_changes_what_it_names(web: WebClient, case: str) -> None:
    ts = web.chat_postMessage(channel=case, text="one", blocks=[section("one")], metadata=NOTE)["ts"]

    web.chat_update(channel=case, ts=ts, text="two", blocks=[section("two")])
    [message] = web.conversations_history(channel=case, limit=1, include_all_metadata=True)["messages"]
    assert (message["text"], message["blocks"][0]["text"]["text"], message["metadata"]) == ("two", "two", NOTE)
    assert message["edited"]["user"] == web.auth_test()["user_id"]
    web.chat_update(channel=case, ts=ts, text="three")
    [message] = web.conversations_history(channel=case, limit=1)["messages"]
    assert "blocks" not in message  # text alone takes the blocks away


def test_only_own_messages_can_be_changed(web: WebClient, case: str, ana: Person) -> None:
    theirs = ana.post(case, "mine")

    assert refused(lambda: web.chat_update(channel=case, ts=theirs, text="x")) == "cant_update_message"
    assert refused(lambda: web.chat_delete(channel=case, ts=theirs)) == "cant_delete_message"
    assert refused(lambda: web.chat_update(channel=case, ts="1.000000", text="x")) == "message_not_found"
    assert refused(lambda: web.chat_delete(channel=case, ts="nonsense")) == "message_not_found"


def test_deleted_messages_are_gone_and_roots_leave_a_tombstone(web: WebClient, case: str) -> None:
    plain = web.chat_postMessage(channel=case, text="plain")["ts"]
    root = web.chat_postMessage(channel=case, text="root")["ts"]
    web.chat_postMessage(channel=case, text="reply", thread_ts=root)
    web.pins_add(channel=case, timestamp=root)
    web.chat_delete(channel=case, ts=plain)
    web.chat_delete(channel=case, ts=root)

    shown = web.conversations_history(channel=case)["messages"]
    assert shown[0]["subtype"] == "tombstone"
    assert plain not in [message["ts"] for message in shown]
    assert web.pins_list(channel=case)["items"] == []
    assert refused(lambda: web.chat_delete(channel=case, ts=plain)) == "message_not_found"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "  "}, "no_text"),
        ({"blocks": "[{"}, "invalid_blocks_format"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a b", "event_payload": {}}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": {"event_type": "x", "event_payload": {"k": "v" * 17000}}}, "metadata_too_large"),
        ({"text": "x", "attachments": [{"text": "a"}] * 101}, "too_many_attachments"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
    ],
)
def test_content_that_slack_does_not_take(
    sandbox: Sandbox, web: WebClient, case: str, given: dict[str, object], code: str
) -> None:
    before = len(sandbox.messages(case))

    assert refused(lambda: web.api_call("chat.postMessage", json={"channel": case, **given})) == code
    assert len(sandbox.messages(case)) == before


def test_long_texts_are_cut_in_posts_and_refused_in_updates(web: WebClient, case: str, ana: Person) -> None:
    ts = web.chat_postMessage(channel=case, text="x" * 40_010)["ts"]

    assert len(web.conversations_history(channel=case, limit=1)["messages"][0]["text"]) == 40_000
    assert web.chat_update(channel=case, ts=ts, text="x" * 4000)["ok"]
    # Slack counts bytes, after &, < and > were escaped.
    for text in ("x" * 4001, "é" * 2001, "<" * 1001):
        assert refused(lambda text=text: web.chat_update(channel=case, ts=ts, text=text)) == "msg_too_long"  # type: ignore[misc]
    too_long = refused(lambda: web.chat_postEphemeral(channel=case, user=ana.id, text="x" * 40_001))
    assert too_long == "msg_too_long"


def test_refused_blocks_say_where_and_why(web: WebClient, case: str) -> None:
    twice = {"type": "actions", "elements": [BUTTON, BUTTON]}
    with pytest.raises(SlackApiError) as error:
        web.chat_postMessage(channel=case, text="x", blocks=[section("fine"), twice])

    assert error.value.response["response_metadata"]["messages"] == [
        "[ERROR] `action_id` 'go' already exists [json-pointer:/blocks/1]"
    ]


def test_ephemeral_messages_are_seen_by_one_person_only(
    sandbox: Sandbox, web: WebClient, case: str, ana: Person, ben: Person
) -> None:
    web.chat_postEphemeral(channel=case, user=ana.id, text="just you")

    assert [shown["text"] for shown in ana.ephemerals(case)] == ["just you"]
    assert ben.ephemerals(case) == []
    assert sandbox.messages(case) == []
    outside = refused(lambda: web.chat_postEphemeral(channel=case, user=ben.id, text="x"))
    assert outside == "user_not_in_channel"


def test_pins(sandbox: Sandbox, web: WebClient, case: str) -> None:
    ts = web.chat_postMessage(channel=case, text="card")["ts"]
    web.pins_add(channel=case, timestamp=ts)

    [item] = web.pins_list(channel=case)["items"]
    assert (item["message"]["ts"], item["channel"], item["type"]) == (ts, case, "message")
    assert [message["ts"] for message in sandbox.pins(case)] == [ts]
    assert refused(lambda: web.pins_add(channel=case, timestamp=ts)) == "already_pinned"
    assert refused(lambda: web.pins_add(channel=case, timestamp="1.000000")) == "message_not_found"
    assert refused(lambda: web.pins_add(channel=case, timestamp="noon")) == "bad_timestamp"
    assert refused(lambda: web.api_call("pins.add", params={"channel": case})) == "no_item_specified"
    web.pins_remove(channel=case, timestamp=ts)
    assert refused(lambda: web.pins_remove(channel=case, timestamp=ts)) == "no_pin"


def test_reactions_bookmarks_and_permalinks(sandbox: Sandbox, web: WebClient, case: str) -> None:
    ts = web.chat_postMessage(channel=case, text="hello")["ts"]
    web.reactions_add(channel=case, timestamp=ts, name="eyes")
    web.bookmarks_add(channel_id=case, title="Case page", type="link", link="http://127.0.0.1:8000/cases/K7Q4")

    [message] = web.conversations_history(channel=case, limit=1)["messages"]
    assert message["reactions"] == [{"name": "eyes", "users": [web.auth_test()["user_id"]], "count": 1}]
    assert refused(lambda: web.reactions_add(channel=case, timestamp=ts, name="eyes")) == "already_reacted"
    assert refused(lambda: web.reactions_add(channel=case, timestamp=ts, name="No Such")) == "invalid_name"
    assert [one["title"] for one in web.bookmarks_list(channel_id=case)["bookmarks"]] == ["Case page"]
    bad = refused(lambda: web.bookmarks_add(channel_id=case, title="x", type="link", link="nowhere"))
    assert bad == "invalid_link"
    wrong = refused(lambda: web.bookmarks_add(channel_id=case, title="x", type="door", link="http://x"))
    assert wrong == "invalid_bookmark_type"
    assert web.chat_getPermalink(channel=case, message_ts=ts)["permalink"].endswith(ts.replace(".", ""))
    assert refused(lambda: web.chat_getPermalink(channel=case, message_ts="1.000000")) == "message_not_found"
