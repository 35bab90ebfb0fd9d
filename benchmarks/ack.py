"""`./dev bench ack`: how soon Slack is acknowledged, at 50 commands a second for two minutes.

Web, worker and scheduler are processes of their own, and every command comes over Socket Mode from the local Slack,
which notes when it was acknowledged; the product acknowledges once it has done what was asked. Beside it, in the same
run and at the same pace, an app of Bolt's own that acknowledges and does nothing.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import text

from app.demo.processes import Processes, own_sandbox
from app.demo.stage import Stage, staged
from app.programs.actor import Origin
from app.programs.queries import as_actor
from app.sandbox import Person, Reply
from benchmarks.home import BEGIN, TICK, open_cases

PER_SECOND = 50
SECONDS = 120
FLOOR_SECONDS = 20
HANDS = 40
SLACK_WAITS_MS = 3_000
TARGET_P99_MS = 150
# One task through what a VA does with it, and what they look at meanwhile.
ROUND = ("/claim {}", "/tasks", "/cb wait {} payer", "/cb case {}", "/cb resume {}", "/cb release {}")
_READY = text(
    "SELECT c.code || '-' || t.no FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.state = 'ready'"
    " AND (t.roles = '{}' OR 'va' = ANY(t.roles)) AND t.skill IS NULL ORDER BY t.id"
)
Act = Callable[[int], Reply]


def bench_ack(seconds: int = SECONDS) -> dict[str, object]:
    """Percentiles in milliseconds; `lost` and `refused` are commands that were not acknowledged, or not done."""
    with tempfile.TemporaryDirectory(prefix="cb-bench-") as folder:
        with staged(Path(folder) / "stage", begin=BEGIN, workers=1, schedulers=1, tick=TICK) as stage:
            stage.steer(speed=1.0)
            replies = _at_pace(_commands(stage), seconds)
        with _empty_app(Path(folder) / "floor") as act:
            floor = _at_pace(act, FLOOR_SECONDS)
    lost = [reply for reply in replies if reply.error]
    ours, beside = _quantiles(replies), _quantiles(floor)
    return {
        "commands": len(replies),
        "commands_a_second": PER_SECOND,
        "lost": len(lost),
        "refused": sum("Nothing changed" in reply.text for reply in replies),
        "over_3_s": sum(reply.ms > SLACK_WAITS_MS for reply in replies),
        "acknowledged": ours,
        "bolt_that_does_nothing": beside,
        "p50_to_that": round(ours["p50_ms"] / beside["p50_ms"], 1),
        "target_p99_ms": TARGET_P99_MS,
    }


def _commands(stage: Stage) -> Act:
    """The next command of a VA; each has a task of their own at a time, and says one thing after the other."""
    vas = [stage.practice.people[name] for name in ("ana", "bo", "cy", "dee", "eli")]
    open_cases(stage.store, as_actor(stage.practice.staff["lea"], Origin.CLI))
    stage.wait_for(stage.unsent, "notices", 300)
    with stage.engine.connect() as connection:
        ready = list(connection.execute(_READY).scalars())
    rounds = [_round(ready[number :: len(vas) * 8]) for number in range(len(vas) * 8)]
    locks = [threading.Lock() for _ in rounds]

    def act(number: int) -> Reply:
        which = number % len(rounds)
        with locks[which]:
            return vas[which % len(vas)].command(next(rounds[which]), stage.practice.front_desk, gather=0)

    return act


def _round(tasks: Sequence[str]) -> Iterator[str]:
    for number in count():
        task = tasks[number % len(tasks)]
        for line in ROUND:
            yield line.format(task if "case" not in line else task.split("-")[0])


def _at_pace(act: Act, seconds: int) -> list[Reply]:
    """What came of acts that begin at a steady pace, however long those before them take."""
    began = time.monotonic()
    with ThreadPoolExecutor(HANDS) as hands:
        made = []
        for number in range(PER_SECOND * seconds):
            time.sleep(max(began + number / PER_SECOND - time.monotonic(), 0))
            made.append(hands.submit(act, number))
        return [one.result() for one in made]


@contextmanager
def _empty_app(folder: Path) -> Iterator[Act]:
    folder.mkdir()
    with Processes(folder / "logs") as processes:
        sandbox = own_sandbox(processes, folder)
        person: Person = sandbox.person("ana")
        channel = sandbox.channel("hall", members=[person.id])
        processes.start("bolt", [sys.executable, "-m", "benchmarks.ack"], sandbox.env())
        sandbox.wait(lambda: sandbox.connections() > 0, timeout=30, message="no connection")
        yield lambda _: person.command("/cb help", channel, gather=0)


def _quantiles(replies: Sequence[Reply]) -> dict[str, float]:
    times = [reply.ms for reply in replies]
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1), "most_ms": round(max(times), 1)}


def _do_nothing() -> None:
    """An app of Bolt's own that acknowledges every `/cb`; runs until its process is ended."""
    import os
    import re

    from slack_bolt import App
    from slack_bolt.adapter.socket_mode import SocketModeHandler
    from slack_sdk import WebClient

    client = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = App(client=client, token_verification_enabled=False)
    app.command(re.compile(r"/\w+"))(lambda ack: ack("done"))
    handler = SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=client)
    handler.start()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    _do_nothing()
