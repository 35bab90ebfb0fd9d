"""Everything that a demonstration runs on: database, sandbox, clock, and the app's own processes."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from app.demo.practice import Practice, settle_in
from app.demo.processes import DidNotStart, PrivateRedis, Processes, own_sandbox, private_redis, redis_server
from app.kernel.clock import SteeredClock
from app.migrate import migrate
from app.sandbox import SandboxClient
from app.slack.manifest import BOT_SCOPES, manifest
from app.store.embedded import embedded, end_left_over
from app.store.engine import make_engine
from app.store.sealing import Keyring
from app.store.uow import Store

DATABASE = "database"
READY_SECONDS = 45.0
_DUE = text(
    "SELECT (SELECT count(*) FROM timers WHERE state = 'pending' AND least(fire_at, held_until) <= :now)"
    " + (SELECT count(*) FROM staff WHERE active AND digest_due_at <= :now)"
)
_NEXT_DUE = text(
    "SELECT min(least(fire_at, held_until)) FROM timers WHERE state = 'pending' AND least(fire_at, held_until) > :after"
)
_UNSENT = text("SELECT count(*) FROM notices WHERE state IN ('pending', 'sending', 'unknown', 'held')")


@dataclass(frozen=True)
class Stage:
    """A demonstration that runs: steer it by `clock_file`, look at it by `store`, act in it by `practice`."""

    folder: Path
    clock_file: Path
    engine: Engine
    store: Store
    sandbox: SandboxClient
    practice: Practice
    processes: Processes
    env: dict[str, str]
    redis: PrivateRedis | None = None

    def steer(self, to: datetime | None = None, speed: float | None = None) -> None:
        """Move the clock of everything, or let it run: `speed` simulated seconds a second, 0 to pause."""
        SteeredClock.steer(self.clock_file, sim=to, speed=speed)

    def now(self) -> datetime:
        return self.store.clock.now()

    def due(self) -> int:
        """How many timers are due and not yet settled, and how many people's digests."""
        with self.engine.connect() as connection:
            found: int = connection.execute(_DUE, {"now": self.now()}).scalar_one()
            return found

    def next_due(self, after: datetime) -> datetime | None:
        """The moment of the next timer that is pending; None when no deadline is running."""
        with self.engine.connect() as connection:
            found: datetime | None = connection.execute(_NEXT_DUE, {"after": after}).scalar_one()
            return found

    def unsent(self) -> int:
        """How many notices Slack does not have yet."""
        with self.engine.connect() as connection:
            found: int = connection.execute(_UNSENT).scalar_one()
            return found

    def wait_for(self, left: Callable[[], int], what: str, seconds: float = 30.0) -> None:
        """Wait until nothing is left; raises `DidNotStart` when a process ends, `TimeoutError` after `seconds`."""
        until = time.monotonic() + seconds
        while left():
            self.processes.check()
            if time.monotonic() > until:
                raise TimeoutError(f"after {seconds:g} s there are still {left()} {what}")
            time.sleep(0.005)


@contextmanager
def staged(
    folder: Path,
    *,
    begin: datetime,
    sandbox: SandboxClient | None = None,
    workers: int = 0,
    schedulers: int = 0,
    port: int = 0,
    tick: float = 0.05,
    anew: bool = True,
    queue: bool = False,
) -> Iterator[Stage]:
    """Set everything up under `folder` and take it down again.

    With `workers` and `schedulers` at 0 the app is one process (`caseboard up`), with `queue` over a private Redis
    where there is a Redis server; else each is a process of its own, with a private Redis between them. `anew`
    throws away what an earlier run left.
    """
    if anew and folder.exists():
        end_left_over(folder / DATABASE)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        folder.chmod(0o755)  # the embedded server then runs as a user of its own
    clock_file = folder / "clock.json"
    if not clock_file.exists():
        SteeredClock.steer(clock_file, sim=begin, speed=0)
    with embedded(folder / DATABASE, throwaway=True) as url, Processes(folder / "logs") as processes:
        engine = make_engine(url)
        migrate(engine)
        store = Store(engine, SteeredClock(clock_file))
        client = sandbox or own_sandbox(
            processes, folder, "--clock-file", str(clock_file), "--scopes", ",".join(BOT_SCOPES)
        )
        practice = settle_in(store, client)
        features = manifest()["features"]
        client.configure(commands=features["slash_commands"], shortcuts=features["shortcuts"])
        env = client.env() | {
            "DATABASE_URL": url,
            "CASEBOARD_KEYS": _keys(folder),
            "CASEBOARD_DATA": str(folder),
            "CASEBOARD_CLOCK_FILE": str(clock_file),
            "CASEBOARD_TICK_SECONDS": str(tick),
            "CASEBOARD_POSTS_PER_SECOND": "1000",
            "PORT": str(port),
            "CASEBOARD_BASE_URL": client.base_url,  # in Socket Mode the app serves no page of its own
        }
        del env["SLACK_SIGNING_SECRET"]  # Socket Mode alone: no port needed
        apart = bool(workers or schedulers)
        try:
            with _redis(processes, needed=apart, wanted=apart or queue) as redis:
                stage = Stage(folder, clock_file, engine, store, client, practice, processes, env, redis)
                if redis is not None:
                    env["REDIS_URL"] = redis.url
                if apart:
                    processes.caseboard("web", ["web"], env)
                    for number in range(workers):
                        processes.caseboard(f"worker-{number + 1}", ["worker"], env)
                    for number in range(schedulers):
                        processes.caseboard(f"scheduler-{number + 1}", ["scheduler"], env)
                else:
                    processes.caseboard("app", ["up"], env)
                _ready(stage)
                yield stage
        finally:
            engine.dispose()


@contextmanager
def _redis(processes: Processes, *, needed: bool, wanted: bool) -> Iterator[PrivateRedis | None]:
    server = redis_server() if wanted else None
    if needed and server is None:
        raise DidNotStart("Several processes need Redis: install redis-server, or run with --workers 0 --schedulers 0.")
    if server is None:
        yield None
    else:
        with private_redis(processes, server) as redis:
            try:
                yield redis
            finally:
                processes.stop()  # the app before its queue


def _ready(stage: Stage) -> None:
    until = time.monotonic() + READY_SECONDS
    while stage.sandbox.connections() == 0:
        stage.processes.check()
        if time.monotonic() > until:
            raise DidNotStart("the app did not connect to the sandbox")
        time.sleep(0.05)


def _keys(folder: Path) -> str:
    """The demonstration's own key, kept beside its data so that a second start can go on."""
    kept = folder / "keys.json"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(json.dumps({"keys": Keyring.new_key("demo")}))
    found: str = json.loads(kept.read_text())["keys"]
    return found
