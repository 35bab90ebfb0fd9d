"""What the local Slack costs: posts beside an empty endpoint, memory after many messages, start-up of a workspace.

Both servers are processes of their own, asked in turns by the same client over connections that are kept open.
"""

import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from app.sandbox import SandboxClient, start

FLOOR = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

async def answer(request):
    await request.body()
    return JSONResponse({"ok": True})

app = Starlette(routes=[Route("/api/chat.postMessage", answer, methods=["POST"])])
uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off")
"""
TURNS = 10
"""The calls are made in so many turns, so that both servers meet the same moods of the machine."""

CHANNELS = 100
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*12* Read the chart, due Thursday 17:00"}}]
METADATA = {"event_type": "notice", "event_payload": {"id": "6f1c2d3e-0000-4000-8000-000000000000", "kind": "breach"}}


def bench_sandbox(messages: int = 100_000, calls: int = 5_000, starts: int = 30) -> dict[str, object]:
    """All three; `calls` to each server for the throughput, and `messages` in all for the memory."""
    return {"start": _starting(starts), **_posting(messages, calls)}


def _starting(starts: int) -> dict[str, object]:
    """A workspace in this process, from nothing to its first answer."""
    times = []
    for _ in range(starts):
        began = time.perf_counter()
        with start(unlimited=True) as sandbox:
            sandbox.status()
            times.append(time.perf_counter() - began)
    return {"p50_ms": round(statistics.median(times) * 1000, 1), "most_ms": round(max(times) * 1000, 1)}


def _posting(messages: int, calls: int) -> dict[str, object]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cb-bench-")))
        sandbox, port = stack.enter_context(_sandbox(folder))
        empty = stack.enter_context(_floor())
        channels = [_made(port, f"case-{number:03}") for number in range(CHANNELS)]
        before = _resident_kb(sandbox.pid)
        posting, bare = _poster(port, channels), _poster(empty, channels)
        ours, floors = [], []
        for _ in range(TURNS):
            ours.append(_timed(posting, calls // TURNS))
            floors.append(_timed(bare, calls // TURNS))
        _timed(posting, messages - calls // TURNS * TURNS)
        after = _resident_kb(sandbox.pid)
        taken, floor = statistics.median(ours), statistics.median(floors)
        return {
            "post": {"per_second": round(calls // TURNS / taken), "floor_per_second": round(calls // TURNS / floor)},
            "ratio": round(taken / floor, 2),
            "memory": {
                "messages": messages,
                "before_mb": round(before / 1024, 1),
                "after_mb": round(after / 1024, 1),
                "kb_per_message": round((after - before) / messages, 2),
                "ledger_mb": round((folder / "ledger.jsonl").stat().st_size / 1e6, 1),
            },
            "note": "one client, one call at a time; the ledger is a file; each message has a block and metadata",
        }


@contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _sandbox(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port_file = folder / "port"
    options = ["--unlimited", "--ledger", str(folder / "ledger.jsonl"), "--port-file", str(port_file)]
    with _process([sys.executable, "-m", "app.sandbox", *options]) as process:
        _until(port_file.exists)
        port = int(port_file.read_text())
        _until(lambda: _answers(port))
        with SandboxClient(f"http://127.0.0.1:{port}") as client:
            client.configure(events=[])  # nobody is there to be told, and what is not heard is kept to be sent again
        yield process, port


@contextmanager
def _floor() -> Iterator[int]:
    port = _free_port()
    with _process([sys.executable, "-c", FLOOR, str(port)]):
        _until(lambda: _answers(port))
        yield port


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        _call(http.client.HTTPConnection("127.0.0.1", port), "chat.postMessage", {})
    except OSError:
        return False
    return True


def _until(condition: Callable[[], bool], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("a server did not start")
        time.sleep(0.01)


def _call(connection: http.client.HTTPConnection, method: str, arguments: dict[str, str]) -> dict[str, object]:
    headers = {"Authorization": "Bearer xoxb-sandbox", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/api/{method}", urlencode(arguments), headers)
    answer: dict[str, object] = json.loads(connection.getresponse().read())
    return answer


def _made(port: int, name: str) -> str:
    answer = _call(http.client.HTTPConnection("127.0.0.1", port), "conversations.create", {"name": name})
    channel = answer["channel"]
    assert isinstance(channel, dict)
    return str(channel["id"])


def _poster(port: int, channels: Sequence[str]) -> Callable[[int], None]:
    """Posts the message of a number to one of the channels."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    rest = {"blocks": json.dumps(BLOCKS), "metadata": json.dumps(METADATA)}

    def post(number: int) -> None:
        given = {"channel": channels[number % len(channels)], "text": f"Message {number}"} | rest
        answer = _call(connection, "chat.postMessage", given)
        if answer["ok"] is not True:
            raise RuntimeError(f"a post was refused: {answer}")

    return post


def _timed(post: Callable[[int], None], times: int) -> float:
    began = time.perf_counter()
    for number in range(times):
        post(number)
    return time.perf_counter() - began


def _resident_kb(pid: int) -> int:
    """The memory that a process holds, in KiB, as `ps` tells it on every Unix."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(told.stdout)
