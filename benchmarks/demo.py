"""`./dev bench demo`: how soon a fresh clone shows a breach, and what the demonstration costs when nobody acts.

The clone is of what is committed, without its virtual environment; the package cache is as it is found, so the first
run on a machine measures a cold one. Processor time is read from /proc, so this runs on Linux only.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.sandbox import SandboxClient
from app.settings import ROOT, Settings

FIRST_BREACH_SECONDS = 60.0
IDLE_PERCENT = 5.0
MEASURED_SECONDS = 60.0
PATIENCE = 600.0
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Chromium's own headless build first: it draws the same and takes half the time, having no window of its own."""
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)


def measure() -> dict[str, object]:
    """Both figures with their targets; seconds from pressing Enter, percent of one core when paused."""
    with tempfile.TemporaryDirectory(prefix="cb-bench-") as name:
        place = Path(name)
        place.chmod(0o755)
        clone = place / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        with _demo(clone, place) as (child, began):
            installed = _until(lambda: list(clone.glob(".venv/installed-*")), child) - began
            said = place / "said"
            shown = _until(lambda: "Caseboard is running" in said.read_text(), child) - began
            address = re.findall(r"http://127\.0\.0\.1:\d+", said.read_text())[0]
            sandbox = SandboxClient(address)
            breach = _until(lambda: _breached(sandbox), child) - began
            _until(lambda: not _state(address)["moving"], child)
            _steer(address, "pause")
            _until(lambda: _state(address)["waiting"] == 0, child)
            alone = _percent(_everything(child.pid, place))
            with _looking_at(address) as looked_at:
                looking = _percent(_everything(child.pid, place)) if looked_at else None
    return {
        "seconds_to_installed": round(installed, 1),
        "seconds_to_page": round(shown, 1),
        "seconds_to_first_breach": round(breach, 1),
        "target_seconds": FIRST_BREACH_SECONDS,
        "idle_percent_of_a_core": round(alone, 2),
        "idle_percent_with_a_page_open": None if looking is None else round(looking, 2),
        "target_percent": IDLE_PERCENT,
        "load_of_the_machine": round(os.getloadavg()[0], 1),
    }


@contextmanager
def _demo(clone: Path, place: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """`./dev demo` in the clone, begun now; ended as by Ctrl-C."""
    own = {str(field.alias) for field in Settings.model_fields.values()} | {"CASEBOARD_VENV", "VIRTUAL_ENV"}
    env = {key: value for key, value in os.environ.items() if key not in own}
    # The shell's own environment, not that of this clone's ./dev.
    env["PATH"] = os.pathsep.join(
        part for part in env["PATH"].split(os.pathsep) if not (Path(part).parent / "pyvenv.cfg").exists()
    )
    began = time.monotonic()
    with (place / "said").open("wb") as out:
        child = subprocess.Popen(
            ["./dev", "demo", "--port", "0"],
            cwd=clone,
            env=env | {"CASEBOARD_DATA": str(place / "data")},
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield child, began
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(60)


def _until(happens: Callable[[], object], child: subprocess.Popen[bytes]) -> float:
    """The moment at which it happens. Raises `RuntimeError` when the demonstration ends, or after ten minutes."""
    given_up = time.monotonic() + PATIENCE
    while not happens():
        if child.poll() is not None or time.monotonic() > given_up:
            raise RuntimeError("the demonstration did not come so far")
        time.sleep(0.1)
    return time.monotonic()


def _breached(sandbox: SandboxClient) -> bool:
    return any(
        "'kind': 'breach'" in str(message.get("metadata"))
        for channel in sandbox.channels()
        if str(channel["name"]).startswith("case-")
        for message in sandbox.messages(str(channel["id"]))
    )


def _state(address: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{address}/demo/state", timeout=30) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def _steer(address: str, to: str) -> None:
    request = urllib.request.Request(f"{address}/demo/clock/{to}", b"", {"x-caseboard-demo": "1"})
    urllib.request.urlopen(request, timeout=30).close()


@contextmanager
def _looking_at(address: str) -> Iterator[bool]:
    """The page in a browser; False where there is none. The browser's own processor time is not the demonstration's."""
    if CHROMIUM is None:
        yield False
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        browser.new_page().goto(address)
        yield True
        browser.close()


def _everything(pid: int, place: Path) -> list[int]:
    """The demonstration's processes, and those of its database, which is no child of it."""
    postmaster = place / "data" / "demo" / "database" / "postgres" / "postmaster.pid"
    roots = [pid, int(postmaster.read_text().split()[0])]
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    while roots:
        found.append(roots.pop())
        roots += children.get(found[-1], [])
    return found


def _percent(pids: list[int]) -> float:
    """Processor time of the processes over a minute, in percent of one core."""
    before = sum(map(_ticks, pids))
    time.sleep(MEASURED_SECONDS)
    used = sum(map(_ticks, pids)) - before
    return 100 * used / os.sysconf("SC_CLK_TCK") / MEASURED_SECONDS


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
