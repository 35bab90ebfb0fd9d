"""`caseboard demo` as a process: begun, ended by Ctrl-C, gone on with, begun anew; nothing is left running."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from app.sandbox import SandboxClient, start
from app.settings import Settings

DEADLINE = 90.0
CLOCK = "from app.settings import Settings, clock_of; print(clock_of(Settings()).now().timestamp() * 1000)"


class Demo:
    """One run of the command, with what it leaves in `folder`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        settings = {str(field.alias) for field in Settings.model_fields.values()}
        self.log = folder / "said"
        with self.log.open("wb") as out:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", "demo", "--port", "0", *arguments],
                env={name: value for name, value in os.environ.items() if name not in settings}
                | {"CASEBOARD_DATA": str(folder / "data"), "TMPDIR": str(folder)},
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
            )

    def address(self) -> str:
        """Where it serves, once it says so."""
        self.wait(lambda: "Caseboard is running: " in self.log.read_text(), "it runs")
        return "http://" + self.log.read_text().partition("http://")[2].partition("/")[0]

    def wait(self, happens: Callable[[], object], what: str) -> None:
        until = time.monotonic() + DEADLINE
        while not happens():
            assert self.child.poll() is None, self.log.read_text()
            assert time.monotonic() < until, f"{what}: {self.log.read_text()}"
            time.sleep(0.2)  # what is looked at has work to do meanwhile

    def state(self) -> dict[str, object]:
        with urllib.request.urlopen(f"{self.address()}/demo/state", timeout=20) as answer:
            found: dict[str, object] = json.load(answer)
            return found

    def steer(self, path: str) -> None:
        request = urllib.request.Request(f"{self.address()}/demo/{path}", b"", {"x-caseboard-demo": "1"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200

    def interrupt(self, name: signal.Signals = signal.SIGINT) -> int:
        self.child.send_signal(name)
        return self.child.wait(DEADLINE)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Open to the user that the database runs as."""
    with tempfile.TemporaryDirectory(prefix="cb-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def demo(folder: Path) -> Iterator[Callable[..., Demo]]:
    begun: list[Demo] = []

    def begin(*arguments: str) -> Demo:
        begun.append(Demo(folder, *arguments))
        return begun[-1]

    yield begin
    for one in begun:
        if one.child.poll() is None:
            one.interrupt(signal.SIGTERM)


def running_on(folder: Path, *saying: str) -> list[str]:
    """Processes that name the folder in their command or environment (Linux; elsewhere none is found).

    With `saying` only those whose command line has these words.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            words = command + (entry / "environ").read_bytes()
        except OSError:
            continue
        if not all(word.encode() in command for word in saying):
            continue
        if str(folder).encode() in words and int(entry.name) != os.getpid():
            found.append(words.split(b"\0")[0].decode())
    return found


def alone(folder: Path, name: str) -> bool:
    return len(running_on(folder, name)) <= 1


def typed(demo: Demo, command: str) -> str:
    """What the line for a second terminal says, with the command that it holds as one of Python."""
    line = re.search(r"from a second terminal: (.*\./dev case list.*)", demo.log.read_text())
    assert line is not None
    script = line[1].replace("./dev case list", f"{shlex.quote(sys.executable)} {command}")
    settings = {str(field.alias) for field in Settings.model_fields.values()}
    bare = {name: value for name, value in os.environ.items() if name not in settings}
    return subprocess.run(["sh", "-c", script], env=bare, capture_output=True, text=True, check=True).stdout


def breaches(sandbox: SandboxClient) -> list[object]:
    """Breaches posted in channels of cases."""
    posted = [
        message.get("metadata")
        for channel in sandbox.channels()
        if str(channel.get("name")).startswith("case-")
        for message in sandbox.messages(str(channel["id"]))
    ]
    return [metadata for metadata in posted if "'kind': 'breach'" in str(metadata)]


def codes(sandbox: SandboxClient) -> set[str]:
    return {str(channel["name"]) for channel in sandbox.channels() if str(channel.get("name")).startswith("case-")}


@pytest.mark.long
def test_ctrl_c_leaves_nothing_running_and_a_second_start_goes_on(demo: Callable[..., Demo], folder: Path) -> None:
    first = demo()
    sandbox = SandboxClient(first.address())
    first.wait(lambda: not first.state()["moving"], "the first days have passed")
    first.wait(lambda: breaches(sandbox), "a breach is posted in a channel")
    listed = typed(first, "-m app.cli.main case list --json")
    before = first.state()["now"]
    clock = float(typed(first, shlex.join(["-c", CLOCK])))
    assert before <= clock <= first.state()["now"], "by the demonstration's clock"  # type: ignore[operator]
    assert {f"case-{case['code'].lower()}" for case in json.loads(listed)["cases"]} == codes(sandbox)
    assert "The practice's first days have passed." in str(first.state()["said"])
    first.steer("clock/pause")
    first.steer("fault/slow/on")
    stood = first.state()["now"]
    known = codes(sandbox)
    assert known
    assert running_on(folder)
    assert f"kept in {folder}" in first.log.read_text()
    assert first.interrupt() == 0
    assert first.log.read_text().rstrip().endswith("with --new it starts anew.")
    assert running_on(folder) == []

    second = demo()
    again = SandboxClient(second.address())
    state = second.state()
    assert isinstance(state["now"], float)
    assert isinstance(stood, float)
    assert stood <= state["now"] < stood + 24 * 3600 * 1000
    assert state["speed"] == 0, "it was left paused"
    second.wait(lambda: "Its clock is paused, as you left it" in second.log.read_text(), "it says so")
    assert codes(again) >= known
    assert [fault for fault in state["faults"] if fault["on"]] == []  # type: ignore[attr-defined]
    assert again.faults() == []
    other = demo()
    assert other.child.wait(DEADLINE) == 1
    assert "It is running already. End that one first" in other.log.read_text()
    assert second.interrupt(signal.SIGTERM) == 0
    assert running_on(folder) == []

    anew = demo("--new")
    fresh = SandboxClient(anew.address())
    assert anew.state()["pace"] == "four"
    assert "paused, as you left it" not in anew.log.read_text()
    anew.wait(lambda: codes(fresh), "cases are opened")
    assert not codes(fresh) & known
    assert anew.interrupt() == 0
    assert running_on(folder) == []


@pytest.mark.long
def test_after_a_kill_nothing_works_on_and_a_new_one_begins(demo: Callable[..., Demo], folder: Path) -> None:
    killed = demo()
    killed.address()
    assert killed.interrupt(signal.SIGKILL) == -signal.SIGKILL
    anew = demo("--new")
    anew.wait(lambda: not anew.state()["moving"], "the first days have passed")
    for name in ("app.cli.main\0up", "redis-server", "app.demo.watcher"):
        anew.wait(partial(alone, folder, name), f"{name} of the killed one is gone")
    assert anew.interrupt() == 0
    assert anew.log.read_text().rstrip().endswith("with --new it starts anew.")
    assert running_on(folder) == []


@pytest.mark.long
def test_an_interrupt_while_it_is_set_up_leaves_nothing_either(demo: Callable[..., Demo], folder: Path) -> None:
    begun = demo()
    begun.wait(lambda: (folder / "data" / "demo" / "database" / "postgres").exists(), "the database is being made")
    assert begun.interrupt() == 0
    assert running_on(folder) == []
    assert "Traceback" not in begun.log.read_text()


def test_a_port_that_is_taken_throws_nothing_away(demo: Callable[..., Demo], folder: Path) -> None:
    kept = folder / "data" / "demo" / "kept"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    with start() as sandbox:
        port = sandbox.port
        refused = demo("--new", "--port", str(port))
        assert refused.child.wait(DEADLINE) == 1
    assert f"Port {port} cannot be had" in refused.log.read_text()
    assert kept.read_text() == "mine"
