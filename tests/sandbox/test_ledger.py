"""The ledger: what it holds, and that a workspace goes on from it."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from slack_sdk import WebClient

from app.sandbox import Sandbox, SandboxClient, start
from app.sandbox.client import received_texts
from app.sandbox.errors import LedgerError
from app.sandbox.ledger import Ledger
from app.sandbox.world import World
from tests.sandbox.conftest import client_of

QUIET: dict[str, object] = {"events": []}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "A"}, "blocks": [{"type": "divider"}]}


def fill(sandbox: Sandbox) -> str:
    """A workspace with something of everything."""
    web = client_of(sandbox)
    ana, ben = sandbox.person("ana", real_name="Ana Diaz"), sandbox.person("ben", guest="multi")
    case = web.conversations_create(name="case-1", is_private=True)["channel"]["id"]
    web.conversations_invite(channel=case, users=[ana.id, ben.id])
    note = {"event_type": "x", "event_payload": {"id": "n1"}}
    ts = web.chat_postMessage(channel=case, text="card", metadata=note)["ts"]
    web.chat_postMessage(channel=case, text="reply", thread_ts=ts)
    ana.post(case, "mine", thread_ts=ts)
    gone = web.chat_postMessage(channel=case, text="gone")["ts"]
    web.chat_delete(channel=case, ts=gone)
    web.chat_update(channel=case, ts=ts, text="card, changed")
    web.files_upload_v2(channel=case, filename="a.txt", content="hello", thread_ts=ts)
    dropped = web.files_upload_v2(channel=case, filename="b.txt", content="dropped")["file"]["id"]
    web.files_delete(file=dropped)
    web.pins_add(channel=case, timestamp=ts)
    web.reactions_add(channel=case, timestamp=ts, name="eyes")
    web.bookmarks_add(channel_id=case, title="t", type="link", link="http://x.example")
    web.chat_postEphemeral(channel=case, user=ana.id, text="for you")
    web.views_open(trigger_id=sandbox.world.triggers.issue(ana.id).id, view=MODAL)
    web.views_publish(user_id=ana.id, view={"type": "home", "blocks": []})
    web.conversations_open(users=[ana.id])
    web.conversations_setTopic(channel=case, topic="topic")
    other = web.conversations_create(name="other")["channel"]["id"]
    web.conversations_rename(channel=other, name="renamed")
    web.conversations_archive(channel=other)
    ben.leave(case)
    ben.deactivate()
    ana.delete(web.conversations_create(name="short-lived")["channel"]["id"])
    return str(case)


def picture(world: World) -> dict[str, object]:
    """The whole state, comparable."""
    of = world.workspace
    return {
        "team": of.team,
        "users": of.users,
        "channels": of.channels,
        "names": of.channel_names,
        "dms": of.dms,
        "memberships": {user: list(where) for user, where in of.memberships.items() if where},
        "files": of.files,
        "ephemerals": {key: list(kept) for key, kept in of.ephemerals.items()},
        "views": of.views,
        "modals": {user: stack for user, stack in of.modals.items() if stack},
        "homes": of.homes,
        "created": of.created,
    }


def test_a_stopped_workspace_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with start(ledger=path, unlimited=True, settings=QUIET) as first:
        case = fill(first)
        before = picture(first.world)
        length = len(first.world.ledger)

    with start(ledger=path, unlimited=True, settings=QUIET) as second:
        assert picture(second.world) == before
        assert len(second.world.ledger) == length
        web = client_of(second)
        shown = web.conversations_history(channel=case)["messages"]
        assert "card, changed" in [message["text"] for message in shown]
        posted = web.chat_postMessage(channel=case, text="after")
        assert posted["ts"] > shown[0]["ts"]
        new = web.conversations_create(name="new")["channel"]["id"]
        assert new not in {case}
        assert second.person("ana").id == next(one.id for one in second.people() if one.name == "ana")


def test_a_ledger_in_memory_is_read_the_same_way(sandbox: Sandbox) -> None:
    case = fill(sandbox)

    lines = sandbox.ledger()
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["kind"] for line in lines} == {"call", "change"}
    assert sandbox.ledger(since=len(lines) - 2) == lines[-2:]
    assert case in {line["data"]["id"] for line in lines if line.get("type") == "channel.created"}  # type: ignore[index]


def test_a_call_is_written_whole_with_its_changes_before_it(sandbox: Sandbox, web: WebClient, case: str) -> None:
    before = len(sandbox.ledger())
    web.chat_postMessage(channel=case, text="Grüße & more")

    change, call = sandbox.ledger(since=before)
    assert (change["kind"], change["type"], change["data"]["text"]) == ("change", "message.posted", "Grüße & more")  # type: ignore[index]
    assert (call["kind"], call["method"], call["applied"], call["changes"]) == ("call", "chat.postMessage", True, 1)
    body = json.loads(call["request"]["body"])  # type: ignore[index]
    assert body == {"channel": case, "text": "Grüße & more"}
    assert call["answer"]["ts"] == change["data"]["ts"]  # type: ignore[index]


def test_refused_calls_are_written_too(sandbox: Sandbox, web: WebClient) -> None:
    answer = web.api_call
    with pytest.raises(Exception, match="channel_not_found"):
        answer("chat.postMessage", data={"channel": "C0", "text": "Jane Doe & son"})

    call = sandbox.ledger(kind="call")[-1]
    assert (call["applied"], call["changes"]) == (False, 0)
    # A canary is found however it was encoded on its way.
    assert any("Jane Doe & son" in text for text in received_texts(sandbox.ledger()))
    with pytest.raises(Exception, match="channel_not_found"):
        answer("chat.postMessage", json={"channel": "C0", "text": "Zoë Müller"})
    assert any("Zoë Müller" in text for text in received_texts(sandbox.ledger()))


def test_a_last_line_cut_short_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with start(ledger=path, unlimited=True, settings=QUIET) as first:
        first.person("ana")
        length = len(first.world.ledger)
    with path.open("ab") as file:
        file.write(b'{"kind":"change","seq":99,"type":"user.added","da')

    with start(ledger=path, settings=QUIET) as second:
        assert len(second.world.ledger) == length
        second.person("ben")
    assert [json.loads(line)["seq"] for line in path.read_bytes().splitlines()] == list(range(1, length + 2))


def test_two_sandboxes_do_not_write_to_one_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with start(ledger=path, settings=QUIET), pytest.raises(LedgerError, match="Another sandbox writes to"):
        start(ledger=path, settings=QUIET)
    with pytest.raises(LedgerError, match="cannot be opened"):
        start(ledger=tmp_path)


def test_timestamps_follow_the_clock_and_never_go_back() -> None:
    now = [datetime(2026, 11, 2, 14, 0, tzinfo=UTC)]
    with start(clock=lambda: now[0], unlimited=True, settings=QUIET) as sandbox:
        web = client_of(sandbox)
        channel = web.conversations_create(name="x")["channel"]["id"]
        first = web.chat_postMessage(channel=channel, text="1")["ts"]
        now[0] = datetime(2026, 11, 1, 14, 0, tzinfo=UTC)
        second = web.chat_postMessage(channel=channel, text="2")["ts"]
        now[0] = datetime(2026, 11, 9, 14, 0, tzinfo=UTC)
        third = web.chat_postMessage(channel=channel, text="3")["ts"]
        line = sandbox.ledger()[-1]
    assert datetime.fromtimestamp(float(first), UTC).date().isoformat() == "2026-11-02"
    assert first < second < third
    assert datetime.fromtimestamp(float(third), UTC).date().isoformat() == "2026-11-09"
    assert str(line["sim"]).startswith("2026-11-09")
    assert not str(line["at"]).startswith("2026-11-09T14:00:00+")


def test_fifty_thousand_lines_are_replayed_at_a_few_times_the_cost_of_reading_them(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with start(ledger=path, settings=QUIET) as sandbox:
        channel = sandbox.channel("busy")
    ledger = Ledger(path)
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 300}}
    for number in range(25_000):
        data = {"channel": channel, "ts": f"1800000000.{number:06d}", "user": "U", "text": "x", "blocks": [block]}
        ledger.write("change", {"type": "message.posted", "actor": "U", "data": dict(data)})
        ledger.write("call", {"method": "chat.postMessage", "request": {"body": json.dumps(data)}})
        ledger.flush()
    ledger.close()

    started = time.process_time()
    world = World.build(ledger=path)
    took = time.process_time() - started
    world.ledger.close()
    assert len(world.workspace.channels[channel].messages) == 25_000
    # The floor is the same lines read and parsed, nothing else.
    started = time.process_time()
    for line in path.read_bytes().splitlines():
        if line.startswith(b'{"kind":"change"'):
            json.loads(line)
    floor = time.process_time() - started
    assert took < 8 * floor + 0.5  # of this process's own time, whatever else the machine does


def test_a_process_of_its_own(tmp_path: Path) -> None:
    ledger, port_file = tmp_path / "ledger.jsonl", tmp_path / "port"
    clock_file = tmp_path / "clock.json"
    clock_file.write_text(json.dumps({"sim": "2026-11-02T14:00:00+00:00", "real": time.time(), "speed": 0}))
    command = [sys.executable, "-m", "app.sandbox", "--ledger", str(ledger), "--port-file", str(port_file)]
    process = subprocess.Popen(
        [*command, "--clock-file", str(clock_file), "--unlimited"], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        client = SandboxClient(base_url)
        client.wait(port_file.exists)
        assert base_url == f"http://127.0.0.1:{port_file.read_text()}"
        assert client.env()["SLACK_API_URL"] == f"{base_url}/api/"
        ana = client.person("ana")
        ts = ana.post(client.channel("hall", creator="ana"), "hello")
        assert datetime.fromtimestamp(float(ts), UTC).isoformat().startswith("2026-11-02T14:00:00")
        client.close()
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
    with start(ledger=ledger) as again:
        assert [message["text"] for message in again.messages("hall")] == ["hello"]
