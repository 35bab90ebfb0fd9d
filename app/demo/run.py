"""`caseboard demo`: the practice at work in the browser, until Ctrl-C."""

import shlex
import shutil
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.demo.conductor import Conductor
from app.demo.course import courses
from app.demo.faults import Faults
from app.demo.panel import HEAD, Panel
from app.demo.practice import OFFICE, ZONE
from app.demo.staff import Team
from app.demo.stage import DATABASE, Stage, staged
from app.kernel.business import BusinessCalendar
from app.kernel.clock import SteeredClock
from app.sandbox import start
from app.slack.manifest import BOT_SCOPES
from app.store.embedded import EmbeddedFailed, end_left_over

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

BEGIN = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
OPENING_DAYS = 2  # working days that pass at once, so that there is something to see
TICK = 0.5
DAYS = 30
CASES = 12
RUNNING = "running"
SETTINGS = "settings.sh"
ENDS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class CannotBegin(RuntimeError):
    """The demonstration cannot begin; the message says what to do."""


def demonstrate(folder: Path, *, port: int, anew: bool, seed: int, say: Callable[[str], None]) -> None:
    """Serve the sandbox at `port` and let the practice work; returns after Ctrl-C or SIGTERM, nothing left running.

    A practice that is new has its first days pass at once, with the page there to watch them. Raises `CannotBegin`
    when there is a demonstration in this folder already, or something else at the port; nothing is thrown away then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotBegin(
            f"{folder} cannot be made ({error.strerror}). Set CASEBOARD_DATA to another folder."
        ) from None
    with _alone(folder):
        _look_at(port)
        if anew:
            _forget(folder)
        _demonstrate(folder, port, seed, say)


def _demonstrate(folder: Path, port: int, seed: int, say: Callable[[str], None]) -> None:
    clock_file = folder / "clock.json"
    fresh = not clock_file.exists()
    SteeredClock.steer(clock_file, sim=BEGIN if fresh else None, speed=0)
    panel = Panel(ZONE)
    wished: list[int] = []

    def leave(number: int, _: object) -> None:
        # What is begun is set up first, so that it can be taken down in order; who insists breaks it off.
        if wished:
            raise KeyboardInterrupt
        wished.append(number)

    for name in ENDS:
        signal.signal(name, leave)
    try:
        with (
            start(
                port,
                folder / "ledger.jsonl",
                SteeredClock(clock_file),
                unlimited=True,
                settings={"scopes": BOT_SCOPES},
                routes=panel.routes(),
                head_html=HEAD,
            ) as sandbox,
            staged(folder, begin=BEGIN, sandbox=sandbox, tick=TICK, anew=False, queue=True) as stage,
            _settings_at(folder.resolve() / SETTINGS, stage.env) as settings,
        ):
            conductor = conducted(stage, seed)
            for name in ENDS:
                signal.signal(name, lambda *_: conductor.stop())
            panel.show(conductor, Faults(sandbox, stage.redis))
            if fresh:
                today = conductor.calendar.local_day(BEGIN)
                opening = conductor.calendar.opening(conductor.calendar.add_business_days(today, OPENING_DAYS))
                conductor.to(opening, "The practice's first days have passed.")
            paused = conductor.take_up()
            say(f"Caseboard is running: {sandbox.base_url}/   (Ctrl-C ends it; the practice is kept in {folder})")
            say(f"To look into it from a second terminal: (. {shlex.quote(str(settings))} && ./dev case list)")
            if paused:
                say("Its clock is paused, as you left it: the bar at the top of the page lets it run.")
            if not wished:
                conductor.run()
            say("Ending: the database and Redis are being stopped.")
    except KeyboardInterrupt:
        return
    say("Ended. The next demo goes on from here; with --new it starts anew.")


def conducted(stage: Stage, seed: int) -> Conductor:
    """The conductor of the practice on a stage, which goes on with the cases that are there."""
    calendar = BusinessCalendar.from_config({"hours": OFFICE, "country": "US"}, ZONE)
    team = Team(stage.practice, calendar, courses(seed, CASES, DAYS), BEGIN, seed, stage.folder)
    team.find_cases()
    return Conductor(stage, team)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Have the folder for this process alone, where the system has locks."""
    with (folder / RUNNING).open("w") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CannotBegin("It is running already. End that one first, or set CASEBOARD_DATA apart.") from None
        yield


@contextmanager
def _settings_at(file: Path, settings: Mapping[str, str]) -> Iterator[Path]:
    """The settings of the demonstration for a shell, its clock among them, for as long as it runs."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items()))
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def _look_at(port: int) -> None:
    """Whether the port is free, before anything is thrown away."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise CannotBegin(f"Port {port} cannot be had ({error.strerror}). Name another with --port.") from None


def _forget(folder: Path) -> None:
    try:
        end_left_over(folder / DATABASE)
    except EmbeddedFailed as error:
        raise CannotBegin(str(error)) from None
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != RUNNING:
            entry.unlink()
