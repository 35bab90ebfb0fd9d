"""Files of the app: their upload in three steps, who may fetch them, what the app hears, what a restart keeps."""

import asyncio
import base64
import hashlib
import http.client
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from struct import pack

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from app.sandbox import NotSeenError, Person, RefusedError, Sandbox, filetypes, start
from app.sandbox.client import received_texts
from app.sandbox.jsontypes import JsonObject, as_object, as_objects, as_text, dumps
from tests.sandbox.conftest import client_of
from tests.sandbox.pictures import png
from tests.sandbox.test_channels import refused


def send(sandbox: Sandbox, url: object, body: bytes, content_type: str = "") -> tuple[int, str]:
    """Post bytes to an upload URL; the status, and what is said."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.request(
        "POST", str(url).removeprefix(sandbox.base_url), body, {"Content-Type": content_type} if content_type else {}
    )
    response = connection.getresponse()
    words = response.read().decode()
    connection.close()
    return response.status, words


def fetch(sandbox: Sandbox, url: object, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.request("GET", str(url).removeprefix(sandbox.base_url), headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers, body


def info(web: WebClient, id_: object) -> JsonObject:
    return as_object(web.files_info(file=str(id_))["file"])


def put(web: WebClient, channel: str, name: str, content: bytes, **more: object) -> JsonObject:
    """Upload and share a file; its object once it is shared."""
    answer = web.files_upload_v2(channel=channel, filename=name, content=content, **more)  # type: ignore[arg-type]
    return info(web, answer["file"]["id"])


def with_sync(sandbox: Sandbox, channel: str, uploads: Sequence[JsonObject], **more: object) -> list[JsonObject]:
    web = client_of(sandbox)
    answer = web.files_upload_v2(channel=channel, file_uploads=list(uploads), **more)  # type: ignore[arg-type]
    return as_objects(answer["files"])


def with_async(sandbox: Sandbox, channel: str, uploads: Sequence[JsonObject], **more: object) -> list[JsonObject]:
    async def run() -> list[JsonObject]:
        client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.api_url, timeout=5)
        answer = await client.files_upload_v2(channel=channel, file_uploads=list(uploads), **more)  # type: ignore[arg-type]
        return as_objects(answer["files"])

    return asyncio.run(run())


Uploads = Callable[..., list[JsonObject]]


@pytest.mark.parametrize("upload", [with_sync, with_async])
def test_slack_sdk_uploads_files_into_a_thread(
    sandbox: Sandbox, web: WebClient, ana: Person, case: str, upload: Uploads
) -> None:
    root = web.chat_postMessage(channel=case, text="root")["ts"]
    files: list[JsonObject] = [
        {"content": png(), "filename": "scan 1.png", "title": "Scan of the femur", "alt_txt": "a distal femur"},
        {"content": "sku,price\n1,2\n", "filename": "prices.csv"},
    ]
    answered = upload(sandbox, case, files, initial_comment="Both are *here*.", thread_ts=root)

    assert [file["title"] for file in answered] == ["Scan of the femur", "prices.csv"]
    # Slack shares them after it answered; an app that needs to know asks files.info.
    assert [(file["shares"], file["mimetype"]) for file in answered] == [({}, "")] * 2
    [_, reply] = sandbox.messages(case, root)
    assert (reply["text"], reply["thread_ts"], reply["upload"]) == ("Both are *here*.", root, True)
    assert reply["files"] == [info(web, file["id"]) for file in answered]
    assert as_objects(web.conversations_replies(channel=case, ts=root)["messages"])[1]["files"] == reply["files"]
    scan, prices = as_objects(reply["files"])
    assert (scan["mimetype"], scan["original_w"], scan["alt_txt"]) == ("image/png", 16, "a distal femur")
    assert (prices["pretty_type"], prices["size"], prices["mode"]) == ("CSV", 14, "hosted")
    shares = as_object(as_object(scan["shares"])["private"])
    assert [(one["ts"], one["thread_ts"]) for one in as_objects(shares[case])] == [(reply["ts"], root)]
    assert (scan["groups"], scan["channels"], scan["is_public"]) == ([case], [], False)
    assert sandbox.files(case) == [prices, scan]
    assert sandbox.download(scan, ana) == png()


def test_an_upload_that_lost_its_connection_is_sent_again(sandbox: Sandbox, case: str) -> None:
    sandbox.fault("upload_url", "reset_after", times=1)

    async def run() -> None:
        handlers: list[AsyncRetryHandler] = [AsyncConnectionErrorRetryHandler(max_retry_count=1)]
        client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=handlers, timeout=5)
        await client.files_upload_v2(channel=case, filename="a.txt", content="once")

    asyncio.run(run())
    assert [file["name"] for file in sandbox.files(case)] == ["a.txt"]
    calls = [line for line in sandbox.ledger(kind="call") if line["method"] == "upload_url"]
    assert [(line["status"], line["applied"]) for line in calls] == [(None, True), (200, True)]


def test_an_upload_that_fails_reaches_the_caller(sandbox: Sandbox, web: WebClient, case: str) -> None:
    sandbox.fault("upload_url", "http_503", times=1)

    with pytest.raises((SlackRequestError, OSError), match="503"):
        web.files_upload_v2(channel=case, filename="a.txt", content="never")
    assert sandbox.files(case) == []


def test_bytes_come_raw_or_in_a_form(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    form = (
        b'--x\r\nContent-Disposition: form-data; name="filename"\r\n\r\na.bin\r\n--x\r\nContent-Disposition: form-data;'
        b' name="file"; filename="a.bin"\r\nContent-Type: application/pdf\r\n\r\n\x00\xffhello\r\n--x--\r\n'
    )
    for content_type, body in (
        ("", b"\x00\xffhello"),
        ("application/x-www-form-urlencoded", b"\x00\xffhello"),
        ("multipart/form-data; boundary=x", form),
    ):
        begun = web.files_getUploadURLExternal(filename="a.bin", length=7)
        assert send(sandbox, begun["upload_url"], body, content_type) == (200, "OK - 7")
        web.files_completeUploadExternal(files=[{"id": begun["file_id"]}], channel_id=case)
        assert sandbox.download(info(web, begun["file_id"]), ana) == b"\x00\xffhello"


def test_bytes_that_are_not_what_was_announced(sandbox: Sandbox, web: WebClient) -> None:
    begun = web.files_getUploadURLExternal(filename="a.bin", length=7)
    url, before = str(begun["upload_url"]), len(sandbox.ledger(kind="change"))

    assert send(sandbox, url, b"hello") == (400, "7 bytes were announced, 5 came. Announce the length in bytes.")
    for body in (b"", b"nonsense", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'):
        status, words = send(sandbox, url, body, "multipart/form-data; boundary=x")
        assert (status, words.partition(".")[0]) == (400, "There is no file in this form")
    assert send(sandbox, url, b"hello", "multipart/form-data")[0] == 400
    assert send(sandbox, url, b"x" * 6_000_000)[0] == 400
    assert send(sandbox, f"{sandbox.base_url}/upload/v1/NONE", b"hello")[0] == 404
    assert refused(lambda: web.files_completeUploadExternal(files=[{"id": begun["file_id"]}])) == "file_not_found"
    assert len(sandbox.ledger(kind="change")) == before
    assert [line["applied"] for line in sandbox.ledger(kind="call") if line["method"] == "upload_url"] == [False] * 7


def test_an_upload_is_completed_once(sandbox: Sandbox, web: WebClient, case: str) -> None:
    begun = web.files_getUploadURLExternal(filename="a.txt", length=5)
    url, files = str(begun["upload_url"]), [{"id": begun["file_id"]}]
    send(sandbox, url, b"hello")
    assert refused(lambda: web.files_info(file=begun["file_id"])) == "file_not_found"
    assert refused(lambda: web.files_completeUploadExternal(files=files * 2)) == "invalid_arguments"
    assert refused(lambda: web.api_call("files.completeUploadExternal", data={"files": "no"})) == "invalid_arguments"
    late = partial(web.files_completeUploadExternal, files=files, channel_id=case, thread_ts="1.000000")
    assert refused(late) == "invalid_arguments"
    assert sandbox.messages(case) == []

    web.files_completeUploadExternal(files=files)
    assert info(web, begun["file_id"])["shares"] == {}
    assert refused(lambda: web.files_completeUploadExternal(files=files)) == "file_not_found"
    assert send(sandbox, url, b"other")[0] == 404


def test_files_go_to_several_places_with_blocks_in_place_of_a_comment(
    sandbox: Sandbox, web: WebClient, ana: Person, case: str
) -> None:
    hall = sandbox.channel("hall", creator="ana")
    web.conversations_join(channel=hall)
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "In *blocks*"}}
    begun = web.files_getUploadURLExternal(filename="a.txt", length=5)
    send(sandbox, begun["upload_url"], b"hello")
    web.files_completeUploadExternal(
        files=[{"id": begun["file_id"]}], channel_id=case, channels=[hall, ana.id], blocks=dumps([block])
    )

    file = info(web, begun["file_id"])
    assert (file["groups"], file["channels"], file["ims"]) == ([case], [hall], [ana.dm()])
    assert file["is_public"] is True
    assert sandbox.as_(ana, in_=ana.dm()).sees() == ["In *blocks*\na.txt"]
    sandbox.ask("channel.archive", user="ana", channel=hall)
    again = web.files_getUploadURLExternal(filename="b.txt", length=1)
    send(sandbox, again["upload_url"], b"b")
    late: list[dict[str, str | None]] = [{"id": again["file_id"]}]
    assert refused(lambda: web.files_completeUploadExternal(files=late, channel_id=hall)) == "invalid_channel"


def test_a_file_is_fetched_by_those_who_see_where_it_is(
    sandbox: Sandbox, web: WebClient, ana: Person, ben: Person, case: str
) -> None:
    file = put(web, case, "Grüße <1>.png", png())

    for address in ("url_private", "url_private_download", "permalink"):
        assert str(file[address]).startswith(f"{sandbox.base_url}/files")
        assert fetch(sandbox, f"{file[address]}?as={ana.id}")[2] == png()
        assert fetch(sandbox, file[address], Authorization=f"Bearer {sandbox.bot_token}")[2] == png()
        assert fetch(sandbox, f"{file[address]}?as={ben.id}")[0] == 404
        for nobody in ("", "?as=", "?as=U0NOBODY001", "?as=U0SANDBOT01"):
            assert fetch(sandbox, f"{file[address]}{nobody}")[0] == 403
        assert fetch(sandbox, file[address], Authorization="Bearer xoxb-other")[0] == 403
    with pytest.raises(RefusedError, match="no such file here"):
        sandbox.download(file, ben)

    ben.join(case)
    assert sandbox.download(file, ben) == png()
    ben.leave(case)
    assert fetch(sandbox, f"{file['url_private']}?as={ben.id}")[0] == 404
    web.chat_delete(channel=case, ts=str(sandbox.messages(case)[-1]["ts"]))
    assert fetch(sandbox, f"{file['url_private']}?as={ana.id}")[0] == 404
    sandbox.configure(scopes=["files:write"])
    assert fetch(sandbox, file["url_private"], Authorization=f"Bearer {sandbox.bot_token}")[0] == 403


@pytest.mark.parametrize(
    ("name", "content", "inline"),
    [
        ("a.png", png(), True),
        ("page.html", b"<script>alert(1)</script>", False),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', False),
        ("page.png", b"<script>alert(1)</script>", False),
        ("a.pdf", b"%PDF-1.7", False),
    ],
)
def test_only_pictures_are_ever_drawn(
    sandbox: Sandbox, web: WebClient, ana: Person, case: str, name: str, content: bytes, inline: bool
) -> None:
    file = put(web, case, name, content)

    for address, drawn in (("url_private", inline), ("permalink", inline), ("url_private_download", False)):
        status, headers, body = fetch(sandbox, f"{file[address]}?as={ana.id}")
        assert (status, body) == (200, content)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Content-Disposition"].split(";")[0] == ("inline" if drawn else "attachment")
        assert headers["Content-Type"] == ("image/png" if drawn else "application/octet-stream")


def test_a_name_cannot_break_out_of_its_header(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    file = put(web, case, 'a"\r\nX-Evil: 1\r\n/../é.txt', b"hello")

    _, headers, _ = fetch(sandbox, f"{file['url_private']}?as={ana.id}")
    assert "X-Evil" not in headers
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"a_x-evil_1_.._.txt\"; filename*=UTF-8''a%22%0D%0AX-Evil%3A%201%0D%0A%2F..%2F%C3%A9.txt"
    )


@pytest.mark.parametrize("name", ["..", "\ud800.txt", "/", "?as=#%"])
def test_a_file_is_fetched_whatever_it_is_called(
    sandbox: Sandbox, web: WebClient, ana: Person, case: str, name: str
) -> None:
    begun = web.api_call("files.getUploadURLExternal", json={"filename": name, "length": 5})
    send(sandbox, begun["upload_url"], b"hello")
    web.files_completeUploadExternal(files=[{"id": begun["file_id"]}], channel_id=case)

    [file] = sandbox.files(case)
    assert sandbox.download(file, ana) == b"hello"
    for address in ("url_private", "permalink"):
        assert fetch(sandbox, f"{file[address]}?as={ana.id}")[2] == b"hello"


def test_deleted_files_leave_a_word_where_they_were(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    file = put(web, case, "wrong.txt", b"wrong", initial_comment="Look")
    desk = sandbox.as_(ana, in_=case)
    desk.see("Look\nwrong.txt")

    web.files_delete(file=str(file["id"]))
    assert desk.sees()[-1] == "Look\nThis file was deleted."
    assert as_objects(sandbox.messages(case)[-1]["files"]) == [{"id": file["id"], "mode": "tombstone"}]
    assert sandbox.files(case) == []
    assert fetch(sandbox, f"{file['url_private']}?as={ana.id}")[0] == 404
    with pytest.raises(NotSeenError, match=r"does not see 'wrong\.txt'"):
        sandbox.as_(ana, in_=case, within=0.05).see("wrong.txt")


def test_people_see_titles_and_names(sandbox: Sandbox, web: WebClient, ana: Person, case: str) -> None:
    put(web, case, "scan1.png", png(), title="Femur", initial_comment="Here")
    put(web, case, "note.txt", b"hello")

    assert sandbox.as_(ana, in_=case).sees()[-2:] == ["Here\nFemur\nscan1.png", "note.txt"]


def test_snippets_have_a_type_of_their_own(web: WebClient, case: str) -> None:
    file = put(web, case, "fix", b"x = 1\n", snippet_type="python")

    assert (file["mode"], file["filetype"], file["editable"]) == ("snippet", "python", True)


def test_lengths_that_are_none(web: WebClient) -> None:
    for length in ("-1", "five", "9" * 30):
        arguments = {"filename": "a", "length": length}
        with pytest.raises(SlackApiError) as error:
            web.api_call("files.getUploadURLExternal", data=arguments)
        assert error.value.response["error"] == "invalid_arguments"


def test_files_are_in_the_ledger_and_there_after_a_restart(tmp_path: Path) -> None:
    path, content = tmp_path / "ledger.jsonl", png()
    with start(ledger=path, unlimited=True, settings={"events": []}) as first:
        web = client_of(first)
        ana = first.person("ana")
        case: str = web.conversations_create(name="case-1", is_private=True)["channel"]["id"]
        web.conversations_invite(channel=case, users=[ana.id])
        file = put(web, case, "a.png", content, title="A", alt_txt="red")
        gone = put(web, case, "b.txt", b"gone")
        web.files_delete(file=str(gone["id"]))
        begun = web.files_getUploadURLExternal(filename="c.txt", length=9)
        send(first, begun["upload_url"], b"Jane Doe.")
        [noted, *_] = [line["data"] for line in first.ledger(kind="change") if line["type"] == "file.uploaded"]
        assert isinstance(noted, dict)
        assert (noted["name"], noted["size"]) == ("a.png", len(content))
        assert noted["sha256"] == hashlib.sha256(content).hexdigest()
        assert base64.b64decode(noted["content"]) == content
        # What the app sent is found in files too, whether they were completed or not.
        assert any("Jane Doe." in text for text in received_texts(first.ledger()))

    with start(ledger=path, unlimited=True, settings={"events": []}) as second:
        [again] = second.files(case)
        assert again == {key: _moved(value, first.base_url, second.base_url) for key, value in file.items()}
        assert second.download(again, ana.id) == content
        assert [one.get("mode") for one in as_objects(second.messages(case)[-1]["files"])] == ["tombstone"]
        web = client_of(second)
        web.files_completeUploadExternal(files=[{"id": begun["file_id"]}], channel_id=case)
        assert [one["name"] for one in second.files(case)] == ["c.txt", "a.png"]


def _moved(value: object, before: str, now: str) -> object:
    return as_text(value).replace(before, now) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("name", "content", "filetype", "size"),
    [
        ("x", png(3, 5), "png", (3, 5)),
        ("x.txt", b"GIF89a" + pack("<HH", 4, 2) + b"rest", "gif", (4, 2)),
        (
            "x.jpg",
            b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + pack(">HH", 7, 9) + b"\x03",
            "jpg",
            (9, 7),
        ),
        ("x.webp", b"RIFF\x00\x00\x00\x00WEBPVP8X" + b"\x00" * 8 + b"\x09\x00\x00\x13\x00\x00", "webp", (10, 20)),
        ("x.webp", b"RIFF\x00\x00\x00\x00WEBPVP8L" + b"\x00" * 5 + pack("<I", 6 | 3 << 14), "webp", (7, 4)),
        ("x.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"\x00" * 10 + pack("<HH", 6, 3), "webp", (6, 3)),
        ("x.png", png()[:18], "binary", (0, 0)),
        ("x.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + b"\x00" * 8, "binary", (0, 0)),
        ("x.jpg", b"\xff\xd8\xff\xe0", "binary", (0, 0)),
        ("x.jpg", b"", "binary", (0, 0)),
        ("x.JPEG.md", b"# Hello", "markdown", (0, 0)),
        ("png", b"hello", "binary", (0, 0)),
        ("x.svg", b"<svg/>", "svg", (0, 0)),
        ("x.nonsense", b"hello", "binary", (0, 0)),
    ],
)
def test_types_are_told_by_content_and_name(name: str, content: bytes, filetype: str, size: tuple[int, int]) -> None:
    found = filetypes.of(name, content)

    assert (found.filetype, (found.width, found.height)) == (filetype, size)
