"""Every call of Slack ends in an answer or in one of the named outcomes, and nothing of what was sent is told."""

import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.notices.port import Attachment, Message
from app.sandbox import start
from app.sandbox.jsontypes import as_object
from app.sandbox.server import Sandbox
from app.slack import errors
from app.slack.gateway import PAGE, Gateway
from app.slack.manifest import BOT_SCOPES

SECRET = "xoxb-not-to-be-told"
WORDS = "words that stay between us"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with start(unlimited=True, settings={"scopes": BOT_SCOPES}) as running:
        yield running


@pytest.fixture
def gateway(sandbox: Sandbox) -> Gateway:
    return Gateway(sandbox.bot_token, sandbox.api_url)


@pytest.fixture
def room(gateway: Gateway) -> str:
    return gateway.create_channel("case-k7q4").id


def meta(id_: str) -> dict[str, object]:
    return {"id": id_, "kind": "trouble", "n": 1}


OUTCOMES = [
    ("ratelimit:7", errors.RateLimited, "429 with its time"),
    ("error:ratelimited", errors.RateLimited, "the same as a code"),
    ("error:message_limit_exceeded", errors.RateLimited, "the workspace sends too much"),
    ("error:channel_not_found", errors.ChannelGone, "deleted, or not ours"),
    ("error:is_archived", errors.ChannelArchived, "archived"),
    ("error:not_in_channel", errors.NotInChannel, "removed from it"),
    ("error:invalid_blocks", errors.InvalidMessage, "blocks that Slack does not take"),
    ("error:msg_blocks_too_long", errors.InvalidMessage, "too long"),
    ("error:cannot_reply_to_message", errors.MessageGone, "the thread is gone"),
    ("error:invalid_auth", errors.Uninstalled, "a wrong token"),
    ("error:missing_scope", errors.NotConnected, "installed with too little"),
    ("error:a_code_of_next_year", errors.Refused, "a code that nobody knows yet is a refusal"),
    ("error:internal_error", errors.Ambiguous, "Slack does not know either"),
    ("error:fatal_error", errors.Ambiguous, "some of it may have been done"),
    ("error:service_unavailable", errors.Ambiguous, "being repaired"),
    ("error_after:internal_error", errors.Ambiguous, "done, and it says it was not"),
    ("http_500", errors.Ambiguous, "a server error says nothing"),
    ("http_503", errors.Ambiguous, "neither does an unavailable server"),
    ("http_503_after", errors.Ambiguous, "done, and an error"),
    ("reset", errors.Ambiguous, "nobody knows when it broke"),
    ("reset_after", errors.Ambiguous, "done, and broken off"),
    ("hang", errors.Ambiguous, "no answer in time"),
    ("hang_after", errors.Ambiguous, "done, and no answer in time"),
]


@pytest.mark.parametrize(("fault", "expected", "why"), OUTCOMES, ids=[fault for fault, _, _ in OUTCOMES])
def test_every_way_to_fail_has_its_name(
    sandbox: Sandbox, room: str, fault: str, expected: type[errors.NotSent], why: str
) -> None:
    sandbox.fault("chat.postMessage", fault, times=1)
    gateway = Gateway(sandbox.bot_token, sandbox.api_url, timeout=0.3 if fault.startswith("hang") else 10.0)
    with pytest.raises(errors.NotSent) as raised:
        gateway.post(room, Message(WORDS), meta("n1"))
    assert type(raised.value) is expected
    assert WORDS not in str(raised.value)


def test_a_429_says_how_long_to_wait(sandbox: Sandbox, gateway: Gateway, room: str) -> None:
    sandbox.fault("chat.postMessage", "ratelimit:7", times=1)
    with pytest.raises(errors.RateLimited) as raised:
        gateway.post(room, Message("hello"), meta("n1"))
    assert raised.value.retry_after == 7


def test_a_refused_connection_is_definite() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(errors.Unreachable):
        Gateway(SECRET, f"http://127.0.0.1:{port}/api/", timeout=0.3).call("api.test")


def test_a_host_that_is_not_there_is_definite() -> None:
    with pytest.raises(errors.Unreachable):
        Gateway(SECRET, "http://slack.invalid/api/", timeout=5).call("api.test")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>no</html>", "a page of a proxy"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "nothing at all"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n["ok", true]', "JSON that is no object"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"ok": true', "cut in the middle"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}', "without the timestamp that it must have"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 34\r\n\r\n{"ok":false,"error":"What is this"}'[:-1], "no code"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found", "a server that is not Slack's"),
        (b"rubbish\r\n\r\n", "no HTTP"),
    ],
)
def test_an_answer_that_cannot_be_trusted_is_ambiguous(answer: bytes, why: str) -> None:
    with answering(answer) as url, pytest.raises(errors.Ambiguous):
        Gateway(SECRET, url, timeout=1).post("C1", Message("hello"), meta("n1"))


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The address of a server that gives this answer to one call."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api/"
        thread.join(5)


FILE = Attachment("rows.csv", b"rows", "Rows", "")
FILE_CODES = [
    ("missing_scope", errors.FilesRefused, "everything else can be sent"),
    ("file_uploads_disabled", errors.FilesRefused, "switched off in the workspace"),
    ("file_uploads_except_images_disabled", errors.FilesRefused, "pictures only"),
    ("storage_limit_reached", errors.FilesRefused, "full"),
    ("blocked_file_type", errors.FilesRefused, "this kind is switched off"),
    ("file_type_not_allowed", errors.FilesRefused, "the same"),
    ("file_not_found", errors.FilesRefused, "somebody deleted it before it was shown"),
    ("posting_to_channel_denied", errors.FilesRefused, "whether words are welcome is for the words to find out"),
    ("invalid_channel", errors.FilesRefused, "archived, as the words will be told by a better name"),
    ("no_permission", errors.FilesRefused, "not for files"),
    ("access_denied", errors.FilesRefused, "not for files"),
    ("not_allowed_token_type", errors.FilesRefused, "not for files"),
    ("user_not_found", errors.FilesRefused, "no code may kill a report"),
    ("a_code_of_next_year", errors.FilesRefused, "nor one that nobody knows yet"),
    ("channel_not_found", errors.ChannelGone, "the words have nowhere to go either"),
    ("not_in_channel", errors.NotInChannel, "the same"),
    ("is_archived", errors.ChannelArchived, "the same"),
    ("invalid_auth", errors.Uninstalled, "the token is no good for anything"),
    ("not_authed", errors.NotConnected, "the same"),
    ("token_revoked", errors.Uninstalled, "the same"),
    ("token_expired", errors.NotConnected, "the same"),
    ("account_inactive", errors.Uninstalled, "the same"),
    ("org_login_required", errors.NotConnected, "the workspace is moving house"),
    ("ratelimited", errors.RateLimited, "later"),
    ("fatal_error", errors.Ambiguous, "nobody knows"),
]


@pytest.mark.parametrize(("code", "expected", "why"), FILE_CODES, ids=[code for code, _, _ in FILE_CODES])
def test_a_refusal_of_files_is_one_of_files_alone_unless_the_words_would_meet_it_too(
    sandbox: Sandbox, gateway: Gateway, room: str, code: str, expected: type[errors.NotSent], why: str
) -> None:
    for method in ("files.getUploadURLExternal", "files.completeUploadExternal"):
        sandbox.fault(method, f"error:{code}", times=1)
        with pytest.raises(errors.NotSent) as raised:
            gateway.share(room, WORDS, dict.fromkeys(gateway.upload([FILE]), "Rows"))
        assert type(raised.value) is expected, why
        if isinstance(raised.value, errors.Refused):
            assert raised.value.code == code
    assert [fault["fired"] for fault in sandbox.faults()] == [1, 1]


@pytest.mark.parametrize(
    ("expected", "statuses"),
    [
        (errors.FilesRefused, (400, 401, 403, 405, 413, 415)),
        (errors.Ambiguous, (408, 425, 429, 500, 502, 503)),
    ],
)
def test_only_some_answers_to_a_file_s_bytes_are_for_good(
    sandbox: Sandbox, gateway: Gateway, expected: type[errors.NotSent], statuses: tuple[int, ...]
) -> None:
    for status in statuses:
        sandbox.fault("upload_url", f"http:{status}", times=1)
        with pytest.raises(errors.NotSent) as raised:
            gateway.upload([FILE])
        assert type(raised.value) is expected, status
    assert len(uploads(sandbox)) == len(statuses)


@pytest.mark.parametrize("status", [404, 410])
def test_an_address_for_a_file_that_has_expired_is_asked_for_anew_once(
    sandbox: Sandbox, gateway: Gateway, room: str, status: int
) -> None:
    sandbox.fault("upload_url", f"http:{status}", times=1)
    ids = gateway.upload([FILE, FILE])
    assert [applied for _, applied in uploads(sandbox)] == [False, True, True]
    assert len({address for address, _ in uploads(sandbox)}) == 3
    gateway.share(room, "here", dict.fromkeys(ids, "Rows"))
    assert {file["id"] for file in sandbox.files(room)} == set(ids)

    sandbox.fault("upload_url", f"http:{status}")
    with pytest.raises(errors.FilesRefused):
        gateway.upload([FILE])
    assert [applied for _, applied in uploads(sandbox)][3:] == [False, False]


def uploads(sandbox: Sandbox) -> list[tuple[str, bool]]:
    """Where bytes of files were sent, and whether they were taken."""
    calls = [call for call in sandbox.ledger(kind="call") if call["method"] == "upload_url"]
    return [(str(as_object(call["request"])["url"]), bool(call["applied"])) for call in calls]


ADDRESSES = [
    ("http://[not-an-address/upload", "a bracket that is not closed"),
    ("https://files.slack.com:port/upload", "a port that is no number"),
    ("https://files.slack.com:99999/upload", "a port that there is not"),
    ("https:///upload", "no host"),
    ("https://files slack com/upload", "spaces"),
    ("https://files..slack.com/upload", "a name that is none"),
    ("http://files.invalid/upload", "in the clear, to another host"),
    ("file:///etc/passwd", "no address of the web"),
]


@pytest.mark.parametrize(("address", "why"), ADDRESSES)
def test_an_address_for_files_that_nothing_can_be_sent_to_refuses_the_files(
    address: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")  # a proxy would be asked for the address, and answer for itself
    body = json.dumps({"ok": True, "file_id": "F1", "upload_url": address}).encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with answering(answer) as url, pytest.raises(errors.FilesRefused, match="upload_unsafe") as raised:
        Gateway(SECRET, url, timeout=1).upload([FILE])
    assert address not in str(raised.value), why


def test_a_broken_call_is_not_sent_again_by_itself(sandbox: Sandbox, gateway: Gateway, room: str) -> None:
    sandbox.fault("chat.postMessage", "reset_after", times=1)
    with pytest.raises(errors.Ambiguous):
        gateway.post(room, Message("hello"), meta("n1"))
    assert [call["method"] for call in sandbox.ledger(kind="call")].count("chat.postMessage") == 1


@pytest.mark.parametrize("fault", ["http_503", "reset_after", "hang", "error:invalid_auth"])
def test_nothing_of_a_call_is_logged(sandbox: Sandbox, room: str, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.fault("chat.postMessage", fault, times=1)
    with pytest.raises(errors.NotSent) as raised:
        Gateway(SECRET, sandbox.api_url, timeout=0.3).post(room, Message(WORDS), meta("n1"))
    told = caplog.text + repr(raised.value) + "".join(traceback.format_exception(raised.value))
    assert SECRET not in told
    assert WORDS not in told
    assert "Traceback" in told
    assert "direct cause" not in told
    assert "During handling" not in told


def test_a_post_is_found_by_its_id_among_many_pages(gateway: Gateway, room: str) -> None:
    first = gateway.post(room, Message("wanted"), meta("wanted"))
    for number in range(PAGE + 20):
        gateway.post(room, Message("other"), meta(f"other-{number}"))
    assert gateway.find(room, "wanted", since=None) == first
    assert gateway.find(room, "never posted", since=None) is None


def test_a_post_is_looked_for_only_behind_the_last_known_one(gateway: Gateway, room: str) -> None:
    first = gateway.post(room, Message("one"), meta("one"))
    second = gateway.post(room, Message("two"), meta("two"))
    assert gateway.find(room, "one", since=first) is None
    assert gateway.find(room, "two", since=first) == second


def test_a_reply_is_found_in_its_thread(gateway: Gateway, room: str) -> None:
    root = gateway.post(room, Message("root"), meta("root"))
    reply = gateway.post(room, Message("reply"), meta("reply"), thread_ts=root)
    assert gateway.find(room, "reply", since=None, thread_ts=root) == reply
    assert gateway.find(room, "reply", since=None) is None


def test_metadata_of_another_app_is_not_ours(gateway: Gateway, room: str) -> None:
    foreign = {"event_type": "somebody_else", "event_payload": {"id": "wanted"}}
    gateway.call("chat.postMessage", channel=room, text="foreign", metadata=foreign)
    assert gateway.find(room, "wanted", since=None) is None


def test_one_person_who_cannot_come_does_not_keep_the_others_out(sandbox: Sandbox, gateway: Gateway, room: str) -> None:
    ana, bo = sandbox.person("ana"), sandbox.person("bo")
    bo.deactivate()
    absent = gateway.invite(room, [ana.id, bo.id, "U0NOBODY01"])
    assert absent == {bo.id: "Cannot be invited", "U0NOBODY01": "Not in the workspace"}
    assert ana.id in sandbox.channel_info(room)["members"]  # type: ignore[operator]


def test_inviting_people_again_is_no_error(sandbox: Sandbox, gateway: Gateway, room: str) -> None:
    people = [sandbox.person(name).id for name in ("ana", "bo")]
    assert gateway.invite(room, people) == {}
    assert gateway.invite(room, people) == {}


def test_a_refusal_that_names_nobody_is_tried_for_each_alone(sandbox: Sandbox, gateway: Gateway, room: str) -> None:
    people = [sandbox.person(name).id for name in ("ana", "bo")]
    sandbox.fault("conversations.invite", "error:user_not_found", times=1)
    assert gateway.invite(room, people) == {}


def test_an_invitation_that_fails_for_the_channel_is_raised(sandbox: Sandbox, gateway: Gateway, room: str) -> None:
    sandbox.fault("conversations.invite", "error:is_archived", times=1)
    with pytest.raises(errors.ChannelArchived):
        gateway.invite(room, [sandbox.person("ana").id])


def test_what_is_so_already_is_no_error(gateway: Gateway, room: str) -> None:
    ts = gateway.post(room, Message("card"), meta("card"))
    for _ in range(2):
        gateway.pin(room, ts)
        gateway.unarchive(room)
    for _ in range(2):
        gateway.archive(room)


def test_only_a_channel_that_the_app_made_is_its_own(sandbox: Sandbox, gateway: Gateway, room: str) -> None:
    zoe = sandbox.person("zoe")
    sandbox.channel("case-abcd", private=True, creator=zoe.id)
    own = gateway.own_channel("case-k7q4")
    assert own is not None
    assert own.id == room
    assert gateway.own_channel("case-abcd") is None
